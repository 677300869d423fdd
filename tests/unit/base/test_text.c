/* Strings: building, comparing, numbers, near words, UTF-8 and what is safe to print. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static struct arena arena;

static void test_text_grows(void **state)
{
    (void)state;
    struct text text = { .arena = &arena };
    assert_string_equal(text_get(&text), "");
    text_add(&text, "", 0);
    assert_string_equal(text_get(&text), "");
    for (unsigned i = 0; i < 1000; i++)
        text_printf(&text, "%u,", i % 10);
    assert_int_equal(text.length, 2000);
    assert_memory_equal(text_get(&text), "0,1,2,", 6);
    text_add(&text, "a\0b", 3);
    assert_int_equal(text.length, 2003);
    assert_memory_equal(text.bytes + 2000, "a\0b", 4);
}

static void test_text_equal_starts_lower_trim(void **state)
{
    (void)state;
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal(NULL, ""));
    assert_false(text_equal("", NULL));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "A"));
    assert_true(text_starts("abc", ""));
    assert_true(text_starts("abc", "abc"));
    assert_false(text_starts("ab", "abc"));
    assert_true(text_ends("a.conf", ".conf"));
    assert_true(text_ends("a", ""));
    assert_false(text_ends(".conf", ".conf"));
    assert_false(text_ends("a.conf.d", ".conf"));
    assert_false(text_ends("conf", ".conf"));
    assert_false(text_ends("", ""));
    assert_string_equal(text_lower(&arena, "ABZ\xc3\x84[@"), "abz\xc3\x84[@");
    static const struct {
        const char *in, *want;
    } rows[] = {
        { "  a b\t\r\n", "a b" }, { "", "" }, { " \n", "" }, { "a", "a" }, { "\va\v", "\va\v" }
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_text(rows[i].in, text_trim(&arena, rows[i].in), rows[i].want);
    rows_done();
}

static void test_variables_and_strings(void **state)
{
    (void)state;
    struct variables variables = { 0 };
    struct strings strings = { 0 };
    assert_null(variables_get(&variables, "A"));
    variables_set(&arena, &variables, "A", "1");
    variables_set(&arena, &variables, "B", "");
    variables_set(&arena, &variables, "A", "2");
    assert_int_equal(variables.count, 2);
    assert_string_equal(variables_get(&variables, "A"), "2");
    assert_string_equal(variables_get(&variables, "B"), "");
    assert_null(variables_get(&variables, "a"));
    assert_string_equal(variables.items[0].name, "A");
    assert_false(strings_has(&strings, "x"));
    ARENA_PUSH(&arena, &strings, "x");
    assert_true(strings_has(&strings, "x"));
    assert_false(strings_has(&strings, "X"));
}

static void test_variables_assigned_rows(void **state)
{
    (void)state;
    static const struct {
        const char *assignment;
        bool want;
    } rows[] = {
        { "HOME=/home/x", true }, { "HOME=", true },    { "A=1", true },     { "HOME", false },
        { "HOM=x", false },       { "HOMES=x", false }, { "home=x", false }, { "AHOME=x", false },
        { "B=A=1", false },       { "=x", false },      { "", false },
    };
    struct variables variables = { 0 };
    assert_false(variables_assigned(&variables, "A=1"));
    variables_set(&arena, &variables, "A", "1");
    variables_set(&arena, &variables, "HOME", "/root");
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_number(rows[i].assignment, variables_assigned(&variables, rows[i].assignment),
                    rows[i].want);
    rows_done();
}

static void test_text_to_u64_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool want;
        uint64_t value;
    } rows[] = {
        { "0", true, 0 },
        { "42", true, 42 },
        { "007", true, 7 },
        { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 },
        { "0x10de", true, 0x10de },
        { "0X10DE", true, 0x10de },
        { "0xffffffffffffffff", true, UINT64_MAX },
        { "0x10000000000000000", false, 0 },
        { "", false, 0 },
        { "0x", false, 0 },
        { "-1", false, 0 },
        { "+1", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "1.5", false, 0 },
        { "10de", false, 0 },
        { "0xg", false, 0 },
        { "1e3", false, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t value = 99;
        rows_number(rows[i].text, text_to_u64(rows[i].text, &value), rows[i].want);
        (void)rows_that(value == (rows[i].want ? rows[i].value : 99), rows[i].text, "got %llu",
                        (unsigned long long)value);
    }
    rows_done();
}

static void test_text_nearest_rows(void **state)
{
    (void)state;
    static const char *const words[] = { "vendor", "device",  "driver", NULL,      "renderer",
                                         "render", "version", "os",     "session", "desktop" };
    static const struct {
        const char *word, *want;
    } rows[] = {
        { "vendro", "vendor" },
        { "vendor", "vendor" },
        { "vender", "vendor" },
        { "devcie", "device" },
        { "sess", "session" },
        { "des", "desktop" },
        { "rend", "render" },
        { "renderr", "renderer" },
        { "so", "os" },
        { "o", "os" },
        { "x", NULL },
        { "", NULL },
        { "Vendor", "vendor" },
        { "abcdefgh", NULL },
        { "completely-different", NULL },
        { "drivers", "driver" },
        { "ver", "version" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_text(rows[i].word, text_nearest(rows[i].word, words, ROWS(words)), rows[i].want);
    char endless[200];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    rows_text("endless", text_nearest(endless, words, ROWS(words)), NULL);
    rows_text("no candidates", text_nearest("vendor", words, 0), NULL);
    rows_done();
}

/* Test vectors of FNV-1a: http://www.isthe.com/chongo/src/fnv/test_fnv.c */
static void test_text_hash_rows(void **state)
{
    (void)state;
    assert_true(text_hash(TEXT_HASH_START, "", 0) == 0xcbf29ce484222325ULL);
    assert_true(text_hash(TEXT_HASH_START, "a", 1) == 0xaf63dc4c8601ec8cULL);
    assert_true(text_hash(TEXT_HASH_START, "foobar", 6) == 0x85944171f73967e8ULL);
    assert_true(text_hash(text_hash(TEXT_HASH_START, "foo", 3), "bar", 3) == 0x85944171f73967e8ULL);
}

