/* relay.h: a small process that stands between an app's standard error and where it went before.
 * Room: platform. The process outlives us, so that the app never writes into a closed pipe. Every
 * byte is passed on in order; while the other side is blocked a bounded buffer is filled and what
 * does not fit is dropped and counted, so the app is never held up. */
#ifndef QWGUARD_PLATFORM_RELAY_H
#define QWGUARD_PLATFORM_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define RELAY_PENDING_BYTES (1024 * 1024)

/* Called in the relay for everything read, before it is passed on. */
typedef void relay_seen_fn(void *context, const char *bytes, size_t length);

/* Shared with the relay (memory_shared_get()); written by the relay alone. */
struct relay_counts {
    _Atomic uint64_t read_bytes;
    _Atomic uint64_t dropped_bytes;
    _Atomic uint64_t busy; /* 1 while something read has not been passed on */
};

struct relay_options {
    relay_seen_fn *seen;
    void *context;               /* for seen; what the parent shall see must be shared memory */
    struct relay_counts *counts; /* shared */
    const char *copy_path;       /* also appended here; NULL = nowhere */
};

struct relay {
    struct relay_options options;
    int64_t pid; /* of the relay's process; -1 = none */
    int input;   /* handle that becomes the app's standard error; -1 = none */
    int output;  /* the other end; kept so that the app has a reader should the relay be killed */
    bool is_terminal;
};

/**
 * Start the relay in front of our standard error. When that is a terminal, so is the input.
 *
 * out       stop with relay_stop(); pid -1 when standard error is closed (nothing to stand before)
 * returns   0; -1 and ERR_SYSTEM; a copy_path that cannot be opened is left out
 */
int relay_start(const struct relay_options *options, struct relay *out, struct err *err);

/**
 * Can the log be copied there? Makes the file; a pipe without a reader is none.
 *
 * returns   0; -1 and ERR_CREATE
 */
int relay_copy_check(const char *path, struct err *err);

/**
 * The relay's process ended while it was needed (somebody killed it): start another one on the same
 * streams. What the app wrote meanwhile is not lost.
 */
int relay_revive(struct relay *relay, struct err *err);

/**
 * Close our side and wait until what was written has been passed on, at most limit_ns.
 */
void relay_stop(struct relay *relay, uint64_t limit_ns);

#endif
