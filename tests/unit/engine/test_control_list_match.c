/* One entry against one machine. tests/data/chromium-tests/ holds what Chromium's own tests of its
 * entries say; a machine is built there as Chromium's GPUInfo and not from an identity, since those
 * tests are about the matching alone. Below them: what is unknown stays unknown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/yaml.h"
#include "engine/control_list_private.h"
#include "platform/file.h"
#include "rows.h"

#define DATA QWGUARD_SRC_DIR "/tests/data/chromium-tests/"
#define FILE_BYTES_MAX (256 * 1024)
#define CHROMIUM_ROWS_MIN 200
#define CHROMIUM "102.0.5005.177"

static struct arena arena;

static const struct yaml_node *file_tree(const char *path)
{
    const char *bytes;
    size_t length;
    struct yaml_node *root = NULL;
    struct err err;
    if (file_read(&arena, path, FILE_BYTES_MAX, &bytes, &length, &err) < 0
        || yaml_parse(&arena, path, bytes, length, &root, &err) < 0)
        fail_msg("%s:%u: %s", path, err.at.line, err.text);
    return root;
}

static void lists_read(struct control_lists *out)
{
    struct report report = { .arena = &arena };
    (void)control_lists_read(&arena, file_tree(DATA "rules.yaml"), &report, out);
    rows_report("rules.yaml", &report, "");
    rows_done();
}

static const struct control_entry *entry_find(const struct control_lists *lists, uint64_t id)
{
    for (size_t i = 0; i < lists->bug_list.count; i++) {
        if (lists->bug_list.entries[i].id == id)
            return &lists->bug_list.entries[i];
    }
    fail_msg("no entry %llu", (unsigned long long)id);
    return NULL;
}

/* Text of a key, else of the machine that the row names, else the fallback. */
static const struct yaml_node *key_get(const struct yaml_node *row, const struct yaml_node *machine,
                                       const char *key)
{
    const struct yaml_node *node = yaml_get(row, key);
    return node ? node : yaml_get(machine, key);
}

static const char *text_of(const struct yaml_node *node)
{
    return node ? node->text : "";
}

static bool bool_of(const struct yaml_node *node)
{
    bool value = false;
    if (node)
        assert_true(yaml_to_bool(node, &value));
    return value;
}

static uint32_t number_of(const struct yaml_node *node)
{
    uint64_t value = 0;
    if (node)
        assert_true(yaml_to_u64(node, &value));
    return (uint32_t)value;
}

static enum os_type os_of(const char *word)
{
    static const struct {
        const char *word;
        enum os_type os;
    } rows[] = { { "linux", OS_LINUX }, { "win", OS_WINDOWS }, { "macosx", OS_MAC } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (text_equal(rows[i].word, word))
            return rows[i].os;
    }
    return OS_OTHER;
}

static void gpus_read(const struct yaml_node *gpus, struct gpu_info *out)
{
    for (size_t i = 0; gpus && i < gpus->count; i++) {
        const struct yaml_node *gpu = gpus->items[i];
        out->gpus[out->gpu_count++] = (struct gpu_device){
            .known = true,
            .vendor = number_of(yaml_get(gpu, "vendor")),
            .device = number_of(yaml_get(gpu, "device")),
            .revision = number_of(yaml_get(gpu, "revision")),
            .active = bool_of(yaml_get(gpu, "active")),
            .driver_vendor = text_of(yaml_get(gpu, "driver")),
            .driver_version = text_of(yaml_get(gpu, "driver_version")),
        };
    }
    if (!out->gpu_count)
        out->gpus[out->gpu_count++] = (struct gpu_device){ .known = true,
                                                           .driver_vendor = "",
                                                           .driver_version = "" };
}

static void info_read(const struct yaml_node *row, const struct yaml_node *machine,
                      struct gpu_info *out)
{
    const struct yaml_node *chromium = yaml_get(row, "chromium");
    *out = (struct gpu_info){
        .traits = engine_traits_of(chromium ? chromium->text : CHROMIUM),
        .gpus_known = true,
        .optimus = bool_of(key_get(row, machine, "optimus")) ? TRUTH_YES : TRUTH_NO,
        .amd_switchable = bool_of(key_get(row, machine, "amd_switchable")) ? TRUTH_YES : TRUTH_NO,
        .gl_vendor = text_of(key_get(row, machine, "gl_vendor")),
        .gl_renderer = text_of(key_get(row, machine, "gl_renderer")),
        .gl_version = text_of(key_get(row, machine, "gl_version")),
        .gl_extensions = text_of(key_get(row, machine, "gl_extensions")),
        .direct_rendering = text_of(key_get(row, machine, "direct_rendering")),
    };
    gpus_read(key_get(row, machine, "gpus"), out);
    out->match_vendor = out->gl_vendor;
    out->match_renderer = out->gl_renderer;
    out->match_version = out->gl_version;
    if (out->traits->unwraps_angle)
        (void)angle_unwrap(&arena, out->gl_renderer, &out->match_vendor, &out->match_renderer,
                           &out->match_version); /* false: the strings are native */
}

