/* The parts of looking at a machine that are the same everywhere: which variables count, when the
 * cache may answer, and what the measured versions say together. */
#include "machine/probe.h"

#include "base/macros.h"
#include "machine/probe_private.h"
#include "platform/clock.h"
#include "platform/env.h"
#include "platform/file.h"

/* Variables that the decision of Qt, Chromium or the driver depends on. Sources: Qt WebEngine,
 * src/core/web_engine_context.cpp; https://doc.qt.io/qt-6/qguiapplication.html;
 * https://docs.mesa3d.org/envvars.html; the README of NVIDIA's driver for Linux. */
static const char *const variables[] = {
    "QTWEBENGINE_CHROMIUM_FLAGS",
    "QTWEBENGINE_DISABLE_GPU_THREAD",
    "QTWEBENGINE_DISABLE_SANDBOX",
    "QTWEBENGINE_FORCE_USE_GBM",
    "QT_WEBENGINE_DISABLE_NOUVEAU_WORKAROUND",
    "QT_QUICK_BACKEND",
    "QMLSCENE_DEVICE",
    "QT_OPENGL",
    "QT_QPA_PLATFORM",
    "QT_XCB_GL_INTEGRATION",
    "QSG_RHI_BACKEND",
    "QSG_RHI_PREFER_SOFTWARE_RENDERER",
    "QT_VULKAN_DEVICE_EXTENSIONS",
    "EGL_PLATFORM",
    "LIBGL_ALWAYS_SOFTWARE",
    "LIBGL_ALWAYS_INDIRECT",
    "GALLIUM_DRIVER",
    "MESA_LOADER_DRIVER_OVERRIDE",
    "MESA_GL_VERSION_OVERRIDE",
    "MESA_GLES_VERSION_OVERRIDE",
    "MESA_EXTENSION_OVERRIDE",
    "DRI_PRIME",
    "GBM_BACKEND",
    "__GLX_VENDOR_LIBRARY_NAME",
    "__EGL_VENDOR_LIBRARY_FILENAMES",
    "__NV_PRIME_RENDER_OFFLOAD",
};

static void environment_probe(struct arena *arena, struct identity *out)
{
    out->environment = (struct variables){ 0 };
    for (size_t i = 0; i < ROWS(variables); i++) {
        const char *value = env_get(variables[i]);
        if (value)
            variables_set(arena, &out->environment, variables[i], arena_strdup(arena, value));
    }
}

void probe_files(struct arena *arena, const struct probe_options *options, struct identity *out)
{
    environment_probe(arena, out);
    probe_system(arena, options, out);
}

/* stamp: of the cache, NULL = there is none. */
static void subject_probe(struct arena *arena, const struct probe_options *options,
                          enum probe_subject subject, const char *stamp, struct identity *inout)
{
    struct probe_result result = { .probe = GL_PROBE_NONE };
    const char *key = stamp ? arena_printf(arena, "%s-%s", probe_subject_text(subject), stamp)
                            : NULL;
    if (!key || options->refresh
        || !probe_cache_load(arena, options->cache_dir, key, clock_utc_s(), &result)) {
        probe_child_run(arena, options, subject, inout->session.type, &result);
        if (key)
            probe_cache_store(arena, options->cache_dir, key, clock_utc_s(), &result);
    }
    probe_result_apply(subject, &result, inout);
}

void probe_drivers(struct arena *arena, const struct probe_options *options, bool with_vulkan,
                   struct identity *inout)
{
    struct err ignored; /* without a cache everything works, a little later */
    bool cache = options->cache_dir && folder_make_private(options->cache_dir, &ignored) == 0;
    const char *stamp = cache ? probe_cache_stamp(arena, options, inout) : NULL;
    const struct probe_result no_library = { .probe = GL_PROBE_NO_LIBRARY };
    subject_probe(arena, options, (enum probe_subject)gl_api_expected(inout), stamp, inout);
    if (!with_vulkan)
        return;
    if (library_find(arena, options->root, PROBE_VULKAN_LIBRARY) == TRUTH_NO)
        probe_result_apply(SUBJECT_VULKAN, &no_library, inout); /* what a child would find */
    else
        subject_probe(arena, options, SUBJECT_VULKAN, stamp, inout);
}

const struct gpu *probe_driver_mismatch(const struct identity *identity)
{
    for (size_t i = 0; i < identity->gpu_count; i++) {
        const struct gpu *gpu = &identity->gpus[i];
        if (gpu_versions_agree(gpu) == TRUTH_NO)
            return gpu;
    }
    return NULL;
}
