/* Tables that the library's own code fills at its first call: finds the function and has it
 * interpreted. The function returns the table and lies near other code that the neighbouring data
 * point to, so a few megabytes of code are looked through and not 170. */
#include "engine/compiled_lists_private.h"

#include <stdio.h>
#include <string.h>

#include <elf.h>

#include "base/macros.h"

#define WINDOW_BYTES (UINT64_C(4) << 20) /* 0.15 and 2.4 MB were seen */
#define NEAR_BYTES (UINT64_C(256) << 10) /* between the functions of the two lists */
#define FUNCTION_BYTES_MAX (16U << 10)   /* from the start of a function to where it returns */
#define START_ALIGN 16U
#define NEIGHBOURS 8U      /* functions on each side; the first was always right */
#define REFERENCES_MAX 32U /* of one table; four were seen */

int table_is_empty(const struct image *image, const struct layout *layout,
                   const struct table *table, bool *out, struct err *err)
{
    size_t filled = 0;
    for (size_t i = 0; i < table->count; i++)
        filled += image_is_filled(
            image, table->address + (uint64_t)i * table->entry_bytes + layout->entry.conditions,
            layout->conditions.size);
    if (filled && filled < table->count)
        return err_set(err, ERR_DATA, "conditions are there for some entries only");
    *out = filled == 0;
    return 0;
}

/* --- memory of a run ------------------------------------------------------------------- */

static bool on_stack(uint64_t address, size_t length)
{
    return address >= RUN_STACK_TOP - RUN_STACK_BYTES && address < RUN_STACK_TOP
           && length <= RUN_STACK_TOP - address;
}

static unsigned char *stack_at(const struct run *run, uint64_t address)
{
    return run->stack + (address - (RUN_STACK_TOP - RUN_STACK_BYTES));
}

static bool stopped(struct run *run, const char *what, uint64_t address)
{
    (void)snprintf(run->why, sizeof run->why, "%s 0x%llx", what, (unsigned long long)address);
    return false;
}

bool run_load(struct run *run, uint64_t address, void *out, size_t length)
{
    if (on_stack(address, length)) {
        memcpy(out, stack_at(run, address), length);
        return true;
    }
    return image_load(run->image, address, out, length)
           || stopped(run, "reads outside its memory: ", address);
}

bool run_store(struct run *run, uint64_t address, const void *bytes, size_t length)
{
    if (on_stack(address, length)) {
        memcpy(stack_at(run, address), bytes, length);
        return true;
    }
    return image_store(run->image, address, bytes, length)
           || stopped(run, "writes outside its memory: ", address);
}

size_t run_code(struct run *run, uint64_t address, unsigned char *out)
{
    const struct image_segment *segment = image_segment_of(run->image, address);
    size_t length = RUN_CODE_BYTES;
    if (!segment || !segment->executable || segment->writable
        || address - segment->address >= segment->file_bytes) {
        (void)stopped(run, "no code at", address);
        return 0;
    }
    uint64_t at = address - segment->address;
    if (length > segment->file_bytes - at)
        length = (size_t)(segment->file_bytes - at);
    if (!pieces_copy(run->image->pieces, segment->offset + at, out, length)) {
        (void)stopped(run, "code that cannot be read at", address);
        return 0;
    }
    return length;
}

/* --- where the code may be ------------------------------------------------------------- */

struct window {
    uint64_t start, end;
};

/* The places that return an address, as far as the last instructions tell. */
struct references {
    uint64_t items[REFERENCES_MAX];
    size_t count;
};

static void reference_add(struct references *out, uint64_t address)
{
    for (size_t i = 0; i < out->count; i++) {
        if (out->items[i] == address)
            return;
    }
    if (out->count < REFERENCES_MAX)
        out->items[out->count++] = address;
}

/* lea rax, [rip + distance] */
static void scan_x86_64(const unsigned char *code, uint64_t start, size_t length, uint64_t target,
                        struct references *out)
{
    static const unsigned char lea[] = { 0x48, 0x8d, 0x05 };
    const unsigned char *at = code, *end = code + length;
    while ((at = memmem(at, (size_t)(end - at), lea, sizeof lea)) != NULL && end - at >= 7) {
        uint64_t distance = image_number(at + 3, 4);
        if (distance >> 31)
            distance |= 0xffffffff00000000U;
        uint64_t address = start + (uint64_t)(at - code);
        if (address + 7 + distance == target)
            reference_add(out, address);
        at++;
    }
}

/* adrp x0, page; add x0, x0, #low, with at most two others between */
static void scan_arm64(const unsigned char *code, uint64_t start, size_t length, uint64_t target,
                       struct references *out)
{
    uint32_t add = 0x91000000U | (uint32_t)(target & 0xfff) << 10;
    for (size_t at = 0; at + 16 <= length; at += 4) {
        uint32_t adrp = (uint32_t)image_number(code + at, 4);
        if ((adrp & 0x9f00001fU) != 0x90000000U)
            continue;
        uint64_t pages = (adrp >> 29 & 3U) | (adrp >> 5 & 0x7ffffU) << 2;
        if (pages >> 20)
            pages |= UINT64_MAX << 21;
        if ((start + at) / 4096 + pages != target / 4096)
            continue;
        for (size_t next = 4; next <= 12; next += 4) {
            if (image_number(code + at + next, 4) == add)
                reference_add(out, start + at);
        }
    }
}

