/* The catalogue: switches of Chromium and Qt that change what the GPU does, tell more about it, or
 * are said to. Effects were tested on Qt 5.15.13 and 6.4.2 where the rungs use them; bounds come
 * from the sources of the versions named. */
#include "engine/catalogue_private.h"

#include <stddef.h>

#include "base/macros.h"

/* Names of features that only concern drawing and video. */
#define FEATURES                                                                                   \
    "Vulkan|VulkanFromANGLE|DefaultANGLEVulkan|UseSkiaRenderer|CanvasOopRasterization|"            \
    "VaapiVideoDecoder|VaapiVideoDecodeLinuxGL|VaapiVideoEncoder|AcceleratedVideoDecodeLinuxGL|"   \
    "AcceleratedVideoDecoder|AcceleratedVideoEncoder|UseChromeOSDirectVideoDecoder|"               \
    "UseMultiPlaneFormatForHardwareVideo|UseMultiPlaneFormatForSoftwareVideo"
/* Features that keep sites and processes apart. Source: content_features.cc, sandbox features. */
#define PROTECTING                                                                                 \
    "IsolateOrigins|site-per-process|SitePerProcess|StrictOriginIsolation|"                        \
    "IsolateSandboxedIframes|"                                                                     \
    "NetworkServiceSandbox|BlockInsecurePrivateNetworkRequests|SameSiteByDefaultCookies"
#define OVERWRITTEN "Qt overwrites it up to 6.6"
#define OZONE "ui/ozone/platform_selection.cc"
#define NO_SWIFTSHADER "Qt builds have no SwiftShader"
#define ES3_OFF "--disable_es3_gl_context turns WebGL 2 off"

