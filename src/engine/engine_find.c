/* Finds engines: all that are installed, and the one that an application uses. Libraries are looked
 * for as the dynamic linker does (search paths of the files, LD_LIBRARY_PATH, usual folders), but
 * nothing is loaded. */
#include "engine/engine.h"

#include <string.h>

#include "base/macros.h"
#include "engine/engine_elf_private.h"
#include "engine/engine_private.h"
#include "platform/env.h"
#include "platform/file.h"

#define DEPTH_MAX 6       /* application, its own libraries, WebEngineWidgets, WebEngineCore … */
#define LIBRARIES_MAX 512 /* looked at for one application; the largest seen need about 200 */

/* Who an engine in a folder is for. */
enum engine_place {
    PLACE_SYSTEM, /* folders that the dynamic linker searches by itself */
    PLACE_EXTRA,  /* kits that an application is linked to on purpose */
    PLACE_BUNDLE, /* inside an application's own file system */
    PLACE_COUNT,
};

/* Where to look; "*" in a part stands for any text, "~" for the home folder.
 * Source: the Filesystem Hierarchy Standard 3.0; https://wiki.debian.org/Multiarch/Tuples; the
 * layout of Qt's installer, of Flatpak (flatpak(1)) and of snapd. */
static const struct {
    enum engine_place place;
    const char *pattern;
} folders[] = {
    { PLACE_SYSTEM, "/usr/lib/*-linux-*" },
    { PLACE_SYSTEM, "/usr/lib64" },
    { PLACE_SYSTEM, "/usr/lib" },
    { PLACE_SYSTEM, "/usr/local/lib" },
    { PLACE_SYSTEM, "/usr/local/lib64" },
    { PLACE_SYSTEM, "/usr/local/lib/*-linux-*" },
    { PLACE_SYSTEM, "/app/lib" },
    { PLACE_SYSTEM, "/app/lib/*-linux-*" },
    { PLACE_EXTRA, "/opt/*/lib" },
    { PLACE_EXTRA, "/opt/Qt/*/gcc_*/lib" },
    { PLACE_EXTRA, "/opt/qt/*/gcc_*/lib" },
    { PLACE_EXTRA, "~/Qt/*/gcc_*/lib" },
    { PLACE_BUNDLE, "/var/lib/flatpak/app/*/current/active/files/lib" },
    { PLACE_BUNDLE, "~/.local/share/flatpak/app/*/current/active/files/lib" },
    { PLACE_BUNDLE, "/snap/*/current/usr/lib/*-linux-*" },
    { PLACE_BUNDLE, "/snap/*/current/usr/lib" },
};

static const char *const core_names[] = { "libQt6WebEngineCore.so.6", "libQt5WebEngineCore.so.5" };

/* Folders below an application's own in which it brings its engine along: as its own libraries, or
 * where PyInstaller puts PyQt. */
static const char *const beside[] = { "",
                                      "/lib",
                                      "/../lib",
                                      "/PyQt6/Qt6/lib",
                                      "/PyQt5/Qt5/lib",
                                      "/_internal/PyQt6/Qt6/lib",
                                      "/_internal/PyQt5/Qt5/lib" };

struct app_search {
    struct arena *arena;
    const struct engine_search *search;
    unsigned machine;
    bool is_64;
    bool any;               /* machine and class are not known yet */
    const char *app_paths;  /* RPATH of the application, which holds for its libraries too */
    struct strings folders; /* LD_LIBRARY_PATH and the usual ones */
    struct strings seen;    /* names of libraries */
    struct strings queue;   /* paths, breadth first */
    size_t depth[LIBRARIES_MAX + 1];
};

