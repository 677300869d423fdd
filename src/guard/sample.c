/* When to look, and what is seen. The next look at a process is due when it could reach its limit
 * if it grew as fast as memory can be filled; so the looks are a second apart far from the limit
 * and a quarter of a millisecond near it, and what is added between two of them is bounded by the
 * rate times that. Births are looked for at each look, at least as often as something born now
 * could reach the limit. */
#include "guard/guard_private.h"
#include "platform/clock.h"

#define LOOK_MIN_NS (MS_NS / 4)
#define LOOK_MAX_NS SECOND_NS
/* An app that may not be read now (no descriptor left) is tried again soon. */
#define LOOK_AGAIN_NS (10 * MS_NS)
#define TOP_RATE_BYTES_PER_S 4000000000ULL
#define GROWTH_STEP_NS (100 * MS_NS)

/* An exact look at the tree costs about 4 ms a GiB. It may take a fifth of the time, more only when
 * the tree may hold so much more than the limit. */
#define EXACT_SHARE 4
#define EXACT_URGENT_BYTES (64 * MIB_BYTES)

/* A process that ends during an exact look leaves its shared pages to those that are read after it,
 * so that they count too often: then it is looked at again, and believed after so many tries. */
#define EXACT_TRIES 3

#define TELL_NS SECOND_NS
#define TELL_NEAR_NS (SECOND_NS / 4)
#define NEAR_PERMILLE 800

uint64_t sample_interval_ns(uint64_t headroom_bytes, uint64_t top_rate_bytes_per_s)
{
    uint64_t rate = top_rate_bytes_per_s ? top_rate_bytes_per_s : TOP_RATE_BYTES_PER_S;
    double ns = (double)headroom_bytes / (double)rate * (double)SECOND_NS;
    if (ns >= (double)LOOK_MAX_NS)
        return LOOK_MAX_NS;
    return ns <= (double)LOOK_MIN_NS ? LOOK_MIN_NS : (uint64_t)ns;
}

double sample_rate(const struct member *member, uint64_t now_ns)
{
    const struct growth *growth = &member->growth;
    unsigned have = growth->count < GROWTH_POINTS ? growth->count : GROWTH_POINTS;
    for (unsigned back = have; back > 0; back--) {
        const struct growth_point *at = &growth->points[(growth->count - back) % GROWTH_POINTS];
        if (now_ns <= at->t_ns || now_ns - at->t_ns > QUIET_NS)
            continue;
        double grown = (double)member->held_bytes - (double)at->bytes;
        return grown / ((double)(now_ns - at->t_ns) / (double)SECOND_NS);
    }
    return 0;
}

struct member *sample_largest(const struct tree *tree)
{
    struct member *largest = NULL;
    for (size_t i = 0; i < tree->count; i++) {
        struct member *member = &tree->members[i];
        if (member->kind == MEMBER_APP && (!largest || member->held_bytes > largest->held_bytes))
            largest = member;
    }
    return largest;
}

uint64_t sample_measure(const struct guard *g, const struct crossing *crossing)
{
    if (crossing->kind == LIMIT_GPU)
        return g->gpu_bytes;
    if (crossing->kind == LIMIT_TREE || crossing->kind == LIMIT_GROUP)
        return g->tree.bound_bytes;
    const struct member *largest = sample_largest(&g->tree);
    return largest ? largest->held_bytes : 0;
}

/* A crossing of a quarter more than the limit is not waited for. */
static uint64_t urgent_bytes(uint64_t limit_bytes)
{
    return limit_bytes + limit_bytes / 4;
}

/* How much more a thing may hold before something has to be done about it. */
static uint64_t headroom(const struct guard *g, struct maybe_u64 limit, uint64_t bytes)
{
    if (!limit.known)
        return UINT64_MAX;
    if (bytes < limit.value)
        return limit.value - bytes;
    if (g->reported.active)
        return UINT64_MAX;
    uint64_t until = g->config->sustain_ns ? urgent_bytes(limit.value) : limit.value;
    return bytes < until ? until - bytes : 0;
}

static void growth_add(struct growth *growth, uint64_t now_ns, uint64_t bytes)
{
    unsigned newest = (growth->count - 1) % GROWTH_POINTS;
    if (growth->count && now_ns - growth->points[newest].t_ns < GROWTH_STEP_NS)
        return;
    growth->points[growth->count++ % GROWTH_POINTS] = (struct growth_point){ now_ns, bytes };
}

