/* Full-match patterns. What is wanted follows the syntax of RE2 (https://github.com/google/re2) for
 * the part of it that stands in the lists of Chromium; all else is refused with its place. */
#include "engine/pattern_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

#define LONG_BYTES (256 * 1024)

static struct arena arena;

static const struct {
    const char *pattern, *text;
    bool want;
} match_rows[] = {
    { "NVIDIA", "NVIDIA", true },
    { "NVIDIA", "NVIDIA ", false },
    { "NVIDIA", "nvidia", false },
    { "NVIDIA", "", false },
    { "", "", true },
    { "", "a", false },
    { ".*", "", true },
    { ".*", "anything", true },
    { ".*", "two\nlines", false },
    { ".", "\xc3\xa4", false },
    { "..", "\xc3\xa4", true },
    { "\xc3\xa4", "\xc3\xa4", true },
    { "X\\.Org.*", "X.Org R300 Project", true },
    { "X\\.Org.*", "XxOrg", false },
    { "(?i).*software.*", "Software Rasterizer", true },
    { "(?i).*software.*", "SOFTWARE", true },
    { "(?i)[a-c]x", "BX", true },
    { "(?i)[^a]", "A", false },
    { "(?i)[^a]", "b", true },
    { "(?i)\\.", ".", true },
    { "(?i).*(software|llvmpipe|softpipe).*", "Mesa llvmpipe (LLVM 15)", true },
    { "(?i).*(software|llvmpipe|softpipe).*", "Mesa Intel(R) UHD", false },
    { "a|b|c", "c", true },
    { "a|b|c", "ab", false },
    { "(a|b)(c|d)", "bc", true },
    { "(a|b|)x", "x", true },
    { "|a", "", true },
    { "a||b", "", true },
    { "()", "", true },
    { "(?:ab)+", "ababab", true },
    { "(?:ab)+", "aba", false },
    { "(ab)?c", "c", true },
    { "(ab)?c", "abc", true },
    { "(a*)*", "aaaa", true },
    { "(a*)*b", "aaab", true },
    { "(a|aa)+", "aaaaa", true },
    { "a+?b*?c??", "aab", true },
    { "a*", "b", false },
    { "a+", "", false },
    { "[a-z]+[0-9]", "abc7", true },
    { "[a-z]+[0-9]", "abc", false },
    { "[^0-9]", "x", true },
    { "[^0-9]", "5", false },
    { "[]a]+", "]a]", true },
    { "[^]a]", "]", false },
    { "[a-]", "-", true },
    { "[-a]", "-", true },
    { "[\\d.]+", "12.5", true },
    { "[\\]x]", "]", true },
    { "[a\\-z]", "-", true },
    { "[a\\-z]", "b", false },
    { "\\d+\\.\\d+", "4.6", true },
    { "\\d", "x", false },
    { "\\D", "x", true },
    { "\\w+", "GL_EXT_x1", true },
    { "\\W", "_", false },
    { "a\\sb", "a b", true },
    { "a\\sb", "a\vb", false },
    { "a\\Sb", "a-b", true },
    { "a\\tb", "a\tb", true },
    { "a\\nb", "a\nb", true },
    { "Adreno \\(TM\\) 2.*", "Adreno (TM) 220", true },
    { "Adreno \\(TM\\) 2.*", "Adreno (TM) 320", false },
    { "ANGLE \\((.*), (.*), (.*)\\)", "ANGLE (Intel, Mesa Intel(R) UHD, OpenGL 4.6)", true },
    { ".*GL_SUN_slice_accum", "GL_A GL_SUN_slice_accum", true },
    { ".*GL_SUN_slice_accum", "GL_SUN_slice_accum GL_A", false },
};

static void test_pattern_matches_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(match_rows); i++) {
        struct err err;
        const struct pattern *pattern = pattern_compile(&arena, match_rows[i].pattern, &err);
        if (!rows_that(pattern != NULL, match_rows[i].pattern, "%s", err.text))
            continue;
        (void)rows_that(pattern_matches(pattern, match_rows[i].text) == match_rows[i].want,
                        match_rows[i].pattern, "%s '%s'",
                        match_rows[i].want ? "does not match" : "matches", match_rows[i].text);
        rows_text(match_rows[i].pattern, pattern_text(pattern), match_rows[i].pattern);
    }
    rows_done();
}

