/* What a profile may write, which rungs there are, and what an engine honours. The list of names
 * that must be refused is that of the dangerous switches of Chromium and variables of Qt, the
 * dynamic linker and the drivers; each is tried in every spelling that Chromium takes. */
#include "engine/switches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static struct arena arena;

static const char *const dangerous_switches[] = {
    /* run code */
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
    "js-flags",
    "wait-for-debugger",
    "wait-for-debugger-children",
    "wait-for-debugger-on-navigation",
    /* sandbox and origin */
    "no-sandbox",
    "disable-setuid-sandbox",
    "disable-seccomp-filter-sandbox",
    "disable-namespace-sandbox",
    "disable-gpu-sandbox",
    "no-zygote",
    "no-zygote-sandbox",
    "single-process",
    "disable-web-security",
    "disable-site-isolation-trials",
    "disable-kill-after-bad-ipc",
    "allow-file-access-from-files",
    "allow-file-access",
    "allow-running-insecure-content",
    "unsafely-treat-insecure-origin-as-secure",
    "enable-blink-features",
    "disable-blink-features",
    /* network and data out */
    "remote-debugging-port",
    "remote-debugging-pipe",
    "remote-debugging-address",
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
    "auth-server-whitelist",
    "auth-negotiate-delegate-allowlist",
    /* write files */
    "log-file",
    "trace-startup-file",
    "trace-startup",
    "profiling-file",
    "disk-cache-dir",
    "user-data-dir",
    "crash-dumps-dir",
    "webrtc-event-logging",
    /* another GPU than there is */
    "gpu-vendor-id",
    "gpu-device-id",
    "gpu-driver-version",
};

static const char *const spellings[] = {
    "--%s",   "-%s",     "--%s=",     "--%s=1",          "-%s=/tmp/x", " --%s",
    "--%s ",  "\t--%s",  "--%s=a b",  "--%s=\"x\"",      "---%s",      "--%s=--predictable",
    "--%s\n", "-%s=a=b", "  -%s=on ", "--%s\t=anything",
};

static void test_switch_allow_when_dangerous_refuses_every_spelling(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(dangerous_switches) * ROWS(spellings); i++) {
        const char *name = dangerous_switches[i / ROWS(spellings)];
        const char *before = spellings[i % ROWS(spellings)];
        size_t length = strcspn(before, "%");
        const char *item = arena_printf(&arena, "%.*s%s%s", (int)length, before, name,
                                        before + length + 2);
        struct err err = { 0 };
        int result = switch_allow(item, &err);
        (void)rows_that(result == -1 && err.kind == ERR_DATA, item, "allowed");
        (void)rows_that(strstr(err.text, " is refused: ") != NULL, item, "said '%s'", err.text);
    }
    rows_done();
}

