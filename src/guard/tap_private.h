/* tap_private.h: the log tap: what passes through an app's standard error, counted and kept.
 * Room: guard. The counting is done in the relay's process; the page is shared memory. */
#ifndef QWGUARD_GUARD_TAP_PRIVATE_H
#define QWGUARD_GUARD_TAP_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guard/signatures_private.h"
#include "platform/relay.h"

#define TAP_TAIL_BYTES (256 * 1024)

struct tap_page {
    struct relay_counts relay;
    _Atomic uint64_t counts[SIGNATURES_MAX];   /* by row of the table */
    _Atomic uint64_t first_ns[SIGNATURES_MAX]; /* monotonic; 0 = not since tap_times_forget() */
    _Atomic uint64_t last_ns[SIGNATURES_MAX];
    _Atomic uint64_t tail_total; /* bytes ever put into the tail */
    char tail[TAP_TAIL_BYTES];   /* ring */
};

struct tap {
    struct relay relay;
    struct tap_page *page; /* NULL = no tap */
    struct signature_scan scan;
};

/* Start; log_file may be NULL. On failure there is no tap and the app's log goes its old way. */
int tap_start(struct tap *tap, const char *log_file, struct err *err);

/* Pass on what is still on its way, at most limit_ns, and let the relay go. */
void tap_stop(struct tap *tap, uint64_t limit_ns);

/* One piece of the log, as the relay calls it. */
void tap_seen(void *context, const char *bytes, size_t length);

/* The last lines, oldest first, cut to whole lines at their beginning. Returns the length. */
size_t tap_tail_copy(const struct tap_page *page, char *out, size_t size);

/* Count of a row's name over all rows that share it; 0 without a tap. */
uint64_t tap_count(const struct tap *tap, size_t row);

/* When lines of a row's name came first and last since tap_times_forget(), monotonic. Returns false
 * when none came. */
bool tap_times(const struct tap *tap, size_t row, uint64_t *out_first_ns, uint64_t *out_last_ns);

/* A new start of the app begins. */
void tap_times_forget(struct tap *tap);

#endif
