/* install.h: files written for other programs, remembered, and taken back.
 * Room: plan. Writes where it is told and keeps a record of each file below applied/ in the state
 * folder, so that undo removes exactly what was written and nothing that somebody changed since.
 * Between install_lock() and shared_unlock(): list, look, write or undo. */
#ifndef QWGUARD_PLAN_INSTALL_H
#define QWGUARD_PLAN_INSTALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/report.h"
#include "base/text.h"
#include "platform/shared.h"

/* Where files and records lie. */
struct install_place {
    const char *root;      /* in front of every item's path; "" = none */
    const char *state_dir; /* the records are below it */
};

/* One file that was written, or is about to be. Strings live in the arena. */
struct install_item {
    const char *path;         /* absolute, without root */
    const char *format;       /* emit_format_name(), or "json" */
    const char *app;          /* NULL = for all applications */
    const char *fingerprint;  /* of all that the text was made from */
    unsigned mode;            /* permission bits */
    const char *bytes;        /* terminated text; NULL in a list of what was written */
    uint64_t checksum;        /* text_hash() over the bytes */
    uint64_t old_checksum;    /* of what is being replaced; 0 = nothing, or that has happened */
    struct strings folders;   /* made for it (or for a neighbour in the list), outermost first */
    struct variables set;     /* what the file sets */
    struct variables before;  /* the same variables as the user had them; absent = not set */
    struct variables earlier; /* what it set before, newest last: a session may still have it */
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
 * Make the folder of the records and hold it, so that nobody else lists, writes or undoes.
 *
 * returns   0; -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM
 */
int install_lock(struct arena *arena, const struct install_place *place, struct shared_lock *out,
                 struct err *err);

/**
 * Everything that was written and not taken back.
 *
 * report    records that make no sense, as warnings; they are left out
 * returns   0 (also when there is nothing), or -1 and ERR_DENIED / ERR_SYSTEM
 */
int install_list(struct arena *arena, const struct install_place *place, struct install_items *out,
                 struct report *report, struct err *err);

/**
 * The record of a path; NULL when it was not written.
 */
const struct install_item *install_find(const struct install_items *items, const char *path);

/**
 * What stands at a path now.
 *
 * items        of install_list()
 * out_state    untouched on failure
 * out_current  text that stands there; NULL when it is absent or cannot be read
 * returns      0; -1 and ERR_DENIED (a folder on the way is somebody else's, or such a link)
 */
int install_look(struct arena *arena, const struct install_place *place,
                 const struct install_items *items, const char *path, enum install_state *out_state,
                 const char **out_current, struct err *err);

/**
 * May a file be written there?
 *
 * force     also over one of ours that was changed since; one that we did not write never
 * returns   0; -1 and ERR_CREATE, which says why not
 */
int install_allowed(enum install_state state, const char *path, bool force, struct err *err);

/**
 * May a file that was written be removed without force? One that is absent may.
 *
 * returns   0; -1 and ERR_CREATE, which says why not
 */
int install_removable(enum install_state state, const char *path, struct err *err);

/**
 * Write a file, making the folders above it (0755), and remember it, when install_allowed().
 *
 * item      path, format, app, fingerprint, mode, bytes, set and before are used
 * returns   0; -1 and ERR_CREATE (foreign or edited file in the way), ERR_DATA (path is not UTF-8),
 *           ERR_DENIED, ERR_SYSTEM; then everything is as it was
 */
int install_write(struct arena *arena, const struct install_place *place,
                  const struct install_items *items, const struct install_item *item, bool force,
                  struct err *err);

/**
 * Remove a file that was written, its record, and the folders made for it that are empty now. One
 * that has gone already is no fault.
 *
 * returns   0; -1 and ERR_CREATE (changed since and no force: left alone), ERR_DENIED, ERR_SYSTEM
 */
int install_undo(struct arena *arena, const struct install_place *place,
                 const struct install_items *items, const struct install_item *item, bool force,
                 struct err *err);

/**
 * What writing would change, as a unified diff of one hunk; "" when nothing.
 *
 * before    NULL = there is no file
 * after     NULL = it is removed
 */
const char *install_diff(struct arena *arena, const char *path, const char *before,
                         const char *after);

#endif
