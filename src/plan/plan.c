/* Makes the plan: the rung that was chosen, its switches merged with the user's, what it costs, and
 * why. The choice itself is made in choice.c. */
#include "plan/plan.h"

#include <string.h>

#include "base/json.h"
#include "plan/choice_private.h"

static void reason(struct arena *arena, struct plan *plan, const char *text)
{
    ARENA_PUSH(arena, &plan->reasons, text);
}

/* The profiles behind the plan: that of the rung in force, and that of the rungs to come. */
static void rung_reason(struct arena *arena, const struct choice *choice, struct plan *plan)
{
    const char *in_force = choice->at >= 0 ? choice->items[choice->at].profile : NULL;
    const struct profile *profiles[] = { choice->start, choice->incident };
    for (size_t i = 0; i < ROWS(profiles); i++) {
        const struct profile *profile = profiles[i];
        if (profile && text_equal(profile->id, in_force))
            reason(arena, plan,
                   arena_printf(arena, "profile '%s' (%s confidence): %s [%s]", profile->id,
                                profile->confidence, profile->title, profile->evidence.items[0]));
        else if (profile && profile == choice->incident)
            reason(arena, plan,
                   arena_printf(arena, "profile '%s' has rungs for the guard, after an incident",
                                profile->id));
    }
}

static void advice_add(struct arena *arena, const struct strings *words, struct plan *plan)
{
    for (size_t i = 0; i < words->count; i++) {
        if (!strings_has(&plan->advice, words->items[i]))
            ARENA_PUSH(arena, &plan->advice, words->items[i]);
    }
}

static void advice_fill(struct arena *arena, const struct plan_input *input, struct plan *plan)
{
    if (input->verdict)
        advice_add(arena, &input->verdict->advice, plan);
    for (size_t i = 0; input->matches && i < input->matches->count; i++) {
        if (input->matches->items[i].match == TRUTH_YES)
            advice_add(arena, &input->matches->items[i].profile->advice, plan);
    }
}

/* What the user has set already, whatever to, stays: the plan holds only what it adds. */
static void environment_fill(struct arena *arena, const struct plan_input *input, struct plan *plan)
{
    struct variables added = { 0 };
    for (size_t i = 0; i < plan->environment.count; i++) {
        const struct variable *variable = &plan->environment.items[i];
        const char *user = variables_get(&input->identity->environment, variable->name);
        if (!user)
            ARENA_PUSH(arena, &added, *variable);
        else if (!text_equal(user, variable->value))
            reason(arena, plan,
                   arena_printf(arena, "left out: %s=%s: the user has %s=%s", variable->name,
                                variable->value, variable->name, user));
    }
    plan->environment = added;
}

/* Was the switch left out of the merge? Then a line "SWITCH: the user has …" says so. */
static bool was_kept_out(const struct flags_result *merged, const char *item)
{
    for (size_t i = 0; i < merged->kept.count; i++) {
        if (text_starts(merged->kept.items[i], item) && merged->kept.items[i][strlen(item)] == ':')
            return true;
    }
    return false;
}

/* The variable as it will be: the user's, the app's own arguments, and what the rung adds. */
static int flags_fill(struct arena *arena, const struct plan_input *input, struct plan *plan,
                      struct err *err)
{
    const struct identity *identity = input->identity;
    struct flags_input merge = {
        .variable = variables_get(&identity->environment, FLAGS_VARIABLE),
        .added = plan->flags,
    };
    struct flags_result merged = { 0 };
    struct strings before = { 0 }, added = { 0 };
    flags_of_arguments(arena, identity->engine.qt, &identity->app.arguments, &merge.arguments);
    if (identity->app.flags)
        flags_parse(arena, identity->app.flags, &merge.arguments);
    if (flags_merge(arena, &merge, &merged, err) < 0)
        return err_wrap(err, "%s", FLAGS_VARIABLE);
    if (merge.variable)
        flags_parse(arena, merge.variable, &before);
    else
        before = merge.arguments;
    for (size_t i = 0; i < plan->flags.count; i++) {
        const char *item = plan->flags.items[i];
        if (!strings_has(&before, item) && !was_kept_out(&merged, item))
            ARENA_PUSH(arena, &added, item);
    }
    plan->flags = added;
    plan->chromium_flags = merged.value;
    for (size_t i = 0; i < merged.kept.count; i++)
        reason(arena, plan, arena_printf(arena, "left out: %s", merged.kept.items[i]));
    environment_fill(arena, input, plan);
    return 0;
}

