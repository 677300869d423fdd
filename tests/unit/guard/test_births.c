/* Which pids are new, also when the numbers began again. */
#include "guard/tree_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_pid_is_new_when_between_two_readings_then_yes(void **state)
{
    static const struct {
        const char *label;
        int64_t pid, before, now;
        bool want;
    } rows[] = {
        { "the newest", 120, 100, 120, true },
        { "between", 110, 100, 120, true },
        { "the one of before", 100, 100, 120, false },
        { "older", 99, 100, 120, false },
        { "born after the reading", 121, 100, 120, false },
        { "nothing was born", 100, 100, 100, false },
        { "began again, high", 32767, 32760, 310, true },
        { "began again, low", 305, 32760, 310, true },
        { "began again, the one of before", 32760, 32760, 310, false },
        { "began again, older", 400, 32760, 310, false },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        if (births_pid_is_new(rows[i].pid, rows[i].before, rows[i].now) != rows[i].want)
            fail_msg("%s", rows[i].label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pid_is_new_when_between_two_readings_then_yes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