/* One part of a path against a pattern with "*" and "?". */
static bool part_matches(const char *pattern, size_t length, const char *name)
{
    const char *end = pattern + length, *star = NULL, *retry = NULL;
    while (*name) {
        if (pattern < end && *pattern == '*') {
            star = ++pattern;
            retry = name;
        } else if (pattern < end && (*pattern == '?' || *pattern == *name)) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (pattern < end && *pattern == '*')
        pattern++;
    return pattern == end;
}

/* Folders that match; part by part, so the depth is the number of parts of our own patterns. */
static void folders_expand(struct arena *arena, const struct engine_search *search,
                           const char *done, const char *pattern, struct strings *out)
{
    while (*pattern == '/')
        pattern++;
    size_t length = strcspn(pattern, "/");
    if (length == 0) {
        ARENA_PUSH(arena, out, done);
        return;
    }
    if (strcspn(pattern, "*?") >= length) {
        const char *next = arena_printf(arena, "%s/%.*s", done, (int)length, pattern);
        folders_expand(arena, search, next, pattern + length, out);
        return;
    }
    struct strings names = { 0 };
    struct err ignored; /* a folder that is not there holds no engine */
    if (folder_list(arena, engine_path_below(arena, search, *done ? done : "/"), &names, &ignored)
        < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        if (names.items[i][0] != '.' && part_matches(pattern, length, names.items[i]))
            folders_expand(arena, search, arena_printf(arena, "%s/%s", done, names.items[i]),
                           pattern + length, out);
    }
}

static void folders_of(struct arena *arena, const struct engine_search *search,
                       enum engine_place place, struct strings *out)
{
    const char *home = env_get("HOME");
    for (size_t i = 0; i < ROWS(folders); i++) {
        const char *pattern = folders[i].pattern;
        if (folders[i].place != place || (*pattern == '~' && (!home || *home != '/')))
            continue;
        folders_expand(arena, search, *pattern == '~' ? home : "",
                       *pattern == '~' ? pattern + 1 : pattern, out);
    }
}

/* The same file is reached through several names: /lib and /usr/lib, links between kits. */
static bool file_is_new(struct arena *arena, const struct file_info *file, struct strings *seen)
{
    const char *key = arena_printf(arena, "%llu:%llu", (unsigned long long)file->device,
                                   (unsigned long long)file->inode);
    if (strings_has(seen, key))
        return false;
    ARENA_PUSH(arena, seen, key);
    return true;
}

static void insert_newest_first(struct arena *arena, struct engines *list, size_t from,
                                struct engine engine)
{
    ARENA_PUSH(arena, list, engine);
    size_t at = list->count - 1;
    for (; at > from && version_compare(list->items[at - 1].qt, engine.qt) < 0; at--)
        list->items[at] = list->items[at - 1];
    list->items[at] = engine;
}

void engine_list(struct arena *arena, const struct engine_search *search, struct engines *out)
{
    struct strings seen = { 0 };
    size_t from = out->count;
    for (enum engine_place place = PLACE_SYSTEM; place < PLACE_COUNT; place++) {
        struct strings found = { 0 };
        folders_of(arena, search, place, &found);
        if (place == PLACE_BUNDLE)
            from = out->count;
        for (size_t i = 0; i < found.count * ROWS(core_names); i++) {
            const char *path = path_join(arena, found.items[i / ROWS(core_names)],
                                         core_names[i % ROWS(core_names)]);
            struct file_info file;
            struct engine engine;
            struct err problem;
            if (!file_stat(engine_path_below(arena, search, path), true, &file) || !file.is_regular
                || !file_is_new(arena, &file, &seen))
                continue;
            if (engine_read(arena, search, path, &engine, &problem) == 0) {
                insert_newest_first(arena, out, from, engine);
            } else {
                const char *why = arena_strdup(arena, problem.text);
                ARENA_PUSH(arena, &out->broken, why);
            }
        }
    }
}

/* Header and dynamic section of a file; false when it is none for the application's machine. */
static bool file_dynamic(struct app_search *app, const char *path, struct elf_dynamic *out)
{
    CLEANUP(file_map_close) struct file_map map = { 0 };
    struct elf elf;
    struct err ignored; /* the linker goes on to the next folder, too */
    if (file_map_open(engine_path_below(app->arena, app->search, path), &map, &ignored) < 0
        || elf_open(map.bytes, map.length, &elf, &ignored) < 0)
        return false;
    if (app->any) {
        app->machine = elf.machine;
        app->is_64 = elf.is_64;
        app->any = false;
    }
    return elf.machine == app->machine && elf.is_64 == app->is_64
           && elf_dynamic_read(app->arena, &elf, out);
}

/* One folder of a search path, $ORIGIN replaced; NULL for one that nobody can mean. */
static const char *origin_replace(struct arena *arena, const char *folder, size_t length,
                                  const char *origin)
{
    static const char *const names[] = { "${ORIGIN}", "$ORIGIN" };
    for (size_t i = 0; i < ROWS(names); i++) {
        size_t name = strlen(names[i]);
        if (length >= name && strncmp(folder, names[i], name) == 0)
            return arena_printf(arena, "%s%.*s", origin, (int)(length - name), folder + name);
    }
    return length && *folder == '/' ? arena_strndup(arena, folder, length) : NULL;
}

/* The library in the folders of a list separated by colons. */
static const char *find_in_paths(struct app_search *app, const char *paths, const char *origin,
                                 const char *name, struct elf_dynamic *out)
{
    while (paths && *paths) {
        size_t length = strcspn(paths, ":");
        const char *folder = origin_replace(app->arena, paths, length, origin);
        const char *path = folder ? path_join(app->arena, folder, name) : NULL;
        if (path && file_dynamic(app, path, out))
            return path;
        paths += length + (paths[length] == ':');
    }
    return NULL;
}

static const char *folder_of(struct arena *arena, const char *path)
{
    return arena_strndup(arena, path, (size_t)(path_name(path) - path) - (path_name(path) > path));
}

/* As ld.so(8): RPATH when there is no RUNPATH, LD_LIBRARY_PATH, RUNPATH, the usual folders. */
static const char *find_library(struct app_search *app, const char *name, const char *origin,
                                const struct elf_dynamic *asking, struct elf_dynamic *out)
{
    if (strchr(name, '/'))
        return file_dynamic(app, name, out) ? name : NULL;
    const char *found = NULL;
    if (!asking->runpath)
        found = find_in_paths(app, asking->rpath, origin, name, out);
    if (!found && !asking->runpath && app->queue.count)
        found = find_in_paths(app, app->app_paths, folder_of(app->arena, app->queue.items[0]), name,
                              out);
    if (!found && !(app->search->root && *app->search->root))
        found = find_in_paths(app, env_get("LD_LIBRARY_PATH"), origin, name, out);
    if (!found)
        found = find_in_paths(app, asking->runpath, origin, name, out);
    for (size_t i = 0; !found && i < app->folders.count; i++) {
        const char *path = path_join(app->arena, app->folders.items[i], name);
        if (file_dynamic(app, path, out))
            found = path;
    }
    return found;
}

/* Follow the libraries of one file. 1 = the engine was found, 0 = go on, -1 = asked for, not there.
 */
static int follow(struct app_search *app, size_t index, const char **out_engine, struct err *err)
{
    struct elf_dynamic asking, found;
    const char *path = app->queue.items[index];
    if (!file_dynamic(app, path, &asking))
        return 0;
    if (index == 0 && !asking.runpath)
        app->app_paths = asking.rpath;
    const char *origin = folder_of(app->arena, path);
    for (size_t i = 0; i < asking.needed.count; i++) {
        const char *name = asking.needed.items[i];
        if (strings_has(&app->seen, name))
            continue;
        ARENA_PUSH(app->arena, &app->seen, name);
        bool is_core = engine_library_major(name) != '\0';
        if (!is_core && (app->depth[index] >= DEPTH_MAX || app->queue.count > LIBRARIES_MAX - 1))
            continue;
        const char *place = find_library(app, name, origin, &asking, &found);
        if (is_core && !place)
            return err_set(err, ERR_UNAVAILABLE, "'%s' needs %s, which is not there", path, name);
        if (is_core) {
            *out_engine = place;
            return 1;
        }
        if (place) {
            app->depth[app->queue.count] = app->depth[index] + 1;
            ARENA_PUSH(app->arena, &app->queue, place);
        }
    }
    return 0;
}

/* An engine that the application brings along and opens by itself. */
static const char *find_beside(struct app_search *app, const char *executable)
{
    struct elf_dynamic ignored;
    const char *folder = folder_of(app->arena, executable);
    for (size_t i = 0; i < ROWS(beside) * ROWS(core_names); i++) {
        const char *path = arena_printf(app->arena, "%s%s/%s", folder, beside[i / ROWS(core_names)],
                                        core_names[i % ROWS(core_names)]);
        if (file_dynamic(app, path, &ignored))
            return path;
    }
    return NULL;
}

/* Links resolved, since $ORIGIN means the real file; the root is not part of the result. */
static const char *real_path(struct arena *arena, const struct engine_search *search,
                             const char *path)
{
    const char *real = file_resolve(arena, engine_path_below(arena, search, path));
    const char *root = search->root && *search->root ? file_resolve(arena, search->root) : "";
    if (!real || !root || !text_starts(real, root))
        return path;
    return real + (strcmp(root, "/") == 0 ? 0 : strlen(root));
}

int engine_of_app(struct arena *arena, const struct engine_search *search, const char *executable,
                  struct engine *out, struct err *err)
{
    struct app_search *app = arena_alloc(arena, sizeof *app);
    *app = (struct app_search){ .arena = arena, .search = search, .any = true };
    struct elf_dynamic ignored;
    const char *engine = NULL;
    const char *real = real_path(arena, search, executable);
    if (!file_dynamic(app, real, &ignored))
        return err_set(err, ERR_UNAVAILABLE,
                       "'%s' is no program that is linked to libraries (a script?)", executable);
    folders_of(arena, search, PLACE_SYSTEM, &app->folders);
    ARENA_PUSH(arena, &app->queue, real);
    for (size_t i = 0; !engine && i < app->queue.count; i++) {
        if (follow(app, i, &engine, err) < 0)
            return -1;
    }
    if (!engine)
        engine = find_beside(app, real);
    if (!engine)
        return err_set(err, ERR_UNAVAILABLE, "'%s' is not linked to Qt WebEngine", executable);
    return engine_read(arena, search, engine, out, err);
}
