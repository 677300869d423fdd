/* Writes a tree in the order of its text and reads it back in one walk, without a copy of any text:
 * about a fiftieth of what parsing takes. Numbers are written seven bits a byte, lowest first, with
 * the highest bit set on all bytes but the last, as in https://dwarfstd.org (LEB128). */
#include "base/pack.h"

#include <string.h>

#include "base/text.h"

#define MAGIC "qwguard-tree/2\n"
#define KIND_MASK 3U
#define QUOTED_BIT 4U
#define SIZE_SHIFT 3
#define NUMBER_SHIFT_MAX 28 /* five bytes hold what 32 bits can */

/* --- writing ----------------------------------------------------------------------------- */

static void number_pack(struct text *out, uint64_t number)
{
    do {
        unsigned char byte = number & 0x7fU;
        number >>= 7;
        if (number)
            byte |= 0x80U;
        text_add(out, (const char *)&byte, 1);
    } while (number);
}

static void place_pack(struct text *out, const struct place *at)
{
    number_pack(out, at->line);
    number_pack(out, at->column);
}

static void node_pack(struct text *out, const struct yaml_node *node)
{
    size_t size = node->kind == YAML_SCALAR ? strlen(node->text) : node->count;
    number_pack(out, (uint64_t)size << SIZE_SHIFT | (node->quoted ? QUOTED_BIT : 0U) | node->kind);
    place_pack(out, &node->at);
    if (node->kind == YAML_SCALAR)
        text_add(out, node->text, size + 1); /* terminated, so that it is used where it stands */
    for (size_t i = 0; node->kind == YAML_SEQUENCE && i < size; i++)
        node_pack(out, node->items[i]);
    for (size_t i = 0; node->kind == YAML_MAPPING && i < size; i++) {
        text_add(out, node->pairs[i].key, strlen(node->pairs[i].key) + 1);
        place_pack(out, &node->pairs[i].key_at);
        node_pack(out, node->pairs[i].value);
    }
}

const char *tree_pack(struct arena *arena, const struct yaml_node *root, size_t *out_length)
{
    struct text text = { .arena = arena };
    text_add(&text, MAGIC, sizeof MAGIC - 1);
    node_pack(&text, root);
    *out_length = text.length;
    return text_get(&text);
}

/* --- reading ----------------------------------------------------------------------------- */

struct unpacker {
    struct arena *arena; /* NULL while a value is passed over */
    const char *name;
    const char *skip;
    const char *at, *end;
};

static bool number_unpack(struct unpacker *unpacker, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; shift <= NUMBER_SHIFT_MAX && unpacker->at < unpacker->end;
         shift += 7) {
        unsigned char byte = (unsigned char)*unpacker->at++;
        *out |= (uint64_t)(byte & 0x7fU) << shift;
        if (byte < 0x80U)
            return true;
    }
    return false;
}

static bool place_unpack(struct unpacker *unpacker, struct place *out)
{
    uint64_t line, column;
    if (!number_unpack(unpacker, &line) || !number_unpack(unpacker, &column))
        return false;
    *out = (struct place){ unpacker->name, (unsigned)line, (unsigned)column };
    return true;
}

static const char *key_unpack(struct unpacker *unpacker)
{
    const char *text = unpacker->at;
    const char *stop = memchr(text, '\0', (size_t)(unpacker->end - text));
    if (!stop)
        return NULL;
    unpacker->at = stop + 1;
    return text;
}

static bool scalar_unpack(struct unpacker *unpacker, size_t size, struct yaml_node *out)
{
    const char *text = unpacker->at;
    if (size >= (size_t)(unpacker->end - text) || memchr(text, '\0', size + 1) != text + size)
        return false;
    unpacker->at += size + 1;
    out->text = text;
    return true;
}

static bool node_unpack(struct unpacker *unpacker, unsigned depth, struct yaml_node **out);

static bool items_unpack(struct unpacker *unpacker, unsigned depth, size_t size,
                         struct yaml_node *out)
{
    if (unpacker->arena)
        out->items = arena_array(unpacker->arena, size, sizeof *out->items);
    for (out->count = 0; out->count < size; out->count++) {
        struct yaml_node *item;
        if (!node_unpack(unpacker, depth, &item))
            return false;
        if (unpacker->arena)
            out->items[out->count] = item;
    }
    return true;
}

static bool pairs_unpack(struct unpacker *unpacker, unsigned depth, size_t size,
                         struct yaml_node *out)
{
    struct arena *arena = unpacker->arena;
    if (arena)
        out->pairs = arena_array(arena, size, sizeof *out->pairs);
    for (size_t i = 0; i < size; i++) {
        struct yaml_pair pair = { .key = key_unpack(unpacker) };
        if (!pair.key || !place_unpack(unpacker, &pair.key_at))
            return false;
        if (unpacker->skip && text_equal(unpacker->skip, pair.key))
            unpacker->arena = NULL;
        bool sound = node_unpack(unpacker, depth, &pair.value);
        if (unpacker->arena)
            out->pairs[out->count++] = pair;
        unpacker->arena = arena;
        if (!sound)
            return false;
    }
    return true;
}

static bool inside_unpack(struct unpacker *unpacker, unsigned depth, size_t size,
                          struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        return scalar_unpack(unpacker, size, node);
    case YAML_SEQUENCE:
        return items_unpack(unpacker, depth + 1, size, node);
    case YAML_MAPPING:
        return pairs_unpack(unpacker, depth + 1, size, node);
    }
    return false;
}

/* One node with all below it; NULL for one that is passed over. */
static bool node_unpack(struct unpacker *unpacker, unsigned depth, struct yaml_node **out)
{
    uint64_t head;
    struct place at;
    if (depth > YAML_DEPTH_MAX || !number_unpack(unpacker, &head) || !place_unpack(unpacker, &at))
        return false;
    size_t size = (size_t)(head >> SIZE_SHIFT);
    if ((head & KIND_MASK) > YAML_MAPPING || size > (size_t)(unpacker->end - unpacker->at))
        return false; /* every item takes a byte at least */
    struct yaml_node node = { .kind = (enum yaml_kind)(head & KIND_MASK),
                              .at = at,
                              .quoted = (head & QUOTED_BIT) != 0 };
    if (!inside_unpack(unpacker, depth, size, &node))
        return false;
    *out = NULL;
    if (unpacker->arena) {
        *out = arena_alloc(unpacker->arena, sizeof **out);
        **out = node;
    }
    return true;
}

struct yaml_node *tree_unpack(struct arena *arena, const char *name, const char *bytes,
                              size_t length, const char *skip)
{
    struct unpacker unpacker = { arena, name, skip, bytes + sizeof MAGIC - 1, bytes + length };
    struct yaml_node *root;
    if (length < sizeof MAGIC || memcmp(bytes, MAGIC, sizeof MAGIC - 1) != 0)
        return NULL;
    return node_unpack(&unpacker, 0, &root) && unpacker.at == unpacker.end ? root : NULL;
}
