/* `qwguard undo`: takes back what `qwguard apply` wrote, file by file. */
#include <stdio.h>

#include "cli/command.h"
#include "plan/install.h"

static const struct option_row undo_options[] = {
    { "app", 0, "NAME", "only what was written for this application" },
    { "dry-run", 0, NULL, "name the files, remove nothing" },
    { "force", 0, NULL, "also remove what was changed since" },
    { NULL, 0, NULL, NULL },
};

static int undo_run(struct context *context, struct err *err)
{
    struct report warnings = { .arena = context->arena };
    struct install_items items;
    const char *app = option_value(context, "app");
    size_t done = 0, left = 0;
    if (!context->state_dir)
        return err_set(err, ERR_UNAVAILABLE, "there is no state folder (--state)");
    if (install_list(context->arena, context->state_dir, &items, &warnings, err) < 0)
        return -1;
    message_report(context, &warnings);
    for (size_t i = 0; i < items.count; i++) {
        struct err problem = { 0 };
        if (app && !text_equal(app, items.items[i].app))
            continue;
        if (option_given(context, "dry-run")) {
            printf("%s\n", items.items[i].path);
            done++;
        } else if (install_undo(context->arena, context->state_dir, &items, &items.items[i],
                                option_given(context, "force"), &problem)
                   < 0) {
            if (left++)
                message(context, "%s", err->text);
            *err = problem;
        } else {
            message(context, "removed %s", items.items[i].path);
            done++;
        }
    }
    if (left)
        return -1;
    if (!done)
        message(context, "nothing was written%s%s", app ? " for " : "", app ? app : "");
    return 0;
}

static const struct option_row *const tables[] = { undo_options, NULL };

const struct command command_undo = {
    .name = "undo",
    .args = "",
    .summary = "take back what apply wrote",
    .details =
        "Removes exactly the files that apply wrote; one that was changed since is left alone.",
    .options = tables,
    .run = undo_run,
};
