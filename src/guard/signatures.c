/* The table of log signatures, and the search for them: a bit map of the two bytes that a text can
 * begin with sorts out nearly every position of the stream, the few others are compared. No regular
 * expression, no lines: binary garbage and lines without an end cost the same as anything else.
 *
 * Source of the texts: messages of Chromium, Qt and the drivers as they stand in logs of users'
 * reports and in the libraries themselves. "blacklisted" is the spelling up to Chromium 84
 * (Qt 5.15.2 and earlier), "blocklisted" the one after. Several appear at a healthy start, so
 * presence is a signal and no verdict. */
#include "guard/signatures_private.h"

#include <assert.h>
#include <string.h>

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
    { .name = "context-lost-makecurrent",
      .text = "RasterDecoderImpl: Context lost during MakeCurrent" },
    { .name = "shared-context-failed",
      .text = "Failed to create shared context for virtualization" },
    { .name = "vulkan-create-image-failed", .text = "VULKAN: vkCreateImage failed" },
    { .name = "command-buffer-transient-failure",
      .text = "ContextResult::kTransientFailure: "
              "Failed to send GpuChannelMsg_CreateCommandBuffer" },
    { .name = "rhi-context-failed", .text = "QRhiGles2: Failed to create temporary context" },
    { .name = "vulkan-init-failed", .text = "QVulkanInstance: Failed to initialize Vulkan" },
};
/* clang-format on */
static_assert(ROWS(rows) <= SIGNATURES_MAX, "room for one counter a row");

const struct signature *signatures_all(size_t *out_count)
{
    *out_count = ROWS(rows);
    return rows;
}

static unsigned pair_at(const char *bytes)
{
    return (unsigned)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

void signature_scan_start(struct signature_scan *scan)
{
    memset(scan, 0, sizeof *scan);
    for (size_t i = 0; i < ROWS(rows); i++) {
        unsigned pair = pair_at(rows[i].text);
        scan->starts[pair / 8] |= (uint8_t)(1U << pair % 8);
    }
}

/* Occurrences that begin before begin_limit and end behind end_min. */
static void search(const struct signature_scan *scan, const char *bytes, size_t length,
                   size_t begin_limit, size_t end_min, void (*found)(void *context, size_t row),
                   void *context)
{
    for (size_t at = 0; at < begin_limit && at + 1 < length; at++) {
        unsigned pair = pair_at(bytes + at);
        if (!(scan->starts[pair / 8] >> pair % 8 & 1))
            continue;
        for (size_t i = 0; i < ROWS(rows); i++) {
            size_t text_length = strlen(rows[i].text);
            if (at + text_length > end_min && text_length <= length - at
                && memcmp(bytes + at, rows[i].text, text_length) == 0)
                found(context, i);
        }
    }
}

void signature_scan_bytes(struct signature_scan *scan, const char *bytes, size_t length,
                          void (*found)(void *context, size_t row), void *context)
{
    /* What began in the piece before and ends in this one; then what begins in this one. */
    char border[2 * SIGNATURE_TEXT_MAX];
    size_t carried = scan->carry_length;
    size_t taken = length < SIGNATURE_TEXT_MAX ? length : SIGNATURE_TEXT_MAX;
    memcpy(border, scan->carry, carried);
    memcpy(border + carried, bytes, taken);
    search(scan, border, carried + taken, carried, carried, found, context);
    search(scan, bytes, length, length, 0, found, context);

    const char *end = length >= SIGNATURE_TEXT_MAX ? bytes + length : border + carried + taken;
    size_t have = length >= SIGNATURE_TEXT_MAX ? length : carried + taken;
    scan->carry_length = have < SIGNATURE_TEXT_MAX - 1 ? have : SIGNATURE_TEXT_MAX - 1;
    memcpy(scan->carry, end - scan->carry_length, scan->carry_length);
}
