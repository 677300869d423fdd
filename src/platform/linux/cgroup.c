/* One app's control group. Its folders are held open, so that every step later is a few calls of
 * the system without memory of our own; files in them are opened for each use, since descriptors
 * are scarcer than time here. */
#include "platform/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/text.h"
#include "platform/file.h"
#include "platform/linux/own_private.h"
#include "platform/linux/process_private.h"

#define PREFIX "qwguard-"
#define HOME_SUFFIX ".guard" /* of the group that we move to ourselves */

static int file_put(int folder, const char *name, const char *text)
{
    int fd = folder < 0 ? -1 : openat(folder, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t length = strlen(text);
    bool done = write(fd, text, length) == (ssize_t)length;
    int code = errno;
    close(fd);
    errno = code;
    return done ? 0 : -1;
}

static int file_put_in(const char *folder, const char *name, const char *text)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int done = file_put(fd, name, text);
    int code = errno;
    fd_close(&fd);
    errno = code;
    return done;
}

/* A whole small file, terminated; false when it cannot be read. */
static bool file_get(int folder, const char *name, char *out, size_t size)
{
    int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : read(fd, out, size - 1);
    fd_close(&fd);
    out[length > 0 ? length : 0] = '\0';
    return length > 0;
}

void cgroup_none(struct cgroup *out)
{
    *out = (struct cgroup){ .v1.folder = -1, .v2.folder = -1, .event = -1 };
}

static int path_make(char out[CGROUP_PATH_BYTES], const char *base, const char *name,
                     const char *suffix, struct err *err)
{
    int length = snprintf(out, CGROUP_PATH_BYTES, "%s/%s%s", base, name, suffix);
    if (length < 0 || length >= CGROUP_PATH_BYTES)
        return err_set(err, ERR_CREATE, "the path of the control group is too long");
    return 0;
}

static int folder_take(const char *path, struct err *err)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return err_set_os(err, errno, "cannot make the control group '%s'", path);
    return 0;
}

static int part_make(struct cgroup_part *part, const char *base, const char *name, const char *home,
                     struct err *err)
{
    if (path_make(part->path, base, name, "", err) < 0
        || path_make(part->home, home, "", "", err) < 0 || folder_take(part->path, err) < 0)
        return -1;
    part->folder = open(part->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (part->folder >= 0)
        return 0;
    err_set_os(err, errno, "cannot open the control group '%s'", part->path);
    (void)rmdir(part->path); /* nobody is in it yet */
    return -1;
}

static void home_leave(struct cgroup *group)
{
    if (!group->moved)
        return;
    /* A group with controllers holds no process, so they go first. */
    (void)file_put_in(group->base, "cgroup.subtree_control", "-memory");
    if (file_put_in(group->base, "cgroup.procs", "0") == 0)
        group->moved = false;
    (void)rmdir(group->v2.home); /* our log tap may live on in it; then the next start does it */
}

/* v2 with a bound, where all that is in the group is us. */
static int home_make(struct cgroup *group, const char *base, const char *name, struct err *err)
{
    char *home = group->v2.home;
    if (path_make(home, base, name, HOME_SUFFIX, err) < 0 || folder_take(home, err) < 0)
        return -1;
    group->base = base;
    group->moved = true;
    if (file_put_in(home, "cgroup.procs", "0") == 0
        && file_put_in(base, "cgroup.subtree_control", "+memory") == 0)
        return 0;
    err_set_os(err, errno, "cannot make room in the control group '%s'", base);
    home_leave(group);
    return -1;
}

static int v2_make(const struct cgroup_places *places, const char *name, struct cgroup *group,
                   struct err *err)
{
    const char *home = places->home;
    char made[CGROUP_PATH_BYTES];
    if (!home) {
        if (home_make(group, places->v2, name, err) < 0)
            return -1;
        memcpy(made, group->v2.home, sizeof made);
        home = made;
    } else if (places->v2_limits && !places->v2_turned_on
               && file_put_in(places->v2, "cgroup.subtree_control", "+memory") < 0) {
        return err_set_os(err, errno, "cannot turn memory on in '%s'", places->v2);
    }
    if (part_make(&group->v2, places->v2, name, home, err) == 0)
        return 0;
    home_leave(group);
    return -1;
}

int cgroup_make(const struct cgroup_places *places, const char *name, struct cgroup *out,
                struct err *err)
{
    struct cgroup group;
    cgroup_none(&group);
    group.limits_v2 = places->v2 && places->v2_limits;
    if (places->v2 && v2_make(places, name, &group, err) < 0)
        return -1;
    if (places->v1 && !group.limits_v2
        && part_make(&group.v1, places->v1, name, places->v1, err) < 0) {
        (void)cgroup_remove(&group);
        return -1;
    }
    if (group.v1.folder < 0 && group.v2.folder < 0)
        return err_set(err, ERR_DENIED, "no control group can be made here");
    *out = group;
    return 0;
}

static void event_make(struct cgroup *group)
{
    char line[64];
    if (group->event >= 0)
        return;
    if (group->limits_v2) {
        group->event = openat(group->v2.folder, "memory.events", O_RDONLY | O_CLOEXEC);
        return;
    }
    int control = openat(group->v1.folder, "memory.oom_control", O_RDONLY | O_CLOEXEC);
    int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)snprintf(line, sizeof line, "%d %d", event, control);
    if (control >= 0 && event >= 0
        && file_put(group->v1.folder, "cgroup.event_control", line) == 0) {
        group->event = event;
        event = -1;
    }
    fd_close(&control); /* the kernel remembers it until the counter is closed */
    fd_close(&event);
}

