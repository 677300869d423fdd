/* What makes a healthy machine worse is worse than nothing: every built-in profile is asked about
 * each machine of tests/data/machines-healthy.yaml, as it stands at a start with an empty history
 * and with none at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "platform/file.h"
#include "profile_rows.h"
#include "rows.h"

#define MACHINES QWGUARD_SRC_DIR "/tests/data/machines-healthy.yaml"
#define MACHINES_MIN 40
#define BYTES_MAX (1024 * 1024)

static struct arena arena;

static enum webgl_state state_of(const struct yaml_node *verdict, const char *key)
{
    static const enum webgl_state states[] = { WEBGL_ENABLED, WEBGL_DISABLED };
    for (size_t i = 0; i < ROWS(states); i++) {
        if (text_equal(yaml_get(verdict, key)->text, webgl_state_text(states[i])))
            return states[i];
    }
    fail_msg("line %u: %s", verdict->at.line, key);
    return WEBGL_UNKNOWN;
}

static void verdict_of(const struct yaml_node *node, struct verdict *out)
{
    *out = (struct verdict){ .outcome = OUTCOME_UNKNOWN };
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        if (text_equal(yaml_get(node, "outcome")->text, outcome_text((enum outcome)i)))
            out->outcome = (enum outcome)i;
    }
    assert_int_not_equal(out->outcome, OUTCOME_UNKNOWN);
    out->webgl = state_of(node, "webgl");
    out->webgl2 = state_of(node, "webgl2");
}

static void machine_check(const struct profiles *profiles, const struct yaml_node *machine)
{
    static const struct variables no_signatures = { 0 };
    const char *name = yaml_get(machine, "name")->text;
    struct report report = { .arena = &arena };
    struct identity identity = { 0 };
    struct verdict verdict;
    identity_read(&arena, yaml_get(machine, "identity"), &report, &identity);
    rows_report(name, &report, "");
    verdict_of(yaml_get(machine, "verdict"), &verdict);
    (void)rows_that(identity.gpus_known && identity.engine.qt && identity.gl.renderer
                        && identity.session.type && identity.machine.container,
                    name, "too little is said of it");
    for (unsigned known = 0; known < 2; known++) {
        const struct profile_facts facts = { .identity = &identity,
                                             .verdict = &verdict,
                                             .crashes = { .known = known, .value = 0 },
                                             .signatures = known ? &no_signatures : NULL };
        struct profile_matches matches;
        struct plan plan;
        struct err err;
        profiles_match(&arena, profiles, &facts, &matches);
        for (size_t i = 0; i < matches.count; i++) {
            const struct profile_match *match = &matches.items[i];
            (void)rows_that(match->match != TRUTH_YES
                                || (!match->profile->advice.count
                                    && (match->profile->ladder_count
                                            ? match->profile->ladder[0].costs.count == 0
                                            : match->profile->app.known)),
                            name, "matches '%s'", match->profile->id);
            (void)rows_that(
                !known || match->match != TRUTH_UNKNOWN || !match->profile->applies_at_start, name,
                "may match '%s': %s", match->profile->id, match->needs ? match->needs : "");
        }
        const struct plan_input input = { .identity = &identity,
                                          .verdict = &verdict,
                                          .matches = &matches };
        rows_err(name, plan_make(&arena, &input, &plan, &err), &err, NULL);
        rows_number(name, (long long)plan.costs.count, 0);
    }
}

static void test_profiles_when_machine_is_healthy_cost_nothing(void **state)
{
    const struct strings none = { 0 };
    struct report report = { .arena = &arena };
    struct profiles profiles;
    struct yaml_node *root;
    const char *bytes;
    size_t length;
    struct err err;
    (void)state;
    if (file_read(&arena, MACHINES, BYTES_MAX, &bytes, &length, &err) < 0
        || yaml_parse(&arena, MACHINES, bytes, length, &root, &err) < 0)
        fail_msg("%u: %s", err.at.line, err.text);
    profiles_load(&arena, &none, PROFILE_TESTS_READ, &report, &profiles);
    const struct yaml_node *machines = yaml_get(root, "machines");
    assert_true(machines->count >= MACHINES_MIN);
    for (size_t i = 0; i < machines->count; i++)
        machine_check(&profiles, machines->items[i]);
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
        cmocka_unit_test(test_profiles_when_machine_is_healthy_cost_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