struct bytes_row {
    const char *bytes;
    size_t length;
    bool valid;
    const char *clean;
};

#define BYTES(text) (text), sizeof(text) - 1
#define BAD "\xef\xbf\xbd"

static const struct bytes_row bytes_rows[] = {
    { BYTES(""), true, "" },
    { BYTES("plain\ttext\n"), true, "plain\ttext\n" },
    { BYTES("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), true, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
    { BYTES("\xf4\x8f\xbf\xbf"), true, "\xf4\x8f\xbf\xbf" },
    { BYTES("\xf4\x90\x80\x80"), false, BAD BAD BAD BAD },
    { BYTES("\xed\x9f\xbf"), true, "\xed\x9f\xbf" },
    { BYTES("\xed\xa0\x80"), false, BAD BAD BAD },
    { BYTES("\xc0\x80"), false, BAD BAD },
    { BYTES("\xc1\xbf"), false, BAD BAD },
    { BYTES("\xe0\x9f\xbf"), false, BAD BAD BAD },
    { BYTES("\xf0\x8f\xbf\xbf"), false, BAD BAD BAD BAD },
    { BYTES("\x80x"), false, BAD "x" },
    { BYTES("a\xff"), false, "a" BAD },
    { BYTES("a\xc3"), false, "a" BAD },
    { BYTES("a\xe2\x82"), false, "a" BAD BAD },
    { BYTES("a\xe2\x82x"), false, "a" BAD BAD "x" },
    { BYTES("\x1b[31mred\x1b[0m"), true, "?[31mred?[0m" },
    { BYTES("a\rb\x7f\x01"), true, "a?b??" },
    { BYTES("\xc2\x9b"
            "31m"),
      true, "?31m" },
    { BYTES("\xc2\xa0"), true, "\xc2\xa0" },
    { BYTES("a\u202agpj\u202ez"), true, "a?gpj?z" },
    { BYTES("\u2066a\u2069"), true, "?a?" },
    { BYTES("\u2029a\u202f\u2065\u206a"), true, "\u2029a\u202f\u2065\u206a" },
    { BYTES("\u05d0\u200fb"), true, "\u05d0\u200fb" },
    { BYTES("a\0b"), true, "a?b" },
};

static void test_text_is_utf8_and_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(bytes_rows); i++) {
        const struct bytes_row *row = &bytes_rows[i];
        const char *clean = text_clean(&arena, row->bytes, row->length);
        char label[32];
        (void)snprintf(label, sizeof label, "row %zu", i);
        rows_number(label, text_is_utf8(row->bytes, row->length), row->valid);
        rows_text(label, clean, row->clean);
        rows_number(label, text_is_utf8(clean, strlen(clean)), true);
    }
    rows_done();
}

