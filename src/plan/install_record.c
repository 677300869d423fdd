/* The records of written files: one JSON file each, named by the checksum of the path. */
#include <string.h>

#include "base/json.h"
#include "plan/install_private.h"
#include "platform/file.h"
#include "platform/state.h"

#define APPLIED_SCHEMA "qwguard.applied/1"
#define RECORD_MAX_BYTES ((size_t)8 * 1024 * 1024) /* some values of the longest, escaped */
#define RECORD_END ".json"

static const char *record_path(struct arena *arena, const struct install_place *place,
                               const char *path)
{
    unsigned long long hash = text_hash(TEXT_HASH_START, path, strlen(path));
    return arena_printf(arena, "%s/" INSTALL_FOLDER "/%016llx" RECORD_END, place->state_dir, hash);
}

static bool checksum_read(struct arena *arena, const json_t *json, const char *key, uint64_t *out)
{
    const char *text = json_get_text(arena, json, key);
    return text && text_to_u64(arena_printf(arena, "0x%s", text), out);
}

static void strings_read(struct arena *arena, const json_t *json, struct strings *out)
{
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *text = json_string_value(json_array_get(json, i));
        if (text) {
            const char *copy = arena_strdup(arena, text);
            ARENA_PUSH(arena, out, copy);
        }
    }
}

/* A value as JSON holds it: text, and where that would change it, {"hex": "ff…"}. */
static json_t *value_json(const char *value)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(value);
    struct arena arena = { 0 };
    struct text hex = { .arena = &arena };
    if (text_is_utf8(value, length))
        return json_text(value);
    for (; *value; value++) {
        text_add(&hex, &digits[(unsigned char)*value >> 4], 1);
        text_add(&hex, &digits[(unsigned char)*value & 15], 1);
    }
    json_t *json = json_object();
    json_set_text(json, "hex", text_get(&hex));
    arena_clear(&arena);
    return json;
}

/* NULL when it is neither. */
static const char *value_read(struct arena *arena, const json_t *json)
{
    const char *hex = json_get_text(arena, json, "hex");
    struct text value = { .arena = arena };
    if (json_is_string(json))
        return arena_strdup(arena, json_string_value(json));
    for (; hex && hex[0] && hex[1]; hex += 2) {
        uint64_t byte;
        if (!text_to_u64(arena_printf(arena, "0x%.2s", hex), &byte))
            return NULL;
        text_add(&value, &(char){ (char)byte }, 1);
    }
    return hex ? text_get(&value) : NULL;
}

static void variables_read(struct arena *arena, json_t *json, struct variables *out)
{
    const char *name;
    json_t *json_value;
    json_object_foreach(json, name, json_value)
    {
        const char *value = value_read(arena, json_value);
        if (value)
            variables_set(arena, out, arena_strdup(arena, name), value);
    }
}

/* A name may come several times: an array of objects with one member each. */
static void earlier_read(struct arena *arena, json_t *json, struct variables *out)
{
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct variables one = { 0 };
        variables_read(arena, json_array_get(json, i), &one);
        if (one.count)
            ARENA_PUSH(arena, out, one.items[0]);
    }
}

static json_t *earlier_json(const struct variables *earlier)
{
    json_t *json = json_array();
    for (size_t i = 0; i < earlier->count; i++) {
        json_t *one = json_object();
        json_set(one, earlier->items[i].name, value_json(earlier->items[i].value));
        (void)json_array_append_new(json, one); /* a want of memory leaves it out */
    }
    return json;
}

static json_t *variables_json(const struct variables *variables)
{
    json_t *json = json_object();
    for (size_t i = 0; i < variables->count; i++)
        json_set(json, variables->items[i].name, value_json(variables->items[i].value));
    return json;
}

