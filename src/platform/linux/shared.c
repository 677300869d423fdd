/* Files among other people's on Linux: openat(2) part by part, without following what is not
 * trusted, and renameat2(2) so that a name that appeared meanwhile is not lost. */
#include "platform/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/file.h"
#include "platform/linux/own_private.h"

void shared_close(struct shared_folder *folder)
{
    fd_close(&folder->fd);
}

void shared_unlock(struct shared_lock *lock)
{
    if (lock->fd >= 0)
        (void)flock(lock->fd, LOCK_UN); /* a copy of this process may hold the descriptor, too */
    fd_close(&lock->fd);
}

static bool is_trusted(const struct stat *info)
{
    return info->st_uid == 0 || info->st_uid == geteuid();
}

/* One part of the way. Returns a descriptor, or -1 and err; `name` is the path so far. */
static int part_open(int parent, const char *part, const char *name, bool links, struct err *err)
{
    struct stat info;
    /* O_PATH: a folder that may be passed need not be one that may be listed */
    int fd = openat(parent, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR)) {
        if (fstatat(parent, part, &info, AT_SYMLINK_NOFOLLOW) < 0)
            return err_set_os(err, errno, "cannot open folder '%s'", name);
        if (!S_ISLNK(info.st_mode))
            return err_set(err, ERR_CREATE, "'%s' is no folder", name);
        if (!links)
            return err_set(err, ERR_DENIED, "'%s' is a symbolic link; it is not followed", name);
        if (!is_trusted(&info))
            return err_set(err, ERR_DENIED, "'%s' is another user's link; it is not followed",
                           name);
        fd = openat(parent, part, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (fd < 0)
        return err_set_os(err, errno, "cannot open folder '%s'", name);
    if (fstat(fd, &info) < 0 || !is_trusted(&info)) {
        (void)close(fd); /* only looked at */
        return err_set(err, ERR_DENIED, "folder '%s' belongs to another user; it is not used",
                       name);
    }
    return fd;
}

static int part_make(int parent, const char *part, const char *name, struct err *err)
{
    if (mkdirat(parent, part, 0755) == 0)
        return 0;
    if (errno == EEXIST) /* another one made it meanwhile */
        return 0;
    err_set_os(err, errno, "cannot make folder '%s'", name);
    if (err->kind == ERR_SYSTEM)
        err->kind = ERR_CREATE;
    return -1;
}

/* The folder `below` (of length bytes, begins with a slash or is empty) under root. */
static int walk(struct arena *arena, const char *root, const char *below, size_t length,
                struct strings *made, int *out_fd, struct err *err)
{
    CLEANUP(fd_close) int fd = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set_os(err, errno, "cannot open folder '%s'", root);
    for (size_t at = 0; at < length;) {
        size_t start = at + strspn(below + at, "/");
        size_t end = start + strcspn(below + start, "/");
        if (start >= length)
            break;
        const char *part = arena_strndup(arena, below + start, end - start);
        const char *path = arena_strndup(arena, below, end);
        const char *name = arena_printf(arena, "%s%s", root, path);
        int next = part_open(fd, part, name, !*root, err);
        if (next < 0 && err->kind == ERR_NO_INPUT && made) {
            if (part_make(fd, part, name, err) < 0)
                return -1;
            ARENA_PUSH(arena, made, path);
            next = part_open(fd, part, name, !*root, err);
        }
        if (next < 0)
            return -1;
        fd_close(&fd);
        fd = next;
        at = end;
    }
    *out_fd = fd;
    fd = -1;
    return 0;
}

int shared_open(struct arena *arena, const char *root, const char *path, struct strings *made,
                struct shared_folder *out, struct err *err)
{
    int fd;
    if (walk(arena, root, path, (size_t)(path_name(path) - path), made, &fd, err) < 0)
        return -1;
    out->fd = fd;
    return 0;
}

int shared_read(struct arena *arena, const struct shared_folder *folder, const char *path,
                size_t max_bytes, const char **out_bytes, size_t *out_length, struct err *err)
{
    struct stat info;
    /* A pipe put there must not block the reader. */
    CLEANUP(fd_close)
    int fd = openat(folder->fd, path_name(path),
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP)
        return err_set(err, ERR_DENIED, "'%s' is a symbolic link; it is not followed", path);
    if (own_look(fd, path, &info, err) < 0)
        return -1;
    return own_read(arena, fd, &info, path, max_bytes, out_bytes, out_length, err);
}

/* Make the names in it last. Failures are ignored: some file systems cannot, the rename stands. */
static void names_sync(int folder)
{
    CLEANUP(fd_close) int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd);
}

