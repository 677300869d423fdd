/* One screen about an incident: what, why, cause, what was done, the memory graph, the processes,
 * what comes next. Every string of the record is cleaned on its way here: it may come from a web
 * page. */
#include "incident/incident_private.h"

#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "platform/clock.h"

#define WIDTH_MIN 60U
#define WIDTH_MAX 110U /* lines of prose beyond that are hard to read */
#define LABEL_COLUMNS 10U
#define PROCESSES_SHOWN 6
#define FACTS_SHOWN 6
/* Lines of a block at most, so that all of it stays one screen: the page and the record have more,
 * and what is longest is from outside. */
#define CAUSE_LINES 5
#define DID_LINES 3
#define NEXT_LINES 4
#define OTHER_LINES 2
#define BOLD "\033[1m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define RESET "\033[0m"

struct screen {
    struct arena *arena;
    struct text text;
    unsigned width;
    bool color, ascii;
};

/* Bytes of the words that fit into so many columns; at least one character. */
static size_t line_fit(const char *text, size_t columns)
{
    size_t at = 0, seen = 0, space = 0;
    for (; text[at]; at++) {
        bool starts = ((unsigned char)text[at] & 0xc0) != 0x80;
        if (starts && seen == columns)
            return space ? space : at;
        if (text[at] == ' ')
            space = at;
        seen += starts;
    }
    return at;
}

static void block(struct screen *screen, const char *label, const char *text, const char *color,
                  unsigned lines)
{
    const size_t columns = screen->width - LABEL_COLUMNS;
    const char *rest = plain(screen->arena, text, screen->ascii);
    bool colored = screen->color && *color;
    do {
        if (lines-- == 1)
            rest = plain_cut(screen->arena, rest, columns, screen->ascii);
        size_t length = line_fit(rest, columns);
        text_printf(&screen->text, "%-*s%s%.*s%s\n", (int)LABEL_COLUMNS, label,
                    colored ? color : "", (int)length, rest, colored ? RESET : "");
        rest += length + strspn(rest + length, " ");
        label = "";
    } while (*rest);
}

static const char *joined(const struct screen *screen, const struct strings *items)
{
    struct text text = { .arena = screen->arena };
    const char *between = screen->ascii ? "; " : " · ";
    for (size_t i = 0; i < items->count; i++)
        text_printf(&text, "%s%s", i ? between : "", items->items[i]);
    return text_get(&text);
}

static void head_add(struct screen *screen, const struct incident *incident)
{
    char time[TIME_BYTES];
    text_printf(&screen->text, "%sIncident  %s%s   %s\n", screen->color ? BOLD : "",
                plain(screen->arena, incident->id, screen->ascii), screen->color ? RESET : "",
                clock_utc_text(time, sizeof time, incident->time_s, true));
    block(screen, "App", subject_clause(screen->arena, incident), "", OTHER_LINES);
    block(screen, "Why", reason_clause(screen->arena, incident), RED, OTHER_LINES);
}

static void cause_add(struct screen *screen, const struct incident *incident)
{
    char rate[UNIT_TEXT_BYTES];
    struct strings parts = { 0 };
    const char *part = cause_clause(incident);
    ARENA_PUSH(screen->arena, &parts, part);
    if (incident->rate_bytes_per_s >= 1 && incident->rate_bytes_per_s < 1e18) {
        part = arena_printf(
            screen->arena, "+%s/s before the crossing",
            unit_size_text(rate, sizeof rate, (uint64_t)incident->rate_bytes_per_s));
        ARENA_PUSH(screen->arena, &parts, part);
    }
    for (size_t i = 0; i < incident->evidence.count; i++)
        ARENA_PUSH(screen->arena, &parts, incident->evidence.items[i]);
    block(screen, "Cause", joined(screen, &parts), "", CAUSE_LINES);
    struct strings lines = { 0 };
    for (size_t i = 0; i < incident->signatures.count; i++) {
        part = arena_printf(screen->arena, "%s %s %s", incident->signatures.items[i].value,
                            screen->ascii ? "x" : "×", incident->signatures.items[i].name);
        ARENA_PUSH(screen->arena, &lines, part);
    }
    if (lines.count)
        block(screen, "Log", joined(screen, &lines), "", OTHER_LINES);
}

/* Machine, verdict, plan and what was set, as the preflight said it. */
static void facts_add(struct screen *screen, const struct incident *incident)
{
    struct variables lines = { 0 };
    fact_lines(screen->arena, incident, &lines);
    for (size_t i = 0; i < lines.count && i < FACTS_SHOWN; i++) {
        char label[LABEL_COLUMNS];
        const char *name = plain(screen->arena, lines.items[i].name, true);
        const char *value = lines.items[i].value;
        if (strlen(name) >= sizeof label) {
            value = arena_printf(screen->arena, "%s=%s", name, value);
            name = "Set";
        }
        (void)snprintf(label, sizeof label, "%s", name); /* it fits */
        if (label[0] >= 'a' && label[0] <= 'z')
            label[0] = (char)(label[0] - 'a' + 'A');
        block(screen, label, value, "", OTHER_LINES);
    }
}

