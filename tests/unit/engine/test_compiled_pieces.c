/* Reading a file by pieces gives what the file holds, wherever a stretch begins and ends. */
#include "engine/compiled_pieces_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macros.h"
#include "rows.h"
#include "scratch.h"

#define FILE_BYTES (3 * STREAM_BYTES + 1234)
#define LAST (FILE_BYTES - 1)

/* Repeats only after the file's end, so that no stretch looks like another. */
static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 2654435761U >> 13);
}

/* In order: what a row leaves behind in memory must not lead the next one astray. */
static const struct {
    const char *label;
    uint64_t offset;
    size_t length;
    bool there;
} rows[] = {
    { "the first byte", 0, 1, true },
    { "inside a piece", 100, 500, true },
    { "across two pieces", PIECE_BYTES - 3, 8, true },
    { "a whole piece", 2 * PIECE_BYTES, PIECE_BYTES, true },
    { "across many pieces", PIECE_BYTES / 2, 10 * PIECE_BYTES, true },
    { "more than all places hold", 0,
      PIECES_COUNT *PIECE_BYTES > STREAM_BYTES ? STREAM_BYTES : PIECES_COUNT *PIECE_BYTES, true },
    { "most that can be asked for", 7, STREAM_BYTES, true },
    { "backwards", 50, 20, true },
    { "the end", FILE_BYTES - 40, 40, true },
    { "nothing at the end", FILE_BYTES, 0, true },
    { "one behind the end", LAST, 2, false },
    { "far behind the end", UINT64_MAX - 1, 8, false },
};

static void pieces_check(const struct file_map *file, const char *where)
{
    struct arena arena = { 0 };
    struct pieces pieces;
    unsigned char *want = arena_alloc(&arena, STREAM_BYTES);
    unsigned char *copy = arena_alloc(&arena, STREAM_BYTES);
    pieces_open(&arena, file, &pieces);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *label = arena_printf(&arena, "%s: %s", where, rows[i].label);
        size_t length = rows[i].length;
        for (size_t j = 0; j < length; j++)
            want[j] = byte_at((size_t)rows[i].offset + j);
        bool copied = pieces_copy(&pieces, rows[i].offset, copy, length);
        const unsigned char *stream = pieces_stream(&pieces, rows[i].offset, length);
        rows_that(copied == rows[i].there && (!copied || memcmp(copy, want, length) == 0), label,
                  "not what the file holds (copied)");
        rows_that((stream != NULL) == rows[i].there
                      && (!stream || memcmp(stream, want, length) == 0),
                  label, "not what the file holds (stream)");
    }
    rows_that(!pieces_stream(&pieces, 0, STREAM_BYTES + 1), where, "more than fits is given");
    arena_clear(&arena);
}

static void test_pieces_of_a_file_and_of_memory(void **state)
{
    static char bytes[FILE_BYTES];
    struct arena arena = { 0 };
    struct file_map map;
    struct err err;
    const char *folder = scratch_make(&arena);
    (void)state;
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (char)byte_at(i);
    const char *path = scratch_write(&arena, folder, "file", bytes, FILE_BYTES);
    assert_int_equal(file_map_open(path, &map, &err), 0);
    pieces_check(&map, "file");
    file_map_close(&map);
    const struct file_map memory = { .bytes = (const unsigned char *)bytes, .length = FILE_BYTES };
    pieces_check(&memory, "memory");
    scratch_remove(folder);
    arena_clear(&arena);
    rows_done();
}

/* A file that another one is written over while it is read. */
static void test_pieces_of_a_file_that_shrinks(void **state)
{
    static char bytes[FILE_BYTES];
    struct arena arena = { 0 };
    struct file_map map;
    struct pieces pieces;
    struct err err;
    unsigned char copy[8];
    const char *folder = scratch_make(&arena);
    (void)state;
    const char *path = scratch_write(&arena, folder, "file", bytes, FILE_BYTES);
    assert_int_equal(file_map_open(path, &map, &err), 0);
    pieces_open(&arena, &map, &pieces);
    (void)scratch_write(&arena, folder, "file", "short", 5);
    assert_false(pieces_copy(&pieces, FILE_BYTES - 8, copy, sizeof copy));
    assert_null(pieces_stream(&pieces, FILE_BYTES - 8, 8));
    assert_false(pieces_copy(&pieces, 0, copy, sizeof copy));
    file_map_close(&map);
    scratch_remove(folder);
    arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_of_a_file_and_of_memory),
        cmocka_unit_test(test_pieces_of_a_file_that_shrinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
