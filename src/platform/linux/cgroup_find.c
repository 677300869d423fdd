/* Where a control group may be made. The kernel would let root do it anywhere; but a service
 * manager that owns the tree loses track of what it started when somebody else moves it about, so
 * with v2 only a group counts that was handed over. */
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/text.h"
#include "platform/cgroup.h"
#include "platform/file.h"
#include "platform/linux/cgroup_private.h"

#define PROC_FILE_MAX_BYTES ((size_t)1024 * 1024)
#define MOUNT_MARK " - cgroup" /* in a line of mountinfo about either version */

/* Where we are. */
struct here {
    const char *root;
    const char *groups; /* as cgroup_own() gives them */
    const char *mounts; /* /proc/self/mountinfo */
};

/* Is the word in a list that is separated by commas or spaces? */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    while (list && *list) {
        size_t size = strcspn(list, ", ");
        if (size == length && strncmp(list, word, size) == 0)
            return true;
        list += size;
        list += strspn(list, ", ");
    }
    return false;
}

static const char *whole(struct arena *arena, const char *root, const char *path)
{
    const char *text;
    struct err ignored; /* no such file: there is nothing to find */
    if (file_read(arena, arena_printf(arena, "%s%s", root, path), PROC_FILE_MAX_BYTES, &text, NULL,
                  &ignored)
        < 0)
        return "";
    return text;
}

const char *cgroup_own(struct arena *arena, const char *root)
{
    return whole(arena, root, "/proc/self/cgroup");
}

/* Lines: "7:memory:/docker/x", "3:cpu,memory:/y", "0::/user.slice". */
const char *cgroup_own_of(struct arena *arena, const char *own, const char *controller)
{
    for (const char *line = own; *line;) {
        size_t length = strcspn(line, "\n");
        const char *copy = arena_strndup(arena, line, length);
        const char *first = strchr(copy, ':');
        const char *second = first ? strchr(first + 1, ':') : NULL;
        line += length + (line[length] == '\n');
        if (!second)
            continue;
        const char *names = arena_strndup(arena, first + 1, (size_t)(second - first - 1));
        if (*controller ? has_word(names, controller) : !*names)
            return second + 1;
    }
    return NULL;
}

/* A line of mountinfo, proc(5):
 * "36 35 0:33 /root /mount rw,relatime shared:9 - cgroup cgroup rw,memory" */
struct mount {
    const char *root, *point, *type, *options;
};

static bool mount_read(struct arena *arena, const char *line, size_t length, struct mount *out)
{
    struct strings words = { 0 };
    size_t dash = 0;
    for (size_t at = 0; at < length;) {
        size_t size = 0;
        while (at + size < length && line[at + size] != ' ')
            size++;
        const char *word = arena_strndup(arena, line + at, size);
        if (!dash && text_equal(word, "-"))
            dash = words.count;
        ARENA_PUSH(arena, &words, word);
        at += size + 1;
    }
    if (dash < 6 || words.count < dash + 4)
        return false;
    *out = (struct mount){ words.items[3], words.items[4], words.items[dash + 1],
                           words.items[dash + 3] };
    return !strchr(out->root, '\\') && !strchr(out->point, '\\'); /* a blank in it */
}

/* Folder of a group below its mount; NULL when it is not visible here. */
static const char *folder_of(struct arena *arena, const char *root, const struct mount *mount,
                             const char *group)
{
    size_t length = text_equal(mount->root, "/") ? 0 : strlen(mount->root);
    if (!text_starts(group, "/") || strstr(group, "/..") || strncmp(group, mount->root, length) != 0
        || (group[length] && group[length] != '/'))
        return NULL;
    group += length;
    return arena_printf(arena, "%s%s%s", root, mount->point, text_equal(group, "/") ? "" : group);
}

