/* Says what was read in the words of Chromium's own JSON (gpu/config/process_json.py), so that the
 * reader of rule files is the only one who decides what a list means. What is unset is absent. */
#include "engine/compiled_lists_private.h"

#include "base/macros.h"
#include "engine/control_list_private.h"

#define CATEGORIES_UNTIL_NPU 4 /* "none" up to Chromium 122 */
#define GL_TYPES_UNTIL_ANGLE 3

struct writer {
    struct arena *arena;
    const struct raw_lists *lists;
    const struct image *image;
    const struct tables *tables;
    const char *const *features; /* of the blocklist; NULL = numbers */
};

static const char *const systems[] = { "linux",   "macosx",  "win", "chromeos",
                                       "android", "fuchsia", "ios" };
static const char *const operators[] = { "between", "=", "<", "<=", ">", ">=", "any" };
static const char *const styles[] = { NULL, "lexical", NULL };
static const char *const schemas[] = { NULL, "intel_driver", "nvidia_driver" };
static const char *const gpu_styles[] = { "optimus", "amd_switchable", "amd_switchable_integrated",
                                          "amd_switchable_discrete", NULL };
static const char *const categories_until_npu[] = { "primary", "secondary", "active", "any" };
static const char *const categories[] = { "primary", "secondary", "npu", "active", "any" };
static const char *const gl_types_until_angle[] = { "gl", "gles", "angle" };
static const char *const gl_types[] = { "gles", "angle_gl", "angle_gles", "angle_vulkan" };
static const char *const supports[] = { "supported", "unsupported", NULL };

/* A word by its number; nothing for a number that has no word. */
static void word_set(struct writer *writer, struct yaml_node *node, const char *key,
                     const char *const *words, size_t count, int32_t number)
{
    if (number >= 0 && (size_t)number < count && words[number])
        tree_set(writer->arena, node, key, tree_text(writer->arena, words[number]));
}

#define WORD_SET(writer, node, key, words, number)                                                 \
    word_set((writer), (node), (key), (words), ROWS(words), (number))

static void version_set(struct writer *writer, struct yaml_node *node, const char *key,
                        const struct raw_version *version)
{
    struct arena *arena = writer->arena;
    if (version->op == OP_UNSET)
        return;
    struct yaml_node *out = tree_mapping(arena);
    WORD_SET(writer, out, "op", operators, version->op);
    WORD_SET(writer, out, "style", styles, version->style);
    WORD_SET(writer, out, "schema", schemas, version->schema);
    tree_set(arena, out, "value", tree_text(arena, version->value));
    tree_set(arena, out, "value2", tree_text(arena, version->value2));
    tree_set(arena, node, key, out);
}

static struct yaml_node *hexadecimal(struct writer *writer, uint32_t number, int digits)
{
    return tree_text(writer->arena, arena_printf(writer->arena, "0x%0*x", digits, number));
}

static void numbers_set(struct writer *writer, struct yaml_node *node, const char *key,
                        const struct raw_numbers *numbers, int digits)
{
    if (!numbers->count)
        return;
    struct yaml_node *list = tree_list(writer->arena);
    for (size_t i = 0; i < numbers->count; i++)
        tree_add(writer->arena, list,
                 digits ? hexadecimal(writer, numbers->items[i], digits)
                        : tree_number(writer->arena, numbers->items[i]));
    tree_set(writer->arena, node, key, list);
}

static void words_set(struct writer *writer, struct yaml_node *node, const char *key,
                      const struct raw_words *words)
{
    if (!words->count)
        return;
    struct yaml_node *list = tree_list(writer->arena);
    for (size_t i = 0; i < words->count; i++)
        tree_add(writer->arena, list, tree_text(writer->arena, words->items[i]));
    tree_set(writer->arena, node, key, list);
}

static void os_write(struct writer *writer, const struct raw_conditions *conditions,
                     struct yaml_node *node)
{
    bool any = conditions->os == writer->lists->unset.os;
    if (any && conditions->os_version.op == OP_UNSET)
        return;
    struct yaml_node *os = tree_mapping(writer->arena);
    if (any)
        tree_set(writer->arena, os, "type", tree_text(writer->arena, "any"));
    else
        WORD_SET(writer, os, "type", systems, conditions->os);
    version_set(writer, os, "version", &conditions->os_version);
    tree_set(writer->arena, node, "os", os);
}

static void series_write(struct writer *writer, const struct raw_numbers *series,
                         struct yaml_node *node)
{
    if (!series->count)
        return;
    struct yaml_node *list = tree_list(writer->arena);
    for (size_t i = 0; i < series->count; i++) {
        const char *name = intel_series_name(series->items[i]);
        if (!name) /* the reader of the lists will refuse it */
            name = arena_printf(writer->arena, "%u", (unsigned)series->items[i]);
        tree_add(writer->arena, list, tree_text(writer->arena, name));
    }
    tree_set(writer->arena, node, "intel_gpu_series", list);
}

static void gpu_write(struct writer *writer, const struct raw_conditions *conditions,
                      struct yaml_node *node)
{
    bool revisions = false;
    for (size_t i = 0; i < conditions->revisions.count; i++)
        revisions = revisions || conditions->revisions.items[i];
    if (conditions->vendor)
        tree_set(writer->arena, node, "vendor_id", hexadecimal(writer, conditions->vendor, 4));
    numbers_set(writer, node, "device_id", &conditions->devices, 4);
    if (revisions)
        numbers_set(writer, node, "device_revision", &conditions->revisions, 2);
    series_write(writer, &conditions->series, node);
    version_set(writer, node, "intel_gpu_generation", &conditions->generation);
    if (writer->lists->unset.category == CATEGORIES_UNTIL_NPU)
        WORD_SET(writer, node, "multi_gpu_category", categories_until_npu, conditions->category);
    else
        WORD_SET(writer, node, "multi_gpu_category", categories, conditions->category);
    WORD_SET(writer, node, "multi_gpu_style", gpu_styles, conditions->style);
}

