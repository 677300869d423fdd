/* History written and read back, given up, refused; and the file that a user names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "history/history.h"
#include "platform/file.h"

#define NOW 1795428902ULL

static const struct history_key key = { "whatsie", "0123abcd", "6.4.2", NULL };

static const char *folder_new(struct arena *arena)
{
    const char *base = getenv("TMPDIR");
    return mkdtemp(arena_printf(arena, "%s/history-XXXXXX", base ? base : "/tmp"));
}

static struct history sample(struct arena *arena)
{
    struct history history = {
        .rung = "webgl-off",
        .attribution = "gpu-in-app",
        .incident = "20261123T101502Z-4711",
        .rung_since_s = NOW,
        .start_count = 12,
        .restart_count = 3,
        .startup_crash_count = { true, 0 },
    };
    variables_set(arena, &history.signatures, "es3-blocklisted", "7");
    return history;
}

/* Path of the only file in the folder of histories. */
static const char *only_file(struct arena *arena, const char *state_dir)
{
    struct strings names = { 0 };
    struct err err;
    const char *folder = path_join(arena, state_dir, "history");
    assert_int_equal(folder_list(arena, folder, &names, &err), 0);
    assert_int_equal(names.count, 1);
    return path_join(arena, folder, names.items[0]);
}

static void test_history_when_saved_then_loaded(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct stat info;
    struct history back, history = sample(&arena);
    const char *state_dir = path_join(&arena, folder_new(&arena), "state");
    (void)state;
    assert_int_equal(history_save(state_dir, &key, &history, &err), 0);
    assert_int_equal(history_load(&arena, state_dir, &key, NOW + 60, &back, &err), 0);
    assert_string_equal(back.rung, "webgl-off");
    assert_string_equal(back.attribution, "gpu-in-app");
    assert_string_equal(back.incident, "20261123T101502Z-4711");
    assert_int_equal(back.rung_since_s, NOW);
    assert_int_equal(back.start_count, 12);
    assert_int_equal(back.restart_count, 3);
    assert_true(back.startup_crash_count.known);
    assert_int_equal(back.startup_crash_count.value, 0);
    assert_string_equal(variables_get(&back.signatures, "es3-blocklisted"), "7");
    assert_int_equal(stat(only_file(&arena, state_dir), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(stat(path_join(&arena, state_dir, "history"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    arena_clear(&arena);
}

static void test_history_when_never_then_empty(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct history back = { .start_count = 9 };
    (void)state;
    assert_int_equal(history_load(&arena, folder_new(&arena), &key, NOW, &back, &err), 0);
    assert_int_equal(back.start_count, 0);
    assert_null(back.rung);
    assert_false(back.startup_crash_count.known);
    arena_clear(&arena);
}

static const struct {
    const char *label;
    struct history_key key;
} other_keys[] = {
    { "other app", { "anki", "0123abcd", "6.4.2", NULL } },
    { "other machine", { "whatsie", "0123abce", "6.4.2", NULL } },
    { "other engine", { "whatsie", "0123abcd", "6.4.3", NULL } },
    { "engine not known", { "whatsie", "0123abcd", NULL, NULL } },
    { "moved border", { "whatsie0", "123abcd", "6.4.2", NULL } },
};

/* Asked for by its own name, and with the file put in the place of the other's. */
static void test_history_when_of_another_then_not_there(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(other_keys); i++) {
        struct arena arena = { 0 };
        struct err err;
        struct history back, history = sample(&arena);
        const char *state_dir = folder_new(&arena), *theirs = folder_new(&arena);
        assert_int_equal(history_save(state_dir, &key, &history, &err), 0);
        assert_int_equal(history_save(theirs, &other_keys[i].key, &history, &err), 0);
        int status = history_load(&arena, state_dir, &other_keys[i].key, NOW, &back, &err);
        bool absent = status == 0 && !back.rung && back.start_count == 0;
        assert_int_equal(file_rename(only_file(&arena, state_dir), only_file(&arena, theirs), &err),
                         0);
        status = history_load(&arena, theirs, &other_keys[i].key, NOW, &back, &err);
        if (!absent || status != 0 || back.rung || back.start_count) {
            print_error("%s: is there\n", other_keys[i].label);
            failed++;
        }
        arena_clear(&arena);
    }
    assert_int_equal(failed, 0);
}

static void test_history_when_the_program_changed_then_only_the_starts_are_there(void **state)
{
    static const struct {
        const char *label, *before, *now;
        bool kept;
    } rows[] = {
        { "the same", "10 bytes of 99", "10 bytes of 99", true },
        { "another", "10 bytes of 99", "10 bytes of 98", false },
        { "not seen now", "10 bytes of 99", NULL, true },
        { "not seen then", NULL, "10 bytes of 99", true },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct arena arena = { 0 };
        struct err err;
        struct history back, history = sample(&arena);
        struct history_key then = key, now = key;
        then.program = rows[i].before;
        now.program = rows[i].now;
        const char *state_dir = folder_new(&arena);
        assert_int_equal(history_save(state_dir, &then, &history, &err), 0);
        assert_int_equal(history_load(&arena, state_dir, &now, NOW, &back, &err), 0);
        if (back.start_count != history.start_count || (back.rung != NULL) != rows[i].kept
            || back.startup_crash_count.known != rows[i].kept
            || (back.signatures.count > 0) != rows[i].kept)
            fail_msg("%s", rows[i].label);
        arena_clear(&arena);
    }
}

static void test_history_program_when_the_file_changes_then_so_does_it(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    const char *path = path_join(&arena, folder_new(&arena), "app");
    (void)state;
    assert_null(history_program(&arena, path));
    assert_null(history_program(&arena, NULL));
    assert_int_equal(file_write(path, "one", 3, 0755, true, &err), 0);
    const char *one = history_program(&arena, path);
    assert_string_equal(history_program(&arena, path), one);
    assert_int_equal(file_write(path, "three", 5, 0755, true, &err), 0);
    assert_string_not_equal(history_program(&arena, path), one);
    arena_clear(&arena);
}

static void test_history_when_engine_is_unknown_then_still_kept(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    const struct history_key bare = { "a/b ../\n", "f", NULL, NULL };
    struct history back, history = sample(&arena);
    const char *state_dir = folder_new(&arena);
    (void)state;
    assert_int_equal(history_save(state_dir, &bare, &history, &err), 0);
    assert_int_equal(history_load(&arena, state_dir, &bare, NOW, &back, &err), 0);
    assert_string_equal(back.rung, "webgl-off");
    assert_null(strstr(path_name(only_file(&arena, state_dir)), "\n"));
    arena_clear(&arena);
}

static const struct {
    const char *label;
    uint64_t now_s;
    bool want_rung;
} age_rows[] = {
    { "the same second", NOW, true },
    { "seven days", NOW + HISTORY_EXPIRY_SECONDS, true },
    { "a second more", NOW + HISTORY_EXPIRY_SECONDS + 1, false },
    { "clock set back a little", NOW - 3600, true },
    { "written in a wrong future", NOW - HISTORY_EXPIRY_SECONDS - 1, false },
};

static void test_history_when_old_then_the_rung_is_given_up(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(age_rows); i++) {
        struct arena arena = { 0 };
        struct err err;
        struct history back, history = sample(&arena);
        const char *state_dir = folder_new(&arena);
        assert_int_equal(history_save(state_dir, &key, &history, &err), 0);
        assert_int_equal(history_load(&arena, state_dir, &key, age_rows[i].now_s, &back, &err), 0);
        bool rung = back.rung && back.attribution && back.incident && back.signatures.count;
        bool none = !back.rung && !back.attribution && !back.incident && !back.signatures.count
                    && !back.startup_crash_count.known;
        if (!(age_rows[i].want_rung ? rung : none) || back.start_count != 12) {
            print_error("%s\n", age_rows[i].label);
            failed++;
        }
        arena_clear(&arena);
    }
    assert_int_equal(failed, 0);
}

static const struct {
    const char *label, *bytes, *want;
} broken_rows[] = {
    { "empty", "", "this is no file of schema 'qwguard.history/1'" },
    { "torn", "{\"schema\": \"qwguard.history/1\", \"rung\": \"web", "" },
    { "a list", "[1, 2]", "this is no file of schema 'qwguard.history/1'" },
    { "other schema", "{\"schema\": \"qwguard.history/9\"}",
      "this is no file of schema 'qwguard.history/1'" },
    { "wrong type", "{\"schema\": \"qwguard.history/1\", \"starts\": \"many\"}",
      "'starts' must be a count, not a string" },
    { "no text", "\xff\xfe\x01\x02", "" },
};

static void test_history_when_file_is_broken_then_none_and_said(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(broken_rows); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct history back, history = sample(&arena);
        const char *state_dir = folder_new(&arena), *bytes = broken_rows[i].bytes;
        assert_int_equal(history_save(state_dir, &key, &history, &err), 0);
        assert_int_equal(
            file_write(only_file(&arena, state_dir), bytes, strlen(bytes), 0600, false, &err), 0);
        int status = history_load(&arena, state_dir, &key, NOW, &back, &err);
        if (status != -1 || back.rung || back.start_count
            || !strstr(err.text, broken_rows[i].want)) {
            print_error("%s: %d '%s'\n", broken_rows[i].label, status, err.text);
            failed++;
        }
        assert_int_equal(history_save(state_dir, &key, &history, &err), 0); /* mends it */
        assert_int_equal(history_load(&arena, state_dir, &key, NOW, &back, &err), 0);
        arena_clear(&arena);
    }
    assert_int_equal(failed, 0);
}

static void test_history_when_a_link_then_refused(void **state)
{
    struct arena arena = { 0 };
    struct err err = { 0 };
    struct history back, history = sample(&arena);
    const char *state_dir = folder_new(&arena), *linked = folder_new(&arena);
    (void)state;
    assert_int_equal(history_save(state_dir, &key, &history, &err), 0);
    assert_int_equal(
        symlink(path_join(&arena, state_dir, "history"), path_join(&arena, linked, "history")), 0);
    assert_int_equal(history_load(&arena, linked, &key, NOW, &back, &err), -1);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(history_save(linked, &key, &history, &err), -1);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_null(back.rung);
    arena_clear(&arena);
}

/* want NULL: it is read. */
static const struct {
    const char *json, *want;
    unsigned line, column;
} parse_rows[] = {
    { "{\"startup_crashes\": 2, \"signatures\": {\"es3-blocklisted\": 1}, \"rung\": \"none\", "
      "\"attribution\": \"gpu-in-app\"}",
      NULL, 0, 0 },
    { "{}", NULL, 0, 0 },
    { "", NULL, 0, 0 },
    { "{\"rung\": null}", NULL, 0, 0 },
    { "{\"updated\": false}", NULL, 0, 0 },
    { "{\"updated\": 2}", "'updated' must be true or false, not ", 1, 13 },
    { "{\"startup_crash\": 2}", "unknown key 'startup_crash' (did you mean 'startup_crashes'?)", 1,
      2 },
    { "{\n  \"startup_crashes\": -1}", "'startup_crashes' must be a count, not ", 2, 22 },
    { "{\"signatures\": [1]}", "'signatures' must be a mapping of names to counts, not a list", 1,
      16 },
    { "{\"signatures\": {\"a\": \"b\"}}", "'signatures.a' must be a count, not a string", 1, 22 },
    { "{\"rung\": [\"none\"]}", "'rung' must be a word, not a list", 1, 10 },
    { "{\"rung\": \"\"}", "'rung' is empty", 1, 10 },
    { "{\"attribution\": \"gpu-in-ap\"}",
      "unknown attribution 'gpu-in-ap' (did you mean 'gpu-in-app'?)", 1, 17 },
    { "[]", "a history must be a mapping, not a list", 1, 1 },
    { "{\"rung\": ", "", 2, 0 },
};

/* What was saved for the key and for two others, and what is said then. */
static void test_history_updated_rows(void **state)
{
    static const struct {
        const char *label;
        uint64_t starts, crashes;               /* with what is there now */
        uint64_t before_starts, before_crashes; /* before; no start = nothing was saved */
        const char *before_app;
        enum truth want;
    } rows[] = {
        { "first start ever", 0, 0, 0, 0, NULL, TRUTH_NO },
        { "first start after an update", 0, 0, 5, 0, "whatsie", TRUTH_YES },
        { "it crashed since", 2, 2, 5, 0, "whatsie", TRUTH_YES },
        { "a start has lasted since", 3, 2, 5, 0, "whatsie", TRUTH_NO },
        { "none lasted before either", 1, 1, 2, 2, "whatsie", TRUTH_NO },
        { "another application", 1, 1, 5, 0, "whatsit", TRUTH_NO },
        { "one whose name begins so", 1, 1, 5, 0, "whatsie-beta", TRUTH_NO },
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct arena arena = { 0 };
        struct err err;
        const char *state_dir = path_join(&arena, folder_new(&arena), "state");
        struct history now = { .start_count = rows[i].starts,
                               .startup_crash_count = { true, rows[i].crashes } };
        struct history before = { .start_count = rows[i].before_starts,
                                  .startup_crash_count = { true, rows[i].before_crashes } };
        const struct history_key old = { rows[i].before_app, "an older driver", "6.4.2", NULL };
        if (rows[i].starts)
            assert_int_equal(history_save(state_dir, &key, &now, &err), 0);
        if (rows[i].before_app)
            assert_int_equal(history_save(state_dir, &old, &before, &err), 0);
        enum truth found = history_updated(&arena, state_dir, &key, &now);
        if (found != rows[i].want)
            fail_msg("%s: %d", rows[i].label, (int)found);
        arena_clear(&arena);
    }
}

static void test_history_parse_rows(void **state)
{
    unsigned failed = 0;
    (void)state;
    for (size_t i = 0; i < ROWS(parse_rows); i++) {
        struct arena arena = { 0 };
        struct err err = { 0 };
        struct history out = { .start_count = 5 };
        const char *json = parse_rows[i].json, *want = parse_rows[i].want;
        int status = history_parse(&arena, "h.json", json, strlen(json), &out, &err);
        bool good = want ? status == -1 && err.kind == ERR_DATA && strstr(err.text, want)
                               && err.at.line == parse_rows[i].line && out.start_count == 5
                               && (parse_rows[i].column == 0
                                   || err.at.column == parse_rows[i].column)
                         : status == 0;
        if (!good) {
            print_error("%s: %d %u:%u '%s'\n", json, status, err.at.line, err.at.column, err.text);
            failed++;
        }
        arena_clear(&arena);
    }
    assert_int_equal(failed, 0);
}

static void test_history_parse_when_good_then_values(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    struct history out;
    const char *json = parse_rows[0].json;
    (void)state;
    assert_int_equal(history_parse(&arena, "h", json, strlen(json), &out, &err), 0);
    assert_true(out.startup_crash_count.known);
    assert_int_equal(out.startup_crash_count.value, 2);
    assert_string_equal(out.rung, "none");
    assert_string_equal(out.attribution, "gpu-in-app");
    assert_string_equal(variables_get(&out.signatures, "es3-blocklisted"), "1");
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_when_saved_then_loaded),
        cmocka_unit_test(test_history_when_never_then_empty),
        cmocka_unit_test(test_history_when_of_another_then_not_there),
        cmocka_unit_test(test_history_when_the_program_changed_then_only_the_starts_are_there),
        cmocka_unit_test(test_history_program_when_the_file_changes_then_so_does_it),
        cmocka_unit_test(test_history_when_engine_is_unknown_then_still_kept),
        cmocka_unit_test(test_history_when_old_then_the_rung_is_given_up),
        cmocka_unit_test(test_history_when_file_is_broken_then_none_and_said),
        cmocka_unit_test(test_history_when_a_link_then_refused),
        cmocka_unit_test(test_history_updated_rows),
        cmocka_unit_test(test_history_parse_rows),
        cmocka_unit_test(test_history_parse_when_good_then_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
