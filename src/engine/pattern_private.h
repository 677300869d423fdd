/* pattern_private.h: full-match regular expressions as Chromium's lists use them.
 * Room: engine. Compiled once into an arena; matching allocates nothing, is linear in the input and
 * never recurses. Bytes, not characters: `.` takes any byte but a newline. */
#ifndef QWGUARD_ENGINE_PATTERN_PRIVATE_H
#define QWGUARD_ENGINE_PATTERN_PRIVATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/* A compiled pattern; its inside belongs to pattern.c. */
struct pattern;

/**
 * Compile a pattern of the subset of RE2 that stands in the lists: literals, `.`, classes ([a-z],
 * [^x], \d \w \s and their capitals), escaped punctuation, \t \n, groups ((…) and (?:…)), `|`, `*`,
 * `+`, `?` (also lazy: the same in a full match), and (?i) at the beginning.
 *
 * returns   the pattern; NULL and ERR_DATA (what is wrong, and at which byte of the pattern) for
 *           anything else
 * source    https://github.com/google/re2/wiki/Syntax
 */
const struct pattern *pattern_compile(struct arena *arena, const char *text, struct err *err);

/**
 * True when the whole of text matches (RE2::FullMatch).
 */
bool pattern_matches(const struct pattern *pattern, const char *text);

/**
 * The text that the pattern was compiled from.
 */
const char *pattern_text(const struct pattern *pattern);

#endif
