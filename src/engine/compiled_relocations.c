/* Opens an image: the segments, and the relocation records in each of the three forms that linkers
 * write (RELA, REL, RELR). Real libraries have their 400,000 records in the order of their places,
 * so nothing is copied: they are searched where they are. Any other order is put into a table. */
#include "engine/compiled_image_private.h"

#include <string.h>

#include <elf.h>

#include "base/macros.h"

#define ORDER_SAMPLES 64U
#define MEMORY_BYTES_MAX (UINT64_C(1) << 32) /* real libraries take 130 to 200 MB */
#define TABLES_BYTES_MAX (UINT64_C(1) << 28) /* writable parts that tables are made for: 6 MB */
#define DYNAMIC_RELR 36U
#define DYNAMIC_RELR_BYTES 35U

/* One block of records. */
struct block {
    uint64_t offset; /* in the file */
    size_t count;
    size_t relative; /* that come first and are RELATIVE, by the file's own word */
    unsigned record_bytes;
    bool has_addends;
};

static unsigned relative_type(unsigned machine)
{
    static const struct {
        unsigned machine, type;
    } rows[] = { { EM_X86_64, R_X86_64_RELATIVE },
                 { EM_AARCH64, R_AARCH64_RELATIVE },
                 { EM_386, R_386_RELATIVE },
                 { EM_ARM, R_ARM_RELATIVE } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].machine == machine)
            return rows[i].type;
    }
    return 0;
}

/* --- segments -------------------------------------------------------------------------- */

static int segment_add(const struct elf *elf, const struct elf_segment *header, struct image *image,
                       struct err *err)
{
    const struct image_segment *last = image->segment_count
                                           ? &image->segments[image->segment_count - 1]
                                           : NULL;
    if (header->offset > elf->length || header->file_bytes > elf->length - header->offset)
        return err_set(err, ERR_DATA, "truncated: a segment lies behind the end of the file");
    if (header->memory_bytes < header->file_bytes || header->memory_bytes > MEMORY_BYTES_MAX
        || header->address > MEMORY_BYTES_MAX
        || (last && header->address < last->address + last->memory_bytes)
        || image->segment_count == IMAGE_SEGMENTS_MAX)
        return err_set(err, ERR_DATA, "segments that no linker writes");
    image->segments[image->segment_count++] = (struct image_segment){
        .address = header->address,
        .memory_bytes = header->memory_bytes,
        .file_bytes = header->file_bytes,
        .offset = header->offset,
        .writable = header->flags & PF_W,
        .executable = header->flags & PF_X,
    };
    return 0;
}

static int segments_add(const struct elf *elf, struct image *image, struct err *err)
{
    struct elf_segment header;
    for (uint64_t i = 0; elf_segment(elf, i, &header); i++) {
        if (header.type == PT_LOAD && header.memory_bytes
            && segment_add(elf, &header, image, err) < 0)
            return -1;
        if (header.type == PT_GNU_RELRO) {
            image->relro_start = header.address;
            image->relro_end = header.address + header.memory_bytes;
        }
    }
    if (!image->segment_count)
        return err_set(err, ERR_DATA, "no segments to load");
    return 0;
}

/* --- relocation records ---------------------------------------------------------------- */

/* A block of the file by its tags; an absent one is empty. */
static int block_find(const struct elf *elf, uint64_t tag, uint64_t tag_bytes,
                      uint64_t tag_relative, struct block *out, struct err *err)
{
    uint64_t address, bytes = 0, relative = 0;
    struct elf_span span;
    out->count = 0;
    if (!elf_dynamic_number(elf, tag, &address))
        return 0;
    if (!elf_dynamic_number(elf, tag_bytes, &bytes) || !elf_at(elf, address, &span)
        || bytes > span.length)
        return err_set(err, ERR_DATA, "truncated: relocations lie behind the end of their segment");
    if (tag_relative)
        (void)elf_dynamic_number(elf, tag_relative, &relative); /* 0: the order is not told */
    out->offset = (uint64_t)(span.bytes - elf->bytes);
    out->count = (size_t)bytes / out->record_bytes;
    out->relative = relative <= out->count ? (size_t)relative : 0;
    return 0;
}

