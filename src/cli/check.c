/* `qwguard check`: the preflight alone. What is this machine, what will the engine do on it, what
 * would be changed, and why. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/describe.h"
#include "cli/preflight.h"
#include "cli/profile_print.h"
#include "cli/words.h"

#define UNKNOWN_LINES_MAX 3 /* profiles that may apply, by name */

static const struct option_row check_options[] = {
    { "explain", 0, NULL, "print everything that was looked at" },
    { NULL, 0, NULL, NULL },
};

static void print_json(const struct context *context, const struct preflight *preflight, int status)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_set_text(root, "schema", "qwguard.check/1");
    preflight_json_add(root, preflight, option_given(context, "explain"));
    json_set(root, "exit", json_integer(status));
    fputs(json_format(context->arena, root), stdout);
}

static void print_explanation(const struct preflight *preflight)
{
    words_put("\nWhat the engine decides (✓ yes, · no, ? not known)\n");
    describe_trace(&preflight->verdict.trace);
    printf("\nProfiles\n");
    for (size_t i = 0; i < preflight->matches.count; i++) {
        const struct profile_match *match = &preflight->matches.items[i];
        printf("  %s: %s\n", match->profile->id, profile_match_word(match->match));
        describe_trace(&match->trace);
    }
}

static void print_reasons(const struct plan *plan)
{
    for (size_t i = 0; i < plan->reasons.count; i++)
        describe_print("", plan->reasons.items[i], "");
}

static void print_ladder(const struct context *context, const struct plan *plan)
{
    struct text text = { .arena = context->arena };
    for (size_t i = 0; i < plan->ladder_count; i++)
        text_printf(&text, "%s%s", i ? ", " : "", plan->ladder[i].rung.name);
    if (plan->ladder_count)
        describe_print(
            "",
            arena_printf(context->arena, "wider rungs if that is not enough: %s", text_get(&text)),
            "");
}

/* "gl.renderer is", "gl.renderer and session.type are" not known. */
static const char *needs_words(struct arena *arena, const char *needs)
{
    struct text text = { .arena = arena };
    bool many = strchr(needs, ',') != NULL;
    while (*needs) {
        size_t length = strcspn(needs, ",");
        const char *next = needs + length + strspn(needs + length, ", ");
        text_add(&text, needs, length);
        text_printf(&text, "%s", !*next ? "" : strchr(next, ',') ? ", " : " and ");
        needs = next;
    }
    text_printf(&text, many ? " are" : " is");
    return text_get(&text);
}

/* Profiles of which too little is known: the first few by name, then their number. */
static void print_unknown(const struct context *context, const struct preflight *preflight)
{
    struct arena *arena = context->arena;
    size_t count = 0;
    for (size_t i = 0; i < preflight->matches.count; i++) {
        const struct profile_match *match = &preflight->matches.items[i];
        if (profile_match_may_apply(match) && count++ < UNKNOWN_LINES_MAX)
            describe_print("",
                           arena_printf(arena, "profile '%s' may apply: %s not known",
                                        match->profile->id, needs_words(arena, match->needs)),
                           "");
    }
    if (count > UNKNOWN_LINES_MAX)
        describe_print("",
                       arena_printf(arena, "%zu more %s: qwguard profile match",
                                    count - UNKNOWN_LINES_MAX,
                                    count - UNKNOWN_LINES_MAX == 1 ? "profile may apply"
                                                                   : "profiles may apply"),
                       "");
}

static void print_table(const struct context *context, const struct preflight *preflight)
{
    static const struct {
        enum outcome outcome;
        const char *color;
    } rows[] = { { OUTCOME_OK, COLOR_GREEN },
                 { OUTCOME_NOT_GPU, COLOR_RED },
                 { OUTCOME_START_FAILURE, COLOR_RED },
                 { OUTCOME_NO_GPU, COLOR_RED } };
    const struct plan *plan = &preflight->plan;
    struct arena *arena = context->arena;
    const char *color = COLOR_YELLOW;
    bool changes = plan->flags.count || plan->environment.count;
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].outcome == preflight->verdict.outcome)
            color = rows[i].color;
    }
    if (!context->color_out)
        color = "";
    describe_print("Machine", describe_machine(arena, &preflight->identity), "");
    describe_print("Engine", describe_engine(arena, preflight), "");
    describe_print("Verdict", describe_verdict(arena, preflight), color);
    if (plan->advice.count)
        describe_print("Advice", describe_list(arena, &plan->advice), color);
    describe_print("Plan", describe_plan(arena, plan), "");
    if (plan->costs.count)
        describe_print("", arena_printf(arena, "costs: %s", describe_list(arena, &plan->costs)),
                       context->color_out ? COLOR_YELLOW : "");
    print_reasons(plan);
    print_ladder(context, plan);
    print_unknown(context, preflight);
    if (changes)
        describe_print("Apply", "qwguard run -- APP", "");
    if (option_given(context, "explain"))
        print_explanation(preflight);
    else if (preflight->verdict.outcome != OUTCOME_OK)
        describe_print("", "more: qwguard check --explain", "");
}

static int check_run(struct context *context, struct err *err)
{
    struct preflight preflight = { 0 };
    struct settings settings;
    struct report warnings = { .arena = context->arena };
    if (settings_load(context, option_value(context, "app"), &settings, &warnings, err) < 0
        || preflight_make(context, &settings, NULL, &preflight, err) < 0)
        return -1;
    message_report(context, &warnings);
    message_report(context, &preflight.report);
    int status = plan_exit_status(&preflight.verdict, &preflight.plan);
    if (context->json)
        print_json(context, &preflight, status);
    else if (!context->quiet)
        print_table(context, &preflight);
    return status;
}

static const struct option_row *const tables[] = { preflight_options, check_options, NULL };

const struct command command_check = {
    .name = "check",
    .args = "",
    .summary = "say what the engine will do on this machine, and what would be changed",
    .details =
        "Exit status: 0 nothing needs to change, 10 a mitigation is advised, 11 not enough is\n"
        "known, 12 flags cannot help (the advice can).",
    .options = tables,
    .prints_json = true,
    .run = check_run,
};
