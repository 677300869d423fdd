/* Real engines against ours: every row of tests/data/conformance/ is a faked machine with what a
 * real Qt WebEngine decided for it. The table of how many agree is printed. */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/control_list.h"
#include "engine/verdict.h"
#include "machine/identity.h"
#include "platform/file.h"
#include "rows.h"

#define FOLDER QWGUARD_SRC_DIR "/tests/data/conformance/"
#define FILE_MAX_BYTES ((size_t)1024 * 1024)

enum column { BLOCKLIST, BUG_LIST, WORKAROUNDS, WEBGL, WEBGL2, ES3_LINE, ALL, COLUMN_COUNT };

static const char *const columns[] = {
    [BLOCKLIST] = "blocklist", [BUG_LIST] = "bug list", [WORKAROUNDS] = "workarounds",
    [WEBGL] = "WebGL 1",       [WEBGL2] = "WebGL 2",    [ES3_LINE] = "ES3 line",
    [ALL] = "all of it",
};
static_assert(ROWS(columns) == COLUMN_COUNT, "one name per column");

/* Rows that must agree, column by column. Where an engine is not fully understood, the count is a
 * floor, and docs/verdict.md says why the others differ. */
static const struct engine_row {
    const char *qt;
    size_t rows;
    size_t agree[COLUMN_COUNT];
} engines[] = {
    { "5.15.13", 439, { 439, 439, 439, 439, 439, 439, 439 } },
    { "6.4.2", 433, { 433, 433, 433, 433, 433, 433, 433 } },
    { "6.8.2", 400, { 400, 400, 400, 400, 400, 400, 400 } },
    { "6.11.2", 402, { 402, 401, 401, 402, 396, 400, 395 } },
};

/* What stands in the first line of a file. */
struct header {
    struct identity_engine engine;
    const struct yaml_node *workarounds; /* names; the rows hold their numbers */
    const struct yaml_node *unnamed;     /* ids that the rows never hold; NULL = none */
    const struct yaml_node *differs;     /* ids of the rows that do not agree; NULL = none */
    struct control_lists lists;
};

/* One engine's file on its way through. */
struct walk {
    struct arena *arena; /* of the row */
    const struct header *header;
    const char *id;
    size_t rows;
    size_t agree[COLUMN_COUNT];
    struct text differences; /* shown when too many rows differ */
};

static const struct yaml_node *line_parse(struct arena *arena, const char *line, size_t length)
{
    struct yaml_node *root;
    struct err err;
    if (yaml_parse(arena, "conformance", line, length, &root, &err) < 0)
        fail_msg("%s", err.text);
    return root;
}

static const char *text_of(const struct yaml_node *node, const char *key)
{
    const struct yaml_node *value = yaml_get(node, key);
    assert_non_null(value);
    return value->text;
}

static const char *joined(struct arena *arena, const struct strings *items)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < items->count; i++)
        text_printf(&text, "%s%s", i ? " " : "", items->items[i]);
    return text_get(&text);
}

static bool agrees(struct walk *walk, enum column column, const char *got, const char *want)
{
    bool same = text_equal(got, want);
    walk->agree[column] += same;
    if (!same)
        text_printf(&walk->differences, "  %s: %s: got '%s', the engine '%s'\n", walk->id,
                    columns[column], got, want);
    return same;
}

static bool has_text(const struct yaml_node *list, const char *text)
{
    for (size_t i = 0; list && i < list->count; i++) {
        if (text_equal(list->items[i]->text, text))
            return true;
    }
    return false;
}

/* An entry of which the workarounds tell, and the rows' list of ids never. */
static bool is_unnamed(const struct header *header, const char *id)
{
    return has_text(header->unnamed, id);
}

/* Entries 28 and 29 look the same in chrome://gpu; both are written 28. */
static const char *active_ids(const struct walk *walk, const struct verdict *verdict,
                              const char *list)
{
    struct arena *arena = walk->arena;
    struct strings ids = { 0 };
    for (size_t i = 0; i < verdict->entry_count; i++) {
        const struct verdict_entry *entry = &verdict->entries[i];
        bool blocklist = text_equal(list, "software_rendering_list");
        if (!text_equal(entry->list, list))
            continue;
        const char *id = arena_printf(arena, "%u", blocklist && entry->id == 29 ? 28 : entry->id);
        if (!strings_has(&ids, id) && !is_unnamed(walk->header, id))
            ARENA_PUSH(arena, &ids, id);
    }
    return joined(arena, &ids);
}

static const char *wanted(struct walk *walk, const struct yaml_node *list, bool names)
{
    struct strings items = { 0 };
    for (size_t i = 0; i < list->count; i++) {
        const struct yaml_node *item = list->items[i];
        uint64_t number;
        assert_true(yaml_to_u64(item, &number));
        const struct yaml_node *table = walk->header->workarounds;
        assert_true(!names || number < table->count);
        ARENA_PUSH(walk->arena, &items, names ? table->items[number]->text : item->text);
    }
    return joined(walk->arena, &items);
}

/* "enabled" or "disabled"; NULL where the row was not judged. */
static const char *wanted_state(const struct yaml_node *row, const char *key)
{
    bool value;
    const struct yaml_node *node = yaml_get(row, key);
    assert_non_null(node);
    if (yaml_is_null(node))
        return NULL;
    assert_true(yaml_to_bool(node, &value));
    return webgl_state_text(value ? WEBGL_ENABLED : WEBGL_DISABLED);
}

