/* Trees as bytes: what comes back is what was parsed, and damaged bytes are refused. */
#include "base/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static const char sample[] = "id: first\n"
                             "empty: []\n"
                             "quoted: \"7\"\n"
                             "list:\n"
                             "  - 7\n"
                             "  - {deep: [yes, ~]}\n"
                             "tests: [{tests: 1}, two]\n"
                             "last: {tests: 3, kept: 4}\n";

static struct yaml_node *parse(struct arena *arena, const char *text)
{
    struct yaml_node *root;
    struct err err;
    assert_int_equal(yaml_parse(arena, "t", text, strlen(text), &root, &err), 0);
    return root;
}

static void assert_place(struct place a, struct place b)
{
    assert_string_equal(a.file, b.file);
    assert_int_equal(a.line, b.line);
    assert_int_equal(a.column, b.column);
}

static void assert_same(const struct yaml_node *a, const struct yaml_node *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->quoted, b->quoted);
    assert_place(a->at, b->at);
    assert_true(text_equal(a->text, b->text));
    for (size_t i = 0; a->kind == YAML_SEQUENCE && i < a->count; i++)
        assert_same(a->items[i], b->items[i]);
    for (size_t i = 0; a->kind == YAML_MAPPING && i < a->count; i++) {
        assert_string_equal(a->pairs[i].key, b->pairs[i].key);
        assert_place(a->pairs[i].key_at, b->pairs[i].key_at);
        assert_same(a->pairs[i].value, b->pairs[i].value);
    }
}

static void test_tree_unpack_gives_what_was_packed(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    size_t length;
    const struct yaml_node *root = parse(&arena, sample);
    const char *bytes = tree_pack(&arena, root, &length);
    const struct yaml_node *again = tree_unpack(&arena, "t", bytes, length, NULL);
    assert_non_null(again);
    assert_same(root, again);
    arena_clear(&arena);
}

static void test_tree_unpack_leaves_out_the_key(void **state)
{
    (void)state;
    static const char wanted[] = "id: first\nempty: []\nquoted: \"7\"\nlist:\n"
                                 "  - 7\n  - {deep: [yes, ~]}\n\nlast: {          kept: 4}\n";
    struct arena arena = { 0 };
    size_t length;
    const char *bytes = tree_pack(&arena, parse(&arena, sample), &length);
    const struct yaml_node *left = tree_unpack(&arena, "t", bytes, length, "tests");
    assert_non_null(left);
    assert_same(parse(&arena, wanted), left);
    arena_clear(&arena);
}

static void test_tree_unpack_of_broken_bytes(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    size_t length, refused = 0;
    const char *bytes = tree_pack(&arena, parse(&arena, sample), &length);
    for (size_t cut = 0; cut < length; cut++)
        assert_null(tree_unpack(&arena, "t", arena_strndup(&arena, bytes, cut), cut, "tests"));
    for (size_t at = 0; at < length; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            char *changed = arena_strndup(&arena, bytes, length);
            changed[at] = (char)(changed[at] ^ (1 << bit));
            refused += !tree_unpack(&arena, "t", changed, length, NULL);
        }
    }
    assert_true(refused > length); /* the others are another sound tree */
    arena_clear(&arena);
}

/* A small text must not become a deep walk. */
static void test_tree_unpack_of_a_deep_tree(void **state)
{
    (void)state;
    struct arena arena = { 0 };
    struct yaml_node *root = parse(&arena, "[]");
    size_t length;
    for (int depth = 0; depth <= YAML_DEPTH_MAX; depth++) {
        struct yaml_node *outer = parse(&arena, "[x]");
        outer->items[0] = root;
        const char *bytes = tree_pack(&arena, outer, &length);
        assert_int_equal(tree_unpack(&arena, "t", bytes, length, NULL) != NULL,
                         depth < YAML_DEPTH_MAX);
        root = outer;
    }
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_unpack_gives_what_was_packed),
        cmocka_unit_test(test_tree_unpack_leaves_out_the_key),
        cmocka_unit_test(test_tree_unpack_of_broken_bytes),
        cmocka_unit_test(test_tree_unpack_of_a_deep_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
