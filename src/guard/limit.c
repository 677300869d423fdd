/* What happens at a limit. The tree is stopped first: growth ends, and everything else is decided
 * on a still picture. Then the app may get time to end by itself, or a renderer is ended and memory
 * looked at again, or everything is ended. */
#include "guard/guard_private.h"
#include "platform/clock.h"

#define GRACE_LOOK_NS MS_NS
#define GRACE_GROWTH_BYTES (128 * MIB_BYTES)
#define KILL_ROUND_NS MS_NS
/* A process that does not end by SIGKILL for so long waits in the kernel, for a dead disk or a
 * driver; it is reported as a survivor. */
#define KILL_LIMIT_NS (10 * SECOND_NS)
#define EARLY_NS (2 * SECOND_NS)
#define RECLAIM_LIMIT_NS (5 * SECOND_NS)
#define RECLAIM_LOOK_NS (10 * MS_NS)
#define FALLEN_PERMILLE 800 /* of the limit: memory has fallen */

static uint64_t permille(uint64_t bytes, unsigned share)
{
    return bytes / 1000 * share;
}

void limit_kill(struct guard *g, enum ending ending, uint64_t now_ns)
{
    g->ending = ending;
    g->state = STATE_KILLING;
    g->look_ns = EVENT_NEVER;
    g->kill_until_ns = now_ns + KILL_LIMIT_NS;
    g->deadline_ns = now_ns + KILL_ROUND_NS;
    if (act_kill_round(g))
        end_settle(g, clock_monotonic_ns());
}

bool limit_is_early(const struct guard *g, uint64_t now_ns)
{
    return !g->config->attach.pid && now_ns - g->started_ns < EARLY_NS;
}

static bool only_reports(const struct guard_actions *actions)
{
    return actions->report && !actions->restart && !actions->kill && !actions->reclaim;
}

/* What has to be known before something else can happen. */
static void picture(struct guard *g, uint64_t now_ns)
{
    record_open(g, g->crossing.reason, g->crossing.since_ns);
    if (!only_reports(&g->config->actions))
        act_freeze(g);
    record_picture(g);
    if (g->crossing.kind == LIMIT_GROUP)
        backstop_explain(g);
    if (limit_is_early(g, now_ns)) {
        g->early_limits++;
        g->early_bytes = g->crossing.bytes;
    } else {
        g->early_limits = 0;
    }
}

static void tell_crossed(struct guard *g)
{
    struct guard_event event = { .pid = g->crossing.pid,
                                 .limit_bytes = g->crossing.limit_bytes,
                                 .largest_bytes = g->crossing.bytes,
                                 .tree_bytes = g->tree.bound_bytes,
                                 .incident = &g->record->incident };
    guard_tell(g, GUARD_CROSSED, &event);
}

static void report_only(struct guard *g)
{
    g->reported = g->crossing;
    act_note(g, "report", g->crossing.pid, "written");
    record_finish(g, NULL);
    tell_crossed(g);
}

/* The renderer to end: the one that crossed, else the one that holds most. */
static struct member *renderer_find(struct guard *g)
{
    struct member *found = NULL;
    for (size_t i = 0; i < g->tree.count; i++) {
        struct member *member = &g->tree.members[i];
        if (member->kind != MEMBER_APP || member->role != ROLE_RENDERER)
            continue;
        if (member->proc.pid == g->crossing.pid)
            return member;
        if (!found || member->held_bytes > found->held_bytes)
            found = member;
    }
    return found;
}

/* False when there is no renderer to end, or the budget for it is spent. */
static bool reclaim_begin(struct guard *g, uint64_t now_ns)
{
    uint64_t pause_ns;
    struct member *renderer = renderer_find(g);
    if (!renderer || !budget_spend(&g->budget, now_ns, &pause_ns))
        return false;
    g->paid = true;
    g->grace_from_bytes = sample_measure(g, &g->crossing);
    act_kill(g, renderer);
    act_continue(g);
    g->state = STATE_RECLAIM;
    g->look_ns = now_ns + RECLAIM_LOOK_NS;
    g->deadline_ns = now_ns + RECLAIM_LIMIT_NS;
    return true;
}

