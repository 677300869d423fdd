/* The tests inside profiles: read with their places, run, and a wrong one is told with the
 * condition that decided. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile_rows.h"
#include "rows.h"

#define HEAD                                                                                       \
    "version: 1\nprofiles:\n  - id: a\n    title: T\n    evidence: [https://example.org/1]\n"      \
    "    confidence: low\n    ladder: [gpu-off]\n"                                                 \
    "    match: {all: [gpu.count: 1, verdict.webgl2: disabled, history.crashes: {at-least: 2}, "   \
    "attribution: app, log.es3-blocklisted: {at-least: 1}]}\n    tests:\n"
#define SKIPPED "; profile 'a' is skipped"
#define GOOD                                                                                       \
    "identity: {gpus: [{vendor: 1}]}, verdict: {webgl2: disabled}, history: {crashes: 2, "         \
    "signatures: {es3-blocklisted: 1}}, attribution: app"
#define LESS "history: {crashes: 1, signatures: {video-size-empty: 1}}, "
#define THREE                                                                                      \
    "      - {" GOOD ", expect: match}\n      - {attribution: unknown, " LESS "expect: no}\n"      \
    "      - {expect: unknown}\n"

#define CRASHES "f.yaml:3:5: profile 'a' has no test for which 'history.crashes is at least 2' "
#define LOGS "f.yaml:3:5: profile 'a' has no test for which 'log.es3-blocklisted is at least 1' "

static struct arena arena;

/* The first test stands in line 10. */
static const struct {
    const char *label, *tests, *want;
} rows[] = {
    { "good", THREE, "" },
    { "wrong result", THREE "      - {" GOOD ", expect: no}\n",
      "f.yaml:13:9: the test expects 'no', profile 'a' gives 'match'" },
    { "wrong no", THREE "      - {verdict: {webgl2: enabled}, expect: match}\n",
      "f.yaml:13:9: the test expects 'match', profile 'a' gives 'no' (verdict.webgl2 is disabled: "
      "found enabled)" },
    { "wrong unknown", THREE "      - {attribution: app, expect: match}\n",
      "f.yaml:13:9: the test expects 'match', profile 'a' gives 'unknown' (unknown: gpu.count, "
      "verdict.webgl2, history.crashes, log.es3-blocklisted)" },
    { "only one kind", "      - {expect: unknown}\n",
      "f.yaml:3:5: profile 'a' has no test that expects 'no'\n"
      "f.yaml:3:5: profile 'a' has no test that expects 'match'\n" CRASHES "holds\n" LOGS "holds" },
    { "no machine below a bound",
      "      - {" GOOD ", expect: match}\n      - {attribution: unknown, expect: no}\n"
      "      - {expect: unknown}\n",
      CRASHES "does not hold\n" LOGS "does not hold" },
    { "none above it",
      "      - {" LESS "attribution: app, expect: no}\n      - {expect: unknown}\n",
      "f.yaml:3:5: profile 'a' has no test that expects 'match'\n" CRASHES "holds\n" LOGS "holds" },
    { "bad identity", THREE "      - {identity: {gpus: [{vendor: nvidia}]}, expect: unknown}\n",
      "f.yaml:13:37: 'gpus[0].vendor' wants a number, not a name; nvidia is 0x10de" },
    { "no expectation", THREE "      - {attribution: app}\n",
      "f.yaml:13:9: a test wants 'expect'" SKIPPED },
    { "expectation of nothing", THREE "      - {expect: yes}\n",
      "f.yaml:13:18: 'expect' wants match, no or unknown" SKIPPED },
    { "unknown key", THREE "      - {expct: no}\n",
      "f.yaml:13:10: unknown key 'expct' (did you mean 'expect'?)" SKIPPED },
    { "a word", THREE "      - match\n",
      "f.yaml:13:9: 'test' wants a mapping, not a string" SKIPPED },
    { "outcome of nothing", THREE "      - {verdict: {outcome: fine}, expect: no}\n",
      "f.yaml:13:29: verdict.outcome is never 'fine'" SKIPPED },
    { "state of nothing", THREE "      - {verdict: {webgl: on}, expect: no}\n",
      "f.yaml:13:27: the state of WebGL is never 'on'" SKIPPED },
    { "crashes that are none", THREE "      - {history: {crashes: few}, expect: no}\n",
      "f.yaml:13:29: history.crashes is never 'few'" SKIPPED },
    { "tests that are none", "      no\n",
      "f.yaml:10:7: 'tests' wants a list of at most 200 tests" SKIPPED },
};

static void test_profiles_test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena, arena_printf(&arena, HEAD "%s", rows[i].tests), &report, &profiles);
        profiles_test(&arena, &profiles, &report);
        rows_report(rows[i].label, &report, rows[i].want);
    }
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
        cmocka_unit_test(test_profiles_test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