/* Our own group's folder, and where the mount begins. */
static const char *own_folder(struct arena *arena, const struct here *here, const char *type,
                              const char *controller, const char **out_top)
{
    const char *group = cgroup_own_of(arena, here->groups, controller);
    if (!group)
        return NULL;
    for (const char *line = here->mounts; *line;) {
        size_t length = strcspn(line, "\n");
        struct mount mount;
        bool read = memmem(line, length, MOUNT_MARK, strlen(MOUNT_MARK))
                    && mount_read(arena, line, length, &mount);
        line += length + (line[length] == '\n');
        if (!read || !text_equal(mount.type, type)
            || (*controller && !has_word(mount.options, controller)))
            continue;
        *out_top = arena_printf(arena, "%s%s", here->root, mount.point);
        const char *folder = folder_of(arena, here->root, &mount, group);
        if (folder)
            return folder;
    }
    return NULL;
}

static bool may_write(struct arena *arena, const char *folder, const char *file)
{
    return access(file ? path_join(arena, folder, file) : folder, W_OK) == 0;
}

/* Marked by the service manager, or given to this user while the group above it is another's. */
static bool is_delegated(struct arena *arena, const char *folder)
{
    static const char *const names[] = { "trusted.delegate", "user.delegate" };
    char value[8];
    struct stat info, above;
    for (size_t i = 0; i < ROWS(names); i++)
        if (getxattr(folder, names[i], value, sizeof value) == 1 && value[0] == '1')
            return true;
    return geteuid() != 0 && stat(folder, &info) == 0 && info.st_uid == geteuid()
           && stat(path_join(arena, folder, ".."), &above) == 0 && above.st_uid != info.st_uid;
}

static bool is_alone(struct arena *arena, const char *folder)
{
    const char *line = file_line(arena, path_join(arena, folder, "cgroup.procs"));
    uint64_t pid;
    return line && text_to_u64(line, &pid) && pid == (uint64_t)process_self();
}

static bool lists_memory(struct arena *arena, const char *folder, const char *file)
{
    return has_word(file_line(arena, path_join(arena, folder, file)), "memory");
}

static bool may_make(struct arena *arena, const char *folder)
{
    return may_write(arena, folder, NULL) && may_write(arena, folder, "cgroup.procs");
}

/* A group of v2 that holds both ours and the app's. Moving from one to the other needs the right to
 * write into the cgroup.procs of their common one. */
static void v2_take(struct arena *arena, const char *base, const char *home, bool managed,
                    struct cgroup_places *out)
{
    bool offered = lists_memory(arena, base, "cgroup.controllers");
    bool on = lists_memory(arena, base, "cgroup.subtree_control");
    bool turn_on = managed && offered && may_write(arena, base, "cgroup.subtree_control");
    if (!may_make(arena, base))
        return;
    out->v2_limits = on || (turn_on && (home != base || is_alone(arena, base)));
    out->v2_turned_on = on;
    out->v2 = base;
    out->home = home == base && out->v2_limits && !on ? NULL : home;
}

static void v2_find(struct arena *arena, const struct here *here, struct cgroup_places *out)
{
    const char *top;
    struct file_info info;
    const char *own = own_folder(arena, here, "cgroup2", "", &top);
    if (!own)
        return;
    const char *slash = strrchr(own, '/');
    const char *above = strlen(own) > strlen(top) ? arena_strndup(arena, own, (size_t)(slash - own))
                                                  : NULL;
    bool managed = file_stat(arena_printf(arena, "%s/run/systemd/system", here->root), true, &info);
    if (is_delegated(arena, own))
        v2_take(arena, own, own, true, out);
    else if (above && is_delegated(arena, above))
        v2_take(arena, above, own, true, out);
    else if (!managed)
        v2_take(arena, own, own, false, out);
    else
        out->why = "control groups are managed here, and none was delegated (Delegate=yes)";
}

void cgroup_find(struct arena *arena, const char *root, struct cgroup_places *out)
{
    const char *top;
    struct here here = { .root = root,
                         .groups = cgroup_own(arena, root),
                         .mounts = whole(arena, root, "/proc/self/mountinfo") };
    *out = (struct cgroup_places){ .why = "no control group bounds memory here that we may make" };
    const char *own = own_folder(arena, &here, "cgroup", "memory", &top);
    if (own && may_make(arena, own))
        out->v1 = own;
    v2_find(arena, &here, out);
    if (out->v1 || out->v2_limits)
        out->why = NULL;
}
