/* cgroup_private.h: which control group this process is in.
 * Room: platform (linux). */
#ifndef QWGUARD_PLATFORM_LINUX_CGROUP_PRIVATE_H
#define QWGUARD_PLATFORM_LINUX_CGROUP_PRIVATE_H

#include "base/arena.h"

/**
 * Which groups we are in, one of each kind: the text that cgroup_own_of() takes.
 *
 * root        prefix of /proc; "" = the machine itself
 * returns     in the arena; "" when it cannot be read
 * source      cgroups(7), /proc/PID/cgroup
 */
const char *cgroup_own(struct arena *arena, const char *root);

/**
 * Our group below the mount of its kind: "/a/b".
 *
 * own         what cgroup_own() gave
 * controller  of version 1 ("memory"); "" is version 2
 * returns     in the arena; NULL when there is none of the kind
 */
const char *cgroup_own_of(struct arena *arena, const char *own, const char *controller);

#endif
