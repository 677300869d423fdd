/* archive.h: a few files as one compressed archive (tar.gz), made in memory.
 * Room: base. The tar is POSIX ustar written here: libarchive would bring libxml2 and ICU into every
 * process of this program, the guard among them, for one header of 512 bytes. */
#ifndef QWGUARD_BASE_ARCHIVE_H
#define QWGUARD_BASE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* `{ .text = { .arena = arena } }` is an empty archive. */
struct archive {
    struct text text;
};

/**
 * Add a regular file, mode 0600, owned by nobody in particular.
 *
 * name      at most 99 bytes, relative, '/' between folders
 * time_s    seconds since 1970
 * returns   0, or -1 and ERR_DATA (the name is too long or empty, the file too large: 8 GiB)
 */
int archive_add(struct archive *archive, const char *name, const char *bytes, size_t length,
                uint64_t time_s, struct err *err);

/**
 * End it and compress it; nothing may be added afterwards.
 *
 * out       in the archive's arena
 * returns   0, or -1 and ERR_SYSTEM (no memory for the compressor)
 */
int archive_finish(struct archive *archive, const char **out, size_t *out_length, struct err *err);

#endif
