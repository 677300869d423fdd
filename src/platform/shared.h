/* shared.h: our files in folders that hold other people's files too: ~/.config, /etc.
 * Room: platform. A folder is reached part by part and held open, so that nothing can be exchanged
 * between the look and the writing. Parts that belong to somebody else (neither this user nor root)
 * are refused, and so are symbolic links of somebody else's; below a root, every link is. */
#ifndef QWGUARD_PLATFORM_SHARED_H
#define QWGUARD_PLATFORM_SHARED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* A folder held open. `{ .fd = -1 }` is empty. */
struct shared_folder {
    int fd;
};

/* Held while records and files are changed together. `{ .fd = -1 }` is empty. */
struct shared_lock {
    int fd;
};

/**
 * Reach the folder that a file lies in.
 *
 * root      in front of path, not looked at itself; "" = none
 * path      absolute path of the file; its folder is opened
 * made      NULL = nothing is made; else missing folders are (0755 less the user's mask), and their
 *           paths, without root, appended, outermost first
 * out       close with shared_close(); untouched on failure
 * returns   0; -1 and ERR_NO_INPUT (missing and made is NULL), ERR_DENIED (somebody else's folder
 *           or link), ERR_CREATE
 */
int shared_open(struct arena *arena, const char *root, const char *path, struct strings *made,
                struct shared_folder *out, struct err *err);

/**
 * Let go of it. For CLEANUP(); an empty one is accepted.
 */
void shared_close(struct shared_folder *folder);

/**
 * Read a regular file of this user in the folder; links are not followed.
 *
 * path       for its last part, and for messages
 * out_bytes  in the arena, terminated behind the last byte
 * returns    0; -1 and ERR_NO_INPUT (nothing there), ERR_DENIED (a link, somebody else's), ERR_DATA
 *            (no regular file, larger than max_bytes), ERR_SYSTEM
 */
int shared_read(struct arena *arena, const struct shared_folder *folder, const char *path,
                size_t max_bytes, const char **out_bytes, size_t *out_length, struct err *err);

/**
 * Write a file whole: temporary name in the folder, mode, fsync, rename.
 *
 * replace   false: fails (ERR_CREATE) when anything bears the name by now
 * returns   0; -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM; nothing half-written is left
 */
int shared_write(const struct shared_folder *folder, const char *path, const char *bytes,
                 size_t length, unsigned mode, bool replace, struct err *err);

/**
 * Remove a file or a link (not what it points to); none there is no failure.
 */
int shared_remove(const struct shared_folder *folder, const char *path, struct err *err);

/**
 * Remove folders that shared_open() made, innermost first, as far as they are empty.
 */
void shared_folders_remove(struct arena *arena, const char *root, const struct strings *made);

/**
 * Wait for a lock file, making it (0600), and hold it. It is let go when the process ends, too.
 *
 * out       give back with shared_unlock(); untouched on failure
 * returns   0; -1 and ERR_DENIED / ERR_CREATE / ERR_SYSTEM
 */
int shared_lock(const char *path, struct shared_lock *out, struct err *err);

/**
 * Let go of it. For CLEANUP(); an empty one is accepted.
 */
void shared_unlock(struct shared_lock *lock);

#endif
