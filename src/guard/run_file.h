/* run_file.h: who is guarded now: the files run/PID.json below the state folder, one for each
 * guard. A guard writes its own while it runs; `status` reads all, `attach` takes over the one of
 * a guard that has died.
 * Room: guard. */
#ifndef QWGUARD_GUARD_RUN_FILE_H
#define QWGUARD_GUARD_RUN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define RUN_FILE_FOLDER "run"
#define RUN_FILE_SCHEMA "qwguard.run/1"

/* A process as a file names it: pid alone would mean another one after a while. */
struct run_process {
    int64_t pid;
    uint64_t start; /* as in struct proc */
};

/* What one file says, and what is true of it now. */
struct run_entry {
    const char *path;
    const char *name; /* of the app */
    const char *state;
    const char *rung;
    const char *limit_of;     /* "process", "tree" or "none" */
    const char *incident;     /* id of the last one; NULL = none */
    struct run_process guard; /* who guards it */
    struct run_process app;   /* what was started; without a guard, the oldest that goes on */
    bool attached;            /* guarded by `attach`: it was not started by us */
    bool guarded;             /* the guard lives; else the app goes on without one */
    uint64_t started_s;       /* UTC */
    uint64_t updated_s;
    uint64_t incident_s; /* 0 = none */
    uint64_t limit_bytes, largest_bytes, tree_bytes, gpu_bytes;
    int64_t rate_bytes_per_s;
    uint64_t process_count, restart, restart_max;
    const struct run_process *members; /* of the app, when it was written; the first of many */
    size_t member_count;
};

struct run_entries {
    struct run_entry *items;
    size_t count;
    size_t capacity;
};

/**
 * All apps that are guarded, or were and go on without a guard, by name and pid. Files of which
 * neither guard nor app is left are removed.
 *
 * state_dir  NULL = none: then nobody is guarded
 * out        in the arena
 * returns    0, or -1 and ERR_DENIED / ERR_SYSTEM; what makes no sense is left out
 */
int run_file_list(struct arena *arena, const char *state_dir, struct run_entries *out,
                  struct err *err);

#endif
