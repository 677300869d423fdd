/* Reads `match` and `expires` of a profile into conditions: every field, operator and value is
 * checked here, with its place and the word that was probably meant, so that evaluation cannot
 * fail. */
#include "profile/condition_private.h"

#include <ctype.h>
#include <string.h>

#include "profile/read_private.h"

#define IN_MAX 256         /* values after `in` */
#define SHOWN_BYTES_MAX 60 /* of an expression that cannot be used */

/* Which operators a kind of value takes, one bit each. */
#define BIT(op) (1U << (op))
#define ORDERED                                                                                    \
    (BIT(OP_AT_LEAST) | BIT(OP_BELOW) | BIT(OP_AT_MOST) | BIT(OP_ABOVE) | BIT(OP_BETWEEN))
#define TEXTUAL (BIT(OP_MATCHES) | BIT(OP_CONTAINS))
#define EQUAL (BIT(OP_EQUALS) | BIT(OP_IN) | BIT(OP_EXISTS))

static const struct {
    const char *what;
    unsigned operations;
} type_rows[] = {
    [TYPE_TEXT] = { "a text", EQUAL | TEXTUAL },
    [TYPE_VERSION] = { "a version", EQUAL | ORDERED | BIT(OP_MATCHES) },
    [TYPE_NUMBER] = { "a number", EQUAL | ORDERED },
    [TYPE_VENDOR] = { "a vendor", EQUAL },
    [TYPE_TRUTH] = { "true or false", BIT(OP_EQUALS) | BIT(OP_EXISTS) },
    [TYPE_LIST] = { "a list of words", TEXTUAL | BIT(OP_EXISTS) },
    [TYPE_FREE] = { "a text", EQUAL | ORDERED | TEXTUAL },
};
_Static_assert(ROWS(type_rows) == TYPE_COUNT, "one row per kind of value");

struct condition_reader {
    struct arena *arena;
    struct report *report;
    size_t count;         /* conditions so far, groups included */
    unsigned specificity; /* leaves so far */
    bool has_expiry;
    bool refused; /* too many: said once */
};

static void operation_names(unsigned allowed, const char *names[OPERATION_COUNT])
{
    for (unsigned i = 0; i < OPERATION_COUNT; i++)
        names[i] = allowed & BIT(i) ? operation_name((enum operation)i) : NULL;
}

/* Digits and dots in front, as version_compare() needs them. */
static bool is_version(const char *text)
{
    size_t digits = strspn(text, "0123456789.");
    return isdigit((unsigned char)text[0]) && isdigit((unsigned char)text[digits - 1])
           && !strstr(text, "..") && strlen(text) <= 64 && !strpbrk(text + digits, " \t\n");
}

static bool vendor_read(const struct yaml_node *node, uint64_t *out)
{
    return yaml_to_u64(node, out) || gpu_vendor_find(node->text, out);
}

static int word_check(const struct condition_reader *reader, const struct field_ref *ref,
                      const struct yaml_node *node)
{
    const char *const *words = field_words(ref->field);
    size_t count = 0;
    for (; words && words[count]; count++) {
        if (text_equal(words[count], node->text))
            return 0;
    }
    if (!words)
        return 0;
    const char *near = text_nearest(node->text, words, count);
    return read_refuse(reader->report, node->at, "%s is never '%s'%s", ref->name, node->text,
                       did_you_mean(reader->arena, near));
}

/* One value of an operator into its place of the operand. */
static int value_read(const struct condition_reader *reader, const struct field_ref *ref,
                      const struct yaml_node *node, struct operand *operand)
{
    enum value_type type = field_type(ref->field);
    bool numeric = type == TYPE_NUMBER || type == TYPE_VENDOR || type == TYPE_TRUTH;
    bool ordered = (BIT(operand->op) & ORDERED) != 0;
    uint64_t number = 0;
    bool flag = false, fits = node->kind == YAML_SCALAR && !yaml_is_null(node);
    if (operand->op == OP_EXISTS || type == TYPE_TRUTH) {
        fits = fits && yaml_to_bool(node, &flag);
        number = flag;
        numeric = true;
        type = TYPE_TRUTH;
    } else if (type == TYPE_VENDOR) {
        fits = fits && vendor_read(node, &number);
    } else if (type == TYPE_NUMBER) {
        fits = fits && yaml_to_u64(node, &number);
    } else if (type == TYPE_VERSION || ordered) {
        type = operand->op == OP_MATCHES ? TYPE_TEXT : TYPE_VERSION;
        fits = fits && (type == TYPE_TEXT || is_version(node->text));
    }
    if (!fits && node->kind == YAML_SCALAR && !yaml_is_null(node))
        return read_refuse(reader->report, node->at, "%s wants %s, not '%s'", ref->name,
                           type_rows[type].what, node->text);
    if (!fits)
        return read_refuse(reader->report, node->at, "%s wants %s, not %s", ref->name,
                           type_rows[type].what, yaml_kind_text(node));
    if (numeric)
        operand->numbers[operand->count] = number;
    operand->texts[operand->count++] = node->text;
    return 0;
}

