/* Memory over time as an SVG without script. The outer element has no view box, so that letters
 * keep their size on a telephone; the curves lie in an inner one that stretches. Colours are
 * classes of the page's style, for light, dark and paper. */
#include "incident/incident_private.h"

#include <stdio.h>

#include "base/unit.h"

#define POINTS 360
#define SCALE 1000.0 /* of the inner view box, both ways */
#define PLOT_TOP 34  /* pixels: above the plot are the marks' words */
#define PLOT_HEIGHT 220
#define SVG_HEIGHT 280
#define GRID_LINES_MAX 5
/* Marks nearer to each other than this share of the width have one label. */
#define NEAR_SHARE 0.08
#define MARKS_MAX (MOMENTS_MAX + 1) /* and the crossing */

/* What happened at a time, for the label. */
struct mark {
    double share;
    const char *word;
    bool is_log;
};

struct marks {
    struct mark items[MARKS_MAX];
    size_t count;
};

static double height_of(const struct graph_range *range, uint64_t bytes)
{
    return SCALE - (double)bytes / (double)range->top_bytes * SCALE;
}

static void curve_add(struct text *out, const struct graph_range *range,
                      const struct graph_column *columns, bool tree, const char *class)
{
    struct text line = { .arena = out->arena };
    double first = 0, x = 0;
    size_t points = 0;
    for (size_t i = 0; i < POINTS; i++) {
        if (!columns[i].known)
            continue;
        x = (double)i / (POINTS - 1) * SCALE;
        if (points++ == 0)
            first = x;
        text_printf(&line, "%s%.1f %.0f", points == 1 ? "M" : "L", x,
                    height_of(range, tree ? columns[i].tree_bytes : columns[i].largest_bytes));
    }
    if (points < 2)
        return;
    text_printf(out, "<path class=\"area %s\" d=\"%sL%.1f 1000L%.1f 1000Z\"/>\n", class,
                text_get(&line), x, first);
    text_printf(out, "<path class=\"line %s\" d=\"%s\"/>\n", class, text_get(&line));
}

/* A round step of which few fit under the top: a power of two of MiB. */
static uint64_t grid_step(uint64_t top_bytes)
{
    uint64_t step = MIB_BYTES;
    while (top_bytes / step >= GRID_LINES_MAX && step < (1ULL << 60))
        step *= 2;
    return step;
}

static double pixel_of(const struct graph_range *range, uint64_t bytes)
{
    return PLOT_TOP + height_of(range, bytes) / SCALE * PLOT_HEIGHT;
}

static void grid_add(struct text *out, const struct incident *incident,
                     const struct graph_range *range)
{
    char size[UNIT_TEXT_BYTES];
    uint64_t step = grid_step(range->top_bytes);
    for (uint64_t bytes = 0; bytes <= range->top_bytes; bytes += step) {
        double y = pixel_of(range, bytes);
        double to_limit = pixel_of(range, incident->limit_bytes) - y;
        text_printf(out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
                    y, y);
        if (bytes && !(incident->limit_bytes && to_limit > -16 && to_limit < 16))
            text_printf(out, "<text class=\"faint\" x=\"4\" y=\"%.1f\">%s</text>\n", y - 4,
                        unit_size_text(size, sizeof size, bytes));
    }
}

static void limit_add(struct text *out, const struct incident *incident,
                      const struct graph_range *range)
{
    char size[UNIT_TEXT_BYTES];
    if (incident->limit_bytes == 0 || incident->limit_bytes > range->top_bytes)
        return;
    double y = pixel_of(range, incident->limit_bytes);
    text_printf(out,
                "<line class=\"limit\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>\n"
                "<text class=\"limit\" x=\"4\" y=\"%.1f\">limit %s</text>\n",
                y, y, y - 4, unit_size_text(size, sizeof size, incident->limit_bytes));
}

static void mark_push(struct marks *marks, const struct graph_range *range,
                      const struct moment *moment)
{
    if (moment->t_ns < range->from_ns || moment->t_ns > range->to_ns || marks->count == MARKS_MAX)
        return;
    double share = graph_share(range, moment->t_ns);
    size_t at = marks->count++;
    for (; at > 0 && marks->items[at - 1].share > share; at--)
        marks->items[at] = marks->items[at - 1];
    marks->items[at] = (struct mark){ share, moment->word, moment->is_log };
}

/* A label beside its line, on the side where there is room. */
static void label_add(struct text *out, double share, const char *words, bool second_line)
{
    bool left = share > 0.5;
    text_printf(out, "<text class=\"mark\" x=\"%.2f%%\" dx=\"%d\" y=\"%d\" text-anchor=\"%s\">",
                share * 100, left ? -4 : 4, second_line ? 28 : 13, left ? "end" : "start");
    html_text(out, words);
    text_printf(out, "</text>\n");
}