/* False when the process has ended. */
static bool member_look(struct guard *g, struct member *member, uint64_t now_ns)
{
    struct memory_now memory;
    struct err err;
    if (memory_look(g->table, &member->proc, &member->watch, &memory, &err) < 0) {
        member->due_ns = now_ns + (err.kind == ERR_DENIED ? LOOK_MAX_NS : LOOK_AGAIN_NS);
        return err.kind != ERR_GONE;
    }
    if (memory.size_bytes == 0 && process_has_ended(g->table, &member->proc))
        return false;
    swap_add(member, &memory);
    if (member->is_new && g->tree.swap_used_bytes)
        swap_read(g, member);
    bool settled = member->growth.count && member->first_ns - member->seen_ns < QUIET_NS
                   && now_ns - member->seen_ns >= QUIET_NS;
    if (member->is_new || settled) {
        member->first_bytes = member->held_bytes;
        member->first_ns = now_ns;
    }
    member->is_new = false;
    growth_add(&member->growth, now_ns, member->held_bytes);
    uint64_t room = headroom(g, g->config->process_limit_bytes, member->held_bytes);
    member->due_ns = now_ns + sample_interval_ns(room, g->config->top_rate_bytes_per_s);
    return true;
}

static void members_look(struct guard *g, uint64_t now_ns, bool all)
{
    struct tree *tree = &g->tree;
    uint64_t sum = 0, grown = 0;
    for (size_t i = tree->count; i-- > 0;) {
        struct member *member = &tree->members[i];
        if (member->kind != MEMBER_APP)
            continue;
        if ((all || member->is_new || member->due_ns <= now_ns)
            && !member_look(g, member, now_ns)) {
            tree_remove(tree, i);
            continue;
        }
        sum += member->held_bytes;
        if (member->held_bytes > member->exact_bytes)
            grown += member->held_bytes - member->exact_bytes;
    }
    tree->sum_bytes = sum;
    tree->bound_bytes = sum;
    if (tree->exact_bytes.known && tree->exact_bytes.value + grown < sum)
        tree->bound_bytes = tree->exact_bytes.value + grown;
}

/* Is it one memory with its parent, which has been counted already? */
static bool is_counted(const struct tree *tree, const struct member *member)
{
    const struct member *parent = tree_find(tree, member->parent);
    return parent && parent->kind == MEMBER_APP
           && memory_is_common(&member->proc, &parent->proc) == TRUTH_YES;
}

/* Proportional memory of a process; where it may not be read, resident memory. One that is about to
 * end has none any more, whatever it held at the last look. */
static uint64_t exact_bytes(struct guard *g, struct member *member)
{
    struct err err;
    struct memory_now memory = { 0 };
    uint64_t bytes;
    member->pss_bytes.known = memory_proportional(g->table, &member->proc, &bytes, &err) == 0;
    if (!member->pss_bytes.known && err.kind == ERR_GONE) {
        (void)memory_look(g->table, &member->proc, &member->watch, &memory, &err);
        member->held_bytes = memory.resident_bytes;
    }
    member->pss_bytes.value = member->pss_bytes.known ? bytes : member->held_bytes;
    return member->pss_bytes.value;
}

static void exact_look(struct guard *g)
{
    struct tree *tree = &g->tree;
    uint64_t began_ns = clock_monotonic_ns(), exact = 0;
    for (size_t i = 0; i < tree->count; i++) {
        struct member *member = &tree->members[i];
        if (member->kind != MEMBER_APP)
            continue;
        if (!is_counted(tree, member))
            exact += exact_bytes(g, member);
        member->exact_bytes = member->held_bytes;
    }
    tree->exact_bytes = (struct maybe_u64){ true, exact };
    tree->bound_bytes = exact;
    tree->exact_ns = clock_monotonic_ns();
    tree->exact_cost_ns = tree->exact_ns - began_ns;
}

static bool tree_is_over(struct guard *g, uint64_t now_ns)
{
    struct tree *tree = &g->tree;
    struct maybe_u64 limit = g->config->tree_limit_bytes;
    if (!limit.known || tree->bound_bytes <= limit.value)
        return false;
    if (tree->exact_bytes.known && now_ns < tree->exact_ns + EXACT_SHARE * tree->exact_cost_ns
        && tree->bound_bytes < limit.value + EXACT_URGENT_BYTES)
        return g->crossing.since_ns != 0 && g->crossing.kind == LIMIT_TREE;
    tree_check(tree, now_ns, true); /* a program that is not the app's must not count */
    for (unsigned tries = 0; tries < EXACT_TRIES; tries++) {
        (void)tree_sweep(tree);
        members_look(g, now_ns, false);
        if (tree->bound_bytes > limit.value)
            exact_look(g);
        if (tree->bound_bytes <= limit.value)
            return false;
        if (tree_sweep(tree) == 0)
            return true;
    }
    return true;
}

