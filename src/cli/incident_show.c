/* `qwguard incident show`: one incident on one screen. */
#include <stdio.h>

#include "base/json.h"
#include "cli/command.h"
#include "incident/incident.h"
#include "platform/terminal.h"

static const struct option_row show_options[] = {
    { "ascii", 0, NULL, "use no characters beyond ASCII" },
    { NULL, 0, NULL, NULL },
};

static int show_run(struct context *context, struct err *err)
{
    struct incident incident;
    const char *id = context->args.count ? context->args.items[0] : "last";
    bool ascii = option_given(context, "ascii")
                 || (terminal_is(TERMINAL_OUT) && !terminal_is_utf8());
    if (incident_load(context->arena, context->state_dir, id, &incident, NULL, err) < 0)
        return -1;
    if (context->json) {
        CLEANUP(json_freep) json_t *record = incident_to_json(&incident);
        fputs(json_format(context->arena, record), stdout);
    } else if (!context->quiet) {
        fputs(incident_text(context->arena, &incident, terminal_columns(TERMINAL_OUT),
                            context->color_out, ascii),
              stdout);
    }
    return 0;
}

static const struct option_row *const tables[] = { show_options, NULL };

const struct command command_incident_show = {
    .name = "incident show",
    .args = "[ID]",
    .summary = "show one incident: what, why, the memory, what was done",
    .details = "ID is a whole id, an unambiguous beginning of one, or \"last\" (also when it is\n"
               "left out).",
    .options = tables,
    .max_args = 1,
    .prints_json = true,
    .needs_state = true,
    .run = show_run,
};
