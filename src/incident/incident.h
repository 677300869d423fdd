/* incident.h: what happened to a guarded application: recorded, listed, shown.
 * Room: incident. Touches the state folder. Form of the record: docs/incident.md and
 * docs/schema/incident-1.schema.json. */
#ifndef QWGUARD_INCIDENT_INCIDENT_H
#define QWGUARD_INCIDENT_INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/known.h"
#include "base/text.h"

#define INCIDENT_ID_BYTES 40 /* "20261123T101502Z-4711", "-2" … when taken, and the terminator */

enum process_role {
    ROLE_BROWSER, /* the app itself: Chromium's browser process, and the GPU service inside it */
    ROLE_ZYGOTE,
    ROLE_RENDERER,
    ROLE_UTILITY,
    ROLE_GPU,
    ROLE_OTHER,
    ROLE_COUNT,
};

enum attribution {
    ATTRIBUTION_UNKNOWN,
    ATTRIBUTION_GPU_IN_APP,  /* textures that a page owns, held in the app's process */
    ATTRIBUTION_GPU_DRIVER,  /* graphics memory that ending the page does not free */
    ATTRIBUTION_SCRIPT_HEAP, /* script objects in a renderer */
    ATTRIBUTION_APP,         /* the app's own heap */
    ATTRIBUTION_COUNT,
};

struct incident_process {
    int64_t pid;
    int64_t parent;
    enum process_role role;
    char name[32]; /* thread name of the main thread (comm) */
    uint64_t rss_bytes;
    struct maybe_u64 pss_bytes;
    struct maybe_u64 gpu_bytes;
};

/* Monotonic nanoseconds from the crossing; negative before it. */
struct incident_sample {
    int64_t t_ns;
    uint64_t tree_bytes;
    uint64_t largest_bytes;
};

struct incident_action {
    int64_t t_ns;
    const char *action; /* "stop" | "term" | "kill" | "continue" | "restart" | "report" */
    int64_t pid;
    const char *result; /* "gone" | "sent" | "started" | a short reason */
};

/* When a known message stood in the log, as far as the guard looked. */
struct incident_log_mark {
    const char *name; /* of the signature */
    int64_t first_ns, last_ns;
};

/* Room of the text in struct incident's preflight; a longer one is left out. */
#define INCIDENT_PREFLIGHT_BYTES ((size_t)16 * 1024)

struct incident {
    char id[INCIDENT_ID_BYTES];
    uint64_t time_s; /* seconds since 1970, UTC, of the crossing */
    const char *app_name;
    struct strings app_argv;
    int64_t app_pid;
    const char *reason; /* "process-limit" | "tree-limit" | "startup-crash" | "crash" … */
    uint64_t limit_bytes;
    struct maybe_u64 acted_ns, tree_gone_ns, restarted_ns; /* from the crossing */
    uint64_t bytes_at_crossing, bytes_peak;
    int64_t process_pid; /* the process that crossed */
    enum process_role process_role;
    double rate_bytes_per_s; /* growth of that process before the crossing */
    enum attribution attribution;
    struct strings evidence;
    struct incident_process *processes;
    size_t process_count;
    struct incident_sample *timeline; /* oldest first */
    size_t timeline_count;
    struct variables signatures; /* name -> count as decimal text */
    struct incident_action *actions;
    size_t action_count;
    const char *engine_qt, *engine_chromium, *gpu_text; /* for people; may be NULL */
    const char *rung;                                   /* of the plan in force */
    struct variables environment;                       /* what the plan in force set */
    /* JSON object: what was known before the start (summary, identity, verdict, profiles, plan);
     * NULL = nothing. Borrowed like the other strings. */
    const char *preflight;
    struct incident_log_mark *log_marks; /* at most one a signature */
    size_t log_mark_count;
    const char *next_rung; /* NULL = no restart */
    unsigned restart;      /* how often it had been restarted before (0, 1, …) */
    uint64_t survivor_count;
};

/* One row of the list. */
struct incident_row {
    const char *id;
    const char *time; /* "2026-11-23T10:15:02Z" */
    const char *app;
    const char *reason;
};

struct incident_rows {
    struct incident_row *items; /* newest first */
    size_t count;
    size_t capacity;
};

