/* The comparison of a verdict with what an engine says, which may be anything. */
#include "engine/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "rows.h"

static struct arena arena;

/* Of a healthy machine: what a row changes stands in the row. */
static const struct identity machine = {
    .gl = { .vendor = "Intel", .renderer = "Mesa Intel(R) UHD", .version = "4.6 Mesa 22.3.6" },
    .engine = { .qt = "6.4.2", .chromium = "102.0.5005.177" },
};

static const char *const flat_words[] = { "?", "no", "yes" };

/* "predicted|found|agree|why" of a point; "-" for what is not known. */
static const char *point_text(const struct verify_points *points, const char *name)
{
    for (size_t i = 0; i < points->count; i++) {
        const struct verify_point *point = &points->items[i];
        if (text_equal(point->point, name))
            return arena_printf(&arena, "%s|%s|%s%s%s", point->predicted ? point->predicted : "-",
                                point->found ? point->found : "-", flat_words[point->agree],
                                point->why ? "|" : "", point->why ? point->why : "");
    }
    return NULL;
}

static void compare(const struct identity *identity, const struct verdict *verdict,
                    const char *answers, struct verify_points *out)
{
    struct err err;
    CLEANUP(json_freep)
    json_t *root = answers ? json_parse("answers", answers, strlen(answers), &err) : NULL;
    if (answers)
        assert_non_null(root);
    verify_compare(&arena, identity, verdict, root, out);
}

static const struct page_row {
    const char *label;
    enum webgl_state webgl2;
    const char *answers, *want;
} page_rows[] = {
    { "granted", WEBGL_ENABLED, "{\"page\": {\"webgl2\": {\"got\": true}}}",
      "enabled|enabled|yes" },
    { "refused", WEBGL_ENABLED,
      "{\"page\": {\"webgl2\": {\"got\": false, \"why\": \"WebGL2 blocklisted\"}}}",
      "enabled|disabled|no|WebGL2 blocklisted" },
    { "refused as foreseen", WEBGL_DISABLED, "{\"page\": {\"webgl2\": {\"got\": false}}}",
      "disabled|disabled|yes" },
    { "no reason", WEBGL_DISABLED, "{\"page\": {\"webgl2\": {\"got\": false, \"why\": \"\"}}}",
      "disabled|disabled|yes" },
    { "granted against it", WEBGL_DISABLED, "{\"page\": {\"webgl2\": {\"got\": true}}}",
      "disabled|enabled|no" },
    { "not foreseen", WEBGL_UNKNOWN, "{\"page\": {\"webgl2\": {\"got\": true}}}", "-|enabled|?" },
    { "no page", WEBGL_ENABLED, "{\"page_problem\": \"waited in vain\"}",
      "enabled|-|?|waited in vain" },
    { "nonsense", WEBGL_ENABLED, "{\"page\": {\"webgl2\": {\"got\": 1}}}", "enabled|-|?" },
    { "a list", WEBGL_ENABLED, "{\"page\": [true]}", "enabled|-|?" },
    { "nothing", WEBGL_ENABLED, NULL, "enabled|-|?" },
};

static void test_verify_what_a_page_gets(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(page_rows); i++) {
        const struct page_row *row = &page_rows[i];
        struct verdict verdict = { .webgl2 = row->webgl2 };
        struct verify_points points = { 0 };
        compare(&machine, &verdict, row->answers, &points);
        rows_text(row->label, point_text(&points, "webgl2"), row->want);
    }
    rows_done();
}

#define HIDDEN "|what is off in any case does not show what the lists say"

/* What the engines tell: seen on Qt 5.15.13, 6.4.2 and 6.8.2 with everything blocked, with nothing
 * blocked, and with GL off. */
