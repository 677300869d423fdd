/* The page: what it holds, its size, and that nothing from outside becomes markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "incident/incident_private.h"
#include "sample.h"

static size_t count_of(const char *text, const char *piece)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, piece)); at += strlen(piece))
        count++;
    return count;
}

static void test_page_when_whole_then_has_its_parts(void **state)
{
    static const char *const want[] = {
        "<!doctype html>",
        "<html lang=\"en\">",
        "name=\"viewport\"",
        "default-src 'none'",
        "prefers-color-scheme:dark",
        "@media print",
        "kiosk: process-limit",
        "20261123T101502Z-4711",
        "renderers flat at 120 MiB",
        "limit 4.00 GiB",
        "crossing, stop, kill, restart",
        "class=\"line largest\"",
        "class=\"line tree\"",
        "<td>4711</td>",
        "video-size-empty",
        "q=a&amp;b",
        "the last line",
    };
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 6, 1024);
    const char *page = incident_html(&arena, &incident, "the last line\n", 14);
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(want); i++) {
        if (!strstr(page, want[i])) {
            print_error("missing: %s\n", want[i]);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
    assert_int_equal(count_of(page, "<script"), 0);
    assert_int_equal(count_of(page, "http://"), 0);
    assert_int_equal(count_of(page, "src="), 0);
    assert_int_equal(count_of(page, "url("), 0);
    arena_clear(&arena);
}

static void test_page_when_strings_are_hostile_then_escaped(void **state)
{
    static const char hostile[] =
        "</title></style></pre><script>alert(1)</script>\"'&\033[31m\xff\xc3";
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 3, 16);
    struct incident plain_one = sample_incident(&arena, 3, 16);
    (void)state;
    memcpy(incident.id, hostile, sizeof incident.id - 1);
    incident.app_name = incident.reason = incident.engine_qt = incident.engine_chromium = hostile;
    incident.gpu_text = incident.rung = incident.next_rung = hostile;
    incident.evidence.items[0] = incident.app_argv.items[0] = hostile;
    incident.signatures.items[0].name = incident.signatures.items[0].value = hostile;
    incident.actions[0].action = incident.actions[1].result = hostile;
    memcpy(incident.processes[1].name, hostile, sizeof incident.processes[1].name - 1);
    const char *page = incident_html(&arena, &incident, hostile, sizeof hostile - 1);
    const char *same = incident_html(&arena, &plain_one, "x", 1);
    assert_int_equal(count_of(page, "<script"), 0);
    assert_int_equal(count_of(page, "</title>"), 1);
    assert_int_equal(count_of(page, "</style>"), 1);
    assert_int_equal(count_of(page, "<pre>"), count_of(same, "<pre>"));
    assert_int_equal(count_of(page, "</pre>"), count_of(same, "</pre>"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;?[31m"));
    assert_null(strchr(page, '\033'));
    assert_true(text_is_utf8(page, strlen(page)));
    arena_clear(&arena);
}

static const struct {
    const char *label, *line;
} log_rows[] = {
    { "plain", "[4711:4711:1123/101502:ERROR:gl_utils.cc(318)] message\n" },
    { "markup", "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\n" },
    { "quotes", "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\n" },
    { "no UTF-8", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\n" },
    { "no lines", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
    { "UTF-8", "\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x98\x80\n" },
};

static void test_page_when_log_is_long_then_bounded_and_its_end_kept(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(log_rows); i++) {
        struct arena arena = { 0 };
        struct text log = { .arena = &arena };
        struct incident incident = sample_incident(&arena, 50, 1024);
        while (log.length < 256 * 1024)
            text_printf(&log, "%s", log_rows[i].line);
        text_printf(&log, "the very end");
        const char *page = incident_html(&arena, &incident, text_get(&log), log.length);
        size_t length = strlen(page);
        if (length > REPORT_MAX_BYTES || length < 60 * 1024 || !strstr(page, "the very end</pre>")
            || !strstr(page, "are in app.log only") || !strstr(page, "</html>\n")) {
            print_error("%s: %zu bytes\n", log_rows[i].label, length);
            failed++;
        }
        arena_clear(&arena);
    }
    assert_int_equal(failed, 0);
}

static void test_page_when_samples_are_dense_then_a_closer_look(void **state)
{
    struct arena arena = { 0 };
    struct incident incident = sample_incident(&arena, 3, 1024);
    (void)state;
    assert_int_equal(count_of(incident_html(&arena, &incident, NULL, 0), "<figure>"), 1);
    for (size_t i = 1000; i < 1024; i++)
        incident.timeline[i].t_ns = -(int64_t)((1023 - i) * MS_NS);
    const char *page = incident_html(&arena, &incident, NULL, 0);
    assert_int_equal(count_of(page, "<figure>"), 2);
    assert_non_null(strstr(page, "The moments around the crossing"));
    arena_clear(&arena);
}

static void test_page_when_nothing_is_known_then_still_a_page(void **state)
{
    struct arena arena = { 0 };
    struct incident bare = { .id = "20261123T101502Z-1" };
    struct incident_sample odd[] = { { INT64_MIN, UINT64_MAX, 0 }, { INT64_MAX, 0, UINT64_MAX } };
    (void)state;
    assert_non_null(strstr(incident_html(&arena, &bare, NULL, 0), "</html>"));
    bare.timeline = odd;
    bare.timeline_count = 2;
    bare.limit_bytes = UINT64_MAX;
    assert_non_null(strstr(incident_html(&arena, &bare, "", 0), "</html>"));
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_when_whole_then_has_its_parts),
        cmocka_unit_test(test_page_when_strings_are_hostile_then_escaped),
        cmocka_unit_test(test_page_when_log_is_long_then_bounded_and_its_end_kept),
        cmocka_unit_test(test_page_when_samples_are_dense_then_a_closer_look),
        cmocka_unit_test(test_page_when_nothing_is_known_then_still_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
