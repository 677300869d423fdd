/* `qwguard profile list`: the profiles in force, one line each; with --matching only those that
 * match this machine or may match it. */
#include <stdio.h>

#include "base/json.h"
#include "cli/preflight.h"
#include "cli/profile_print.h"

static const struct option_row list_options[] = {
    { "matching", 0, NULL, "only those that match this machine, or may match" },
    { NULL, 0, NULL, NULL },
};

static int matching_find(struct context *context, struct profiles *out, struct err *err)
{
    struct preflight preflight = { 0 };
    struct settings settings;
    struct report warnings = { .arena = context->arena };
    if (settings_load(context, option_value(context, "app"), &settings, &warnings, err) < 0
        || preflight_make(context, &settings, NULL, &preflight, err) < 0)
        return -1;
    message_report(context, &warnings);
    message_report(context, &preflight.report);
    for (size_t i = 0; i < preflight.matches.count; i++) {
        if (preflight.matches.items[i].match != TRUTH_NO)
            ARENA_PUSH(context->arena, out, preflight.matches.items[i].profile);
    }
    return 0;
}

static json_t *row_to_json(const struct profile *profile)
{
    json_t *row = json_object();
    json_t *rungs = json_array();
    for (size_t i = 0; i < profile->ladder_count; i++)
        (void)json_array_append_new(rungs, json_text(profile->ladder[i].name)); /* out of memory */
    json_set_text(row, "id", profile->id);
    json_set_text(row, "title", profile->title);
    json_set_text(row, "confidence", profile->confidence);
    json_set_text(row, "when", profile->applies_at_start ? "start" : "incident");
    json_set(row, "rungs", rungs);
    json_set(row, "advice", json_strings(&profile->advice));
    json_set_text(row, "file", profile->file);
    json_set_u64(row, "line", profile->at.line);
    return row;
}

static void print_json(const struct context *context, const struct profiles *profiles)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *rows = json_array();
    for (size_t i = 0; i < profiles->count; i++)
        (void)json_array_append_new(rows, row_to_json(profiles->items[i])); /* out of memory */
    json_set_text(root, "schema", "qwguard.profiles/1");
    json_set(root, "profiles", rows);
    fputs(json_format(context->arena, root), stdout);
}

static void print_table(const struct context *context, const struct profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++) {
        const struct profile *profile = profiles->items[i];
        printf("%-34s %-6s  %s\n", profile->id, profile->confidence,
               profile_help_text(context->arena, profile));
        if (context->verbose)
            printf("%36s%s\n", "", profile->title);
    }
}

static int list_run(struct context *context, struct err *err)
{
    struct profiles profiles = { 0 };
    if (!option_given(context, "matching"))
        profile_set_load(context, &profiles);
    else if (matching_find(context, &profiles, err) < 0)
        return -1;
    if (context->json)
        print_json(context, &profiles);
    else
        print_table(context, &profiles);
    return 0;
}

static const struct option_row *const tables[] = { list_options, preflight_options, NULL };

const struct command command_profile_list = {
    .name = "profile list",
    .args = "",
    .summary = "list the hardware profiles",
    .details = "With -v each line is followed by the title. The options that describe a machine\n"
               "count only with --matching.",
    .options = tables,
    .prints_json = true,
    .run = list_run,
};
