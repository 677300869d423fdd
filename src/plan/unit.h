/* unit.h: what systemd would set for a unit's program: the unit, its drop-ins, environment files.
 * Room: plan. Reads those files, writes nothing. */
#ifndef QWGUARD_PLAN_UNIT_H
#define QWGUARD_PLAN_UNIT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "plan/source.h"

/* Where units and what they name are looked for. */
struct unit_search {
    const char *root;        /* in front of the system's folders and of all links; "" = none */
    const char *config_home; /* user units, %E; NULL = there is none */
    const char *data_home;   /* user units; NULL = there is none */
    const char *home;        /* %h; NULL = not known */
    bool system;             /* a unit of the system, else of the user */
    bool without_ours;       /* leave out what qwguard wrote */
};

/**
 * Read a unit with all that belongs to it, in the order in which systemd takes it: the unit from
 * the most important folder, the *.conf of its drop-in folders by name (the same name in a less
 * important folder is left out; an empty one or a link to /dev/null masks it), then the files of
 * EnvironmentFile=, which win over Environment=.
 *
 * unit      a name, or the path of a file; where that lies in none of systemd's folders, only the
 *           drop-ins beside it are read
 * out       as source_read() gives it; overwritten, untouched on failure
 * notes     appended: specifiers and patterns that are not followed, with their places
 * returns   0; -1 and ERR_NO_INPUT (no such unit and no drop-in), ERR_DATA (as source_read(); an
 *           environment file that is missing and not optional, or is no regular file; more than 256
 *           files)
 * source    systemd.unit(5) "Unit File Load Path", systemd.exec(5) "EnvironmentFile="; systemd
 *           src/shared/dropin.c
 */
int unit_read(struct arena *arena, const struct unit_search *search, const char *unit,
              struct source *out, struct strings *notes, struct err *err);

#endif