static const char *size_cell(char *out, size_t size, const struct maybe_u64 *bytes, bool ascii)
{
    if (!bytes->known)
        return ascii ? "-" : "–";
    return unit_size_text(out, size, bytes->value);
}

/* printf pads bytes, not characters: the dash of three bytes needs two more. */
static int cell_width(const char *cell, int columns)
{
    return columns + (int)(strlen(cell) - text_columns(cell, strlen(cell)));
}

static void process_add(struct screen *screen, const struct incident *incident,
                        const struct incident_process *process)
{
    char rss[UNIT_TEXT_BYTES], pss[UNIT_TEXT_BYTES], gpu[UNIT_TEXT_BYTES];
    bool wide = screen->width >= 80, crossed = process->pid == incident->process_pid;
    const char *pss_cell = size_cell(pss, sizeof pss, &process->pss_bytes, screen->ascii);
    const char *gpu_cell = size_cell(gpu, sizeof gpu, &process->gpu_bytes, screen->ascii);
    const char *name = plain_cut(screen->arena, plain(screen->arena, process->name, screen->ascii),
                                 wide ? 15 : 9, screen->ascii);
    text_printf(&screen->text, "%s%-8lld%-9s%11s%*s%*s  ", screen->color && crossed ? YELLOW : "",
                (long long)process->pid, process_role_text(process->role),
                unit_size_text(rss, sizeof rss, process->rss_bytes), cell_width(pss_cell, 11),
                pss_cell, cell_width(gpu_cell, 10), gpu_cell);
    if (wide)
        text_printf(&screen->text, "%-*s %s", cell_width(name, 15), name,
                    ended_text(incident, process->pid));
    else
        text_printf(&screen->text, "%s", name);
    text_printf(&screen->text, "%s\n", screen->color && crossed ? RESET : "");
}

static void processes_add(struct screen *screen, const struct incident *incident)
{
    const struct incident_process **sorted = processes_sorted(screen->arena, incident);
    size_t shown = incident->process_count;
    uint64_t rest_bytes = 0;
    char rest[UNIT_TEXT_BYTES];
    if (shown == 0)
        return;
    if (shown > PROCESSES_SHOWN)
        shown = PROCESSES_SHOWN - 1;
    text_printf(&screen->text, "%-8s%-9s%11s%11s%10s  %s\n", "PID", "role", "resident", "proport.",
                "GPU", screen->width >= 80 ? "name            ended" : "name");
    for (size_t i = 0; i < shown; i++)
        process_add(screen, incident, sorted[i]);
    for (size_t i = shown; i < incident->process_count; i++)
        rest_bytes += sorted[i]->rss_bytes;
    if (shown < incident->process_count)
        text_printf(&screen->text, "%s %zu more, %s\n", screen->ascii ? "..." : "…",
                    incident->process_count - shown, unit_size_text(rest, sizeof rest, rest_bytes));
    text_printf(&screen->text, "\n");
}

/* Lines without spaces at their end, whatever filled them. */
static const char *trimmed(struct arena *arena, const char *text)
{
    struct text out = { .arena = arena };
    while (*text) {
        size_t line = strcspn(text, "\n"), length = line;
        while (length && text[length - 1] == ' ')
            length--;
        text_add(&out, text, length);
        text += line;
        if (*text)
            text_add(&out, text++, 1);
    }
    return text_get(&out);
}

const char *incident_text(struct arena *arena, const struct incident *incident, unsigned width,
                          bool color, bool ascii)
{
    struct screen screen = { arena, { .arena = arena }, width, color, ascii };
    struct strings done = { 0 }, next = { 0 };
    const char *report = arena_printf(arena, "report: qwguard incident html %s", incident->id);
    if (screen.width < WIDTH_MIN)
        screen.width = WIDTH_MIN;
    if (screen.width > WIDTH_MAX)
        screen.width = WIDTH_MAX;
    head_add(&screen, incident);
    cause_add(&screen, incident);
    done_clauses(arena, incident, &done);
    facts_add(&screen, incident);
    block(&screen, "Did", done.count ? joined(&screen, &done) : "nothing", "", DID_LINES);
    text_printf(&screen.text, "\n");
    if (incident->timeline_count) {
        graph_text(&screen.text, incident, screen.width, color, ascii);
        text_printf(&screen.text, "\n");
    }
    processes_add(&screen, incident);
    next_clauses(arena, incident, &next);
    ARENA_PUSH(arena, &next, report);
    block(&screen, "Next", joined(&screen, &next), incident->survivor_count ? RED : "", NEXT_LINES);
    return trimmed(arena, text_get(&screen.text));
}
