/* Reads the versions of one engine out of its library file. Qt 6 exports functions that return
 * them, and what they return is the truth even where a package kept an old file name; older engines
 * and other machines hold them as text: in the user agent, or as lone constants. Since this means
 * to look through megabytes, the result is kept under path, size, time and inode of the file. */
#include "engine/engine.h"

#include <string.h>

#include "base/json.h"
#include "base/macros.h"
#include "engine/engine_elf_private.h"
#include "engine/engine_private.h"
#include "platform/file.h"

#define CACHE_SCHEMA "qwguard.engine-cache/1"
#define CACHE_BYTES_MAX (64 * 1024)
#define CACHE_MODE 0600
#define VERSION_LENGTH_MAX 24
/* A lone Qt version is believed when a Chromium version begins this near behind it: 24 bytes are
 * the most seen (6.8 and later: "6.8.2", "QtWebEngineProcess", "122.0.6261.171"; arm64 pads). */
#define NEIGHBOUR_BYTES 64

#define AGENT_QT "QtWebEngine/"
#define AGENT_CHROMIUM " Chrome/"

struct version {
    char text[VERSION_LENGTH_MAX + 1]; /* "" = not found */
};

/* What the constants of a library say. */
struct constants {
    char major; /* '5' or '6', from the name of the library */
    struct version qt;
    struct version chromium; /* whole, or the piece of a user agent that the compiler cut */
    bool chromium_is_whole;
    struct version lone_qt;
    struct version lone_chromium; /* the oldest: the other one is the level of security patches */
};

const char *engine_path_below(struct arena *arena, const struct engine_search *search,
                              const char *path)
{
    return search->root && *search->root ? arena_printf(arena, "%s%s", search->root, path) : path;
}

char engine_library_major(const char *soname)
{
    static const char start[] = "libQt", rest[] = "WebEngineCore";
    const char *major = soname + sizeof start - 1;
    if (!text_starts(soname, start) || (*major != '5' && *major != '6')
        || !text_starts(major + 1, rest) || !strstr(major, ".so"))
        return '\0';
    return *major;
}

static size_t version_length(const unsigned char *bytes, size_t length)
{
    size_t n = 0;
    while (n < length && ((bytes[n] >= '0' && bytes[n] <= '9') || bytes[n] == '.'))
        n++;
    return n;
}

static void version_set(struct version *out, const unsigned char *bytes, size_t length)
{
    if (length > VERSION_LENGTH_MAX)
        length = 0;
    memcpy(out->text, bytes, length);
    out->text[length] = '\0';
}

static size_t segments(const char *version)
{
    size_t count = 1;
    for (; *version; version++)
        count += *version == '.';
    return count;
}

/* "102.0.5005.177": four numbers, the second 0, a build number of at least four digits. */
static bool is_chromium(const char *version)
{
    size_t major = strcspn(version, ".");
    if (segments(version) != 4 || major < 2 || major > 3 || !text_starts(version + major, ".0."))
        return false;
    const char *build = version + major + 3;
    size_t digits = strcspn(build, ".");
    return digits >= 4 && digits <= 5 && build[digits + 1] >= '0' && build[digits + 1] <= '9';
}

static bool is_qt(const char *version, char major)
{
    return segments(version) == 3 && version[0] == major && version[1] == '.' && version[2] >= '0'
           && version[2] <= '9' && version[strlen(version) - 1] != '.';
}

/* "QtWebEngine/5.15.13 Chrome/87.0.4280.144": put together at compile time up to 6.7. Compilers may
 * cut it into pieces, so each half counts only as far as it is certain. */
