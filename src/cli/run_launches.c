/* The preflight of `run`, done by a copy of this process. The copy may load what it likes, crash or
 * hang: what it found is in shared memory, at the same address in both, and the rest goes with it.
 * So the guard keeps nothing of the preflight in its heap. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "cli/describe.h"
#include "cli/run_private.h"
#include "engine/flags.h"
#include "platform/clock.h"
#include "platform/event.h"
#include "platform/memory.h"
#include "platform/process.h"
#include "platform/self.h"
#include "platform/spawn.h"

/* The GL child alone may take 4 s (machine/probe.h) on a driver that hangs. */
#define PREFLIGHT_LIMIT_NS (15 * SECOND_NS)

/* --- in the copy --------------------------------------------------------------------------------
 */

static void *room_get(struct launches *out, size_t size_bytes)
{
    const size_t step = _Alignof(max_align_t);
    size_t rounded = (size_bytes + step - 1) / step * step;
    if (rounded > sizeof out->bytes - out->used_bytes) {
        out->too_long = true;
        return NULL;
    }
    void *room = out->bytes + out->used_bytes;
    out->used_bytes += rounded;
    return room;
}

static const char *text_share(struct launches *out, const char *text)
{
    size_t size = text ? strlen(text) + 1 : 0;
    char *copy = text ? room_get(out, size) : NULL;
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

static struct variables variables_share(struct launches *out, const struct variables *from)
{
    struct variables to = { .items = room_get(out, from->count * sizeof *from->items) };
    for (size_t i = 0; to.items && i < from->count; i++)
        to.items[to.count++] = (struct variable){ text_share(out, from->items[i].name),
                                                  text_share(out, from->items[i].value) };
    return to;
}

struct guard_launch launch_of_plan(struct arena *arena, const struct plan *plan)
{
    struct guard_launch launch = { .rung = plan->rung };
    for (size_t i = 0; i < plan->environment.count; i++)
        ARENA_PUSH(arena, &launch.environment, plan->environment.items[i]);
    if (plan->chromium_flags)
        variables_set(arena, &launch.environment, FLAGS_VARIABLE, plan->chromium_flags);
    return launch;
}

static struct guard_launch launch_share(struct launches *out, struct arena *arena,
                                        const struct plan *plan)
{
    struct guard_launch launch = launch_of_plan(arena, plan);
    return (struct guard_launch){ .rung = text_share(out, launch.rung),
                                  .environment = variables_share(out, &launch.environment) };
}

/* The rung that the plan for this attribution begins with, and the wider ones: the guard goes to
 * the one behind the rung in force. Flags that cannot be merged end the ladder. */
static struct guard_ladder ladder_share(struct launches *out, struct context *context,
                                        const struct preflight *preflight, const struct plan *plan)
{
    struct err ignored;
    struct plan_input input = { .identity = &preflight->identity,
                                .verdict = &preflight->verdict,
                                .matches = &preflight->matches,
                                .history = &preflight->history };
    struct guard_launch *steps = room_get(out, (plan->ladder_count + 1) * sizeof *steps);
    struct guard_ladder ladder = { .steps = steps };
    if (!steps)
        return ladder;
    if (rung_width(plan->rung) != 0)
        steps[ladder.count++] = launch_share(out, context->arena, plan);
    for (size_t i = 0; i < plan->ladder_count; i++) {
        struct plan next;
        if (plan_next(context->arena, &input, plan, i, &next, &ignored) < 0)
            break;
        steps[ladder.count++] = launch_share(out, context->arena, &next);
    }
    return ladder;
}

static void history_share(struct launches *out, const struct preflight *preflight)
{
    const struct history *history = &preflight->history;
    const struct history_key *key = &preflight->history_key;
    out->key = (struct history_key){ .app = text_share(out, key->app),
                                     .fingerprint = text_share(out, key->fingerprint),
                                     .engine = text_share(out, key->engine),
                                     .program = text_share(out, key->program) };
    out->history = *history;
    out->history.rung = text_share(out, history->rung);
    out->history.attribution = text_share(out, history->attribution);
    out->history.incident = text_share(out, history->incident);
    out->history.signatures = variables_share(out, &history->signatures);
}

struct job {
    struct context *context;
    const struct settings *settings;
    const struct preflight_app *app;
    struct launches *out;
};

static int job_try(const struct job *job, struct err *err)
{
    struct context *context = job->context;
    struct launches *out = job->out;
    struct preflight preflight = { 0 };
    struct profile_app app;
    int made = preflight_make(context, job->settings, job->app, &preflight, err);
    message_report(context, &preflight.report);
    if (made < 0)
        return -1;
    out->first = launch_share(out, context->arena, &preflight.plan);
    for (size_t i = 0; i < ATTRIBUTION_COUNT; i++) {
        struct plan plan;
        struct err ignored; /* then there is no ladder for it */
        if (preflight_replan(context, &preflight, (enum attribution)i, &plan, &ignored) == 0)
            out->ladders[i] = ladder_share(out, context, &preflight, &plan);
    }
    profiles_app(&preflight.matches, &app);
    out->handles_termination = app.handles_termination;
    out->memory_bytes = app.memory_bytes;
    out->webgl = preflight.verdict.webgl;
    out->webgl2 = preflight.verdict.webgl2;
    out->engine_qt = text_share(out, preflight.engine.qt);
    out->engine_chromium = text_share(out, preflight.engine.chromium);
    out->gpu_text = text_share(out, describe_machine(context->arena, &preflight.identity));
    out->preflight = text_share(out, facts_text(context->arena, &preflight));
    history_share(out, &preflight);
    if (out->too_long)
        return err_set(err, ERR_DATA, "the plan is larger than %zu bytes", sizeof out->bytes);
    return 0;
}

static int job_do(void *context)
{
    const struct job *job = context;
    struct err err;
    if (job_try(job, &err) < 0) {
        char text[sizeof err.text];
        err_format(&err, text, sizeof text); /* the place's file name stays behind */
        job->out->err = (struct err){ .kind = err.kind, .os = err.os };
        memcpy(job->out->err.text, text, sizeof text);
        return 1;
    }
    job->out->made = true;
    return 0;
}

/* --- in this process ----------------------------------------------------------------------------
 */

static void helper_kill(int64_t pid)
{
    struct process_table *table;
    struct process_facts facts;
    struct err ignored; /* it holds nothing of ours: what cannot be ended ends by itself */
    if (process_table_open(&table, &ignored) < 0)
        return;
    if (process_facts_read(table, pid, &facts, &ignored) == 0) {
        struct proc proc = { .pid = pid, .start = facts.start, .handle = PROCESS_HANDLE_NONE };
        if (process_hold(table, &proc, &ignored) == 0)
            (void)process_signal_send(table, &proc, PROCESS_KILL, &ignored);
        process_release(table, &proc);
    }
    process_table_close(table);
}

/* Wait for the copy. 0: it ended (or somebody wants us to end, *out_signal); -1: err. */
static int helper_wait(int64_t pid, struct process_end *out, int *out_signal, struct err *err)
{
    struct event_loop loop = EVENT_LOOP_CLOSED;
    struct event event;
    int result = -1;
    if (event_loop_open(&loop, err) < 0
        || event_deadline_set(&loop, clock_monotonic_ns() + PREFLIGHT_LIMIT_NS, err) < 0)
        goto close;
    for (;;) {
        while (process_reap(out)) {
            if (out->pid == pid) {
                result = 0;
                goto close;
            }
        }
        if (event_wait(&loop, &event, err) < 0)
            goto close;
        if (event.kind == EVENT_DEADLINE) {
            (void)err_set(err, ERR_SYSTEM, "it took longer than %d s",
                          (int)(PREFLIGHT_LIMIT_NS / SECOND_NS));
            goto close;
        }
        if (event.kind == EVENT_SIGNAL && event.asks_to_quit) {
            *out_signal = event.signal;
            result = 0;
            goto close;
        }
    }
close:
    event_loop_close(&loop);
    return result;
}

static int end_judge(const struct launches *out, const struct process_end *end, struct err *err)
{
    if (out->made)
        return 0;
    if (end->by_signal)
        return err_set(err, ERR_SYSTEM, "it crashed (signal %d)", end->code);
    if (out->err.kind == ERR_NONE)
        return err_set(err, ERR_SYSTEM, "it ended with status %d", end->code);
    *err = out->err;
    return -1;
}

const struct launches *launches_make(struct context *context, const struct settings *settings,
                                     const struct preflight_app *app, int *out_signal,
                                     struct err *err)
{
    struct launches *out = memory_shared_get(sizeof *out);
    struct job job = { context, settings, app, out };
    struct self_saved *saved;
    struct process_end end = { 0 };
    int64_t pid;
    *out_signal = 0;
    if (!out) {
        (void)err_set(err, ERR_SYSTEM, "there is no memory for it");
        return NULL;
    }
    /* It begins before we hold signals, so that it does not inherit what only a guard may be. */
    if (spawn_helper(job_do, &job, NULL, 0, &pid, err) < 0)
        return NULL;
    int waited = self_arm(&saved, err);
    if (waited == 0) {
        waited = helper_wait(pid, &end, out_signal, err);
        if (waited < 0 || *out_signal)
            helper_kill(pid);
        self_disarm(saved);
    }
    if (waited < 0 || *out_signal || end_judge(out, &end, err) < 0)
        return NULL;
    return out;
}
