/* expression_private.h: the expressions behind the operator `matches`, in linear time.
 * Room: profile. A POSIX extended expression without back references, compared with the whole
 * value;
 * `(?i)` in front makes it blind to ASCII case, as in Chromium's own lists.
 * Why not regcomp(3): a profile comes from anyone, and the C library promises no bound on time.
 * Why not the engine room's matcher: that one reads RE2, the grammar of Chromium's lists. */
#ifndef QWGUARD_PROFILE_EXPRESSION_PRIVATE_H
#define QWGUARD_PROFILE_EXPRESSION_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define EXPRESSION_BYTES_MAX 256 /* longest expression */
#define EXPRESSION_STATES_MAX                                                                      \
    512 /* after repetitions are written out; bounds the time a byte costs */
#define EXPRESSION_REPEAT_MAX 64 /* largest number in {m,n} */
#define EXPRESSION_DEPTH_MAX 16  /* parentheses in parentheses */

struct expression;

/**
 * Compile an expression.
 *
 * out       lives in the arena; untouched on failure
 * returns   0, or -1 and ERR_DATA that says what is wrong with it
 */
int expression_compile(struct arena *arena, const char *text, const struct expression **out,
                       struct err *err);

/**
 * Does the whole text match? Needs at most EXPRESSION_STATES_MAX steps a byte and allocates
 * nothing.
 */
bool expression_matches(const struct expression *expression, const char *text);

#endif
