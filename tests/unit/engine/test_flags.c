/* The flag string: read and written as Qt does, merged so that the user wins. Rows of Qt's grammar
 * follow parseEnvCommandLine in src/core/web_engine_context.cpp, those of switches InitFromArgv in
 * Chromium's base/command_line.cc. */
#include "engine/flags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"

#define LONG_BYTES (8 * 1024)

static struct arena arena;

/* Items with '|' between, since they hold spaces. */
static const char *joined(const struct strings *items)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < items->count; i++)
        text_printf(&text, "%s%s", i ? "|" : "", items->items[i]);
    return text_get(&text);
}

static void split(const char *text, struct strings *out)
{
    while (text && *text) {
        size_t length = strcspn(text, "|");
        ARENA_PUSH(&arena, out, arena_strndup(&arena, text, length));
        text += length + (text[length] == '|');
    }
}

static void test_flags_parse_as_qt_does(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "" },
        { "   ", "" },
        { "--a", "--a" },
        { " --a  --b ", "--a|--b" },
        { "--a --b=c d", "--a|--b=c|d" },
        { "--a=\"b c\" --d", "--a=b c|--d" },
        { "\"--a=b c\"", "--a=b c" },
        { "--a\" \"b", "--a b" },
        { "--a=\"b", "--a=b" },
        { "--a=\"b --c  ", "--a=b --c  " },
        { "\"\"", "" },
        { "--a \"\" --b", "--a|--b" },
        { "--a=\"\"", "--a=" },
        { "--a\"\"b", "--ab" },
        { "--a=\\\"b c\\\"", "--a=\\b c\\" },
        { "--a='b c'", "--a='b|c'" },
        { "--a\t--b", "--a\t--b" },
        { "--a\n--b", "--a\n--b" },
        { "--a=$HOME `x` %d", "--a=$HOME|`x`|%d" },
        { "--a=\xc3\xa4 --b", "--a=\xc3\xa4|--b" },
        { "\"  \"", "  " },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct strings items = { 0 };
        flags_parse(&arena, rows[i].text, &items);
        rows_text(rows[i].text, joined(&items), rows[i].want);
    }
    rows_done();
}

static void test_flags_write_quotes_what_holds_a_space(void **state)
{
    (void)state;
    static const struct {
        const char *items, *want, *want_err;
    } rows[] = {
        { "", "", NULL },
        { "--a", "--a", NULL },
        { "--a|--b=c", "--a --b=c", NULL },
        { "--a=b c|--d", "\"--a=b c\" --d", NULL },
        { "--a=\t", "--a=\t", NULL },
        { "--a=\"b", NULL,
          "'--a=\"b' holds a quotation mark, which Qt cannot read inside a switch" },
        { "--a=\n", NULL, "a switch holds a line break" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct strings items = { 0 };
        const char *untouched = NULL, *text = NULL;
        struct err err;
        split(rows[i].items, &items);
        rows_err(rows[i].items, flags_write(&arena, &items, &text, &err), &err, rows[i].want_err);
        rows_text(rows[i].items, text, rows[i].want_err ? untouched : rows[i].want);
    }
    struct strings empty = { 0 };
    struct err err;
    const char *text = "untouched";
    ARENA_PUSH(&arena, &empty, "");
    rows_err("an empty one", flags_write(&arena, &empty, &text, &err), &err,
             "an empty switch cannot be written");
    rows_text("an empty one", text, "untouched");
    rows_done();
}

/* What was read is written, and read again: the same items. */
static void test_flags_write_then_parse_gives_the_same(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "--a --b",
        "--a=\"x y\" --b",
        "\" --a\" --b",
        "--js-flags=\"--x --y\" --enable-features=A,B --disable-gpu",
        "\"--a  b\"\"c\" \"\" d",
        "--unclosed=\"a b",
        "  --a  \"  \"  ",
        "--a\tb --c=\xe2\x82\xac",
        "--a=$(x) --b=`y` --c=%s --d=\\n",
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct strings first = { 0 }, second = { 0 };
        const char *text = NULL;
        struct err err;
        flags_parse(&arena, rows[i], &first);
        rows_err(rows[i], flags_write(&arena, &first, &text, &err), &err, NULL);
        if (text)
            flags_parse(&arena, text, &second);
        rows_text(rows[i], joined(&second), joined(&first));
    }
    rows_done();
}

