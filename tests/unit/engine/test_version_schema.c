/* Comparing versions as the lists do. The rows named VersionTest.* hold the facts of Chromium's own
 * test (gpu/config/gpu_control_list_version_unittest.cc); the others are ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"
#include "engine/version_schema_private.h"
#include "rows.h"

#define CHROMIUM_ROWS_MIN 140

/* Versions are separated by spaces. */
struct range_row {
    const char *test, *op, *style, *form, *low, *high;
    char splitter;
    const char *inside, *outside;
};

static const struct range_row chromium_rows[] = {
    { "VersionTest.VersionComparison", "any", "numerical", "common", NULL, NULL, '.',
      "0 8.9 100 1.9.alpha", "" },
    { "VersionTest.VersionComparison", ">", "numerical", "common", "8.9", NULL, '.', "9 9.hs762",
      "7 8.9 8.9.hs762 8.9.1" },
    { "VersionTest.VersionComparison", ">=", "numerical", "common", "8.9", NULL, '.',
      "8.9 8.9.1 8.9.1beta0 9 9.0rel", "7 7.07hdy" },
    { "VersionTest.VersionComparison", "=", "numerical", "common", "8.9", NULL, '.',
      "8 8.1uhdy 8.9 8.9.8alp9 8.9.1", "7 9" },
    { "VersionTest.VersionComparison", "<", "numerical", "common", "8.9", NULL, '.',
      "7 7.txt 8.8 8.8.test", "8 8.9 8.9.1 8.9.duck 9" },
    { "VersionTest.VersionComparison", "<=", "numerical", "common", "8.9", NULL, '.',
      "7 8.8 8 8.9 8.9.chicken 8.9.1", "9 9.pork" },
    { "VersionTest.VersionComparison", "between", "numerical", "common", "8.9", "9.1", '.',
      "8 8.9 8.9.1 9 9.1 9.1.9", "7 8.8 9.2 10" },
    { "VersionTest.DateComparison", "=", "numerical", "common", "1976.3.21", NULL, '-',
      "3-21-1976 3-1976 03-1976", "21-3-1976" },
    { "VersionTest.DateComparison", ">", "numerical", "common", "1976.3.21", NULL, '-',
      "3-22-1976 4-1976 04-1976", "3-1976 2-1976" },
    { "VersionTest.DateComparison", "between", "numerical", "common", "1976.3.21", "2012.12.25",
      '-',
      "3-21-1976 3-22-1976 3-1976 4-1976 1-1-2000 1-2000 2000 11-2012 12-2012 12-24-2012 "
      "12-25-2012",
      "3-20-1976 12-26-2012 1-2013 2013" },
    { "VersionTest.LexicalComparison", "<", "lexical", "common", "8.201", NULL, '.',
      "8.001.100 8.109 8.10900 8.109.100 8.2 8.20 8.200 8.20.100",
      "8.201 8.2010 8.21 8.21.100 9.002 9.201 12 12.201" },
    { "VersionTest.LexicalComparison", "<", "lexical", "common", "9.002", NULL, '.',
      "8.001.100 8.109 8.10900 8.109.100 8.2 8.20 8.200 8.20.100 8.201 8.2010 8.21 8.21.100",
      "9.002 9.201 12 12.201" },
    { "VersionTest.IntelDriverSchema", "<", "numerical", "intel_driver", "25.20.100.6952", NULL,
      '.', "0.0.100.6000 26.20.100.6000", "0.0.100.7000 0.0.200.6000 24.20.100.7000" },
    { "VersionTest.IntelDriverSchema", ">", "numerical", "intel_driver", "10.18.15.4256", NULL, '.',
      "0.0.15.6000 10.18.15.4279", "0.0.15.4000 15.40.15.4058" },
    { "VersionTest.NvidiaDriverSchema", "<", "numerical", "nvidia_driver", "234.56", NULL, '.',
      "26.10.0012.3455 00.00.0012.3455 00.00.012.3455 00.00.12.3455 26.10.0012.2457 "
      "26.10.0011.3457 26.10.0002.3455 26.10.0010.3457 26.10.0000.3457 26.10.0012.455 "
      "26.10.0012.57",
      "26.10.0012.3456 26.10.012.3456 26.10.12.3456 26.10.0012.3457 00.00.0012.3457 "
      "26.10.0002.3456 26.10.0002.3457 26.10.0013.456 26.10.0013.57 26.10..57 26.10.100 "
      "26.10.100." },
    { "VersionTest.NvidiaDriverSchema", "=", "numerical", "nvidia_driver", "234", NULL, '.',
      "26.10.0012.3456", "26.10.0012.3556" },
};

