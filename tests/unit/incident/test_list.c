/* Lists and single incidents found again, among torn and foreign ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "incident/incident_private.h"
#include "platform/file.h"
#include "sample.h"

static const char *folder_of(struct arena *arena, const char *state_dir, const char *id)
{
    return arena_printf(arena, "%s/incidents/%s", state_dir, id);
}

/* A folder with this as its record; NULL = none. */
static void record_put(struct arena *arena, const char *state_dir, const char *id,
                       const char *record)
{
    struct err err;
    const char *folder = folder_of(arena, state_dir, id);
    assert_int_equal(folder_make_private(folder, &err), 0);
    if (record)
        assert_int_equal(file_write(path_join(arena, folder, "incident.json"), record,
                                    strlen(record), 0600, false, &err),
                         0);
}

static const char *record_for(struct arena *arena, const char *id, const char *app)
{
    struct incident incident = sample_incident(arena, 2, 10);
    (void)snprintf(incident.id, sizeof incident.id, "%s", id);
    incident.app_name = app;
    return record_bounded(arena, &incident);
}

static void fill(struct arena *arena, const char *state_dir)
{
    const char *whole = record_for(arena, "20260101T000001Z-1", "first");
    struct incident incident = sample_incident(arena, 1, 2);
    (void)snprintf(incident.id, sizeof incident.id, "20260101T000003Z-3");
    incident.app_name = "third";
    CLEANUP(json_freep) json_t *third = incident_to_json(&incident);
    record_put(arena, state_dir, "20260101T000001Z-1", whole);
    record_put(arena, state_dir, "20260101T000002Z-2",
               record_for(arena, "20260101T000002Z-2", "a \"quoted\" \033[31m name"));
    record_put(arena, state_dir, "20260101T000003Z-3", json_format(arena, third)); /* other form */
    record_put(arena, state_dir, "20260101T000004Z-4", NULL);
    record_put(arena, state_dir, "20260101T000005Z-5", "");
    record_put(arena, state_dir, "20260101T000006Z-6",
               arena_strndup(arena, record_for(arena, "20260101T000006Z-6", "torn"), 600));
    record_put(arena, state_dir, "20260101T000007Z-7", whole); /* somebody else's id */
    record_put(arena, state_dir, "20260101T000008Z-8", "\xff\xfe{}\n");
    record_put(arena, state_dir, "notes", "{}");
}

static void test_list_when_mixed_then_whole_ones_newest_first(void **state)
{
    static const char *const want_torn[] = { "notes",
                                             "20260101T000008Z-8",
                                             "20260101T000007Z-7",
                                             "20260101T000006Z-6",
                                             "20260101T000005Z-5",
                                             "20260101T000004Z-4" };
    static const char *const want_apps[] = { "third", "a \"quoted\" \033[31m name", "first" };
    struct arena arena = { 0 };
    struct err err;
    struct incident_rows rows;
    struct strings torn = { 0 };
    const char *state_dir = sample_folder(&arena);
    (void)state;
    fill(&arena, state_dir);
    assert_int_equal(incident_list(&arena, state_dir, &rows, &torn, &err), 0);
    assert_int_equal(rows.count, ROWS(want_apps));
    for (size_t i = 0; i < ROWS(want_apps); i++)
        assert_string_equal(rows.items[i].app, want_apps[i]);
    assert_string_equal(rows.items[0].id, "20260101T000003Z-3");
    assert_string_equal(rows.items[0].time, "2026-11-23T10:15:02Z");
    assert_int_equal(torn.count, ROWS(want_torn));
    for (size_t i = 0; i < ROWS(want_torn); i++)
        assert_string_equal(torn.items[i], want_torn[i]);
    arena_clear(&arena);
}

/* What a file system may leave of a file that was not on the disk yet: zeros for all of it, for its
 * end, or nothing at all. */
static void test_list_when_a_power_cut_left_zeros_then_torn(void **state)
{
    static const size_t kept_of_100[] = { 0, 1, 50, 99 };
    struct arena arena = { 0 };
    struct err err;
    struct incident_rows rows;
    struct strings torn = { 0 };
    const char *state_dir = sample_folder(&arena);
    (void)state;
    for (size_t i = 0; i < ROWS(kept_of_100); i++) {
        const char *id = arena_printf(&arena, "20260101T00000%zuZ-1", i);
        const char *whole = record_for(&arena, id, "cut");
        size_t length = strlen(whole);
        char *left = arena_alloc(&arena, length); /* zeroed */
        memcpy(left, whole, length * kept_of_100[i] / 100);
        record_put(&arena, state_dir, id, NULL);
        assert_int_equal(
            file_write(path_join(&arena, folder_of(&arena, state_dir, id), "incident.json"), left,
                       length, 0600, false, &err),
            0);
    }
    record_put(&arena, state_dir, "20260101T000009Z-1",
               record_for(&arena, "20260101T000009Z-1", "whole"));
    assert_int_equal(incident_list(&arena, state_dir, &rows, &torn, &err), 0);
    assert_int_equal(rows.count, 1);
    assert_int_equal(torn.count, ROWS(kept_of_100));
    incident_prune(state_dir, &(struct incident_keep){ .count = 50 });
    torn.count = 0;
    assert_int_equal(incident_list(&arena, state_dir, &rows, &torn, &err), 0);
    assert_int_equal(rows.count, 1);
    assert_int_equal(torn.count, 0);
    arena_clear(&arena);
}

