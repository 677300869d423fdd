/* Helpers on top of jansson: strings of unknown bytes, keys that stay absent when nothing is known,
 * and one way of printing. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

void json_freep(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

json_t *json_text(const char *text)
{
    if (!text)
        return json_null();
    size_t length = strlen(text);
    if (text_is_utf8(text, length))
        return json_string_nocheck(text);
    struct arena scratch = { 0 };
    json_t *value = json_string_nocheck(text_clean(&scratch, text, length));
    arena_clear(&scratch);
    return value;
}

json_t *json_strings(const struct strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++)
        (void)json_array_append_new(array,
                                    json_text(strings->items[i])); /* fails only on no memory */
    return array;
}

void json_set(json_t *object, const char *key, json_t *value)
{
    if (value)
        (void)json_object_set_new_nocheck(object, key, value); /* fails only on no memory */
}

void json_set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_set(object, key, json_text(text));
}

void json_set_u64(json_t *object, const char *key, uint64_t value)
{
    json_set(object, key, json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value));
}

const char *json_format(struct arena *arena, const json_t *value)
{
    char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    const char *copy = arena_printf(arena, "%s\n", text ? text : "null");
    free(text);
    return copy;
}

json_t *json_parse(const char *name, const char *bytes, size_t length, struct err *err)
{
    json_error_t problem;
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &problem);
    if (!value)
        err_set_at(err, (struct place){ name, (unsigned)problem.line, (unsigned)problem.column },
                   "%s", problem.text);
    return value;
}

const char *json_get_text(struct arena *arena, const json_t *object, const char *key)
{
    return arena_strdup(arena, json_string_value(json_object_get(object, key)));
}

uint64_t json_get_u64(const json_t *object, const char *key, uint64_t fallback)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return fallback;
    return (uint64_t)json_integer_value(value);
}
