/* How much the control group of a tree may hold. */
#include "guard/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rows.h"

static const struct {
    const char *label;
    uint64_t process, tree, total; /* MiB; 0 = not known */
    uint64_t want;                 /* 0 = no bound */
} rows[] = {
    { "a quarter more", 0, 1000, 0, 1250 },
    { "with much memory", 500, 1000, 16000, 1250 },
    { "no limit of the tree", 1000, 0, 16000, 0 },
    { "a process may hold more than the tree", 4000, 1000, 0, 5000 },
    { "four fifths of the machine: half of the rest", 0, 8000, 10000, 9000 },
    { "more than the machine has", 0, 12000, 10000, 15000 },
};

static void test_bound_when_limits_differ_then_above_the_first_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct guard_config config = {
            .process_limit_bytes = { rows[i].process != 0, rows[i].process * MIB_BYTES },
            .tree_limit_bytes = { rows[i].tree != 0, rows[i].tree * MIB_BYTES },
            .memory_total_bytes = { rows[i].total != 0, rows[i].total * MIB_BYTES },
        };
        struct maybe_u64 got = guard_backstop_bytes(&config);
        rows_number(rows[i].label, got.known ? (long long)(got.value / MIB_BYTES) : 0,
                    (long long)rows[i].want);
    }
    rows_done();
}

static void test_bound_when_it_does_not_fit_then_none(void **state)
{
    (void)state;
    struct guard_config config = { .tree_limit_bytes = { true, UINT64_MAX - 1 } };
    assert_false(guard_backstop_bytes(&config).known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound_when_limits_differ_then_above_the_first_line),
        cmocka_unit_test(test_bound_when_it_does_not_fit_then_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
