/* Files among other people's: what is reached, what is refused, what is left in place. Links and
 * folders of other users need root to be made: tests/cli/test_apply_files.py. */
#include "platform/shared.h"

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

static void test_shared_write_when_name_is_taken_then_only_replaced_if_asked(void **state)
{
    (void)state;
    const char *top = scratch_make(&arena);
    CLEANUP(shared_close) struct shared_folder folder = { .fd = -1 };
    struct strings made = { 0 }, names;
    struct err err = { 0 };
    const char *bytes = NULL;
    size_t length = 0;
    rows_err("open", shared_open(&arena, top, "/a/b/f", &made, &folder, &err), &err, NULL);
    rows_strings("made", &made, "/a /a/b");
    rows_err("new", shared_write(&folder, "/a/b/f", "one", 3, 0644, false, &err), &err, NULL);
    rows_err("taken", shared_write(&folder, "/a/b/f", "two", 3, 0644, false, &err), &err,
             "cannot write '/a/b/f': File exists");
    rows_number("kind", err.kind, ERR_CREATE);
    rows_err("read", shared_read(&arena, &folder, "/a/b/f", 3, &bytes, &length, &err), &err, NULL);
    rows_text("the first", bytes, "one");
    rows_err("replace", shared_write(&folder, "/a/b/f", "three", 5, 0600, true, &err), &err, NULL);
    rows_err("too large", shared_read(&arena, &folder, "/a/b/f", 4, &bytes, &length, &err), &err,
             "'/a/b/f' is larger than 0 KiB");
    rows_err("no temporary", folder_list(&arena, path_join(&arena, top, "a/b"), &names, &err), &err,
             NULL);
    rows_strings("no temporary", &names, "f");
    shared_folders_remove(&arena, top, &made);
    rows_err("not empty", shared_open(&arena, top, "/a/b/f", NULL, &folder, &err), &err, NULL);
    rows_err("remove", shared_remove(&folder, "/a/b/f", &err), &err, NULL);
    rows_err("none there", shared_remove(&folder, "/a/b/f", &err), &err, NULL);
    shared_folders_remove(&arena, top, &made);
    rows_err("empty", folder_list(&arena, top, &names, &err), &err, NULL);
    rows_strings("empty", &names, "");
    scratch_remove(top);
    arena_clear(&arena);
    rows_done();
}

static void test_shared_open_when_way_is_odd_then_error(void **state)
{
    (void)state;
    const char *top = scratch_make(&arena);
    scratch_write(&arena, top, "file", "x", 1);
    scratch_folder(&arena, top, "folder");
    scratch_link(&arena, top, "link", "folder");
    scratch_link(&arena, top, "nowhere", "absent");
    const struct {
        const char *label, *root, *path, *want;
    } rows[] = {
        { "absent", top, "/absent/f",
          "cannot open folder 'TOP/absent': No such file or directory" },
        { "file", top, "/file/f", "'TOP/file' is no folder" },
        { "link below a root", top, "/link/f",
          "'TOP/link' is a symbolic link; it is not followed" },
        { "own link", "", "TOP/link/f", NULL },
        { "link to nothing", "", "TOP/nowhere/f",
          "cannot open folder 'TOP/nowhere': No such file or directory" },
        { "double slashes", "", "TOP//folder///f", NULL },
        { "top itself", top, "/f", NULL },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        CLEANUP(shared_close) struct shared_folder folder = { .fd = -1 };
        struct err err = { 0 };
        const char *path = rows[i].path, *want = rows[i].want;
        const char *hole = want ? strstr(want, "TOP") : NULL;
        if (text_starts(path, "TOP"))
            path = arena_printf(&arena, "%s%s", top, path + 3);
        if (hole)
            want = arena_printf(&arena, "%.*s%s%s", (int)(hole - want), want, top, hole + 3);
        rows_err(rows[i].label, shared_open(&arena, rows[i].root, path, NULL, &folder, &err), &err,
                 want);
        rows_number(rows[i].label, folder.fd >= 0, want == NULL);
    }
    scratch_remove(top);
    arena_clear(&arena);
    rows_done();
}

static void test_shared_read_when_it_is_no_file_of_ours_then_error(void **state)
{
    (void)state;
    const char *top = scratch_make(&arena);
    CLEANUP(shared_close) struct shared_folder folder = { .fd = -1 };
    struct err err = { 0 };
    const char *bytes = "untouched";
    size_t length;
    scratch_folder(&arena, top, "folder");
    scratch_write(&arena, top, "file", "x", 1);
    scratch_link(&arena, top, "link", "file");
    rows_err("open", shared_open(&arena, top, "/x", NULL, &folder, &err), &err, NULL);
    rows_err("link", shared_read(&arena, &folder, "/link", 9, &bytes, &length, &err), &err,
             "'/link' is a symbolic link; it is not followed");
    rows_err("folder", shared_read(&arena, &folder, "/folder", 9, &bytes, &length, &err), &err,
             "'/folder' is no regular file");
    rows_err("absent", shared_read(&arena, &folder, "/absent", 9, &bytes, &length, &err), &err,
             "cannot read '/absent': No such file or directory");
    rows_text("output", bytes, "untouched");
    scratch_remove(top);
    arena_clear(&arena);
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shared_write_when_name_is_taken_then_only_replaced_if_asked),
        cmocka_unit_test(test_shared_open_when_way_is_odd_then_error),
        cmocka_unit_test(test_shared_read_when_it_is_no_file_of_ours_then_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
