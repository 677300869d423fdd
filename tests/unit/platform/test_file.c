/* Files on a real file system: whole reads, writes that are there or not, private folders. */
#include "platform/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"
#include "scratch.h"

#define NOBODY 65534

static struct arena arena;
static const char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = scratch_make(&arena);
    return 0;
}

static int give_back(void **state)
{
    (void)state;
    scratch_remove(folder);
    arena_clear(&arena);
    return 0;
}

static const char *at(const char *name)
{
    return path_join(&arena, folder, name);
}

static const char *names_in(const char *path)
{
    struct strings names = { 0 };
    struct text text = { .arena = &arena };
    struct err err;
    assert_int_equal(folder_list(&arena, path, &names, &err), 0);
    for (size_t i = 0; i < names.count; i++)
        text_printf(&text, "%s%s", i ? " " : "", names.items[i]);
    return text_get(&text);
}

static unsigned mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    return info.st_mode & 07777;
}

static void test_file_write_then_read_gives_the_same(void **state)
{
    (void)state;
    static const size_t lengths[] = { 0, 1, 5, 16 * 1024, 16 * 1024 + 1, 300000 };
    for (size_t i = 0; i < ROWS(lengths) * 2; i++) {
        size_t length = lengths[i / 2], got;
        char *bytes = arena_alloc(&arena, length + 1);
        const char *back;
        struct err err;
        for (size_t j = 0; j < length; j++)
            bytes[j] = (char)(j * 7 + i);
        int written = file_write(at("f"), bytes, length, 0640, i % 2, &err);
        rows_err("write", written, &err, NULL);
        rows_err("read", file_read(&arena, at("f"), length, &back, &got, &err), &err, NULL);
        rows_done();
        assert_int_equal(got, length);
        assert_memory_equal(back, bytes, length);
        assert_int_equal(back[length], '\0');
        assert_int_equal(mode_of(at("f")), 0640);
    }
    assert_string_equal(names_in(folder), "f"); /* no temporary file is left */
}

static void test_file_write_replaces_a_link_and_does_not_follow_it(void **state)
{
    (void)state;
    struct err err;
    struct file_info info;
    (void)scratch_write(&arena, folder, "victim", "old", 3);
    (void)scratch_link(&arena, folder, "link", "victim");
    assert_int_equal(file_write(at("link"), "new", 3, 0600, false, &err), 0);
    assert_string_equal(file_line(&arena, at("victim")), "old");
    assert_string_equal(file_line(&arena, at("link")), "new");
    assert_true(file_stat(at("link"), false, &info));
    assert_true(info.is_regular && !info.is_link);
}

static void test_file_write_when_it_cannot_leaves_nothing(void **state)
{
    (void)state;
    struct err err;
    (void)scratch_write(&arena, folder, "folder/inside", "x", 1);
    rows_err("no folder", file_write(at("none/f"), "x", 1, 0600, true, &err), &err,
             arena_printf(&arena, "cannot write '%s/none/f': No such file or directory", folder));
    rows_number("no folder", err.kind, ERR_CREATE);
    rows_err("onto a folder", file_write(at("folder"), "x", 1, 0600, true, &err), &err,
             arena_printf(&arena, "cannot write '%s/folder': Is a directory", folder));
    rows_number("onto a folder", err.kind, ERR_CREATE);
    rows_text("nothing is left", names_in(folder), "folder");
    rows_done();
}

static void test_file_read_when_it_cannot(void **state)
{
    (void)state;
    const char *bytes = "untouched";
    struct err err;
    (void)scratch_write(&arena, folder, "large", "123456", 6);
    rows_err("absent", file_read(&arena, at("absent"), 10, &bytes, NULL, &err), &err,
             arena_printf(&arena, "cannot read '%s/absent': No such file or directory", folder));
    rows_number("absent", err.kind, ERR_NO_INPUT);
    rows_err("a folder", file_read(&arena, folder, 10, &bytes, NULL, &err), &err,
             arena_printf(&arena, "cannot read '%s': Is a directory", folder));
    rows_err("too large", file_read(&arena, at("large"), 5, &bytes, NULL, &err), &err,
             arena_printf(&arena, "'%s/large' is larger than 0 KiB", folder));
    rows_number("too large", err.kind, ERR_DATA);
    rows_text("untouched", bytes, "untouched");
    rows_number("just fits", file_read(&arena, at("large"), 6, &bytes, NULL, &err), 0);
    rows_text("a line that is not there", file_line(&arena, at("absent")), NULL);
    rows_done();
}

