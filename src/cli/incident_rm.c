/* `qwguard incident rm`: forget incidents. */
#include <stdio.h>

#include "cli/command.h"
#include "incident/incident.h"
#include "platform/file.h"

static int rm_run(struct context *context, struct err *err)
{
    struct strings paths = { 0 }, ids = { 0 };
    for (size_t i = 0; i < context->args.count; i++) {
        const char *id, *path;
        if (incident_find(context->arena, context->state_dir, context->args.items[i], &id, &path,
                          err)
            < 0)
            return -1;
        if (strings_has(&ids, id))
            continue;
        ARENA_PUSH(context->arena, &ids, id);
        ARENA_PUSH(context->arena, &paths, path);
    }
    for (size_t i = 0; i < paths.count; i++) {
        if (folder_remove(paths.items[i], err) < 0)
            return -1;
        if (context->verbose)
            message(context, "removed %s", ids.items[i]);
    }
    return 0;
}

const struct command command_incident_rm = {
    .name = "incident rm",
    .args = "ID...",
    .summary = "remove incidents",
    .details =
        "ID is a whole id, an unambiguous beginning of one, or \"last\". Nothing is removed\n"
        "when one of them is not there.",
    .min_args = 1,
    .max_args = ARGS_ANY,
    .needs_state = true,
    .run = rm_run,
};
