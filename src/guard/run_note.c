/* The file that says that we guard, and what. It is made when the guard arms, held open and written
 * in place: one call of the system, no allocation, and it works on a full disk. A count stands at
 * both ends, by which a reader knows that it saw one writing and not parts of two. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "guard/guard_private.h"
#include "guard/run_file.h"
#include "platform/clock.h"
#include "platform/file.h"

#define WRITE_STEP_NS SECOND_NS
/* What `status` shows is rounded to about this. */
#define WRITE_STEP_BYTES (4 * MIB_BYTES)

static const char *const state_names[] = {
    [STATE_UP] = "up",           [STATE_GRACE] = "grace",     [STATE_RECLAIM] = "reclaim",
    [STATE_KILLING] = "killing", [STATE_BACKOFF] = "waiting", [STATE_CLOSING] = "closing",
    [STATE_DONE] = "done",
};

static void add(struct run_note *note, size_t *length, const char *format, ...) PRINTF_LIKE(3, 4);
static void add(struct run_note *note, size_t *length, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int more = vsnprintf(note->bytes + *length, sizeof note->bytes - *length, format, args);
    va_end(args);
    if (more > 0)
        *length += (size_t)more;
    if (*length >= sizeof note->bytes)
        *length = sizeof note->bytes - 1;
}

/* Names of rungs come from profiles; a quote in one must not break the file. */
static const char *word(char *out, size_t size, const char *text)
{
    size_t i = 0;
    for (; text[i] && i + 1 < size; i++)
        out[i] = (unsigned char)text[i] < ' ' || strchr("\"\\", text[i]) ? '?' : text[i];
    out[i] = '\0';
    return out;
}

static void limit_add(struct guard *g, size_t *length)
{
    const struct guard_config *config = g->config;
    const struct {
        const char *of;
        struct maybe_u64 limit;
    } rows[] = { { "process", config->process_limit_bytes },
                 { "tree", config->tree_limit_bytes },
                 { "none", { true, 0 } } };
    size_t i = 0;
    while (!rows[i].limit.known)
        i++;
    add(g->note, length, " \"limit_of\": \"%s\", \"limit_bytes\": %llu, \"gpu_bytes\": %llu,\n",
        rows[i].of, (unsigned long long)rows[i].limit.value, (unsigned long long)g->gpu_bytes);
}

static void members_add(struct guard *g, size_t *length)
{
    size_t count = 0;
    add(g->note, length, " \"members\": [");
    for (size_t i = 0; i < g->tree.count && count < RUN_NOTE_MEMBERS; i++) {
        const struct member *member = &g->tree.members[i];
        if (member->kind == MEMBER_APP)
            add(g->note, length, "%s[%lld, %llu]", count++ ? ", " : "", (long long)member->proc.pid,
                (unsigned long long)member->proc.start);
    }
    add(g->note, length, "],\n");
}

static size_t compose(struct guard *g, uint64_t now_ns)
{
    struct run_note *note = g->note;
    char rung[128];
    size_t length = 0;
    const struct member *largest = sample_largest(&g->tree);
    const char *incident = path_name(g->record->last_path);
    uint64_t up_s = (now_ns - g->started_ns) / SECOND_NS, now_s = clock_utc_s();
    add(note, &length, "{\"schema\": \"%s\", \"count\": %llu,\n%s", RUN_FILE_SCHEMA,
        (unsigned long long)note->count, note->fixed);
    add(note, &length, " \"app\": {\"pid\": %lld, \"start\": %llu}, \"state\": \"%s\",\n",
        (long long)g->tree.first, (unsigned long long)g->tree.first_start, state_names[g->state]);
    add(note, &length, " \"started_s\": %llu, \"updated_s\": %llu,\n",
        (unsigned long long)(now_s - up_s), (unsigned long long)now_s);
    limit_add(g, &length);
    add(note, &length,
        " \"largest_bytes\": %llu, \"tree_bytes\": %llu, \"rate_bytes_per_s\": %lld,\n"
        " \"process_count\": %zu,\n",
        (unsigned long long)(largest ? largest->held_bytes : 0),
        (unsigned long long)g->tree.bound_bytes,
        largest ? (long long)sample_rate(largest, now_ns) : 0LL, tree_app_count(&g->tree));
    add(note, &length, " \"rung\": \"%s\", \"restart\": %u, \"restart_max\": %u,\n",
        word(rung, sizeof rung, g->launch->rung), g->restart, g->config->restart_max);
    if (*incident)
        add(note, &length, " \"incident\": \"%s\", \"incident_s\": %llu,\n", incident,
            (unsigned long long)g->record->last_time_s);
    members_add(g, &length);
    add(note, &length, " \"end\": %llu}", (unsigned long long)note->count);
    return length;
}

