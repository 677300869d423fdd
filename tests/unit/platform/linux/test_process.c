/* Lists of pids as the kernel writes them, read piece by piece. */
#include "platform/linux/process_private.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/macros.h"
#include "base/text.h"
#include "rows.h"
#include "scratch.h"

#define LIST_COUNT 3000
#define LIST_FIRST 99000 /* from 99000 to 101999: numbers of two lengths, cut at many places */

static struct arena arena;

static int list_open(const char *root, const char *text)
{
    const char *path = scratch_write(&arena, root, "list", text, strlen(text));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void test_proc_pids_read_rows(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t capacity, want_count;
        int64_t want[3];
    } rows[] = {
        { "", 3, 0, { 0 } },
        { "12 345 ", 3, 2, { 12, 345 } },
        { "12\n345\n6\n", 3, 3, { 12, 345, 6 } },
        { "12\n345\n6\n", 2, 2, { 12, 345 } },
        { "0\n7\n", 3, 1, { 7 } }, /* one of another pid namespace */
    };
    const char *root = scratch_make(&arena);
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t pids[3] = { 0 };
        size_t count = 99;
        int fd = list_open(root, rows[i].text);
        rows_number(rows[i].text, proc_pids_read(fd, pids, rows[i].capacity, &count), true);
        rows_number(rows[i].text, (long long)count, (long long)rows[i].want_count);
        for (size_t j = 0; j < ROWS(pids); j++)
            rows_number(rows[i].text, pids[j], rows[i].want[j]);
        close(fd);
    }
    scratch_remove(root);
    rows_done();
}

static void test_proc_pids_read_joins_what_a_piece_cut(void **state)
{
    (void)state;
    static int64_t pids[LIST_COUNT + 1];
    struct text text = { .arena = &arena };
    size_t count = 0;
    const char *root = scratch_make(&arena);
    for (int i = 0; i < LIST_COUNT; i++)
        text_printf(&text, "%d\n", LIST_FIRST + i);
    int fd = list_open(root, text_get(&text));
    assert_true(proc_pids_read(fd, pids, ROWS(pids), &count));
    close(fd);
    assert_int_equal(count, LIST_COUNT);
    for (int i = 0; i < LIST_COUNT; i++)
        assert_int_equal(pids[i], LIST_FIRST + i);
    scratch_remove(root);
}

static void test_proc_pids_read_tells_a_failure(void **state)
{
    (void)state;
    int64_t pids[1];
    size_t count = 99;
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* cannot be read as a file */
    assert_false(proc_pids_read(fd, pids, ROWS(pids), &count));
    assert_int_equal(count, 0);
    close(fd);
}

static int give_back(void **state)
{
    (void)state;
    arena_clear(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_proc_pids_read_rows, give_back),
        cmocka_unit_test_teardown(test_proc_pids_read_joins_what_a_piece_cut, give_back),
        cmocka_unit_test_teardown(test_proc_pids_read_tells_a_failure, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
