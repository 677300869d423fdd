/* The machine as an engine's collector describes it. The rows are what four real engines made of
 * faked machines, or follow gpu/config/gpu_info_collector*.cc and ANGLE's SystemInfo*.cpp. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/control_list_private.h"
#include "rows.h"

#define GPUS 4
#define MESA "4.6 (Compatibility Profile) Mesa 22.3.6"
#define NV "4.6.0 NVIDIA 535.104.05"

static struct arena arena;

struct fake_gpu {
    uint32_t vendor, device, pci_class; /* class 0 = unknown */
    enum truth active;
};

struct row {
    const char *label, *chromium;
    struct fake_gpu gpus[GPUS]; /* vendor 0 ends */
    const char *gl_vendor, *gl_renderer, *gl_version;
    const char *nv_control, *amdgpu; /* version of the kernel module */
    const char *switches;            /* one */
    bool gl_off, no_libpci;
    const char *want; /* "vendor:device[*] 'driver' version, …"; '*' = active */
    enum truth optimus, switchable;
};

static void identity_build(const struct row *row, struct identity *out)
{
    *out = (struct identity){
        .os = { .name = "linux", .version = "6.1.0-13-amd64" },
        .session = { .nv_control = row->nv_control },
        .machine = { .libpci = row->no_libpci ? TRUTH_NO : TRUTH_YES },
        .gpus_known = true,
        .gl = { row->gl_vendor, row->gl_renderer, row->gl_version, "GL_X", "2", TRUTH_NO,
                GL_PROBE_NONE },
    };
    out->gpus = arena_array(&arena, GPUS, sizeof *out->gpus);
    for (size_t i = 0; i < GPUS && row->gpus[i].vendor; i++)
        out->gpus[out->gpu_count++] = (struct gpu){
            .vendor = { true, row->gpus[i].vendor },
            .device = { true, row->gpus[i].device },
            .pci_class = { row->gpus[i].pci_class != 0, row->gpus[i].pci_class },
            .active = row->gpus[i].active,
        };
    if (row->amdgpu)
        variables_set(&arena, &out->files, "/sys/module/amdgpu/version", row->amdgpu);
}

static const char *info_text(const struct gpu_info *info)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < info->gpu_count; i++)
        text_printf(&text, "%s%04x:%04x%s %s", i ? ", " : "", info->gpus[i].vendor,
                    info->gpus[i].device, info->gpus[i].active ? "*" : "",
                    info->gpus[i].driver_text);
    return text_get(&text);
}

