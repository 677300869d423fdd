/* What shows only when profiles are looked at together, or together with the catalogue of switches:
 * rungs that nothing can come of, and pairs of profiles that disagree about the same machine. The
 * machines are those of the tests inside the profiles, so a profile without tests is not judged. */
#include "engine/switches.h"
#include "profile/condition_private.h"
#include "profile/read_private.h"

static bool variables_hold(const struct variables *all, const struct variables *some)
{
    for (size_t i = 0; i < some->count; i++) {
        if (!text_equal(variables_get(all, some->items[i].name), some->items[i].value))
            return false;
    }
    return true;
}

/* Does the first rung do all that the second one does? */
static bool rung_covers(const struct rung *first, const struct rung *second)
{
    for (size_t i = 0; i < second->flags.count; i++) {
        if (!strings_has(&first->flags, second->flags.items[i]))
            return false;
    }
    return variables_hold(&first->environment, &second->environment);
}

static bool rung_equal(const struct rung *a, const struct rung *b)
{
    return rung_covers(a, b) && rung_covers(b, a);
}

/* True when the engine is known to ignore everything in the rung; out_why tells of the last item.
 */
static bool rung_is_ignored(const struct rung *rung, const char *qt, const char **out_why)
{
    for (size_t i = 0; i < rung->flags.count; i++) {
        if (switch_honoured(rung->flags.items[i], qt, out_why) != TRUTH_NO)
            return false;
    }
    for (size_t i = 0; i < rung->environment.count; i++) {
        const struct variable *variable = &rung->environment.items[i];
        if (variable_honoured(variable->name, variable->value, qt, out_why) != TRUTH_NO)
            return false;
    }
    return true;
}

/* A rung can be reached when some engine of the machines that the profile is for honours it. */
static void engines_check(struct arena *arena, const struct profile *profile,
                          const struct rung *rung, struct report *report)
{
    const char *why = "";
    bool asked = false;
    for (size_t i = 0; i < profile->test_count; i++) {
        const struct profile_test *test = &profile->tests[i];
        struct report ignored = { .arena = arena }; /* profiles_test() has said it */
        struct identity identity;
        struct profile_facts facts;
        if (test->expect != TRUTH_YES || test_facts(arena, test, &ignored, &identity, &facts) < 0
            || !identity.engine.qt)
            continue;
        if (!rung_is_ignored(rung, identity.engine.qt, &why))
            return;
        asked = true;
    }
    if (asked)
        report_add(report, FINDING_ERROR, profile->at,
                   "rung '%s' of profile '%s' can never be reached: %s", rung->name, profile->id,
                   why);
}

static void ladder_check(struct arena *arena, const struct profile *profile, struct report *report)
{
    for (size_t i = 0; i < profile->ladder_count; i++) {
        const struct rung *rung = &profile->ladder[i];
        for (size_t j = 0; j < i; j++) {
            if (rung_covers(&profile->ladder[j], rung))
                report_add(report, FINDING_ERROR, profile->at,
                           "rung '%s' of profile '%s' can never be reached: '%s' before it does "
                           "the same or more",
                           rung->name, profile->id, profile->ladder[j].name);
        }
        engines_check(arena, profile, rung, report);
    }
}

static bool acts_at_start(const struct profile *profile)
{
    return profile->applies_at_start && profile->ladder_count;
}

/* The first test of one profile that expects a match and matches the other one too. */
static const struct profile_test *common_test(struct arena *arena, const struct profile *one,
                                              const struct profile *other)
{
    for (size_t i = 0; i < one->test_count; i++) {
        const struct profile_test *test = &one->tests[i];
        struct report ignored = { .arena = arena };
        struct identity identity;
        struct profile_facts facts;
        struct trace trace;
        const char *needs;
        if (test->expect == TRUTH_YES && test_facts(arena, test, &ignored, &identity, &facts) == 0
            && conditions_evaluate(arena, other->match, &facts, &trace, &needs) == TRUTH_YES)
            return test;
    }
    return NULL;
}

static void pair_check(struct arena *arena, const struct profile *one, const struct profile *other,
                       struct report *report)
{
    if (!acts_at_start(one) || !acts_at_start(other) || one->specificity != other->specificity
        || rung_equal(&one->ladder[0], &other->ladder[0]))
        return;
    const struct profile_test *test = common_test(arena, one, other);
    if (!test)
        test = common_test(arena, other, one);
    if (test)
        report_add(report, FINDING_ERROR, one->at,
                   "profiles '%s' and '%s' both match the machine of the test in line %u and "
                   "disagree ('%s' or '%s'): give one of them one more condition",
                   one->id, other->id, test->at.line, one->ladder[0].name, other->ladder[0].name);
}

void profiles_check(struct arena *arena, const struct profiles *judged, const struct profiles *all,
                    struct report *report)
{
    for (size_t i = 0; i < judged->count; i++) {
        const struct profile *one = judged->items[i];
        ladder_check(arena, one, report);
        for (size_t j = 0; j < all->count; j++) {
            const struct profile *other = all->items[j];
            if (text_equal(one->id, other->id))
                continue;
            bool seen = false; /* as the other one of an earlier pair */
            for (size_t k = 0; k < i && !seen; k++)
                seen = text_equal(judged->items[k]->id, other->id);
            if (!seen)
                pair_check(arena, one, other, report);
        }
    }
}
