/* Reads an identity from a tree of YAML or JSON. Every fault is reported with its place and reading
 * goes on; a field in error stays unknown, which never decides anything. Format: docs/identity.md.
 */
#include <string.h>

#include "base/macros.h"
#include "machine/identity.h"
#include "machine/identity_private.h"

/* What a value is read into, and how messages name it. */
struct target {
    struct arena *arena;
    struct report *report;
    const char *name; /* "gpus[0].vendor" */
    void *at;
};

static void refuse(const struct target *target, const struct yaml_node *node, const char *wanted)
{
    report_add(target->report, FINDING_ERROR, node->at, "'%s' wants %s, not %s", target->name,
               wanted, yaml_kind_text(node));
}

static const char *did_you_mean(struct arena *arena, const char *near)
{
    return near ? arena_printf(arena, " (did you mean '%s'?)", near) : "";
}

/* True when no control character is in it; tab and newline are allowed in the contents of files. */
static bool is_printable(struct arena *arena, const char *text, bool lines)
{
    const char *clean = text_clean(arena, text, strlen(text));
    return text_equal(clean, text) && (lines || !strpbrk(text, "\t\n"));
}

/* A string; a number stands for its own text ("12"), but yes and no are most likely meant as truth.
 * NULL after a finding. */
static const char *string_read(const struct target *target, const struct yaml_node *node,
                               bool lines)
{
    bool truth;
    if (node->kind != YAML_SCALAR || yaml_is_null(node) || yaml_to_bool(node, &truth)) {
        refuse(target, node, "a string");
        return NULL;
    }
    if (!is_printable(target->arena, node->text, lines)) {
        report_add(target->report, FINDING_ERROR, node->at, "'%s' holds a control character",
                   target->name);
        return NULL;
    }
    return node->text;
}

/* The number of a word among those that are possible, or -1 after a finding. */
static int word_find(const struct target *target, const struct yaml_node *node, const char *word,
                     const char *const *words)
{
    struct text all = { .arena = target->arena };
    size_t count = 0;
    for (; words[count]; count++) {
        if (text_equal(words[count], word))
            return (int)count;
        text_printf(&all, "%s%s", count ? ", " : "", words[count]);
    }
    report_add(target->report, FINDING_ERROR, node->at, "%s '%s' is none of %s%s", target->name,
               word, text_get(&all), did_you_mean(target->arena, text_nearest(word, words, count)));
    return -1;
}

static void text_read(const struct target *target, const struct field_row *row,
                      const struct yaml_node *node)
{
    const char *text = string_read(target, node, false);
    if (text && (!row->words || word_find(target, node, text, row->words) >= 0))
        *(const char **)target->at = text;
}

static void number_read(const struct target *target, const struct field_row *row,
                        const struct yaml_node *node)
{
    uint64_t value;
    if (node->kind != YAML_SCALAR || !yaml_to_u64(node, &value)) {
        if (node->kind == YAML_SCALAR && gpu_vendor_find(node->text, &value))
            report_add(target->report, FINDING_ERROR, node->at,
                       "'%s' wants a number, not a name; %s is 0x%04llx", target->name, node->text,
                       (unsigned long long)value);
        else
            refuse(target, node, "a number or \"0x…\"");
        return;
    }
    if (value > row->max) {
        report_add(target->report, FINDING_ERROR, node->at, "'%s' is larger than 0x%llx",
                   target->name, (unsigned long long)row->max);
        return;
    }
    *(struct maybe_u64 *)target->at = (struct maybe_u64){ .known = true, .value = value };
}

static void truth_read(const struct target *target, const struct field_row *row,
                       const struct yaml_node *node)
{
    bool truth;
    (void)row;
    if (yaml_to_bool(node, &truth))
        *(enum truth *)target->at = truth ? TRUTH_YES : TRUTH_NO;
    else
        refuse(target, node, "true or false");
}

/* False after a finding: the value is no list. */
static bool list_read(const struct target *target, const struct yaml_node *node,
                      struct strings *out)
{
    if (node->kind != YAML_SEQUENCE) {
        refuse(target, node, "a list of strings");
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        struct target item = *target;
        const struct yaml_node *value = node->items[i];
        item.name = arena_printf(target->arena, "%s[%zu]", target->name, i);
        if (value->kind != YAML_SCALAR || yaml_is_null(value))
            refuse(&item, value, "a string");
        else
            ARENA_PUSH(target->arena, out, value->text);
    }
    return true;
}

