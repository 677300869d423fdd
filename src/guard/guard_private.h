/* guard_private.h: the state of a guard, and what its files do for each other.
 * Room: guard. Everything is allocated in guard_run() before the app starts; nothing after. */
#ifndef QWGUARD_GUARD_GUARD_PRIVATE_H
#define QWGUARD_GUARD_GUARD_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/attribute_private.h"
#include "guard/budget_private.h"
#include "guard/guard.h"
#include "guard/run_note_private.h"
#include "guard/tap_private.h"
#include "guard/timeline_private.h"
#include "guard/tree_private.h"
#include "incident/incident.h"
#include "platform/cgroup.h"
#include "platform/event.h"
#include "platform/gpu.h"
#include "platform/notify.h"
#include "platform/self.h"

/* Exit statuses, contract §2. */
#define STATUS_GAVE_UP 124
#define STATUS_FAILED 125
#define STATUS_SIGNAL 128 /* and the number of the signal */

#define ACTIONS_MAX 512
#define RECORD_WRITERS 8 /* incidents that may be on their way to a slow disk */
#define INCIDENT_PATH_BYTES 4096
#define QUIET_NS (10 * SECOND_NS) /* how far back growth is looked at, at least */

/* What the loop waits for. The table of steps is in guard.c. */
enum guard_state {
    STATE_UP,      /* the app runs and is watched */
    STATE_GRACE,   /* it was asked to end and may still */
    STATE_RECLAIM, /* a renderer was ended; does memory fall? */
    STATE_KILLING, /* processes of it are being ended */
    STATE_BACKOFF, /* ended; the next start waits */
    STATE_CLOSING, /* no further start; incidents are still being written */
    STATE_DONE,
    STATE_COUNT,
};

/* Why the tree is being ended. */
enum ending {
    ENDING_NONE,
    ENDING_LIMIT,
    ENDING_CRASH,    /* the app's own process crashed, the rest follows, then a new start */
    ENDING_LEFTOVER, /* the app has ended, helpers of its engine have not */
};

/* What a limit is about: memory of one process, of the whole tree, graphics memory of the tree, all
 * that the kernel counts of the tree. */
enum limit_kind { LIMIT_PROCESS, LIMIT_TREE, LIMIT_GPU, LIMIT_GROUP };

/* A limit that was crossed. */
struct crossing {
    bool active; /* to be acted upon now */
    enum limit_kind kind;
    const char *reason; /* word of the contract */
    int64_t pid;        /* the process that crossed, or grew most */
    uint64_t bytes;     /* of that process, or of the tree */
    uint64_t limit_bytes;
    uint64_t since_ns; /* first seen over the limit */
};

/* What an incident writer in its own process tells the guard. Shared memory. */
struct record_page {
    _Atomic bool named; /* id and path are filled in */
    bool written;
    char id[INCIDENT_ID_BYTES];
    char path[INCIDENT_PATH_BYTES];
    struct err err;
};

/* One writer, or none (pid 0). */
struct record_writer {
    int64_t pid;
    bool tried_again; /* the first one was killed */
    struct record_page *page;
};

/* The incident being put together, with room for everything it points to. */
struct record {
    struct incident incident;
    struct incident_process processes[TREE_MEMBERS_MAX];
    struct incident_sample timeline[TIMELINE_WRITTEN];
    struct incident_action actions[ACTIONS_MAX];
    struct attribution_result attribution;
    const char *evidence[EVIDENCE_MAX];
    struct variable signatures[SIGNATURES_MAX];
    char signature_counts[SIGNATURES_MAX][24];
    struct incident_log_mark log_marks[SIGNATURES_MAX];
    uint64_t origin_ns; /* of the crossing */
    struct record_writer writers[RECORD_WRITERS];
    struct record_writer *writer;        /* of this incident; NULL = none */
    bool again;                          /* to be written once more, when the writer has ended */
    bool told;                           /* GUARD_INCIDENT was */
    char last_path[INCIDENT_PATH_BYTES]; /* folder of the last incident that has one; "" = none */
    uint64_t last_time_s;                /* when it was (UTC) */
};

/* What the service manager is told. */
struct announce {
    struct notify notify;
    char status[512];  /* what was last said */
    uint64_t told_ns;  /* when, of figures */
    uint64_t alive_ns; /* next sign of life; EVENT_NEVER = none is wanted */
};

/* The control group that the app lives in, or none. */
struct backstop {
    bool on;
    struct cgroup group;
    struct arena arena; /* of the places */
    struct cgroup_places places;
    uint64_t limit_bytes; /* UINT64_MAX = it bounds nothing */
    uint64_t kills;       /* that the kernel had done in it when this start began, or since */
};

