/* Reads a rule file (docs/rules.md) or the JSON of `rules extract`. A list with a fault in it would
 * decide wrongly without anybody seeing it, so one fault refuses the whole file. */
#include "engine/control_list_reader_private.h"

#include <string.h>

#include "base/macros.h"

#define BLOCKLIST_KEY "software_rendering_list"
#define BUG_LIST_KEY "gpu_driver_bug_list"
#define ID_MAX 99999
#define ENTRIES_MAX 5000 /* bounds the search for ids that stand there twice */

void rule_wrong(struct rule_reader *reader, const struct yaml_node *node, const char *wanted)
{
    if (node->kind == YAML_SCALAR && !yaml_is_null(node))
        report_add(reader->report, FINDING_ERROR, node->at, "'%s' is not %s", node->text, wanted);
    else
        report_add(reader->report, FINDING_ERROR, node->at, "%s stands where %s is wanted",
                   yaml_kind_text(node), wanted);
}

const char *rule_text(struct rule_reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_SCALAR && !yaml_is_null(node) && *node->text)
        return node->text;
    rule_wrong(reader, node, "a string");
    return NULL;
}

bool rule_number(struct rule_reader *reader, const struct yaml_node *node, uint64_t max,
                 uint32_t *out)
{
    uint64_t value;
    if (!yaml_to_u64(node, &value) || value > max) {
        rule_wrong(reader, node, max > UINT16_MAX ? "a number" : "a number of 16 bits");
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

bool rule_is_list(struct rule_reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_SEQUENCE)
        return true;
    rule_wrong(reader, node, "a list");
    return false;
}

bool rule_is_mapping(struct rule_reader *reader, const struct yaml_node *node)
{
    if (node->kind == YAML_MAPPING)
        return true;
    rule_wrong(reader, node, "a mapping");
    return false;
}

void rule_unknown_key(struct rule_reader *reader, const struct yaml_pair *pair,
                      const char *const *names, size_t count)
{
    const char *near = text_nearest(pair->key, names, count);
    if (near)
        report_add(reader->report, FINDING_ERROR, pair->key_at,
                   "unknown key '%s' (did you mean '%s'?)", pair->key, near);
    else
        report_add(reader->report, FINDING_ERROR, pair->key_at, "unknown key '%s'", pair->key);
}

/* A list of strings; what is none is reported and left out. */
static void strings_read(struct rule_reader *reader, const struct yaml_node *node,
                         struct strings *out)
{
    if (!rule_is_list(reader, node))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const char *text = rule_text(reader, node->items[i]);
        if (text)
            ARENA_PUSH(reader->arena, out, text);
    }
}

/* --- features
 * -------------------------------------------------------------------------------------- */

/* "all", or all but the named ones: features: [all, {exceptions: [accelerated_gl]}]. */
static void features_all(struct rule_reader *reader, const struct yaml_node *node,
                         struct control_entry *entry)
{
    struct strings except = { 0 };
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *names = yaml_get(node->items[i], "exceptions");
        if (names)
            strings_read(reader, names, &except);
    }
    for (const char *const *name = reader->traits->features; *name; name++) {
        if (!strings_has(&except, *name))
            ARENA_PUSH(reader->arena, &entry->features, *name);
    }
    if (except.count)
        entry->as_listed = entry->features;
}

static void feature_read(struct rule_reader *reader, const struct yaml_node *node, bool bug_list,
                         struct control_entry *entry)
{
    const char *name = rule_text(reader, node);
    if (!name)
        return;
    if (bug_list && reader->workarounds.count && !strings_has(&reader->workarounds, name)) {
        report_add(reader->report, FINDING_ERROR, node->at,
                   "unknown workaround '%s': it does not stand under 'workarounds'", name);
        return;
    }
    ARENA_PUSH(reader->arena, &entry->as_listed, name);
    if (bug_list || !text_equal(name, "all"))
        ARENA_PUSH(reader->arena, &entry->features, name);
}

