/* gpu_nvidia_private.h: graphics memory of processes on NVIDIA's own driver, by its library NVML.
 * Room: platform (linux). Allocates in nvidia_watch_open() only. */
#ifndef QWGUARD_PLATFORM_LINUX_GPU_NVIDIA_PRIVATE_H
#define QWGUARD_PLATFORM_LINUX_GPU_NVIDIA_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct nvidia_watch;

/* Start the process that asks the library; NULL where the driver is not loaded (root/proc/driver/
 * nvidia), or with err why it cannot be asked. */
struct nvidia_watch *nvidia_watch_open(const char *root, struct err *err);

/* Begin a look: take over what was last answered, and have it asked as often as looks are made.
 * Never waits. */
void nvidia_watch_begin(struct nvidia_watch *watch);

/* Bytes of one process on all devices, as of the last answer; 0 when none is told. */
uint64_t nvidia_watch_bytes(const struct nvidia_watch *watch, int64_t pid);

/* Why nothing is told any more, once; NULL = all is well, or it was said. */
const char *nvidia_watch_trouble(struct nvidia_watch *watch);

/* End that process, and free; NULL is accepted. */
void nvidia_watch_close(struct nvidia_watch *watch);

#endif
