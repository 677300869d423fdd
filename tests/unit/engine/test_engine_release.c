/* Which Chromium a Qt is made of, and how versions compare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/engine_private.h"
#include "rows.h"

static void test_version_compare_rows(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int want;
    } rows[] = {
        { "6.10", "6.9", 1 },
        { "6.8", "6.8.0", 0 },
        { "6.8.0", "6.8", 0 },
        { "6.4.2", "6.4.10", -1 },
        { "5.15.13", "6.0", -1 },
        { "", "", 0 },
        { "", "0", 0 },
        { "1", "", 1 },
        { "6.4.2-beta", "6.4.2", 0 },
        { "6.08", "6.8", 0 },
        { "x", "y", 0 },
        { "6.", "6", 0 },
        { "6..9", "6", 0 },
        { "99999999999999999999", "99999999999999999998", 0 },
        { "99999999999999999999", "1", 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int there = version_compare(rows[i].a, rows[i].b);
        int back = version_compare(rows[i].b, rows[i].a);
        rows_number(rows[i].a, (there > 0) - (there < 0), rows[i].want);
        rows_number(rows[i].a, (back > 0) - (back < 0), -rows[i].want);
    }
    rows_done();
}

static void test_engine_by_version_rows(void **state)
{
    (void)state;
    static const struct {
        const char *version, *chromium, *want;
    } rows[] = {
        { "6.4.2", "102.0.5005.177", NULL },
        { "6.8", "122.0.6261.171", NULL },
        { "6.8.99", "122.0.6261.171", NULL },
        { "5.15", "87.0.4280.144", NULL },
        { "5.15.0", "80.0.3987.163", NULL },
        { "5.15.1", "80.0.3987.163", NULL },
        { "5.15.2", "83.0.4103.122", NULL },
        { "5.15.13", "87.0.4280.144", NULL },
        { "6.10.1", "134.0.6998.208", NULL },
        { "6.11", "140.0.7339.225", NULL },
        { "6.0", NULL, "no release 6.0 of Qt WebEngine is known (5.12.0 to 6.11.0 are)" },
        { "6.1.2", NULL, "no release 6.1.2 of Qt WebEngine is known (5.12.0 to 6.11.0 are)" },
        { "7.0", NULL, "no release 7.0 of Qt WebEngine is known (5.12.0 to 6.11.0 are)" },
        { "6", NULL, "'6' is no version of Qt (examples: 6.8.2, 5.15)" },
        { "", NULL, "'' is no version of Qt (examples: 6.8.2, 5.15)" },
        { "6.4.2.1", NULL, "'6.4.2.1' is no version of Qt (examples: 6.8.2, 5.15)" },
        { "6.4.", NULL, "'6.4.' is no version of Qt (examples: 6.8.2, 5.15)" },
        { ".6.4", NULL, "'.6.4' is no version of Qt (examples: 6.8.2, 5.15)" },
        { "6.4.x", NULL, "'6.4.x' is no version of Qt (examples: 6.8.2, 5.15)" },
        { "v6.4", NULL, "'v6.4' is no version of Qt (examples: 6.8.2, 5.15)" },
        { "6.12345", NULL, "'6.12345' is no version of Qt (examples: 6.8.2, 5.15)" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct engine engine = { .qt = NULL };
        struct err err;
        rows_err(rows[i].version, engine_by_version(&arena, rows[i].version, &engine, &err), &err,
                 rows[i].want);
        rows_text(rows[i].version, engine.chromium, rows[i].chromium);
        rows_text(rows[i].version, engine.qt, rows[i].chromium ? rows[i].version : NULL);
        rows_text(rows[i].version, engine.library, NULL);
    }
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_compare_rows),
        cmocka_unit_test(test_engine_by_version_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