/* Entry::Contains(): an exception that lacks a fact does not count. */
static enum truth entry_contains(const struct control_entry *entry, const struct gpu_info *info)
{
    enum truth main = conditions_match(&entry->main, info, NULL, NULL);
    for (size_t i = 0; main == TRUTH_YES && i < entry->exception_count; i++) {
        if (conditions_lack(&entry->exceptions[i], info))
            continue;
        enum truth truth = conditions_match(&entry->exceptions[i], info, NULL, NULL);
        if (truth != TRUTH_NO)
            main = truth == TRUTH_YES ? TRUTH_NO : TRUTH_UNKNOWN;
    }
    return main;
}

/* Entry::NeedsMoreInfo(). */
static bool entry_lacks(const struct control_entry *entry, const struct gpu_info *info,
                        bool exceptions)
{
    bool lacks = conditions_lack(&entry->main, info);
    for (size_t i = 0; exceptions && i < entry->exception_count; i++)
        lacks = lacks || conditions_lack(&entry->exceptions[i], info);
    return lacks;
}

static size_t row_check(const struct control_entry *entry, const struct yaml_node *row,
                        const struct gpu_info *info)
{
    const struct yaml_node *contains = yaml_get(row, "contains");
    const struct yaml_node *lacks = yaml_get(row, "lacks");
    const struct yaml_node *alone = yaml_get(row, "lacks_alone");
    const char *label = arena_printf(&arena, "line %u: %s", row->at.line,
                                     text_of(yaml_get(row, "test")));
    if (contains)
        rows_number(label, entry_contains(entry, info), bool_of(contains) ? TRUTH_YES : TRUTH_NO);
    if (lacks)
        rows_number(label, entry_lacks(entry, info, true), bool_of(lacks));
    if (alone)
        rows_number(label, entry_lacks(entry, info, false), bool_of(alone));
    return (size_t)(contains != NULL) + (size_t)(lacks != NULL) + (size_t)(alone != NULL);
}

static void test_entry_contains_as_chromium_tests_it(void **state)
{
    (void)state;
    struct control_lists lists;
    size_t count = 0;
    lists_read(&lists);
    const struct yaml_node *file = file_tree(DATA "entries.yaml");
    const struct yaml_node *rows = yaml_get(file, "rows");
    for (size_t i = 0; i < rows->count; i++) {
        const struct yaml_node *row = rows->items[i];
        const struct yaml_node *systems = yaml_get(row, "os"), *versions = yaml_get(row, "version");
        const struct yaml_node *name = yaml_get(row, "machine");
        const struct yaml_node *machine = name ? yaml_get(yaml_get(file, "machines"), name->text)
                                               : NULL;
        assert_true(!name || machine);
        struct gpu_info info;
        info_read(row, machine, &info);
        for (size_t j = 0; j < systems->count * versions->count; j++) {
            info.os = os_of(systems->items[j / versions->count]->text);
            info.os_version = versions->items[j % versions->count]->text;
            count += row_check(entry_find(&lists, number_of(yaml_get(row, "entry"))), row, &info);
        }
    }
    rows_done();
    assert_true(count >= CHROMIUM_ROWS_MIN);
}

/* Entries as conditions of one machine of which nothing at all is known. */
static void test_conditions_match_when_nothing_is_known_is_unknown(void **state)
{
    (void)state;
    struct control_lists lists;
    const struct gpu_info info = { .traits = engine_traits_of(CHROMIUM),
                                   .gpu_count = 1,
                                   .optimus = TRUTH_UNKNOWN,
                                   .amd_switchable = TRUTH_UNKNOWN };
    lists_read(&lists);
    for (size_t i = 0; i < lists.bug_list.count; i++) {
        const struct control_entry *entry = &lists.bug_list.entries[i];
        enum truth want = entry->main.count ? TRUTH_UNKNOWN : TRUTH_YES;
        rows_number(entry->description, conditions_match(&entry->main, &info, NULL, NULL), want);
        (void)rows_that(!conditions_lack(&entry->main, &info), entry->description,
                        "an unknown string is not an empty one");
    }
    rows_done();
}

