/* profile_print.h: what the profile commands share.
 * Room: cli. */
#ifndef QWGUARD_CLI_PROFILE_PRINT_H
#define QWGUARD_CLI_PROFILE_PRINT_H

#include "cli/command.h"
#include "profile/profile.h"

/**
 * Load the profiles in force (built in, the usual folders, --profiles); what is wrong with them is
 * printed as warnings.
 */
void profile_set_load(const struct context *context, struct profiles *out);

/**
 * One profile by id.
 *
 * returns   0, or -1 and ERR_USAGE with the id that was probably meant
 */
int profile_set_find(const struct context *context, const struct profiles *profiles, const char *id,
                     const struct profile **out, struct err *err);

/**
 * Whether a profile matches: "match", "no" or "unknown".
 */
const char *profile_match_word(enum truth match);

/**
 * What a profile does first, in a few words: "gpu-off", "advice: reboot", "gpu-off after an
 * incident". Lives in the arena.
 */
const char *profile_help_text(struct arena *arena, const struct profile *profile);

#endif
