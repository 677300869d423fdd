/* `qwguard reset`: forget what was tried and how it ended, so that the next start begins with the
 * narrowest rung again. Incidents stay: `incident rm` removes those. */
#include <stdio.h>

#include "cli/command.h"
#include "history/history.h"

static const struct option_row reset_options[] = {
    { "app", 0, "NAME", "only of this application, by executable name (all)" },
    { NULL, 0, NULL, NULL },
};

static int reset_run(struct context *context, struct err *err)
{
    size_t count;
    const char *app = option_value(context, "app");
    if (app && !*app)
        return option_error(err, "app", "the name is empty");
    if (history_forget(context->state_dir, app, &count, err) < 0)
        return -1;
    if (context->quiet)
        return 0;
    if (count)
        printf("forgot %zu histor%s%s%s\n", count, count == 1 ? "y" : "ies", app ? " of " : "",
               app ? app : "");
    else
        printf("there is no history%s%s\n", app ? " of " : "", app ? app : "");
    return 0;
}

static const struct option_row *const tables[] = { reset_options, NULL };

const struct command command_reset = {
    .name = "reset",
    .args = "",
    .summary = "forget what was tried for applications and how it ended",
    .details = "The next start begins with the narrowest rung again. Recorded incidents stay.",
    .options = tables,
    .needs_state = true,
    .run = reset_run,
};
