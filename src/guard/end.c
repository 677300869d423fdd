/* How things end: the app by itself, the app by us, the guard. An end that somebody wanted is
 * passed on; one that we brought about leads to the next start, as often as the budget allows. */
#include <stdio.h>

#include "base/unit.h"
#include "guard/guard_private.h"
#include "guard/ladder_private.h"
#include "platform/clock.h"

/* Younger than this, an app that crashes has crashed at its start. */
#define START_NS (20 * SECOND_NS)
/* Two crashes at the start within this time are no accident. */
#define CRASHES_NS (60 * SECOND_NS)
/* Helpers of the engine see by themselves that the app has ended, normally within milliseconds. */
#define LEFTOVER_NS (2 * SECOND_NS)
/* An end so long after the wish for it is another matter. */
#define WANTED_NS (60 * SECOND_NS)
#define NAME_LIMIT_NS (250 * MS_NS)
#define NAME_STEP_NS (MS_NS / 4)
#define CLOSE_LIMIT_NS (20 * SECOND_NS)
#define RELAY_REVIVE_MAX 16

bool end_is_wanted(const struct guard *g, uint64_t now_ns)
{
    return g->quit_signal && now_ns - g->quit_ns < WANTED_NS;
}

static int own_status(const struct guard *g)
{
    return g->first_end.by_signal ? STATUS_SIGNAL + g->first_end.code : g->first_end.code;
}

void end_relay_revive(struct guard *g)
{
    struct err err;
    if (!g->relay_ended)
        return;
    if (relay_revive(&g->tap.relay, &err) == 0) {
        g->relay_ended = false;
        tree_ignore(&g->tree, g->tap.relay.pid);
    } else if (!g->relay_told) {
        g->relay_told = true;
        guard_warn(g, "the log tap has ended; starting it is tried again and again: %s", err.text);
    }
}

/* Unread, the log would hold the app up when its pipe is full, so one is started in any case; after
 * many, or when it cannot be, with the next look. */
static void relay_ended(struct guard *g)
{
    g->tap.relay.pid = -1;
    g->relay_ended = true;
    if (g->relay_revived++ < RELAY_REVIVE_MAX)
        end_relay_revive(g);
}

void end_reap(struct guard *g)
{
    struct process_end end;
    while (process_reap(&end)) {
        const struct member *member = tree_find(&g->tree, end.pid);
        if (end.pid == g->tree.first && !g->first_ended) {
            g->first_ended = true;
            g->first_end = end;
        }
        if (member)
            tree_remove(&g->tree, (size_t)(member - g->tree.members));
        if (record_reap(g, end.pid))
            continue;
        if (g->tap.page && end.pid == g->tap.relay.pid)
            relay_ended(g);
    }
}

void end_close(struct guard *g, int exit_status, uint64_t now_ns)
{
    g->exit_status = exit_status;
    g->state = STATE_CLOSING;
    g->look_ns = EVENT_NEVER;
    g->deadline_ns = record_is_idle(g) ? now_ns : now_ns + CLOSE_LIMIT_NS;
}

/* Every start of this app was over its limit at once: it needs more than the limit to start. */
static void early_tell(struct guard *g)
{
    char limit[UNIT_TEXT_BYTES], needed[UNIT_TEXT_BYTES];
    if (g->early_limits == 0 || g->early_limits != g->restart + 1)
        return;
    guard_warn(g,
               "%s was over the limit of %s at once (%s): the limit may be below what "
               "the app needs to start",
               g->early_limits > 1 ? "each start" : "the start",
               unit_size_text(limit, sizeof limit, g->crossing.limit_bytes),
               unit_size_text(needed, sizeof needed, g->early_bytes));
}

static void give_up(struct guard *g, const char *why, uint64_t now_ns)
{
    record_finish(g, NULL);
    early_tell(g);
    struct guard_event event = { .text = why, .limit_bytes = g->crossing.limit_bytes };
    g->gave_up = event;
    end_close(g, STATUS_GAVE_UP, now_ns);
}

/* The next start, with the given launch; false when the budget is spent. */
static bool start_again(struct guard *g, const struct guard_launch *next, uint64_t now_ns)
{
    uint64_t pause_ns = 0;
    if (!g->paid && !budget_spend(&g->budget, now_ns, &pause_ns))
        return false;
    g->next_launch = next;
    g->state = STATE_BACKOFF;
    g->look_ns = EVENT_NEVER;
    g->restart_ns = now_ns + pause_ns;
    g->deadline_ns = g->restart_ns;
    record_finish(g, next->rung);
    return true;
}

static void no_budget(struct guard *g, uint64_t now_ns)
{
    give_up(g,
            g->config->restart_max ? "the restarts that are allowed are used up"
                                   : "no restart is allowed",
            now_ns);
}

static const struct guard_launch *escalated(const struct guard *g, enum attribution kind)
{
    return g->config->escalate ? ladder_next(&g->config->ladders[kind], g->launch) : g->launch;
}

