/* What the engines do differently, Chromium version by Chromium version, as rows: the collector and
 * the evaluator ask a row and never a version. A boundary that was not seen itself lies between two
 * engines that were: 83, 87, 102, 122, 140. */
#include "engine/control_list_private.h"

#include "base/macros.h"

/* Source: ui/gl/gl_version_info.cc, ParseDriverInfo; AMD and Metal seen on 102, not on 87. */
static const struct driver_word words_until_87[] = {
    { "ANGLE", "ANGLE" },   { "Mesa", "Mesa" },         { "INTEL", "INTEL" },
    { "NVIDIA", "NVIDIA" }, { "ATI", "ATI" },           { "FireGL", "FireGL" },
    { "APPLE", "APPLE" },   { "Chromium", "Chromium" }, { NULL, NULL },
};

static const struct driver_word words[] = {
    { "ANGLE", "ANGLE" },       { "Mesa", "Mesa" },   { "INTEL", "INTEL" },
    { "NVIDIA", "NVIDIA" },     { "ATI", "ATI" },     { "AMD", "AMD" },
    { "FireGL", "FireGL" },     { "Metal", "Apple" }, { "APPLE", "APPLE" },
    { "Chromium", "Chromium" }, { NULL, NULL },
};

/* What "all" stands for: gpu/config/gpu_feature_type.h, and decoded from the libraries. */
static const char *const features_83[] = {
    "accelerated_2d_canvas",
    "accelerated_webgl",
    "flash3d",
    "flash_stage3d",
    "accelerated_video_decode",
    "flash_stage3d_baseline",
    "gpu_rasterization",
    "accelerated_webgl2",
    "protected_video_decode",
    "oop_rasterization",
    "android_surface_control",
    "accelerated_gl",
    "metal",
    "vulkan",
    NULL,
};

static const char *const features_88[] = {
    "accelerated_2d_canvas",
    "accelerated_webgl",
    "accelerated_video_decode",
    "accelerated_video_encode",
    "gpu_rasterization",
    "accelerated_webgl2",
    "android_surface_control",
    "accelerated_gl",
    "metal",
    "vulkan",
    "canvas_oop_rasterization",
    "accelerated_webgpu",
    NULL,
};

static const char *const features_118[] = {
    "accelerated_2d_canvas",
    "accelerated_webgl",
    "accelerated_video_decode",
    "accelerated_video_encode",
    "gpu_rasterization",
    "accelerated_webgl2",
    "android_surface_control",
    "accelerated_gl",
    "vulkan",
    "canvas_oop_rasterization",
    "accelerated_webgpu",
    "skia_graphite",
    NULL,
};

static const char *const features_122[] = {
    "accelerated_2d_canvas",
    "accelerated_webgl",
    "accelerated_video_decode",
    "accelerated_video_encode",
    "gpu_tile_rasterization",
    "accelerated_webgl2",
    "android_surface_control",
    "accelerated_gl",
    "vulkan",
    "canvas_oop_rasterization",
    "accelerated_webgpu",
    "skia_graphite",
    NULL,
};

static const char *const features_130[] = {
    "accelerated_2d_canvas",
    "accelerated_webgl",
    "accelerated_video_decode",
    "accelerated_video_encode",
    "gpu_tile_rasterization",
    "accelerated_webgl2",
    "android_surface_control",
    "accelerated_gl",
    "vulkan",
    "canvas_oop_rasterization",
    "accelerated_webgpu",
    "skia_graphite",
    "webnn",
    NULL,
};

static const char *const features_140[] = {
    "accelerated_2d_canvas",
    "accelerated_webgl",
    "accelerated_video_decode",
    "accelerated_video_encode",
    "gpu_tile_rasterization",
    "accelerated_webgl2",
    "android_surface_control",
    "accelerated_gl",
    "vulkan",
    "accelerated_webgpu",
    "skia_graphite",
    "webnn",
    "direct_rendering_display_compositor",
    NULL,
};

/* Oldest first. */
static const struct engine_traits rows[] = {
    /* Qt 5.15.2. Only the old words of the switches exist. */
    { .from = 83,
      .ignore_blocklist = { "ignore-gpu-blacklist" },
      .blocklist_group = "gpu-blacklist-test-group",
      .driver_words = words_until_87,
      .features = features_83 },
    /* Qt 5.15.3 and later 5.15. The old switch still works, the old test group does not. */
    { .from = 86,
      .ignore_blocklist = { "ignore-gpu-blocklist", "ignore-gpu-blacklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words_until_87,
      .features = features_83 },
    /* Qt 6.2 to 6.4 (90, 94, 102); everything here was seen on 102. */
    { .from = 88,
      .every_display_class = true,
      .reads_nv_control = true,
      .reads_angle_native = true,
      .bugs_without_gl = true,
      .software_webgl = true,
      .ignore_blocklist = { "ignore-gpu-blocklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words,
      .features = features_88 },
    /* Qt 6.5 and 6.6 (108, 112): as 120, of which the source is known. */
    { .from = 108,
      .every_display_class = true,
      .reads_nv_control = true,
      .reads_angle_native = true,
      .unwraps_angle = true,
      .bugs_without_gl = true,
      .software_webgl = true,
      .ignore_blocklist = { "ignore-gpu-blocklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words,
      .features = features_88 },
    /* Qt 6.7 (118). */
    { .from = 118,
      .every_display_class = true,
      .reads_nv_control = true,
      .reads_angle_native = true,
      .unwraps_angle = true,
      .bugs_without_gl = true,
      .honours_use_gl = true,
      .software_webgl = true,
      .ignore_blocklist = { "ignore-gpu-blocklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words,
      .features = features_118 },
    /* Qt 6.8 (122). */
    { .from = 122,
      .every_display_class = true,
      .reads_nv_control = true,
      .reads_angle_native = true,
      .unwraps_angle = true,
      .bugs_without_gl = true,
      .honours_use_gl = true,
      .software_webgl = true,
      .ignore_blocklist = { "ignore-gpu-blocklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words,
      .features = features_122 },
    /* Qt 6.9 and 6.10 (130, 134): GL only through ANGLE. */
    { .from = 130,
      .every_display_class = true,
      .reads_nv_control = true,
      .reads_angle_native = true,
      .unwraps_angle = true,
      .draws_through_angle = true,
      .bugs_without_gl = true,
      .honours_use_gl = true,
      .software_webgl = true,
      .ignore_blocklist = { "ignore-gpu-blocklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words,
      .features = features_130 },
    /* Qt 6.11 (140): with GL off nothing is asked any more, as on 87. */
    { .from = 140,
      .every_display_class = true,
      .reads_nv_control = true,
      .reads_angle_native = true,
      .unwraps_angle = true,
      .draws_through_angle = true,
      .honours_use_gl = true,
      .software_webgl = true,
      .ignore_blocklist = { "ignore-gpu-blocklist" },
      .blocklist_group = "gpu-blocklist-test-group",
      .driver_words = words,
      .features = features_140 },
};

unsigned chromium_major(const char *chromium)
{
    unsigned major = 0;
    for (; chromium && *chromium >= '0' && *chromium <= '9' && major < 100000; chromium++)
        major = major * 10 + (unsigned)(*chromium - '0');
    return major;
}

const struct engine_traits *engine_traits_of(const char *chromium)
{
    const struct engine_traits *found = &rows[0];
    unsigned major = chromium_major(chromium);
    if (!major)
        return &rows[ROWS(rows) - 1];
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].from <= major)
            found = &rows[i];
    }
    return found;
}