static void window_scan(const struct image *image, struct window window, uint64_t target,
                        struct references *out)
{
    const struct image_segment *segment = image_segment_of(image, window.start);
    if (!segment || !segment->executable || segment->writable
        || window.start - segment->address >= segment->file_bytes)
        return;
    uint64_t at = window.start - window.start % 4 - segment->address;
    uint64_t end = window.end > window.start ? window.end - segment->address : at;
    if (end > segment->file_bytes)
        end = segment->file_bytes;
    /* Each part but the last repeats what an instruction at its end may need of the next. */
    for (uint64_t next; at < end; at = next) {
        size_t length = end - at > STREAM_BYTES ? STREAM_BYTES : (size_t)(end - at);
        const unsigned char *code = pieces_stream(image->pieces, segment->offset + at, length);
        if (!code)
            return;
        if (image->machine == EM_AARCH64)
            scan_arm64(code, segment->address + at, length, target, out);
        else
            scan_x86_64(code, segment->address + at, length, target, out);
        next = at + length < end ? at + length - RUN_CODE_BYTES : end;
    }
}

/* --- running it ------------------------------------------------------------------------ */

/* Did the run fill every block of conditions, those of exceptions as well? */
static bool all_is_filled(struct image *image, const struct layout *layout,
                          const struct table *table)
{
    const bool first = table->pointer_first;
    for (size_t i = 0; i < table->count; i++) {
        uint64_t entry = table->address + (uint64_t)i * table->entry_bytes, target;
        uint64_t exceptions = entry + layout->entry.exceptions;
        unsigned char bytes[8] = { 0 };
        if (!image_is_filled(image, entry + layout->entry.conditions, layout->conditions.size)
            || !image_pointer(image, exceptions + (first ? 0 : image->word), &target)
            || !image_read(image, exceptions + (first ? image->word : 0), bytes, image->word))
            return false;
        uint64_t count = image_number(bytes, image->word);
        for (uint64_t j = 0; j < count && j < EXCEPTIONS_MAX; j++) {
            if (!image_is_filled(image, target + j * layout->conditions.size,
                                 layout->conditions.size))
                return false;
        }
    }
    return true;
}

/* Tries every place where the function that holds a reference may begin. */
static bool reference_run(struct run *run, run_fn *machine, const struct layout *layout,
                          const struct table *table, uint64_t reference, uint64_t *out_start)
{
    uint64_t start = reference - reference % START_ALIGN;
    char furthest[sizeof run->why] = "it does not fill all of them";
    unsigned steps = 0;
    for (unsigned back = 0; back <= FUNCTION_BYTES_MAX && start > START_ALIGN;
         back += START_ALIGN, start -= START_ALIGN) {
        image_pages_clear(run->image->arena, run->image->pages);
        run->why[0] = '\0';
        if (machine(run, start) && run->result == table->address
            && all_is_filled(run->image, layout, table)) {
            *out_start = start;
            return true;
        }
        if (run->why[0] && run->steps > steps) { /* the true start comes furthest */
            memcpy(furthest, run->why, sizeof furthest);
            steps = run->steps;
        }
    }
    memcpy(run->why, furthest, sizeof furthest);
    return false;
}

/* Looks near the other list's function, then behind the functions that the data before the table
 * point to, then before those that the data behind it point to; the first windows are the likely
 * ones. */
static void references_find(const struct image *image, const struct table *table, uint64_t near,
                            struct references *out)
{
    uint64_t code[NEIGHBOURS];
    uint64_t end = table->address + (uint64_t)table->count * table->entry_bytes;
    if (near > NEAR_BYTES)
        window_scan(image, (struct window){ near - NEAR_BYTES, near + NEAR_BYTES }, table->address,
                    out);
    size_t count = image_code_near(image, table->address, false, code, NEIGHBOURS);
    for (size_t i = 0; i < count && !out->count; i++)
        window_scan(image, (struct window){ code[i], code[i] + WINDOW_BYTES }, table->address, out);
    count = image_code_near(image, end, true, code, NEIGHBOURS);
    for (size_t i = 0; i < count && !out->count; i++) {
        if (code[i] > WINDOW_BYTES)
            window_scan(image, (struct window){ code[i] - WINDOW_BYTES, code[i] }, table->address,
                        out);
    }
}

int table_fill(struct image *image, const struct layout *layout, struct table *table, uint64_t near,
               struct err *err)
{
    run_fn *machine = image->machine == EM_X86_64    ? run_x86_64
                      : image->machine == EM_AARCH64 ? run_arm64
                                                     : NULL;
    struct references references = { .count = 0 };
    struct run run = { .image = image };
    struct image_pages *before = image->pages;
    if (!machine)
        return err_set(err, ERR_DATA, "code fills the lists, and not for x86-64 or arm64");
    references_find(image, table, near, &references);
    if (!references.count)
        return err_set(err, ERR_DATA, "the code that fills the lists was not found");
    run.stack = arena_alloc(image->arena, RUN_STACK_BYTES);
    image->pages = image_pages_new(image);
    for (size_t i = 0; i < references.count && !table->pages; i++) {
        if (reference_run(&run, machine, layout, table, references.items[i], &table->code))
            table->pages = image->pages;
    }
    image->pages = before;
    if (table->pages)
        return 0;
    return err_set(err, ERR_DATA, "the code that fills the lists is not understood (%s)", run.why);
}
