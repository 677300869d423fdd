/* redact_private.h: what the parts of the redaction share.
 * Room: incident. */
#ifndef QWGUARD_INCIDENT_REDACT_PRIVATE_H
#define QWGUARD_INCIDENT_REDACT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "incident/redact.h"

/* A place in a text. */
struct redact_scan {
    const char *start; /* of the whole text */
    const char *at;
    const char *url_end; /* of the address that `at` is in; NULL = in none */
    bool single;         /* the text is one argument or value: "--key=VALUE" goes to its end */
    const struct redact_names *names;
};

/* What is to be taken out at a place: so many bytes, and what stands instead. */
struct redact_cut {
    size_t keep;   /* bytes before it that stay */
    size_t length; /* bytes that go; 0 = nothing is found here */
    const char *instead;
};

/* One thing to look for at scan->at. */
typedef struct redact_cut redact_rule_fn(struct redact_scan *scan);

/* redact_key.c: by the name before it. */

/* Is this the name of something secret: "--db-password", "apiKey", "X-Auth-Token"? */
bool redact_key_is_secret(const char *name, size_t length);
/* "password=…", "token: …", "Authorization: …", "--secret …". */
redact_rule_fn redact_rule_key;
/* "-pSesame99", as database programs take it. */
redact_rule_fn redact_rule_attached;
/* "Bearer …", "Basic …". */
redact_rule_fn redact_rule_scheme;

/* redact_shape.c: by what it looks like. */

redact_rule_fn redact_rule_private_key; /* PEM blocks */
redact_rule_fn redact_rule_known;       /* keys with a known beginning */
redact_rule_fn redact_rule_random;      /* long words that no person chose */
redact_rule_fn redact_rule_email;
redact_rule_fn redact_rule_address; /* of the network: MAC, private IPv4 */

/* redact_place.c: by where it leads. */

redact_rule_fn redact_rule_url;
redact_rule_fn redact_rule_query;
redact_rule_fn redact_rule_home;
redact_rule_fn redact_rule_name; /* of user and machine */

/* Letters, digits and '_'; bytes beyond ASCII count as letters. */
bool redact_is_word(char byte);
bool redact_is_digit(char byte);
bool redact_is_upper(char byte);
bool redact_is_lower(char byte);
bool redact_is_hex(char byte);
/* Does a word begin here? Also behind a byte beyond ASCII: it may be a sign, or a broken one. */
bool redact_at_word(const struct redact_scan *scan);
/* Bytes from here that are letters, digits or one of these. */
size_t redact_run(const char *at, const char *more);
/* Does this word stand here, whatever the case of its letters? */
bool redact_starts(const char *at, const char *word);
/* The same of the first length bytes of a word, which has so many; `at` may end before. */
bool redact_same(const char *at, const char *word, size_t length);

#endif
