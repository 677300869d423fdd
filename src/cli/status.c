/* `qwguard status`: the apps that are guarded now, from the files that their guards write. With
 * --watch it is printed again each second, in place where standard output is a terminal. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/unit.h"
#include "cli/command.h"
#include "cli/describe.h"
#include "cli/words.h"
#include "guard/run_file.h"
#include "platform/clock.h"
#include "platform/event.h"
#include "platform/terminal.h"

#define WATCH_NS SECOND_NS
#define SCREEN_CLEAR "\033[H\033[J"
#define NEAR_PERMILLE 900U
#define NAME_BYTES 32 /* longer names are cut */

static const struct option_row status_options[] = {
    { "watch", 0, NULL, "print it again each second until interrupted" },
    { NULL, 0, NULL, NULL },
};

static uint64_t age_s(uint64_t since_s, uint64_t now_s)
{
    return since_s && now_s > since_s ? now_s - since_s : 0; /* a clock that was set back */
}

static json_t *entry_json(const struct run_entry *entry, uint64_t now_s)
{
    json_t *row = json_object();
    json_set_text(row, "app", entry->name);
    json_set_u64(row, "pid", (uint64_t)entry->app.pid);
    json_set_u64(row, "guard", (uint64_t)entry->guard.pid);
    json_set(row, "guarded", json_boolean(entry->guarded));
    json_set(row, "attached", json_boolean(entry->attached));
    json_set_text(row, "state", entry->state);
    json_set_u64(row, "up_s", age_s(entry->started_s, now_s));
    json_set_u64(row, "updated_s", entry->updated_s);
    json_set_u64(row, "largest_bytes", entry->largest_bytes);
    json_set_u64(row, "tree_bytes", entry->tree_bytes);
    json_set_u64(row, "gpu_bytes", entry->gpu_bytes);
    json_set_text(row, "limit_of", entry->limit_of);
    json_set_u64(row, "limit_bytes", entry->limit_bytes);
    json_set(row, "rate_bytes_per_s", json_integer(entry->rate_bytes_per_s));
    json_set_u64(row, "processes", entry->process_count);
    json_set_text(row, "rung", entry->rung);
    json_set_u64(row, "restarts", entry->restart);
    json_set_u64(row, "max_restarts", entry->restart_max);
    json_set_text(row, "last_incident", entry->incident);
    return row;
}

