/* The live line: what it says at each width, in blocks and in ASCII, with and without a limit. */
#include "cli/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

#define MIB(n) ((n)*1048576LL)

static const struct guard_event climbing = {
    .kind = GUARD_SAMPLE,
    .largest_bytes = MIB(2048),
    .limit_bytes = MIB(4096),
    .rate_bytes_per_s = MIB(38),
    .time_to_limit_ns = { true, 54 * SECOND_NS },
};

/* Columns of UTF-8 without wide characters, escape sequences apart. */
static unsigned columns_of(const char *text)
{
    unsigned columns = 0;
    for (; *text; text++) {
        if (*text == '\033')
            text += strcspn(text, "m");
        else
            columns += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return columns;
}

static void test_live_line_rows(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct live_style style;
        struct guard_event event;
        size_t sparks;
        const char *want;
    } rows[] = {
        { "80 columns, ASCII",
          { false, false, 80 },
          climbing,
          8,
          "  2.00 GiB [######-------] 4.00 GiB     +38 MiB/s  limit in 54 s       .-+#.-+#" },
        { "80 columns, blocks",
          { true, false, 80 },
          climbing,
          4,
          "  2.00 GiB ▕██████░░░░░░░▏ 4.00 GiB     +38 MiB/s  limit in 54 s       ▂▄▆█" },
        { "100 columns: the bar grows",
          { false, false, 100 },
          climbing,
          0,
          "  2.00 GiB [################-----------------] 4.00 GiB     +38 MiB/s  limit in 54 s   "
          " " },
        { "60 columns: no curve",
          { false, false, 60 },
          climbing,
          8,
          "  2.00 GiB [#####-----] 4.00 GiB     +38 MiB/s" },
        { "40 columns: no growth either",
          { false, false, 40 },
          climbing,
          8,
          "  2.00 GiB [#####-----] 4.00 GiB" },
        { "30 columns: no bar", { false, false, 30 }, climbing, 8, "  2.00 GiB of 4.00 GiB" },
        { "20 columns: no limit", { false, false, 20 }, climbing, 8, "  2.00 GiB" },
        { "10 columns", { false, false, 10 }, climbing, 8, "2.00 GiB" },
        { "too few", { false, false, 8 }, climbing, 8, "" },
        { "yellow near the limit",
          { true, true, 60 },
          { .largest_bytes = MIB(800), .limit_bytes = MIB(1000) },
          0,
          "   800 MiB \033[33m▕████████░░▏\033[0m 1000 MiB      +0 MiB/s" },
        { "red close to it, full beyond it",
          { true, true, 60 },
          { .largest_bytes = MIB(1100), .limit_bytes = MIB(1000), .rate_bytes_per_s = -MIB(2) },
          0,
          "  1.07 GiB \033[31m▕██████████▏\033[0m 1000 MiB      -2 MiB/s" },
        { "no limit: no bar",
          { false, false, 80 },
          { .largest_bytes = MIB(50), .rate_bytes_per_s = 0 },
          2,
          "    50 MiB      +0 MiB/s   _#" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct live_curve curve = { .count = rows[i].sparks };
        char out[LIVE_LINE_BYTES];
        for (size_t j = 0; j < rows[i].sparks; j++) /* rises twice over from 1/8 */
            curve.bytes[j] = rows[i].event.limit_bytes ? MIB(512 + 1024 * (j % 4)) : MIB(1 + 8 * j);
        live_line(out, &rows[i].style, &rows[i].event, &curve);
        rows_text(rows[i].label, out, rows[i].want);
    }
    rows_done();
}

static void test_live_line_never_fills_the_window(void **state)
{
    (void)state;
    struct live_curve curve = { .count = LIVE_SPARKS };
    for (unsigned columns = 1; columns < 300; columns++) {
        for (int blocks = 0; blocks < 2; blocks++) {
            struct live_style style = { blocks, true, columns };
            char out[LIVE_LINE_BYTES];
            live_line(out, &style, &climbing, &curve);
            (void)rows_that(columns_of(out) < columns, "width", "%u of %u columns: '%s'",
                            columns_of(out), columns, out);
        }
    }
    rows_done();
}

static void test_live_plain_rows(void **state)
{
    (void)state;
    static const struct {
        struct guard_event event;
        const char *want;
    } rows[] = {
        { climbing, "2.00 GiB of 4.00 GiB, +38 MiB/s, limit in 54 s" },
        { { .largest_bytes = MIB(50) }, "50 MiB, +0 MiB/s" },
        { { .largest_bytes = MIB(50),
            .limit_bytes = MIB(100),
            .rate_bytes_per_s = 1000,
            .time_to_limit_ns = { true, 3600 * SECOND_NS } },
          "50 MiB of 100 MiB, +0 MiB/s" },
    };
    char out[LIVE_LINE_BYTES];
    for (size_t i = 0; i < ROWS(rows); i++) {
        live_plain(out, &rows[i].event);
        rows_text(rows[i].want, out, rows[i].want);
    }
    rows_done();
}

static void test_live_curve_add_takes_one_value_a_second_and_forgets_the_oldest(void **state)
{
    (void)state;
    struct live_curve curve = { .count = 0 };
    for (uint64_t t = 1; t <= 10; t++) /* four a second, as near the limit */
        live_curve_add(&curve, t, t * SECOND_NS / 4);
    assert_int_equal(curve.count, 3);
    assert_int_equal(curve.bytes[0], 1);
    assert_int_equal(curve.bytes[1], 5);
    for (uint64_t t = 0; t < 20; t++)
        live_curve_add(&curve, 100 + t, (10 + t) * SECOND_NS);
    assert_int_equal(curve.count, LIVE_SPARKS);
    assert_int_equal(curve.bytes[LIVE_SPARKS - 1], 119);
    assert_int_equal(curve.bytes[0], 120 - LIVE_SPARKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_line_rows),
        cmocka_unit_test(test_live_line_never_fills_the_window),
        cmocka_unit_test(test_live_plain_rows),
        cmocka_unit_test(test_live_curve_add_takes_one_value_a_second_and_forgets_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
