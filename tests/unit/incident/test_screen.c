/* The screen: what it says, its width, and that nothing from outside reaches the terminal raw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "incident/incident_private.h"
#include "sample.h"

/* Columns of the longest line; bytes that continue a character do not count. */
static size_t widest(const char *text)
{
    size_t most = 0, columns = 0;
    for (; *text; text++) {
        columns = *text == '\n' ? 0 : columns + (((unsigned char)*text & 0xc0) != 0x80);
        most = columns > most ? columns : most;
    }
    return most;
}

/* The text with the lines of a block joined again. */
static const char *joined(struct arena *arena, const char *text)
{
    static const char wrap[] = "\n          ";
    struct text out = { .arena = arena };
    for (const char *next; (next = strstr(text, wrap)); text = next + sizeof wrap - 1) {
        text_add(&out, text, (size_t)(next - text));
        text_add(&out, " ", 1);
    }
    text_printf(&out, "%s", text);
    return text_get(&out);
}

static void test_screen_when_whole_then_says_everything(void **state)
{
    static const char *const want[] = {
        "Incident  20261123T101502Z-4711   2026-11-23T10:15:02Z\n",
        "kiosk, Qt WebEngine 6.8.2 (Chromium 122)\n",
        "Machine   NVIDIA 550.78",
        "one process over 4.00 GiB (process-limit); peak 4.00 GiB",
        "Cause     GPU memory that a page owns",
        "+38 MiB/s before the crossing",
        "renderers flat at 120 MiB",
        "40 × video-size-empty",
        "stopped +1.1 ms",
        "killed +2.9 ms (3 processes)",
        "started again +15 ms on rung webgl-video-copy-off",
        "-30 min",
        "4711    browser     4.00 GiB",
        "kiosk           first",
        "Next      the app goes on with rung webgl-video-copy-off instead of none",
        "█",
        "░",
    };
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 6, 1024);
    const char *text = incident_text(&arena, &incident, 100, false, false);
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(want); i++) {
        if (!strstr(joined(&arena, text), want[i])) {
            print_error("missing: %s\n", want[i]);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, " \n"));
    arena_clear(&arena);
}

static void test_screen_when_narrow_then_keeps_the_width(void **state)
{
    static const unsigned widths[] = { 0, 60, 61, 79, 80, 110 };
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 60, 1024);
    (void)state;
    for (size_t i = 0; i < ROWS(widths); i++) {
        unsigned bound = widths[i] < 60 ? 60 : widths[i];
        assert_true(widest(incident_text(&arena, &incident, widths[i], false, false)) <= bound);
        assert_true(widest(incident_text(&arena, &incident, widths[i], false, true)) <= bound);
    }
    arena_clear(&arena);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* Cleaned, nothing of a record may push the graph or what comes next off the screen. */
static void test_screen_when_strings_are_long_then_still_one_screen(void **state)
{
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 60, 1024);
    const char *nasty = "";
    (void)state;
    const char *usual = incident_text(&arena, &incident, 80, false, false);
    assert_in_range(lines_of(usual), 20, 40);
    for (size_t i = 0; i < 300; i++)
        nasty = arena_printf(&arena, "%s<b> ", nasty);
    incident.app_name = incident.reason = incident.gpu_text = incident.next_rung = nasty;
    incident.preflight = arena_printf(&arena, "{\"summary\":{\"a\":\"%s\",\"b\":\"%s\"}}", nasty,
                                      nasty);
    for (size_t i = 0; i < 40; i++) {
        ARENA_PUSH(&arena, &incident.evidence, nasty);
        variables_set(&arena, &incident.signatures, arena_printf(&arena, "%zu%s", i, nasty), "1");
    }
    struct incident_action *actions = arena_array(&arena, 40, sizeof *actions);
    for (size_t i = 0; i < 40; i++)
        actions[i] = (struct incident_action){ (int64_t)i * 1000,
                                               arena_printf(&arena, "%zu%s", i, nasty), 4711,
                                               nasty };
    incident.actions = actions;
    incident.action_count = 40;
    const char *text = incident_text(&arena, &incident, 60, false, false);
    assert_in_range(lines_of(text), 20, 50);
    assert_true(widest(text) <= 60);
    assert_non_null(strstr(text, "\nNext "));
    assert_non_null(strstr(text, "…\n"));
    arena_clear(&arena);
}

