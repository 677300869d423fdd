/* The context: its version, and the bar for WebGL 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/verdict_private.h"
#include "rows.h"

static const struct {
    const char *text;
    struct gl_version want;
} version_rows[] = {
    { NULL, { .known = false } },
    { "", { .known = true } },
    { "Mesa", { .known = true } },
    { "4.6 (Compatibility Profile) Mesa 22.3.6", { true, true, true, false, 406 } },
    { "4.6.0 NVIDIA 550.78", { true, true, true, false, 406 } },
    { "3.10", { true, true, true, false, 310 } },
    { "4", { true, true, false, false, 400 } },
    { "4.", { true, true, false, false, 400 } },
    { "1.4 (2.1 Mesa 10.1)", { true, true, true, false, 104 } },
    { "OpenGL ES 3.2 Mesa 22.3.6", { true, true, true, true, 302 } },
    { "OpenGL ES 3.1V@104.0", { true, true, true, true, 301 } },
    { "OpenGL ES-CM 1.1", { true, true, true, true, 101 } },
    { "OpenGL ES", { .known = true, .is_es = true } },
    { "99999999999999999999.1", { true, true, true, false, 0 } }, /* number is not looked at */
};

static void test_gl_version_parse_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(version_rows); i++) {
        const struct gl_version *want = &version_rows[i].want;
        const char *label = version_rows[i].text ? version_rows[i].text : "NULL";
        struct gl_version got = gl_version_parse(version_rows[i].text);
        rows_that(got.known == want->known && got.has_number == want->has_number
                      && got.parsed == want->parsed && got.is_es == want->is_es,
                  label, "known %d, number %d, parsed %d, ES %d", got.known, got.has_number,
                  got.parsed, got.is_es);
        if (want->number)
            rows_number(label, got.number, want->number);
    }
    rows_done();
}

#define TF2 "GL_ARB_transform_feedback2"
#define TS "GL_ARB_texture_storage"

static const struct {
    bool angle;
    const char *version, *extensions, *renderer;
    enum truth want;
    const char *missing;
} es3_rows[] = {
    { false, NULL, NULL, NULL, TRUTH_UNKNOWN, "gl.version" },
    { false, "", NULL, NULL, TRUTH_NO, NULL },
    { false, "4.6 Mesa 22", NULL, NULL, TRUTH_YES, NULL },
    { false, "4.2", "", NULL, TRUTH_YES, NULL },
    { false, "4.1", TS, NULL, TRUTH_YES, NULL },
    { false, "4.1", TF2, NULL, TRUTH_NO, NULL },
    { false, "4.1", NULL, NULL, TRUTH_UNKNOWN, "gl.extensions" },
    { false, "4.0", TS " " TF2, NULL, TRUTH_YES, NULL },
    { false, "3.3", TF2 " " TS, NULL, TRUTH_YES, NULL },
    { false, "3.3", TS, NULL, TRUTH_NO, NULL },
    { false, "3.3", TF2, NULL, TRUTH_NO, NULL },
    { false, "3.3", NULL, NULL, TRUTH_UNKNOWN, "gl.extensions" },
    { false, "3.3", TF2 "_x " TS, NULL, TRUTH_NO, NULL },
    { false, "3.2", TF2 " " TS, NULL, TRUTH_NO, NULL },
    { false, "OpenGL ES 3.0 Mesa", NULL, NULL, TRUTH_YES, NULL },
    { false, "OpenGL ES 2.0", NULL, NULL, TRUTH_NO, NULL },
    /* Raw strings count where the engine does not draw through ANGLE. */
    { false, "OpenGL ES 2.0.0 (ANGLE 2.1)", NULL, "ANGLE (a, b, OpenGL 4.6)", TRUTH_NO, NULL },
    { true, "OpenGL ES 2.0.0 (ANGLE 2.1)", NULL, "ANGLE (a, b, OpenGL 4.6)", TRUTH_YES, NULL },
    { true, "OpenGL ES 2.0.0 (ANGLE 2.1)", NULL, "ANGLE (a, b, OpenGL 3.1)", TRUTH_NO, NULL },
    { true, "OpenGL ES 2.0.0 (ANGLE 2.1)", NULL, "ANGLE (a, b, OpenGL ES 3.2)", TRUTH_YES, NULL },
    { true, "OpenGL ES 2.0.0 (ANGLE 2.1)", NULL, "ANGLE (a, b, OpenGL ES 2.0)", TRUTH_NO, NULL },
    { true, "4.6 Mesa", NULL, "Mesa Intel", TRUTH_YES, NULL },
    { true, "3.2 Mesa", TF2, "Mesa Intel", TRUTH_YES, NULL },
    { true, "3.2 Mesa", TS, "Mesa Intel", TRUTH_NO, NULL },
    { true, "3.2 Mesa", "", "Mesa Intel", TRUTH_YES, NULL }, /* ANGLE tells no native ones */
    { true, "3.2 Mesa", NULL, "Mesa Intel", TRUTH_UNKNOWN, "gl.extensions" },
    { true, "3.1 Mesa", TF2, "Mesa Intel", TRUTH_NO, NULL },
    { true, "OpenGL ES 2.0.0 (ANGLE 2.1)", NULL,
      "ANGLE (Intel, Intel(R) UHD Graphics Direct3D11 vs_5_0 ps_5_0, D3D11-27.20.100.8681)",
      TRUTH_YES, NULL },
    { true, "OpenGL ES 3.0 (ANGLE 2.1)", NULL, "ANGLE (X Direct3D11 vs_4_0 ps_4_0)", TRUTH_NO,
      NULL },
    { true, "OpenGL ES 3.0 (ANGLE 2.1)", NULL, "ANGLE (X Direct3D11 vs_4_1 ps_4_1)", TRUTH_YES,
      NULL },
    { true, "OpenGL ES 2.0 (ANGLE 2.1)", NULL, "ANGLE (X Direct3D9Ex vs_3_0 ps_3_0)", TRUTH_NO,
      NULL },
    { true, "OpenGL ES 2.0 (ANGLE 2.1)", NULL, "ANGLE (NVIDIA, Vulkan 1.3.260 (X), NVIDIA)",
      TRUTH_YES, NULL },
    { true, "4.6 Vulkan", NULL, "zink Vulkan", TRUTH_YES, NULL },
};

static void test_es3_capable_rows(void **state)
{
    static const char *const words[] = { "unknown", "no", "yes" };
    struct arena arena = { 0 };
    (void)state;
    for (size_t i = 0; i < ROWS(es3_rows); i++) {
        const struct identity_gl gl = { .version = es3_rows[i].version,
                                        .renderer = es3_rows[i].renderer,
                                        .extensions = es3_rows[i].extensions };
        struct es3_answer got = es3_capable(&gl, es3_rows[i].angle);
        const char *label = arena_printf(&arena, "row %zu", i);
        rows_text(label, words[got.capable], words[es3_rows[i].want]);
        rows_text(label, got.missing, es3_rows[i].missing);
        rows_that(got.rule && *got.rule, label, "no rule is named");
    }
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gl_version_parse_rows),
        cmocka_unit_test(test_es3_capable_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
