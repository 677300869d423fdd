/* file.h: whole files in and out, folders, what a path is.
 * Room: platform. Descriptors are opened with O_CLOEXEC. Paths are bytes as the system takes them.
 */
#ifndef QWGUARD_PLATFORM_FILE_H
#define QWGUARD_PLATFORM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* What stat(2) says that matters here. */
struct file_info {
    uint64_t size_bytes;
    uint64_t modified_ns; /* since 1970 */
    uint64_t inode;
    uint64_t device;
    bool is_folder;
    bool is_regular;
    bool is_link;       /* only when asked not to follow */
    bool is_executable; /* by this user */
};

/**
 * Read a whole file (also of /proc and /sys, whose sizes lie).
 *
 * path       "-" is standard input
 * max_bytes  larger files are refused
 * out_bytes  in the arena, terminated behind the last byte
 * out_length may be NULL
 * returns    0; -1 and ERR_NO_INPUT (absent, or not to be read by us), ERR_SYSTEM, or ERR_DATA
 *            (larger than max_bytes)
 */
int file_read(struct arena *arena, const char *path, size_t max_bytes, const char **out_bytes,
              size_t *out_length, struct err *err);

/**
 * A short text file without white space at its ends; for /proc, /sys and the like.
 *
 * returns   NULL when it cannot be read (whatever the reason)
 */
const char *file_line(struct arena *arena, const char *path);

/**
 * Write a whole file: temporary name in the same folder, mode, rename; with sync also fsync of file
 * and folder. An existing symbolic link at path is replaced, not followed.
 *
 * returns   0; -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM; nothing half-written is left
 */
int file_write(const char *path, const void *bytes, size_t length, unsigned mode, bool sync,
               struct err *err);

/**
 * Make a folder and its parents for this user alone (0700); an existing one must belong to this
 * user, be a folder and no symbolic link, and is closed to others.
 *
 * returns   0; -1 and ERR_CREATE / ERR_DENIED
 */
int folder_make_private(const char *path, struct err *err);

/**
 * Names in a folder, sorted by bytes, without "." and "..".
 *
 * returns   0; -1 and ERR_NO_INPUT / ERR_DENIED / ERR_SYSTEM
 */
int folder_list(struct arena *arena, const char *path, struct strings *out, struct err *err);

/**
 * Remove a folder with the files in it (not deeper than two levels; links are removed, not
 * followed).
 *
 * returns   0; -1 and err when something is left
 */
int folder_remove(const char *path, struct err *err);

/**
 * Remove a file or a symbolic link (not what it points to); none there is no failure.
 */
int file_remove(const char *path, struct err *err);

/**
 * Rename a file or folder; an existing file is replaced.
 */
int file_rename(const char *from, const char *to, struct err *err);

/**
 * What is there.
 *
 * follow    false: a symbolic link is described itself
 * returns   false when there is nothing (or it cannot be told)
 */
bool file_stat(const char *path, bool follow, struct file_info *out);

/**
 * Where a symbolic link points, as it is written there.
 *
 * returns   NULL when it is no link; text in the arena
 */
const char *file_link(struct arena *arena, const char *path);

/**
 * The path with all links resolved; NULL when something of it does not exist.
 */
const char *file_resolve(struct arena *arena, const char *path);

/**
 * Last part of a path ("/usr/bin/anki" -> "anki"); a pointer into path.
 */
const char *path_name(const char *path);

/**
 * Joins with one slash between; a NULL or empty first part gives the second as it is.
 */
char *path_join(struct arena *arena, const char *first, const char *second);

/* A file mapped for reading. Zero-initialised is empty; bytes and length alone stand for a file
 * whose contents lie in memory already. */
struct file_map {
    const unsigned char *bytes;
    size_t length;
    int handle_after; /* the open file's handle + 1; 0 = none */
};

/**
 * Map a regular file read-only and privately; nothing is read until it is looked at. A file that
 * shrinks while mapped raises SIGBUS, so map only files that packages install.
 *
 * returns   0; -1 and ERR_NO_INPUT (absent, or not to be read by us), ERR_DATA (empty or no regular
 *           file), ERR_SYSTEM
 */
int file_map_open(const char *path, struct file_map *out, struct err *err);

/**
 * Is there a file behind it, that file_map_read() can read?
 */
bool file_map_has_file(const struct file_map *map);

/**
 * Read bytes of a mapped file without touching the map: cheaper where few or all pages are wanted.
 *
 * returns   false when not all could be read; out may hold some
 */
bool file_map_read(const struct file_map *map, uint64_t offset, void *out, size_t length);

/**
 * Unmap and close; an empty one is accepted. For CLEANUP().
 */
void file_map_close(struct file_map *map);

#endif