static void test_screen_when_ascii_then_ascii(void **state)
{
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 60, 1024);
    incident.app_name = "k\xc3\xafosk";
    const char *text = incident_text(&arena, &incident, 80, false, true);
    (void)state;
    for (const char *at = text; *at; at++)
        assert_true((*at >= ' ' && *at <= '~') || *at == '\n');
    assert_non_null(strstr(text, "k?osk"));
    assert_non_null(strstr(text, "55 more"));
    arena_clear(&arena);
}

static void test_screen_when_color_then_only_ours(void **state)
{
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 6, 16);
    const char *text = incident_text(&arena, &incident, 80, true, false);
    (void)state;
    assert_non_null(strstr(text, "\033[31m"));
    assert_non_null(strstr(text, "\033[0m"));
    arena_clear(&arena);
}

/* Every string of a record that somebody else can choose. */
static void test_screen_when_strings_are_hostile_then_cleaned(void **state)
{
    static const char hostile[] = "x\033]0;owned\007\033[2J\r\n\t\xc2\x9b"
                                  "31m\xff<b>";
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 3, 16);
    (void)state;
    (void)snprintf(incident.id, sizeof incident.id, "%s", hostile);
    incident.app_name = incident.reason = incident.engine_qt = incident.engine_chromium = hostile;
    incident.gpu_text = incident.rung = incident.next_rung = hostile;
    incident.evidence.items[0] = incident.app_argv.items[0] = hostile;
    incident.signatures.items[0].name = incident.signatures.items[0].value = hostile;
    incident.actions[0].action = incident.actions[1].result = hostile;
    (void)snprintf(incident.processes[1].name, sizeof incident.processes[1].name, "%s", hostile);
    const char *text = incident_text(&arena, &incident, 80, false, false);
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at >= ' ' || *at == '\n');
    assert_null(strstr(text, "\xc2\x9b"));
    assert_true(text_is_utf8(text, strlen(text)));
    arena_clear(&arena);
}

static void test_screen_when_nothing_is_known_then_still_a_screen(void **state)
{
    struct arena arena = { 0 };
    struct incident bare = { .id = "20261123T101502Z-1" };
    const char *text = incident_text(&arena, &bare, 80, true, false);
    (void)state;
    assert_non_null(strstr(text, "it cannot be told what holds the memory"));
    assert_non_null(strstr(text, "the app was not started again"));
    bare.reason = "start-failed";
    text = incident_text(&arena, &bare, 80, true, false);
    assert_non_null(strstr(text, "it could not be started (start-failed)"));
    assert_non_null(strstr(text, "no limit was reached"));
    bare.timeline = &(struct incident_sample){ INT64_MIN, UINT64_MAX, UINT64_MAX };
    bare.timeline_count = 1;
    bare.limit_bytes = UINT64_MAX;
    bare.rate_bytes_per_s = 1e300;
    assert_true(strlen(incident_text(&arena, &bare, 80, false, false)) > 100);
    arena_clear(&arena);
}

/* Only a result that was not wanted is shown. */
static void test_screen_when_results_differ_then_only_bad_ones_shown(void **state)
{
    struct arena arena = { 0 };
    struct incident_action actions[] = { { 0, "term", 1, "sent" },
                                         { 1000000, "continue", 1, "memory fell" },
                                         { 2000000, "kill", 1, "gone" },
                                         { 2000000, "kill", 2, "denied" } };
    struct incident incident = { .actions = actions, .action_count = ROWS(actions) };
    const char *text = joined(&arena, incident_text(&arena, &incident, 110, false, true));
    (void)state;
    assert_non_null(strstr(text, "asked to end 0 s; continued +1.0 ms; killed +2.0 ms "
                                 "(2 processes) [1 not: denied]"));
    arena_clear(&arena);
}

static void test_screen_when_survivors_then_said_first(void **state)
{
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 3, 16);
    incident.survivor_count = 2;
    (void)state;
    assert_non_null(strstr(incident_text(&arena, &incident, 80, false, false),
                           "Next      2 processes could not be ended: end by hand"));
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screen_when_whole_then_says_everything),
        cmocka_unit_test(test_screen_when_narrow_then_keeps_the_width),
        cmocka_unit_test(test_screen_when_strings_are_long_then_still_one_screen),
        cmocka_unit_test(test_screen_when_ascii_then_ascii),
        cmocka_unit_test(test_screen_when_color_then_only_ours),
        cmocka_unit_test(test_screen_when_strings_are_hostile_then_cleaned),
        cmocka_unit_test(test_screen_when_nothing_is_known_then_still_a_screen),
        cmocka_unit_test(test_screen_when_results_differ_then_only_bad_ones_shown),
        cmocka_unit_test(test_screen_when_survivors_then_said_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