static void test_flags_parse_when_the_text_is_long(void **state)
{
    (void)state;
    struct text text = { .arena = &arena };
    struct strings items = { 0 }, again = { 0 };
    const char *written = NULL;
    struct err err;
    while (text.length < LONG_BYTES)
        text_printf(&text, "--switch-%u=\"a b\" ", (unsigned)text.length);
    flags_parse(&arena, text_get(&text), &items);
    assert_int_equal(flags_write(&arena, &items, &written, &err), 0);
    flags_parse(&arena, written, &again);
    assert_true(items.count > 300);
    assert_string_equal(joined(&again), joined(&items));
}

struct merge_row {
    const char *label, *variable, *arguments, *added;
    const char *want;      /* value; NULL = do not set it */
    const char *want_kept; /* with '|' between */
};

static const struct merge_row merge_rows[] = {
    { "nothing at all", NULL, "", "", NULL, "" },
    { "nothing added", "--a  \"--b c\"", "", "", "--a  \"--b c\"", "" },
    { "set but empty stays", "", "", "", "", "" },
    { "into nothing", NULL, "", "--disable-gpu", "--disable-gpu", "" },
    { "into empty", "", "", "--disable-gpu", "--disable-gpu", "" },
    { "behind the user's", "--a", "", "--b|--c=1", "--a --b --c=1", "" },
    { "already there", "--disable-gpu", "", "--disable-gpu", "--disable-gpu", "" },
    { "there with one dash", "-disable-gpu  ", "", "--disable-gpu", "-disable-gpu  ", "" },
    { "there with another value", "--use-gl=egl", "", "--use-gl=angle", "--use-gl=egl",
      "--use-gl=angle: the user has --use-gl=egl" },
    { "there without a value", "--use-gl", "", "--use-gl=angle", "--use-gl",
      "--use-gl=angle: the user has --use-gl" },
    { "the last of the user's counts", "--use-gl=a --use-gl=b", "", "--use-gl=b",
      "--use-gl=a --use-gl=b", "" },
    { "the user says the contrary", "--enable-gpu-rasterization", "", "--disable-gpu-rasterization",
      "--enable-gpu-rasterization",
      "--disable-gpu-rasterization: the user has --enable-gpu-rasterization" },
    { "another case is another switch", "--Disable-GPU", "", "--disable-gpu",
      "--Disable-GPU --disable-gpu", "" },
    { "before what ends the switches", "--a -- --b", "", "--b", "--a --b -- --b", "" },

    { "features are joined", "--enable-features=A,B", "", "--enable-features=B,C",
      "--enable-features=A,B,C", "" },
    { "features with one dash", "-enable-features=A", "", "--enable-features=B",
      "--enable-features=A,B", "" },
    { "only the last list counts", "--enable-features=A --enable-features=B", "",
      "--enable-features=C", "--enable-features=A --enable-features=B,C", "" },
    { "features the user turned off", "--disable-features=A,X", "", "--enable-features=A,B",
      "--disable-features=A,X --enable-features=B",
      "--enable-features=A: the user has --disable-features=A" },
    { "features the user turned on", "--enable-features=A", "", "--disable-features=A",
      "--enable-features=A", "--disable-features=A: the user has --enable-features=A" },
    { "features with a trial", "--enable-features=A<Trial", "", "--enable-features=A",
      "--enable-features=A<Trial", "--enable-features=A: the user has A<Trial" },
    { "features of a list that is empty", "--enable-features=", "", "--enable-features=A",
      "--enable-features=A", "" },
    { "features with empty items", "--enable-features=,A,,", "", "--enable-features=B",
      "--enable-features=,A,,,B", "" },
    { "features of blink", "--enable-blink-features=A", "", "--disable-blink-features=B",
      "--enable-blink-features=A --disable-blink-features=B", "" },
    { "flags of V8", "--js-flags=--x", "", "--js-flags=--y", "\"--js-flags=--x --y\"", "" },
    { "flags of V8 that are there", "--js-flags=\"--x --y\"", "", "--js-flags=--x",
      "--js-flags=\"--x --y\"", "" },
    { "flags of V8 by another spelling", "--js-flags=--predictable_gc_schedule", "",
      "--js-flags=--predictable-gc-schedule", "--js-flags=--predictable_gc_schedule",
      "--js-flags=--predictable-gc-schedule: the user has --predictable_gc_schedule" },
    { "flags of V8 that the user denies", "--js-flags=--no-x", "", "--js-flags=--x",
      "--js-flags=--no-x", "--js-flags=--x: the user has --no-x" },

    { "arguments are carried over", NULL, "--a|--b=x y", "--disable-gpu",
      "--a \"--b=x y\" --disable-gpu", "" },
    { "arguments stay where nothing is added", NULL, "--a", "", NULL, "" },
    { "arguments that Qt drops already", "--v", "--a", "--disable-gpu", "--v --disable-gpu", "" },
    { "a variable that is empty drops them too", "", "--a", "--disable-gpu", "--disable-gpu", "" },
    { "arguments win over the plan", NULL, "--use-gl=egl", "--use-gl=angle", NULL,
      "--use-gl=angle: the user has --use-gl=egl" },
};

