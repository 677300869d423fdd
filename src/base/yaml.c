/* Turns libyaml's events into a tree whose nodes know file, line and column, and refuses what could
 * make a small text large (aliases, depth, size). Readers of identities, profiles, rules and
 * configuration walk this tree and never see libyaml. */
#include "base/yaml.h"

#include <string.h>

#include <jansson.h>
#include <yaml.h>

#include "base/text.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

struct reader {
    struct arena *arena;
    const char *name;
    const char *bytes; /* the text as libyaml got it */
    size_t length;
    yaml_parser_t parser;
    struct err *err;
};

static struct place place_of(const struct reader *reader, yaml_mark_t mark)
{
    return (struct place){ .file = reader->name,
                           .line = (unsigned)mark.line + 1,
                           .column = (unsigned)mark.column + 1 };
}

/* Place of a byte; columns are counted in characters, as libyaml does. */
static struct place place_of_byte(const struct reader *reader, size_t offset)
{
    struct place at = { .file = reader->name, .line = 1, .column = 1 };
    for (size_t i = 0; i < offset && i < reader->length; i++) {
        if (reader->bytes[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)reader->bytes[i] & 0xC0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return 0;
    const yaml_parser_t *parser = &reader->parser;
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR) /* libyaml gives no mark for these, only an offset */
        return err_set_at(reader->err, place_of_byte(reader, parser->problem_offset),
                          "this is no UTF-8 text: %s", parser->problem);
    return err_set_at(reader->err, place_of(reader, mark), "%s",
                      parser->problem ? parser->problem : "this is no YAML");
}

static int node_read(struct reader *reader, const yaml_event_t *first, unsigned depth,
                     struct yaml_node **out);

static int sequence_read(struct reader *reader, struct yaml_node *node, unsigned depth)
{
    struct {
        struct yaml_node **items;
        size_t count, capacity;
    } list = { 0 };
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
        struct yaml_node *item;
        if (next_event(reader, &event) < 0)
            return -1;
        if (event.type == YAML_SEQUENCE_END_EVENT)
            break;
        if (node_read(reader, &event, depth + 1, &item) < 0)
            return -1;
        ARENA_PUSH(reader->arena, &list, item);
    }
    node->items = list.items;
    node->count = list.count;
    return 0;
}

static int key_read(struct reader *reader, const yaml_event_t *event, const struct yaml_pair *pairs,
                    size_t count, struct yaml_pair *out)
{
    struct place at = place_of(reader, event->start_mark);
    if (event->type != YAML_SCALAR_EVENT)
        return err_set_at(reader->err, at, "a key must be a plain word");
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length)
        return err_set_at(reader->err, at, "a key must not hold a NUL character");
    if (count >= YAML_KEYS_MAX) /* also bounds the search for duplicates below */
        return err_set_at(reader->err, at, "more than %d keys in one mapping", YAML_KEYS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (text_equal(pairs[i].key, text))
            return err_set_at(reader->err, at, "key '%s' stands here twice (first in line %u)",
                              text, pairs[i].key_at.line);
    }
    out->key = arena_strdup(reader->arena, text);
    out->key_at = at;
    return 0;
}

static int mapping_read(struct reader *reader, struct yaml_node *node, unsigned depth)
{
    struct {
        struct yaml_pair *items;
        size_t count, capacity;
    } list = { 0 };
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t key = { 0 };
        CLEANUP(yaml_event_delete) yaml_event_t value = { 0 };
        struct yaml_pair pair;
        if (next_event(reader, &key) < 0)
            return -1;
        if (key.type == YAML_MAPPING_END_EVENT)
            break;
        if (key_read(reader, &key, list.items, list.count, &pair) < 0
            || next_event(reader, &value) < 0
            || node_read(reader, &value, depth + 1, &pair.value) < 0)
            return -1;
        ARENA_PUSH(reader->arena, &list, pair);
    }
    node->pairs = list.items;
    node->count = list.count;
    return 0;
}

static int scalar_read(struct reader *reader, const yaml_event_t *event, struct yaml_node *node)
{
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length)
        return err_set_at(reader->err, node->at, "a value must not hold a NUL character");
    node->text = arena_strdup(reader->arena, text);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return 0;
}

static int node_read(struct reader *reader, const yaml_event_t *first, unsigned depth,
                     struct yaml_node **out)
{
    struct place at = place_of(reader, first->start_mark);
    const yaml_char_t *anchor = NULL;
    struct yaml_node *node = arena_alloc(reader->arena, sizeof *node);
    node->at = at;
    *out = node;
    if (depth > YAML_DEPTH_MAX)
        return err_set_at(reader->err, at, "nested deeper than %d levels", YAML_DEPTH_MAX);
    if (first->type == YAML_SCALAR_EVENT)
        anchor = first->data.scalar.anchor;
    else if (first->type == YAML_SEQUENCE_START_EVENT)
        anchor = first->data.sequence_start.anchor;
    else if (first->type == YAML_MAPPING_START_EVENT)
        anchor = first->data.mapping_start.anchor;
    else
        return err_set_at(reader->err, at, "aliases are not allowed here: write the value out");
    if (anchor)
        return err_set_at(reader->err, at, "anchors are not allowed here: write the value out");
    if (first->type == YAML_SCALAR_EVENT) {
        node->kind = YAML_SCALAR;
        return scalar_read(reader, first, node);
    }
    node->kind = first->type == YAML_MAPPING_START_EVENT ? YAML_MAPPING : YAML_SEQUENCE;
    return node->kind == YAML_MAPPING ? mapping_read(reader, node, depth)
                                      : sequence_read(reader, node, depth);
}

