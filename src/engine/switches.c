/* The rungs, and what is known of each switch and variable: which Qt honours it, and what a profile
 * may write. A profile comes from anyone, so it is an allow-list with a grammar for each value; the
 * names that do harm have a table of their own only to say why they are refused. */
#include "engine/switches.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "engine/engine.h"

#define CONTENT_SWITCHES "content/public/common/content_switches.cc"
#define GPU_SWITCHES "gpu/config/gpu_switches.cc"
#define GL_SWITCHES "ui/gl/gl_switches.cc"
#define WORKAROUNDS "gpu/config/gpu_driver_bug_list.cc"
#define CONTEXT "qtwebengine src/core/web_engine_context.cpp"
#define SETTINGS "qtwebengine src/core/web_engine_settings.cpp"

#define DIGITS_MAX 9

enum value_grammar {
    VALUE_NONE,   /* no value at all */
    VALUE_WORD,   /* one of the words */
    VALUE_LIST,   /* some of the words, separated by commas */
    VALUE_NUMBER, /* decimal digits */
};

struct catalogue_row {
    const char *name;
    const char *effect;
    enum value_grammar grammar;
    const char *words;       /* separated by '|' */
    bool allowed;            /* a profile may write it */
    bool never;              /* no Qt honours it */
    const char *since;       /* first Qt that honours it; NULL = all */
    const char *until;       /* first Qt that does not any more; NULL = all */
    const char *unsure_from; /* from here up to since, or up to until, it was not looked at */
    const char *why_not;
    const char *source;
};

#define STRINGS(...)                                                                               \
    {                                                                                              \
        .items = (const char *[]){ __VA_ARGS__ },                                                  \
        .count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *)                    \
    }

static struct variable software_variables[] = { { "QT_QUICK_BACKEND", "software" } };

/* Source: contract, "Rungs"; effects of each tested on Qt 5.15.13 and 6.4.2. */
static const struct rung rungs[] = {
    { .name = "none" },
    { .name = "webgl-video-copy-off",
      .flags = STRINGS("--disable-accelerated-video-decode",
                       "--disable-gpu-memory-buffer-video-frames"),
      .costs = STRINGS("hardware-video") },
    { .name = "webgl1-only",
      .flags = STRINGS("--disable_es3_gl_context"),
      .costs = STRINGS("webgl2") },
    { .name = "webgl-off",
      .flags = STRINGS("--disable-webgl", "--disable-3d-apis"),
      .costs = STRINGS("webgl") },
    { .name = "compositing-off",
      .flags = STRINGS("--disable-gpu-compositing"),
      .costs = STRINGS("smooth-scrolling") },
    { .name = "gpu-off",
      .flags = STRINGS("--disable-gpu"),
      .costs = STRINGS("webgl", "hardware-video") },
    { .name = "software",
      .flags = STRINGS("--disable-gpu"),
      .environment = { .items = software_variables, .count = ROWS(software_variables) },
      .costs = STRINGS("webgl", "hardware-video", "qt-quick") },
};

/* Names of features that only concern drawing and video. */
#define FEATURES                                                                                   \
    "Vulkan|VulkanFromANGLE|DefaultANGLEVulkan|UseSkiaRenderer|CanvasOopRasterization|"            \
    "VaapiVideoDecoder|VaapiVideoDecodeLinuxGL|VaapiVideoEncoder|AcceleratedVideoDecodeLinuxGL|"   \
    "AcceleratedVideoDecoder|AcceleratedVideoEncoder|UseChromeOSDirectVideoDecoder|"               \
    "UseMultiPlaneFormatForHardwareVideo|UseMultiPlaneFormatForSoftwareVideo"

