/* The corpus of secrets: none may stay; and the lines that a report needs: all stay as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "incident/redact.h"
#include "incident/redact_private.h"
#include "platform/file.h"

#define CORPUS QWGUARD_SRC_DIR "/tests/data/secrets/"

static const struct redact_names names = { "/srv/people/mallory", "mallory", "east-3.corp.example",
                                           "kiosk" };

static const char *corpus(struct arena *arena, const char *name)
{
    struct err err;
    const char *bytes = "";
    if (file_read(arena, path_join(arena, CORPUS, name), 1 << 20, &bytes, NULL, &err) < 0)
        fail_msg("%s", err.text);
    return bytes;
}

/* The row's text or list of words as it leaves. */
static const char *row_redact(struct arena *arena, json_t *row)
{
    const char *text = json_string_value(json_object_get(row, "text"));
    json_t *argv = json_object_get(row, "argv");
    if (text)
        return redact_text(arena, text_clean(arena, text, strlen(text)), &names);
    redact_json(argv, &names);
    return json_format(arena, argv);
}

static size_t leaks_of(json_t *row, const char *left)
{
    size_t leaks = 0, at;
    json_t *secret;
    json_array_foreach(json_object_get(row, "secrets"), at, secret)
    {
        if (!strstr(left, json_string_value(secret)))
            continue;
        print_error("%s: '%s' is left in: %s\n", json_string_value(json_object_get(row, "label")),
                    json_string_value(secret), left);
        leaks++;
    }
    return leaks;
}

static void test_text_when_corpus_of_secrets_then_none_is_left(void **state)
{
    struct arena arena = { 0 };
    const char *at = corpus(&arena, "secrets.jsonl");
    size_t rows = 0, leaks = 0;
    (void)state;
    for (; *at; at += strcspn(at, "\n") + 1, rows++) {
        struct err err;
        CLEANUP(json_freep) json_t *row = json_parse("secrets.jsonl", at, strcspn(at, "\n"), &err);
        assert_non_null(row);
        assert_true(json_array_size(json_object_get(row, "secrets")) > 0);
        leaks += leaks_of(row, row_redact(&arena, row));
    }
    assert_true(rows >= 130);
    assert_int_equal(leaks, 0);
    arena_clear(&arena);
}

static void test_text_when_no_secret_then_as_it_was(void **state)
{
    struct arena arena = { 0 };
    const char *at = corpus(&arena, "readable.txt");
    size_t rows = 0, wrong = 0;
    (void)state;
    for (; *at; at += strcspn(at, "\n") + 1, rows++) {
        const char *line = arena_strndup(&arena, at, strcspn(at, "\n"));
        const char *left = redact_text(&arena, line, &names);
        if (text_equal(line, left))
            continue;
        print_error("'%s'\nbecame\n'%s'\n", line, left);
        wrong++;
    }
    assert_true(rows >= 80);
    assert_int_equal(wrong, 0);
    arena_clear(&arena);
}

static void test_text_when_names_of_here_then_words_alone(void **state)
{
    static const struct {
        const char *label, *text, *want;
    } rows[] = {
        { "user", "for Mallory: mallory's", "for [user]: [user]'s" },
        { "in a word", "mallorys smallory", "mallorys smallory" },
        { "host and short", "east-3.corp.example EAST-3:0", "[host] [host]:0" },
        { "home", "/srv/people/mallory/x", "~/x" },
        { "another's home below it", "/srv/people/mallory-2/x", "/srv/people/[user]-2/x" },
        { "what stays of a url", "https://a.example:8/p/q?x=1 y",
          "https://a.example:8/p/q?[query] y" },
        { "the rest of a line", "--token abc --fullscreen", "--token [redacted] --fullscreen" },
        { "spaces around", "password = next one", "password = [redacted] one" },
        { "after a pem", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\nrest",
          "[private key]\nrest" },
        { "a certificate stays", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----" },
        { "a sentence goes on", "/Users/ann opens it", "/Users/[user] opens it" },
        { "a name of two words", "\"/Users/Ann Lee/x\"", "\"/Users/[user]/x\"" },
        { "an encoded path goes on", "?u=%2fhome%2Fann%2Fx", "?[query]" },
        { "the same without a query", "u=%2fhome%2Fann%2Fx", "u=%2fhome%2F[user]%2Fx" },
        { "a number of draws", "render pass: 3 draws", "render pass: 3 draws" },
        { "the same in quotes", "pass: \"3\"", "pass: \"[redacted]\"" },
        { "nothing", "", "" },
    };
    struct arena arena = { 0 };
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *left = redact_text(&arena, rows[i].text, &names);
        if (text_equal(left, rows[i].want))
            continue;
        print_error("%s: '%s'\n", rows[i].label, left);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    arena_clear(&arena);
}

static void test_json_when_member_is_named_so_then_its_value_goes(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    static const char text[] = "{\"deep\":[{\"apiKey\":\"zebra\",\"n\":1,\"name\":\"kiosk\"}],"
                               "\"argv\":[\"--pin\",\"1234\",\"--pin\",\"-x\"]}";
    CLEANUP(json_freep) json_t *value = json_parse("t", text, strlen(text), &err);
    (void)state;
    redact_json(value, &names);
    const char *left = json_format(&arena, value);
    assert_null(strstr(left, "zebra"));
    assert_null(strstr(left, "1234"));
    assert_non_null(strstr(left, "kiosk"));
    assert_non_null(strstr(left, "-x"));
    arena_clear(&arena);
}

static void test_key_when_named_then_as_a_person_would_say(void **state)
{
    static const struct {
        const char *name;
        bool want;
    } rows[] = {
        { "password", true },    { "--db-password", true },
        { "accessToken", true }, { "DB_PASS", true },
        { "bypass", false },     { "compass", false },
        { "tokenizer", false },  { "PIN", true },
        { "spin", false },       { "", false },
        { "-", false },          { "client_secret", true },
    };
    size_t wrong = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (redact_key_is_secret(rows[i].name, strlen(rows[i].name)) == rows[i].want)
            continue;
        print_error("'%s'\n", rows[i].name);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_when_corpus_of_secrets_then_none_is_left),
        cmocka_unit_test(test_text_when_no_secret_then_as_it_was),
        cmocka_unit_test(test_text_when_names_of_here_then_words_alone),
        cmocka_unit_test(test_json_when_member_is_named_so_then_its_value_goes),
        cmocka_unit_test(test_key_when_named_then_as_a_person_would_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
