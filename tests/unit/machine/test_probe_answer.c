/* The child's answer is read strictly, and the context that an engine would make is taken. */
#include "machine/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "machine/probe_private.h"
#include "rows.h"

#define HEAD PROBE_ANSWER_HEAD
#define ES "es.renderer 1\nr\nes.version 1\nv\n"
#define OK "result 2\nok\n"
#define END PROBE_ANSWER_END
#define TWO_DEVICES "device 1\na\ndevice 1\nb\n"
#define FOUR_DEVICES TWO_DEVICES TWO_DEVICES

static struct arena arena;

static void test_probe_answer_parse(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text;
        enum gl_probe want;
    } rows[] = {
        { "es", HEAD ES OK END, GL_PROBE_OK },
        { "result first", HEAD OK ES END, GL_PROBE_OK },
        { "both", HEAD ES "desktop.renderer 1\nr\ndesktop.version 1\nv\n" OK END, GL_PROBE_OK },
        { "empty strings", HEAD "es.vendor 0\n\nes.renderer 0\n\nes.version 0\n\n" OK END,
          GL_PROBE_OK },
        { "no library", HEAD "result 10\nno-library\n" END, GL_PROBE_NO_LIBRARY },
        { "no context", HEAD "result 10\nno-context\n" END, GL_PROBE_NO_CONTEXT },
        { "the last line inside a string", HEAD "es.vendor 8\na\nend\nbc\n" ES OK END,
          GL_PROBE_OK },
        { "nothing", "", GL_PROBE_GARBAGE },
        { "no head", ES OK END, GL_PROBE_GARBAGE },
        { "another version", "qwguard-probe 2\n" ES OK END, GL_PROBE_GARBAGE },
        { "no end", HEAD ES OK, GL_PROBE_GARBAGE },
        { "half an end", HEAD ES OK "en", GL_PROBE_GARBAGE },
        { "more behind the end", HEAD ES OK END "\n", GL_PROBE_GARBAGE },
        { "noise before", "warning\n" HEAD ES OK END, GL_PROBE_GARBAGE },
        { "noise between", HEAD ES "warning\n" OK END, GL_PROBE_GARBAGE },
        { "no result", HEAD ES END, GL_PROBE_GARBAGE },
        { "two results", HEAD ES OK OK END, GL_PROBE_GARBAGE },
        { "unknown result", HEAD ES "result 7\ncrashed\n" END, GL_PROBE_GARBAGE },
        { "ok without a context", HEAD OK END, GL_PROBE_GARBAGE },
        { "a context without a library", HEAD ES "result 10\nno-library\n" END, GL_PROBE_GARBAGE },
        { "twice", HEAD ES "es.version 1\nw\n" OK END, GL_PROBE_GARBAGE },
        { "unknown record", HEAD ES "es.profile 1\nc\n" OK END, GL_PROBE_GARBAGE },
        { "unknown context", HEAD ES "vulkan.version 1\nc\n" OK END, GL_PROBE_GARBAGE },
        { "no version", HEAD "es.renderer 1\nr\n" OK END, GL_PROBE_GARBAGE },
        { "no renderer", HEAD "es.version 1\nr\n" OK END, GL_PROBE_GARBAGE },
        { "too long", HEAD "es.renderer 99\nr\n" END, GL_PROBE_GARBAGE },
        { "too short", HEAD "es.renderer 1\nrest\nes.version 1\nv\n" OK END, GL_PROBE_GARBAGE },
        { "huge", HEAD "es.renderer 99999999999999999999\nr\n" END, GL_PROBE_GARBAGE },
        { "negative", HEAD "es.renderer -1\nr\n" END, GL_PROBE_GARBAGE },
        { "no length", HEAD "es.renderer \nr\n" END, GL_PROBE_GARBAGE },
        { "long name", HEAD "es.rendererrendererrendererrendererrenderer 1\nr\n" END,
          GL_PROBE_GARBAGE },
        { "a device of Vulkan", HEAD ES "device 1\nd\n" OK END, GL_PROBE_GARBAGE },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct probe_result result;
        probe_answer_parse(&arena, SUBJECT_GL_ES, rows[i].text, strlen(rows[i].text), &result);
        rows_text(rows[i].label, gl_probe_text(result.probe), gl_probe_text(rows[i].want));
        if (rows[i].want != GL_PROBE_OK)
            (void)rows_that(!result.contexts[GL_API_ES].version && !result.devices.count,
                            rows[i].label, "strings of a bad answer are kept");
    }
    arena_clear(&arena);
    rows_done();
}

