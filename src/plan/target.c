/* One row a format: the folder and the name of its file, for a user and for the system. */
#include "plan/target.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"
#include "engine/flags.h"
#include "plan/source.h"
#include "plan/unit.h"
#include "platform/file.h"

#define ENTRY_MAX_BYTES ((size_t)256 * 1024)
#define SUBFOLDERS_MAX 4 /* how deep entries are looked for */

/* Which of the places a user's file is below. */
enum target_place { PLACE_NONE, PLACE_CONFIG, PLACE_DATA, PLACE_BIN };

static const struct target_row {
    enum target_place place;
    const char *user, *system; /* %s = name of the application; NULL = cannot be installed so */
    bool needs_app;
    unsigned mode;
} rows[] = {
    /* A shell's own start-up file is the user's; only the system has a folder for it. */
    [EMIT_SH] = { PLACE_NONE, NULL, TARGET_SYSTEM_SH, false, 0644 },
    [EMIT_FISH] = { PLACE_CONFIG, "fish/conf.d/qwguard.fish", "/etc/fish/conf.d/qwguard.fish",
                    false, 0644 },
    [EMIT_SYSTEMD] = { PLACE_CONFIG, "systemd/user/%s.d/50-qwguard.conf",
                       "/etc/systemd/system/%s.d/50-qwguard.conf", true, 0644 },
    [EMIT_ENVIRONMENT_D] = { PLACE_CONFIG, "environment.d/50-qwguard.conf",
                             "/etc/environment.d/50-qwguard.conf", false, 0644 },
    [EMIT_DESKTOP] = { PLACE_DATA, "applications/%s", "/usr/local/share/applications/%s", true,
                       0644 },
    [EMIT_WRAPPER] = { PLACE_BIN, "%s", "/usr/local/bin/%s", true, 0755 },
    [EMIT_FLATPAK] = { PLACE_NONE, NULL, NULL, true, 0 },
    [EMIT_SNAP] = { PLACE_NONE, NULL, NULL, true, 0 },
    [EMIT_BAT] = { PLACE_NONE, NULL, NULL, false, 0 },
    [EMIT_PS1] = { PLACE_NONE, NULL, NULL, false, 0 },
};
static_assert(ROWS(rows) == EMIT_COUNT, "one row per format");

static const char *place_folder(const struct target_places *places, enum target_place place)
{
    switch (place) {
    case PLACE_CONFIG:
        return places->config_home;
    case PLACE_DATA:
        return places->data_home;
    case PLACE_BIN:
        return places->bin_home;
    case PLACE_NONE:
        return NULL;
    }
    return NULL;
}

/* Calls the rest for each part of a list with colons; NULL when it is used up. */
static const char *next_part(struct arena *arena, const char **list)
{
    while (*list && **list) {
        size_t length = strcspn(*list, ":");
        const char *part = arena_strndup(arena, *list, length);
        *list += length + ((*list)[length] == ':');
        if (*part == '/')
            return part;
    }
    return NULL;
}

/* The program of a desktop entry, without its folder: that of its first Exec line. */
static const char *entry_program(struct arena *arena, const char *entry)
{
    struct source source;
    struct err ignored; /* a broken entry starts nothing */
    if (source_read(arena, "", entry, strlen(entry), &source, &ignored) < 0
        || source.kind != SOURCE_DESKTOP)
        return "";
    return path_name(source.items[0].program);
}

/* Has the entry's own group this line? */
static bool entry_says(struct arena *arena, const char *entry, const char *wanted)
{
    bool inside = false;
    while (*entry) {
        size_t length = strcspn(entry, "\n");
        const char *line = text_trim(arena, arena_strndup(arena, entry, length));
        if (*line == '[')
            inside = text_equal(line, "[Desktop Entry]");
        else if (inside && text_equal(line, wanted))
            return true;
        entry += length + (entry[length] == '\n');
    }
    return false;
}

/* Entries in a folder and in those below it, as paths from there. */
static void entries_list(struct arena *arena, const char *folder, const char *below, unsigned depth,
                         struct strings *out)
{
    struct strings names = { 0 };
    struct file_info info;
    struct err ignored; /* absent: nothing in it */
    (void)folder_list(arena, path_join(arena, folder, below), &names, &ignored);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = path_join(arena, below, names.items[i]);
        if (text_ends(name, ".desktop"))
            ARENA_PUSH(arena, out, name);
        else if (depth && file_stat(path_join(arena, folder, name), true, &info) && info.is_folder)
            entries_list(arena, folder, name, depth - 1, out);
    }
}

