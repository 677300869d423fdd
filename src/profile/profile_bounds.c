/* Bounds without a test on either side: a version that was written a digit too high or too low is
 * seen by nobody until it breaks a machine. Every comparison of a profile wants a machine for which
 * it holds and one for which it does not. */
#include "profile/condition_private.h"
#include "profile/read_private.h"

static bool is_bound(enum operation op)
{
    return op == OP_AT_LEAST || op == OP_BELOW || op == OP_AT_MOST || op == OP_ABOVE
           || op == OP_BETWEEN;
}

/* What the profile's tests make of one operator. */
struct sides {
    bool holds, fails;
};

static void gpu_look(const struct condition *condition, const struct operand *operand,
                     struct view *view, struct sides *sides)
{
    struct value value;
    field_read(view, &condition->ref, &value);
    enum truth result = operand_holds(operand, field_type(condition->ref.field), &value);
    sides->holds |= result == TRUTH_YES;
    sides->fails |= result == TRUTH_NO && value.state == VALUE_KNOWN;
}

static void test_look(struct arena *arena, const struct condition *condition,
                      const struct operand *operand, const struct profile_test *test,
                      struct sides *sides)
{
    struct report ignored = { .arena = arena }; /* profiles_test() has said it */
    struct identity identity;
    struct profile_facts facts;
    if (test_facts(arena, test, &ignored, &identity, &facts) < 0)
        return;
    struct view view = { .arena = arena,
                         .facts = &facts,
                         .gpu = identity_active_gpu(&identity),
                         .gpu_state = VALUE_UNKNOWN };
    if (!condition->ref.any_gpu)
        gpu_look(condition, operand, &view, sides);
    for (size_t i = 0; condition->ref.any_gpu && i < identity.gpu_count; i++) {
        view.gpu = &identity.gpus[i];
        gpu_look(condition, operand, &view, sides);
    }
}

static void bound_check(struct arena *arena, const struct profile *profile,
                        const struct condition *condition, const struct operand *operand,
                        struct report *report)
{
    struct sides sides = { false, false };
    for (size_t i = 0; i < profile->test_count && !(sides.holds && sides.fails); i++)
        test_look(arena, condition, operand, &profile->tests[i], &sides);
    if (sides.holds && sides.fails)
        return;
    report_add(report, FINDING_WARNING, profile->at,
               "profile '%s' has no test for which '%s %s %s%s%s' %s", profile->id,
               condition->ref.name, operation_words(operand->op), operand->texts[0],
               operand->op == OP_BETWEEN ? " and " : "",
               operand->op == OP_BETWEEN ? operand->texts[1] : "",
               sides.holds ? "does not hold" : "holds");
}

static void conditions_look(struct arena *arena, const struct profile *profile,
                            const struct condition *condition, struct report *report)
{
    for (size_t i = 0; i < condition->count; i++)
        conditions_look(arena, profile, condition->children[i], report);
    for (size_t i = 0; i < condition->operand_count; i++) {
        if (is_bound(condition->operands[i].op))
            bound_check(arena, profile, condition, &condition->operands[i], report);
    }
}

void bounds_check(struct arena *arena, const struct profile *profile, struct report *report)
{
    if (profile->test_count)
        conditions_look(arena, profile, &profile->match->root, report);
}