static void features_read(struct rule_reader *reader, const struct yaml_node *node, bool bug_list,
                          struct control_entry *entry)
{
    bool all = false;
    if (!rule_is_list(reader, node))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_node *item = node->items[i];
        bool is_all = !bug_list && item->kind == YAML_SCALAR && text_equal(item->text, "all");
        all = all || is_all;
        if (item->kind == YAML_MAPPING && item->count == 1 && yaml_get(item, "exceptions"))
            continue; /* read with "all" */
        feature_read(reader, item, bug_list, entry);
    }
    if (all)
        features_all(reader, node, entry);
}

/* Chromium tells a disabled extension like a workaround of this name. */
static void extensions_read(struct rule_reader *reader, const struct yaml_node *node,
                            struct control_entry *entry)
{
    struct strings names = { 0 };
    strings_read(reader, node, &names);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = arena_printf(reader->arena, "disabled_extension_%s", names.items[i]);
        ARENA_PUSH(reader->arena, &entry->features, name);
        ARENA_PUSH(reader->arena, &entry->as_listed, name);
    }
}

/* --- entries
 * --------------------------------------------------------------------------------------- */

static struct conditions exception_read(struct rule_reader *reader, const struct yaml_node *node,
                                        const struct conditions_draft *entry)
{
    struct conditions_draft draft = { .os = OS_ANY };
    if (!rule_is_mapping(reader, node))
        return (struct conditions){ .count = 0 };
    for (size_t i = 0; i < node->count; i++) {
        if (!conditions_key_read(reader, &node->pairs[i], &draft))
            conditions_unknown_key(reader, &node->pairs[i], NULL, 0);
    }
    if (draft.device_count && !draft.has_vendor)
        draft.vendor = entry->vendor; /* process_json.py copies it */
    conditions_check(reader, node, &draft);
    return conditions_build(reader->arena, &draft);
}

static void exceptions_read(struct rule_reader *reader, const struct yaml_node *node,
                            const struct conditions_draft *draft, struct control_entry *entry)
{
    if (!rule_is_list(reader, node))
        return;
    struct conditions *exceptions = arena_array(reader->arena, node->count, sizeof *exceptions);
    for (size_t i = 0; i < node->count; i++)
        exceptions[i] = exception_read(reader, node->items[i], draft);
    entry->exceptions = exceptions;
    entry->exception_count = node->count;
}

/* Keys that only entries have. */
static const char *const entry_keys[] = {
    "id",         "description",         "cr_bugs",
    "features",   "disabled_extensions", "disabled_webgl_extensions",
    "exceptions", "driver_update_url",
};

static bool is_entry_key(const char *key)
{
    for (size_t i = 0; i < ROWS(entry_keys); i++) {
        if (text_equal(entry_keys[i], key))
            return true;
    }
    return false;
}

static void entry_id_read(struct rule_reader *reader, const struct yaml_node *node,
                          struct control_entry *entry)
{
    const struct yaml_node *id = yaml_get(node, "id");
    uint32_t number = 0;
    entry->line = node->at.line;
    if (!id)
        report_add(reader->report, FINDING_ERROR, node->at, "missing key 'id'");
    else if (rule_number(reader, id, ID_MAX, &number) && !number)
        rule_wrong(reader, id, "an id (1 and up)");
    entry->id = number;
}

static void entry_read(struct rule_reader *reader, const struct yaml_node *node, bool bug_list,
                       struct control_entry *entry)
{
    struct conditions_draft draft = { .os = OS_ANY };
    struct strings ignored = { 0 };
    const struct yaml_node *value;
    if (!rule_is_mapping(reader, node))
        return;
    entry_id_read(reader, node, entry);
    for (size_t i = 0; i < node->count; i++) {
        if (!is_entry_key(node->pairs[i].key)
            && !conditions_key_read(reader, &node->pairs[i], &draft))
            conditions_unknown_key(reader, &node->pairs[i], entry_keys, ROWS(entry_keys));
    }
    conditions_check(reader, node, &draft);
    entry->main = conditions_build(reader->arena, &draft);
    entry->test_group = draft.test_group;
    if ((value = yaml_get(node, "description")))
        entry->description = rule_text(reader, value);
    if ((value = yaml_get(node, "features")))
        features_read(reader, value, bug_list, entry);
    if ((value = yaml_get(node, "disabled_extensions")))
        extensions_read(reader, value, entry);
    if ((value = yaml_get(node, "disabled_webgl_extensions")))
        strings_read(reader, value, &ignored); /* checked; the engine does not list them */
    if ((value = yaml_get(node, "exceptions")))
        exceptions_read(reader, value, &draft, entry);
    if (!entry->features.count && !ignored.count)
        report_add(reader->report, FINDING_ERROR, node->at, "the entry turns nothing off");
}

