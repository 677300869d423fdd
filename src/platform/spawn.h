/* spawn.h: start programs, and helpers that are copies of this process.
 * Room: platform. Allocates nothing. */
#ifndef QWGUARD_PLATFORM_SPAWN_H
#define QWGUARD_PLATFORM_SPAWN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "platform/cgroup.h"
#include "platform/process.h"
#include "platform/self.h"

#define SPAWN_STREAM_KEEP (-1)
#define SPAWN_STREAM_NONE (-2) /* nothing to read, what is written is dropped */

struct spawn {
    const char *program;            /* path */
    const char *const *argv;        /* argv[0] first, NULL behind the last */
    const char *const *environment; /* NAME=VALUE, NULL behind the last */
    int input_stream;               /* handle for standard input, or SPAWN_STREAM_… */
    int output_stream;              /* the same for standard output */
    int error_stream;               /* and for standard error */
    const struct cgroup *group;     /* it runs in this one; NULL = in ours */
    const struct self_saved *saved; /* what the program inherits instead of our own state */
};

/* What a helper does; the value is its exit status. */
typedef int spawn_helper_fn(void *context);

/**
 * The environment of this process: NAME=VALUE, NULL behind the last. Borrowed.
 */
const char *const *spawn_environment(void);

/**
 * Start a program in the same folder, process group and session. Returns when it runs (or cannot).
 *
 * out       pid and start filled, held where descriptors allow it
 * returns   0; -1 and ERR_NOT_FOUND, ERR_NOT_EXEC (with the reason), ERR_SYSTEM
 */
int spawn_program(struct process_table *table, const struct spawn *spawn, struct proc *out,
                  struct err *err);

/**
 * Run a function in a copy of this process, so that what it allocates, breaks or waits for is not
 * ours. The copy keeps standard error, the named handles and nothing else that is open; it ignores
 * what the terminal sends to the group, and stands in the root folder only if run() goes there.
 *
 * keep      keep_count handles, at most 4, ascending
 * returns   0; -1 and ERR_SYSTEM
 */
int spawn_helper(spawn_helper_fn *run, void *context, const int *keep, size_t keep_count,
                 int64_t *out_pid, struct err *err);

#endif
