/* compiled_image_private.h: a library as it would lie in memory, without loading it: link
 * addresses, relocated pointers, and pages that can be written without touching the file.
 * Room: engine, private. Borrows a file that nobody vouches for; every address is checked.
 * Source: docs/lists.md; the System V ABI and its supplements for x86-64, i386 and AArch64. */
#ifndef QWGUARD_ENGINE_COMPILED_IMAGE_PRIVATE_H
#define QWGUARD_ENGINE_COMPILED_IMAGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/compiled_pieces_private.h"
#include "engine/engine_elf_private.h"

#define IMAGE_SEGMENTS_MAX 16
#define IMAGE_PAGE_BYTES 4096U

/* A loaded segment. What lies behind file_bytes is zero. */
struct image_segment {
    uint64_t address;
    uint64_t memory_bytes;
    uint64_t file_bytes;
    uint64_t offset; /* in the file, where all of file_bytes lie */
    bool writable, executable;
    uint64_t *targets; /* link address + 1 for each word that is relocated; NULL = look it up */
    unsigned char *foreign; /* one bit for each word with a relocation of another kind */
};

/* Pages that were written: copies, with pointers already relocated. */
struct image_pages {
    uint64_t start; /* link address of the first page */
    size_t count;
    unsigned char **pages; /* NULL = not looked at */
    struct {
        unsigned char **items; /* pages to be used again */
        size_t count, capacity;
    } spare;
};

struct image {
    struct arena *arena;
    struct pieces *pieces; /* of the file */
    unsigned word;         /* bytes of a pointer: 4 or 8 */
    unsigned machine;      /* EM_X86_64 … */
    struct image_segment segments[IMAGE_SEGMENTS_MAX];
    size_t segment_count;
    struct {             /* RELATIVE records with addends, in the order of their places */
        uint64_t offset; /* in the file; 0 = the segments' targets hold them */
        size_t count;
        uint64_t spacing; /* bytes between two places, on average */
        size_t *last;     /* found last: the next one is mostly near */
    } sorted;
    uint64_t relro_start, relro_end; /* becomes read-only after loading */
    struct image_pages *pages;       /* NULL = nothing was written */
};

/**
 * Number of 4 or 8 bytes, little-endian. Copied whole, so that a compiler makes one load of it: the
 * walk over the data of a library does this two million times.
 */
static inline uint64_t image_number(const unsigned char *bytes, unsigned size)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t half;
    uint64_t whole;
    if (size == sizeof half) {
        memcpy(&half, bytes, sizeof half);
        return half;
    }
    memcpy(&whole, bytes, sizeof whole);
    return whole;
#else
    uint64_t number = 0;
    for (unsigned i = 0; i < size; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
#endif
}

/**
 * Take in the segments and relocations of a library.
 *
 * arena     for tables and strings; must live as long as the image
 * file      the file that the ELF header was read from; borrowed
 * returns   0, or -1 and ERR_DATA: truncated, another machine, relocations in a form that is not
 *           read
 */
int image_open(struct arena *arena, const struct file_map *file, const struct elf *elf,
               struct image *out, struct err *err);

/**
 * The segment that an address lies in, NULL when there is none.
 */
const struct image_segment *image_segment_of(const struct image *image, uint64_t address);

/**
 * Copy memory; what was written is seen, pointers in unwritten pages are not relocated.
 *
 * returns   false when not all of it lies in one segment; out untouched
 */
bool image_read(const struct image *image, uint64_t address, void *out, size_t length);

/**
 * Number of four bytes.
 */
bool image_read_u32(const struct image *image, uint64_t address, uint32_t *out);

/**
 * The relocated pointer at an address; 0 for NULL.
 *
 * returns   false when there is no sound one: a number without relocation, another kind of
 *           relocation, or a target outside all segments
 */
bool image_pointer(const struct image *image, uint64_t address, uint64_t *out);

/**
 * A terminated string of printable ASCII in a part of the file that is never written.
 *
 * returns   NULL when it is none; else a copy in the image's arena
 */
const char *image_text(const struct image *image, uint64_t address);

/**
 * Is there any relocation, or a byte that is not 0, between two addresses?
 *
 * returns   true also when the range lies outside
 */
bool image_is_filled(const struct image *image, uint64_t address, size_t length);

/**
 * Allow writing: fresh pages, none written. The caller may keep several and exchange them.
 */
struct image_pages *image_pages_new(struct image *image);

/**
 * Forget what was written.
 */
void image_pages_clear(struct arena *arena, struct image_pages *pages);

/**
 * Read, write as the library's own code would see its memory: pointers relocated, the part that
 * becomes read-only and everything else that is constant refuses writing.
 *
 * returns   false when it is not allowed or not there
 */
bool image_load(struct image *image, uint64_t address, void *out, size_t length);
bool image_store(struct image *image, uint64_t address, const void *bytes, size_t length);

/**
 * Functions that the pointers near an address lead to, for finding the code that fills a table:
 * the nearest pointer first, each function once.
 *
 * forwards  look behind the address, else before it
 * out       room for max
 * returns   how many there are
 */
size_t image_code_near(const struct image *image, uint64_t address, bool forwards, uint64_t *out,
                       size_t max);

#endif
