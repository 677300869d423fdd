/* What is done to processes: stop, let go on, ask to end, end. Each goes to the process that leaks
 * first, and is repeated until no process is found that was born meanwhile. */
#include "guard/guard_private.h"
#include "platform/clock.h"

/* A program that forks faster than it is stopped is left to the next round. */
#define ROUNDS_MAX 100

static const char *outcome(int failed, const struct err *err)
{
    static const char *const texts[] = {
        [0] = "sent", [1] = "gone", [2] = "denied", [3] = "failed"
    };
    if (!failed)
        return texts[0];
    return texts[err->kind == ERR_GONE ? 1 : err->kind == ERR_DENIED ? 2 : 3];
}

void act_note(struct guard *g, const char *action, int64_t pid, const char *result)
{
    struct record *record = g->record;
    if (record->incident.action_count == ACTIONS_MAX)
        return;
    record->actions[record->incident.action_count++] = (struct incident_action){
        .t_ns = (int64_t)(clock_monotonic_ns() - record->origin_ns),
        .action = action,
        .pid = pid,
        .result = result,
    };
}

static void stop(struct guard *g, struct member *member)
{
    struct err err;
    if (member->kind != MEMBER_APP || member->stopped)
        return;
    member->stopped = true;
    int failed = process_signal_send(g->table, &member->proc, PROCESS_STOP, &err);
    struct incident *incident = &g->record->incident;
    if (incident->acted_ns.known)
        return;
    incident->acted_ns = (struct maybe_u64){ true, clock_monotonic_ns() - g->record->origin_ns };
    act_note(g, "stop", member->proc.pid, outcome(failed, &err));
}

/* The process that crossed, if it is one of the app's still. */
static struct member *leading(const struct guard *g)
{
    struct member *member = g->crossing.active ? tree_find(&g->tree, g->crossing.pid) : NULL;
    return member && member->kind == MEMBER_APP ? member : NULL;
}

void act_freeze(struct guard *g)
{
    struct member *first = leading(g);
    if (first)
        stop(g, first);
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        for (size_t i = 0; i < g->tree.count; i++)
            stop(g, &g->tree.members[i]);
        backstop_freeze(g, true); /* what is born meanwhile, too */
        if (tree_scan(&g->tree, clock_monotonic_ns(), false) == 0)
            return;
    }
}

void act_continue(struct guard *g)
{
    for (size_t i = 0; i < g->tree.count; i++) {
        struct member *member = &g->tree.members[i];
        struct err ignored; /* one that has ended needs no more */
        if (member->kind != MEMBER_APP || !member->stopped)
            continue;
        member->stopped = false;
        (void)process_signal_send(g->table, &member->proc, PROCESS_CONTINUE, &ignored);
    }
    backstop_freeze(g, false);
}

/* The process that we started, or where that was a launcher and has ended, the app's own. */
static bool is_asked(const struct guard *g, const struct member *member)
{
    if (member->kind != MEMBER_APP)
        return false;
    if (tree_find(&g->tree, g->tree.first))
        return member->proc.pid == g->tree.first;
    return member->role == ROLE_BROWSER || member->role == ROLE_OTHER;
}

void act_terminate(struct guard *g)
{
    for (size_t i = 0; i < g->tree.count; i++) {
        struct member *member = &g->tree.members[i];
        struct err err;
        bool app = member->kind == MEMBER_APP && member->role == ROLE_BROWSER;
        if (member->asked || !(app || is_asked(g, member)))
            continue;
        member->asked = true;
        int failed = process_signal_send(g->table, &member->proc, PROCESS_TERMINATE, &err);
        act_note(g, "term", member->proc.pid, outcome(failed, &err));
    }
}

void act_pass(struct guard *g, int number)
{
    for (size_t i = 0; i < g->tree.count; i++) {
        struct err ignored; /* it has ended, or became another user's: nobody to tell */
        if (is_asked(g, &g->tree.members[i]))
            (void)process_signal_pass(g->table, &g->tree.members[i].proc, number, &ignored);
    }
}

void act_kill(struct guard *g, struct member *member)
{
    struct err err;
    if (member->kind != MEMBER_APP || member->killed)
        return;
    int failed = process_signal_send(g->table, &member->proc, PROCESS_KILL, &err);
    bool denied = failed && err.kind != ERR_GONE; /* tried again in the next round */
    if (!denied || !member->kill_denied)
        act_note(g, "kill", member->proc.pid, outcome(failed, &err));
    member->killed = !denied;
    member->kill_denied = denied;
}

/* Of those that were sent the signal, who has ended by now? */
static void outcomes_update(struct guard *g)
{
    struct incident *incident = &g->record->incident;
    for (size_t i = 0; i < incident->action_count; i++) {
        struct incident_action *action = &g->record->actions[i];
        if (text_equal(action->action, "kill") && text_equal(action->result, "sent")
            && !tree_find(&g->tree, action->pid))
            action->result = "gone";
    }
}

bool act_kill_round(struct guard *g)
{
    struct member *first = leading(g);
    if (first)
        act_kill(g, first);
    for (unsigned round = 0; round < ROUNDS_MAX; round++) {
        for (size_t i = 0; i < g->tree.count; i++)
            act_kill(g, &g->tree.members[i]);
        if (tree_scan(&g->tree, clock_monotonic_ns(), false) == 0)
            break;
    }
    backstop_kill(g);
    (void)tree_sweep(&g->tree);
    if (tree_app_count(&g->tree) == 0)
        (void)tree_scan(&g->tree, clock_monotonic_ns(), true);
    if (tree_app_count(&g->tree) != 0)
        return false;
    backstop_freeze(g, false); /* should somebody else be in it */
    outcomes_update(g);
    return true;
}
