/* Where things are kept on Linux: the XDG base directories, and /etc, /usr/share, /var/lib.
 * Source: XDG Base Directory Specification 0.8 (relative values are ignored). */
#include "platform/paths.h"

#include <string.h>
#include <unistd.h>

#include "platform/env.h"
#include "platform/file.h"

const char *paths_home(struct arena *arena, const char *variable, const char *below_home)
{
    const char *value = variable ? env_get(variable) : NULL, *home = env_get("HOME");
    if (value && value[0] == '/')
        return arena_strdup(arena, value);
    return home && home[0] == '/' ? path_join(arena, home, below_home) : NULL;
}

/* Ours in one of them. */
static const char *base_folder(struct arena *arena, const char *variable, const char *below_home)
{
    const char *folder = paths_home(arena, variable, below_home);
    return folder ? path_join(arena, folder, "qwguard") : NULL;
}

const char *paths_state(struct arena *arena)
{
    const char *value = env_get("XDG_STATE_HOME");
    if (!(value && value[0] == '/') && geteuid() == 0)
        return PATHS_SYSTEM_STATE;
    return base_folder(arena, "XDG_STATE_HOME", ".local/state");
}

const char *paths_cache(struct arena *arena)
{
    return base_folder(arena, "XDG_CACHE_HOME", ".cache");
}

/* ".../bin/qwguard" was installed with ".../share/qwguard". */
static const char *share_folder(struct arena *arena, const char *root)
{
    const char *self = root && *root ? NULL : paths_self(arena);
    const char *bin = self ? strstr(self, "/bin/qwguard") : NULL;
    if (bin && text_equal(bin, "/bin/qwguard"))
        return arena_printf(arena, "%.*s/share/qwguard", (int)(bin - self), self);
    return path_join(arena, root, "/usr/share/qwguard");
}

void paths_config(struct arena *arena, const char *root, const char *name, struct strings *out)
{
    const char *folders[] = {
        share_folder(arena, root),
        path_join(arena, root, "/etc/qwguard"),
        base_folder(arena, "XDG_CONFIG_HOME", ".config"),
    };
    for (size_t i = 0; i < ROWS(folders); i++) {
        if (!folders[i])
            continue;
        const char *path = path_join(arena, folders[i], name);
        ARENA_PUSH(arena, out, path);
    }
}

static int program_check(const char *path, struct err *err)
{
    struct file_info info;
    if (!file_stat(path, true, &info))
        return err_set(err, ERR_NOT_FOUND, "'%s' is not there", path);
    if (!info.is_executable)
        return err_set(err, ERR_NOT_EXEC, "'%s' is %s", path,
                       info.is_folder ? "a folder" : "not executable");
    return 0;
}

int paths_find_program(struct arena *arena, const char *name, const char **out_path,
                       struct err *err)
{
    if (strchr(name, '/')) {
        if (program_check(name, err) < 0)
            return -1;
        *out_path = arena_strdup(arena, name);
        return 0;
    }
    const char *path = env_get("PATH");
    bool blocked = false;
    for (const char *at = path ? path : "/usr/local/bin:/usr/bin:/bin"; *name && at;) {
        size_t length = strcspn(at, ":");
        const char *folder = length ? arena_strndup(arena, at, length) : ".";
        const char *candidate = path_join(arena, folder, name);
        struct err problem;
        if (program_check(candidate, &problem) == 0) {
            *out_path = candidate;
            return 0;
        }
        blocked = blocked || problem.kind == ERR_NOT_EXEC;
        at = at[length] ? at + length + 1 : NULL;
    }
    if (blocked)
        return err_set(err, ERR_NOT_EXEC, "'%s' is on the PATH but not executable", name);
    return err_set(err, ERR_NOT_FOUND, "'%s' is not on the PATH", name);
}

const char *paths_self(struct arena *arena)
{
    return file_link(arena, "/proc/self/exe");
}
