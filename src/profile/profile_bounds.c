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

/* The machines of a profile's tests, read once for all its comparisons. */
struct machines {
    struct machine {
        struct identity identity;
        struct profile_facts facts; /* points to the identity */
    } * items;
    size_t count;
};

static void machines_read(struct arena *arena, const struct profile *profile, struct machines *out)
{
    struct report ignored = { .arena = arena }; /* profiles_test() has said it */
    *out = (struct machines){ arena_array(arena, profile->test_count, sizeof *out->items), 0 };
    for (size_t i = 0; i < profile->test_count; i++) {
        struct machine *machine = &out->items[out->count];
        if (test_facts(arena, &profile->tests[i], &ignored, &machine->identity, &machine->facts)
            == 0)
            out->count++;
    }
}

static void machine_look(struct arena *arena, const struct condition *condition,
                         const struct operand *operand, const struct machine *machine,
                         struct sides *sides)
{
    struct view view = { .arena = arena,
                         .facts = &machine->facts,
                         .gpu = identity_active_gpu(&machine->identity),
                         .gpu_state = VALUE_UNKNOWN };
    if (!condition->ref.any_gpu)
        gpu_look(condition, operand, &view, sides);
    for (size_t i = 0; condition->ref.any_gpu && i < machine->identity.gpu_count; i++) {
        view.gpu = &machine->identity.gpus[i];
        gpu_look(condition, operand, &view, sides);
    }
}

static void bound_check(struct arena *arena, const struct profile *profile,
                        const struct machines *machines, const struct condition *condition,
                        const struct operand *operand, struct report *report)
{
    struct sides sides = { false, false };
    for (size_t i = 0; i < machines->count && !(sides.holds && sides.fails); i++)
        machine_look(arena, condition, operand, &machines->items[i], &sides);
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
                            const struct machines *machines, const struct condition *condition,
                            struct report *report)
{
    for (size_t i = 0; i < condition->count; i++)
        conditions_look(arena, profile, machines, condition->children[i], report);
    for (size_t i = 0; i < condition->operand_count; i++) {
        if (is_bound(condition->operands[i].op))
            bound_check(arena, profile, machines, condition, &condition->operands[i], report);
    }
}

void bounds_check(struct arena *arena, const struct profile *profile, struct report *report)
{
    struct machines machines;
    if (!profile->test_count)
        return;
    machines_read(arena, profile, &machines);
    conditions_look(arena, profile, &machines, &profile->match->root, report);
}
