/* From the fields of an entry to its conditions: in the order in which Chromium looks at them, each
 * with the sentence that --explain prints. What an entry does not ask for is no condition. */
#include "engine/control_list_private.h"

#include "base/macros.h"

#define CONDITIONS_MAX 20 /* more than there are kinds */

struct builder {
    struct arena *arena;
    struct condition items[CONDITIONS_MAX];
    size_t count;
};

static void add(struct builder *builder, struct condition condition)
{
    builder->items[builder->count++] = condition;
}

static void add_pattern(struct builder *builder, enum condition_kind kind, const char *name,
                        const struct pattern *pattern)
{
    if (pattern)
        add(builder, (struct condition){ .kind = kind,
                                         .pattern = pattern,
                                         .text = arena_printf(builder->arena, "%s matches %s", name,
                                                              pattern_text(pattern)) });
}

static void add_range(struct builder *builder, enum condition_kind kind, const char *name,
                      const struct version_range *range)
{
    if (range)
        add(builder,
            (struct condition){ .kind = kind,
                                .range = range,
                                .text = arena_printf(builder->arena, "%s %s", name,
                                                     version_range_text(builder->arena, range)) });
}

static const char *vendor_text(struct arena *arena, uint32_t vendor)
{
    const char *name = gpu_vendor_name(vendor);
    return name ? arena_printf(arena, "0x%04x (%s)", vendor, name)
                : arena_printf(arena, "0x%04x", vendor);
}

static void add_device(struct builder *builder, const struct conditions_draft *draft)
{
    struct text text = { .arena = builder->arena };
    text_printf(&text, "gpu is 0x%04x:", draft->vendor);
    if (draft->device_count == 1)
        text_printf(&text, "0x%04x", draft->devices[0]);
    else
        text_printf(&text, "(one of %u devices)", (unsigned)draft->device_count);
    add(builder, (struct condition){ .kind = CONDITION_DEVICE,
                                     .number = draft->vendor,
                                     .devices = draft->devices,
                                     .revisions = draft->revisions,
                                     .device_count = draft->device_count,
                                     .text = text_get(&text) });
}

/* A condition on Intel's generations takes the place of vendor and devices. */
static void add_gpu(struct builder *builder, const struct conditions_draft *draft)
{
    struct arena *arena = builder->arena;
    if (draft->series)
        add(builder, (struct condition){
                         .kind = CONDITION_INTEL_SERIES,
                         .series = draft->series,
                         .text = arena_printf(arena, "gpu is Intel %s", draft->series_text) });
    else if (draft->generation)
        add_range(builder, CONDITION_INTEL_GENERATION, "Intel gpu generation", draft->generation);
    else if (draft->vendor && draft->device_count)
        add_device(builder, draft);
    else if (draft->vendor)
        add(builder, (struct condition){ .kind = CONDITION_VENDOR,
                                         .number = draft->vendor,
                                         .text = arena_printf(arena, "gpu vendor is %s",
                                                              vendor_text(arena, draft->vendor)) });
    if (draft->style)
        add(builder,
            (struct condition){ .kind = CONDITION_STYLE,
                                .number = draft->style,
                                .text = arena_printf(arena, "gpus are %s", draft->style_name) });
}

static void add_driver(struct builder *builder, const struct conditions_draft *draft)
{
    struct text text = { .arena = builder->arena };
    if (!draft->driver_vendor && !draft->driver_version)
        return;
    text_printf(&text, "driver");
    if (draft->driver_vendor)
        text_printf(&text, " matches %s", pattern_text(draft->driver_vendor));
    if (draft->driver_version)
        text_printf(&text, " %s%s", draft->driver_vendor ? "" : "version ",
                    version_range_text(builder->arena, draft->driver_version));
    add(builder, (struct condition){ .kind = CONDITION_DRIVER,
                                     .number = draft->vendor,
                                     .pattern = draft->driver_vendor,
                                     .range = draft->driver_version,
                                     .text = text_get(&text) });
}

static void add_gl_version(struct builder *builder, const struct conditions_draft *draft)
{
    struct text text = { .arena = builder->arena };
    if (!draft->gl_version && !draft->gl_type)
        return;
    text_printf(&text, "gl.version");
    if (draft->gl_type)
        text_printf(&text, " is %s", draft->gl_type_name);
    if (draft->gl_version)
        text_printf(&text, " %s", version_range_text(builder->arena, draft->gl_version));
    add(builder, (struct condition){ .kind = CONDITION_GL_VERSION,
                                     .number = draft->gl_type,
                                     .range = draft->gl_version,
                                     .text = text_get(&text) });
}

/* All in one line; the system is left out where something says more. */
static const char *conditions_text(struct arena *arena, const struct builder *builder)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < builder->count; i++) {
        if (builder->items[i].kind == CONDITION_OS && builder->count > 1)
            continue;
        text_printf(&text, "%s%s", text.length ? " and " : "", builder->items[i].text);
    }
    return text.length ? text_get(&text) : "every machine";
}

struct conditions conditions_build(struct arena *arena, const struct conditions_draft *draft)
{
    struct builder builder = { .arena = arena };
    if (draft->os != OS_ANY)
        add(&builder,
            (struct condition){ .kind = CONDITION_OS,
                                .number = draft->os,
                                .text = arena_printf(arena, "os is %s", draft->os_name) });
    if (draft->os != OS_ANY) /* a version without a system is not looked at */
        add_range(&builder, CONDITION_OS_VERSION, "os.version", draft->os_version);
    add_gpu(&builder, draft);
    add_driver(&builder, draft);
    add_pattern(&builder, CONDITION_GL_EXTENSIONS, "gl.extensions", draft->gl_extensions);
    add_pattern(&builder, CONDITION_GL_VENDOR, "gl.vendor", draft->gl_vendor);
    add_pattern(&builder, CONDITION_GL_RENDERER, "gl.renderer", draft->gl_renderer);
    add_pattern(&builder, CONDITION_GL_VERSION_STRING, "gl.version", draft->gl_version_string);
    if (draft->machine)
        add(&builder, (struct condition){
                          .kind = CONDITION_MACHINE_MODEL,
                          .text = arena_printf(arena, "machine model is %s", draft->machine) });
    add_gl_version(&builder, draft);
    add_range(&builder, CONDITION_GPU_COUNT, "number of gpus", draft->gpu_count);
    add_range(&builder, CONDITION_DIRECT_RENDERING, "gl.direct-rendering", draft->direct_rendering);
    add_range(&builder, CONDITION_PIXEL_SHADER, "pixel shader version", draft->pixel_shader);
    if (draft->untold)
        add(&builder, (struct condition){ .kind = CONDITION_UNTOLD, .text = draft->untold });
    struct condition *items = arena_array(arena, builder.count, sizeof *items);
    for (size_t i = 0; i < builder.count; i++)
        items[i] = builder.items[i];
    return (struct conditions){ .category = draft->category,
                                .items = items,
                                .count = builder.count,
                                .text = conditions_text(arena, &builder) };
}
