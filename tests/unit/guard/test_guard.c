/* The table of steps, and whole runs of the guard with a shell as the app. */
#include "guard/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard/guard_private.h"

#define EVENTS_MAX 64

static struct {
    enum guard_event_kind kinds[EVENTS_MAX];
    char rungs[EVENTS_MAX][32];
    char reasons[EVENTS_MAX][32];
    size_t count;
} seen;

static void note(void *context, const struct guard_event *event)
{
    (void)context;
    if (event->kind == GUARD_SAMPLE || seen.count == EVENTS_MAX)
        return;
    seen.kinds[seen.count] = event->kind;
    snprintf(seen.rungs[seen.count], sizeof seen.rungs[0], "%s", event->rung);
    snprintf(seen.reasons[seen.count], sizeof seen.reasons[0], "%s",
             event->incident ? event->incident->reason : "");
    seen.count++;
}

static const struct guard_launch steps[] = { { .rung = "wide" }, { .rung = "widest" } };

static struct guard_config config_of(const char **argv, const char *script)
{
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    struct guard_config config = {
        .actions = { .restart = true },
        .restart_max = 9,
        .restart_within_ns = 60 * SECOND_NS,
        .escalate = true,
        .name = "sh",
        .program = "/bin/sh",
        .argv = { argv, 3, 3 },
        .first = { .rung = "none" },
        .top_rate_bytes_per_s = 4000000000ULL,
    };
    for (size_t i = 0; i < ATTRIBUTION_COUNT; i++)
        config.ladders[i] = (struct guard_ladder){ steps, ROWS(steps) };
    return config;
}

/* Standard error is where an incident without a folder goes: out of the way of the test's own. */
static struct guard_result run(struct guard_config *config)
{
    struct guard_result result = { .exit_status = -1 };
    struct err err;
    memset(&seen, 0, sizeof seen);
    if (guard_run(config, note, NULL, &result, &err) < 0)
        fail_msg("%s", err.text);
    return result;
}

static size_t count_of(enum guard_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < seen.count; i++)
        count += seen.kinds[i] == kind;
    return count;
}

static void test_steps_when_walked_then_none_is_missing(void **state)
{
    (void)state;
    for (enum guard_state row = 0; row < STATE_COUNT; row++)
        for (enum event_kind event = 0; event < EVENT_COUNT; event++)
            if (!guard_step(row, event))
                fail_msg("no step for state %d, event %d", (int)row, (int)event);
}

static void test_run_when_the_app_ends_then_its_status(void **state)
{
    const char *argv[3];
    struct guard_config config = config_of(argv, "exit 37");
    (void)state;
    struct guard_result result = run(&config);
    assert_int_equal(result.exit_status, 37);
    assert_int_equal(result.restarts, 0);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.kinds[0], GUARD_STARTED);
    assert_int_equal(seen.kinds[1], GUARD_ENDED);
}

static void test_run_when_it_crashes_at_start_then_the_next_rung_at_the_second_time(void **state)
{
    const char *argv[3];
    struct guard_config config = config_of(
        argv, "case $QWGUARD_RUNG in none) kill -SEGV $$;; *) exit 5;; esac");
    (void)state;
    struct guard_result result = run(&config);
    assert_int_equal(result.exit_status, 5);
    assert_int_equal(result.restarts, 2);
    assert_string_equal(result.rung, "wide");
    assert_int_equal(result.incidents, 2);
    assert_int_equal(count_of(GUARD_RESTARTED), 2);
    for (size_t i = 0; i < seen.count; i++)
        if (seen.kinds[i] == GUARD_INCIDENT)
            assert_string_equal(seen.reasons[i], "startup-crash");
}

static void test_run_when_it_crashes_on_every_rung_then_its_status(void **state)
{
    const char *argv[3];
    struct guard_config config = config_of(argv, "kill -ABRT $$");
    (void)state;
    struct guard_result result = run(&config);
    assert_int_equal(result.exit_status, 128 + 6);
    assert_string_equal(result.rung, "widest");
    assert_int_equal(result.restarts, 3);
}

static void test_run_when_no_rung_is_left_or_wanted_then_a_crash_is_passed_on(void **state)
{
    const char *argv[3];
    struct guard_config config = config_of(argv, "kill -SEGV $$");
    (void)state;
    config.escalate = false;
    assert_int_equal(run(&config).exit_status, 128 + 11);
    assert_int_equal(count_of(GUARD_RESTARTED), 0);
    config = config_of(argv, "kill -SEGV $$");
    memset(config.ladders, 0, sizeof config.ladders);
    assert_int_equal(run(&config).exit_status, 128 + 11);
}

static void test_run_when_the_program_is_missing_then_an_error(void **state)
{
    const char *argv[3];
    struct guard_config config = config_of(argv, "");
    struct guard_result result = { .exit_status = 99 };
    struct err err;
    (void)state;
    config.program = "/nowhere/at/all";
    assert_int_equal(guard_run(&config, note, NULL, &result, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_int_equal(result.exit_status, 99);
}

static void test_run_when_variables_then_the_app_has_them_once(void **state)
{
    const char *argv[3];
    struct guard_config config = config_of(
        argv, "test \"$QTWEBENGINE_CHROMIUM_FLAGS$QWGUARD$QWGUARD_RUNG$QWGUARD_RESTART\" = "
              "--a1none0 && test $(env | grep -c ^PATH=) = 1 && test \"$PATH\" = /bin:/usr/bin "
              "&& test -z \"$QWGUARD_INCIDENT\"");
    struct variable items[] = { { "QTWEBENGINE_CHROMIUM_FLAGS", "--a" },
                                { "PATH", "/bin:/usr/bin" } };
    (void)state;
    config.first.environment = (struct variables){ items, 2, 2 };
    assert_int_equal(run(&config).exit_status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_when_walked_then_none_is_missing),
        cmocka_unit_test(test_run_when_the_app_ends_then_its_status),
        cmocka_unit_test(test_run_when_it_crashes_at_start_then_the_next_rung_at_the_second_time),
        cmocka_unit_test(test_run_when_it_crashes_on_every_rung_then_its_status),
        cmocka_unit_test(test_run_when_no_rung_is_left_or_wanted_then_a_crash_is_passed_on),
        cmocka_unit_test(test_run_when_the_program_is_missing_then_an_error),
        cmocka_unit_test(test_run_when_variables_then_the_app_has_them_once),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
