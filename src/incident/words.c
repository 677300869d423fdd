/* Words of the record and the clauses that people read: one row each, used by the screen and by the
 * page alike. */
#include "incident/incident_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit.h"

static const char *const role_words[] = {
    [ROLE_BROWSER] = "browser", [ROLE_ZYGOTE] = "zygote", [ROLE_RENDERER] = "renderer",
    [ROLE_UTILITY] = "utility", [ROLE_GPU] = "gpu",       [ROLE_OTHER] = "other",
};
static_assert(ROWS(role_words) == ROLE_COUNT, "one word a role");

static const char *const attribution_words[] = {
    [ATTRIBUTION_UNKNOWN] = "unknown",         [ATTRIBUTION_GPU_IN_APP] = "gpu-in-app",
    [ATTRIBUTION_GPU_DRIVER] = "gpu-driver",   [ATTRIBUTION_APP] = "app",
    [ATTRIBUTION_SCRIPT_HEAP] = "script-heap",
};
static_assert(ROWS(attribution_words) == ATTRIBUTION_COUNT, "one word an attribution");

/* Where the memory lies, and what to look at: guard.md's attribution, from what frees it again. */
static const struct {
    const char *clause, *advice;
} attributions[] = {
    [ATTRIBUTION_UNKNOWN] = { "it cannot be told what holds the memory", NULL },
    [ATTRIBUTION_GPU_IN_APP] = { "GPU memory that a page owns, held in the app's own process",
                                 "look for WebGL textures and video frames that a page never "
                                 "deletes" },
    [ATTRIBUTION_GPU_DRIVER] = { "graphics memory that ending the page does not free",
                                 "look at the graphics driver: try another version of it" },
    [ATTRIBUTION_SCRIPT_HEAP] = { "script objects of a page, held in its renderer",
                                  "take heap snapshots of the page in the developer tools "
                                  "(QTWEBENGINE_REMOTE_DEBUGGING)" },
    [ATTRIBUTION_APP] = { "the app's own heap, no page of it",
                          "look for the leak in the app itself (heaptrack, valgrind)" },
};
static_assert(ROWS(attributions) == ATTRIBUTION_COUNT, "one row an attribution");

/* format takes the limit as text where has_limit. */
static const struct {
    const char *reason, *before, *after;
    bool has_limit;
} reasons[] = {
    { "process-limit", "one process over ", "", true },
    { "tree-limit", "all processes together over ", "", true },
    { "gpu-limit", "graphics memory over ", "", true },
    { "group-limit", "the kernel ended processes: all that it counts for the app reached ", "",
      true },
    { "startup-crash", "it crashed again while starting", "", false },
    { "crash", "it crashed", "", false },
    { "start-failed", "it could not be started", "", false },
};

static const struct {
    const char *action, *clause;
} action_rows[] = {
    { "stop", "stopped" },
    { "term", "asked to end" },
    { "kill", "killed" },
    { "continue", "continued" },
    { "reclaim", "renderer ended to get its memory back" },
    { "report", "reported" },
};

/* Results that mean what was wanted; any other is shown. */
static const char *const good_results[] = { "gone", "sent",    "started",    "done",
                                            "ok",   "written", "memory fell" };

size_t word_find(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(words[i], word))
            return i;
    }
    return count;
}

enum process_role process_role_of(const char *word)
{
    return (enum process_role)word_find(role_words, ROWS(role_words), word);
}

enum attribution attribution_of(const char *word)
{
    return (enum attribution)word_find(attribution_words, ROWS(attribution_words), word);
}

const char *process_role_text(enum process_role role)
{
    return (size_t)role < ROWS(role_words) ? role_words[role] : role_words[ROLE_OTHER];
}

const char *attribution_text(enum attribution attribution)
{
    return (size_t)attribution < ROWS(attribution_words) ? attribution_words[attribution]
                                                         : attribution_words[ATTRIBUTION_UNKNOWN];
}

static size_t reason_row(const struct incident *incident)
{
    size_t row = 0;
    while (row < ROWS(reasons) && !text_equal(reasons[row].reason, incident->reason))
        row++;
    return row;
}

const char *cause_clause(const struct incident *incident)
{
    size_t row = reason_row(incident), of = incident->attribution;
    if (of == ATTRIBUTION_UNKNOWN && row < ROWS(reasons) && !reasons[row].has_limit)
        return "no limit was reached";
    return attributions[of < ROWS(attributions) ? of : ATTRIBUTION_UNKNOWN].clause;
}

const char *attribution_advice(enum attribution attribution)
{
    return attributions[(size_t)attribution < ROWS(attributions) ? attribution : 0].advice;
}

const char *reason_clause(struct arena *arena, const struct incident *incident)
{
    char limit[UNIT_TEXT_BYTES], peak[UNIT_TEXT_BYTES];
    struct text text = { .arena = arena };
    const char *word = incident->reason ? incident->reason : "unknown";
    size_t row = reason_row(incident);
    if (row < ROWS(reasons))
        text_printf(&text, "%s%s%s (%s)", reasons[row].before,
                    reasons[row].has_limit
                        ? unit_size_text(limit, sizeof limit, incident->limit_bytes)
                        : "",
                    reasons[row].after, word);
    else
        text_printf(&text, "%s", word);
    if (incident->bytes_peak)
        text_printf(&text, "; peak %s", unit_size_text(peak, sizeof peak, incident->bytes_peak));
    if (incident->restart)
        text_printf(&text, "; after %u restart%s", incident->restart,
                    incident->restart == 1 ? "" : "s");
    return text_get(&text);
}

