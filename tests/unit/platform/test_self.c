/* What this process does to itself, as far as a test may do it to its own. */
#include "platform/self.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/macros.h"

#define HEAP_BYTES MIB_BYTES
#define PAGE_BYTES ((size_t)4096)

static long faults(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

/* Touches half of it in blocks, some of them too large for the heap otherwise. */
static void touch(void)
{
    static const size_t blocks[] = { HEAP_BYTES / 4, HEAP_BYTES / 8, HEAP_BYTES / 8 };
    char *held[ROWS(blocks)];
    for (size_t i = 0; i < ROWS(blocks); i++) {
        held[i] = malloc(blocks[i]);
        assert_non_null(held[i]);
        memset(held[i], 1, blocks[i]);
    }
    for (size_t i = 0; i < ROWS(blocks); i++)
        free(held[i]);
}

static void test_self_heap_ready_when_touched_then_no_fault_a_page(void **state)
{
    (void)state;
    self_heap_ready(HEAP_BYTES);
    long before = faults();
    touch();
    long after = faults();
    touch();                 /* it is not given back */
#ifndef __SANITIZE_ADDRESS__ /* which has a heap of its own */
    assert_true(after - before < (long)(HEAP_BYTES / 2 / PAGE_BYTES / 4));
    assert_true(faults() - after < 4);
#else
    (void)after;
    (void)before;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_heap_ready_when_touched_then_no_fault_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
