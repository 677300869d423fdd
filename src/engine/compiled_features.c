/* Names of the blocklist's features: they stand in no table of the library, so a column is taken
 * from those known, and the lists themselves must agree with it. */
#include "engine/compiled_lists_private.h"

#include "base/macros.h"
#include "base/text.h"
#include "engine/control_list_private.h"

#define ENTRY_INTEL_945 4U
#define ENTRY_VIDEO 56U
#define ENTRY_ALL_BUT_WEBGL 152U
#define ENTRY_WEBGL 153U
#define OS_ANY_WITHOUT_IOS 6

static size_t names_count(const char *const *names)
{
    size_t count = 0;
    while (names[count])
        count++;
    return count;
}

static bool names_have(const char *const *names, const char *name)
{
    for (; *names; names++) {
        if (text_equal(*names, name))
            return true;
    }
    return false;
}

static const struct raw_entry *entry_find(const struct raw_list *list, uint32_t id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].id == id)
            return &list->entries[i];
    }
    return NULL;
}

static bool features_have(const struct raw_numbers *features, uint32_t feature)
{
    for (size_t i = 0; i < features->count; i++) {
        if (features->items[i] == feature)
            return true;
    }
    return false;
}

bool features_are_all(const struct raw_numbers *features, size_t count)
{
    if (features->count != count)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!features_have(features, i))
            return false;
    }
    return true;
}

size_t feature_count(const struct raw_list *blocklist)
{
    size_t count = 0;
    for (size_t i = 0; i < blocklist->count; i++) {
        if (blocklist->entries[i].features.count > count)
            count = blocklist->entries[i].features.count;
    }
    return count;
}

/* Does an entry hold exactly these features, or all but these? Names that a column does not have
 * are left out. An entry that is not there says nothing. */
static bool entry_says(const struct raw_list *list, uint32_t id, const char *const *column,
                       const char *const *wanted, bool but)
{
    const struct raw_entry *entry = entry_find(list, id);
    for (uint32_t i = 0; entry && column[i]; i++) {
        if (features_have(&entry->features, i) != (names_have(wanted, column[i]) != but))
            return false;
    }
    return true;
}

static bool column_fits(const struct raw_lists *lists, const char *const *column)
{
    static const char *const intel_945[] = { "accelerated_webgl", "accelerated_2d_canvas",
                                             "flash3d", "flash_stage3d", NULL };
    static const char *const webgl[] = { "accelerated_webgl", NULL };
    static const char *const gl[] = { "accelerated_webgl", "accelerated_gl", NULL };
    static const char *const gl_graphite[] = { "accelerated_webgl", "accelerated_gl",
                                               "skia_graphite", NULL };
    const struct raw_list *list = &lists->blocklist;
    size_t count = feature_count(list);
    const struct raw_entry *video = entry_find(list, ENTRY_VIDEO);
    bool all = false;
    for (size_t i = 0; i < list->count; i++)
        all = all || features_are_all(&list->entries[i].features, count);
    if (!all || count != names_count(column))
        return false;
    /* iOS became a system of its own (any = 7) between 102, which has metal, and 122. */
    if ((names_have(column, "metal") && lists->unset.os != OS_ANY_WITHOUT_IOS)
        || (!names_have(column, "gpu_rasterization") && lists->unset.os == OS_ANY_WITHOUT_IOS))
        return false;
    for (uint32_t i = 0; video && column[i]; i++) {
        if (text_equal(column[i], "accelerated_video_decode")
            && !features_have(&video->features, i))
            return false;
    }
    return entry_says(list, ENTRY_INTEL_945, column, intel_945, false)
           && entry_says(list, ENTRY_WEBGL, column, webgl, false)
           && entry_says(list, ENTRY_ALL_BUT_WEBGL, column,
                         names_have(column, "webnn") ? gl_graphite : gl, true);
}

const char *const *feature_names(const struct raw_lists *lists, const char *chromium)
{
    static const char *const versions[] = { "83", "102", "118", "122", "134", "140" };
    const char *const *found[ROWS(versions)];
    const char *const *own = chromium ? engine_traits_of(chromium)->features : NULL;
    size_t count = 0;
    for (size_t i = 0; i < ROWS(versions); i++) {
        const char *const *column = engine_traits_of(versions[i])->features;
        if (!column_fits(lists, column))
            continue;
        if (column == own)
            return own;
        found[count++] = column;
    }
    return count == 1 ? found[0] : NULL;
}
