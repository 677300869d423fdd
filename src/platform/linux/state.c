/* This user's own files on Linux: opened without following a link, then looked at through the
 * descriptor, so that nothing can be exchanged between the look and the reading. */
#include "platform/state.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/linux/own_private.h"

int state_folder_check(const char *path, struct err *err)
{
    struct stat info;
    if (lstat(path, &info) < 0)
        return err_set_os(err, errno, "cannot look at '%s'", path);
    if (S_ISLNK(info.st_mode))
        return err_set(err, ERR_DENIED, "'%s' is a symbolic link; it is not used", path);
    if (!S_ISDIR(info.st_mode))
        return err_set(err, ERR_DENIED, "'%s' is no folder", path);
    if (info.st_uid != geteuid())
        return err_set(err, ERR_DENIED, "'%s' belongs to another user; it is not used", path);
    return 0;
}

void state_folder_sync(const char *path)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd); /* some file systems cannot; the rename itself stands */
}

static int own_open(const char *path, int *out_fd, struct stat *info, struct err *err)
{
    /* A pipe put there must not block the reader. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    *out_fd = fd;
    if (fd < 0 && errno == ELOOP)
        return err_set(err, ERR_DENIED, "'%s' is a symbolic link; it is not used", path);
    return own_look(fd, path, info, err);
}

int state_reserve(const char *path, uint64_t bytes, struct err *err)
{
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid()
        && (uint64_t)info.st_size >= bytes && (uint64_t)info.st_blocks * 512 >= bytes)
        return 0;
    CLEANUP(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_os(err, errno, "cannot write '%s'", path);
    /* It writes where the file system cannot allocate; a failure is returned, not in errno. */
    int problem = posix_fallocate(fd, 0, (off_t)bytes);
    if (problem == 0)
        return 0;
    (void)unlink(path); /* half a reserve is none */
    return err_set_os(err, problem, "cannot reserve '%s'", path);
}

int state_read(struct arena *arena, const char *path, size_t max_bytes, const char **out_bytes,
               size_t *out_length, struct err *err)
{
    struct stat info;
    CLEANUP(fd_close) int fd = -1;
    if (own_open(path, &fd, &info, err) < 0)
        return -1;
    return own_read(arena, fd, &info, path, max_bytes, out_bytes, out_length, err);
}

int state_folder_open(const char *path, struct state_folder *out, struct err *err)
{
    if (state_folder_check(path, err) < 0)
        return -1;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set_os(err, errno, "cannot read folder '%s'", path);
    *out = (struct state_folder){ .fd = fd, .user = geteuid() };
    return 0;
}

void state_folder_close(struct state_folder *folder)
{
    fd_close(&folder->fd);
}

/* Without openat2(2) (Linux before 5.6, some containers): the folder is looked at by itself. */
static int open_below_by_parts(int fd, const char *path, int flags)
{
    char folder[256];
    struct stat info;
    size_t length = strcspn(path, "/");
    if (path[length] == '/' && length < sizeof folder) {
        memcpy(folder, path, length);
        folder[length] = '\0';
        if (fstatat(fd, folder, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(info.st_mode))
            return -1;
    }
    return openat(fd, path, flags | O_CLOEXEC);
}

static int open_below(int fd, const char *path)
{
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    struct open_how how = { .flags = (unsigned)flags,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
    int opened = (int)syscall(SYS_openat2, fd, path, &how, sizeof how);
    if (opened < 0 && (errno == ENOSYS || errno == EPERM))
        return open_below_by_parts(fd, path, flags);
    return opened;
}

bool state_read_ends(const struct state_folder *folder, const char *path, char *out, size_t size,
                     struct state_ends *ends)
{
    struct stat info;
    struct state_ends found = { 0 };
    struct err ignored;
    size_t last;
    CLEANUP(fd_close) int fd = open_below(folder->fd, path);
    out[0] = '\0';
    if (fd < 0 || fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_uid != folder->user
        || own_read_at(fd, path, out, size - 1, 0, &found.length, &ignored) < 0)
        return false;
    out[found.length] = '\0';
    found.size_bytes = (uint64_t)info.st_size;
    if (info.st_size >= (off_t)sizeof found.last
        && own_read_at(fd, path, found.last, sizeof found.last,
                       info.st_size - (off_t)sizeof found.last, &last, &ignored)
               < 0)
        return false;
    *ends = found;
    return true;
}

int state_slot_make(const char *path, struct state_slot *out, struct err *err)
{
    (void)unlink(path); /* what cannot be removed is told by open */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_set_os(err, errno, "cannot make '%s'", path);
        if (err->kind != ERR_DENIED)
            err->kind = ERR_CREATE;
        return -1;
    }
    out->fd = fd;
    return 0;
}

bool state_slot_write(const struct state_slot *slot, const void *bytes, size_t length)
{
    ssize_t written;
    do
        written = pwrite(slot->fd, bytes, length, 0);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

void state_slot_close(struct state_slot *slot)
{
    fd_close(&slot->fd);
}
