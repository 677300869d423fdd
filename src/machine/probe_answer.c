/* The child's answer: how it is read, and which of its contexts is the engine's. */
#include "machine/probe_private.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"

#define NAME_BYTES_MAX 32
#define STRING_COUNT 4

static const char *const subject_words[SUBJECT_COUNT] = {
    [SUBJECT_GL_DESKTOP] = "desktop",
    [SUBJECT_GL_ES] = "es",
    [SUBJECT_VULKAN] = "vulkan",
};

/* How the child says it went. */
static const enum gl_probe told[] = { GL_PROBE_OK, GL_PROBE_NO_LIBRARY, GL_PROBE_NO_CONTEXT };

struct answer {
    struct arena *arena;
    const char *at, *end;
    struct probe_result result;
};

const char *probe_subject_text(enum probe_subject subject)
{
    return subject_words[subject];
}

const char **gl_strings_at(struct gl_strings *strings, size_t index, const char **out_name)
{
    static const char *const names[STRING_COUNT] = { "vendor", "renderer", "version",
                                                     "extensions" };
    const char **const members[STRING_COUNT] = { &strings->vendor, &strings->renderer,
                                                 &strings->version, &strings->extensions };
    if (index >= STRING_COUNT)
        return NULL;
    *out_name = names[index];
    return members[index];
}

static bool skip(struct answer *answer, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(answer->end - answer->at) < length || memcmp(answer->at, text, length) != 0)
        return false;
    answer->at += length;
    return true;
}

/* "NAME LENGTH\n", the bytes, "\n". */
static bool record_read(struct answer *answer, char *name, const char **out_value)
{
    size_t length = 0, digits = 0;
    size_t name_length = 0;
    for (; answer->at < answer->end && *answer->at != ' '; answer->at++) {
        if (name_length + 1 >= NAME_BYTES_MAX)
            return false;
        name[name_length++] = *answer->at;
    }
    name[name_length] = '\0';
    if (!skip(answer, " "))
        return false;
    for (; answer->at < answer->end && *answer->at >= '0' && *answer->at <= '9'; answer->at++) {
        length = length * 10 + (size_t)(*answer->at - '0');
        if (++digits > 6)
            return false;
    }
    if (!digits || !skip(answer, "\n") || length > (size_t)(answer->end - answer->at)
        || memchr(answer->at, '\0', length))
        return false;
    *out_value = text_clean(answer->arena, answer->at, length);
    answer->at += length;
    return skip(answer, "\n");
}

/* The place of "es.renderer"; NULL when there is no such record. */
static const char **place_find(struct probe_result *result, const char *record)
{
    for (enum gl_api api = 0; api < GL_API_COUNT; api++) {
        size_t length = strlen(subject_words[api]);
        if (strncmp(record, subject_words[api], length) != 0 || record[length] != '.')
            continue;
        const char *name;
        const char **place;
        for (size_t i = 0; (place = gl_strings_at(&result->contexts[api], i, &name)); i++) {
            if (text_equal(name, record + length + 1))
                return place;
        }
    }
    return NULL;
}

static bool result_set(struct probe_result *result, const char *word)
{
    for (size_t i = 0; i < ROWS(told); i++) {
        if (result->probe == GL_PROBE_NONE && text_equal(gl_probe_text(told[i]), word)) {
            result->probe = told[i];
            return true;
        }
    }
    return false;
}

/* False when the record belongs to no answer, or is there already. */
static bool record_take(struct answer *answer, const char *name, const char *value)
{
    struct probe_result *result = &answer->result;
    if (text_equal(name, PROBE_ANSWER_RESULT))
        return result_set(result, value);
    if (text_equal(name, PROBE_ANSWER_DIRECT) && !result->direct_rendering) {
        result->direct_rendering = value;
        return true;
    }
    if (text_equal(name, PROBE_ANSWER_DEVICE)) {
        ARENA_PUSH(answer->arena, &result->devices, value);
        return result->devices.count <= PROBE_DEVICES_MAX;
    }
    const char **place = place_find(result, name);
    if (!place || *place)
        return false;
    *place = value;
    return true;
}

static bool records_read(struct answer *answer)
{
    char name[NAME_BYTES_MAX];
    const char *value;
    if (!skip(answer, PROBE_ANSWER_HEAD))
        return false;
    while (!skip(answer, PROBE_ANSWER_END)) {
        if (!record_read(answer, name, &value))
            return false;
        if (!record_take(answer, name, value))
            return false;
    }
    return answer->at == answer->end;
}

/* A context has a renderer and a version, and a good answer has a context; Vulkan has devices or
 * none. Neither has what is the other's. */
static bool is_sound(enum probe_subject subject, const struct probe_result *result)
{
    bool any = false;
    for (enum gl_api api = 0; api < GL_API_COUNT; api++) {
        const struct gl_strings *strings = &result->contexts[api];
        if (!strings->renderer != !strings->version)
            return false;
        any = any || strings->version;
    }
    if (result->probe == GL_PROBE_NONE)
        return false;
    return subject == SUBJECT_VULKAN
               ? !any && !result->direct_rendering
                     && (result->probe == GL_PROBE_OK || !result->devices.count)
               : !result->devices.count && any == (result->probe == GL_PROBE_OK);
}

void probe_answer_parse(struct arena *arena, enum probe_subject subject, const char *bytes,
                        size_t length, struct probe_result *out)
{
    struct answer answer = { .arena = arena, .at = bytes, .end = bytes + length };
    if (!records_read(&answer) || !is_sound(subject, &answer.result))
        answer.result = (struct probe_result){ .probe = GL_PROBE_GARBAGE };
    *out = answer.result;
}

/* Qt makes desktop GL by GLX on X11, and OpenGL ES by EGL where it is told to use EGL or draws for
 * Wayland; its offscreen platform uses GLX too. Measured: tests/e2e/README.md. */
enum gl_api gl_api_expected(const struct identity *identity)
{
    const char *integration = variables_get(&identity->environment, "QT_XCB_GL_INTEGRATION");
    const char *platform = variables_get(&identity->environment, "QT_QPA_PLATFORM");
    const char *type = identity->session.type;
    if (platform && text_starts(platform, "offscreen"))
        return GL_API_DESKTOP;
    if (!text_equal(type, "x11") && !text_equal(type, "xwayland"))
        return GL_API_ES;
    return text_equal(integration, "xcb_egl") ? GL_API_ES : GL_API_DESKTOP;
}

static void vulkan_apply(const struct probe_result *result, struct identity *inout)
{
    inout->vulkan = (struct identity_vulkan){
        .devices = { .known = result->probe == GL_PROBE_OK || result->probe == GL_PROBE_CACHED,
                     .list = result->devices },
        .probe = result->probe,
    };
}

void probe_result_apply(enum probe_subject subject, const struct probe_result *result,
                        struct identity *inout)
{
    if (subject == SUBJECT_VULKAN) {
        vulkan_apply(result, inout);
        return;
    }
    enum gl_api api = (enum gl_api)subject;
    const struct gl_strings *strings = &result->contexts[api];
    if (!strings->version) /* a GPU that has the other one only: so has the engine */
        strings = &result->contexts[api == GL_API_ES ? GL_API_DESKTOP : GL_API_ES];
    inout->gl = (struct identity_gl){
        .vendor = strings->vendor,
        .renderer = strings->renderer,
        .version = strings->version,
        .extensions = strings->extensions,
        .direct_rendering = result->direct_rendering,
        .probe = result->probe,
    };
}