const char *subject_clause(struct arena *arena, const struct incident *incident)
{
    struct text text = { .arena = arena };
    struct variables facts = { 0 };
    text_printf(&text, "%s", incident->app_name ? incident->app_name : "(no name)");
    if (incident->engine_qt)
        text_printf(&text, ", Qt WebEngine %s", incident->engine_qt);
    if (incident->engine_chromium)
        text_printf(&text, " (Chromium %.*s)", (int)strcspn(incident->engine_chromium, "."),
                    incident->engine_chromium);
    fact_lines(arena, incident, &facts);
    if (incident->gpu_text && !variables_get(&facts, "machine")) /* that line says it, and more */
        text_printf(&text, ", %s", incident->gpu_text);
    return text_get(&text);
}

const char *offset_text(char *out, size_t size, int64_t t_ns)
{
    char time[UNIT_TEXT_BYTES];
    if (t_ns == 0)
        (void)snprintf(out, size, "0 s"); /* room for UNIT_TEXT_BYTES is enough */
    else
        (void)snprintf(
            out, size, "%c%s", t_ns < 0 ? '-' : '+',
            unit_time_text(time, sizeof time - 1, t_ns < 0 ? 0 - (uint64_t)t_ns : (uint64_t)t_ns));
    return out;
}

/* One kind of action: how many processes, when the first, and the first result that was not good.
 */
static const char *action_clause(struct arena *arena, const struct incident *incident,
                                 const char *action)
{
    char time[UNIT_TEXT_BYTES];
    const char *clause = action, *bad = NULL;
    const struct incident_action *first = NULL;
    size_t count = 0, bad_count = 0;
    for (size_t i = 0; i < ROWS(action_rows); i++) {
        if (text_equal(action_rows[i].action, action))
            clause = action_rows[i].clause;
    }
    for (size_t i = 0; i < incident->action_count; i++) {
        const struct incident_action *one = &incident->actions[i];
        if (!text_equal(one->action, action))
            continue;
        first = first ? first : one;
        count++;
        if (one->result
            && word_find(good_results, ROWS(good_results), one->result) == ROWS(good_results)) {
            bad = bad ? bad : one->result;
            bad_count++;
        }
    }
    struct text text = { .arena = arena };
    text_printf(&text, "%s %s", clause, offset_text(time, sizeof time, first->t_ns));
    if (count > 1)
        text_printf(&text, " (%zu processes)", count);
    if (bad)
        text_printf(&text, " [%zu not: %s]", bad_count, bad);
    return text_get(&text);
}

void done_clauses(struct arena *arena, const struct incident *incident, struct strings *out)
{
    char time[UNIT_TEXT_BYTES];
    struct strings seen = { 0 };
    for (size_t i = 0; i < incident->action_count; i++) {
        const char *action = incident->actions[i].action;
        if (!action || text_equal(action, "restart") || strings_has(&seen, action))
            continue;
        ARENA_PUSH(arena, &seen, action);
        const char *clause = action_clause(arena, incident, action);
        ARENA_PUSH(arena, out, clause);
    }
    if (incident->tree_gone_ns.known) {
        const char *gone = arena_printf(
            arena, "all gone %s",
            offset_text(time, sizeof time, (int64_t)incident->tree_gone_ns.value));
        ARENA_PUSH(arena, out, gone);
    }
    if (incident->restarted_ns.known) {
        const char *again = arena_printf(
            arena, "started again %s on rung %s",
            offset_text(time, sizeof time, (int64_t)incident->restarted_ns.value),
            incident->next_rung ? incident->next_rung : "(unknown)");
        ARENA_PUSH(arena, out, again);
    }
}

void next_clauses(struct arena *arena, const struct incident *incident, struct strings *out)
{
    const char *advice = attribution_advice(incident->attribution);
    const char *line = NULL;
    if (incident->survivor_count) {
        line = arena_printf(arena, "%llu process%s could not be ended: end by hand",
                            (unsigned long long)incident->survivor_count,
                            incident->survivor_count == 1 ? "" : "es");
        ARENA_PUSH(arena, out, line);
    }
    if (!incident->next_rung)
        line = "the app was not started again";
    else if (text_equal(incident->next_rung, incident->rung))
        line = arena_printf(arena, "no wider rung helps against this: it stays on %s",
                            incident->next_rung);
    else
        line = arena_printf(arena, "the app goes on with rung %s instead of %s",
                            incident->next_rung, incident->rung ? incident->rung : "(unknown)");
    ARENA_PUSH(arena, out, line);
    if (advice)
        ARENA_PUSH(arena, out, advice);
}

const char *ended_text(const struct incident *incident, int64_t pid)
{
    int64_t first = 0;
    bool any = false;
    for (size_t i = 0; i < incident->action_count; i++) {
        const struct incident_action *one = &incident->actions[i];
        if (!text_equal(one->action, "kill") && !text_equal(one->action, "term"))
            continue;
        if (!any)
            first = one->pid;
        any = true;
        if (one->pid == pid)
            return pid == first ? "first" : "with the tree";
    }
    return "";
}

static int larger_first(const void *a, const void *b)
{
    const struct incident_process *first = *(const struct incident_process *const *)a;
    const struct incident_process *second = *(const struct incident_process *const *)b;
    if (first->rss_bytes != second->rss_bytes)
        return first->rss_bytes > second->rss_bytes ? -1 : 1;
    return (first->pid > second->pid) - (first->pid < second->pid);
}

const struct incident_process **processes_sorted(struct arena *arena,
                                                 const struct incident *incident)
{
    const struct incident_process **sorted = arena_array(arena, incident->process_count,
                                                         sizeof(struct incident_process *));
    for (size_t i = 0; i < incident->process_count; i++)
        sorted[i] = &incident->processes[i];
    if (incident->process_count)
        qsort(sorted, incident->process_count, sizeof *sorted, larger_first);
    return sorted;
}
