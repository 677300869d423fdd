/* One row a format: the folder and the name of its file, for a user and for the system. */
#include "plan/target.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"
#include "platform/file.h"
#include "platform/paths.h"

#define ENTRY_MAX_BYTES ((size_t)256 * 1024)

/* Which of the places a user's file is below. */
enum target_place { PLACE_NONE, PLACE_CONFIG, PLACE_DATA, PLACE_BIN };

static const struct target_row {
    enum target_place place;
    const char *user, *system; /* %s = name of the application; NULL = cannot be installed so */
    bool needs_app;
    unsigned mode;
} rows[] = {
    /* A shell's own start-up file is the user's; only the system has a folder for it. */
    [EMIT_SH] = { PLACE_NONE, NULL, "/etc/profile.d/50-qwguard.sh", false, 0644 },
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

/* The program of a desktop entry: last part of the first word of its first Exec line. */
static const char *entry_program(struct arena *arena, const char *entry)
{
    const char *line = strstr(entry, "\nExec=");
    if (!line)
        return "";
    line += strlen("\nExec=");
    const char *word = arena_strndup(arena, line, strcspn(line, " \n"));
    return path_name(word);
}

/* The entry NAME.desktop, else the first one that starts the program NAME. */
static int entry_find(struct arena *arena, const struct target_places *places, const char *app,
                      const char **out_name, const char **out_entry, struct err *err)
{
    const char *name = arena_printf(
        arena, "%s%s", app,
        strlen(app) > 8 && text_equal(app + strlen(app) - 8, ".desktop") ? "" : ".desktop");
    struct err ignored;
    for (int by_name = 1; by_name >= 0; by_name--) {
        const char *list = places->data_dirs, *part;
        while ((part = next_part(arena, &list))) {
            const char *folder = arena_printf(arena, "%s%s/applications", places->root, part);
            struct strings names = { 0 };
            if (by_name)
                ARENA_PUSH(arena, &names, name);
            else
                (void)folder_list(arena, folder, &names, &ignored); /* absent: nothing in it */
            for (size_t i = 0; i < names.count; i++) {
                const char *path = path_join(arena, folder, names.items[i]);
                if (file_read(arena, path, ENTRY_MAX_BYTES, out_entry, NULL, &ignored) == 0
                    && (by_name || text_equal(entry_program(arena, *out_entry), app))) {
                    *out_name = names.items[i];
                    return 0;
                }
            }
        }
    }
    return err_set(err, ERR_NO_INPUT, "no desktop entry of '%s' was found", app);
}

/* The program that a wrapper at path is for: along the search path, the wrapper itself left out. */
static int program_find(struct arena *arena, const struct target_places *places, const char *app,
                        const char *path, const char **out, struct err *err)
{
    const char *list = places->search_path, *part;
    struct err ignored;
    while ((part = next_part(arena, &list))) {
        const char *candidate = path_join(arena, part, app);
        if (!text_equal(candidate, path)
            && paths_find_program(arena, candidate, out, &ignored) == 0)
            return 0;
    }
    return err_set(err, ERR_NO_INPUT, "no program '%s' was found", app);
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
    *out = system ? arena_printf(arena, "%s%s", places->root, below)
                  : path_join(arena, folder, below);
    return 0;
}

int target_find(struct arena *arena, const struct target_places *places, enum emit_format format,
                const char *app, bool system, struct target *out, struct err *err)
{
    struct target target = { .format = format };
    const char *name = app ? path_name(app) : NULL;
    struct err ignored;
    if (format == EMIT_COUNT && name)
        target.format = entry_find(arena, places, name, &name, &target.entry, &ignored) == 0
                            ? EMIT_DESKTOP
                            : EMIT_WRAPPER;
    else if (format == EMIT_COUNT)
        return err_set(err, ERR_USAGE, "--install: for which application? (--app)");
    const struct target_row *row = &rows[target.format];
    if (!(system ? row->system : row->user))
        return err_set(err, ERR_USAGE, "--install: %s is printed only%s",
                       emit_format_name(target.format),
                       row->system ? " (or installed with --system)" : "");
    if (row->needs_app && (!name || !*name))
        return err_set(err, ERR_USAGE, "--install: %s is for one application (--app)",
                       emit_format_name(target.format));
    if (target.format == EMIT_DESKTOP && !target.entry
        && entry_find(arena, places, name, &name, &target.entry, err) < 0)
        return -1;
    if (target.format == EMIT_SYSTEMD && !strchr(name, '.'))
        name = arena_printf(arena, "%s.service", name);
    if (path_make(arena, places, row, name, system, &target.path, err) < 0
        || (target.format == EMIT_WRAPPER
            && program_find(arena, places, name, target.path, &target.program, err) < 0))
        return -1;
    target.mode = row->mode;
    *out = target;
    return 0;
}
