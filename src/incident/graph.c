/* Memory over time for a terminal: one column a stretch of time, eighths of a character high. The
 * largest process is filled, what the others add stands lighter on top of it. */
#include "incident/incident_private.h"

#include <stdio.h>
#include <string.h>

#include "base/unit.h"

#define GRAPH_ROWS 7
#define LABEL_COLUMNS 6
#define COLUMNS_MAX 400
#define MARKS_MAX 9         /* a digit each */
#define MARK_COLUMNS_MAX 40 /* of one word */
#define RED "\033[31m"
#define RESET "\033[0m"

/* The characters of a graph. full: a cell that is filled to n eighths. */
struct graph_style {
    const char *full[9];
    const char *tree, *limit, *tick, *axis, *corner, *crossing, *line;
};

static const struct graph_style unicode_style = {
    .full = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" },
    .tree = "░",
    .limit = "─",
    .tick = "┤",
    .axis = "│",
    .corner = "└",
    .crossing = "┴",
    .line = "─",
};

static const struct graph_style ascii_style = {
    .full = { " ", " ", " ", ".", ".", "o", "o", "#", "#" },
    .tree = ":",
    .limit = "-",
    .tick = "+",
    .axis = "|",
    .corner = "+",
    .crossing = "^",
    .line = "-",
};

struct graph_range graph_range_of(const struct incident *incident)
{
    struct graph_range range = { .from_ns = 0, .to_ns = 0, .top_bytes = incident->limit_bytes };
    for (size_t i = 0; i < incident->timeline_count; i++) {
        const struct incident_sample *sample = &incident->timeline[i];
        if (sample->t_ns < range.from_ns)
            range.from_ns = sample->t_ns;
        if (sample->t_ns > range.to_ns)
            range.to_ns = sample->t_ns;
        if (sample->tree_bytes > range.top_bytes)
            range.top_bytes = sample->tree_bytes;
        if (sample->largest_bytes > range.top_bytes)
            range.top_bytes = sample->largest_bytes;
    }
    for (size_t i = 0; i < incident->action_count; i++) {
        if (incident->actions[i].t_ns > range.to_ns)
            range.to_ns = incident->actions[i].t_ns;
    }
    /* Beyond a century a time is no time; and the difference must fit. */
    const int64_t bound_ns = INT64_MAX / 4;
    range.from_ns = range.from_ns < -bound_ns ? -bound_ns : range.from_ns;
    range.to_ns = range.to_ns > bound_ns ? bound_ns : range.to_ns;
    if (range.to_ns <= range.from_ns)
        range.to_ns = range.from_ns + 1;
    if (range.top_bytes == 0)
        range.top_bytes = 1;
    return range;
}