static void read_user_agent(const struct elf_span *span, struct constants *out)
{
    const unsigned char *at = span->bytes, *end = span->bytes + span->length;
    const size_t name = sizeof AGENT_QT - 1, next = sizeof AGENT_CHROMIUM - 1;
    while (at < end && (at = memchr(at, AGENT_QT[0], (size_t)(end - at))) != NULL) {
        size_t left = (size_t)(end - at);
        if (left <= name || memcmp(at, AGENT_QT, name) != 0) {
            at++;
            continue;
        }
        at += name;
        left -= name;
        size_t length = version_length(at, left);
        struct version qt;
        version_set(&qt, at, length);
        if (!is_qt(qt.text, out->major) || left - length < next
            || memcmp(at + length, AGENT_CHROMIUM, next) != 0)
            continue;
        out->qt = qt;
        at += length + next;
        left -= length + next;
        length = version_length(at, left);
        version_set(&out->chromium, at, length);
        out->chromium_is_whole = length < left && at[length] == '\0'
                                 && is_chromium(out->chromium.text);
        return;
    }
}

/* Versions that are a constant of their own, between two NULs. */
static void read_lone_versions(const struct elf_span *span, struct constants *out)
{
    struct version qt = { "" };
    size_t qt_end = 0;
    for (size_t i = 1; i < span->length; i++) {
        if (span->bytes[i - 1] != '\0' || span->bytes[i] < '1' || span->bytes[i] > '9')
            continue;
        size_t length = version_length(span->bytes + i, span->length - i);
        if (i + length >= span->length || span->bytes[i + length] != '\0')
            continue;
        struct version found;
        version_set(&found, span->bytes + i, length);
        if (is_qt(found.text, out->major)) {
            qt = found;
            qt_end = i + length;
        } else if (is_chromium(found.text)) {
            if (qt.text[0] && i - qt_end <= NEIGHBOUR_BYTES && !out->lone_qt.text[0])
                out->lone_qt = qt;
            if (text_starts(found.text, out->chromium.text)
                && (!out->lone_chromium.text[0]
                    || version_compare(found.text, out->lone_chromium.text) < 0))
                out->lone_chromium = found;
        }
        i += length;
    }
}

static void read_constants(const struct elf *elf, struct constants *out)
{
    struct elf_span span;
    uint64_t index = 0;
    bool sections = elf_section(elf, ".rodata", &span);
    if (!sections && !elf_constants(elf, &index, &span))
        return;
    do {
        if (!out->qt.text[0])
            read_user_agent(&span, out);
        if (!out->chromium_is_whole)
            read_lone_versions(&span, out);
    } while (!sections && !out->chromium_is_whole && elf_constants(elf, &index, &span));
}

/* "libQt6WebEngineCore.so.6.4.2" -> "6.4.2"; the last hint, as names may lie. */
static const char *version_of_name(struct arena *arena, const char *path, char major)
{
    const char *real = file_resolve(arena, path);
    const char *suffix = strstr(path_name(real ? real : path), ".so.");
    return suffix && is_qt(suffix + 4, major) ? arena_strdup(arena, suffix + 4) : NULL;
}

static const char *known(struct arena *arena, const struct version *version)
{
    return version->text[0] ? arena_strdup(arena, version->text) : NULL;
}

static void versions_from_constants(struct arena *arena, const struct elf *elf, char major,
                                    struct engine *out)
{
    struct constants constants = { .major = major };
    read_constants(elf, &constants);
    if (!out->qt)
        out->qt = known(arena, constants.qt.text[0] ? &constants.qt : &constants.lone_qt);
    if (!out->chromium)
        out->chromium = known(arena, constants.chromium_is_whole ? &constants.chromium
                                                                 : &constants.lone_chromium);
}

/* Returned by the library itself: exported from 6.2 on (src/core/api/qtwebenginecoreglobal.cpp). */
static const char *exported(struct arena *arena, const struct elf *elf, const char *function)
{
    const char *text = elf_returned_text(elf, function);
    if (!text || strlen(text) > VERSION_LENGTH_MAX
        || version_length((const unsigned char *)text, strlen(text)) != strlen(text)
        || segments(text) < 3)
        return NULL;
    return arena_strdup(arena, text);
}

