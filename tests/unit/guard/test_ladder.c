/* Which launch comes next on a ladder. */
#include "guard/ladder_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"

static const struct guard_launch steps[] = { { .rung = "narrow" },
                                             { .rung = "wide" },
                                             { .rung = "widest" } };

static void test_next_when_on_the_ladder_then_the_step_behind(void **state)
{
    static const struct {
        const char *label, *current, *want;
        size_t count;
    } rows[] = {
        { "not on it", "none", "narrow", 3 },     { "on the first", "narrow", "wide", 3 },
        { "on the second", "wide", "widest", 3 }, { "on the last", "widest", "widest", 3 },
        { "no ladder", "none", "none", 0 },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct guard_launch current = { .rung = rows[i].current };
        struct guard_ladder ladder = { steps, rows[i].count };
        const struct guard_launch *next = ladder_next(&ladder, &current);
        if (!text_equal(next->rung, rows[i].want))
            fail_msg("%s: %s", rows[i].label, next->rung);
        if (text_equal(rows[i].want, rows[i].current) && next != &current)
            fail_msg("%s: not the current launch itself", rows[i].label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_when_on_the_ladder_then_the_step_behind),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
