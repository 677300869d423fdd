/* `qwguard incident export`: one incident as an archive for a bug report. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/doctor.h"
#include "incident/bundle.h"
#include "incident/incident.h"

static const struct option_row export_options[] = {
    { "output", 'o', "FILE", "write it there (- is standard output); default: a file here" },
    { "raw", 0, NULL, "take nothing out" },
    { NULL, 0, NULL, NULL },
};

static int export_run(struct context *context, struct err *err)
{
    struct incident incident;
    const char *path;
    size_t log_bytes = 0;
    const char *id = context->args.count ? context->args.items[0] : "last";
    if (incident_load(context->arena, context->state_dir, id, &incident, &path, err) < 0)
        return -1;
    struct bundle bundle = {
        .name = arena_printf(context->arena, "qwguard-incident-%s", incident.id),
        .incident = &incident,
        .log = incident_log(context->arena, path, &log_bytes),
    };
    bundle.log_bytes = log_bytes;
    return bundle_deliver(context, &bundle, err);
}

static const struct option_row *const tables[] = { export_options, NULL };

const struct command command_incident_export = {
    .name = "incident export",
    .args = "[ID]",
    .summary = "one incident as an archive for a bug report, without names and secrets",
    .details = "ID is a whole id, an unambiguous beginning of one, or \"last\" (also when it is\n"
               "left out). Home folders, names of user and machine, queries of addresses,\n"
               "passwords, keys and tokens are taken out unless --raw is given.",
    .options = tables,
    .max_args = 1,
    .needs_state = true,
    .run = export_run,
};