static void list_read(struct rule_reader *reader, const struct yaml_node *root, const char *key,
                      struct control_list *out)
{
    const struct yaml_node *list = yaml_get(root, key);
    const struct yaml_node *entries = yaml_get(list, "entries");
    *out = (struct control_list){ .name = key };
    if (!entries) {
        report_add(reader->report, FINDING_ERROR, list ? list->at : root->at,
                   "missing list '%s: {entries: […]}'", key);
        return;
    }
    if (!rule_is_list(reader, entries))
        return;
    if (entries->count > ENTRIES_MAX) {
        report_add(reader->report, FINDING_ERROR, entries->at, "more than %d entries", ENTRIES_MAX);
        return;
    }
    struct control_entry *items = arena_array(reader->arena, entries->count, sizeof *items);
    for (size_t i = 0; i < entries->count; i++) {
        entry_read(reader, entries->items[i], text_equal(key, BUG_LIST_KEY), &items[i]);
        for (size_t j = 0; j < i; j++) {
            if (items[j].id && items[j].id == items[i].id)
                report_add(reader->report, FINDING_ERROR, entries->items[i]->at,
                           "id %u stands here twice (first in line %u)", items[i].id,
                           items[j].line);
        }
    }
    out->entries = items;
    out->count = entries->count;
}

/* --- the file
 * --------------------------------------------------------------------------------------- */

/* Those of `rules extract` that say where the lists are from are taken and not used. */
static const char *const top_keys[] = {
    "version", "chromium", "workarounds", BLOCKLIST_KEY, BUG_LIST_KEY, "qt",
    "schema",  "library",  "build_id",    "layout",      "source",     "confidence",
};

int control_lists_read(struct arena *arena, const struct yaml_node *root, struct report *report,
                       struct control_lists *out)
{
    struct rule_reader reader = { .arena = arena, .report = report };
    size_t errors = report->error_count;
    *out = (struct control_lists){ .origin = root->at.file };
    if (!rule_is_mapping(&reader, root))
        return -1;
    for (size_t i = 0; i < root->count; i++) {
        bool known = false;
        for (size_t j = 0; j < ROWS(top_keys); j++)
            known = known || text_equal(top_keys[j], root->pairs[i].key);
        if (!known)
            rule_unknown_key(&reader, &root->pairs[i], top_keys, ROWS(top_keys));
    }
    const struct yaml_node *chromium = yaml_get(root, "chromium");
    const struct yaml_node *workarounds = yaml_get(root, "workarounds");
    const struct yaml_node *version = yaml_get(root, "version");
    const struct yaml_node *schema = yaml_get(root, "schema");
    if (version && !text_equal(version->text, "1"))
        rule_wrong(&reader, version, "a version of this form (1)");
    if (schema && !text_equal(schema->text, LISTS_SCHEMA))
        rule_wrong(&reader, schema, "a form that is known (" LISTS_SCHEMA ")");
    if (!chromium)
        report_add(report, FINDING_ERROR, root->at, "missing key 'chromium'");
    else if ((out->chromium = rule_text(&reader, chromium))
             && (!chromium_major(out->chromium)
                 || strspn(out->chromium, "0123456789.") != strlen(out->chromium)))
        rule_wrong(&reader, chromium, "a Chromium version");
    if (workarounds)
        strings_read(&reader, workarounds, &reader.workarounds);
    reader.traits = engine_traits_of(out->chromium);
    list_read(&reader, root, BLOCKLIST_KEY, &out->blocklist);
    list_read(&reader, root, BUG_LIST_KEY, &out->bug_list);
    out->workarounds = reader.workarounds;
    return report->error_count == errors ? 0 : -1;
}
