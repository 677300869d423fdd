/* What was known before the start, from a member that may be anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "incident/incident_private.h"

/* lines: "name=value" joined by '|', the variable that was set at the end; json: is there one? */
static const struct {
    const char *label, *preflight, *want_lines;
    bool want_json;
} rows[] = {
    { "whole", "{\"summary\":{\"machine\":\"NVIDIA\",\"plan\":\"none\"},\"identity\":{}}",
      "machine=NVIDIA|plan=none|V=1", true },
    { "none", NULL, "V=1", false },
    { "torn", "{\"summary\":{\"machine\":\"NV", "V=1", false },
    { "no object", "[1,2]", "V=1", false },
    { "empty object", "{}", "V=1", false },
    { "summary of another kind", "{\"summary\":[\"x\"],\"a\":1}", "V=1", true },
    { "values of another kind", "{\"summary\":{\"a\":1,\"b\":\"two\",\"c\":{}}}", "b=two|V=1",
      true },
    { "a line of the variable's name", "{\"summary\":{\"V\":\"0\"}}", "V=1", true },
};

static const char *lines_of(struct arena *arena, const struct incident *incident)
{
    struct variables lines = { 0 };
    struct text text = { .arena = arena };
    fact_lines(arena, incident, &lines);
    for (size_t i = 0; i < lines.count; i++)
        text_printf(&text, "%s%s=%s", i ? "|" : "", lines.items[i].name, lines.items[i].value);
    return text_get(&text);
}

static void test_facts_rows(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct arena arena = { 0 };
        struct incident incident = { .preflight = rows[i].preflight };
        variables_set(&arena, &incident.environment, "V", "1");
        const char *lines = lines_of(&arena, &incident);
        const char *json = facts_json(&arena, &incident);
        if (!text_equal(lines, rows[i].want_lines) || (json != NULL) != rows[i].want_json) {
            print_error("%s: '%s' %s\n", rows[i].label, lines, json ? json : "(none)");
            failed++;
        }
        arena_clear(&arena);
    }
    assert_int_equal(failed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
