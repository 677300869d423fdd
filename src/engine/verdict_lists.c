/* What Chromium's lists come to in a verdict: the entries that are active, the features that they
 * block, and the workarounds that take OpenGL ES 3 away. */
#include <string.h>

#include "base/macros.h"
#include "engine/control_list_private.h"
#include "engine/flags.h"
#include "engine/verdict_private.h"

/* Source: gpu/config/gpu_util.cc AdjustGpuFeatureStatusToWorkarounds (the line "WebGL2
 * blocklisted"), gpu/command_buffer/service/feature_info.cc IsES3Capable (the line "ES3 is
 * blocklisted/disabled/unsupported by driver"). */
static const struct es3_workaround es3_workarounds[] = {
    { "disable_es3_gl_context", 0, true,
      "the workaround disable_es3_gl_context keeps pages on WebGL 1" },
    { "disable_d3d11", 0, true, "the workaround disable_d3d11 keeps pages on WebGL 1" },
    { "disable_texture_storage", 0, false,
      "the workaround disable_texture_storage takes OpenGL ES 3 away" },
    { "disable_es3_gl_context_for_testing", 0, false,
      "the workaround disable_es3_gl_context_for_testing takes OpenGL ES 3 away" },
    /* A switch only; seen on 87 and 102, not on 122. */
    { "disable-es3-gl-context-for-testing", 118, false,
      "--disable-es3-gl-context-for-testing takes OpenGL ES 3 away" },
};

const struct es3_workaround *es3_workaround_find(const struct deciding *deciding)
{
    const char *chromium = chromium_of(&deciding->identity.engine);
    unsigned major = chromium ? chromium_major(chromium) : 0;
    for (size_t i = 0; i < ROWS(es3_workarounds); i++) {
        const struct es3_workaround *row = &es3_workarounds[i];
        const char *value = NULL;
        if (row->until && (!major || major >= row->until))
            continue;
        if (strings_has(&deciding->out->workarounds, row->name)
            || (row->until && flags_has(&deciding->switches, row->name, &value)))
            return row;
    }
    return NULL;
}

static void entry_trace(struct deciding *deciding, const struct entry_result *entry)
{
    enum truth result = entry->active            ? TRUTH_YES
                        : entry->needs_more_info ? TRUTH_UNKNOWN
                                                 : TRUTH_NO;
    deciding_trace(deciding, 1, result,
                   arena_printf(deciding->arena, "%s entry %u%s%s", entry->list, entry->id,
                                entry->description ? ": " : "",
                                entry->description ? entry->description : ""));
    for (size_t i = 0; i < entry->condition_count; i++) {
        const struct condition_trace *condition = &entry->conditions[i];
        bool found = condition->found && *condition->found;
        deciding_trace(
            deciding, 2, condition->result,
            found ? arena_printf(deciding->arena, "%s: %s", condition->text, condition->found)
                  : condition->text);
    }
    if (entry->settled_by)
        deciding_trace(deciding, 2, TRUTH_UNKNOWN, entry->settled_by);
}

/* Entries that are active go to the verdict, all that were looked at to the trace. */
static void entries_take(struct deciding *deciding)
{
    const struct control_decision *decision = &deciding->decision;
    struct verdict *out = deciding->out;
    out->entries = arena_array(deciding->arena, decision->entry_count, sizeof *out->entries);
    for (size_t i = 0; i < decision->entry_count; i++) {
        const struct entry_result *entry = &decision->entries[i];
        entry_trace(deciding, entry);
        if (entry->active)
            out->entries[out->entry_count++] = (struct verdict_entry){
                .list = entry->list,
                .id = entry->id,
                .description = entry->description,
                .features = entry->features,
                .why = entry->why,
            };
    }
}

/* Does an entry whose conditions are not all known name the feature? A string that the engine
 * itself finds empty is not unknown: nothing that could be learnt would change its answer. */
static bool feature_is_open(const struct deciding *deciding, const char *feature)
{
    for (size_t i = 0; i < deciding->decision.entry_count; i++) {
        const struct entry_result *entry = &deciding->decision.entries[i];
        bool unknown = false;
        for (size_t j = 0; j < entry->condition_count; j++)
            unknown = unknown || entry->conditions[j].result == TRUTH_UNKNOWN;
        if (!entry->active && entry->needs_more_info && unknown
            && (strings_has(&entry->features, feature) || strings_has(&entry->features, "all")))
            return true;
    }
    return false;
}

enum truth feature_blocked(const struct deciding *deciding, const char *feature)
{
    if (strings_has(&deciding->decision.blocked_features, feature))
        return TRUTH_YES;
    return !deciding->lists || feature_is_open(deciding, feature) ? TRUTH_UNKNOWN : TRUTH_NO;
}

static void feature_set(struct deciding *deciding, const char *name, enum truth blocked)
{
    static const char *const words[] = {
        [TRUTH_UNKNOWN] = "unknown", [TRUTH_NO] = "enabled", [TRUTH_YES] = "blocklisted"
    };
    const char *word = deciding->identity.gl.disabled == TRUTH_YES ? "disabled" : words[blocked];
    variables_set(deciding->arena, &deciding->out->features, name, word);
}

static void features_fill(struct deciding *deciding)
{
    static const char *const always[] = { "accelerated_webgl", "accelerated_webgl2" };
    const struct strings *blocked = &deciding->decision.blocked_features;
    const struct es3_workaround *workaround = es3_workaround_find(deciding);
    for (size_t i = 0; i < ROWS(always); i++)
        feature_set(deciding, always[i], feature_blocked(deciding, always[i]));
    for (size_t i = 0; i < blocked->count; i++)
        feature_set(deciding, blocked->items[i], TRUTH_YES);
    if (workaround && workaround->as_blocked)
        feature_set(deciding, "accelerated_webgl2", TRUTH_YES);
}

void lists_decide(struct deciding *deciding)
{
    const struct control_lists *lists = deciding->lists;
    if (!lists) {
        deciding_trace(deciding, 0, TRUTH_UNKNOWN, "GPU lists: none are known for this engine");
    } else {
        deciding->out->source = lists->from_library ? SOURCE_ENGINE_LIBRARY : SOURCE_SHIPPED_RULES;
        control_lists_evaluate(deciding->arena, lists, &deciding->identity, &deciding->switches,
                               &deciding->decision);
        deciding->out->workarounds = deciding->decision.workarounds;
        deciding_trace(
            deciding, 0, TRUTH_YES,
            arena_printf(deciding->arena, "GPU lists of Chromium %s, %s%s", lists->chromium,
                         lists->origin ? lists->origin : "built in",
                         lists->from_library || lists->exact ? "" : " (the nearest known)"));
        entries_take(deciding);
    }
    features_fill(deciding);
}

const char *blocking_entry_text(const struct deciding *deciding)
{
    static const char *const features[] = { "all", "accelerated_webgl", "accelerated_webgl2" };
    const struct verdict *out = deciding->out;
    for (size_t i = 0; i < out->entry_count; i++) {
        const struct verdict_entry *entry = &out->entries[i];
        bool blocks = false;
        for (size_t j = 0; j < ROWS(features); j++)
            blocks = blocks || strings_has(&entry->features, features[j]);
        if (!blocks || !text_equal(entry->list, deciding->lists->blocklist.name))
            continue;
        if (!entry->description)
            return arena_printf(deciding->arena, "list entry %u (%s)", entry->id, entry->why);
        return arena_printf(deciding->arena, "list entry %u \"%s\" (%s)", entry->id,
                            entry->description, entry->why);
    }
    return "";
}