static int document_read(struct reader *reader, struct yaml_node **out)
{
    *out = NULL;
    for (;;) {
        CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
        if (next_event(reader, &event) < 0)
            return -1;
        switch ((int)event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_STREAM_END_EVENT:
            return 0;
        case YAML_DOCUMENT_START_EVENT:
            if (*out)
                return err_set_at(reader->err, place_of(reader, event.start_mark),
                                  "a second document is not allowed here");
            break;
        default:
            if (node_read(reader, &event, 0, out) < 0)
                return -1;
        }
    }
}

static struct yaml_node *node_from_json(struct arena *arena, const char *name, const json_t *json)
{
    struct yaml_node *node = arena_alloc(arena, sizeof *node);
    node->at.file = name;
    node->kind = json_is_object(json)  ? YAML_MAPPING
                 : json_is_array(json) ? YAML_SEQUENCE
                                       : YAML_SCALAR;
    node->count = json_is_object(json) ? json_object_size(json) : json_array_size(json);
    node->items = arena_array(arena, node->count, sizeof *node->items);
    node->pairs = arena_array(arena, node->count, sizeof *node->pairs);
    size_t i = 0;
    const char *key;
    json_t *value;
    if (json_is_object(json)) {
        json_object_foreach((json_t *)json, key, value)
            node->pairs[i++] = (struct yaml_pair){ .key = arena_strdup(arena, key),
                                                   .key_at.file = name,
                                                   .value = node_from_json(arena, name, value) };
    } else if (json_is_array(json)) {
        json_array_foreach(json, i, value) node->items[i] = node_from_json(arena, name, value);
    } else if (json_is_string(json)) {
        node->text = arena_strdup(arena, json_string_value(json));
        node->quoted = true;
    } else {
        char *text = json_dumps(json, JSON_ENCODE_ANY);
        node->text = arena_strdup(arena, text ? text : "null");
        free(text);
    }
    return node;
}

/* JSON texts that libyaml refuses. jansson bounds the depth itself (JSON_PARSER_MAX_DEPTH). */
static int json_read(struct arena *arena, const char *name, const char *bytes, size_t length,
                     struct yaml_node **out, struct err *err)
{
    json_error_t problem;
    json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &problem);
    if (!json) {
        struct place at = { name, (unsigned)problem.line, (unsigned)problem.column };
        return err_set_at(err, at, "%s", problem.text);
    }
    *out = node_from_json(arena, name, json);
    json_decref(json);
    return 0;
}

int yaml_parse(struct arena *arena, const char *name, const char *bytes, size_t length,
               struct yaml_node **out_root, struct err *err)
{
    struct yaml_node *root = NULL;
    struct reader reader = { .arena = arena, .name = name, .err = err };
    if (length > YAML_SIZE_MAX_BYTES)
        return err_set_at(err, (struct place){ .file = name, .line = 1, .column = 1 },
                          "larger than %u MiB", (unsigned)(YAML_SIZE_MAX_BYTES / MIB_BYTES));
    if (length >= strlen(BYTE_ORDER_MARK)
        && memcmp(bytes, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
        bytes += strlen(BYTE_ORDER_MARK); /* editors of Windows write it */
        length -= strlen(BYTE_ORDER_MARK);
    }
    reader.bytes = bytes;
    reader.length = length;
    if (!yaml_parser_initialize(&reader.parser))
        return err_set(err, ERR_SYSTEM, "libyaml cannot start");
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)bytes, length);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    int result = document_read(&reader, &root);
    yaml_parser_delete(&reader.parser);
    if (result < 0) {
        size_t blank = 0;
        while (blank < length && strchr(" \t\r\n", bytes[blank]))
            blank++;
        struct err ignored;
        if (blank < length && bytes[blank] == '{'
            && json_read(arena, name, bytes, length, &root, &ignored) == 0)
            result = 0;
    }
    if (result < 0)
        return -1;
    if (!root) {
        root = arena_alloc(arena, sizeof *root);
        root->kind = YAML_MAPPING;
        root->at = (struct place){ .file = name, .line = 1, .column = 1 };
    }
    *out_root = root;
    return 0;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
    if (!node || node->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        if (text_equal(node->pairs[i].key, key))
            return node->pairs[i].value;
    }
    return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR && !node->quoted
           && (!*node->text || text_equal(node->text, "~") || text_equal(node->text, "null"));
}

bool yaml_to_u64(const struct yaml_node *node, uint64_t *out_value)
{
    return node->kind == YAML_SCALAR && text_to_u64(node->text, out_value);
}

bool yaml_to_bool(const struct yaml_node *node, bool *out_value)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
    if (node->kind != YAML_SCALAR || node->quoted)
        return false;
    for (size_t i = 0; i < ROWS(words); i++) {
        if (text_equal(node->text, words[i])) {
            *out_value = i % 2 == 1;
            return true;
        }
    }
    return false;
}

const char *yaml_kind_text(const struct yaml_node *node)
{
    uint64_t number;
    bool truth;
    if (node->kind == YAML_MAPPING)
        return "a mapping";
    if (node->kind == YAML_SEQUENCE)
        return "a list";
    if (yaml_is_null(node))
        return "nothing";
    if (yaml_to_bool(node, &truth))
        return "a truth value";
    return !node->quoted && text_to_u64(node->text, &number) ? "a number" : "a string";
}
