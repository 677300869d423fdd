/* A library file as the memory that it would become. Nothing is loaded or run: the file is read
 * where it is asked for, pointers are looked up in its relocation records, and what the interpreter
 * writes goes into copies of single pages. */
#include "engine/compiled_image_private.h"

#include <string.h>

#include <elf.h>

#include "base/macros.h"

#define TEXT_BYTES_MAX 4096U
#define NEAR_STEPS 5U    /* brings the search to within */
#define NEAR_RECORDS 32U /* so many records nearly always */

const struct image_segment *image_segment_of(const struct image *image, uint64_t address)
{
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (address >= segment->address && address - segment->address < segment->memory_bytes)
            return segment;
    }
    return NULL;
}

/* The segment that holds the whole range. */
static const struct image_segment *range_segment(const struct image *image, uint64_t address,
                                                 size_t length)
{
    const struct image_segment *segment = image_segment_of(image, address);
    if (!segment || length > segment->memory_bytes - (address - segment->address))
        return NULL;
    return segment;
}

/* As the file has it. */
static bool segment_copy(const struct image *image, const struct image_segment *segment,
                         uint64_t address, unsigned char *out, size_t length)
{
    uint64_t at = address - segment->address;
    size_t there = 0;
    if (at < segment->file_bytes)
        there = segment->file_bytes - at < length ? (size_t)(segment->file_bytes - at) : length;
    if (there && !pieces_copy(image->pieces, segment->offset + at, out, there))
        return false;
    memset(out + there, 0, length - there);
    return true;
}

static unsigned char **page_slot(const struct image_pages *pages, uint64_t address)
{
    if (!pages || address < pages->start)
        return NULL;
    uint64_t index = (address - pages->start) / IMAGE_PAGE_BYTES;
    return index < pages->count ? &pages->pages[index] : NULL;
}

bool image_read(const struct image *image, uint64_t address, void *out, size_t length)
{
    const struct image_segment *segment = range_segment(image, address, length);
    unsigned char *to = out;
    if (!segment)
        return false;
    while (length) {
        size_t at = address % IMAGE_PAGE_BYTES;
        size_t part = IMAGE_PAGE_BYTES - at < length ? IMAGE_PAGE_BYTES - at : length;
        unsigned char **page = page_slot(image->pages, address);
        if (page && *page)
            memcpy(to, *page + at, part);
        else if (!segment_copy(image, segment, address, to, part))
            return false;
        to += part;
        address += part;
        length -= part;
    }
    return true;
}

bool image_read_u32(const struct image *image, uint64_t address, uint32_t *out)
{
    unsigned char bytes[4];
    if (!image_read(image, address, bytes, sizeof bytes))
        return false;
    *out = (uint32_t)image_number(bytes, 4);
    return true;
}

/* --- relocated pointers ---------------------------------------------------------------- */

/* Place and target of a record. What cannot be read gives 0, where no pointer is looked for. */
static Elf64_Rela sorted_record(const struct image *image, size_t index)
{
    unsigned char bytes[sizeof(Elf64_Rela)] = { 0 };
    (void)pieces_copy(image->pieces, image->sorted.offset + index * sizeof bytes, bytes,
                      sizeof bytes);
    return (Elf64_Rela){
        .r_offset = image_number(bytes, 8),
        .r_addend = (Elf64_Sxword)image_number(bytes + offsetof(Elf64_Rela, r_addend), 8),
    };
}

static uint64_t sorted_place(const struct image *image, size_t index)
{
    return sorted_record(image, index).r_offset;
}

/* An index near the first sorted record at or behind an address: from the last result as many
 * records on as lie between on average, and again from there. */
static size_t sorted_near(const struct image *image, uint64_t address)
{
    const size_t count = image->sorted.count;
    size_t near = *image->sorted.last < count ? *image->sorted.last : count - 1;
    for (unsigned n = 0; n < NEAR_STEPS; n++) {
        uint64_t place = sorted_place(image, near);
        uint64_t records = (place < address ? address - place : place - address)
                           / image->sorted.spacing;
        if (records < NEAR_RECORDS)
            break;
        if (place < address)
            near = records < count - near ? near + (size_t)records : count - 1;
        else
            near = records < near ? near - (size_t)records : 0;
    }
    return near;
}

/* Index of the first sorted record at or behind an address. The search starts near it and doubles
 * its steps: halving all ten megabytes each time would read pieces all over them. */
static size_t sorted_from(const struct image *image, uint64_t address)
{
    const size_t count = image->sorted.count;
    size_t low = sorted_near(image, address), high = low;
    size_t step = 1;
    while (low > 0 && sorted_place(image, low - 1) >= address) {
        high = low - 1;
        low = low > step ? low - step : 0;
        step *= 2;
    }
    for (step = 1; high < count && sorted_place(image, high) < address; step *= 2) {
        low = high + 1;
        high = count - high > step ? high + step : count;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted_place(image, middle) < address)
            low = middle + 1;
        else
            high = middle;
    }
    *image->sorted.last = low;
    return low;
}

