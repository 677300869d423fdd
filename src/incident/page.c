/* The report as one HTML page: no script, no network, light and dark, for a telephone and for
 * paper. Every string of the record and every byte of the log is escaped on its way here; a content
 * policy in the page forbids the rest. The log gets the room that the other parts leave. */
#include "incident/incident_private.h"

#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "platform/clock.h"

#define PROCESSES_SHOWN 100
#define ACTIONS_SHOWN 100
#define STRING_SHOWN_COLUMNS 240 /* of one string of the record */
#define STRING_SHORT_COLUMNS 12  /* when so much is on the page already: */
#define STRINGS_FULL_BYTES ((size_t)56 * 1024)
#define ARGUMENTS_SHOWN 40
#define FACTS_SHOWN 20
#define FACTS_END_BYTES ((size_t)110 * 1024) /* the whole preflight is shown up to there */
#define EVIDENCE_SHOWN 20
#define SIGNATURES_SHOWN 60
#define LOG_SHOWN_BYTES ((size_t)96 * 1024)
#define PAGE_END_BYTES ((size_t)512)

static const char page_style[] =
    ":root{color-scheme:light dark;--fg:#1a1d21;--bg:#fff;--faint:#5c636b;--rule:#d8dde2;"
    "--box:#f5f7f9;--a:#1f5fbf;--b:#7a8794;--limit:#b3261e;--mark:#7a4f00}\n"
    "@media(prefers-color-scheme:dark){:root{--fg:#e4e7ea;--bg:#15181b;--faint:#a2aab2;"
    "--rule:#363c42;--box:#1e2226;--a:#7fb0ff;--b:#8d98a3;--limit:#ff8a80;--mark:#f0c060}}\n"
    /* What lies below the window is laid out when it is looked at: tests/bench/bench-page.py. */
    "@media screen{section.far{content-visibility:auto;contain-intrinsic-size:auto 20rem}}\n"
    "@media print{:root{color-scheme:light;--fg:#000;--bg:#fff;--faint:#444;--rule:#bbb;"
    "--box:#fff;--a:#1f5fbf;--b:#7a8794;--limit:#b3261e;--mark:#7a4f00}"
    "figure,tr,dt,dd{break-inside:avoid}h2,summary,dt{break-after:avoid}pre{border:1px solid "
    "var(--rule)}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);"
    "font:16px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:0 auto;padding:1.2rem}\n"
    "h1{font-size:1.45rem;line-height:1.25;margin:.3rem 0;overflow-wrap:anywhere}"
    "h2{font-size:1.05rem;margin:1.8rem 0 .5rem}.sub,.faint{color:var(--faint)}"
    "p{margin:.3rem 0}\n"
    "dl{display:grid;grid-template-columns:6rem 1fr;gap:.35rem 1rem;margin:1rem 0}"
    "dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}dd ul{margin:0;padding-left:1.1rem}"
    "dl.facts{grid-template-columns:auto 1fr}dl.facts dt{overflow-wrap:anywhere}"
    "summary{cursor:pointer;margin:1.8rem 0 .5rem}"
    "dd.why{color:var(--limit);font-weight:600}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem;"
    "font-variant-numeric:tabular-nums}th,td{padding:.3rem .7rem .3rem 0;text-align:left;"
    "border-bottom:1px solid var(--rule);white-space:nowrap}th{color:var(--faint);"
    "font-weight:500}th.n,td.n{text-align:right}.n:first-child{width:6rem}.n+th,.n+td{padding-left:"
    ".7rem}tr.crossed "
    "td{font-weight:600}\n"
    "pre{background:var(--box);padding:.8rem;margin:0;border-radius:6px;font:12.5px/1.45 "
    "ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "figure{margin:0 0 1rem}figcaption{font-size:.88rem;color:var(--faint)}"
    "svg{display:block;overflow:visible}svg text{font:12px system-ui,sans-serif;fill:var(--fg)}"
    "svg text.faint{fill:var(--faint)}svg text.limit{fill:var(--limit)}"
    "svg text.mark{fill:var(--mark)}.grid{stroke:var(--rule)}"
    "line.limit{stroke:var(--limit);stroke-width:1.5;stroke-dasharray:6 4}"
    "line.mark{stroke:var(--mark);stroke-width:1;stroke-dasharray:2 3}"
    "line.log{stroke-dasharray:none;stroke-opacity:.55}"
    ".area{stroke:none;opacity:.16}.line{fill:none;stroke-width:2;"
    "vector-effect:non-scaling-stroke}.area.largest{fill:var(--a)}.line.largest{stroke:var(--a)}"
    ".area.tree{fill:var(--b)}.line.tree{stroke:var(--b)}"
    ".keys>span{display:inline-block;white-space:nowrap;margin-right:.9em}"
    ".key{display:inline-block;width:1.1em;height:.25em;vertical-align:middle;margin-right:.4em;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    ".key.largest{background:var(--a)}"
    ".key.tree{background:var(--b)}.key.limit{background:var(--limit)}"
    ".key.mark{background:var(--mark)}\n"
    "@media(max-width:34rem){main{padding:.8rem}dl,dl.facts{grid-template-columns:1fr;gap:0}"
    "dd{margin-bottom:.5rem}.opt{display:none}table{font-size:.85rem}}\n";

