/* The record as JSON: the members in the order of docs/incident.md, and the form of the file. The
 * file has one member a line and one row of a list a line: small, and still for people and for
 * line-wise tools. The names that a list of incidents shows come first, so that it need not read
 * the rest. */
#include "incident/incident_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "platform/clock.h"

#define TIMELINE_KEPT 64      /* samples below which a timeline is not thinned out */
#define STRINGS_KEPT 64       /* of a list, when there is no room for all */
#define STRING_KEPT_BYTES 240 /* of one of them; six times that with all of it escaped */
#define LINE_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY)

static void set_known(json_t *object, const char *key, const struct maybe_u64 *value)
{
    if (value->known)
        json_set_u64(object, key, value->value);
}

static json_t *app_to_json(const struct incident *incident)
{
    json_t *app = json_object();
    json_set(app, "name", json_text(incident->app_name ? incident->app_name : ""));
    json_set(app, "argv", json_strings(&incident->app_argv));
    json_set(app, "pid", json_integer(incident->app_pid));
    return app;
}

static json_t *process_to_json(const struct incident_process *process)
{
    json_t *row = json_object();
    json_set(row, "pid", json_integer(process->pid));
    json_set(row, "parent", json_integer(process->parent));
    json_set_text(row, "role", process_role_text(process->role));
    json_set_text(row, "name", process->name);
    json_set_u64(row, "rss_bytes", process->rss_bytes);
    set_known(row, "pss_bytes", &process->pss_bytes);
    set_known(row, "gpu_bytes", &process->gpu_bytes);
    return row;
}

static json_t *processes_to_json(const struct incident *incident)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < incident->process_count; i++)
        (void)json_array_append_new(rows, process_to_json(&incident->processes[i])); /* memory */
    return rows;
}

static json_t *timeline_to_json(const struct incident *incident)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < incident->timeline_count; i++) {
        const struct incident_sample *sample = &incident->timeline[i];
        json_t *row = json_object();
        json_set(row, "t_ns", json_integer(sample->t_ns));
        json_set_u64(row, "tree_bytes", sample->tree_bytes);
        json_set_u64(row, "largest_bytes", sample->largest_bytes);
        (void)json_array_append_new(rows, row); /* fails only without memory */
    }
    return rows;
}

static json_t *actions_to_json(const struct incident *incident)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < incident->action_count; i++) {
        const struct incident_action *action = &incident->actions[i];
        json_t *row = json_object();
        json_set(row, "t_ns", json_integer(action->t_ns));
        json_set(row, "action", json_text(action->action ? action->action : ""));
        json_set(row, "pid", json_integer(action->pid));
        json_set(row, "result", json_text(action->result ? action->result : ""));
        (void)json_array_append_new(rows, row); /* fails only without memory */
    }
    return rows;
}

static json_t *signatures_to_json(const struct incident *incident)
{
    json_t *object = json_object();
    for (size_t i = 0; i < incident->signatures.count; i++) {
        const struct variable *one = &incident->signatures.items[i];
        uint64_t count = 0;
        if (text_to_u64(one->value, &count))
            json_set_u64(object, one->name, count);
    }
    return object;
}

static json_t *cause_to_json(const struct incident *incident)
{
    json_t *object = json_object();
    json_set_text(object, "kind", attribution_text(incident->attribution));
    json_set(object, "evidence", json_strings(&incident->evidence));
    return object;
}

static json_t *process_crossed_to_json(const struct incident *incident)
{
    json_t *object = json_object();
    json_set(object, "pid", json_integer(incident->process_pid));
    json_set_text(object, "role", process_role_text(incident->process_role));
    if (incident->rate_bytes_per_s > -1e18 && incident->rate_bytes_per_s < 1e18)
        json_set(object, "rate_bytes_per_s", json_integer((json_int_t)incident->rate_bytes_per_s));
    return object;
}

static json_t *engine_to_json(const struct incident *incident)
{
    json_t *object = json_object();
    json_set_text(object, "qt", incident->engine_qt);
    json_set_text(object, "chromium", incident->engine_chromium);
    return object;
}

