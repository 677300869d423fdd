/* Files and folders of profiles: their order, what replaces what, and that nothing broken disables
 * the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "platform/file.h"
#include "profile_rows.h"
#include "rows.h"

#define BODY                                                                                       \
    "    evidence: [https://example.org/1]\n    confidence: low\n    match: {all: [os.name: "      \
    "linux]}\n    advice: reboot\n"
#define PROFILE(id, title) "  - id: " id "\n    title: " title "\n" BODY
#define FILE_HEAD "version: 1\nprofiles:\n"

static struct arena arena;
static const char *top;

static const char *path(const char *name)
{
    return path_join(&arena, top, name);
}

static void put_bytes(const char *name, const void *bytes, size_t length)
{
    struct err err;
    if (file_write(path(name), bytes, length, 0600, false, &err) < 0)
        fail_msg("%s", err.text);
}

static void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

static void folder(const char *name)
{
    struct err err;
    if (folder_make_private(path(name), &err) < 0)
        fail_msg("%s", err.text);
}

/* Load the folders a and b; what is built in is left out of the answer. */
static const char *loaded(struct report *report)
{
    struct strings folders = { 0 };
    struct text text = { .arena = &arena };
    struct profiles profiles;
    ARENA_PUSH(&arena, &folders, path("absent"));
    ARENA_PUSH(&arena, &folders, path("a"));
    ARENA_PUSH(&arena, &folders, path("b"));
    profiles_load(&arena, &folders, PROFILE_TESTS_READ, report, &profiles);
    for (size_t i = 0; i < profiles.count; i++) {
        if (!text_starts(profiles.items[i]->file, "built in: "))
            text_printf(&text, "%s=%s ", profiles.items[i]->id, profiles.items[i]->title);
    }
    return text_get(&text);
}

static void test_profiles_load_when_ids_meet_the_later_file_wins(void **state)
{
    struct report report = { .arena = &arena };
    (void)state;
    put("a/20-late.yaml", FILE_HEAD PROFILE("one", "a20") PROFILE("late", "a20"));
    put("a/10-early.yaml", FILE_HEAD PROFILE("one", "a10") PROFILE("two", "a10"));
    put("a/apps/05-app.yaml", FILE_HEAD PROFILE("two", "app"));
    put("a/readme.txt", "no profile");
    put("a/.hidden.yaml", "no profile");
    put("b/10.yaml", FILE_HEAD PROFILE("three", "b") "  - {id: late, disabled: true}\n");
    assert_string_equal(loaded(&report), "one=a20 two=app three=b ");
    assert_int_equal(report.count, 0);
}

static void test_profiles_load_when_masked_takes_a_built_in_one_away(void **state)
{
    struct report report = { .arena = &arena };
    struct strings folders = { 0 };
    struct profiles profiles;
    (void)state;
    ARENA_PUSH(&arena, &folders, path("a"));
    put("a/10.yaml", FILE_HEAD
        "  - {id: webgl-es3-blocked, disabled: true}\n" PROFILE("software-renderer", "ours"));
    profiles_load(&arena, &folders, PROFILE_TESTS_READ, &report, &profiles);
    assert_null(profile_find(&profiles, "webgl-es3-blocked"));
    assert_non_null(profile_find(&profiles, "webgl-texture-leak"));
    assert_string_equal(profile_find(&profiles, "software-renderer")->title, "ours");
    assert_int_equal(report.count, 0);
}

/* Every kind of bad file beside a good one. */
static const struct {
    const char *label, *bytes, *want; /* want: what follows the path */
} bad_rows[] = {
    { "tab", "version: 1\nprofiles:\n\t- id: a\n",
      ":3:1: found character that cannot start any token; the file is skipped" },
    { "alias", "version: 1\nprofiles: [&a {id: a}, *a]\n",
      ":2:12: anchors are not allowed here: write the value out; the file is skipped" },
    { "laughs",
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n",
      ":1:4: anchors are not allowed here: write the value out; the file is skipped" },
    { "key twice", "version: 1\nversion: 1\n",
      ":2:1: key 'version' stands here twice (first in line 1); the file is skipped" },
    { "two documents", "version: 1\n---\nversion: 1\n", NULL },
    { "Latin-1", "version: 1\n# caf\xe9\n", NULL },
    { "UTF-16", "v\0e\0r\0s\0", NULL },
    { "binary",
      "\x7f"
      "ELF\x01\x02",
      NULL },
    { "not closed", "version: [1\n", NULL },
    { "empty", "", ":1:1: 'version: 1' is missing; the file is skipped" },
};

