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
    size_t look; /* bytes that are looked at … */
    size_t step; /* … of each so many: no list and no table of names fits between */
    size_t need; /* bytes that looking there may read */
};

/* A table has at least ENTRIES_MIN entries and an entry can be told by the two behind it, so one of
 * the first six must be met. An entry begins within each `look` bytes of a table. The same for
 * names, where a row is told by the three behind it. */
static void steps_make(unsigned word, struct strides *out)
{
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < out->count; i++) {
        size_t stride = out->layouts[i].entry.size;
        least = stride < least ? stride : least;
        out->look = stride > out->look ? stride : out->look;
    }
    out->step = (ENTRIES_MIN - 3) * least;
    if (out->step > (NAMES_MIN - 4) * 2 * word)
        out->step = (NAMES_MIN - 4) * 2 * word;
    out->need = 3 * out->look + ENTRY_WORDS_MIN * word;
}

static void strides_make(unsigned word, struct strides *out)
{
    *out = (struct strides){ .count = 0 };
    for (unsigned n = 0; n < LAYOUT_COUNT; n++) {
        struct layout layout;
        bool known = false;
        layout_make(n, word, &layout);
        for (size_t i = 0; i < out->count; i++)
            known = known || out->layouts[i].entry.size == layout.entry.size;
        if (!known && out->count < STRIDES_MAX)
            out->layouts[out->count++] = layout;
    }
    steps_make(word, out);
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

static bool table_is_known(const struct layout *layout, bool pointer_first, uint64_t address,
                           const struct tables *tables)
{
    const unsigned stride = layout->entry.size;
    for (size_t i = 0; i < tables->count; i++) {
        const struct table *known = &tables->items[i];
        if (known->entry_bytes == stride && known->pointer_first == pointer_first
            && address >= known->address && address < known->address + known->count * stride)
            return true;
    }
    return false;
}

/* Extends in both directions while ids ascend: the two lists may lie back to back. */
static int table_add(const struct image *image, const struct layout *layout, bool pointer_first,
                     uint64_t address, struct tables *out, struct err *err)
{
    const unsigned stride = layout->entry.size;
    uint64_t start = address, end = address + stride, id, last;
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

/* In the file a pointer is 0 (its record tells the target) or a link address, and below the first
 * page lies nothing that one could point to. */
static inline bool is_like_pointer(const unsigned char *bytes, const unsigned word)
{
    return image_number(bytes, word) - 1 >= IMAGE_PAGE_BYTES - 1;
}

/* Could it be an entry, by the sizes of the spans before the conditions? They lie at the same
 * places in every layout. No pointer is followed. */
static inline bool is_like_entry(const unsigned char *entry, bool pointer_first,
                                 const unsigned word)
{
    const unsigned char *size = entry + (pointer_first ? 3 * word : 2 * word);
    const unsigned char *pointer = entry + (pointer_first ? 2 * word : 3 * word);
    uint64_t features = image_number(size, word);
    uint64_t extensions = image_number(size + 2 * word, word);
    uint64_t webgl = image_number(size + 4 * word, word);
    return features <= SPAN_ITEMS_MAX && extensions <= SPAN_ITEMS_MAX && webgl <= SPAN_ITEMS_MAX
           && features + extensions + webgl > 0
           && image_number(size + 6 * word, word) <= SPAN_ITEMS_MAX
           && is_like_pointer(entry + word, word) && is_like_pointer(pointer, word)
           && is_like_pointer(pointer + 6 * word, word);
}

/* A number that may be an id: is it the one of an entry of one of the layouts? left: bytes from
 * there to the end of the segment's file. */
static inline int id_try(const struct image *image, uint64_t address, const unsigned char *bytes,
                         uint64_t left, const unsigned word, const struct strides *strides,
                         struct tables *out, struct err *err)
{
    uint64_t first = image_number(bytes, word);
    if (!is_like_entry(bytes, false, word) && !is_like_entry(bytes, true, word))
        return 0;
    for (size_t i = 0; i < strides->count; i++) {
        const struct layout *layout = &strides->layouts[i];
        uint64_t stride = layout->entry.size;
        if (2 * stride + ENTRY_WORDS_MIN * word > left)
            continue;
        uint64_t second = image_number(bytes + stride, word);
        uint64_t third = image_number(bytes + 2 * stride, word);
        if (second <= first || third <= second || third > ENTRY_ID_MAX)
            continue;
        for (int order = 0; order < 2; order++) {
            if (is_like_entry(bytes, order, word) && is_like_entry(bytes + stride, order, word)
                && is_like_entry(bytes + 2 * stride, order, word)
                && !table_is_known(layout, order, address, out)
                && entry_is_sound(image, layout, order, address)
                && table_add(image, layout, order, address, out, err) < 0)
                return -1;
        }
    }
    return 0;
}

static inline bool is_row_of_names(const unsigned char *bytes, uint64_t index, const unsigned word)
{
    return index < NAMES_MAX && image_number(bytes + 2 * word, word) == index + 1
           && image_number(bytes + 4 * word, word) == index + 2
           && image_number(bytes + 6 * word, word) == index + 3;
}

/* One part of a segment, word by word: what is most often false is asked first. */
static inline int part_look(const struct image *image, const struct image_segment *segment,
                            uint64_t start, const unsigned word, const struct strides *strides,
                            struct tables *out, struct err *err)
{
    uint64_t left = segment->file_bytes - start;
    size_t length = left < strides->need ? (size_t)left : strides->need;
    const unsigned char *bytes = pieces_stream(image->pieces, segment->offset + start, length);
    if (!bytes)
        return err_set(err, ERR_DATA, "the file cannot be read to its end");
    for (size_t at = 0; at < strides->look && at + ENTRY_WORDS_MIN * word <= left; at += word) {
        uint64_t number = image_number(bytes + at, word);
        uint64_t address = segment->address + start + at;
        if (number - 1 >= ENTRY_ID_MAX) /* 0 as well, which half of all words are */
            continue;
        if (!out->names && is_row_of_names(bytes + at, number, word)
            && address - segment->address >= number * 2 * word)
            names_try(image, address - number * 2 * word, out);
        if (id_try(image, address, bytes + at, left - at, word, strides, out, err) < 0)
            return -1;
    }
    return 0;
}

/* Each size of words gets a loop of its own. */
static int segment_walk(const struct image *image, const struct image_segment *segment,
                        const struct strides *strides, struct tables *out, struct err *err)
{
    const unsigned word = image->word;
    for (uint64_t at = (word - segment->address % word) % word; at < segment->file_bytes;
         at += strides->step) {
        if ((word == 8 ? part_look(image, segment, at, 8, strides, out, err)
                       : part_look(image, segment, at, 4, strides, out, err))
            < 0)
            return -1;
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
        if (segment->writable && segment_walk(image, segment, &strides, out, err) < 0)
            return -1;
    }
    return 0;
}
