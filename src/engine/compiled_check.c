/* Refuses what no list of Chromium's can hold. A wrong layout gives wrong numbers soon, so these
 * rules are also what tells the layouts apart; one violation rejects a layout. */
#include "engine/compiled_lists_private.h"

#include <string.h>

#include "base/macros.h"

#define BLOCKLIST_MIN 16U /* 24 to 28 entries in the versions seen, 31 to 57 in the other list */
#define LIST_MAX 120U
#define OS_ANY_MIN 6
#define OS_ANY_MAX 7
#define CATEGORY_NONE_MIN 4
#define CATEGORY_NONE_MAX 5
#define GL_TYPE_NONE_MIN 3
#define GL_TYPE_NONE_MAX 4
#define STYLE_NONE 4
#define SERIES_MAX 40U /* 31 = battlemage is the last of 2026; numbers are never used again */
#define SUPPORT_MAX 2
#define OS_LINUX_NUMBER 0
#define PCI_VENDOR_MAX 0xfffffU

struct checker {
    const struct raw_unset *unset;
    const char *wrong; /* first violation */
};

static void want(struct checker *checker, bool holds, const char *wrong)
{
    if (!holds && !checker->wrong)
        checker->wrong = wrong;
}

static bool in_range(int32_t number, int32_t max)
{
    return number >= 0 && number <= max;
}

static void value_check(struct checker *checker, const char *value)
{
    if (value)
        want(checker,
             value[0] >= '0' && value[0] <= '9' && strspn(value, "0123456789.-") == strlen(value),
             "a version that is none");
}

static void version_check(struct checker *checker, const struct raw_version *version)
{
    want(checker, in_range(version->style, 2), "a style of versions that is none");
    want(checker, in_range(version->schema, 2), "a schema of versions that is none");
    want(checker, version->op == OP_ANY || (version->op == OP_UNSET) == (version->value == NULL),
         "operator and value of a version do not go together");
    want(checker, (version->op == OP_BETWEEN) == (version->value2 != NULL),
         "operator and second value of a version do not go together");
    value_check(checker, version->value);
    value_check(checker, version->value2);
}

static bool vendor_is_sound(uint32_t vendor)
{
    if (vendor <= PCI_VENDOR_MAX)
        return true;
    for (unsigned shift = 0; shift < 32; shift += 8) { /* Windows has ids of four letters too */
        unsigned letter = vendor >> shift & 0xffU;
        if (letter < '0' || letter > 'Z')
            return false;
    }
    return true;
}

static void gpu_check(struct checker *checker, const struct raw_conditions *conditions)
{
    want(checker, vendor_is_sound(conditions->vendor), "a vendor that is none");
    for (size_t i = 0; i < conditions->revisions.count; i++)
        want(checker, conditions->revisions.items[i] <= 0xffff, "a revision that is none");
    want(checker, !conditions->devices.count || conditions->vendor, "devices without a vendor");
    want(checker, in_range(conditions->category, checker->unset->category),
         "a category of GPUs that is none");
    want(checker, in_range(conditions->style, STYLE_NONE), "a style of GPUs that is none");
    for (size_t i = 0; i < conditions->series.count; i++)
        want(checker, conditions->series.items[i] <= SERIES_MAX, "an Intel series that is none");
    version_check(checker, &conditions->generation);
    want(checker,
         !conditions->has_intel || conditions->series.count
             || conditions->generation.op != OP_UNSET,
         "Intel conditions that hold nothing");
}

static void more_check(struct checker *checker, const struct raw_more *more)
{
    want(checker, in_range(more->gl_type, checker->unset->gl_type), "a GL type that is none");
    version_check(checker, &more->gl_version);
    version_check(checker, &more->pixel_shader);
    version_check(checker, &more->d3d);
    version_check(checker, &more->direct_rendering);
    version_check(checker, &more->gpu_count);
    want(checker, more->reset <= 0xffff, "a reset strategy that is none");
    want(checker, in_range(more->overlay, SUPPORT_MAX) && in_range(more->subpixel, SUPPORT_MAX),
         "a word on overlays or fonts that is none");
    want(checker, more->group <= 0xffff, "a test group that is none");
}

