/* Whole lists against whole machines. The rows named Gpu…Test.* hold the facts of Chromium's own
 * tests (gpu/config/gpu_control_list_unittest.cc, gpu_blocklist_unittest.cc and
 * gpu_driver_bug_list_unittest.cc); each is asked with native GL strings and, where the upstream
 * test does so too, with ANGLE's. The others are ours. */
#include "engine/control_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/yaml.h"
#include "engine/control_list_private.h"
#include "platform/file.h"
#include "rows.h"

#define DATA QWGUARD_SRC_DIR "/tests/data/chromium-tests/"
#define FILE_BYTES_MAX (256 * 1024)
#define NATIVE "102.0.5005.177"
#define ANGLE "122.0.6261.171" /* unwraps ANGLE's strings, draws without it */
#define ENTRIES_MAX 8

static struct arena arena;

/* A machine in few words; "" in gl_* is what the engine gets as empty, NULL is unknown. */
struct machine {
    const char *os, *os_version, *chromium;
    uint32_t vendor, device; /* 0 = no GPU at all */
    const char *driver_version;
    const char *gl_vendor, *gl_renderer, *gl_version;
    const char *switches; /* separated by spaces */
};

/* What comes out; lists of names with a space between. */
struct wanted {
    const char *blocked, *workarounds;
    const char *active; /* ids */
    bool needs_more_info;
    const char *missing;
};

static void words_split(const char *text, struct strings *out)
{
    while (text && *text) {
        size_t length = strcspn(text, " ");
        if (length)
            ARENA_PUSH(&arena, out, arena_strndup(&arena, text, length));
        text += length + (text[length] == ' ');
    }
}

static void identity_build(const struct machine *machine, struct identity *out)
{
    *out = (struct identity){
        .os = { .name = machine->os, .version = machine->os_version },
        .gpus_known = true,
        .gl = { .vendor = machine->gl_vendor,
                .renderer = machine->gl_renderer,
                .version = machine->gl_version,
                .extensions = "",
                .direct_rendering = "" },
        .engine = { .chromium = machine->chromium },
    };
    if (!machine->vendor)
        return;
    out->gpus = arena_alloc(&arena, sizeof *out->gpus);
    out->gpu_count = 1;
    out->gpus[0] = (struct gpu){ .vendor = { true, machine->vendor },
                                 .device = { true, machine->device ? machine->device : 0x0640 },
                                 .driver_version = machine->driver_version };
}

static const char *active_ids(const struct control_decision *decision)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < decision->entry_count; i++) {
        if (decision->entries[i].active)
            text_printf(&text, "%s%u", text.length ? " " : "", decision->entries[i].id);
    }
    return text_get(&text);
}

static void decide(const struct control_lists *lists, const struct machine *machine,
                   struct control_decision *out)
{
    struct identity identity;
    struct strings switches = { 0 };
    identity_build(machine, &identity);
    words_split(machine->switches, &switches);
    control_lists_evaluate(&arena, lists, &identity, &switches, out);
}

static void check(const char *label, const struct control_lists *lists,
                  const struct machine *machine, const struct wanted *want)
{
    struct control_decision decision;
    decide(lists, machine, &decision);
    if (want->blocked)
        rows_strings(label, &decision.blocked_features, want->blocked);
    rows_strings(label, &decision.workarounds, want->workarounds);
    rows_number(label, decision.needs_more_info, want->needs_more_info);
    if (want->active)
        rows_text(label, active_ids(&decision), want->active);
    if (want->missing)
        rows_strings(label, &decision.missing, want->missing);
}

static void lists_from(const char *name, const char *bytes, size_t length,
                       struct control_lists *out)
{
    struct report report = { .arena = &arena };
    struct yaml_node *root = NULL;
    struct err err;
    if (yaml_parse(&arena, name, bytes, length, &root, &err) < 0)
        fail_msg("%s:%u: %s", name, err.at.line, err.text);
    (void)control_lists_read(&arena, root, &report, out);
    rows_report(name, &report, "");
}