/* The line is printed when a page asks for WebGL 2, no list and no workaround refused it before,
 * and the context cannot carry it. Freezes were kept away from these rows, so they do not count. */
static enum webgl_state es3_line(const struct verdict *verdict)
{
    const struct variables *features = &verdict->features;
    bool gone = verdict->webgl == WEBGL_DISABLED
                && text_equal(variables_get(features, "accelerated_webgl"), "enabled");
    bool printed = verdict->webgl2 == WEBGL_DISABLED && !gone
                   && text_equal(variables_get(features, "accelerated_webgl2"), "enabled");
    return printed ? WEBGL_ENABLED : WEBGL_DISABLED;
}

static bool pages_agree(struct walk *walk, const struct yaml_node *row,
                        const struct verdict *verdict)
{
    const struct {
        enum column column;
        const char *key;
        enum webgl_state got;
    } pages[] = { { WEBGL, "webgl", verdict->webgl },
                  { WEBGL2, "webgl2", verdict->webgl2 },
                  { ES3_LINE, "es3_line", es3_line(verdict) } };
    bool all = true;
    for (size_t i = 0; i < ROWS(pages); i++) {
        const char *want = wanted_state(row, pages[i].key);
        const char *got = webgl_state_text(pages[i].got);
        all = agrees(walk, pages[i].column, got, want ? want : got) && all;
    }
    return all;
}

static void row_compare(struct walk *walk, const struct yaml_node *row)
{
    struct identity identity;
    struct verdict verdict;
    struct report report = { .arena = walk->arena };
    walk->id = text_of(row, "id");
    identity_read(walk->arena, yaml_get(row, "identity"), &report, &identity);
    rows_report(walk->id, &report, "");
    identity.engine = walk->header->engine;
    verdict_make(walk->arena, &identity, &walk->header->lists, &verdict);
    bool all = agrees(walk, BLOCKLIST, active_ids(walk, &verdict, "software_rendering_list"),
                      wanted(walk, yaml_get(row, "blocklist"), false));
    all = agrees(walk, BUG_LIST, active_ids(walk, &verdict, "gpu_driver_bug_list"),
                 wanted(walk, yaml_get(row, "bug_list"), false))
          && all;
    all = agrees(walk, WORKAROUNDS, joined(walk->arena, &verdict.workarounds),
                 wanted(walk, yaml_get(row, "workarounds"), true))
          && all;
    all = pages_agree(walk, row, &verdict) && all;
    rows_that(all != has_text(walk->header->differs, walk->id), walk->id,
              all ? "agrees by now: take it out of 'differs'" : "differs, and is not named so");
    walk->agree[ALL] += all;
    walk->rows++;
}

static void header_read(struct arena *arena, const struct yaml_node *root, struct header *out)
{
    struct err err;
    const struct yaml_node *engine = yaml_get(root, "engine");
    out->engine = (struct identity_engine){ .qt = text_of(engine, "qt"),
                                            .chromium = text_of(engine, "chromium") };
    out->workarounds = yaml_get(root, "workarounds");
    out->unnamed = yaml_get(root, "unnamed");
    out->differs = yaml_get(root, "differs");
    assert_non_null(out->workarounds);
    if (control_lists_shipped(arena, out->engine.chromium, &out->lists, &err) < 0)
        fail_msg("%s", err.text);
}

static void engine_compare(struct arena *arena, const struct engine_row *engine, struct walk *walk)
{
    static struct header header;
    struct arena of_row = { 0 };
    struct err err;
    const char *bytes;
    size_t length, lines = 0;
    const char *path = arena_printf(arena, FOLDER "qt-%s.jsonl", engine->qt);
    if (file_read(arena, path, FILE_MAX_BYTES, &bytes, &length, &err) < 0)
        fail_msg("%s", err.text);
    *walk = (struct walk){ .arena = &of_row, .header = &header, .differences = { .arena = arena } };
    for (const char *line = bytes; *line; lines++) {
        size_t end = strcspn(line, "\n");
        if (lines)
            row_compare(walk, line_parse(&of_row, line, end));
        else
            header_read(arena, line_parse(arena, line, end), &header);
        arena_clear(&of_row);
        line += end + (line[end] == '\n');
    }
}

/* One line of the table; false when fewer rows agree than must. */
static bool engine_judge(const struct engine_row *engine, const struct walk *walk)
{
    bool enough = rows_that(walk->rows == engine->rows, engine->qt, "%zu rows, not %zu", walk->rows,
                            engine->rows);
    printf("# %-7s %9zu", engine->qt, walk->rows);
    for (enum column column = 0; column < COLUMN_COUNT; column++) {
        printf(" %11zu", walk->agree[column]);
        enough = rows_that(walk->agree[column] >= engine->agree[column], engine->qt,
                           "%s: %zu rows agree, not %zu", columns[column], walk->agree[column],
                           engine->agree[column])
                 && enough;
    }
    printf("\n");
    return enough;
}

static void test_verdict_when_machine_is_faked_agrees_with_the_engine(void **state)
{
    struct arena arena = { 0 };
    (void)state;
    printf("# Qt           rows");
    for (enum column column = 0; column < COLUMN_COUNT; column++)
        printf(" %11s", columns[column]);
    printf("\n");
    for (size_t i = 0; i < ROWS(engines); i++) {
        struct walk walk;
        engine_compare(&arena, &engines[i], &walk);
        if (!engine_judge(&engines[i], &walk))
            (void)fputs(text_get(&walk.differences), stderr);
    }
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_when_machine_is_faked_agrees_with_the_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
