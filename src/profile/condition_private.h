/* condition_private.h: what a profile may ask about a machine, and how the answer is found.
 * Room: profile. A condition is a tree: all, any, none, and at the leaves one field with its
 * operators. To add a field: one row in field.c and one line in docs/profiles.md (a test compares
 * them). */
#ifndef QWGUARD_PROFILE_CONDITION_PRIVATE_H
#define QWGUARD_PROFILE_CONDITION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/known.h"
#include "base/report.h"
#include "base/text.h"
#include "base/yaml.h"
#include "profile/expression_private.h"
#include "profile/profile.h"

#define CONDITION_DEPTH_MAX 8   /* all in any in none … */
#define CONDITION_COUNT_MAX 200 /* in one profile, groups included */

/* What kind of value a field has; says which operators it takes. */
enum value_type {
    TYPE_TEXT,
    TYPE_VERSION, /* "6.8.2": compared number by number */
    TYPE_NUMBER,  /* decimal or 0x… */
    TYPE_VENDOR,  /* a number that may be written as a name: nvidia */
    TYPE_TRUTH,   /* true or false */
    TYPE_LIST,    /* several words: gl.extensions */
    TYPE_FREE,    /* a text that may be meant as a version: environment, files */
    TYPE_COUNT,
};

/* A value as the machine has it. Unknown and absent are two things: nobody knows, or it is known
 * that there is none (a variable that is not set). */
enum value_state { VALUE_UNKNOWN, VALUE_ABSENT, VALUE_KNOWN };

struct value {
    enum value_state state;
    const char *text;    /* text and version */
    uint64_t number;     /* number, vendor; truth: 0 or 1 */
    struct strings list; /* TYPE_LIST */
    const char *shown;   /* for the trace; one line */
};

/* Facts to be asked, and the GPU that is meant. */
struct view {
    struct arena *arena;
    const struct profile_facts *facts;
    const struct gpu *gpu; /* NULL = none; see gpu_state */
    enum value_state gpu_state;
};

/* One row of the table in field.c. */
struct field;

/* A field as a condition names it. */
struct field_ref {
    const struct field *field;
    const char *name;     /* as written: "any-gpu.vendor", "environment.QT_QUICK_BACKEND" */
    const char *argument; /* what follows a prefix: "QT_QUICK_BACKEND"; "" if none */
    bool any_gpu;         /* true when one GPU for which it holds is enough */
};

/* Operator, its name in YAML, its words in a trace. */
#define OPERATORS(X)                                                                               \
    X(OP_EQUALS, "equals", "is")                                                                   \
    X(OP_IN, "in", "is one of")                                                                    \
    X(OP_AT_LEAST, "at-least", "is at least")                                                      \
    X(OP_BELOW, "below", "is below")                                                               \
    X(OP_AT_MOST, "at-most", "is at most")                                                         \
    X(OP_ABOVE, "above", "is above")                                                               \
    X(OP_BETWEEN, "between", "is between")                                                         \
    X(OP_MATCHES, "matches", "matches")                                                            \
    X(OP_CONTAINS, "contains", "contains")                                                         \
    X(OP_EXISTS, "exists", "exists")
#define OPERATOR_ID(id, name, words) id,
enum operation { OPERATORS(OPERATOR_ID) OPERATION_COUNT };

/* What an operator compares with: one value, two for `between`, several for `in`. */
struct operand {
    enum operation op;
    const char **texts;
    uint64_t *numbers; /* TYPE_NUMBER, TYPE_VENDOR, TYPE_TRUTH and `exists`; else NULL */
    size_t count;
    const struct expression *expression; /* OP_MATCHES */
};

enum condition_kind { CONDITION_ALL, CONDITION_ANY, CONDITION_NONE, CONDITION_FIELD };

struct condition {
    enum condition_kind kind;
    size_t number; /* its place in the order of reading, below profile_conditions() */
    struct condition **children;
    size_t count;
    struct field_ref ref; /* CONDITION_FIELD */
    struct operand *operands;
    size_t operand_count;
    const char *wanted; /* "gpu.vendor is nvidia", "all of these" */
};

/* A root: all of its children, with what the reader counted. */
struct conditions {
    struct condition root;
    size_t count;         /* conditions, groups included, root not */
    unsigned specificity; /* leaves */
};

/**
 * Find a field by the name that a condition gives it.
 *
 * out_near  may be NULL; the name that was most likely meant when there is none
 * returns   0, or -1
 */
int field_find(struct arena *arena, const char *name, struct field_ref *out, const char **out_near);

/**
 * All field names as the documents list them (prefixes end in a dot), in the table's order.
 */
size_t field_names(const char **out, size_t room);

/**
 * Type of a field; the values that it can have, ended by NULL (NULL = open); true when it tells a
 * version of the engine.
 */
enum value_type field_type(const struct field *field);
const char *const *field_words(const struct field *field);
bool field_is_engine(const struct field *field);

/**
 * What the machine has. For any-gpu the view names the GPU.
 */
void field_read(const struct view *view, const struct field_ref *ref, struct value *out);

/**
 * Read the conditions of a profile (`match`, then `expires` when it is not NULL).
 *
 * report    every fault with its place
 * returns   NULL when there was a fault
 */
const struct conditions *conditions_read(struct arena *arena, const struct yaml_node *match,
                                         const struct yaml_node *expires, struct report *report);

/**
 * Evaluate with three values: unknown stays unknown unless the rest decides.
 *
 * out_trace  one line a condition, groups before their members
 * out_needs  when the result is unknown: the facts that would settle it, "gl.renderer, gpu.vendor";
 *            else NULL
 */
enum truth conditions_evaluate(struct arena *arena, const struct conditions *conditions,
                               const struct profile_facts *facts, struct trace *out_trace,
                               const char **out_needs);

/**
 * Is there a value that all bounds of a condition let through?
 */
bool operands_meet(const struct condition *condition);

/**
 * One field's operators on one value. For tests and for conditions_evaluate().
 */
enum truth operand_holds(const struct operand *operand, enum value_type type,
                         const struct value *value);

/**
 * Name of an operator in YAML ("at-least") and its words in a trace ("is at least").
 */
const char *operation_name(enum operation op);
const char *operation_words(enum operation op);

#endif
