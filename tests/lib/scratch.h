/* scratch.h: a folder of the test's own, with files and links in it.
 * Room: tests. Paths are given from the folder on; what cannot be made fails the test. */
#ifndef QWGUARD_TESTS_SCRATCH_H
#define QWGUARD_TESTS_SCRATCH_H

#include <stddef.h>

#include "base/arena.h"

/**
 * A new empty folder; its absolute path without links in the arena.
 */
const char *scratch_make(struct arena *arena);

/**
 * Remove it with all that is in it.
 */
void scratch_remove(const char *folder);

/**
 * Write a file (0644) and the folders above it.
 *
 * returns   its whole path in the arena
 */
const char *scratch_write(struct arena *arena, const char *folder, const char *path,
                          const void *bytes, size_t length);

/**
 * A folder, with those above it; its whole path in the arena.
 */
const char *scratch_folder(struct arena *arena, const char *folder, const char *path);

/**
 * A symbolic link to target as it is written; its whole path in the arena.
 */
const char *scratch_link(struct arena *arena, const char *folder, const char *path,
                         const char *target);

#endif
