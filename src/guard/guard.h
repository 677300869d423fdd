/* guard.h: start an application, watch the memory of its whole process tree, act at the limit.
 * Room: guard. Uses platform/ only through its headers; allocates when it arms and not after.
 * Design and figures: docs/guard.md. */
#ifndef QWGUARD_GUARD_GUARD_H
#define QWGUARD_GUARD_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/known.h"
#include "base/text.h"
#include "guard/run_file.h"
#include "incident/incident.h"

/* One way of starting the app: what its environment gets on top of the user's. */
struct guard_launch {
    const char *rung;
    struct variables environment; /* the plan's variables and QTWEBENGINE_CHROMIUM_FLAGS */
};

/* The launches that an attribution leads to, narrow to wide. */
struct guard_ladder {
    const struct guard_launch *steps;
    size_t count;
};

struct guard_actions {
    bool reclaim; /* end the renderer that holds the memory, look again */
    bool restart; /* end the tree, start again */
    bool kill;    /* end the tree, do not start again: 124 */
    bool report;  /* write the incident, do nothing */
};

/* An app that runs already; pid 0 = none, the app is started. Its status cannot be had, its log is
 * not read, and it cannot be started again. */
struct guard_attach {
    int64_t pid;
    /* Further processes of it that are not below pid (any more): of a guard that has died. */
    const struct run_process *others;
    size_t other_count;
};

/* A limit in bytes; known = false is "off". */
struct guard_config {
    struct maybe_u64 process_limit_bytes; /* resident memory of one process */
    struct maybe_u64 tree_limit_bytes;    /* proportional memory of the whole tree */
    struct maybe_u64 gpu_limit_bytes;     /* memory of graphics devices of the whole tree */
    const char *root;                     /* prefix of /proc for it; NULL = none */
    bool backstop;                        /* the kernel bounds the tree too, where it can */
    struct maybe_u64 memory_total_bytes;  /* of the machine, for that bound */
    uint64_t sustain_ns;
    uint64_t grace_ns;
    uint64_t grace_growth_bytes; /* grown by so much more during grace: kill at once (128 MiB) */
    struct guard_actions actions;
    unsigned restart_max;
    uint64_t restart_within_ns;
    uint64_t backoff_ns;
    bool escalate;
    bool restart_on_crash; /* --on-crash restart */
    bool log_tap;
    const char *log_file; /* --log-file: what the tap reads is appended here too; NULL = none */
    struct strings keep;  /* --keep: executable names that are never counted or ended */
    struct incident_keep incident_keep;
    const char *state_dir; /* NULL = no state folder can be had: incidents go to standard error */
    const char *name;      /* app name for people and records */
    const char *program;   /* path to execute; not with attach */
    struct strings argv;   /* argv[0] first */
    struct guard_attach attach;
    struct guard_launch first;
    struct guard_ladder ladders[ATTRIBUTION_COUNT];
    const char *engine_qt, *engine_chromium, *gpu_text; /* copied into incidents; may be NULL */
    const char *preflight;         /* JSON for incidents (incident.h); NULL = nothing is known */
    uint64_t top_rate_bytes_per_s; /* assumed fastest growth, 4 GB/s */
};

enum guard_event_kind {
    GUARD_STARTED,  /* pid, restart count, rung */
    GUARD_SAMPLE,   /* about once a second (more often near the limit): figures for the live line */
    GUARD_CROSSED,  /* a limit is crossed */
    GUARD_INCIDENT, /* recorded; incident and its folder */
    GUARD_RESTARTED, /* pid, restart count, rung */
    GUARD_GAVE_UP,   /* budget spent, or told not to restart */
    GUARD_WARNING,   /* text: something is not as it should be, the guard goes on */
    GUARD_NOTE,      /* text: for who wants to know more */
    GUARD_ENDED,     /* the tree has ended */
};

struct guard_event {
    enum guard_event_kind kind;
    int64_t pid;
    const char *rung;
    unsigned restart;
    uint64_t largest_bytes, tree_bytes, limit_bytes;
    int64_t rate_bytes_per_s; /* growth of the largest process over the last seconds */
    struct maybe_u64 time_to_limit_ns;
    size_t process_count;
    const struct incident *incident; /* GUARD_CROSSED (partial), GUARD_INCIDENT */
    const char *incident_path;       /* folder; NULL when it could not be written */
    const char *text;                /* GUARD_WARNING, GUARD_NOTE */
};

typedef void guard_report_fn(void *context, const struct guard_event *event);

struct guard_result {
    int exit_status;    /* of `run`: the app's, 128+N, or 124 */
    unsigned restarts;  /* how often the app was started again */
    const char *rung;   /* last rung in force */
    unsigned incidents; /* how many were recorded */
};

/**
 * The second line: how much the control group of the whole tree may hold. A quarter more than the
 * limit that the guard keeps itself, but no more than half of what the machine has beyond it.
 * Known only when there is a limit for the tree. Pure.
 */
struct maybe_u64 guard_backstop_bytes(const struct guard_config *config);

/**
 * Run the application under guard until no process of it is left or the guard gives up. One that is
 * attached to is left running when the guard is told to end (128+N).
 *
 * config    borrowed for the whole run
 * report    called for every event, from this thread; must not block for long
 * returns   0 and out filled; -1 and err before the app was started: ERR_NOT_FOUND (127),
 *           ERR_NOT_EXEC (126), else ERR_SYSTEM (125); of attach ERR_GONE, ERR_DENIED
 */
int guard_run(const struct guard_config *config, guard_report_fn *report, void *context,
              struct guard_result *out, struct err *err);

#endif
