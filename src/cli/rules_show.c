/* `qwguard rules show [ID...]`: entries of Chromium's GPU lists, of an engine or a file. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/rules_common.h"
#include "engine/compiled_lists.h"

static const struct option_row show_options[] = {
    { "engine", 0, "PATH|VERSION", "the engine: its library, or a Qt version (6.8, 5.15.2)" },
    { "list", 0, "FILE", "a rule file instead (YAML, or JSON of rules extract)" },
    { NULL, 0, NULL, NULL },
};

static bool is_wanted(const struct context *context, const struct yaml_node *entry)
{
    const struct yaml_node *id = yaml_get(entry, "id");
    if (!context->args.count)
        return true;
    return id && id->kind == YAML_SCALAR && strings_has(&context->args, id->text);
}

static void entry_print(const struct yaml_node *entry)
{
    static const char *const first[] = { "id", "description", "features" };
    const struct yaml_node *id = yaml_get(entry, "id");
    const struct yaml_node *description = yaml_get(entry, "description");
    const struct yaml_node *features = yaml_get(entry, "features");
    printf("%5s  %s\n", id ? id->text : "?", description ? description->text : "");
    if (features) {
        printf("       features: ");
        rules_flow_print(features);
        putchar('\n');
    }
    for (size_t i = 0; i < entry->count; i++) {
        const struct yaml_pair *pair = &entry->pairs[i];
        bool printed = false;
        for (size_t j = 0; j < ROWS(first); j++)
            printed = printed || text_equal(first[j], pair->key);
        if (printed)
            continue;
        if (text_equal(pair->key, "exceptions") && pair->value->kind == YAML_SEQUENCE) {
            for (size_t j = 0; j < pair->value->count; j++) {
                printf("       except: ");
                rules_flow_print(pair->value->items[j]);
                putchar('\n');
            }
            continue;
        }
        printf("       %s: ", pair->key);
        rules_flow_print(pair->value);
        putchar('\n');
    }
}

/* One list; returns how many entries were wanted. */
static size_t list_show(const struct context *context, const struct yaml_node *root,
                        const char *list, json_t *out)
{
    const struct yaml_node *entries = rules_entries(root, list);
    json_t *array = json_array();
    size_t count = 0;
    for (size_t i = 0; entries && i < entries->count; i++) {
        if (!is_wanted(context, entries->items[i]))
            continue;
        if (!count++ && !context->json)
            printf("%s\n", list);
        if (context->json)
            (void)json_array_append_new(array, rules_to_json(entries->items[i])); /* no memory */
        else
            entry_print(entries->items[i]);
    }
    json_t *object = json_object();
    json_set(object, "entries", array);
    json_set(out, list, object);
    return count;
}

static int ids_check(const struct context *context, struct err *err)
{
    for (size_t i = 0; i < context->args.count; i++) {
        const char *id = context->args.items[i];
        if (!*id || strspn(id, "0123456789") != strlen(id))
            return err_set(err, ERR_USAGE, "'%s' is no id of an entry", id);
    }
    return 0;
}

static int show_run(struct context *context, struct err *err)
{
    struct yaml_node *root;
    struct engine engine;
    if (ids_check(context, err) < 0 || rules_choose(context, &root, &engine, err) < 0)
        return -1;
    CLEANUP(json_freep) json_t *out = json_object();
    const struct yaml_node *chromium = yaml_get(root, "chromium");
    json_set_text(out, "schema", "qwguard.lists/1");
    json_set_text(out, "chromium", chromium ? chromium->text : NULL);
    size_t count = list_show(context, root, RULES_SOFTWARE_LIST, out);
    count += list_show(context, root, RULES_BUG_LIST, out);
    if (!count)
        return err_set(err, ERR_DATA, "no entry with that id in either list");
    if (context->json)
        fputs(json_format(context->arena, out), stdout);
    return 0;
}

static const struct option_row *const tables[] = { show_options, NULL };

const struct command command_rules_show = {
    .name = "rules show",
    .args = "[ID...]",
    .summary = "show entries of Chromium's GPU lists",
    .options = tables,
    .max_args = ARGS_ANY,
    .prints_json = true,
    .run = show_run,
};