static void settle_limit(struct guard *g, uint64_t now_ns)
{
    if (end_is_wanted(g, now_ns)) {
        record_finish(g, NULL);
        end_close(g, STATUS_SIGNAL + g->quit_signal, now_ns);
    } else if (!g->config->actions.restart || g->config->actions.kill) {
        give_up(g, "the limit was reached, and no restart is wanted", now_ns);
    } else if (!start_again(g, escalated(g, g->record->incident.attribution), now_ns)) {
        no_budget(g, now_ns);
    }
}

static void settle_crash(struct guard *g, uint64_t now_ns)
{
    if (end_is_wanted(g, now_ns)) { /* since then: the crash is passed on */
        record_finish(g, NULL);
        end_close(g, own_status(g), now_ns);
    } else if (!start_again(g, g->next_launch, now_ns)) {
        no_budget(g, now_ns);
    }
}

void end_settle(struct guard *g, uint64_t now_ns)
{
    struct incident *incident = &g->record->incident;
    size_t left = tree_app_count(&g->tree);
    if (left)
        guard_warn(g, "%zu %s of the app cannot be ended", left,
                   left == 1 ? "process" : "processes");
    if (g->ending == ENDING_LEFTOVER) {
        end_close(g, own_status(g), now_ns);
        return;
    }
    incident->survivor_count = left;
    incident->tree_gone_ns = (struct maybe_u64){ left == 0, now_ns - g->record->origin_ns };
    if (g->ending == ENDING_CRASH)
        settle_crash(g, now_ns);
    else
        settle_limit(g, now_ns);
}

/* A crash that is to be followed by a new start: which one? NULL = it is passed on. At the start
 * the first crash may be an accident; the second within a minute leads to the next rung, as long as
 * there is one. */
static const struct guard_launch *after_crash(struct guard *g, uint64_t now_ns)
{
    bool at_start = now_ns - g->started_ns < START_NS;
    const struct guard_launch *wider = escalated(g, ATTRIBUTION_UNKNOWN);
    if (!g->first_end.crashed || end_is_wanted(g, now_ns))
        return NULL;
    if (at_start && wider != g->launch) {
        bool second = g->crash_ns && now_ns - g->crash_ns < CRASHES_NS;
        g->crash_ns = now_ns;
        return second ? wider : g->launch;
    }
    return g->config->restart_on_crash ? g->launch : NULL;
}

/* The process that we started has crashed: what is left of it goes too. */
static bool crash_begin(struct guard *g, uint64_t now_ns)
{
    bool at_start = now_ns - g->started_ns < START_NS;
    const struct guard_launch *next = after_crash(g, now_ns);
    if (!next)
        return false;
    g->next_launch = next;
    g->crossing = (struct crossing){ .pid = g->tree.first };
    record_open(g, at_start ? "startup-crash" : "crash", now_ns);
    record_picture(g);
    g->record->incident.process_role = ROLE_BROWSER;
    (void)snprintf(g->text, sizeof g->text, "the app ended by signal %d, %.1f s after its start",
                   g->first_end.code, (double)(now_ns - g->started_ns) / (double)SECOND_NS);
    record_attribute(g, ATTRIBUTION_UNKNOWN, g->text);
    limit_kill(g, ENDING_CRASH, now_ns);
    return true;
}

void end_check(struct guard *g, uint64_t now_ns)
{
    if (!g->first_ended || g->state != STATE_UP)
        return;
    if (!g->crash_seen) {
        g->crash_seen = true;
        if (backstop_check(g, now_ns) || crash_begin(g, now_ns))
            return;
    }
    if (tree_app_count(&g->tree) == 0)
        (void)tree_scan(&g->tree, now_ns, true);
    tree_check(&g->tree, now_ns, g->deadline_ns == EVENT_NEVER);
    if (tree_app_count(&g->tree) == 0)
        end_close(g, own_status(g), now_ns);
    else if (!tree_is_leftover(&g->tree))
        g->deadline_ns = EVENT_NEVER;
    else if (g->deadline_ns == EVENT_NEVER)
        g->deadline_ns = now_ns + LEFTOVER_NS;
    else if (now_ns >= g->deadline_ns)
        limit_kill(g, ENDING_LEFTOVER, now_ns);
}

void end_restart(struct guard *g, uint64_t now_ns)
{
    struct err err;
    if (!record_is_named(g) && now_ns < g->restart_ns + NAME_LIMIT_NS) {
        g->deadline_ns = now_ns + NAME_STEP_NS;
        return;
    }
    record_tell(g);
    g->launch = g->next_launch;
    g->restart++;
    if (launch_start(g, &err) < 0) {
        g->paid = false;
        timeline_clear(&g->timeline); /* nothing was seen of an app that did not run */
        record_open(g, "start-failed", now_ns);
        record_attribute(g, ATTRIBUTION_UNKNOWN, err.text);
        if (!start_again(g, g->launch, now_ns))
            no_budget(g, now_ns);
        return;
    }
    record_restarted(g, g->started_ns);
    struct guard_event event = { .pid = g->tree.first };
    guard_tell(g, GUARD_RESTARTED, &event);
}
