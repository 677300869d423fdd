/* doctor.h: is everything there that this program needs?
 * Room: cli. */
#ifndef QWGUARD_CLI_DOCTOR_H
#define QWGUARD_CLI_DOCTOR_H

#include <jansson.h>

#include "cli/command.h"

enum doctor_result {
    DOCTOR_OK,
    DOCTOR_WARNING, /* it works with less */
    DOCTOR_PROBLEM, /* the main job does not work */
};

/* One thing that was looked at. Texts live in the context's arena. */
struct doctor_line {
    const char *check; /* "processes", "engine" … */
    enum doctor_result result;
    const char *text;   /* what was found */
    const char *advice; /* what would help; NULL = nothing is needed */
};

struct doctor_lines {
    struct doctor_line *items;
    size_t count, capacity;
};

/**
 * Look at everything. Changes nothing but what any command would (makes state and cache folders).
 */
void doctor_look(struct context *context, struct doctor_lines *out);

/**
 * As `doctor --json` prints it, schema qwguard.doctor/1.
 *
 * returns   a new reference
 */
json_t *doctor_to_json(const struct doctor_lines *lines);

/* What a bundle takes (incident export, doctor --report). */
struct bundle;

/**
 * Make the bundle and write it: to -o FILE, "-" is standard output, else NAME.tar.gz here. The
 * doctor's lines are put in; redacted unless --raw is given.
 *
 * bundle    name, incident and log filled in
 */
int bundle_deliver(struct context *context, struct bundle *bundle, struct err *err);

#endif
