/* Finds the parts of a unit and reads them in systemd's order. Links are followed by hand, so that
 * none leads out of the root; what is no regular file counts as empty, as /dev/null does. */
#include "plan/unit.h"

#include <string.h>

#include "base/macros.h"
#include "plan/emit.h"
#include "plan/source_private.h"
#include "platform/file.h"

#define PART_MAX_BYTES ((size_t)256 * 1024)
#define PARTS_MAX 256
#define LINKS_MAX 16

/* Below root, the most important first. Source: systemd.unit(5), "Unit File Load Path". */
static const char *const system_folders[] = {
    "/etc/systemd/system",     "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system", "/lib/systemd/system",
};
static const char *const user_folders[][2] = {
    /* in the configuration, else below root */
    { "systemd/user", NULL },
    { NULL, "/etc/systemd/user" },
    { NULL, "/run/systemd/user" },
    { NULL, NULL }, /* in the data folder */
    { NULL, "/usr/local/lib/systemd/user" },
    { NULL, "/usr/lib/systemd/user" },
};

static void folders_make(struct arena *arena, const struct unit_search *search, struct strings *out)
{
    for (size_t i = 0; search->system && i < ROWS(system_folders); i++)
        ARENA_PUSH(arena, out, arena_printf(arena, "%s%s", search->root, system_folders[i]));
    for (size_t i = 0; !search->system && i < ROWS(user_folders); i++) {
        const char *home = user_folders[i][0] ? search->config_home : search->data_home;
        if (user_folders[i][1])
            ARENA_PUSH(arena, out, arena_printf(arena, "%s%s", search->root, user_folders[i][1]));
        else if (home)
            ARENA_PUSH(arena, out, path_join(arena, home, "systemd/user"));
    }
}

/* Where the links at a path lead, below root; NULL = too many of them. */
static const char *follow(struct arena *arena, const char *root, const char *path)
{
    for (int i = 0; i < LINKS_MAX; i++) {
        const char *to = file_link(arena, path);
        if (!to)
            return path;
        path = *to == '/'
                   ? arena_printf(arena, "%s%s", root, to)
                   : arena_printf(arena, "%.*s/%s", (int)(path_name(path) - path - 1), path, to);
    }
    return NULL;
}

/* The text of one part; "" for what is no regular file. NULL: it is not there, or err. */
static int part_load(struct arena *arena, const char *root, const char *path, const char **out,
                     struct err *err)
{
    struct file_info info;
    size_t length;
    const char *real = follow(arena, root, path);
    *out = NULL;
    if (!real || !file_stat(real, true, &info))
        return 0;
    *out = "";
    if (!info.is_regular)
        return 0;
    if (file_read(arena, real, PART_MAX_BYTES, out, &length, err) < 0)
        return -1;
    if (strlen(*out) != length)
        return err_set(err, ERR_DATA, "%s holds a NUL byte: it is no text", path);
    return 0;
}

static bool part_exists(struct arena *arena, const char *root, const char *path)
{
    struct file_info info;
    const char *real = follow(arena, root, path);
    return real && file_stat(real, true, &info);
}

static void dropin_folder(struct arena *arena, const struct strings *folders, const char *name,
                          struct strings *out)
{
    for (size_t i = 0; i < folders->count; i++)
        ARENA_PUSH(arena, out, arena_printf(arena, "%s/%s.d", folders->items[i], name));
}

/* What an instance is made from when it has no file of its own; NULL for other units. */
static const char *template_of(struct arena *arena, const char *unit)
{
    const char *dot = strrchr(unit, '.'), *at = strchr(unit, '@');
    return dot && at && at + 1 < dot ? arena_printf(arena, "%.*s@%s", (int)(at - unit), unit, dot)
                                     : NULL;
}

/* For a-b@i.service: a-b@i.service.d, a-b@.service.d, a-.service.d, service.d. */
static void dropin_folders(struct arena *arena, const struct strings *folders, const char *unit,
                           struct strings *out)
{
    const char *dot = strrchr(unit, '.');
    const char *type = dot ? dot : "", *template = template_of(arena, unit);
    dropin_folder(arena, folders, unit, out);
    if (template)
        dropin_folder(arena, folders, template, out);
    for (const char *end = dot ? dot : unit; end > unit; end--) {
        bool whole = end == dot; /* "a-.service" is the unit itself */
        if (end[-1] == '-' && !whole)
            dropin_folder(arena, folders,
                          arena_printf(arena, "%.*s%s", (int)(end - unit), unit, type), out);
    }
    if (dot)
        dropin_folder(arena, folders, type + 1, out);
}

