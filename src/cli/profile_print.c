/* What the profile commands share: the set in force, one of it by its id, and in a few words what a
 * profile does. */
#include "cli/profile_print.h"

#include "cli/describe.h"
#include "cli/preflight.h"

void profile_set_load(const struct context *context, struct profiles *out)
{
    struct report report = { .arena = context->arena };
    struct strings folders = { 0 };
    preflight_profile_folders(context, &folders);
    profiles_load(context->arena, &folders, PROFILE_TESTS_READ, &report, out);
    message_report(context, &report);
}

int profile_set_find(const struct context *context, const struct profiles *profiles, const char *id,
                     const struct profile **out, struct err *err)
{
    const char **ids = arena_array(context->arena, profiles->count, sizeof *ids);
    *out = profile_find(profiles, id);
    if (*out)
        return 0;
    for (size_t i = 0; i < profiles->count; i++)
        ids[i] = profiles->items[i]->id;
    const char *near = text_nearest(id, ids, profiles->count);
    return err_set(err, ERR_USAGE, "there is no profile '%s'%s%s%s", id,
                   near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

const char *profile_help_text(struct arena *arena, const struct profile *profile)
{
    if (!profile->ladder_count && !profile->advice.count)
        return "what is known of the application";
    if (!profile->ladder_count)
        return arena_printf(arena, "advice: %s", describe_list(arena, &profile->advice));
    return arena_printf(arena, "%s%s", profile->ladder[0].name,
                        profile->applies_at_start ? "" : " after an incident");
}

const char *profile_match_word(enum truth match)
{
    static const char *const words[] = {
        [TRUTH_UNKNOWN] = "unknown", [TRUTH_NO] = "no", [TRUTH_YES] = "match"
    };
    return words[match];
}