static const struct {
    char byte;
    const char *escaped;
} escapes[] = {
    { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
};

static const char *escape_of(char byte)
{
    for (size_t i = 0; i < ROWS(escapes); i++) {
        if (escapes[i].byte == byte)
            return escapes[i].escaped;
    }
    return NULL;
}

static void html_bytes(struct text *out, const char *bytes, size_t length)
{
    const char *clean = text_clean(out->arena, bytes, length);
    while (*clean) {
        size_t plain_length = strcspn(clean, "&<>\"'");
        text_add(out, clean, plain_length);
        clean += plain_length;
        if (*clean) {
            const char *escaped = escape_of(*clean++);
            text_add(out, escaped, strlen(escaped));
        }
    }
}

/* Where a record is full of long strings, the later ones are shown shorter: REPORT_MAX_BYTES. */
static size_t columns_left(const struct text *out)
{
    return out->length < STRINGS_FULL_BYTES ? STRING_SHOWN_COLUMNS : STRING_SHORT_COLUMNS;
}

void html_text(struct text *out, const char *text)
{
    const char *line = plain_cut(out->arena, plain(out->arena, text, false), columns_left(out),
                                 false);
    html_bytes(out, line, strlen(line));
}

static void tagged(struct text *out, const char *before, const char *text, const char *after)
{
    text_printf(out, "%s", before);
    html_text(out, text);
    text_printf(out, "%s", after);
}

static void items_add(struct text *out, const struct strings *items, size_t max)
{
    text_printf(out, "<ul>");
    for (size_t i = 0; i < items->count && i < max; i++)
        tagged(out, "<li>", items->items[i], "</li>");
    if (items->count > max)
        text_printf(out, "<li>… %zu more</li>", items->count - max);
    text_printf(out, "</ul>");
}

static void head_add(struct text *out, const struct incident *incident)
{
    char time[TIME_BYTES];
    const char *name = incident->app_name && *incident->app_name ? incident->app_name : "(no name)";
    text_printf(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">\n"
                     "<meta name=\"referrer\" content=\"no-referrer\">\n<title>Incident ");
    html_text(out, incident->id);
    tagged(out, ": ", name, "</title>\n<style>\n");
    text_add(out, page_style, sizeof page_style - 1);
    text_printf(out, "</style>\n</head>\n<body>\n<main>\n<header>\n");
    tagged(out, "<h1>", name, ": ");
    tagged(out, "", incident->reason ? incident->reason : "incident", "</h1>\n");
    tagged(out, "<p class=\"sub\">Incident ", incident->id, " · ");
    tagged(out, "", clock_utc_text(time, sizeof time, incident->time_s, true), "</p>\n</header>\n");
}

static void summary_add(struct text *out, const struct incident *incident)
{
    struct arena *arena = out->arena;
    struct strings done = { 0 }, next = { 0 };
    char rate[UNIT_TEXT_BYTES];
    done_clauses(arena, incident, &done);
    next_clauses(arena, incident, &next);
    text_printf(out, "<dl>\n");
    tagged(out, "<dt>Why</dt><dd class=\"why\">", reason_clause(arena, incident), "</dd>\n");
    tagged(out, "<dt>Cause</dt><dd>", cause_clause(incident), "");
    if (incident->rate_bytes_per_s >= 1 && incident->rate_bytes_per_s < 1e18)
        text_printf(out, "; +%s/s before the crossing",
                    unit_size_text(rate, sizeof rate, (uint64_t)incident->rate_bytes_per_s));
    if (incident->evidence.count)
        items_add(out, &incident->evidence, EVIDENCE_SHOWN);
    text_printf(out, "</dd>\n<dt>Did</dt><dd>");
    if (done.count)
        items_add(out, &done, ACTIONS_SHOWN);
    else
        text_printf(out, "nothing");
    text_printf(out, "</dd>\n<dt>Next</dt><dd>");
    items_add(out, &next, ACTIONS_SHOWN);
    text_printf(out, "</dd>\n");
    tagged(out, "<dt>App</dt><dd>", subject_clause(arena, incident), "</dd>\n</dl>\n");
}

static void memory_add(struct text *out, const struct incident *incident)
{
    static const struct {
        const char *class, *text;
    } keys[] = { { "largest", "largest process" },
                 { "tree", "the whole tree" },
                 { "limit", "limit" },
                 { "mark", "what happened, known messages in the log" } };
    struct graph_range range = graph_range_of(incident), near;
    if (incident->timeline_count < 2)
        return;
    text_printf(out, "<section>\n<h2>Memory over time</h2>\n<figure>\n");
    graph_svg(out, incident, &range);
    text_printf(out, "<figcaption class=\"keys\">");
    for (size_t i = 0; i < ROWS(keys); i++)
        text_printf(out, "<span><span class=\"key %s\"></span>%s</span> ", keys[i].class,
                    keys[i].text);
    text_printf(out, "</figcaption>\n</figure>\n");
    if (graph_range_close(incident, &range, &near)) {
        text_printf(out, "<figure>\n");
        graph_svg(out, incident, &near);
        text_printf(out, "<figcaption>The moments around the crossing</figcaption>\n</figure>\n");
    }
    text_printf(out, "</section>\n");
}

static void size_cell(struct text *out, const struct maybe_u64 *bytes, const char *class)
{
    char size[UNIT_TEXT_BYTES];
    text_printf(out, "<td class=\"n%s\">%s</td>", class,
                bytes->known ? unit_size_text(size, sizeof size, bytes->value) : "–");
}

static void processes_add(struct text *out, const struct incident *incident)
{
    const struct incident_process **sorted = processes_sorted(out->arena, incident);
    size_t shown = incident->process_count;
    if (shown == 0)
        return;
    if (shown > PROCESSES_SHOWN)
        shown = PROCESSES_SHOWN;
    text_printf(out,
                "<section class=\"far\">\n<h2>Processes</h2>\n<div class=\"scroll\" tabindex=\"0\" "
                "role=\"region\" aria-label=\"Processes\">\n<table>\n<thead><tr>"
                "<th scope=\"col\">PID</th><th scope=\"col\" class=\"opt\">parent</th>"
                "<th scope=\"col\">role</th><th scope=\"col\">name</th>"
                "<th scope=\"col\" class=\"n\">resident</th>"
                "<th scope=\"col\" class=\"n opt\">proportional</th>"
                "<th scope=\"col\" class=\"n opt\">GPU</th>"
                "<th scope=\"col\" class=\"opt\">ended</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        const struct incident_process *one = sorted[i];
        struct maybe_u64 rss = { true, one->rss_bytes };
        text_printf(out, "<tr%s><td>%lld</td><td class=\"opt\">%lld</td><td>%s</td>",
                    one->pid == incident->process_pid ? " class=\"crossed\"" : "",
                    (long long)one->pid, (long long)one->parent, process_role_text(one->role));
        tagged(out, "<td>", one->name, "</td>");
        size_cell(out, &rss, "");
        size_cell(out, &one->pss_bytes, " opt");
        size_cell(out, &one->gpu_bytes, " opt");
        text_printf(out, "<td class=\"opt\">%s</td></tr>\n", ended_text(incident, one->pid));
    }
    text_printf(out, "</tbody>\n</table>\n</div>\n");
    if (shown < incident->process_count)
        text_printf(out, "<p class=\"faint\">… %zu more</p>\n", incident->process_count - shown);
    text_printf(out, "</section>\n");
}

static void actions_add(struct text *out, const struct incident *incident)
{
    char time[UNIT_TEXT_BYTES];
    if (incident->action_count == 0)
        return;
    text_printf(out, "<section class=\"far\">\n<h2>Step by step</h2>\n<div class=\"scroll\" "
                     "tabindex=\"0\" role=\"region\" aria-label=\"Steps\">\n<table>\n<thead>"
                     "<tr><th scope=\"col\" class=\"n\">time</th><th scope=\"col\">action</th>"
                     "<th scope=\"col\">PID</th><th scope=\"col\">result</th></tr></thead>\n"
                     "<tbody>\n");
    for (size_t i = 0; i < incident->action_count && i < ACTIONS_SHOWN; i++) {
        const struct incident_action *one = &incident->actions[i];
        text_printf(out, "<tr><td class=\"n\">%s</td>", offset_text(time, sizeof time, one->t_ns));
        tagged(out, "<td>", one->action, "</td>");
        text_printf(out, "<td>%lld</td>", (long long)one->pid);
        tagged(out, "<td>", one->result, "</td></tr>\n");
    }
    text_printf(out, "</tbody>\n</table>\n</div>\n");
    if (incident->action_count > ACTIONS_SHOWN)
        text_printf(out, "<p class=\"faint\">… %zu more</p>\n",
                    incident->action_count - ACTIONS_SHOWN);
    text_printf(out, "</section>\n");
}

static void signatures_add(struct text *out, const struct incident *incident)
{
    if (incident->signatures.count == 0)
        return;
    text_printf(out,
                "<section class=\"far\">\n<h2>Known messages in the log</h2>\n<table>\n<tbody>\n");
    for (size_t i = 0; i < incident->signatures.count && i < SIGNATURES_SHOWN; i++) {
        tagged(out, "<tr><td>", incident->signatures.items[i].name, "</td>");
        tagged(out, "<td class=\"n\">", incident->signatures.items[i].value, "</td></tr>\n");
    }
    text_printf(out, "</tbody>\n</table>\n</section>\n");
}

static void command_add(struct text *out, const struct incident *incident)
{
    const struct strings *argv = &incident->app_argv;
    if (argv->count == 0)
        return;
    text_printf(out, "<section>\n<h2>Command line</h2>\n<pre>");
    for (size_t i = 0; i < argv->count && i < ARGUMENTS_SHOWN; i++)
        tagged(out, i ? "\n" : "", argv->items[i], "");
    if (argv->count > ARGUMENTS_SHOWN)
        text_printf(out, "\n… %zu more", argv->count - ARGUMENTS_SHOWN);
    text_printf(out, "</pre>\n</section>\n");
}

static size_t escaped_bytes(const char *text)
{
    size_t sum = 0;
    for (; *text; text++) {
        const char *escaped = escape_of(*text);
        sum += escaped ? strlen(escaped) : 1;
    }
    return sum;
}

static void facts_add(struct text *out, const struct incident *incident)
{
    struct variables lines = { 0 };
    fact_lines(out->arena, incident, &lines);
    if (lines.count == 0)
        return;
    text_printf(out, "<section>\n<h2>Machine and plan</h2>\n<dl class=\"facts\">\n");
    for (size_t i = 0; i < lines.count && i < FACTS_SHOWN; i++) {
        tagged(out, "<dt>", lines.items[i].name, "</dt>");
        tagged(out, "<dd>", lines.items[i].value, "</dd>\n");
    }
    text_printf(out, "</dl>\n</section>\n");
}

static void facts_all_add(struct text *out, const struct incident *incident)
{
    const char *json = facts_json(out->arena, incident);
    if (!json || out->length + escaped_bytes(json) > FACTS_END_BYTES)
        return;
    text_printf(out, "<section class=\"far\">\n<details>\n<summary>All that was known before the "
                     "start</summary>\n<pre>");
    html_bytes(out, json, strlen(json));
    text_printf(out, "</pre>\n</details>\n</section>\n");
}

/* Where to begin so that the rest, escaped and cleaned, has at most so many bytes; whole lines. */
static size_t log_start(const char *log, size_t length, size_t room)
{
    size_t at = length, cost = 0;
    while (at > 0) {
        const char *escaped = escape_of(log[at - 1]);
        /* a byte that is no UTF-8 becomes the three of U+FFFD */
        cost += escaped ? strlen(escaped) : (unsigned char)log[at - 1] < 0x80 ? 1 : 3;
        if (cost > room)
            break;
        at--;
    }
    if (at == 0)
        return 0;
    const char *line = memchr(log + at, '\n', length - at);
    return line && line + 1 < log + length ? (size_t)(line + 1 - log) : at;
}

static void log_add(struct text *out, const char *log, size_t log_bytes)
{
    size_t used = out->length + PAGE_END_BYTES;
    size_t room = used < REPORT_MAX_BYTES ? REPORT_MAX_BYTES - used : 0;
    if (!log || log_bytes == 0)
        return;
    size_t start = log_start(log, log_bytes, room < LOG_SHOWN_BYTES ? room : LOG_SHOWN_BYTES);
    text_printf(out, "<section class=\"far\">\n<h2>Last lines of standard error</h2>\n");
    if (start)
        text_printf(out, "<p class=\"faint\">The first %zu bytes are in %s only.</p>\n", start,
                    LOG_FILE);
    text_printf(out, "<pre>");
    html_bytes(out, log + start, log_bytes - start);
    text_printf(out, "</pre>\n</section>\n");
}

const char *incident_html(struct arena *arena, const struct incident *incident, const char *log,
                          size_t log_bytes)
{
    struct text out = { .arena = arena };
    head_add(&out, incident);
    summary_add(&out, incident);
    memory_add(&out, incident);
    facts_add(&out, incident);
    processes_add(&out, incident);
    actions_add(&out, incident);
    signatures_add(&out, incident);
    command_add(&out, incident);
    facts_all_add(&out, incident);
    log_add(&out, log, log_bytes);
    text_printf(&out, "</main>\n</body>\n</html>\n");
    return text_get(&out);
}