static void test_list_when_there_is_no_folder_then_empty(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct incident_rows rows = { .count = 7 };
    (void)state;
    assert_int_equal(incident_list(&arena, "/nonexistent/state", &rows, NULL, &err), 0);
    assert_int_equal(rows.count, 0);
    arena_clear(&arena);
}

static void test_list_when_links_then_refused(void **state)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct incident_rows rows;
    struct strings torn = { 0 };
    const char *real = sample_folder(&arena), *state_dir = sample_folder(&arena);
    const char *id = "20260101T000001Z-1", *other = "20260101T000002Z-2";
    (void)state;
    record_put(&arena, real, id, record_for(&arena, id, "real"));
    record_put(&arena, state_dir, other, NULL);
    assert_int_equal(symlink(folder_of(&arena, real, id), folder_of(&arena, state_dir, id)), 0);
    assert_int_equal(
        symlink(path_join(&arena, folder_of(&arena, real, id), "incident.json"),
                path_join(&arena, folder_of(&arena, state_dir, other), "incident.json")),
        0);
    assert_int_equal(incident_list(&arena, state_dir, &rows, &torn, &err), 0);
    assert_int_equal(rows.count, 0);
    assert_int_equal(torn.count, 2);
    assert_int_equal(unlink(folder_of(&arena, state_dir, id)), 0);
    const char *linked = sample_folder(&arena);
    assert_int_equal(
        symlink(path_join(&arena, real, "incidents"), path_join(&arena, linked, "incidents")), 0);
    assert_int_equal(incident_list(&arena, linked, &rows, &torn, &err), -1);
    assert_int_equal(err.kind, ERR_DENIED);
    arena_clear(&arena);
}

/* want_kind ERR_NONE: want is the app; else a piece of the error. */
static const struct {
    const char *id;
    enum err_kind want_kind;
    const char *want;
} load_rows[] = {
    { "20260101T000001Z-1", ERR_NONE, "first" },
    { "20260101T000003Z", ERR_NONE, "third" },
    { "last", ERR_NONE, "third" }, /* newer ones are torn */
    { "2026", ERR_USAGE, "'2026' is the beginning of 8 incidents" },
    { "2025", ERR_NO_INPUT, "there is no incident '2025'" },
    { "", ERR_NO_INPUT, "there is no incident ''" },
    { "../incidents/20260101T000001Z-1", ERR_NO_INPUT, "there is no incident" },
    { "notes", ERR_NO_INPUT, "there is no incident 'notes'" },
    { "20260101T000004Z-4", ERR_DATA, "holds no incident.json" },
    { "20260101T000005Z-5", ERR_DATA, "" },
    { "20260101T000006Z-6", ERR_DATA, "" },
    { "20260101T000007Z-7", ERR_DATA, "holds the record of '20260101T000001Z-1'" },
};

static void test_load_rows(void **state)
{
    struct arena arena = { 0 };
    const char *state_dir = sample_folder(&arena);
    unsigned failed = 0;
    (void)state;
    fill(&arena, state_dir);
    for (size_t i = 0; i < ROWS(load_rows); i++) {
        struct err err = { 0 };
        struct incident out = { .app_name = "untouched" };
        const char *path = NULL, *want = load_rows[i].want;
        int status = incident_load(&arena, state_dir, load_rows[i].id, &out, &path, &err);
        bool good = load_rows[i].want_kind == ERR_NONE
                        ? status == 0 && text_equal(out.app_name, want) && path
                        : status == -1 && err.kind == load_rows[i].want_kind
                              && strstr(err.text, want) && text_equal(out.app_name, "untouched")
                              && !path;
        if (!good) {
            print_error("'%s': %d %u '%s' %s\n", load_rows[i].id, status, err.kind, err.text,
                        out.app_name);
            failed++;
        }
    }
    assert_int_equal(failed, 0);
    arena_clear(&arena);
}

static void test_load_last_when_there_is_none_then_said(void **state)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct incident out;
    (void)state;
    assert_int_equal(incident_load(&arena, sample_folder(&arena), "last", &out, NULL, &err), -1);
    assert_int_equal(err.kind, ERR_NO_INPUT);
    assert_string_equal(err.text, "there is no incident yet");
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_when_mixed_then_whole_ones_newest_first),
        cmocka_unit_test(test_list_when_a_power_cut_left_zeros_then_torn),
        cmocka_unit_test(test_list_when_there_is_no_folder_then_empty),
        cmocka_unit_test(test_list_when_links_then_refused),
        cmocka_unit_test(test_load_rows),
        cmocka_unit_test(test_load_last_when_there_is_none_then_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
