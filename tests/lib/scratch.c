/* Folders of tests. They lie below TMPDIR, which the runner sets for each program. */
#include "scratch.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"

#define OPEN_MAX_FOLDERS 16

static const char *below(struct arena *arena, const char *folder, const char *path)
{
    return arena_printf(arena, "%s/%s", folder, path + (*path == '/'));
}

static void folders_make(const char *path, size_t from)
{
    char part[4096];
    for (size_t i = from; path[i]; i++) {
        if (path[i] != '/' || i == 0 || i >= sizeof part)
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            fail_msg("cannot make '%s': %s", part, strerror(errno));
    }
}

const char *scratch_make(struct arena *arena)
{
    const char *above = getenv("TMPDIR");
    char *name = arena_printf(arena, "%s/qwg-XXXXXX", above && *above ? above : "/tmp");
    if (!mkdtemp(name))
        fail_msg("cannot make '%s': %s", name, strerror(errno));
    char *real = realpath(name, NULL);
    const char *copy = arena_strdup(arena, real);
    free(real);
    return copy;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void scratch_remove(const char *folder)
{
    if (nftw(folder, remove_one, OPEN_MAX_FOLDERS, FTW_DEPTH | FTW_PHYS) < 0)
        fail_msg("cannot remove '%s': %s", folder, strerror(errno));
}

const char *scratch_write(struct arena *arena, const char *folder, const char *path,
                          const void *bytes, size_t length)
{
    const char *whole = below(arena, folder, path);
    folders_make(whole, strlen(folder) + 1);
    FILE *file = fopen(whole, "wbe");
    if (!file)
        fail_msg("cannot write '%s': %s", whole, strerror(errno));
    size_t written = fwrite(bytes, 1, length, file);
    if (fclose(file) != 0 || written != length)
        fail_msg("cannot write '%s'", whole);
    return whole;
}

const char *scratch_folder(struct arena *arena, const char *folder, const char *path)
{
    const char *whole = below(arena, folder, path);
    folders_make(whole, strlen(folder) + 1);
    if (mkdir(whole, 0755) < 0 && errno != EEXIST)
        fail_msg("cannot make '%s': %s", whole, strerror(errno));
    return whole;
}

const char *scratch_link(struct arena *arena, const char *folder, const char *path,
                         const char *target)
{
    const char *whole = below(arena, folder, path);
    folders_make(whole, strlen(folder) + 1);
    if (symlink(target, whole) < 0)
        fail_msg("cannot link '%s': %s", whole, strerror(errno));
    return whole;
}
