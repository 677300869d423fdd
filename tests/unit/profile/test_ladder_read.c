/* The help that a profile offers: rungs in their order, flags and variables of the allow-lists,
 * words of advice. Whatever could make something run, or take protection away, is refused however
 * it is spelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profile_rows.h"
#include "rows.h"

#define HEAD                                                                                       \
    "version: 1\nprofiles:\n  - id: a\n    title: T\n    evidence: [https://example.org/1]\n"      \
    "    confidence: low\n    match: {all: [os.name: linux]}\n"
#define SKIPPED "; profile 'a' is skipped"
#define OWN(parts) "ladder: [{rung: mine, " parts ", costs: []}]"

static struct arena arena;

/* The line of `ladder` and `advice` is 8. */
static const struct {
    const char *label, *ladder, *want;
} rows[] = {
    { "short", "ladder: [webgl-off, gpu-off, software]", "" },
    { "long", "ladder: [{rung: gpu-off, costs: [webgl]}]", "" },
    { "own", OWN("flags: ['--disable-gpu-rasterization']"), "" },
    { "own with a variable", OWN("environment: {QTWEBENGINE_FORCE_USE_GBM: '0'}"), "" },
    { "own rung anywhere",
      "ladder: [gpu-off, {rung: mine, flags: ['--disable-webgl'], costs: []}, software]", "" },
    { "no list", "ladder: gpu-off", "f.yaml:8:13: 'ladder' wants a list of 1 to 16 rungs" SKIPPED },
    { "empty", "ladder: []", "f.yaml:8:13: 'ladder' wants a list of 1 to 16 rungs" SKIPPED },
    { "no name", "ladder: [{costs: []}]",
      "f.yaml:8:14: a rung wants a name: {rung: gpu-off}" SKIPPED },
    { "unknown rung", "ladder: [gpu-of]",
      "f.yaml:8:14: unknown rung 'gpu-of' (did you mean 'gpu-off'?); a rung of your own needs "
      "flags or environment" SKIPPED },
    { "unknown rung with a cost", "ladder: [{rung: mine, costs: []}]",
      "f.yaml:8:14: unknown rung 'mine'; a rung of your own needs flags or environment" SKIPPED },
    { "none", "ladder: [none]", "f.yaml:8:14: rung 'none' changes nothing" SKIPPED },
    { "twice", "ladder: [gpu-off, gpu-off]",
      "f.yaml:8:23: rung 'gpu-off' stands in the ladder twice" SKIPPED },
    { "wide before narrow", "ladder: [gpu-off, webgl-off]",
      "f.yaml:8:23: rung 'webgl-off' is narrower than 'gpu-off' and must stand before it" SKIPPED },
    { "builtin with flags", "ladder: [{rung: gpu-off, flags: ['--disable-gpu']}]",
      "f.yaml:8:30: rung 'gpu-off' has flags already; a rung of your own needs another "
      "name" SKIPPED },
    { "own without costs", "ladder: [{rung: mine, flags: ['--disable-gpu']}]",
      "f.yaml:8:14: rung 'mine' does not say what it costs ('costs: []' if nothing)" SKIPPED },
    { "own that changes nothing", OWN("flags: []"),
      "f.yaml:8:14: rung 'mine' changes nothing" SKIPPED },
    { "own with a bad name", "ladder: [{rung: My_rung, flags: ['--disable-gpu'], costs: []}]",
      "f.yaml:8:14: rung 'My_rung' wants small letters, digits and single dashes" SKIPPED },
    { "unknown key", "ladder: [{rung: gpu-off, cost: []}]",
      "f.yaml:8:30: unknown key 'cost' (did you mean 'costs'?)" SKIPPED },
    { "costs that is a word", "ladder: [{rung: gpu-off, costs: webgl}]",
      "f.yaml:8:37: 'costs' wants a list of at most 32 words ([] if it costs nothing)" SKIPPED },
    { "cost with a space", "ladder: [{rung: gpu-off, costs: [all of it]}]",
      "f.yaml:8:38: cost 'all of it' wants small letters, digits and single dashes" SKIPPED },
    { "flags that is a word", OWN("flags: '--disable-gpu'"),
      "f.yaml:8:34: 'flags' wants a list of at most 32 switches" SKIPPED },
    { "unknown switch", OWN("flags: ['--user-agent=x']"),
      "f.yaml:8:35: '--user-agent=x' is not on the list of switches that a profile may "
      "write" SKIPPED },
    { "switch without effect", OWN("flags: ['--disable-webgl2']"),
      "f.yaml:8:35: '--disable-webgl2' does nothing: Qt overwrites it with its own setting; "
      "--disable_es3_gl_context does it" SKIPPED },
    { "every bad switch is said", OWN("flags: ['--no-sandbox', '--disable-gpu', '--log-file=x']"),
      "f.yaml:8:35: '--no-sandbox' is refused: it takes protection from the user" SKIPPED
      "\nf.yaml:8:68: '--log-file=x' is refused: it writes files" SKIPPED },
    { "garbage collector", OWN("flags: ['--js-flags=--predictable-gc-schedule']"), "" },
    { "any other flag of V8", OWN("flags: ['--js-flags=--expose-gc']"),
      "f.yaml:8:35: '--js-flags=--expose-gc' is refused: of its values only "
      "--predictable-gc-schedule is harmless" SKIPPED },
    { "unknown variable", OWN("environment: {PATH: /tmp}"),
      "f.yaml:8:41: 'PATH' is not on the list of variables that a profile may set" SKIPPED },
    { "variable that loads code", OWN("environment: {LD_PRELOAD: /tmp/x.so}"),
      "f.yaml:8:41: LD_PRELOAD is refused: it runs programs or loads libraries" SKIPPED },
    { "the variable of the switches", OWN("environment: {QTWEBENGINE_CHROMIUM_FLAGS: --a}"),
      "f.yaml:8:41: QTWEBENGINE_CHROMIUM_FLAGS is refused: switches are written one by "
      "one" SKIPPED },
    { "value that is not allowed", OWN("environment: {QT_QPA_PLATFORM: 'xcb:x'}"),
      "f.yaml:8:41: QT_QPA_PLATFORM has a value that is not allowed: 'xcb:x' "
      "(xcb|wayland)" SKIPPED },
    { "advice", "advice: reboot", "" },
    { "all advice",
      "advice: [reboot, update-driver, 'install:libgl1', 'clear-cache:webengine', "
      "'remove-flags:--disable-gpu']",
      "" },
    { "unknown advice", "advice: rebot",
      "f.yaml:8:13: unknown advice 'rebot' (did you mean 'reboot'?)" SKIPPED },
    { "advice without its word", "advice: 'install:'",
      "f.yaml:8:13: advice 'install:' wants a package behind the colon" SKIPPED },
    { "package that is a command", "advice: 'install:a; rm -rf /'",
      "f.yaml:8:13: advice 'install:a; rm -rf /' wants a package behind the colon" SKIPPED },
    { "switch that is none", "advice: 'remove-flags:disable-gpu'",
      "f.yaml:8:13: advice 'remove-flags:disable-gpu' wants a switch (--name) behind the "
      "colon" SKIPPED },
    { "cache with a path", "advice: 'clear-cache:/home'",
      "f.yaml:8:13: advice 'clear-cache:/home' wants the name of a cache behind the "
      "colon" SKIPPED },
};

