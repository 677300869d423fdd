/* Reads the conditions of one entry or exception of a rule file: one function a form of value, one
 * row a key. Everything wrong is reported with its place, and reading goes on. */
#include "engine/control_list_reader_private.h"

#include <stddef.h>
#include <string.h>

#include "base/macros.h"

#define KEYS_MAX 48 /* that are offered for "did you mean" */

typedef void read_fn(struct rule_reader *reader, const struct yaml_node *node,
                     struct conditions_draft *draft, size_t offset);

struct key_row {
    const char *key;
    read_fn *read;
    size_t offset; /* of the field in struct conditions_draft */
};

#define DRAFT(field) offsetof(struct conditions_draft, field)
#define FIELD(type, draft, offset) ((type *)(void *)((char *)(draft) + (offset)))

static void skip(struct rule_reader *reader, const struct yaml_node *node,
                 struct conditions_draft *draft, size_t offset)
{
    (void)reader;
    (void)node;
    (void)draft;
    (void)offset;
}

static const struct pattern *pattern_read(struct rule_reader *reader, const struct yaml_node *node)
{
    const char *text = rule_text(reader, node);
    struct err err;
    if (!text)
        return NULL;
    for (size_t i = 0; i < reader->patterns.count; i++) {
        if (text_equal(pattern_text(reader->patterns.items[i]), text))
            return reader->patterns.items[i];
    }
    const struct pattern *pattern = pattern_compile(reader->arena, text, &err);
    if (pattern)
        ARENA_PUSH(reader->arena, &reader->patterns, pattern);
    else
        report_add(reader->report, FINDING_ERROR, node->at, "%s", err.text);
    return pattern;
}

static void read_pattern(struct rule_reader *reader, const struct yaml_node *node,
                         struct conditions_draft *draft, size_t offset)
{
    *FIELD(const struct pattern *, draft, offset) = pattern_read(reader, node);
}

static void version_part(struct rule_reader *reader, const struct yaml_node *node,
                         struct version_parts *out)
{
    const char *text = rule_text(reader, node);
    size_t length = text ? strspn(text, "0123456789.") : 0;
    if (text && (text[length] || !version_split(text, '.', out) || strstr(text, "..")))
        report_add(reader->report, FINDING_ERROR, node->at, "'%s' is no version", text);
}

/* Names that go with version_*_find; one at a time, since each has a type of its own. */
static void version_word(struct rule_reader *reader, const struct yaml_pair *pair,
                         struct version_range *range)
{
    const char *text = rule_text(reader, pair->value);
    bool known = !text || (text_equal(pair->key, "op") && version_op_find(text, &range->op))
                 || (text_equal(pair->key, "style") && version_style_find(text, &range->style))
                 || (text_equal(pair->key, "schema") && version_form_find(text, &range->form));
    if (!known)
        report_add(reader->report, FINDING_ERROR, pair->value->at, "unknown %s '%s'", pair->key,
                   text);
}

static const struct version_range *range_of(struct rule_reader *reader,
                                            const struct yaml_node *node)
{
    static const char *const keys[] = { "op", "value", "value2", "style", "schema" };
    struct version_range *range = arena_alloc(reader->arena, sizeof *range);
    if (!rule_is_mapping(reader, node))
        return NULL;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        if (text_equal(pair->key, "value"))
            version_part(reader, pair->value, &range->low);
        else if (text_equal(pair->key, "value2"))
            version_part(reader, pair->value, &range->high);
        else if (text_equal(pair->key, "op") || text_equal(pair->key, "style")
                 || text_equal(pair->key, "schema"))
            version_word(reader, pair, range);
        else
            rule_unknown_key(reader, pair, keys, ROWS(keys));
    }
    if (!yaml_get(node, "op"))
        report_add(reader->report, FINDING_ERROR, node->at, "missing key 'op'");
    if (range->op != VERSION_ANY && !yaml_get(node, "value"))
        report_add(reader->report, FINDING_ERROR, node->at, "missing key 'value'");
    if ((range->op == VERSION_BETWEEN) != (yaml_get(node, "value2") != NULL))
        report_add(reader->report, FINDING_ERROR, node->at,
                   "'value2' goes with the op 'between' and with no other");
    return range;
}

static void read_range(struct rule_reader *reader, const struct yaml_node *node,
                       struct conditions_draft *draft, size_t offset)
{
    *FIELD(const struct version_range *, draft, offset) = range_of(reader, node);
}

struct word_row {
    const char *word;
    unsigned value;
};

static const struct word_row os_words[] = {
    { "linux", OS_LINUX },    { "win", OS_WINDOWS },   { "macosx", OS_MAC },    { "any", OS_ANY },
    { "chromeos", OS_OTHER }, { "android", OS_OTHER }, { "fuchsia", OS_OTHER }, { "ios", OS_OTHER },
};

static const struct word_row category_words[] = {
    { "active", CATEGORY_ACTIVE },       { "primary", CATEGORY_PRIMARY }, { "any", CATEGORY_ANY },
    { "secondary", CATEGORY_SECONDARY }, { "npu", CATEGORY_NPU },
};

