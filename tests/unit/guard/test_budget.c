/* The restart budget: how many, within which time, after which pause. */
#include "guard/budget_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/macros.h"

static void test_spend_when_a_row_of_restarts_then_pauses_double_and_end(void **state)
{
    static const struct {
        const char *label;
        unsigned max;
        uint64_t pause_ns, at_ns;
        bool want;
        uint64_t want_pause_ns;
    } rows[] = {
        { "first", 4, SECOND_NS, 1 * SECOND_NS, true, 1 * SECOND_NS },
        { "second", 4, SECOND_NS, 3 * SECOND_NS, true, 2 * SECOND_NS },
        { "third", 4, SECOND_NS, 4 * SECOND_NS, true, 4 * SECOND_NS },
        { "last", 4, SECOND_NS, 5 * SECOND_NS, true, 8 * SECOND_NS },
        { "spent", 4, SECOND_NS, 6 * SECOND_NS, false, 0 },
        { "the first is old", 4, SECOND_NS, 101 * SECOND_NS, true, 8 * SECOND_NS },
        { "spent again", 4, SECOND_NS, 102 * SECOND_NS, false, 0 },
        { "all are old", 4, SECOND_NS, 900 * SECOND_NS, true, 1 * SECOND_NS },
    };
    struct budget budget = { .within_ns = 100 * SECOND_NS };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t pause_ns = 0;
        budget.max = rows[i].max;
        budget.pause_ns = rows[i].pause_ns;
        if (budget_spend(&budget, rows[i].at_ns, &pause_ns) != rows[i].want
            || pause_ns != rows[i].want_pause_ns)
            fail_msg("%s: pause %llu", rows[i].label, (unsigned long long)pause_ns);
    }
}

static void test_spend_when_none_allowed_then_never(void **state)
{
    struct budget budget = { .within_ns = SECOND_NS };
    uint64_t pause_ns = 7;
    (void)state;
    assert_false(budget_spend(&budget, SECOND_NS, &pause_ns));
    assert_int_equal(pause_ns, 7);
}

static void test_spend_when_many_then_pause_is_capped(void **state)
{
    struct budget budget = { .max = 40, .within_ns = 1000 * SECOND_NS, .pause_ns = SECOND_NS };
    uint64_t pause_ns = 0;
    (void)state;
    for (unsigned i = 0; i < 40; i++)
        assert_true(budget_spend(&budget, SECOND_NS + i, &pause_ns));
    assert_int_equal(pause_ns, BUDGET_PAUSE_MAX_NS);
}

static void test_spend_when_more_than_fit_then_the_oldest_go(void **state)
{
    static struct budget budget;
    uint64_t pause_ns;
    (void)state;
    budget = (struct budget){ .max = 100000, .within_ns = UINT64_MAX, .pause_ns = 0 };
    for (unsigned i = 0; i < 3 * BUDGET_TIMES_MAX; i++)
        assert_true(budget_spend(&budget, 1 + i, &pause_ns));
    assert_true(budget.count <= BUDGET_TIMES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spend_when_a_row_of_restarts_then_pauses_double_and_end),
        cmocka_unit_test(test_spend_when_none_allowed_then_never),
        cmocka_unit_test(test_spend_when_many_then_pause_is_capped),
        cmocka_unit_test(test_spend_when_more_than_fit_then_the_oldest_go),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