static void test_ladder_read_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena, arena_printf(&arena, HEAD "    %s\n", rows[i].ladder), &report,
                    &profiles);
        rows_report(rows[i].label, &report, rows[i].want);
        rows_number(rows[i].label, (long long)profiles.count, !*rows[i].want);
    }
    rows_done();
}

/* What runs code, opens the sandbox, moves data or writes files, and what the linker and the
 * drivers read. */
static const char *const dangerous[] = {
    "renderer-cmd-prefix",
    "zygote-cmd-prefix",
    "utility-cmd-prefix",
    "gpu-launcher",
    "ppapi-plugin-launcher",
    "browser-subprocess-path",
    "test-gl-lib",
    "mojo-core-library-path",
    "register-pepper-plugins",
    "ppapi-flash-path",
    "widevine-path",
    "load-extension",
    "wait-for-debugger",
    "wait-for-debugger-children",
    "no-sandbox",
    "disable-setuid-sandbox",
    "disable-seccomp-filter-sandbox",
    "disable-namespace-sandbox",
    "disable-gpu-sandbox",
    "no-zygote",
    "single-process",
    "disable-web-security",
    "disable-site-isolation-trials",
    "disable-kill-after-bad-ipc",
    "allow-file-access-from-files",
    "allow-running-insecure-content",
    "unsafely-treat-insecure-origin-as-secure",
    "enable-blink-features",
    "disable-blink-features",
    "remote-debugging-port",
    "remote-debugging-pipe",
    "remote-allow-origins",
    "proxy-server",
    "proxy-pac-url",
    "proxy-bypass-list",
    "host-rules",
    "host-resolver-rules",
    "ignore-certificate-errors",
    "ignore-certificate-errors-spki-list",
    "allow-insecure-localhost",
    "disable-webrtc-encryption",
    "ssl-key-log-file",
    "log-net-log",
    "auth-server-allowlist",
    "log-file",
    "trace-startup-file",
    "profiling-file",
    "disk-cache-dir",
    "crash-dumps-dir",
    "webrtc-event-logging",
    "gpu-vendor-id",
    "gpu-device-id",
    "gpu-driver-version",
};
static const char *const dangerous_variables[] = {
    "QTWEBENGINEPROCESS_PATH",
    "QTWEBENGINE_RESOURCES_PATH",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "QT_PLUGIN_PATH",
    "LIBGL_DRIVERS_PATH",
    "VK_ICD_FILENAMES",
    "QTWEBENGINE_DISABLE_SANDBOX",
    "QTWEBENGINE_REMOTE_DEBUGGING",
    "SSLKEYLOGFILE",
};