static void test_probe_answer_parse_of_vulkan(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text;
        enum gl_probe want;
        size_t count;
    } rows[] = {
        { "two", HEAD "device 1\na\ndevice 2\nbc\n" OK END, GL_PROBE_OK, 2 },
        { "none", HEAD OK END, GL_PROBE_OK, 0 },
        { "no library", HEAD "result 10\nno-library\n" END, GL_PROBE_NO_LIBRARY, 0 },
        { "a device without a library", HEAD "device 1\na\nresult 10\nno-library\n" END,
          GL_PROBE_GARBAGE, 0 },
        { "a context", HEAD ES OK END, GL_PROBE_GARBAGE, 0 },
        { "as many as asked for", HEAD FOUR_DEVICES FOUR_DEVICES FOUR_DEVICES FOUR_DEVICES OK END,
          GL_PROBE_OK, 16 },
        { "one more",
          HEAD FOUR_DEVICES FOUR_DEVICES FOUR_DEVICES FOUR_DEVICES "device 1\na\n" OK END,
          GL_PROBE_GARBAGE, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct probe_result result;
        probe_answer_parse(&arena, SUBJECT_VULKAN, rows[i].text, strlen(rows[i].text), &result);
        rows_text(rows[i].label, gl_probe_text(result.probe), gl_probe_text(rows[i].want));
        rows_number(rows[i].label, (long long)result.devices.count, (long long)rows[i].count);
    }
    arena_clear(&arena);
    rows_done();
}

/* Whatever a good answer is cut to or changed into, nothing is read behind its end. */
static void test_probe_answer_parse_when_cut_or_changed_then_survives(void **state)
{
    (void)state;
    static const char good[] = HEAD "es.vendor 3\nabc\n" ES OK END;
    size_t length = sizeof good - 1;
    for (size_t cut = 0; cut < length; cut++) {
        struct probe_result result;
        char *copy = arena_alloc(&arena, cut + 1);
        memcpy(copy, good, cut);
        probe_answer_parse(&arena, SUBJECT_GL_ES, copy, cut, &result);
        assert_int_equal(result.probe, GL_PROBE_GARBAGE);
        copy = arena_alloc(&arena, length);
        memcpy(copy, good, length);
        copy[cut] = '\0';
        probe_answer_parse(&arena, SUBJECT_GL_ES, copy, length, &result);
        assert_int_equal(result.probe, GL_PROBE_GARBAGE);
    }
    arena_clear(&arena);
}

static void test_probe_answer_parse_when_control_characters_then_cleaned(void **state)
{
    (void)state;
    static const char text[] = HEAD "es.renderer 5\n\x1b[31m\nes.version 2\n\xc3\x28\n" OK END;
    struct probe_result result;
    probe_answer_parse(&arena, SUBJECT_GL_ES, text, sizeof text - 1, &result);
    rows_text("result", gl_probe_text(result.probe), "ok");
    rows_text("escape", result.contexts[GL_API_ES].renderer, "?[31m");
    rows_text("no UTF-8", result.contexts[GL_API_ES].version, "\xef\xbf\xbd(");
    arena_clear(&arena);
    rows_done();
}

