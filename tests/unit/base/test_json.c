/* JSON: strings of any bytes, absent keys, one form of printing, places of faults. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

static struct arena arena;

static void test_json_written(void **state)
{
    (void)state;
    static const char *const items[] = { "a", "b\x1b" };
    const struct strings strings = { .items = (const char **)(uintptr_t)items, .count = 2 };
    CLEANUP(json_freep) json_t *object = json_object();
    json_set_text(object, "z", "text");
    json_set_text(object, "absent", NULL);
    json_set(object, "none", NULL);
    json_set_u64(object, "big", UINT64_MAX);
    json_set_u64(object, "zero", 0);
    json_set(object, "bad", json_text("a\xff\x1b"));
    json_set(object, "null", json_text(NULL));
    json_set(object, "list", json_strings(&strings));
    json_set(object, "a", json_text("\xc3\xa4\"\\/"));
    rows_text("object", json_format(&arena, object),
              "{\n  \"z\": \"text\",\n  \"big\": 9223372036854775807,\n  \"zero\": 0,\n"
              "  \"bad\": \"a\xef\xbf\xbd?\",\n  \"null\": null,\n  \"list\": [\n    \"a\",\n"
              "    \"b\\u001B\"\n  ],\n  \"a\": \"\xc3\xa4\\\"\\\\/\"\n}\n");
    rows_done();
}

static void test_json_parse_when_bad_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
    } rows[] = {
        { "", 1 },
        { "{", 1 },
        { "{\n\"a\": 1,\n}", 3 },
        { "{\"a\":1,\"a\":2}", 1 },
        { "[1,2", 1 },
        { "nul", 1 },
        { "{\"a\": \"\xff\"}", 1 },
        { "{} x", 1 },
        { "\"\\ud800\"", 1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err = { 0 };
        CLEANUP(json_freep)
        json_t *value = json_parse("a.json", rows[i].text, strlen(rows[i].text), &err);
        (void)rows_that(!value, rows[i].text, "parsed");
        rows_number(rows[i].text, err.kind, ERR_DATA);
        rows_text(rows[i].text, err.at.file, "a.json");
        rows_number(rows[i].text, err.at.line, rows[i].line);
        (void)rows_that(*err.text != '\0', rows[i].text, "no text");
    }
    rows_done();
}

static void test_json_parse_when_deep_is_refused(void **state)
{
    (void)state;
    struct text text = { .arena = &arena };
    struct err err = { 0 };
    for (unsigned i = 0; i < 100000; i++)
        text_add(&text, "[", 1);
    assert_null(json_parse("deep", text_get(&text), text.length, &err));
    assert_int_equal(err.kind, ERR_DATA);
}

static void test_json_get(void **state)
{
    (void)state;
    static const char text[] = "{\"s\": \"x\", \"n\": 7, \"neg\": -1, \"f\": 1.5, \"b\": true}";
    struct err err;
    CLEANUP(json_freep) json_t *object = json_parse("t", text, sizeof text - 1, &err);
    assert_non_null(object);
    assert_string_equal(json_get_text(&arena, object, "s"), "x");
    assert_null(json_get_text(&arena, object, "n"));
    assert_null(json_get_text(&arena, object, "absent"));
    assert_int_equal(json_get_u64(object, "n", 3), 7);
    assert_int_equal(json_get_u64(object, "neg", 3), 3);
    assert_int_equal(json_get_u64(object, "f", 3), 3);
    assert_int_equal(json_get_u64(object, "s", 3), 3);
    assert_int_equal(json_get_u64(object, "absent", 3), 3);
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
        cmocka_unit_test_teardown(test_json_written, give_back),
        cmocka_unit_test_teardown(test_json_parse_when_bad_says_where, give_back),
        cmocka_unit_test_teardown(test_json_parse_when_deep_is_refused, give_back),
        cmocka_unit_test_teardown(test_json_get, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
