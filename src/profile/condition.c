/* Evaluates conditions with three values (Kleene): `all` is unknown when one member is unknown and
 * none is no, and so on, so that nothing is ever applied on a guess. Everything that was asked
 * leaves a line in the trace. Pure. */
#include "profile/condition_private.h"

#include <ctype.h>
#include <string.h>

#include "engine/engine.h"

/* A longer value is not compared with an expression: no driver writes that much, and 64 KiB take a
 * few milliseconds with the largest expression allowed. */
#define MATCHED_BYTES_MAX (64 * KIB_BYTES)

static const struct {
    const char *name, *words;
} operation_rows[] = {
#define OPERATOR_ROW(id, name, words) [id] = { name, words },
    OPERATORS(OPERATOR_ROW)
};

const char *operation_name(enum operation op)
{
    return operation_rows[op].name;
}

const char *operation_words(enum operation op)
{
    return operation_rows[op].words;
}

static enum truth truth_of(bool holds)
{
    return holds ? TRUTH_YES : TRUTH_NO;
}

static enum truth truth_not(enum truth truth)
{
    return truth == TRUTH_UNKNOWN ? TRUTH_UNKNOWN : truth_of(truth == TRUTH_NO);
}

/* <0, 0, >0 as the value is below, equal to or above the operand's value. */
static int compare(const struct operand *operand, size_t index, const struct value *value)
{
    if (!operand->numbers)
        return version_compare(value->text, operand->texts[index]);
    uint64_t wanted = operand->numbers[index];
    return value->number < wanted ? -1 : value->number > wanted;
}

static bool is_equal(const struct operand *operand, size_t index, enum value_type type,
                     const struct value *value)
{
    if (type == TYPE_TEXT || type == TYPE_FREE)
        return text_equal(value->text, operand->texts[index]);
    return compare(operand, index, value) == 0;
}

static bool is_among(const struct operand *operand, enum value_type type, const struct value *value)
{
    for (size_t i = 0; i < operand->count; i++) {
        if (is_equal(operand, i, type, value))
            return true;
    }
    return false;
}

static bool has_part(const struct operand *operand, enum value_type type, const struct value *value)
{
    if (type == TYPE_LIST)
        return strings_has(&value->list, operand->texts[0]);
    return strstr(value->text, operand->texts[0]) != NULL;
}

static enum truth fits_pattern(const struct operand *operand, enum value_type type,
                               const struct value *value)
{
    const struct strings one = { .items = (const char *[]){ value->text }, .count = 1 };
    const struct strings *texts = type == TYPE_LIST ? &value->list : &one;
    enum truth result = TRUTH_NO;
    for (size_t i = 0; i < texts->count; i++) {
        if (strlen(texts->items[i]) > MATCHED_BYTES_MAX)
            result = TRUTH_UNKNOWN;
        else if (expression_matches(operand->expression, texts->items[i]))
            return TRUTH_YES;
    }
    return result;
}

/* A comparison needs something that begins like a version; "unreleased" is neither above nor below
 * 6.8. */
static bool is_comparable(const struct operand *operand, enum value_type type,
                          const struct value *value)
{
    bool as_text = type == TYPE_TEXT || type == TYPE_LIST || operand->op == OP_MATCHES
                   || operand->op == OP_CONTAINS
                   || (type == TYPE_FREE && (operand->op == OP_EQUALS || operand->op == OP_IN));
    return operand->numbers || as_text || isdigit((unsigned char)*value->text);
}