static void driver_write(struct writer *writer, const struct raw_conditions *conditions,
                         struct yaml_node *node)
{
    static const char *const keys[GL_STRING_COUNT] = { "gl_vendor", "gl_renderer", "gl_extensions",
                                                       "gl_version_string" };
    if (conditions->has_driver) {
        tree_set(writer->arena, node, "driver_vendor",
                 tree_text(writer->arena, conditions->driver_vendor));
        version_set(writer, node, "driver_version", &conditions->driver_version);
    }
    for (unsigned i = 0; i < GL_STRING_COUNT; i++)
        tree_set(writer->arena, node, keys[i], tree_text(writer->arena, conditions->gl[i]));
    if (conditions->has_machine) {
        words_set(writer, node, "machine_model_name", &conditions->machines);
        version_set(writer, node, "machine_model_version", &conditions->machine_version);
    }
}

static void more_write(struct writer *writer, const struct raw_more *more, struct yaml_node *node)
{
    struct arena *arena = writer->arena;
    if (writer->lists->unset.gl_type == GL_TYPES_UNTIL_ANGLE)
        WORD_SET(writer, node, "gl_type", gl_types_until_angle, more->gl_type);
    else
        WORD_SET(writer, node, "gl_type", gl_types, more->gl_type);
    version_set(writer, node, "gl_version", &more->gl_version);
    version_set(writer, node, "pixel_shader_version", &more->pixel_shader);
    version_set(writer, node, "d3d11_feature_level", &more->d3d);
    if (more->in_process) {
        struct yaml_node *yes = tree_number(arena, 1);
        yes->text = "true";
        tree_set(arena, node, "in_process_gpu", yes);
    }
    if (more->reset)
        tree_set(arena, node, "gl_reset_notification_strategy", tree_number(arena, more->reset));
    version_set(writer, node, "direct_rendering_version", &more->direct_rendering);
    version_set(writer, node, "gpu_count", &more->gpu_count);
    WORD_SET(writer, node, "hardware_overlay", supports, more->overlay);
    WORD_SET(writer, node, "subpixel_font_rendering", supports, more->subpixel);
    if (more->group)
        tree_set(arena, node, "test_group", tree_number(arena, more->group));
}

static void conditions_write(struct writer *writer, const struct raw_conditions *conditions,
                             struct yaml_node *node)
{
    os_write(writer, conditions, node);
    gpu_write(writer, conditions, node);
    driver_write(writer, conditions, node);
    if (conditions->has_more)
        more_write(writer, &conditions->more, node);
}

static struct yaml_node *feature_node(struct writer *writer, uint32_t feature, bool bugs)
{
    const char *name = NULL;
    if (bugs)
        name = table_workaround(writer->image, writer->tables, feature);
    else if (writer->features && feature < feature_count(&writer->lists->blocklist))
        name = writer->features[feature];
    return name ? tree_text(writer->arena, name) : tree_number(writer->arena, feature);
}

static void features_write(struct writer *writer, const struct raw_numbers *features, bool bugs,
                           struct yaml_node *node)
{
    if (!features->count)
        return;
    struct yaml_node *list = tree_list(writer->arena);
    bool all = !bugs && features_are_all(features, feature_count(&writer->lists->blocklist));
    if (all)
        tree_add(writer->arena, list, tree_text(writer->arena, "all"));
    for (size_t i = 0; i < features->count && !all; i++)
        tree_add(writer->arena, list, feature_node(writer, features->items[i], bugs));
    tree_set(writer->arena, node, "features", list);
}

static struct yaml_node *entry_write(struct writer *writer, const struct raw_entry *entry,
                                     bool bugs)
{
    struct arena *arena = writer->arena;
    struct yaml_node *node = tree_mapping(arena);
    tree_set(arena, node, "id", tree_number(arena, entry->id));
    tree_set(arena, node, "description", tree_text(arena, entry->description));
    numbers_set(writer, node, "cr_bugs", &entry->bugs, 0);
    conditions_write(writer, &entry->main, node);
    if (entry->exception_count) {
        struct yaml_node *exceptions = tree_list(arena);
        for (size_t i = 0; i < entry->exception_count; i++) {
            struct yaml_node *exception = tree_mapping(arena);
            conditions_write(writer, &entry->exceptions[i], exception);
            tree_add(arena, exceptions, exception);
        }
        tree_set(arena, node, "exceptions", exceptions);
    }
    features_write(writer, &entry->features, bugs, node);
    words_set(writer, node, "disabled_extensions", &entry->extensions);
    words_set(writer, node, "disabled_webgl_extensions", &entry->webgl_extensions);
    return node;
}

struct yaml_node *raw_write(struct arena *arena, const struct raw_list *list,
                            const struct raw_lists *lists, const char *const *features,
                            const struct image *image, const struct tables *tables)
{
    struct writer writer = { arena, lists, image, tables, features };
    struct yaml_node *node = tree_mapping(arena), *entries = tree_list(arena);
    for (size_t i = 0; i < list->count; i++)
        tree_add(arena, entries, entry_write(&writer, &list->entries[i], list == &lists->bugs));
    tree_set(arena, node, "entries", entries);
    return node;
}