static void grace_begin(struct guard *g, uint64_t now_ns)
{
    g->grace_from_bytes = sample_measure(g, &g->crossing);
    act_terminate(g);
    act_continue(g);
    g->state = STATE_GRACE;
    g->look_ns = now_ns + GRACE_LOOK_NS;
    g->deadline_ns = now_ns + g->config->grace_ns;
}

void limit_forget(struct guard *g)
{
    if (sample_measure(g, &g->reported) < permille(g->reported.limit_bytes, FALLEN_PERMILLE))
        g->reported = (struct crossing){ 0 };
}

void limit_act(struct guard *g, uint64_t now_ns)
{
    const struct guard_actions *actions = &g->config->actions;
    if (g->reported.active)
        return;
    picture(g, now_ns);
    if (only_reports(actions)) {
        report_only(g);
        return;
    }
    bool begun = actions->reclaim && reclaim_begin(g, now_ns);
    if (!begun && g->config->grace_ns && tree_app_count(&g->tree)) {
        grace_begin(g, now_ns);
        begun = true;
    }
    if (begun) {
        tell_crossed(g);
        return;
    }
    /* Telling takes its time (a terminal, a file), so everything is sent its signal before it; what
     * follows from the end of all is decided after it. */
    (void)act_kill_round(g);
    tell_crossed(g);
    limit_kill(g, ENDING_LIMIT, now_ns);
}

static bool grown_on(const struct guard *g)
{
    uint64_t growth = g->config->grace_growth_bytes ? g->config->grace_growth_bytes
                                                    : GRACE_GROWTH_BYTES;
    return sample_measure(g, &g->crossing) > g->grace_from_bytes + growth;
}

static void peak_note(struct guard *g)
{
    uint64_t bytes = sample_measure(g, &g->crossing);
    if (bytes > g->record->incident.bytes_peak)
        g->record->incident.bytes_peak = bytes;
}

/* A look that leaves what was crossed as it is. */
static void look(struct guard *g, uint64_t now_ns, uint64_t step_ns)
{
    struct crossing crossing = g->crossing;
    sample_look(g, now_ns, true);
    g->crossing = crossing;
    g->look_ns = now_ns + step_ns;
    peak_note(g);
}

void limit_grace(struct guard *g, uint64_t now_ns)
{
    look(g, now_ns, GRACE_LOOK_NS);
    act_terminate(g);
    if (tree_app_count(&g->tree) && now_ns < g->deadline_ns && !grown_on(g))
        return;
    act_freeze(g);
    limit_kill(g, ENDING_LIMIT, now_ns);
}

/* The incident is over; nothing else is done about it. */
static void reclaim_close(struct guard *g, const char *why)
{
    act_note(g, "continue", g->tree.first, why);
    g->crossing = (struct crossing){ 0 };
    g->state = STATE_UP;
    g->deadline_ns = EVENT_NEVER;
    g->paid = false;
    backstop_begin(g);
    record_finish(g, g->launch->rung);
}

/* Memory fell: the app goes on. */
static void reclaim_done(struct guard *g)
{
    const struct incident *incident = &g->record->incident;
    if (incident->process_role == ROLE_BROWSER)
        record_attribute(g, ATTRIBUTION_GPU_IN_APP,
                         "its memory fell when a renderer was ended, so pages owned it");
    reclaim_close(g, "memory fell");
}

/* The user has closed the app meanwhile. */
static bool has_quit(const struct guard *g)
{
    bool well = g->first_ended && !g->first_end.by_signal && g->first_end.code == 0;
    return !g->config->attach.pid && well && tree_is_leftover(&g->tree);
}

void limit_reclaim(struct guard *g, uint64_t now_ns)
{
    look(g, now_ns, RECLAIM_LOOK_NS);
    if (has_quit(g)) {
        reclaim_close(g, "ended by itself");
        return;
    }
    uint64_t bytes = sample_measure(g, &g->crossing);
    if (tree_app_count(&g->tree) && bytes < permille(g->crossing.limit_bytes, FALLEN_PERMILLE)) {
        reclaim_done(g);
        return;
    }
    if (tree_app_count(&g->tree) && now_ns < g->deadline_ns && !grown_on(g))
        return;
    if (g->record->incident.attribution == ATTRIBUTION_GPU_IN_APP)
        record_attribute(g, ATTRIBUTION_GPU_DRIVER,
                         "its memory did not fall when a renderer was ended");
    act_freeze(g);
    limit_kill(g, ENDING_LIMIT, now_ns);
}