/* Sizes of /proc lie: 0 for files that have something in them. */
static void test_file_read_of_proc(void **state)
{
    (void)state;
    const char *bytes;
    size_t length;
    struct err err;
    assert_int_equal(file_read(&arena, "/proc/self/status", 65536, &bytes, &length, &err), 0);
    assert_true(length > 100 && text_starts(bytes, "Name:"));
    assert_non_null(file_line(&arena, "/proc/sys/kernel/osrelease"));
}

static void test_file_read_of_standard_input(void **state)
{
    (void)state;
    int ends[2];
    const char *bytes;
    size_t length;
    struct err err;
    int before = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a\0b", 3), 3);
    (void)close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    (void)close(ends[0]);
    int result = file_read(&arena, "-", 10, &bytes, &length, &err);
    (void)dup2(before, STDIN_FILENO);
    (void)close(before);
    assert_int_equal(result, 0);
    assert_int_equal(length, 3);
    assert_memory_equal(bytes, "a\0b", 4);
}

static void test_folder_make_private_rows(void **state)
{
    (void)state;
    struct err err;
    (void)scratch_write(&arena, folder, "file", "x", 1);
    (void)scratch_folder(&arena, folder, "real");
    (void)scratch_link(&arena, folder, "link", "real");
    rows_err("new", folder_make_private(at("a/b/c"), &err), &err, NULL);
    rows_number("mode", mode_of(at("a")), 0700);
    rows_number("mode", mode_of(at("a/b/c")), 0700);
    rows_err("there already", folder_make_private(at("a/b/c"), &err), &err, NULL);
    rows_err("a link", folder_make_private(at("link"), &err), &err,
             arena_printf(&arena, "'%s/link' is a symbolic link; it is not used", folder));
    rows_number("a link", err.kind, ERR_DENIED);
    rows_err("a file", folder_make_private(at("file"), &err), &err,
             arena_printf(&arena, "'%s/file' is no folder", folder));
    rows_number("a file", err.kind, ERR_DENIED);
    rows_err("below a file", folder_make_private(at("file/x"), &err), &err,
             arena_printf(&arena, "cannot make folder '%s/file/x': Not a directory", folder));
    rows_number("below a file", err.kind, ERR_CREATE);
    rows_done();
}

/* Root gives a folder away; anybody else takes one of root's. */
static void test_folder_make_private_when_it_is_somebody_elses(void **state)
{
    (void)state;
    const char *path = "/usr";
    struct err err;
    if (geteuid() == 0) {
        path = scratch_folder(&arena, folder, "given");
        assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    }
    rows_err("foreign", folder_make_private(path, &err), &err,
             arena_printf(&arena, "'%s' belongs to another user; it is not used", path));
    rows_number("foreign", err.kind, ERR_DENIED);
    rows_done();
}

static void test_folder_list_and_remove(void **state)
{
    (void)state;
    struct strings names = { 0 };
    struct err err;
    (void)scratch_write(&arena, folder, "keep/file", "x", 1);
    (void)scratch_write(&arena, folder, "gone/b", "x", 1);
    (void)scratch_write(&arena, folder, "gone/a", "x", 1);
    (void)scratch_write(&arena, folder, "gone/.hidden", "x", 1);
    (void)scratch_write(&arena, folder, "gone/Z/inside", "x", 1);
    (void)scratch_link(&arena, folder, "gone/link", "../keep");
    rows_text("sorted by bytes", names_in(at("gone")), ".hidden Z a b link");
    rows_err("remove", folder_remove(at("gone"), &err), &err, NULL);
    rows_text("links are not followed", names_in(at("keep")), "file");
    rows_text("gone", names_in(folder), "keep");
    (void)scratch_write(&arena, folder, "deep/1/2/3", "x", 1);
    rows_number("too deep", folder_remove(at("deep"), &err), -1);
    rows_text("too deep", names_in(at("deep/1/2")), "3");
    (void)scratch_link(&arena, folder, "to-keep", "keep");
    rows_number("a link to a folder", folder_remove(at("to-keep"), &err), -1);
    rows_text("a link to a folder", names_in(at("keep")), "file");
    rows_err(
        "absent", folder_list(&arena, at("absent"), &names, &err), &err,
        arena_printf(&arena, "cannot read folder '%s/absent': No such file or directory", folder));
    rows_number("absent", err.kind, ERR_NO_INPUT);
    rows_done();
}