static void strings_read(const struct target *target, const struct field_row *row,
                         const struct yaml_node *node)
{
    (void)row;
    (void)list_read(target, node, target->at); /* a finding says so */
}

static void names_read(const struct target *target, const struct field_row *row,
                       const struct yaml_node *node)
{
    struct maybe_strings *names = target->at;
    (void)row;
    names->known = list_read(target, node, &names->list);
}

static void probe_read(const struct target *target, const struct field_row *row,
                       const struct yaml_node *node)
{
    const char *words[GL_PROBE_COUNT + 1] = { NULL };
    const char *text = string_read(target, node, false);
    (void)row;
    for (int i = 0; i < GL_PROBE_COUNT; i++)
        words[i] = gl_probe_text((enum gl_probe)i);
    int found = text ? word_find(target, node, text, words) : -1;
    if (found >= 0)
        *(enum gl_probe *)target->at = (enum gl_probe)found;
}

static void (*const readers[])(const struct target *target, const struct field_row *row,
                               const struct yaml_node *node) = {
    [FIELD_TEXT] = text_read,       [FIELD_NUMBER] = number_read, [FIELD_TRUTH] = truth_read,
    [FIELD_STRINGS] = strings_read, [FIELD_NAMES] = names_read,   [FIELD_PROBE] = probe_read,
};

static void key_unknown(const struct target *target, const struct yaml_pair *pair,
                        const char *const *keys, size_t count)
{
    report_add(target->report, FINDING_WARNING, pair->key_at, "unknown key '%s'%s%s%s%s is ignored",
               pair->key, *target->name ? " in '" : "", target->name, *target->name ? "'" : "",
               did_you_mean(target->arena, text_nearest(pair->key, keys, count)));
}

/* One mapping of a section; target->at is the struct that the rows' offsets are in. */
static void section_read(const struct target *target, const struct field_section *section,
                         const struct yaml_node *node)
{
    const char *keys[16] = { NULL };
    if (node->kind != YAML_MAPPING) {
        refuse(target, node, "a mapping");
        return;
    }
    for (size_t j = 0; j < section->count && j < ROWS(keys); j++)
        keys[j] = section->rows[j].key;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        const struct field_row *row = NULL;
        for (size_t j = 0; j < section->count; j++) {
            if (text_equal(section->rows[j].key, pair->key))
                row = &section->rows[j];
        }
        if (!row) {
            key_unknown(target, pair, keys, section->count);
            continue;
        }
        struct target field = *target;
        field.name = arena_printf(target->arena, "%s.%s", target->name, row->key);
        field.at = (char *)target->at + row->offset;
        if (!yaml_is_null(pair->value)) /* null says unknown in so many words */
            readers[row->kind](&field, row, pair->value);
    }
}

static void gpus_read(const struct target *target, const struct yaml_node *node)
{
    struct identity *identity = target->at;
    if (node->kind != YAML_SEQUENCE) {
        refuse(target, node, "a list of mappings");
        return;
    }
    identity->gpus_known = true;
    identity->gpus = arena_array(target->arena, node->count, sizeof *identity->gpus);
    identity->gpu_count = node->count;
    for (size_t i = 0; i < node->count; i++) {
        struct target gpu = *target;
        gpu.name = arena_printf(target->arena, "gpus[%zu]", i);
        gpu.at = &identity->gpus[i];
        section_read(&gpu, &identity_gpu_section, node->items[i]);
    }
}

/* Names and texts; what a name may be differs. */
static void variables_read(const struct target *target, const struct yaml_node *node, bool files)
{
    struct identity *identity = target->at;
    struct variables *out = files ? &identity->files : &identity->environment;
    if (node->kind != YAML_MAPPING) {
        refuse(target, node, "a mapping");
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        struct target value = *target;
        value.name = arena_printf(target->arena, "%s.%s", target->name, pair->key);
        bool fits = files ? pair->key[0] == '/' : *pair->key && !strchr(pair->key, '=');
        if (!fits || !is_printable(target->arena, pair->key, false))
            report_add(target->report, FINDING_ERROR, pair->key_at, "'%s' is no %s", pair->key,
                       files ? "absolute path" : "name of a variable");
        else if (pair->value->kind != YAML_SCALAR || yaml_is_null(pair->value))
            refuse(&value, pair->value, "a string (\"\" when it is empty)");
        else
            variables_set(target->arena, out, pair->key, pair->value->text);
    }
}

