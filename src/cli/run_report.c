/* What the user sees while the guard runs: nothing until something happens, then at most three
 * lines; with --verbose also the figures, as one line that is redrawn or as plain lines. It is
 * written without waiting, since a stopped terminal must not stop the guard. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/unit.h"
#include "cli/describe.h"
#include "cli/run_private.h"
#include "platform/clock.h"
#include "platform/terminal.h"

#define LINE_ERASE "\r\033[K"
#define LINE_BYTES 1024
#define PLAIN_NS (SECOND_NS * 9 / 10) /* samples come about once a second, not exactly */

static void put(const char *bytes)
{
    (void)terminal_write(TERMINAL_ERR, bytes, strlen(bytes)); /* what nobody can read is dropped */
}

/* Names of processes and files may hold anything; a terminal gets no control character of theirs,
 * and neither does a line of a log get a second one. */
static void clean(char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)text[1] < 0xa0))
            *text = '?';
    }
}

static void live_erase(struct run_report *report)
{
    if (report->drawn)
        put(LINE_ERASE);
    report->drawn = false;
}

/* One line on standard error, "qwguard: …", without waiting; nothing with --quiet. */
static void say(struct run_report *report, const char *color, const char *format, ...)
    PRINTF_LIKE(3, 4);
static void say(struct run_report *report, const char *color, const char *format, ...)
{
    char text[LINE_BYTES], line[LINE_BYTES + 64];
    va_list args;
    if (report->context->quiet)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args); /* cut when longer */
    va_end(args);
    clean(text);
    color = report->context->color_err ? color : "";
    (void)snprintf(line, sizeof line, "qwguard: %s%s%s\n", color, text, *color ? COLOR_RESET : "");
    live_erase(report);
    put(line);
}

static const char *dot(const struct run_report *report)
{
    return report->utf8 ? " · " : ", ";
}

/* "WebGL 2 expected" */
static const char *webgl_words(const struct run_report *report)
{
    if (report->webgl2 == WEBGL_ENABLED)
        return "WebGL 2 expected";
    if (report->webgl == WEBGL_ENABLED)
        return report->webgl2 == WEBGL_DISABLED ? "WebGL 1 expected, WebGL 2 not"
                                                : "WebGL 1 expected, WebGL 2 not known";
    return report->webgl == WEBGL_DISABLED ? "no WebGL expected" : "WebGL not known";
}

static void started(struct run_report *report, const struct guard_event *event)
{
    const struct guard_config *config = report->config;
    char size[UNIT_TEXT_BYTES], limit[UNIT_TEXT_BYTES + 32] = "no limit";
    if (!report->context->verbose)
        return;
    if (config->process_limit_bytes.known)
        (void)snprintf(limit, sizeof limit, "limit %s in one process",
                       unit_size_text(size, sizeof size, config->process_limit_bytes.value));
    else if (config->tree_limit_bytes.known)
        (void)snprintf(limit, sizeof limit, "limit %s in all processes",
                       unit_size_text(size, sizeof size, config->tree_limit_bytes.value));
    say(report, "", "%s %lld%s%s%srung %s%s%s", config->name, (long long)event->pid, dot(report),
        webgl_words(report), dot(report), event->rung, dot(report), limit);
}

/* What the figures are about, as in `status`: one process; the tree when that alone has a limit. */
static struct guard_event shown(const struct run_report *report, const struct guard_event *event)
{
    const struct guard_config *config = report->config;
    struct guard_event shown = *event;
    if (!config->process_limit_bytes.known && config->tree_limit_bytes.known) {
        shown.largest_bytes = event->tree_bytes;
        shown.limit_bytes = config->tree_limit_bytes.value;
    }
    return shown;
}

