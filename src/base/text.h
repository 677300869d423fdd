/* text.h: strings that grow, and small questions about strings.
 * Room: base. Bytes, usually UTF-8; nothing here depends on the locale. */
#ifndef QWGUARD_BASE_TEXT_H
#define QWGUARD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* A string being built in an arena. `{ .arena = arena }` is empty and ready. */
struct text {
    struct arena *arena;
    char *bytes; /* terminated once something was added; NULL before */
    size_t length;
    size_t capacity;
};

/* A list of strings in an arena. Zero-initialised is empty. */
struct strings {
    const char **items;
    size_t count;
    size_t capacity;
};

/* Pairs of a name and a value, both in an arena; used for environment variables and contents of
 * files. Order is kept. */
struct variable {
    const char *name;
    const char *value;
};

struct variables {
    struct variable *items;
    size_t count;
    size_t capacity;
};

/**
 * Append a formatted piece.
 */
void text_printf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);

/**
 * Make room for so many more bytes, so that adding them copies nothing.
 */
void text_reserve(struct text *text, size_t length);

/**
 * Append length bytes as they are.
 */
void text_add(struct text *text, const char *bytes, size_t length);

/**
 * The string built so far, "" when nothing was added. Owned by the arena.
 */
const char *text_get(const struct text *text);

/**
 * True when the list holds the string.
 */
bool strings_has(const struct strings *strings, const char *item);

/**
 * Value of a variable.
 *
 * returns   NULL when it is not set; borrowed
 */
const char *variables_get(const struct variables *variables, const char *name);

/**
 * Does an assignment ("NAME=value", as in an environment) set one of the variables?
 */
bool variables_assigned(const struct variables *variables, const char *assignment);

/**
 * Set a variable: the value of an existing one is replaced, a new one goes to the end. Name and
 * value are borrowed, not copied.
 */
void variables_set(struct arena *arena, struct variables *variables, const char *name,
                   const char *value);

/**
 * Set every variable of another list, in its order (variables_set()).
 */
void variables_add(struct arena *arena, struct variables *variables, const struct variables *more);

/**
 * True when both are NULL, or both are strings with the same bytes.
 */
bool text_equal(const char *a, const char *b);

/**
 * True when text begins with prefix.
 */
bool text_starts(const char *text, const char *prefix);

/**
 * True when text ends with end and is longer than it: ".conf" alone is no name that ends so.
 */
bool text_ends(const char *text, const char *end);

/**
 * ASCII lower-case copy in the arena.
 */
char *text_lower(struct arena *arena, const char *text);

/**
 * Copy without white space (space, tab, CR, LF) at both ends.
 */
char *text_trim(struct arena *arena, const char *text);

/**
 * Whole string as an unsigned number: decimal, or hexadecimal after 0x. No sign, no spaces.
 *
 * out_value   untouched on failure
 * returns     false when it is no number or does not fit
 */
bool text_to_u64(const char *text, uint64_t *out_value);

/**
 * The candidate that the user most likely meant, for "did you mean" (Levenshtein distance with
 * swapped neighbours, at most a third of the word and never more than 3 edits; a candidate that the
 * word is an unambiguous beginning of wins).
 *
 * candidates  count strings; NULL items are skipped
 * returns     one of the candidates, or NULL when none is near
 */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/**
 * 64-bit FNV-1a over bytes, for fingerprints (not for security). Start with TEXT_HASH_START and
 * chain. Source: http://www.isthe.com/chongo/tech/comp/fnv/ (public domain algorithm).
 */
uint64_t text_hash(uint64_t hash, const void *bytes, size_t length);
#define TEXT_HASH_START 0xcbf29ce484222325ULL

/**
 * True when the bytes are valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
 */
bool text_is_utf8(const char *bytes, size_t length);

/**
 * Copy that is safe to print on a terminal or put into JSON: invalid UTF-8 becomes U+FFFD, control
 * characters other than tab and newline (also C1) become '?', and so do the marks that turn the
 * direction of a text (U+202A to U+202E, U+2066 to U+2069).
 */
char *text_clean(struct arena *arena, const char *bytes, size_t length);

/**
 * A foreign string as one line for a message or a table: cleaned (text_clean), line ends and tabs
 * become spaces, and what is longer than max_bytes is cut before a character that does not fit and
 * ends in "…".
 *
 * returns   text itself when it is such a line already, else a copy
 */
const char *text_line(struct arena *arena, const char *text, size_t max_bytes);

/**
 * Columns that length bytes of UTF-8 take on a terminal: their characters, wide ones counted once.
 */
size_t text_columns(const char *text, size_t length);

#endif