static void test_switch_allow_rows(void **state)
{
    (void)state;
    static const struct {
        const char *item, *want;
    } rows[] = {
        { "--disable-gpu", NULL },
        { "--disable-gpu-compositing", NULL },
        { "--disable-accelerated-video-decode", NULL },
        { "--disable-gpu-memory-buffer-video-frames", NULL },
        { "--disable_es3_gl_context", NULL },
        { "--disable-webgl", NULL },
        { "--disable-3d-apis", NULL },
        { "--ignore-gpu-blocklist", NULL },
        { "--use-gl=disabled", NULL },
        { "--use-gl=angle", NULL },
        { "--use-angle=vulkan", NULL },
        { "--force-gpu-mem-available-mb=64", NULL },
        { "--enable-features=Vulkan", NULL },
        { "--disable-features=Vulkan,VaapiVideoDecoder", NULL },
        { "--js-flags=--predictable-gc-schedule", NULL },
        { "--js-flags=--predictable-gc-schedule --expose-gc",
          "'--js-flags=--predictable-gc-schedule --expose-gc' is refused: of its values only "
          "--predictable-gc-schedule is harmless" },
        { "--js-flags=--predictable_gc_schedule",
          "'--js-flags=--predictable_gc_schedule' is refused: of its values only "
          "--predictable-gc-schedule is harmless" },
        { "-js-flags=--predictable-gc-schedule",
          "'-js-flags=--predictable-gc-schedule' is refused: of its values only "
          "--predictable-gc-schedule is harmless" },
        { "--no-sandbox", "'--no-sandbox' is refused: it takes protection from the user" },
        { "--log-file=/etc/x", "'--log-file=/etc/x' is refused: it writes files" },
        { "--proxy-server=x",
          "'--proxy-server=x' is refused: it changes where data goes, or who may read it" },
        { "--gpu-launcher=sh",
          "'--gpu-launcher=sh' is refused: it runs programs or loads libraries" },
        { "-disable-gpu", "'-disable-gpu' is no switch (write it with two dashes)" },
        { "disable-gpu", "'disable-gpu' is no switch (write it with two dashes)" },
        { "", "'' is no switch (write it with two dashes)" },
        { "--", "'--' is not on the list of switches that a profile may write" },
        { "--disable-gpu ", "'--disable-gpu ' holds a space, a quotation mark or a character that "
                            "cannot be printed" },
        { "--disable-gpu=1", "'--disable-gpu' takes no value" },
        { "--disable-gpu=", "'--disable-gpu' takes no value" },
        { "--Disable-GPU", "'--Disable-GPU' is not on the list of switches that a profile may "
                           "write" },
        { "--disable-webgl2", "'--disable-webgl2' does nothing: Qt overwrites it with its own "
                              "setting; --disable_es3_gl_context does it" },
        { "--use-gl", "'--use-gl' has a value that is not allowed (disabled|angle|desktop)" },
        { "--use-gl=egl", "'--use-gl=egl' has a value that is not allowed "
                            "(disabled|angle|desktop)" },
        { "--use-angle=d3d9", "'--use-angle=d3d9' has a value that is not allowed "
                              "(gl|gl-egl|vulkan)" },
        { "--force-gpu-mem-available-mb=64M",
          "'--force-gpu-mem-available-mb=64M' has a value that is not allowed (a number)" },
        { "--force-gpu-mem-available-mb=1234567890",
          "'--force-gpu-mem-available-mb=1234567890' has a value that is not allowed (a number)" },
        { "--user-agent=x", "'--user-agent=x' is not on the list of switches that a profile may "
                            "write" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        rows_err(rows[i].item, switch_allow(rows[i].item, &err), &err, rows[i].want);
    }
    rows_done();
}

/* Names of features that protect the user must not be turned off by the back door. */
static void test_switch_allow_when_features_isolate_sites(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "--disable-features=IsolateOrigins",
        "--disable-features=site-per-process",
        "--disable-features=Vulkan,IsolateOrigins",
        "--disable-features=SitePerProcess,Vulkan",
        "--disable-features=Vulkan,",
        "--disable-features=,Vulkan",
        "--disable-features=",
        "--enable-features=NetworkServiceInProcess2",
        "--enable-features=Vulkan<Trial",
        "--enable-features=Vulkan:param/1",
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err = { 0 };
        (void)rows_that(switch_allow(rows[i], &err) == -1, rows[i], "allowed");
        (void)rows_that(strstr(err.text, "has a value that is not allowed") != NULL, rows[i],
                        "said '%s'", err.text);
    }
    rows_done();
}