static void sample(struct run_report *report, const struct guard_event *told)
{
    char text[LIVE_LINE_BYTES], line[LIVE_LINE_BYTES + 16], time[16];
    struct guard_event one = shown(report, told), *event = &one;
    uint64_t now_ns = clock_monotonic_ns();
    if (!report->context->verbose || report->context->quiet || !event->largest_bytes)
        return; /* an app that is just ending holds nothing any more */
    if (report->terminal) {
        struct live_style style = { .utf8 = report->utf8,
                                    .color = report->context->color_err,
                                    .columns = terminal_columns(TERMINAL_ERR) };
        live_curve_add(&report->curve, event->largest_bytes, now_ns);
        live_line(text, &style, event, &report->curve);
        /* Back to the first column, so that what the app writes begins a line. */
        (void)snprintf(line, sizeof line, "\r%s\033[K\r", text);
        put(line);
        report->drawn = true;
    } else if (!report->plain_ns || now_ns - report->plain_ns >= PLAIN_NS) {
        report->plain_ns = now_ns;
        live_plain(text, event);
        say(report, "", "%s %s %lld: %s", clock_local_text(time, sizeof time, clock_utc_s()),
            report->config->name, (long long)event->pid, text);
    }
}

/* What reached its limit: "kiosk 4711", "renderer 4733 of kiosk", "the tree of kiosk 4711". */
static void subject(char *out, size_t size, const struct incident *incident)
{
    if (text_equal(incident->reason, "gpu-limit"))
        (void)snprintf(out, size, "graphics memory of %s %lld", incident->app_name,
                       (long long)incident->app_pid);
    else if (text_equal(incident->reason, "tree-limit")
             || text_equal(incident->reason, "group-limit"))
        (void)snprintf(out, size, "the tree of %s %lld", incident->app_name,
                       (long long)incident->app_pid);
    else if (incident->process_pid == 0) /* it was not started */
        (void)snprintf(out, size, "%s", incident->app_name);
    else if (incident->process_role == ROLE_BROWSER || incident->process_pid == incident->app_pid)
        (void)snprintf(out, size, "%s %lld", incident->app_name, (long long)incident->process_pid);
    else
        (void)snprintf(out, size, "%s %lld of %s", process_role_text(incident->process_role),
                       (long long)incident->process_pid, incident->app_name);
}

static void add(char *line, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
static void add(char *line, size_t size, const char *format, ...)
{
    size_t length = strlen(line);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line + length, size - length, format, args); /* cut when longer */
    va_end(args);
}

/* "14:02:11 process-limit: kiosk 4711 reached 4.00 GiB (+38 MiB/s), stopped in 1.1 ms, gone in
 * 4.1 ms, 6 processes, none left" */
static void say_what(struct run_report *report, const struct incident *incident)
{
    char line[LINE_BYTES] = "", who[128], text[UNIT_TEXT_BYTES];
    (void)clock_local_text(text, sizeof text, incident->time_s);
    subject(who, sizeof who, incident);
    add(line, sizeof line, "%s %s: %s", text, incident->reason, who);
    if (incident->limit_bytes)
        add(line, sizeof line, " reached %s (%+.0f MiB/s)",
            unit_size_text(text, sizeof text, incident->limit_bytes),
            incident->rate_bytes_per_s / (double)MIB_BYTES);
    if (incident->acted_ns.known && incident->limit_bytes)
        add(line, sizeof line, ", stopped in %s",
            unit_time_text(text, sizeof text, incident->acted_ns.value));
    if (incident->tree_gone_ns.known)
        add(line, sizeof line, ", gone in %s",
            unit_time_text(text, sizeof text, incident->tree_gone_ns.value));
    if (incident->process_count)
        add(line, sizeof line, ", %zu process%s", incident->process_count,
            incident->process_count == 1 ? "" : "es");
    if (incident->survivor_count)
        add(line, sizeof line, ", %llu left", (unsigned long long)incident->survivor_count);
    else if (incident->tree_gone_ns.known)
        add(line, sizeof line, ", none left");
    say(report, COLOR_RED, "%s", line);
}