static json_t *plan_to_json(const struct incident *incident)
{
    json_t *object = json_object();
    json_t *environment = json_object();
    json_set(object, "rung", json_text(incident->rung ? incident->rung : "none"));
    for (size_t i = 0; i < incident->environment.count; i++) {
        const struct variable *one = &incident->environment.items[i];
        json_set(environment, one->name, json_text(one->value));
    }
    json_set(object, "environment", environment);
    return object;
}

static json_t *log_marks_to_json(const struct incident *incident)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < incident->log_mark_count; i++) {
        const struct incident_log_mark *mark = &incident->log_marks[i];
        json_t *row = json_object();
        json_set(row, "name", json_text(mark->name ? mark->name : ""));
        json_set(row, "first_ns", json_integer(mark->first_ns));
        json_set(row, "last_ns", json_integer(mark->last_ns));
        (void)json_array_append_new(rows, row); /* fails only without memory */
    }
    return rows;
}

/* NULL where there is none or too much of it: the record is never lost for it. */
static json_t *preflight_to_json(const struct incident *incident)
{
    if (incident->preflight && strlen(incident->preflight) > INCIDENT_PREFLIGHT_BYTES)
        return NULL;
    return facts_parse(incident);
}

json_t *incident_to_json(const struct incident *incident)
{
    char time[TIME_BYTES];
    json_t *root = json_object();
    json_set_text(root, "schema", INCIDENT_SCHEMA);
    json_set_text(root, "id", incident->id);
    json_set_text(root, "time", clock_utc_text(time, sizeof time, incident->time_s, true));
    json_set(root, "reason", json_text(incident->reason ? incident->reason : "unknown"));
    json_set(root, "app", app_to_json(incident));
    json_set_u64(root, "limit_bytes", incident->limit_bytes);
    json_set(root, "crossed_ns", json_integer(0));
    set_known(root, "acted_ns", &incident->acted_ns);
    set_known(root, "tree_gone_ns", &incident->tree_gone_ns);
    set_known(root, "restarted_ns", &incident->restarted_ns);
    json_set_u64(root, "bytes_at_crossing", incident->bytes_at_crossing);
    json_set_u64(root, "bytes_peak", incident->bytes_peak);
    json_set(root, "process", process_crossed_to_json(incident));
    json_set(root, "attribution", cause_to_json(incident));
    json_set(root, "processes", processes_to_json(incident));
    json_set(root, "timeline", timeline_to_json(incident));
    json_set(root, "signatures", signatures_to_json(incident));
    json_set(root, "log_marks", log_marks_to_json(incident));
    json_set(root, "actions", actions_to_json(incident));
    json_set(root, "engine", engine_to_json(incident));
    json_set_text(root, "gpu", incident->gpu_text);
    json_set(root, "plan", plan_to_json(incident));
    json_set(root, "preflight", preflight_to_json(incident));
    json_set(root, "next_rung", json_text(incident->next_rung)); /* null: not started again */
    json_set_u64(root, "restart", incident->restart);
    json_set_u64(root, "survivors", incident->survivor_count);
    return root;
}

static void add_line(struct text *out, const json_t *value)
{
    char *line = json_dumps(value, LINE_FLAGS);
    const char *text = line ? line : "null"; /* only without memory */
    text_add(out, text, strlen(text));
    free(line);
}

static void add_member(struct text *out, const json_t *value)
{
    bool rows = json_is_array(value) && json_is_object(json_array_get(value, 0));
    if (!rows) {
        add_line(out, value);
        return;
    }
    text_printf(out, "[");
    for (size_t i = 0; i < json_array_size(value); i++) {
        text_printf(out, "%s\n", i ? "," : "");
        add_line(out, json_array_get(value, i));
    }
    text_printf(out, "]");
}

const char *record_text(struct arena *arena, const json_t *record)
{
    struct text text = { .arena = arena };
    const char *key;
    json_t *value;
    const char *before = "{\n";
    json_object_foreach((json_t *)record, key, value)
    {
        text_printf(&text, "%s\"%s\":", before, key);
        add_member(&text, value);
        before = ",\n";
    }
    text_printf(&text, "\n}\n");
    return text_get(&text);
}

