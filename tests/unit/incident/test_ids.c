/* Ids and times: what is one, and in which order they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "incident/incident_private.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "sample.h"

static const struct {
    const char *id;
    bool want;
    uint64_t pid, number;
} id_rows[] = {
    { "20261123T101502Z-4711", true, 4711, 1 },
    { "20261123T101502Z-4711-12", true, 4711, 12 },
    { "20261123T101502Z-0", true, 0, 1 },
    { "20261123T101502Z-", false, 0, 0 },
    { "20261123T101502Z", false, 0, 0 },
    { "20261123T101502Z-4711-", false, 0, 0 },
    { "20261123T101502Z-4711x", false, 0, 0 },
    { "20261123T101502Z-4711/..", false, 0, 0 },
    { "20261123 101502Z-4711", false, 0, 0 },
    { "2026112xT101502Z-4711", false, 0, 0 },
    { "20261123T101502Z-99999999999999999999", false, 0, 0 },
    { "", false, 0, 0 },
    { "..", false, 0, 0 },
    { ".new", false, 0, 0 },
};

static void test_id_parse_rows(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(id_rows); i++) {
        struct id_parts parts = { 0 };
        bool got = id_parse(id_rows[i].id, &parts);
        if (got != id_rows[i].want || parts.pid != id_rows[i].pid
            || parts.number != id_rows[i].number) {
            print_error("'%s': %d\n", id_rows[i].id, got);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

static const struct {
    const char *text;
    bool want;
    uint64_t seconds;
} time_rows[] = {
    { "1970-01-01T00:00:00Z", true, 0 },
    { "2026-11-23T10:15:02Z", true, 1795428902 },
    { "2024-02-29T23:59:59Z", true, 1709251199 },
    { "2000-03-01T00:00:00Z", true, 951868800 },
    { "9999-12-31T23:59:59Z", true, 253402300799 },
    { "2026-13-01T00:00:00Z", false, 0 },
    { "2026-11-23 10:15:02Z", false, 0 },
    { "2026-11-23T10:15:02", false, 0 },
    { "2026-11-23T24:15:02Z", false, 0 },
    { "1969-12-31T23:59:59Z", false, 0 },
    { "", false, 0 },
    { NULL, false, 0 },
};

static void test_time_parse_rows(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(time_rows); i++) {
        uint64_t seconds = 0;
        char back[32];
        bool got = time_parse(time_rows[i].text, &seconds);
        if (got != time_rows[i].want || seconds != time_rows[i].seconds
            || (got
                && strcmp(clock_utc_text(back, sizeof back, seconds, true), time_rows[i].text)
                       != 0)) {
            print_error("'%s': %d %llu\n", time_rows[i].text, got, (unsigned long long)seconds);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
}

static void test_ids_list_when_mixed_then_by_age_and_foreign_apart(void **state)
{
    static const char *const folders[] = {
        "20261123T101502Z-4711-10",
        "20261123T101502Z-4711-2",
        "20261123T101502Z-4711",
        "20261123T101502Z-99",
        "20251123T101502Z-500000",
        "lost+found",
        ".new",
    };
    static const char *const want[] = {
        "20251123T101502Z-500000", "20261123T101502Z-99",      "20261123T101502Z-4711",
        "20261123T101502Z-4711-2", "20261123T101502Z-4711-10",
    };
    struct arena arena = { 0 };
    struct err err;
    struct strings ids = { 0 }, foreign = { 0 };
    const char *state_dir = sample_folder(&arena);
    (void)state;
    assert_int_equal(ids_list(&arena, state_dir, &ids, &foreign, &err), 0);
    assert_int_equal(ids.count, 0); /* no folder yet */
    for (size_t i = 0; i < ROWS(folders); i++)
        assert_int_equal(folder_make_private(
                             arena_printf(&arena, "%s/incidents/%s", state_dir, folders[i]), &err),
                         0);
    assert_int_equal(ids_list(&arena, state_dir, &ids, &foreign, &err), 0);
    assert_int_equal(ids.count, ROWS(want));
    for (size_t i = 0; i < ROWS(want); i++)
        assert_string_equal(ids.items[i], want[i]);
    assert_int_equal(foreign.count, 1);
    assert_string_equal(foreign.items[0], "lost+found");
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_id_parse_rows),
        cmocka_unit_test(test_time_parse_rows),
        cmocka_unit_test(test_ids_list_when_mixed_then_by_age_and_foreign_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