static void test_variable_allow_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *want;
    } rows[] = {
        { "QT_QUICK_BACKEND", "software", NULL },
        { "QT_OPENGL", "software", NULL },
        { "QSG_RHI_BACKEND", "vulkan", NULL },
        { "QTWEBENGINE_FORCE_USE_GBM", "0", NULL },
        { "LIBGL_ALWAYS_SOFTWARE", "1", NULL },
        { "QT_QUICK_BACKEND", "softwarecontext",
          "QT_QUICK_BACKEND has a value that is not allowed: 'softwarecontext' (software)" },
        { "QT_QUICK_BACKEND", "",
          "QT_QUICK_BACKEND has a value that is not allowed: '' "
          "(software)" },
        { "QT_QPA_PLATFORM", "xcb:/x",
          "QT_QPA_PLATFORM has a value that is not allowed: 'xcb:/x' (xcb|wayland)" },
        { "QTWEBENGINEPROCESS_PATH", "/x",
          "QTWEBENGINEPROCESS_PATH is refused: it runs programs or loads libraries" },
        { "QTWEBENGINE_RESOURCES_PATH", "/x",
          "QTWEBENGINE_RESOURCES_PATH is refused: it replaces the engine's own files" },
        { "LD_PRELOAD", "x", "LD_PRELOAD is refused: it runs programs or loads libraries" },
        { "LD_LIBRARY_PATH", "/x",
          "LD_LIBRARY_PATH is refused: it runs programs or loads libraries" },
        { "LD_AUDIT", "/x", "LD_AUDIT is refused: it runs programs or loads libraries" },
        { "QT_PLUGIN_PATH", "/x",
          "QT_PLUGIN_PATH is refused: it runs programs or loads "
          "libraries" },
        { "LIBGL_DRIVERS_PATH", "/x",
          "LIBGL_DRIVERS_PATH is refused: it runs programs or loads libraries" },
        { "VK_ICD_FILENAMES", "/x",
          "VK_ICD_FILENAMES is refused: it runs programs or loads libraries" },
        { "VK_DRIVER_FILES", "/x",
          "VK_DRIVER_FILES is refused: it runs programs or loads libraries" },
        { "QTWEBENGINE_DISABLE_SANDBOX", "1",
          "QTWEBENGINE_DISABLE_SANDBOX is refused: it takes protection from the user" },
        { "QTWEBENGINE_REMOTE_DEBUGGING", "9222",
          "QTWEBENGINE_REMOTE_DEBUGGING is refused: it changes where data goes, or who may read "
          "it" },
        { "QTWEBENGINE_CHROMIUM_FLAGS", "--disable-gpu",
          "QTWEBENGINE_CHROMIUM_FLAGS is refused: switches are written one by one" },
        { "PATH", "/x", "'PATH' is not on the list of variables that a profile may set" },
        { "--disable-gpu", "",
          "'--disable-gpu' is not on the list of variables that a profile "
          "may set" },
        { "", "", "'' is not on the list of variables that a profile may set" },
        { "qt_quick_backend", "software",
          "'qt_quick_backend' is not on the list of variables that a profile may set" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        rows_err(rows[i].name, variable_allow(rows[i].name, rows[i].value, &err), &err,
                 rows[i].want);
    }
    rows_done();
}

/* The table of the contract, "Rungs". */
static void test_rungs_builtin_are_those_of_the_contract(void **state)
{
    (void)state;
    static const struct {
        const char *name, *flags, *variable, *value;
    } rows[] = {
        { "none", "", NULL, NULL },
        { "webgl-video-copy-off",
          "--disable-accelerated-video-decode --disable-gpu-memory-buffer-video-frames", NULL,
          NULL },
        { "webgl1-only", "--disable_es3_gl_context", NULL, NULL },
        { "webgl-off", "--disable-webgl --disable-3d-apis", NULL, NULL },
        { "compositing-off", "--disable-gpu-compositing", NULL, NULL },
        { "gpu-off", "--disable-gpu", NULL, NULL },
        { "software", "--disable-gpu", "QT_QUICK_BACKEND", "software" },
    };
    size_t count = 0;
    const struct rung *rungs = rungs_builtin(&count);
    assert_int_equal(count, ROWS(rows));
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        rows_text("name", rungs[i].name, rows[i].name);
        rows_number(rows[i].name, rung_width(rows[i].name), (long long)i);
        (void)rows_that(rung_find(rows[i].name) == &rungs[i], rows[i].name, "not found");
        rows_strings(rows[i].name, &rungs[i].flags, rows[i].flags);
        rows_number(rows[i].name, (long long)rungs[i].environment.count, rows[i].variable != NULL);
        if (rows[i].variable)
            rows_text(rows[i].name, variables_get(&rungs[i].environment, rows[i].variable),
                      rows[i].value);
        rows_number(rows[i].name, rungs[i].costs.count > 0, i > 0);
        for (size_t j = 0; j < rungs[i].flags.count; j++)
            rows_err(rungs[i].flags.items[j], switch_allow(rungs[i].flags.items[j], &err), &err,
                     NULL);
        for (size_t j = 0; j < rungs[i].environment.count; j++)
            rows_err(rows[i].name,
                     variable_allow(rungs[i].environment.items[j].name,
                                    rungs[i].environment.items[j].value, &err),
                     &err, NULL);
    }
    rows_number("unknown", rung_width("None"), -1);
    (void)rows_that(!rung_find(""), "unknown", "found");
    rows_done();
}

