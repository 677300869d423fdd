/* lint.h: what is wrong with a flag string, with variables, with arguments, before they are used.
 * Room: engine. Pure. Judges by the catalogue and by what Qt itself decides. */
#ifndef QWGUARD_ENGINE_LINT_H
#define QWGUARD_ENGINE_LINT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

enum lint_kind {
    LINT_DANGEROUS, /* runs programs, takes protection away, moves data, writes files, lies */
    LINT_BREAKS,    /* the engine does not start, or loses OpenGL */
    LINT_QUOTING,   /* read otherwise by Qt than it was meant */
    LINT_LOST,      /* another one counts in its place */
    LINT_IGNORED,   /* the engine does not know it, or overwrites it */
    LINT_STALE,     /* advice that does not help */
    LINT_VALUE,     /* the value does not do what it says */
    LINT_UNKNOWN,   /* not in the catalogue */
    LINT_KIND_COUNT,
};

struct lint_finding {
    enum lint_kind kind;
    const char *item;   /* as it was given */
    const char *text;   /* one line: what is wrong, and why */
    const char *better; /* what to do in its place; NULL = leave it out */
    const char *source; /* where that is known from; NULL = Qt's grammar */
    unsigned column;    /* in the flag string, from 1; 0 = it concerns the whole item */
    unsigned line;      /* of the file, set by who read one; 0 = no line */
};

/* Findings in the order of what they are about. */
struct lint_findings {
    struct lint_finding *items;
    size_t count;
    size_t capacity;
};

/* What an application would be started with. */
struct lint_input {
    const char *qt;    /* "6.4.2"; NULL = unknown: only what is so with every version is found */
    const char *flags; /* QTWEBENGINE_CHROMIUM_FLAGS; NULL = not set, "" = set */
    struct strings arguments;     /* of the application, without its name */
    struct variables environment; /* QTWEBENGINE_CHROMIUM_FLAGS in it is passed over */
};

/**
 * Judge it all.
 *
 * out       findings, appended
 */
void lint_judge(struct arena *arena, const struct lint_input *input, struct lint_findings *out);

/**
 * "dangerous", "breaks", "quoting", "lost", "ignored", "stale", "value", "unknown".
 */
const char *lint_kind_text(enum lint_kind kind);

#endif