/* Whatever the two first bytes are: what is clean is UTF-8 and holds no control characters. */
static void test_text_clean_of_all_pairs_of_bytes(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        const char bytes[] = { (char)(pair >> 8), (char)(pair & 0xff), 'x' };
        struct arena small = { 0 };
        const char *clean = text_clean(&small, bytes, sizeof bytes);
        assert_true(text_is_utf8(clean, strlen(clean)));
        assert_true(strspn(clean, "\x01\x02\x03\x1b\r\x7f\x07\x08\x0b") == 0);
        arena_clear(&small);
    }
}

static void test_text_line_rows(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t max_bytes;
        const char *want;
    } rows[] = {
        { "", 4, "" },
        { "", 0, "" },
        { "abcd", 4, "abcd" },
        { "abcde", 4, "abcd…" },
        { "abc", 0, "…" },
        { "a\tb\nc", SIZE_MAX, "a b c" },
        { "a\x1b[0m\x7f", SIZE_MAX, "a?[0m?" },
        { "a\xffz", SIZE_MAX, "a\xef\xbf\xbdz" },
        { "grün", 5, "grün" },
        { "grün", 4, "grü…" },
        { "grün", 3, "gr…" },
        { "a€", 4, "a€" },
        { "a€b", 3, "a…" },
        { "a€b", 2, "a…" },
        { "a€b", 4, "a€…" },
        { "a\xf0\x9f\x98\x80z", 4, "a…" },
        { "a\xf0\x9f\x98\x80z", 5, "a\xf0\x9f\x98\x80…" },
        { "\x80\x80\x80", 2, "…" },
        { "ab\n\n\n", 3, "ab …" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_text(rows[i].in, text_line(&arena, rows[i].in, rows[i].max_bytes), rows[i].want);
    assert_ptr_equal(text_line(&arena, rows[2].in, 4), rows[2].in);
    rows_done();
}

static int give_back(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

static void test_columns_when_bytes_then_characters(void **state)
{
    static const struct {
        const char *text;
        size_t length, want;
    } rows[] = {
        { "", 0, 0 }, { "kiosk", 5, 5 }, { "kiosk", 3, 3 }, { "größe", 7, 5 }, { "▕█▏", 9, 3 },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++)
        if (text_columns(rows[i].text, rows[i].length) != rows[i].want)
            fail_msg("%s", rows[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_text_grows, give_back),
        cmocka_unit_test_teardown(test_text_equal_starts_lower_trim, give_back),
        cmocka_unit_test_teardown(test_variables_and_strings, give_back),
        cmocka_unit_test_teardown(test_variables_assigned_rows, give_back),
        cmocka_unit_test_teardown(test_text_to_u64_rows, give_back),
        cmocka_unit_test_teardown(test_text_nearest_rows, give_back),
        cmocka_unit_test_teardown(test_text_hash_rows, give_back),
        cmocka_unit_test_teardown(test_text_is_utf8_and_clean, give_back),
        cmocka_unit_test_teardown(test_text_clean_of_all_pairs_of_bytes, give_back),
        cmocka_unit_test_teardown(test_text_line_rows, give_back),
        cmocka_unit_test(test_columns_when_bytes_then_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
