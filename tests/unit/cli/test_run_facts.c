/* What the preflight leaves for incidents: bounded, the lines for people last to go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "cli/run_private.h"

static char *letters(struct arena *arena, size_t length)
{
    char *text = arena_alloc(arena, length + 1);
    memset(text, 'x', length);
    return text;
}

/* The facts with GL extensions of one length and an advice of another. */
static json_t *facts_with(struct arena *arena, size_t extensions, size_t advice)
{
    struct err err;
    struct preflight preflight = { .identity = { .os.name = "linux", .gl.renderer = "llvmpipe" } };
    const char *word = letters(arena, advice);
    preflight.identity.gl.extensions = letters(arena, extensions);
    preflight.plan.rung = "none";
    if (advice)
        ARENA_PUSH(arena, &preflight.plan.advice, word);
    const char *text = facts_text(arena, &preflight);
    assert_non_null(text);
    assert_true(strlen(text) < INCIDENT_PREFLIGHT_BYTES);
    json_t *facts = json_parse("facts", text, strlen(text), &err);
    assert_non_null(facts);
    return facts;
}

static bool has(const json_t *facts, const char *name)
{
    return json_object_get(facts, name) != NULL;
}

static void test_facts_when_short_then_all_of_it(void **state)
{
    struct arena arena = { 0 };
    CLEANUP(json_freep) json_t *facts = facts_with(&arena, 100, 10);
    json_t *gl = json_object_get(json_object_get(facts, "identity"), "gl");
    (void)state;
    assert_int_equal(strlen(json_get_text(&arena, gl, "extensions")), 100);
    assert_true(has(facts, "verdict") && has(facts, "plan"));
    assert_string_equal(json_get_text(&arena, json_object_get(facts, "summary"), "advice"),
                        "xxxxxxxxxx");
    arena_clear(&arena);
}

static void test_facts_when_extensions_are_long_then_they_alone_go(void **state)
{
    struct arena arena = { 0 };
    CLEANUP(json_freep) json_t *facts = facts_with(&arena, INCIDENT_PREFLIGHT_BYTES, 10);
    json_t *gl = json_object_get(json_object_get(facts, "identity"), "gl");
    (void)state;
    assert_null(json_object_get(gl, "extensions"));
    assert_string_equal(json_get_text(&arena, gl, "renderer"), "llvmpipe");
    assert_true(has(facts, "summary") && has(facts, "verdict") && has(facts, "plan"));
    arena_clear(&arena);
}

/* An advice stands in the plan and in the summary: the plan goes, the summary stays. */
static void test_facts_when_the_plan_is_long_then_the_summary_stays(void **state)
{
    struct arena arena = { 0 };
    size_t long_one = INCIDENT_PREFLIGHT_BYTES * 3 / 5;
    CLEANUP(json_freep) json_t *facts = facts_with(&arena, 0, long_one);
    (void)state;
    assert_false(has(facts, "plan"));
    assert_int_equal(strlen(json_get_text(&arena, json_object_get(facts, "summary"), "advice")),
                     long_one);
    arena_clear(&arena);
}

static void test_facts_when_nothing_fits_then_an_empty_object(void **state)
{
    struct arena arena = { 0 };
    CLEANUP(json_freep) json_t *facts = facts_with(&arena, 0, 2 * INCIDENT_PREFLIGHT_BYTES);
    (void)state;
    assert_int_equal(json_object_size(facts), 0);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_when_short_then_all_of_it),
        cmocka_unit_test(test_facts_when_extensions_are_long_then_they_alone_go),
        cmocka_unit_test(test_facts_when_the_plan_is_long_then_the_summary_stays),
        cmocka_unit_test(test_facts_when_nothing_fits_then_an_empty_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