/* clang-format off */
static const struct catalogue_row catalogue[] = {
    /* Switches that take something away from the GPU. */
    { "--disable-gpu", "no GPU: software compositing, no WebGL", VALUE_NONE,
      .allowed = true, .source = CONTENT_SWITCHES },
    { "--disable-gpu-compositing", "pages are put together by the CPU; WebGL stays", VALUE_NONE,
      .allowed = true, .source = CONTENT_SWITCHES },
    { "--disable-gpu-rasterization", "pages are painted by the CPU", VALUE_NONE,
      .allowed = true, .source = GPU_SWITCHES },
    { "--disable-accelerated-2d-canvas", "canvas is painted by the CPU", VALUE_NONE,
      .allowed = true, .source = CONTENT_SWITCHES },
    { "--disable-accelerated-video-decode", "video is decoded by the CPU", VALUE_NONE,
      .allowed = true, .source = CONTENT_SWITCHES },
    { "--disable-gpu-memory-buffer-video-frames", "decoded frames are not put into GPU buffers",
      VALUE_NONE, .allowed = true, .source = CONTENT_SWITCHES },
    { "--disable-webgl", "no WebGL", VALUE_NONE, .allowed = true, .source = SETTINGS },
    { "--disable-3d-apis", "no WebGL", VALUE_NONE, .allowed = true, .source = CONTENT_SWITCHES },
    { "--disable-webgl2", "no WebGL 2", VALUE_NONE, .never = true,
      .why_not = "Qt overwrites it with its own setting; --disable_es3_gl_context does it",
      .source = SETTINGS },
    { "--disable_es3_gl_context", "no WebGL 2, WebGL 1 stays", VALUE_NONE, .allowed = true,
      .source = WORKAROUNDS },
    { "--disable_texture_storage", "no WebGL 2, with the ES3 line in the log (a test)", VALUE_NONE,
      .source = WORKAROUNDS },
    { "--disable-es3-gl-context", "contexts of OpenGL ES 2", VALUE_NONE, .never = true,
      .why_not = "without effect on desktop OpenGL; --disable_es3_gl_context does it",
      .source = GL_SWITCHES },
    { "--disable-es3-gl-context-for-testing", "no WebGL 2 (a test)", VALUE_NONE,
      .until = "6.8", .unsure_from = "6.5",
      .why_not = "Chromium dropped it before version 122", .source = GL_SWITCHES },
    { "--disable-es3-apis", "no WebGL 2", VALUE_NONE, .never = true,
      .why_not = "Chromium dropped it before version 87", .source = CONTENT_SWITCHES },
    { "--disable-software-rasterizer", "no SwiftShader", VALUE_NONE, .never = true,
      .why_not = "Qt builds have no SwiftShader to turn off", .source = CONTENT_SWITCHES },

    /* Lists and workarounds. */
    { "--ignore-gpu-blocklist", "the list of bad GPUs is not asked", VALUE_NONE, .allowed = true,
      .since = "5.15.3", .why_not = "it is called --ignore-gpu-blacklist before Chromium 86",
      .source = GPU_SWITCHES },
    { "--ignore-gpu-blacklist", "the list of bad GPUs is not asked", VALUE_NONE,
      .until = "6.4", .unsure_from = "6.2",
      .why_not = "it is called --ignore-gpu-blocklist now", .source = GPU_SWITCHES },
    { "--disable-gpu-driver-bug-workarounds", "no workarounds for drivers", VALUE_NONE,
      .allowed = true, .source = GPU_SWITCHES },
    { "--gpu-driver-bug-list-test-group", "entries for tests", VALUE_NUMBER,
      .source = GPU_SWITCHES },
    { "--gpu-blocklist-test-group", "entries for tests", VALUE_NUMBER,
      .since = "5.15.3", .why_not = "it has another name before Chromium 86",
      .source = GPU_SWITCHES },

    /* How OpenGL is reached. Wrong values end the engine at its start, so each has its own row. */
    { "--use-gl", "no OpenGL, no WebGL", VALUE_WORD, "disabled", true,
      .since = "6.7", .why_not = "Qt overwrites it up to 6.6", .source = CONTEXT },
    { "--use-gl", "OpenGL through ANGLE", VALUE_WORD, "angle", true,
      .since = "6.7", .why_not = "Qt overwrites it up to 6.6", .source = CONTEXT },
    { "--use-gl", "OpenGL of the system", VALUE_WORD, "desktop", true,
      .since = "6.7", .until = "6.10", .unsure_from = "6.9",
      .why_not = "Qt overwrites it up to 6.6 and refuses it from 6.10", .source = CONTEXT },
    { "--use-angle", "what ANGLE draws with", VALUE_WORD, "gl|gl-egl|vulkan", true,
      .since = "6.10", .unsure_from = "6.9",
      .why_not = "it breaks OpenGL on Linux where Qt does not render through ANGLE",
      .source = GL_SWITCHES },
    { "--enable-webgl-software-rendering", "the list of bad GPUs is not asked, no GPU raster",
      VALUE_NONE, .allowed = true, .since = "6.4",
      .why_not = "up to 6.3 Qt looks for it in the arguments of the app only", .source = CONTEXT },

    /* Bounds. None of them bounds what WebGL may use. */
    { "--force-gpu-mem-available-mb", "memory for tiles of the page", VALUE_NUMBER,
      .allowed = true, .source = GPU_SWITCHES },
    { "--max-active-webgl-contexts", "WebGL contexts of one renderer", VALUE_NUMBER,
      .allowed = true, .source = CONTENT_SWITCHES },
    { "--renderer-process-limit", "number of renderers", VALUE_NUMBER, .allowed = true,
      .source = CONTENT_SWITCHES },
    { "--process-per-site", "one renderer for all pages of a site", VALUE_NONE, .allowed = true,
      .source = CONTENT_SWITCHES },
    { "--enable-features", "features of Chromium", VALUE_LIST, FEATURES, true,
      .source = "base/base_switches.cc" },
    { "--disable-features", "features of Chromium", VALUE_LIST, FEATURES, true,
      .source = "base/base_switches.cc" },
    { "--js-flags", "garbage is collected at fixed times", VALUE_WORD, "--predictable-gc-schedule",
      true, .source = CONTENT_SWITCHES },

    /* Variables. */
    { "QT_QUICK_BACKEND", "Qt Quick draws by the CPU; no GPU for pages either", VALUE_WORD,
      "software", true, .source = CONTEXT },
    { "QT_OPENGL", "software: no GPU for pages", VALUE_WORD, "software|desktop|angle", true,
      .since = "6.3", .until = "6.10", .unsure_from = "6.9",
      .why_not = "Qt WebEngine asks for it from 6.3 to 6.8 only", .source = CONTEXT },
    { "QT_QPA_PLATFORM", "X11 or Wayland", VALUE_WORD, "xcb|wayland", true,
      .source = "qtbase src/gui/kernel/qguiapplication.cpp" },
    { "QT_XCB_GL_INTEGRATION", "OpenGL on X11 by GLX or EGL", VALUE_WORD, "xcb_glx|xcb_egl", true,
      .source = "qtbase src/plugins/platforms/xcb/qxcbconnection.cpp" },
    { "QSG_RHI_BACKEND", "what Qt Quick draws with", VALUE_WORD, "opengl|vulkan", true,
      .since = "6.5.1", .why_not = "no effect on Qt WebEngine before 6.5.1", .source = CONTEXT },
    { "QTWEBENGINE_FORCE_USE_GBM", "buffers shared through GBM or not", VALUE_WORD, "0|1", true,
      .since = "6.10", .unsure_from = "6.9", .why_not = "Qt WebEngine knows it from 6.10 on",
      .source = CONTEXT },
    { "QTWEBENGINE_DISABLE_GPU_THREAD", "the main thread does the GPU's work", VALUE_WORD, "1",
      true, .since = "5.15.2", .until = "6.7",
      .why_not = "Qt WebEngine asks for it from 5.15.2 to 6.6 only", .source = CONTEXT },
    { "LIBGL_ALWAYS_SOFTWARE", "Mesa draws by the CPU", VALUE_WORD, "1", true,
      .source = "https://docs.mesa3d.org/envvars.html" },
};

