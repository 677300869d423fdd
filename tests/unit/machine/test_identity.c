/* Which GPU draws, and what makes another fingerprint. */
#include "machine/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static struct arena arena;

static void identity_of(const char *text, struct identity *out)
{
    struct report report = { .arena = &arena };
    struct yaml_node *root;
    struct err err;
    assert_int_equal(yaml_parse(&arena, "m", text, strlen(text), &root, &err), 0);
    identity_read(&arena, root, &report, out);
    assert_int_equal(report.count, 0);
}

#define INTEL "{vendor: 0x8086, device: 1}"
#define INTEL_BOOT "{vendor: 0x8086, device: 2, boot: true}"
#define NVIDIA "{vendor: 0x10de, device: 3}"
#define NVIDIA_BOOT "{vendor: 0x10de, device: 4, boot: true}"
#define AMD "{vendor: 0x1002, device: 5}"
#define AMD_2 "{vendor: 0x1002, device: 6}"

static void test_identity_active_gpu(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text;
        long long want; /* its device, 0 = none */
    } rows[] = {
        { "not known", "os: {}", 0 },
        { "none", "gpus: []", 0 },
        { "the only one", "gpus: [" INTEL "]", 1 },
        { "the only one, whatever GL says", "gpus: [" INTEL "]\ngl: {vendor: NVIDIA}", 1 },
        { "flagged", "gpus: [" INTEL_BOOT ", {vendor: 0x10de, device: 9, active: true}]", 9 },
        { "flagged before GL",
          "gpus: [" INTEL_BOOT ", {vendor: 0x10de, device: 9, active: true}]\ngl: {vendor: Intel}",
          9 },
        { "GL before boot", "gpus: [" INTEL_BOOT ", " NVIDIA "]\ngl: {vendor: NVIDIA Corporation}",
          3 },
        { "renderer when the vendor says nothing",
          "gpus: [" INTEL_BOOT ", " AMD "]\ngl: {vendor: X.Org, renderer: AMD Radeon}", 5 },
        { "nouveau", "gpus: [" INTEL_BOOT ", " NVIDIA "]\ngl: {vendor: nouveau}", 3 },
        { "ATI", "gpus: [" INTEL_BOOT ", " AMD "]\ngl: {vendor: ATI Technologies Inc.}", 5 },
        { "a whole word", "gpus: [" INTEL ", " AMD "]\ngl: {vendor: Corporation}", 0 },
        { "first of the vendor", "gpus: [" NVIDIA ", " AMD ", " AMD_2 "]\ngl: {vendor: AMD}", 5 },
        { "GL names one that is not there", "gpus: [" INTEL ", " NVIDIA_BOOT "]\ngl: {vendor: AMD}",
          4 },
        { "boot", "gpus: [" INTEL ", " NVIDIA_BOOT "]", 4 },
        { "software", "gpus: [" INTEL ", " NVIDIA "]\ngl: {vendor: Mesa, renderer: llvmpipe}", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct identity identity;
        identity_of(rows[i].text, &identity);
        const struct gpu *gpu = identity_active_gpu(&identity);
        rows_number(rows[i].label, gpu ? (long long)gpu->device.value : 0, rows[i].want);
    }
    arena_clear(&arena);
    rows_done();
}

static const char base[] =
    "os: {name: linux, version: \"6.1\", distribution: debian, distribution-version: \"12\"}\n"
    "session: {type: x11, desktop: KDE}\nmachine: {virtual: none, container: none}\n"
    "gpus: [{vendor: 0x10de, device: 3, driver: nvidia, driver-version: \"550.78\"}]\n"
    "gl: {vendor: NVIDIA, renderer: GTX, version: \"4.6\"}\n"
    "engine: {qt: \"6.4.2\", chromium: \"102\", library: /l}\napp: {name: a}\n";

static void test_identity_fingerprint(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        bool changes, changes_with_gl;
    } rows[] = {
        { "6.1", "6.2", true, true },
        { "debian", "fedora", true, true },
        { "x11", "wayland", true, true },
        { "KDE", "GNOME", false, false },
        { "virtual: none", "virtual: kvm", true, true },
        { "device: 3", "device: 4", true, true },
        { "device: 3, ", "", true, true },
        { "driver: nvidia", "driver: nouveau", true, true },
        { "550.78", "550.90", true, true },
        { ", driver-version: \"550.78\"", "", true, true },
        { "driver-version", "library-version", true, true },
        { "}]\n", "}, {vendor: 0x8086}]\n", true, true },
        { "vendor: NVIDIA", "vendor: nouveau", false, true },
        { "4.6", "4.5", false, true },
        { "renderer: GTX", "renderer: RTX", false, true },
        { ", renderer: GTX", "", false, true },
        { "version: \"4.6\"", "version: \"4.6\", probe: cached", false, false },
        { "6.4.2", "6.4.3", true, true },
        { "/l}", "/m}", true, true },
        { "name: a", "name: b", false, false },
        { "name: a}\n", "name: a}\nenvironment: {A: b}\n", false, false },
    };
    struct identity identity;
    identity_of(base, &identity);
    const char *plain = identity_fingerprint(&arena, &identity, false);
    const char *with_gl = identity_fingerprint(&arena, &identity, true);
    assert_int_equal(strlen(plain), 16);
    assert_int_equal(strspn(plain, "0123456789abcdef"), 16);
    assert_string_not_equal(plain, with_gl);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *at = strstr(base, rows[i].from);
        assert_non_null(at);
        identity_of(arena_printf(&arena, "%.*s%s%s", (int)(at - base), base, rows[i].to,
                                 at + strlen(rows[i].from)),
                    &identity);
        rows_number(rows[i].to, !text_equal(identity_fingerprint(&arena, &identity, false), plain),
                    rows[i].changes);
        rows_number(rows[i].to, !text_equal(identity_fingerprint(&arena, &identity, true), with_gl),
                    rows[i].changes_with_gl);
    }
    arena_clear(&arena);
    rows_done();
}

/* Unknown, empty and shifted values are all different machines. */
static void test_identity_fingerprint_when_values_move_then_differs(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "os: {}",
        "gpus: []",
        "gpus: [{}]",
        "gpus: [{}, {}]",
        "os: {version: \"\"}",
        "os: {version: ab}",
        "os: {distribution: ab}",
        "os: {version: a, distribution: b}",
        "gpus: [{vendor: 0}]",
        "gpus: [{device: 0}]",
        "gpus: [{active: false}]",
        "gpus: [{active: true}]",
        "gpus: [{boot: true}]",
    };
    const char *prints[ROWS(texts)];
    for (size_t i = 0; i < ROWS(texts); i++) {
        struct identity identity;
        identity_of(texts[i], &identity);
        prints[i] = identity_fingerprint(&arena, &identity, true);
        for (size_t j = 0; j < i; j++)
            (void)rows_that(!text_equal(prints[i], prints[j]), texts[i], "is the same as %s",
                            texts[j]);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_gl_probe_text_has_a_word_for_each(void **state)
{
    (void)state;
    for (int i = 0; i < GL_PROBE_COUNT; i++) {
        for (int j = 0; j < i; j++)
            assert_string_not_equal(gl_probe_text((enum gl_probe)i),
                                    gl_probe_text((enum gl_probe)j));
    }
    assert_string_equal(gl_probe_text(GL_PROBE_NO_LIBRARY), "no-library");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_active_gpu),
        cmocka_unit_test(test_identity_fingerprint),
        cmocka_unit_test(test_identity_fingerprint_when_values_move_then_differs),
        cmocka_unit_test(test_gl_probe_text_has_a_word_for_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
