/* apply_private.h: what the files of `qwguard apply` and `qwguard undo` do for each other.
 * Room: cli. */
#ifndef QWGUARD_CLI_APPLY_PRIVATE_H
#define QWGUARD_CLI_APPLY_PRIVATE_H

#include "cli/command.h"
#include "cli/preflight.h"
#include "plan/emit.h"
#include "plan/install.h"
#include "plan/target.h"

/* No format of emit.h: the plan itself; EMIT_COUNT stands for it. */
#define JSON_FORMAT "json"

/* Everything that the steps share. */
struct applying {
    struct context *context;
    struct settings settings;
    struct preflight preflight;
    struct target_places places;
    struct install_place place;
    struct install_items items;   /* what was written before */
    struct variables environment; /* what is to be set, whole values */
    const char *stamp;            /* fingerprint of all that the plan is made from */
};

/* Where files and records lie: the user's, or with --system those of the machine (apply_place.c).
 *
 * returns   0; -1 and ERR_UNAVAILABLE (there is no state folder) */
int apply_place(const struct context *context, struct install_place *out, struct err *err);

/* The folders that targets are looked for in (apply_place.c). */
struct target_places apply_target_places(const struct context *context);

/* Fingerprint of machine, engine, this program, profiles, options and the user's flags: when it is
 * the same, so is the plan (apply_place.c). The preflight's identity and engine are used. */
const char *apply_stamp(struct context *context, const struct preflight *preflight);

/* One file: shown as a diff, written, left as it is, or taken back because nothing is to be set
 * (apply_file.c).
 *
 * text      what the file is to hold */
int apply_file(struct applying *applying, const struct target *target, const char *text,
               struct err *err);

/* The text of a target (apply_file.c). */
int apply_text(const struct applying *applying, const struct target *target, const char **out_text,
               struct err *err);

#endif
