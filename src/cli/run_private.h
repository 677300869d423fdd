/* run_private.h: what the files of `qwguard run` do for each other.
 * Room: cli. */
#ifndef QWGUARD_CLI_RUN_PRIVATE_H
#define QWGUARD_CLI_RUN_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "cli/live.h"
#include "cli/preflight.h"
#include "cli/settings.h"
#include "guard/guard.h"
#include "history/history.h"

/* What the preflight comes to for the guard. Made by a copy of this process in memory that both
 * share, so that nothing of the preflight stays in the guard and a preflight that crashes or hangs
 * stops no app. Everything that it points to lies in `bytes`. */
#define LAUNCHES_BYTES ((size_t)1024 * 1024) /* what is not used is never touched */

struct launches {
    bool made;     /* complete; else err says why not */
    bool too_long; /* it did not fit */
    struct err err;
    struct guard_launch first;
    struct guard_ladder ladders[ATTRIBUTION_COUNT];
    enum webgl_state webgl, webgl2;
    enum truth handles_termination; /* of the app: it goes on when a renderer is ended */
    struct maybe_u64 memory_bytes;  /* what the app is known to need */
    const char *engine_qt, *engine_chromium, *gpu_text;
    const char *preflight; /* for incidents */
    struct history_key key;
    struct history history;
    size_t used_bytes;
    _Alignas(max_align_t) char bytes[LAUNCHES_BYTES];
};

/* run_launches.c */

/* The launch of a plan, in the arena: its variables and the whole QTWEBENGINE_CHROMIUM_FLAGS. */
struct guard_launch launch_of_plan(struct arena *arena, const struct plan *plan);

/* Do the preflight in a copy of this process and wait for it.
 *
 * out_signal  number of a signal that asked us to end meanwhile; 0 = none
 * returns     the launches, or NULL and err: no memory, the preflight crashed, hung, or failed */
const struct launches *launches_make(struct context *context, const struct settings *settings,
                                     const struct preflight_app *app, int *out_signal,
                                     struct err *err);

/* run_facts.c */

/* What the preflight found, as the JSON that an incident keeps, at most INCIDENT_PREFLIGHT_BYTES:
 * what is too long is left out, the lines for people last. */
const char *facts_text(struct arena *arena, const struct preflight *preflight);

/* run_config.c */

/* A name that is empty names nothing: --name, --keep.
 *
 * returns  0, or -1 and err */
int names_check(struct context *context, struct err *err);

/* The part of the guard's configuration that settings and options decide. Strings are borrowed from
 * the context's arena. */
void config_fill(const struct context *context, const struct settings *settings,
                 struct guard_config *out);

/* Does the guard end a renderer first because the app is known to cope, and the user named no
 * actions? */
bool config_reclaims(const struct settings *settings, enum truth handles_termination);

/* What is known of the app, where the user has said nothing else: a renderer may be ended before
 * the app when it copes with that; and a word about what was asked for and does not fit the app. */
void config_fit(const struct context *context, const struct settings *settings,
                enum truth handles_termination, struct maybe_u64 memory_bytes,
                struct guard_config *config);

/* run_dry.c */

/* `run --dry-run`: print the configuration in force with its origins, the plan, and what the
 * environment of the app would be. */
int dry_run(struct context *context, const struct settings *settings,
            const struct preflight_app *app, const struct guard_config *config, struct err *err);

/* run_history.c: what is remembered of this run, in fixed room. */

#define MEMORY_SIGNATURES 32
#define MEMORY_NAME_BYTES 64

struct memory {
    const struct guard_config *config;
    struct history_key key;
    struct history history;
    bool on;      /* there is a key and a folder */
    bool changed; /* since it was saved */
    char incident[INCIDENT_ID_BYTES];
    struct variable signatures[MEMORY_SIGNATURES];
    char names[MEMORY_SIGNATURES][MEMORY_NAME_BYTES];
    char counts[MEMORY_SIGNATURES][24];
    uint64_t started_ns; /* of the running start */
    bool start_survived; /* it is older than a start lasts */
    bool crash_noted;    /* the running start's crash is counted already */
};

/* Begin with what was seen before. */
void memory_begin(struct memory *memory, const struct guard_config *config,
                  const struct launches *launches);

/* Take an event in. */
void memory_note(struct memory *memory, const struct guard_event *event, uint64_t now_ns);

/* The app has ended by itself: was that a crash at its start? */
void memory_end(struct memory *memory, int exit_status, uint64_t now_ns);

/* Write it when something changed. Returns -1 and err when that failed (said once). */
int memory_save(struct memory *memory, struct err *err);

/* run_report.c: what the user sees of it. */

struct run_report {
    const struct context *context;
    const struct guard_config *config;
    enum webgl_state webgl, webgl2;
    struct memory *memory;
    struct live_curve curve;
    bool utf8, terminal;
    bool drawn;        /* the live line is on the screen */
    uint64_t plain_ns; /* last plain line */
    const char *next_rung;
};

/* The guard's callback; context is a struct run_report. */
void run_report(void *context, const struct guard_event *event);

#endif