/* Every second sample; the first, the last and the largest stay. */
static size_t thin_out(struct incident_sample *samples, size_t count)
{
    size_t kept = 0, largest = 0;
    for (size_t i = 1; i < count; i++) {
        if (samples[i].largest_bytes > samples[largest].largest_bytes)
            largest = i;
    }
    for (size_t i = 0; i < count; i++) {
        if (i % 2 == 0 || i == largest || i + 1 == count)
            samples[kept++] = samples[i];
    }
    return kept;
}

/* What a record gives up in turn when it is too long; false = nothing of that kind is left. */
typedef bool shorten_fn(struct arena *arena, struct incident *incident);

static bool timeline_shorten(struct arena *arena, struct incident *incident)
{
    (void)arena;
    if (incident->timeline_count < TIMELINE_KEPT)
        return false;
    incident->timeline_count = thin_out(incident->timeline, incident->timeline_count);
    return true;
}

static bool preflight_drop(struct arena *arena, struct incident *incident)
{
    bool had = incident->preflight != NULL;
    (void)arena;
    incident->preflight = NULL;
    return had;
}

/* True when something was lost; what was cut already is short enough. */
static bool strings_shorten(struct arena *arena, struct strings *list)
{
    struct strings kept = { 0 };
    bool lost = list->count > STRINGS_KEPT;
    for (size_t i = 0; i < list->count && i < STRINGS_KEPT; i++) {
        const char *one = list->items[i];
        if (strlen(one) > STRING_KEPT_BYTES) {
            const char *clean = text_clean(arena, one, strlen(one));
            one = text_line(arena, clean, STRING_KEPT_BYTES - strlen("…"));
            lost = true;
        }
        ARENA_PUSH(arena, &kept, one);
    }
    *list = kept;
    return lost;
}

/* A second round finds all of it short already, and changes nothing. */
static bool words_shorten(struct arena *arena, struct incident *incident)
{
    bool had = incident->environment.count != 0;
    had |= strings_shorten(arena, &incident->app_argv);
    had |= strings_shorten(arena, &incident->evidence);
    incident->environment.count = 0;
    return had;
}

static bool rows_shorten(struct arena *arena, struct incident *incident)
{
    (void)arena;
    bool had = incident->process_count || incident->action_count || incident->signatures.count;
    incident->process_count /= 2;
    incident->action_count /= 2;
    incident->signatures.count /= 2;
    incident->log_mark_count = 0;
    return had;
}

const char *record_bounded(struct arena *arena, const struct incident *incident)
{
    static shorten_fn *const steps[] = { timeline_shorten, preflight_drop, words_shorten,
                                         rows_shorten };
    struct incident shorter = *incident;
    size_t step = 0, bytes = incident->timeline_count * sizeof *incident->timeline;
    shorter.timeline = arena_alloc(arena, bytes);
    if (bytes)
        memcpy(shorter.timeline, incident->timeline, bytes);
    for (;;) {
        CLEANUP(json_freep) json_t *record = incident_to_json(&shorter);
        const char *text = record_text(arena, record);
        if (strlen(text) <= RECORD_MAX_BYTES)
            return text;
        while (step < ROWS(steps) && !steps[step](arena, &shorter))
            step++;
        if (step == ROWS(steps))
            return text; /* single strings of the app that are longer than everything else */
    }
}

/* A string without escapes behind exactly these bytes, as record_text() writes them. */
static bool head_take(struct arena *arena, const char **at, const char *before, const char **out)
{
    size_t skip = strlen(before);
    if (strncmp(*at, before, skip) != 0)
        return false;
    size_t length = strcspn(*at + skip, "\"\\\n");
    if ((*at)[skip + length] != '"' || !text_is_utf8(*at + skip, length))
        return false;
    *out = arena_strndup(arena, *at + skip, length);
    *at += skip + length;
    return true;
}

bool record_head(struct arena *arena, const char *head, struct incident_row *out)
{
    struct incident_row row;
    if (!head_take(arena, &head, "{\n\"schema\":\"" INCIDENT_SCHEMA "\",\n\"id\":\"", &row.id)
        || !head_take(arena, &head, "\",\n\"time\":\"", &row.time)
        || !head_take(arena, &head, "\",\n\"reason\":\"", &row.reason)
        || !head_take(arena, &head, "\",\n\"app\":{\"name\":\"", &row.app))
        return false;
    *out = row;
    return true;
}
