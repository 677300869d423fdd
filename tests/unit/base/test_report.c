/* Reports keep every finding with its place and hand out the first error. */
#include "base/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rows.h"

static void test_report_keeps_the_order(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct report report = { .arena = &arena };
    char name[] = "a.yaml";
    struct err err = { .kind = ERR_NONE };
    assert_int_equal(report_to_err(&report, ERR_DATA, &err), 0);
    report_add(&report, FINDING_WARNING, (struct place){ name, 1, 2 }, "odd %d", 7);
    assert_int_equal(report_to_err(&report, ERR_DATA, &err), 0);
    assert_int_equal(err.kind, ERR_NONE);
    report_add(&report, FINDING_ERROR, (struct place){ name, 3, 4 }, "wrong");
    report_add(&report, FINDING_ERROR, (struct place){ NULL, 0, 0 }, "no place");
    name[0] = 'b'; /* the report has its own copy */
    rows_report("findings", &report, "a.yaml:1:2: odd 7\na.yaml:3:4: wrong\nno place");
    rows_number("errors", (long long)report.error_count, 2);
    rows_err("first", report_to_err(&report, ERR_CONFIG, &err), &err, "a.yaml:3:4: wrong");
    rows_number("kind", err.kind, ERR_CONFIG);
    rows_done();
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_report_keeps_the_order) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
