/* `qwguard incident list`: all incidents, newest first. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/words.h"
#include "incident/incident.h"

static void print_json(const struct context *context, const struct incident_rows *rows)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_t *row = json_object();
        json_set_text(row, "id", rows->items[i].id);
        json_set_text(row, "time", rows->items[i].time);
        json_set_text(row, "app", rows->items[i].app);
        json_set_text(row, "reason", rows->items[i].reason);
        (void)json_array_append_new(list, row); /* fails only without memory */
    }
    json_set_text(root, "schema", "qwguard.incidents/1");
    json_set(root, "incidents", list);
    fputs(json_format(context->arena, root), stdout);
}

static void print_table(const struct context *context, const struct incident_rows *rows)
{
    struct arena *arena = context->arena;
    if (rows->count == 0) {
        printf("no incidents\n");
        return;
    }
    printf("%-26s%-22s%-16s%s\n", "ID", "TIME", "REASON", "APP");
    for (size_t i = 0; i < rows->count; i++)
        printf("%-25s %-21s %-15s %s\n", rows->items[i].id, words_line(arena, rows->items[i].time),
               words_line(arena, rows->items[i].reason), words_line(arena, rows->items[i].app));
}

static int list_run(struct context *context, struct err *err)
{
    struct incident_rows rows = { 0 };
    struct strings torn = { 0 };
    if (incident_list(context->arena, context->state_dir, &rows, &torn, err) < 0)
        return -1;
    for (size_t i = 0; i < torn.count; i++)
        message(context, "incidents/%s is left out: it holds no whole record of an incident",
                words_line(context->arena, torn.items[i]));
    if (context->json)
        print_json(context, &rows);
    else if (!context->quiet)
        print_table(context, &rows);
    return 0;
}

const struct command command_incident_list = {
    .name = "incident list",
    .args = "",
    .summary = "list what the guard has recorded, newest first",
    .prints_json = true,
    .needs_state = true,
    .run = list_run,
};
