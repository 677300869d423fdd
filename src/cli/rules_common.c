/* Where the rules come from that a command `rules …` is asked about, and how they are printed. */
#include "cli/rules_common.h"

#include <stdio.h>
#include <string.h>

#include "cli/preflight.h"
#include "engine/compiled_lists.h"
#include "platform/file.h"

#define LIST_MAX_BYTES ((size_t)4 * 1024 * 1024)

const struct yaml_node *rules_entries(const struct yaml_node *root, const char *list)
{
    const struct yaml_node *entries = yaml_get(yaml_get(root, list), "entries");
    return entries && entries->kind == YAML_SEQUENCE ? entries : NULL;
}

int rules_file_parse(const struct context *context, const char *path, struct yaml_node **out,
                     struct err *err)
{
    const char *bytes;
    size_t length;
    const char *name = text_equal(path, "-") ? "<stdin>" : path;
    if (file_read(context->arena, path, LIST_MAX_BYTES, &bytes, &length, err) < 0)
        return -1;
    return yaml_parse(context->arena, name, bytes, length, out, err);
}

/* A file that is shown must be one that could be decided with. */
static int list_choose(const struct context *context, const char *path, struct yaml_node **out,
                       struct err *err)
{
    struct report report = { .arena = context->arena };
    struct control_lists lists;
    struct yaml_node *root;
    if (rules_file_parse(context, path, &root, err) < 0)
        return -1;
    if (control_lists_read(context->arena, root, &report, &lists) < 0)
        return report_to_err(&report, ERR_DATA, err);
    *out = root;
    return 0;
}

int rules_choose(const struct context *context, struct yaml_node **out, struct engine *out_engine,
                 struct err *err)
{
    struct engine_search search = { .root = context->root, .cache_dir = context->cache_dir };
    const char *path = option_value(context, "list");
    struct compiled_lists compiled;
    struct err why;
    *out_engine = (struct engine){ 0 };
    if (path)
        return list_choose(context, path, out, err);
    if (preflight_engine(context, out_engine, err) < 0)
        return -1;
    if (out_engine->library
        && compiled_lists_read(context->arena, &search, out_engine, &compiled, &why) == 0) {
        *out = compiled.root;
        if (compiled.gap)
            message(context, "'%s': %s", out_engine->library, compiled.gap);
        return 0;
    }
    if (out_engine->library)
        message(context, "the built-in rules are shown: %s", why.text);
    return control_lists_shipped_tree(context->arena, out_engine->chromium, out, err);
}

void rules_flow_print(const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        printf("%s", node->text);
        return;
    case YAML_SEQUENCE:
        for (size_t i = 0; i < node->count; i++) {
            fputs(i ? ", " : "", stdout);
            rules_flow_print(node->items[i]);
        }
        return;
    case YAML_MAPPING:
        putchar('{');
        for (size_t i = 0; i < node->count; i++) {
            printf("%s%s: ", i ? ", " : "", node->pairs[i].key);
            rules_flow_print(node->pairs[i].value);
        }
        putchar('}');
        return;
    }
}
