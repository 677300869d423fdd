/* state.h: files and folders that must be this user's own: what lies below the state folder.
 * Room: platform. Nothing is read through a symbolic link or from another user's file, so that
 * nobody can make us show or believe something that is not ours. */
#ifndef QWGUARD_PLATFORM_STATE_H
#define QWGUARD_PLATFORM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* A folder held open to look into many folders below it. */
struct state_folder {
    int fd;
    unsigned user; /* whose files count */
};

/* Both ends of a file. */
struct state_ends {
    size_t length;       /* bytes read from the beginning */
    uint64_t size_bytes; /* of the whole file */
    char last[2];        /* its last two bytes; NUL where it is shorter */
};

/**
 * Look at a folder without making it.
 *
 * returns   0; -1 and ERR_NO_INPUT (there is none), ERR_DENIED (a symbolic link, no folder, or
 *           another user's)
 */
int state_folder_check(const char *path, struct err *err);

/**
 * Make the names in a folder last: after a rename in it. Failures are ignored, some file systems
 * cannot.
 */
void state_folder_sync(const char *path);

/**
 * Make a file that holds so many bytes of the disk, to be given up for something that must be
 * written when the disk is full. One that is there already and large enough stays.
 *
 * returns   0; -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM (also: no room for it); nothing is left
 */
int state_reserve(const char *path, uint64_t bytes, struct err *err);

/**
 * Read a whole regular file of this user.
 *
 * out_bytes  in the arena, terminated behind the last byte
 * out_length may be NULL
 * returns    0; -1 and ERR_NO_INPUT, ERR_DENIED (a symbolic link, another user's), ERR_DATA (no
 *            regular file, larger than max_bytes), ERR_SYSTEM
 */
int state_read(struct arena *arena, const char *path, size_t max_bytes, const char **out_bytes,
               size_t *out_length, struct err *err);

/**
 * Hold a folder that state_folder_check() accepts.
 *
 * out       close with state_folder_close(); untouched on failure
 * returns   0, or -1 as state_folder_check()
 */
int state_folder_open(const char *path, struct state_folder *out, struct err *err);

/**
 * Let go of it. For CLEANUP(); fd -1 is accepted.
 */
void state_folder_close(struct state_folder *folder);

/**
 * Read the beginning and the very end of a file below a held folder, for lists of thousands:
 * allocates nothing, few calls of the system.
 *
 * path      from that folder, "NAME/FILE"; no part of it may be a symbolic link
 * out       room for size bytes; always terminated
 * returns   false when it cannot be read or is not ours
 */
bool state_read_ends(const struct state_folder *folder, const char *path, char *out, size_t size,
                     struct state_ends *ends);

/* A file of ours that is held open and written again and again, in place. */
struct state_slot {
    int fd; /* -1 = none */
};

/**
 * Make such a file (0600); what stood there before is removed, not followed.
 *
 * out       close with state_slot_close(); untouched on failure
 * returns   0, or -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM
 */
int state_slot_make(const char *path, struct state_slot *out, struct err *err);

/**
 * Write from its beginning, in one call of the system. A reader may see the middle of it, so what
 * is written must say at both ends which writing it is.
 *
 * returns   false when not all was written
 */
bool state_slot_write(const struct state_slot *slot, const void *bytes, size_t length);

/**
 * Let go of it; fd -1 is accepted. The file stays.
 */
void state_slot_close(struct state_slot *slot);

#endif
