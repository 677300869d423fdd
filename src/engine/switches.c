/* The rungs, and what the catalogue says of their switches and variables: which Qt honours one, and
 * what a profile may write. A profile comes from anyone, so it is an allow-list with a grammar for
 * each value; the names that do harm are in the catalogue only to say why they are refused. */
#include "engine/switches.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "engine/catalogue_private.h"
#include "engine/flags_private.h"

#define WORDS_MAX_BYTES 128

#define STRINGS(...)                                                                               \
    {                                                                                              \
        .items = (const char *[]){ __VA_ARGS__ },                                                  \
        .count = sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *)                    \
    }

static struct variable software_variables[] = { { "QT_QUICK_BACKEND", "software" } };

/* Source: contract, "Rungs"; effects of each tested on Qt 5.15.13 and 6.4.2. */
static const struct rung rungs[] = {
    { .name = "none" },
    { .name = "webgl-video-copy-off",
      .flags = STRINGS("--disable-accelerated-video-decode",
                       "--disable-gpu-memory-buffer-video-frames"),
      .costs = STRINGS("hardware-video") },
    { .name = "webgl1-only",
      .flags = STRINGS("--disable_es3_gl_context"),
      .costs = STRINGS("webgl2") },
    { .name = "webgl-off",
      .flags = STRINGS("--disable-webgl", "--disable-3d-apis"),
      .costs = STRINGS("webgl") },
    { .name = "compositing-off",
      .flags = STRINGS("--disable-gpu-compositing"),
      .costs = STRINGS("smooth-scrolling") },
    { .name = "gpu-off",
      .flags = STRINGS("--disable-gpu"),
      .costs = STRINGS("webgl", "hardware-video") },
    { .name = "software",
      .flags = STRINGS("--disable-gpu"),
      .environment = { .items = software_variables, .count = ROWS(software_variables) },
      .costs = STRINGS("webgl", "hardware-video", "qt-quick") },
};

const struct rung *rungs_builtin(size_t *out_count)
{
    *out_count = ROWS(rungs);
    return rungs;
}

int rung_width(const char *name)
{
    for (size_t i = 0; i < ROWS(rungs); i++) {
        if (strcmp(rungs[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

const struct rung *rung_find(const char *name)
{
    int width = rung_width(name);
    return width < 0 ? NULL : &rungs[width];
}

static enum truth honoured(const char *name, size_t length, const char *value, const char *qt,
                           const char **out_why)
{
    const struct catalogue_row *row = catalogue_find(name, length, value);
    enum truth result = row ? catalogue_honoured(row, qt) : TRUTH_UNKNOWN;
    if (out_why && result != TRUTH_YES)
        *out_why = row && row->why_not ? row->why_not : "it is not in the catalogue";
    return result;
}

enum truth switch_honoured(const char *what, const char *qt, const char **out_why)
{
    size_t length = strcspn(what, "=");
    return honoured(what, length, what[length] ? what + length + 1 : NULL, qt, out_why);
}

enum truth variable_honoured(const char *name, const char *value, const char *qt,
                             const char **out_why)
{
    return honoured(name, strlen(name), value, qt, out_why);
}

/* Printable, without a space or quotation mark. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text > '~' || *text == '"')
            return false;
    }
    return true;
}

/* The first row of a name that a profile may write, with whatever value. */
static const struct catalogue_row *row_allowed(const char *name, size_t length)
{
    const struct catalogue_row *row;
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        if (row->allowed && catalogue_name_fit(row, name, length) == 2)
            return row;
    }
    return NULL;
}

/* Why a name is refused with whatever value; names of features are judged by the grammar. */
static const char *refusal(const char *name, size_t length)
{
    const struct catalogue_row *row;
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        if (row->refuse && row->grammar != VALUE_LIST && catalogue_name_fit(row, name, length))
            return row->refuse;
    }
    return NULL;
}

/* Why a switch is dangerous, however it is spelled: white space around it, one dash, a value. */
static const char *switch_refusal(const char *item)
{
    char name[128];
    item += strspn(item, WHITE_SPACE);
    item += strspn(item, "-");
    int length = snprintf(name, sizeof name, "--%.*s", (int)strcspn(item, "=" WHITE_SPACE), item);
    return length < 0 || (size_t)length >= sizeof name ? NULL : refusal(name, (size_t)length);
}

int switch_allow(const char *item, struct err *err)
{
    char words[WORDS_MAX_BYTES];
    size_t length = strcspn(item, "=");
    const char *value = item[length] ? item + length + 1 : NULL;
    const struct catalogue_row *row = catalogue_find(item, length, value);
    bool is_switch = item[0] == '-' && item[1] == '-';
    if (is_switch && row && row->allowed && is_plain(item) && catalogue_takes(row, value))
        return 0;
    const char *why = switch_refusal(item);
    if (why)
        return err_set(err, ERR_DATA, "'%s' is refused: %s", item, why);
    if (!is_switch)
        return err_set(err, ERR_DATA, "'%s' is no switch (write it with two dashes)", item);
    if (!is_plain(item))
        return err_set(err, ERR_DATA,
                       "'%s' holds a space, a quotation mark or a character that cannot be printed",
                       item);
    const struct catalogue_row *allowed = row_allowed(item, length);
    if (!allowed && row && row->never)
        return err_set(err, ERR_DATA, "'%s' does nothing: %s", item, row->why_not);
    if (!allowed)
        return err_set(err, ERR_DATA,
                       "'%s' is not on the list of switches that a profile may write", item);
    if (allowed->grammar == VALUE_NONE)
        return err_set(err, ERR_DATA, "'%.*s' takes no value", (int)length, item);
    catalogue_words(item, length, words, sizeof words);
    return err_set(err, ERR_DATA, "'%s' has a value that is not allowed (%s)", item, words);
}

int variable_allow(const char *name, const char *value, struct err *err)
{
    char words[WORDS_MAX_BYTES];
    size_t length = strlen(name);
    const struct catalogue_row *row = catalogue_find(name, length, value);
    bool is_variable = name[0] != '-';
    const char *why = is_variable ? refusal(name, length) : NULL;
    if (why)
        return err_set(err, ERR_DATA, "%s is refused: %s", name, why);
    if (!is_variable || !row || !row_allowed(name, length))
        return err_set(err, ERR_DATA, "'%s' is not on the list of variables that a profile may set",
                       name);
    if (row->allowed && is_plain(value) && catalogue_takes(row, value))
        return 0;
    catalogue_words(name, length, words, sizeof words);
    return err_set(err, ERR_DATA, "%s has a value that is not allowed: '%s' (%s)", name, value,
                   words);
}
