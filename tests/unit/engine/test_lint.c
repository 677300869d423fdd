/* The lint: one row for what is special about a switch, and all that do harm in every spelling that
 * Chromium takes. */
#include "engine/lint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/catalogue.h"
#include "engine/flags.h"
#include "rows.h"

static struct arena arena;

/* "kind item; kind item" */
static const char *findings_text(const struct lint_findings *findings)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < findings->count; i++)
        text_printf(&text, "%s%s %s", i ? "; " : "", lint_kind_text(findings->items[i].kind),
                    findings->items[i].item);
    return text_get(&text);
}

static const struct lint_row {
    const char *label, *qt, *flags, *arguments, *variable, *value;
    const char *want;
    const char *want_text, *want_better; /* of the first; NULL = not looked at */
} lint_rows[] = {
    { "fine", "6.4.2", "--disable-gpu --ignore-gpu-blocklist", .want = "" },
    { "empty", "6.4.2", "", .want = "" },
    { "nothing", "6.4.2", .want = "" },
    { "unknown", "6.4.2", "--disable-gpo", .want = "unknown --disable-gpo",
      .want_better = "was --disable-gpu meant?" },
    { "another case", "6.4.2", "--Disable-GPU", .want = "unknown --Disable-GPU" },
    { "no switch", "6.4.2", "disable-gpu", .want = "unknown disable-gpu",
      .want_text = "it is no switch: the engine passes over it" },
    { "value of one that has none", "6.4.2", "--disable-gpu=false",
      .want = "value --disable-gpu=false",
      .want_text = "it takes no value: '=false' does not change what it does" },
    { "no number", "6.4.2", "--force-gpu-mem-available-mb=64M",
      .want = "value --force-gpu-mem-available-mb=64M", .want_text = "its value is no number" },
    { "workaround off", "6.4.2", "--disable_es3_gl_context=0", .want = "" },

    { "ignored before", "6.4.2", "--use-gl=angle", .want = "ignored --use-gl=angle",
      .want_text = "Qt overwrites it up to 6.6" },
    { "honoured later", "6.8.2", "--use-gl=angle", .want = "" },
    { "ignored, version unknown", NULL, "--use-gl=angle", .want = "" },
    { "stale name", "6.4.2", "--ignore-gpu-blacklist", .want = "stale --ignore-gpu-blacklist",
      .want_text = "it is called --ignore-gpu-blocklist now" },
    { "stale advice", "6.4.2", "--disable-software-rasterizer",
      .want = "stale --disable-software-rasterizer",
      .want_better = "leave it out; --disable-gpu alone does the same" },
    { "webgl2", "6.4.2", "--disable-webgl2", .want = "stale --disable-webgl2",
      .want_better = "--disable_es3_gl_context turns WebGL 2 off" },

    { "angle breaks", "6.4.2", "--use-angle=vulkan", .want = "breaks --use-angle=vulkan" },
    { "angle of Windows breaks", "5.15.13", "--use-angle=d3d11",
      .want = "breaks --use-angle=d3d11" },
    { "angle alone", "6.8.2", "--use-angle=gl",
      .want = "ignored --use-angle=gl; breaks --use-angle=gl" },
    { "angle with gl", "6.10.1", "--use-gl=angle --use-angle=gl", .want = "" },
    { "gl refused", "6.10.1", "--use-gl=desktop", .want = "breaks --use-gl=desktop" },
    { "gl unknown", "6.10.1", "--use-gl=x", .want = "breaks --use-gl=x" },
    { "gl egl", "6.8.2", "--use-gl=egl", .want = "breaks --use-gl=egl" },
    { "gl egl before", "6.4.2", "--use-gl=egl", .want = "stale --use-gl=egl" },

    { "platform of Chrome", "6.4.2", "--ozone-platform=wayland",
      .want = "breaks --ozone-platform=wayland", .want_better = "QT_QPA_PLATFORM=xcb or wayland" },

    { "features", "6.4.2", "--enable-features=Vulkan,Foo<Trial",
      .want = "unknown --enable-features=Vulkan,Foo<Trial",
      .want_text = "the feature 'Foo' is not in the catalogue" },
    { "features that protect", "6.4.2", "--disable-features=Vulkan,IsolateOrigins",
      .want = "dangerous --disable-features=Vulkan,IsolateOrigins",
      .want_text = "IsolateOrigins: sites are not kept apart: it takes protection from the user" },
    { "the one harmless flag of V8", "6.4.2", "--js-flags=--predictable-gc-schedule", .want = "" },
    { "the same in quotes", "6.4.2", "--js-flags=\"--predictable-gc-schedule\"", .want = "" },

    { "lost to the last", "6.8.2", "--use-gl=angle --use-gl=disabled",
      .want = "lost --use-gl=angle", .want_text = "only the last one counts: --use-gl=disabled" },
    { "twice the same", "6.8.2", "--disable-gpu -disable-gpu", .want = "" },
    { "lost features", "6.4.2", "--enable-features=Vulkan --enable-features=UseSkiaRenderer",
      .want = "lost --enable-features=Vulkan",
      .want_better = "--enable-features=Vulkan,UseSkiaRenderer" },
    { "features that come again", "6.4.2",
      "--enable-features=Vulkan --enable-features=UseSkiaRenderer,Vulkan", .want = "" },
    { "on and off", "6.4.2", "--enable-features=Vulkan --disable-features=Vulkan",
      .want = "lost --enable-features=Vulkan",
      .want_text = "--disable-features names Vulkan too, and that counts" },
    { "behind the end", "6.4.2", "--disable-gpu -- --no-sandbox", .want = "lost --no-sandbox",
      .want_text = "behind '--' nothing is a switch" },

    { "single quotes", "6.4.2", "--log-level='1'",
      .want = "quoting --log-level='1'; value "
              "--log-level='1'" },
    { "backslash", "6.4.2", "--vmodule=a\\ b", .want = "quoting --vmodule=a\\; unknown b" },
    { "tab", "6.4.2", "--disable-gpu\t--disable-webgl",
      .want = "quoting --disable-gpu\t--disable-webgl; unknown --disable-gpu\t--disable-webgl",
      .want_text = "only spaces part switches: this white space becomes part of one" },
    { "not closed", "6.4.2", "--disable-gpu \"--disable-webgl", .want = "quoting \"--disable-webgl",
      .want_text = "this quotation mark is not closed: all behind it is one item" },
    { "expansion", "6.4.2", "--vmodule=$X", .want = "quoting --vmodule=$X" },
    { "control", "6.4.2", "--v=\x01", .want = "quoting --v=\x01; value --v=\x01" },

    { "arguments", "6.4.2", .arguments = "--webEngineArgs --no-sandbox",
      .want = "dangerous --no-sandbox" },
    { "arguments of the app", "6.4.2", .arguments = "--no-sandbox", .want = "" },
    { "arguments of all argv", "6.3.2", .arguments = "file --no-sandbox",
      .want = "dangerous --no-sandbox" },
    { "arguments dropped", "6.4.2", "", "--webEngineArgs --disable-gpu",
      .want = "lost --disable-gpu",
      .want_text = "QTWEBENGINE_CHROMIUM_FLAGS is set, and Qt then takes no switch from the "
                   "arguments" },

    { "variable", "6.4.2", .variable = "QT_OPENGL", .value = "software", .want = "" },
    { "variable ignored", "6.10.0", .variable = "QT_OPENGL", .value = "software",
      .want = "ignored QT_OPENGL=software" },
    { "variable dangerous", "6.4.2", .variable = "QTWEBENGINE_DISABLE_SANDBOX", .value = "0",
      .want = "dangerous QTWEBENGINE_DISABLE_SANDBOX=0",
      .want_text = "any value is --no-sandbox: it takes protection from the user" },
    { "variable that freezes", "6.4.2", .variable = "QTWEBENGINE_DISABLE_GPU_THREAD", .value = "1",
      .want = "breaks QTWEBENGINE_DISABLE_GPU_THREAD=1" },
    { "variable that freezes, whatever the value", "6.4.2",
      .variable = "QTWEBENGINE_DISABLE_GPU_THREAD", .value = "0",
      .want = "value QTWEBENGINE_DISABLE_GPU_THREAD=0; breaks QTWEBENGINE_DISABLE_GPU_THREAD" },
    { "variable misspelled", "6.4.2", .variable = "QTWEBENGINE_CHROMIUM_FLAG", .value = "x",
      .want = "unknown QTWEBENGINE_CHROMIUM_FLAG=x",
      .want_better = "was QTWEBENGINE_CHROMIUM_FLAGS meant?" },
    { "variable of others", "6.4.2", .variable = "HOME", .value = "/x", .want = "" },
    { "no GL", "6.4.2", .variable = "QT_XCB_GL_INTEGRATION", .value = "none",
      .want = "breaks QT_XCB_GL_INTEGRATION=none" },
    { "EGL before 6.10", "6.9.1", .variable = "EGL_PLATFORM", .value = "wayland", .want = "" },
    { "EGL from 6.10", "6.10.0", .variable = "EGL_PLATFORM", .value = "wayland",
      .want = "ignored EGL_PLATFORM=wayland" },
};

