/* Folders of incidents: made under incidents/.new and moved to their name when they are complete,
 * so that whoever looks sees all of an incident or nothing; and the oldest given up when there are
 * too many. */
#include "incident/incident_private.h"

#include <stdio.h>
#include <string.h>

#include "platform/clock.h"
#include "platform/file.h"
#include "platform/state.h"

#define FILE_MODE 0600U
/* A folder under .new that is older belongs to a writer that did not live to finish it. */
#define LEFTOVER_AGE_NS (3600ULL * SECOND_NS)
#define TRIES_MAX 1000000U

void incident_name(struct arena *arena, const char *state_dir, struct incident *incident,
                   const char **out_path)
{
    char time[TIME_BYTES];
    struct file_info info;
    struct err ignored; /* whoever writes says why it cannot */
    const char *folder = path_join(arena, state_dir, INCIDENTS_FOLDER);
    const char *waiting = path_join(arena, folder, NEW_FOLDER);
    const char *path;
    unsigned number = 1;
    (void)clock_utc_text(time, sizeof time, incident->time_s, false);
    do {
        char suffix[16] = "";
        if (number > 1)
            (void)snprintf(suffix, sizeof suffix, "-%u", number); /* at most eight bytes */
        (void)snprintf(incident->id, sizeof incident->id, "%.16s-%lld%s", time,
                       (long long)(incident->app_pid > 0 ? incident->app_pid : 0), suffix);
        path = path_join(arena, folder, incident->id);
    } while ((file_stat(path, false, &info)
              || file_stat(path_join(arena, waiting, incident->id), false, &info))
             && ++number < TRIES_MAX);
    if (*state_dir && folder_make_private(folder, &ignored) == 0
        && folder_make_private(waiting, &ignored) == 0)
        /* taken from now on: the one before may still be written */
        (void)folder_make_private(path_join(arena, waiting, incident->id), &ignored);
    *out_path = path;
}

const char *incident_log(struct arena *arena, const char *path, size_t *out_length)
{
    const char *bytes;
    struct err ignored;
    if (state_read(arena, path_join(arena, path, LOG_FILE), LOG_READ_MAX_BYTES, &bytes, out_length,
                   &ignored)
            < 0
        || *out_length == 0)
        return NULL;
    return bytes;
}

static int text_write(struct arena *arena, const char *folder, const char *name, const char *bytes,
                      size_t length, struct err *err)
{
    return file_write(path_join(arena, folder, name), bytes, length, FILE_MODE, true, err);
}

/* The record last: a folder that has one has everything. */
static int folder_fill(struct arena *arena, const char *folder, const struct incident *incident,
                       const char *log, size_t log_bytes, struct err *err)
{
    const char *record = record_bounded(arena, incident);
    size_t shown_bytes = log_bytes;
    const char *shown = log ? log : incident_log(arena, folder, &shown_bytes);
    const char *report = incident_html(arena, incident, shown, shown ? shown_bytes : 0);
    if (log && text_write(arena, folder, LOG_FILE, log, log_bytes, err) < 0)
        return -1;
    if (text_write(arena, folder, REPORT_FILE, report, strlen(report), err) < 0)
        return -1;
    return text_write(arena, folder, RECORD_FILE, record, strlen(record), err);
}

/* Without a log when there is no room for one: the record is what must not be lost. */
static int folder_fill_short(struct arena *arena, const char *folder,
                             const struct incident *incident, const char *log, size_t log_bytes,
                             struct err *err)
{
    struct err first;
    if (folder_fill(arena, folder, incident, log, log_bytes, &first) == 0)
        return 0;
    if (first.kind != ERR_DENIED && folder_fill(arena, folder, incident, "", 0, err) == 0)
        return 0;
    *err = first;
    return -1;
}

static int folder_create(struct arena *arena, const char *incidents,
                         const struct incident *incident, const char *log, size_t log_bytes,
                         struct err *err)
{
    struct err ignored;
    const char *waiting = path_join(arena, incidents, NEW_FOLDER);
    const char *folder = path_join(arena, waiting, incident->id);
    if (folder_make_private(waiting, err) < 0 || folder_make_private(folder, err) < 0)
        return -1;
    if (folder_fill_short(arena, folder, incident, log ? log : "", log ? log_bytes : 0, err) == 0
        && file_rename(folder, path_join(arena, incidents, incident->id), err) == 0) {
        state_folder_sync(incidents);
        state_folder_sync(path_join(arena, incidents, "..")); /* it may be the first */
        return 0;
    }
    (void)folder_remove(folder, &ignored); /* what went wrong first is what is reported */
    return -1;
}

void incident_reserve(const char *state_dir)
{
    struct arena arena = { 0 };
    struct err ignored; /* then there is none; what fails for it says so itself */
    const char *incidents = path_join(&arena, state_dir, INCIDENTS_FOLDER);
    if (folder_make_private(incidents, &ignored) == 0)
        (void)state_reserve(path_join(&arena, incidents, RESERVE_FILE), RESERVE_BYTES, &ignored);
    arena_clear(&arena);
}

