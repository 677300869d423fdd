/* The words of a verdict, and its JSON. */
#include <assert.h>

#include "base/json.h"
#include "base/macros.h"
#include "engine/verdict.h"

static const char *const outcomes[] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_BLOCKLISTED] = "blocklisted",
    [OUTCOME_ES3_UNSUPPORTED] = "es3-unsupported",
    [OUTCOME_NO_GPU] = "no-gpu",
    [OUTCOME_START_FAILURE] = "start-failure",
    [OUTCOME_NOT_GPU] = "not-gpu",
    [OUTCOME_UNKNOWN] = "unknown",
};
static_assert(ROWS(outcomes) == OUTCOME_COUNT, "one word per outcome");

const char *outcome_text(enum outcome outcome)
{
    return outcomes[outcome];
}

const char *webgl_state_text(enum webgl_state state)
{
    static const char *const words[] = {
        [WEBGL_UNKNOWN] = "unknown", [WEBGL_ENABLED] = "enabled", [WEBGL_DISABLED] = "disabled"
    };
    return words[state];
}

const char *confidence_text(enum confidence confidence)
{
    static const char *const words[] = {
        [CONFIDENCE_LOW] = "low", [CONFIDENCE_HIGH] = "high", [CONFIDENCE_MEASURED] = "measured"
    };
    return words[confidence];
}

const char *verdict_source_text(enum verdict_source source)
{
    static const char *const words[] = { [SOURCE_NONE] = "none",
                                         [SOURCE_SHIPPED_RULES] = "shipped-rules",
                                         [SOURCE_ENGINE_LIBRARY] = "engine-library" };
    return words[source];
}

json_t *trace_to_json(const struct trace *trace)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < trace->count; i++) {
        json_t *line = json_object();
        json_set_u64(line, "depth", trace->items[i].depth);
        json_set_text(line, "text", trace->items[i].text);
        json_set_text(line, "result", truth_text(trace->items[i].result));
        (void)json_array_append_new(lines, line); /* fails only without memory */
    }
    return lines;
}

json_t *verdict_to_json(const struct verdict *verdict)
{
    json_t *object = json_object(), *features = json_object(), *entries = json_array();
    json_set_text(object, "outcome", outcome_text(verdict->outcome));
    json_set_text(object, "why", verdict->why);
    json_set_text(object, "webgl", webgl_state_text(verdict->webgl));
    json_set_text(object, "webgl2", webgl_state_text(verdict->webgl2));
    for (size_t i = 0; i < verdict->features.count; i++)
        json_set_text(features, verdict->features.items[i].name, verdict->features.items[i].value);
    json_set(object, "features", features);
    json_set(object, "workarounds", json_strings(&verdict->workarounds));
    for (size_t i = 0; i < verdict->entry_count; i++) {
        const struct verdict_entry *entry = &verdict->entries[i];
        json_t *row = json_object();
        json_set_text(row, "list", entry->list);
        json_set_u64(row, "id", entry->id);
        json_set_text(row, "description", entry->description);
        json_set(row, "features", json_strings(&entry->features));
        json_set_text(row, "why", entry->why);
        (void)json_array_append_new(entries, row); /* fails only without memory */
    }
    json_set(object, "entries", entries);
    json_set(object, "missing", json_strings(&verdict->missing));
    if (verdict->advice.count)
        json_set(object, "advice", json_strings(&verdict->advice));
    json_set_text(object, "source", verdict_source_text(verdict->source));
    json_set_text(object, "confidence", confidence_text(verdict->confidence));
    return object;
}