double graph_share(const struct graph_range *range, int64_t t_ns)
{
    double share = ((double)t_ns - (double)range->from_ns)
                   / (double)(range->to_ns - range->from_ns);
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

static size_t column_of(const struct graph_range *range, int64_t t_ns, size_t count)
{
    return (size_t)(graph_share(range, t_ns) * (double)(count - 1) + 0.5);
}

void graph_columns(const struct incident *incident, const struct graph_range *range,
                   struct graph_column *columns, size_t count)
{
    struct graph_column last = { 0 };
    size_t end = 0; /* nothing is drawn after the last sample */
    memset(columns, 0, count * sizeof *columns);
    for (size_t i = 0; i < incident->timeline_count; i++) {
        const struct incident_sample *sample = &incident->timeline[i];
        if (sample->t_ns < range->from_ns || sample->t_ns > range->to_ns)
            continue;
        struct graph_column *column = &columns[column_of(range, sample->t_ns, count)];
        if (!column->known || sample->largest_bytes > column->largest_bytes)
            column->largest_bytes = sample->largest_bytes;
        if (!column->known || sample->tree_bytes > column->tree_bytes)
            column->tree_bytes = sample->tree_bytes;
        column->known = true;
        if ((size_t)(column - columns) >= end)
            end = (size_t)(column - columns) + 1;
    }
    for (size_t i = 0; i < end; i++) {
        if (columns[i].known)
            last = columns[i];
        columns[i].tree_bytes = last.tree_bytes;
        columns[i].largest_bytes = last.largest_bytes;
    }
}

/* Eighths of this row that a value fills, 0 to 8; rows count from the bottom. */
static unsigned eighths_of(uint64_t bytes, uint64_t top_bytes, unsigned row)
{
    double height = (double)bytes / (double)top_bytes * GRAPH_ROWS * 8;
    double above = height - row * 8.0;
    return above <= 0 ? 0 : above >= 8 ? 8 : (unsigned)(above + 0.5);
}

static void label_add(struct text *out, uint64_t bytes)
{
    static const struct {
        uint64_t unit;
        int decimals;
        char letter;
    } rows[] = { { GIB_BYTES, 1, 'G' }, { MIB_BYTES, 0, 'M' }, { KIB_BYTES, 0, 'K' } };
    size_t row = 0;
    while (row + 1 < ROWS(rows) && bytes < rows[row].unit)
        row++;
    if (bytes == 0)
        text_printf(out, "%*d ", LABEL_COLUMNS - 1, 0);
    else
        text_printf(out, "%*.*f%c ", LABEL_COLUMNS - 2, rows[row].decimals,
                    (double)bytes / (double)rows[row].unit, rows[row].letter);
}

static void row_add(struct text *out, const struct graph_style *style, unsigned row,
                    const struct graph_column *columns, size_t count,
                    const struct graph_range *range, int limit_row, bool color)
{
    for (size_t i = 0; i < count; i++) {
        unsigned largest = eighths_of(columns[i].largest_bytes, range->top_bytes, row);
        unsigned tree = eighths_of(columns[i].tree_bytes, range->top_bytes, row);
        if (largest && strcmp(style->full[largest], " ") != 0)
            text_printf(out, "%s", style->full[largest]);
        else if ((int)row == limit_row)
            text_printf(out, "%s%s%s", color ? RED : "", style->limit, color ? RESET : "");
        else
            text_printf(out, "%s", tree >= 4 ? style->tree : " ");
    }
}

static void axis_add(struct text *out, const struct graph_style *style,
                     const struct graph_range *range, size_t count)
{
    char from[UNIT_TEXT_BYTES], to[UNIT_TEXT_BYTES];
    size_t crossing = column_of(range, 0, count);
    text_printf(out, "%*s%s", LABEL_COLUMNS, "", style->corner);
    for (size_t i = 0; i < count; i++)
        text_printf(out, "%s", i == crossing ? style->crossing : style->line);
    (void)offset_text(from, sizeof from, range->from_ns);
    (void)offset_text(to, sizeof to, range->to_ns);
    bool at_end = crossing + 16 > count;
    const char *right = at_end ? "crossing" : to;
    text_printf(out, "\n%*s %s", LABEL_COLUMNS, "", from);
    size_t at = strlen(from);
    if (!at_end && crossing > at + 6) {
        text_printf(out, "%*scrossing", (int)(crossing - at - 4), "");
        at = crossing + 4;
    }
    int gap = (int)count - (int)at - (int)strlen(right);
    text_printf(out, "%*s%s\n", gap > 1 ? gap : 1, "", right);
}

/* The words of one column's moments, cut to the width. Returns the first of another column. */
static size_t mark_line_add(struct text *out, const struct moments *moments, size_t first,
                            const struct graph_range *range, size_t count, int number, bool ascii)
{
    struct text line = { .arena = out->arena };
    char time[UNIT_TEXT_BYTES];
    size_t at = first, column = column_of(range, moments->items[first].t_ns, count);
    text_printf(&line, "%*s %d %s ", LABEL_COLUMNS, number == 1 ? "marks" : "", number,
                offset_text(time, sizeof time, moments->items[first].t_ns));
    for (; at < moments->count; at++) {
        const struct moment *one = &moments->items[at];
        if (one->t_ns > range->to_ns || column_of(range, one->t_ns, count) != column)
            break;
        const char *word = plain(out->arena, one->word, ascii);
        text_printf(&line, "%s%s%s", at > first ? ", " : "", one->is_log ? "log: " : "",
                    plain_cut(out->arena, word, MARK_COLUMNS_MAX, ascii));
    }
    text_printf(out, "%s\n",
                plain_cut(out->arena, text_get(&line), count + LABEL_COLUMNS + 1, ascii));
    return at;
}

/* Which moments stand in which column: one digit a column, explained below. */
static void marks_add(struct text *out, const struct incident *incident,
                      const struct graph_range *range, size_t count, bool ascii)
{
    struct moments moments;
    struct text row = { .arena = out->arena }, words = { .arena = out->arena };
    size_t columns = 0, at = 0;
    int number = 0;
    moments_of(incident, &moments);
    while (at < moments.count && number < MARKS_MAX) {
        const struct moment *one = &moments.items[at];
        size_t column = column_of(range, one->t_ns, count);
        if (one->t_ns < range->from_ns || one->t_ns > range->to_ns) {
            at++;
            continue;
        }
        text_printf(&row, "%*s%d", (int)(column - columns), "", ++number);
        columns = column + 1;
        at = mark_line_add(&words, &moments, at, range, count, number, ascii);
    }
    if (number)
        text_printf(out, "%*s %s\n%s", LABEL_COLUMNS, "", text_get(&row), text_get(&words));
}

void graph_text(struct text *out, const struct incident *incident, unsigned width, bool color,
                bool ascii)
{
    const struct graph_style *style = ascii ? &ascii_style : &unicode_style;
    struct graph_range range = graph_range_of(incident);
    size_t count = width - LABEL_COLUMNS - 1;
    struct graph_column columns[COLUMNS_MAX];
    int limit_row = -1;
    if (count > COLUMNS_MAX)
        count = COLUMNS_MAX;
    graph_columns(incident, &range, columns, count);
    if (incident->limit_bytes) {
        limit_row = (int)((double)incident->limit_bytes / (double)range.top_bytes * GRAPH_ROWS);
        limit_row = limit_row >= GRAPH_ROWS ? GRAPH_ROWS - 1 : limit_row;
    }
    for (unsigned row = GRAPH_ROWS; row-- > 0;) {
        bool labelled = row + 1 == GRAPH_ROWS || row == 0 || (int)row == limit_row;
        uint64_t value = row + 1 == GRAPH_ROWS ? range.top_bytes
                         : row == 0            ? 0
                                               : incident->limit_bytes;
        if (labelled)
            label_add(out, value);
        else
            text_printf(out, "%*s", LABEL_COLUMNS, "");
        text_printf(out, "%s", labelled ? style->tick : style->axis);
        row_add(out, style, row, columns, count, &range, limit_row, color);
        text_printf(out, "\n");
    }
    axis_add(out, style, &range, count);
    text_printf(out, "%*s %s largest process  %s the whole tree%s%s%s\n", LABEL_COLUMNS, "",
                style->full[8], style->tree, incident->limit_bytes ? "  " : "",
                incident->limit_bytes ? style->limit : "", incident->limit_bytes ? " limit" : "");
    marks_add(out, incident, &range, count, ascii);
}