static void test_file_rename_replaces(void **state)
{
    (void)state;
    struct err err;
    (void)scratch_write(&arena, folder, "a", "1", 1);
    (void)scratch_write(&arena, folder, "b", "2", 1);
    assert_int_equal(file_rename(at("a"), at("b"), &err), 0);
    assert_string_equal(file_line(&arena, at("b")), "1");
    assert_int_equal(file_rename(at("a"), at("b"), &err), -1);
    assert_int_equal(err.kind, ERR_NO_INPUT);
}

static void test_file_stat_link_resolve(void **state)
{
    (void)state;
    struct file_info info;
    (void)scratch_write(&arena, folder, "folder/file", "12345", 5);
    (void)scratch_link(&arena, folder, "link", "folder/file");
    (void)scratch_link(&arena, folder, "loop", "loop");
    assert_true(file_stat(at("link"), true, &info));
    assert_true(info.is_regular && !info.is_link && !info.is_folder && !info.is_executable);
    assert_int_equal(info.size_bytes, 5);
    assert_true(file_stat(at("link"), false, &info));
    assert_true(info.is_link && !info.is_regular);
    assert_true(file_stat(folder, true, &info));
    assert_true(info.is_folder && !info.is_executable);
    assert_int_equal(chmod(at("folder/file"), 0755), 0);
    assert_true(file_stat(at("folder/file"), true, &info) && info.is_executable);
    assert_false(file_stat(at("loop"), true, &info));
    assert_false(file_stat(at("absent"), true, &info));
    assert_string_equal(file_link(&arena, at("link")), "folder/file");
    assert_null(file_link(&arena, at("folder")));
    assert_string_equal(file_resolve(&arena, at("link")), at("folder/file"));
    assert_null(file_resolve(&arena, at("loop")));
}

static void test_path_name_and_join(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *want;
    } rows[] = {
        { "/a", "b", "/a/b" }, { "/a/", "b", "/a/b" }, { "/a//", "/b", "/a/b" }, { "", "b", "b" },
        { NULL, "/b", "/b" },  { "/", "b", "/b" },     { "a", "b/c", "a/b/c" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        rows_text(rows[i].want, path_join(&arena, rows[i].first, rows[i].second), rows[i].want);
    rows_text("name", path_name("/usr/bin/anki"), "anki");
    rows_text("name", path_name("anki"), "anki");
    rows_text("name", path_name("/usr/bin/"), "");
    rows_done();
}

static void test_file_map_open_rows(void **state)
{
    (void)state;
    struct file_map map = { 0 };
    struct err err;
    (void)scratch_write(&arena, folder, "file", "12345", 5);
    (void)scratch_write(&arena, folder, "empty", "", 0);
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    rows_err("file", file_map_open(at("file"), &map, &err), &err, NULL);
    rows_done();
    assert_int_equal(map.length, 5);
    assert_memory_equal(map.bytes, "12345", 5);
    char part[4] = "";
    assert_true(file_map_has_file(&map) && file_map_read(&map, 2, part, 3));
    assert_string_equal(part, "345");
    assert_false(file_map_read(&map, 3, part, 3)); /* behind the end */
    file_map_close(&map);
    assert_false(file_map_has_file(&map));
    file_map_close(&map);
    assert_null(map.bytes);
    rows_err("empty", file_map_open(at("empty"), &map, &err), &err,
             arena_printf(&arena, "'%s/empty' is empty", folder));
    rows_err("a pipe does not block", file_map_open(at("fifo"), &map, &err), &err,
             arena_printf(&arena, "'%s/fifo' is no regular file", folder));
    rows_err("a folder", file_map_open(folder, &map, &err), &err,
             arena_printf(&arena, "'%s' is no regular file", folder));
    rows_number("a folder", err.kind, ERR_DATA);
    rows_number("absent", file_map_open(at("absent"), &map, &err), -1);
    rows_number("absent", err.kind, ERR_NO_INPUT);
    rows_done();
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, give_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_file_write_then_read_gives_the_same),
        TEST(test_file_write_replaces_a_link_and_does_not_follow_it),
        TEST(test_file_write_when_it_cannot_leaves_nothing),
        TEST(test_file_read_when_it_cannot),
        TEST(test_file_read_of_proc),
        TEST(test_file_read_of_standard_input),
        TEST(test_folder_make_private_rows),
        TEST(test_folder_make_private_when_it_is_somebody_elses),
        TEST(test_folder_list_and_remove),
        TEST(test_file_rename_replaces),
        TEST(test_file_stat_link_resolve),
        TEST(test_path_name_and_join),
        TEST(test_file_map_open_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