struct record {
    uint64_t place;
    unsigned type;
    uint64_t addend; /* 0 when the block has none */
};

/* Without the addend. */
static struct record record_of(const unsigned char *bytes, unsigned word)
{
    uint64_t info = image_number(bytes + word, word);
    return (struct record){ .place = image_number(bytes, word),
                            .type = (unsigned)(word == 8 ? info & 0xffffffffU : info & 0xffU) };
}

/* One after the other. What cannot be read any more gives zeros: a record for no place. */
static struct record record_get(const struct image *image, const struct block *block, size_t index)
{
    static const unsigned char nothing[sizeof(Elf64_Rela)];
    const unsigned char *bytes = pieces_stream(
        image->pieces, block->offset + (uint64_t)index * block->record_bytes, block->record_bytes);
    struct record record = record_of(bytes ? bytes : nothing, image->word);
    if (bytes && block->has_addends)
        record.addend = image_number(bytes + 2 * image->word, image->word);
    return record;
}

/* Are the RELATIVE records in the order of their places, and what is the average distance of
 * these? A sample; a wrong answer can only make pointers not to be found, and then the lists are
 * refused. */
static bool is_sorted(const struct image *image, const struct block *block, uint64_t *out_spacing)
{
    uint64_t first = 0, last = 0;
    if (block->relative < 2)
        return false;
    for (size_t i = 0; i < ORDER_SAMPLES; i++) {
        size_t index = i * (block->relative - 1) / (ORDER_SAMPLES - 1);
        unsigned char bytes[2 * sizeof(uint64_t)];
        if (!pieces_copy(image->pieces, block->offset + (uint64_t)index * block->record_bytes,
                         bytes, 2 * image->word))
            return false;
        const struct record record = record_of(bytes, image->word);
        if (record.place < last || record.type != relative_type(image->machine))
            return false;
        last = record.place;
        if (i == 0)
            first = last;
    }
    uint64_t spacing = (last - first) / block->relative;
    *out_spacing = spacing ? spacing : image->word;
    return true;
}

static struct image_segment *place_segment(struct image *image, uint64_t place)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        struct image_segment *segment = &image->segments[i];
        if (segment->writable && place >= segment->address
            && place - segment->address < segment->file_bytes / image->word * image->word)
            return segment;
    }
    return NULL;
}

/* addend: NULL = the word in the file is the target. */
static void target_set(struct image *image, uint64_t place, const uint64_t *addend)
{
    struct image_segment *segment = place_segment(image, place);
    unsigned char bytes[8];
    if (!segment || (place - segment->address) % image->word != 0)
        return;
    uint64_t at = place - segment->address;
    if (!addend && !pieces_copy(image->pieces, segment->offset + at, bytes, image->word))
        return;
    segment->targets[at / image->word] = 1 + (addend ? *addend : image_number(bytes, image->word));
}

static void foreign_set(struct image *image, uint64_t place)
{
    struct image_segment *segment = place_segment(image, place);
    if (!segment)
        return;
    uint64_t word = (place - segment->address) / image->word;
    segment->foreign[word / 8] |= (unsigned char)(1U << (word % 8));
}

/* Records from `first` on into the tables. */
static void block_take(struct image *image, const struct block *block, size_t first)
{
    for (size_t i = first; i < block->count; i++) {
        const struct record record = record_get(image, block, i);
        bool relative = record.type == relative_type(image->machine);
        if (!relative || image->sorted.offset) /* behind the sorted ones none is RELATIVE */
            foreign_set(image, record.place);
        else
            target_set(image, record.place, block->has_addends ? &record.addend : NULL);
    }
}

/* Even words are addresses, odd ones say by their bits which of the next words are relocated.
 * Source: the generic ABI's proposal for SHT_RELR,
 * https://groups.google.com/g/generic-abi/c/bX460iggiKg */
