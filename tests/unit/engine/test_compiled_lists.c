/* Lists out of libraries that the compiler made of tests/data/lists/library.c: every layout is
 * read, what does not add up is refused with a reason, and the cache gives what it was given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/pack.h"
#include "engine/compiled_lists.h"
#include "engine/compiled_lists_private.h"
#include "list_library.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#define NAME "libQt6WebEngineCore.so."

struct fixture {
    struct arena arena;
    const char *folder;
};

static int fixture_make(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->folder = scratch_make(&fixture->arena);
    *state = fixture;
    return 0;
}

static int fixture_remove(void **state)
{
    struct fixture *fixture = *state;
    scratch_remove(fixture->folder);
    arena_clear(&fixture->arena);
    free(fixture);
    return 0;
}

static const char *library_path(struct fixture *fixture, const char *label, const char *qt)
{
    return arena_printf(&fixture->arena, "%s/%s-" NAME "%s", fixture->folder, label, qt);
}

/* --- every layout --------------------------------------------------------------------------- */

struct layout_row {
    const char *label;
    const char *options[LIST_LIBRARY_OPTIONS];
    const char *layout;
    bool optional; /* a compiler may lack it */
};

static const struct layout_row layout_rows[] = {
    { "a", { LAYOUT_A }, "A, 64 bits", false },
    { "b", { LAYOUT_B }, "B, 64 bits", false },
    { "c", { LAYOUT_C }, "C, 64 bits", false },
    { "d", { LAYOUT_D }, "D, 64 bits", false },
    { "a32", { LAYOUT_A, "-m32" }, "A, 32 bits", true },
    { "b32", { LAYOUT_B, "-m32" }, "B, 32 bits", true },
    { "c32", { LAYOUT_C, "-m32" }, "C, 32 bits", true },
    { "d32", { LAYOUT_D, "-m32" }, "D, 32 bits", true },
    { "unsorted", { LAYOUT_B, "-Wl,-z,nocombreloc" }, "B, 64 bits", false },
    { "relr", { LAYOUT_B, "-Wl,-z,pack-relative-relocs" }, "B, 64 bits", true },
    { "relr32", { LAYOUT_C, "-m32", "-Wl,-z,pack-relative-relocs" }, "C, 32 bits", true },
    { "stripped", { LAYOUT_C, "-s" }, "C, 64 bits", false },
    { "between",
      { "-DPOINTER_FIRST=0", "-DSCHEMA=1", "-DINTEL=1", "-DREVISION=1", "-DD3D=0", "-DNEW=1" },
      "size first, schema, intel pointer, revision, no d3d, 64 bits",
      false },
    { "series alone",
      { "-DPOINTER_FIRST=1", "-DSCHEMA=0", "-DINTEL=2", "-DREVISION=1", "-DD3D=0", "-DNEW=1" },
      "pointer first, no schema, intel series, revision, no d3d, 64 bits",
      false },
};

static const char *member(const struct yaml_node *node, const char *key)
{
    const struct yaml_node *value = yaml_get(node, key);
    return value && value->kind == YAML_SCALAR ? value->text : NULL;
}

/* An entry as compact JSON. */
static const char *entry_json(struct arena *arena, const struct compiled_lists *lists,
                              const char *list, const char *id)
{
    const struct yaml_node *entries = yaml_get(yaml_get(lists->root, list), "entries");
    for (size_t i = 0; entries && i < entries->count; i++) {
        if (!text_equal(member(entries->items[i], "id"), id))
            continue;
        CLEANUP(json_freep) json_t *json = rules_to_json(entries->items[i]);
        char *text = json_dumps(json, JSON_COMPACT);
        const char *out = arena_strdup(arena, text);
        free(text);
        return out;
    }
    return NULL;
}

