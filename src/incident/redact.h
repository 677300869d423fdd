/* redact.h: what may not leave the machine, taken out of text: home folders, names of user and
 * machine, queries of addresses, passwords, keys and tokens.
 * Room: incident. Pure. What stands instead says what was there: "[token]". */
#ifndef QWGUARD_INCIDENT_REDACT_H
#define QWGUARD_INCIDENT_REDACT_H

#include <jansson.h>

#include "base/arena.h"

/* Names that are taken out wherever they stand as words. Each may be NULL. */
struct redact_names {
    const char *home; /* absolute path */
    const char *user;
    const char *host;
    const char *app; /* never taken out, although a user may be called so */
};

/**
 * A text of any lines without what may not leave.
 *
 * text      cleaned (text_clean); no NUL inside
 * returns   in the arena
 */
const char *redact_text(struct arena *arena, const char *text, const struct redact_names *names);

/**
 * Every string of a JSON value in place: by what it says, by the name of its member, and in lists
 * of words by the option before it ("--password", "secret").
 */
void redact_json(json_t *value, const struct redact_names *names);

#endif
