/* Writes ELF files field by field, in either class and byte order. Source: elf(5). */
#include "fake_elf.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <elf.h>

#include "base/macros.h"

#define BYTES_MAX (16 * 1024)
#define DYNAMICS_MAX 16
#define FUNCTION_BYTES 16

struct out {
    unsigned char *bytes;
    size_t length;
    bool is_32, is_big_endian;
};

/* A table of strings: offset in the file and what was added so far. */
struct strings_out {
    char bytes[1024];
    size_t length;
};

static void put(struct out *out, size_t at, size_t size, uint64_t value)
{
    assert(at + size <= BYTES_MAX);
    for (size_t i = 0; i < size; i++)
        out->bytes[at + (out->is_big_endian ? size - 1 - i : i)] = (unsigned char)(value >> 8 * i);
}

#define PUT(out, base, type, name, value)                                                          \
    ((out)->is_32 ? put((out), (base) + offsetof(Elf32_##type, name),                              \
                        sizeof(((Elf32_##type *)NULL)->name), (value))                             \
                  : put((out), (base) + offsetof(Elf64_##type, name),                              \
                        sizeof(((Elf64_##type *)NULL)->name), (value)))
#define SIZE(out, type) ((out)->is_32 ? sizeof(Elf32_##type) : sizeof(Elf64_##type))

static size_t reserve(struct out *out, size_t size)
{
    size_t at = (out->length + 15) / 16 * 16;
    out->length = at + size;
    assert(out->length <= BYTES_MAX);
    return at;
}

static size_t append(struct out *out, const void *bytes, size_t length)
{
    size_t at = reserve(out, length);
    if (length)
        memcpy(out->bytes + at, bytes, length);
    return at;
}

static size_t string_add(struct strings_out *strings, const char *text)
{
    size_t at = strings->length;
    assert(at + strlen(text) + 1 <= sizeof strings->bytes);
    memcpy(strings->bytes + at, text, strlen(text) + 1);
    strings->length += strlen(text) + 1;
    return at;
}

static size_t function_add(struct out *out, unsigned machine, size_t target)
{
    size_t at = reserve(out, FUNCTION_BYTES);
    if (machine == EM_AARCH64) {
        uint32_t pages = (uint32_t)(target >> 12) - (uint32_t)(at >> 12);
        put(out, at, 4, 0x90000000U | (pages & 3U) << 29 | (pages >> 2 & 0x7ffffU) << 5);
        put(out, at + 4, 4, 0x91000000U | (uint32_t)(target & 0xfffU) << 10);
        put(out, at + 8, 4, 0xd65f03c0U);
        return at;
    }
    static const unsigned char start[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x8d, 0x05 };
    memcpy(out->bytes + at, start, sizeof start);
    put(out, at + sizeof start, 4, (uint64_t)target - (at + sizeof start + 4));
    out->bytes[at + sizeof start + 4] = 0xc3;
    return at;
}

struct places {
    size_t names, names_length, symbols, symbols_length, dynamic, dynamic_length;
    size_t constants, constants_length, note, note_length;
};

static void symbol_put(struct out *out, size_t at, size_t name, size_t value, unsigned section)
{
    PUT(out, at, Sym, st_name, name);
    PUT(out, at, Sym, st_value, value);
    PUT(out, at, Sym, st_shndx, section);
}

static void symbols_add(struct out *out, const struct fake_elf *what, struct strings_out *names,
                        struct places *places)
{
    const struct {
        const char *name, *text;
    } functions[] = { { "_Z17qWebEngineVersionv", what->qt },
                      { "_Z25qWebEngineChromiumVersionv", what->chromium } };
    size_t row = SIZE(out, Sym), values[ROWS(functions)] = { 0 };
    for (size_t i = 0; i < ROWS(functions); i++) {
        if (functions[i].text)
            values[i] = function_add(out, what->machine,
                                     append(out, functions[i].text, strlen(functions[i].text) + 1));
    }
    places->symbols = reserve(out, 3 * row);
    places->symbols_length = 3 * row;
    for (size_t i = 0; i < ROWS(functions); i++)
        symbol_put(out, places->symbols + (i + 1) * row, string_add(names, functions[i].name),
                   values[i], functions[i].text ? 1 : SHN_UNDEF);
}

static void dynamic_add(struct out *out, const struct fake_elf *what, struct strings_out *names,
                        struct places *places)
{
    struct {
        uint64_t tag, value;
    } rows[DYNAMICS_MAX];
    size_t count = 0;
    const struct {
        uint64_t tag;
        const char *text;
    } single[] = { { DT_SONAME, what->soname },
                   { DT_RUNPATH, what->runpath },
                   { DT_RPATH, what->rpath } };
    for (size_t i = 0; i < ROWS(what->needed) && what->needed[i]; i++) {
        rows[count].tag = DT_NEEDED;
        rows[count++].value = string_add(names, what->needed[i]);
    }
    for (size_t i = 0; i < ROWS(single); i++) {
        if (!single[i].text)
            continue;
        rows[count].tag = single[i].tag;
        rows[count++].value = string_add(names, single[i].text);
    }
    places->names = append(out, names->bytes, names->length);
    places->names_length = names->length;
    rows[count].tag = DT_STRTAB;
    rows[count++].value = places->names;
    places->dynamic_length = (count + 1) * SIZE(out, Dyn);
    places->dynamic = reserve(out, places->dynamic_length);
    for (size_t i = 0; i < count; i++) {
        PUT(out, places->dynamic + i * SIZE(out, Dyn), Dyn, d_tag, rows[i].tag);
        PUT(out, places->dynamic + i * SIZE(out, Dyn), Dyn, d_un, rows[i].value);
    }
}

static void note_add(struct out *out, const struct fake_elf *what, struct places *places)
{
    if (!what->build_id)
        return;
    size_t length = strlen(what->build_id);
    places->note_length = sizeof(Elf32_Nhdr) + 4 + (length + 3) / 4 * 4;
    places->note = reserve(out, places->note_length);
    put(out, places->note, 4, sizeof ELF_NOTE_GNU);
    put(out, places->note + 4, 4, length);
    put(out, places->note + 8, 4, NT_GNU_BUILD_ID);
    memcpy(out->bytes + places->note + 12, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU);
    memcpy(out->bytes + places->note + 16, what->build_id, length);
}

static size_t segments_put(struct out *out, size_t at, const struct places *places)
{
    const struct {
        unsigned type, flags;
        size_t offset, length;
    } rows[] = { { PT_LOAD, PF_R | PF_X, 0, out->length },
                 { PT_DYNAMIC, PF_R, places->dynamic, places->dynamic_length },
                 { PT_NOTE, PF_R, places->note, places->note_length } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t row = at + i * SIZE(out, Phdr);
        PUT(out, row, Phdr, p_type, rows[i].type);
        PUT(out, row, Phdr, p_flags, rows[i].flags);
        PUT(out, row, Phdr, p_offset, rows[i].offset);
        PUT(out, row, Phdr, p_vaddr, rows[i].offset);
        PUT(out, row, Phdr, p_filesz, rows[i].length);
    }
    return ROWS(rows);
}

static void sections_put(struct out *out, const struct places *places)
{
    struct strings_out names = { .length = 1 };
    const struct {
        const char *name;
        unsigned type, link;
        size_t offset, length;
    } rows[] = { { "", SHT_NULL, 0, 0, 0 },
                 { ".rodata", SHT_PROGBITS, 0, places->constants, places->constants_length },
                 { ".dynsym", SHT_DYNSYM, 3, places->symbols, places->symbols_length },
                 { ".dynstr", SHT_STRTAB, 0, places->names, places->names_length } };
    size_t name_at[ROWS(rows)], own = string_add(&names, ".shstrtab");
    for (size_t i = 0; i < ROWS(rows); i++)
        name_at[i] = string_add(&names, rows[i].name);
    size_t names_at = append(out, names.bytes, names.length), row = SIZE(out, Shdr);
    size_t table = reserve(out, (ROWS(rows) + 1) * row);
    for (size_t i = 0; i < ROWS(rows); i++) {
        PUT(out, table + i * row, Shdr, sh_name, name_at[i]);
        PUT(out, table + i * row, Shdr, sh_type, rows[i].type);
        PUT(out, table + i * row, Shdr, sh_link, rows[i].link);
        PUT(out, table + i * row, Shdr, sh_offset, rows[i].offset);
        PUT(out, table + i * row, Shdr, sh_size, rows[i].length);
    }
    PUT(out, table + ROWS(rows) * row, Shdr, sh_name, own);
    PUT(out, table + ROWS(rows) * row, Shdr, sh_type, SHT_STRTAB);
    PUT(out, table + ROWS(rows) * row, Shdr, sh_offset, names_at);
    PUT(out, table + ROWS(rows) * row, Shdr, sh_size, names.length);
    PUT(out, 0, Ehdr, e_shoff, table);
    PUT(out, 0, Ehdr, e_shentsize, row);
    PUT(out, 0, Ehdr, e_shnum, ROWS(rows) + 1);
    PUT(out, 0, Ehdr, e_shstrndx, ROWS(rows));
}

const unsigned char *fake_elf_build(struct arena *arena, const struct fake_elf *what,
                                    size_t *out_length)
{
    struct out out = { .bytes = arena_alloc(arena, BYTES_MAX),
                       .is_32 = what->is_32,
                       .is_big_endian = what->is_big_endian };
    struct strings_out names = { .length = 1 };
    struct places places = { 0 };
    (void)reserve(&out, SIZE(&out, Ehdr)); /* at 0 */
    size_t segments = reserve(&out, 3 * SIZE(&out, Phdr));
    places.constants = append(&out, what->constants, what->constants_length);
    places.constants_length = what->constants_length;
    symbols_add(&out, what, &names, &places);
    dynamic_add(&out, what, &names, &places);
    note_add(&out, what, &places);
    memcpy(out.bytes, ELFMAG, SELFMAG);
    out.bytes[EI_CLASS] = what->is_32 ? ELFCLASS32 : ELFCLASS64;
    out.bytes[EI_DATA] = what->is_big_endian ? ELFDATA2MSB : ELFDATA2LSB;
    PUT(&out, 0, Ehdr, e_machine, what->machine);
    PUT(&out, 0, Ehdr, e_phoff, segments);
    PUT(&out, 0, Ehdr, e_phentsize, SIZE(&out, Phdr));
    PUT(&out, 0, Ehdr, e_phnum, segments_put(&out, segments, &places));
    if (!what->no_sections)
        sections_put(&out, &places);
    *out_length = out.length;
    return out.bytes;
}