static void lists_of_data(struct control_lists *out)
{
    const char *bytes;
    size_t length;
    struct err err;
    if (file_read(&arena, DATA "rules.yaml", FILE_BYTES_MAX, &bytes, &length, &err) < 0)
        fail_msg("%s", err.text);
    lists_from(DATA "rules.yaml", bytes, length, out);
    out->blocklist.count = 0; /* its entries concern every machine */
}

/* The bug list with the entries of these ids only. */
static struct control_lists some_entries(const struct control_lists *all, const char *ids)
{
    struct control_lists some = *all;
    struct strings wanted = { 0 };
    words_split(ids, &wanted);
    struct control_entry *entries = arena_array(&arena, ENTRIES_MAX, sizeof *entries);
    some.bug_list.entries = entries;
    some.bug_list.count = 0;
    for (size_t i = 0; i < wanted.count; i++) {
        for (size_t j = 0; j < all->bug_list.count; j++) {
            if (text_equal(arena_printf(&arena, "%u", all->bug_list.entries[j].id),
                           wanted.items[i]))
                entries[some.bug_list.count++] = all->bug_list.entries[j];
        }
    }
    assert_int_equal(some.bug_list.count, wanted.count);
    return some;
}

#define NO_GL .gl_vendor = "", .gl_renderer = "", .gl_version = ""

