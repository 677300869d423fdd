/* The record as JSON and back, the bounded file, and records that are not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "incident/incident_private.h"
#include "sample.h"

static const char *dump(struct arena *arena, const struct incident *incident)
{
    CLEANUP(json_freep) json_t *record = incident_to_json(incident);
    return json_format(arena, record);
}

static void test_record_when_read_back_then_the_same(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident back;
    struct incident incident = sample_incident(&arena, 50, 1024);
    incident.processes[3].gpu_bytes = (struct maybe_u64){ true, 0 };
    CLEANUP(json_freep) json_t *record = incident_to_json(&incident);
    (void)state;
    assert_int_equal(incident_from_json(&arena, record, &back, &err), 0);
    assert_string_equal(dump(&arena, &back), dump(&arena, &incident));
    assert_int_equal(back.time_s, incident.time_s);
    assert_int_equal(back.attribution, ATTRIBUTION_GPU_IN_APP);
    assert_true(back.processes[3].gpu_bytes.known);
    assert_false(back.processes[2].gpu_bytes.known);
    assert_int_equal(back.timeline[0].t_ns, incident.timeline[0].t_ns);
    assert_string_equal(back.signatures.items[1].value, "40");
    arena_clear(&arena);
}

static void test_record_when_little_is_known_then_absent(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident back, bare = { .id = "20261123T101502Z-1", .time_s = 1 };
    CLEANUP(json_freep) json_t *record = incident_to_json(&bare);
    (void)state;
    assert_null(json_object_get(record, "acted_ns"));
    assert_null(json_object_get(record, "gpu"));
    assert_true(json_is_null(json_object_get(record, "next_rung")));
    assert_int_equal(incident_from_json(&arena, record, &back, &err), 0);
    assert_false(back.restarted_ns.known);
    assert_null(back.next_rung);
    assert_null(back.engine_qt);
    arena_clear(&arena);
}

static void test_record_when_strings_are_hostile_then_whole_and_utf8(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident back;
    struct incident incident = sample_incident(&arena, 2, 2);
    incident.app_name = "a\"b\\c\n\033[31m<script>";
    incident.app_argv.items[1] = "bad \xff\xc3 utf-8";
    CLEANUP(json_freep) json_t *record = incident_to_json(&incident);
    const char *text = record_bounded(&arena, &incident);
    (void)state;
    assert_true(text_is_utf8(text, strlen(text)));
    CLEANUP(json_freep) json_t *parsed = json_parse("x", text, strlen(text), &err);
    assert_non_null(parsed);
    assert_true(json_equal(parsed, record));
    assert_int_equal(incident_from_json(&arena, parsed, &back, &err), 0);
    assert_string_equal(back.app_name, incident.app_name);
    assert_string_equal(back.app_argv.items[1], "bad \xef\xbf\xbd\xef\xbf\xbd utf-8");
    arena_clear(&arena);
}

static void test_record_bounded_when_long_then_thinned_and_ends_kept(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident back;
    struct incident incident = sample_incident(&arena, 50, 1024);
    incident.timeline[501].largest_bytes = 9 * GIB_BYTES;
    const char *text = record_bounded(&arena, &incident);
    CLEANUP(json_freep) json_t *parsed = json_parse("x", text, strlen(text), &err);
    (void)state;
    assert_true(strlen(text) <= RECORD_MAX_BYTES);
    assert_int_equal(incident_from_json(&arena, parsed, &back, &err), 0);
    assert_true(back.timeline_count >= 256 && back.timeline_count < 1024);
    assert_int_equal(back.timeline[0].t_ns, incident.timeline[0].t_ns);
    assert_int_equal(back.timeline[back.timeline_count - 1].t_ns, incident.timeline[1023].t_ns);
    bool peak = false;
    for (size_t i = 0; i < back.timeline_count; i++)
        peak = peak || back.timeline[i].largest_bytes == 9 * GIB_BYTES;
    assert_true(peak);
    assert_int_equal(incident.timeline_count, 1024);
    arena_clear(&arena);
}

/* Strings of the app that fill the record are cut, never in the middle of a character. */
static void test_record_bounded_when_words_are_cut_then_whole_characters(void **state)
{
    static const char *const rows[] = { "x", "ä", "€", "😀", "\xff", "\x80" };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t shift = 0; shift < 4; shift++) {
            struct arena arena = { 0 };
            struct err err;
            struct incident incident = sample_incident(&arena, 1, 1);
            struct text word = { .arena = &arena };
            text_add(&word, "abcd", shift);
            while (word.length < RECORD_MAX_BYTES)
                text_add(&word, rows[i], strlen(rows[i]));
            incident.app_argv = (struct strings){ 0 };
            ARENA_PUSH(&arena, &incident.app_argv, text_get(&word));
            const char *text = record_bounded(&arena, &incident);
            CLEANUP(json_freep) json_t *parsed = json_parse("x", text, strlen(text), &err);
            const char *got = json_string_value(
                json_array_get(json_object_get(json_object_get(parsed, "app"), "argv"), 0));
            if (!got || strlen(got) > 240 || strlen(got) < 200 || !strstr(got, "…")
                || (i < 4 && strstr(got, "\xef\xbf\xbd")))
                fail_msg("row %zu, shift %zu: '%s'", i, shift, got ? got : "(none)");
            arena_clear(&arena);
        }
    }
}

