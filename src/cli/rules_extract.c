/* `qwguard rules extract`: both GPU lists out of an engine's library, in the words of Chromium's
 * own JSON. The library is read, never loaded or run. */
#include <stdio.h>

#include "base/json.h"
#include "cli/preflight.h"
#include "cli/rules_common.h"
#include "engine/compiled_lists.h"

static const struct option_row extract_options[] = {
    { "engine", 0, "PATH|VERSION", "the library, or the Qt version of an installed engine" },
    { NULL, 0, NULL, NULL },
};

static void summary_print(const struct yaml_node *root)
{
    static const char *const keys[] = { "library", "qt", "chromium", "build_id", "layout" };
    for (size_t i = 0; i < ROWS(keys); i++) {
        const struct yaml_node *node = yaml_get(root, keys[i]);
        printf("%-24s %s\n", keys[i], node ? node->text : "unknown");
    }
    const struct yaml_node *workarounds = yaml_get(root, "workarounds");
    printf("%-24s %zu entries\n", RULES_SOFTWARE_LIST,
           rules_entries(root, RULES_SOFTWARE_LIST)->count);
    printf("%-24s %zu entries\n", RULES_BUG_LIST, rules_entries(root, RULES_BUG_LIST)->count);
    printf("%-24s %zu names\n", "workarounds", workarounds ? workarounds->count : 0);
}

static int extract_run(struct context *context, struct err *err)
{
    struct engine_search search = { .root = context->root, .cache_dir = context->cache_dir };
    struct engine engine;
    struct compiled_lists lists;
    if (preflight_engine(context, &engine, err) < 0
        || compiled_lists_read(context->arena, &search, &engine, &lists, err) < 0)
        return -1;
    if (lists.gap)
        message(context, "%s", lists.gap);
    if (context->json) {
        CLEANUP(json_freep) json_t *root = rules_to_json(lists.root);
        fputs(json_format(context->arena, root), stdout);
    } else {
        summary_print(lists.root);
    }
    return 0;
}

static const struct option_row *const tables[] = { extract_options, NULL };

const struct command command_rules_extract = {
    .name = "rules extract",
    .args = "",
    .summary = "read Chromium's GPU lists out of an engine's library",
    .details =
        "The library may be from anyone: it is read, never loaded or run. With --json the lists\n"
        "are printed in the words of Chromium's own JSON source.",
    .options = tables,
    .prints_json = true,
    .run = extract_run,
};
