/* The still picture of a crossing and what the incident says: who holds what, what grew, how fast,
 * what the log said. Only cheap files are read here, within a few milliseconds; the incident is put
 * into words elsewhere (record_write.c). */
#include <stdio.h>
#include <string.h>

#include "guard/guard_private.h"
#include "platform/clock.h"

/* Proportional memory costs about 4 ms a GiB (docs/guard.md); a process that would not fit into
 * what is left of the budget is shown without it. */
#define PSS_BUDGET_NS (8 * MS_NS)
#define PSS_NS_PER_MIB (4 * MS_NS / 1024)
#define PSS_FIXED_NS (200 * US_NS)
#define MAPS_BUDGET_NS (4 * MS_NS)
#define ENGINE_WORD "WebEngineCore"

void record_open(struct guard *g, const char *reason, uint64_t origin_ns)
{
    struct record *record = g->record;
    const struct guard_config *config = g->config;
    uint64_t ago_ns = clock_monotonic_ns() - origin_ns;
    record_tell(g); /* of the one before, should nobody have waited for it */
    record->origin_ns = origin_ns;
    record->writer = NULL;
    record->again = false;
    record->told = false;
    record->attribution = (struct attribution_result){ 0 };
    record->incident = (struct incident){
        .time_s = clock_utc_s() - ago_ns / SECOND_NS,
        .app_name = config->name,
        .app_argv = config->argv,
        .app_pid = g->tree.first,
        .reason = reason,
        .processes = record->processes,
        .timeline = record->timeline,
        .signatures = { .items = record->signatures },
        .actions = record->actions,
        .evidence = { .items = record->evidence },
        .engine_qt = config->engine_qt,
        .engine_chromium = config->engine_chromium,
        .gpu_text = config->gpu_text,
        .rung = g->launch->rung,
        .environment = g->launch->environment,
        .preflight = config->preflight,
        .log_marks = record->log_marks,
        .restart = g->restart,
    };
}

static void process_note(struct guard *g, struct member *member, uint64_t until_ns)
{
    struct incident *incident = &g->record->incident;
    struct memory_now memory;
    struct err ignored; /* it has ended, or may not be read: what was seen before is told */
    uint64_t pss, cost_ns;
    if (memory_look(g->table, &member->proc, &member->watch, &memory, &ignored) == 0)
        swap_add(member, &memory);
    cost_ns = PSS_FIXED_NS + member->held_bytes / MIB_BYTES * PSS_NS_PER_MIB;
    if (clock_monotonic_ns() + cost_ns > until_ns)
        member->pss_bytes.known = false;
    else if (memory_proportional(g->table, &member->proc, &pss, &ignored) == 0)
        member->pss_bytes = (struct maybe_u64){ true, pss };
    struct incident_process *row = &g->record->processes[incident->process_count++];
    *row = (struct incident_process){ .pid = member->proc.pid,
                                      .parent = member->parent,
                                      .role = member->role,
                                      .rss_bytes = member->memory.resident_bytes,
                                      .pss_bytes = member->pss_bytes,
                                      .gpu_bytes = member->gpu_bytes };
    memcpy(row->name, member->name, sizeof row->name);
    row->name[sizeof row->name - 1] = '\0';
}

static uint64_t grown_bytes(const struct member *member)
{
    return member->held_bytes > member->first_bytes ? member->held_bytes - member->first_bytes : 0;
}

static void log_mark_note(struct guard *g, size_t row, const char *name)
{
    struct record *record = g->record;
    uint64_t first_ns, last_ns;
    if (tap_times(&g->tap, row, &first_ns, &last_ns))
        record->log_marks[record->incident.log_mark_count++] = (struct incident_log_mark){
            .name = name,
            .first_ns = (int64_t)(first_ns - record->origin_ns),
            .last_ns = (int64_t)(last_ns - record->origin_ns),
        };
}

/* Lines of the log since the start, by name; *out_webgl: those about WebGL uploads. */
static void signatures_note(struct guard *g, uint64_t *out_webgl)
{
    struct record *record = g->record;
    size_t rows, count = 0;
    record->incident.log_mark_count = 0;
    const struct signature *all = signatures_all(&rows);
    *out_webgl = 0;
    for (size_t i = 0; i < rows; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++)
            again |= text_equal(all[j].name, all[i].name);
        uint64_t lines = again ? 0 : tap_count(&g->tap, i) - g->counts_before[i];
        if (lines == 0)
            continue;
        if (all[i].webgl_upload)
            *out_webgl += lines;
        (void)snprintf(record->signature_counts[count], sizeof record->signature_counts[0], "%llu",
                       (unsigned long long)lines);
        record->signatures[count] = (struct variable){ all[i].name,
                                                       record->signature_counts[count] };
        count++;
        log_mark_note(g, i, all[i].name);
    }
    record->incident.signatures.count = count;
}