/* Entries that together use every field, as every layout must give them. */
static const struct {
    const char *list, *id, *want;
} entry_rows[] = {
    { "software_rendering_list", "3",
      "{\"id\":3,\"description\":\"GL driver is software rendered. GPU acceleration is disabled\","
      "\"cr_bugs\":[59302,315217],\"os\":{\"type\":\"linux\"},"
      "\"gl_renderer\":\"(?i).*(software|llvmpipe).*\",\"features\":[\"all\"]}" },
    { "software_rendering_list", "37",
      "{\"id\":37,\"description\":\"Older drivers are unreliable for Optimus on Linux\","
      "\"os\":{\"type\":\"linux\"},\"multi_gpu_category\":\"any\","
      "\"multi_gpu_style\":\"optimus\",\"features\":[\"accelerated_video_encode\"]}" },
    { "software_rendering_list", "50",
      "{\"id\":50,\"description\":\"Disable VMware software renderer on older Mesa\","
      "\"os\":{\"type\":\"linux\"},\"driver_version\":{\"op\":\"between\",\"value\":\"9.1\","
      "\"value2\":\"10.4\"},\"machine_model_name\":[\"Chromebook.*\",\"Pixel\"],"
      "\"machine_model_version\":{\"op\":\"=\",\"value\":\"2\"},"
      "\"features\":[\"accelerated_video_decode\",\"accelerated_video_encode\"]}" },
    { "software_rendering_list", "56",
      "{\"id\":56,\"description\":\"NVIDIA linux drivers are unstable when using multiple Open GL "
      "contexts\",\"os\":{\"type\":\"linux\"},\"gl_type\":\"gles\",\"gl_version\":{\"op\":\"<\","
      "\"value\":\"3.0\"},\"pixel_shader_version\":{\"op\":\"<\",\"value\":\"4.1\"},"
      "\"in_process_gpu\":true,\"gl_reset_notification_strategy\":33362,"
      "\"direct_rendering_version\":{\"op\":\"<\",\"value\":\"2.3\"},"
      "\"gpu_count\":{\"op\":\">\",\"value\":\"1\"},\"hardware_overlay\":\"unsupported\","
      "\"features\":[\"accelerated_video_decode\"]}" },
    { "gpu_driver_bug_list", "19",
      "{\"id\":19,\"description\":\"Disable depth textures on older Adreno GPUs\","
      "\"gl_renderer\":\"Adreno \\\\(TM\\\\) 2.*\",\"features\":[\"workaround_25\"],"
      "\"disabled_extensions\":[\"GL_OES_depth_texture\",\"GL_OES_other\"]}" },
    { "gpu_driver_bug_list", "37",
      "{\"id\":37,\"description\":\"Program link fails in NVIDIA Linux if gl_Position is not set\","
      "\"os\":{\"type\":\"linux\"},\"vendor_id\":\"0x10de\",\"gl_vendor\":\"NVIDIA.*\","
      "\"gl_extensions\":\".*GL_NV.*\",\"gl_version_string\":\"4.*\","
      "\"features\":[\"init_gl_position_in_vertex_shader\"]}" },
    { "gpu_driver_bug_list", "59",
      "{\"id\":59,\"description\":\"Multisampling is buggy in Intel IvyBridge\","
      "\"os\":{\"type\":\"linux\"},\"vendor_id\":\"0x8086\","
      "\"device_id\":[\"0x0152\",\"0x0156\"],\"features\":[\"workaround_30\"]}" },
    { "gpu_driver_bug_list", "257",
      "{\"id\":257,\"description\":\"Fake entry for testing disabling of WebGL extensions\","
      "\"cr_bugs\":[808744],\"test_group\":2,"
      "\"disabled_webgl_extensions\":[\"WEBGL_lose_context\"]}" },
};

static void layout_check(struct fixture *fixture, const struct layout_row *row)
{
    bool is_new = false, revision = false, generation = false;
    for (size_t i = 0; row->options[i]; i++) {
        is_new = is_new || text_equal(row->options[i], "-DNEW=1");
        revision = revision || text_equal(row->options[i], "-DREVISION=1");
        generation = generation || text_equal(row->options[i], "-DINTEL=0")
                     || text_equal(row->options[i], "-DINTEL=1");
    }
    const char *path = library_path(fixture, row->label, is_new ? "6.11.2" : "6.4.2");
    struct engine_search search = { .cache_dir = NULL };
    struct engine engine = { .library = path };
    struct compiled_lists lists = { 0 };
    struct control_lists control;
    struct err err;
    if (!list_library_make(path, "library.c", row->options)) {
        rows_that(row->optional, row->label, "the compiler refuses");
        return;
    }
    int got = compiled_lists_read(&fixture->arena, &search, &engine, &lists, &err);
    rows_err(row->label, got, &err, NULL);
    if (got < 0)
        return;
    rows_text(row->label, lists.gap, NULL);
    rows_text(row->label, member(lists.root, "layout"), row->layout);
    rows_number(row->label, (long long)yaml_get(lists.root, "workarounds")->count, 62);
    for (size_t i = 0; i < ROWS(entry_rows); i++)
        rows_text(row->label,
                  entry_json(&fixture->arena, &lists, entry_rows[i].list, entry_rows[i].id),
                  entry_rows[i].want);
    const char *amd = entry_json(&fixture->arena, &lists, "software_rendering_list", "5");
    const char *intel = entry_json(&fixture->arena, &lists, "software_rendering_list", "131");
    rows_that(amd && revision == (strstr(amd, "[\"0xe1\",\"0xe2\"]") != NULL), row->label,
              "revisions: %s", amd ? amd : "none");
    rows_that(amd && strstr(amd, "{\"op\":\">=\",\"style\":\"lexical\",\"value\":\"8.98\"}"),
              row->label, "exception: %s", amd ? amd : "none");
    rows_that(intel && strstr(intel, "[\"broadwater\",\"eaglelake\"]")
                  && generation == (strstr(intel, "intel_gpu_generation") != NULL),
              row->label, "Intel: %s", intel ? intel : "none");
    got = control_lists_of_engine(&fixture->arena, &search, &engine, &control, &err);
    rows_err(row->label, got, &err, NULL);
    if (got == 0)
        rows_that(control.from_library && control.exact && control.blocklist.count == 18
                      && control.bug_list.count == 18,
                  row->label, "not the lists of the library");
}