#define RECORD(more)                                                                               \
    "{\"schema\":\"qwguard.incident/1\",\"id\":\"20261123T101502Z-1\","                            \
    "\"time\":\"2026-11-23T10:15:02Z\",\"reason\":\"crash\",\"app\":{\"name\":\"a\"}" more "}"

/* clang-format off */
static const struct {
    const char *label, *json, *want;
} bad_rows[] = {
    { "no object", "[]", "this is no record of schema 'qwguard.incident/1'" },
    { "other schema", "{\"schema\":\"qwguard.incident/2\"}",
      "this is no record of schema 'qwguard.incident/1'" },
    { "no id", "{\"schema\":\"qwguard.incident/1\"}", "'id' has the wrong type or value" },
    { "id that leads elsewhere", "{\"schema\":\"qwguard.incident/1\",\"id\":\"../../etc\"}",
      "'id' has the wrong type or value" },
    { "no time", "{\"schema\":\"qwguard.incident/1\",\"id\":\"20261123T101502Z-1\"}",
      "'time' is missing" },
    { "limit is a string", RECORD(",\"limit_bytes\":\"4\""),
      "'limit_bytes' has the wrong type or value" },
    { "limit is negative", RECORD(",\"limit_bytes\":-4"),
      "'limit_bytes' has the wrong type or value" },
    { "process is a list", RECORD(",\"process\":[]"), "'process' is no object" },
    { "unknown role", RECORD(",\"process\":{\"role\":\"boss\"}"),
      "'process.role' has the wrong type or value" },
    { "unknown attribution", RECORD(",\"attribution\":{\"kind\":\"magic\"}"),
      "'attribution.kind' has the wrong type or value" },
    { "evidence of numbers", RECORD(",\"attribution\":{\"evidence\":[1]}"),
      "'attribution.evidence' has the wrong type or value" },
    { "processes is an object", RECORD(",\"processes\":{}"), "'processes' is no list" },
    { "a process is a number", RECORD(",\"processes\":[1]"), "processes[0]. is no object" },
    { "second process without pid", RECORD(",\"processes\":[{\"pid\":1},{}]"),
      "'processes[1].pid' is missing" },
    { "sample with a string", RECORD(",\"timeline\":[{\"t_ns\":\"0\"}]"),
      "'timeline[0].t_ns' has the wrong type or value" },
    { "action without a word", RECORD(",\"actions\":[{\"t_ns\":0}]"),
      "'actions[0].action' is missing" },
    { "signature of a string", RECORD(",\"signatures\":{\"a\":\"b\"}"),
      "'signatures' has the wrong type or value" },
    { "restart too large", RECORD(",\"restart\":4294967296"),
      "'restart' has the wrong type or value" },
};
/* clang-format on */

static void test_record_when_bad_then_named_and_untouched(void **state)
{
    struct arena arena = { 0 };
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(bad_rows); i++) {
        struct err err = { 0 };
        struct incident out = { .limit_bytes = 77 };
        CLEANUP(json_freep)
        json_t *json = json_parse("x", bad_rows[i].json, strlen(bad_rows[i].json), &err);
        int status = incident_from_json(&arena, json, &out, &err);
        if (status != -1 || err.kind != ERR_DATA || strcmp(err.text, bad_rows[i].want) != 0
            || out.limit_bytes != 77) {
            print_error("%s: %d '%s'\n", bad_rows[i].label, status, err.text);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
    arena_clear(&arena);
}

static void test_record_when_only_the_needed_is_there_then_read(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident out;
    static const char json[] = RECORD(",\"something_new\":1,\"next_rung\":null");
    CLEANUP(json_freep) json_t *parsed = json_parse("x", json, strlen(json), &err);
    (void)state;
    assert_int_equal(incident_from_json(&arena, parsed, &out, &err), 0);
    assert_string_equal(out.reason, "crash");
    assert_int_equal(out.process_role, ROLE_OTHER);
    assert_int_equal(out.process_count, 0);
    arena_clear(&arena);
}

static void test_record_head_when_ours_then_the_row_else_refused(void **state)
{
    struct arena arena = { 0 };
    struct incident_row row;
    struct incident incident = sample_incident(&arena, 1, 2);
    char *head = arena_strndup(&arena, record_bounded(&arena, &incident), 300);
    (void)state;
    assert_true(record_head(&arena, head, &row));
    assert_string_equal(row.id, "20261123T101502Z-4711");
    assert_string_equal(row.time, "2026-11-23T10:15:02Z");
    assert_string_equal(row.app, "kiosk");
    assert_string_equal(row.reason, "process-limit");
    assert_false(record_head(&arena, arena_strndup(&arena, head, 120), &row));
    assert_false(record_head(&arena, dump(&arena, &incident), &row)); /* spaces between */
    incident.app_name = "a\"b";
    assert_false(record_head(&arena, record_bounded(&arena, &incident), &row)); /* escapes */
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_when_read_back_then_the_same),
        cmocka_unit_test(test_record_when_little_is_known_then_absent),
        cmocka_unit_test(test_record_when_strings_are_hostile_then_whole_and_utf8),
        cmocka_unit_test(test_record_bounded_when_long_then_thinned_and_ends_kept),
        cmocka_unit_test(test_record_bounded_when_words_are_cut_then_whole_characters),
        cmocka_unit_test(test_record_when_bad_then_named_and_untouched),
        cmocka_unit_test(test_record_when_only_the_needed_is_there_then_read),
        cmocka_unit_test(test_record_head_when_ours_then_the_row_else_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
