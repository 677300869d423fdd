/* The live line of `run -v`. Everything is written into the caller's buffer, so that nothing is
 * allocated while the guard watches. Columns are counted apart from bytes: a block is three bytes
 * and one column. */
#include "cli/live.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/unit.h"
#include "cli/describe.h"

#define SIZE_COLUMNS 10U /* of the size, which stands first */
#define BAR_COLUMNS_LEAST 10U
#define BAR_COLUMNS_MOST 40U
#define NEAR_PERMILLE 750U /* yellow from here, red from the next */
#define CLOSE_PERMILLE 900U

/* What the line is drawn with. */
struct glyphs {
    const char *left, *full, *empty, *right;
    const char *sparks[8];
};

static const struct glyphs glyphs[] = {
    [false] = { "[", "#", "-", "]", { "_", ".", ":", "-", "=", "+", "*", "#" } },
    [true] = { "▕", "█", "░", "▏", { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" } },
};

/* A line being written. What does not fit is left out whole. */
struct line {
    char *bytes;
    size_t length;
    unsigned columns; /* used */
};

static void add_bytes(struct line *line, const char *text, unsigned columns)
{
    size_t length = strlen(text);
    if (line->length + length + 1 > LIVE_LINE_BYTES)
        return;
    memcpy(line->bytes + line->length, text, length + 1);
    line->length += length;
    line->columns += columns;
}

/* ASCII only: as many columns as bytes. */
static void add(struct line *line, const char *format, ...) PRINTF_LIKE(2, 3);
static void add(struct line *line, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* all callers stay far below */
    va_end(args);
    add_bytes(line, text, (unsigned)strlen(text));
}

void live_curve_add(struct live_curve *curve, uint64_t bytes, uint64_t now_ns)
{
    /* A tenth early is on time: samples come about once a second, not exactly. */
    if (curve->added_ns && now_ns - curve->added_ns < SECOND_NS * 9 / 10)
        return;
    if (curve->count == LIVE_SPARKS) {
        curve->count--;
        memmove(curve->bytes, curve->bytes + 1, curve->count * sizeof curve->bytes[0]);
    }
    curve->bytes[curve->count++] = bytes;
    curve->added_ns = now_ns;
}

static void rate_text(char *out, size_t size, int64_t bytes_per_s)
{
    double mib = (double)bytes_per_s / (double)MIB_BYTES;
    (void)snprintf(out, size, "%+.0f MiB/s", mib > -0.5 && mib < 0.5 ? 0.0 : mib);
}

/* A rate that is written as +0 reaches no limit. */
static bool time_is_told(const struct guard_event *sample)
{
    return sample->time_to_limit_ns.known && sample->rate_bytes_per_s >= (int64_t)(MIB_BYTES / 2);
}

static uint64_t permille_of(const struct guard_event *sample)
{
    double share = 1000.0 * (double)sample->largest_bytes / (double)sample->limit_bytes;
    return share > 1000.0 ? 1000 : (uint64_t)share;
}

static const char *state_color(const struct guard_event *sample)
{
    uint64_t permille = permille_of(sample);
    return permille >= CLOSE_PERMILLE  ? COLOR_RED
           : permille >= NEAR_PERMILLE ? COLOR_YELLOW
                                       : COLOR_GREEN;
}

static void add_bar(struct line *line, const struct live_style *style,
                    const struct guard_event *sample, unsigned cells)
{
    const struct glyphs *glyph = &glyphs[style->utf8];
    unsigned full = (unsigned)(permille_of(sample) * cells / 1000);
    add_bytes(line, " ", 1);
    if (style->color)
        add_bytes(line, state_color(sample), 0);
    add_bytes(line, glyph->left, 1);
    for (unsigned i = 0; i < cells; i++)
        add_bytes(line, i < full ? glyph->full : glyph->empty, 1);
    add_bytes(line, glyph->right, 1);
    if (style->color)
        add_bytes(line, COLOR_RESET, 0);
}

/* The bar takes what the other parts leave of the window: frame and spaces 4, growth 14, time to
 * the limit 19, curve 3 and its cells. Where there is no room for one, words do. */
static void add_limit(struct line *line, const struct live_style *style,
                      const struct guard_event *sample, const char *limit)
{
    unsigned length = (unsigned)strlen(limit), columns = style->columns;
    unsigned others = line->columns + length + 4 + 14 + 19 + 3 + LIVE_SPARKS + 1;
    unsigned cells = columns > others + BAR_COLUMNS_LEAST ? columns - others : BAR_COLUMNS_LEAST;
    if (line->columns + BAR_COLUMNS_LEAST + 4 + length < columns) {
        add_bar(line, style, sample, cells < BAR_COLUMNS_MOST ? cells : BAR_COLUMNS_MOST);
        add(line, " %s", limit);
    } else if (line->columns + 4 + length < columns) {
        add(line, " of %s", limit);
    }
}

/* Scaled to the limit, or to the highest value where there is none. */
static void add_curve(struct line *line, const struct live_style *style,
                      const struct guard_event *sample, const struct live_curve *curve)
{
    uint64_t top = sample->limit_bytes;
    for (size_t i = 0; !sample->limit_bytes && i < curve->count; i++)
        top = curve->bytes[i] > top ? curve->bytes[i] : top;
    add_bytes(line, "   ", 3);
    for (size_t i = 0; i < curve->count; i++) {
        double share = top ? (double)curve->bytes[i] / (double)top : 0.0;
        size_t level = share >= 1.0 ? 7 : (size_t)(share * 8.0);
        add_bytes(line, glyphs[style->utf8].sparks[level], 1);
    }
}

void live_line(char *out, const struct live_style *style, const struct guard_event *sample,
               const struct live_curve *curve)
{
    char size[UNIT_TEXT_BYTES], limit[UNIT_TEXT_BYTES], rate[UNIT_TEXT_BYTES];
    char left[UNIT_TEXT_BYTES + 16] = "", time[UNIT_TEXT_BYTES];
    struct line line = { .bytes = out };
    unsigned columns = style->columns;
    unit_size_text(size, sizeof size, sample->largest_bytes);
    unit_size_text(limit, sizeof limit, sample->limit_bytes);
    rate_text(rate, sizeof rate, sample->rate_bytes_per_s);
    if (time_is_told(sample))
        (void)snprintf(left, sizeof left, "limit in %s",
                       unit_time_text(time, sizeof time, sample->time_to_limit_ns.value));
    *out = '\0';
    if (columns <= SIZE_COLUMNS) {
        if (strlen(size) < columns)
            add(&line, "%s", size);
        return;
    }
    add(&line, " %9s", size);
    if (sample->limit_bytes)
        add_limit(&line, style, sample, limit);
    bool fits = line.columns + 14 < columns;
    if (fits)
        add(&line, "  %12s", rate);
    fits = fits && line.columns + 19 < columns;
    if (fits && sample->limit_bytes)
        add(&line, "  %-17s", left);
    if (fits && curve->count && line.columns + 3 + LIVE_SPARKS < columns)
        add_curve(&line, style, sample, curve);
}

void live_plain(char *out, const struct guard_event *sample)
{
    char size[UNIT_TEXT_BYTES], limit[UNIT_TEXT_BYTES], rate[UNIT_TEXT_BYTES];
    char time[UNIT_TEXT_BYTES];
    struct line line = { .bytes = out };
    unit_size_text(size, sizeof size, sample->largest_bytes);
    rate_text(rate, sizeof rate, sample->rate_bytes_per_s);
    *out = '\0';
    add(&line, "%s", size);
    if (sample->limit_bytes)
        add(&line, " of %s", unit_size_text(limit, sizeof limit, sample->limit_bytes));
    add(&line, ", %s", rate);
    if (time_is_told(sample))
        add(&line, ", limit in %s",
            unit_time_text(time, sizeof time, sample->time_to_limit_ns.value));
}