/* clang-format off */
static const struct catalogue_row rows[] = {
    /* Switches that take something away from the GPU. */
    { "--disable-gpu", "no GPU: software compositing, no WebGL", VALUE_NONE,
      .allowed = true, .cost = "WebGL, hardware video, all use of the GPU",
      .better = "--disable-gpu-compositing or a narrower rung keeps WebGL",
      .source = SWITCHES_CONTENT },
    { "--disable-gpu-compositing", "pages are put together by the CPU; WebGL stays", VALUE_NONE,
      .allowed = true, .cost = "smooth scrolling", .source = SWITCHES_CONTENT },
    { "--disable-gpu-rasterization", "pages are painted by the CPU", VALUE_NONE,
      .allowed = true, .cost = "speed of painting", .source = SWITCHES_GPU },
    { "--disable-accelerated-2d-canvas", "canvas is painted by the CPU", VALUE_NONE,
      .allowed = true, .cost = "speed of canvas", .source = SWITCHES_CONTENT },
    { "--disable-accelerated-video-decode", "video is decoded by the CPU", VALUE_NONE,
      .allowed = true, .cost = "hardware video decoding", .source = SWITCHES_CONTENT },
    { "--disable-gpu-memory-buffer-video-frames", "decoded frames are not put into GPU buffers",
      VALUE_NONE, .allowed = true, .cost = "video without copies", .source = SWITCHES_CONTENT },
    { "--disable-webgl", "no WebGL", VALUE_NONE, .allowed = true, .cost = "WebGL",
      .source = QT_SETTINGS },
    { "--disable-3d-apis", "no WebGL", VALUE_NONE, .allowed = true, .cost = "WebGL",
      .source = SWITCHES_CONTENT },
    { "--disable-webgl2", "no WebGL 2", VALUE_NONE, .class = CLASS_STALE, .never = true,
      .why_not = "Qt overwrites it with its own setting; --disable_es3_gl_context does it",
      .better = ES3_OFF, .source = QT_SETTINGS },
    { "--disable_es3_gl_context", "no WebGL 2, WebGL 1 stays", VALUE_ON_OFF, .allowed = true,
      .cost = "WebGL 2", .source = WORKAROUND_NAMES },
    { "--disable_d3d11", "no Direct3D 11; WebGL 2 counts as blocklisted everywhere", VALUE_ON_OFF,
      .cost = "WebGL 2", .better = ES3_OFF, .source = WORKAROUND_NAMES },
    { "--disable_texture_storage", "no WebGL 2, with the ES3 line in the log", VALUE_ON_OFF,
      .class = CLASS_DIAGNOSIS, .cost = "WebGL 2", .better = ES3_OFF, .source = WORKAROUND_NAMES },
    { "--disable-es3-gl-context", "contexts of OpenGL ES 2", VALUE_NONE, .class = CLASS_STALE,
      .never = true,
      .why_not = "without effect on desktop OpenGL; --disable_es3_gl_context does it",
      .better = ES3_OFF, .source = SWITCHES_GL },
    { "--disable-es3-gl-context-for-testing", "no WebGL 2, with the ES3 line in the log",
      VALUE_NONE, .class = CLASS_DIAGNOSIS, .until = "6.8", .unsure_from = "6.5",
      .chromium_until = "122", .why_not = "Chromium dropped it before version 122",
      .cost = "WebGL 2", .better = ES3_OFF, .source = SWITCHES_GL },
    { "--disable-es3-apis", "no WebGL 2", VALUE_NONE, .class = CLASS_STALE, .never = true,
      .chromium_until = "87", .why_not = "Chromium dropped it before version 87",
      .better = ES3_OFF, .source = SWITCHES_CONTENT },
    { "--disable-webgl-image-chromium", "the drawing buffer of WebGL is no scan-out image",
      VALUE_NONE, .class = CLASS_STALE,
      .better = "it concerns no video texture; --disable-webgl stops a WebGL leak",
      .source = SWITCHES_CONTENT },
    { "--enable-webgl-draft-extensions", "draft extensions such as WEBGL_video_texture",
      VALUE_NONE, .class = CLASS_DIAGNOSIS, .cost = "extensions that are not finished",
      .source = SWITCHES_CONTENT },
    { "--disable-renderer-accessibility", "no accessibility tree in renderers", VALUE_NONE,
      .cost = "screen readers",
      .source = "https://github.com/jellyfin/jellyfin-desktop/issues/842" },
    { "--disable-vulkan", "no Vulkan", VALUE_NONE, .class = CLASS_STALE, .never = true,
      .why_not = "Chromium has no such switch", .better = "--disable-features=Vulkan",
      .source = "https://github.com/rafatosta/zapzap/issues/499" },
    { "--disable-direct-composition", "no DirectComposition on Windows", VALUE_NONE,
      .class = CLASS_STALE, .never = true, .why_not = "without effect outside Windows",
      .better = "--disable-gpu-compositing", .source = SWITCHES_GL },

    /* SwiftShader: advice from Chrome that means nothing here. */
    { "--disable-software-rasterizer", "no SwiftShader", VALUE_NONE, .class = CLASS_STALE,
      .never = true, .why_not = "Qt builds have no SwiftShader to turn off",
      .better = "leave it out; --disable-gpu alone does the same",
      .source = "https://github.com/frescobaldi/frescobaldi/pull/2016" },
    { "--enable-unsafe-swiftshader", "SwiftShader draws WebGL", VALUE_NONE, .class = CLASS_STALE,
      .never = true, .chromium_since = "133", .why_not = NO_SWIFTSHADER,
      .better = "take --disable-gpu away where WebGL is wanted",
      .source = "https://github.com/keshavbhatt/whatsie/pull/334" },
    { "--enable-gpu-rasterization", "pages are painted by the GPU", VALUE_NONE,
      .class = CLASS_STALE, .better = "it is on wherever the GPU is good for it; leave it out",
      .source = "https://github.com/qutebrowser/qutebrowser/issues/7398" },

    /* Lists and workarounds. */
    { "--ignore-gpu-blocklist", "the list of bad GPUs is not asked", VALUE_NONE, .allowed = true,
      .since = "5.15.3", .chromium_since = "86",
      .why_not = "it is called --ignore-gpu-blacklist before Chromium 86",
      .cost = "protection from drivers known to crash", .source = SWITCHES_GPU },
    { "--ignore-gpu-blacklist", "the list of bad GPUs is not asked", VALUE_NONE,
      .class = CLASS_STALE, .until = "6.4", .unsure_from = "6.2", .chromium_until = "102",
      .why_not = "it is called --ignore-gpu-blocklist now",
      .cost = "protection from drivers known to crash",
      .better = "--ignore-gpu-blocklist from Qt 5.15.3 on", .source = SWITCHES_GPU },
    { "--disable-gpu-driver-bug-workarounds", "no workarounds for drivers", VALUE_NONE,
      .allowed = true, .cost = "protection from known bugs of drivers",
      .better = "--NAME_OF_WORKAROUND=0 turns off a single one", .source = SWITCHES_GPU },
    { "--gpu-driver-bug-list-test-group", "entries for tests; 3 gives the ES3 line", VALUE_NUMBER,
      .class = CLASS_DIAGNOSIS, .source = SWITCHES_GPU },
    { "--gpu-blocklist-test-group", "entries for tests", VALUE_NUMBER, .class = CLASS_DIAGNOSIS,
      .since = "5.15.3", .chromium_since = "86",
      .why_not = "it has another name before Chromium 86", .source = SWITCHES_GPU },
    { "--gpu-blacklist-test-group", "entries for tests", VALUE_NUMBER, .class = CLASS_STALE,
      .until = "5.15.3", .chromium_until = "86",
      .why_not = "it is called --gpu-blocklist-test-group now",
      .better = "--gpu-blocklist-test-group", .source = SWITCHES_GPU },

    /* How OpenGL is reached. Wrong values end the engine at its start, so each has its own row. */
    { "--use-gl", "no OpenGL, no WebGL", VALUE_WORD, "disabled", .allowed = true,
      .since = "6.7", .why_not = OVERWRITTEN, .cost = "WebGL, all use of the GPU",
      .source = QT_CONTEXT },
    { "--use-gl", "OpenGL through ANGLE", VALUE_WORD, "angle", .allowed = true,
      .since = "6.7", .why_not = OVERWRITTEN, .source = QT_CONTEXT },
    { "--use-gl", "OpenGL of the system", VALUE_WORD, "desktop", .allowed = true,
      .since = "6.7", .until = "6.10", .unsure_from = "6.9",
      .why_not = "Qt overwrites it up to 6.6 and refuses it from 6.10",
      .breaks_since = "6.10", .breaks = "Qt 6.10 takes angle and disabled only and ends the "
      "application at its start", .better = "leave it out", .source = QT_CONTEXT },
    { "--use-gl", "OpenGL ES of the system, or SwiftShader", VALUE_WORD, "egl|swiftshader",
      .class = CLASS_STALE, .never = true, .why_not = OVERWRITTEN,
      .breaks_since = "6.7", .breaks = "Qt 6.7 and later end the application at its start",
      .better = "leave it out; QT_XCB_GL_INTEGRATION=xcb_egl gives EGL on X11",
      .source = "https://github.com/rafatosta/zapzap/issues/856" },
    { "--use-gl", "another way to OpenGL", VALUE_ANY, .class = CLASS_STALE, .never = true,
      .why_not = OVERWRITTEN, .breaks_since = "6.10",
      .breaks = "Qt 6.10 takes angle and disabled only and ends the application at its start",
      .better = "leave it out", .source = QT_CONTEXT },
    { "--use-angle", "what ANGLE draws with", VALUE_WORD, "gl|gl-egl|vulkan", .allowed = true,
      .since = "6.10", .unsure_from = "6.9",
      .why_not = "it breaks OpenGL on Linux where Qt does not render through ANGLE",
      .breaks_until = "6.7",
      .breaks = "up to Qt 6.6 there is no OpenGL any more on Linux, or the application crashes",
      .better = "leave it out", .source = SWITCHES_GL },
    { "--use-angle", "what ANGLE draws with, on Windows", VALUE_ANY, .never = true,
      .class = CLASS_STALE, .why_not = "it is for Windows or macOS",
      .breaks_until = "6.7",
      .breaks = "up to Qt 6.6 there is no OpenGL any more on Linux, or the application crashes",
      .better = "leave it out on Linux", .source = "https://github.com/Slicer/Slicer/pull/9174" },
    { "--enable-webgl-software-rendering", "the list of bad GPUs is not asked, no GPU raster",
      VALUE_NONE, .allowed = true, .since = "6.4",
      .why_not = "up to 6.3 Qt looks for it in the arguments of the app only",
      .cost = "protection from drivers known to crash", .source = QT_CONTEXT },
    { "--render-node-override", "the device of the GPU to draw with, where buffers go through GBM",
      VALUE_ANY, .better = "DRI_PRIME chooses the GPU for Qt and the engine alike",
      .source = "https://github.com/rafatosta/zapzap/issues/790" },
    { "--ozone-platform", "the platform of Qt, which Qt WebEngine takes anyway", VALUE_WORD, "qt",
      .class = CLASS_STALE, .better = "leave it out", .source = OZONE },
    { "--ozone-platform", "X11 or Wayland, in Chrome", VALUE_ANY, .class = CLASS_STALE,
      .never = true, .why_not = "in Qt WebEngine the platform is Qt's",
      .breaks = "the engine knows no platform but qt and ends the application at its start "
      "(tried: 5.15.13, 6.4.2)", .better = "QT_QPA_PLATFORM=xcb or wayland", .source = OZONE },
    { "--create-default-gl-context", "contexts without a profile; Qt adds it itself", VALUE_NONE,
      .class = CLASS_DIAGNOSIS, .source = QT_CONTEXT },
    { "--use-adapter-luid", "the adapter on Windows; Qt adds it itself", VALUE_ANY,
      .class = CLASS_DIAGNOSIS, .source = QT_CONTEXT },

    /* There is no GPU process to start, crash or watch. */
    { "--in-process-gpu", "the GPU service in the application", VALUE_NONE, .class = CLASS_STALE,
      .better = "leave it out: Qt does it always", .source = QT_CONTEXT },
    { "--disable-gpu-process-crash-limit", "the GPU process may crash any number of times",
      VALUE_NONE, .class = CLASS_STALE, .never = true,
      .why_not = "Qt WebEngine has no GPU process",
      .better = "qwguard run restarts the application",
      .source = SWITCHES_GPU },
    { "--disable-gpu-watchdog", "nothing ends a GPU that hangs", VALUE_NONE, .class = CLASS_STALE,
      .never = true, .why_not = "Qt WebEngine has no GPU process",
      .better = "leave it out", .source = SWITCHES_GPU },
    { "--disable-gpu-early-init", "the GPU starts later; Qt adds it itself", VALUE_NONE,
      .class = CLASS_DIAGNOSIS, .source = QT_CONTEXT },

    /* Bounds. None of them bounds what WebGL may use. */
    { "--force-gpu-mem-available-mb", "memory for tiles of the page; does not bound WebGL",
      VALUE_NUMBER, .allowed = true, .cost = "speed of large pages", .source = SWITCHES_GPU },
    { "--gpu-program-cache-size-kb", "memory for compiled shaders", VALUE_NUMBER,
      .class = CLASS_STALE, .better = "it bounds no textures; see the rungs",
      .source = SWITCHES_GPU },
    { "--max-active-webgl-contexts", "WebGL contexts of one renderer", VALUE_NUMBER,
      .allowed = true, .cost = "the oldest contexts of pages with many",
      .source = SWITCHES_CONTENT },
    { "--renderer-process-limit", "number of renderers", VALUE_NUMBER, .allowed = true,
      .cost = "a crash takes more pages with it", .source = SWITCHES_CONTENT },
    { "--process-per-site", "one renderer for all pages of a site", VALUE_NONE, .allowed = true,
      .cost = "a crash takes more pages with it", .source = SWITCHES_CONTENT },
    { "--enable-features", "features of Chromium", VALUE_LIST, FEATURES, .allowed = true,
      .source = SWITCHES_BASE },
    { "--enable-features", "sharing of screens through PipeWire", VALUE_LIST,
      "WebRTCPipeWireCapturer", .source = SWITCHES_BASE },
    { "--disable-features", "features of Chromium", VALUE_LIST, FEATURES, .allowed = true,
      .source = SWITCHES_BASE },
    { "--disable-features", "GPUs without OpenGL ES 3 are used all the same", VALUE_LIST,
      "FallbackToSWIfGLES3NotSupported",
      .source = "https://github.com/RPi-Distro/chromium/issues/60" },
    { "--disable-features", "sites are not kept apart", VALUE_LIST, PROTECTING,
      .class = CLASS_DANGEROUS, .refuse = OPENS,
      .source = "content/public/common/content_features.cc" },
    { "--js-flags", "garbage is collected at fixed times", VALUE_WORD, "--predictable-gc-schedule",
      .allowed = true, .cost = "speed of scripts", .source = SWITCHES_CONTENT },

    /* Reading what the engine says. */
    { "--enable-logging", "the engine's log", VALUE_ANY, .class = CLASS_DIAGNOSIS,
      .source = SWITCHES_CONTENT },
    { "--log-level", "which lines of the log are written", VALUE_NUMBER, .class = CLASS_DIAGNOSIS,
      .source = SWITCHES_CONTENT },
    { "--v", "more lines in the log", VALUE_NUMBER, .class = CLASS_DIAGNOSIS,
      .source = SWITCHES_BASE },
    { "--vmodule", "more lines in the log, by file", VALUE_ANY, .class = CLASS_DIAGNOSIS,
      .source = SWITCHES_BASE },
    { "--enable-automation", "DevTools tell the command line", VALUE_NONE,
      .class = CLASS_DIAGNOSIS, .source = SWITCHES_CONTENT },
};
/* clang-format on */

const struct catalogue_part catalogue_switches = { rows, ROWS(rows) };