static void test_gpu_info_collect_rows(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "one GPU",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          "Intel",
          "Mesa Intel(R) UHD",
          MESA,
          .want = "8086:5916* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "a class that is unknown",
          "87",
          { { 0x8086, 0x5916, 0, 0 } },
          "Intel",
          "x",
          MESA,
          .want = "8086:5916* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "'display other' is no GPU for 87",
          "87",
          { { 0x8086, 0x5916, 0x0300, 0 }, { 0x1002, 0x699f, 0x0380, 0 } },
          "Intel",
          "x",
          MESA,
          .want = "8086:5916* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "'display other' is one for 102",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 }, { 0x1002, 0x699f, 0x0380, 0 } },
          "Intel",
          "x",
          MESA,
          .want = "1002:699f 'Mesa' 22.3.6, 8086:5916* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_YES },
        { "a device of 0 is none",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 }, { 0x10de, 0, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .want = "8086:5916* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "a sound card is none",
          "102",
          { { 0x8086, 0x5916, 0x0403, 0 }, { 0x10de, 0x1b80, 0x0300, 0 } },
          "NVIDIA Corporation",
          "x",
          NV,
          .want = "10de:1b80* 'NVIDIA' 535.104.05",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "NVIDIA behind Intel comes first",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 }, { 0x10de, 0x1f91, 0x0302, 0 } },
          "NVIDIA Corporation",
          "x",
          NV,
          .want = "10de:1f91* 'NVIDIA' 535.104.05, 8086:3e9b '' ",
          .optimus = TRUTH_YES,
          .switchable = TRUTH_NO },
        { "… and has Mesa's driver when Intel draws",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 }, { 0x10de, 0x1f91, 0x0302, 0 } },
          "Intel",
          "x",
          MESA,
          .want = "10de:1f91 'Mesa' 22.3.6, 8086:3e9b* 'Mesa' 22.3.6",
          .optimus = TRUTH_YES,
          .switchable = TRUTH_NO },
        { "nobody named: the first draws",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 }, { 0x10de, 0x1f91, 0x0302, 0 } },
          "Mesa",
          "zink",
          MESA,
          .want = "10de:1f91* 'Mesa' 22.3.6, 8086:3e9b '' ",
          .optimus = TRUTH_YES,
          .switchable = TRUTH_NO },
        { "nouveau names NVIDIA",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 }, { 0x10de, 0x1f91, 0x0302, 0 } },
          "nouveau",
          "NV166",
          MESA,
          .want = "10de:1f91* 'Mesa' 22.3.6, 8086:3e9b '' ",
          .optimus = TRUTH_YES,
          .switchable = TRUTH_NO },
        { "a word inside another does not name",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 }, { 0x1002, 0x699f, 0x0300, 0 } },
          "Corporation",
          "radeonsi Intelligent",
          MESA,
          .want = "1002:699f* 'Mesa' 22.3.6, 8086:3e9b '' ",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_YES },
        { "two of Intel: the second is first",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 }, { 0x8086, 0x56a0, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .want = "8086:56a0* 'Mesa' 22.3.6, 8086:3e9b '' ",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "the identity's own word goes first",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, TRUTH_YES }, { 0x10de, 0x1f91, 0x0302, 0 } },
          "NVIDIA Corporation",
          "x",
          NV,
          .want = "10de:1f91 'NVIDIA' 535.104.05, 8086:3e9b* 'NVIDIA' 535.104.05",
          .optimus = TRUTH_YES,
          .switchable = TRUTH_NO },
        { "NV-CONTROL on 102",
          "102",
          { { 0x10de, 0x1b80, 0x0300, 0 } },
          "NVIDIA Corporation",
          "x",
          NV,
          .nv_control = "535.104.05",
          .want = "10de:1b80* 'Nvidia' 535.104.05",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "NV-CONTROL on 87",
          "87",
          { { 0x10de, 0x1b80, 0x0300, 0 } },
          "NVIDIA Corporation",
          "x",
          NV,
          .nv_control = "535.104.05",
          .want = "10de:1b80* 'NVIDIA' 535.104.05",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "NV-CONTROL and a lone Intel",
          "102",
          { { 0x8086, 0x3e9b, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .nv_control = "535.104.05",
          .want = "8086:3e9b* 'Nvidia' 535.104.05, 10de:0000 'Nvidia' 535.104.05",
          .optimus = TRUTH_YES,
          .switchable = TRUTH_NO },
        { "amdgpu of its own version",
          "102",
          { { 0x1002, 0x699f, 0x0300, 0 } },
          "AMD",
          "x",
          MESA,
          .amdgpu = "5.16.9.22.20\n",
          .want = "1002:699f* 'AMD (Brahma)' 5.16.9.22.20",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "GL off: PCI is not read",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .gl_off = true,
          .want = "0000:0000* '' ",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "no libpci",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .no_libpci = true,
          .want = "0000:0000* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "a vendor by switch",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .switches = "--gpu-vendor-id=4318",
          .want = "10de:0000* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "a driver version by switch",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .switches = "--gpu-driver-version=1.2",
          .want = "0000:0000* 'Mesa' 1.2",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "a vendor in hexadecimal",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          "Intel",
          "x",
          MESA,
          .switches = "--gpu-vendor-id=0x10de",
          .want = "8086:5916* 'Mesa' 22.3.6",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
        { "GL unknown",
          "102",
          { { 0x8086, 0x5916, 0x0300, 0 } },
          NULL,
          NULL,
          NULL,
          .want = "8086:5916* unknown",
          .optimus = TRUTH_NO,
          .switchable = TRUTH_NO },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct identity identity;
        struct strings switches = { 0 };
        struct gpu_info info;
        identity_build(&rows[i], &identity);
        if (rows[i].switches)
            ARENA_PUSH(&arena, &switches, rows[i].switches);
        gpu_info_collect(&arena, engine_traits_of(rows[i].chromium), &identity, &switches,
                         rows[i].gl_off, &info);
        rows_text(rows[i].label, info_text(&info), rows[i].want);
        rows_number(rows[i].label, info.optimus, rows[i].optimus);
        rows_number(rows[i].label, info.amd_switchable, rows[i].switchable);
        rows_text(rows[i].label, info.os_version, "6.1.0");
        rows_number(rows[i].label, info.gpus_known, true);
    }
    rows_done();
}

/* What the lists are compared with: native strings, or what stands inside ANGLE's. */
static void test_gpu_info_collect_of_gl_strings_by_version(void **state)
{
    (void)state;
    static const struct {
        const char *chromium, *renderer, *match_vendor, *match_renderer, *match_version;
    } rows[] = {
        { "87", "ANGLE (Intel, UHD, OpenGL 4.6)", "Intel", "ANGLE (Intel, UHD, OpenGL 4.6)", MESA },
        { "102", "ANGLE (Intel, UHD, OpenGL 4.6)", "Intel", "ANGLE (Intel, UHD, OpenGL 4.6)",
          MESA },
        { "122", "ANGLE (Intel, UHD, OpenGL 4.6)", "Intel", "UHD", "OpenGL 4.6" },
        { "122", "UHD", "Intel", "UHD", MESA },
        { "134", "UHD, a", "Intel", "UHD a", "OpenGL " MESA },
        { "140", "UHD", "Intel", "UHD", "OpenGL " MESA },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = arena_printf(&arena, "%s %s", rows[i].chromium, rows[i].renderer);
        const struct strings none = { 0 };
        const struct row row = { .gpus = { { 0x8086, 0x5916, 0x0300, 0 } },
                                 .gl_vendor = "Intel",
                                 .gl_renderer = rows[i].renderer,
                                 .gl_version = MESA };
        struct identity identity;
        struct gpu_info info;
        identity_build(&row, &identity);
        gpu_info_collect(&arena, engine_traits_of(rows[i].chromium), &identity, &none, false,
                         &info);
        rows_text(label, info.match_vendor, rows[i].match_vendor);
        rows_text(label, info.match_renderer, rows[i].match_renderer);
        rows_text(label, info.match_version, rows[i].match_version);
    }
    rows_done();
}

static void test_gpu_info_collect_when_nothing_is_known(void **state)
{
    (void)state;
    const struct identity identity = { .os = { .name = NULL } };
    const struct strings none = { 0 };
    struct gpu_info info;
    gpu_info_collect(&arena, engine_traits_of("102"), &identity, &none, false, &info);
    assert_int_equal(info.os, OS_ANY);
    assert_null(info.os_version);
    assert_int_equal(info.gpu_count, 1);
    assert_false(info.gpus_known);
    assert_false(info.gpus[0].known);
    assert_int_equal(info.optimus, TRUTH_UNKNOWN);
    assert_int_equal(info.amd_switchable, TRUTH_UNKNOWN);
    assert_null(info.match_renderer);
    assert_ptr_equal(gpu_info_active(&info), &info.gpus[0]);
}

/* More devices than are looked at. */
static void test_gpu_info_collect_when_there_are_many(void **state)
{
    (void)state;
    struct gpu gpus[GPUS_MAX + 3];
    struct identity identity = { .gpus_known = true, .gpus = gpus, .gpu_count = ROWS(gpus) };
    const struct strings none = { 0 };
    struct gpu_info info;
    for (size_t i = 0; i < ROWS(gpus); i++)
        gpus[i] = (struct gpu){ .vendor = { true, VENDOR_INTEL }, .device = { true, 0x100 + i } };
    gpu_info_collect(&arena, engine_traits_of("102"), &identity, &none, false, &info);
    assert_int_equal(info.gpu_count, GPUS_MAX);
}

static void test_engine_traits_of_versions(void **state)
{
    (void)state;
    static const struct {
        const char *chromium;
        unsigned from, major;
    } rows[] = {
        { "69.0.3497.128", 83, 69 },
        { "83.0.4103.122", 83, 83 },
        { "87.0.4280.144", 86, 87 },
        { "90.0.4430.228", 88, 90 },
        { "102.0.5005.177", 88, 102 },
        { "112", 108, 112 },
        { "118.0", 118, 118 },
        { "122.0.6261.171", 122, 122 },
        { "134.0", 130, 134 },
        { "140.0.7339.225", 140, 140 },
        { "999", 140, 999 },
        { "", 140, 0 },
        { "x", 140, 0 },
        { NULL, 140, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = rows[i].chromium ? rows[i].chromium : "unknown";
        rows_number(label, engine_traits_of(rows[i].chromium)->from, rows[i].from);
        if (rows[i].chromium)
            rows_number(label, chromium_major(rows[i].chromium), rows[i].major);
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
        cmocka_unit_test_teardown(test_gpu_info_collect_rows, give_back),
        cmocka_unit_test_teardown(test_gpu_info_collect_of_gl_strings_by_version, give_back),
        cmocka_unit_test_teardown(test_gpu_info_collect_when_nothing_is_known, give_back),
        cmocka_unit_test_teardown(test_gpu_info_collect_when_there_are_many, give_back),
        cmocka_unit_test_teardown(test_engine_traits_of_versions, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
