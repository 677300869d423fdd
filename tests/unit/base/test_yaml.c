/* YAML and JSON as trees that know their places, and what is refused. */
#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"
#include "rows.h"

static struct arena arena;

/* The tree in one line; JSON's scalars that were quoted in '…'. */
static void write_node(struct text *out, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR) {
        text_printf(out, node->quoted ? "'%s'" : "%s", node->text);
        return;
    }
    text_printf(out, node->kind == YAML_MAPPING ? "{" : "[");
    for (size_t i = 0; i < node->count; i++) {
        text_printf(out, "%s", i ? ", " : "");
        if (node->kind == YAML_MAPPING)
            text_printf(out, "%s: ", node->pairs[i].key);
        write_node(out, node->kind == YAML_MAPPING ? node->pairs[i].value : node->items[i]);
    }
    text_printf(out, node->kind == YAML_MAPPING ? "}" : "]");
}

static void test_yaml_parse_trees(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "{}" },
        { "   \n", "{}" },
        { "# only a comment\n", "{}" },
        { "a: 1\nb: [x, 'y', \"z\"]\n", "{a: 1, b: [x, 'y', 'z']}" },
        { "a:\n  - 1\n  - {b: c}\n", "{a: [1, {b: c}]}" },
        { "a:\n", "{a: }" },
        { "---\na: 1\n...\n", "{a: 1}" },
        { "- |\n  two\n  lines\n", "['two\nlines\n']" },
        { "{\"a\": [1, true, null, \"x\"]}", "{a: [1, true, null, 'x']}" },
        { "{\n\t\"a\":\t1}", "{a: 1}" },
        { "{\"a\": \"\\ud83d\\ude00\"}", "{a: '\xf0\x9f\x98\x80'}" },
        { "\xef\xbb\xbf"
          "a: \xc3\xa4\n",
          "{a: \xc3\xa4}" },
        { "a: 1\r\nb: 2\r\n", "{a: 1, b: 2}" },
        { "a: 0x10de # comment\n", "{a: 0x10de}" },
        { "\"a b\": c\n", "{a b: c}" },
        { "a: {}\nb: []\n", "{a: {}, b: []}" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct yaml_node *root = NULL;
        struct text text = { .arena = &arena };
        struct err err;
        int result = yaml_parse(&arena, "t.yaml", rows[i].text, strlen(rows[i].text), &root, &err);
        rows_err(rows[i].text, result, &err, NULL);
        if (result < 0)
            continue;
        write_node(&text, root);
        rows_text(rows[i].text, text_get(&text), rows[i].want);
    }
    rows_done();
}

static void test_yaml_parse_when_bad_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
        size_t length; /* 0 = up to the end */
    } rows[] = {
        { "a: &x 1\n", "t.yaml:1:4: anchors are not allowed here: write the value out", 0 },
        { "a: &x [1]\n", "t.yaml:1:4: anchors are not allowed here: write the value out", 0 },
        { "a: &x {}\n", "t.yaml:1:4: anchors are not allowed here: write the value out", 0 },
        { "a: *x\n", "t.yaml:1:4: aliases are not allowed here: write the value out", 0 },
        { "a: 1\nb: 2\na: 3\n", "t.yaml:3:1: key 'a' stands here twice (first in line 1)", 0 },
        { "x: {b: 1, b: 2}\n", "t.yaml:1:11: key 'b' stands here twice (first in line 1)", 0 },
        { "[a]: 1\n", "t.yaml:1:1: a key must be a plain word", 0 },
        { "? {a: 1}\n: 2\n", "t.yaml:1:3: a key must be a plain word", 0 },
        { "a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document is not allowed here", 0 },
        { "\ta: 1\n", "t.yaml:1:1: found character that cannot start any token", 0 },
        { "a:\n\t- 1\n", "t.yaml:2:1: found character that cannot start any token", 0 },
        { "a: [1, 2\n", "t.yaml:2:1: did not find expected ',' or ']'", 0 },
        { "a: \"x\n", "t.yaml:2:1: found unexpected end of stream", 0 },
        { "a: b: c\n", "t.yaml:1:5: mapping values are not allowed in this context", 0 },
        { "a: 1\n b: 2\n", "t.yaml:2:3: mapping values are not allowed in this context", 0 },
        { "a: \"x\\0y\"\n", "t.yaml:1:4: a value must not hold a NUL character", 0 },
        { "\"x\\0y\": a\n", "t.yaml:1:1: a key must not hold a NUL character", 0 },
        { "{\"a\": 1, \"a\": 2}", "t.yaml:1:10: key 'a' stands here twice (first in line 1)", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct yaml_node *untouched = NULL;
        struct err err;
        size_t length = rows[i].length ? rows[i].length : strlen(rows[i].text);
        rows_err(rows[i].text, yaml_parse(&arena, "t.yaml", rows[i].text, length, &untouched, &err),
                 &err, rows[i].want);
        (void)rows_that(!untouched, rows[i].text, "the output was touched");
    }
    rows_done();
}

static void test_yaml_parse_when_the_encoding_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *label, *text;
        size_t length;
    } rows[] = {
        { "Latin-1", "a: \xe4\n", 5 },
        { "overlong", "a: \xc0\xaf\n", 6 },
        { "surrogate", "a: \xed\xa0\x80\n", 7 },
        { "UTF-16", "a\0:\0 \0b\0", 8 },
        { "a NUL", "a: \0b\n", 6 },
        { "a control character", "a: \x01\n", 5 },
        { "cut inside a character", "a: \xe2\x82", 5 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct yaml_node *root = NULL;
        struct err err = { 0 };
        rows_number(rows[i].label,
                    yaml_parse(&arena, "t.yaml", rows[i].text, rows[i].length, &root, &err), -1);
        rows_number(rows[i].label, err.kind, ERR_DATA);
        (void)rows_that(err.at.line == 1, rows[i].label, "line %u", err.at.line);
    }
    rows_done();
}