/* Target of the RELATIVE relocation of a word. */
static bool relocation_of(const struct image *image, const struct image_segment *segment,
                          uint64_t address, uint64_t *out)
{
    uint64_t at = address - segment->address;
    if (!image->sorted.offset) {
        if (!segment->targets || at >= segment->file_bytes || at % image->word != 0
            || !segment->targets[at / image->word])
            return false;
        *out = segment->targets[at / image->word] - 1;
        return true;
    }
    size_t index = sorted_from(image, address);
    if (index == image->sorted.count)
        return false;
    const Elf64_Rela record = sorted_record(image, index);
    if (record.r_offset != address)
        return false;
    *out = (uint64_t)record.r_addend;
    return true;
}

static bool is_foreign(const struct image *image, const struct image_segment *segment,
                       uint64_t address)
{
    uint64_t word = (address - segment->address) / image->word;
    return segment->foreign && address - segment->address < segment->file_bytes
           && segment->foreign[word / 8] >> (word % 8) & 1;
}

bool image_pointer(const struct image *image, uint64_t address, uint64_t *out)
{
    unsigned char bytes[8];
    uint64_t target = 0;
    const struct image_segment *segment = range_segment(image, address, image->word);
    if (!segment || !image_read(image, address, bytes, image->word))
        return false;
    unsigned char **page = page_slot(image->pages, address);
    bool written = page && *page; /* its pointers are relocated already */
    if (!written && is_foreign(image, segment, address))
        return false;
    if (written)
        target = image_number(bytes, image->word);
    else if (!relocation_of(image, segment, address, &target)
             && image_number(bytes, image->word) != 0)
        return false;
    if (target && !image_segment_of(image, target))
        return false;
    *out = target;
    return true;
}

const char *image_text(const struct image *image, uint64_t address)
{
    const struct image_segment *segment = image_segment_of(image, address);
    if (!segment || segment->writable || address - segment->address >= segment->file_bytes)
        return NULL;
    char text[TEXT_BYTES_MAX];
    uint64_t offset = segment->offset + (address - segment->address);
    uint64_t left = segment->file_bytes - (address - segment->address);
    for (size_t length = 0; length < left && length < sizeof text;) {
        size_t part = PIECE_BYTES - (size_t)((offset + length) % PIECE_BYTES);
        if (part > left - length)
            part = (size_t)(left - length);
        if (part > sizeof text - length)
            part = sizeof text - length;
        if (!pieces_copy(image->pieces, offset + length, text + length, part))
            return NULL;
        for (size_t end = length + part; length < end; length++) {
            if (!text[length])
                return arena_strndup(image->arena, text, length);
            if (text[length] < ' ' || text[length] > '~')
                return NULL;
        }
    }
    return NULL;
}

bool image_is_filled(const struct image *image, uint64_t address, size_t length)
{
    unsigned char byte;
    uint64_t target;
    const struct image_segment *segment = range_segment(image, address, length);
    if (!segment)
        return true;
    for (size_t i = 0; i < length; i++) {
        if (!image_read(image, address + i, &byte, 1) || byte)
            return true;
    }
    for (size_t i = 0; i + image->word <= length; i += image->word) {
        if (is_foreign(image, segment, address + i)
            || relocation_of(image, segment, address + i, &target))
            return true;
    }
    return false;
}

/* --- pages that are written ------------------------------------------------------------ */

struct image_pages *image_pages_new(struct image *image)
{
    struct image_pages *pages = arena_alloc(image->arena, sizeof *pages);
    uint64_t start = UINT64_MAX, end = 0;
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (!segment->writable)
            continue;
        if (segment->address < start)
            start = segment->address;
        end = segment->address + segment->memory_bytes; /* they ascend */
    }
    if (end) {
        pages->start = start - start % IMAGE_PAGE_BYTES;
        pages->count = (size_t)((end - pages->start) / IMAGE_PAGE_BYTES + 1);
    }
    pages->pages = arena_array(image->arena, pages->count, sizeof *pages->pages);
    return pages;
}

void image_pages_clear(struct arena *arena, struct image_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        if (!pages->pages[i])
            continue;
        ARENA_PUSH(arena, &pages->spare, pages->pages[i]);
        pages->pages[i] = NULL;
    }
}

/* The pointers of one page, as the dynamic linker would write them. */
static void page_relocate(const struct image *image, const struct image_segment *segment,
                          uint64_t start, unsigned char *page)
{
    if (!image->sorted.offset) {
        for (unsigned i = 0; i < IMAGE_PAGE_BYTES; i += image->word) {
            uint64_t target;
            if (start + i >= segment->address && relocation_of(image, segment, start + i, &target))
                memcpy(page + i, &target, image->word); /* only little-endian files are taken */
        }
        return;
    }
    for (size_t i = sorted_from(image, start); i < image->sorted.count; i++) {
        const Elf64_Rela record = sorted_record(image, i);
        if (record.r_offset - start > IMAGE_PAGE_BYTES - 8)
            break;
        memcpy(page + (record.r_offset - start), &record.r_addend, 8);
    }
}