static void relr_take(struct image *image, const struct block *block)
{
    const unsigned bits = image->word * 8;
    uint64_t next = 0;
    for (size_t i = 0; i < block->count; i++) {
        const unsigned char *bytes = pieces_stream(
            image->pieces, block->offset + (uint64_t)i * image->word, image->word);
        uint64_t word = bytes ? image_number(bytes, image->word) : 0;
        if (!(word & 1)) {
            target_set(image, word, NULL);
            next = word + image->word;
            continue;
        }
        for (unsigned bit = 1; bit < bits; bit++) {
            if (word >> bit & 1)
                target_set(image, next + (uint64_t)(bit - 1) * image->word, NULL);
        }
        next += (uint64_t)(bits - 1) * image->word;
    }
}

static int tables_make(struct image *image, bool with_targets, struct err *err)
{
    uint64_t all = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        struct image_segment *segment = &image->segments[i];
        size_t words = (size_t)(segment->file_bytes / image->word);
        if (!segment->writable)
            continue;
        if ((all += segment->file_bytes) > TABLES_BYTES_MAX)
            return err_set(err, ERR_DATA, "more data than any engine has");
        segment->foreign = arena_alloc(image->arena, words / 8 + 1);
        if (with_targets)
            segment->targets = arena_array(image->arena, words + 1, sizeof *segment->targets);
    }
    return 0;
}

static int relocations_take(const struct elf *elf, struct image *image, struct err *err)
{
    struct block rela = { .record_bytes = 3 * image->word, .has_addends = true };
    struct block rel = { .record_bytes = 2 * image->word };
    struct block relr = { .record_bytes = image->word };
    if (block_find(elf, DT_RELA, DT_RELASZ, DT_RELACOUNT, &rela, err) < 0
        || block_find(elf, DT_REL, DT_RELSZ, DT_RELCOUNT, &rel, err) < 0
        || block_find(elf, DYNAMIC_RELR, DYNAMIC_RELR_BYTES, 0, &relr, err) < 0)
        return -1;
    uint64_t spacing = 0;
    bool sorted = image->word == 8 && !rel.count && !relr.count
                  && is_sorted(image, &rela, &spacing);
    if (tables_make(image, !sorted, err) < 0)
        return -1;
    if (sorted) {
        image->sorted.offset = rela.offset;
        image->sorted.count = rela.relative;
        image->sorted.spacing = spacing;
        image->sorted.last = arena_alloc(image->arena, sizeof *image->sorted.last);
        block_take(image, &rela, rela.relative);
        return 0;
    }
    block_take(image, &rela, 0);
    block_take(image, &rel, 0);
    relr_take(image, &relr);
    return 0;
}

/* Forms of relocations that are not read: the packed ones of Android's linkers.
 * Source: llvm/include/llvm/BinaryFormat/DynamicTags.def */
static int packed_refuse(const struct elf *elf, struct err *err)
{
    static const uint64_t tags[] = { 0x6000000f, 0x60000010, 0x60000011, 0x60000012, 0x6fffe000 };
    uint64_t ignored;
    for (size_t i = 0; i < ROWS(tags); i++) {
        if (elf_dynamic_number(elf, tags[i], &ignored))
            return err_set(err, ERR_DATA, "relocations packed for Android are not read");
    }
    return 0;
}

int image_open(struct arena *arena, const struct file_map *file, const struct elf *elf,
               struct image *out, struct err *err)
{
    bool wide = elf->machine == EM_X86_64 || elf->machine == EM_AARCH64;
    *out = (struct image){ .arena = arena, .word = elf->is_64 ? 8 : 4, .machine = elf->machine };
    out->pieces = arena_alloc(arena, sizeof *out->pieces);
    pieces_open(arena, file, out->pieces);
    if (!relative_type(elf->machine) || elf->is_big_endian || elf->is_64 != wide)
        return err_set(err, ERR_DATA, "a library for another machine (x86, ARM are read)");
    if (segments_add(elf, out, err) < 0 || packed_refuse(elf, err) < 0)
        return -1;
    return relocations_take(elf, out, err);
}
