/* `qwguard rules list`: the sets of rules that are built in, and the engines installed here with
 * what their libraries hold. */
#include <stdio.h>

#include "base/embedded.h"
#include "base/json.h"
#include "base/pack.h"
#include "cli/rules_common.h"
#include "engine/compiled_lists.h"

#define RULES_FOLDER "profiles/rules/"

/* One set of rules, built in or in a library. */
struct rule_set {
    const struct yaml_node *root; /* NULL = cannot be read */
    const char *name;             /* file or library */
    const char *problem;          /* NULL = none */
    const struct engine *engine;  /* NULL = built in */
};

struct rule_sets {
    struct rule_set *items;
    size_t count, capacity;
};

static const char *member(const struct rule_set *set, const char *key)
{
    const struct yaml_node *node = yaml_get(set->root, key);
    return node ? node->text : NULL;
}

static size_t entry_count(const struct rule_set *set, const char *list)
{
    const struct yaml_node *entries = rules_entries(set->root, list);
    return entries ? entries->count : 0;
}

static void sets_shipped(struct context *context, struct rule_sets *out)
{
    for (size_t i = 0; i < embedded_file_count; i++) {
        const struct embedded_file *file = &embedded_files[i];
        if (!text_starts(file->path, RULES_FOLDER))
            continue;
        struct rule_set set = { .name = file->path };
        set.root = tree_unpack(context->arena, file->path, file->tree, file->length_bytes, NULL);
        if (!set.root)
            set.problem = "it is damaged";
        ARENA_PUSH(context->arena, out, set);
    }
}

static void sets_installed(struct context *context, struct rule_sets *out)
{
    struct engine_search search = { .root = context->root, .cache_dir = context->cache_dir };
    struct engines engines = { 0 };
    engine_list(context->arena, &search, &engines);
    for (size_t i = 0; i < engines.count; i++) {
        const struct engine *engine = &engines.items[i];
        struct compiled_lists lists = { 0 };
        struct err err;
        struct rule_set set = { .name = engine->library, .engine = engine };
        if (compiled_lists_read(context->arena, &search, engine, &lists, &err) < 0)
            set.problem = arena_strdup(context->arena, err.text);
        else
            set.problem = lists.gap;
        set.root = lists.root;
        ARENA_PUSH(context->arena, out, set);
    }
}

static json_t *set_to_json(const struct rule_set *set)
{
    json_t *out = json_object();
    json_set_text(out, "qt", set->engine ? set->engine->qt : member(set, "qt"));
    json_set_text(out, "chromium", set->engine ? set->engine->chromium : member(set, "chromium"));
    json_set_text(out, set->engine ? "library" : "file", set->name);
    json_set_text(out, "layout", member(set, "layout"));
    if (set->root) {
        json_set_u64(out, RULES_SOFTWARE_LIST, entry_count(set, RULES_SOFTWARE_LIST));
        json_set_u64(out, RULES_BUG_LIST, entry_count(set, RULES_BUG_LIST));
    }
    json_set_text(out, "problem", set->problem);
    return out;
}

static json_t *sets_to_json(const struct rule_sets *sets)
{
    json_t *out = json_array();
    for (size_t i = 0; i < sets->count; i++)
        (void)json_array_append_new(out, set_to_json(&sets->items[i])); /* out of memory */
    return out;
}

static void sets_print(const char *title, const struct rule_sets *sets)
{
    printf("%s\n", title);
    for (size_t i = 0; i < sets->count; i++) {
        const struct rule_set *set = &sets->items[i];
        const char *qt = set->engine ? set->engine->qt : member(set, "qt");
        const char *chromium = set->engine ? set->engine->chromium : member(set, "chromium");
        printf("  %-10s %-16s ", qt ? qt : "-", chromium ? chromium : "-");
        if (set->problem)
            printf("%s\n", set->problem);
        else
            printf("%3zu + %2zu entries  %s\n", entry_count(set, RULES_SOFTWARE_LIST),
                   entry_count(set, RULES_BUG_LIST), set->name);
    }
    if (!sets->count)
        puts("  none");
}

static int list_run(struct context *context, struct err *err)
{
    struct rule_sets shipped = { 0 }, installed = { 0 };
    (void)err;
    sets_shipped(context, &shipped);
    sets_installed(context, &installed);
    if (context->json) {
        CLEANUP(json_freep) json_t *root = json_object();
        json_set_text(root, "schema", "qwguard.rule-sets/1");
        json_set(root, "shipped", sets_to_json(&shipped));
        json_set(root, "installed", sets_to_json(&installed));
        fputs(json_format(context->arena, root), stdout);
        return 0;
    }
    printf("  %-10s %-16s\n", "Qt", "Chromium");
    sets_print("Built in", &shipped);
    sets_print("In installed engines", &installed);
    return 0;
}

const struct command command_rules_list = {
    .name = "rules list",
    .args = "",
    .summary = "list Chromium's GPU lists: built in, and in the installed engines",
    .prints_json = true,
    .run = list_run,
};