static void test_pattern_compile_when_wrong_tells_where(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *want;
    } rows[] = {
        { "(a", "bad pattern '(a': missing ')' at byte 3" },
        { "a)", "bad pattern 'a)': unmatched ')' at byte 2" },
        { "[a", "bad pattern '[a': missing ']' at byte 3" },
        { "[", "bad pattern '[': missing ']' at byte 2" },
        { "[z-a]", "bad pattern '[z-a]': the range runs backwards at byte 5" },
        { "[[:alpha:]]", "bad pattern '[[:alpha:]]': named classes are not supported at byte 2" },
        { "[\xc3\xa4]", "bad pattern '[\xc3\xa4]': a class holds ASCII only at byte 2" },
        { "*a", "bad pattern '*a': nothing to repeat at byte 1" },
        { "a|*", "bad pattern 'a|*': nothing to repeat at byte 3" },
        { "a**", "bad pattern 'a**': repeated twice at byte 3" },
        { "a*?\?", "bad pattern 'a*?\?': repeated twice at byte 4" },
        { "a{2}", "bad pattern 'a{2}': this is not supported at byte 2" },
        { "a*{2}", "bad pattern 'a*{2}': repeated twice at byte 3" },
        { "^a", "bad pattern '^a': this is not supported at byte 1" },
        { "a$", "bad pattern 'a$': this is not supported at byte 2" },
        { "a\\", "bad pattern 'a\\': this escape is not supported at byte 3" },
        { "\\b", "bad pattern '\\b': this escape is not supported at byte 2" },
        { "\\Qx\\E", "bad pattern '\\Qx\\E': this escape is not supported at byte 2" },
        { "a(?i)b", "bad pattern 'a(?i)b': this kind of group is not supported at byte 3" },
        { "(?P<n>a)", "bad pattern '(?P<n>a)': this kind of group is not supported at byte 2" },
        { "(?=a)", "bad pattern '(?=a)': this kind of group is not supported at byte 2" },
        { "((((((((((((((((()))))))))))))))))",
          "bad pattern '((((((((((((((((()))))))))))))))))': too many groups inside each other "
          "at byte 18" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err = { 0 };
        const struct pattern *pattern = pattern_compile(&arena, rows[i].pattern, &err);
        rows_err(rows[i].pattern, pattern ? 0 : -1, &err, rows[i].want);
        rows_number(rows[i].pattern, err.kind, ERR_DATA);
    }
    rows_done();
}

static const char *repeated(const char *piece, size_t times)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < times; i++)
        text_add(&text, piece, strlen(piece));
    return text_get(&text);
}

static void test_pattern_compile_when_too_long_is_refused(void **state)
{
    (void)state;
    struct err err;
    assert_non_null(pattern_compile(&arena, repeated("a", 511), &err));
    assert_null(pattern_compile(&arena, repeated("a", 512), &err));
    assert_non_null(strstr(err.text, "bad pattern"));
    assert_null(pattern_compile(&arena, repeated("a*", 2000), &err));
    assert_null(pattern_compile(&arena, repeated("|", 2000), &err));
    assert_null(pattern_compile(&arena, repeated("(", 2000), &err));
}

/* Patterns that take for ever in a matcher that tries and goes back; here each byte is looked at
 * once. The test would not end within its time limit otherwise. */
static void test_pattern_matches_when_hostile_ends(void **state)
{
    (void)state;
    static const char *const rows[] = { "(a*)*b",    "(a|aa)+b",          "(a|a)*b",
                                        "((a*)*)*b", ".*.*.*.*.*.*.*.*b", "(.*a)+b" };
    const char *text = repeated("a", LONG_BYTES);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct err err;
        const struct pattern *pattern = pattern_compile(&arena, rows[i], &err);
        if (rows_that(pattern != NULL, rows[i], "%s", err.text))
            (void)rows_that(!pattern_matches(pattern, text), rows[i], "matches");
    }
    rows_done();
}

/* Every beginning of a pattern compiles or is refused; nothing is read behind its end. */
static void test_pattern_compile_when_cut_anywhere(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "(?i).*(software|llvmpipe)[^a-z\\]]+\\(TM\\)?x*?",
        "(?:a|[b-d\\d]+|\\s)*\\.\\-(e|)",
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        for (size_t length = 0; length <= strlen(rows[i]); length++) {
            struct err err = { 0 };
            const char *cut = arena_strndup(&arena, rows[i], length);
            if (!pattern_compile(&arena, cut, &err))
                (void)rows_that(text_starts(err.text, "bad pattern"), cut, "said '%s'", err.text);
        }
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
        cmocka_unit_test_teardown(test_pattern_matches_the_whole, give_back),
        cmocka_unit_test_teardown(test_pattern_compile_when_wrong_tells_where, give_back),
        cmocka_unit_test_teardown(test_pattern_compile_when_too_long_is_refused, give_back),
        cmocka_unit_test_teardown(test_pattern_matches_when_hostile_ends, give_back),
        cmocka_unit_test_teardown(test_pattern_compile_when_cut_anywhere, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
