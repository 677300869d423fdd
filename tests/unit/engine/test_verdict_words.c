/* The words of a verdict, and its JSON as the contract has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/verdict.h"
#include "rows.h"

static const char *features[] = { "all" };
static const char *workarounds[] = { "disable_texture_storage" };
static const char *missing[] = { "gl.renderer" };
static const char *advice[] = { "reboot" };
static struct variable states[] = { { "accelerated_webgl", "blocklisted" } };
static struct verdict_entry entries[] = {
    { "software_rendering_list", 3, "Linux \"soft\"", { features, 1, 0 }, "because" },
    { .list = "gpu_driver_bug_list", .id = 131, .why = "" },
};

static const struct {
    const char *label;
    struct verdict verdict;
    const char *want;
} rows[] = {
    { "empty",
      { .outcome = OUTCOME_UNKNOWN, .why = "" },
      "{\"outcome\":\"unknown\",\"why\":\"\",\"webgl\":\"unknown\",\"webgl2\":\"unknown\","
      "\"features\":{},\"workarounds\":[],\"entries\":[],\"missing\":[],\"source\":\"none\","
      "\"confidence\":\"low\"}" },
    { "all of it",
      { .outcome = OUTCOME_BLOCKLISTED,
        .why = "w",
        .webgl = WEBGL_DISABLED,
        .webgl2 = WEBGL_ENABLED,
        .features = { states, 1, 0 },
        .workarounds = { workarounds, 1, 0 },
        .entries = entries,
        .entry_count = ROWS(entries),
        .missing = { missing, 1, 0 },
        .advice = { advice, 1, 0 },
        .source = SOURCE_ENGINE_LIBRARY,
        .confidence = CONFIDENCE_MEASURED },
      "{\"outcome\":\"blocklisted\",\"why\":\"w\",\"webgl\":\"disabled\",\"webgl2\":\"enabled\","
      "\"features\":{\"accelerated_webgl\":\"blocklisted\"},"
      "\"workarounds\":[\"disable_texture_storage\"],\"entries\":["
      "{\"list\":\"software_rendering_list\",\"id\":3,\"description\":\"Linux \\\"soft\\\"\","
      "\"features\":[\"all\"],\"why\":\"because\"},"
      "{\"list\":\"gpu_driver_bug_list\",\"id\":131,\"features\":[],\"why\":\"\"}],"
      "\"missing\":[\"gl.renderer\"],\"advice\":[\"reboot\"],\"source\":\"engine-library\","
      "\"confidence\":\"measured\"}" },
};

static void test_verdict_to_json_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        json_t *json = verdict_to_json(&rows[i].verdict);
        char *text = json_dumps(json, JSON_COMPACT);
        rows_text(rows[i].label, text, rows[i].want);
        free(text);
        json_decref(json);
    }
    rows_done();
}

static void test_words_when_asked_are_those_of_the_contract(void **state)
{
    static const char *const outcomes[] = { "ok",     "blocklisted",   "es3-unsupported",
                                            "no-gpu", "start-failure", "not-gpu",
                                            "unknown" };
    (void)state;
    rows_number("outcomes", ROWS(outcomes), OUTCOME_COUNT);
    for (size_t i = 0; i < ROWS(outcomes); i++)
        rows_text("outcome", outcome_text((enum outcome)i), outcomes[i]);
    rows_text("source", verdict_source_text(SOURCE_SHIPPED_RULES), "shipped-rules");
    rows_text("confidence", confidence_text(CONFIDENCE_HIGH), "high");
    rows_text("webgl", webgl_state_text(WEBGL_DISABLED), "disabled");
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_to_json_rows),
        cmocka_unit_test(test_words_when_asked_are_those_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
