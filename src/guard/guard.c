/* The guard: arm, start, loop, close. What is done in which state when what happens stands in one
 * table; the steps themselves are in the other files of this folder. After the first start nothing
 * is allocated: what needs memory is done by copies of this process. */
#include "guard/guard.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "guard/guard_private.h"
#include "platform/clock.h"
#include "platform/memory.h"

#define LOG_LIMIT_NS (2 * SECOND_NS)
#define LOOP_AGAIN_MAX 3 /* failures in a row */

void guard_tell(struct guard *g, enum guard_event_kind kind, struct guard_event *event)
{
    event->kind = kind;
    if (event->pid == 0)
        event->pid = g->tree.first;
    event->rung = g->launch->rung;
    event->restart = g->restart;
    g->report(g->context, event);
    announce_event(g, event);
}

static void say(struct guard *g, enum guard_event_kind kind, const char *format, va_list args)
{
    char text[512];
    struct guard_event event = { .text = text };
    (void)vsnprintf(text, sizeof text, format, args);
    guard_tell(g, kind, &event);
}

void guard_warn(struct guard *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(g, GUARD_WARNING, format, args);
    va_end(args);
}

void guard_note(struct guard *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(g, GUARD_NOTE, format, args);
    va_end(args);
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void quit_note(struct guard *g, const struct event *event, uint64_t now_ns)
{
    if (!event->asks_to_quit)
        return;
    g->quit_signal = event->signal;
    g->quit_ns = now_ns;
}

/* Of an app that is not our child nobody tells us that it has ended. */
static void first_look(struct guard *g)
{
    if (g->config->attach.pid && !g->first_ended && !tree_find(&g->tree, g->tree.first)) {
        g->first_ended = true;
        g->first_end = (struct process_end){ .pid = g->tree.first };
    }
}

static void watch(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    if (now_ns >= g->look_ns) {
        end_relay_revive(g);
        sample_look(g, now_ns, false);
        backstop_sort(g);
        limit_forget(g);
        if (g->crossing.active)
            limit_act(g, now_ns);
        sample_tell(g, now_ns);
    }
    first_look(g);
    end_check(g, now_ns);
}

static void group_full(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    (void)backstop_check(g, now_ns);
}

static void reap_up(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    end_reap(g);
    end_check(g, now_ns);
}

/* What the terminal sends, it sends to the app too. */
static void pass(struct guard *g, const struct event *event, uint64_t now_ns)
{
    if (g->config->attach.pid) { /* it is meant for us: the app goes on without a guard */
        if (event->asks_to_quit)
            end_close(g, STATUS_SIGNAL + event->signal, now_ns);
        return;
    }
    quit_note(g, event, now_ns);
    if (event->from_process)
        act_pass(g, event->signal);
}

static void watch_grace(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    limit_grace(g, now_ns);
}

static void reap_grace(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    end_reap(g);
    if (tree_app_count(&g->tree) == 0)
        limit_kill(g, ENDING_LIMIT, now_ns);
}

static void watch_reclaim(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    limit_reclaim(g, now_ns);
}

static void kill_on(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    end_reap(g);
    if (act_kill_round(g) || now_ns >= g->kill_until_ns)
        end_settle(g, clock_monotonic_ns());
    else
        g->deadline_ns = now_ns + MS_NS;
}

static void remember(struct guard *g, const struct event *event, uint64_t now_ns)
{
    quit_note(g, event, now_ns);
}

static void start(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    end_restart(g, now_ns);
}

static void reap_only(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    (void)now_ns;
    end_reap(g);
}

static void quit_backoff(struct guard *g, const struct event *event, uint64_t now_ns)
{
    quit_note(g, event, now_ns);
    if (event->asks_to_quit)
        end_close(g, STATUS_SIGNAL + event->signal, now_ns);
}

static void close_now(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)event;
    (void)now_ns;
    record_tell(g);
    if (g->gave_up.text)
        guard_tell(g, GUARD_GAVE_UP, &g->gave_up);
    g->state = STATE_DONE;
}