static int pattern_read(const struct condition_reader *reader, const struct yaml_node *node,
                        struct operand *operand)
{
    struct err err;
    if (expression_compile(reader->arena, node->text, &operand->expression, &err) < 0)
        return read_refuse(reader->report, node->at, "'%s' cannot be used: %s",
                           text_line(reader->arena, node->text, SHOWN_BYTES_MAX), err.text);
    return 0;
}

static int operand_read(const struct condition_reader *reader, const struct field_ref *ref,
                        enum operation op, const struct yaml_node *node, struct operand *out)
{
    bool many = op == OP_IN || op == OP_BETWEEN;
    size_t count = many ? node->count : 1;
    enum value_type type = field_type(ref->field);
    if (!many && op == OP_EQUALS && node->kind == YAML_SEQUENCE)
        return read_refuse(reader->report, node->at, "several values stand after 'in': {in: […]}");
    if (op == OP_IN && (node->kind != YAML_SEQUENCE || count == 0 || count > IN_MAX))
        return read_refuse(reader->report, node->at, "'in' wants a list of 1 to %d values", IN_MAX);
    if (op == OP_BETWEEN && (node->kind != YAML_SEQUENCE || count != 2))
        return read_refuse(reader->report, node->at, "'between' wants two values, [low, high]");
    *out = (struct operand){ .op = op };
    out->texts = arena_array(reader->arena, count, sizeof *out->texts);
    if (op == OP_EXISTS || type == TYPE_NUMBER || type == TYPE_VENDOR || type == TYPE_TRUTH)
        out->numbers = arena_array(reader->arena, count, sizeof *out->numbers);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *value = many ? node->items[i] : node;
        if (value_read(reader, ref, value, out) < 0)
            return -1;
        if ((op == OP_EQUALS || op == OP_IN) && word_check(reader, ref, value) < 0)
            return -1;
    }
    return op == OP_MATCHES ? pattern_read(reader, node, out) : 0;
}

/* "is at least 6.9", "is one of a, b", "does not exist" */
static void operand_words(struct text *text, const struct operand *operand)
{
    const char *joint = operand->op == OP_BETWEEN ? " and " : ", ";
    if (operand->op == OP_EXISTS) {
        text_printf(text, "%s", operand->numbers[0] ? "exists" : "does not exist");
        return;
    }
    text_printf(text, "%s ", operation_words(operand->op));
    for (size_t i = 0; i < operand->count; i++)
        text_printf(text, "%s%s", i ? joint : "", operand->texts[i]);
}

static bool has_upper_bound(const struct condition *condition)
{
    for (size_t i = 0; i < condition->operand_count; i++) {
        if (BIT(condition->operands[i].op) & ~(BIT(OP_AT_LEAST) | BIT(OP_ABOVE) | BIT(OP_EXISTS)))
            return true;
    }
    return false;
}

static int operation_find(const struct condition_reader *reader, const struct field_ref *ref,
                          const struct yaml_pair *pair, enum operation *out)
{
    const char *names[OPERATION_COUNT];
    unsigned allowed = type_rows[field_type(ref->field)].operations;
    for (unsigned i = 0; i < OPERATION_COUNT; i++) {
        if (!text_equal(operation_name((enum operation)i), pair->key))
            continue;
        *out = (enum operation)i;
        if (allowed & BIT(i))
            return 0;
        return read_refuse(reader->report, pair->key_at, "%s is %s: '%s' cannot be asked of it",
                           ref->name, type_rows[field_type(ref->field)].what, pair->key);
    }
    operation_names(allowed, names);
    return read_refuse(
        reader->report, pair->key_at, "unknown operator '%s'%s", pair->key,
        did_you_mean(reader->arena, text_nearest(pair->key, names, OPERATION_COUNT)));
}