static const struct word_row style_words[] = {
    { "optimus", GPU_STYLE_OPTIMUS },
    { "amd_switchable", GPU_STYLE_AMD_SWITCHABLE },
    { "amd_switchable_integrated", GPU_STYLE_AMD_SWITCHABLE_INTEGRATED },
    { "amd_switchable_discrete", GPU_STYLE_AMD_SWITCHABLE_DISCRETE },
};

static const struct word_row gl_type_words[] = {
    { "gl", GL_TYPE_GL },
    { "gles", GL_TYPE_GLES },
    { "angle", GL_TYPE_ANGLE },
    { "angle_gl", GL_TYPE_ANGLE_GL },
    { "angle_gles", GL_TYPE_ANGLE_GLES },
    { "angle_vulkan", GL_TYPE_ANGLE_VULKAN },
};

/* One of the words; NULL with a finding when it is none. */
static const char *word_of(struct rule_reader *reader, const struct yaml_node *node,
                           const struct word_row *rows, size_t count, unsigned *out)
{
    const char *text = rule_text(reader, node);
    for (size_t i = 0; text && i < count; i++) {
        if (text_equal(rows[i].word, text)) {
            *out = rows[i].value;
            return text;
        }
    }
    if (text)
        report_add(reader->report, FINDING_ERROR, node->at, "unknown word '%s'", text);
    return NULL;
}

static void read_os(struct rule_reader *reader, const struct yaml_node *node,
                    struct conditions_draft *draft, size_t offset)
{
    static const char *const keys[] = { "type", "version" };
    unsigned os = OS_ANY;
    (void)offset;
    if (!rule_is_mapping(reader, node))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        if (text_equal(pair->key, "type"))
            draft->os_name = word_of(reader, pair->value, os_words, ROWS(os_words), &os);
        else if (text_equal(pair->key, "version"))
            draft->os_version = range_of(reader, pair->value);
        else
            rule_unknown_key(reader, pair, keys, ROWS(keys));
    }
    if (!yaml_get(node, "type"))
        report_add(reader->report, FINDING_ERROR, node->at, "missing key 'type'");
    draft->os = (enum os_type)os;
}

static void read_vendor(struct rule_reader *reader, const struct yaml_node *node,
                        struct conditions_draft *draft, size_t offset)
{
    (void)offset; /* 32 bits: Windows also has vendors of four letters */
    draft->has_vendor = rule_number(reader, node, UINT32_MAX, &draft->vendor);
}

static const uint32_t *ids_of(struct rule_reader *reader, const struct yaml_node *node,
                              uint64_t max, size_t *out_count)
{
    *out_count = 0;
    if (!rule_is_list(reader, node))
        return NULL;
    uint32_t *ids = arena_array(reader->arena, node->count, sizeof *ids);
    for (size_t i = 0; i < node->count; i++)
        (void)rule_number(reader, node->items[i], max, &ids[i]); /* reported; goes on */
    *out_count = node->count;
    return ids;
}

static void read_devices(struct rule_reader *reader, const struct yaml_node *node,
                         struct conditions_draft *draft, size_t offset)
{
    (void)offset; /* 32 bits: so has a device of such a vendor */
    draft->devices = ids_of(reader, node, UINT32_MAX, &draft->device_count);
}

static void read_revisions(struct rule_reader *reader, const struct yaml_node *node,
                           struct conditions_draft *draft, size_t offset)
{
    (void)offset;
    draft->revisions = ids_of(reader, node, UINT16_MAX, &draft->revision_count);
}

static void read_series(struct rule_reader *reader, const struct yaml_node *node,
                        struct conditions_draft *draft, size_t offset)
{
    struct text names = { .arena = reader->arena };
    (void)offset;
    if (!rule_is_list(reader, node))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const char *name = rule_text(reader, node->items[i]);
        unsigned series = name ? intel_series_find(name) : 0;
        if (series) {
            draft->series |= UINT64_C(1) << series;
            text_printf(&names, "%s%s", names.length ? ", " : "", name);
        } else if (name) {
            report_add(reader->report, FINDING_ERROR, node->items[i]->at,
                       "unknown Intel series '%s'", name);
        }
    }
    draft->series_text = text_get(&names);
}

static void read_category(struct rule_reader *reader, const struct yaml_node *node,
                          struct conditions_draft *draft, size_t offset)
{
    unsigned category = CATEGORY_ACTIVE;
    (void)offset;
    (void)word_of(reader, node, category_words, ROWS(category_words), &category); /* reported */
    draft->category = (enum gpu_category)category;
}

static void read_style(struct rule_reader *reader, const struct yaml_node *node,
                       struct conditions_draft *draft, size_t offset)
{
    unsigned style = GPU_STYLE_NONE;
    (void)offset;
    draft->style_name = word_of(reader, node, style_words, ROWS(style_words), &style);
    draft->style = (enum gpu_style)style;
}

static void read_gl_type(struct rule_reader *reader, const struct yaml_node *node,
                         struct conditions_draft *draft, size_t offset)
{
    unsigned type = GL_TYPE_NONE;
    (void)offset;
    draft->gl_type_name = word_of(reader, node, gl_type_words, ROWS(gl_type_words), &type);
    draft->gl_type = (enum gl_type)type;
}