/* What nobody's profile may bring in; a '*' at the end stands for any rest. */
static const struct {
    const char *name;
    const char *why;
} refused[] = {
#define RUNS "it runs programs or loads libraries"
    { "--renderer-cmd-prefix", RUNS },
    { "--zygote-cmd-prefix", RUNS },
    { "--utility-cmd-prefix", RUNS },
    { "--gpu-launcher", RUNS },
    { "--ppapi-plugin-launcher", RUNS },
    { "--browser-subprocess-path", RUNS },
    { "--test-gl-lib", RUNS },
    { "--mojo-core-library-path", RUNS },
    { "--register-pepper-plugins", RUNS },
    { "--ppapi-flash-path", RUNS },
    { "--widevine-path", RUNS },
    { "--load-extension", RUNS },
    { "--wait-for-debugger*", "it stops the process until a debugger comes" },
    { "--js-flags", "of its values only --predictable-gc-schedule is harmless" },
    { "QTWEBENGINEPROCESS_PATH", RUNS },
    { "QTWEBENGINE_RESOURCES_PATH", "it replaces the engine's own files" },
    { "QTWEBENGINE_LOCALES_PATH", "it replaces the engine's own files" },
    { "QTWEBENGINE_DICTIONARIES_PATH", "it replaces the engine's own files" },
    { "LD_*", RUNS },
    { "QT_PLUGIN_PATH", RUNS },
    { "QT_QPA_PLATFORM_PLUGIN_PATH", RUNS },
    { "QML_IMPORT_PATH", RUNS },
    { "QML2_IMPORT_PATH", RUNS },
    { "LIBGL_DRIVERS_PATH", RUNS },
    { "VK_*", RUNS },
    { "__EGL_*", RUNS },
#define OPENS "it takes protection from the user"
    { "--no-sandbox", OPENS },
    { "--disable-setuid-sandbox", OPENS },
    { "--disable-seccomp-filter-sandbox", OPENS },
    { "--disable-namespace-sandbox", OPENS },
    { "--disable-gpu-sandbox", OPENS },
    { "--no-zygote*", OPENS },
    { "--single-process", OPENS },
    { "--disable-web-security", OPENS },
    { "--disable-site-isolation-trials", OPENS },
    { "--disable-kill-after-bad-ipc", OPENS },
    { "--allow-file-access*", OPENS },
    { "--allow-running-insecure-content", OPENS },
    { "--unsafely-treat-insecure-origin-as-secure", OPENS },
    { "--enable-blink-features", OPENS },
    { "--disable-blink-features", OPENS },
    { "QTWEBENGINE_DISABLE_SANDBOX", OPENS },
#define NETWORK "it changes where data goes, or who may read it"
    { "--remote-debugging-*", NETWORK },
    { "--remote-allow-origins", NETWORK },
    { "--proxy-*", NETWORK },
    { "--host-rules", NETWORK },
    { "--host-resolver-rules", NETWORK },
    { "--ignore-certificate-errors*", NETWORK },
    { "--allow-insecure-localhost", NETWORK },
    { "--disable-webrtc-encryption", NETWORK },
    { "--ssl-key-log-file", NETWORK },
    { "--log-net-log", NETWORK },
    { "--auth-server-*", NETWORK },
    { "--auth-negotiate-*", NETWORK },
    { "QTWEBENGINE_REMOTE_DEBUGGING", NETWORK },
    { "SSLKEYLOGFILE", NETWORK },
#define WRITES "it writes files"
    { "--log-file", WRITES },
    { "--trace-*", WRITES },
    { "--profiling-*", WRITES },
    { "--disk-cache-dir", WRITES },
    { "--user-data-dir", WRITES },
    { "--crash-dumps-dir", WRITES },
    { "--webrtc-event-logging", WRITES },
#define LIES "it tells the engine another GPU than there is"
    { "--gpu-vendor-id", LIES },
    { "--gpu-device-id", LIES },
    { "--gpu-driver-version", LIES },
    { "QTWEBENGINE_CHROMIUM_FLAGS", "switches are written one by one" },
};
/* clang-format on */

