/* The catalogue as data: every row can be used, its bounds agree with the releases of Qt, and the
 * row of a value is the one that knows it. */
#include "engine/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/engine.h"
#include "rows.h"

static struct arena arena;

/* Every minor release from 5.12 to 6.11, and those where Chromium changed in between. */
static const char *const releases[] = {
    "5.12.0", "5.15.0", "5.15.2", "5.15.3", "6.2.0", "6.3.0",  "6.4.0",
    "6.5.0",  "6.6.0",  "6.7.0",  "6.8.0",  "6.9.0", "6.10.0", "6.11.0",
};

static void test_catalogue_rows_are_complete(void **state)
{
    (void)state;
    const struct catalogue_row *row;
    size_t count = 0;
    for (; (row = catalogue_at(count)); count++) {
        const char *label = arena_printf(&arena, "%s=%s", row->name, row->words ? row->words : "");
        bool listed = row->grammar == VALUE_WORD || row->grammar == VALUE_LIST;
        bool dangerous = row->class == CLASS_DANGEROUS;
        (void)rows_that(row->effect && *row->effect, label, "has no effect");
        (void)rows_that(row->source && *row->source, label, "has no source");
        (void)rows_that(listed == (row->words != NULL), label, "words and grammar disagree");
        (void)rows_that(!dangerous || row->refuse, label, "dangerous without a reason");
        (void)rows_that(!row->refuse || !row->allowed, label, "refused and allowed");
        (void)rows_that(!row->allowed || row->class == CLASS_MITIGATION, label,
                        "a profile may write what is no mitigation");
        (void)rows_that(row->class != CLASS_STALE || row->better, label,
                        "stale without a better way");
        (void)rows_that(!(row->never || row->since || row->until) || row->why_not, label,
                        "has a bound without a reason");
        (void)rows_that(row->breaks || !(row->breaks_since || row->breaks_until), label,
                        "breaks without saying how");
        (void)rows_that(!row->unsure_from || row->since || row->until, label, "unsure of nothing");
        (void)rows_that(!strchr(row->name, '*') || row->refuse, label, "'*' that is not refused");
    }
    assert_true(count > 150);
    rows_done();
}

static void test_catalogue_when_two_rows_are_for_the_same_value(void **state)
{
    (void)state;
    const struct catalogue_row *one, *other;
    for (size_t i = 0; (one = catalogue_at(i)); i++) {
        for (size_t j = i + 1; (other = catalogue_at(j)); j++) {
            bool apart = one->grammar != other->grammar
                         || (one->words && strcmp(one->words, other->words) != 0);
            (void)rows_that(strcmp(one->name, other->name) != 0 || apart, one->name, "twice");
        }
    }
    rows_done();
}

/* Where a bound is Chromium's, Qt's bound is the release that brought that Chromium. */
static void test_catalogue_bounds_agree_with_chromium(void **state)
{
    (void)state;
    const struct catalogue_row *row;
    for (size_t i = 0; (row = catalogue_at(i)); i++) {
        for (size_t j = 0; j < ROWS(releases); j++) {
            struct engine engine;
            struct err err;
            const char *qt = releases[j];
            enum truth honoured = catalogue_honoured(row, qt);
            assert_int_equal(engine_by_version(&arena, qt, &engine, &err), 0);
            const char *label = arena_printf(&arena, "%s on %s", row->name, qt);
            bool before = row->chromium_since
                          && version_compare(engine.chromium, row->chromium_since) < 0;
            bool behind = row->chromium_until
                          && version_compare(engine.chromium, row->chromium_until) >= 0;
            (void)rows_that(!before || honoured != TRUTH_YES, label,
                            "honoured before it was there");
            (void)rows_that(!behind || honoured != TRUTH_YES, label, "honoured after it went");
            if (row->chromium_since && !row->never && !row->until && !before)
                (void)rows_that(honoured != TRUTH_NO, label, "Chromium has it");
        }
    }
    rows_done();
}

