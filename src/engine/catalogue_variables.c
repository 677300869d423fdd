/* The catalogue: variables of Qt, Qt WebEngine, Mesa and the dynamic linker that decide what the
 * engine does, tell more, or do harm. All that decide are looked at by machine/probe.c (a test
 * compares). */
#include "engine/catalogue_private.h"

#include <stddef.h>

#include "base/macros.h"

#define MESA "https://docs.mesa3d.org/envvars.html"
#define QTGUI "qtbase src/gui/kernel/qguiapplication.cpp"
#define QTQUICK "https://doc.qt.io/qt-6/qtquick-visualcanvas-scenegraph-renderer.html"
#define LOADER "https://man7.org/linux/man-pages/man8/ld.so.8.html"
#define GLVND "https://github.com/NVIDIA/libglvnd"
#define NVIDIA "README of NVIDIA's driver for Linux, chapter PRIME Render Offload"
#define FILES "it replaces the engine's own files"
#define SOFTWARE_COST "WebGL, hardware video, all use of the GPU"
/* clang-format off */
#define DANGER(variable, does, why, ...)                                                           \
    { variable, does, VALUE_ANY, .class = CLASS_DANGEROUS, .refuse = why, .source = __VA_ARGS__ }

static const struct catalogue_row rows[] = {
    /* What Qt and Qt WebEngine decide by. */
    { "QTWEBENGINE_CHROMIUM_FLAGS", "switches; set, even to nothing, it replaces those in the "
      "arguments", VALUE_ANY, .refuse = "switches are written one by one", .source = QT_CONTEXT },
    { "QT_QUICK_BACKEND", "Qt Quick draws by the CPU; no GPU for pages either", VALUE_WORD,
      "software", .allowed = true, .cost = SOFTWARE_COST, .source = QT_CONTEXT },
    { "QT_QUICK_BACKEND", "what Qt Quick draws with", VALUE_ANY, .source = QTQUICK },
    { "QMLSCENE_DEVICE", "older name of QT_QUICK_BACKEND", VALUE_ANY, .class = CLASS_STALE,
      .cost = SOFTWARE_COST, .better = "QT_QUICK_BACKEND", .source = QT_CONTEXT },
    { "QT_OPENGL", "software: no GPU for pages", VALUE_WORD, "software|desktop|angle",
      .allowed = true, .since = "6.3", .until = "6.10", .unsure_from = "6.9",
      .why_not = "Qt WebEngine asks for it from 6.3 to 6.8 only", .cost = SOFTWARE_COST,
      .source = QT_CONTEXT },
    { "QT_QPA_PLATFORM", "X11 or Wayland", VALUE_WORD, "xcb|wayland", .allowed = true,
      .source = QTGUI },
    { "QT_QPA_PLATFORM", "another platform of Qt", VALUE_ANY, .source = QTGUI },
    { "QT_XCB_GL_INTEGRATION", "OpenGL on X11 by GLX or EGL", VALUE_WORD, "xcb_glx|xcb_egl",
      .allowed = true, .source = "qtbase src/plugins/platforms/xcb/qxcbconnection.cpp" },
    { "QT_XCB_GL_INTEGRATION", "no OpenGL on X11", VALUE_WORD, "none", .class = CLASS_STALE,
      .cost = SOFTWARE_COST, .breaks_since = "6.4", .breaks_until = "6.5",
      .breaks = "Qt 6.4 crashes at its start", .better = "QT_QUICK_BACKEND=software",
      .source = "qtbase src/plugins/platforms/xcb/qxcbconnection.cpp" },
    { "QSG_RHI_BACKEND", "what Qt Quick draws with", VALUE_WORD, "opengl|vulkan", .allowed = true,
      .since = "6.5.1", .why_not = "no effect on Qt WebEngine before 6.5.1",
      .source = QT_CONTEXT },
    { "QSG_RHI_PREFER_SOFTWARE_RENDERER", "Qt Quick takes a software adapter", VALUE_ANY,
      .cost = SOFTWARE_COST, .source = QTQUICK },
    { "QT_VULKAN_DEVICE_EXTENSIONS", "extensions that Qt asks Vulkan for", VALUE_ANY,
      .class = CLASS_DIAGNOSIS, .source = QT_CONTEXT },
    { "QTWEBENGINE_FORCE_USE_GBM", "buffers shared through GBM or not", VALUE_WORD, "0|1",
      .allowed = true, .since = "6.10", .unsure_from = "6.9",
      .why_not = "Qt WebEngine knows it from 6.10 on", .cost = "0: video without copies",
      .source = QT_CONTEXT },
    { "QTWEBENGINE_DISABLE_GPU_THREAD", "the main thread does the GPU's work", VALUE_WORD, "1",
      .allowed = true, .since = "5.15.2", .until = "6.7",
      .why_not = "Qt WebEngine asks for it from 5.15.2 to 6.6 only",
      .breaks_since = "6.4", .breaks_until = "6.5",
      .breaks = "Qt 6.4 freezes before the first paint", .cost = "smooth drawing",
      .source = QT_CONTEXT },
    { "QT_WEBENGINE_DISABLE_NOUVEAU_WORKAROUND", "the GPU is used with nouveau", VALUE_ANY,
      .class = CLASS_STALE, .never = true,
      .why_not = "no Qt knows it; a patch of some distributions does",
      .better = "leave it out", .source = "https://github.com/NixOS/nixpkgs/issues/20580" },
    { "EGL_PLATFORM", "EGL displays of Wayland for NVIDIA's driver", VALUE_WORD, "wayland",
      .allowed = true, .until = "6.10", .why_not = "Qt WebEngine does it itself from 6.10 on",
      .source = "https://github.com/qutebrowser/qutebrowser/issues/8624" },
    { "EGL_PLATFORM", "kind of EGL displays where none is asked for", VALUE_ANY, .source = MESA },

    /* What drivers decide by. */
    { "LIBGL_ALWAYS_SOFTWARE", "Mesa draws by the CPU", VALUE_WORD, "1", .allowed = true,
      .cost = SOFTWARE_COST, .source = MESA },
    { "LIBGL_ALWAYS_SOFTWARE", "Mesa draws by the CPU", VALUE_ANY, .cost = SOFTWARE_COST,
      .source = MESA },
    { "LIBGL_ALWAYS_INDIRECT", "OpenGL through the X server", VALUE_ANY, .class = CLASS_STALE,
      .cost = SOFTWARE_COST, .better = "leave it out: Chromium refuses indirect rendering",
      .source = MESA },
    { "GALLIUM_DRIVER", "which driver of Mesa draws", VALUE_ANY, .source = MESA },
    { "MESA_LOADER_DRIVER_OVERRIDE", "which driver of Mesa is loaded", VALUE_ANY,
      .source = "https://github.com/rafatosta/zapzap/issues/499" },
    { "MESA_GL_VERSION_OVERRIDE", "Mesa tells another version of OpenGL", VALUE_ANY,
      .class = CLASS_DIAGNOSIS, .source = MESA },
    { "MESA_GLES_VERSION_OVERRIDE", "Mesa tells another version of OpenGL ES", VALUE_ANY,
      .class = CLASS_DIAGNOSIS, .source = MESA },
    { "MESA_EXTENSION_OVERRIDE", "Mesa tells other extensions", VALUE_ANY,
      .class = CLASS_DIAGNOSIS, .source = MESA },
    { "DRI_PRIME", "which GPU draws, with Mesa", VALUE_ANY, .source = MESA },
    { "GBM_BACKEND", "which library allocates buffers", VALUE_ANY, .source = NVIDIA },
    { "__GLX_VENDOR_LIBRARY_NAME", "whose OpenGL is used on X11", VALUE_ANY, .source = GLVND },
    { "__NV_PRIME_RENDER_OFFLOAD", "the NVIDIA GPU draws", VALUE_ANY, .source = NVIDIA },

    /* Reading what the engine says. */
    { "QT_LOGGING_RULES", "qt.webenginecontext.debug=true prints what Qt decided, and the switches",
      VALUE_ANY, .class = CLASS_DIAGNOSIS, .since = "6.2", .why_not = "Qt 5 prints nothing of it",
      .source = "https://doc.qt.io/qt-6/qloggingcategory.html" },

    DANGER("QTWEBENGINE_DISABLE_SANDBOX", "any value is --no-sandbox",
           OPENS, QT_CONTEXT,
           .better = "let the system allow user namespaces; do not run it as root"),
    DANGER("QTWEBENGINE_REMOTE_DEBUGGING", "whoever connects controls all pages",
           NETWORK, QT_CONTEXT),
    DANGER("SSLKEYLOGFILE", "writes the keys of all connections",
           NETWORK,
           "services/network/public/cpp/network_switches.cc"),
    DANGER("QTWEBENGINEPROCESS_PATH", "another program for all helpers", RUNS,
           "qtwebengine src/core/web_engine_library_info.cpp"),
    DANGER("QTWEBENGINE_RESOURCES_PATH", "other resources", FILES,
           "qtwebengine src/core/web_engine_library_info.cpp"),
    DANGER("QTWEBENGINE_LOCALES_PATH", "other translations", FILES,
           "qtwebengine src/core/web_engine_library_info.cpp"),
    DANGER("QTWEBENGINE_DICTIONARIES_PATH", "other dictionaries", FILES,
           "qtwebengine src/core/web_engine_library_info.cpp"),
    DANGER("LD_PRELOAD", "loads libraries before all others", RUNS, LOADER),
    DANGER("LD_LIBRARY_PATH", "loads libraries from elsewhere", RUNS, LOADER),
    DANGER("LD_AUDIT", "loads libraries that see all others", RUNS, LOADER),
    DANGER("LD_*", "changes how libraries are loaded", RUNS, LOADER),
    DANGER("QT_PLUGIN_PATH", "loads plug-ins from elsewhere", RUNS, QTGUI),
    DANGER("QT_QPA_PLATFORM_PLUGIN_PATH", "loads plug-ins from elsewhere", RUNS, QTGUI),
    DANGER("QML_IMPORT_PATH", "loads modules from elsewhere", RUNS, QTGUI),
    DANGER("QML2_IMPORT_PATH", "loads modules from elsewhere", RUNS, QTGUI),
    DANGER("LIBGL_DRIVERS_PATH", "loads drivers from elsewhere", RUNS, MESA),
    DANGER("VK_ICD_FILENAMES", "loads drivers of Vulkan from elsewhere", RUNS,
           "https://github.com/KhronosGroup/Vulkan-Loader"),
    DANGER("VK_*", "changes how drivers of Vulkan are loaded", RUNS,
           "https://github.com/KhronosGroup/Vulkan-Loader"),
    DANGER("__EGL_VENDOR_LIBRARY_FILENAMES", "loads EGL from elsewhere", RUNS, GLVND),
    DANGER("__EGL_*", "changes how EGL is loaded", RUNS, GLVND),
};
/* clang-format on */

const struct catalogue_part catalogue_variables = { rows, ROWS(rows) };
