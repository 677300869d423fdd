/* Deadlines, signals and ended children, one at a time and in their order. */
#include "platform/event.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "platform/clock.h"
#include "platform/process.h"
#include "platform/self.h"

static struct self_saved *saved;
static struct event_loop loop;

static int arm(void **state)
{
    struct err err;
    (void)state;
    return self_arm(&saved, &err) < 0 || event_loop_open(&loop, &err) < 0 ? -1 : 0;
}

static int disarm(void **state)
{
    (void)state;
    event_loop_close(&loop);
    self_disarm(saved);
    return 0;
}

static struct event next(void)
{
    struct event event = { .kind = EVENT_COUNT };
    struct err err;
    assert_int_equal(event_wait(&loop, &event, &err), 0);
    return event;
}

static void deadline(uint64_t at_ns)
{
    struct err err;
    assert_int_equal(event_deadline_set(&loop, at_ns, &err), 0);
}

static void test_event_deadlines(void **state)
{
    (void)state;
    uint64_t now = clock_monotonic_ns();
    deadline(0);
    assert_int_equal(next().kind, EVENT_DEADLINE);
    deadline(now);
    assert_int_equal(next().kind, EVENT_DEADLINE);
    deadline(now + 5 * MS_NS);
    assert_int_equal(next().kind, EVENT_DEADLINE);
    assert_true(clock_monotonic_ns() >= now + 5 * MS_NS);
    deadline(now + 3600 * SECOND_NS);
    deadline(clock_monotonic_ns() + MS_NS); /* the later one is replaced */
    assert_int_equal(next().kind, EVENT_DEADLINE);
}

static void test_event_signals(void **state)
{
    (void)state;
    static const struct {
        int number;
        bool asks_to_quit;
    } rows[] = { { SIGTERM, true },
                 { SIGINT, true },
                 { SIGHUP, true },
                 { SIGUSR1, false },
                 { SIGUSR2, false } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        assert_int_equal(kill(getpid(), rows[i].number), 0);
        struct event event = next();
        assert_int_equal(event.kind, EVENT_SIGNAL);
        assert_int_equal(event.signal, rows[i].number);
        assert_int_equal(event.asks_to_quit, rows[i].asks_to_quit);
        assert_true(event.from_process);
    }
}

static void test_event_of_a_child(void **state)
{
    (void)state;
    struct process_end end;
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    assert_int_equal(next().kind, EVENT_CHILD);
    assert_true(process_reap(&end));
    assert_int_equal(end.pid, child);
    assert_int_equal(end.code, 7);
    assert_false(end.by_signal);
    assert_false(process_reap(&end));
}

/* A deadline that came together with a signal is told behind it and not lost. */
static void test_event_wait_when_both_are_there(void **state)
{
    (void)state;
    deadline(1);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_int_equal(next().kind, EVENT_SIGNAL);
    assert_int_equal(next().kind, EVENT_DEADLINE);
}

static void test_event_deadline_when_taken_back(void **state)
{
    (void)state;
    deadline(clock_monotonic_ns() + 3600 * SECOND_NS);
    deadline(EVENT_NEVER);
    assert_int_equal(kill(getpid(), SIGUSR1), 0);
    assert_int_equal(next().kind, EVENT_SIGNAL);
    event_loop_close(&loop);
    event_loop_close(&loop); /* all -1: accepted */
    assert_int_equal(loop.poll, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_event_deadlines, arm, disarm),
        cmocka_unit_test_setup_teardown(test_event_signals, arm, disarm),
        cmocka_unit_test_setup_teardown(test_event_of_a_child, arm, disarm),
        cmocka_unit_test_setup_teardown(test_event_wait_when_both_are_there, arm, disarm),
        cmocka_unit_test_setup_teardown(test_event_deadline_when_taken_back, arm, disarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