static const struct {
    const char *test, *entries;
    struct machine machine;
    struct wanted want;
} list_rows[] = {
    { "GpuControlListTest.NeedsMoreInfo",
      "50",
      { "windows", "10.6.4", NATIVE, 0x10de, 0, NULL, NO_GL },
      { NULL, "", "", true, NULL } },
    { "GpuControlListTest.NeedsMoreInfo",
      "50",
      { "windows", "10.6.4", NATIVE, 0x10de, 0, "11", NO_GL },
      { NULL, "test_feature_0", "50", false, "" } },
    { "GpuControlListTest.NeedsMoreInfo",
      "50",
      { "windows", "10.6.4", ANGLE, 0x10de, 0, NULL, NO_GL },
      { NULL, "", "", true, NULL } },
    { "GpuControlListTest.NeedsMoreInfo",
      "50",
      { "windows", "10.6.4", ANGLE, 0x10de, 0, "11", NO_GL },
      { NULL, "test_feature_0", "50", false, "" } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "macos", "10.6.4", NATIVE, 0x8086, 0, NULL, NO_GL },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "linux", "10.6.4", NATIVE, 0x8086, 0, NULL, NO_GL },
      { NULL, "test_feature_0", "51", true, NULL } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "linux", "10.6.4", NATIVE, 0x8086, 0, NULL, "", "mesa", "", NULL },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "linux", "10.6.4", NATIVE, 0x8086, 0, NULL, "", "my renderer", "", NULL },
      { NULL, "test_feature_0", "51", false, "" } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "macos", "10.6.4", ANGLE, 0x8086, 0, NULL, NO_GL },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "linux", "10.6.4", ANGLE, 0x8086, 0, NULL, NO_GL },
      { NULL, "test_feature_0", "51", true, NULL } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "linux", "10.6.4", ANGLE, 0x8086, 0, NULL, "", "ANGLE (vendor, mesa, version)", "", NULL },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.NeedsMoreInfoForExceptions",
      "51",
      { "linux", "10.6.4", ANGLE, 0x8086, 0, NULL, "", "ANGLE (vendor, my renderer, version)", "",
        NULL },
      { NULL, "test_feature_0", "51", false, "" } },
    { "GpuControlListTest.IgnorableEntries",
      "52 53",
      { "linux", "10.6.4", NATIVE, 0x8086, 0, NULL, NO_GL },
      { NULL, "test_feature_0", "52", false, NULL } },
    { "GpuControlListTest.IgnorableEntries",
      "52 53",
      { "linux", "10.6.4", ANGLE, 0x8086, 0, NULL, NO_GL },
      { NULL, "test_feature_0", "52", false, NULL } },
    { "GpuControlListTest.DisabledExtensionTest",
      "54 55",
      { "windows", "10.6.4", NATIVE, 0, 0, NULL, NO_GL },
      { NULL,
        "disabled_extension_test_extension1 disabled_extension_test_extension2 "
        "disabled_extension_test_extension3",
        "54 55", false, "" } },
    { "GpuControlListTest.DisabledExtensionTest",
      "54 55",
      { "windows", "10.6.4", ANGLE, 0, 0, NULL, NO_GL },
      { NULL,
        "disabled_extension_test_extension1 disabled_extension_test_extension2 "
        "disabled_extension_test_extension3",
        "54 55", false, "" } },
    { "GpuControlListTest.LinuxKernelVersion",
      "57",
      { "linux", "3.13.0-63-generic", NATIVE, 0x8086, 0, NULL, NO_GL },
      { NULL, "test_feature_0", "57", false, "" } },
    { "GpuControlListTest.LinuxKernelVersion",
      "57",
      { "linux", "3.19.2-1-generic", NATIVE, 0x8086, 0, NULL, NO_GL },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.TestGroup",
      "57 58 59",
      { "linux", "3.13.2-1-generic", NATIVE, 0, 0, NULL, NO_GL },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.TestGroup",
      "57 58 59",
      { "linux", "3.13.2-1-generic", NATIVE, 0, 0, NULL, NO_GL,
        .switches = "--gpu-driver-bug-list-test-group=0" },
      { NULL, "", "", false, "" } },
    { "GpuControlListTest.TestGroup",
      "57 58 59",
      { "linux", "3.13.2-1-generic", NATIVE, 0, 0, NULL, NO_GL,
        .switches = "--gpu-driver-bug-list-test-group=1" },
      { NULL, "test_feature_0", "58", false, "" } },
    { "GpuControlListTest.TestGroup",
      "57 58 59",
      { "linux", "3.13.2-1-generic", NATIVE, 0, 0, NULL, NO_GL,
        .switches = "--gpu-driver-bug-list-test-group=2" },
      { NULL, "test_feature_1", "59", false, "" } },

    /* Ours: unknown is not empty, and odd groups are none. */
    { "an exception that nobody can judge",
      "51",
      { "linux", "6.1.0", NATIVE, 0x8086, 0, NULL, NULL, NULL, NULL, NULL },
      { NULL, "", "", true, "gl.renderer" } },
    { "no GPU is told at all",
      "2",
      { "linux", "6.1.0", NATIVE, 0, 0, NULL, NO_GL },
      { NULL, "", "", false, "" } },
    { "a system that is unknown",
      "3",
      { NULL, NULL, NATIVE, 0x10de, 0, NULL, NO_GL },
      { NULL, "", "", true, "os.name" } },
    { "a test group that is no number",
      "58",
      { "linux", "6.1.0", NATIVE, 0, 0, NULL, NO_GL,
        .switches = "--gpu-driver-bug-list-test-group=1x" },
      { NULL, "", "", false, "" } },
    { "a test group with a sign",
      "58",
      { "linux", "6.1.0", NATIVE, 0, 0, NULL, NO_GL,
        .switches = "--gpu-driver-bug-list-test-group=+1" },
      { NULL, "", "", false, "" } },
    { "PCI ids from switches are decimal",
      "6",
      { "linux", "6.1.0", NATIVE, 0x8086, 0, NULL, NO_GL,
        .switches = "--gpu-vendor-id=4318 --gpu-device-id=1600" },
      { NULL, "test_feature_0", "6", false, "" } },
    { "PCI ids in hexadecimal are ignored",
      "6",
      { "linux", "6.1.0", NATIVE, 0x8086, 0, NULL, NO_GL,
        .switches = "--gpu-vendor-id=0x10de --gpu-device-id=0x0640" },
      { NULL, "", "", false, "" } },
};

