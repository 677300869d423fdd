/* What a profile says of an application: read, told apart from nothing said, and put together from
 * the profiles that match. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile_rows.h"
#include "rows.h"

#define HEAD(id)                                                                                   \
    "  - id: " id "\n    title: T\n    evidence: [https://example.org/1]\n    confidence: low\n"   \
    "    match: {all: [os.name: "
#define FILE_HEAD "version: 1\nprofiles:\n"

static struct arena arena;

static const struct {
    const char *label, *app, *want_report;
    enum truth handles;
    const char *passes, *reacts;
    long long memory; /* -1 = unknown */
} rows[] = {
    { "all",
      "{handles-renderer-termination: true, passes-flags: argument, reacts-to-variable: "
      "it warns, memory: 1GiB}",
      "", TRUTH_YES, "argument", "it warns", 1024LL * 1024 * 1024 },
    { "no is said", "{handles-renderer-termination: false}", "", TRUTH_NO, NULL, NULL, -1 },
    { "memory alone", "{memory: 512M}", "", TRUTH_UNKNOWN, NULL, NULL, 512LL * 1024 * 1024 },
    { "a list", "[a]", "f.yaml:8:10: 'app' wants a mapping, not a list; profile 'a' is skipped",
      TRUTH_UNKNOWN, NULL, NULL, -1 },
    { "empty", "{}", "f.yaml:8:10: 'app' wants a mapping, not an empty one; profile 'a' is skipped",
      TRUTH_UNKNOWN, NULL, NULL, -1 },
    { "unknown key", "{memroy: 1GiB}",
      "f.yaml:8:11: unknown key 'memroy' (did you mean 'memory'?); profile 'a' is skipped",
      TRUTH_UNKNOWN, NULL, NULL, -1 },
    { "no truth", "{handles-renderer-termination: perhaps}",
      "f.yaml:8:41: 'handles-renderer-termination' wants true or false, not a string; profile 'a' "
      "is skipped",
      TRUTH_UNKNOWN, NULL, NULL, -1 },
    { "no such way", "{passes-flags: variable}",
      "f.yaml:8:25: passes-flags 'variable' is none of argument, environment, never; profile 'a' "
      "is skipped",
      TRUTH_UNKNOWN, NULL, NULL, -1 },
    { "no size", "{memory: -1}",
      "f.yaml:8:19: '-1' is no size (examples: 1GiB, 512M); profile 'a' is skipped", TRUTH_UNKNOWN,
      NULL, NULL, -1 },
    { "two lines", "{reacts-to-variable: \"a\\nb\"}",
      "f.yaml:8:31: 'reacts-to-variable' wants one line of at most 200 bytes without control "
      "characters; profile 'a' is skipped",
      TRUTH_UNKNOWN, NULL, NULL, -1 },
};

static void test_app_when_read_then_as_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena,
                    arena_printf(&arena, FILE_HEAD HEAD("a") "linux]}\n    app: %s\n", rows[i].app),
                    &report, &profiles);
        rows_report(rows[i].label, &report, rows[i].want_report);
        if (!rows_that(profiles.count == (*rows[i].want_report ? 0 : 1), rows[i].label, "count")
            || !profiles.count)
            continue;
        const struct profile_app *app = &profiles.items[0]->app;
        rows_number(rows[i].label, app->known, 1);
        rows_number(rows[i].label, app->handles_termination, rows[i].handles);
        rows_text(rows[i].label, app->passes_flags, rows[i].passes);
        rows_text(rows[i].label, app->reacts, rows[i].reacts);
        rows_number(rows[i].label,
                    app->memory_bytes.known ? (long long)app->memory_bytes.value : -1,
                    rows[i].memory);
    }
    rows_done();
}

static void test_app_when_several_match_then_first_fact_wins(void **state)
{
    const char *text = FILE_HEAD HEAD("other") "windows]}\n    app: {memory: 9GiB}\n" HEAD(
        "silent") "linux]}\n    ladder: [gpu-off]\n" HEAD("first") "linux]}\n    app: "
                                                                   "{passes-flags: "
                                                                   "never}\n" HEAD(
                                                                       "second") "l"
                                                                                 "i"
                                                                                 "n"
                                                                                 "u"
                                                                                 "x"
                                                                                 "]"
                                                                                 "}"
                                                                                 "\n    app: "
                                                                                 "{passes-flags: "
                                                                                 "argument, "
                                                                                 "memory: 1GiB}\n";
    struct identity identity = { .os.name = "linux" };
    const struct profile_facts facts = { .identity = &identity };
    struct profiles profiles;
    struct profile_matches matches;
    struct profile_app app;
    (void)state;
    profiles_of(&arena, text, NULL, &profiles);
    profiles_match(&arena, &profiles, &facts, &matches);
    profiles_app(&matches, &app);
    assert_true(app.known);
    assert_string_equal(app.passes_flags, "never");
    assert_int_equal(app.memory_bytes.value, 1024 * 1024 * 1024);
    assert_int_equal(app.handles_termination, TRUTH_UNKNOWN);
    identity.os.name = "macos";
    profiles_match(&arena, &profiles, &facts, &matches);
    profiles_app(&matches, &app);
    assert_false(app.known);
    profiles_app(NULL, &app);
    assert_false(app.known);
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
        cmocka_unit_test(test_app_when_read_then_as_written),
        cmocka_unit_test(test_app_when_several_match_then_first_fact_wins),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