struct guard {
    const struct guard_config *config;
    guard_report_fn *report;
    void *context;
    struct event_loop loop;
    struct self_saved *saved;
    struct process_table *table;
    struct tree tree;
    struct tap tap;
    struct budget budget;
    struct timeline timeline;
    struct record *record;
    struct run_note *note;
    struct announce announce;
    struct backstop backstop;
    struct gpu_watch *gpu; /* NULL = graphics memory is not watched */
    uint64_t gpu_bytes;    /* of the tree, at the last look */
    uint64_t gpu_ns;       /* next look */

    enum guard_state state;
    enum ending ending;
    const struct guard_launch *launch;
    const struct guard_launch *next_launch;
    unsigned restart; /* of the running start: 0, 1, … */
    unsigned incidents;
    int quit_signal;  /* somebody asked the app to end; 0 = nobody */
    uint64_t quit_ns; /* when */
    bool first_ended; /* the process that we started has */
    struct process_end first_end;
    int exit_status;

    uint64_t started_ns;
    uint64_t look_ns;     /* next look at the tree */
    uint64_t all_ns;      /* next look at every process of it */
    uint64_t told_ns;     /* last GUARD_SAMPLE */
    uint64_t deadline_ns; /* of GRACE, KILLING (next round) and BACKOFF; of the leftovers in UP */
    uint64_t kill_until_ns;
    uint64_t restart_ns;        /* BACKOFF: when the pause is over */
    struct guard_event gave_up; /* CLOSING: told when everything is written; text NULL = no */
    bool crash_seen;            /* how the first process ended has been looked at */
    uint64_t crash_ns;          /* last crash at start; 0 = none */
    unsigned early_limits;      /* crossings in a row soon after the start */
    uint64_t early_bytes;
    struct crossing crossing;
    struct crossing reported; /* action report: what was said; active until memory falls */
    uint64_t grace_from_bytes;
    bool paid;              /* the restart budget has been charged for what is going on */
    unsigned relay_revived; /* how often the log tap was started again */
    bool relay_ended;       /* it is to be started again */
    bool relay_told;        /* that this was in vain */
    uint64_t counts_before[SIGNATURES_MAX]; /* of the log, when this start began */

    char **environment; /* of the next start; see launch.c */
    char *variables;    /* room for the texts in it */
    char own[4][INCIDENT_PATH_BYTES + 32];
    const char **argv;
    char text[512]; /* of warnings */
};

typedef void guard_step_fn(struct guard *g, const struct event *event, uint64_t now_ns);

/* sample.c */

/* Look at what is due (all: at everything), note crossings in g->crossing, set g->look_ns. */
void sample_look(struct guard *g, uint64_t now_ns, bool all);

/* Time until the next look at something that may grow by headroom_bytes. Pure. */
uint64_t sample_interval_ns(uint64_t headroom_bytes, uint64_t top_rate_bytes_per_s);

/* Growth of a member in bytes a second over what is remembered (a few seconds at most). */
double sample_rate(const struct member *member, uint64_t now_ns);

/* The process of the app that holds most; NULL when there is none. */
struct member *sample_largest(const struct tree *tree);

/* What a crossing is about, as it was last seen: the tree, or its largest process. */
uint64_t sample_measure(const struct guard *g, const struct crossing *crossing);

/* GUARD_SAMPLE when it is time for one. */
void sample_tell(struct guard *g, uint64_t now_ns);

/* swap.c */

/* Note what a look at a process found: what it holds is that, and what of it is swapped out. */
void swap_add(struct member *member, const struct memory_now *memory);

/* Ask each process what of it is swapped out, when the machine's use of swap has changed. */
void swap_look(struct guard *g, uint64_t now_ns);

/* What one process holds, in memory and swapped out; unchanged when that cannot be read. */
void swap_read(struct guard *g, struct member *member);

/* act.c */

/* Stop the tree, the process that crossed first; returns when no new process appears. */
void act_freeze(struct guard *g);

/* Let a stopped tree go on, so that it can end by itself. */
void act_continue(struct guard *g);

/* Ask the app to end, each process of it that is the app itself once: of a launcher that has ended
 * meanwhile what it left behind. */
void act_terminate(struct guard *g);

/* Hand a signal on to the app. */
void act_pass(struct guard *g, int number);

/* One round of SIGKILL to everything that is left; true when nothing is. */
bool act_kill_round(struct guard *g);

/* End one process. */
void act_kill(struct guard *g, struct member *member);

/* Note an action for the incident. */
void act_note(struct guard *g, const char *action, int64_t pid, const char *result);

/* limit.c */

/* Is it so soon after the start that a limit that is crossed may be below what the app needs? What
 * ran before we came has no start that we saw. */
bool limit_is_early(const struct guard *g, uint64_t now_ns);

/* A limit was crossed: do what the configuration says. */
void limit_act(struct guard *g, uint64_t now_ns);

/* What was reported may be reported again when memory has fallen meanwhile. */
void limit_forget(struct guard *g);

