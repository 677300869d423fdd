/* profile_rows.h: profiles and identities out of texts that stand in a test.
 * Room: tests. Places name the file "f.yaml". */
#ifndef QWGUARD_TESTS_PROFILE_ROWS_H
#define QWGUARD_TESTS_PROFILE_ROWS_H

#include "profile/profile.h"

/**
 * Read a file of profiles from its text, as profiles_load() reads one.
 *
 * report    may be NULL: then the test fails at the first finding
 */
void profiles_of(struct arena *arena, const char *yaml, struct report *report,
                 struct profiles *out);

/**
 * Read an identity from its text; the test fails when anything is wrong with it.
 */
void identity_of(struct arena *arena, const char *yaml, struct identity *out);

#endif