/* The copy of a page, made when it is not there yet. NULL where nothing may be written. */
static unsigned char *page_get(struct image *image, uint64_t address)
{
    unsigned char **slot = page_slot(image->pages, address);
    const struct image_segment *segment = image_segment_of(image, address);
    if (!slot || !segment || !segment->writable)
        return NULL;
    if (*slot)
        return *slot;
    struct image_pages *pages = image->pages;
    unsigned char *page = pages->spare.count ? pages->spare.items[--pages->spare.count]
                                             : arena_alloc(image->arena, IMAGE_PAGE_BYTES);
    uint64_t start = address - address % IMAGE_PAGE_BYTES;
    uint64_t end = segment->address + segment->memory_bytes;
    uint64_t from = start < segment->address ? segment->address : start;
    memset(page, 0, IMAGE_PAGE_BYTES);
    if (!segment_copy(
            image, segment, from, page + (from - start),
            (size_t)((end - start < IMAGE_PAGE_BYTES ? end : start + IMAGE_PAGE_BYTES) - from)))
        return NULL;
    page_relocate(image, segment, start, page);
    *slot = page;
    return page;
}

bool image_load(struct image *image, uint64_t address, void *out, size_t length)
{
    const struct image_segment *segment = range_segment(image, address, length);
    if (!segment || !length)
        return false;
    if (segment->writable && (!page_get(image, address) || !page_get(image, address + length - 1)))
        return false;
    return image_read(image, address, out, length);
}

bool image_store(struct image *image, uint64_t address, const void *bytes, size_t length)
{
    const struct image_segment *segment = range_segment(image, address, length);
    const unsigned char *from = bytes;
    if (!segment || !segment->writable
        || (address < image->relro_end && address + length > image->relro_start))
        return false;
    while (length) {
        unsigned char *page = page_get(image, address);
        size_t at = address % IMAGE_PAGE_BYTES;
        size_t part = IMAGE_PAGE_BYTES - at < length ? IMAGE_PAGE_BYTES - at : length;
        if (!page)
            return false;
        memcpy(page + at, from, part);
        from += part;
        address += part;
        length -= part;
    }
    return true;
}

/* --- code near a table ----------------------------------------------------------------- */

/* Does a function begin there? In libraries for arm64 constants may share the segment with the
 * code, so there the first instruction must be one that functions begin with. */
static bool is_code(const struct image *image, uint64_t target)
{
    static const struct {
        uint32_t mask, value;
    } starts[] = { { 0xffffffff, 0xd503245f },   /* bti c */
                   { 0xffffffff, 0xd503233f },   /* paciasp */
                   { 0xffc003e0, 0xa98003e0 },   /* stp …, [sp, …]! */
                   { 0xff8003ff, 0xd10003ff } }; /* sub sp, sp, … */
    uint32_t word;
    const struct image_segment *segment = image_segment_of(image, target);
    if (!segment || !segment->executable || target % 4 != 0)
        return false;
    if (image->machine != EM_AARCH64)
        return true;
    for (size_t i = 0; i < ROWS(starts); i++) {
        if (image_read_u32(image, target, &word) && (word & starts[i].mask) == starts[i].value)
            return true;
    }
    return false;
}

static uint64_t sorted_target(const struct image *image, size_t index)
{
    return (uint64_t)sorted_record(image, index).r_addend;
}

/* A list of places, nearest pointer first, each once. */
struct near {
    uint64_t *items;
    size_t count, max;
};

static void near_add(const struct image *image, struct near *near, uint64_t target)
{
    if (!is_code(image, target))
        return;
    for (size_t i = 0; i < near->count; i++) {
        if (near->items[i] == target)
            return;
    }
    near->items[near->count++] = target;
}

static void near_sorted(const struct image *image, uint64_t address, bool forwards,
                        struct near *near)
{
    size_t i = sorted_from(image, address);
    for (; forwards && i < image->sorted.count && near->count < near->max; i++)
        near_add(image, near, sorted_target(image, i));
    while (!forwards && i-- > 0 && near->count < near->max)
        near_add(image, near, sorted_target(image, i));
}

size_t image_code_near(const struct image *image, uint64_t address, bool forwards, uint64_t *out,
                       size_t max)
{
    struct near near = { .items = out, .max = max };
    const struct image_segment *segment = image_segment_of(image, address);
    uint64_t target;
    if (segment && image->sorted.offset)
        near_sorted(image, address, forwards, &near);
    if (!segment || image->sorted.offset)
        return near.count;
    for (uint64_t at = address;
         forwards && near.count < max && at - segment->address < segment->file_bytes;
         at += image->word) {
        if (relocation_of(image, segment, at, &target))
            near_add(image, &near, target);
    }
    for (uint64_t at = address;
         !forwards && near.count < max && at >= segment->address + image->word;) {
        at -= image->word;
        if (relocation_of(image, segment, at, &target))
            near_add(image, &near, target);
    }
    return near.count;
}