static const struct feature_row {
    const char *label, *predicted; /* of accelerated_2d_canvas; NULL = the verdict is silent */
    enum verdict_source source;
    const char *missing;
    const char *found; /* NULL = absent */
    const char *want;
} feature_rows[] = {
    { "works", "enabled", SOURCE_ENGINE_LIBRARY, NULL, "enabled", "enabled|enabled|yes" },
    { "reads back", "enabled", SOURCE_ENGINE_LIBRARY, NULL, "enabled_readback",
      "enabled|enabled_readback|yes" },
    { "forced on", "enabled", SOURCE_ENGINE_LIBRARY, NULL, "enabled_on", "enabled|enabled_on|yes" },
    { "blocked", "blocklisted", SOURCE_ENGINE_LIBRARY, NULL, "unavailable_software",
      "blocklisted|unavailable_software|yes" },
    { "blocked, it was not foreseen", "enabled", SOURCE_ENGINE_LIBRARY, NULL, "unavailable_off",
      "enabled|unavailable_off|no" },
    { "foreseen as blocked, it is not", "blocklisted", SOURCE_ENGINE_LIBRARY, NULL, "enabled",
      "blocklisted|enabled|no" },
    { "off hides blocked", "blocklisted", SOURCE_ENGINE_LIBRARY, NULL, "disabled_software",
      "blocklisted|disabled_software|?" HIDDEN },
    { "off hides enabled", "enabled", SOURCE_ENGINE_LIBRARY, NULL, "disabled_off",
      "enabled|disabled_off|?" HIDDEN },
    { "off with GL", "disabled", SOURCE_ENGINE_LIBRARY, NULL, "disabled_off",
      "disabled|disabled_off|yes" },
    { "on without GL", "disabled", SOURCE_ENGINE_LIBRARY, NULL, "enabled", "disabled|enabled|no" },
    { "unknown", "unknown", SOURCE_ENGINE_LIBRARY, "gl.renderer", "enabled", "-|enabled|?" },
    { "silent is enabled", NULL, SOURCE_ENGINE_LIBRARY, NULL, "unavailable_off",
      "enabled|unavailable_off|no" },
    { "silent, something is missing", NULL, SOURCE_ENGINE_LIBRARY, "gl.renderer", "unavailable_off",
      "-|unavailable_off|?" },
    { "silent without lists", NULL, SOURCE_NONE, NULL, "enabled", "-|enabled|?" },
    { "not told", "enabled", SOURCE_ENGINE_LIBRARY, NULL, NULL, "enabled|-|?" },
    { "a word nobody knows", "enabled", SOURCE_ENGINE_LIBRARY, NULL, "perhaps",
      "enabled|perhaps|?" },
};

static void test_verify_features(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(feature_rows); i++) {
        const struct feature_row *row = &feature_rows[i];
        struct verdict verdict = { .source = row->source };
        struct verify_points points = { 0 };
        const char *answers = row->found ? arena_printf(&arena,
                                                        "{\"gpu\": {\"featureStatus\": "
                                                        "{\"2d_canvas\": \"%s\"}}}",
                                                        row->found)
                                         : "{\"gpu\": {}}";
        if (row->predicted)
            variables_set(&arena, &verdict.features, "accelerated_2d_canvas", row->predicted);
        if (row->missing)
            ARENA_PUSH(&arena, &verdict.missing, row->missing);
        compare(&machine, &verdict, answers, &points);
        rows_text(row->label, point_text(&points, "feature.2d_canvas"), row->want);
    }
    rows_done();
}

