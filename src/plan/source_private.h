/* source_private.h: what the readers of source.h and unit.h share.
 * Room: plan, private. */
#ifndef QWGUARD_PLAN_SOURCE_PRIVATE_H
#define QWGUARD_PLAN_SOURCE_PRIVATE_H

#include <stdbool.h>

#include "plan/source.h"
#include "plan/unit.h"

/* EnvironmentFile= */
struct unit_file {
    const char *path;
    struct place at;
    bool optional;
};

struct unit_files {
    struct unit_file *items;
    size_t count;
    size_t capacity;
};

/* Reads one text, or several of one unit in turn. */
struct source_reader {
    struct arena *arena;
    const char *name;
    unsigned line;
    struct source *source;
    struct variables environment; /* set so far; in units for all starts, else for those to come */
    struct unit_files files;      /* units: in order */
    const char *unit;             /* name for specifiers; NULL = only %% is known */
    const struct unit_search *search;
    struct strings *notes; /* specifiers that are not known; NULL = nobody asks */
};

/* Length of the name of a variable that a text begins with; 0 = none (source.c). */
size_t name_length(const char *text);

/* Read the lines of one text into the reader (source.c). */
int source_lines(struct source_reader *reader, const char *text, struct err *err);

/* All texts are read: units' starts get what is set for all (source.c). */
void source_finish(struct source_reader *reader);

/* A word of a unit with its specifiers replaced; one that is not known stays as it is and is noted
 * (unit_expand.c).
 *
 * out_known  may be NULL; false when there was one that is not known */
const char *unit_expand(struct source_reader *reader, const char *word, bool *out_known);

/* Set the variables of an environment file as systemd does (unit_environment.c). */
void unit_environment(struct source_reader *reader, const char *text);

#endif