/* The value of a condition: one value, or a mapping of operators that must all hold. */
static int operands_read(const struct condition_reader *reader, const struct yaml_node *node,
                         struct condition *condition)
{
    bool plain = node->kind != YAML_MAPPING;
    size_t count = plain ? 1 : node->count;
    int result = 0;
    if (count == 0)
        return read_refuse(reader->report, node->at, "%s has no operator", condition->ref.name);
    condition->operands = arena_array(reader->arena, count, sizeof *condition->operands);
    for (size_t i = 0; i < count; i++) {
        enum operation op = OP_EQUALS;
        const struct yaml_node *value = plain ? node : node->pairs[i].value;
        if (plain && field_type(condition->ref.field) == TYPE_LIST)
            result = read_refuse(reader->report, node->at,
                                 "%s is a list of words: ask with 'contains' or 'matches'",
                                 condition->ref.name);
        else if ((!plain && operation_find(reader, &condition->ref, &node->pairs[i], &op) < 0)
                 || operand_read(reader, &condition->ref, op, value,
                                 &condition->operands[condition->operand_count])
                        < 0)
            result = -1;
        else
            condition->operand_count++;
    }
    if (result == 0 && !operands_meet(condition))
        return read_refuse(
            reader->report, node->at,
            "no %s is ever between these bounds: the lower one is not below the upper one",
            condition->ref.name);
    return result;
}

static int field_condition_read(struct condition_reader *reader, const struct yaml_pair *pair,
                                bool negated, struct condition *out)
{
    struct text wanted = { .arena = reader->arena };
    const char *near;
    if (field_find(reader->arena, pair->key, &out->ref, &near) < 0)
        return read_refuse(reader->report, pair->key_at, "unknown condition '%s'%s", pair->key,
                           did_you_mean(reader->arena, near));
    if (text_starts(pair->key, "log.")
        && signature_check(reader->report, pair->key_at, out->ref.argument) < 0)
        return -1;
    out->kind = CONDITION_FIELD;
    reader->specificity++;
    if (operands_read(reader, pair->value, out) < 0)
        return -1;
    if (field_is_engine(out->ref.field) && !negated && !reader->has_expiry && !has_upper_bound(out))
        return read_refuse(reader->report, pair->key_at,
                           "%s has no upper end: add 'below', or 'expires' to the profile",
                           out->ref.name);
    text_printf(&wanted, "%s ", out->ref.name);
    for (size_t i = 0; i < out->operand_count; i++) {
        text_add(&wanted, " and ", i ? strlen(" and ") : 0);
        operand_words(&wanted, &out->operands[i]);
    }
    out->wanted = text_get(&wanted);
    return 0;
}

static int pair_read(struct condition_reader *reader, const struct yaml_pair *pair, unsigned depth,
                     bool negated, struct condition **out);

static int item_read(struct condition_reader *reader, const struct yaml_node *item, unsigned depth,
                     bool negated, struct condition **out)
{
    if (item->kind != YAML_MAPPING)
        return read_refuse(reader->report, item->at,
                           "a condition is written 'field: value', not %s", yaml_kind_text(item));
    if (item->count != 1)
        return read_refuse(reader->report, item->at,
                           "a condition holds one field; begin the next with '-'");
    return pair_read(reader, &item->pairs[0], depth, negated, out);
}

static int group_read(struct condition_reader *reader, const struct yaml_pair *pair, unsigned depth,
                      bool negated, struct condition *group)
{
    const struct yaml_node *list = pair->value;
    int result = 0;
    negated = negated || group->kind == CONDITION_NONE;
    if (list->kind != YAML_SEQUENCE || list->count == 0)
        return read_refuse(reader->report, list->at, "'%s' wants a list of conditions, not %s",
                           pair->key,
                           list->kind == YAML_SEQUENCE ? "an empty one" : yaml_kind_text(list));
    group->children = arena_array(reader->arena, list->count, sizeof *group->children);
    for (size_t i = 0; i < list->count; i++) {
        if (item_read(reader, list->items[i], depth + 1, negated, &group->children[i]) < 0)
            result = -1;
    }
    group->count = list->count;
    return result;
}

