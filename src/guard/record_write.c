/* Getting an incident to the disk. Words, JSON and HTML are made by a copy of the guard that ends
 * afterwards: the guard stays small, and a slow disk holds up nothing. The copy first says where
 * the incident will be, so that the next start can be told. An incident is never lost: what cannot
 * be written into the state folder goes to standard error. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "guard/guard_private.h"
#include "platform/clock.h"
#include "platform/memory.h"
#include "platform/spawn.h"

#define TIMELINE_PRINTED 64

/* One line in one write, so that nothing that others say comes between; with a shorter timeline. */
static int print_record(struct guard *g, struct arena *arena)
{
    struct incident *incident = &g->record->incident;
    incident->timeline_count = timeline_copy(&g->timeline, g->record->origin_ns,
                                             g->record->timeline, TIMELINE_PRINTED);
    CLEANUP(json_freep) json_t *json = incident_to_json(incident);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    if (!text)
        return 1;
    const char *line = arena_printf(arena, "%s\n", text);
    free(text);
    size_t length = strlen(line);
    return fwrite(line, 1, length, stderr) == length ? 0 : 1;
}

static void name(struct arena *arena, struct guard *g, struct record_page *page)
{
    struct incident *incident = &g->record->incident;
    const char *path;
    incident_name(arena, g->config->state_dir ? g->config->state_dir : "", incident, &path);
    memcpy(page->id, incident->id, sizeof page->id);
    if (g->config->state_dir)
        (void)snprintf(page->path, sizeof page->path, "%s", path);
    atomic_store(&page->named, true);
}

/* In a process of its own. */
static int write_child(void *context)
{
    struct guard *g = context;
    struct record *record = g->record;
    struct record_page *page = record->writer->page;
    struct incident *incident = &record->incident;
    const char *state_dir = g->config->state_dir;
    struct arena arena = { 0 };
    char *log = NULL;
    size_t length = 0;
    bool again = page->written; /* there already; a writer that was killed may only have named it */
    if (!atomic_load(&page->named))
        name(&arena, g, page);
    memcpy(incident->id, page->id, sizeof incident->id);
    if (!again && g->tap.page) {
        log = arena_alloc(&arena, TAP_TAIL_BYTES);
        length = tap_tail_copy(g->tap.page, log, TAP_TAIL_BYTES);
    }
    int status = 0;
    if (!state_dir)
        status = err_set(&page->err, ERR_CREATE, "there is no state folder");
    else
        status = incident_write(state_dir, incident, log, length, &page->err);
    page->written = again || status == 0;
    if (status == 0)
        incident_prune(state_dir, &g->config->incident_keep);
    else if (!again)
        (void)print_record(g, &arena);
    arena_clear(&arena);
    return 0;
}

/* In a process of its own, too; no disk is asked for anything. */
static int print_child(void *context)
{
    struct guard *g = context;
    struct arena arena = { 0 };
    const char *path;
    incident_name(&arena, "", &g->record->incident, &path);
    return print_record(g, &arena);
}

static void outcome_tell(struct guard *g, const struct record_page *page)
{
    if (!page->written)
        guard_warn(g, "the incident is not in the state folder: %s",
                   page->err.kind ? page->err.text : "its writer ended before it was done");
    else if (page->err.kind)
        guard_warn(g, "the time of the restart is not in the incident: %s", page->err.text);
}

static void writer_start(struct guard *g, struct record_writer *writer)
{
    struct err err;
    g->record->writer = writer;
    writer->page->err = (struct err){ .kind = ERR_NONE };
    if (spawn_helper(write_child, g, NULL, 0, &writer->pid, &err) == 0) {
        tree_ignore(&g->tree, writer->pid);
        return;
    }
    writer->pid = 0;
    guard_note(g, "the guard writes the incident by itself: %s", err.text);
    (void)write_child(g); /* a disk that is slow, too, holds us up; no incident is lost */
    outcome_tell(g, writer->page);
    record_tell(g);
}

void record_finish(struct guard *g, const char *next_rung)
{
    struct record *record = g->record;
    record->incident.next_rung = next_rung;
    /* Now: the next start begins a timeline of its own, and the incident may be written again. */
    record->incident.timeline_count = timeline_copy(&g->timeline, record->origin_ns,
                                                    record->timeline, TIMELINE_WRITTEN);
    for (size_t i = 0; i < RECORD_WRITERS; i++) {
        struct record_writer *writer = &record->writers[i];
        if (writer->pid)
            continue;
        atomic_store(&writer->page->named, false);
        writer->page->written = false;
        writer->page->path[0] = '\0';
        writer->tried_again = false;
        writer_start(g, writer);
        return;
    }
    guard_warn(g, "%d incidents are still being written; this one is only told here",
               RECORD_WRITERS);
    int64_t pid;
    struct err err;
    if (spawn_helper(print_child, g, NULL, 0, &pid, &err) == 0)
        tree_ignore(&g->tree, pid);
    else
        guard_warn(g, "an incident is lost: %s", err.text);
}

bool record_is_named(const struct guard *g)
{
    const struct record_writer *writer = g->record->writer;
    return !writer || !writer->pid || atomic_load(&writer->page->named);
}

bool record_is_idle(const struct guard *g)
{
    for (size_t i = 0; i < RECORD_WRITERS; i++)
        if (g->record->writers[i].pid)
            return false;
    return true;
}

void record_tell(struct guard *g)
{
    struct record *record = g->record;
    const struct record_writer *writer = record->writer;
    if (!writer || record->told)
        return;
    record->told = true;
    g->incidents++;
    struct guard_event event = { .incident = &record->incident };
    if (atomic_load(&writer->page->named)) {
        memcpy(record->incident.id, writer->page->id, sizeof record->incident.id);
        if (writer->page->path[0] && (writer->pid || writer->page->written)) {
            (void)snprintf(record->last_path, sizeof record->last_path, "%s", writer->page->path);
            record->last_time_s = record->incident.time_s;
            event.incident_path = record->last_path;
        }
    }
    guard_tell(g, GUARD_INCIDENT, &event);
}

/* It said neither that it was done nor why it could not. */
static bool was_killed(const struct record_writer *writer)
{
    return !writer->page->written && !writer->page->err.kind;
}

bool record_reap(struct guard *g, int64_t pid)
{
    struct record *record = g->record;
    for (size_t i = 0; i < RECORD_WRITERS; i++) {
        struct record_writer *writer = &record->writers[i];
        if (writer->pid != pid)
            continue;
        writer->pid = 0;
        if (was_killed(writer) && writer == record->writer && !writer->tried_again) {
            writer->tried_again = true;
            writer_start(g, writer);
            return true;
        }
        outcome_tell(g, writer->page);
        if (writer != record->writer)
            return true;
        record_tell(g);
        if (record->again && writer->page->written)
            writer_start(g, writer); /* what is there already stays there */
        record->again = false;
        return true;
    }
    return false;
}

void record_restarted(struct guard *g, uint64_t now_ns)
{
    struct record *record = g->record;
    if (!record->writer)
        return;
    record->incident.restarted_ns = (struct maybe_u64){ true, now_ns - record->origin_ns };
    act_note(g, "restart", g->tree.first, "started");
    if (record->writer->pid)
        record->again = true;
    else if (record->writer->page->written)
        writer_start(g, record->writer);
}