static const char *repeated(const char *before, const char *piece, size_t times, const char *after)
{
    struct text text = { .arena = &arena };
    text_printf(&text, "%s", before);
    for (size_t i = 0; i < times; i++)
        text_add(&text, piece, strlen(piece));
    text_printf(&text, "%s", after);
    return text_get(&text);
}

static int parse(const char *text, struct err *err)
{
    struct yaml_node *root;
    return yaml_parse(&arena, "t.yaml", text, strlen(text), &root, err);
}

static void test_yaml_parse_bounds(void **state)
{
    (void)state;
    struct err err;
    struct text keys = { .arena = &arena };
    assert_int_equal(
        parse(arena_printf(&arena, "%s%s", repeated("", "[", 40, ""), repeated("", "]", 40, "")),
              &err),
        0);
    rows_err("depth", parse(repeated("", "[", 42, ""), &err), &err,
             "t.yaml:1:42: nested deeper than 40 levels");
    rows_err("depth of mappings", parse(repeated("", "{a: ", 42, ""), &err), &err,
             "t.yaml:1:165: nested deeper than 40 levels");
    rows_err("size", parse(repeated("a: ", "x", YAML_SIZE_MAX_BYTES, "\n"), &err), &err,
             "t.yaml:1:1: larger than 4 MiB");
    for (unsigned i = 0; i <= YAML_KEYS_MAX; i++)
        text_printf(&keys, "k%u: 1\n", i);
    rows_err("keys", parse(text_get(&keys), &err), &err,
             "t.yaml:4097:1: more than 4096 keys in one mapping");
    rows_done();
}

static void test_yaml_places(void **state)
{
    (void)state;
    static const char text[] = "a: 1\nb:\n  - x\n  - y: [z]\n";
    struct yaml_node *root;
    struct err err;
    assert_int_equal(yaml_parse(&arena, "t.yaml", text, sizeof text - 1, &root, &err), 0);
    const struct yaml_node *list = yaml_get(root, "b");
    assert_int_equal(root->pairs[1].key_at.line, 2);
    assert_int_equal(list->at.line, 3);
    assert_int_equal(list->at.column, 3);
    assert_int_equal(list->items[1]->at.line, 4);
    assert_int_equal(list->items[1]->at.column, 5);
    const struct yaml_node *inner = yaml_get(list->items[1], "y");
    assert_int_equal(inner->items[0]->at.column, 9);
    assert_string_equal(inner->at.file, "t.yaml");
    assert_null(yaml_get(root, "c"));
    assert_null(yaml_get(NULL, "c"));
    assert_null(yaml_get(list, "x"));
}

static void test_yaml_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *kind;
        bool is_null;
        int truth;        /* -1 = none */
        long long number; /* -1 = none */
    } rows[] = {
        { "12", "a number", false, -1, 12 },     { "0x10de", "a number", false, -1, 0x10de },
        { "'12'", "a string", false, -1, 12 },   { "-1", "a string", false, -1, -1 },
        { "1.5", "a string", false, -1, -1 },    { "true", "a truth value", false, 1, -1 },
        { "no", "a truth value", false, 0, -1 }, { "on", "a truth value", false, 1, -1 },
        { "'true'", "a string", false, -1, -1 }, { "True", "a string", false, -1, -1 },
        { "~", "nothing", true, -1, -1 },        { "null", "nothing", true, -1, -1 },
        { "''", "a string", false, -1, -1 },     { "", "nothing", true, -1, -1 },
        { "[]", "a list", false, -1, -1 },       { "{}", "a mapping", false, -1, -1 },
        { "word", "a string", false, -1, -1 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *text = arena_printf(&arena, "a: %s\n", rows[i].text);
        struct yaml_node *root;
        struct err err;
        uint64_t number = 99;
        bool truth = false;
        assert_int_equal(yaml_parse(&arena, "t", text, strlen(text), &root, &err), 0);
        const struct yaml_node *node = yaml_get(root, "a");
        rows_text(rows[i].text, yaml_kind_text(node), rows[i].kind);
        rows_number(rows[i].text, yaml_is_null(node), rows[i].is_null);
        rows_number(rows[i].text, yaml_to_bool(node, &truth) ? truth : -1, rows[i].truth);
        rows_number(rows[i].text, yaml_to_u64(node, &number) ? (long long)number : -1,
                    rows[i].number);
    }
    rows_done();
}

/* Each beginning of a text that holds everything is a tree or an error with a place. */
static void test_yaml_parse_when_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "# c\na: {b: [1, 'two', \"\\u00e4\"], c: ~}\nd:\n  - |\n    x\n  - "
                               "e: >\n      f\n\"g\": \xe2\x82\xac\n";
    for (size_t length = 0; length < sizeof text; length++) {
        struct yaml_node *root = NULL;
        struct err err = { 0 };
        if (yaml_parse(&arena, "t", text, length, &root, &err) < 0)
            assert_true(err.at.line > 0 && *err.text);
        else
            assert_non_null(root);
    }
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
        cmocka_unit_test_teardown(test_yaml_parse_trees, give_back),
        cmocka_unit_test_teardown(test_yaml_parse_when_bad_says_where, give_back),
        cmocka_unit_test_teardown(test_yaml_parse_when_the_encoding_is_wrong, give_back),
        cmocka_unit_test_teardown(test_yaml_parse_bounds, give_back),
        cmocka_unit_test_teardown(test_yaml_places, give_back),
        cmocka_unit_test_teardown(test_yaml_values, give_back),
        cmocka_unit_test_teardown(test_yaml_parse_when_cut_anywhere, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