/* The variable is about to be set for an application that is known to answer to that. */
static void app_reasons(struct arena *arena, const struct plan_input *input, struct plan *plan)
{
    const struct identity *identity = input->identity;
    const char *name = identity->app.name ? identity->app.name : "the application";
    struct profile_app app;
    profiles_app(input->matches, &app);
    if (!plan->flags.count || variables_get(&identity->environment, FLAGS_VARIABLE))
        return;
    if (app.reacts)
        reason(arena, plan,
               arena_printf(arena, "warning: when %s is set, %s: %s", FLAGS_VARIABLE, name,
                            app.reacts));
    if (text_equal(app.passes_flags, "argument"))
        reason(arena, plan,
               arena_printf(arena,
                            "warning: %s passes switches of its own by argument; Qt drops them "
                            "when %s is set",
                            name, FLAGS_VARIABLE));
}

static void ladder_write(struct arena *arena, const struct choice *choice, struct plan *plan)
{
    size_t from = (size_t)(choice->at + 1);
    plan->ladder_count = choice->count - from;
    plan->ladder = arena_array(arena, plan->ladder_count, sizeof *plan->ladder);
    for (size_t i = 0; i < plan->ladder_count; i++)
        plan->ladder[i] = choice->items[from + i];
}

static void rung_take(struct plan *plan, const struct rung *rung)
{
    plan->rung = rung->name;
    plan->flags = rung->flags;
    plan->environment = rung->environment;
    plan->costs = rung->costs;
}

int plan_make(struct arena *arena, const struct plan_input *input, struct plan *out,
              struct err *err)
{
    struct plan plan = { .rung = "none" };
    struct choice choice;
    if (choice_make(arena, input, &choice, &plan.reasons, err) < 0)
        return -1;
    rung_reason(arena, &choice, &plan);
    if (choice.at >= 0)
        rung_take(&plan, &choice.items[choice.at].rung);
    advice_fill(arena, input, &plan);
    ladder_write(arena, &choice, &plan);
    if (flags_fill(arena, input, &plan, err) < 0)
        return -1;
    app_reasons(arena, input, &plan);
    *out = plan;
    return 0;
}

int plan_next(struct arena *arena, const struct plan_input *input, const struct plan *plan,
              size_t index, struct plan *out, struct err *err)
{
    struct plan next = *plan;
    next.reasons = (struct strings){ 0 }; /* those of the plan explain its own rung */
    rung_take(&next, &plan->ladder[index].rung);
    next.ladder = plan->ladder + index + 1;
    next.ladder_count = plan->ladder_count - index - 1;
    if (flags_fill(arena, input, &next, err) < 0)
        return -1;
    *out = next;
    return 0;
}

static json_t *variables_to_json(const struct variables *variables)
{
    json_t *object = json_object();
    for (size_t i = 0; i < variables->count; i++)
        json_set_text(object, variables->items[i].name, variables->items[i].value);
    return object;
}

json_t *plan_to_json(const struct plan *plan)
{
    json_t *object = json_object();
    json_t *ladder = json_array();
    json_set_text(object, "rung", plan->rung);
    json_set(object, "flags", json_strings(&plan->flags));
    json_set(object, "environment", variables_to_json(&plan->environment));
    json_set_text(object, "chromium_flags", plan->chromium_flags ? plan->chromium_flags : "");
    json_set(object, "costs", json_strings(&plan->costs));
    json_set(object, "advice", json_strings(&plan->advice));
    json_set(object, "reasons", json_strings(&plan->reasons));
    for (size_t i = 0; i < plan->ladder_count; i++) {
        const struct plan_rung *step = &plan->ladder[i];
        json_t *row = json_object();
        json_set_text(row, "rung", step->rung.name);
        json_set(row, "flags", json_strings(&step->rung.flags));
        json_set(row, "environment", variables_to_json(&step->rung.environment));
        json_set(row, "costs", json_strings(&step->rung.costs));
        json_set_text(row, "profile", step->profile);
        (void)json_array_append_new(ladder, row); /* fails only without memory */
    }
    json_set(object, "ladder", ladder);
    return object;
}

int plan_exit_status(const struct verdict *verdict, const struct plan *plan)
{
    if (verdict->outcome == OUTCOME_NOT_GPU)
        return 12;
    if (plan->flags.count || plan->environment.count)
        return 10;
    if (plan->advice.count)
        return 12;
    return verdict->outcome == OUTCOME_UNKNOWN ? 11 : 0;
}
