/* read_private.h: what the readers of a profile's parts share.
 * Room: profile. */
#ifndef QWGUARD_PROFILE_READ_PRIVATE_H
#define QWGUARD_PROFILE_READ_PRIVATE_H

#include "base/arena.h"
#include "base/report.h"
#include "base/text.h"
#include "base/yaml.h"
#include "profile/profile.h"

/**
 * Add an error to the report.
 *
 * returns   -1 always
 */
int read_refuse(struct report *report, struct place at, const char *format, ...) PRINTF_LIKE(3, 4);

/**
 * " (did you mean 'NEAR'?)", or "" when near is NULL.
 */
const char *did_you_mean(struct arena *arena, const char *near);

/**
 * A string that can be shown to people: not empty, one line, no control characters, at most
 * max_bytes.
 *
 * what      how the message names it: "title"
 * returns   NULL after a finding
 */
const char *read_line(struct report *report, const char *what, const struct yaml_node *node,
                      size_t max_bytes);

/**
 * A scalar that must be one of the words.
 *
 * what      how the message names it: "confidence"
 * returns   the word's number, or -1 after a finding
 */
int read_word(struct report *report, const char *what, const struct yaml_node *node,
              const char *const *words, size_t count);

/**
 * True for small letters, digits and single dashes between them ("webgl-off"), at most 64.
 */
bool is_kebab(const char *text);

/**
 * The ladder of a profile.
 *
 * returns   0, or -1 after findings
 */
int ladder_read(struct arena *arena, const struct yaml_node *node, struct report *report,
                struct profile *out);

/**
 * The advice of a profile: one word or a list.
 *
 * returns   0, or -1 after findings
 */
int advice_read(struct arena *arena, const struct yaml_node *node, struct report *report,
                struct profile *out);

/**
 * What a profile says of its application.
 *
 * returns   0, or -1 after findings
 */
int app_read(struct arena *arena, const struct yaml_node *node, struct report *report,
             struct profile *out);

/**
 * Is there a log signature of this name?
 *
 * returns   0, or -1 after a finding with the name that was probably meant
 */
int signature_check(struct report *report, struct place at, const char *name);

/**
 * The tests inside a profile.
 *
 * returns   0, or -1 after findings
 */
int tests_read(struct arena *arena, const struct yaml_node *node, struct report *report,
               struct profile *out);

/**
 * The facts that a test inside a profile speaks of.
 *
 * identity  filled; must live as long as out_facts
 * report    what is wrong with the test's identity
 * returns   0, or -1 after findings of level FINDING_ERROR
 */
int test_facts(struct arena *arena, const struct profile_test *test, struct report *report,
               struct identity *identity, struct profile_facts *out_facts);

/**
 * All profiles of one parsed file.
 *
 * out       good ones, in order; a masked one (`disabled: true`) has a NULL match
 * report    every fault; each names the profile that is skipped for it
 */
void profile_file_read(struct arena *arena, const struct yaml_node *root, struct report *report,
                       struct profiles *out);

/* profile_bounds.c */

/**
 * A warning for every comparison in the conditions that has no test on one of its sides.
 */
void bounds_check(struct arena *arena, const struct profile *profile, struct report *report);

#endif
