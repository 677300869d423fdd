/* Finds the lists in the data of a library by what they are: ascending ids at one stride, each with
 * a description, spans that are sound or empty, and something that it turns off. No strings and no
 * symbols are needed, so a changed text or a stripped library makes no difference. */
#include "engine/compiled_lists_private.h"

#include <string.h>

#include "base/macros.h"

#define STRIDES_MAX 8U
#define ENTRIES_MIN 8U
#define ENTRY_WORDS_MIN 10U /* words that are looked at without asking */
#define NAMES_MIN 60U /* 125 to 143 rows in the versions seen; other tables of 95 look the same */
#define NAMES_MAX 1000U
#define DESCRIPTION_MIN 12U

/* Entry sizes of all layouts, and where the conditions end. */
struct strides {
    struct layout layouts[STRIDES_MAX];
    size_t count;
};

static void strides_make(unsigned word, struct strides *out)
{
    out->count = 0;
    for (unsigned n = 0; n < LAYOUT_COUNT; n++) {
        struct layout layout;
        bool known = false;
        layout_make(n, word, &layout);
        for (size_t i = 0; i < out->count; i++)
            known = known || out->layouts[i].entry.size == layout.entry.size;
        if (!known && out->count < STRIDES_MAX)
            out->layouts[out->count++] = layout;
    }
}

/* The number in a word; on 64 bits a number of four bytes is followed by zeros. */
static bool word_get(const struct image *image, uint64_t address, uint64_t *out)
{
    unsigned char bytes[8];
    if (!image_read(image, address, bytes, image->word))
        return false;
    *out = image_number(bytes, image->word);
    return true;
}

/* {0, NULL}, or 1 to max items at a place that is there. */
static bool span_is_sound(const struct image *image, bool pointer_first, uint64_t address,
                          unsigned max, uint64_t *out_count)
{
    uint64_t size, target;
    if (!word_get(image, address + (pointer_first ? image->word : 0), &size) || size > max
        || !image_pointer(image, address + (pointer_first ? 0 : image->word), &target))
        return false;
    *out_count = size;
    return (size == 0) == (target == 0);
}

static bool entry_is_sound(const struct image *image, const struct layout *layout,
                           bool pointer_first, uint64_t address)
{
    uint64_t target, counts[4], exceptions;
    const unsigned spans[] = { layout->entry.features, layout->entry.extensions,
                               layout->entry.webgl_extensions, layout->entry.bugs };
    if (!image_pointer(image, address + layout->entry.description, &target) || !target)
        return false;
    const char *text = image_text(image, target);
    if (!text || strlen(text) < DESCRIPTION_MIN || !strchr(text, ' '))
        return false;
    for (size_t i = 0; i < ROWS(spans); i++) {
        if (!span_is_sound(image, pointer_first, address + spans[i], SPAN_ITEMS_MAX, &counts[i]))
            return false;
    }
    return counts[0] + counts[1] + counts[2] > 0
           && span_is_sound(image, pointer_first, address + layout->entry.exceptions,
                            EXCEPTIONS_MAX, &exceptions);
}

static bool id_get(const struct image *image, uint64_t address, uint64_t *out)
{
    return word_get(image, address, out) && *out >= 1 && *out <= ENTRY_ID_MAX;
}

/* Extends in both directions while ids ascend: the two lists may lie back to back. */
static int table_add(const struct image *image, const struct layout *layout, bool pointer_first,
                     uint64_t address, struct tables *out, struct err *err)
{
    const unsigned stride = layout->entry.size;
    uint64_t start = address, end = address + stride, id, last;
    for (size_t i = 0; i < out->count; i++) {
        const struct table *known = &out->items[i];
        if (known->entry_bytes == stride && known->pointer_first == pointer_first
            && address >= known->address && address < known->address + known->count * stride)
            return 0;
    }
    if (!id_get(image, address, &last))
        return 0;
    for (uint64_t first = last; start >= stride && id_get(image, start - stride, &id) && id < first
                                && entry_is_sound(image, layout, pointer_first, start - stride);
         first = id)
        start -= stride;
    for (;
         id_get(image, end, &id) && id > last && entry_is_sound(image, layout, pointer_first, end);
         last = id)
        end += stride;
    if ((end - start) / stride < ENTRIES_MIN)
        return 0;
    if (out->count == TABLES_MAX)
        return err_set(err, ERR_DATA, "too many tables that look like GPU lists");
    out->items[out->count++] = (struct table){ .address = start,
                                               .count = (size_t)((end - start) / stride),
                                               .entry_bytes = stride,
                                               .pointer_first = pointer_first };
    return 0;
}

/* --- names of workarounds -------------------------------------------------------------- */

