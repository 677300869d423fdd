/* install.h: files written for other programs, remembered, and taken back.
 * Room: plan. Writes where it is told and keeps a record of each file below applied/ in the state
 * folder, so that undo removes exactly what was written and nothing that somebody changed since. */
#ifndef QWGUARD_PLAN_INSTALL_H
#define QWGUARD_PLAN_INSTALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/report.h"
#include "base/text.h"

/* One file that was written, or is about to be. Strings live in the arena. */
struct install_item {
    const char *path;        /* absolute */
    const char *format;      /* emit_format_name() */
    const char *app;         /* NULL = for all applications */
    const char *fingerprint; /* of machine and engine when it was written */
    unsigned mode;           /* permission bits */
    const char *bytes;       /* terminated text; NULL in a list of what was written */
    uint64_t checksum;       /* text_hash() over the bytes */
    uint64_t old_checksum;   /* of what it replaced, ours too; 0 = there was nothing */
};

struct install_items {
    struct install_item *items; /* sorted by path */
    size_t count;
    size_t capacity;
};

/* What stands at the path of an item. */
enum install_state {
    INSTALL_ABSENT,  /* nothing */
    INSTALL_OURS,    /* what was written */
    INSTALL_EDITED,  /* written by us, changed since */
    INSTALL_FOREIGN, /* never written by us (also a link or a folder) */
};

/**
 * Everything that was written and not taken back.
 *
 * report    records that make no sense, as warnings; they are left out
 * returns   0 (also when there is nothing), or -1 and ERR_DENIED / ERR_SYSTEM
 */
int install_list(struct arena *arena, const char *state_dir, struct install_items *out,
                 struct report *report, struct err *err);

/**
 * What stands at a path now.
 *
 * items        of install_list()
 * out_current  may be NULL; text that stands there, NULL when it is absent or cannot be read
 */
enum install_state install_look(struct arena *arena, const struct install_items *items,
                                const char *path, const char **out_current);

/**
 * Write a file, making the folders above it (0755), and remember it. A file that we did not write,
 * or that was changed since, is refused unless force is set.
 *
 * item      path, format, app, fingerprint, mode and bytes are used
 * returns   0; -1 and ERR_CREATE (foreign or edited file in the way), ERR_DENIED, ERR_SYSTEM
 */
int install_write(struct arena *arena, const char *state_dir, const struct install_items *items,
                  const struct install_item *item, bool force, struct err *err);

/**
 * Remove a file that was written, and its record. One that has gone already is no fault.
 *
 * returns   0; -1 and ERR_CREATE (changed since and no force: left alone), ERR_DENIED, ERR_SYSTEM
 */
int install_undo(struct arena *arena, const char *state_dir, const struct install_items *items,
                 const struct install_item *item, bool force, struct err *err);

/**
 * What writing would change, as a unified diff of one hunk; "" when nothing.
 *
 * before    NULL = there is no file
 */
const char *install_diff(struct arena *arena, const char *path, const char *before,
                         const char *after);

#endif
