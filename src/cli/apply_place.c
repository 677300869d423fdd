/* What `qwguard apply` stands on: folders, records, the user's own environment, a fingerprint. */
#include <string.h>

#include "cli/apply_private.h"
#include "cli/written.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/paths.h"

int apply_place(const struct context *context, struct install_place *out, struct err *err)
{
    struct install_place place = { .root = "", .state_dir = context->state_dir };
    if (option_given(context, "system")) {
        place.root = context->root;
        if (!option_given(context, "state"))
            place.state_dir = arena_printf(context->arena, "%s" PATHS_SYSTEM_STATE, context->root);
    }
    if (!place.state_dir)
        return err_set(err, ERR_UNAVAILABLE,
                       "there is no state folder to remember what is written (--state)");
    *out = place;
    return 0;
}

struct target_places apply_target_places(const struct context *context)
{
    const char *data_dirs = env_get("XDG_DATA_DIRS"), *path = env_get("PATH");
    return (struct target_places){
        .root = context->root,
        .config_home = paths_home(context->arena, "XDG_CONFIG_HOME", ".config"),
        .data_home = paths_home(context->arena, "XDG_DATA_HOME", ".local/share"),
        .data_dirs = data_dirs && *data_dirs ? data_dirs : "/usr/local/share:/usr/share",
        .home = env_get("HOME"),
        .bin_home = paths_home(context->arena, NULL, ".local/bin"),
        .search_path = path ? path : "/usr/local/bin:/usr/bin:/bin",
    };
}

/* A file as it is now: name, size and time. */
static void add_file(struct text *text, const char *path)
{
    struct file_info info;
    if (!path || !file_stat(path, true, &info))
        return;
    text_printf(text, "%s %llu %llu\n", path, (unsigned long long)info.size_bytes,
                (unsigned long long)info.modified_ns);
}

static void add_folder(struct text *text, const char *folder, unsigned depth)
{
    struct strings names = { 0 };
    struct file_info info;
    struct err ignored; /* an absent folder adds nothing */
    if (folder_list(text->arena, folder, &names, &ignored) < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = path_join(text->arena, folder, names.items[i]);
        if (depth && file_stat(path, true, &info) && info.is_folder)
            add_folder(text, path, depth - 1);
        else
            add_file(text, path);
    }
}

const char *apply_stamp(struct context *context, const struct preflight *preflight)
{
    struct arena *arena = context->arena;
    struct text text = { .arena = arena };
    struct strings folders = { 0 };
    static const char *const deciding[] = { "app", "flags", "history", "no-gl", "rung" };
    const struct variables *environment = &preflight->identity.environment;
    text_printf(&text, "%s\n%s\n", identity_fingerprint(arena, &preflight->identity, true),
                preflight->engine.qt ? preflight->engine.qt : "");
    add_file(&text, preflight->engine.library);
    add_file(&text, paths_self(arena));
    preflight_profile_folders(context, &folders);
    for (size_t i = 0; i < folders.count; i++)
        add_folder(&text, folders.items[i], 1);
    for (size_t i = 0; i < ROWS(deciding); i++) {
        const char *value = option_value(context, deciding[i]);
        if (value)
            text_printf(&text, "--%s %s\n", deciding[i], value);
    }
    for (size_t i = 0; i < environment->count; i++)
        text_printf(&text, "%s=%s\n", environment->items[i].name, environment->items[i].value);
    return arena_printf(
        arena, "%016llx",
        (unsigned long long)text_hash(TEXT_HASH_START, text_get(&text), text.length));
}
