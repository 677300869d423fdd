/* Trees of nodes that are made in memory, and their form in the cache: the nodes in the order of
 * the text, each with its kind and size in front, so that loading is one walk over the bytes. */
#include "engine/compiled_lists_private.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/compiled_lists.h"

#define FIRST_ITEMS 8U
#define MAGIC "qwguard-tree/1\n"

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

/* --- as bytes -------------------------------------------------------------------------- */

/* A word of four bytes: the kind (and whether it is quoted) in the lowest three bits. */
static void head_add(struct text *out, const struct yaml_node *node, size_t size)
{
    uint32_t word = (uint32_t)size << 3 | (node->quoted ? 4U : 0U) | (uint32_t)node->kind;
    char bytes[4] = { (char)(word & 0xffU), (char)(word >> 8 & 0xffU), (char)(word >> 16 & 0xffU),
                      (char)(word >> 24) };
    text_add(out, bytes, sizeof bytes);
}

static void text_save(struct text *out, const char *text)
{
    text_add(out, text, strlen(text) + 1); /* terminated, so that it is used where it stands */
}

static void node_save(struct text *out, const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        head_add(out, node, strlen(node->text));
        text_save(out, node->text);
        return;
    case YAML_SEQUENCE:
        head_add(out, node, node->count);
        for (size_t i = 0; i < node->count; i++)
            node_save(out, node->items[i]);
        return;
    case YAML_MAPPING:
        head_add(out, node, node->count);
        for (size_t i = 0; i < node->count; i++) {
            text_save(out, node->pairs[i].key);
            node_save(out, node->pairs[i].value);
        }
        return;
    }
}

const char *tree_save(struct arena *arena, const struct yaml_node *root, size_t *out_length)
{
    struct text text = { .arena = arena };
    text_add(&text, MAGIC, sizeof MAGIC - 1);
    node_save(&text, root);
    *out_length = text.length;
    return text_get(&text);
}

struct loader {
    struct arena *arena;
    const char *name;
    const char *at, *end;
};

static const char *text_load(struct loader *loader)
{
    const char *text = loader->at;
    const char *stop = memchr(text, '\0', (size_t)(loader->end - text));
    if (!stop)
        return NULL;
    loader->at = stop + 1;
    return text;
}

static struct yaml_node *node_load(struct loader *loader, unsigned depth)
{
    if (depth > YAML_DEPTH_MAX || loader->end - loader->at < 4)
        return NULL;
    uint32_t word = (uint32_t)image_number((const unsigned char *)loader->at, 4);
    size_t size = word >> 3;
    unsigned kind = word & 3U;
    loader->at += 4;
    if (kind > YAML_MAPPING || size > (size_t)(loader->end - loader->at))
        return NULL; /* every item takes a byte at least */
    struct yaml_node *node = node_new(loader->arena, (enum yaml_kind)kind);
    node->at.file = loader->name;
    if (kind == YAML_SCALAR) {
        node->quoted = word & 4U;
        node->text = text_load(loader);
        return node->text && strlen(node->text) == size ? node : NULL;
    }
    node->count = size;
    if (kind == YAML_SEQUENCE)
        node->items = arena_array(loader->arena, size, sizeof *node->items);
    else
        node->pairs = arena_array(loader->arena, size, sizeof *node->pairs);
    for (size_t i = 0; i < size; i++) {
        const char *key = kind == YAML_MAPPING ? text_load(loader) : "";
        struct yaml_node *value = key ? node_load(loader, depth + 1) : NULL;
        if (!value)
            return NULL;
        if (kind == YAML_MAPPING)
            node->pairs[i] = (struct yaml_pair){ .key = key, .value = value };
        else
            node->items[i] = value;
    }
    return node;
}

struct yaml_node *tree_load(struct arena *arena, const char *name, const char *bytes, size_t length)
{
    struct loader loader = { arena, name, bytes + sizeof MAGIC - 1, bytes + length };
    if (length < sizeof MAGIC || memcmp(bytes, MAGIC, sizeof MAGIC - 1) != 0)
        return NULL;
    struct yaml_node *root = node_load(&loader, 0);
    return root && loader.at == loader.end ? root : NULL;
}