enum truth operand_holds(const struct operand *operand, enum value_type type,
                         const struct value *value)
{
    if (value->state == VALUE_UNKNOWN)
        return TRUTH_UNKNOWN;
    if (operand->op == OP_EXISTS)
        return truth_of((value->state == VALUE_KNOWN) == (operand->numbers[0] != 0));
    if (value->state == VALUE_ABSENT)
        return TRUTH_NO;
    if (!is_comparable(operand, type, value))
        return TRUTH_UNKNOWN;
    switch (operand->op) {
    case OP_EQUALS:
    case OP_IN:
        return truth_of(is_among(operand, type, value));
    case OP_AT_LEAST:
        return truth_of(compare(operand, 0, value) >= 0);
    case OP_BELOW:
        return truth_of(compare(operand, 0, value) < 0);
    case OP_AT_MOST:
        return truth_of(compare(operand, 0, value) <= 0);
    case OP_ABOVE:
        return truth_of(compare(operand, 0, value) > 0);
    case OP_BETWEEN:
        return truth_of(compare(operand, 0, value) >= 0 && compare(operand, 1, value) <= 0);
    case OP_MATCHES:
        return fits_pattern(operand, type, value);
    case OP_CONTAINS:
        return truth_of(has_part(operand, type, value));
    case OP_EXISTS:
    case OPERATION_COUNT:
        break;
    }
    return TRUTH_UNKNOWN;
}

/* One walk over the conditions of one profile. */
struct walk {
    struct view view;
    struct trace *trace;
    enum truth results[CONDITION_COUNT_MAX]; /* by condition number */
};

static enum truth operands_hold(const struct condition *condition, const struct value *value)
{
    enum value_type type = field_type(condition->ref.field);
    enum truth result = TRUTH_YES;
    for (size_t i = 0; i < condition->operand_count; i++) {
        enum truth one = operand_holds(&condition->operands[i], type, value);
        if (one == TRUTH_NO)
            return TRUTH_NO;
        if (one == TRUTH_UNKNOWN)
            result = TRUTH_UNKNOWN;
    }
    return result;
}

static bool is_lower(const struct operand *operand)
{
    return operand->op == OP_AT_LEAST || operand->op == OP_ABOVE || operand->op == OP_BETWEEN;
}

static bool is_upper(const struct operand *operand)
{
    return operand->op == OP_AT_MOST || operand->op == OP_BELOW || operand->op == OP_BETWEEN;
}

/* Is there room between a lower bound and an upper one? */
static bool bounds_meet(const struct operand *low, const struct operand *high)
{
    struct value value = { .state = VALUE_KNOWN, .text = low->texts[0] };
    value.number = low->numbers ? low->numbers[0] : 0;
    int order = compare(high, high->op == OP_BETWEEN, &value);
    return order < 0 || (order == 0 && low->op != OP_ABOVE && high->op != OP_BELOW);
}

bool operands_meet(const struct condition *condition)
{
    for (size_t i = 0; i < condition->operand_count; i++) {
        for (size_t j = 0; is_lower(&condition->operands[i]) && j < condition->operand_count; j++) {
            if (is_upper(&condition->operands[j])
                && !bounds_meet(&condition->operands[i], &condition->operands[j]))
                return false;
        }
    }
    return true;
}

/* "WANTED: found SHOWN", put together without printf: a match writes a few thousand of these. */
static const char *found_text(struct arena *arena, const char *wanted, const char *shown)
{
    static const char between[] = ": found ";
    size_t first = strlen(wanted), second = strlen(shown);
    char *text = arena_alloc(arena, first + sizeof between + second);
    memcpy(text, wanted, first);
    memcpy(text + first, between, sizeof between - 1);
    memcpy(text + first + sizeof between - 1, shown, second + 1);
    return text;
}

static enum truth any_gpu_holds(struct walk *walk, const struct condition *condition,
                                const char **out_shown)
{
    const struct identity *identity = walk->view.facts->identity;
    struct text shown = { .arena = walk->view.arena };
    enum truth result = TRUTH_NO;
    *out_shown = identity->gpus_known ? "no GPU" : "unknown";
    if (!identity->gpus_known)
        return TRUTH_UNKNOWN;
    for (size_t i = 0; i < identity->gpu_count; i++) {
        struct view view = walk->view;
        struct value value;
        view.gpu = &identity->gpus[i];
        field_read(&view, &condition->ref, &value);
        enum truth one = operands_hold(condition, &value);
        if (one == TRUTH_YES || (one == TRUTH_UNKNOWN && result == TRUTH_NO))
            result = one;
        text_printf(&shown, "%s%s", i ? ", " : "", value.shown);
        *out_shown = text_get(&shown);
    }
    return result;
}