static void reap_closing(struct guard *g, const struct event *event, uint64_t now_ns)
{
    end_reap(g);
    if (record_is_idle(g))
        close_now(g, event, now_ns);
}

static void stay(struct guard *g, const struct event *event, uint64_t now_ns)
{
    (void)g;
    (void)event;
    (void)now_ns;
}

static guard_step_fn *const steps[STATE_COUNT][EVENT_COUNT] = {
    [STATE_UP] = { [EVENT_DEADLINE] = watch,
                   [EVENT_CHILD] = reap_up,
                   [EVENT_SIGNAL] = pass,
                   [EVENT_GROUP] = group_full },
    [STATE_GRACE] = { [EVENT_DEADLINE] = watch_grace,
                      [EVENT_CHILD] = reap_grace,
                      [EVENT_SIGNAL] = pass,
                      [EVENT_GROUP] = stay },
    [STATE_RECLAIM] = { [EVENT_DEADLINE] = watch_reclaim,
                        [EVENT_CHILD] = reap_only,
                        [EVENT_SIGNAL] = pass,
                        [EVENT_GROUP] = stay },
    [STATE_KILLING] = { [EVENT_DEADLINE] = kill_on,
                        [EVENT_CHILD] = kill_on,
                        [EVENT_SIGNAL] = remember,
                        [EVENT_GROUP] = stay },
    [STATE_BACKOFF] = { [EVENT_DEADLINE] = start,
                        [EVENT_CHILD] = reap_only,
                        [EVENT_SIGNAL] = quit_backoff,
                        [EVENT_GROUP] = stay },
    [STATE_CLOSING] = { [EVENT_DEADLINE] = close_now,
                        [EVENT_CHILD] = reap_closing,
                        [EVENT_SIGNAL] = stay,
                        [EVENT_GROUP] = stay },
    [STATE_DONE] = { [EVENT_DEADLINE] = stay,
                     [EVENT_CHILD] = stay,
                     [EVENT_SIGNAL] = stay,
                     [EVENT_GROUP] = stay },
};

