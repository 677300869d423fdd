/* fake_elf.h: small ELF files with what tells an engine.
 * Room: tests. Link addresses are offsets in the file. */
#ifndef QWGUARD_TESTS_FAKE_ELF_H
#define QWGUARD_TESTS_FAKE_ELF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct fake_elf {
    unsigned machine; /* EM_X86_64 … */
    bool is_32, is_big_endian, no_sections;
    const char *soname, *runpath, *rpath; /* NULL = none */
    const char *needed[4];                /* NULL ends */
    const char *constants;                /* .rodata */
    size_t constants_length;
    const char *qt, *chromium; /* what the exported functions return; NULL = no such function */
    const char *build_id;      /* bytes; NULL = none */
};

/**
 * The file's bytes in the arena.
 */
const unsigned char *fake_elf_build(struct arena *arena, const struct fake_elf *what,
                                    size_t *out_length);

#endif
