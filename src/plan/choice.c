/* Which of the profiles that match has its say, and which rung that makes. One profile says where a
 * start begins, one what is tried after an incident with this attribution; several that disagree
 * are settled by specificity, then confidence, then file order, and the others are named. */
#include "plan/choice_private.h"

static void reason(struct arena *arena, struct strings *reasons, const char *text)
{
    ARENA_PUSH(arena, reasons, text);
}

static unsigned confidence_rank(const struct profile *profile)
{
    static const char *const words[] = { "low", "medium", "high" };
    for (unsigned i = 0; i < ROWS(words); i++) {
        if (text_equal(profile->confidence, words[i]))
            return i;
    }
    return 0;
}

/* Why a comes before b when both match; NULL when it does not. Equal ones keep the order of the
 * files. */
static const char *profile_wins(const struct profile *a, const struct profile *b)
{
    if (a->specificity != b->specificity)
        return a->specificity > b->specificity ? "it has more conditions" : NULL;
    return confidence_rank(a) > confidence_rank(b) ? "its confidence is higher" : NULL;
}

/* The profile that goes first among those for a start, or among those for after an incident. */
static const struct profile *profile_choose(struct arena *arena,
                                            const struct profile_matches *matches, bool at_start,
                                            struct strings *reasons)
{
    const struct profile *best = NULL;
    struct strings others = { 0 };
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; matches && i < matches->count; i++) {
            const struct profile *profile = matches->items[i].profile;
            if (matches->items[i].match != TRUTH_YES || !profile->ladder_count
                || profile->applies_at_start != at_start)
                continue;
            if (round == 0 && (!best || profile_wins(profile, best)))
                best = profile;
            if (round == 0 || profile == best)
                continue;
            const char *why = profile_wins(best, profile);
            ARENA_PUSH(arena, &others,
                       arena_printf(arena, "profile '%s' matches too; '%s' goes before it: %s",
                                    profile->id, best->id, why ? why : "it was read first"));
        }
    }
    for (size_t i = 0; i < others.count; i++)
        reason(arena, reasons, others.items[i]);
    return best;
}

/* Everything in the rung that the engine is known to ignore; NULL when something works. */
static const char *rung_ignored(struct arena *arena, const struct rung *rung, const char *qt)
{
    const char *why = NULL, *one;
    for (size_t i = 0; i < rung->flags.count; i++) {
        if (switch_honoured(rung->flags.items[i], qt, &one) != TRUTH_NO)
            return NULL;
        why = arena_printf(arena, "%s: %s", rung->flags.items[i], one);
    }
    for (size_t i = 0; i < rung->environment.count; i++) {
        const struct variable *variable = &rung->environment.items[i];
        if (variable_honoured(variable->name, variable->value, qt, &one) != TRUTH_NO)
            return NULL;
        why = arena_printf(arena, "%s: %s", variable->name, one);
    }
    return why;
}

static int choice_find(const struct choice *choice, const char *name)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (text_equal(choice->items[i].rung.name, name))
            return (int)i;
    }
    return -1;
}

/* Is there a rung already that is as wide? Widths are known of the contract's rungs only. */
static bool is_passed(const struct choice *choice, const struct rung *rung)
{
    if (choice_find(choice, rung->name) >= 0)
        return true;
    for (size_t i = 0; i < choice->count; i++) {
        if (rung_width(rung->name) >= 0
            && rung_width(choice->items[i].rung.name) > rung_width(rung->name))
            return true;
    }
    return false;
}

/* Add what a profile offers and this engine honours, at most max rungs. */
static void rungs_add(struct arena *arena, const struct plan_input *input,
                      const struct profile *profile, size_t max, struct choice *choice,
                      struct strings *reasons)
{
    for (size_t i = 0, added = 0; profile && added < max && i < profile->ladder_count; i++) {
        const struct rung *rung = &profile->ladder[i];
        const char *why = rung_ignored(arena, rung, input->identity->engine.qt);
        struct plan_rung item = { .rung = *rung, .profile = profile->id };
        if (why)
            reason(arena, reasons,
                   arena_printf(arena, "rung '%s' is left out: %s", rung->name, why));
        else if (!is_passed(choice, rung)) {
            ARENA_PUSH(arena, choice, item);
            added++;
        }
    }
}