static int record_read(struct arena *arena, const char *path, struct install_item *out,
                       struct err *err)
{
    const char *bytes;
    size_t length;
    if (state_read(arena, path, RECORD_MAX_BYTES, &bytes, &length, err) < 0)
        return -1;
    CLEANUP(json_freep) json_t *json = json_parse(path, bytes, length, err);
    if (!json)
        return -1;
    struct install_item item = {
        .path = json_get_text(arena, json, "path"),
        .format = json_get_text(arena, json, "format"),
        .app = json_get_text(arena, json, "app"),
        .fingerprint = json_get_text(arena, json, "fingerprint"),
        .mode = (unsigned)json_get_u64(json, "mode", 0644),
    };
    if (!text_equal(json_get_text(arena, json, "schema"), APPLIED_SCHEMA) || !item.path
        || *item.path != '/' || !item.format
        || !checksum_read(arena, json, "checksum", &item.checksum)
        || !checksum_read(arena, json, "old_checksum", &item.old_checksum))
        return err_set_at(err, (struct place){ .file = path }, "no record of a written file");
    strings_read(arena, json_object_get(json, "folders"), &item.folders);
    variables_read(arena, json_object_get(json, "set"), &item.set);
    variables_read(arena, json_object_get(json, "before"), &item.before);
    earlier_read(arena, json_object_get(json, "earlier"), &item.earlier);
    *out = item;
    return 0;
}

int install_record_write(struct arena *arena, const struct install_place *place,
                         const struct install_item *item, struct err *err)
{
    CLEANUP(json_freep) json_t *json = json_object();
    unsigned long long checksum = item->checksum, old = item->old_checksum;
    json_set_text(json, "schema", APPLIED_SCHEMA);
    json_set_text(json, "path", item->path);
    json_set_text(json, "format", item->format);
    json_set_text(json, "app", item->app);
    json_set_text(json, "fingerprint", item->fingerprint);
    json_set_u64(json, "mode", item->mode);
    json_set_text(json, "checksum", arena_printf(arena, "%016llx", checksum));
    json_set_text(json, "old_checksum", arena_printf(arena, "%016llx", old));
    json_set(json, "folders", json_strings(&item->folders));
    json_set(json, "set", variables_json(&item->set));
    json_set(json, "before", variables_json(&item->before));
    json_set(json, "earlier", earlier_json(&item->earlier));
    const char *text = json_format(arena, json);
    return file_write(record_path(arena, place, item->path), text, strlen(text), 0600, true, err);
}

int install_record_remove(struct arena *arena, const struct install_place *place, const char *path,
                          struct err *err)
{
    return file_remove(record_path(arena, place, path), err);
}

int install_lock(struct arena *arena, const struct install_place *place, struct shared_lock *out,
                 struct err *err)
{
    const char *folder = path_join(arena, place->state_dir, INSTALL_FOLDER);
    if (folder_make_private(folder, err) < 0)
        return -1;
    return shared_lock(path_join(arena, folder, "lock"), out, err);
}

static void items_sort(struct install_items *items)
{
    for (size_t i = 1; i < items->count; i++) { /* few: by insertion */
        for (size_t j = i; j; j--) {
            struct install_item *pair = &items->items[j - 1], swap = pair[0];
            if (strcmp(pair[0].path, pair[1].path) <= 0)
                break;
            pair[0] = pair[1];
            pair[1] = swap;
        }
    }
}

int install_list(struct arena *arena, const struct install_place *place, struct install_items *out,
                 struct report *report, struct err *err)
{
    struct install_items items = { 0 };
    struct strings names = { 0 };
    struct err problem;
    const char *folder = path_join(arena, place->state_dir, INSTALL_FOLDER);
    if ((state_folder_check(folder, err) < 0 || folder_list(arena, folder, &names, err) < 0)
        && err->kind != ERR_NO_INPUT)
        return -1;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = path_join(arena, folder, names.items[i]);
        struct install_item item;
        if (!text_ends(names.items[i], RECORD_END))
            continue;
        if (record_read(arena, path, &item, &problem) < 0)
            report_add(report, FINDING_WARNING, (struct place){ .file = path }, "%s", problem.text);
        else
            ARENA_PUSH(arena, &items, item);
    }
    items_sort(&items);
    *out = items;
    return 0;
}

const struct install_item *install_find(const struct install_items *items, const char *path)
{
    for (size_t i = 0; i < items->count; i++) {
        if (text_equal(items->items[i].path, path))
            return &items->items[i];
    }
    return NULL;
}