static bool merge(const struct merge_row *row, const char *variable, struct flags_result *out)
{
    struct flags_input input = { .variable = variable };
    struct err err;
    split(row->arguments, &input.arguments);
    split(row->added, &input.added);
    *out = (struct flags_result){ 0 };
    int result = flags_merge(&arena, &input, out, &err);
    rows_err(row->label, result, &err, NULL);
    return result == 0;
}

static void test_flags_merge_lets_the_user_win(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(merge_rows); i++) {
        const struct merge_row *row = &merge_rows[i];
        struct flags_result result;
        struct strings items = { 0 };
        if (!merge(row, row->variable, &result))
            continue;
        rows_text(row->label, result.value, row->want);
        rows_text(row->label, joined(&result.kept), row->want_kept);
        if (!result.value)
            continue;
        flags_parse(&arena, result.value, &items);
        rows_text(row->label, joined(&items), joined(&result.switches));
    }
    rows_done();
}

static void test_flags_merge_when_done_twice_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(merge_rows); i++) {
        struct flags_result once, twice;
        if (merge(&merge_rows[i], merge_rows[i].variable, &once) && once.value
            && merge(&merge_rows[i], once.value, &twice)) {
            rows_text(merge_rows[i].label, twice.value, once.value);
            rows_text(merge_rows[i].label, joined(&twice.switches), joined(&once.switches));
        }
    }
    rows_done();
}

/* Two plans in either order hold the same, as long as neither denies the other. */
static void test_flags_merge_of_two_plans_in_either_order(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "--disable-gpu", "--disable-webgl" },
        { "--enable-features=A,B", "--enable-features=B,C" },
        { "--js-flags=--x", "--disable-gpu" },
    };
    for (size_t i = 0; i < ROWS(pairs); i++) {
        struct flags_result first, there, back;
        const struct merge_row one = { pairs[i][0], "--u", "", pairs[i][0], NULL, NULL };
        const struct merge_row two = { pairs[i][1], "--u", "", pairs[i][1], NULL, NULL };
        if (!merge(&one, "--u", &first) || !merge(&two, first.value, &there)
            || !merge(&two, "--u", &first) || !merge(&one, first.value, &back))
            continue;
        rows_number(pairs[i][0], (long long)there.switches.count, (long long)back.switches.count);
        rows_number(pairs[i][0], (long long)there.kept.count, 0);
        rows_number(pairs[i][0], (long long)back.kept.count, 0);
    }
    rows_done();
}

static void test_flags_merge_when_qt_cannot_write_it(void **state)
{
    (void)state;
    struct flags_input input = { 0 };
    struct flags_result result = { .value = "untouched" };
    struct err err;
    ARENA_PUSH(&arena, &input.arguments, "--title=a \"b\"");
    ARENA_PUSH(&arena, &input.added, "--disable-gpu");
    rows_err("a quotation mark", flags_merge(&arena, &input, &result, &err), &err,
             "cannot add to QTWEBENGINE_CHROMIUM_FLAGS: '--title=a \"b\"' holds a quotation mark, "
             "which Qt cannot read inside a switch");
    rows_text("a quotation mark", result.value, "untouched");
    rows_number("kind", err.kind, ERR_DATA);
    rows_done();
}