static const struct range_row own_rows[] = {
    { "zeros match nothing", ">=", "numerical", "common", "0", NULL, '.', "0.0.1 1", "0 0.0 00.0" },
    { "no number matches nothing", "<", "numerical", "common", "9", NULL, '.', "8",
      "x .8 -1 8x 99999999999" },
    { "32 bits and no more", "<=", "numerical", "common", "4294967295", NULL, '.',
      "4294967295 4294967294", "4294967296" },
    { "kernel releases, cut by the collector", "<", "numerical", "common", "3.19.1", NULL, '.',
      "3.13.0 3.18", "3.19 3.19.1 3.20 6.1.0" },
    { "the number before the point stays a number", "<", "lexical", "common", "10.5", NULL, '.',
      "9.9 10.49", "10 10.5 10.6 11" },
    { "more parts than are looked at", "=", "numerical", "common", "1.2.3.4.5.6.7.8.9", NULL, '.',
      "1.2.3.4.5.6.7.8.10 1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.9" },
    { "the ends belong to it", "between", "lexical", "common", "8.1", "8.3", '.',
      "8.1 8.10 8.3 8.30 8.39", "8.09 8.4" },
    { "an Intel driver has four parts", "<", "numerical", "intel_driver", "25.20.100.6952", NULL,
      '.', "1.2.100.1", "100.1 1.100.1 1.2.3.100.1" },
    { "an Intel driver between two", "between", "numerical", "intel_driver", "24.20.100.6000",
      "26.20.100.7000", '.', "25.20.100.6500 1.1.100.7000", "25.20.100.5000 25.20.101.6500" },
    { "a date with too many parts", ">", "numerical", "common", "1976", NULL, '-', "1-1-1977",
      "1-1-1-1977" },
};

static size_t check_words(const struct range_row *row, const struct version_range *range,
                          const char *words, bool want)
{
    struct arena arena = { 0 };
    struct strings list = { 0 };
    while (*words) {
        size_t length = strcspn(words, " ");
        ARENA_PUSH(&arena, &list, arena_strndup(&arena, words, length));
        words += length + (words[length] == ' ');
    }
    for (size_t i = 0; i < list.count; i++)
        (void)rows_that(version_in_range(range, list.items[i], row->splitter) == want, row->test,
                        "'%s' %s '%s %s'", list.items[i], want ? "lies not in" : "lies in", row->op,
                        row->low ? row->low : "");
    arena_clear(&arena);
    return list.count;
}

static size_t check_row(const struct range_row *row)
{
    struct version_range range = { 0 };
    bool sound = version_op_find(row->op, &range.op) && version_style_find(row->style, &range.style)
                 && version_form_find(row->form, &range.form)
                 && (!row->low || version_split(row->low, '.', &range.low)
                     || text_equal(row->low, "0"))
                 && (!row->high || version_split(row->high, '.', &range.high));
    (void)rows_that(sound, row->test, "the row itself cannot be read");
    return check_words(row, &range, row->inside, true)
           + check_words(row, &range, row->outside, false);
}