static void groups_fill(const struct guard *g, struct attribution_input *in)
{
    for (size_t i = 0; i < g->tree.count; i++) {
        const struct member *member = &g->tree.members[i];
        if (member->kind != MEMBER_APP)
            continue;
        struct attribution_group *group = &in->groups[member->role];
        group->count++;
        group->bytes += member->held_bytes;
        group->grown_bytes += grown_bytes(member);
    }
}

static enum truth engine_mapped(struct guard *g, const struct member *member)
{
    bool mapped;
    struct err ignored;
    if (memory_maps_has(g->table, &member->proc, ENGINE_WORD, MAPS_BUDGET_NS, &mapped, &ignored)
        < 0)
        return TRUTH_UNKNOWN;
    return mapped ? TRUTH_YES : TRUTH_NO;
}

static void evidence_show(struct record *record)
{
    for (size_t i = 0; i < record->attribution.evidence_count; i++)
        record->evidence[i] = record->attribution.evidence[i];
    record->incident.evidence.count = record->attribution.evidence_count;
    record->incident.attribution = record->attribution.kind;
}

/* Was its growth counted from its birth on? */
static bool is_newborn(const struct guard *g, const struct member *member)
{
    bool met = g->config->attach.pid && member->seen_ns <= g->started_ns;
    return !met && member->first_ns - member->seen_ns < QUIET_NS;
}

static void attribution_fill(struct guard *g, const struct member *member, uint64_t webgl_lines,
                             uint64_t now_ns)
{
    struct memory_kinds kinds;
    struct err ignored;
    uint64_t age_ns = now_ns - g->started_ns;
    struct attribution_input in = {
        .pid = member->proc.pid,
        .name = member->name,
        .role = member->role,
        .bytes = member->held_bytes,
        .grown_bytes = grown_bytes(member),
        .age_ns = now_ns - member->seen_ns,
        .grown_ns = now_ns - member->first_ns,
        .rate_bytes_per_s = g->record->incident.rate_bytes_per_s,
        .crossed_early = limit_is_early(g, now_ns),
        .crossed_alone = g->crossing.kind == LIMIT_PROCESS,
        .over_before = g->crossing.kind == LIMIT_PROCESS && !is_newborn(g, member)
                       && member->first_bytes > g->crossing.limit_bytes,
        .engine_mapped = engine_mapped(g, member),
        .webgl_lines = webgl_lines,
        .webgl_lines_per_s = (double)webgl_lines / ((double)(age_ns + 1) / (double)SECOND_NS),
    };
    groups_fill(g, &in);
    in.has_kinds = memory_kinds_read(g->table, &member->proc, &kinds, &ignored) == 0;
    if (in.has_kinds) {
        in.anonymous_bytes = kinds.anonymous_bytes;
        in.file_bytes = kinds.file_bytes;
        in.shared_memory_bytes = kinds.shared_memory_bytes;
        in.swapped_bytes = kinds.swapped_bytes;
    }
    attribute(&in, &g->record->attribution);
}

void record_picture(struct guard *g)
{
    struct incident *incident = &g->record->incident;
    uint64_t now_ns = clock_monotonic_ns(), webgl_lines;
    const struct member *known = tree_find(&g->tree, g->crossing.pid);
    /* Growth up to the crossing: the standstill after it is not part of it. */
    incident->rate_bytes_per_s = known ? sample_rate(known, now_ns) : 0;
    tree_check(&g->tree, now_ns, true);
    for (size_t i = 0; i < g->tree.count; i++)
        if (g->tree.members[i].kind == MEMBER_APP)
            process_note(g, &g->tree.members[i], now_ns + PSS_BUDGET_NS);
    signatures_note(g, &webgl_lines);
    incident->limit_bytes = g->crossing.limit_bytes;
    incident->bytes_at_crossing = g->crossing.bytes;
    incident->bytes_peak = g->crossing.bytes;
    incident->process_pid = g->crossing.pid;
    const struct member *member = tree_find(&g->tree, g->crossing.pid);
    if (member) {
        incident->process_role = member->role;
        if (g->crossing.kind == LIMIT_PROCESS && member->held_bytes > incident->bytes_peak)
            incident->bytes_peak = member->held_bytes;
        attribution_fill(g, member, webgl_lines, now_ns);
    }
    evidence_show(g->record);
}

void record_attribute(struct guard *g, enum attribution kind, const char *evidence)
{
    struct attribution_result *result = &g->record->attribution;
    result->kind = kind;
    if (result->evidence_count < EVIDENCE_MAX)
        (void)snprintf(result->evidence[result->evidence_count++], EVIDENCE_BYTES, "%s", evidence);
    evidence_show(g->record);
}