/* None of them gets in: not alone, not behind a harmless one, not as a value of one. */
static void test_ladder_read_when_dangerous_refuses_every_spelling(void **state)
{
    (void)state;
    static const char *const spellings[] = {
        "'--%s'",
        "'-%s'",
        "'--%s=1'",
        "' --%s'",
        "'--%s '",
        "'---%s'",
        "\"\\t--%s=x\"",
        "'--disable-gpu --%s'",
        "'--enable-features=Vulkan --%s'",
        "'--use-gl=angle --%s=/bin/sh'",
        "\"--disable-gpu\\n--%s\"",
        "'--disable-gpu\" --%s'",
        "[--%s]",
        "{--%s: 1}",
    };
    for (size_t i = 0; i < ROWS(dangerous) * ROWS(spellings); i++) {
        const char *name = dangerous[i / ROWS(spellings)];
        const char *form = spellings[i % ROWS(spellings)];
        size_t before = strcspn(form, "%");
        const char *item = arena_printf(&arena, "%.*s%s%s", (int)before, form, name,
                                        form + before + 2);
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(
            &arena,
            arena_printf(&arena, HEAD "    ladder: [{rung: x, flags: [%s], costs: []}]\n", item),
            &report, &profiles);
        (void)rows_that(profiles.count == 0 && report.error_count == 1
                            && report.items[0].at.line == 8,
                        item, "got in");
    }
    for (size_t i = 0; i < ROWS(dangerous_variables); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena,
                    arena_printf(
                        &arena, HEAD "    ladder: [{rung: x, environment: {%s: '1'}, costs: []}]\n",
                        dangerous_variables[i]),
                    &report, &profiles);
        (void)rows_that(profiles.count == 0 && report.error_count == 1, dangerous_variables[i],
                        "got in");
    }
    rows_done();
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ladder_read_rows),
        cmocka_unit_test(test_ladder_read_when_dangerous_refuses_every_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
