/* What a service manager is told: that the app runs, how it is, and that the guard still turns. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"
#include "guard/guard_private.h"

/* Figures are sent when they change, and no more often than this. */
#define STATUS_STEP_NS (10 * SECOND_NS)

static void status_send(struct guard *g, const char *before, const char *text)
{
    char line[sizeof g->announce.status + 64];
    (void)snprintf(line, sizeof line, "%sSTATUS=%s", before, text);
    /* The name of an app must not add an assignment, nor make the text one that systemd refuses:
     * not UTF-8, perhaps since it was cut. */
    bool ascii = !text_is_utf8(line, strlen(line));
    for (char *at = line + strlen(before); *at; at++)
        if ((unsigned char)*at < ' ' || (ascii && (unsigned char)*at > '~'))
            *at = '?';
    notify_send(&g->announce.notify, line);
}

static void figures(struct guard *g, const struct guard_event *event, const char *before)
{
    char used[UNIT_TEXT_BYTES], limit[UNIT_TEXT_BYTES], text[sizeof g->announce.status];
    if (event->largest_bytes && event->limit_bytes)
        (void)snprintf(
            text, sizeof text, "%s %lld: %s of %s, rung %s, restart %u", g->config->name,
            (long long)event->pid, unit_size_text(used, sizeof used, event->largest_bytes),
            unit_size_text(limit, sizeof limit, event->limit_bytes), event->rung, event->restart);
    else
        (void)snprintf(text, sizeof text, "%s %lld: rung %s, restart %u", g->config->name,
                       (long long)event->pid, event->rung, event->restart);
    if (!*before && text_equal(text, g->announce.status))
        return;
    (void)snprintf(g->announce.status, sizeof g->announce.status, "%s", text);
    status_send(g, before, text);
}

static void sample(struct guard *g, const struct guard_event *event)
{
    if (g->told_ns - g->announce.told_ns < STATUS_STEP_NS && g->announce.told_ns)
        return;
    g->announce.told_ns = g->told_ns;
    figures(g, event, "");
}

static void started(struct guard *g, const struct guard_event *event)
{
    figures(g, event, "READY=1\n");
}

static void restarted(struct guard *g, const struct guard_event *event)
{
    figures(g, event, "");
}

static void incident(struct guard *g, const struct guard_event *event)
{
    char text[sizeof g->announce.status];
    (void)snprintf(text, sizeof text, "%s: %s, incident %s", g->config->name,
                   event->incident->reason, event->incident->id);
    status_send(g, "", text);
}

static void gave_up(struct guard *g, const struct guard_event *event)
{
    char text[sizeof g->announce.status];
    (void)snprintf(text, sizeof text, "gave up: %s", event->text);
    status_send(g, "", text);
}

static void ended(struct guard *g, const struct guard_event *event)
{
    (void)event;
    notify_send(&g->announce.notify, "STOPPING=1");
}

typedef void announce_fn(struct guard *g, const struct guard_event *event);

static announce_fn *const rows[] = {
    [GUARD_STARTED] = started,   [GUARD_SAMPLE] = sample,       [GUARD_CROSSED] = NULL,
    [GUARD_INCIDENT] = incident, [GUARD_RESTARTED] = restarted, [GUARD_GAVE_UP] = gave_up,
    [GUARD_WARNING] = NULL,      [GUARD_NOTE] = NULL,           [GUARD_ENDED] = ended,
};

void announce_event(struct guard *g, const struct guard_event *event)
{
    if (g->announce.notify.fd >= 0 && rows[event->kind])
        rows[event->kind](g, event);
}

void announce_open(struct guard *g)
{
    notify_open(&g->announce.notify);
    g->announce.alive_ns = g->announce.notify.watchdog_ns ? 0 : EVENT_NEVER;
}

void announce_alive(struct guard *g, uint64_t now_ns)
{
    if (now_ns < g->announce.alive_ns)
        return;
    notify_send(&g->announce.notify, "WATCHDOG=1");
    /* Half of the time, as sd_watchdog_enabled(3) asks for. */
    g->announce.alive_ns = now_ns + g->announce.notify.watchdog_ns / 2;
}
