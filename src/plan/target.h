/* target.h: where a format's file lies, for one application or for all.
 * Room: plan. Looks for programs and desktop entries; writes nothing. */
#ifndef QWGUARD_PLAN_TARGET_H
#define QWGUARD_PLAN_TARGET_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "plan/emit.h"

/* What login shells read for all users: the one file of the format sh, below root. */
#define TARGET_SYSTEM_SH "/etc/profile.d/50-qwguard.sh"

/* The folders of a user and of the system. All absolute; NULL = there is none. */
struct target_places {
    const char *root;            /* in front of the system's folders; "" = none */
    const char *config_home;     /* $XDG_CONFIG_HOME, or ~/.config */
    const char *data_home;       /* $XDG_DATA_HOME, or ~/.local/share */
    const char *data_dirs;       /* $XDG_DATA_DIRS, separated by colons */
    const char *bin_home;        /* ~/.local/bin */
    const char *home;            /* ~, for %h in units */
    const char *search_path;     /* $PATH */
    const struct variables *set; /* what is to be written, so that no unit loses it; NULL = flags */
};

struct target {
    enum emit_format format;
    const char *path;    /* file to write, in the arena; for the system without root */
    unsigned mode;       /* its permission bits */
    const char *program; /* wrapper: what it starts; else NULL */
    bool is_hidden;      /* wrapper: $PATH leads to the program before it leads to the wrapper */
    const char *entry;   /* desktop: text of the entry to copy; else NULL */
    struct strings other_entries; /* desktop: ids of others that start the same program */
};

/**
 * Where the file goes. A desktop entry is copied from the first one of the data folders that
 * qwguard did not write itself, found by its id (folders become '-'), else by its program (one that
 * is shown in menus first); a wrapper starts the first program on the search path that is not the
 * wrapper.
 *
 * format    EMIT_COUNT = choose: a desktop entry where the application has one, else a wrapper
 * app       name of the executable, the entry or the unit; NULL = for all applications (sh, fish,
 *           environment.d)
 * system    for all users, below root
 * returns   0; -1 and ERR_USAGE (the format cannot be installed, or not without --app, or the name
 *           cannot be that of a file), ERR_NO_INPUT (no such program or entry), ERR_UNAVAILABLE (no
 *           home folder), ERR_DATA (the unit sets one of the variables itself, or takes it out:
 *           something would be lost)
 */
int target_find(struct arena *arena, const struct target_places *places, enum emit_format format,
                const char *app, bool system, struct target *out, struct err *err);

#endif
