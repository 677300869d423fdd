/* Times as texts, and a clock that never runs back. */
#include "platform/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static void test_clock_texts(void **state)
{
    (void)state;
    static const struct {
        uint64_t utc_s;
        const char *extended, *basic, *local;
    } rows[] = {
        { 0, "1970-01-01T00:00:00Z", "19700101T000000Z", "02:00:00" },
        { 951782400, "2000-02-29T00:00:00Z", "20000229T000000Z", "02:00:00" },
        { 1795428902, "2026-11-23T10:15:02Z", "20261123T101502Z", "12:15:02" },
        { 4102444799, "2099-12-31T23:59:59Z", "20991231T235959Z", "01:59:59" },
    };
    char text[24];
    assert_int_equal(setenv("TZ", "XYZ-2", 1), 0);
    tzset();
    for (size_t i = 0; i < ROWS(rows); i++) {
        rows_text("extended", clock_utc_text(text, sizeof text, rows[i].utc_s, 1),
                  rows[i].extended);
        rows_text("basic", clock_utc_text(text, sizeof text, rows[i].utc_s, 0), rows[i].basic);
        rows_text("local", clock_local_text(text, sizeof text, rows[i].utc_s), rows[i].local);
    }
    (void)clock_utc_text(text, sizeof text, UINT64_MAX, 1); /* no year holds it: not a crash */
    rows_done();
}

static void test_clocks_go_on(void **state)
{
    (void)state;
    uint64_t before = clock_monotonic_ns();
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t now = clock_monotonic_ns();
        assert_true(now >= before);
        before = now;
    }
    assert_true(clock_utc_s() > 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_texts),
        cmocka_unit_test(test_clocks_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
