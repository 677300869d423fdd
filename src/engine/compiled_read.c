/* Reads the structures of a list under one layout into values of our own. Everything must be there,
 * every pointer sound, every string a string; what the numbers mean is compiled_check.c's. */
#include "engine/compiled_lists_private.h"

#include <string.h>

#include "base/macros.h"

struct reader {
    struct arena *arena;
    struct image *image;
    const struct layout *layout;
    const char *wrong; /* first thing that was not sound; NULL = all is well */
};

/* What only a wrong layout can give is refused here, so that wrong ones cost little. */

/* All readers go on after a fault and give zeros; the first fault is kept. */
static void wrong(struct reader *reader, const char *what)
{
    if (!reader->wrong)
        reader->wrong = what;
}

static uint32_t number_read(struct reader *reader, uint64_t address)
{
    uint32_t number = 0;
    if (!image_read_u32(reader->image, address, &number))
        wrong(reader, "a number outside the file");
    return number;
}

static uint64_t pointer_read(struct reader *reader, uint64_t address, const char *what)
{
    uint64_t target = 0;
    if (!image_pointer(reader->image, address, &target))
        wrong(reader, what);
    return target;
}

/* NULL when the pointer is. */
static const char *text_read(struct reader *reader, uint64_t address, const char *what)
{
    uint64_t target = pointer_read(reader, address, what);
    const char *text = target ? image_text(reader->image, target) : NULL;
    if (target && !text)
        wrong(reader, what);
    return text;
}

struct span {
    uint64_t address;
    size_t count;
};

static struct span span_read(struct reader *reader, uint64_t address, uint32_t max,
                             const char *what)
{
    const struct layout *layout = reader->layout;
    unsigned char bytes[8] = { 0 };
    bool first = layout->traits.pointer_first;
    uint64_t target = pointer_read(reader, address + (first ? 0 : layout->word), what);
    if (!image_read(reader->image, address + (first ? layout->word : 0), bytes, layout->word))
        wrong(reader, what);
    uint64_t count = image_number(bytes, layout->word);
    if (count > max || (count == 0) != (target == 0))
        wrong(reader, what);
    if (reader->wrong)
        return (struct span){ 0, 0 };
    return (struct span){ target, (size_t)count };
}

/* Every n-th number of a span: step 2 for {id, revision}. */
static struct raw_numbers numbers_of(struct reader *reader, struct span span, unsigned step)
{
    struct raw_numbers out = { .count = span.count };
    out.items = arena_array(reader->arena, span.count, sizeof *out.items);
    for (size_t i = 0; i < span.count; i++)
        out.items[i] = number_read(reader, span.address + (uint64_t)i * step * 4);
    return out;
}

static struct raw_numbers numbers_read(struct reader *reader, uint64_t address, const char *what)
{
    return numbers_of(reader, span_read(reader, address, SPAN_ITEMS_MAX, what), 1);
}

static struct raw_words words_read(struct reader *reader, uint64_t address, const char *what)
{
    struct span span = span_read(reader, address, SPAN_ITEMS_MAX, what);
    struct raw_words out = { .count = span.count };
    out.items = arena_array(reader->arena, span.count, sizeof *out.items);
    for (size_t i = 0; i < span.count; i++) {
        out.items[i] = text_read(reader, span.address + (uint64_t)i * reader->layout->word, what);
        if (!out.items[i])
            wrong(reader, what);
    }
    return out;
}

static struct raw_version version_read(struct reader *reader, uint64_t address)
{
    const struct layout *layout = reader->layout;
    struct raw_version out = {
        .op = (int32_t)number_read(reader, address),
        .style = (int32_t)number_read(reader, address + 4),
        .value = text_read(reader, address + layout->version.value, "a version's value"),
        .value2 = text_read(reader, address + layout->version.value2, "a version's second value"),
    };
    if (layout->traits.schema)
        out.schema = (int32_t)number_read(reader, address + layout->version.schema);
    if (out.op < 0 || out.op > OP_UNSET)
        wrong(reader, "an operator that is none");
    return out;
}

static void devices_read(struct reader *reader, uint64_t address, struct raw_conditions *out)
{
    struct span span = span_read(reader, address, SPAN_ITEMS_MAX, "the devices");
    out->devices = numbers_of(reader, span, reader->layout->traits.revision ? 2 : 1);
    for (size_t i = 0; i < out->devices.count; i++) { /* revisions read as devices are 0 */
        if (out->devices.items[i] < 1 || out->devices.items[i] > 0xffff)
            wrong(reader, "a device that is none");
    }
    span.address += 4;
    if (reader->layout->traits.revision)
        out->revisions = numbers_of(reader, span, 2);
}

static void driver_read(struct reader *reader, uint64_t address, struct raw_conditions *out)
{
    uint64_t driver = pointer_read(reader, address, "the driver");
    if (!driver)
        return;
    out->has_driver = true;
    out->driver_vendor = text_read(reader, driver, "the driver's vendor");
    out->driver_version = version_read(reader, driver + reader->layout->word);
}

static void gl_read(struct reader *reader, uint64_t address, struct raw_conditions *out)
{
    uint64_t gl = pointer_read(reader, address, "the GL strings");
    out->has_gl = gl != 0;
    for (unsigned i = 0; gl && i < GL_STRING_COUNT; i++)
        out->gl[i] = text_read(reader, gl + (uint64_t)i * reader->layout->word, "a GL string");
}