static void print_json(const struct context *context, const struct run_entries *entries)
{
    CLEANUP(json_freep) json_t *root = json_object();
    json_t *list = json_array();
    for (size_t i = 0; i < entries->count; i++)
        (void)json_array_append_new(list, entry_json(&entries->items[i], clock_utc_s()));
    json_set_text(root, "schema", "qwguard.status/1");
    json_set(root, "apps", list);
    if (option_given(context, "watch")) { /* one line each time */
        (void)json_dumpf(root, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        fputs(json_format(context->arena, root), stdout);
    }
}

static uint64_t bytes_of(const struct run_entry *entry)
{
    return text_equal(entry->limit_of, "tree") ? entry->tree_bytes : entry->largest_bytes;
}

/* "0.41 / 4.00 GiB" where both have one unit, else each with its own; "420 MiB" without a limit. */
static const char *memory_cell(struct arena *arena, const struct run_entry *entry)
{
    char used[UNIT_TEXT_BYTES], limit[UNIT_TEXT_BYTES];
    uint64_t bytes = bytes_of(entry);
    unit_size_text(used, sizeof used, bytes);
    if (!entry->limit_bytes)
        return arena_strdup(arena, used);
    unit_size_text(limit, sizeof limit, entry->limit_bytes);
    if (entry->limit_bytes >= GIB_BYTES)
        return arena_printf(arena, "%.2f / %s", (double)bytes / (double)GIB_BYTES, limit);
    return arena_printf(arena, "%s / %s", used, limit);
}

static const char *up_cell(struct arena *arena, uint64_t seconds)
{
    char text[UNIT_TEXT_BYTES];
    return arena_strdup(arena, unit_time_text(text, sizeof text, seconds * SECOND_NS));
}

static const char *rate_cell(struct arena *arena, int64_t bytes_per_s)
{
    double mib = (double)bytes_per_s / (double)MIB_BYTES;
    return arena_printf(arena, "%+.0f MiB/s", mib > -0.5 && mib < 0.5 ? 0.0 : mib);
}

static const char *restarts_cell(struct arena *arena, const struct run_entry *entry)
{
    if (entry->restart)
        return arena_printf(arena, "%llu of %llu", (unsigned long long)entry->restart,
                            (unsigned long long)entry->restart_max);
    return "0";
}

static const char *incident_cell(struct arena *arena, const struct run_entry *entry)
{
    char text[UNIT_TEXT_BYTES];
    if (!entry->incident)
        return "-";
    clock_local_text(text, sizeof text, entry->incident_s);
    return arena_strdup(arena, text);
}

static const char *color_of(const struct context *context, const struct run_entry *entry)
{
    if (!context->color_out)
        return "";
    if (!entry->guarded)
        return COLOR_RED;
    return entry->limit_bytes && bytes_of(entry) > entry->limit_bytes / 1000 * NEAR_PERMILLE
               ? COLOR_YELLOW
               : "";
}

enum cell {
    CELL_APP,
    CELL_PID,
    CELL_UP,
    CELL_MEMORY,
    CELL_RATE,
    CELL_RUNG,
    CELL_RESTARTS,
    CELL_INCIDENT,
    CELL_COUNT,
};

struct row {
    const char *cells[CELL_COUNT];
};

static const struct row heading = { {
    [CELL_APP] = "APP",
    [CELL_PID] = "PID",
    [CELL_UP] = "UP",
    [CELL_MEMORY] = "MEMORY",
    [CELL_RATE] = "RATE",
    [CELL_RUNG] = "RUNG",
    [CELL_RESTARTS] = "RESTARTS",
    [CELL_INCIDENT] = "LAST INCIDENT",
} };

static struct row row_make(struct arena *arena, const struct run_entry *entry, uint64_t now_s)
{
    return (struct row){ {
        [CELL_APP] = text_line(arena, entry->name, NAME_BYTES),
        [CELL_PID] = arena_printf(arena, "%lld", (long long)entry->app.pid),
        [CELL_UP] = up_cell(arena, age_s(entry->started_s, now_s)),
        [CELL_MEMORY] = memory_cell(arena, entry),
        [CELL_RATE] = rate_cell(arena, entry->rate_bytes_per_s),
        [CELL_RUNG] = text_line(arena, entry->rung, NAME_BYTES),
        [CELL_RESTARTS] = restarts_cell(arena, entry),
        [CELL_INCIDENT] = incident_cell(arena, entry),
    } };
}

static void print_row(const struct row *row, const size_t *widths, const char *color)
{
    fputs(color, stdout);
    for (size_t i = 0; i < CELL_COUNT; i++) {
        const char *cell = row->cells[i];
        fputs(cell, stdout);
        if (i + 1 < CELL_COUNT)
            printf("%*s", (int)(widths[i] - text_columns(cell, strlen(cell))) + 2, "");
    }
    printf("%s\n", *color ? COLOR_RESET : "");
}

/* Each column as wide as it must be, so that the table fits where it can. */
static void print_table(const struct context *context, const struct run_entries *entries)
{
    struct arena *arena = context->arena;
    size_t widths[CELL_COUNT];
    uint64_t now_s = clock_utc_s();
    if (entries->count == 0) {
        printf("no app is guarded now\n");
        return;
    }
    struct row *rows = arena_array(arena, entries->count, sizeof *rows);
    for (size_t i = 0; i < CELL_COUNT; i++)
        widths[i] = text_columns(heading.cells[i], strlen(heading.cells[i]));
    for (size_t i = 0; i < entries->count; i++) {
        rows[i] = row_make(arena, &entries->items[i], now_s);
        for (size_t j = 0; j < CELL_COUNT; j++) {
            size_t columns = text_columns(rows[i].cells[j], strlen(rows[i].cells[j]));
            widths[j] = columns > widths[j] ? columns : widths[j];
        }
    }
    print_row(&heading, widths, "");
    for (size_t i = 0; i < entries->count; i++)
        print_row(&rows[i], widths, color_of(context, &entries->items[i]));
    for (size_t i = 0; i < entries->count; i++)
        if (!entries->items[i].guarded)
            printf("%s %s goes on without a guard, which has ended: qwguard attach %s\n",
                   rows[i].cells[CELL_APP], rows[i].cells[CELL_PID], rows[i].cells[CELL_PID]);
}

static int show(const struct context *context, struct err *err)
{
    struct run_entries entries = { 0 };
    if (run_file_list(context->arena, context->state_dir, &entries, err) < 0)
        return -1;
    if (context->json)
        print_json(context, &entries);
    else if (!context->quiet)
        print_table(context, &entries);
    return 0;
}

/* Until a signal ends us or nobody reads any more. The arena is that of one look. */
static int watch(const struct context *context, struct err *err)
{
    struct event_loop loop = EVENT_LOOP_CLOSED;
    struct event event;
    bool in_place = !context->json && terminal_is(TERMINAL_OUT);
    int result = event_loop_open(&loop, err);
    while (result == 0) {
        struct arena arena = { 0 };
        struct context one = *context;
        one.arena = &arena;
        if (in_place)
            fputs(SCREEN_CLEAR, stdout);
        result = show(&one, err);
        arena_clear(&arena);
        if (result == 0 && fflush(stdout) != 0)
            break; /* main says so */
        if (result == 0)
            result = event_deadline_set(&loop, clock_monotonic_ns() + WATCH_NS, err);
        if (result == 0)
            result = event_wait(&loop, &event, err);
    }
    event_loop_close(&loop);
    return result;
}

static int status_run(struct context *context, struct err *err)
{
    return option_given(context, "watch") ? watch(context, err) : show(context, err);
}

static const struct option_row *const tables[] = { status_options, NULL };

const struct command command_status = {
    .name = "status",
    .args = "",
    .summary = "show the applications that are guarded now",
    .details = "With --json and --watch each look is one line. Exit status 0, also when there are "
               "none.",
    .options = tables,
    .prints_json = true,
    .needs_state = true,
    .run = status_run,
};