static void test_profiles_load_when_files_are_broken_keeps_the_rest(void **state)
{
    struct report report = { .arena = &arena };
    struct text deep = { .arena = &arena };
    const size_t huge_bytes = 10 * MIB_BYTES;
    char *huge = arena_alloc(&arena, huge_bytes);
    (void)state;
    for (size_t i = 0; i < ROWS(bad_rows); i++)
        put(arena_printf(&arena, "a/%02zu.yaml", i), bad_rows[i].bytes);
    for (int i = 0; i < 5000; i++)
        text_printf(&deep, "[");
    put("a/50-deep.yaml", text_get(&deep));
    memset(huge, '#', huge_bytes);
    put_bytes("a/51-huge.yaml", huge, huge_bytes);
    folder("a/52-folder.yaml");
    put("a/99-good.yaml", FILE_HEAD PROFILE("good", "T"));
    assert_string_equal(loaded(&report), "good=T ");
    for (size_t i = 0; i < ROWS(bad_rows); i++) {
        const char *file = path(arena_printf(&arena, "a/%02zu.yaml", i));
        const struct finding *found = NULL;
        for (size_t j = 0; j < report.count && !found; j++) {
            if (text_equal(report.items[j].at.file, file))
                found = &report.items[j];
        }
        if (!rows_that(found != NULL, bad_rows[i].label, "not reported"))
            continue;
        const char *line = arena_printf(&arena, ":%u:%u: %s", found->at.line, found->at.column,
                                        found->text);
        (void)rows_that(strstr(line, "; the file is skipped") != NULL, bad_rows[i].label, "%s",
                        line);
        if (bad_rows[i].want)
            rows_text(bad_rows[i].label, line, bad_rows[i].want);
    }
    rows_number("findings", (long long)report.count, (long long)ROWS(bad_rows) + 3);
    rows_done();
}

static void test_profiles_add_file_when_absent_is_an_error(void **state)
{
    struct report report = { .arena = &arena };
    struct profiles profiles = { 0 };
    struct err err;
    (void)state;
    assert_int_equal(profiles_add_file(&arena, path("none.yaml"), &report, &profiles, &err), -1);
    assert_int_equal(err.kind, ERR_NO_INPUT);
    assert_int_equal(report.count, 0);
}

/* All that is built in is without a fault, and every test inside comes out. */
static void test_profiles_load_when_built_in_is_without_a_finding(void **state)
{
    struct report report = { .arena = &arena };
    const struct strings none = { 0 };
    struct profiles profiles;
    (void)state;
    profiles_load(&arena, &none, PROFILE_TESTS_READ, &report, &profiles);
    profiles_test(&arena, &profiles, &report);
    profiles_check(&arena, &profiles, &profiles, &report);
    rows_report("built in", &report, "");
    (void)rows_that(profiles.count >= 16, "count", "only %zu profiles", profiles.count);
    for (size_t i = 0; i < profiles.count; i++)
        (void)rows_that(profiles.items[i]->test_count >= 3, profiles.items[i]->id, "only %zu tests",
                        profiles.items[i]->test_count);
    rows_done();
}

static int folders_make(void **state)
{
    const char *base = getenv("TMPDIR");
    (void)state;
    char *made = arena_printf(&arena, "%s/profiles-XXXXXX", base ? base : "/tmp");
    top = mkdtemp(made);
    if (!top)
        return -1;
    folder("a");
    folder("a/apps");
    folder("b");
    return 0;
}

static int folders_remove(void **state)
{
    static const char *const folders[] = { "a/apps", "a/52-folder.yaml", "a", "b" };
    struct err err;
    (void)state;
    for (size_t i = 0; i < ROWS(folders); i++)
        (void)folder_remove(path(folders[i]), &err); /* not every test makes all of them */
    return folder_remove(top, &err);
}

static int arena_end(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

#define WITH_FOLDERS(test) cmocka_unit_test_setup_teardown(test, folders_make, folders_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDERS(test_profiles_load_when_ids_meet_the_later_file_wins),
        WITH_FOLDERS(test_profiles_load_when_masked_takes_a_built_in_one_away),
        WITH_FOLDERS(test_profiles_load_when_files_are_broken_keeps_the_rest),
        WITH_FOLDERS(test_profiles_add_file_when_absent_is_an_error),
        cmocka_unit_test(test_profiles_load_when_built_in_is_without_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, arena_end);
}