static void test_control_lists_evaluate_as_chromium_tests_it(void **state)
{
    (void)state;
    struct control_lists all;
    lists_of_data(&all);
    for (size_t i = 0; i < ROWS(list_rows); i++) {
        struct control_lists some = some_entries(&all, list_rows[i].entries);
        check(list_rows[i].test, &some, &list_rows[i].machine, &list_rows[i].want);
    }
    rows_done();
}

/* GpuBlocklistTest: an entry with one feature blocks this feature and no other. */
static void test_control_lists_evaluate_when_one_feature_is_listed(void **state)
{
    (void)state;
    static const struct {
        const char *test, *feature, *chromium;
    } rows[] = {
        { "GpuBlocklistTest.Accelerated2DCanvas", "accelerated_2d_canvas", NATIVE },
        { "GpuBlocklistTest.AcceleratedWebGL", "accelerated_webgl", NATIVE },
        { "GpuBlocklistTest.AcceleratedVideoDecode", "accelerated_video_decode", NATIVE },
        { "GpuBlocklistTest.AcceleratedVideoEncode", "accelerated_video_encode", NATIVE },
        { "GpuBlocklistTest.GpuRasterization", "gpu_tile_rasterization", ANGLE },
        { "GpuBlocklistTest.WebGL2", "accelerated_webgl2", NATIVE },
        { "GpuBlocklistTest.GL", "accelerated_gl", NATIVE },
        { "GpuBlocklistTest.Vulkan", "vulkan", NATIVE },
        { "GpuBlocklistTest.AcceleratedWebGPU", "accelerated_webgpu", NATIVE },
        { "GpuBlocklistTest.SkiaGraphite", "skia_graphite", "134.0.6998.208" },
        { "GpuBlocklistTest.WebNN", "webnn", "134.0.6998.208" },
        { "the name before 122", "gpu_rasterization", NATIVE },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct control_lists lists;
        const char *text = arena_printf(
            &arena,
            "chromium: \"%s\"\nsoftware_rendering_list:\n  entries:\n    - {id: 1, os: {type: "
            "macosx}, vendor_id: 0x10de, device_id: [0x0640], multi_gpu_category: any, "
            "features: [%s]}\ngpu_driver_bug_list: {entries: []}\n",
            rows[i].chromium, rows[i].feature);
        lists_from(rows[i].test, text, strlen(text), &lists);
        const struct machine machine = {
            "macos", "10.12.3", rows[i].chromium,     0x10de,
            0x0640,  NULL,      "NVIDIA Corporation", "NVIDIA GeForce GT 120 OpenGL Engine",
            "",      NULL
        };
        check(rows[i].test, &lists, &machine,
              &(struct wanted){ rows[i].feature, "", "1", false, "" });
    }
    rows_done();
}

/* What "all" stands for changes with the engine; an exception takes one name away. */
static void test_control_lists_evaluate_when_all_is_listed(void **state)
{
    (void)state;
    static const struct {
        const char *chromium;
        size_t count; /* of all features */
        const char *only_here;
    } rows[] = {
        { "83.0.4103.122", 14, "flash3d" },
        { "87.0.4280.144", 14, "oop_rasterization" },
        { NATIVE, 12, "metal" },
        { "118.0.5993.220", 12, "gpu_rasterization" },
        { ANGLE, 12, "gpu_tile_rasterization" },
        { "134.0.6998.208", 13, "webnn" },
        { "140.0.7339.225", 13, "direct_rendering_display_compositor" },
    };
    static const char *const ids[] = { "all", "all, {exceptions: [accelerated_gl]}" };
    for (size_t i = 0; i < ROWS(rows) * ROWS(ids); i++) {
        const char *chromium = rows[i / ROWS(ids)].chromium;
        size_t less = i % ROWS(ids);
        struct control_lists lists;
        struct control_decision decision;
        const char *text = arena_printf(&arena,
                                        "chromium: \"%s\"\nsoftware_rendering_list:\n  entries:\n "
                                        "   - {id: 1, features: [%s]}\n"
                                        "gpu_driver_bug_list: {entries: []}\n",
                                        chromium, ids[less]);
        lists_from(chromium, text, strlen(text), &lists);
        decide(&lists, &(struct machine){ "linux", "6.1.0", chromium, .vendor = 0x8086, NO_GL },
               &decision);
        rows_number(chromium, (long long)decision.blocked_features.count,
                    (long long)(rows[i / ROWS(ids)].count - less));
        rows_number(chromium, strings_has(&decision.blocked_features, "accelerated_gl"), !less);
        rows_number(chromium,
                    strings_has(&decision.blocked_features, rows[i / ROWS(ids)].only_here), true);
    }
    rows_done();
}

