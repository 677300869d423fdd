/* What holds of the flag string for all strings: thousands of made-up ones, always the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "engine/flags.h"
#include "rows.h"

#define ROUNDS 3000

static struct arena arena;

/* Pieces that meet all that is special: quotes, dashes, lists in every form, the end of switches. */
static const char *const pieces[] = {
    " ",
    "  ",
    "\"",
    "\t",
    "'",
    "\\",
    "=",
    ",",
    "--",
    "-",
    "a",
    "--a",
    "--b=1",
    "--b=2",
    "-b=3",
    "--enable-features=A",
    "--enable-features=B,C",
    "--disable-features=A",
    "-disable-features=D",
    "--js-flags=--x",
    "--js-flags=\"--x --y\"",
    "--js-flags=--no-x",
    "--disable-c",
    "--enable-c",
    "--enable-blink-features=E",
    "--disable-blink-features=E",
    "\xc3\xa4",
    "$",
    "%",
    "--  ",
};
/* What plans add: one sound switch each. */
static const char *const added[] = {
    "--a",         "--b=2", "--enable-features=A,F",     "--disable-features=B",   "--js-flags=--z",
    "--disable-c", "--d",   "--enable-blink-features=G", "--disable-features=H,I", "--enable-d",
};

/* A linear congruence: the same sequence everywhere (Numerical Recipes, "quick and dirty"). */
static uint32_t next(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

static const char *made_up(uint32_t *seed)
{
    struct text text = { .arena = &arena };
    for (uint32_t i = next(seed, 9); i > 0; i--) {
        const char *piece = pieces[next(seed, ROWS(pieces))];
        text_printf(&text, "%s%s", next(seed, 3) ? " " : "", piece);
    }
    return text_get(&text);
}

static void plan_make_up(uint32_t *seed, struct strings *out)
{
    for (uint32_t i = next(seed, 4); i > 0; i--)
        ARENA_PUSH(&arena, out, added[next(seed, ROWS(added))]);
}

static const char *joined(const struct strings *items)
{
    struct text text = { .arena = &arena };
    for (size_t i = 0; i < items->count; i++)
        text_printf(&text, "%s<%s>", i ? " " : "", items->items[i]);
    return text_get(&text);
}

static const char *merged(const char *variable, const struct strings *plan,
                          struct flags_result *out)
{
    const struct flags_input input = { .variable = variable, .added = *plan };
    struct err err;
    *out = (struct flags_result){ 0 };
    if (flags_merge(&arena, &input, out, &err) < 0)
        fail_msg("'%s': %s", variable, err.text);
    return out->value;
}

static void test_flags_write_of_what_was_parsed_is_the_same(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < ROUNDS; i++) {
        struct strings first = { 0 }, second = { 0 };
        const char *made = made_up(&seed), *text = NULL;
        struct err err;
        flags_parse(&arena, made, &first);
        rows_err(made, flags_write(&arena, &first, &text, &err), &err, NULL);
        flags_parse(&arena, text, &second);
        rows_text(made, joined(&second), joined(&first));
    }
    rows_done();
}

static void test_flags_merge_twice_is_merge_once(void **state)
{
    (void)state;
    uint32_t seed = 2;
    for (int i = 0; i < ROUNDS; i++) {
        struct strings plan = { 0 };
        struct flags_result once, twice;
        const char *user = made_up(&seed);
        plan_make_up(&seed, &plan);
        const char *label = arena_printf(&arena, "'%s' + %s", user, joined(&plan));
        const char *value = merged(user, &plan, &once);
        rows_text(label, merged(value, &plan, &twice), value);
    }
    rows_done();
}

/* (user + a) + b is user + (a, b): it is the same whether a plan comes in one piece or in two. */
static void test_flags_merge_is_associative(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (int i = 0; i < ROUNDS; i++) {
        struct strings a = { 0 }, b = { 0 }, both = { 0 };
        struct flags_result first, second, whole;
        const char *user = made_up(&seed);
        plan_make_up(&seed, &a);
        plan_make_up(&seed, &b);
        for (size_t j = 0; j < a.count + b.count; j++)
            ARENA_PUSH(&arena, &both, j < a.count ? a.items[j] : b.items[j - a.count]);
        const char *label = arena_printf(&arena, "'%s' + %s + %s", user, joined(&a), joined(&b));
        const char *value = merged(user, &a, &first);
        merged(value, &b, &second);
        merged(user, &both, &whole);
        rows_text(label, joined(&second.switches), joined(&whole.switches));
    }
    rows_done();
}

/* What the user set is as it was: the value that counts of every switch, lists only longer. */
static void test_flags_merge_changes_nothing_of_the_users(void **state)
{
    (void)state;
    static const char *const names[] = { "a", "b", "disable-c", "enable-c" };
    static const char *const lists[] = { "enable-features", "disable-features", "js-flags",
                                         "enable-blink-features", "disable-blink-features" };
    uint32_t seed = 4;
    for (int i = 0; i < ROUNDS; i++) {
        struct strings plan = { 0 }, before = { 0 };
        struct flags_result result;
        const char *user = made_up(&seed), *was, *is;
        plan_make_up(&seed, &plan);
        flags_parse(&arena, user, &before);
        merged(user, &plan, &result);
        const char *label = arena_printf(&arena, "'%s' + %s", user, joined(&plan));
        for (size_t j = 0; j < ROWS(names); j++) {
            if (flags_has(&before, names[j], &was)) {
                (void)rows_that(flags_has(&result.switches, names[j], &is), label, "lost %s",
                                names[j]);
                rows_text(label, is, was);
            }
        }
        for (size_t j = 0; j < ROWS(lists); j++) {
            if (!flags_has(&before, lists[j], &was))
                continue;
            (void)rows_that(flags_has(&result.switches, lists[j], &is), label, "lost %s", lists[j]);
            (void)rows_that(text_starts(is, text_trim(&arena, was)), label, "%s was '%s', is '%s'",
                            lists[j], was, is);
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
        cmocka_unit_test_teardown(test_flags_write_of_what_was_parsed_is_the_same, give_back),
        cmocka_unit_test_teardown(test_flags_merge_twice_is_merge_once, give_back),
        cmocka_unit_test_teardown(test_flags_merge_is_associative, give_back),
        cmocka_unit_test_teardown(test_flags_merge_changes_nothing_of_the_users, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