int cgroup_limit_set(struct cgroup *group, uint64_t bytes, struct err *err)
{
    static const char *const files[] = { "memory.limit_in_bytes", "memory.max" };
    static const char *const none[] = { "-1", "max" };
    const struct cgroup_part *part = group->limits_v2 ? &group->v2 : &group->v1;
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)bytes);
    if (file_put(part->folder, files[group->limits_v2],
                 bytes == UINT64_MAX ? none[group->limits_v2] : text)
        < 0)
        return err_set_os(err, errno, "cannot bound the memory of the control group '%s'",
                          part->path);
    group->limited = bytes != UINT64_MAX;
    if (group->limited)
        event_make(group); /* without it, what the kernel did is seen when the app has ended */
    return 0;
}

/* A number at the beginning of a text, which is moved behind it. */
static bool number_take(const char **text, uint64_t *out)
{
    const char *at = *text;
    uint64_t value = 0;
    while (*at >= '0' && *at <= '9')
        value = value * 10 + (uint64_t)(*at++ - '0');
    if (at == *text)
        return false;
    *text = at;
    *out = value;
    return true;
}

bool cgroup_kills_read(const struct cgroup *group, uint64_t *out_count)
{
    char text[512];
    bool read = group->limits_v2
                    ? file_get(group->v2.folder, "memory.events", text, sizeof text)
                    : file_get(group->v1.folder, "memory.oom_control", text, sizeof text);
    const char *at = read ? strstr(text, "oom_kill ") : NULL;
    if (!at)
        return false;
    at += strlen("oom_kill ");
    (void)number_take(&at, out_count); /* it stays as it was when there is none */
    return true;
}

void cgroup_enter(const struct cgroup *group, bool born_in)
{
    if (!born_in)
        (void)file_put(group->v2.folder, "cgroup.procs", "0");
    (void)file_put(group->v1.folder, "cgroup.procs", "0");
}

bool cgroup_freeze(struct cgroup *group, bool frozen)
{
    if (frozen == group->frozen)
        return true;
    if (file_put(group->v2.folder, "cgroup.freeze", frozen ? "1" : "0") < 0)
        return false;
    group->frozen = frozen;
    return true;
}

bool cgroup_kill(struct cgroup *group)
{
    group->killed = true; /* or perhaps */
    return file_put(group->v2.folder, "cgroup.kill", "1") == 0;
}

size_t cgroup_list(const struct cgroup *group, int64_t *pids, size_t capacity)
{
    size_t count = 0;
    int folder = group->v2.folder >= 0 ? group->v2.folder : group->v1.folder;
    int fd = folder < 0 ? -1 : openat(folder, "cgroup.procs", O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        (void)proc_pids_read(fd, pids, capacity, &count); /* else those before it */
    fd_close(&fd);
    return count;
}

void cgroup_move_out(const struct cgroup *group, int64_t pid)
{
    const struct cgroup_part *const parts[] = { &group->v1, &group->v2 };
    char text[32];
    (void)snprintf(text, sizeof text, "%lld", (long long)pid);
    for (size_t i = 0; i < ROWS(parts); i++)
        if (parts[i]->folder >= 0)
            (void)file_put_in(parts[i]->home, "cgroup.procs", text); /* else it stays in it */
}

void cgroup_leave(struct cgroup *group)
{
    fd_close(&group->v1.folder);
    fd_close(&group->v2.folder);
    fd_close(&group->event);
}

bool cgroup_remove(struct cgroup *group)
{
    struct cgroup_part *const parts[] = { &group->v1, &group->v2 };
    struct err ignored;
    bool gone = true;
    (void)cgroup_freeze(group, false);
    for (size_t i = 0; i < ROWS(parts); i++)
        if (parts[i]->folder >= 0 && rmdir(parts[i]->path) < 0 && errno != ENOENT)
            gone = false;
    if (!gone && group->limited)
        (void)cgroup_limit_set(group, UINT64_MAX, &ignored); /* nobody would start it again */
    if (gone)
        home_leave(group);
    cgroup_leave(group);
    return gone;
}

void cgroup_name(char out[CGROUP_NAME_BYTES], int64_t pid, uint64_t start)
{
    (void)snprintf(out, CGROUP_NAME_BYTES, PREFIX "%lld-%llu", (long long)pid,
                   (unsigned long long)start);
}

/* Is there no guard any more whose name this is? */
static bool is_left(struct process_table *table, const char *name)
{
    struct process_facts facts;
    struct err err;
    uint64_t pid, start;
    const char *at = name + strlen(PREFIX);
    if (!text_starts(name, PREFIX) || !number_take(&at, &pid) || pid == 0 || *at++ != '-'
        || !number_take(&at, &start) || (*at && !text_equal(at, HOME_SUFFIX)))
        return false;
    if (process_facts_read(table, (int64_t)pid, &facts, &err) < 0)
        return err.kind == ERR_GONE;
    return facts.start != start || facts.ended;
}

static void folder_clean(struct process_table *table, const char *base)
{
    struct arena arena = { 0 };
    struct strings names = { 0 };
    struct err ignored; /* another user's, or gone */
    if (base && folder_list(&arena, base, &names, &ignored) == 0) {
        for (size_t i = 0; i < names.count; i++) {
            if (!is_left(table, names.items[i]))
                continue;
            const char *path = path_join(&arena, base, names.items[i]);
            if (rmdir(path) < 0 && errno == EBUSY)
                (void)file_put_in(path, "cgroup.freeze", "0");
        }
    }
    arena_clear(&arena);
}

void cgroup_clean(struct process_table *table, const struct cgroup_places *places)
{
    folder_clean(table, places->v1);
    folder_clean(table, places->v2);
}
