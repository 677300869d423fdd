/* Bytes that nobody vouches for: libraries cut short and with bytes changed at random. Each is
 * copied into memory of exactly its length, so that a look behind the end is seen under ASan. What
 * is read in spite of it must be whole. */
#include "engine/compiled_image_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#include <cmocka.h>

#include "engine/compiled_lists_private.h"
#include "list_library.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#ifndef CHANGES
#define CHANGES 5000U /* of each of five libraries; -DCHANGES=20000U makes 100,000 of them */
#endif
#define CHANGED_BYTES_MAX 4U
#define CUT_STEP 13U /* lengths that are tried; each would take minutes under ASan */

/* Decode a copy. */
static int decode(const unsigned char *bytes, size_t length, struct decoded *out, struct err *err)
{
    struct arena arena = { 0 };
    struct elf elf;
    struct image image;
    unsigned char *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    int got = elf_open(copy, length, &elf, err);
    if (got == 0)
        got = image_open(&arena, &elf, &image, err);
    if (got == 0)
        got = lists_decode(&arena, &image, out, err);
    if (got == 0) { /* everything that was read can be written */
        const char *const *features = feature_names(&out->lists, "102.0.5005.177");
        (void)raw_write(&arena, &out->lists.blocklist, &out->lists, features, &image, &out->tables);
        (void)raw_write(&arena, &out->lists.bugs, &out->lists, NULL, &image, &out->tables);
    }
    free(copy);
    arena_clear(&arena);
    return got;
}

static const struct {
    const char *label;
    const char *options[LIST_LIBRARY_OPTIONS];
} rows[] = {
    { "a", { LAYOUT_A } },
    { "b, unsorted", { LAYOUT_B, "-Wl,-z,nocombreloc" } },
    { "c", { LAYOUT_C } },
    { "d", { LAYOUT_D, "-s" } },
    { "filled", { LAYOUT_C, "-DFILLED=1" } },
};

struct fixture {
    struct arena arena;
    struct {
        const char *bytes;
        size_t length;
    } files[ROWS(rows)];
    const char *folder;
};

static int fixture_make(void **state)
{
    static struct fixture fixture;
    struct err err;
    fixture.folder = scratch_make(&fixture.arena);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *path = arena_printf(&fixture.arena, "%s/library-%u.so", fixture.folder,
                                        (unsigned)i);
        if (!list_library_make(path, "library.c", rows[i].options)
            || file_read(&fixture.arena, path, 1 << 20, &fixture.files[i].bytes,
                         &fixture.files[i].length, &err)
                   < 0)
            return -1;
    }
    *state = &fixture;
    return 0;
}

static int fixture_remove(void **state)
{
    struct fixture *fixture = *state;
    scratch_remove(fixture->folder);
    arena_clear(&fixture->arena);
    return 0;
}

static void test_lists_decode_of_a_library_cut_at_every_length(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        const unsigned char *bytes = (const unsigned char *)fixture->files[i].bytes;
        size_t length = fixture->files[i].length, end = 0;
        struct decoded decoded;
        struct err err;
        struct elf elf;
        struct elf_segment segment;
        rows_err(rows[i].label, decode(bytes, length, &decoded, &err), &err, NULL);
        rows_number(rows[i].label, elf_open(bytes, length, &elf, &err), 0);
        for (uint64_t j = 0; elf_segment(&elf, j, &segment); j++) {
            if (segment.type == PT_LOAD && segment.offset + segment.file_bytes > end)
                end = (size_t)(segment.offset + segment.file_bytes);
        }
        for (size_t cut = 0; cut < end; cut += CUT_STEP)
            rows_that(decode(bytes, cut, &decoded, &err) < 0 && err.text[0], rows[i].label,
                      "cut at %u of %u it is read", (unsigned)cut, (unsigned)end);
        rows_that(decode(bytes, end - 1, &decoded, &err) < 0, rows[i].label,
                  "without its last byte it is read");
    }
    rows_done();
}

/* xorshift64*, so that a bad run can be repeated. Source: Vigna, "An experimental exploration of
 * Marsaglia's xorshift generators, scrambled". */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

static void test_lists_decode_of_random_changes(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seed = 0x9e3779b97f4a7c15ULL;
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t length = fixture->files[i].length, read = 0;
        unsigned char *bytes = malloc(length);
        for (unsigned n = 0; n < CHANGES; n++) {
            struct decoded decoded;
            struct err err = { .text = "" };
            size_t at[CHANGED_BYTES_MAX];
            size_t count = 1 + (size_t)(next_random(&seed) % CHANGED_BYTES_MAX);
            if (n == 0)
                memcpy(bytes, fixture->files[i].bytes, length);
            for (size_t j = 0; j < count; j++) {
                at[j] = (size_t)(next_random(&seed) % length);
                bytes[at[j]] = (unsigned char)next_random(&seed);
            }
            if (decode(bytes, length, &decoded, &err) == 0)
                read++;
            else
                rows_that(err.text[0] != '\0', rows[i].label, "change %u: no reason", n);
            for (size_t j = 0; j < count; j++)
                bytes[at[j]] = (unsigned char)fixture->files[i].bytes[at[j]];
        }
        rows_that(read > 0 && read < CHANGES, rows[i].label, "%u of %u are read", (unsigned)read,
                  CHANGES);
        free(bytes);
    }
    rows_done();
}

/* A dynamic entry with a tag instead of one that nobody misses. */
static void test_image_open_of_relocations_packed_for_android(void **state)
{
    static const uint64_t tags[] = { 0x6000000f, 0x60000011, 0x6fffe000 };
    struct fixture *fixture = *state;
    size_t length = fixture->files[0].length;
    for (size_t i = 0; i < ROWS(tags); i++) {
        unsigned char *bytes = malloc(length);
        struct decoded decoded;
        struct elf elf;
        struct elf_segment segment;
        struct err err;
        memcpy(bytes, fixture->files[0].bytes, length);
        assert_int_equal(elf_open(bytes, length, &elf, &err), 0);
        for (uint64_t j = 0; elf_segment(&elf, j, &segment); j++) {
            for (uint64_t at = 0; segment.type == PT_DYNAMIC && at < segment.file_bytes; at += 16) {
                if (image_number(bytes + segment.offset + at, 8) == DT_GNU_HASH)
                    memcpy(bytes + segment.offset + at, &tags[i], 8);
            }
        }
        rows_err("packed", decode(bytes, length, &decoded, &err), &err,
                 "relocations packed for Android are not read");
        free(bytes);
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_decode_of_a_library_cut_at_every_length),
        cmocka_unit_test(test_lists_decode_of_random_changes),
        cmocka_unit_test(test_image_open_of_relocations_packed_for_android),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
