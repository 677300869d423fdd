/* Rungs that nothing can come of, and profiles that contradict each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile_rows.h"
#include "rows.h"

#define FILE_HEAD "version: 1\nprofiles:\n"
#define PROFILE(id, match, rest)                                                                   \
    "  - id: " id "\n    title: T\n    evidence: [https://example.org/1]\n    confidence: low\n"   \
    "    match: {all: [" match "]}\n" rest "\n"
#define ON(qt) "    tests: [{identity: {os: {name: linux}, engine: {qt: '" qt "'}}, expect: match}]"
#define ON_LINUX "    tests: [{identity: {os: {name: linux}}, expect: match}]"
#define WIDE "    ladder: [gpu-off]\n"
#define NARROW "    ladder: [webgl-off]\n"

static struct arena arena;

static const struct {
    const char *label, *yaml, *want;
} rows[] = {
    { "good", FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON("6.8")), "" },
    { "rung that adds nothing",
      FILE_HEAD PROFILE("a", "os.name: linux",
                        "    ladder: [software, {rung: mine, flags: ['--disable-gpu'], costs: "
                        "[]}]\n" ON("6.8")),
      "f.yaml:3:5: rung 'mine' of profile 'a' can never be reached: 'software' before it does the "
      "same or more" },
    { "variable with another value",
      FILE_HEAD PROFILE("a", "os.name: linux",
                        "    ladder: [{rung: one, environment: {QT_QPA_PLATFORM: xcb}, costs: []}, "
                        "{rung: two, environment: {QT_QPA_PLATFORM: wayland}, costs: []}]\n"),
      "" },
    { "rung that the engine ignores",
      FILE_HEAD PROFILE(
          "a", "os.name: linux",
          "    ladder: [{rung: mine, flags: ['--use-gl=angle'], costs: []}]\n" ON("6.4.2")),
      "f.yaml:3:5: rung 'mine' of profile 'a' can never be reached: Qt overwrites it up to 6.6" },
    { "rung that another engine takes",
      FILE_HEAD PROFILE("a", "os.name: linux",
                        "    ladder: [{rung: mine, flags: ['--use-gl=angle'], costs: []}]\n"
                        "    tests:\n"
                        "      - {identity: {os: {name: linux}, engine: {qt: 6.4.2}}, expect: "
                        "match}\n"
                        "      - {identity: {os: {name: linux}, engine: {qt: 6.8.2}}, expect: "
                        "match}"),
      "" },
    { "variable that the engine ignores",
      FILE_HEAD PROFILE("a", "os.name: linux",
                        "    ladder: [{rung: mine, environment: {QTWEBENGINE_FORCE_USE_GBM: '0'}, "
                        "costs: []}]\n" ON("6.8.2")),
      "f.yaml:3:5: rung 'mine' of profile 'a' can never be reached: Qt WebEngine knows it from "
      "6.10 on" },
    { "disagreement",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
          PROFILE("b", "os.name: {in: [linux, macos]}", NARROW),
      "f.yaml:3:5: profiles 'a' and 'b' both match the machine of the test in line 9 and disagree "
      "('gpu-off' or 'webgl-off'): give one of them one more condition" },
    { "disagreement that the second one's test shows",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE)
          PROFILE("b", "os.name: {in: [linux, macos]}", NARROW ON_LINUX),
      "f.yaml:3:5: profiles 'a' and 'b' both match the machine of the test in line 16 and disagree "
      "('gpu-off' or 'webgl-off'): give one of them one more condition" },
    { "settled by one more condition",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
          PROFILE("b", "os.name: linux, engine.qt: '6.8'", NARROW ON("6.8")),
      "" },
    { "the same help",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
          PROFILE("b", "os.name: {in: [linux, macos]}", WIDE),
      "" },
    { "other machines",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
          PROFILE("b", "os.name: macos", NARROW),
      "" },
    { "one is for the guard",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
          PROFILE("b", "os.name: {in: [linux, macos]}", NARROW "    when: incident"),
      "" },
    { "one is advice",
      FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
          PROFILE("b", "os.name: {in: [linux, macos]}", "    advice: reboot"),
      "" },
};

static void test_profiles_check_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena, rows[i].yaml, NULL, &profiles);
        profiles_check(&arena, &profiles, &profiles, &report);
        rows_report(rows[i].label, &report, rows[i].want);
    }
    rows_done();
}

/* Only what concerns the judged ones is said. */
static void test_profiles_check_when_judging_one_leaves_the_others(void **state)
{
    struct report report = { .arena = &arena };
    struct profiles judged, all;
    (void)state;
    profiles_of(&arena,
                FILE_HEAD PROFILE("a", "os.name: linux", WIDE ON_LINUX)
                    PROFILE("b", "os.name: {in: [linux, macos]}", NARROW)
                        PROFILE("c", "os.name: {in: [linux, windows]}", "    ladder: [software]\n"),
                NULL, &all);
    profiles_of(
        &arena,
        FILE_HEAD PROFILE("c", "os.name: {in: [linux, windows]}", "    ladder: [software]\n"), NULL,
        &judged);
    profiles_check(&arena, &judged, &all, &report);
    rows_report("judged", &report,
                "f.yaml:3:5: profiles 'c' and 'a' both match the machine of the test in line 9 and "
                "disagree ('software' or 'gpu-off'): give one of them one more condition");
    rows_done();
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles_check_rows),
        cmocka_unit_test(test_profiles_check_when_judging_one_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
