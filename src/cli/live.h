/* live.h: the figures of a guarded app as one line for a person.
 * Room: cli. Pure and without allocation: it runs inside the guard. Form: docs, `run -v`. */
#ifndef QWGUARD_CLI_LIVE_H
#define QWGUARD_CLI_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/guard.h"

#define LIVE_SPARKS 8        /* cells of the small curve */
#define LIVE_LINE_BYTES 1024 /* enough for any line made here */

/* What was seen over the last seconds, oldest first, one value a second. */
struct live_curve {
    uint64_t bytes[LIVE_SPARKS];
    size_t count;
    uint64_t added_ns; /* monotonic time of the last value; 0 = none */
};

/* How it may be written. */
struct live_style {
    bool utf8;        /* block characters; else ASCII */
    bool color;       /* ANSI colours by how near the limit is */
    unsigned columns; /* of the window; the line is shorter */
};

/**
 * Take a sample into the curve, when a second has passed since the last one.
 */
void live_curve_add(struct live_curve *curve, uint64_t bytes, uint64_t now_ns);

/**
 * The line that is redrawn: size, bar, limit, growth, time to the limit, curve. Without a limit
 * there is no bar. Parts that do not fit into the columns are left out, the last ones first: a line
 * that is broken in two could not be drawn over.
 *
 * out       room for LIVE_LINE_BYTES; terminated, without newline
 */
void live_line(char *out, const struct live_style *style, const struct guard_event *sample,
               const struct live_curve *curve);

/**
 * The same figures as plain words, for what is no terminal: ASCII, no bar, no curve.
 *
 * out       room for LIVE_LINE_BYTES
 */
void live_plain(char *out, const struct guard_event *sample);

#endif