/* Missing facts are named as the identity names them, once each. */
static void test_conditions_missing_names_the_facts(void **state)
{
    (void)state;
    static const struct {
        unsigned entry;
        const char *want;
    } rows[] = {
        { 1, "os.name os.version gpus gl.version" },
        { 2, "gpus" },
        { 8, "gl.version" },
        { 11, "gl.vendor" },
        { 13, "gl.renderer" },
        { 15, "gl.extensions" },
        { 16, "os.name gpus" },
        { 42, "" },
        { 56, "os.name gl.direct-rendering" },
        { 57, "os.name os.version gpus" },
        { 60, "gpus" },
        { 68, "gpus" },
    };
    struct control_lists lists;
    const struct gpu_info info = { .traits = engine_traits_of(CHROMIUM),
                                   .gpu_count = 1,
                                   .optimus = TRUTH_UNKNOWN,
                                   .amd_switchable = TRUTH_UNKNOWN };
    lists_read(&lists);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct control_entry *entry = entry_find(&lists, rows[i].entry);
        struct strings missing = { 0 };
        (void)conditions_missing(&arena, &entry->main, &info, &missing, NULL);
        rows_strings(entry->description, &missing, rows[i].want);
    }
    rows_done();
}

static void test_conditions_match_traces_up_to_the_one_that_decides(void **state)
{
    (void)state;
    struct control_lists lists;
    struct condition_trace traces[8];
    size_t count = 0;
    struct gpu_info info = { .traits = engine_traits_of(CHROMIUM),
                             .os = OS_MAC,
                             .os_version = "10.6.4",
                             .gpu_count = 1,
                             .gpus = { { .known = true,
                                         .vendor = VENDOR_INTEL,
                                         .device = 0x5916,
                                         .text = "0x8086:0x5916",
                                         .driver_vendor = "",
                                         .driver_version = "" } } };
    lists_read(&lists);
    const struct control_entry *entry = entry_find(&lists, 1);
    assert_int_equal(conditions_match(&entry->main, &info, traces, &count), TRUTH_NO);
    assert_int_equal(count, 3);
    assert_string_equal(traces[0].text, "os is macosx");
    assert_string_equal(traces[0].found, "macos");
    assert_int_equal(traces[0].result, TRUTH_YES);
    assert_string_equal(traces[1].text, "os.version = 10.6.4");
    assert_string_equal(traces[2].text, "gpu is 0x10de:0x0640");
    assert_string_equal(traces[2].found, "0x8086:0x5916");
    assert_int_equal(traces[2].result, TRUTH_NO);
}

/* Two GPUs, and nobody says which of them draws: sure is only what holds for both or for none. */
static void test_conditions_match_when_the_active_gpu_is_unknown(void **state)
{
    (void)state;
    static const struct {
        unsigned entry;
        enum truth want;
    } rows[] = {
        { 36, TRUTH_UNKNOWN }, /* vendor Intel, active */
        { 38, TRUTH_UNKNOWN }, /* vendor NVIDIA, active */
        { 30, TRUTH_YES },     /* any */
        { 33, TRUTH_NO },      /* primary */
        { 32, TRUTH_YES },     /* secondary */
        { 45, TRUTH_NO },      /* switchable */
    };
    struct control_lists lists;
    struct gpu_info info = { .traits = engine_traits_of(CHROMIUM),
                             .os = OS_MAC,
                             .os_version = "10.6",
                             .gpu_count = 2,
                             .gpus_known = true,
                             .active_unknown = true,
                             .optimus = TRUTH_YES,
                             .amd_switchable = TRUTH_NO,
                             .gpus = {
                                 { .known = true, .vendor = VENDOR_NVIDIA, .device = 0x0640 },
                                 { .known = true, .vendor = VENDOR_INTEL, .device = 0x0166 },
                             } };
    lists_read(&lists);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct control_entry *entry = entry_find(&lists, rows[i].entry);
        rows_number(entry->description, conditions_match(&entry->main, &info, NULL, NULL),
                    rows[i].want);
    }
    rows_done();
}

static int give_back(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_entry_contains_as_chromium_tests_it, give_back),
        cmocka_unit_test_teardown(test_conditions_match_when_nothing_is_known_is_unknown,
                                  give_back),
        cmocka_unit_test_teardown(test_conditions_missing_names_the_facts, give_back),
        cmocka_unit_test_teardown(test_conditions_match_traces_up_to_the_one_that_decides,
                                  give_back),
        cmocka_unit_test_teardown(test_conditions_match_when_the_active_gpu_is_unknown, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