/* The largest process over the limit; one that turns out not to be the app's is passed over. */
static const struct member *process_over(struct guard *g)
{
    struct maybe_u64 limit = g->config->process_limit_bytes;
    for (;;) {
        struct member *largest = sample_largest(&g->tree);
        if (!limit.known || !largest || largest->held_bytes <= limit.value)
            return NULL;
        int64_t pid = largest->proc.pid;
        if (process_has_ended(g->table, &largest->proc)) {
            tree_remove(&g->tree, (size_t)(largest - g->tree.members));
            continue;
        }
        if (largest->swapped_bytes)
            swap_read(g, largest); /* what came back since is not there twice */
        tree_check_member(&g->tree, largest);
        largest = tree_find(&g->tree, pid);
        if (largest && largest->kind == MEMBER_APP && largest->held_bytes > limit.value)
            return largest;
    }
}

/* A look costs a few calls a descriptor of each process, so it is not made more often than this. */
#define GPU_LOOK_MIN_NS (20 * MS_NS)

static void gpu_look(struct guard *g, uint64_t now_ns)
{
    if (!g->gpu || now_ns < g->gpu_ns)
        return;
    g->gpu_bytes = 0;
    gpu_watch_begin(g->gpu);
    const char *trouble = gpu_watch_trouble(g->gpu);
    if (trouble)
        guard_warn(g, "graphics memory on an NVIDIA device is not watched: %s", trouble);
    for (size_t i = 0; i < g->tree.count; i++) {
        struct member *member = &g->tree.members[i];
        uint64_t bytes = 0;
        if (member->kind != MEMBER_APP)
            continue;
        member->gpu_bytes.known = gpu_watch_look(g->gpu, member->proc.pid, &bytes);
        member->gpu_bytes.value = bytes;
        g->gpu_bytes += bytes;
    }
    uint64_t room = headroom(g, g->config->gpu_limit_bytes, g->gpu_bytes);
    uint64_t step_ns = sample_interval_ns(room, g->config->top_rate_bytes_per_s);
    g->gpu_ns = now_ns + (step_ns > GPU_LOOK_MIN_NS ? step_ns : GPU_LOOK_MIN_NS);
}

/* Who holds most graphics memory when all together hold more than the limit. */
static const struct member *gpu_over(struct guard *g)
{
    const struct member *most = NULL;
    if (!g->gpu || g->gpu_bytes <= g->config->gpu_limit_bytes.value)
        return NULL;
    for (size_t i = 0; i < g->tree.count; i++) {
        const struct member *member = &g->tree.members[i];
        if (member->kind == MEMBER_APP
            && (!most || member->gpu_bytes.value > most->gpu_bytes.value))
            most = member;
    }
    return most;
}

static const struct member *grown_most(const struct tree *tree)
{
    const struct member *most = NULL;
    double most_bytes = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct member *member = &tree->members[i];
        double grown = (double)member->held_bytes - (double)member->first_bytes;
        if (member->kind == MEMBER_APP && (!most || grown > most_bytes)) {
            most = member;
            most_bytes = grown;
        }
    }
    return most;
}

static void crossing_note(struct guard *g, uint64_t now_ns)
{
    struct crossing *crossing = &g->crossing;
    const struct member *member = process_over(g);
    enum limit_kind kind = LIMIT_PROCESS;
    if (!member && tree_is_over(g, now_ns)) {
        kind = LIMIT_TREE;
        member = grown_most(&g->tree);
    }
    if (!member && (member = gpu_over(g)))
        kind = LIMIT_GPU;
    if (!member) {
        *crossing = (struct crossing){ 0 };
        return;
    }
    const struct guard_config *config = g->config;
    const struct {
        const char *reason; /* contract §7 */
        uint64_t bytes, limit_bytes;
    } rows[] = {
        [LIMIT_PROCESS] = { "process-limit", member->held_bytes,
                            config->process_limit_bytes.value },
        [LIMIT_TREE] = { "tree-limit", g->tree.bound_bytes, config->tree_limit_bytes.value },
        [LIMIT_GPU] = { "gpu-limit", g->gpu_bytes, config->gpu_limit_bytes.value },
    };
    uint64_t since_ns = crossing->since_ns ? crossing->since_ns : now_ns;
    *crossing = (struct crossing){
        .reason = rows[kind].reason,
        .kind = kind,
        .pid = member->proc.pid,
        .bytes = rows[kind].bytes,
        .limit_bytes = rows[kind].limit_bytes,
        .since_ns = since_ns,
    };
    crossing->active = now_ns - since_ns >= g->config->sustain_ns
                       || crossing->bytes >= urgent_bytes(crossing->limit_bytes);
}

