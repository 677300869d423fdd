/* What a graph marks: the first of each kind, by time, never more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "incident/incident_private.h"

static void assert_moment(const struct moment *one, int64_t t_ns, const char *word, bool is_log)
{
    assert_int_equal(one->t_ns, t_ns);
    assert_string_equal(one->word, word);
    assert_int_equal(one->is_log, is_log);
}

static void test_moments_when_mixed_then_the_first_of_a_kind_by_time(void **state)
{
    struct incident_action actions[] = {
        { 300, "kill", 1, "gone" }, { 100, "stop", 1, "sent" }, { 400, "kill", 2, "gone" },
        { 50, NULL, 3, NULL },      { 60, "", 3, NULL },
    };
    struct incident_log_mark marks[] = { { "video", -500, -1 }, { "stop", 200, 200 } };
    struct incident incident = { .actions = actions,
                                 .action_count = ROWS(actions),
                                 .restarted_ns = { true, 900 },
                                 .log_marks = marks,
                                 .log_mark_count = ROWS(marks) };
    struct moments moments = { .count = 7 };
    (void)state;
    moments_of(&incident, &moments);
    assert_int_equal(moments.count, 5);
    assert_moment(&moments.items[0], -500, "video", true);
    assert_moment(&moments.items[1], 100, "stop", false);
    assert_moment(&moments.items[2], 200, "stop", true); /* a message of that name is another */
    assert_moment(&moments.items[3], 300, "kill", false);
    assert_moment(&moments.items[4], 900, "restart", false);
}

static void test_moments_when_there_are_none_then_none(void **state)
{
    const struct incident bare = { 0 };
    struct moments moments = { .count = 7 };
    (void)state;
    moments_of(&bare, &moments);
    assert_int_equal(moments.count, 0);
}

static void test_moments_when_too_many_then_as_many_as_fit(void **state)
{
    static char words[3 * MOMENTS_MAX][8];
    struct incident_action actions[3 * MOMENTS_MAX];
    struct incident incident = { .actions = actions, .action_count = ROWS(actions) };
    struct moments moments;
    (void)state;
    for (size_t i = 0; i < ROWS(actions); i++) {
        (void)snprintf(words[i], sizeof words[i], "w%zu", i);
        actions[i] = (struct incident_action){ 1000 - (int64_t)i, words[i], 1, "" };
    }
    moments_of(&incident, &moments);
    assert_int_equal(moments.count, MOMENTS_MAX);
    for (size_t i = 1; i < moments.count; i++)
        assert_true(moments.items[i - 1].t_ns < moments.items[i].t_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments_when_mixed_then_the_first_of_a_kind_by_time),
        cmocka_unit_test(test_moments_when_there_are_none_then_none),
        cmocka_unit_test(test_moments_when_too_many_then_as_many_as_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
