/* Log lines are found in a stream, however it is cut into pieces. */
#include "guard/signatures_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static unsigned counts[SIGNATURES_MAX];

static void count(void *context, size_t row)
{
    (void)context;
    counts[row]++;
}

static void scan_in_pieces(const char *bytes, size_t length, size_t piece)
{
    static struct signature_scan scan;
    memset(counts, 0, sizeof counts);
    signature_scan_start(&scan);
    for (size_t at = 0; at < length; at += piece)
        signature_scan_bytes(&scan, bytes + at, length - at < piece ? length - at : piece, count,
                             NULL);
}

static void test_scan_when_each_text_occurs_twice_then_it_counts_two(void **state)
{
    size_t rows;
    const struct signature *all = signatures_all(&rows);
    static const size_t pieces[] = { 1, 2, 3, 7, 64, 127, 128, 129, 4096 };
    (void)state;
    for (size_t i = 0; i < rows; i++) {
        char text[2 * SIGNATURE_TEXT_MAX + 64];
        int length = snprintf(text, sizeof text, "[1:2:ERROR] %s\nxx%s", all[i].text, all[i].text);
        for (size_t j = 0; j < sizeof pieces / sizeof pieces[0]; j++) {
            scan_in_pieces(text, (size_t)length, pieces[j]);
            if (counts[i] != 2)
                fail_msg("%s in pieces of %zu: %u", all[i].name, pieces[j], counts[i]);
        }
    }
}

static void test_scan_when_cut_short_or_garbage_then_nothing(void **state)
{
    static char garbage[100000];
    size_t rows, sum = 0;
    uint64_t seed = 1;
    (void)state;
    for (size_t i = 0; i < sizeof garbage; i++) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        garbage[i] = (char)(seed >> 56);
    }
    scan_in_pieces(garbage, sizeof garbage, 1000);
    const struct signature *all = signatures_all(&rows);
    for (size_t i = 0; i < rows; i++)
        sum += counts[i];
    assert_int_equal(sum, 0);
    scan_in_pieces(all[0].text, strlen(all[0].text) - 1, 16);
    assert_int_equal(counts[0], 0);
}

static void test_rows_when_read_then_texts_fit_and_the_three_of_the_field_report_are_there(
    void **state)
{
    static const char *const wanted[] = { "es3-blocklisted", "video-size-empty",
                                          "texture-not-renderable" };
    size_t rows;
    const struct signature *all = signatures_all(&rows);
    (void)state;
    for (size_t i = 0; i < rows; i++)
        assert_true(strlen(all[i].text) >= 2 && strlen(all[i].text) <= SIGNATURE_TEXT_MAX);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        bool found = false;
        for (size_t j = 0; j < rows; j++)
            found |= text_equal(all[j].name, wanted[i]);
        if (!found)
            fail_msg("no row '%s'", wanted[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan_when_each_text_occurs_twice_then_it_counts_two),
        cmocka_unit_test(test_scan_when_cut_short_or_garbage_then_nothing),
        cmocka_unit_test(
            test_rows_when_read_then_texts_fit_and_the_three_of_the_field_report_are_there),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
