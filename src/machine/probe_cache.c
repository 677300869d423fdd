/* What GL and Vulkan said earlier on this machine. One small file with the newest results; the key
 * is made of everything that can change the answer, so a driver update or another variable asks
 * again. */
#include "machine/probe_private.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "platform/file.h"

#define CACHE_NAME "gl-probe.json"
#define CACHE_SCHEMA "qwguard.gl-probe/1"
#define CACHE_BYTES_MAX (4 * MIB_BYTES)
#define ENTRIES_MAX 8
/* A driver that crashes or hangs is not asked again at each start, but may have been unlucky. */
#define FAILURE_LASTS_S (10 * 60)

static const enum gl_probe kept[] = { GL_PROBE_OK, GL_PROBE_CRASHED, GL_PROBE_TIMEOUT };

/* The order of variables in the environment says nothing, so each word is hashed by itself. */
static uint64_t words_hash(const struct strings *words)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < words->count; i++)
        sum += text_hash(TEXT_HASH_START, words->items[i], strlen(words->items[i]));
    return sum;
}

const char *probe_cache_stamp(struct arena *arena, const struct probe_options *options,
                              const struct identity *identity)
{
    struct strings traces = { 0 };
    probe_driver_traces(arena, options, &traces);
    return arena_printf(arena, "%s-%016llx", identity_fingerprint(arena, identity, false),
                        (unsigned long long)words_hash(&traces));
}

static json_t *cache_open(struct arena *arena, const char *folder)
{
    const char *bytes;
    size_t length;
    struct err ignored; /* no cache, or a damaged one: it is written anew */
    struct file_info info;
    const char *path = path_join(arena, folder, CACHE_NAME);
    if (!file_stat(path, false, &info) || !info.is_regular
        || file_read(arena, path, CACHE_BYTES_MAX, &bytes, &length, &ignored) < 0)
        return NULL;
    CLEANUP(json_freep) json_t *root = json_parse(path, bytes, length, &ignored);
    if (!text_equal(json_get_text(arena, root, "schema"), CACHE_SCHEMA))
        return NULL;
    return json_incref(json_object_get(root, "entries"));
}

static bool entry_read(struct arena *arena, const json_t *entry, uint64_t now_s,
                       struct probe_result *out)
{
    const char *word = json_get_text(arena, entry, "result");
    uint64_t made_s = json_get_u64(entry, "time", UINT64_MAX);
    struct probe_result result = { .probe = GL_PROBE_NONE };
    for (size_t i = 0; i < ROWS(kept); i++) {
        if (text_equal(gl_probe_text(kept[i]), word))
            result.probe = kept[i];
    }
    if (result.probe == GL_PROBE_NONE
        || (result.probe != GL_PROBE_OK && (made_s > now_s || now_s - made_s > FAILURE_LASTS_S)))
        return false;
    bool any = false;
    const json_t *devices = json_object_get(entry, probe_subject_text(SUBJECT_VULKAN));
    for (size_t i = 0; i < json_array_size(devices) && i < PROBE_DEVICES_MAX; i++) {
        const json_t *name = json_array_get(devices, i);
        if (json_is_string(name))
            ARENA_PUSH(arena, &result.devices, arena_strdup(arena, json_string_value(name)));
    }
    result.direct_rendering = json_get_text(arena, entry, PROBE_ANSWER_DIRECT);
    for (enum gl_api api = 0; api < GL_API_COUNT; api++) {
        const json_t *strings = json_object_get(entry, probe_subject_text((enum probe_subject)api));
        const char *name;
        const char **place;
        for (size_t i = 0; (place = gl_strings_at(&result.contexts[api], i, &name)); i++)
            *place = json_get_text(arena, strings, name);
        any = any || result.contexts[api].version;
    }
    if ((any || devices) != (result.probe == GL_PROBE_OK))
        return false;
    if (result.probe == GL_PROBE_OK)
        result.probe = GL_PROBE_CACHED;
    *out = result;
    return true;
}

bool probe_cache_load(struct arena *arena, const char *folder, const char *key, uint64_t now_s,
                      struct probe_result *out)
{
    CLEANUP(json_freep) json_t *entries = cache_open(arena, folder);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        if (text_equal(json_get_text(arena, entry, "key"), key))
            return entry_read(arena, entry, now_s, out);
    }
    return false;
}

static json_t *entry_make(const char *key, uint64_t now_s, const struct probe_result *result)
{
    json_t *entry = json_object();
    json_set_text(entry, "key", key);
    json_set_u64(entry, "time", now_s);
    json_set_text(entry, "result", gl_probe_text(result->probe));
    bool any = false;
    for (enum gl_api api = 0; api < GL_API_COUNT; api++) {
        struct gl_strings strings = result->contexts[api];
        json_t *object = json_object();
        const char *name;
        const char **place;
        any = any || strings.version;
        for (size_t i = 0; (place = gl_strings_at(&strings, i, &name)); i++)
            json_set_text(object, name, *place);
        json_set(entry, probe_subject_text((enum probe_subject)api), object);
    }
    json_set_text(entry, PROBE_ANSWER_DIRECT, result->direct_rendering);
    if (result->probe == GL_PROBE_OK && !any)
        json_set(entry, probe_subject_text(SUBJECT_VULKAN), json_strings(&result->devices));
    return entry;
}

static bool is_kept(enum gl_probe probe)
{
    for (size_t i = 0; i < ROWS(kept); i++) {
        if (kept[i] == probe)
            return true;
    }
    return false;
}

/* The new entry first, then the others up to the bound. */
void probe_cache_store(struct arena *arena, const char *folder, const char *key, uint64_t now_s,
                       const struct probe_result *result)
{
    CLEANUP(json_freep) json_t *root = json_object();
    CLEANUP(json_freep) json_t *old = cache_open(arena, folder);
    CLEANUP(json_freep) json_t *entries = json_array();
    struct err ignored; /* the next start asks again */
    bool changes = is_kept(result->probe);
    if (changes)
        (void)json_array_append_new(entries, entry_make(key, now_s, result));
    for (size_t i = 0; i < json_array_size(old) && json_array_size(entries) < ENTRIES_MAX; i++) {
        json_t *entry = json_array_get(old, i);
        if (text_equal(json_get_text(arena, entry, "key"), key))
            changes = true;
        else
            (void)json_array_append(entries, entry); /* fails only without memory */
    }
    if (!changes)
        return;
    json_set_text(root, "schema", CACHE_SCHEMA);
    json_set(root, "entries", json_incref(entries));
    const char *text = json_format(arena, root);
    (void)file_write(path_join(arena, folder, CACHE_NAME), text, strlen(text), 0600, false,
                     &ignored);
}