static const char *const leaks[] = {
    [ATTRIBUTION_UNKNOWN] = "what holds the memory cannot be told",
    [ATTRIBUTION_GPU_IN_APP] = "it leaks GPU memory in the app itself",
    [ATTRIBUTION_GPU_DRIVER] = "it leaks graphics memory that ending the page does not free",
    [ATTRIBUTION_SCRIPT_HEAP] = "a page's script leaks in its renderer",
    [ATTRIBUTION_APP] = "the app's own heap leaks",
};

/* True when ending a renderer was enough. */
static bool app_goes_on(const struct incident *incident)
{
    return incident->action_count
           && text_equal(incident->actions[incident->action_count - 1].result, "memory fell");
}

static void say_why(struct run_report *report, const struct incident *incident)
{
    char line[LINE_BYTES] = "";
    add(line, sizeof line, "%s",
        incident->limit_bytes        ? leaks[incident->attribution]
        : incident->process_pid == 0 ? "it could not be started"
                                     : "it did not stay up");
    if (incident->evidence.count)
        add(line, sizeof line, " (%s)", incident->evidence.items[0]);
    if (report->config->actions.report)
        add(line, sizeof line, ": reported, nothing was done");
    else if (app_goes_on(incident))
        add(line, sizeof line, ": the renderer was ended, the memory fell, the app goes on");
    else if (incident->next_rung && !text_equal(incident->next_rung, incident->rung))
        add(line, sizeof line, ": next rung %s", incident->next_rung);
    else if (incident->next_rung)
        add(line, sizeof line, ": rung %s again", incident->next_rung);
    say(report, "", "%s", line);
}

static void incident(struct run_report *report, const struct guard_event *event)
{
    say_what(report, event->incident);
    say_why(report, event->incident);
    if (event->incident_path && (report->config->actions.report || app_goes_on(event->incident)))
        say(report, "", "incident %s", event->incident->id);
}

static void restarted(struct run_report *report, const struct guard_event *event)
{
    const char *id = report->memory->incident;
    say(report, "", "started again as %lld (restart %u of %u)%s%s%s%s%s%s", (long long)event->pid,
        event->restart, report->config->restart_max, dot(report), "rung ", event->rung,
        *id ? dot(report) : "", *id ? "incident " : "", id);
    report->curve = (struct live_curve){ .count = 0 };
}

static void gave_up(struct run_report *report, const struct guard_event *event)
{
    const char *id = report->memory->incident;
    say(report, COLOR_RED, "gave up: %s%s%s%s", event->text ? event->text : "no restart",
        *id ? dot(report) : "", *id ? "incident " : "", id);
}

static void warning(struct run_report *report, const struct guard_event *event)
{
    say(report, COLOR_YELLOW, "%s", event->text);
}

static void ended(struct run_report *report, const struct guard_event *event)
{
    (void)event;
    live_erase(report);
}

typedef void report_fn(struct run_report *report, const struct guard_event *event);

static void note(struct run_report *report, const struct guard_event *event)
{
    if (report->context->verbose)
        say(report, "", "%s", event->text);
}

/* Nothing for a crossing: what comes of it is told a moment later. */
static report_fn *const rows[] = {
    [GUARD_STARTED] = started,   [GUARD_SAMPLE] = sample,       [GUARD_CROSSED] = NULL,
    [GUARD_INCIDENT] = incident, [GUARD_RESTARTED] = restarted, [GUARD_GAVE_UP] = gave_up,
    [GUARD_WARNING] = warning,   [GUARD_NOTE] = note,           [GUARD_ENDED] = ended,
};

void run_report(void *context, const struct guard_event *event)
{
    struct run_report *report = context;
    struct err err;
    memory_note(report->memory, event, clock_monotonic_ns());
    if (rows[event->kind])
        rows[event->kind](report, event);
    /* Not between an incident and the start that follows it: that is not to be delayed. */
    if (event->kind != GUARD_INCIDENT && event->kind != GUARD_CROSSED
        && memory_save(report->memory, &err) < 0)
        say(report, COLOR_YELLOW, "%s", err.text);
}
