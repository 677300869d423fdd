/* own_private.h: what readers and writers of this user's own files share.
 * Room: platform, private. */
#ifndef QWGUARD_PLATFORM_LINUX_OWN_PRIVATE_H
#define QWGUARD_PLATFORM_LINUX_OWN_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/err.h"

/* For CLEANUP(): close a descriptor that nothing was written through, or whose writing has been
 * synced, or that keeps nothing back (a pipe); -1 is accepted and left behind. */
void fd_close(int *fd);

/* Is the open file a regular one of this user? fd -1: errno says why it could not be opened.
 * Returns 0 and fills info; -1 and ERR_NO_INPUT, ERR_DENIED (another user), ERR_DATA, ERR_SYSTEM.
 */
int own_look(int fd, const char *path, struct stat *info, struct err *err);

/* The first size bytes from offset, fewer at the end of the file. */
int own_read_at(int fd, const char *path, char *out, size_t size, off_t offset, size_t *out_length,
                struct err *err);

/* The whole of a file that own_look() has found good, terminated, in the arena. */
int own_read(struct arena *arena, int fd, const struct stat *info, const char *path,
             size_t max_bytes, const char **out_bytes, size_t *out_length, struct err *err);

/* Everything of a write that happens to the open temporary file. Returns 0 or an errno. */
int own_fill(int fd, const void *bytes, size_t length, unsigned mode, bool sync);

#endif