static const char workarounds_yaml[] =
    "chromium: \"102.0.5005.177\"\n"
    "workarounds: [disable_chromium_framebuffer_multisample, exit_on_context_lost,\n"
    "  force_high_performance_gpu, force_low_power_gpu, gl_clear_broken]\n"
    "software_rendering_list:\n"
    "  entries:\n"
    "    - {id: 1, vendor_id: 0x8086, features: [accelerated_webgl]}\n"
    "    - {id: 2, test_group: 1, features: [vulkan]}\n"
    "gpu_driver_bug_list:\n"
    "  entries:\n"
    "    - {id: 1, vendor_id: 0x10de, features: [exit_on_context_lost, gl_clear_broken]}\n"
    "    - {id: 2, vendor_id: 0x8086, features: [exit_on_context_lost, force_low_power_gpu]}\n";

/* Switches come behind the lists. */
static const struct {
    const char *label;
    uint32_t vendor;
    const char *chromium, *switches;
    struct wanted want;
} switch_rows[] = {
    { "GpuDriverBugListTest.AppendSingleWorkaround",
      0x10de,
      NATIVE,
      "--disable_chromium_framebuffer_multisample",
      { "", "disable_chromium_framebuffer_multisample exit_on_context_lost gl_clear_broken", "1",
        false, "" } },
    { "GpuDriverBugListTest.AppendForceGPUWorkaround",
      0x8086,
      NATIVE,
      "--force_high_performance_gpu",
      { "accelerated_webgl", "exit_on_context_lost force_high_performance_gpu", "1 2", false,
        "" } },
    { "the other way round",
      0x10de,
      NATIVE,
      "--force_high_performance_gpu --force_low_power_gpu",
      { "", "exit_on_context_lost force_low_power_gpu gl_clear_broken", "1", false, "" } },
    { "off again",
      0x10de,
      NATIVE,
      "--gl_clear_broken=0",
      { "", "exit_on_context_lost", "1", false, "" } },
    { "any other value is on",
      0x8086,
      NATIVE,
      "--gl_clear_broken=00",
      { "accelerated_webgl", "exit_on_context_lost force_low_power_gpu gl_clear_broken", "1 2",
        false, "" } },
    { "one dash",
      0x10de,
      NATIVE,
      "-exit_on_context_lost=0",
      { "", "gl_clear_broken", "1", false, "" } },
    { "no workaround of this engine",
      0x10de,
      NATIVE,
      "--disable_texture_storage",
      { "", "exit_on_context_lost gl_clear_broken", "1", false, "" } },
    { "no list, and a name",
      0x10de,
      NATIVE,
      "--disable-gpu-driver-bug-workarounds --gl_clear_broken",
      { "", "gl_clear_broken", "", false, "" } },
    { "no blocklist",
      0x8086,
      NATIVE,
      "--ignore-gpu-blocklist",
      { "", "exit_on_context_lost force_low_power_gpu", "2", false, "" } },
    { "the old word on an engine of today",
      0x8086,
      NATIVE,
      "--ignore-gpu-blacklist",
      { "accelerated_webgl", "exit_on_context_lost force_low_power_gpu", "1 2", false, "" } },
    { "the old word on an old engine",
      0x8086,
      "83.0.4103.122",
      "--ignore-gpu-blacklist",
      { "", "exit_on_context_lost force_low_power_gpu", "2", false, "" } },
    { "the new word on an old engine",
      0x8086,
      "83.0.4103.122",
      "--ignore-gpu-blocklist",
      { "accelerated_webgl", "exit_on_context_lost force_low_power_gpu", "1 2", false, "" } },
    { "both words on 87",
      0x8086,
      "87.0.4280.144",
      "--ignore-gpu-blacklist",
      { "", "exit_on_context_lost force_low_power_gpu", "2", false, "" } },
    { "software WebGL on 102",
      0x8086,
      NATIVE,
      "--enable-webgl-software-rendering",
      { "", "exit_on_context_lost force_low_power_gpu", "2", false, "" } },
    { "software WebGL on 87",
      0x8086,
      "87.0.4280.144",
      "--enable-webgl-software-rendering",
      { "accelerated_webgl", "exit_on_context_lost force_low_power_gpu", "1 2", false, "" } },
    { "test group of the blocklist",
      0x10de,
      NATIVE,
      "--gpu-blocklist-test-group=1",
      { "vulkan", "exit_on_context_lost gl_clear_broken", "2 1", false, "" } },
    { "test group by its old name",
      0x10de,
      NATIVE,
      "--gpu-blacklist-test-group=1",
      { "", "exit_on_context_lost gl_clear_broken", "1", false, "" } },
    { "no GPU: PCI is not read, on 102 the bug list is",
      0x8086,
      NATIVE,
      "--disable-gpu",
      { "", "", "", false, "" } },
    { "--use-gl=disabled counts from 118 on",
      0x8086,
      ANGLE,
      "--use-gl=disabled",
      { "", "", "", false, "" } },
    { "… and not before",
      0x8086,
      NATIVE,
      "--use-gl=disabled",
      { "accelerated_webgl", "exit_on_context_lost force_low_power_gpu", "1 2", false, "" } },
    { "switches end at --",
      0x10de,
      NATIVE,
      "-- --gl_clear_broken=0",
      { "", "exit_on_context_lost gl_clear_broken", "1", false, "" } },
};