static enum truth field_holds(struct walk *walk, const struct condition *condition,
                              const char **out_shown)
{
    struct value value;
    if (condition->ref.any_gpu)
        return any_gpu_holds(walk, condition, out_shown);
    field_read(&walk->view, &condition->ref, &value);
    *out_shown = value.shown;
    return operands_hold(condition, &value);
}

static enum truth condition_holds(struct walk *walk, const struct condition *condition,
                                  unsigned depth);

static enum truth group_holds(struct walk *walk, const struct condition *condition, unsigned depth)
{
    /* The value that decides the group alone: a no for all, a yes for any and none. */
    enum truth deciding = condition->kind == CONDITION_ALL ? TRUTH_NO : TRUTH_YES;
    enum truth result = truth_not(deciding);
    for (size_t i = 0; i < condition->count; i++) {
        enum truth one = condition_holds(walk, condition->children[i], depth);
        if (one == deciding || (one == TRUTH_UNKNOWN && result != deciding))
            result = one;
    }
    return condition->kind == CONDITION_NONE ? truth_not(result) : result;
}

static enum truth condition_holds(struct walk *walk, const struct condition *condition,
                                  unsigned depth)
{
    struct trace_line line = { .depth = depth, .text = condition->wanted };
    const char *shown = NULL;
    size_t at = walk->trace->count;
    ARENA_PUSH(walk->view.arena, walk->trace, line);
    enum truth result = condition->kind == CONDITION_FIELD
                            ? field_holds(walk, condition, &shown)
                            : group_holds(walk, condition, depth + 1);
    if (shown)
        walk->trace->items[at].text = found_text(walk->view.arena, condition->wanted, shown);
    walk->trace->items[at].result = result;
    walk->results[condition->number] = result;
    return result;
}

static void need_add(struct arena *arena, struct strings *needs, const char *name)
{
    if (!strings_has(needs, name))
        ARENA_PUSH(arena, needs, name);
}

/* Every unknown leaf below an unknown condition; what the verdict itself lacks stands for it. */
static void needs_collect(const struct walk *walk, const struct condition *condition,
                          struct strings *needs)
{
    const struct verdict *verdict = walk->view.facts->verdict;
    for (size_t i = 0; i < condition->count; i++) {
        const struct condition *child = condition->children[i];
        if (walk->results[child->number] != TRUTH_UNKNOWN)
            continue;
        if (child->kind != CONDITION_FIELD)
            needs_collect(walk, child, needs);
        else if (text_starts(child->ref.name, "verdict.") && verdict && verdict->missing.count)
            for (size_t j = 0; j < verdict->missing.count; j++)
                need_add(walk->view.arena, needs, verdict->missing.items[j]);
        else
            need_add(walk->view.arena, needs, child->ref.name);
    }
}

enum truth conditions_evaluate(struct arena *arena, const struct conditions *conditions,
                               const struct profile_facts *facts, struct trace *out_trace,
                               const char **out_needs)
{
    const struct identity *identity = facts->identity;
    struct walk walk = { .view = { .arena = arena, .facts = facts }, .trace = out_trace };
    struct strings needs = { 0 };
    walk.view.gpu = identity_active_gpu(identity);
    walk.view.gpu_state = identity->gpus_known && identity->gpu_count == 0 ? VALUE_ABSENT
                                                                           : VALUE_UNKNOWN;
    *out_trace = (struct trace){ .items = arena_array(arena, conditions->count,
                                                      sizeof *out_trace->items),
                                 .capacity = conditions->count };
    *out_needs = NULL;
    enum truth result = group_holds(&walk, &conditions->root, 0);
    if (result == TRUTH_UNKNOWN) {
        struct text text = { .arena = arena };
        needs_collect(&walk, &conditions->root, &needs);
        for (size_t i = 0; i < needs.count; i++)
            text_printf(&text, "%s%s", i ? ", " : "", needs.items[i]);
        *out_needs = text_get(&text);
    }
    return result;
}
