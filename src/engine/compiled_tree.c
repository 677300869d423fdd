/* Trees of nodes that are made in memory, and their form as JSON. */
#include "engine/compiled_lists_private.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/compiled_lists.h"

#define FIRST_ITEMS 8U

static struct yaml_node *node_new(struct arena *arena, enum yaml_kind kind)
{
    struct yaml_node *node = arena_alloc(arena, sizeof *node);
    node->kind = kind;
    return node;
}

struct yaml_node *tree_mapping(struct arena *arena)
{
    return node_new(arena, YAML_MAPPING);
}

struct yaml_node *tree_list(struct arena *arena)
{
    return node_new(arena, YAML_SEQUENCE);
}

struct yaml_node *tree_text(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    struct yaml_node *node = node_new(arena, YAML_SCALAR);
    node->text = arena_strdup(arena, text);
    node->quoted = true;
    return node;
}

struct yaml_node *tree_number(struct arena *arena, uint64_t number)
{
    struct yaml_node *node = node_new(arena, YAML_SCALAR);
    node->text = arena_printf(arena, "%llu", (unsigned long long)number);
    return node;
}

/* Arrays double at each power of two, so no capacity needs to be kept. */
static bool is_full(size_t count)
{
    return count == 0 || (count >= FIRST_ITEMS && (count & (count - 1)) == 0);
}

void tree_set(struct arena *arena, struct yaml_node *mapping, const char *key,
              struct yaml_node *value)
{
    if (!value)
        return;
    if (is_full(mapping->count)) {
        size_t capacity = mapping->count ? mapping->count : FIRST_ITEMS / 2;
        mapping->pairs = arena_grow(arena, mapping->pairs, &capacity, sizeof *mapping->pairs);
    }
    mapping->pairs[mapping->count++] = (struct yaml_pair){ .key = key, .value = value };
}

void tree_add(struct arena *arena, struct yaml_node *list, struct yaml_node *value)
{
    if (!value)
        return;
    if (is_full(list->count)) {
        size_t capacity = list->count ? list->count : FIRST_ITEMS / 2;
        list->items = arena_grow(arena, list->items, &capacity, sizeof *list->items);
    }
    list->items[list->count++] = value;
}

/* --- as JSON ---------------------------------------------------------------------------------- */

/* Plain numbers and truth values are such; versions are strings although YAML needs no quotes. */
static json_t *scalar_to_json(const struct yaml_node *node, bool is_version)
{
    uint64_t number;
    bool truth;
    if (!node->quoted && !is_version && text_to_u64(node->text, &number)
        && !text_starts(node->text, "0x"))
        return json_integer((json_int_t)number);
    if (!node->quoted && yaml_to_bool(node, &truth))
        return json_boolean(truth);
    return json_text(node->text);
}

json_t *rules_to_json(const struct yaml_node *node)
{
    json_t *out = NULL;
    switch (node->kind) {
    case YAML_SCALAR:
        return scalar_to_json(node, false);
    case YAML_SEQUENCE:
        out = json_array();
        for (size_t i = 0; i < node->count; i++)
            (void)json_array_append_new(out, rules_to_json(node->items[i])); /* out of memory */
        return out;
    case YAML_MAPPING:
        out = json_object();
        for (size_t i = 0; i < node->count; i++) {
            const struct yaml_pair *pair = &node->pairs[i];
            bool version = text_starts(pair->key, "value") && pair->value->kind == YAML_SCALAR;
            json_set(out, pair->key,
                     version ? scalar_to_json(pair->value, true) : rules_to_json(pair->value));
        }
        return out;
    }
    return out;
}