static void judge(const struct lint_row *row, struct lint_findings *out)
{
    struct lint_input input = { .qt = row->qt, .flags = row->flags };
    if (row->arguments)
        flags_parse(&arena, row->arguments, &input.arguments);
    if (row->variable)
        variables_set(&arena, &input.environment, row->variable, row->value);
    lint_judge(&arena, &input, out);
}

static void test_lint_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(lint_rows); i++) {
        const struct lint_row *row = &lint_rows[i];
        struct lint_findings found = { 0 };
        judge(row, &found);
        rows_text(row->label, findings_text(&found), row->want);
        if (row->want_text && found.count)
            rows_text(row->label, found.items[0].text, row->want_text);
        if (row->want_better && found.count)
            rows_text(row->label, found.items[0].better, row->want_better);
    }
    rows_done();
}

static void test_lint_when_dangerous_says_so_in_every_spelling(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        "%s",         "-%s",    "%s=",         "%s=1",        "\" %s\"", "\"%s \"",
        "\"%s=a b\"", "%s=a=b", "\"-%s=on \"", "--x -%s --y", "\t%s",    "\"%s\"=x",
    };
    const struct catalogue_row *row;
    size_t count = 0;
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        if (row->class != CLASS_DANGEROUS || row->name[0] != '-' || row->grammar == VALUE_LIST)
            continue;
        for (size_t j = 0; j < ROWS(spellings); j++, count++) {
            size_t length = strcspn(spellings[j], "%");
            bool one_dash = length && spellings[j][length - 1] == '-';
            const char *name = row->name + (one_dash ? 2 : 0);
            size_t known = strcspn(name, "*");
            const char *flags = arena_printf(&arena, "%.*s%.*s%s%s", (int)length, spellings[j],
                                             (int)known, name, name[known] ? "port" : "",
                                             spellings[j] + length + 2);
            const struct lint_row one = { .qt = "6.4.2", .flags = flags };
            struct lint_findings found = { 0 };
            bool said = false;
            judge(&one, &found);
            for (size_t k = 0; k < found.count; k++)
                said = said || found.items[k].kind == LINT_DANGEROUS;
            (void)rows_that(said, flags, "not called dangerous, but: %s", findings_text(&found));
        }
    }
    assert_true(count > 600);
    rows_done();
}

static void test_lint_quoting_tells_the_column(void **state)
{
    (void)state;
    static const struct {
        const char *flags;
        unsigned want;
    } rows[] = { { "'", 1 }, { "--a --v='1'", 9 }, { "--a\t", 4 }, { "--v=1 \"", 7 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct lint_row row = { .qt = "6.4.2", .flags = rows[i].flags };
        struct lint_findings found = { 0 };
        judge(&row, &found);
        rows_number(rows[i].flags, found.count ? found.items[0].column : 0, rows[i].want);
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
        cmocka_unit_test_teardown(test_lint_rows, give_back),
        cmocka_unit_test_teardown(test_lint_when_dangerous_says_so_in_every_spelling, give_back),
        cmocka_unit_test_teardown(test_lint_quoting_tells_the_column, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