static void test_version_in_range_as_chromium_tests_it(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < ROWS(chromium_rows); i++)
        count += check_row(&chromium_rows[i]);
    rows_done();
    assert_true(count >= CHROMIUM_ROWS_MIN);
}

static void test_version_in_range_at_the_edges(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(own_rows); i++)
        (void)check_row(&own_rows[i]);
    rows_done();
}

static void test_version_split_gives_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char splitter;
        bool want;
        size_t count;
        uint32_t numbers[4];
    } rows[] = {
        { "10.6.4", '.', true, 3, { 10, 6, 4 } },
        { " 1 . 2 ", '.', true, 2, { 1, 2 } },
        { "22.3.6-0ubuntu", '.', true, 2, { 22, 3 } },
        { "007.08", '.', true, 2, { 7, 8 } },
        { "1..2", '.', true, 1, { 1 } },
        { "0.0", '.', false, 2, { 0, 0 } },
        { "", '.', false, 0, { 0 } },
        { "abc", '.', false, 0, { 0 } },
        { "3-21-1976", '-', true, 3, { 1976, 3, 21 } },
        { "3-1976", '-', true, 2, { 1976, 3 } },
        { "x-1976", '-', true, 1, { 1976 } },
        { "1-2-3-4", '-', false, 0, { 0 } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct version_parts parts;
        rows_number(rows[i].text, version_split(rows[i].text, rows[i].splitter, &parts),
                    rows[i].want);
        rows_number(rows[i].text, (long long)parts.count, (long long)rows[i].count);
        for (size_t j = 0; j < parts.count && j < ROWS(rows[i].numbers); j++)
            rows_number(rows[i].text, parts.parts[j].number, rows[i].numbers[j]);
    }
    rows_done();
}

static void test_version_names_when_unknown_leave_the_output(void **state)
{
    (void)state;
    enum version_op op = VERSION_BETWEEN;
    enum version_style style = STYLE_LEXICAL;
    enum version_form form = FORM_NVIDIA_DRIVER;
    assert_false(version_op_find("==", &op));
    assert_false(version_op_find("", &op));
    assert_false(version_style_find("Lexical", &style));
    assert_false(version_form_find("intel", &form));
    assert_int_equal(op, VERSION_BETWEEN);
    assert_int_equal(style, STYLE_LEXICAL);
    assert_int_equal(form, FORM_NVIDIA_DRIVER);
}

static void test_version_range_text_for_a_person(void **state)
{
    (void)state;
    static const struct {
        struct range_row range;
        const char *want;
    } rows[] = {
        { { NULL, "<", "numerical", "common", "10.1", NULL, '.', "", "" }, "< 10.1" },
        { { NULL, ">=", "lexical", "common", "8.98", NULL, '.', "", "" }, ">= 8.98 (lexical)" },
        { { NULL, "between", "numerical", "common", "24", "27", '.', "", "" },
          "between 24 and 27" },
        { { NULL, "<=", "numerical", "intel_driver", "24.20.100.7000", NULL, '.', "", "" },
          "<= 24.20.100.7000 (intel_driver)" },
    };
    struct arena arena = { 0 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct version_range range = { 0 };
        const struct range_row *row = &rows[i].range;
        (void)version_op_find(row->op, &range.op); /* the text below shows a wrong one */
        (void)version_style_find(row->style, &range.style);
        (void)version_form_find(row->form, &range.form);
        (void)version_split(row->low, '.', &range.low);
        if (row->high)
            (void)version_split(row->high, '.', &range.high);
        rows_text(rows[i].want, version_range_text(&arena, &range), rows[i].want);
    }
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_in_range_as_chromium_tests_it),
        cmocka_unit_test(test_version_in_range_at_the_edges),
        cmocka_unit_test(test_version_split_gives_numbers),
        cmocka_unit_test(test_version_names_when_unknown_leave_the_output),
        cmocka_unit_test(test_version_range_text_for_a_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