static void test_verify_workarounds_one_by_one(void **state)
{
    (void)state;
    static const struct {
        const char *label, *answers, *name;
        enum verdict_source source;
        const char *want;
    } rows[] = {
        { "both", "{\"gpu\": {\"driverBugWorkarounds\": [\"a\"]}}", "a", SOURCE_ENGINE_LIBRARY,
          "active|active|yes" },
        { "not found", "{\"gpu\": {\"driverBugWorkarounds\": []}}", "a", SOURCE_ENGINE_LIBRARY,
          "active|inactive|no" },
        { "not foreseen", "{\"gpu\": {\"driverBugWorkarounds\": [\"b\", \"b\"]}}", "b",
          SOURCE_SHIPPED_RULES, "inactive|active|no" },
        { "no lists", "{\"gpu\": {\"driverBugWorkarounds\": [\"b\"]}}", "b", SOURCE_NONE,
          "-|active|?" },
        { "not told", "{\"gpu\": {}}", "a", SOURCE_ENGINE_LIBRARY, "active|-|?" },
        { "not strings", "{\"gpu\": {\"driverBugWorkarounds\": [1, null, \"a\"]}}", "a",
          SOURCE_ENGINE_LIBRARY, "active|active|yes" },
        { "neither", "{\"gpu\": {\"driverBugWorkarounds\": []}}", "c", SOURCE_ENGINE_LIBRARY,
          NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct verdict verdict = { .source = rows[i].source };
        struct verify_points points = { 0 };
        const char *name = arena_printf(&arena, "workaround.%s", rows[i].name);
        if (rows[i].source != SOURCE_NONE)
            ARENA_PUSH(&arena, &verdict.workarounds, "a");
        compare(&machine, &verdict, rows[i].answers, &points);
        rows_text(rows[i].label, point_text(&points, name), rows[i].want);
    }
    rows_done();
}

#define STRINGS(vendor, renderer, version)                                                         \
    "{\"gpu\": {\"auxAttributes\": {\"glVendor\": \"" vendor "\", \"glRenderer\": \"" renderer     \
    "\", \"glVersion\": \"" version "\"}}}"

static void test_verify_gl_strings(void **state)
{
    (void)state;
    static const struct {
        const char *label, *answers, *renderer, *webgl, *want_renderer, *want_version;
    } rows[] = {
        { "the same", STRINGS("Intel", "Mesa Intel(R) UHD", "4.6 Mesa 22.3.6"), NULL, "enabled",
          "Mesa Intel(R) UHD|Mesa Intel(R) UHD|yes", "4.6 Mesa 22.3.6|4.6 Mesa 22.3.6|yes" },
        { "another", STRINGS("X", "softpipe", "3.3"), NULL, "enabled",
          "Mesa Intel(R) UHD|softpipe|no", "4.6 Mesa 22.3.6|3.3|no" },
        { "off as foreseen, Qt 6", STRINGS("Disabled", "Disabled", "Disabled"), NULL, "disabled",
          "off|off|yes", "off|off|yes" },
        { "off as foreseen, Qt 5", STRINGS("", "", ""), NULL, "disabled", "off|off|yes",
          "off|off|yes" },
        { "off, not foreseen", STRINGS("", "", ""), NULL, "enabled", "Mesa Intel(R) UHD|off|no",
          "4.6 Mesa 22.3.6|off|no" },
        { "on, foreseen off", STRINGS("Intel", "r", "v"), NULL, "disabled", "off|r|no",
          "off|v|no" },
        { "through ANGLE",
          STRINGS("Google Inc. (Intel)", "ANGLE (Intel, Mesa Intel(R) UHD, OpenGL 4.6 Mesa 22.3.6)",
                  "OpenGL ES 2.0.0 (ANGLE 2.1)"),
          NULL, "enabled", "Mesa Intel(R) UHD|Mesa Intel(R) UHD|yes",
          "4.6 Mesa 22.3.6|OpenGL 4.6 Mesa 22.3.6|yes" },
        { "through ANGLE, commas are dropped",
          STRINGS("Google Inc. (Mesa)", "ANGLE (Mesa, llvmpipe (LLVM 15 256 bits), OpenGL 4.5)",
                  "OpenGL ES 2.0.0 (ANGLE 2.1)"),
          "llvmpipe (LLVM 15, 256 bits)", "enabled",
          "llvmpipe (LLVM 15, 256 bits)|llvmpipe (LLVM 15 256 bits)|yes",
          "4.6 Mesa 22.3.6|OpenGL ES 2.0.0 (ANGLE 2.1)|no" },
        { "not told", "{\"gpu\": {\"auxAttributes\": {}}}", NULL, "enabled",
          "Mesa Intel(R) UHD|-|?", "4.6 Mesa 22.3.6|-|?" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct verdict verdict = { .source = SOURCE_ENGINE_LIBRARY };
        struct verify_points points = { 0 };
        struct identity identity = machine;
        if (rows[i].renderer)
            identity.gl.renderer = rows[i].renderer;
        variables_set(&arena, &verdict.features, "accelerated_webgl", rows[i].webgl);
        compare(&identity, &verdict, rows[i].answers, &points);
        rows_text(rows[i].label, point_text(&points, "gl.renderer"), rows[i].want_renderer);
        rows_text(rows[i].label, point_text(&points, "gl.version"), rows[i].want_version);
    }
    rows_done();
}

static void test_verify_versions_of_the_engine(void **state)
{
    (void)state;
    static const struct {
        const char *label, *agent, *want_qt, *want_chromium;
    } rows[] = {
        { "the same", "Mozilla/5.0 (X11) QtWebEngine/6.4.2 Chrome/102.0.5005.177 Safari/537.36",
          "6.4.2|6.4.2|yes", "102.0.5005.177|102.0.5005.177|yes" },
        { "another", "QtWebEngine/5.15.13 Chrome/87.0.4280.144", "6.4.2|5.15.13|no",
          "102.0.5005.177|87.0.4280.144|no" },
        { "one of the application's own", "Kiosk/1", "6.4.2|-|?", "102.0.5005.177|-|?" },
        { "without numbers", "QtWebEngine/x Chrome/", "6.4.2|-|?", "102.0.5005.177|-|?" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct verdict verdict = { 0 };
        struct verify_points points = { 0 };
        compare(&machine, &verdict,
                arena_printf(&arena, "{\"version\": {\"User-Agent\": \"%s\"}}", rows[i].agent),
                &points);
        rows_text(rows[i].label, point_text(&points, "engine.qt"), rows[i].want_qt);
        rows_text(rows[i].label, point_text(&points, "engine.chromium"), rows[i].want_chromium);
    }
    rows_done();
}

static void test_verify_points_are_counted_and_printed(void **state)
{
    (void)state;
    struct verdict verdict = { .webgl = WEBGL_ENABLED, .webgl2 = WEBGL_ENABLED };
    struct verify_points points = { 0 };
    compare(&machine, &verdict,
            "{\"page\": {\"webgl\": {\"got\": true}, \"webgl2\": {\"got\": false, \"why\": "
            "\"no\"}}}",
            &points);
    assert_int_equal(verify_count(&points, TRUTH_YES), 1);
    assert_int_equal(verify_count(&points, TRUTH_NO), 1);
    assert_int_equal(verify_count(&points, TRUTH_UNKNOWN), points.count - 2);
    points.count = 3;
    CLEANUP(json_freep) json_t *list = verify_points_to_json(&points);
    CLEANUP(json_freep)
    json_t *want = json_pack("[{s:s,s:s,s:s,s:s},{s:s,s:s,s:s,s:s,s:s},{s:s,s:s,s:n,s:s}]", "point",
                             "webgl", "predicted", "enabled", "found", "enabled", "agree", "yes",
                             "point", "webgl2", "predicted", "enabled", "found", "disabled",
                             "agree", "no", "why", "no", "point", "engine.qt", "predicted", "6.4.2",
                             "found", "agree", "unknown");
    assert_string_equal(json_format(&arena, list), json_format(&arena, want));
}

static int teardown(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_what_a_page_gets),
        cmocka_unit_test(test_verify_features),
        cmocka_unit_test(test_verify_workarounds_one_by_one),
        cmocka_unit_test(test_verify_gl_strings),
        cmocka_unit_test(test_verify_versions_of_the_engine),
        cmocka_unit_test(test_verify_points_are_counted_and_printed),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
