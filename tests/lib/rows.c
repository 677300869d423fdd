/* Tables of rows are checked to the end, so that one run shows everything that is wrong. */
#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LINE_BYTES 512

static unsigned bad_rows;

bool rows_that(bool ok, const char *label, const char *format, ...)
{
    va_list args;
    if (ok)
        return true;
    bad_rows++;
    (void)fprintf(stderr, "  %s: ", label);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "\n");
    return false;
}

void rows_text(const char *label, const char *got, const char *want)
{
    (void)rows_that(text_equal(got, want), label, "got  <%s>\n    want <%s>", got ? got : "NULL",
                    want ? want : "NULL");
}

void rows_number(const char *label, long long got, long long want)
{
    (void)rows_that(got == want, label, "got %lld, want %lld", got, want);
}

void rows_err(const char *label, int returned, const struct err *err, const char *want)
{
    char line[LINE_BYTES];
    if (!rows_that(returned == (want ? -1 : 0), label, "returned %d: %s", returned,
                   returned < 0 ? err->text : "no error")
        || !want)
        return;
    err_format(err, line, sizeof line);
    rows_text(label, line, want);
}

void rows_strings(const char *label, const struct strings *got, const char *want)
{
    struct arena arena = { 0 };
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < got->count; i++)
        text_printf(&text, "%s%s", i ? " " : "", got->items[i]);
    rows_text(label, text_get(&text), want);
    arena_clear(&arena);
}

void rows_report(const char *label, const struct report *got, const char *want)
{
    struct arena arena = { 0 };
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < got->count; i++) {
        struct err err = { .kind = ERR_DATA, .at = got->items[i].at };
        char line[LINE_BYTES];
        (void)snprintf(err.text, sizeof err.text, "%s", got->items[i].text);
        err_format(&err, line, sizeof line);
        text_printf(&text, "%s%s", i ? "\n" : "", line);
    }
    rows_text(label, text_get(&text), want);
    arena_clear(&arena);
}

void rows_done(void)
{
    unsigned bad = bad_rows;
    bad_rows = 0;
    if (bad)
        fail_msg("%u bad rows", bad);
}
