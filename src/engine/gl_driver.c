/* Takes the driver's vendor and version out of the GL strings in the way Chromium does, mistakes
 * included: the lists are compared with what comes out here, not with what the driver really is. */
#include "engine/control_list_private.h"

#include <string.h>

#define WORDS_MAX 32 /* of GL_VERSION; what stands behind names no driver any more */
#define ES_PREFIX "OpenGL ES "
#define ANGLE_PREFIX "ANGLE ("
#define MALI_PREFIX "v1.r"

struct words {
    const char *items[WORDS_MAX];
    size_t count;
};

/* Not empty pieces between any of the separators. */
static void split(struct arena *arena, const char *text, const char *separators, struct words *out)
{
    out->count = 0;
    while (out->count < WORDS_MAX) {
        text += strspn(text, separators);
        size_t length = strcspn(text, separators);
        if (!length)
            return;
        out->items[out->count++] = arena_strndup(arena, text, length);
        text += length;
    }
}

/* Mali: "v1.r12p0" and behind it "04rel0" make 12.0.04rel0. */
static void mali_parse(struct arena *arena, const struct words *words, const char **out_vendor,
                       const char **out_version)
{
    struct words numbers, release;
    split(arena, words->items[1] + strlen(MALI_PREFIX), "p", &numbers);
    split(arena, words->items[2], ".", &release);
    if (numbers.count != 2 || release.count != 2)
        return;
    *out_vendor = "ARM";
    *out_version = arena_printf(arena, "%s.%s.%s", numbers.items[0], numbers.items[1],
                                release.items[0]);
}

/* Values that are not found stay as they are. */
static void version_parse(struct arena *arena, const struct engine_traits *traits,
                          const char *version, const char **out_vendor, const char **out_version)
{
    struct words words;
    if (text_starts(version, ES_PREFIX))
        version += strlen(ES_PREFIX);
    split(arena, version, " -()@", &words);
    for (size_t i = 1; i < words.count; i++) {
        for (const struct driver_word *row = traits->driver_words; row->word; row++) {
            if (!text_equal(words.items[i], row->word))
                continue;
            *out_vendor = row->vendor;
            if (i + 1 < words.count)
                *out_version = words.items[i + 1];
            return;
        }
    }
    if (words.count == 2) {
        *out_version = words.items[1] + (words.items[1][0] == 'V');
        return;
    }
    if (words.count > 2 && text_starts(words.items[1], MALI_PREFIX)) {
        mali_parse(arena, &words, out_vendor, out_version);
        return;
    }
    for (size_t i = 1; i < words.count; i++) {
        if (strchr(words.items[i], '.')) {
            *out_version = words.items[i];
            return;
        }
    }
}

/* Parts between commas, trimmed; one that holds only spaces is dropped, as an empty one is. */
static void parts_split(struct arena *arena, const char *text, struct words *out)
{
    struct words raw;
    split(arena, text, ",", &raw);
    out->count = 0;
    for (size_t i = 0; i < raw.count; i++) {
        const char *part = text_trim(arena, raw.items[i]);
        if (*part)
            out->items[out->count++] = part;
    }
}

/* ANGLE's own GL_VERSION says nothing of the driver; its renderer does. */
static void angle_parse(struct arena *arena, const struct engine_traits *traits,
                        const char *renderer, const char **out_vendor, const char **out_version)
{
    const char *inner = renderer + strlen(ANGLE_PREFIX);
    size_t length = strlen(inner);
    inner = arena_strndup(arena, inner, length ? length - 1 : 0);
    struct words parts;
    parts_split(arena, inner, &parts);
    if (traits->reads_angle_native && parts.count >= 3) {
        *out_vendor = parts.items[0];
        const char *native = parts.items[2];
        native += strspn(native, ")");
        size_t native_length = strlen(native);
        while (native_length && native[native_length - 1] == ')')
            native_length--;
        version_parse(arena, traits, arena_strndup(arena, native, native_length), out_vendor,
                      out_version);
        return;
    }
    if (text_starts(inner, "NVIDIA ")) {
        *out_vendor = "ANGLE (NVIDIA)";
    } else if (text_starts(inner, "Radeon ")) {
        *out_vendor = "ANGLE (AMD)";
    } else if (text_starts(inner, "Intel")) {
        for (size_t i = 0; i < parts.count; i++) {
            if (text_starts(parts.items[i], "Intel(R) "))
                *out_vendor = "ANGLE (Intel)";
        }
    }
}

void gl_driver_parse(struct arena *arena, const struct engine_traits *traits, const char *version,
                     const char *renderer, const char **out_vendor, const char **out_version)
{
    *out_vendor = "";
    *out_version = "";
    version_parse(arena, traits, version, out_vendor, out_version);
    if (text_equal(*out_vendor, "ANGLE") && text_starts(renderer, ANGLE_PREFIX))
        angle_parse(arena, traits, renderer, out_vendor, out_version);
}

/* Where the last ", " before end begins; NULL when there is none. */
static const char *last_comma(const char *begin, const char *end)
{
    for (const char *at = end; at - begin >= 2; at--) {
        if (at[-2] == ',' && at[-1] == ' ')
            return at - 2;
    }
    return NULL;
}

bool angle_unwrap(struct arena *arena, const char *renderer, const char **out_vendor,
                  const char **out_renderer, const char **out_version)
{
    size_t length = strlen(renderer);
    if (!text_starts(renderer, ANGLE_PREFIX) || renderer[length - 1] != ')'
        || strchr(renderer, '\n'))
        return false;
    const char *begin = renderer + strlen(ANGLE_PREFIX), *end = renderer + length - 1;
    const char *second = last_comma(begin, end);
    const char *first = second ? last_comma(begin, second) : NULL;
    if (!first)
        return false;
    *out_vendor = arena_strndup(arena, begin, (size_t)(first - begin));
    *out_renderer = arena_strndup(arena, first + 2, (size_t)(second - first - 2));
    *out_version = arena_strndup(arena, second + 2, (size_t)(end - second - 2));
    return true;
}