static void test_switch_honoured_by_version(void **state)
{
    (void)state;
    static const struct {
        const char *what, *qt;
        enum truth want;
        const char *why;
    } rows[] = {
        { "--disable-gpu", "5.15.13", TRUTH_YES, NULL },
        { "--disable-gpu", NULL, TRUTH_YES, NULL },
        { "--disable_es3_gl_context", "6.4.2", TRUTH_YES, NULL },
        { "--disable-webgl2", "6.4.2", TRUTH_NO,
          "Qt overwrites it with its own setting; --disable_es3_gl_context does it" },
        { "--disable-webgl2", NULL, TRUTH_NO,
          "Qt overwrites it with its own setting; --disable_es3_gl_context does it" },
        { "--ignore-gpu-blocklist", "5.15.2", TRUTH_NO,
          "it is called --ignore-gpu-blacklist before Chromium 86" },
        { "--ignore-gpu-blocklist", "5.15.3", TRUTH_YES, NULL },
        { "--ignore-gpu-blocklist", "6.10.0", TRUTH_YES, NULL },
        { "--ignore-gpu-blocklist", NULL, TRUTH_UNKNOWN,
          "it is called --ignore-gpu-blacklist before Chromium 86" },
        { "--ignore-gpu-blacklist", "5.15.2", TRUTH_YES, NULL },
        { "--ignore-gpu-blacklist", "6.2.4", TRUTH_UNKNOWN,
          "it is called --ignore-gpu-blocklist now" },
        { "--ignore-gpu-blacklist", "6.4.2", TRUTH_NO, "it is called --ignore-gpu-blocklist now" },
        { "--use-gl=disabled", "6.6.3", TRUTH_NO, "Qt overwrites it up to 6.6" },
        { "--use-gl=disabled", "6.7.0", TRUTH_YES, NULL },
        { "--use-gl=desktop", "6.8.2", TRUTH_YES, NULL },
        { "--use-gl=desktop", "6.9.0", TRUTH_UNKNOWN,
          "Qt overwrites it up to 6.6 and refuses it from 6.10" },
        { "--use-gl=desktop", "6.10.0", TRUTH_NO,
          "Qt overwrites it up to 6.6 and refuses it from 6.10" },
        { "--use-angle=vulkan", "6.8.2", TRUTH_NO,
          "it breaks OpenGL on Linux where Qt does not render through ANGLE" },
        { "--use-angle=vulkan", "6.10.0", TRUTH_YES, NULL },
        { "--enable-webgl-software-rendering", "6.3.2", TRUTH_NO,
          "up to 6.3 Qt looks for it in the arguments of the app only" },
        { "--enable-webgl-software-rendering", "6.4.0", TRUTH_YES, NULL },
        { "QT_QUICK_BACKEND", "6.10.0", TRUTH_YES, NULL },
        { "QSG_RHI_BACKEND=vulkan", "6.5.0", TRUTH_NO, "no effect on Qt WebEngine before 6.5.1" },
        { "QSG_RHI_BACKEND=vulkan", "6.5.1", TRUTH_YES, NULL },
        { "QTWEBENGINE_DISABLE_GPU_THREAD", "5.15.2", TRUTH_YES, NULL },
        { "QTWEBENGINE_DISABLE_GPU_THREAD", "6.7.0", TRUTH_NO,
          "Qt WebEngine asks for it from 5.15.2 to 6.6 only" },
        { "QTWEBENGINE_FORCE_USE_GBM=1", "6.10.0", TRUTH_YES, NULL },
        { "QTWEBENGINE_FORCE_USE_GBM=1", "6.8.2", TRUTH_NO, "Qt WebEngine knows it from 6.10 on" },
        { "--user-agent=x", "6.4.2", TRUTH_UNKNOWN, "it is not in the catalogue" },
        { "--disable-gp", "6.4.2", TRUTH_UNKNOWN, "it is not in the catalogue" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = arena_printf(&arena, "%s %s", rows[i].what,
                                         rows[i].qt ? rows[i].qt : "unknown");
        const char *why = NULL;
        rows_number(label, switch_honoured(rows[i].what, rows[i].qt, &why), rows[i].want);
        rows_text(label, why, rows[i].why);
        rows_number(label, switch_honoured(rows[i].what, rows[i].qt, NULL), rows[i].want);
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
        cmocka_unit_test_teardown(test_switch_allow_when_dangerous_refuses_every_spelling,
                                  give_back),
        cmocka_unit_test_teardown(test_switch_allow_rows, give_back),
        cmocka_unit_test_teardown(test_switch_allow_when_features_isolate_sites, give_back),
        cmocka_unit_test_teardown(test_variable_allow_rows, give_back),
        cmocka_unit_test_teardown(test_rungs_builtin_are_those_of_the_contract, give_back),
        cmocka_unit_test_teardown(test_switch_honoured_by_version, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
