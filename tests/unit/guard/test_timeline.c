/* Memory over time in bounded room. */
#include "guard/timeline_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/macros.h"

static struct timeline timeline;
static struct incident_sample out[TIMELINE_SAMPLES];

static void fill(uint64_t count, uint64_t step_ns)
{
    timeline_clear(&timeline);
    for (uint64_t i = 0; i < count; i++) {
        struct timeline_sample sample = { SECOND_NS + i * step_ns, i, i };
        timeline_add(&timeline, &sample, false);
    }
}

static void test_add_when_room_is_used_up_then_the_step_doubles(void **state)
{
    (void)state;
    fill(100000, MS_NS);
    assert_true(timeline.count <= TIMELINE_SAMPLES);
    assert_true(timeline.count >= TIMELINE_SAMPLES / 2);
    assert_int_equal(timeline.samples[0].t_ns, SECOND_NS);
    for (size_t i = 1; i < timeline.count; i++)
        assert_true(timeline.samples[i].t_ns > timeline.samples[i - 1].t_ns);
    assert_true(SECOND_NS + 100000 * MS_NS - timeline.samples[timeline.count - 1].t_ns
                <= 2 * timeline.step_ns);
}

static void test_add_when_too_soon_then_left_out_unless_it_must(void **state)
{
    struct timeline_sample sample = { SECOND_NS, 1, 1 };
    (void)state;
    timeline_clear(&timeline);
    timeline_add(&timeline, &sample, false);
    sample.t_ns += 10;
    timeline_add(&timeline, &sample, false);
    assert_int_equal(timeline.count, 1);
    timeline_add(&timeline, &sample, true);
    assert_int_equal(timeline.count, 2);
}

static void test_copy_when_less_room_then_first_and_last_are_in(void **state)
{
    (void)state;
    fill(1000, MS_NS);
    size_t count = timeline_copy(&timeline, SECOND_NS + 500 * MS_NS, out, 7);
    assert_int_equal(count, 7);
    assert_int_equal(out[0].t_ns, -500 * (int64_t)MS_NS);
    assert_int_equal(out[6].t_ns, 499 * (int64_t)MS_NS);
    assert_int_equal(out[6].tree_bytes, 999);
    assert_int_equal(timeline_copy(&timeline, 0, out, 1), 1);
    timeline_clear(&timeline);
    assert_int_equal(timeline_copy(&timeline, 0, out, 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_when_room_is_used_up_then_the_step_doubles),
        cmocka_unit_test(test_add_when_too_soon_then_left_out_unless_it_must),
        cmocka_unit_test(test_copy_when_less_room_then_first_and_last_are_in),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
