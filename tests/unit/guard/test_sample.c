/* When the next look is due, and how fast something grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "guard/guard_private.h"

static void test_interval_when_headroom_then_time_to_fill_it(void **state)
{
    static const struct {
        const char *label;
        uint64_t headroom_bytes, rate, want_ns;
    } rows[] = {
        { "at the limit", 0, 4000000000, MS_NS / 4 },
        { "a page", 4096, 4000000000, MS_NS / 4 },
        { "just above the shortest", 2000000, 4000000000, MS_NS / 2 },
        { "40 MB", 40000000, 4000000000, 10 * MS_NS },
        { "slower memory", 40000000, 1000000000, 40 * MS_NS },
        { "far away", 4000000000, 4000000000, SECOND_NS },
        { "farther", UINT64_MAX, 4000000000, SECOND_NS },
        { "rate not said", 40000000, 0, 10 * MS_NS },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t ns = sample_interval_ns(rows[i].headroom_bytes, rows[i].rate);
        if (ns != rows[i].want_ns)
            fail_msg("%s: %llu", rows[i].label, (unsigned long long)ns);
    }
}

static void test_rate_when_points_then_from_the_oldest_that_counts(void **state)
{
    struct member member = { .held_bytes = 700 };
    (void)state;
    assert_true(sample_rate(&member, SECOND_NS) == 0);
    member.growth = (struct growth){
        .points = { { 100 * SECOND_NS, 100 }, { 102 * SECOND_NS, 500 } }, .count = 2
    };
    assert_true(sample_rate(&member, 104 * SECOND_NS) == 150);
    assert_true(sample_rate(&member, 112 * SECOND_NS) == 20); /* the first is forgotten */
    assert_true(sample_rate(&member, 900 * SECOND_NS) == 0);
    member.held_bytes = 100;
    assert_true(sample_rate(&member, 112 * SECOND_NS) == -40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_when_headroom_then_time_to_fill_it),
        cmocka_unit_test(test_rate_when_points_then_from_the_oldest_that_counts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
