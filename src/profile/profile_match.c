/* Compares all profiles with the facts about one machine, and writes matches and profiles as JSON.
 * Pure. */
#include <string.h>

#include "base/json.h"
#include "profile/condition_private.h"

void profiles_match(struct arena *arena, const struct profiles *profiles,
                    const struct profile_facts *facts, struct profile_matches *out)
{
    out->items = arena_array(arena, profiles->count, sizeof *out->items);
    out->count = profiles->count;
    for (size_t i = 0; i < profiles->count; i++) {
        struct profile_match *match = &out->items[i];
        match->profile = profiles->items[i];
        match->match = conditions_evaluate(arena, match->profile->match, facts, &match->trace,
                                           &match->needs);
    }
}

bool profile_match_may_apply(const struct profile_match *match)
{
    static const char *const later[] = { "history.", "log.", "attribution", "app." };
    if (match->match != TRUTH_UNKNOWN || !match->profile->applies_at_start || !match->needs)
        return false;
    for (const char *at = match->needs; *at; at += strcspn(at, ","), at += strspn(at, ", ")) {
        for (size_t i = 0; i < ROWS(later); i++) {
            if (text_starts(at, later[i]))
                return false;
        }
    }
    return true;
}

void profiles_app(const struct profile_matches *matches, struct profile_app *out)
{
    struct profile_app app = { 0 };
    for (size_t i = 0; matches && i < matches->count; i++) {
        const struct profile_app *one = &matches->items[i].profile->app;
        if (matches->items[i].match != TRUTH_YES || !one->known)
            continue;
        app.known = true;
        if (app.handles_termination == TRUTH_UNKNOWN)
            app.handles_termination = one->handles_termination;
        if (!app.passes_flags)
            app.passes_flags = one->passes_flags;
        if (!app.reacts)
            app.reacts = one->reacts;
        if (!app.memory_bytes.known)
            app.memory_bytes = one->memory_bytes;
    }
    *out = app;
}

json_t *profile_match_to_json(const struct profile_match *match, bool explain)
{
    const struct profile *profile = match->profile;
    json_t *object = json_object();
    json_set_text(object, "id", profile->id);
    json_set_text(object, "match", truth_text(match->match));
    json_set_text(object, "when", profile->applies_at_start ? "start" : "incident");
    json_set_text(object, "rung", profile->ladder_count ? profile->ladder[0].name : "none");
    json_set_text(object, "file", profile->file);
    json_set_text(object, "needs", match->needs);
    if (explain)
        json_set(object, "trace", trace_to_json(&match->trace));
    return object;
}

/* A part of a profile as it was written. Only whole numbers and truth values lose their text:
 * 6.10 is a version and not a fraction. */
static json_t *node_to_json(const struct yaml_node *node)
{
    uint64_t number;
    bool flag;
    json_t *value;
    switch (node->kind) {
    case YAML_MAPPING:
        value = json_object();
        for (size_t i = 0; i < node->count; i++)
            json_set(value, node->pairs[i].key, node_to_json(node->pairs[i].value));
        return value;
    case YAML_SEQUENCE:
        value = json_array();
        for (size_t i = 0; i < node->count; i++)
            json_array_append_new(value, node_to_json(node->items[i]));
        return value;
    case YAML_SCALAR:
        break;
    }
    if (yaml_is_null(node))
        return json_null();
    if (yaml_to_bool(node, &flag))
        return json_boolean(flag);
    if (!node->quoted && !text_starts(node->text, "0x") && yaml_to_u64(node, &number)
        && number <= INT64_MAX)
        return json_integer((json_int_t)number);
    return json_text(node->text);
}

static json_t *ladder_to_json(const struct profile *profile)
{
    json_t *ladder = json_array();
    for (size_t i = 0; i < profile->ladder_count; i++) {
        const struct rung *rung = &profile->ladder[i];
        json_t *object = json_object(), *environment = json_object();
        for (size_t j = 0; j < rung->environment.count; j++)
            json_set_text(environment, rung->environment.items[j].name,
                          rung->environment.items[j].value);
        json_set_text(object, "rung", rung->name);
        json_set(object, "flags", json_strings(&rung->flags));
        json_set(object, "environment", environment);
        json_set(object, "costs", json_strings(&rung->costs));
        json_array_append_new(ladder, object);
    }
    return ladder;
}

json_t *profile_to_json(const struct profile *profile)
{
    static const char *const as_written[] = { "match", "app", "expires", "tests" };
    json_t *object = json_object();
    json_set_text(object, "id", profile->id);
    json_set_text(object, "title", profile->title);
    json_set_text(object, "confidence", profile->confidence);
    json_set(object, "evidence", json_strings(&profile->evidence));
    json_set_text(object, "when", profile->applies_at_start ? "start" : "incident");
    json_set(object, "ladder", ladder_to_json(profile));
    json_set(object, "advice", json_strings(&profile->advice));
    for (size_t i = 0; i < ROWS(as_written); i++) {
        const struct yaml_node *node = yaml_get(profile->source, as_written[i]);
        if (node)
            json_set(object, as_written[i], node_to_json(node));
    }
    json_set_text(object, "file", profile->file);
    json_set_u64(object, "line", profile->at.line);
    return object;
}
