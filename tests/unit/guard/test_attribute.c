/* What leaked, from what was seen. */
#include "guard/attribute_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"

static void test_attribute_when_seen_then_decided(void **state)
{
    static const struct {
        const char *label;
        enum process_role role;
        bool alone, early;
        enum truth mapped;
        uint64_t own, others; /* MiB grown, of its kind and of renderers besides */
        double lines_per_s;
        enum attribution want;
    } rows[] = {
        { "app with the engine", ROLE_BROWSER, true, false, TRUTH_YES, 900, 0, 0,
          ATTRIBUTION_GPU_IN_APP },
        { "app without it", ROLE_BROWSER, true, false, TRUTH_NO, 900, 0, 0, ATTRIBUTION_APP },
        { "app that may not be read", ROLE_BROWSER, true, false, TRUTH_UNKNOWN, 900, 0, 0,
          ATTRIBUTION_UNKNOWN },
        { "the same, its log tells", ROLE_BROWSER, true, false, TRUTH_UNKNOWN, 900, 0, 3,
          ATTRIBUTION_GPU_IN_APP },
        { "renderer", ROLE_RENDERER, true, false, TRUTH_UNKNOWN, 900, 0, 0,
          ATTRIBUTION_SCRIPT_HEAP },
        { "other program", ROLE_OTHER, true, false, TRUTH_NO, 900, 0, 0, ATTRIBUTION_APP },
        { "zygote", ROLE_ZYGOTE, true, false, TRUTH_YES, 900, 0, 0, ATTRIBUTION_UNKNOWN },
        { "app at its start", ROLE_BROWSER, true, true, TRUTH_NO, 900, 0, 0, ATTRIBUTION_UNKNOWN },
        { "with the engine, at its start", ROLE_BROWSER, true, true, TRUTH_YES, 900, 0, 0,
          ATTRIBUTION_UNKNOWN },
        { "at its start, its log tells", ROLE_BROWSER, true, true, TRUTH_NO, 900, 0, 3,
          ATTRIBUTION_GPU_IN_APP },
        { "renderer at the start", ROLE_RENDERER, true, true, TRUTH_UNKNOWN, 900, 0, 0,
          ATTRIBUTION_SCRIPT_HEAP },
        { "tree, app has most", ROLE_BROWSER, false, false, TRUTH_YES, 900, 100, 0,
          ATTRIBUTION_GPU_IN_APP },
        { "tree, nobody has most", ROLE_BROWSER, false, false, TRUTH_YES, 500, 500, 0,
          ATTRIBUTION_UNKNOWN },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct attribution_result result;
        struct attribution_input in = { .pid = 7,
                                        .name = "kiosk",
                                        .role = rows[i].role,
                                        .crossed_alone = rows[i].alone,
                                        .crossed_early = rows[i].early,
                                        .age_ns = SECOND_NS,
                                        .engine_mapped = rows[i].mapped,
                                        .webgl_lines_per_s = rows[i].lines_per_s,
                                        .grown_bytes = rows[i].own * MIB_BYTES };
        in.groups[ROLE_RENDERER].grown_bytes += rows[i].others * MIB_BYTES;
        in.groups[rows[i].role].grown_bytes += rows[i].own * MIB_BYTES;
        attribute(&in, &result);
        if (result.kind != rows[i].want)
            fail_msg("%s: %s", rows[i].label, attribution_text(result.kind));
        if (result.evidence_count < 1 || !strstr(result.evidence[0], "900 MiB"))
            if (rows[i].own == 900)
                fail_msg("%s: evidence '%s'", rows[i].label, result.evidence[0]);
        bool said = false;
        for (size_t j = 0; j < result.evidence_count; j++)
            said |= strstr(result.evidence[j], "after its start") != NULL;
        if (said != (rows[i].early && rows[i].role == ROLE_BROWSER))
            fail_msg("%s: the evidence %s the start", rows[i].label, said ? "names" : "hides");
    }
}

static void test_attribute_when_no_growth_was_seen_then_unknown(void **state)
{
    static const struct {
        const char *label;
        enum process_role role;
        bool over_before;
        uint64_t grown; /* MiB */
        double lines_per_s;
        enum attribution want;
        const char *said;
    } rows[] = {
        { "app that stands still", ROLE_BROWSER, true, 0, 0, ATTRIBUTION_UNKNOWN,
          "holds 900 MiB: it was not seen to grow in 5" },
        { "one that moves a little", ROLE_BROWSER, true, 3, 0, ATTRIBUTION_UNKNOWN,
          "ago it was over the limit, too: it grew by 3 MiB" },
        { "renderer that stands still", ROLE_RENDERER, true, 0, 0, ATTRIBUTION_UNKNOWN,
          "not seen to grow" },
        { "growth up to the limit", ROLE_BROWSER, false, 3, 0, ATTRIBUTION_APP, "grew by 3 MiB" },
        { "its log tells", ROLE_BROWSER, true, 0, 3, ATTRIBUTION_GPU_IN_APP, "not seen to grow" },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct attribution_result result;
        struct attribution_input in = { .pid = 7,
                                        .name = "kiosk",
                                        .role = rows[i].role,
                                        .crossed_alone = true,
                                        .over_before = rows[i].over_before,
                                        .grown_ns = 5 * SECOND_NS,
                                        .engine_mapped = TRUTH_NO,
                                        .webgl_lines_per_s = rows[i].lines_per_s,
                                        .bytes = 900 * MIB_BYTES,
                                        .grown_bytes = rows[i].grown * MIB_BYTES };
        attribute(&in, &result);
        if (result.kind != rows[i].want || !strstr(result.evidence[0], rows[i].said))
            fail_msg("%s: %s, evidence '%s'", rows[i].label, attribution_text(result.kind),
                     result.evidence[0]);
    }
}

static void test_attribute_when_part_is_swapped_out_then_it_says_so(void **state)
{
    struct attribution_input in = { .pid = 7, .name = "kiosk", .has_kinds = true };
    struct attribution_result result;
    (void)state;
    in.anonymous_bytes = 10 * MIB_BYTES;
    attribute(&in, &result);
    assert_string_equal(result.evidence[1],
                        "its memory: anonymous 10 MiB, files 0 bytes, shared memory 0 bytes");
    in.swapped_bytes = 90 * MIB_BYTES;
    attribute(&in, &result);
    assert_string_equal(result.evidence[1], "its memory: anonymous 10 MiB, files 0 bytes, shared "
                                            "memory 0 bytes, swapped out 90 MiB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attribute_when_seen_then_decided),
        cmocka_unit_test(test_attribute_when_no_growth_was_seen_then_unknown),
        cmocka_unit_test(test_attribute_when_part_is_swapped_out_then_it_says_so),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