/* A new file under a name that nobody else has. Returns its descriptor, or -1 and errno. */
static int temporary_open(int folder, char *name, size_t size)
{
    for (unsigned tries = 0; tries < 100; tries++) {
        unsigned long long number = 0;
        if (getrandom(&number, sizeof number, GRND_NONBLOCK) < 0)
            number = (unsigned long long)getpid() * 100 + tries; /* early at boot: not yet filled */
        (void)snprintf(name, size, ".qwguard-%016llx", number);  /* has room for it */
        int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* Returns 0 or an errno; the temporary name is gone in the end only on success. */
static int name_give(int folder, const char *temporary, const char *name, bool replace)
{
    if (replace)
        return renameat(folder, temporary, folder, name) < 0 ? errno : 0;
    if (renameat2(folder, temporary, folder, name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    /* a file system without that flag (NFS): a second name refuses to replace as well */
    if (linkat(folder, temporary, folder, name, 0) < 0)
        return errno;
    (void)unlinkat(folder, temporary, 0); /* the file itself is in place */
    return 0;
}

int shared_write(const struct shared_folder *folder, const char *path, const char *bytes,
                 size_t length, unsigned mode, bool replace, struct err *err)
{
    char temporary[32];
    int problem = 0;
    int fd = temporary_open(folder->fd, temporary, sizeof temporary);
    if (fd < 0) {
        problem = errno;
    } else {
        problem = own_fill(fd, bytes, length, mode, true);
        if (close(fd) < 0 && !problem)
            problem = errno;
        if (!problem)
            problem = name_give(folder->fd, temporary, path_name(path), replace);
        if (problem)
            (void)unlinkat(folder->fd, temporary, 0); /* the first problem is the one to report */
        else
            names_sync(folder->fd);
    }
    if (!problem)
        return 0;
    err_set_os(err, problem, "cannot write '%s'", path);
    if (err->kind != ERR_DENIED && problem != ENOSPC && problem != EIO)
        err->kind = ERR_CREATE;
    return -1;
}

int shared_remove(const struct shared_folder *folder, const char *path, struct err *err)
{
    if (unlinkat(folder->fd, path_name(path), 0) < 0 && errno != ENOENT)
        return err_set_os(err, errno, "cannot remove '%s'", path);
    names_sync(folder->fd);
    return 0;
}

void shared_folders_remove(struct arena *arena, const char *root, const struct strings *made)
{
    struct err ignored;
    for (size_t i = made->count; i > 0; i--) {
        const char *path = made->items[i - 1];
        CLEANUP(shared_close) struct shared_folder parent = { .fd = -1 };
        if (shared_open(arena, root, path, NULL, &parent, &ignored) < 0
            || unlinkat(parent.fd, path_name(path), AT_REMOVEDIR) < 0)
            continue; /* gone, or something is in it: then those around it are not empty either */
    }
}

int shared_lock(const char *path, struct shared_lock *out, struct err *err)
{
    CLEANUP(fd_close)
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_set_os(err, errno, "cannot make '%s'", path);
        return -1;
    }
    while (flock(fd, LOCK_EX) < 0) {
        if (errno != EINTR)
            return err_set_os(err, errno, "cannot lock '%s'", path);
    }
    out->fd = fd;
    fd = -1;
    return 0;
}