/* Files of the folders by name; the first folder that has a name has it. */
static void dropins_list(struct arena *arena, const struct strings *folders, struct strings *out)
{
    for (size_t i = 0; i < folders->count; i++) {
        struct strings names = { 0 };
        struct err ignored; /* absent: nothing in it */
        (void)folder_list(arena, folders->items[i], &names, &ignored);
        for (size_t j = 0; j < names.count; j++) {
            const char *name = names.items[j], *end = strrchr(name, '.');
            size_t at = 0;
            if (!text_equal(end, ".conf") || *name == '.')
                continue;
            while (at < out->count && strcmp(path_name(out->items[at]), name) < 0)
                at++;
            if (at < out->count && text_equal(path_name(out->items[at]), name))
                continue;
            ARENA_PUSH(arena, out, name);
            memmove(out->items + at + 1, out->items + at,
                    (out->count - 1 - at) * sizeof *out->items);
            out->items[at] = path_join(arena, folders->items[i], name);
        }
    }
}

/* The file of a name in the first folder that has one. */
static void fragment_find(struct arena *arena, const char *root, const struct strings *folders,
                          const char *name, struct strings *out)
{
    for (size_t i = 0; i < folders->count && !out->count; i++) {
        const char *path = path_join(arena, folders->items[i], name);
        if (part_exists(arena, root, path))
            ARENA_PUSH(arena, out, path);
    }
}

/* The unit itself and its drop-ins, in order. */
static void parts_find(struct arena *arena, const struct unit_search *search, const char *unit,
                       struct strings *out)
{
    struct strings folders = { 0 }, around = { 0 }, dropins = { 0 };
    const char *name = path_name(unit);
    bool is_path = name != unit, known = !is_path;
    folders_make(arena, search, &folders);
    for (size_t i = 0; i < folders.count; i++)
        known = known || text_equal(path_join(arena, folders.items[i], name), unit);
    if (is_path) {
        ARENA_PUSH(arena, out, unit);
        if (!known) {
            const char *folder = arena_strndup(arena, unit, (size_t)(name - unit - 1));
            folders = (struct strings){ 0 };
            ARENA_PUSH(arena, &folders, folder);
        }
    }
    fragment_find(arena, search->root, &folders, name, out);
    if (template_of(arena, name))
        fragment_find(arena, search->root, &folders, template_of(arena, name), out);
    dropin_folders(arena, &folders, name, &around);
    dropins_list(arena, &around, &dropins);
    for (size_t i = 0; i < dropins.count; i++)
        ARENA_PUSH(arena, out, dropins.items[i]);
}

static int files_read(struct source_reader *reader, struct err *err)
{
    for (size_t i = 0; i < reader->files.count; i++) {
        const struct unit_file *file = &reader->files.items[i];
        const char *path = arena_printf(reader->arena, "%s%s", reader->search->root, file->path);
        const char *text;
        if (strpbrk(file->path, "*?[")) {
            ARENA_PUSH(reader->arena, reader->notes,
                       arena_printf(reader->arena, "%s:%u: the pattern '%s' is not followed",
                                    file->at.file, file->at.line, file->path));
            continue;
        }
        if (part_load(reader->arena, reader->search->root, path, &text, err) < 0)
            return -1;
        if (!text && !file->optional)
            return err_set_at(err, file->at,
                              "'%s' does not exist, and systemd does not start the unit without it "
                              "(EnvironmentFile=-%s is optional)",
                              file->path, file->path);
        reader->name = file->path;
        if (text)
            unit_environment(reader, text);
    }
    return 0;
}

int unit_read(struct arena *arena, const struct unit_search *search, const char *unit,
              struct source *out, struct strings *notes, struct err *err)
{
    struct source source = { .kind = SOURCE_UNIT };
    struct source_reader reader = {
        .arena = arena, .source = &source, .search = search, .unit = path_name(unit), .notes = notes
    };
    struct strings parts = { 0 };
    parts_find(arena, search, unit, &parts);
    if (parts.count == 0)
        return err_set(err, ERR_NO_INPUT, "there is no unit '%s'", unit);
    for (size_t i = 0; i < parts.count; i++) {
        const char *text;
        if (part_load(arena, search->root, parts.items[i], &text, err) < 0)
            return -1;
        reader.name = parts.items[i];
        if (!text || (search->without_ours && emit_is_ours(text)))
            continue;
        if (source_lines(&reader, text, err) < 0)
            return -1;
        if (parts.count + reader.files.count > PARTS_MAX)
            return err_set(err, ERR_DATA, "%s: more than %d files belong to the unit", unit,
                           PARTS_MAX);
    }
    if (files_read(&reader, err) < 0)
        return -1;
    source_finish(&reader);
    *out = source;
    return 0;
}
