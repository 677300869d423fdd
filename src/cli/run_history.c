/* What a run adds to what is known of this app on this machine. It lives in fixed room, since it
 * is written while the guard watches; the file is written after the next start, never before. */
#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "cli/run_private.h"
#include "platform/clock.h"

/* Younger than this, an app that crashes has crashed at its start (docs: the guard). */
#define START_NS (20 * SECOND_NS)

static void signature_add(struct memory *memory, const char *name, uint64_t count)
{
    struct variables *known = &memory->history.signatures;
    uint64_t before = 0;
    size_t row = 0;
    while (row < known->count && !text_equal(known->items[row].name, name))
        row++;
    if (row == MEMORY_SIGNATURES || strlen(name) >= MEMORY_NAME_BYTES)
        return;
    if (row < known->count)
        (void)text_to_u64(known->items[row].value, &before); /* 0 when it was no number */
    else
        known->count++;
    (void)snprintf(memory->names[row], sizeof memory->names[row], "%s", name);
    (void)snprintf(memory->counts[row], sizeof memory->counts[row], "%llu",
                   (unsigned long long)(before + count));
    known->items[row] = (struct variable){ memory->names[row], memory->counts[row] };
}

void memory_begin(struct memory *memory, const struct guard_config *config,
                  const struct launches *launches)
{
    *memory = (struct memory){ .config = config };
    memory->history.signatures.items = memory->signatures;
    if (!launches)
        return;
    memory->key = launches->key;
    memory->history = launches->history;
    memory->history.signatures = (struct variables){ .items = memory->signatures };
    memory->on = config->state_dir != NULL && *memory->key.app;
    for (size_t i = 0; i < launches->history.signatures.count; i++) {
        const struct variable *one = &launches->history.signatures.items[i];
        uint64_t count = 0;
        if (text_to_u64(one->value, &count))
            signature_add(memory, one->name, count);
    }
}

/* The rung behind the one in force, for an app that is not started again by us but may be by
 * somebody else. NULL = there is none. */
static const char *rung_behind(const struct guard_config *config, const struct incident *incident)
{
    const struct guard_ladder *ladder = &config->ladders[incident->attribution];
    size_t next = 0;
    for (size_t i = 0; i < ladder->count; i++) {
        if (text_equal(ladder->steps[i].rung, incident->rung))
            next = i + 1;
    }
    return next < ladder->count ? ladder->steps[next].rung : NULL;
}

static void rung_note(struct memory *memory, const char *rung)
{
    if (!rung || text_equal(rung, memory->history.rung))
        return;
    memory->history.rung = rung;
    memory->history.rung_since_s = clock_utc_s();
}

static void incident_note(struct memory *memory, const struct incident *incident)
{
    struct history *history = &memory->history;
    const struct guard_config *config = memory->config;
    bool crash = text_equal(incident->reason, "startup-crash");
    (void)snprintf(memory->incident, sizeof memory->incident, "%s", incident->id);
    history->incident = memory->incident;
    if (crash) {
        history->startup_crash_count.known = true;
        history->startup_crash_count.value++;
        memory->crash_noted = true;
    } else if (text_starts(incident->reason, "process-")
               || text_starts(incident->reason, "tree-")) {
        history->attribution = attribution_text(incident->attribution);
    }
    if (incident->next_rung)
        rung_note(memory, incident->next_rung);
    else if (config->escalate && !config->actions.report && !crash)
        rung_note(memory, rung_behind(config, incident));
    for (size_t i = 0; i < incident->signatures.count; i++) {
        uint64_t count;
        if (text_to_u64(incident->signatures.items[i].value, &count))
            signature_add(memory, incident->signatures.items[i].name, count);
    }
    memory->changed = true;
}

static void start_note(struct memory *memory, uint64_t now_ns)
{
    memory->history.start_count++;
    memory->started_ns = now_ns;
    memory->start_survived = false;
    memory->crash_noted = false;
}

/* An app that lives so long has started: the row of crashes is over. */
static void life_note(struct memory *memory, uint64_t now_ns)
{
    struct maybe_u64 *crashes = &memory->history.startup_crash_count;
    if (memory->start_survived || now_ns - memory->started_ns < START_NS)
        return;
    memory->start_survived = true;
    if (crashes->known && crashes->value > 0) {
        crashes->value = 0;
        memory->changed = true;
    }
}

void memory_note(struct memory *memory, const struct guard_event *event, uint64_t now_ns)
{
    switch (event->kind) {
    case GUARD_STARTED:
        start_note(memory, now_ns);
        break;
    case GUARD_RESTARTED:
        start_note(memory, now_ns);
        memory->history.restart_count++;
        memory->changed = true;
        break;
    case GUARD_SAMPLE:
        life_note(memory, now_ns);
        break;
    case GUARD_INCIDENT:
        incident_note(memory, event->incident);
        break;
    case GUARD_CROSSED:
    case GUARD_GAVE_UP:
    case GUARD_WARNING:
    case GUARD_NOTE:
    case GUARD_ENDED:
        break;
    }
}

void memory_end(struct memory *memory, int exit_status, uint64_t now_ns)
{
    /* 128 + SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV: numbers of signal(7) that Linux has
     * on every processor but MIPS, Alpha and SPARC. */
    static const int crashes[] = { 132, 133, 134, 135, 136, 139 };
    if (memory->crash_noted || now_ns - memory->started_ns >= START_NS)
        return;
    for (size_t i = 0; i < ROWS(crashes); i++) {
        if (exit_status != crashes[i])
            continue;
        memory->history.startup_crash_count.known = true;
        memory->history.startup_crash_count.value++;
        memory->crash_noted = memory->changed = true;
    }
}

int memory_save(struct memory *memory, struct err *err)
{
    if (!memory->on || !memory->changed)
        return 0;
    memory->changed = false;
    if (history_save(memory->config->state_dir, &memory->key, &memory->history, err) < 0) {
        memory->on = false; /* said once; the incidents are kept all the same */
        return err_wrap(err, "what happened is not remembered for the next start");
    }
    return 0;
}
