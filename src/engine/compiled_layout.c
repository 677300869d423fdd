/* Layouts of Chromium's list entries, computed from what differs between versions by the rules by
 * which C compilers lay out structures, so that a version between those seen is read as well.
 * Source: gpu/config/gpu_control_list.h of each version; sizes and offsets checked in the test
 * against structures that the compiler laid out. */
#include "engine/compiled_lists_private.h"

#include "base/macros.h"

#define INT_BYTES 4U

/* A structure being laid out. */
struct frame {
    unsigned word;
    unsigned at;
    unsigned align; /* of the whole */
};

static unsigned field(struct frame *frame, unsigned size, unsigned align)
{
    frame->at = (frame->at + align - 1) / align * align;
    unsigned at = frame->at;
    frame->at += size;
    if (align > frame->align)
        frame->align = align;
    return at;
}

static unsigned number(struct frame *frame)
{
    return field(frame, INT_BYTES, INT_BYTES);
}

static unsigned pointer(struct frame *frame)
{
    return field(frame, frame->word, frame->word);
}

static unsigned span(struct frame *frame)
{
    return field(frame, 2 * frame->word, frame->word);
}

static unsigned version(struct frame *frame, const struct layout *layout)
{
    return field(frame, layout->version.size, frame->word);
}

static unsigned whole(const struct frame *frame)
{
    return (frame->at + frame->align - 1) / frame->align * frame->align;
}

static void version_make(struct layout *out)
{
    struct frame frame = { .word = out->word };
    (void)number(&frame); /* op */
    (void)number(&frame); /* style */
    if (out->traits.schema)
        out->version.schema = number(&frame);
    out->version.value = pointer(&frame);
    out->version.value2 = pointer(&frame);
    out->version.size = whole(&frame);
}

static void conditions_make(struct layout *out)
{
    struct frame frame = { .word = out->word };
    (void)number(&frame); /* os_type */
    out->conditions.os_version = version(&frame, out);
    out->conditions.vendor = number(&frame);
    out->conditions.devices = span(&frame);
    out->conditions.category = number(&frame);
    out->conditions.style = number(&frame);
    out->conditions.driver = pointer(&frame);
    out->conditions.gl = pointer(&frame);
    out->conditions.machine = pointer(&frame);
    out->conditions.intel = out->traits.intel == INTEL_POINTER ? pointer(&frame) : span(&frame);
    if (out->traits.intel == INTEL_INLINE)
        out->conditions.generation = version(&frame, out);
    out->conditions.more = pointer(&frame);
    out->conditions.size = whole(&frame);
}

static void more_make(struct layout *out)
{
    struct frame frame = { .word = out->word };
    (void)number(&frame); /* gl_type */
    out->more.gl_version = version(&frame, out);
    out->more.pixel_shader = version(&frame, out);
    if (out->traits.d3d)
        out->more.d3d = version(&frame, out);
    out->more.in_process = field(&frame, 1, 1);
    out->more.reset = number(&frame);
    out->more.direct_rendering = version(&frame, out);
    out->more.gpu_count = version(&frame, out);
    out->more.overlay = number(&frame);
    out->more.group = number(&frame);
    out->more.subpixel = number(&frame);
    out->more.size = whole(&frame);
}

static void entry_make(struct layout *out)
{
    struct frame frame = { .word = out->word };
    (void)number(&frame); /* id */
    out->entry.description = pointer(&frame);
    out->entry.features = span(&frame);
    out->entry.extensions = span(&frame);
    out->entry.webgl_extensions = span(&frame);
    out->entry.bugs = span(&frame);
    out->entry.conditions = field(&frame, out->conditions.size, out->word);
    out->entry.exceptions = span(&frame);
    out->entry.size = whole(&frame);
}

void layout_make(unsigned n, unsigned word, struct layout *out)
{
    *out = (struct layout){ .word = word };
    out->traits.pointer_first = n % 2;
    out->traits.schema = n / 2 % 2;
    out->traits.revision = n / 4 % 2;
    out->traits.d3d = n / 8 % 2;
    out->traits.intel = (enum intel_form)(n / 16 % INTEL_FORM_COUNT);
    version_make(out);
    conditions_make(out);
    more_make(out);
    entry_make(out);
}

const char *layout_name(struct arena *arena, const struct layout *layout)
{
    static const char *const intel[] = { "inline", "pointer", "series" };
    static const struct {
        const char *name;
        struct layout_traits traits;
    } rows[] = {
        { "A", { .intel = INTEL_INLINE } },
        { "B", { .schema = true, .intel = INTEL_INLINE, .revision = true } },
        { "C",
          { .pointer_first = true, .schema = true, .intel = INTEL_POINTER, .revision = true } },
        { "D",
          { .pointer_first = true,
            .schema = true,
            .intel = INTEL_POINTER,
            .revision = true,
            .d3d = true } },
    };
    const struct layout_traits *is = &layout->traits;
    const char *bits = layout->word == 8 ? "64 bits" : "32 bits";
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct layout_traits *row = &rows[i].traits;
        if (row->pointer_first == is->pointer_first && row->schema == is->schema
            && row->intel == is->intel && row->revision == is->revision && row->d3d == is->d3d)
            return arena_printf(arena, "%s, %s", rows[i].name, bits);
    }
    return arena_printf(arena, "%s first, %sschema, intel %s, %srevision, %sd3d, %s",
                        is->pointer_first ? "pointer" : "size", is->schema ? "" : "no ",
                        intel[is->intel], is->revision ? "" : "no ", is->d3d ? "" : "no ", bits);
}