/* Give the reserve up. Returns false when there is none. */
static bool reserve_take(struct arena *arena, const char *incidents)
{
    struct file_info info;
    struct err ignored;
    const char *path = path_join(arena, incidents, RESERVE_FILE);
    return file_stat(path, false, &info) && file_remove(path, &ignored) == 0;
}

/* The first of these that works: as it is; with the reserve given up. */
static int folder_write(struct arena *arena, const char *incidents, const struct incident *incident,
                        const char *log, size_t log_bytes, struct err *err)
{
    struct file_info info;
    const char *folder = path_join(arena, incidents, incident->id);
    if (file_stat(folder, false, &info)) {
        if (state_folder_check(folder, err) < 0)
            return -1;
        return folder_fill(arena, folder, incident, log, log_bytes, err);
    }
    if (folder_create(arena, incidents, incident, log, log_bytes, err) == 0)
        return 0;
    if (!reserve_take(arena, incidents))
        return -1;
    return folder_create(arena, incidents, incident, log, log_bytes, err);
}

int incident_write(const char *state_dir, const struct incident *incident, const char *log,
                   size_t log_bytes, struct err *err)
{
    struct arena arena = { 0 };
    struct id_parts parts;
    int status = -1;
    const char *incidents = path_join(&arena, state_dir, INCIDENTS_FOLDER);
    if (!id_parse(incident->id, &parts))
        err_set(err, ERR_DATA, "'%s' is no id of an incident", incident->id);
    else if (folder_make_private(incidents, err) == 0)
        status = folder_write(&arena, incidents, incident, log, log_bytes, err);
    arena_clear(&arena);
    return status;
}

static uint64_t folder_bytes(struct arena *arena, const char *folder)
{
    struct strings names = { 0 };
    struct err ignored;
    struct file_info info;
    uint64_t sum = 0;
    if (folder_list(arena, folder, &names, &ignored) < 0)
        return 0;
    for (size_t i = 0; i < names.count; i++) {
        if (file_stat(path_join(arena, folder, names.items[i]), false, &info))
            sum += info.size_bytes;
    }
    return sum;
}

static void leftovers_remove(struct arena *arena, const char *incidents)
{
    struct strings names = { 0 };
    struct err ignored;
    struct file_info info;
    uint64_t now_ns = clock_utc_s() * SECOND_NS;
    const char *waiting = path_join(arena, incidents, NEW_FOLDER);
    if (state_folder_check(waiting, &ignored) < 0
        || folder_list(arena, waiting, &names, &ignored) < 0)
        return;
    for (size_t i = 0; i < names.count; i++) {
        const char *path = path_join(arena, waiting, names.items[i]);
        if (file_stat(path, false, &info) && info.modified_ns + LEFTOVER_AGE_NS < now_ns)
            (void)folder_remove(path, &ignored); /* the next run tries again */
    }
}

static void aside_bound(struct arena *arena, const char *aside)
{
    struct strings names = { 0 };
    struct err ignored; /* the next run tries again */
    if (folder_list(arena, aside, &names, &ignored) < 0)
        return;
    for (size_t i = 0; i + ASIDE_KEPT < names.count; i++)
        (void)folder_remove(path_join(arena, aside, names.items[i]), &ignored);
}

/* A torn record is moved out of the way, so that every list is whole again. */
static void torn_set_aside(struct arena *arena, const char *incidents, struct strings *ids)
{
    struct strings whole = { 0 };
    struct err ignored; /* what cannot be moved is left out of every list all the same */
    CLEANUP(state_folder_close) struct state_folder held = { .fd = -1 };
    const char *aside = path_join(arena, incidents, ASIDE_FOLDER);
    if (ids->count == 0 || state_folder_open(incidents, &held, &ignored) < 0)
        return;
    for (size_t i = 0; i < ids->count; i++) {
        const char *id = ids->items[i];
        if (record_is_whole(arena, &held, incidents, id)
            || state_folder_check(path_join(arena, incidents, id), &ignored) < 0
            || folder_make_private(aside, &ignored) < 0
            || file_rename(path_join(arena, incidents, id), path_join(arena, aside, id), &ignored)
                   < 0)
            ARENA_PUSH(arena, &whole, id);
    }
    if (whole.count < ids->count)
        aside_bound(arena, aside);
    *ids = whole;
}

void incident_prune(const char *state_dir, const struct incident_keep *keep)
{
    struct arena arena = { 0 };
    struct strings ids = { 0 };
    struct err ignored;
    const char *incidents = path_join(&arena, state_dir, INCIDENTS_FOLDER);
    if (ids_list(&arena, state_dir, &ids, NULL, &ignored) == 0) {
        uint64_t kept = 0, bytes = 0;
        leftovers_remove(&arena, incidents);
        torn_set_aside(&arena, incidents, &ids);
        for (size_t i = ids.count; i-- > 0;) {
            const char *folder = path_join(&arena, incidents, ids.items[i]);
            bytes += keep->max_bytes ? folder_bytes(&arena, folder) : 0;
            kept++;
            if ((keep->count && kept > keep->count)
                || (keep->max_bytes && bytes > keep->max_bytes && kept > 1))
                (void)folder_remove(folder, &ignored); /* the next run tries again */
        }
    }
    arena_clear(&arena);
    incident_reserve(state_dir);
}
