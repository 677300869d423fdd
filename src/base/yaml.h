/* yaml.h: a YAML (or JSON) text as a tree of nodes that know their places.
 * Room: base. Needs libyaml and jansson. Reads memory only. The tree lives in an arena.
 * What is refused, with its place: aliases and anchors (so nothing can expand), duplicate keys,
 * keys that are no plain strings, nesting deeper than YAML_DEPTH_MAX, more than one document,
 * texts over YAML_SIZE_MAX_BYTES, and what is not UTF-8. */
#ifndef QWGUARD_BASE_YAML_H
#define QWGUARD_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define YAML_DEPTH_MAX 40
#define YAML_KEYS_MAX 4096 /* in one mapping */
#define YAML_SIZE_MAX_BYTES (4 * MIB_BYTES)

enum yaml_kind {
    YAML_SCALAR,
    YAML_SEQUENCE,
    YAML_MAPPING,
};

struct yaml_node;

struct yaml_pair {
    const char *key;
    struct place key_at;
    struct yaml_node *value; /* never NULL */
};

struct yaml_node {
    enum yaml_kind kind;
    struct place at;
    const char *text; /* YAML_SCALAR: UTF-8, terminated; else NULL */
    bool quoted;      /* YAML_SCALAR: stood in quotes, so it is a string whatever it looks like */
    size_t count;     /* items or pairs */
    struct yaml_node **items; /* YAML_SEQUENCE */
    struct yaml_pair *pairs;  /* YAML_MAPPING, in the order of the text */
};

/**
 * Parse one document. JSON that YAML 1.1 does not cover (tabs, surrogate pairs) is read as JSON;
 * such nodes have a file but no line.
 *
 * name      file name for places; must live as long as the tree
 * out_root  untouched on failure; an empty text gives an empty mapping
 * returns   0, or -1 and ERR_DATA with the place
 */
int yaml_parse(struct arena *arena, const char *name, const char *bytes, size_t length,
               struct yaml_node **out_root, struct err *err);

/**
 * Value of a key of a mapping.
 *
 * returns   NULL when node is NULL, no mapping, or has no such key
 */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

/**
 * True for a plain scalar that is empty, `~` or `null`.
 */
bool yaml_is_null(const struct yaml_node *node);

/**
 * Scalar as an unsigned number, decimal or 0x…, quoted or not (identities write both).
 *
 * returns   false when it is none; out untouched
 */
bool yaml_to_u64(const struct yaml_node *node, uint64_t *out_value);

/**
 * Plain scalar true or false (also yes/no, on/off as in YAML 1.1).
 *
 * returns   false when it is none; out untouched
 */
bool yaml_to_bool(const struct yaml_node *node, bool *out_value);

/**
 * "a mapping", "a list", "a string", "a number" …: what stands there, for messages.
 */
const char *yaml_kind_text(const struct yaml_node *node);

#endif
