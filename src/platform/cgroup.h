/* cgroup.h: a control group of our own for one app: a bound on its memory that the kernel keeps,
 * and all of it stopped or ended at once.
 * Room: platform. Called from one thread. Allocates in cgroup_find() only. A group is made only
 * where nobody else manages groups: below our own memory group (v1), and with v2 below a group that
 * was delegated to us, or where no service manager is. Source: cgroups(7), the kernel's
 * admin-guide/cgroup-v1/memory.rst and cgroup-v2.rst, systemd's CGROUP_DELEGATION.md. */
#ifndef QWGUARD_PLATFORM_CGROUP_H
#define QWGUARD_PLATFORM_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "platform/process.h"

#define CGROUP_NAME_BYTES 64
#define CGROUP_PATH_BYTES 1024

/* Where a group could be made. A folder is NULL where none can. */
struct cgroup_places {
    const char *v1;    /* our own memory group */
    const char *v2;    /* a group of v2 that ours may stand in */
    const char *home;  /* of v2, where we are and what is not the app's goes; NULL = a group that we
                          must make and move to, since one with controllers holds no process */
    bool v2_limits;    /* v2 bounds memory */
    bool v2_turned_on; /* it does so already; else we must turn it on for what is in v2 */
    const char *why;   /* why no memory can be bounded; NULL = it can */
};

/* One folder of a group. */
struct cgroup_part {
    int folder;                   /* -1 = there is none */
    char path[CGROUP_PATH_BYTES]; /* of it */
    char home[CGROUP_PATH_BYTES]; /* of the group for what is not the app's */
};

/* A group: up to one folder of each version. */
struct cgroup {
    struct cgroup_part v1, v2;
    const char *base; /* of v2; borrowed from the places */
    bool moved;       /* we have moved to v2.home, and come back */
    bool limits_v2;   /* memory is bounded by v2, else by v1 */
    bool limited;
    int event; /* ready when the bound was reached, of v2 as its files are (EPOLLPRI), of v1 as a
                  counter; -1 = nobody tells */
    bool frozen;
    bool killed; /* cgroup_kill() was used */
};

/**
 * Where groups can be made. Changes nothing.
 *
 * root      prefix of /proc and of the mounts; "" = the machine itself
 * out       strings in the arena
 */
void cgroup_find(struct arena *arena, const char *root, struct cgroup_places *out);

/**
 * The empty group: nothing to give back, nothing to do.
 */
void cgroup_none(struct cgroup *out);

/**
 * Make a group. Where v2 asks for it, this process moves into a group beside it.
 *
 * places    borrowed until cgroup_remove()
 * name      of its folders, CGROUP_NAME_BYTES at most; those that exist are taken
 * returns   0; -1 and ERR_DENIED, ERR_CREATE, ERR_SYSTEM: nothing is left of it
 */
int cgroup_make(const struct cgroup_places *places, const char *name, struct cgroup *out,
                struct err *err);

/**
 * Bound its memory, and make `event`.
 *
 * bytes     UINT64_MAX = no bound any more
 * returns   0; -1 and ERR_DENIED, ERR_SYSTEM
 * source    memory.limit_in_bytes, cgroup.event_control (v1); memory.max, memory.events (v2)
 */
int cgroup_limit_set(struct cgroup *group, uint64_t bytes, struct err *err);

/**
 * How many processes the kernel has ended in it at the bound.
 *
 * returns   false when that cannot be told; out_count untouched
 * source    oom_kill of memory.oom_control (v1, since 4.13) and of memory.events (v2)
 */
bool cgroup_kills_read(const struct cgroup *group, uint64_t *out_count);

/**
 * Put this process into it. Part of a start, between fork and exec: allocates nothing, reports
 * nothing.
 *
 * born_in   it is in the folder of v2 already
 */
void cgroup_enter(const struct cgroup *group, bool born_in);

/**
 * Stop all of it, or let it go on.
 *
 * returns   false when it cannot; stopping is asked for, and done soon after
 * source    cgroup.freeze (v2, since 5.2)
 */
bool cgroup_freeze(struct cgroup *group, bool frozen);

/**
 * End all of it at once.
 *
 * returns   false when it cannot
 * source    cgroup.kill (v2, since 5.14)
 */
bool cgroup_kill(struct cgroup *group);

/**
 * The processes in it.
 *
 * returns   how many were written; what does not fit is left out
 */
size_t cgroup_list(const struct cgroup *group, int64_t *pids, size_t capacity);

/**
 * Take a process out of it, to where we are. What it holds stays on the group's account.
 */
void cgroup_move_out(const struct cgroup *group, int64_t pid);

/**
 * Let it go on, take its folders away, and go back to where we came from. With a process in it, it
 * stays, without a bound.
 *
 * returns   false when it stays
 */
bool cgroup_remove(struct cgroup *group);

/**
 * Give the descriptors back and leave it as it is.
 */
void cgroup_leave(struct cgroup *group);

/**
 * The name of the group of a guard.
 */
void cgroup_name(char out[CGROUP_NAME_BYTES], int64_t pid, uint64_t start);

/**
 * Take away what guards have left behind that are no more. A group in which an app still runs
 * stays, with its bound; if it is stopped it goes on.
 */
void cgroup_clean(struct process_table *table, const struct cgroup_places *places);

#endif
