/* Writes an identity as JSON. What is unknown is left out, so what is read back is the same. */
#include <stdio.h>

#include "base/json.h"
#include "machine/identity.h"
#include "machine/identity_private.h"

static void number_write(json_t *object, const struct field_row *row,
                         const struct maybe_u64 *number)
{
    char text[24];
    if (!number->known)
        return;
    (void)snprintf(text, sizeof text, "0x%0*llx", (int)row->digits,
                   (unsigned long long)number->value); /* 64 bits are 18 characters */
    json_set_text(object, row->key, text);
}

static void field_write(json_t *object, const struct field_row *row, const void *base)
{
    const void *at = (const char *)base + row->offset;
    switch (row->kind) {
    case FIELD_TEXT:
        json_set_text(object, row->key, *(const char *const *)at);
        return;
    case FIELD_NUMBER:
        number_write(object, row, at);
        return;
    case FIELD_TRUTH:
        if (*(const enum truth *)at != TRUTH_UNKNOWN)
            json_set(object, row->key, json_boolean(*(const enum truth *)at == TRUTH_YES));
        return;
    case FIELD_STRINGS:
        if (((const struct strings *)at)->count)
            json_set(object, row->key, json_strings(at));
        return;
    case FIELD_NAMES:
        if (((const struct maybe_strings *)at)->known)
            json_set(object, row->key, json_strings(&((const struct maybe_strings *)at)->list));
        return;
    case FIELD_PROBE:
        if (*(const enum gl_probe *)at != GL_PROBE_NONE)
            json_set_text(object, row->key, gl_probe_text(*(const enum gl_probe *)at));
        return;
    }
}

static json_t *section_to_json(const struct field_section *section, const void *base)
{
    json_t *object = json_object();
    for (size_t i = 0; i < section->count; i++)
        field_write(object, &section->rows[i], base);
    return object;
}

static void set_unless_empty(json_t *root, const char *key, json_t *object)
{
    if (json_object_size(object))
        json_set(root, key, object);
    else
        json_decref(object);
}

static void gpus_write(json_t *root, const struct identity *identity)
{
    json_t *list = json_array();
    for (size_t i = 0; i < identity->gpu_count; i++)
        (void)json_array_append_new(
            list, section_to_json(&identity_gpu_section, &identity->gpus[i])); /* fails only
                                                                                   without memory */
    json_set(root, identity_gpu_section.key, list);
}

static json_t *variables_to_object(const struct variables *variables)
{
    json_t *object = json_object();
    for (size_t i = 0; i < variables->count; i++)
        json_set_text(object, variables->items[i].name, variables->items[i].value);
    return object;
}

json_t *identity_to_json(const struct identity *identity)
{
    json_t *root = json_object();
    json_set_u64(root, "version", IDENTITY_VERSION);
    for (size_t i = 0; i < IDENTITY_SECTION_COUNT; i++) {
        const struct field_section *section = &identity_sections[i];
        if (text_equal(section->key, "gl") && identity->gpus_known)
            gpus_write(root, identity);
        set_unless_empty(root, section->key, section_to_json(section, identity));
    }
    set_unless_empty(root, "environment", variables_to_object(&identity->environment));
    set_unless_empty(root, "files", variables_to_object(&identity->files));
    return root;
}