/* The app was asked to end: is its time up? */
void limit_grace(struct guard *g, uint64_t now_ns);

/* A renderer was ended: has memory fallen? */
void limit_reclaim(struct guard *g, uint64_t now_ns);

/* Begin to end the tree. */
void limit_kill(struct guard *g, enum ending ending, uint64_t now_ns);

/* record.c */

/* Begin an incident whose time zero is origin_ns. */
void record_open(struct guard *g, const char *reason, uint64_t origin_ns);

/* The still picture: processes, roles, memory, attribution; within a few milliseconds. */
void record_picture(struct guard *g);

/* One more sentence of evidence, and what follows from it. */
void record_attribute(struct guard *g, enum attribution kind, const char *evidence);

/* What is known when the tree is gone; write the incident in a process of its own. */
void record_finish(struct guard *g, const char *next_rung);

/* The app runs again: write the time of it into the incident, without waiting. */
void record_restarted(struct guard *g, uint64_t now_ns);

/* GUARD_INCIDENT, if it has not been told: the writer has ended, or must not be waited for. */
void record_tell(struct guard *g);

/* A child has ended; true when it was a writer. */
bool record_reap(struct guard *g, int64_t pid);

/* Is the folder of the incident known, or not to be had? */
bool record_is_named(const struct guard *g);

/* Is nothing being written? */
bool record_is_idle(const struct guard *g);

/* launch.c */

/* Room for environments and arguments. Returns -1 and err when there is no memory. */
int launch_prepare(struct guard *g, struct err *err);

/* Give the room back. */
void launch_free(struct guard *g);

/* Start g->launch and watch it. */
int launch_start(struct guard *g, struct err *err);

/* Watch what runs already (config->attach). ERR_GONE, ERR_DENIED (it may not be signalled). */
int launch_attach(struct guard *g, struct err *err);

/* end.c */

/* Children have ended: take their statuses, and take them out of the tree. */
void end_reap(struct guard *g);

/* Start a log tap that has ended again. */
void end_relay_revive(struct guard *g);

/* In UP: has the app ended, or what is left of it nothing to live for? */
void end_check(struct guard *g, uint64_t now_ns);

/* Nothing of the app is left after it was ended by us: decide what comes next. */
void end_settle(struct guard *g, uint64_t now_ns);

/* Time for the next start. */
void end_restart(struct guard *g, uint64_t now_ns);

/* No further start. */
void end_close(struct guard *g, int exit_status, uint64_t now_ns);

/* Was the app asked to end, not long ago? */
bool end_is_wanted(const struct guard *g, uint64_t now_ns);

/* backstop.c */

/* Make the control group where one can be had; where none can, a GUARD_NOTE says why. */
void backstop_open(struct guard *g);

/* Hear from the kernel when the group was full. */
void backstop_watch(struct guard *g);

/* Take it away. */
void backstop_close(struct guard *g);

/* The group that the next start goes into; NULL = none. */
const struct cgroup *backstop_group(struct guard *g);

/* A start begins: what the kernel did before is forgotten. */
void backstop_begin(struct guard *g);

/* Has the kernel ended processes at the bound? That is a limit that was crossed, and is acted upon
 * here. True when something else than before is going on now. */
bool backstop_check(struct guard *g, uint64_t now_ns);

/* Why, in words for the incident. */
void backstop_explain(struct guard *g);

/* Programs that are not the app's leave the group. */
void backstop_sort(struct guard *g);

/* Stop everything in the group, or let it go on. */
void backstop_freeze(struct guard *g, bool frozen);

/* End what in the group was not sent the signal, unless something in it is not the app's. */
void backstop_kill(struct guard *g);

/* announce.c */

/* Is there a service manager that wants to know? */
void announce_open(struct guard *g);

/* An event, as it is told to the caller. */
void announce_event(struct guard *g, const struct guard_event *event);

/* A sign of life, when it is time for one. */
void announce_alive(struct guard *g, uint64_t now_ns);

/* run_note.c */

/* Make the file by which others know of us. What goes wrong is a warning. */
void run_note_open(struct guard *g);

/* Write it again when something changed, at most once a second. Never waits for anything. */
void run_note_update(struct guard *g, uint64_t now_ns);

/* Take it away. */
void run_note_close(struct guard *g);

/* guard.c */

/* What is done in a state when something happens; never NULL. */
guard_step_fn *guard_step(enum guard_state state, enum event_kind event);

/* One event for the caller, with pid, rung and restart filled in. */
void guard_tell(struct guard *g, enum guard_event_kind kind, struct guard_event *event);

/* GUARD_NOTE. */
void guard_note(struct guard *g, const char *format, ...) PRINTF_LIKE(2, 3);

/* GUARD_WARNING. */
void guard_warn(struct guard *g, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