/* By what name others know an entry: kde/web.desktop is kde-web.desktop. */
static const char *entry_id(struct arena *arena, const char *name)
{
    char *id = arena_strdup(arena, name);
    for (char *c = id; *c; c++) {
        if (*c == '/')
            *c = '-';
    }
    return id;
}

struct entry {
    const char *name, *text;
    bool in_menu;
};

struct entries {
    struct entry *items;
    size_t count;
    size_t capacity;
};

/* Entries with this id, or those that start this program. Of one id, the first folder's counts, and
 * a hidden one stands for none. */
static void entries_find(struct arena *arena, const struct target_places *places, const char *app,
                         bool by_id, struct entries *out)
{
    const char *list = places->data_dirs, *part;
    struct strings seen = { 0 };
    struct err ignored; /* what cannot be read is no entry */
    while ((part = next_part(arena, &list))) {
        const char *folder = arena_printf(arena, "%s%s/applications", places->root, part);
        struct strings names = { 0 };
        entries_list(arena, folder, "", SUBFOLDERS_MAX, &names);
        for (size_t i = 0; i < names.count; i++) {
            const char *id = entry_id(arena, names.items[i]);
            struct entry entry = { .name = names.items[i] };
            if (strings_has(&seen, id) || (by_id && !text_equal(id, app))
                || file_read(arena, path_join(arena, folder, entry.name), ENTRY_MAX_BYTES,
                             &entry.text, NULL, &ignored)
                       < 0
                || emit_is_ours(entry.text))
                continue;
            ARENA_PUSH(arena, &seen, id);
            entry.in_menu = !entry_says(arena, entry.text, "NoDisplay=true");
            if (!entry_says(arena, entry.text, "Hidden=true")
                && (by_id || text_equal(entry_program(arena, entry.text), app)))
                ARENA_PUSH(arena, out, entry);
        }
    }
}

/* The entry with the id NAME.desktop, else one that starts the program NAME: the first that is
 * shown in menus, else the first. */
static int entry_find(struct arena *arena, const struct target_places *places, const char *app,
                      const char **out_name, struct target *out, struct err *err)
{
    const char *id = text_ends(app, ".desktop") ? app : arena_printf(arena, "%s.desktop", app);
    struct entries entries = { 0 };
    size_t best = 0;
    entries_find(arena, places, id, true, &entries);
    if (!entries.count)
        entries_find(arena, places, app, false, &entries);
    if (!entries.count)
        return err_set(err, ERR_NO_INPUT, "no desktop entry of '%s' was found", app);
    while (best < entries.count && !entries.items[best].in_menu)
        best++;
    best = best < entries.count ? best : 0;
    *out_name = entries.items[best].name;
    out->entry = entries.items[best].text;
    for (size_t i = 0; i < entries.count; i++) {
        if (i != best)
            ARENA_PUSH(arena, &out->other_entries, entry_id(arena, entries.items[i].name));
    }
    return 0;
}

/* The program that a wrapper at path is for: along the search path, the wrapper itself left out,
 * also where a link leads to it. */
static int program_find(struct arena *arena, const struct target_places *places, const char *app,
                        bool system, struct target *out, struct err *err)
{
    const char *list = places->search_path, *part, *root = system ? places->root : "";
    struct file_info info, wrapper;
    bool there = file_stat(arena_printf(arena, "%s%s", root, out->path), true, &wrapper);
    bool passed = false;
    while ((part = next_part(arena, &list))) {
        const char *candidate = path_join(arena, part, app);
        passed = passed || text_equal(candidate, out->path);
        if (!text_equal(candidate, out->path)
            && file_stat(arena_printf(arena, "%s%s", root, candidate), true, &info)
            && info.is_executable
            && !(there && info.inode == wrapper.inode && info.device == wrapper.device)) {
            out->program = candidate;
            out->is_hidden = !passed;
            return 0;
        }
    }
    return err_set(err, ERR_NO_INPUT, "no program '%s' was found", app);
}

/* Variables that the unit takes out, and others than the flags that it sets in another
 * way. */
static int variables_check(const struct variables *set, const char *unit,
                           const struct source *source, struct err *err)
{
    for (size_t i = 0; i < set->count; i++) {
        const char *name = set->items[i].name, *value = NULL;
        if (strings_has(&source->unset, name))
            return err_set(err, ERR_DATA,
                           "%s: UnsetEnvironment= names %s, which wins over a drop-in; take it out",
                           unit, name);
        for (size_t j = 0; j < source->count && !value; j++)
            value = variables_get(&source->items[j].environment, name);
        if (value && !text_equal(value, set->items[i].value) && !text_equal(name, FLAGS_VARIABLE))
            return err_set(err, ERR_DATA,
                           "%s: the unit sets %s=%s itself, which a drop-in would replace or lose "
                           "to; take it out there",
                           unit, name, value);
    }
    return 0;
}

