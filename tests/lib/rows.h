/* rows.h: show every bad row of a table, then fail the test once.
 * Room: tests. Needs cmocka; the count of bad rows is kept between the calls of one test. */
#ifndef QWGUARD_TESTS_ROWS_H
#define QWGUARD_TESTS_ROWS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/macros.h"
#include "base/report.h"
#include "base/text.h"

/**
 * Count a row as bad when ok is false, and show it: "label: what".
 *
 * returns   ok
 */
bool rows_that(bool ok, const char *label, const char *format, ...) PRINTF_LIKE(3, 4);

/**
 * Two strings, either of them NULL, must be the same.
 */
void rows_text(const char *label, const char *got, const char *want);

/**
 * Two numbers must be the same.
 */
void rows_number(const char *label, long long got, long long want);

/**
 * An error as its line ("file:line:column: text") must be the one wanted; NULL wants no error.
 *
 * returned  what the function gave back: 0 or -1
 */
void rows_err(const char *label, int returned, const struct err *err, const char *want);

/**
 * The strings of a list with one space between must be the text wanted.
 */
void rows_strings(const char *label, const struct strings *got, const char *want);

/**
 * All findings of a report, one per line ("file:line:column: text"), must be the text wanted.
 */
void rows_report(const char *label, const struct report *got, const char *want);

/**
 * Fail the test when a row was bad; the count starts again.
 */
void rows_done(void);

#endif
