/* history.h: what was tried here before, and how it ended; one small file for each application on
 * this machine with this engine.
 * Room: history. Touches the state folder only. */
#ifndef QWGUARD_HISTORY_HISTORY_H
#define QWGUARD_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/known.h"
#include "base/text.h"

/* After so long a rung that the guard chose is given up and the narrower one tried again. */
#define HISTORY_EXPIRY_SECONDS (7ULL * 24 * 3600)

struct history_key {
    const char *app;         /* executable name */
    const char *fingerprint; /* identity_fingerprint() without GL */
    const char *engine;      /* "6.4.2"; NULL = unknown */
    const char *program;     /* history_program(); NULL = unknown, and then not compared */
};

struct history {
    const char *rung;        /* chosen after the last incident; NULL = none */
    const char *attribution; /* of the last incident; NULL = none */
    const char *incident;    /* id of the last incident; NULL = none */
    uint64_t rung_since_s;   /* seconds since 1970 (UTC) when the rung was chosen; 0 = never */
    uint64_t start_count;    /* starts under the guard */
    uint64_t restart_count;  /* restarts by the guard */
    struct maybe_u64 startup_crash_count; /* in a row */
    struct variables signatures;          /* log signature -> count as decimal text, summed */
    enum truth updated;                   /* history_updated(); never saved */
};

/**
 * A mark of the version of a program that is installed: its size and when it was changed.
 *
 * returns   text in the arena; NULL when the file cannot be seen
 */
const char *history_program(struct arena *arena, const char *path);

/**
 * Read the history of one application. What was written for another engine or fingerprint is not
 * there; of what is expired (now_s), or of another version of the program, only the starts are.
 *
 * out       empty when there is none; a file that cannot be read or makes no sense counts as none
 *           and is reported in err with return -1 (the caller warns and goes on)
 */
int history_load(struct arena *arena, const char *state_dir, const struct history_key *key,
                 uint64_t now_s, struct history *out, struct err *err);

/**
 * Was the driver, the kernel or the engine changed since the application last started well?
 *
 * history   what history_load() found for the key
 * returns   TRUTH_YES: no start lasted with what is installed now, and one did with something else;
 *           TRUTH_NO: a start lasted now, or none ever; TRUTH_UNKNOWN: the folder cannot be read
 */
enum truth history_updated(struct arena *arena, const char *state_dir,
                           const struct history_key *key, const struct history *history);

/**
 * Read the JSON of `--history FILE`: {"startup_crashes": 2, "signatures": {…}, "rung": "none",
 * "attribution": "gpu-in-app", "updated": true}.
 *
 * returns   0, or -1 and ERR_DATA with the place
 */
int history_parse(struct arena *arena, const char *name, const char *bytes, size_t length,
                  struct history *out, struct err *err);

/**
 * Forget what was seen, of one application on every machine and with every engine.
 *
 * app        executable name; NULL = of all applications
 * out_count  files that were removed; a file that is none of ours is left alone
 * returns    0, or -1 and ERR_DENIED / ERR_SYSTEM
 */
int history_forget(const char *state_dir, const char *app, size_t *out_count, struct err *err);

/**
 * Write it (atomically, mode 0600; folders 0700 are made).
 *
 * returns   0, or -1 and ERR_CREATE / ERR_DENIED / ERR_SYSTEM
 */
int history_save(const char *state_dir, const struct history_key *key,
                 const struct history *history, struct err *err);

#endif