static const char *name_at(const struct image *image, uint64_t row, uint64_t index)
{
    uint64_t number, target;
    if (!word_get(image, row, &number) || number != index
        || !image_pointer(image, row + image->word, &target) || !target)
        return NULL;
    const char *name = image_text(image, target);
    if (!name || name[0] < 'a' || name[0] > 'z' || !name[1]
        || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
        return NULL;
    return name;
}

static void names_try(const struct image *image, uint64_t address, struct tables *out)
{
    bool context_lost = false, texture_storage = false;
    size_t count = 0;
    const char *name;
    while (count < NAMES_MAX
           && (name = name_at(image, address + count * 2 * image->word, count)) != NULL) {
        context_lost = context_lost || strcmp(name, "exit_on_context_lost") == 0;
        texture_storage = texture_storage || strcmp(name, "disable_texture_storage") == 0;
        count++;
    }
    if (count < NAMES_MIN || !context_lost || !texture_storage)
        return;
    out->names = address;
    out->name_count = count;
}

const char *table_workaround(const struct image *image, const struct tables *tables, uint32_t id)
{
    if (!tables->names || id >= tables->name_count)
        return NULL;
    return name_at(image, tables->names + (uint64_t)id * 2 * image->word, id);
}

/* --- the walk -------------------------------------------------------------------------- */

/* Could the sizes of the spans before the conditions be those of an entry? They lie at the same
 * places in every layout. No pointer is looked at. */
static inline bool sizes_are_small(const unsigned char *entry, bool pointer_first,
                                   const unsigned word)
{
    const unsigned char *size = entry + (pointer_first ? 3 * word : 2 * word);
    uint64_t features = image_number(size, word);
    uint64_t extensions = image_number(size + 2 * word, word);
    uint64_t webgl = image_number(size + 4 * word, word);
    return features <= SPAN_ITEMS_MAX && extensions <= SPAN_ITEMS_MAX && webgl <= SPAN_ITEMS_MAX
           && features + extensions + webgl > 0
           && image_number(size + 6 * word, word) <= SPAN_ITEMS_MAX;
}

/* A number that may be an id: is it the first of a table of one of the layouts? */
static inline int id_try(const struct image *image, const struct image_segment *segment,
                         uint64_t at, const unsigned word, const struct strides *strides,
                         struct tables *out, struct err *err)
{
    const unsigned char *bytes = segment->bytes + at;
    uint64_t first = image_number(bytes, word);
    const bool small[] = { sizes_are_small(bytes, false, word),
                           sizes_are_small(bytes, true, word) };
    if (!small[0] && !small[1])
        return 0;
    for (size_t i = 0; i < strides->count; i++) {
        const struct layout *layout = &strides->layouts[i];
        uint64_t stride = layout->entry.size;
        if (at + 2 * stride + word > segment->file_bytes)
            continue;
        uint64_t second = image_number(bytes + stride, word);
        uint64_t third = image_number(bytes + 2 * stride, word);
        if (second <= first || third <= second || third > ENTRY_ID_MAX)
            continue;
        for (int order = 0; order < 2; order++) {
            if (small[order] && entry_is_sound(image, layout, order, segment->address + at)
                && table_add(image, layout, order, segment->address + at, out, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* Six megabytes are looked at word by word, so what is most often false is asked first, and each
 * size of words gets a loop of its own. */
static inline int segment_walk(const struct image *image, const struct image_segment *segment,
                               const unsigned word, const struct strides *strides,
                               struct tables *out, struct err *err)
{
    const unsigned char *bytes = segment->bytes;
    uint64_t start = (word - segment->address % word) % word;
    for (uint64_t at = start; at + ENTRY_WORDS_MIN * word <= segment->file_bytes; at += word) {
        uint64_t first = image_number(bytes + at, word);
        if (first > ENTRY_ID_MAX)
            continue;
        if (first == 0) {
            if (image_number(bytes + at + 2 * word, word) == 1 && !out->names
                && image_number(bytes + at + 4 * word, word) == 2
                && image_number(bytes + at + 6 * word, word) == 3)
                names_try(image, segment->address + at, out);
        } else if (id_try(image, segment, at, word, strides, out, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int tables_find(const struct image *image, struct tables *out, struct err *err)
{
    struct strides strides;
    *out = (struct tables){ .count = 0 };
    strides_make(image->word, &strides);
    for (size_t i = 0; i < image->segment_count; i++) {
        const struct image_segment *segment = &image->segments[i];
        if (segment->writable
            && (image->word == 8 ? segment_walk(image, segment, 8, &strides, out, err)
                                 : segment_walk(image, segment, 4, &strides, out, err))
                   < 0)
            return -1;
    }
    return 0;
}