static void test_flags_of_arguments_by_version(void **state)
{
    (void)state;
    static const struct {
        const char *qt, *arguments, *want;
    } rows[] = {
        { "5.15.13", "file.html|--a|-b|--c=d e", "--a|-b|--c=d e" },
        { "6.3.2", "--a|--|--b", "--a" },
        { "6.3.2", "--a|--webEngineArgs|--b", "--a|--webEngineArgs|--b" },
        { "6.4.0", "--a|--b", "" },
        { "6.4.2", "--a|--webEngineArgs|--b|x|--c", "--b|--c" },
        { "6.4.2", "--webengineargs|--b", "" },
        { "6.6.3", "--WEBENGINEARGS|--b", "" },
        { "6.7.0", "--webengineargs|--b", "--b" },
        { "6.10.1", "--WebEngineArgs|--b|--|--c", "--b" },
        { NULL, "--a|--webEngineArgs|--b", "--b" },
        { NULL, "--webEngineArgs", "" },
        { "6.8.2", "", "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = arena_printf(&arena, "%s %s", rows[i].qt ? rows[i].qt : "unknown",
                                         rows[i].arguments);
        struct strings arguments = { 0 }, out = { 0 };
        split(rows[i].arguments, &arguments);
        flags_of_arguments(&arena, rows[i].qt, &arguments, &out);
        rows_text(label, joined(&out), rows[i].want);
    }
    rows_done();
}

static void test_flags_has_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *items, *name;
        bool want;
        const char *value;
    } rows[] = {
        { "--disable-gpu", "disable-gpu", true, "" },
        { "-disable-gpu", "disable-gpu", true, "" },
        { "  --disable-gpu\t", "disable-gpu", true, "" },
        { "--disable-gpu=1", "disable-gpu", true, "1" },
        { "--use-gl=a|--use-gl=b", "use-gl", true, "b" },
        { "--use-gl=a|--use-gl", "use-gl", true, "" },
        { "--use-gl=a=b", "use-gl", true, "a=b" },
        { "---disable-gpu", "disable-gpu", false, NULL },
        { "disable-gpu", "disable-gpu", false, NULL },
        { "/disable-gpu", "disable-gpu", false, NULL },
        { "--Disable-gpu", "disable-gpu", false, NULL },
        { "--disable-gpu-compositing", "disable-gpu", false, NULL },
        { "--disable-gp", "disable-gpu", false, NULL },
        { "--|--disable-gpu", "disable-gpu", false, NULL },
        { " -- |--disable-gpu", "disable-gpu", false, NULL },
        { "--a|-", "", false, NULL },
        { "", "disable-gpu", false, NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct strings items = { 0 };
        const char *value = NULL;
        split(rows[i].items, &items);
        rows_number(rows[i].items, flags_has(&items, rows[i].name, &value), rows[i].want);
        rows_number(rows[i].items, flags_has(&items, rows[i].name, NULL), rows[i].want);
        rows_text(rows[i].items, value, rows[i].value);
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
        cmocka_unit_test_teardown(test_flags_parse_as_qt_does, give_back),
        cmocka_unit_test_teardown(test_flags_write_quotes_what_holds_a_space, give_back),
        cmocka_unit_test_teardown(test_flags_write_then_parse_gives_the_same, give_back),
        cmocka_unit_test_teardown(test_flags_parse_when_the_text_is_long, give_back),
        cmocka_unit_test_teardown(test_flags_merge_lets_the_user_win, give_back),
        cmocka_unit_test_teardown(test_flags_merge_when_done_twice_changes_nothing, give_back),
        cmocka_unit_test_teardown(test_flags_merge_of_two_plans_in_either_order, give_back),
        cmocka_unit_test_teardown(test_flags_merge_when_qt_cannot_write_it, give_back),
        cmocka_unit_test_teardown(test_flags_of_arguments_by_version, give_back),
        cmocka_unit_test_teardown(test_flags_has_in_every_spelling, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
