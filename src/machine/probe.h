/* probe.h: looks at the running machine and fills an identity. Files first, GL in a child.
 * Room: machine. Reads files below a root; never loads a driver into this process. */
#ifndef QWGUARD_MACHINE_PROBE_H
#define QWGUARD_MACHINE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "machine/identity.h"

#define PROBE_TIMEOUT_DEFAULT_NS (4 * SECOND_NS)

struct probe_options {
    const char *root; /* prefix of all files read ("" or NULL = the machine itself) */
    const char
        *cache_dir;      /* results of the children are kept here by fingerprint; NULL = no cache */
    bool with_gl;        /* false: files only, no driver is loaded, gl stays unknown */
    bool refresh;        /* ignore what the cache holds (it is written anew) */
    uint64_t timeout_ns; /* for each child; 0 = PROBE_TIMEOUT_DEFAULT_NS */
};

/**
 * Facts from files and the environment: OS, session, virtual machine, container, GPUs, driver
 * versions, the variables that the decision depends on. Whatever cannot be read stays unknown;
 * there is no failure.
 *
 * out       os, session, machine, gpus, environment, files are filled; gl, engine, app untouched
 */
void probe_files(struct arena *arena, const struct probe_options *options, struct identity *out);

/**
 * What drivers say, from a re-executed child each with a time limit (or the cache).
 *
 * GL: strings of EGL's surfaceless or device platform; OpenGL ES 3, then ES 2, and desktop GL;
 * which of them becomes identity.gl follows what the engine would create in this session (X11:
 * desktop GL, else ES). Vulkan: names of its devices. Without a driver for it there are none, which
 * is known then; without its loader they stay unknown.
 *
 * with_vulkan  for an engine that can draw by it
 * inout        from probe_files(), without the engine, which drivers do not depend on and a result
 *              would be kept for alone; gl and vulkan are filled. A probe that crashes, hangs or
 *              prints garbage is a fact (gl.probe), not a failure
 */
void probe_drivers(struct arena *arena, const struct probe_options *options, bool with_vulkan,
                   struct identity *inout);

/**
 * The child's side: loads libEGL or libvulkan, prints the result to descriptor 3 and returns the
 * exit status. Called by main for the hidden argument PROBE_CHILD_ARGUMENT only.
 */
int probe_child_main(void);
#define PROBE_CHILD_ARGUMENT "--qwguard-probe"

/**
 * Versions of kernel module and libraries differ (NVIDIA after an update without reboot).
 *
 * returns   the GPU in question, or NULL when all agree or nothing is known
 */
const struct gpu *probe_driver_mismatch(const struct identity *identity);

#endif
