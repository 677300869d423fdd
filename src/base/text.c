/* Building and comparing strings. All results live in an arena, so callers pass them on freely. */
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAREST_MAX_LENGTH 64 /* longer words are no typing errors of ours */

static void capacity_set(struct text *text, size_t capacity)
{
    char *larger = arena_alloc(text->arena, capacity);
    if (text->length)
        memcpy(larger, text->bytes, text->length);
    text->bytes = larger;
    text->capacity = capacity;
}

void text_reserve(struct text *text, size_t length)
{
    if (text->length + length + 1 > text->capacity)
        capacity_set(text, text->length + length + 1);
}

void text_add(struct text *text, const char *bytes, size_t length)
{
    if (text->length + length + 1 > text->capacity)
        capacity_set(text, (text->length + length + 1) * 2);
    if (length)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *piece = arena_vprintf(text->arena, format, args);
    va_end(args);
    text_add(text, piece, strlen(piece));
}

const char *text_get(const struct text *text)
{
    return text->bytes ? text->bytes : "";
}

bool strings_has(const struct strings *strings, const char *item)
{
    for (size_t i = 0; i < strings->count; i++) {
        if (text_equal(strings->items[i], item))
            return true;
    }
    return false;
}

const char *variables_get(const struct variables *variables, const char *name)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (text_equal(variables->items[i].name, name))
            return variables->items[i].value;
    }
    return NULL;
}

bool variables_assigned(const struct variables *variables, const char *assignment)
{
    for (size_t i = 0; i < variables->count; i++) {
        size_t length = strlen(variables->items[i].name);
        if (strncmp(assignment, variables->items[i].name, length) == 0 && assignment[length] == '=')
            return true;
    }
    return false;
}

void variables_set(struct arena *arena, struct variables *variables, const char *name,
                   const char *value)
{
    for (size_t i = 0; i < variables->count; i++) {
        if (text_equal(variables->items[i].name, name)) {
            variables->items[i].value = value;
            return;
        }
    }
    struct variable variable = { .name = name, .value = value };
    ARENA_PUSH(arena, variables, variable);
}

void variables_add(struct arena *arena, struct variables *variables, const struct variables *more)
{
    for (size_t i = 0; i < more->count; i++)
        variables_set(arena, variables, more->items[i].name, more->items[i].value);
}

bool text_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && text_equal(text + length - end_length, end);
}

char *text_lower(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    for (char *at = copy; *at; at++) {
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    }
    return copy;
}

char *text_trim(struct arena *arena, const char *text)
{
    static const char space[] = " \t\r\n";
    text += strspn(text, space);
    size_t length = strlen(text);
    while (length && strchr(space, text[length - 1]))
        length--;
    return arena_strndup(arena, text, length);
}

bool text_to_u64(const char *text, uint64_t *out_value)
{
    int base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
    if (!*text || text[strspn(text, digits)] != '\0')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, base);
    if (errno == ERANGE)
        return false;
    *out_value = value;
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance: inserts, deletes, changes and swapped neighbours count 1. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][NEAREST_MAX_LENGTH + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(smaller(above[j] + 1, row[j - 1] + 1), change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

static const char *only_completion(const char *word, const char *const *candidates, size_t count)
{
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!candidates[i] || !text_starts(candidates[i], word))
            continue;
        if (found)
            return NULL;
        found = candidates[i];
    }
    return found;
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    if (length == 0 || length > NEAREST_MAX_LENGTH)
        return NULL;
    const char *best = length >= 3 ? only_completion(word, candidates, count) : NULL;
    if (best)
        return best;
    size_t best_edits = smaller(3, (length + 2) / 3) + 1;
    for (size_t i = 0; i < count; i++) {
        size_t other = candidates[i] ? strlen(candidates[i]) : 0;
        if (other == 0 || other > NEAREST_MAX_LENGTH)
            continue;
        size_t edits = edit_distance(word, length, candidates[i], other);
        if (edits < best_edits) {
            best_edits = edits;
            best = candidates[i];
        }
    }
    return best;
}

uint64_t text_hash(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) {
        hash ^= at[i];
        hash *= 0x100000001b3ULL;
    }
    return hash;
}

/* Length of the valid UTF-8 sequence at the start of bytes, 0 when there is none (RFC 3629). */
static size_t utf8_sequence(const unsigned char *bytes, size_t length)
{
    static const struct {
        unsigned char first, last, second_low, second_high;
        size_t length;
    } rows[] = {
        { 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (bytes[0] < rows[i].first || bytes[0] > rows[i].last)
            continue;
        if (rows[i].length > length)
            return 0;
        if (rows[i].length > 1 && (bytes[1] < rows[i].second_low || bytes[1] > rows[i].second_high))
            return 0;
        for (size_t j = 2; j < rows[i].length; j++) {
            if (bytes[j] < 0x80 || bytes[j] > 0xbf)
                return 0;
        }
        return rows[i].length;
    }
    return 0;
}

/* Bytes in front that need no closer look: nearly always all of them. */
static size_t plain_length(const char *bytes, size_t length)
{
    size_t plain = 0;
    while (plain < length && bytes[plain] >= 0x20 && bytes[plain] < 0x7f)
        plain++;
    return plain;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    for (size_t i = plain_length(bytes, length); i < length;) {
        size_t step = utf8_sequence((const unsigned char *)bytes + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

/* Controls, and the marks that make what follows read in another order than it stands in: U+202A to
 * U+202E, U+2066 to U+2069. */
static bool is_control(const unsigned char *bytes, size_t length)
{
    if (length == 1)
        return (bytes[0] < 0x20 && bytes[0] != '\t' && bytes[0] != '\n') || bytes[0] == 0x7f;
    if (length == 3 && bytes[0] == 0xe2)
        return (bytes[1] == 0x80 && bytes[2] >= 0xaa && bytes[2] <= 0xae)
               || (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9);
    return length == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0; /* C1: U+0080 to U+009F */
}

char *text_clean(struct arena *arena, const char *bytes, size_t length)
{
    struct text clean = { .arena = arena };
    size_t plain = plain_length(bytes, length);
    text_add(&clean, bytes, plain);
    for (size_t i = plain; i < length;) {
        const unsigned char *at = (const unsigned char *)bytes + i;
        size_t step = utf8_sequence(at, length - i);
        if (step == 0) {
            text_add(&clean, "\xef\xbf\xbd", 3);
            i++;
        } else if (is_control(at, step)) {
            text_add(&clean, "?", 1);
            i += step;
        } else {
            text_add(&clean, bytes + i, step);
            i += step;
        }
    }
    return clean.bytes;
}

const char *text_line(struct arena *arena, const char *text, size_t max_bytes)
{
    size_t length = strlen(text);
    bool cut = length > max_bytes;
    if (!cut && plain_length(text, length) == length)
        return text;
    if (cut) {
        for (length = max_bytes; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
            length--; /* not within a character */
    }
    char *line = text_clean(arena, text, length);
    for (char *at = line; *at; at++) {
        if (*at == '\n' || *at == '\t')
            *at = ' ';
    }
    return cut ? arena_printf(arena, "%s…", line) : line;
}

size_t text_columns(const char *text, size_t length)
{
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}
