/* Each truth has its word; an identity or a row that says nothing is unknown. */
#include "base/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static void test_truth_text_rows(void **state)
{
    (void)state;
    static const struct {
        enum truth truth;
        const char *want;
    } rows[] = {
        { TRUTH_UNKNOWN, "unknown" }, { TRUTH_NO, "no" }, { TRUTH_YES, "yes" }, { 0, "unknown" }
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_text(rows[i].want, truth_text(rows[i].truth), rows[i].want);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_truth_text_rows) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
