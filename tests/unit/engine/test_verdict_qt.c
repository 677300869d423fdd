/* Qt's own rules, version by version: on either side of each bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/flags.h"
#include "engine/verdict_private.h"
#include "profile_rows.h"
#include "rows.h"

#define X11 "session: {type: x11}\n"
#define ENV(name, value) "environment: {" name ": '" value "'}\n"
#define GL(vendor, renderer, version)                                                              \
    "gl: {vendor: '" vendor "', renderer: '" renderer "', version: '" version "'}\n"
#define WINDOWS "os: {name: windows}\n"
#define ANGLE_ES2 "gl: {version: 'OpenGL ES 2.0 (ANGLE 2.1)'}\n"
#define ANGLE_ES3 "gl: {version: 'OpenGL ES 3.0 (ANGLE 2.1)'}\n"

#define GL46 "gl: {version: 4.6 Mesa 22.3.6}\n"

static const struct {
    const char *qt, *identity, *switches;
    enum qt_effect effect;
    enum truth
        want; /* of the strongest finding with the effect; TRUTH_NO also when there is none */
} rows[] = {
    { "5.12.0", "", "--disable-gpu", QT_EFFECT_GL_OFF, TRUTH_YES },
    { "6.11.2", "", "--disable-gpu-compositing", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "5.15.13", ENV("QT_QUICK_BACKEND", "software"), "", QT_EFFECT_GL_OFF, TRUTH_YES },
    { "6.8.2", ENV("QT_QUICK_BACKEND", "rhi"), "", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "6.8.2", ENV("QT_QUICK_BACKEND", ""), "", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "6.8.2", ENV("QMLSCENE_DEVICE", "softwarecontext"), "", QT_EFFECT_GL_OFF, TRUTH_YES },
    { "5.15.13", ENV("QT_OPENGL", "software"), "", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "6.4.2", ENV("QT_OPENGL", "software"), "", QT_EFFECT_GL_OFF, TRUTH_YES },
    { "6.8.2", ENV("QT_OPENGL", "desktop"), "", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "6.11.2", ENV("QT_OPENGL", "software"), "", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "5.15.13", ENV("QT_XCB_GL_INTEGRATION", "none"), "", QT_EFFECT_GL_OFF, TRUTH_YES },
    { "6.4.2", ENV("QT_XCB_GL_INTEGRATION", "none"), "", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.8.2", ENV("QT_XCB_GL_INTEGRATION", "none"), "", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.6.3", "", "--use-gl=disabled", QT_EFFECT_GL_OFF, TRUTH_NO },
    { "6.7.0", "", "--use-gl=disabled", QT_EFFECT_GL_OFF, TRUTH_YES },
    { "6.4.2", GL("a", "b", "4.6"), "--use-gl=egl", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.8.2", "", "--use-gl=egl", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.8.2", "", "--use-gl=desktop", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.10.0", "", "--use-gl=desktop", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.10.0", "", "--use-gl=egl", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.10.0", "", "--use-gl=angle", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.10.0", "", "--use-gl=disabled", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.10.0", "", "--use-gl=disable", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.4.2", "", "--use-gl=angle --use-angle=gl", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.8.2", "", "--use-angle=gl", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.8.2", "", "--use-gl=angle --use-angle=gl", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.10.0", "", "--use-angle=gl", QT_EFFECT_START_FAILURE, TRUTH_NO },
    /* Any value leaves Linux without OpenGL; the catalogue of switches says up to where. */
    { "5.15.13", "os: {name: linux}", "--use-angle=vulkan", QT_EFFECT_NO_GPU, TRUTH_YES },
    { "6.6.3", "os: {name: linux}", "--use-angle=d3d11", QT_EFFECT_NO_GPU, TRUTH_YES },
    { "6.6.3", "os: {name: windows}\n" GL46, "--use-angle=d3d11", QT_EFFECT_NO_GPU, TRUTH_NO },
    { "6.6.3", "", "--use-angle=d3d11", QT_EFFECT_NO_GPU, TRUTH_UNKNOWN },
    { "6.7.0", "os: {name: linux}\n" GL46, "--use-angle=vulkan", QT_EFFECT_NO_GPU, TRUTH_NO },
    { "5.15.13", ENV("QTWEBENGINE_DISABLE_GPU_THREAD", "1"), "", QT_EFFECT_FREEZE, TRUTH_NO },
    { "6.4.2", ENV("QTWEBENGINE_DISABLE_GPU_THREAD", "0"), "", QT_EFFECT_FREEZE, TRUTH_YES },
    { "6.6.3", ENV("QTWEBENGINE_DISABLE_GPU_THREAD", "1"), "", QT_EFFECT_FREEZE, TRUTH_UNKNOWN },
    { "6.7.0", ENV("QTWEBENGINE_DISABLE_GPU_THREAD", "1"), "", QT_EFFECT_FREEZE, TRUTH_NO },
    { "6.4.2", X11 GL("nouveau", "NV134", "4.3 Mesa 22.3.6"), "", QT_EFFECT_FREEZE, TRUTH_YES },
    { "6.2.4", X11 GL("nouveau", "NV134", "4.3 Mesa 22.3.6"), "", QT_EFFECT_FREEZE, TRUTH_UNKNOWN },
    { "6.4.2", GL("nouveau", "NV134", "4.3 Mesa 22.3.6"), "", QT_EFFECT_FREEZE, TRUTH_UNKNOWN },
    { "6.4.2", "session: {type: wayland}\n" GL("nouveau", "NV134", "4.3 Mesa 22.3.6"), "",
      QT_EFFECT_FREEZE, TRUTH_NO },
    { "6.4.2",
      X11 ENV("QT_XCB_GL_INTEGRATION", "xcb_egl") GL("nouveau", "NV134", "4.3 Mesa 22.3.6"), "",
      QT_EFFECT_FREEZE, TRUTH_NO },
    { "6.4.2", X11 GL("Humper", "Chromium", "2.1 Chromium 1.9"), "", QT_EFFECT_FREEZE, TRUTH_YES },
    { "6.4.2", X11 GL("Intel", "Mesa DRI", "3.3 Mesa 16.3.9"), "", QT_EFFECT_FREEZE, TRUTH_YES },
    { "6.4.2", X11 GL("Intel", "Mesa DRI", "3.3 Mesa 17.0.0"), "", QT_EFFECT_FREEZE, TRUTH_NO },
    { "6.4.2", X11, "", QT_EFFECT_FREEZE, TRUTH_UNKNOWN },
    { "6.4.2", GL("a", "b", "4.5 Mesa"), "", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.8.2", GL("a", "b", "4.5 Mesa"), "", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "6.4.2", GL("a", "b", "OpenGL ES-CM 1.1"), "", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.4.2", GL("a", "b", "OpenGL ES"), "", QT_EFFECT_START_FAILURE, TRUTH_YES },
    { "6.4.2", GL("a", "b", "OpenGL ES 2.0"), "", QT_EFFECT_START_FAILURE, TRUTH_NO },
    { "5.15.13", GL("a", "b", "what"), "", QT_EFFECT_NO_GPU, TRUTH_NO },
    { "6.4.2", GL("a", "b", "what"), "", QT_EFFECT_NO_GPU, TRUTH_YES },
    { "6.4.2", GL("a", "b", "3.0 Mesa 22.0"), "", QT_EFFECT_NO_GPU, TRUTH_NO },
    { "6.6.3", GL("a", "b", "3.0 Mesa 22.0"), "", QT_EFFECT_NO_GPU, TRUTH_UNKNOWN },
    { "6.8.2", GL("a", "b", "3.0 Mesa 22.0"), "", QT_EFFECT_NO_GPU, TRUTH_YES },
    { "6.8.2", GL("a", "b", "3.1 Mesa 22.0"), "", QT_EFFECT_NO_GPU, TRUTH_NO },
    { "6.8.2", "", "", QT_EFFECT_NO_GPU, TRUTH_UNKNOWN },
    { "6.10.0", GL("a", "b", "3.0 Mesa 22.0"), "", QT_EFFECT_NO_GPU, TRUTH_NO },
    { "5.12.0", WINDOWS ANGLE_ES3, "", QT_EFFECT_ES2, TRUTH_YES },
    { "5.15.2", WINDOWS ANGLE_ES3, "", QT_EFFECT_ES2, TRUTH_NO },
    { "5.15.2", WINDOWS ANGLE_ES2, "", QT_EFFECT_ES2, TRUTH_YES },
    { "6.2.4", WINDOWS ANGLE_ES2, "", QT_EFFECT_ES2, TRUTH_YES },
    { "6.5.3", WINDOWS ANGLE_ES2, "", QT_EFFECT_ES2, TRUTH_NO },
    { "5.15.2", ANGLE_ES2, "", QT_EFFECT_ES2, TRUTH_UNKNOWN },
    { "5.15.2", GL("a", "b", "4.6"), "", QT_EFFECT_ES2, TRUTH_NO },
    { "5.15.2", "os: {name: linux}\n", "", QT_EFFECT_ES2, TRUTH_NO },
    { "5.15.2", "os: {name: linux}\n" ANGLE_ES2, "", QT_EFFECT_ES2, TRUTH_NO },
    { "6.8.2", "", "--disable-webgl", QT_EFFECT_NO_WEBGL, TRUTH_YES },
    { "6.8.2", "", "--disable-webgl2", QT_EFFECT_NO_WEBGL, TRUTH_NO },
};

static enum truth strongest(const struct qt_findings *findings, enum qt_effect effect)
{
    enum truth answer = TRUTH_NO;
    for (size_t i = 0; i < findings->count; i++) {
        const struct qt_finding *finding = &findings->items[i];
        assert_non_null(finding->why);
        assert_non_null(finding->found);
        if (finding->effect == effect && finding->holds == TRUTH_YES)
            return TRUTH_YES;
        if (finding->effect == effect && finding->holds == TRUTH_UNKNOWN)
            answer = TRUTH_UNKNOWN;
    }
    return answer;
}

static enum truth ask(struct arena *arena, const char *yaml, const char *switches,
                      enum qt_effect effect)
{
    static struct identity identity;
    struct strings items = { 0 };
    struct qt_findings findings = { 0 };
    identity_of(arena, yaml, &identity);
    flags_parse(arena, switches, &items);
    qt_rules_apply(arena, &identity, &items, &findings);
    return strongest(&findings, effect);
}

static void test_qt_rules_apply_rows(void **state)
{
    static const char *const words[] = { "unknown", "no", "yes" };
    struct arena arena = { 0 };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *yaml = arena_printf(&arena, "engine: {qt: %s}\n%s", rows[i].qt,
                                        rows[i].identity);
        const char *label = arena_printf(&arena, "row %zu, Qt %s %s", i, rows[i].qt,
                                         rows[i].switches);
        rows_text(label, words[ask(&arena, yaml, rows[i].switches, rows[i].effect)],
                  words[rows[i].want]);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_qt_rules_apply_when_version_is_unknown_never_says_yes_for_one_version(void **state)
{
    struct arena arena = { 0 };
    (void)state;
    rows_number("some versions", ask(&arena, "{}", "--use-gl=disabled", QT_EFFECT_GL_OFF),
                TRUTH_UNKNOWN);
    rows_number("all versions", ask(&arena, "{}", "--disable-gpu", QT_EFFECT_GL_OFF), TRUTH_YES);
    rows_number("none", ask(&arena, "{}", "", QT_EFFECT_GL_OFF), TRUTH_NO);
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_qt_rules_apply_rows),
        cmocka_unit_test(
            test_qt_rules_apply_when_version_is_unknown_never_says_yes_for_one_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