static void test_gl_api_expected(void **state)
{
    (void)state;
    static const struct {
        const char *type, *variable, *value;
        enum gl_api want;
    } rows[] = {
        { "x11", NULL, NULL, GL_API_DESKTOP },
        { "xwayland", NULL, NULL, GL_API_DESKTOP },
        { "wayland", NULL, NULL, GL_API_ES },
        { "none", NULL, NULL, GL_API_ES },
        { NULL, NULL, NULL, GL_API_ES },
        { "x11", "QT_XCB_GL_INTEGRATION", "xcb_egl", GL_API_ES },
        { "x11", "QT_XCB_GL_INTEGRATION", "xcb_glx", GL_API_DESKTOP },
        { "x11", "QT_XCB_GL_INTEGRATION", "", GL_API_DESKTOP },
        { "wayland", "QT_XCB_GL_INTEGRATION", "xcb_glx", GL_API_ES },
        { "none", "QT_QPA_PLATFORM", "offscreen", GL_API_DESKTOP },
        { "none", "QT_QPA_PLATFORM", "eglfs", GL_API_ES },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct identity identity = { .session.type = rows[i].type };
        if (rows[i].variable)
            variables_set(&arena, &identity.environment, rows[i].variable, rows[i].value);
        const char *label = arena_printf(&arena, "%s %s=%s", rows[i].type, rows[i].variable,
                                         rows[i].value);
        rows_number(label, gl_api_expected(&identity), rows[i].want);
    }
    arena_clear(&arena);
    rows_done();
}

static void test_probe_result_apply_takes_the_expected_context_or_the_other(void **state)
{
    (void)state;
    struct probe_result both = { .probe = GL_PROBE_CACHED,
                                 .contexts = { [GL_API_DESKTOP] = { "dv", "dr", "4.6", "GL_D" },
                                               [GL_API_ES] = { "ev", "er", "ES 3.2", "GL_E" } } };
    struct probe_result es = { .probe = GL_PROBE_OK,
                               .contexts = { [GL_API_ES] = { "ev", "er", "ES 2.0", "" } } };
    struct probe_result crashed = { .probe = GL_PROBE_CRASHED };
    struct identity identity = { .session.type = "x11", .gl.disabled = TRUTH_YES };
    probe_result_apply(SUBJECT_GL_DESKTOP, &both, &identity);
    rows_text("x11", identity.gl.version, "4.6");
    rows_text("x11", identity.gl.extensions, "GL_D");
    rows_text("x11", gl_probe_text(identity.gl.probe), "cached");
    rows_number("x11", identity.gl.disabled, TRUTH_UNKNOWN);
    probe_result_apply(SUBJECT_GL_DESKTOP, &es, &identity);
    rows_text("x11 without desktop GL", identity.gl.version, "ES 2.0");
    probe_result_apply(SUBJECT_GL_ES, &both, &identity);
    rows_text("wayland", identity.gl.renderer, "er");
    probe_result_apply(SUBJECT_GL_ES, &crashed, &identity);
    rows_text("crashed", identity.gl.renderer, NULL);
    rows_text("crashed", gl_probe_text(identity.gl.probe), "crashed");
    rows_done();
}

/* No device is an answer; no answer is none. */
static void test_probe_result_apply_of_vulkan(void **state)
{
    (void)state;
    const struct probe_result none = { .probe = GL_PROBE_CACHED },
                              crashed = { .probe = GL_PROBE_CRASHED };
    struct probe_result one = { .probe = GL_PROBE_OK };
    struct identity identity = { .gl.version = "4.6" };
    ARENA_PUSH(&arena, &one.devices, "d");
    probe_result_apply(SUBJECT_VULKAN, &one, &identity);
    rows_number("one", (long long)identity.vulkan.devices.list.count, 1);
    rows_text("one", identity.vulkan.devices.list.items[0], "d");
    probe_result_apply(SUBJECT_VULKAN, &none, &identity);
    rows_number("none", (long long)identity.vulkan.devices.list.count, 0);
    rows_number("none", identity.vulkan.devices.known, true);
    probe_result_apply(SUBJECT_VULKAN, &crashed, &identity);
    rows_number("crashed", identity.vulkan.devices.known, false);
    rows_text("crashed", gl_probe_text(identity.vulkan.probe), "crashed");
    rows_text("GL stays", identity.gl.version, "4.6");
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_answer_parse),
        cmocka_unit_test(test_probe_answer_parse_of_vulkan),
        cmocka_unit_test(test_probe_answer_parse_when_cut_or_changed_then_survives),
        cmocka_unit_test(test_probe_answer_parse_when_control_characters_then_cleaned),
        cmocka_unit_test(test_gl_api_expected),
        cmocka_unit_test(test_probe_result_apply_takes_the_expected_context_or_the_other),
        cmocka_unit_test(test_probe_result_apply_of_vulkan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