/* Switches about the GPU do not stop a leak that is not the GPU's. */
static bool is_about_gpu(const char *attribution)
{
    return !text_equal(attribution, "script-heap") && !text_equal(attribution, "app");
}

/* Where only the start is known, all its rungs; after an incident, the first of them (it is in
 * force) and then what is known to help against what leaked. */
static void ladder_fill(struct arena *arena, const struct plan_input *input, struct choice *choice,
                        struct strings *reasons)
{
    bool whole = !choice->incident && is_about_gpu(input->attribution);
    rungs_add(arena, input, choice->start, whole ? SIZE_MAX : 1, choice, reasons);
    rungs_add(arena, input, choice->incident, SIZE_MAX, choice, reasons);
}

/* Put a rung of the contract's table in front of the wider ones of the ladder. */
static void choice_insert(struct arena *arena, struct choice *choice, const struct rung *rung)
{
    struct choice with = { .start = choice->start, .incident = choice->incident };
    const struct plan_rung first = { .rung = *rung };
    ARENA_PUSH(arena, &with, first);
    for (size_t i = 0; i < choice->count; i++) {
        if (rung_width(choice->items[i].rung.name) > rung_width(rung->name))
            ARENA_PUSH(arena, &with, choice->items[i]);
    }
    *choice = with;
}

/* Stand on a named rung. Returns false when there is no such rung. */
static bool choice_stand(struct arena *arena, struct choice *choice, const char *name)
{
    const struct rung *builtin = rung_find(name);
    choice->at = choice_find(choice, name);
    if (choice->at >= 0)
        return true;
    if (!builtin)
        return false;
    if (rung_width(name) > 0) {
        choice_insert(arena, choice, builtin);
        choice->at = 0;
    }
    return true;
}

static const char *known_rungs(struct arena *arena, const struct choice *choice)
{
    struct text text = { .arena = arena };
    size_t count;
    const struct rung *rungs = rungs_builtin(&count);
    for (size_t i = 0; i < count; i++)
        text_printf(&text, "%s%s", i ? ", " : "", rungs[i].name);
    for (size_t i = 0; i < choice->count; i++) {
        if (!rung_find(choice->items[i].rung.name))
            text_printf(&text, ", %s", choice->items[i].rung.name);
    }
    return text_get(&text);
}

/* Go on where the last run ended, unless the plan starts there or further on anyway. */
static void history_follow(struct arena *arena, const struct history *history,
                           struct choice *choice, struct strings *reasons)
{
    struct choice with = *choice;
    if (!history || !history->rung || rung_width(history->rung) == 0
        || !choice_stand(arena, &with, history->rung))
        return; /* the last case: a rung of a profile that is gone */
    bool same_ladder = with.count == choice->count;
    if (choice->at >= 0
        && (same_ladder
                ? with.at <= choice->at
                : rung_width(history->rung) <= rung_width(choice->items[choice->at].rung.name)))
        return;
    *choice = with;
    reason(
        arena, reasons,
        history->incident
            ? arena_printf(arena, "rung '%s' since incident %s", history->rung, history->incident)
            : arena_printf(arena, "rung '%s' since an earlier run", history->rung));
}

int choice_make(struct arena *arena, const struct plan_input *input, struct choice *out,
                struct strings *reasons, struct err *err)
{
    struct choice choice = { .at = -1 };
    choice.start = profile_choose(arena, input->matches, true, reasons);
    choice.incident = profile_choose(arena, input->matches, false, reasons);
    ladder_fill(arena, input, &choice, reasons);
    if (input->forced_rung) {
        if (!choice_stand(arena, &choice, input->forced_rung))
            return err_set(err, ERR_USAGE, "--rung: unknown rung '%s' (known: %s)",
                           input->forced_rung, known_rungs(arena, &choice));
        reason(arena, reasons, "the rung was asked for");
    } else {
        bool begins = choice.count && choice.start
                      && text_equal(choice.items[0].profile, choice.start->id);
        choice.at = begins ? 0 : -1;
        history_follow(arena, input->history, &choice, reasons);
    }
    *out = choice;
    return 0;
}
