/* Sizes, times and shares: what is taken, what is refused, and how they are shown. */
#include "base/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

#define BAD UINT64_MAX /* refused: the output keeps what it had */

struct row {
    const char *text;
    uint64_t want;
};

static void check(const struct row *rows, size_t count, bool (*parse)(const char *, uint64_t *))
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = BAD;
        rows_number(rows[i].text, parse(rows[i].text, &value), rows[i].want != BAD);
        (void)rows_that(value == rows[i].want, rows[i].text, "got %llu", (unsigned long long)value);
    }
    rows_done();
}

static void test_unit_parse_size_rows(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "0", 0 },
        { "17", 17 },
        { "17B", 17 },
        { "1K", KIB_BYTES },
        { "1k", KIB_BYTES },
        { "1KB", KIB_BYTES },
        { "1KiB", KIB_BYTES },
        { "1kib", KIB_BYTES },
        { "512M", 512 * MIB_BYTES },
        { "512MB", 512 * MIB_BYTES },
        { "512MiB", 512 * MIB_BYTES },
        { "4GiB", 4 * GIB_BYTES },
        { "4 GiB", 4 * GIB_BYTES },
        { "1.5GiB", GIB_BYTES + GIB_BYTES / 2 },
        { "0.25KiB", 256 },
        { "2T", 2048 * GIB_BYTES },
        { "8388607T", 8388607ULL * 1024 * GIB_BYTES },
        { "8388608T", BAD },
        { "999999999999999999", 999999999999999999ULL },
        { "9999999999999999999", BAD },
        { "", BAD },
        { "G", BAD },
        { ".", BAD },
        { ".5G", BAD },
        { "1.G", BAD },
        { "1.5.5G", BAD },
        { "-1G", BAD },
        { "+1G", BAD },
        { " 1G", BAD },
        { "1G ", BAD },
        { "1  G", BAD },
        { "1GiBx", BAD },
        { "1Gi", BAD },
        { "1P", BAD },
        { "0x10", BAD },
        { "1e3", BAD },
        { "50%", BAD },
        { "1,5G", BAD },
    };
    check(rows, ROWS(rows), unit_parse_size);
}

static void test_unit_parse_time_rows(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "0", 0 },
        { "0s", 0 },
        { "5", BAD },
        { "250ms", 250 * MS_NS },
        { "250 ms", 250 * MS_NS },
        { "1.5s", 1500 * MS_NS },
        { "5S", 5 * SECOND_NS },
        { "2min", 120 * SECOND_NS },
        { "2m", 120 * SECOND_NS },
        { "2h", 7200 * SECOND_NS },
        { "1d", 86400 * SECOND_NS },
        { "10us", 10 * US_NS },
        { "10ns", 10 },
        { "106751d", 106751ULL * 86400 * SECOND_NS },
        { "106752d", BAD },
        { "", BAD },
        { "s", BAD },
        { "-1s", BAD },
        { "1 week", BAD },
        { "1sx", BAD },
        { "1.s", BAD },
        { "forever", BAD },
    };
    check(rows, ROWS(rows), unit_parse_time);
}

static void test_unit_parse_percent_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned want; /* 0 = refused */
    } rows[] = {
        { "80%", 800 },   { "0.1%", 1 }, { "100%", 1000 }, { "99.95%", 999 },
        { "12.5%", 125 }, { "0%", 0 },   { "0.01%", 0 },   { "100.1%", 0 },
        { "101%", 0 },    { "80", 0 },   { "%", 0 },       { "-5%", 0 },
        { "80 %", 0 },    { "80%%", 0 }, { "", 0 },        { "8O%", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        unsigned value = 7777;
        rows_number(rows[i].text, unit_parse_percent(rows[i].text, &value), rows[i].want != 0);
        rows_number(rows[i].text, value, rows[i].want ? rows[i].want : 7777);
    }
    rows_done();
}

static void test_unit_texts(void **state)
{
    (void)state;
    static const struct row sizes[] = {
        { "0 bytes", 0 },
        { "17 bytes", 17 },
        { "1023 bytes", 1023 },
        { "1 KiB", 1024 },
        { "512 KiB", 512 * KIB_BYTES },
        { "118 MiB", 118 * MIB_BYTES },
        { "2.31 GiB", 2480343613ULL },
        { "8589934592.00 GiB", INT64_MAX },
    };
    static const struct row times[] = {
        { "0 us", 0 },
        { "250 us", 250 * US_NS },
        { "1.1 ms", 1100 * US_NS },
        { "45 ms", 45 * MS_NS },
        { "1.5 s", 1500 * MS_NS },
        { "45 s", 45 * SECOND_NS },
        { "4 min", 240 * SECOND_NS },
        { "2 h", 7200 * SECOND_NS },
        { "3 days", 3 * 86400 * SECOND_NS },
    };
    char text[UNIT_TEXT_BYTES];
    for (size_t i = 0; i < ROWS(sizes); i++)
        rows_text(sizes[i].text, unit_size_text(text, sizeof text, sizes[i].want), sizes[i].text);
    for (size_t i = 0; i < ROWS(times); i++)
        rows_text(times[i].text, unit_time_text(text, sizeof text, times[i].want), times[i].text);
    rows_text("cut", unit_size_text(text, 4, 17), "17 ");
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unit_parse_size_rows),
        cmocka_unit_test(test_unit_parse_time_rows),
        cmocka_unit_test(test_unit_parse_percent_rows),
        cmocka_unit_test(test_unit_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
