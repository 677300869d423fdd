/* This user's own files, looked at and read through an open descriptor, so that nothing can be
 * exchanged between the look and the reading; and filled. How they are opened is the caller's
 * matter. */
#include "platform/linux/own_private.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* see the header: nothing can be lost by it */
    *fd = -1;
}

int own_look(int fd, const char *path, struct stat *info, struct err *err)
{
    if (fd < 0 || fstat(fd, info) < 0)
        return err_set_os(err, errno, "cannot read '%s'", path);
    if (!S_ISREG(info->st_mode))
        return err_set(err, ERR_DATA, "'%s' is no regular file", path);
    if (info->st_uid != geteuid())
        return err_set(err, ERR_DENIED, "'%s' belongs to another user; it is not used", path);
    return 0;
}

int own_read_at(int fd, const char *path, char *out, size_t size, off_t offset, size_t *out_length,
                struct err *err)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = pread(fd, out + length, size - length, offset + (off_t)length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_os(err, errno, "cannot read '%s'", path);
        if (got == 0)
            break;
        length += (size_t)got;
    }
    *out_length = length;
    return 0;
}

int own_read(struct arena *arena, int fd, const struct stat *info, const char *path,
             size_t max_bytes, const char **out_bytes, size_t *out_length, struct err *err)
{
    size_t length;
    if ((uint64_t)info->st_size > max_bytes)
        return err_set(err, ERR_DATA, "'%s' is larger than %zu KiB", path, max_bytes / 1024);
    char *bytes = arena_alloc(arena, (size_t)info->st_size + 1); /* zeroed: terminated */
    if (own_read_at(fd, path, bytes, (size_t)info->st_size, 0, &length, err) < 0)
        return -1;
    *out_bytes = bytes;
    if (out_length)
        *out_length = length;
    return 0;
}

static int fd_write_all(int fd, const char *bytes, size_t length)
{
    while (length) {
        ssize_t wrote = write(fd, bytes, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        bytes += wrote;
        length -= (size_t)wrote;
    }
    return 0;
}

int own_fill(int fd, const void *bytes, size_t length, unsigned mode, bool sync)
{
    if (fd_write_all(fd, bytes, length) < 0 || fchmod(fd, (mode_t)mode) < 0
        || (sync && fsync(fd) < 0))
        return errno;
    return 0;
}
