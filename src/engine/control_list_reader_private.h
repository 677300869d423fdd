/* control_list_reader_private.h: what the two halves of the reader of rule files share.
 * Room: engine. */
#ifndef QWGUARD_ENGINE_CONTROL_LIST_READER_PRIVATE_H
#define QWGUARD_ENGINE_CONTROL_LIST_READER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/report.h"
#include "base/yaml.h"
#include "engine/control_list_private.h"

struct rule_reader {
    struct arena *arena;
    struct report *report;
    const struct engine_traits *traits;
    struct strings workarounds; /* names that may stand in the bug list; empty = any */
    struct {
        const struct pattern **items; /* compiled so far: most patterns stand there many times */
        size_t count, capacity;
    } patterns;
};

/**
 * Report that something else is wanted here ("a list").
 */
void rule_wrong(struct rule_reader *reader, const struct yaml_node *node, const char *wanted);

/**
 * A string, a number up to max; on failure reported, and NULL or false.
 */
const char *rule_text(struct rule_reader *reader, const struct yaml_node *node);
bool rule_number(struct rule_reader *reader, const struct yaml_node *node, uint64_t max,
                 uint32_t *out);

/**
 * Is it a list, a mapping? Reported when it is not.
 */
bool rule_is_list(struct rule_reader *reader, const struct yaml_node *node);
bool rule_is_mapping(struct rule_reader *reader, const struct yaml_node *node);

/**
 * Report a key that is none of the names, with the nearest of them.
 */
void rule_unknown_key(struct rule_reader *reader, const struct yaml_pair *pair,
                      const char *const *names, size_t count);

/**
 * Read one key of an entry or exception.
 *
 * returns   false when it is no key of a condition; nothing is reported then
 */
bool conditions_key_read(struct rule_reader *reader, const struct yaml_pair *pair,
                         struct conditions_draft *draft);

/**
 * Report a key that is neither a condition's nor one of more.
 */
void conditions_unknown_key(struct rule_reader *reader, const struct yaml_pair *pair,
                            const char *const *more, size_t more_count);

/**
 * Report fields that do not go together.
 */
void conditions_check(struct rule_reader *reader, const struct yaml_node *node,
                      const struct conditions_draft *draft);

#endif
