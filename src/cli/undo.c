/* `qwguard undo`: takes back what `qwguard apply` wrote, file by file. */
#include <stdio.h>

#include "base/json.h"
#include "cli/apply_private.h"
#include "platform/file.h"

static const struct option_row undo_options[] = {
    { "app", 0, "NAME", "only what was written for this application" },
    { "system", 0, NULL, "what apply --system wrote" },
    { "dry-run", 0, NULL, "name the files that would be removed" },
    { "force", 0, NULL, "also remove what was changed since" },
    { NULL, 0, NULL, NULL },
};

struct undoing {
    struct context *context;
    struct install_place place;
    struct install_items items;
    json_t *removed, *left; /* for --json */
    size_t done, left_count;
};

static void left_add(struct undoing *undoing, const char *path, const struct err *problem)
{
    json_t *row = json_object();
    json_set_text(row, "path", path);
    json_set_text(row, "why", problem->text);
    (void)json_array_append_new(undoing->left, row); /* a want of memory leaves it out */
    undoing->left_count++;
}

/* May it be removed? Asked for --dry-run: what would be left is not named. */
static int item_look(struct undoing *undoing, const struct install_item *item, struct err *err)
{
    enum install_state state;
    const char *current;
    bool force = option_given(undoing->context, "force");
    if (install_look(undoing->context->arena, &undoing->place, &undoing->items, item->path, &state,
                     &current, err)
        < 0)
        return -1;
    return force ? 0 : install_removable(state, item->path, err);
}

static int item_remove(struct undoing *undoing, const struct install_item *item, struct err *err)
{
    return install_undo(undoing->context->arena, &undoing->place, &undoing->items, item,
                        option_given(undoing->context, "force"), err);
}

/* Names it (--dry-run) or removes it. The first problem is the one to end with. */
static void item_undo(struct undoing *undoing, const struct install_item *item, struct err *err)
{
    struct context *context = undoing->context;
    bool dry = option_given(context, "dry-run");
    struct err problem = { 0 };
    if ((dry ? item_look : item_remove)(undoing, item, &problem) < 0) {
        left_add(undoing, item->path, &problem);
        if (undoing->left_count == 1)
            *err = problem;
        else
            message(context, "%s", problem.text);
        return;
    }
    undoing->done++;
    (void)json_array_append_new(undoing->removed, json_text(item->path)); /* as above */
    if (dry && !context->json)
        printf("%s\n", item->path);
    else if (!dry)
        message(context, "removed %s", item->path);
}

/* Was it written for the application that --app names? A path names its last part, as in apply. */
static bool is_meant(const struct install_item *item, const char *app)
{
    return !app || (item->app && text_equal(path_name(app), path_name(item->app)));
}

static int undo_run(struct context *context, struct err *err)
{
    struct undoing undoing = { .context = context };
    struct report warnings = { .arena = context->arena };
    CLEANUP(shared_unlock) struct shared_lock lock = { .fd = -1 };
    CLEANUP(json_freep) json_t *json = json_object();
    const char *app = option_value(context, "app");
    if (apply_place(context, &undoing.place, err) < 0
        || (!option_given(context, "dry-run")
            && install_lock(context->arena, &undoing.place, &lock, err) < 0)
        || install_list(context->arena, &undoing.place, &undoing.items, &warnings, err) < 0)
        return -1;
    message_report(context, &warnings);
    json_set_text(json, "schema", "qwguard.undo/1");
    json_set(json, "removed", undoing.removed = json_array());
    json_set(json, "left", undoing.left = json_array());
    for (size_t i = 0; i < undoing.items.count; i++) {
        if (is_meant(&undoing.items.items[i], app))
            item_undo(&undoing, &undoing.items.items[i], err);
    }
    if (context->json)
        fputs(json_format(context->arena, json), stdout);
    if (undoing.left_count)
        return -1;
    if (warnings.count)
        return err_set(err, ERR_DATA,
                       "%zu of the records cannot be read: what they name is left where it is",
                       warnings.count);
    if (!undoing.done)
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
    .prints_json = true,
    .run = undo_run,
};
