/* Pipes that are read without waiting, and what is waited for instead. */
#include "platform/pipe.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "platform/event.h"
#include "platform/self.h"

static struct pipe_ends ends;
static struct event_loop loop;
static struct self_saved *saved;

static int arm(void **state)
{
    struct err err;
    (void)state;
    return self_arm(&saved, &err) < 0 || event_loop_open(&loop, &err) < 0
                   || pipe_open(&ends, &err) < 0
               ? -1
               : 0;
}

static int disarm(void **state)
{
    (void)state;
    pipe_close(&ends);
    event_loop_close(&loop);
    self_disarm(saved);
    return 0;
}

static void test_pipe_read_when_nothing_something_and_the_end(void **state)
{
    (void)state;
    char bytes[4];
    size_t length = 7;
    assert_true(pipe_read(&ends, bytes, sizeof bytes, &length));
    assert_int_equal(length, 0);
    assert_int_equal(write(ends.output, "abcdef", 6), 6);
    assert_true(pipe_read(&ends, bytes, sizeof bytes, &length));
    assert_int_equal(length, 4);
    assert_memory_equal(bytes, "abcd", 4);
    pipe_output_close(&ends);
    assert_true(pipe_read(&ends, bytes, sizeof bytes, &length)); /* what was left */
    assert_int_equal(length, 2);
    assert_false(pipe_read(&ends, bytes, sizeof bytes, &length));
    assert_int_equal(length, 0);
    pipe_close(&ends);
    pipe_close(&ends); /* closed ones are accepted */
    assert_int_equal(ends.input, -1);
}

static struct event next(void)
{
    struct event event = { .kind = EVENT_DEADLINE };
    struct err err;
    assert_int_equal(event_wait(&loop, &event, &err), 0);
    return event;
}

static void test_event_of_a_pipe_when_it_can_be_read(void **state)
{
    (void)state;
    struct err err;
    char byte;
    size_t length;
    assert_int_equal(event_input_add(&loop, ends.input, &err), 0);
    assert_int_equal(write(ends.output, "a", 1), 1);
    for (int i = 0; i < 2; i++) { /* told as long as it is there */
        struct event event = next();
        assert_int_equal(event.kind, EVENT_INPUT);
        assert_int_equal(event.input, ends.input);
    }
    assert_true(pipe_read(&ends, &byte, 1, &length));
    pipe_output_close(&ends);
    assert_int_equal(next().kind, EVENT_INPUT); /* the end of it */
}

static void test_event_order_when_all_are_there(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(event_input_add(&loop, ends.input, &err), 0);
    assert_int_equal(write(ends.output, "a", 1), 1);
    assert_int_equal(event_deadline_set(&loop, 1, &err), 0);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_int_equal(next().kind, EVENT_SIGNAL);
    assert_int_equal(next().kind, EVENT_DEADLINE);
    assert_int_equal(next().kind, EVENT_INPUT);
    pipe_close(&ends); /* and it is waited for no more */
    assert_int_equal(kill(getpid(), SIGUSR2), 0);
    assert_int_equal(next().kind, EVENT_SIGNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pipe_read_when_nothing_something_and_the_end, arm,
                                        disarm),
        cmocka_unit_test_setup_teardown(test_event_of_a_pipe_when_it_can_be_read, arm, disarm),
        cmocka_unit_test_setup_teardown(test_event_order_when_all_are_there, arm, disarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