static uint64_t earlier(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns < b_ns ? a_ns : b_ns;
}

/* When the next look is due: of a member, of all, for births, for the end of sustain. */
static void next_set(struct guard *g, uint64_t now_ns, bool all)
{
    const struct tree *tree = &g->tree;
    uint64_t rate = g->config->top_rate_bytes_per_s;
    if (all) {
        uint64_t room = headroom(g, g->config->tree_limit_bytes, tree->bound_bytes);
        g->all_ns = now_ns + sample_interval_ns(room, rate);
        uint64_t exact_ns = tree->exact_ns + EXACT_SHARE * tree->exact_cost_ns;
        if (room == 0 && tree->exact_bytes.known && exact_ns > g->all_ns)
            g->all_ns = earlier(exact_ns, now_ns + LOOK_AGAIN_NS);
    }
    g->look_ns = g->gpu ? earlier(g->all_ns, g->gpu_ns) : g->all_ns;
    if (g->config->process_limit_bytes.known)
        g->look_ns = earlier(
            g->look_ns, now_ns + sample_interval_ns(g->config->process_limit_bytes.value, rate));
    for (size_t i = 0; i < tree->count; i++)
        if (tree->members[i].kind == MEMBER_APP)
            g->look_ns = earlier(g->look_ns, tree->members[i].due_ns);
    if (g->crossing.since_ns && !g->crossing.active)
        g->look_ns = earlier(g->look_ns, g->crossing.since_ns + g->config->sustain_ns);
    if (g->look_ns < now_ns + LOOK_MIN_NS)
        g->look_ns = now_ns + LOOK_MIN_NS;
}

void sample_look(struct guard *g, uint64_t now_ns, bool all)
{
    bool overflowed = g->tree.overflowed;
    all |= now_ns >= g->all_ns;
    (void)tree_scan(&g->tree, now_ns, false); /* what is new says so itself */
    tree_check(&g->tree, now_ns, false);
    swap_look(g, now_ns);
    members_look(g, now_ns, all);
    gpu_look(g, now_ns);
    crossing_note(g, now_ns);
    const struct member *largest = sample_largest(&g->tree);
    struct timeline_sample sample = { now_ns, g->tree.bound_bytes,
                                      largest ? largest->held_bytes : 0 };
    timeline_add(&g->timeline, &sample, g->crossing.active);
    next_set(g, now_ns, all);
    if (g->tree.overflowed && !overflowed)
        guard_warn(g, "the app has more than %d processes; those beyond are not watched",
                   TREE_MEMBERS_MAX);
}

static void time_to_limit(const struct guard *g, const struct member *largest, double rate,
                          struct guard_event *event)
{
    struct maybe_u64 limit = g->config->process_limit_bytes;
    if (!limit.known || rate < 1 || largest->held_bytes >= limit.value)
        return;
    double seconds = (double)(limit.value - largest->held_bytes) / rate;
    if (seconds < 1e9)
        event->time_to_limit_ns = (struct maybe_u64){ true, (uint64_t)(seconds * 1e9) };
}

void sample_tell(struct guard *g, uint64_t now_ns)
{
    struct maybe_u64 limit = g->config->process_limit_bytes;
    const struct member *largest = sample_largest(&g->tree);
    if (!largest)
        return;
    bool near = limit.known && largest->held_bytes > limit.value / 1000 * NEAR_PERMILLE;
    if (now_ns - g->told_ns < (near ? TELL_NEAR_NS : TELL_NS))
        return;
    g->told_ns = now_ns;
    double rate = sample_rate(largest, now_ns);
    struct guard_event event = {
        .largest_bytes = largest->held_bytes,
        .tree_bytes = g->tree.bound_bytes,
        .limit_bytes = limit.known ? limit.value : 0,
        .rate_bytes_per_s = (int64_t)rate,
        .process_count = tree_app_count(&g->tree),
    };
    time_to_limit(g, largest, rate, &event);
    guard_tell(g, GUARD_SAMPLE, &event);
}