static void version_read(const struct target *target, const struct yaml_node *node)
{
    uint64_t version;
    if (!yaml_to_u64(node, &version))
        refuse(target, node, "a number");
    else if (version != IDENTITY_VERSION)
        report_add(target->report, FINDING_ERROR, node->at,
                   "version %llu of identities is not known here, only %d",
                   (unsigned long long)version, IDENTITY_VERSION);
}

static void environment_read(const struct target *target, const struct yaml_node *node)
{
    variables_read(target, node, false);
}

static void files_read(const struct target *target, const struct yaml_node *node)
{
    variables_read(target, node, true);
}

static const struct {
    const char *key;
    void (*read)(const struct target *target, const struct yaml_node *node);
} other_rows[] = {
    { "version", version_read },
    { "gpus", gpus_read },
    { "environment", environment_read },
    { "files", files_read },
};

/* False when no row has the key. */
static bool key_read(const struct target *target, const struct yaml_pair *pair)
{
    struct target value = *target;
    value.name = pair->key;
    for (size_t i = 0; i < ROWS(other_rows); i++) {
        if (!text_equal(other_rows[i].key, pair->key))
            continue;
        if (!yaml_is_null(pair->value))
            other_rows[i].read(&value, pair->value);
        return true;
    }
    for (size_t i = 0; i < IDENTITY_SECTION_COUNT; i++) {
        if (!text_equal(identity_sections[i].key, pair->key))
            continue;
        if (!yaml_is_null(pair->value))
            section_read(&value, &identity_sections[i], pair->value);
        return true;
    }
    return false;
}

/* Which of two GPUs draws would be a guess. */
static void actives_check(struct report *report, const struct yaml_node *gpus)
{
    size_t first = 0, count = 0;
    for (size_t i = 0; gpus && gpus->kind == YAML_SEQUENCE && i < gpus->count; i++) {
        bool active;
        const struct yaml_node *node = yaml_get(gpus->items[i], "active");
        if (!node || !yaml_to_bool(node, &active) || !active)
            continue;
        if (count++)
            report_add(report, FINDING_ERROR, node->at,
                       "gpus[%zu] is active and so is gpus[%zu]; only one GPU can be", i, first);
        else
            first = i;
    }
}

/* Desktop GL has profiles, OpenGL ES has none, and the two have other rules. */
static void gl_check(struct report *report, const struct yaml_node *gl)
{
    const struct yaml_node *version = gl ? yaml_get(gl, "version") : NULL;
    if (version && version->kind == YAML_SCALAR && text_starts(version->text, "OpenGL ES")
        && (strstr(version->text, "Core Profile")
            || strstr(version->text, "Compatibility Profile")))
        report_add(report, FINDING_ERROR, version->at,
                   "'gl.version' is of OpenGL ES and names a profile of desktop GL");
}

void identity_read(struct arena *arena, const struct yaml_node *root, struct report *report,
                   struct identity *out)
{
    const char *keys[ROWS(other_rows) + IDENTITY_SECTION_COUNT];
    struct target target = { .arena = arena, .report = report, .name = "", .at = out };
    *out = (struct identity){ 0 };
    if (root->kind != YAML_MAPPING) {
        report_add(report, FINDING_ERROR, root->at, "an identity is a mapping of keys, not %s",
                   yaml_kind_text(root));
        return;
    }
    for (size_t i = 0; i < ROWS(keys); i++)
        keys[i] = i < ROWS(other_rows) ? other_rows[i].key
                                       : identity_sections[i - ROWS(other_rows)].key;
    for (size_t i = 0; i < root->count; i++) {
        if (!key_read(&target, &root->pairs[i]))
            key_unknown(&target, &root->pairs[i], keys, ROWS(keys));
    }
    actives_check(report, yaml_get(root, "gpus"));
    gl_check(report, yaml_get(root, "gl"));
}
