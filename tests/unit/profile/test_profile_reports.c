/* Real reports, each as far as it was told: the first help must be the one that helped there, and
 * where no cure is known, or too little was said, nothing may be changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "platform/file.h"
#include "profile_rows.h"
#include "rows.h"

#define REPORTS QWGUARD_SRC_DIR "/tests/data/reports.yaml"
#define REPORTS_MIN 46
#define BYTES_MAX (1024 * 1024)

static struct arena arena;

/* What the table of `make check` ends with. */
static struct {
    unsigned right, harmful, unknown, count;
} sums;

/* One line of the table; the runner shows lines that begin so. */
static void table_line(const char *source, const char *want, const char *got, bool changes)
{
    bool right = text_equal(got, want);
    bool harmful = changes && text_equal(want, "nothing");
    sums.count++;
    sums.right += right;
    sums.harmful += harmful;
    sums.unknown += text_equal(got, "nothing");
    printf("| %-8s %-20s %-20s %s\n",
           right     ? "right"
           : harmful ? "HARMFUL"
                     : "other",
           want, got, source);
}

static void signatures_of(const struct yaml_node *node, struct variables *out)
{
    for (size_t i = 0; node && i < node->count; i++)
        variables_set(&arena, out, node->pairs[i].key, node->pairs[i].value->text);
}

static void report_check(const struct profiles *profiles, const struct yaml_node *row)
{
    const char *label = arena_printf(&arena, "line %u, %s", row->at.line,
                                     yaml_get(row, "source")->text);
    const char *want = yaml_get(row, "want")->text;
    const struct yaml_node *crashes = yaml_get(row, "crashes");
    struct report report = { .arena = &arena };
    struct identity identity = { 0 };
    struct variables signatures = { 0 };
    const struct verdict verdict = { .outcome = OUTCOME_UNKNOWN };
    struct profile_facts facts = { .identity = &identity, .verdict = &verdict };
    struct profile_matches matches;
    struct plan plan;
    struct err err;
    identity_read(&arena, yaml_get(row, "identity"), &report, &identity);
    rows_report(label, &report, "");
    signatures_of(yaml_get(row, "signatures"), &signatures);
    facts.signatures = signatures.count ? &signatures : NULL;
    facts.crashes.known = crashes && yaml_to_u64(crashes, &facts.crashes.value);
    profiles_match(&arena, profiles, &facts, &matches);
    const struct plan_input input = { .identity = &identity,
                                      .verdict = &verdict,
                                      .matches = &matches };
    rows_err(label, plan_make(&arena, &input, &plan, &err), &err, NULL);
    const char *got = !text_equal(plan.rung, "none") ? plan.rung
                      : plan.advice.count            ? plan.advice.items[0]
                                                     : "nothing";
    rows_text(label, got, want);
    table_line(yaml_get(row, "source")->text, want, got,
               plan.flags.count || plan.environment.count);
    (void)rows_that(plan.flags.count || plan.environment.count || plan.advice.count
                        || text_equal(want, "nothing"),
                    label, "changes nothing");
}

static void test_profiles_when_a_report_is_given_help_as_it_did(void **state)
{
    const struct strings none = { 0 };
    struct report report = { .arena = &arena };
    struct profiles profiles;
    struct yaml_node *root;
    const char *bytes;
    size_t length;
    struct err err;
    (void)state;
    if (file_read(&arena, REPORTS, BYTES_MAX, &bytes, &length, &err) < 0
        || yaml_parse(&arena, REPORTS, bytes, length, &root, &err) < 0)
        fail_msg("%u: %s", err.at.line, err.text);
    profiles_load(&arena, &none, PROFILE_TESTS_READ, &report, &profiles);
    const struct yaml_node *reports = yaml_get(root, "reports");
    assert_true(reports->count >= REPORTS_MIN);
    printf("| Reports of users: what helped there, and what is offered first\n");
    for (size_t i = 0; i < reports->count; i++)
        report_check(&profiles, reports->items[i]);
    printf("| %u of %u right, %u harmful, %u without a change\n", sums.right, sums.count,
           sums.harmful, sums.unknown);
    assert_int_equal(sums.harmful, 0);
    assert_true(sums.right * 10 >= sums.count * 9);
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
        cmocka_unit_test(test_profiles_when_a_report_is_given_help_as_it_did),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
