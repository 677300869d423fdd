/* Files and folders on Linux: whole-file reads, atomic writes, private folders. */
#include "platform/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/linux/own_private.h"
#include "platform/state.h"

#define READ_STEP_BYTES ((size_t)16 * 1024)
#define LINE_MAX_BYTES ((size_t)64 * 1024)

static void dir_close(DIR **dir)
{
    if (*dir)
        (void)closedir(*dir); /* read-only */
    *dir = NULL;
}

/* A file that may not be read is as good as none (contract §2: 66, as sysexits.h has it). */
static int open_failed(struct err *err, int os, const char *path)
{
    err_set_os(err, os, "cannot read '%s'", path);
    if (err->kind == ERR_DENIED)
        err->kind = ERR_NO_INPUT;
    return -1;
}

static int fd_read_all(int fd, const char *path, size_t max_bytes, struct text *text,
                       struct err *err)
{
    char step[READ_STEP_BYTES];
    struct stat info;
    if (fstat(fd, &info) == 0 && info.st_size > 0 && (uint64_t)info.st_size <= max_bytes
        && (size_t)info.st_size > sizeof step) /* else it would be copied at every step */
        text_reserve(text, (size_t)info.st_size);
    text_add(text, "", 0);
    for (;;) {
        ssize_t got = read(fd, step, sizeof step);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_os(err, errno, "cannot read '%s'", path);
        if (got == 0)
            return 0;
        if (text->length + (size_t)got > max_bytes)
            return err_set(err, ERR_DATA, "'%s' is larger than %zu KiB", path, max_bytes / 1024);
        text_add(text, step, (size_t)got);
    }
}

/* path      "-" is standard input
 * flags     for open(2), beside those that every reader wants */
static int path_read(struct arena *arena, const char *path, int flags, size_t max_bytes,
                     const char **out_bytes, size_t *out_length, struct err *err)
{
    struct text text = { .arena = arena };
    CLEANUP(fd_close) int opened = -1;
    int fd = STDIN_FILENO;
    if (!text_equal(path, "-")) {
        fd = opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
        if (fd < 0)
            return open_failed(err, errno, path);
    }
    if (fd_read_all(fd, path, max_bytes, &text, err) < 0)
        return -1;
    *out_bytes = text.bytes;
    if (out_length)
        *out_length = text.length;
    return 0;
}

int file_read(struct arena *arena, const char *path, size_t max_bytes, const char **out_bytes,
              size_t *out_length, struct err *err)
{
    return path_read(arena, path, 0, max_bytes, out_bytes, out_length, err);
}

/* Below --root anything may stand where a file is looked for: a pipe without a writer is empty. */
const char *file_line(struct arena *arena, const char *path)
{
    struct err ignored;
    const char *bytes;
    if (path_read(arena, path, O_NONBLOCK, LINE_MAX_BYTES, &bytes, NULL, &ignored) < 0)
        return NULL;
    return text_trim(arena, bytes);
}

static void folder_sync(const char *path)
{
    struct arena arena = { 0 };
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : NULL;
    if (!folder)
        folder = arena_strndup(&arena, path, (size_t)(slash - path));
    CLEANUP(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd); /* some file systems cannot; the rename itself stands */
    arena_clear(&arena);
}

int file_write(const char *path, const void *bytes, size_t length, unsigned mode, bool sync,
               struct err *err)
{
    struct arena arena = { 0 };
    char *temporary = arena_printf(&arena, "%s.XXXXXX", path);
    int problem = 0;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        problem = errno;
    } else {
        problem = own_fill(fd, bytes, length, mode, sync);
        if (close(fd) < 0 && !problem)
            problem = errno;
        if (!problem && rename(temporary, path) < 0)
            problem = errno;
        if (problem)
            (void)unlink(temporary); /* the first problem is the one to report */
        else if (sync)
            folder_sync(path);
    }
    arena_clear(&arena);
    if (!problem)
        return 0;
    err_set_os(err, problem, "cannot write '%s'", path);
    if (err->kind == ERR_NO_INPUT)
        err->kind = ERR_CREATE;
    return -1;
}

/* Ours already, but open to others: it was made by hand, or copied. */
static void folder_tighten(const char *path)
{
    struct stat info;
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &info) == 0 && info.st_uid == geteuid() && (info.st_mode & 077))
        (void)fchmod(fd, info.st_mode & 0700); /* some file systems have no modes */
}

int folder_make_private(const char *path, struct err *err)
{
    struct arena arena = { 0 };
    char *part = arena_strdup(&arena, path);
    int problem = 0;
    for (char *at = part + (*part == '/'); *at && !problem; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            problem = errno;
        *at = '/';
    }
    if (!problem && mkdir(path, 0700) < 0 && errno != EEXIST)
        problem = errno;
    arena_clear(&arena);
    if (problem) {
        err_set_os(err, problem, "cannot make folder '%s'", path);
        if (err->kind != ERR_DENIED)
            err->kind = ERR_CREATE;
        return -1;
    }
    if (state_folder_check(path, err) < 0)
        return -1;
    folder_tighten(path);
    return 0;
}