/* What is kept (contract, incidents: {keep, max-size}). */
struct incident_keep {
    uint64_t count;     /* 0 = all */
    uint64_t max_bytes; /* of the whole folder; 0 = no bound */
};

/**
 * Choose an id (UTC time and pid) that is not taken, and take it.
 *
 * id        in incident: filled
 * out_path  folder of the incident, in the arena; it does not exist yet
 * state_dir "" = no id is taken by others, and none is taken for them
 */
void incident_name(struct arena *arena, const char *state_dir, struct incident *incident,
                   const char **out_path);

/**
 * Write the folder: incident.json, report.html, app.log, under a temporary name and then renamed;
 * or write incident.json and report.html anew when the folder is there already (log NULL keeps the
 * log).
 *
 * log       the last lines of standard error, raw bytes; may be NULL
 * returns   0, or -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM (nothing half-written is left)
 */
int incident_write(const char *state_dir, const struct incident *incident, const char *log,
                   size_t log_bytes, struct err *err);

/**
 * Keep room on the disk for the next record: a file that incident_write() gives up when it cannot
 * write otherwise, and that incident_prune() makes again. Failures are ignored.
 */
void incident_reserve(const char *state_dir);

/**
 * Remove the oldest incidents beyond what is kept, and set torn records aside. Failures are
 * ignored: the next run tries again.
 */
void incident_prune(const char *state_dir, const struct incident_keep *keep);

/**
 * All incidents, newest first. A folder whose record is torn or foreign is left out and reported.
 *
 * torn      names of folders left out; may be NULL
 * returns   0 (also when there is no folder yet), or -1 and ERR_DENIED / ERR_SYSTEM
 */
int incident_list(struct arena *arena, const char *state_dir, struct incident_rows *out,
                  struct strings *torn, struct err *err);

/**
 * Find the folder of an incident without reading it.
 *
 * id        as incident_load(); "last" is the newest, torn or not
 * out_id    whole id, in the arena; may be NULL
 * out_path  folder, in the arena; may be NULL
 * returns   0; -1 and ERR_NO_INPUT (none such), ERR_USAGE (ambiguous), ERR_DENIED, ERR_SYSTEM
 */
int incident_find(struct arena *arena, const char *state_dir, const char *id, const char **out_id,
                  const char **out_path, struct err *err);

/**
 * Last lines of the app's standard error as they were recorded, raw bytes.
 *
 * path      folder of the incident
 * returns   NULL when there are none; in the arena
 */
const char *incident_log(struct arena *arena, const char *path, size_t *out_length);

/**
 * Read one incident.
 *
 * id        a whole id, an unambiguous beginning, or "last"
 * out_path  folder, in the arena; may be NULL
 * returns   0; -1 and ERR_NO_INPUT (none such), ERR_USAGE (ambiguous), ERR_DATA (torn)
 */
int incident_load(struct arena *arena, const char *state_dir, const char *id, struct incident *out,
                  const char **out_path, struct err *err);

/**
 * The record as JSON (contract §7, schema qwguard.incident/1).
 *
 * returns   a new reference
 */
json_t *incident_to_json(const struct incident *incident);

/**
 * A record back from its JSON.
 *
 * out       lives in the arena; untouched on failure
 * returns   0, or -1 and ERR_DATA (no object of that schema, a member of the wrong type)
 */
int incident_from_json(struct arena *arena, const json_t *json, struct incident *out,
                       struct err *err);

/**
 * One screen for a person: what, why, cause, what was done, memory graph, process table, what next.
 *
 * width     columns, at least 60
 * color     ANSI colours
 * ascii     no characters beyond ASCII
 * returns   text in the arena
 */
const char *incident_text(struct arena *arena, const struct incident *incident, unsigned width,
                          bool color, bool ascii);

/**
 * The same as one HTML page without script and without network, the memory graph as SVG.
 *
 * log       may be NULL; escaped
 * returns   text in the arena
 */
const char *incident_html(struct arena *arena, const struct incident *incident, const char *log,
                          size_t log_bytes);

/**
 * Word of the contract: "browser", "renderer", …
 */
const char *process_role_text(enum process_role role);

/**
 * Word of the contract: "gpu-in-app", "script-heap", …, "unknown".
 */
const char *attribution_text(enum attribution attribution);

#endif
