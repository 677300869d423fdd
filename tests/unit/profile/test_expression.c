/* The expressions of `matches`: what they match, what is refused, and that none takes for ever. */
#include "profile/expression_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rows.h"

static struct arena arena;

static void test_expression_matches_rows(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *text;
        bool want;
    } rows[] = {
        { "", "", true },
        { "", "a", false },
        { "abc", "abc", true },
        { "abc", "abcd", false }, /* the whole value */
        { "abc", "xabc", false },
        { "^abc$", "abc", true },
        { "abc", "ABC", false },
        { "(?i)abc", "AbC", true },
        { "(?i)[a-c]+", "CAB", true },
        { ".*", "", true },
        { ".*(llvmpipe|softpipe).*", "llvmpipe (LLVM 15, 256 bits)", true },
        { ".*(llvmpipe|softpipe).*", "Mesa Intel(R) UHD", false },
        { ".*(a|b.*)", "xbyz", true },
        { ".*(a|b.*)", "xayz", false },
        { "(a|b).*", "c", false },
        { "x(ab.*)?", "xabc", true },
        { "x(ab.*)?", "xa", false },
        { "a*b.*", "aabzz", true },
        { ".*aab", "xxaaab", true }, /* the beginning is looked for at every byte */
        { ".*aab", "xxaabx", false },
        { ".*(ab|ba)+c", "aababac", true },
        { ".*(ab|ba)+c", "xabxc", false },
        { ".*a?", "xyz", true },
        { ".*a?b", "xyz", false },
        { ".*x.*y", "--x--y", true },
        { ".*x.*y", "--y--x", false },
        { ".*", "\n\xff", true },
        { ".*.", "a", true },
        { "(.*)a", "bbba", true },
        { "[a-z]*b", "aa1b", false },
        { "(?i).*MESA.*", "a Mesa b", true },
        { ".*a|b", "b", true },
        { ".*a|b", "cb", false },
        { "a.c",
          "a\xc3\xa9"
          "c",
          false }, /* a dot is a byte */
        { "a..c",
          "a\xc3\xa9"
          "c",
          true },
        { "a\\.c", "a.c", true },
        { "a\\.c", "abc", false },
        { "[0-9]{2,3}", "1", false },
        { "[0-9]{2,3}", "12", true },
        { "[0-9]{2,3}", "1234", false },
        { "[0-9]{2}", "12", true },
        { "[0-9]{2,}", "123456", true },
        { "(ab)?c", "c", true },
        { "(ab)?c", "abc", true },
        { "(ab)+", "abab", true },
        { "(ab)*", "aba", false },
        { "[^a-z]", "A", true },
        { "[^a-z]", "b", false },
        { "[]a]", "]", true },
        { "[a-]", "-", true },
        { "[[:digit:]]+", "2024", true },
        { "[[:alpha:]_]+", "a_b", true },
        { "[[:alpha:]]+", "a1", false },
        { "a||b", "", true },
        { "(a|b|)c", "c", true },
        { "()", "", true },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct expression *expression;
        struct err err;
        const char *label = arena_printf(&arena, "%s with %s", rows[i].expression, rows[i].text);
        int result = expression_compile(&arena, rows[i].expression, &expression, &err);
        rows_err(label, result, &err, NULL);
        if (result == 0)
            rows_number(label, expression_matches(expression, rows[i].text), rows[i].want);
    }
    rows_done();
}

static void test_expression_compile_when_wrong_says_what(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *want;
    } rows[] = {
        { "(", "'(' is not closed" },
        { ")", "')' has no '('" },
        { "a(b", "'(' is not closed" },
        { "[", "'[' is not closed" },
        { "[a", "'[' is not closed" },
        { "[z-a]", "a range in brackets runs backwards or leaves ASCII" },
        { "[[:nothing:]]", "unknown class in brackets" },
        { "[[.a.]]", "'[.' and '[=' are not supported" },
        { "[\\d]", "a backslash or a letter outside ASCII cannot stand in brackets" },
        { "*", "a repetition has nothing to repeat" },
        { "a|+", "a repetition has nothing to repeat" },
        { "a**", "a repetition of a repetition needs parentheses" },
        { "a{2}{3}", "a repetition of a repetition needs parentheses" },
        { "a{", "'{' wants {m}, {m,} or {m,n} with numbers up to 64" },
        { "a{3,2}", "'{' wants {m}, {m,} or {m,n} with numbers up to 64" },
        { "a{65}", "'{' wants {m}, {m,} or {m,n} with numbers up to 64" },
        { "a{99999999999}", "'{' wants {m}, {m,} or {m,n} with numbers up to 64" },
        { "(a)\\1", "back references are not supported" },
        { "\\d", "a backslash may only stand before a punctuation character" },
        { "a\\", "a backslash may only stand before a punctuation character" },
        { "(?=a)", "'(?' is not supported, only '(?i)' at the very start" },
        { "a(?i)b", "'(?' is not supported, only '(?i)' at the very start" },
        { "a^b", "the whole value is compared: '^' and '$' stand at the ends or not at all" },
        { "a$b", "the whole value is compared: '^' and '$' stand at the ends or not at all" },
        { "((((((((((((((((( a )))))))))))))))))", "too many parentheses in parentheses" },
        { "((a{64}){64}){64}", "the expression is too large" },
        { "(((){64}){64}){64}", "the expression is too large" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct expression *expression = NULL;
        struct err err;
        rows_err(rows[i].expression,
                 expression_compile(&arena, rows[i].expression, &expression, &err), &err,
                 rows[i].want);
        (void)rows_that(!expression, rows[i].expression, "touched the output");
    }
    rows_done();
}

static void test_expression_compile_when_too_long_is_refused(void **state)
{
    char text[EXPRESSION_BYTES_MAX + 2];
    const struct expression *expression;
    struct err err;
    (void)state;
    memset(text, 'a', sizeof text);
    text[EXPRESSION_BYTES_MAX + 1] = '\0';
    assert_int_equal(expression_compile(&arena, text, &expression, &err), -1);
    assert_string_equal(err.text, "the expression is longer than 256 bytes");
    text[EXPRESSION_BYTES_MAX] = '\0';
    assert_int_equal(expression_compile(&arena, text, &expression, &err), 0);
    assert_true(expression_matches(expression, text));
}

/* Each of these takes a backtracking matcher longer than the age of the universe; the test ends
 * because the steps are bounded, else the runner's limit ends it. */
static void test_expression_matches_when_pathological_ends(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "(a*)*b", "(a|a)*b", "(a|aa)+b", "(.*.*.*.*.*)*b", "((a?){60})(a{60})b", "(a+a+)+b",
    };
    const size_t length = 20000;
    char *text = arena_alloc(&arena, length + 1);
    memset(text, 'a', length);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct expression *expression;
        struct err err;
        int result = expression_compile(&arena, rows[i], &expression, &err);
        rows_err(rows[i], result, &err, NULL);
        if (result == 0)
            rows_number(rows[i], expression_matches(expression, text), 0);
    }
    rows_done();
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expression_matches_rows),
        cmocka_unit_test(test_expression_compile_when_wrong_says_what),
        cmocka_unit_test(test_expression_compile_when_too_long_is_refused),
        cmocka_unit_test(test_expression_matches_when_pathological_ends),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