static void write_now(struct guard *g, uint64_t now_ns)
{
    struct run_note *note = g->note;
    note->count++;
    note->written_ns = now_ns;
    size_t length = compose(g, now_ns);
    size_t filled = length < note->longest ? note->longest : length;
    memset(note->bytes + length, ' ', filled - length);
    if (filled < sizeof note->bytes)
        note->bytes[filled++] = '\n';
    note->longest = filled - 1;
    (void)state_slot_write(&note->slot, note->bytes, filled); /* the next one may go through */
}

static struct run_note_seen look(const struct guard *g)
{
    const struct member *largest = sample_largest(&g->tree);
    struct run_note_seen seen = {
        .largest_bytes = (largest ? largest->held_bytes : 0) / WRITE_STEP_BYTES,
        .looked = largest && largest->held_bytes,
        .tree_bytes = g->tree.bound_bytes / WRITE_STEP_BYTES,
        .gpu_bytes = g->gpu_bytes / WRITE_STEP_BYTES,
        .first = g->tree.first,
        .restart = g->restart,
        .incidents = g->incidents,
        .state = (int)g->state,
    };
    for (size_t i = 0; i < g->tree.count; i++)
        if (g->tree.members[i].kind == MEMBER_APP) /* in no order, so a sum */
            seen.members += (uint64_t)g->tree.members[i].proc.pid * 0x9e3779b97f4a7c15ULL
                            + g->tree.members[i].proc.start;
    return seen;
}

static bool same(const struct run_note_seen *a, const struct run_note_seen *b)
{
    return a->largest_bytes == b->largest_bytes && a->tree_bytes == b->tree_bytes
           && a->gpu_bytes == b->gpu_bytes && a->looked == b->looked && a->first == b->first
           && a->members == b->members && a->restart == b->restart && a->incidents == b->incidents
           && a->state == b->state;
}

void run_note_update(struct guard *g, uint64_t now_ns)
{
    struct run_note *note = g->note;
    /* While a tree is being ended nothing else is done. */
    if (!note || (g->state != STATE_UP && g->state != STATE_BACKOFF)
        || (now_ns - note->written_ns < WRITE_STEP_NS && g->tree.first == note->seen.first
            && (int)g->state == note->seen.state /* a pause may be long, and nothing wakes us */
            && note->count > 1))                 /* the first one was before the first look */
        return;
    struct run_note_seen seen = look(g);
    if (same(&seen, &note->seen))
        return;
    note->seen = seen;
    write_now(g, now_ns);
}

/* The name is put into JSON once, here: that allocates. */
static int fixed_make(struct guard *g, struct run_note *note, struct err *err)
{
    struct process_facts facts;
    char boot[64];
    process_boot_read(boot, sizeof boot);
    if (process_facts_read(g->table, process_self(), &facts, err) < 0)
        return -1;
    json_t *value = json_text(g->config->name);
    char *name = json_dumps(value, JSON_ENCODE_ANY);
    json_decref(value);
    int length = snprintf(note->fixed, sizeof note->fixed,
                          " \"guard\": {\"pid\": %lld, \"start\": %llu}, \"boot\": \"%s\",\n"
                          " \"attached\": %s, \"name\": %s,\n",
                          (long long)facts.pid, (unsigned long long)facts.start, boot,
                          g->config->attach.pid ? "true" : "false", name ? name : "\"\"");
    free(name);
    if (length < 0 || (size_t)length >= sizeof note->fixed)
        return err_set(err, ERR_DATA, "the name of the app is too long");
    return 0;
}

static int make(struct guard *g, struct run_note *note, struct err *err)
{
    struct arena arena = { 0 };
    const char *folder = path_join(&arena, g->config->state_dir, RUN_FILE_FOLDER);
    int length = snprintf(note->path, sizeof note->path, "%s/%lld.json", folder,
                          (long long)process_self());
    int failed = fixed_make(g, note, err) < 0 || folder_make_private(folder, err) < 0;
    arena_clear(&arena);
    if (failed)
        return -1;
    if (length < 0 || (size_t)length >= sizeof note->path)
        return err_set(err, ERR_CREATE, "the path of the state folder is too long");
    return state_slot_make(note->path, &note->slot, err);
}

void run_note_open(struct guard *g)
{
    struct err err;
    struct run_note *note = g->config->state_dir ? calloc(1, sizeof *note) : NULL;
    if (!note)
        return;
    note->slot.fd = -1;
    if (make(g, note, &err) < 0) {
        guard_warn(g, "`qwguard status` will not show this app: %s", err.text);
        free(note);
        return;
    }
    g->note = note;
    note->seen = look(g);
    write_now(g, clock_monotonic_ns());
}

void run_note_close(struct guard *g)
{
    struct err ignored; /* `status` removes what is left of a guard that has ended */
    if (!g->note)
        return;
    state_slot_close(&g->note->slot);
    (void)file_remove(g->note->path, &ignored);
    free(g->note);
    g->note = NULL;
}
