/* An archive as the real tar reads it back: names, modes, times, every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/archive.h"
#include "base/macros.h"
#include "platform/file.h"
#include "scratch.h"

#define TIME_S 1795428902 /* 2026-11-23T10:15:02Z */

#define TEN "aaaaaaaaaa"
static const char name_of_99[] = "a/" TEN TEN TEN TEN TEN TEN TEN TEN TEN "aaaaaaa";

/* Sizes around a block of 512 bytes; bytes that no text has. */
static const struct {
    const char *name;
    size_t length;
} files[] = {
    { "a/empty", 0 },
    { "a/one", 1 },
    { "a/block-less-one", 511 },
    { "a/block", 512 },
    { "a/block-and-one", 513 },
    { "a/large", 100000 },
    { "a/with space", 700 },
    { name_of_99, 10 },
};

static char byte_of(size_t file, size_t at)
{
    return (char)((at * 31 + file * 7 + at / 251) & 0xff);
}

static const char *content_of(struct arena *arena, size_t file)
{
    char *bytes = arena_alloc(arena, files[file].length + 1);
    for (size_t i = 0; i < files[file].length; i++)
        bytes[i] = byte_of(file, i);
    return bytes;
}

static const char *archive_put(struct arena *arena, const char *folder)
{
    struct archive archive = { .text = { .arena = arena } };
    struct err err = { 0 };
    const char *bytes;
    size_t length;
    for (size_t i = 0; i < ROWS(files); i++)
        assert_int_equal(archive_add(&archive, files[i].name, content_of(arena, i), files[i].length,
                                     TIME_S, &err),
                         0);
    assert_int_equal(archive_finish(&archive, &bytes, &length, &err), 0);
    return scratch_write(arena, folder, "x.tar.gz", bytes, length);
}

static int run_tar(const char *archive, const char *folder)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execlp("tar", "tar", "-xzpf", archive, "-C", folder, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void test_archive_when_tar_reads_it_then_every_byte_is_back(void **state)
{
    struct arena arena = { 0 };
    const char *folder = scratch_make(&arena);
    (void)state;
    assert_int_equal(strlen(name_of_99), 99);
    assert_int_equal(run_tar(archive_put(&arena, folder), folder), 0);
    for (size_t i = 0; i < ROWS(files); i++) {
        const char *path = path_join(&arena, folder, files[i].name), *bytes;
        struct err err;
        struct stat info;
        size_t length;
        assert_int_equal(file_read(&arena, path, 1 << 20, &bytes, &length, &err), 0);
        assert_int_equal(length, files[i].length);
        assert_memory_equal(bytes, content_of(&arena, i), length);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode, S_IFREG | 0600);
        assert_int_equal(info.st_mtime, TIME_S);
    }
    scratch_remove(folder);
    arena_clear(&arena);
}

static void test_archive_when_a_byte_is_changed_then_tar_says_so(void **state)
{
    struct arena arena = { 0 };
    struct err err;
    const char *folder = scratch_make(&arena), *bytes;
    size_t length;
    (void)state;
    assert_int_equal(file_read(&arena, archive_put(&arena, folder), 1 << 20, &bytes, &length, &err),
                     0);
    char *changed = memcpy(arena_alloc(&arena, length), bytes, length);
    changed[length / 2] ^= 0x55;
    assert_int_not_equal(
        run_tar(scratch_write(&arena, folder, "y.tar.gz", changed, length), folder), 0);
    scratch_remove(folder);
    arena_clear(&arena);
}

static void test_add_when_the_name_does_not_fit_then_refused(void **state)
{
    const char *const names[] = { "", "a/" TEN TEN TEN TEN TEN TEN TEN TEN TEN "aaaaaaaa" };
    (void)state;
    for (size_t i = 0; i < ROWS(names); i++) {
        struct arena arena = { 0 };
        struct archive archive = { .text = { .arena = &arena } };
        struct err err = { 0 };
        assert_int_equal(archive_add(&archive, names[i], "x", 1, 0, &err), -1);
        assert_int_equal(err.kind, ERR_DATA);
        assert_non_null(strstr(err.text, "cannot be a name in an archive"));
        assert_int_equal(archive.text.length, 0);
        assert_int_equal(archive_add(&archive, "x", "x", 8 * GIB_BYTES, 0, &err), -1);
        assert_string_equal(err.text, "'x' is too large for an archive");
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_archive_when_tar_reads_it_then_every_byte_is_back),
        cmocka_unit_test(test_archive_when_a_byte_is_changed_then_tar_says_so),
        cmocka_unit_test(test_add_when_the_name_does_not_fit_then_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