static void test_control_lists_evaluate_when_switches_are_given(void **state)
{
    (void)state;
    struct control_lists lists;
    lists_from("workarounds", workarounds_yaml, sizeof workarounds_yaml - 1, &lists);
    for (size_t i = 0; i < ROWS(switch_rows); i++)
        check(switch_rows[i].label, &lists,
              &(struct machine){ "linux", "6.1.0", switch_rows[i].chromium,
                                 .vendor = switch_rows[i].vendor, NO_GL,
                                 .switches = switch_rows[i].switches },
              &switch_rows[i].want);
    rows_done();
}

static void test_control_lists_evaluate_tells_why(void **state)
{
    (void)state;
    struct control_lists lists;
    struct control_decision decision;
    lists_from("workarounds", workarounds_yaml, sizeof workarounds_yaml - 1, &lists);
    decide(&lists, &(struct machine){ "linux", "6.1.0", NATIVE, .vendor = 0x8086, NO_GL },
           &decision);
    rows_done();
    assert_int_equal(decision.entry_count, 2);
    assert_string_equal(decision.entries[0].list, "software_rendering_list");
    assert_string_equal(decision.entries[1].list, "gpu_driver_bug_list");
    assert_string_equal(decision.entries[1].why, "gpu vendor is 0x8086 (intel)");
    assert_int_equal(decision.entries[1].condition_count, 1);
    assert_string_equal(decision.entries[1].conditions[0].text, "gpu vendor is 0x8086 (intel)");
    assert_string_equal(decision.entries[1].conditions[0].found, "0x8086:0x0640");
    assert_int_equal(decision.entries[1].conditions[0].result, TRUTH_YES);
}

