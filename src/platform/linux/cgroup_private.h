/* cgroup_private.h: which control group this process is in.
 * Room: platform (linux). */
#ifndef QWGUARD_PLATFORM_LINUX_CGROUP_PRIVATE_H
#define QWGUARD_PLATFORM_LINUX_CGROUP_PRIVATE_H

#include "base/arena.h"

/**
 * Our group below the mount of its kind: "/a/b".
 *
 * root        prefix of /proc; "" = the machine itself
 * controller  of version 1 ("memory"); "" is version 2
 * returns     in the arena; NULL when there is none of the kind
 * source      cgroups(7), /proc/PID/cgroup
 */
const char *cgroup_own(struct arena *arena, const char *root, const char *controller);

#endif
