/* Each changed library is copied into memory of exactly its length, so that a look behind its end
 * is seen under ASan. What is read in spite of it must be whole. */
#include "hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <elf.h>

#include <cmocka.h>

#include "engine/compiled_image_private.h"
#include "engine/compiled_lists_private.h"
#include "platform/file.h"
#include "rows.h"
#include "scratch.h"

#define CHANGES 20000U /* of each of five libraries, 100,000 together */
#define CHANGED_BYTES_MAX 4U

int hostile_decode(const unsigned char *bytes, size_t length, struct decoded *out, struct err *err)
{
    struct arena arena = { 0 };
    struct elf elf;
    struct image image;
    unsigned char *copy = malloc(length ? length : 1);
    const struct file_map file = { .bytes = copy, .length = length };
    memcpy(copy, bytes, length);
    int got = elf_open(copy, length, &elf, err);
    if (got == 0)
        got = image_open(&arena, &file, &elf, &image, err);
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

/* xorshift64*, so that a bad run can be repeated. Source: Vigna, "An experimental exploration of
 * Marsaglia's xorshift generators, scrambled". */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

void hostile_load(struct hostile *out, const char *label, const char *const *options)
{
    struct err err;
    *out = (struct hostile){ .label = label };
    const char *folder = scratch_make(&out->arena);
    const char *path = arena_printf(&out->arena, "%s/library.so", folder);
    assert_true(list_library_make(path, "library.c", options));
    assert_int_equal(file_read(&out->arena, path, 1 << 20, &out->bytes, &out->length, &err), 0);
    scratch_remove(folder);
}

void hostile_clear(struct hostile *hostile)
{
    arena_clear(&hostile->arena);
}

/* Behind it stands what no loader maps: section headers and symbols. */
static size_t mapped_end(const struct hostile *hostile)
{
    struct elf elf;
    struct elf_segment segment;
    struct err err;
    size_t end = 0;
    const unsigned char *bytes = (const unsigned char *)hostile->bytes;
    assert_int_equal(elf_open(bytes, hostile->length, &elf, &err), 0);
    for (uint64_t j = 0; elf_segment(&elf, j, &segment); j++) {
        if (segment.type == PT_LOAD && segment.offset + segment.file_bytes > end)
            end = (size_t)(segment.offset + segment.file_bytes);
    }
    return end;
}

void hostile_cut(const struct hostile *hostile)
{
    const unsigned char *bytes = (const unsigned char *)hostile->bytes;
    struct decoded decoded;
    struct err err;
    size_t end = mapped_end(hostile);
    int whole = hostile_decode(bytes, hostile->length, &decoded, &err);
    rows_err(hostile->label, whole, &err, NULL);
    for (size_t cut = 0; cut < end; cut++)
        rows_that(hostile_decode(bytes, cut, &decoded, &err) < 0 && err.text[0], hostile->label,
                  "cut at %u of %u it is read", (unsigned)cut, (unsigned)end);
    rows_done();
}

void hostile_change(const struct hostile *hostile)
{
    uint64_t seed = 0x9e3779b97f4a7c15ULL;
    size_t length = hostile->length, read = 0;
    unsigned char *bytes = malloc(length);
    memcpy(bytes, hostile->bytes, length);
    for (unsigned n = 0; n < CHANGES; n++) {
        struct decoded decoded;
        struct err err = { .text = "" };
        size_t at[CHANGED_BYTES_MAX];
        size_t count = 1 + (size_t)(next_random(&seed) % CHANGED_BYTES_MAX);
        for (size_t j = 0; j < count; j++) {
            at[j] = (size_t)(next_random(&seed) % length);
            bytes[at[j]] = (unsigned char)next_random(&seed);
        }
        if (hostile_decode(bytes, length, &decoded, &err) == 0)
            read++;
        else
            rows_that(err.text[0] != '\0', hostile->label, "change %u: no reason", n);
        for (size_t j = 0; j < count; j++)
            bytes[at[j]] = (unsigned char)hostile->bytes[at[j]];
    }
    rows_that(read > 0 && read < CHANGES, hostile->label, "%u of %u are read", (unsigned)read,
              CHANGES);
    free(bytes);
    rows_done();
}