const struct rung *rungs_builtin(size_t *out_count)
{
    *out_count = ROWS(rungs);
    return rungs;
}

int rung_width(const char *name)
{
    for (size_t i = 0; i < ROWS(rungs); i++) {
        if (strcmp(rungs[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

const struct rung *rung_find(const char *name)
{
    int width = rung_width(name);
    return width < 0 ? NULL : &rungs[width];
}

/* Is the value one of the words? */
static bool has_word(const char *words, const char *value, size_t length)
{
    while (words && *words) {
        size_t word = strcspn(words, "|");
        if (word == length && memcmp(words, value, length) == 0)
            return true;
        words += word + (words[word] == '|');
    }
    return false;
}

/* Row of a name; where a name has several rows, the one that knows the value. */
static const struct catalogue_row *row_find(const char *name, size_t length, const char *value)
{
    const struct catalogue_row *found = NULL;
    for (size_t i = 0; i < ROWS(catalogue); i++) {
        const struct catalogue_row *row = &catalogue[i];
        if (strlen(row->name) != length || memcmp(row->name, name, length) != 0)
            continue;
        if (value && row->grammar == VALUE_WORD && has_word(row->words, value, strlen(value)))
            return row;
        found = found ? found : row;
    }
    return found;
}

/* -1 before a bound, 0 where nobody looked, 1 at or after it. */
static int bound_side(const char *bound, const char *unsure_from, const char *qt)
{
    if (version_compare(qt, bound) >= 0)
        return 1;
    return unsure_from && version_compare(unsure_from, bound) < 0
                   && version_compare(qt, unsure_from) >= 0
               ? 0
               : -1;
}

static enum truth row_honoured(const struct catalogue_row *row, const char *qt)
{
    if (row->never)
        return TRUTH_NO;
    if (!row->since && !row->until)
        return TRUTH_YES;
    if (!qt)
        return TRUTH_UNKNOWN;
    /* Where both bounds are given, nobody looked right before the upper one. */
    int since = row->since ? bound_side(row->since, row->until ? NULL : row->unsure_from, qt) : 1;
    int until = row->until ? bound_side(row->until, row->unsure_from, qt) : -1;
    if (since < 0 || until > 0)
        return TRUTH_NO;
    return since == 0 || until == 0 ? TRUTH_UNKNOWN : TRUTH_YES;
}

enum truth switch_honoured(const char *what, const char *qt, const char **out_why)
{
    size_t length = strcspn(what, "=");
    const struct catalogue_row *row = row_find(what, length,
                                               what[length] ? what + length + 1 : NULL);
    enum truth honoured = row ? row_honoured(row, qt) : TRUTH_UNKNOWN;
    if (out_why && honoured != TRUTH_YES)
        *out_why = row && row->why_not ? row->why_not : "it is not in the catalogue";
    return honoured;
}

static const char *refusal(const char *name, size_t length)
{
    for (size_t i = 0; i < ROWS(refused); i++) {
        size_t known = strlen(refused[i].name);
        bool any_rest = refused[i].name[known - 1] == '*';
        if (any_rest ? length >= known - 1 && memcmp(refused[i].name, name, known - 1) == 0
                     : length == known && memcmp(refused[i].name, name, known) == 0)
            return refused[i].why;
    }
    return NULL;
}

static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~' || *text == '"')
            return false;
    }
    return true;
}

static bool value_is_in(const struct catalogue_row *row, const char *value)
{
    if (row->grammar == VALUE_NONE)
        return !value;
    if (!value || !*value)
        return false;
    size_t length = strlen(value);
    if (row->grammar == VALUE_NUMBER)
        return strspn(value, "0123456789") == length && length <= DIGITS_MAX;
    if (row->grammar == VALUE_WORD)
        return has_word(row->words, value, length);
    while (true) {
        length = strcspn(value, ",");
        if (!has_word(row->words, value, length))
            return false;
        if (!value[length])
            return true;
        value += length + 1;
    }
}

/* Why a switch is dangerous, however it is spelled: white space around it, one dash, a value. */
static const char *switch_refusal(const char *item)
{
    char name[128];
    item += strspn(item, " \t\n\v\f\r");
    item += strspn(item, "-");
    int length = snprintf(name, sizeof name, "--%.*s", (int)strcspn(item, "= \t\n\v\f\r"), item);
    return length < 0 || (size_t)length >= sizeof name ? NULL : refusal(name, (size_t)length);
}

int switch_allow(const char *item, struct err *err)
{
    size_t length = strcspn(item, "=");
    const char *value = item[length] ? item + length + 1 : NULL;
    const struct catalogue_row *row = row_find(item, length, value);
    bool is_switch = item[0] == '-' && item[1] == '-';
    if (is_switch && row && row->allowed && is_plain(item) && value_is_in(row, value))
        return 0;
    const char *why = switch_refusal(item);
    if (why)
        return err_set(err, ERR_DATA, "'%s' is refused: %s", item, why);
    if (!is_switch)
        return err_set(err, ERR_DATA, "'%s' is no switch (write it with two dashes)", item);
    if (!is_plain(item))
        return err_set(err, ERR_DATA,
                       "'%s' holds a space, a quotation mark or a character that cannot be printed",
                       item);
    if (row && row->never)
        return err_set(err, ERR_DATA, "'%s' does nothing: %s", item, row->why_not);
    if (!row || !row->allowed)
        return err_set(err, ERR_DATA,
                       "'%s' is not on the list of switches that a profile may write", item);
    if (row->grammar == VALUE_NONE)
        return err_set(err, ERR_DATA, "'%.*s' takes no value", (int)length, item);
    return err_set(err, ERR_DATA, "'%s' has a value that is not allowed (%s)", item,
                   row->grammar == VALUE_NUMBER ? "a number" : row->words);
}

int variable_allow(const char *name, const char *value, struct err *err)
{
    const struct catalogue_row *row = row_find(name, strlen(name), value);
    bool is_variable = name[0] != '-';
    const char *why = is_variable ? refusal(name, strlen(name)) : NULL;
    if (why)
        return err_set(err, ERR_DATA, "%s is refused: %s", name, why);
    if (!is_variable || !row || !row->allowed)
        return err_set(err, ERR_DATA, "'%s' is not on the list of variables that a profile may set",
                       name);
    if (!is_plain(value) || !value_is_in(row, value))
        return err_set(err, ERR_DATA, "%s has a value that is not allowed: '%s' (%s)", name, value,
                       row->words);
    return 0;
}
