/* The second line. Where a control group can be had, the app lives in it, and the kernel bounds its
 * memory a quarter above what the guard keeps itself: should the guard be held up, or the app be
 * quicker than it looks, the machine is safe all the same. What the kernel then ends is a limit
 * that was crossed, not a crash. Nothing here is needed: whatever fails, the guard goes on without.
 */
#include <stdio.h>

#include "base/unit.h"
#include "guard/guard_private.h"

/* Foreign programs that start others while we take them out of the group. */
#define SORT_ROUNDS 4
#define LIST_MAX 4096

struct maybe_u64 guard_backstop_bytes(const struct guard_config *config)
{
    struct maybe_u64 tree = config->tree_limit_bytes, process = config->process_limit_bytes;
    if (!tree.known)
        return tree; /* many processes may each hold as much as one may: there is no bound */
    /* The first line must be the first: one process alone may reach its limit, too. */
    uint64_t first = process.known && process.value > tree.value ? process.value : tree.value;
    uint64_t bytes = first > UINT64_MAX / 5 * 4 ? UINT64_MAX : first + first / 4;
    struct maybe_u64 total = config->memory_total_bytes;
    /* A bound that is all that the machine has protects nothing. */
    if (total.known && total.value > first && bytes > first + (total.value - first) / 2)
        bytes = first + (total.value - first) / 2;
    return (struct maybe_u64){ bytes < UINT64_MAX, bytes };
}

static int make(struct guard *g, struct err *err)
{
    struct backstop *backstop = &g->backstop;
    struct process_facts facts;
    char name[CGROUP_NAME_BYTES];
    if (process_facts_read(g->table, process_self(), &facts, err) < 0)
        return -1;
    cgroup_name(name, facts.pid, facts.start);
    return cgroup_make(&backstop->places, name, &backstop->group, err);
}

/* Why the kernel bounds nothing (err may hold it); NULL = it does. The group may be there without a
 * bound: it stops and ends all at once. */
static const char *open_try(struct guard *g, struct err *err)
{
    struct backstop *backstop = &g->backstop;
    struct maybe_u64 bytes = guard_backstop_bytes(g->config);
    cgroup_find(&backstop->arena, "", &backstop->places);
    cgroup_clean(g->table, &backstop->places);
    if (!backstop->places.v1 && !backstop->places.v2)
        return backstop->places.why;
    if (make(g, err) < 0)
        return err->text;
    backstop->on = true;
    backstop->limit_bytes = UINT64_MAX;
    if (backstop->places.why)
        return backstop->places.why;
    if (!bytes.known)
        return "the tree has no limit";
    if (cgroup_limit_set(&backstop->group, bytes.value, err) < 0)
        return err->text;
    backstop->limit_bytes = bytes.value;
    return NULL;
}

void backstop_open(struct guard *g)
{
    struct err err;
    char size[UNIT_TEXT_BYTES];
    if (!g->config->backstop || g->config->attach.pid)
        return; /* whoever runs already stays where it is */
    const char *why = open_try(g, &err);
    if (why)
        guard_note(g, "no second line by the kernel: %s", why);
    else
        guard_note(g, "second line by the kernel: the app's control group holds at most %s",
                   unit_size_text(size, sizeof size, g->backstop.limit_bytes));
}

void backstop_watch(struct guard *g)
{
    struct backstop *backstop = &g->backstop;
    struct err ignored; /* then what the kernel did is seen when the app has ended */
    if (backstop->on && backstop->group.event >= 0)
        (void)event_group_add(&g->loop, backstop->group.event, backstop->group.limits_v2, &ignored);
}

void backstop_close(struct guard *g)
{
    struct backstop *backstop = &g->backstop;
    if (backstop->on) {
        g->tree.foreign_news = true; /* look once more */
        backstop_sort(g);
        if (tree_app_count(&g->tree))
            cgroup_leave(&backstop->group); /* an app without a guard keeps the kernel's bound */
        else
            (void)cgroup_remove(&backstop->group); /* else the next guard here does it */
    }
    backstop->on = false;
    arena_clear(&backstop->arena);
}

const struct cgroup *backstop_group(struct guard *g)
{
    struct backstop *backstop = &g->backstop;
    if (!backstop->on)
        return NULL;
    /* A process that is born into a group that is stopped would never tell that it runs. */
    if (cgroup_freeze(&backstop->group, false))
        return &backstop->group;
    guard_warn(g, "the app's control group cannot be used any more");
    cgroup_leave(&backstop->group);
    backstop->on = false;
    return NULL;
}

void backstop_begin(struct guard *g)
{
    if (g->backstop.on)
        (void)cgroup_kills_read(&g->backstop.group, &g->backstop.kills);
}

bool backstop_check(struct guard *g, uint64_t now_ns)
{
    struct backstop *backstop = &g->backstop;
    uint64_t kills;
    if (!backstop->on || backstop->limit_bytes == UINT64_MAX
        || !cgroup_kills_read(&backstop->group, &kills) || kills == backstop->kills)
        return false;
    (void)snprintf(g->text, sizeof g->text,
                   "the kernel ended %llu of its processes: it grew quicker than the guard looked, "
                   "or by memory that no process shows",
                   (unsigned long long)(kills - backstop->kills));
    backstop->kills = kills;
    sample_look(g, now_ns, true);
    const struct member *largest = sample_largest(&g->tree);
    g->crossing = (struct crossing){ .active = true,
                                     .kind = LIMIT_GROUP,
                                     .reason = "group-limit",
                                     .pid = largest ? largest->proc.pid : g->tree.first,
                                     .bytes = backstop->limit_bytes,
                                     .limit_bytes = backstop->limit_bytes,
                                     .since_ns = now_ns };
    limit_act(g, now_ns);
    return g->state != STATE_UP;
}

void backstop_explain(struct guard *g)
{
    record_attribute(g, g->record->attribution.kind, g->text);
}

/* Take those out that are not the app's; how many were in it. */
static size_t foreign_move(struct guard *g)
{
    size_t moved = 0, count = cgroup_list(&g->backstop.group, g->tree.pids, LIST_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = tree_find(&g->tree, g->tree.pids[i]);
        if (!member || member->kind != MEMBER_FOREIGN)
            continue;
        cgroup_move_out(&g->backstop.group, g->tree.pids[i]);
        moved++;
    }
    return moved;
}

void backstop_sort(struct guard *g)
{
    if (!g->backstop.on || !g->tree.foreign_news)
        return;
    g->tree.foreign_news = false;
    for (unsigned round = 0; round < SORT_ROUNDS && foreign_move(g); round++)
        ;
}

void backstop_freeze(struct guard *g, bool frozen)
{
    if (g->backstop.on)
        (void)cgroup_freeze(&g->backstop.group, frozen); /* each is sent a signal all the same */
}

/* Is there anything in it that was not sent the signal? */
static bool is_missed(struct guard *g)
{
    size_t count = cgroup_list(&g->backstop.group, g->tree.pids, LIST_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = tree_find(&g->tree, g->tree.pids[i]);
        if (!member || !member->killed)
            return true;
    }
    return false;
}

void backstop_kill(struct guard *g)
{
    if (!g->backstop.on)
        return;
    backstop_sort(g);
    if (is_missed(g) && foreign_move(g) == 0)
        (void)cgroup_kill(&g->backstop.group);
}
