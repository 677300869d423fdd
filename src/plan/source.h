/* source.h: reads back what starts an application: the variables and arguments in a desktop entry,
 * a systemd unit, an environment file, a shell script, or a plain flag string.
 * Room: plan. Pure: takes a text, gives values. */
#ifndef QWGUARD_PLAN_SOURCE_H
#define QWGUARD_PLAN_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum source_kind {
    SOURCE_FLAGS,   /* switches, one or several lines, '#' comments out a line */
    SOURCE_DESKTOP, /* has a group [Desktop Entry] */
    SOURCE_UNIT,    /* has a section [Service] */
    SOURCE_SHELL,   /* NAME=VALUE, export, exec, env: scripts and environment files */
    SOURCE_KIND_COUNT,
};

/* One start of an application, or what is set for all. */
struct source_start {
    unsigned line;                /* from 1 */
    const char *program;          /* as it is written there; NULL = what is set for all */
    struct variables environment; /* set there, for this start */
    struct strings arguments;     /* of the application, without its name and field codes */
};

struct source {
    enum source_kind kind;
    const char *flags;     /* SOURCE_FLAGS: the string; else NULL */
    struct place flags_at; /* where QTWEBENGINE_CHROMIUM_FLAGS was set last; file NULL = nowhere */
    bool flags_in_file;    /* that is an EnvironmentFile= */
    struct strings unset;  /* names of UnsetEnvironment=, which wins over all that is set */
    struct source_start *items;
    size_t count;
    size_t capacity;
};

/**
 * Read a text; what kind it is shows in it. Files that it names are not followed (unit_read()).
 *
 * name      file name, for the places of errors; borrowed
 * text      terminated
 * length    bytes of it
 * out       overwritten; untouched on failure
 * returns   0, or -1 and ERR_DATA, with the line where there is one: a quotation mark that is not
 *           closed, a NUL byte, an entry without Exec, a [Service] that sets and starts nothing
 */
int source_read(struct arena *arena, const char *name, const char *text, size_t length,
                struct source *out, struct err *err);

/**
 * "flags", "desktop entry", "systemd unit", "shell".
 */
const char *source_kind_text(enum source_kind kind);

#endif