static void test_catalogue_find_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *want, *want_words;
        enum catalogue_class class;
    } rows[] = {
        { "--use-gl", "angle", "--use-gl", "angle", CLASS_MITIGATION },
        { "--use-gl", "egl", "--use-gl", "egl|swiftshader", CLASS_STALE },
        { "--use-gl", "osmesa", "--use-gl", NULL, CLASS_STALE },
        { "--use-gl", NULL, "--use-gl", "disabled", CLASS_MITIGATION },
        { "--js-flags", "--predictable-gc-schedule", "--js-flags", "--predictable-gc-schedule",
          CLASS_MITIGATION },
        { "--js-flags", "--predictable_gc_schedule", "--js-flags", NULL, CLASS_DANGEROUS },
        { "--js-flags", "", "--js-flags", NULL, CLASS_DANGEROUS },
        { "--remote-debugging-port", "1", "--remote-debugging-*", NULL, CLASS_DANGEROUS },
        { "--remote-debugging", "1", NULL, NULL, CLASS_COUNT },
        { "LD_PRELOAD", "x", "LD_PRELOAD", NULL, CLASS_DANGEROUS },
        { "LD_DEBUG", "all", "LD_*", NULL, CLASS_DANGEROUS },
        { "EGL_PLATFORM", "wayland", "EGL_PLATFORM", "wayland", CLASS_MITIGATION },
        { "EGL_PLATFORM", "surfaceless", "EGL_PLATFORM", NULL, CLASS_MITIGATION },
        { "--disable-features", "IsolateOrigins", "--disable-features", NULL, CLASS_DANGEROUS },
        { "--disable-gp", NULL, NULL, NULL, CLASS_COUNT },
        { "", NULL, NULL, NULL, CLASS_COUNT },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = arena_printf(&arena, "%s=%s", rows[i].name,
                                         rows[i].value ? rows[i].value : "(none)");
        const struct catalogue_row *row = catalogue_find(rows[i].name, strlen(rows[i].name),
                                                         rows[i].value);
        rows_text(label, row ? row->name : NULL, rows[i].want);
        if (row)
            rows_number(label, row->class, rows[i].class);
        if (row && rows[i].want_words)
            rows_text(label, row->words, rows[i].want_words);
    }
    rows_done();
}

static void test_catalogue_breaks_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *qt;
        enum truth want;
    } rows[] = {
        { "--use-angle", "gl", "6.6.3", TRUTH_YES },
        { "--use-angle", "vulkan", "5.15.13", TRUTH_YES },
        { "--use-angle", "d3d11", "6.4.2", TRUTH_YES },
        { "--use-angle", "gl", "6.7.0", TRUTH_NO },
        { "--use-angle", "gl", NULL, TRUTH_UNKNOWN },
        { "--use-gl", "desktop", "6.9.0", TRUTH_NO },
        { "--use-gl", "desktop", "6.10.0", TRUTH_YES },
        { "--use-gl", "egl", "6.6.0", TRUTH_NO },
        { "--use-gl", "egl", "6.8.2", TRUTH_YES },
        { "--use-gl", "osmesa", "6.11.0", TRUTH_YES },
        { "--use-gl", "angle", "6.11.0", TRUTH_NO },
        { "--ozone-platform", "wayland", "6.4.2", TRUTH_YES },
        { "--ozone-platform", "x11", NULL, TRUTH_YES },
        { "--ozone-platform", "qt", "6.4.2", TRUTH_NO },
        { "--disable-gpu", NULL, NULL, TRUTH_NO },
        { "QTWEBENGINE_DISABLE_GPU_THREAD", "1", "6.4.2", TRUTH_YES },
        { "QTWEBENGINE_DISABLE_GPU_THREAD", "1", "5.15.13", TRUTH_NO },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct catalogue_row *row = catalogue_find(rows[i].name, strlen(rows[i].name),
                                                         rows[i].value);
        assert_non_null(row);
        rows_number(arena_printf(&arena, "%s=%s %s", rows[i].name,
                                 rows[i].value ? rows[i].value : "",
                                 rows[i].qt ? rows[i].qt : "unknown"),
                    catalogue_breaks(row, rows[i].qt), rows[i].want);
    }
    rows_done();
}

static int give_back(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_catalogue_rows_are_complete, give_back),
        cmocka_unit_test_teardown(test_catalogue_when_two_rows_are_for_the_same_value, give_back),
        cmocka_unit_test_teardown(test_catalogue_bounds_agree_with_chromium, give_back),
        cmocka_unit_test_teardown(test_catalogue_find_rows, give_back),
        cmocka_unit_test_teardown(test_catalogue_breaks_rows, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