static int versions_read(struct arena *arena, const struct elf *elf, const char *path,
                         struct engine *out, struct err *err)
{
    struct elf_dynamic dynamic;
    if (!elf_dynamic_read(arena, elf, &dynamic))
        return err_set(err, ERR_DATA, "no sound dynamic section");
    char major = dynamic.soname ? engine_library_major(dynamic.soname) : '\0';
    if (!major)
        return err_set(err, ERR_DATA, "no Qt WebEngine library");
    out->qt = exported(arena, elf, "_Z17qWebEngineVersionv");
    out->chromium = exported(arena, elf, "_Z25qWebEngineChromiumVersionv");
    if (!out->qt || !out->chromium)
        versions_from_constants(arena, elf, major, out);
    if (!out->qt)
        out->qt = version_of_name(arena, path, major);
    if (!out->qt)
        return err_set(err, ERR_DATA, "no version of Qt in it");
    if (!out->chromium)
        out->chromium = engine_release_chromium(out->qt);
    out->build_id = elf_build_id(arena, elf);
    return 0;
}

static const char *cache_path(struct arena *arena, const struct engine_search *search,
                              const char *path)
{
    if (!search->cache_dir)
        return NULL;
    uint64_t hash = text_hash(TEXT_HASH_START, path, strlen(path));
    return arena_printf(arena, "%s/engine-%016llx.json", search->cache_dir,
                        (unsigned long long)hash);
}

/* Key of what is kept: a replaced file has another inode, a changed one another time or size. */
static const char *cache_key(struct arena *arena, const char *path, const struct file_info *file)
{
    return arena_printf(arena, "%s %llu %llu %llu:%llu", path, (unsigned long long)file->size_bytes,
                        (unsigned long long)file->modified_ns, (unsigned long long)file->device,
                        (unsigned long long)file->inode);
}

static bool cache_get(struct arena *arena, const char *name, const char *key, struct engine *out)
{
    const char *bytes;
    size_t length;
    struct err ignored;
    if (!name || file_read(arena, name, CACHE_BYTES_MAX, &bytes, &length, &ignored) < 0)
        return false;
    CLEANUP(json_freep) json_t *kept = json_parse(name, bytes, length, &ignored);
    if (!kept || !text_equal(json_get_text(arena, kept, "schema"), CACHE_SCHEMA)
        || !text_equal(json_get_text(arena, kept, "key"), key))
        return false;
    out->qt = json_get_text(arena, kept, "qt");
    out->chromium = json_get_text(arena, kept, "chromium");
    out->build_id = json_get_text(arena, kept, "build_id");
    return out->qt != NULL;
}

static void cache_put(struct arena *arena, const struct engine_search *search, const char *name,
                      const char *key, const struct engine *engine)
{
    struct err ignored; /* without a cache the next start is slower, nothing else */
    if (!name || folder_make_private(search->cache_dir, &ignored) < 0)
        return;
    CLEANUP(json_freep) json_t *kept = json_object();
    json_set_text(kept, "schema", CACHE_SCHEMA);
    json_set_text(kept, "key", key);
    json_set_text(kept, "qt", engine->qt);
    json_set_text(kept, "chromium", engine->chromium);
    json_set_text(kept, "build_id", engine->build_id);
    const char *text = json_format(arena, kept);
    (void)file_write(name, text, strlen(text), CACHE_MODE, false, &ignored);
}

int engine_read(struct arena *arena, const struct engine_search *search, const char *path,
                struct engine *out, struct err *err)
{
    const char *place = engine_path_below(arena, search, path);
    struct file_info file;
    CLEANUP(file_map_close) struct file_map map = { 0 };
    struct elf elf;
    struct engine engine = { .library = path };
    if (*path != '/' && file_resolve(arena, place))
        engine.library = file_resolve(arena, place);

    const char *cache = cache_path(arena, search, place);
    bool is_there = file_stat(place, true, &file);
    const char *key = is_there ? cache_key(arena, place, &file) : NULL;
    if (is_there && cache_get(arena, cache, key, &engine)) {
        *out = engine;
        return 0;
    }
    if (file_map_open(place, &map, err) < 0)
        return -1;
    if (elf_open(map.bytes, map.length, &elf, err) < 0
        || versions_read(arena, &elf, place, &engine, err) < 0)
        return err_wrap(err, "'%s'", path);
    if (is_there)
        cache_put(arena, search, cache, key, &engine);
    *out = engine;
    return 0;
}
