/* `qwguard profile match`: which profiles match this machine, which do not, and for which too
 * little is known; with --explain the answer to every condition. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/describe.h"
#include "cli/preflight.h"
#include "cli/profile_print.h"

static const struct option_row match_options[] = {
    { "explain", 0, NULL, "print each condition, what the machine has, and the result" },
    { NULL, 0, NULL, NULL },
};

/* Those named on the command line, else all that do not say no; with explain all. */
static bool is_wanted(const struct context *context, const struct profile_match *match)
{
    if (context->args.count)
        return strings_has(&context->args, match->profile->id);
    return match->match != TRUTH_NO || option_given(context, "explain");
}

static void print_json(const struct context *context, const struct preflight *preflight)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < preflight->matches.count; i++) {
        const struct profile_match *match = &preflight->matches.items[i];
        if (is_wanted(context, match)) /* appending fails only without memory */
            (void)json_array_append_new(
                rows, profile_match_to_json(match, option_given(context, "explain")));
    }
    json_set_text(root, "schema", "qwguard.matches/1");
    json_set(root, "matches", rows);
    fputs(json_format(context->arena, root), stdout);
}

static void print_match(const struct context *context, const struct profile_match *match)
{
    printf("%-34s %-7s  %s\n", match->profile->id, profile_match_word(match->match),
           match->match == TRUTH_NO ? "" : profile_help_text(context->arena, match->profile));
    if (option_given(context, "explain"))
        describe_trace(&match->trace);
    if (match->match == TRUTH_UNKNOWN && match->needs)
        printf("  would apply if this were known, and fitting: %s%s\n", match->needs,
               option_given(context, "no-gl") && strstr(match->needs, "gl.")
                   ? " (run without --no-gl)"
                   : "");
}

static int match_run(struct context *context, struct err *err)
{
    struct preflight preflight = { 0 };
    struct settings settings;
    struct report warnings = { .arena = context->arena };
    const struct profile *found;
    if (settings_load(context, option_value(context, "app"), &settings, &warnings, err) < 0
        || preflight_make(context, &settings, NULL, &preflight, err) < 0)
        return -1;
    message_report(context, &warnings);
    message_report(context, &preflight.report);
    for (size_t i = 0; i < context->args.count; i++) {
        if (profile_set_find(context, &preflight.profiles, context->args.items[i], &found, err) < 0)
            return -1;
    }
    if (context->json) {
        print_json(context, &preflight);
        return 0;
    }
    for (size_t i = 0; i < preflight.matches.count; i++) {
        if (is_wanted(context, &preflight.matches.items[i]))
            print_match(context, &preflight.matches.items[i]);
    }
    return 0;
}

static const struct option_row *const tables[] = { match_options, preflight_options, NULL };

const struct command command_profile_match = {
    .name = "profile match",
    .args = "[ID...]",
    .summary = "say which hardware profiles match this machine",
    .details = "Without an ID: those that match or may match, and with --explain all of them. A\n"
               "profile of which too little is known changes nothing.",
    .options = tables,
    .max_args = ARGS_ANY,
    .prints_json = true,
    .run = match_run,
};