/* GpuBlocklistTest.VerifyGLStrings and TestBlocklistIsValid: what is shipped is sound. */
static void test_control_lists_shipped_takes_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *asked, *want;
        bool exact;
    } rows[] = {
        { "69.0.3497.128", "83.", false },
        { "83.0.4103.122", "83.", true },
        { "86.0.1.1", "83.", false },
        { "87.0.4280.144", "87.", true },
        { "90.0.4430.228", "87.", false },
        { "102.0.5005.177", "102.", true },
        { "118.0.5993.220", "102.", false },
        { "120.0.1.1", "120", true },
        { "122.0.6261.171", "122.", true },
        { "130.0.6723.192", "122.", false },
        { "134.0.6998.208", "134.", true },
        { "140.0.7339.225", "140.", true },
        { NULL, "140.", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = rows[i].asked ? rows[i].asked : "the newest";
        struct control_lists lists;
        struct err err;
        rows_err(label, control_lists_shipped(&arena, rows[i].asked, &lists, &err), &err, NULL);
        rows_done();
        (void)rows_that(text_starts(lists.chromium, rows[i].want), label, "got %s", lists.chromium);
        rows_number(label, lists.exact, rows[i].exact);
        rows_text(label, lists.origin, "built in");
        rows_number(label, lists.from_library, false);
        (void)rows_that(lists.blocklist.count > 10 && lists.bug_list.count > 20, label,
                        "lists of %u and %u entries", (unsigned)lists.blocklist.count,
                        (unsigned)lists.bug_list.count);
    }
    rows_done();
}

/* Machines that the shipped lists decide in a known way. */
static void test_control_lists_evaluate_with_shipped_lists(void **state)
{
    (void)state;
    static const char mesa[] = "4.5 (Compatibility Profile) Mesa 22.3.6";
    static const char llvmpipe[] = "llvmpipe (LLVM 15.0.6, 256 bits)";
    static const struct {
        const char *label, *chromium, *vendor, *renderer, *feature;
        bool blocked;
    } rows[] = {
        { "83 does not know llvmpipe", "83.0.4103.122", "Mesa", llvmpipe, "accelerated_webgl",
          false },
        { "83 knows software", "83.0.4103.122", "Mesa", "Software Rasterizer", "accelerated_webgl",
          true },
        { "87 and llvmpipe", "87.0.4280.144", "Mesa", llvmpipe, "accelerated_webgl", true },
        { "102 and llvmpipe", NATIVE, "Mesa", llvmpipe, "accelerated_webgl2", true },
        { "120 and llvmpipe", "120.0.6099.0", "Mesa", llvmpipe, "gpu_rasterization", true },
        { "122 and llvmpipe", ANGLE, "Mesa", llvmpipe, "accelerated_gl", true },
        { "134 and llvmpipe", "134.0.6998.208", "Mesa", llvmpipe, "webnn", true },
        { "102 and a healthy GPU", NATIVE, "Intel", "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
          "accelerated_webgl", false },
        { "134 and a healthy GPU", "134.0.6998.208", "Intel",
          "Mesa Intel(R) UHD Graphics 620 (KBL GT2)", "accelerated_webgl", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct control_lists lists;
        struct control_decision decision;
        struct err err;
        const struct machine machine = {
            "linux", "6.1.0-13-amd64", rows[i].chromium, 0x8086, 0x5917,
            NULL,    rows[i].vendor,   rows[i].renderer, mesa,   NULL,
        };
        int result = control_lists_shipped(&arena, rows[i].chromium, &lists, &err);
        rows_err(rows[i].label, result, &err, NULL);
        rows_done();
        decide(&lists, &machine, &decision);
        rows_number(rows[i].label, strings_has(&decision.blocked_features, rows[i].feature),
                    rows[i].blocked);
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
        cmocka_unit_test_teardown(test_control_lists_evaluate_as_chromium_tests_it, give_back),
        cmocka_unit_test_teardown(test_control_lists_evaluate_when_one_feature_is_listed,
                                  give_back),
        cmocka_unit_test_teardown(test_control_lists_evaluate_when_all_is_listed, give_back),
        cmocka_unit_test_teardown(test_control_lists_evaluate_when_switches_are_given, give_back),
        cmocka_unit_test_teardown(test_control_lists_evaluate_tells_why, give_back),
        cmocka_unit_test_teardown(test_control_lists_shipped_takes_the_nearest, give_back),
        cmocka_unit_test_teardown(test_control_lists_evaluate_with_shipped_lists, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