guard_step_fn *guard_step(enum guard_state state, enum event_kind event)
{
    return steps[state][event];
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static int loop_once(struct guard *g, struct err *err)
{
    struct event event;
    uint64_t due_ns = g->look_ns < g->deadline_ns ? g->look_ns : g->deadline_ns;
    uint64_t at_ns = due_ns < g->announce.alive_ns ? due_ns : g->announce.alive_ns;
    if (event_deadline_set(&g->loop, at_ns, err) < 0 || event_wait(&g->loop, &event, err) < 0)
        return -1;
    uint64_t now_ns = clock_monotonic_ns();
    announce_alive(g, now_ns);
    if (event.kind == EVENT_DEADLINE && now_ns < due_ns)
        return 0; /* only the sign of life was due */
    steps[g->state][event.kind](g, &event, now_ns);
    run_note_update(g, clock_monotonic_ns()); /* a step may have started the app since now_ns */
    return 0;
}

/* What failed once need not fail again. Signals that wait are not lost with the descriptor. */
static int loop_renew(struct guard *g, struct err *err)
{
    event_loop_close(&g->loop);
    if (event_loop_open(&g->loop, err) < 0)
        return -1;
    backstop_watch(g);
    return 0;
}

static void loop_lost(struct guard *g, const struct err *err)
{
    guard_warn(g, "%s; %s", err->text,
               tree_app_count(&g->tree) ? "the app goes on without a guard"
                                        : "no app runs, and none is started again");
    g->exit_status = STATUS_FAILED;
    g->state = STATE_DONE;
}

static int record_prepare(struct guard *g, struct err *err)
{
    g->record = calloc(1, sizeof *g->record);
    struct record_page *pages = memory_shared_get(RECORD_WRITERS * sizeof *pages);
    if (!g->record || !pages)
        return err_set(err, ERR_SYSTEM, "no memory to guard with");
    for (size_t i = 0; i < RECORD_WRITERS; i++)
        g->record->writers[i].page = &pages[i];
    return 0;
}

/* Without a log tap the app's log goes its old way; without a copy it is read all the same. */
static void tap_try(struct guard *g)
{
    struct err err;
    const char *file = g->config->log_file;
    if (!g->config->log_tap)
        return;
    if (file && relay_copy_check(file, &err) < 0) {
        guard_warn(g, "the log is not copied: %s", err.text);
        file = NULL;
    }
    if (tap_start(&g->tap, file, &err) < 0)
        guard_warn(g, "no log tap: %s", err.text);
}

/* Where there is nothing to look at, the other limits still hold. */
static void gpu_try(struct guard *g)
{
    struct err err;
    const char *root = g->config->root ? g->config->root : "";
    if (g->config->gpu_limit_bytes.known && gpu_watch_open(root, &g->gpu, &err) < 0)
        guard_warn(g, "graphics memory is not watched: %s", err.text);
}

static int arm(struct guard *g, struct err *err)
{
    const struct guard_config *config = g->config;
    char time[16];
    (void)clock_local_text(time, sizeof time, 0); /* the time zone is read now, and not again */
    g->launch = &config->first;
    g->budget.max = config->restart_max;
    g->budget.within_ns = config->restart_within_ns;
    g->budget.pause_ns = config->backoff_ns;
    if (self_arm(&g->saved, err) < 0 || process_table_open(&g->table, err) < 0
        || record_prepare(g, err) < 0 || launch_prepare(g, err) < 0)
        return -1;
    backstop_open(g); /* before the log tap, which is to be where we are then */
    tap_try(g);
    announce_open(g);
    gpu_try(g);
    if (tree_open(&g->tree, g->table, &config->keep, err) < 0 || event_loop_open(&g->loop, err) < 0)
        return -1;
    backstop_watch(g);
    return config->attach.pid ? launch_attach(g, err) : launch_start(g, err);
}

static void disarm(struct guard *g)
{
    run_note_close(g);
    notify_close(&g->announce.notify);
    tap_stop(&g->tap, LOG_LIMIT_NS);
    event_loop_close(&g->loop);
    backstop_close(g);
    tree_close(&g->tree);
    launch_free(g);
    gpu_watch_close(g->gpu);
    process_table_close(g->table);
    self_disarm(g->saved);
    free(g->record);
    free(g);
}

int guard_run(const struct guard_config *config, guard_report_fn *report, void *context,
              struct guard_result *out, struct err *err)
{
    struct guard *g = calloc(1, sizeof *g);
    struct err lost;
    if (!g)
        return err_set(err, ERR_SYSTEM, "no memory to guard with");
    g->config = config;
    g->report = report;
    g->context = context;
    g->loop = (struct event_loop)EVENT_LOOP_CLOSED;
    cgroup_none(&g->backstop.group);
    g->announce.notify.fd = -1;
    g->announce.alive_ns = EVENT_NEVER;
    g->tap.relay = (struct relay){ .pid = -1, .input = -1, .output = -1 };
    if (arm(g, err) < 0) {
        disarm(g);
        return -1;
    }
    run_note_open(g);
    struct guard_event event = { 0 };
    guard_tell(g, GUARD_STARTED, &event);
    for (unsigned again = 0; g->state != STATE_DONE;) {
        if (loop_once(g, &lost) == 0)
            again = 0;
        else if (again++ < LOOP_AGAIN_MAX && loop_renew(g, &lost) == 0)
            continue;
        else
            loop_lost(g, &lost);
    }
    *out = (struct guard_result){ .exit_status = g->exit_status,
                                  .restarts = g->restart,
                                  .rung = g->launch->rung,
                                  .incidents = g->incidents };
    guard_tell(g, GUARD_ENDED, &(struct guard_event){ 0 });
    disarm(g);
    return 0;
}
