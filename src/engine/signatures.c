/* The table of log signatures. It stands in this room because both the profiles, which ask for them
 * by name, and the guard, which counts them, look here.
 *
 * Source of the texts: messages of Chromium, Qt and the drivers as they stand in logs of users'
 * reports and in the libraries themselves. "blacklisted" is the spelling up to Chromium 84
 * (Qt 5.15.2 and earlier), "blocklisted" the one after. Several appear at a healthy start, so
 * presence is a signal and no verdict. */
#include "engine/signatures.h"

#include <assert.h>

#include "base/macros.h"

/* clang-format off */
static const struct signature rows[] = {
    { .name = "es3-blocklisted",
      .text = "ContextResult::kFatalFailure: ES3 is blocklisted/disabled/unsupported by driver." },
    { .name = "es3-blocklisted",
      .text = "ContextResult::kFatalFailure: ES3 is blacklisted/disabled/unsupported by driver." },
    { .name = "webgl1-blocklisted", .text = "ContextResult::kFatalFailure: WebGL1 blocklisted" },
    { .name = "webgl1-blocklisted", .text = "ContextResult::kFatalFailure: WebGL1 blacklisted" },
    { .name = "webgl2-blocklisted", .text = "ContextResult::kFatalFailure: WebGL2 blocklisted" },
    { .name = "webgl2-blocklisted", .text = "ContextResult::kFatalFailure: WebGL2 blacklisted" },
    { .name = "video-size-empty", .text = "video visible size is empty", .webgl_upload = true },
    { .name = "texture-not-renderable",
      .text = "is not renderable. It might be non-power-of-2 "
              "or have incompatible texture filtering",
      .webgl_upload = true },
    { .name = "gbm-not-supported",
      .text = "GBM is not supported with the current configuration. "
              "Fallback to Vulkan rendering in Chromium." },
    { .name = "gbm-bo-import-null", .text = "gbm_bo_import returned null" },
    { .name = "egl-bad-context", .text = "eglCreateContext failed with error EGL_BAD_CONTEXT" },
    { .name = "egl-bad-attribute",
      .text = "eglCreateContext ES 3.0 failed with error EGL_BAD_ATTRIBUTE" },
    { .name = "egl-version-not-supported",
      .text = "EGL Driver message (Error) eglCreateContext: Requested version is not supported" },
    { .name = "egl-create-image-failed", .text = "eglCreateImage failed with 0x00003003" },
    { .name = "egl-swap-failed", .text = "eglSwapBuffers failed with 0x300d" },
    { .name = "wayland-protocol-error",
      .text = "The Wayland connection experienced a fatal error: Protocol error" },
    { .name = "glx-no-fbconfig", .text = "GLX: Failed to find frame buffer configuration." },
    { .name = "glx-init-failed", .text = "Could not initialize GLX" },
    { .name = "gl-context-failed", .text = "Failed to create OpenGL context" },
    { .name = "nvidia-api-mismatch", .text = "NVRM: API mismatch" },
    { .name = "nouveau-pushbuf-rejected", .text = "nouveau: kernel rejected pushbuf" },
    { .name = "nouveau-pushbuf-assert", .text = "nouveau_pushbuf_data: Assertion `kref' failed" },
    { .name = "shared-image-no-factory", .text = "Could not find SharedImageBackingFactory" },
    { .name = "shared-image-no-mailbox",
      .text = "Trying to Produce a Skia representation from a non-existent mailbox" },
    { .name = "context-lost-makecurrent",
      .text = "RasterDecoderImpl: Context lost during MakeCurrent" },
    { .name = "shared-context-failed",
      .text = "Failed to create shared context for virtualization" },
    { .name = "vulkan-create-image-failed", .text = "VULKAN: vkCreateImage failed" },
    { .name = "command-buffer-transient-failure",
      .text = "ContextResult::kTransientFailure: "
              "Failed to send GpuChannelMsg_CreateCommandBuffer" },
    { .name = "rhi-context-failed", .text = "QRhiGles2: Failed to create temporary context" },
    { .name = "rhi-backing-store-failed",
      .text = "Failed to create QRhi for QBackingStoreRhiSupport" },
    { .name = "vulkan-init-failed", .text = "QVulkanInstance: Failed to initialize Vulkan" },
};
/* clang-format on */
static_assert(ROWS(rows) <= SIGNATURES_MAX, "room for one counter a row");

const struct signature *signatures_all(size_t *out_count)
{
    *out_count = ROWS(rows);
    return rows;
}
