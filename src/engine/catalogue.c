/* The catalogue as one: finds the row of a name and a value, and reads its bounds. The rows lie in
 * catalogue_switches.c, catalogue_dangers.c and catalogue_variables.c. */
#include "engine/catalogue_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "engine/engine.h"

#define DIGITS_MAX 9

static const struct catalogue_part *const parts[] = {
    &catalogue_switches,
    &catalogue_dangers,
    &catalogue_variables,
};

static const char *const class_words[] = {
    [CLASS_MITIGATION] = "mitigation",
    [CLASS_DIAGNOSIS] = "diagnosis",
    [CLASS_DANGEROUS] = "dangerous",
    [CLASS_STALE] = "stale",
};
static_assert(ROWS(class_words) == CLASS_COUNT, "one word per class");

static const char *const grammar_words[] = {
    [VALUE_NONE] = "none", [VALUE_ON_OFF] = "on-off", [VALUE_WORD] = "word",
    [VALUE_LIST] = "list", [VALUE_NUMBER] = "number", [VALUE_ANY] = "any",
};
static_assert(ROWS(grammar_words) == VALUE_GRAMMAR_COUNT, "one word per grammar");

const char *catalogue_class_text(enum catalogue_class class)
{
    return class_words[class];
}

const char *value_grammar_text(enum value_grammar grammar)
{
    return grammar_words[grammar];
}

const struct catalogue_row *catalogue_at(size_t index)
{
    for (size_t i = 0; i < ROWS(parts); i++) {
        if (index < parts[i]->count)
            return &parts[i]->rows[index];
        index -= parts[i]->count;
    }
    return NULL;
}

bool catalogue_has_word(const char *words, const char *value, size_t length)
{
    while (words && *words) {
        size_t word = strcspn(words, "|");
        if (word == length && memcmp(words, value, length) == 0)
            return true;
        words += word + (words[word] == '|');
    }
    return false;
}

static bool is_list_of(const char *words, const char *value)
{
    while (true) {
        size_t length = strcspn(value, ",");
        if (!catalogue_has_word(words, value, length))
            return false;
        if (!value[length])
            return true;
        value += length + 1;
    }
}

bool catalogue_takes(const struct catalogue_row *row, const char *value)
{
    if (row->grammar == VALUE_ANY)
        return true;
    if (row->grammar == VALUE_NONE || (row->grammar == VALUE_ON_OFF && !value))
        return !value;
    if (!value || !*value)
        return false;
    if (row->grammar == VALUE_LIST)
        return is_list_of(row->words, value);
    size_t length = strlen(value);
    if (row->grammar == VALUE_NUMBER)
        return strspn(value, "0123456789") == length && length <= DIGITS_MAX;
    return catalogue_has_word(row->grammar == VALUE_ON_OFF ? "0|1" : row->words, value, length);
}

int catalogue_name_fit(const struct catalogue_row *row, const char *name, size_t length)
{
    size_t known = strlen(row->name);
    if (known == length && memcmp(row->name, name, length) == 0)
        return 2;
    return row->name[known - 1] == '*' && length >= known - 1
           && memcmp(row->name, name, known - 1) == 0;
}

/* Among rows of the same name: knows the value > takes any value > is the first. */
static int row_fit(const struct catalogue_row *row, const char *name, size_t length,
                   const char *value)
{
    int fit = catalogue_name_fit(row, name, length) * 4;
    if (!fit || !value || !catalogue_takes(row, value))
        return fit;
    return fit + (row->grammar == VALUE_ANY ? 1 : 2);
}

const struct catalogue_row *catalogue_find(const char *name, size_t length, const char *value)
{
    const struct catalogue_row *best = NULL, *row;
    int best_fit = 0;
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        int fit = row_fit(row, name, length, value);
        if (fit > best_fit) {
            best = row;
            best_fit = fit;
        }
    }
    return best;
}

void catalogue_words(const char *name, size_t length, char *out, size_t size)
{
    const struct catalogue_row *row;
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        const char *words = row->grammar == VALUE_NUMBER   ? "a number"
                            : row->grammar == VALUE_ON_OFF ? "0|1"
                                                           : row->words;
        if (catalogue_name_fit(row, name, length) != 2 || !row->allowed || !words)
            continue;
        int more = snprintf(out + used, size - used, "%s%s", used ? "|" : "", words);
        used += more > 0 ? (size_t)more : 0;
        if (used >= size)
            return;
    }
}

/* -1 before a bound, 0 where nobody looked, 1 at or after it. */
static int bound_side(const char *bound, const char *unsure_from, const char *qt)
{
    if (version_compare(qt, bound) >= 0)
        return 1;
    return unsure_from && version_compare(unsure_from, bound) < 0
                   && version_compare(qt, unsure_from) >= 0
               ? 0
               : -1;
}

enum truth catalogue_honoured(const struct catalogue_row *row, const char *qt)
{
    if (row->never)
        return TRUTH_NO;
    if (!row->since && !row->until)
        return TRUTH_YES;
    if (!qt)
        return TRUTH_UNKNOWN;
    /* Where both bounds are given, nobody looked right before the upper one. */
    int since = row->since ? bound_side(row->since, row->until ? NULL : row->unsure_from, qt) : 1;
    int until = row->until ? bound_side(row->until, row->unsure_from, qt) : -1;
    if (since < 0 || until > 0)
        return TRUTH_NO;
    return since == 0 || until == 0 ? TRUTH_UNKNOWN : TRUTH_YES;
}

enum truth catalogue_breaks(const struct catalogue_row *row, const char *qt)
{
    if (!row->breaks)
        return TRUTH_NO;
    if (!qt)
        return row->breaks_since || row->breaks_until ? TRUTH_UNKNOWN : TRUTH_YES;
    bool after = !row->breaks_since || version_compare(qt, row->breaks_since) >= 0;
    bool before = !row->breaks_until || version_compare(qt, row->breaks_until) < 0;
    return after && before ? TRUTH_YES : TRUTH_NO;
}