static void machine_read(struct reader *reader, uint64_t address, struct raw_conditions *out)
{
    uint64_t machine = pointer_read(reader, address, "the machine model");
    if (!machine)
        return;
    out->has_machine = true;
    out->machines = words_read(reader, machine, "the machine models");
    out->machine_version = version_read(reader, machine + 2ULL * reader->layout->word);
}

static void intel_read(struct reader *reader, uint64_t conditions, struct raw_conditions *out)
{
    const struct layout *layout = reader->layout;
    uint64_t series = conditions + layout->conditions.intel;
    uint64_t generation = conditions + layout->conditions.generation;
    out->generation.op = OP_UNSET;
    if (layout->traits.intel == INTEL_POINTER) {
        series = pointer_read(reader, series, "the Intel conditions");
        generation = series + 2ULL * layout->word;
        if (!series)
            return;
        out->has_intel = true;
    }
    out->series = numbers_read(reader, series, "the Intel series");
    if (layout->traits.intel != INTEL_SERIES_ONLY)
        out->generation = version_read(reader, generation);
}

static void more_read(struct reader *reader, uint64_t address, struct raw_conditions *out)
{
    const struct layout *layout = reader->layout;
    uint64_t more = pointer_read(reader, address, "the further conditions");
    if (!more)
        return;
    out->has_more = true;
    out->more.gl_type = (int32_t)number_read(reader, more);
    out->more.gl_version = version_read(reader, more + layout->more.gl_version);
    out->more.pixel_shader = version_read(reader, more + layout->more.pixel_shader);
    out->more.d3d.op = OP_UNSET;
    if (layout->traits.d3d)
        out->more.d3d = version_read(reader, more + layout->more.d3d);
    if (!image_read(reader->image, more + layout->more.in_process, &out->more.in_process, 1)
        || out->more.in_process > 1) /* elsewhere an operator, which reads 7 */
        wrong(reader, "a truth value that is none");
    out->more.reset = number_read(reader, more + layout->more.reset);
    out->more.direct_rendering = version_read(reader, more + layout->more.direct_rendering);
    out->more.gpu_count = version_read(reader, more + layout->more.gpu_count);
    out->more.overlay = (int32_t)number_read(reader, more + layout->more.overlay);
    out->more.group = number_read(reader, more + layout->more.group);
    out->more.subpixel = (int32_t)number_read(reader, more + layout->more.subpixel);
}

static void conditions_read(struct reader *reader, uint64_t address, struct raw_conditions *out)
{
    const struct layout *layout = reader->layout;
    out->os = (int32_t)number_read(reader, address);
    out->os_version = version_read(reader, address + layout->conditions.os_version);
    out->vendor = number_read(reader, address + layout->conditions.vendor);
    devices_read(reader, address + layout->conditions.devices, out);
    out->category = (int32_t)number_read(reader, address + layout->conditions.category);
    out->style = (int32_t)number_read(reader, address + layout->conditions.style);
    driver_read(reader, address + layout->conditions.driver, out);
    gl_read(reader, address + layout->conditions.gl, out);
    machine_read(reader, address + layout->conditions.machine, out);
    intel_read(reader, address, out);
    more_read(reader, address + layout->conditions.more, out);
}

static void exceptions_read(struct reader *reader, uint64_t address, struct raw_entry *out)
{
    struct span span = span_read(reader, address, EXCEPTIONS_MAX, "the exceptions");
    out->exceptions = arena_array(reader->arena, span.count, sizeof *out->exceptions);
    out->exception_count = span.count;
    for (size_t i = 0; i < span.count && !reader->wrong; i++)
        conditions_read(reader, span.address + (uint64_t)i * reader->layout->conditions.size,
                        &out->exceptions[i]);
}

static void entry_read(struct reader *reader, uint64_t address, bool whole, struct raw_entry *out)
{
    const struct layout *layout = reader->layout;
    out->id = number_read(reader, address);
    out->description = text_read(reader, address + layout->entry.description, "the description");
    if (!out->description)
        wrong(reader, "the description");
    out->features = numbers_read(reader, address + layout->entry.features, "the features");
    out->extensions = words_read(reader, address + layout->entry.extensions, "the extensions");
    out->webgl_extensions = words_read(reader, address + layout->entry.webgl_extensions,
                                       "the WebGL extensions");
    out->bugs = numbers_read(reader, address + layout->entry.bugs, "the bugs");
    if (!whole)
        return;
    conditions_read(reader, address + layout->entry.conditions, &out->main);
    exceptions_read(reader, address + layout->entry.exceptions, out);
}

int raw_read(struct arena *arena, struct image *image, const struct layout *layout,
             const struct table *table, bool whole, struct raw_list *out, struct err *err)
{
    struct reader reader = { .arena = arena, .image = image, .layout = layout };
    struct image_pages *before = image->pages;
    *out = (struct raw_list){ .count = table->count };
    out->entries = arena_array(arena, table->count, sizeof *out->entries);
    image->pages = table->pages;
    for (size_t i = 0; i < table->count && !reader.wrong; i++) {
        entry_read(&reader, table->address + (uint64_t)i * layout->entry.size, whole,
                   &out->entries[i]);
        if (reader.wrong) {
            (void)err_set(err, ERR_DATA, "entry %u: %s", (unsigned)out->entries[i].id,
                          reader.wrong);
            out->count = i;
        }
    }
    image->pages = before;
    return reader.wrong ? -1 : 0;
}
