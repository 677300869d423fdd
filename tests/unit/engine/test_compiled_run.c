/* Lists that code fills: the function of tests/data/lists/library.c is found and interpreted; what
 * the interpreter does not know ends in a gap, never in half a list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/compiled_lists.h"
#include "list_library.h"
#include "rows.h"
#include "scratch.h"

#define FILLED LAYOUT_C, "-DFILLED=1"

static const struct {
    const char *label;
    const char *options[LIST_LIBRARY_OPTIONS];
    const char *gap; /* its beginning; NULL = the lists are whole */
} rows[] = {
    { "whole", { FILLED }, NULL },
    { "faster", { FILLED, "-O3" }, NULL },
    { "landing pads", { FILLED, "-fcf-protection" }, NULL },
    { "no frame pointers", { FILLED, "-fomit-frame-pointer" }, NULL },
    { "unsorted relocations", { FILLED, "-Wl,-z,nocombreloc" }, NULL },
    { "foreign instruction",
      { FILLED, "-DFOREIGN" },
      "the conditions are unknown: the code that fills the lists is not understood (unknown "
      "instruction 0f a2 " },
};

/* Conditions of an entry that the code wrote. */
static const char *found(const struct compiled_lists *lists, const char *id, const char *key)
{
    const struct yaml_node *list = yaml_get(lists->root, "software_rendering_list");
    const struct yaml_node *entries = yaml_get(list, "entries");
    for (size_t i = 0; entries && i < entries->count; i++) {
        const struct yaml_node *value = yaml_get(entries->items[i], key);
        if (text_equal(yaml_get(entries->items[i], "id")->text, id))
            return value && value->kind == YAML_SEQUENCE ? value->items[0]->text
                   : value                               ? value->text
                                                         : NULL;
    }
    return NULL;
}

static void row_check(struct arena *arena, const char *folder, size_t i)
{
    const char *path = arena_printf(arena, "%s/%u-libQt6WebEngineCore.so.6.11.2", folder,
                                    (unsigned)i);
    struct engine_search search = { .cache_dir = NULL };
    struct engine engine = { .library = path };
    struct compiled_lists lists = { 0 };
    struct control_lists control;
    struct err err;
    if (!rows_that(list_library_make(path, "library.c", rows[i].options), rows[i].label,
                   "the compiler refuses"))
        return;
    int got = compiled_lists_read(arena, &search, &engine, &lists, &err);
    rows_err(rows[i].label, got, &err, NULL);
    if (got < 0)
        return;
    rows_text(rows[i].label, found(&lists, "3", "description"),
              "GL driver is software rendered. GPU acceleration is disabled");
    rows_text(rows[i].label, found(&lists, "5", "features"), "all");
    got = control_lists_of_engine(arena, &search, &engine, &control, &err);
    if (rows[i].gap) {
        rows_that(lists.gap && text_starts(lists.gap, rows[i].gap), rows[i].label, "%s",
                  lists.gap ? lists.gap : "whole");
        rows_text(rows[i].label, found(&lists, "3", "gl_renderer"), NULL);
        rows_that(got < 0 && strstr(err.text, "the conditions are unknown"), rows[i].label,
                  "lists with a gap decide");
        return;
    }
    rows_text(rows[i].label, lists.gap, NULL);
    rows_err(rows[i].label, got, &err, NULL);
    rows_text(rows[i].label, found(&lists, "3", "gl_renderer"), "(?i).*(software|llvmpipe).*");
    rows_text(rows[i].label, found(&lists, "4", "device_id"), "0x27ae");
    rows_text(rows[i].label, found(&lists, "95", "driver_vendor"), "Mesa");
    rows_text(rows[i].label, found(&lists, "95", "multi_gpu_style"), "optimus");
    rows_text(rows[i].label, found(&lists, "131", "intel_gpu_series"), "broadwater");
    rows_text(rows[i].label, found(&lists, "131", "multi_gpu_category"), "any");
    rows_text(rows[i].label, found(&lists, "153", "test_group"), "2");
}

static void test_compiled_lists_read_when_code_fills_them(void **state)
{
    struct arena arena = { 0 };
    const char *folder = scratch_make(&arena);
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        row_check(&arena, folder, i);
    scratch_remove(folder);
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiled_lists_read_when_code_fills_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
