/* `qwguard incident html`: one incident as a page that needs nothing but a browser. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "incident/incident.h"
#include "platform/file.h"

#define FILE_MODE 0600U /* it holds the app's arguments and its log */

static const struct option_row html_options[] = {
    { "output", 'o', "FILE", "write the page there (- is standard output, the default)" },
    { NULL, 0, NULL, NULL },
};

static int html_run(struct context *context, struct err *err)
{
    struct incident incident;
    const char *path, *output = option_value(context, "output");
    size_t log_bytes = 0;
    const char *id = context->args.count ? context->args.items[0] : "last";
    if (incident_load(context->arena, context->state_dir, id, &incident, &path, err) < 0)
        return -1;
    const char *log = incident_log(context->arena, path, &log_bytes);
    const char *page = incident_html(context->arena, &incident, log, log_bytes);
    if (output && !text_equal(output, "-"))
        return file_write(output, page, strlen(page), FILE_MODE, false, err);
    fputs(page, stdout);
    return 0;
}

static const struct option_row *const tables[] = { html_options, NULL };

const struct command command_incident_html = {
    .name = "incident html",
    .args = "[ID]",
    .summary = "one incident as a page for the browser",
    .details = "ID is a whole id, an unambiguous beginning of one, or \"last\" (also when it is\n"
               "left out). The page has no script and loads nothing.",
    .options = tables,
    .max_args = 1,
    .needs_state = true,
    .run = html_run,
};
