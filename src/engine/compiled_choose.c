/* Tries every layout on what was found. The right one reads both lists whole; every other one meets
 * something that no list can hold. Exactly one must be left, else nothing is believed. */
#include "engine/compiled_lists_private.h"

#include "base/macros.h"

#define BLOCKLIST_FEATURE_MAX 20U /* 14 features are the most seen; workarounds go beyond 100 */

struct choice {
    struct arena *arena;
    struct image *image;
    struct decoded *out;
    size_t fits;
    struct err reason;   /* why the layout that came furthest was refused */
    size_t furthest;     /* how far: 0 = none was tried */
    struct err unfilled; /* why no code could fill the tables */
    bool is_unfilled;
    struct layout unfilled_layout;
};

/* The blocklist and the bug list among the tables of a layout's size. */
struct pair {
    struct table *blocklist, *bugs;
    size_t blocklists, bug_lists;
};

static enum table_kind kind_of(const struct raw_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < list->entries[i].features.count; j++) {
            if (list->entries[i].features.items[j] > BLOCKLIST_FEATURE_MAX)
                return TABLE_BUG_LIST;
        }
    }
    return TABLE_BLOCKLIST;
}

/* What a table is does not depend on the layout: features stand before everything that differs. */
static void kind_find(struct choice *choice, const struct layout *layout, struct table *table)
{
    struct raw_list list;
    struct err ignored;
    if (raw_read(choice->arena, choice->image, layout, table, false, &list, &ignored) < 0)
        table->kind = TABLE_NONE;
    else
        table->kind = kind_of(&list);
}

static void pair_find(struct choice *choice, const struct layout *layout, struct pair *out)
{
    *out = (struct pair){ .blocklists = 0 };
    for (size_t i = 0; i < choice->out->tables.count; i++) {
        struct table *table = &choice->out->tables.items[i];
        if (table->entry_bytes != layout->entry.size
            || table->pointer_first != layout->traits.pointer_first)
            continue;
        if (table->kind == TABLE_UNKNOWN)
            kind_find(choice, layout, table);
        if (table->kind == TABLE_BUG_LIST) {
            out->bugs = table;
            out->bug_lists++;
        } else if (table->kind == TABLE_BLOCKLIST) {
            out->blocklist = table;
            out->blocklists++;
        }
    }
}

/* Runs the code that fills a table, unless its conditions are there. */
static int table_complete(struct choice *choice, const struct layout *layout, struct table *table,
                          uint64_t near, struct err *err)
{
    bool empty;
    if (table->pages)
        return 0;
    if (table_is_empty(choice->image, layout, table, &empty, err) < 0)
        return -1;
    if (!empty)
        return 0;
    if (choice->is_unfilled) { /* the other layouts of this size would meet the same */
        *err = choice->unfilled;
        return -1;
    }
    if (table_fill(choice->image, layout, table, near, err) == 0)
        return 0;
    choice->unfilled = *err;
    choice->unfilled_layout = *layout;
    choice->is_unfilled = true;
    return -1;
}

/* out_depth: entries that were read, and more when all were. */
static int layout_try(struct choice *choice, const struct layout *layout, const struct pair *pair,
                      struct raw_lists *out, size_t *out_depth, struct err *err)
{
    int read;
    *out_depth = 1;
    if (table_complete(choice, layout, pair->bugs, 0, err) < 0
        || table_complete(choice, layout, pair->blocklist, pair->bugs->code, err) < 0)
        return -1;
    read = raw_read(choice->arena, choice->image, layout, pair->blocklist, true, &out->blocklist,
                    err);
    *out_depth += out->blocklist.count;
    if (read < 0)
        return err_wrap(err, "software_rendering_list");
    read = raw_read(choice->arena, choice->image, layout, pair->bugs, true, &out->bugs, err);
    *out_depth += out->bugs.count;
    if (read < 0)
        return err_wrap(err, "gpu_driver_bug_list");
    *out_depth += 1;
    return raw_check(out, choice->out->tables.name_count, err);
}

/* What can be told without the conditions. */
static int static_part(struct choice *choice, struct err *err)
{
    struct decoded *out = choice->out;
    struct pair pair;
    out->layout = choice->unfilled_layout;
    pair_find(choice, &out->layout, &pair);
    out->lists.unset.os = 7; /* as in all versions whose lists are filled by code */
    out->gap = arena_printf(choice->arena, "the conditions are unknown: %s", choice->unfilled.text);
    if (raw_read(choice->arena, choice->image, &out->layout, pair.blocklist, false,
                 &out->lists.blocklist, err)
        < 0)
        return -1;
    return raw_read(choice->arena, choice->image, &out->layout, pair.bugs, false, &out->lists.bugs,
                    err);
}

int lists_decode(struct arena *arena, struct image *image, struct decoded *out, struct err *err)
{
    struct choice choice = { .arena = arena, .image = image, .out = out };
    *out = (struct decoded){ .gap = NULL };
    if (tables_find(image, &out->tables, err) < 0)
        return -1;
    if (!out->tables.names)
        return err_set(err, ERR_DATA, "no table of workarounds in it");
    for (unsigned n = 0; n < LAYOUT_COUNT; n++) {
        struct layout layout;
        struct pair pair;
        struct raw_lists lists = { .unset = { 0, 0, 0 } };
        layout_make(n, image->word, &layout);
        pair_find(&choice, &layout, &pair);
        if (pair.blocklists != 1 || pair.bug_lists != 1)
            continue;
        size_t depth;
        struct err reason;
        if (layout_try(&choice, &layout, &pair, &lists, &depth, &reason) == 0) {
            choice.fits++;
            out->layout = layout;
            out->lists = lists;
        } else if (depth > choice.furthest) {
            choice.furthest = depth;
            choice.reason = reason;
        }
    }
    if (choice.fits == 1)
        return 0;
    if (choice.fits > 1)
        return err_set(err, ERR_DATA, "the lists fit more than one layout");
    if (choice.is_unfilled)
        return static_part(&choice, err);
    if (!choice.furthest)
        return err_set(err, ERR_DATA, "no two tables like Chromium's GPU lists in it (%u found)",
                       (unsigned)out->tables.count);
    *err = choice.reason;
    return -1;
}
