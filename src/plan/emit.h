/* emit.h: a plan's variables written down for a shell, a launcher or a service manager.
 * Room: plan. Pure: texts in, text out; nothing is read or written here. Every format is quoted by
 * the rules of its own reader, so that the variable arrives byte for byte. */
#ifndef QWGUARD_PLAN_EMIT_H
#define QWGUARD_PLAN_EMIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* The formats of `apply --format`, "json" (the plan itself) left out. */
enum emit_format {
    EMIT_SH,            /* POSIX shells: export NAME='…' */
    EMIT_FISH,          /* fish: set -gx NAME '…' */
    EMIT_SYSTEMD,       /* drop-in of a unit: [Service] Environment="NAME=…" */
    EMIT_ENVIRONMENT_D, /* environment.d(5): NAME="…" */
    EMIT_DESKTOP,       /* a copy of a desktop entry whose Exec lines set the variables */
    EMIT_WRAPPER,       /* a shell script that sets them and becomes the program */
    EMIT_FLATPAK,       /* a shell command: flatpak override */
    EMIT_SNAP,          /* a shell command: snap run with the variables */
    EMIT_BAT,           /* cmd.exe: set "NAME=…" */
    EMIT_PS1,           /* PowerShell: $env:NAME = '…' */
    EMIT_COUNT,
};

struct emit_input {
    const struct variables *environment; /* what to set, whole values; may be empty */
    const char *app;     /* flatpak, snap: name of the application; desktop: for messages */
    const char *program; /* wrapper: absolute path of the program */
    const char *entry;   /* desktop: the whole text of the entry to copy */
};

/**
 * Format by the name that users type: "sh", "environment.d" …
 *
 * returns   EMIT_COUNT when there is none
 */
enum emit_format emit_format_find(const char *name);

/**
 * Name of a format; NULL for EMIT_COUNT.
 */
const char *emit_format_name(enum emit_format format);

/**
 * The text of a file (or of commands) that sets the variables.
 *
 * out_text  in the arena, ends with a line end; untouched on failure
 * returns   0; -1 and ERR_DATA: a value that the reader cannot take (a line end or another control
 *           character anywhere, what is not UTF-8 where it wants that, the empty value or more than
 *           8191 characters for cmd.exe), an entry without Exec, or one whose Exec sets one of the
 *           variables itself; ERR_USAGE: app, program or entry is needed and missing
 * source    POSIX XCU 2.2; fish-doc "Quotes"; systemd.exec(5) Environment=, systemd.syntax(7);
 *           environment.d(5) and systemd src/basic/env-util.c; Desktop Entry Specification 1.5
 *           "The Exec key"; about_Quoting_Rules of PowerShell;
 *           https://learn.microsoft.com/windows-server/administration/windows-commands/set_1
 *           "Command prompt (Cmd.exe) command-line string limitation" (Microsoft KB 830473)
 */
int emit_text(struct arena *arena, enum emit_format format, const struct emit_input *input,
              const char **out_text, struct err *err);

/**
 * True when the text is one that was written in one of the formats whose first line says so: sh,
 * fish, systemd, environment.d, desktop.
 */
bool emit_is_ours(const char *text);

#endif