static void test_compiled_lists_read_of_every_layout(void **state)
{
    for (size_t i = 0; i < ROWS(layout_rows); i++)
        layout_check(*state, &layout_rows[i]);
    rows_done();
}

/* --- what must be refused ------------------------------------------------------------------- */

static const struct {
    const char *label;
    const char *options[LIST_LIBRARY_OPTIONS];
    const char *want; /* behind the name of the file */
} refused_rows[] = {
    { "system", { LAYOUT_B, "-DBAD_OS=9" }, "no entry for any operating system" },
    { "operator",
      { LAYOUT_B, "-DBAD_OPERATOR=6" },
      NULL }, /* "any" may have a value: the list is read */
    { "operator out of range",
      { LAYOUT_B, "-DBAD_OPERATOR=8" },
      "software_rendering_list: entry 56: an operator that is none" },
    { "second value is missing",
      { LAYOUT_C, "-DBAD_OPERATOR=0" },
      "software_rendering_list: entry 56: operator and second value of a version do not go "
      "together" },
    { "value",
      { LAYOUT_B, "-DBAD_VALUE=\"ten\"" },
      "software_rendering_list: entry 95: a version that is none" },
    { "workaround",
      { LAYOUT_B, "-DBAD_FEATURE=62" },
      "gpu_driver_bug_list: entry 37: a feature that is none" },
    { "device",
      { LAYOUT_B, "-DBAD_DEVICE=0" },
      "gpu_driver_bug_list: entry 59: a device that is none" },
    { "series",
      { LAYOUT_D, "-DBAD_SERIES=41" },
      "software_rendering_list: entry 131: an Intel series that is none" },
    { "text",
      { LAYOUT_C, "-DBAD_TEXT=\"\\033[1m\"" },
      "gpu_driver_bug_list: entry 131: the driver's vendor" },
    { "ids", { LAYOUT_B, "-DBAD_IDS=8" }, "software_rendering_list: 14 entries" },
    { "no lists",
      { LAYOUT_B, "-DFILLED=2" },
      "no two tables like Chromium's GPU lists in it (0 found)" },
    { "no build id", { LAYOUT_B, "-Wl,--build-id=none" }, NULL },
};

static void test_compiled_lists_read_of_what_does_not_add_up(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ROWS(refused_rows); i++) {
        const char *label = refused_rows[i].label, *want = refused_rows[i].want;
        const char *path = library_path(fixture, "refused", i % 2 ? "6.4.2" : "6.4.1");
        struct engine_search search = { .cache_dir = NULL };
        struct engine engine = { .library = path };
        struct compiled_lists lists;
        struct err err;
        if (!rows_that(list_library_make(path, "library.c", refused_rows[i].options), label,
                       "the compiler refuses"))
            continue;
        int got = compiled_lists_read(&fixture->arena, &search, &engine, &lists, &err);
        rows_err(label, got, &err,
                 want ? arena_printf(&fixture->arena, "'%s': %s", path, want) : NULL);
    }
    rows_done();
}

/* --- the cache ------------------------------------------------------------------------------ */

static void test_compiled_lists_read_twice_gives_the_same(void **state)
{
    static const char *const options[] = { LAYOUT_C, NULL };
    static const char *const others[] = { LAYOUT_D, NULL };
    struct fixture *fixture = *state;
    const char *path = library_path(fixture, "cached", "6.11.2");
    struct engine_search search = { .cache_dir = arena_printf(&fixture->arena, "%s/cache",
                                                              fixture->folder) };
    struct engine engine = { .library = path };
    struct compiled_lists first, second, third;
    struct strings names = { 0 };
    struct err err;
    size_t length, again;
    assert_true(list_library_make(path, "library.c", options));
    assert_int_equal(compiled_lists_read(&fixture->arena, &search, &engine, &first, &err), 0);
    assert_int_equal(compiled_lists_read(&fixture->arena, &search, &engine, &second, &err), 0);
    const char *bytes = tree_pack(&fixture->arena, first.root, &length);
    assert_memory_equal(bytes, tree_pack(&fixture->arena, second.root, &again), length);
    assert_int_equal(length, again);
    assert_int_equal(folder_list(&fixture->arena, search.cache_dir, &names, &err), 0);
    assert_int_equal(names.count, 2); /* the versions and the lists */
    assert_true(
        list_library_make(path, "library.c", others)); /* another library in the same place */
    assert_int_equal(compiled_lists_read(&fixture->arena, &search, &engine, &third, &err), 0);
    assert_string_equal(member(third.root, "layout"), "D, 64 bits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_compiled_lists_read_of_every_layout, fixture_make,
                                        fixture_remove),
        cmocka_unit_test_setup_teardown(test_compiled_lists_read_of_what_does_not_add_up,
                                        fixture_make, fixture_remove),
        cmocka_unit_test_setup_teardown(test_compiled_lists_read_twice_gives_the_same, fixture_make,
                                        fixture_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