static void read_machine(struct rule_reader *reader, const struct yaml_node *node,
                         struct conditions_draft *draft, size_t offset)
{
    struct text names = { .arena = reader->arena };
    (void)offset;
    if (!rule_is_list(reader, node))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct pattern *pattern = pattern_read(reader, node->items[i]);
        if (pattern)
            text_printf(&names, "%s%s", i ? " or " : "", pattern_text(pattern));
    }
    draft->machine = text_get(&names);
}

static void read_machine_version(struct rule_reader *reader, const struct yaml_node *node,
                                 struct conditions_draft *draft, size_t offset)
{
    (void)offset;
    (void)range_of(reader, node); /* reported; no model is ever told, so no version is compared */
    if (!draft->machine)
        draft->machine = "of a certain version";
}

/* Hardware overlays and the like: told by Windows or ChromeOS only. */
static void read_untold(struct rule_reader *reader, const struct yaml_node *node,
                        struct conditions_draft *draft, size_t offset)
{
    (void)offset;
    if (node->kind == YAML_SCALAR)
        draft->untold = arena_printf(reader->arena, "overlays or fonts are '%s'", node->text);
    else
        rule_wrong(reader, node, "a word");
}

static void read_in_process(struct rule_reader *reader, const struct yaml_node *node,
                            struct conditions_draft *draft, size_t offset)
{
    bool value;
    (void)draft; /* Qt always runs the GPU service in the application: the condition holds */
    (void)offset;
    if (!yaml_to_bool(node, &value))
        rule_wrong(reader, node, "true or false");
}

static void read_group(struct rule_reader *reader, const struct yaml_node *node,
                       struct conditions_draft *draft, size_t offset)
{
    uint32_t group = 0;
    (void)offset;
    if (rule_number(reader, node, UINT16_MAX, &group) && !group)
        rule_wrong(reader, node, "a test group (1 and up)");
    draft->test_group = group;
}

/* Keys of an entry and of an exception. */
static const struct key_row condition_keys[] = {
    { "os", read_os, 0 },
    { "vendor_id", read_vendor, 0 },
    { "device_id", read_devices, 0 },
    { "device_revision", read_revisions, 0 },
    { "intel_gpu_series", read_series, 0 },
    { "intel_gpu_generation", read_range, DRAFT(generation) },
    { "multi_gpu_category", read_category, 0 },
    { "multi_gpu_style", read_style, 0 },
    { "driver_vendor", read_pattern, DRAFT(driver_vendor) },
    { "driver_version", read_range, DRAFT(driver_version) },
    { "gl_vendor", read_pattern, DRAFT(gl_vendor) },
    { "gl_renderer", read_pattern, DRAFT(gl_renderer) },
    { "gl_version_string", read_pattern, DRAFT(gl_version_string) },
    { "gl_extensions", read_pattern, DRAFT(gl_extensions) },
    { "gl_type", read_gl_type, 0 },
    { "gl_version", read_range, DRAFT(gl_version) },
    { "machine_model_name", read_machine, 0 },
    { "machine_model_version", read_machine_version, 0 },
    { "pixel_shader_version", read_range, DRAFT(pixel_shader) },
    { "direct_rendering_version", read_range, DRAFT(direct_rendering) },
    { "gpu_count", read_range, DRAFT(gpu_count) },
    { "in_process_gpu", read_in_process, 0 },
    { "hardware_overlay", read_untold, 0 },
    { "subpixel_font_rendering", read_untold, 0 },
    { "gl_reset_notification_strategy", read_untold, 0 },
    { "test_group", read_group, 0 },
    { "comment", skip, 0 },
};

bool conditions_key_read(struct rule_reader *reader, const struct yaml_pair *pair,
                         struct conditions_draft *draft)
{
    for (size_t i = 0; i < ROWS(condition_keys); i++) {
        if (text_equal(condition_keys[i].key, pair->key)) {
            condition_keys[i].read(reader, pair->value, draft, condition_keys[i].offset);
            return true;
        }
    }
    return false;
}

void conditions_unknown_key(struct rule_reader *reader, const struct yaml_pair *pair,
                            const char *const *more, size_t more_count)
{
    const char *names[KEYS_MAX] = { NULL };
    size_t count = 0;
    for (size_t i = 0; i < ROWS(condition_keys); i++)
        names[count++] = condition_keys[i].key;
    for (size_t i = 0; i < more_count && count < KEYS_MAX; i++)
        names[count++] = more[i];
    rule_unknown_key(reader, pair, names, count);
}

void conditions_check(struct rule_reader *reader, const struct yaml_node *node,
                      const struct conditions_draft *draft)
{
    if (draft->device_count && !draft->vendor)
        report_add(reader->report, FINDING_ERROR, node->at, "'device_id' without 'vendor_id'");
    if (draft->revisions && draft->revision_count != draft->device_count)
        report_add(reader->report, FINDING_ERROR, node->at,
                   "'device_revision' must be as long as 'device_id'");
}
