/* words.h: text for people on standard output: safe for their terminal, readable in their locale.
 * Room: cli. Data (JSON) does not go through here. */
#ifndef QWGUARD_CLI_WORDS_H
#define QWGUARD_CLI_WORDS_H

#include <stddef.h>

#include "base/arena.h"

/**
 * Print length bytes of UTF-8. Control characters of foreign strings (a driver's name, an identity)
 * become '?', line ends apart; where the locale is not UTF-8, our own marks become ASCII ("·" and
 * "✓" for example "-" and "+"), and all other bytes stay.
 */
void words_print(const char *bytes, size_t length);

/**
 * The same for a whole string.
 */
void words_put(const char *text);

/**
 * A foreign string as one line for a table or a message: cleaned (text_clean), without line ends
 * and tabs.
 *
 * returns   text itself when it is such a line already, else a copy
 */
const char *words_line(struct arena *arena, const char *text);

#endif
