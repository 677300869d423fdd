/* engine_elf_private.h: the few things of an ELF file that tell which engine it is.
 * Room: engine, private. Reads a mapped file of either class, either byte order and any machine;
 * every offset is checked against the length, so a truncated or hostile file gives "not there".
 * Source: the System V ABI, chapters "Object Files" and "Program Loading"; elf(5). */
#ifndef QWGUARD_ENGINE_ENGINE_ELF_PRIVATE_H
#define QWGUARD_ENGINE_ENGINE_ELF_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* A table of headers in the file: count rows of size_bytes each. */
struct elf_table {
    uint64_t offset;
    uint64_t size_bytes;
    uint64_t count;
};

/* A mapped file whose header is sound. Borrows the bytes. */
struct elf {
    const unsigned char *bytes;
    uint64_t length;
    bool is_64;
    bool is_big_endian;
    unsigned machine; /* EM_X86_64 … */
    struct elf_table segments;
    struct elf_table sections;
};

/* Bytes inside the file; borrowed from the map. */
struct elf_span {
    const unsigned char *bytes;
    size_t length;
};

/* A program header. */
struct elf_segment {
    uint64_t type;  /* PT_LOAD … */
    uint64_t flags; /* PF_W … */
    uint64_t offset, file_bytes;
    uint64_t address, memory_bytes;
};

/* What the dynamic linker is told. NULL = not given; strings live in the arena. */
struct elf_dynamic {
    const char *soname;
    const char *runpath;
    const char *rpath;
    struct strings needed; /* in their order */
};

/**
 * Check magic, class, byte order and the header tables.
 *
 * out       borrows the bytes
 * returns   0, or -1 and ERR_DATA
 */
int elf_open(const unsigned char *bytes, size_t length, struct elf *out, struct err *err);

/**
 * A section by its name (".rodata").
 *
 * returns   false when there is none, or it does not lie inside the file
 */
bool elf_section(const struct elf *elf, const char *name, struct elf_span *out);

/**
 * Next loaded segment that is not writable, for files without section headers.
 *
 * index     in: where to go on (0 at first); out: behind the one found
 */
bool elf_constants(const struct elf *elf, uint64_t *index, struct elf_span *out);

/**
 * The bytes from a link address to the end of its segment in the file.
 */
bool elf_at(const struct elf *elf, uint64_t address, struct elf_span *out);

/**
 * The n-th program header (from 0).
 *
 * returns   false when there are no more
 */
bool elf_segment(const struct elf *elf, uint64_t index, struct elf_segment *out);

/**
 * Number that stands in the dynamic section under a tag (DT_RELA …).
 *
 * returns   false when there is none; out untouched
 */
bool elf_dynamic_number(const struct elf *elf, uint64_t tag, uint64_t *out);

/**
 * Names of libraries and their search paths.
 *
 * returns   false when the file has no sound dynamic section
 */
bool elf_dynamic_read(struct arena *arena, const struct elf *elf, struct elf_dynamic *out);

/**
 * Link address of an exported symbol.
 */
bool elf_symbol(const struct elf *elf, const char *name, uint64_t *out_address);

/**
 * GNU build id in hexadecimal, NULL when there is none.
 */
const char *elf_build_id(struct arena *arena, const struct elf *elf);

/**
 * The terminated text that a function without arguments returns, when its whole body is "return
 * the address of a constant" (x86-64 and arm64); NULL when it is anything else.
 */
const char *elf_returned_text(const struct elf *elf, const char *function);

#endif
