/* `match` and `expires` as people write them wrong, each with its place and its words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "profile/condition_private.h"
#include "profile_rows.h"
#include "rows.h"

#define HEAD                                                                                       \
    "version: 1\nprofiles:\n  - id: a\n    title: T\n    evidence: [https://example.org/1]\n"      \
    "    confidence: low\n    ladder: [gpu-off]\n"
#define SKIPPED "; profile 'a' is skipped"

static struct arena arena;

/* The line of `match` is 8. */
static const struct {
    const char *label, *match, *want;
} rows[] = {
    { "good", "match: {all: [gpu.vendor: nvidia]}", "" },
    { "vendor by number", "match: {all: [gpu.vendor: 0x10de]}", "" },
    { "any-gpu", "match: {all: [any-gpu.device: 0x2684]}", "" },
    { "all operators",
      "match: {all: [engine.qt: {at-least: '6', below: '7'}, os.version: {above: "
      "'1', at-most: '9'}, gpu.count: {between: [1, 2]}, gl.version: {matches: "
      "'a', contains: 'b'}, app.name: {exists: true}, os.name: {in: [linux]}]}",
      "" },
    { "unknown condition", "match: {all: [gpu.vendr: nvidia]}",
      "f.yaml:8:19: unknown condition 'gpu.vendr' (did you mean 'gpu.vendor'?)" SKIPPED },
    { "unknown condition like none", "match: {all: [weather: nice]}",
      "f.yaml:8:19: unknown condition 'weather'" SKIPPED },
    { "any-gpu of what is no GPU's", "match: {all: [any-gpu.count: 1]}",
      "f.yaml:8:19: unknown condition 'any-gpu.count' (did you mean 'any-gpu.boot'?)" SKIPPED },
    { "prefix without a name", "match: {all: [environment.: a]}",
      "f.yaml:8:19: unknown condition 'environment.' (did you mean 'environment.NAME'?)" SKIPPED },
    { "variable that cannot be", "match: {all: [environment.A-B: a]}",
      "f.yaml:8:19: unknown condition 'environment.A-B' (did you mean "
      "'environment.NAME'?)" SKIPPED },
    { "file that is not absolute", "match: {all: [files.etc: a]}",
      "f.yaml:8:19: unknown condition 'files.etc' (did you mean 'files./PATH'?)" SKIPPED },
    { "unknown operator", "match: {all: [gpu.count: {atleast: 2}]}",
      "f.yaml:8:31: unknown operator 'atleast' (did you mean 'at-least'?)" SKIPPED },
    { "operator of another type", "match: {all: [os.name: {at-least: linux}]}",
      "f.yaml:8:29: os.name is a text: 'at-least' cannot be asked of it" SKIPPED },
    { "matches of a number", "match: {all: [gpu.device: {matches: '.*'}]}",
      "f.yaml:8:32: gpu.device is a number: 'matches' cannot be asked of it" SKIPPED },
    { "at-least of a vendor", "match: {all: [gpu.vendor: {at-least: 1}]}",
      "f.yaml:8:32: gpu.vendor is a vendor: 'at-least' cannot be asked of it" SKIPPED },
    { "no operator", "match: {all: [gpu.count: {}]}",
      "f.yaml:8:30: gpu.count has no operator" SKIPPED },
    { "value that is none", "match: {all: [gpu.count: many]}",
      "f.yaml:8:30: gpu.count wants a number, not 'many'" SKIPPED },
    { "vendor that is none", "match: {all: [gpu.vendor: nvdia]}",
      "f.yaml:8:31: gpu.vendor wants a vendor, not 'nvdia'" SKIPPED },
    { "version that is none", "match: {all: [os.version: {at-least: new}]}",
      "f.yaml:8:42: os.version wants a version, not 'new'" SKIPPED },
    { "truth that is none", "match: {all: [gl.disabled: 2]}",
      "f.yaml:8:32: gl.disabled wants true or false, not '2'" SKIPPED },
    { "null", "match: {all: [os.name: ~]}",
      "f.yaml:8:28: os.name wants a text, not nothing" SKIPPED },
    { "word that is never", "match: {all: [session.type: waylnd]}",
      "f.yaml:8:33: session.type is never 'waylnd' (did you mean 'wayland'?)" SKIPPED },
    { "word that is never, in a list", "match: {all: [attribution: {in: [app, leak]}]}",
      "f.yaml:8:43: attribution is never 'leak'" SKIPPED },
    { "several values", "match: {all: [os.name: [linux, windows]]}",
      "f.yaml:8:28: several values stand after 'in': {in: […]}" SKIPPED },
    { "in with one value", "match: {all: [os.name: {in: linux}]}",
      "f.yaml:8:33: 'in' wants a list of 1 to 256 values" SKIPPED },
    { "in with none", "match: {all: [os.name: {in: []}]}",
      "f.yaml:8:33: 'in' wants a list of 1 to 256 values" SKIPPED },
    { "between with one", "match: {all: [gpu.count: {between: [1]}]}",
      "f.yaml:8:40: 'between' wants two values, [low, high]" SKIPPED },
    { "list of words, plain", "match: {all: [gl.extensions: GL_ARB_a]}",
      "f.yaml:8:34: gl.extensions is a list of words: ask with 'contains' or 'matches'" SKIPPED },
    { "bad pattern", "match: {all: [gl.renderer: {matches: 'a('}]}",
      "f.yaml:8:42: 'a(' cannot be used: '(' is not closed" SKIPPED },
    { "engine without an end", "match: {all: [engine.qt: {at-least: '6.9'}]}",
      "f.yaml:8:19: engine.qt has no upper end: add 'below', or 'expires' to the "
      "profile" SKIPPED },
    { "engine without an end, in any", "match: {any: [engine.chromium: {above: '100'}]}",
      "f.yaml:8:19: engine.chromium has no upper end: add 'below', or 'expires' to the "
      "profile" SKIPPED },
    { "engine without an end, in none", "match: {none: [engine.qt: {at-least: '6.9'}]}", "" },
    { "engine with an expiry",
      "match: {all: [engine.qt: {at-least: '6.9'}]}\n    expires: {engine.qt: '6.12'}", "" },
    { "bounds the wrong way round", "match: {all: [engine.qt: {at-least: '6.10', below: '6.9'}]}",
      "f.yaml:8:30: no engine.qt is ever between these bounds: the lower one is not below the "
      "upper one" SKIPPED },
    { "between the wrong way round", "match: {all: [gpu.count: {between: [3, 1]}]}",
      "f.yaml:8:30: no gpu.count is ever between these bounds: the lower one is not below the "
      "upper one" SKIPPED },
    { "bounds without room", "match: {all: [engine.qt: {above: '6.9', at-most: '6.9'}]}",
      "f.yaml:8:30: no engine.qt is ever between these bounds: the lower one is not below the "
      "upper one" SKIPPED },
    { "bounds with room for one", "match: {all: [engine.qt: {at-least: '6.9', at-most: '6.9'}]}",
      "" },
    { "a bound beside a narrower range",
      "match: {all: [gpu.count: {at-least: 1, between: [2, 2]}]}", "" },
    { "engine of one version", "match: {all: [engine.qt: '6.9']}", "" },
    { "match that is a list", "match: [os.name: linux]",
      "f.yaml:8:12: 'match' wants all, any or none, not a list" SKIPPED },
    { "empty match", "match: {}",
      "f.yaml:8:12: 'match' wants all, any or none, not nothing" SKIPPED },
    { "empty group", "match: {any: []}",
      "f.yaml:8:18: 'any' wants a list of conditions, not an empty one" SKIPPED },
    { "group that is a word", "match: {any: linux}",
      "f.yaml:8:18: 'any' wants a list of conditions, not a string" SKIPPED },
    { "condition that is a word", "match: {all: [linux]}",
      "f.yaml:8:19: a condition is written 'field: value', not a string" SKIPPED },
    { "two in one", "match: {all: [{os.name: linux, gpu.count: 1}]}",
      "f.yaml:8:19: a condition holds one field; begin the next with '-'" SKIPPED },
    { "nine deep",
      "match: {any: [any: [any: [any: [any: [any: [any: [any: [os.name: linux]]]]]]]]}",
      "f.yaml:8:61: nested deeper than 8 levels" SKIPPED },
    { "expires of two", "match: {all: [os.name: linux]}\n    expires: {engine.qt: '6', os.name: a}",
      "f.yaml:9:14: 'expires' wants one field and a version, {engine.qt: \"6.12\"}" SKIPPED },
    { "expires of what is no version",
      "match: {all: [os.name: linux]}\n    expires: {os.name: linux}",
      "f.yaml:9:15: os.name is no version and cannot expire" SKIPPED },
    { "expires of nothing known", "match: {all: [os.name: linux]}\n    expires: {engine.qtt: '6'}",
      "f.yaml:9:15: unknown condition 'engine.qtt' (did you mean 'engine.qt'?)" SKIPPED },
    { "expires with no version", "match: {all: [os.name: linux]}\n    expires: {engine.qt: soon}",
      "f.yaml:9:26: engine.qt wants a version, not 'soon'" SKIPPED },
};

static void test_conditions_read_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct report report = { .arena = &arena };
        struct profiles profiles;
        profiles_of(&arena, arena_printf(&arena, HEAD "    %s\n", rows[i].match), &report,
                    &profiles);
        rows_report(rows[i].label, &report, rows[i].want);
        rows_number(rows[i].label, (long long)profiles.count, !*rows[i].want);
    }
    rows_done();
}

static void test_conditions_read_when_too_many_says_it_once(void **state)
{
    struct text text = { .arena = &arena };
    struct report report = { .arena = &arena };
    struct profiles profiles;
    (void)state;
    text_printf(&text, HEAD "    match:\n      all:\n");
    for (int i = 0; i < CONDITION_COUNT_MAX + 50; i++)
        text_printf(&text, "        - gpu.count: %d\n", i);
    profiles_of(&arena, text_get(&text), &report, &profiles);
    rows_report("too many", &report, "f.yaml:210:11: more than 200 conditions" SKIPPED);
    rows_number("too many", (long long)profiles.count, 0);
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
        cmocka_unit_test(test_conditions_read_rows),
        cmocka_unit_test(test_conditions_read_when_too_many_says_it_once),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
