/* gpu.h: how much memory of graphics devices a process holds.
 * Room: platform. Called from one thread; allocates in gpu_watch_open() only. */
#ifndef QWGUARD_PLATFORM_GPU_H
#define QWGUARD_PLATFORM_GPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What one open device file of one process says. */
struct gpu_client {
    uint64_t device; /* hash of the device's address; 0 = not said */
    uint64_t id;     /* several descriptors of one client say the same */
    bool has_id;
    uint64_t bytes; /* of its buffers that are in memory, of the device's and the system's */
};

struct gpu_watch;

/**
 * Read what a device file says of its client.
 *
 * text      contents of /proc/PID/fdinfo/N
 * returns   false when it is not one of a graphics device
 * source    Documentation/gpu/drm-usage-stats.rst: drm-resident-REGION, else drm-memory-REGION;
 *           amdgpu since Linux 5.14, i915 and xe since 6.5 and 6.8, nouveau where it says it
 */
bool gpu_client_parse(const char *text, struct gpu_client *out);

/**
 * Make ready to look. Where NVIDIA's own driver is loaded a child of this process is started, which
 * ends with it.
 *
 * root      prefix of /proc; "" = the machine itself
 * out       close with gpu_watch_close()
 * returns   0, or -1 and ERR_SYSTEM / ERR_NO_INPUT
 */
int gpu_watch_open(const char *root, struct gpu_watch **out, struct err *err);

/**
 * Begin a look at several processes: a client that they share is counted once in it.
 */
void gpu_watch_begin(struct gpu_watch *watch);

/**
 * Memory of one process's clients that were not met since gpu_watch_begin(): about 2 us a
 * descriptor of the process.
 *
 * out       untouched on failure
 * returns   false when it has ended or may not be looked into
 */
bool gpu_watch_look(struct gpu_watch *watch, int64_t pid, uint64_t *out_bytes);

/**
 * What cannot be watched, in words, once; NULL = nothing new. NVIDIA's own driver writes nothing
 * into fdinfo, so where it is loaded its library is asked by a process of its own.
 */
const char *gpu_watch_trouble(struct gpu_watch *watch);

/**
 * Close and free; NULL is accepted.
 */
void gpu_watch_close(struct gpu_watch *watch);

#endif
