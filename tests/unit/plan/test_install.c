/* Files that are written, remembered and taken back. Ends in the middle are made by hand: a record
 * without its file, a file that is still the old one. */
#include "plan/install.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

static struct arena arena;
static const char *top;
static struct install_place place;
static struct install_items items;

static int set_up(void **state)
{
    (void)state;
    top = scratch_make(&arena);
    place = (struct install_place){ .root = top, .state_dir = path_join(&arena, top, "state") };
    items = (struct install_items){ 0 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(top);
    arena_clear(&arena);
    return 0;
}

static void list(const char *label)
{
    struct report report = { .arena = &arena };
    struct err err = { 0 };
    rows_err(label, install_list(&arena, &place, &items, &report, &err), &err, NULL);
    rows_report(label, &report, "");
}

/* Write a text; what was listed before is listed anew afterwards. */
static void put(const char *label, const char *path, const char *text, bool force, const char *want)
{
    struct variable set = { "A", text };
    struct install_item item = { .path = path,
                                 .format = "sh",
                                 .app = "kiosk",
                                 .fingerprint = "f1",
                                 .mode = 0640,
                                 .bytes = text,
                                 .set = { .items = &set, .count = 1 } };
    CLEANUP(shared_unlock) struct shared_lock lock = { .fd = -1 };
    struct err err = { 0 };
    rows_err(label, install_lock(&arena, &place, &lock, &err), &err, NULL);
    list(label);
    rows_err(label, install_write(&arena, &place, &items, &item, force, &err), &err, want);
    list(label);
}

static void undo(const char *label, const char *path, bool force, const char *want)
{
    struct install_item item = { .path = path };
    struct err err = { 0 };
    rows_err(label, install_undo(&arena, &place, &items, &item, force, &err), &err, want);
    list(label);
}

static const char *read_back(const char *path)
{
    const char *bytes;
    struct err ignored;
    return file_read(&arena, path_join(&arena, top, path), 4096, &bytes, NULL, &ignored) == 0
               ? bytes
               : NULL;
}

static bool is_there(const char *path)
{
    struct file_info info;
    return file_stat(path_join(&arena, top, path), false, &info);
}

static void test_install_write_when_new_then_file_and_record(void **state)
{
    (void)state;
    put("new", "/a/b/file", "text\n", false, NULL);
    rows_text("file", read_back("a/b/file"), "text\n");
    rows_number("records", (long long)items.count, 1);
    rows_text("path", items.items[0].path, "/a/b/file");
    rows_text("app", items.items[0].app, "kiosk");
    rows_text("fingerprint", items.items[0].fingerprint, "f1");
    rows_text("set", variables_get(&items.items[0].set, "A"), "text\n");
    rows_strings("folders", &items.items[0].folders, "/a /a/b");
    put("again", "/a/b/file", "other\n", false, NULL);
    rows_strings("folders stay", &items.items[0].folders, "/a /a/b");
    rows_number("old text forgotten", (long long)items.items[0].old_checksum, 0);
    undo("undo", "/a/b/file", false, NULL);
    rows_number("folders", is_there("a"), false);
    rows_number("no record", (long long)items.count, 0);
    rows_done();
}

static void test_install_undo_when_folder_is_shared_then_last_one_takes_it(void **state)
{
    (void)state;
    put("first", "/a/one", "1\n", false, NULL);
    put("second", "/a/b/two", "2\n", false, NULL);
    rows_strings("second's folders", &install_find(&items, "/a/b/two")->folders, "/a /a/b");
    undo("first", "/a/one", false, NULL);
    rows_number("still there", is_there("a/b/two"), true);
    scratch_write(&arena, top, "a/mine", "x", 1);
    undo("second", "/a/b/two", false, NULL);
    rows_number("empty one gone", is_there("a/b"), false);
    rows_number("the user's stays", is_there("a/mine"), true);
    rows_done();
}

static void test_install_write_when_something_is_in_the_way_then_refused(void **state)
{
    (void)state;
    scratch_write(&arena, top, "foreign", "mine", 4);
    scratch_folder(&arena, top, "folder");
    scratch_link(&arena, top, "link", "foreign");
    scratch_link(&arena, top, "way", "folder");
    put("foreign", "/foreign", "x", true,
        "'/foreign' was not written by qwguard and is left alone");
    put("folder", "/folder", "x", true, "'/folder' was not written by qwguard and is left alone");
    put("link", "/link", "x", true, "'/link' was not written by qwguard and is left alone");
    put("link on the way", "/way/x", "x", true,
        arena_printf(&arena, "'%s/way' is a symbolic link; it is not followed", top));
    put("file on the way", "/foreign/x", "x", true,
        arena_printf(&arena, "'%s/foreign' is no folder", top));
    put("not UTF-8", "/\xff", "x", false, "the name of the file is not UTF-8");
    rows_number("no record", (long long)items.count, 0);
    rows_text("untouched", read_back("foreign"), "mine");
    rows_done();
}

static void test_install_look_when_changed_then_edited(void **state)
{
    (void)state;
    static const struct {
        const char *label, *bytes;
        size_t length;
        enum install_state want;
    } rows[] = {
        { "as written", "text\n", 5, INSTALL_OURS },
        { "line added", "text\nmore\n", 10, INSTALL_EDITED },
        { "behind a NUL", "text\n\0more", 10, INSTALL_EDITED },
        { "emptied", "", 0, INSTALL_EDITED },
    };
    put("new", "/file", "text\n", false, NULL);
    for (size_t i = 0; i < ROWS(rows); i++) {
        enum install_state found;
        const char *current;
        struct err err = { 0 };
        scratch_write(&arena, top, "file", rows[i].bytes, rows[i].length);
        rows_err(rows[i].label,
                 install_look(&arena, &place, &items, "/file", &found, &current, &err), &err, NULL);
        rows_number(rows[i].label, found, rows[i].want);
    }
    put("edited", "/file", "new\n", false, "'/file' was changed since; --force replaces it");
    undo("edited", "/file", false,
         "'/file' was changed since and is left alone; --force removes it");
    put("forced", "/file", "new\n", true, NULL);
    rows_text("forced", read_back("file"), "new\n");
    scratch_write(&arena, top, "file", "mine\n", 5);
    undo("forced", "/file", true, NULL);
    rows_number("gone", is_there("file"), false);
    rows_done();
}

/* The record of a new text is there, the file is still the old one, or absent. */
static void test_install_write_when_ended_in_the_middle_then_goes_on(void **state)
{
    (void)state;
    put("old", "/file", "old\n", false, NULL);
    put("new", "/file", "new\n", false, NULL);
    const char *folder = path_join(&arena, top, "state/applied");
    struct strings names;
    struct err err = { 0 };
    rows_err("records", folder_list(&arena, folder, &names, &err), &err, NULL);
    const char *record = path_join(&arena, folder, names.items[0]);
    const char *bytes = read_back(record + strlen(top));
    const char *zero = strstr(bytes, "\"old_checksum\": \"0000000000000000\"");
    assert_non_null(zero);
    unsigned long long old = text_hash(TEXT_HASH_START, "old\n", 4);
    const char *cut = arena_printf(&arena, "%.*s\"old_checksum\": \"%016llx\"%s",
                                   (int)(zero - bytes), bytes, old,
                                   zero + strlen("\"old_checksum\": \"0000000000000000\""));
    scratch_write(&arena, top, record + strlen(top) + 1, cut, strlen(cut));
    scratch_write(&arena, top, "file", "old\n", 4);
    put("after the record", "/file", "newer\n", false, NULL);
    rows_text("after the record", read_back("file"), "newer\n");
    rows_err("gone", file_remove(path_join(&arena, top, "file"), &err), &err, NULL);
    put("file is gone", "/file", "newest\n", false, NULL);
    rows_text("file is gone", read_back("file"), "newest\n");
    rows_done();
}

static void test_install_list_when_record_is_broken_then_left_out_and_said(void **state)
{
    (void)state;
    struct report report = { .arena = &arena };
    struct err err = { 0 };
    put("good", "/file", "x\n", false, NULL);
    const char *broken = scratch_write(&arena, top, "state/applied/1.json", "{}", 2);
    scratch_write(&arena, top, "state/applied/note.txt", "x", 1);
    rows_err("list", install_list(&arena, &place, &items, &report, &err), &err, NULL);
    rows_number("the good one", (long long)items.count, 1);
    rows_report("said", &report, arena_printf(&arena, "%s: no record of a written file", broken));
    rows_done();
}

static void test_install_diff_when_texts_then_one_hunk(void **state)
{
    (void)state;
    static const struct {
        const char *label, *before, *after, *want;
    } rows[] = {
        { "same", "a\n", "a\n", "" },
        { "both absent", NULL, NULL, "" },
        { "new", NULL, "a\nb\n", "--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n" },
        { "removed", "a\n", NULL, "--- f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n" },
        { "in the middle", "a\nb\nc\n", "a\nx\ny\nc\n",
          "--- f\n+++ f\n@@ -2,1 +2,2 @@\n-b\n+x\n+y\n" },
        { "line added", "a\nc\n", "a\nb\nc\n", "--- f\n+++ f\n@@ -1,0 +2,1 @@\n+b\n" },
        { "no end", "a", "a\n",
          "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_text(rows[i].label, install_diff(&arena, "f", rows[i].before, rows[i].after),
                  rows[i].want);
    rows_done();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_install_write_when_new_then_file_and_record),
        TEST(test_install_undo_when_folder_is_shared_then_last_one_takes_it),
        TEST(test_install_write_when_something_is_in_the_way_then_refused),
        TEST(test_install_look_when_changed_then_edited),
        TEST(test_install_write_when_ended_in_the_middle_then_goes_on),
        TEST(test_install_list_when_record_is_broken_then_left_out_and_said),
        TEST(test_install_diff_when_texts_then_one_hunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