static int names_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int folder_list(struct arena *arena, const char *path, struct strings *out, struct err *err)
{
    struct strings names = { 0 };
    CLEANUP(dir_close) DIR *dir = opendir(path);
    if (!dir)
        return err_set_os(err, errno, "cannot read folder '%s'", path);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry && errno)
            return err_set_os(err, errno, "cannot read folder '%s'", path);
        if (!entry)
            break;
        if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
            continue;
        const char *name = arena_strdup(arena, entry->d_name);
        ARENA_PUSH(arena, &names, name);
    }
    if (names.count)
        qsort(names.items, names.count, sizeof *names.items, names_compare);
    *out = names;
    return 0;
}

static int folder_empty(int parent, const char *name, unsigned depth)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    CLEANUP(dir_close) DIR *dir = fdopendir(fd);
    if (!dir) {
        (void)close(fd); /* the failure of fdopendir is the one to report */
        return -1;
    }
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            continue;
        if (depth == 0 || folder_empty(dirfd(dir), entry->d_name, depth - 1) < 0
            || unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) < 0)
            return -1;
    }
    return 0;
}

int folder_remove(const char *path, struct err *err)
{
    if (folder_empty(AT_FDCWD, path, 1) < 0 || rmdir(path) < 0)
        return err_set_os(err, errno, "cannot remove folder '%s'", path);
    return 0;
}

int file_remove(const char *path, struct err *err)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return err_set_os(err, errno, "cannot remove '%s'", path);
    return 0;
}

int file_rename(const char *from, const char *to, struct err *err)
{
    if (rename(from, to) < 0)
        return err_set_os(err, errno, "cannot rename '%s'", from);
    return 0;
}

bool file_stat(const char *path, bool follow, struct file_info *out)
{
    struct stat info;
    if ((follow ? stat(path, &info) : lstat(path, &info)) < 0)
        return false;
    *out = (struct file_info){
        .size_bytes = (uint64_t)info.st_size,
        .modified_ns = (uint64_t)info.st_mtim.tv_sec * SECOND_NS + (uint64_t)info.st_mtim.tv_nsec,
        .inode = info.st_ino,
        .device = info.st_dev,
        .is_folder = S_ISDIR(info.st_mode),
        .is_regular = S_ISREG(info.st_mode),
        .is_link = S_ISLNK(info.st_mode),
        .is_executable = S_ISREG(info.st_mode) && access(path, X_OK) == 0,
    };
    return true;
}

const char *file_link(struct arena *arena, const char *path)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target);
    if (length < 0 || (size_t)length == sizeof target)
        return NULL;
    return arena_strndup(arena, target, (size_t)length);
}

const char *file_resolve(struct arena *arena, const char *path)
{
    char *resolved = realpath(path, NULL);
    const char *copy = arena_strdup(arena, resolved);
    free(resolved);
    return copy;
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_join(struct arena *arena, const char *first, const char *second)
{
    if (!first || !*first)
        return arena_strdup(arena, second);
    size_t length = strlen(first);
    while (length && first[length - 1] == '/')
        length--;
    while (*second == '/')
        second++;
    return arena_printf(arena, "%.*s/%s", (int)length, first, second);
}

int file_map_open(const char *path, struct file_map *out, struct err *err)
{
    struct stat info;
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) < 0)
        return open_failed(err, errno, path);
    if (!S_ISREG(info.st_mode))
        return err_set(err, ERR_DATA, "'%s' is no regular file", path);
    if (info.st_size == 0)
        return err_set(err, ERR_DATA, "'%s' is empty", path);
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return err_set_os(err, errno, "cannot map '%s'", path);
    *out = (struct file_map){ .bytes = bytes,
                              .length = (size_t)info.st_size,
                              .handle_after = fd + 1 };
    fd = -1; /* it is the map's now */
    return 0;
}

bool file_map_has_file(const struct file_map *map)
{
    return map->handle_after > 0;
}

bool file_map_read(const struct file_map *map, uint64_t offset, void *out, size_t length)
{
    size_t got;
    struct err ignored; /* the caller is told that not all could be read */
    return own_read_at(map->handle_after - 1, "", out, length, (off_t)offset, &got, &ignored) == 0
           && got == length;
}

void file_map_close(struct file_map *map)
{
    if (map->bytes)
        (void)munmap((void *)(uintptr_t)map->bytes,
                     map->length); /* was mapped by us: cannot fail */
    if (map->handle_after)
        (void)close(map->handle_after - 1); /* was read only */
    *map = (struct file_map){ 0 };
}