static bool group_kind(const char *key, enum condition_kind *out, const char **out_wanted)
{
    static const struct {
        const char *key, *wanted;
    } rows[] = {
        [CONDITION_ALL] = { "all", "all of these" },
        [CONDITION_ANY] = { "any", "any of these" },
        [CONDITION_NONE] = { "none", "none of these" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (text_equal(rows[i].key, key)) {
            *out = (enum condition_kind)i;
            *out_wanted = rows[i].wanted;
            return true;
        }
    }
    return false;
}

static int pair_read(struct condition_reader *reader, const struct yaml_pair *pair, unsigned depth,
                     bool negated, struct condition **out)
{
    struct condition *condition = arena_alloc(reader->arena, sizeof *condition);
    *out = condition;
    if (depth > CONDITION_DEPTH_MAX)
        return read_refuse(reader->report, pair->key_at, "nested deeper than %d levels",
                           CONDITION_DEPTH_MAX);
    if (reader->count == CONDITION_COUNT_MAX) {
        if (!reader->refused)
            (void)read_refuse(reader->report, pair->key_at, "more than %d conditions",
                              CONDITION_COUNT_MAX);
        reader->refused = true;
        return -1;
    }
    condition->number = reader->count++;
    if (group_kind(pair->key, &condition->kind, &condition->wanted))
        return group_read(reader, pair, depth, negated, condition);
    return field_condition_read(reader, pair, negated, condition);
}

struct root_list {
    struct condition **items;
    size_t count, capacity;
};

/* What stands directly below `match`; an `all` there is no group of its own: all is meant anyway.
 */
static int match_read(struct condition_reader *reader, const struct yaml_node *match,
                      struct root_list *list)
{
    int result = 0;
    if (match->kind != YAML_MAPPING || match->count == 0)
        return read_refuse(reader->report, match->at, "'match' wants all, any or none, not %s",
                           match->kind == YAML_MAPPING ? "nothing" : yaml_kind_text(match));
    for (size_t i = 0; i < match->count; i++) {
        const struct yaml_pair *pair = &match->pairs[i];
        struct condition *one;
        struct condition all = { .kind = CONDITION_ALL };
        if (text_equal(pair->key, "all")) {
            if (group_read(reader, pair, 0, false, &all) < 0)
                result = -1;
            for (size_t j = 0; j < all.count; j++)
                ARENA_PUSH(reader->arena, list, all.children[j]);
            continue;
        }
        if (pair_read(reader, pair, 1, false, &one) < 0)
            result = -1;
        ARENA_PUSH(reader->arena, list, one);
    }
    return result;
}

/* {engine.qt: "6.12"} is the condition engine.qt below 6.12. */
static int expires_read(struct condition_reader *reader, const struct yaml_node *expires,
                        struct root_list *list)
{
    if (expires->kind != YAML_MAPPING || expires->count != 1)
        return read_refuse(reader->report, expires->at,
                           "'expires' wants one field and a version, {engine.qt: \"6.12\"}");
    const struct yaml_pair *pair = &expires->pairs[0];
    struct condition *condition = arena_alloc(reader->arena, sizeof *condition);
    const char *near;
    if (field_find(reader->arena, pair->key, &condition->ref, &near) < 0)
        return read_refuse(reader->report, pair->key_at, "unknown condition '%s'%s", pair->key,
                           did_you_mean(reader->arena, near));
    if (field_type(condition->ref.field) != TYPE_VERSION)
        return read_refuse(reader->report, pair->key_at, "%s is no version and cannot expire",
                           pair->key);
    if (reader->count == CONDITION_COUNT_MAX)
        return read_refuse(reader->report, pair->key_at, "more than %d conditions",
                           CONDITION_COUNT_MAX);
    condition->kind = CONDITION_FIELD;
    condition->number = reader->count++;
    condition->operands = arena_alloc(reader->arena, sizeof *condition->operands);
    condition->operand_count = 1;
    if (operand_read(reader, &condition->ref, OP_BELOW, pair->value, condition->operands) < 0)
        return -1;
    condition->wanted = arena_printf(reader->arena, "not expired: %s is below %s", pair->key,
                                     pair->value->text);
    ARENA_PUSH(reader->arena, list, condition);
    return 0;
}

const struct conditions *conditions_read(struct arena *arena, const struct yaml_node *match,
                                         const struct yaml_node *expires, struct report *report)
{
    struct condition_reader reader = { .arena = arena,
                                       .report = report,
                                       .has_expiry = expires != NULL };
    struct root_list list = { 0 };
    struct conditions *out = arena_alloc(arena, sizeof *out);
    int result = match_read(&reader, match, &list);
    if (expires && expires_read(&reader, expires, &list) < 0)
        result = -1;
    out->root = (struct condition){ .kind = CONDITION_ALL,
                                    .children = list.items,
                                    .count = list.count };
    out->count = reader.count;
    out->specificity = reader.specificity;
    return result < 0 ? NULL : out;
}