static void marks_add(struct text *out, const struct incident *incident,
                      const struct graph_range *range)
{
    static const struct moment crossing = { 0, "crossing", false };
    struct marks marks = { 0 };
    struct moments moments;
    bool second_line = false;
    mark_push(&marks, range, &crossing);
    moments_of(incident, &moments);
    for (size_t i = 0; i < moments.count; i++)
        mark_push(&marks, range, &moments.items[i]);
    for (size_t i = 0; i < marks.count;) {
        struct text words = { .arena = out->arena };
        double from = marks.items[i].share;
        for (bool first = true; i < marks.count && marks.items[i].share - from < NEAR_SHARE; i++) {
            const struct mark *mark = &marks.items[i];
            text_printf(&words, "%s%s%s", first ? "" : ", ", mark->is_log ? "log: " : "",
                        mark->word);
            text_printf(out,
                        "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" "
                        "y2=\"%d\"/>\n",
                        mark->is_log ? "mark log" : "mark", mark->share * 100, mark->share * 100,
                        PLOT_TOP - 4, PLOT_TOP + PLOT_HEIGHT);
            first = false;
        }
        label_add(out, from, text_get(&words), second_line);
        second_line = !second_line;
    }
}

static void times_add(struct text *out, const struct graph_range *range)
{
    char from[UNIT_TEXT_BYTES], to[UNIT_TEXT_BYTES];
    int y = PLOT_TOP + PLOT_HEIGHT + 18;
    double crossing = graph_share(range, 0);
    text_printf(out, "<text class=\"faint\" x=\"4\" y=\"%d\">%s</text>\n", y,
                offset_text(from, sizeof from, range->from_ns));
    text_printf(out,
                "<text class=\"faint\" x=\"100%%\" dx=\"-4\" y=\"%d\" "
                "text-anchor=\"end\">%s</text>\n",
                y, offset_text(to, sizeof to, range->to_ns));
    if (crossing > 0.2 && crossing < 0.8)
        text_printf(out,
                    "<text class=\"faint\" x=\"%.2f%%\" y=\"%d\" "
                    "text-anchor=\"middle\">0 s</text>\n",
                    crossing * 100, y);
}

void graph_svg(struct text *out, const struct incident *incident, const struct graph_range *range)
{
    struct graph_column columns[POINTS];
    struct graph_range roomy = *range;
    char from[UNIT_TEXT_BYTES], to[UNIT_TEXT_BYTES], size[UNIT_TEXT_BYTES];
    roomy.top_bytes += roomy.top_bytes / 12;
    graph_columns(incident, &roomy, columns, POINTS);
    text_printf(out,
                "<svg width=\"100%%\" height=\"%d\" role=\"img\" aria-label=\"Memory from %s to %s "
                "around the crossing, peak %s\">\n",
                SVG_HEIGHT, offset_text(from, sizeof from, range->from_ns),
                offset_text(to, sizeof to, range->to_ns),
                unit_size_text(size, sizeof size, incident->bytes_peak));
    grid_add(out, incident, &roomy);
    text_printf(out,
                "<svg x=\"0\" y=\"%d\" width=\"100%%\" height=\"%d\" viewBox=\"0 0 1000 1000\" "
                "preserveAspectRatio=\"none\">\n",
                PLOT_TOP, PLOT_HEIGHT);
    curve_add(out, &roomy, columns, true, "tree");
    curve_add(out, &roomy, columns, false, "largest");
    text_printf(out, "</svg>\n");
    limit_add(out, incident, &roomy);
    marks_add(out, incident, &roomy);
    times_add(out, &roomy);
    text_printf(out, "</svg>\n");
}

bool graph_range_close(const struct incident *incident, const struct graph_range *whole,
                       struct graph_range *out)
{
    const int64_t shortest_ns = 20 * (int64_t)MS_NS;
    int64_t last_ns = 0;
    size_t samples = 0;
    for (size_t i = 0; i < incident->action_count; i++) {
        if (incident->actions[i].t_ns > last_ns)
            last_ns = incident->actions[i].t_ns;
    }
    if (last_ns > whole->to_ns)
        last_ns = whole->to_ns;
    struct graph_range range = *whole;
    range.to_ns = last_ns + last_ns / 4;
    if (range.to_ns < shortest_ns)
        range.to_ns = shortest_ns;
    range.from_ns = -2 * range.to_ns;
    for (size_t i = 0; i < incident->timeline_count; i++)
        samples += incident->timeline[i].t_ns >= range.from_ns
                   && incident->timeline[i].t_ns <= range.to_ns;
    if (samples < 3 || (whole->to_ns - whole->from_ns) / 10 < range.to_ns - range.from_ns)
        return false;
    *out = range;
    return true;
}