static void conditions_check(struct checker *checker, const struct raw_conditions *conditions)
{
    bool gl = false;
    want(checker, in_range(conditions->os, checker->unset->os), "an operating system that is none");
    version_check(checker, &conditions->os_version);
    gpu_check(checker, conditions);
    if (conditions->has_driver) {
        version_check(checker, &conditions->driver_version);
        want(checker, conditions->driver_vendor || conditions->driver_version.op != OP_UNSET,
             "a driver of which nothing is said");
    }
    for (unsigned i = 0; i < GL_STRING_COUNT; i++)
        gl = gl || (conditions->gl[i] && *conditions->gl[i]);
    want(checker, !conditions->has_gl || gl, "GL strings of which nothing is said");
    if (conditions->has_machine) {
        version_check(checker, &conditions->machine_version);
        want(checker, conditions->machines.count || conditions->machine_version.op != OP_UNSET,
             "a machine of which nothing is said");
    }
    if (conditions->has_more)
        more_check(checker, &conditions->more);
}

static void entry_check(struct checker *checker, const struct raw_entry *entry, size_t features)
{
    for (size_t i = 0; i < entry->features.count; i++)
        want(checker, entry->features.items[i] < features, "a feature that is none");
    want(checker,
         entry->features.count + entry->extensions.count + entry->webgl_extensions.count > 0,
         "it turns nothing off");
    want(checker, entry->main.os == OS_LINUX_NUMBER || entry->main.os == checker->unset->os,
         "it is for another operating system");
    conditions_check(checker, &entry->main);
    for (size_t i = 0; i < entry->exception_count; i++)
        conditions_check(checker, &entry->exceptions[i]);
}

static int list_check(const struct raw_list *list, const struct raw_unset *unset, size_t features,
                      const char *name, struct err *err)
{
    struct checker checker = { .unset = unset };
    if (list->count < BLOCKLIST_MIN || list->count > LIST_MAX)
        return err_set(err, ERR_DATA, "%s: %u entries", name, (unsigned)list->count);
    for (size_t i = 0; i < list->count; i++) {
        want(&checker, i == 0 || list->entries[i].id > list->entries[i - 1].id,
             "ids do not ascend");
        entry_check(&checker, &list->entries[i], features);
        if (checker.wrong)
            return err_set(err, ERR_DATA, "%s: entry %u: %s", name, (unsigned)list->entries[i].id,
                           checker.wrong);
    }
    return 0;
}

/* --- what means "unset" ---------------------------------------------------------------- */

/* Largest values, and how many conditions have the largest category. */
struct largest {
    struct raw_unset values;
    size_t conditions, with_category;
    int32_t category_asked; /* its conditions are counted in with_category */
};

static void largest_take(struct largest *largest, const struct raw_conditions *conditions)
{
    if (conditions->os > largest->values.os)
        largest->values.os = conditions->os;
    if (conditions->category > largest->values.category)
        largest->values.category = conditions->category;
    if (conditions->has_more && conditions->more.gl_type > largest->values.gl_type)
        largest->values.gl_type = conditions->more.gl_type;
    largest->conditions++;
    largest->with_category += conditions->category == largest->category_asked;
}

static void largest_of(const struct raw_list *list, struct largest *largest)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct raw_entry *entry = &list->entries[i];
        largest_take(largest, &entry->main);
        for (size_t j = 0; j < entry->exception_count; j++)
            largest_take(largest, &entry->exceptions[j]);
    }
}

/* Every list has entries for any system and test entries: the largest value is always "unset". */
static int unset_find(struct raw_lists *lists, struct err *err)
{
    struct largest first = { .category_asked = -1 };
    largest_of(&lists->blocklist, &first);
    largest_of(&lists->bugs, &first);
    struct largest second = { .category_asked = first.values.category };
    largest_of(&lists->blocklist, &second);
    largest_of(&lists->bugs, &second);
    lists->unset = first.values;
    if (lists->unset.os < OS_ANY_MIN || lists->unset.os > OS_ANY_MAX)
        return err_set(err, ERR_DATA, "no entry for any operating system");
    if (lists->unset.category < CATEGORY_NONE_MIN || lists->unset.category > CATEGORY_NONE_MAX
        || second.with_category * 2 <= second.conditions)
        return err_set(err, ERR_DATA, "categories of GPUs that no list has");
    if (lists->unset.gl_type < GL_TYPE_NONE_MIN || lists->unset.gl_type > GL_TYPE_NONE_MAX)
        return err_set(err, ERR_DATA, "GL types that no list has");
    return 0;
}

int raw_check(struct raw_lists *lists, size_t names, struct err *err)
{
    if (unset_find(lists, err) < 0
        || list_check(&lists->blocklist, &lists->unset, feature_count(&lists->blocklist),
                      "software_rendering_list", err)
               < 0)
        return -1;
    return list_check(&lists->bugs, &lists->unset, names, "gpu_driver_bug_list", err);
}
