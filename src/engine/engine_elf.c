/* Reads ELF files that nobody vouches for: all numbers of the file go through one function that
 * checks the place and turns the bytes round, so a broken file can only give "not there". */
#include "engine/engine_elf_private.h"

#include <string.h>

#include <elf.h>

#include "base/macros.h"

#define SYMBOLS_MAX (1U << 20)    /* Qt WebEngine libraries export 2,000 to 6,000 */
#define NOTES_MAX 64U             /* notes per segment; real files have one to three */
#define BUILD_ID_BYTES_MAX 64U    /* SHA-1 gives 20 */
#define DYNAMIC_ENTRIES_MAX 4096U /* real files have below 100 */
#define ARM64_WORD_BYTES 4U

/* Offset of a field and its size, in the class of the file. */
#define FIELD(elf, base, type, name)                                                               \
    ((elf)->is_64 ? number((elf), (base) + offsetof(Elf64_##type, name),                           \
                           sizeof(((Elf64_##type *)NULL)->name))                                   \
                  : number((elf), (base) + offsetof(Elf32_##type, name),                           \
                           sizeof(((Elf32_##type *)NULL)->name)))
#define SIZE_OF(elf, type) ((elf)->is_64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

static bool inside(const struct elf *elf, uint64_t offset, uint64_t size)
{
    return offset <= elf->length && size <= elf->length - offset;
}

/* A number of the file; 0 when it does not lie inside, which no caller takes for a valid place. */
static uint64_t number(const struct elf *elf, uint64_t offset, size_t size)
{
    if (!inside(elf, offset, size))
        return 0;
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        size_t at = elf->is_big_endian ? i : size - 1 - i;
        value = value << 8 | elf->bytes[offset + at];
    }
    return value;
}

static bool span_set(const struct elf *elf, uint64_t offset, uint64_t size, struct elf_span *out)
{
    if (!inside(elf, offset, size))
        return false;
    *out = (struct elf_span){ .bytes = elf->bytes + offset, .length = (size_t)size };
    return true;
}

static bool table_is_sound(const struct elf *elf, const struct elf_table *table, size_t row_bytes)
{
    return table->count == 0
           || (table->size_bytes >= row_bytes && inside(elf, table->offset, 1)
               && table->count <= (elf->length - table->offset) / table->size_bytes);
}

int elf_open(const unsigned char *bytes, size_t length, struct elf *out, struct err *err)
{
    if (length < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return err_set(err, ERR_DATA, "no ELF file");
    if ((bytes[EI_CLASS] != ELFCLASS32 && bytes[EI_CLASS] != ELFCLASS64)
        || (bytes[EI_DATA] != ELFDATA2LSB && bytes[EI_DATA] != ELFDATA2MSB))
        return err_set(err, ERR_DATA, "unknown class or byte order of an ELF file");
    struct elf elf = { .bytes = bytes,
                       .length = length,
                       .is_64 = bytes[EI_CLASS] == ELFCLASS64,
                       .is_big_endian = bytes[EI_DATA] == ELFDATA2MSB };
    if (length < SIZE_OF(&elf, Ehdr))
        return err_set(err, ERR_DATA, "truncated ELF header");
    elf.machine = (unsigned)FIELD(&elf, 0, Ehdr, e_machine);
    elf.segments = (struct elf_table){ .offset = FIELD(&elf, 0, Ehdr, e_phoff),
                                       .size_bytes = FIELD(&elf, 0, Ehdr, e_phentsize),
                                       .count = FIELD(&elf, 0, Ehdr, e_phnum) };
    elf.sections = (struct elf_table){ .offset = FIELD(&elf, 0, Ehdr, e_shoff),
                                       .size_bytes = FIELD(&elf, 0, Ehdr, e_shentsize),
                                       .count = FIELD(&elf, 0, Ehdr, e_shnum) };
    if (!table_is_sound(&elf, &elf.segments, SIZE_OF(&elf, Phdr)))
        return err_set(err, ERR_DATA, "truncated ELF file: program headers lie behind its end");
    /* Section headers stand at the end and may be stripped; without them segments do. */
    if (!table_is_sound(&elf, &elf.sections, SIZE_OF(&elf, Shdr)))
        elf.sections.count = 0;
    *out = elf;
    return 0;
}

/* A terminated string inside a span; NULL when it does not end there. */
static const char *string_at(const struct elf_span *span, uint64_t offset)
{
    if (offset >= span->length || !memchr(span->bytes + offset, '\0', span->length - offset))
        return NULL;
    return (const char *)span->bytes + offset;
}

static uint64_t row(const struct elf_table *table, uint64_t index)
{
    return table->offset + index * table->size_bytes;
}

bool elf_section(const struct elf *elf, const char *name, struct elf_span *out)
{
    uint64_t names_index = FIELD(elf, 0, Ehdr, e_shstrndx);
    if (names_index >= elf->sections.count)
        return false;
    uint64_t header = row(&elf->sections, names_index);
    struct elf_span names;
    if (!span_set(elf, FIELD(elf, header, Shdr, sh_offset), FIELD(elf, header, Shdr, sh_size),
                  &names))
        return false;
    for (uint64_t i = 0; i < elf->sections.count; i++) {
        header = row(&elf->sections, i);
        const char *found = string_at(&names, FIELD(elf, header, Shdr, sh_name));
        if (found && strcmp(found, name) == 0 && FIELD(elf, header, Shdr, sh_type) != SHT_NOBITS)
            return span_set(elf, FIELD(elf, header, Shdr, sh_offset),
                            FIELD(elf, header, Shdr, sh_size), out);
    }
    return false;
}

bool elf_constants(const struct elf *elf, uint64_t *index, struct elf_span *out)
{
    for (; *index < elf->segments.count; (*index)++) {
        uint64_t header = row(&elf->segments, *index);
        if (FIELD(elf, header, Phdr, p_type) != PT_LOAD
            || (FIELD(elf, header, Phdr, p_flags) & PF_W))
            continue;
        if (span_set(elf, FIELD(elf, header, Phdr, p_offset), FIELD(elf, header, Phdr, p_filesz),
                     out)) {
            (*index)++;
            return true;
        }
    }
    return false;
}

bool elf_at(const struct elf *elf, uint64_t address, struct elf_span *out)
{
    for (uint64_t i = 0; i < elf->segments.count; i++) {
        uint64_t header = row(&elf->segments, i);
        uint64_t start = FIELD(elf, header, Phdr, p_vaddr);
        uint64_t size = FIELD(elf, header, Phdr, p_filesz);
        if (FIELD(elf, header, Phdr, p_type) != PT_LOAD || address < start
            || address - start >= size)
            continue;
        uint64_t offset = FIELD(elf, header, Phdr, p_offset);
        return inside(elf, offset, size)
               && span_set(elf, offset + (address - start), size - (address - start), out);
    }
    return false;
}

bool elf_segment(const struct elf *elf, uint64_t index, struct elf_segment *out)
{
    if (index >= elf->segments.count)
        return false;
    uint64_t header = row(&elf->segments, index);
    *out = (struct elf_segment){ .type = FIELD(elf, header, Phdr, p_type),
                                 .flags = FIELD(elf, header, Phdr, p_flags),
                                 .offset = FIELD(elf, header, Phdr, p_offset),
                                 .file_bytes = FIELD(elf, header, Phdr, p_filesz),
                                 .address = FIELD(elf, header, Phdr, p_vaddr),
                                 .memory_bytes = FIELD(elf, header, Phdr, p_memsz) };
    return true;
}

/* The dynamic section as offset and number of entries. */
static bool dynamic_find(const struct elf *elf, struct elf_table *out)
{
    for (uint64_t i = 0; i < elf->segments.count; i++) {
        uint64_t header = row(&elf->segments, i);
        if (FIELD(elf, header, Phdr, p_type) != PT_DYNAMIC)
            continue;
        uint64_t size = FIELD(elf, header, Phdr, p_filesz);
        *out = (struct elf_table){ .offset = FIELD(elf, header, Phdr, p_offset),
                                   .size_bytes = SIZE_OF(elf, Dyn) };
        out->count = size / out->size_bytes;
        if (out->count > DYNAMIC_ENTRIES_MAX)
            out->count = DYNAMIC_ENTRIES_MAX;
        return inside(elf, out->offset, size);
    }
    return false;
}

/* Value of the n-th entry with a tag (from 0). */
static bool dynamic_value(const struct elf *elf, const struct elf_table *dynamic, uint64_t tag,
                          size_t n, uint64_t *out)
{
    for (uint64_t i = 0; i < dynamic->count; i++) {
        uint64_t entry = row(dynamic, i);
        uint64_t found = FIELD(elf, entry, Dyn, d_tag);
        if (found == DT_NULL)
            return false;
        if (found == tag && n-- == 0) {
            *out = FIELD(elf, entry, Dyn, d_un);
            return true;
        }
    }
    return false;
}

bool elf_dynamic_number(const struct elf *elf, uint64_t tag, uint64_t *out)
{
    struct elf_table dynamic;
    return dynamic_find(elf, &dynamic) && dynamic_value(elf, &dynamic, tag, 0, out);
}

bool elf_dynamic_read(struct arena *arena, const struct elf *elf, struct elf_dynamic *out)
{
    struct elf_table dynamic;
    uint64_t address, offset;
    struct elf_span names;
    *out = (struct elf_dynamic){ 0 };
    if (!dynamic_find(elf, &dynamic) || !dynamic_value(elf, &dynamic, DT_STRTAB, 0, &address)
        || !elf_at(elf, address, &names))
        return false;
    const struct {
        uint64_t tag;
        const char **value;
    } single[] = {
        { DT_SONAME, &out->soname },
        { DT_RUNPATH, &out->runpath },
        { DT_RPATH, &out->rpath },
    };
    for (size_t i = 0; i < ROWS(single); i++) {
        if (dynamic_value(elf, &dynamic, single[i].tag, 0, &offset))
            *single[i].value = arena_strdup(arena, string_at(&names, offset));
    }
    for (uint64_t i = 0; i < dynamic.count; i++) {
        uint64_t entry = row(&dynamic, i);
        uint64_t tag = FIELD(elf, entry, Dyn, d_tag);
        if (tag == DT_NULL)
            break;
        const char *name = string_at(&names, FIELD(elf, entry, Dyn, d_un));
        if (tag == DT_NEEDED && name)
            ARENA_PUSH(arena, &out->needed, arena_strdup(arena, name));
    }
    return true;
}

/* The section of a type, and the strings that it points to. */
static bool symbols_find(const struct elf *elf, struct elf_table *out, struct elf_span *names)
{
    for (uint64_t i = 0; i < elf->sections.count; i++) {
        uint64_t header = row(&elf->sections, i);
        uint64_t link = FIELD(elf, header, Shdr, sh_link);
        if (FIELD(elf, header, Shdr, sh_type) != SHT_DYNSYM || link >= elf->sections.count)
            continue;
        uint64_t strings = row(&elf->sections, link);
        uint64_t size = FIELD(elf, header, Shdr, sh_size);
        *out = (struct elf_table){ .offset = FIELD(elf, header, Shdr, sh_offset),
                                   .size_bytes = SIZE_OF(elf, Sym) };
        out->count = size / out->size_bytes;
        if (out->count > SYMBOLS_MAX)
            out->count = SYMBOLS_MAX;
        return inside(elf, out->offset, size)
               && span_set(elf, FIELD(elf, strings, Shdr, sh_offset),
                           FIELD(elf, strings, Shdr, sh_size), names);
    }
    return false;
}

bool elf_symbol(const struct elf *elf, const char *name, uint64_t *out_address)
{
    struct elf_table symbols;
    struct elf_span names;
    if (!symbols_find(elf, &symbols, &names))
        return false;
    size_t length = strlen(name) + 1;
    for (uint64_t i = 0; i < symbols.count; i++) {
        uint64_t symbol = row(&symbols, i);
        uint64_t at = FIELD(elf, symbol, Sym, st_name);
        if (at >= names.length || names.length - at < length
            || memcmp(names.bytes + at, name, length) != 0)
            continue;
        if (FIELD(elf, symbol, Sym, st_shndx) == SHN_UNDEF)
            continue;
        *out_address = FIELD(elf, symbol, Sym, st_value);
        return true;
    }
    return false;
}

static const char *hexadecimal(struct arena *arena, const unsigned char *bytes, size_t length)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < length; i++)
        text_printf(&text, "%02x", (unsigned)bytes[i]);
    return text_get(&text);
}

/* The build id in one segment of notes. Names and contents are padded to four bytes. */
static const char *build_id_in(struct arena *arena, const struct elf *elf, uint64_t offset,
                               uint64_t size)
{
    uint64_t end = offset + size;
    for (unsigned n = 0; n < NOTES_MAX && end - offset >= sizeof(Elf32_Nhdr); n++) {
        uint64_t name_bytes = FIELD(elf, offset, Nhdr, n_namesz);
        uint64_t value_bytes = FIELD(elf, offset, Nhdr, n_descsz);
        uint64_t type = FIELD(elf, offset, Nhdr, n_type);
        uint64_t name = offset + sizeof(Elf32_Nhdr);
        uint64_t value = name + (name_bytes + 3) / 4 * 4;
        uint64_t next = value + (value_bytes + 3) / 4 * 4;
        if (value + value_bytes > end)
            return NULL;
        if (type == NT_GNU_BUILD_ID && name_bytes == sizeof ELF_NOTE_GNU
            && memcmp(elf->bytes + name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0 && value_bytes > 0
            && value_bytes <= BUILD_ID_BYTES_MAX)
            return hexadecimal(arena, elf->bytes + value, (size_t)value_bytes);
        if (next > end)
            return NULL;
        offset = next;
    }
    return NULL;
}

const char *elf_build_id(struct arena *arena, const struct elf *elf)
{
    for (uint64_t i = 0; i < elf->segments.count; i++) {
        uint64_t header = row(&elf->segments, i);
        uint64_t offset = FIELD(elf, header, Phdr, p_offset);
        uint64_t size = FIELD(elf, header, Phdr, p_filesz);
        if (FIELD(elf, header, Phdr, p_type) != PT_NOTE || !inside(elf, offset, size))
            continue;
        const char *id = build_id_in(arena, elf, offset, size);
        if (id)
            return id;
    }
    return NULL;
}

/* [endbr64] lea rax,[rip+d32]; ret */
static bool returned_by_x86_64(const struct elf *elf, uint64_t address, uint64_t *out)
{
    static const unsigned char landing[] = { 0xf3, 0x0f, 0x1e, 0xfa };
    static const unsigned char lea[] = { 0x48, 0x8d, 0x05 };
    enum { LEA_BYTES = 7, RET = 0xc3 };
    struct elf_span code;
    if (!elf_at(elf, address, &code))
        return false;
    if (code.length >= sizeof landing && memcmp(code.bytes, landing, sizeof landing) == 0) {
        address += sizeof landing;
        if (!elf_at(elf, address, &code))
            return false;
    }
    if (code.length <= LEA_BYTES || memcmp(code.bytes, lea, sizeof lea) != 0
        || code.bytes[LEA_BYTES] != RET)
        return false;
    uint64_t at = (uint64_t)(code.bytes - elf->bytes) + sizeof lea;
    uint64_t distance = number(elf, at, sizeof(uint32_t));
    if (distance & 0x80000000U)
        distance |= 0xffffffff00000000U;
    *out = address + LEA_BYTES + distance;
    return true;
}

/* [bti c] adrp x0,page; add x0,x0,#low; ret */
static bool returned_by_arm64(const struct elf *elf, uint64_t address, uint64_t *out)
{
    enum { PAGE_BITS = 12 };
    struct elf_span code;
    if (!elf_at(elf, address, &code) || code.length < 4 * ARM64_WORD_BYTES)
        return false;
    uint64_t at = (uint64_t)(code.bytes - elf->bytes);
    if (number(elf, at, ARM64_WORD_BYTES) == 0xd503245fU) {
        at += ARM64_WORD_BYTES;
        address += ARM64_WORD_BYTES;
    }
    uint64_t adrp = number(elf, at, ARM64_WORD_BYTES);
    uint64_t add = number(elf, at + ARM64_WORD_BYTES, ARM64_WORD_BYTES);
    uint64_t ret = number(elf, at + 2 * ARM64_WORD_BYTES, ARM64_WORD_BYTES);
    if ((adrp & 0x9f00001fU) != 0x90000000U || (add & 0xffc003ffU) != 0x91000000U
        || ret != 0xd65f03c0U)
        return false;
    uint64_t pages = (adrp >> 29 & 3U) | (adrp >> 5 & 0x7ffffU) << 2;
    if (pages & 0x100000U)
        pages |= ~(uint64_t)0x1fffffU;
    *out = (address >> PAGE_BITS << PAGE_BITS) + (pages << PAGE_BITS) + (add >> 10 & 0xfffU);
    return true;
}

const char *elf_returned_text(const struct elf *elf, const char *function)
{
    uint64_t address, target;
    struct elf_span text;
    if (!elf_symbol(elf, function, &address))
        return NULL;
    bool found = elf->machine == EM_X86_64    ? returned_by_x86_64(elf, address, &target)
                 : elf->machine == EM_AARCH64 ? returned_by_arm64(elf, address, &target)
                                              : false;
    if (!found || !elf_at(elf, target, &text))
        return NULL;
    return string_at(&text, 0);
}
