/* report.h: everything that a reader of user files found, each with its place.
 * Room: base. Validators collect here and go on; a command prints the list. */
#ifndef QWGUARD_BASE_REPORT_H
#define QWGUARD_BASE_REPORT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

enum finding_level {
    FINDING_WARNING, /* ignored or skipped; the rest works */
    FINDING_ERROR,   /* the value cannot be used */
};

struct finding {
    enum finding_level level;
    struct place at;  /* file name lives in the report's arena */
    const char *text; /* one line, lower case, no dot; in the report's arena */
};

/* `{ .arena = arena }` is an empty report. Findings are in the order in which they were found. */
struct report {
    struct arena *arena;
    struct finding *items;
    size_t count;
    size_t capacity;
    size_t error_count; /* findings of level FINDING_ERROR */
};

/**
 * Add a finding.
 */
void report_add(struct report *report, enum finding_level level, struct place at,
                const char *format, ...) PRINTF_LIKE(4, 5);

/**
 * The first finding of level FINDING_ERROR as an error value.
 *
 * kind      ERR_DATA or ERR_CONFIG
 * returns   -1 when there is one (err filled), else 0 (err untouched)
 */
int report_to_err(const struct report *report, enum err_kind kind, struct err *err);

#endif