/* A drop-in replaces what the unit and its other drop-ins set, and loses to its environment files:
 * either way something would be lost that nobody merges. */
static int unit_check(struct arena *arena, const struct target_places *places, const char *unit,
                      bool system, struct err *err)
{
    const struct unit_search search = { .root = places->root,
                                        .config_home = places->config_home,
                                        .data_home = places->data_home,
                                        .home = system ? "/root" : places->home,
                                        .system = system,
                                        .without_ours = true };
    static struct variable flags = { .name = FLAGS_VARIABLE };
    const struct variables flags_only = { .items = &flags, .count = 1 };
    struct source source;
    struct strings notes = { 0 }; /* what is unknown sets no flags that could be read */
    if (unit_read(arena, &search, unit, &source, &notes, err) < 0)
        return err->kind == ERR_NO_INPUT ? 0 : -1; /* not installed yet: nothing to lose */
    if (variables_check(places->set ? places->set : &flags_only, unit, &source, err) < 0)
        return -1;
    if (!source.flags_at.file)
        return 0;
    return err_set_at(err, source.flags_at,
                      source.flags_in_file
                          ? FLAGS_VARIABLE " is set here, which wins over a drop-in; take it out "
                                           "and give it with --flags"
                          : "the unit sets " FLAGS_VARIABLE " itself, which a drop-in would "
                            "replace; take it out there and give it with --flags");
}

static int path_make(struct arena *arena, const struct target_places *places,
                     const struct target_row *row, const char *name, bool system, const char **out,
                     struct err *err)
{
    const char *form = system ? row->system : row->user;
    const char *folder = place_folder(places, row->place);
    if (!system && !folder)
        return err_set(err, ERR_UNAVAILABLE, "there is no home folder to install into");
    const char *hole = strstr(form, "%s");
    const char *below = !hole ? form
                              : arena_printf(arena, "%.*s%s%s", (int)(hole - form), form, name,
                                             hole + 2);
    *out = system ? below : path_join(arena, folder, below);
    return 0;
}

/* Is the format one that has a place, and is the name one that a file can have? */
static int row_check(enum emit_format format, const char *name, bool system, struct err *err)
{
    const struct target_row *row = &rows[format];
    if (!(system ? row->system : row->user))
        return err_set(err, ERR_USAGE, "--install: %s is printed only%s", emit_format_name(format),
                       row->system ? " (or installed with --system)" : "");
    if (row->needs_app && !name)
        return err_set(err, ERR_USAGE, "%s is for one application (--app)",
                       emit_format_name(format));
    return 0;
}

static int name_check(const char *name, struct err *err)
{
    if (!*name || text_equal(name, ".") || text_equal(name, ".."))
        return err_set(err, ERR_USAGE, "--app: '%s' is no name of an application", name);
    for (const char *at = name; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return err_set(err, ERR_USAGE, "--app: the name holds a control character");
    }
    return 0;
}

int target_find(struct arena *arena, const struct target_places *places, enum emit_format format,
                const char *app, bool system, struct target *out, struct err *err)
{
    struct target target = { .format = format };
    const char *name = app ? path_name(app) : NULL;
    struct err ignored;
    if (name && name_check(name, err) < 0)
        return -1;
    if (format == EMIT_COUNT && !name)
        return err_set(err, ERR_USAGE, "--install: for which application? (--app)");
    if (format == EMIT_COUNT)
        target.format = entry_find(arena, places, name, &name, &target, &ignored) == 0
                            ? EMIT_DESKTOP
                            : EMIT_WRAPPER;
    if (row_check(target.format, name, system, err) < 0)
        return -1;
    if (target.format == EMIT_DESKTOP && !target.entry
        && entry_find(arena, places, name, &name, &target, err) < 0)
        return -1;
    if (target.format == EMIT_SYSTEMD && !text_ends(name, ".service"))
        name = arena_printf(arena, "%s.service", name);
    const struct target_row *row = &rows[target.format];
    if (path_make(arena, places, row, name, system, &target.path, err) < 0
        || (target.format == EMIT_WRAPPER
            && program_find(arena, places, name, system, &target, err) < 0)
        || (target.format == EMIT_SYSTEMD && unit_check(arena, places, name, system, err) < 0))
        return -1;
    target.mode = row->mode;
    *out = target;
    return 0;
}
