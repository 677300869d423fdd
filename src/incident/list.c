/* Incidents found again: all of them as rows, and one by its name. A list reads the beginning of
 * each record only: ten thousand of them in the time of a blink. */
#include "incident/incident_private.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/state.h"

/* The members of a row and a name of 255 bytes fit; what does not is read whole. */
#define HEAD_BYTES ((size_t)512)

/* Every whole record ends so (record_text); a torn one does not. */
static bool ends_whole(const struct state_ends *ends)
{
    return ends->last[0] == '}' && ends->last[1] == '\n';
}

static int record_load(struct arena *arena, const char *folder, struct incident *out,
                       struct err *err)
{
    const char *bytes;
    size_t length;
    const char *path = path_join(arena, folder, RECORD_FILE);
    if (state_folder_check(folder, err) < 0)
        return -1;
    if (state_read(arena, path, RECORD_READ_MAX_BYTES, &bytes, &length, err) < 0)
        return err->kind == ERR_NO_INPUT
                   ? err_set(err, ERR_DATA, "'%s' holds no %s", folder, RECORD_FILE)
                   : -1;
    CLEANUP(json_freep) json_t *root = json_parse(path, bytes, length, err);
    if (!root)
        return -1;
    if (incident_from_json(arena, root, out, err) < 0)
        return err_wrap(err, "'%s'", path);
    if (!text_equal(out->id, path_name(folder)))
        return err_set(err, ERR_DATA, "'%s' holds the record of '%s'", path, out->id);
    return 0;
}

static struct incident_row row_of(struct arena *arena, const struct incident *incident)
{
    char time[TIME_BYTES];
    return (struct incident_row){
        .id = arena_strdup(arena, incident->id),
        .time = arena_strdup(arena, clock_utc_text(time, sizeof time, incident->time_s, true)),
        .app = incident->app_name ? incident->app_name : "",
        .reason = incident->reason ? incident->reason : "",
    };
}

/* A record that others wrote in another form than ours: read whole. */
static bool row_read_whole(struct arena *arena, const char *folder, struct incident_row *out)
{
    struct incident incident;
    struct err ignored;
    if (record_load(arena, folder, &incident, &ignored) < 0)
        return false;
    *out = row_of(arena, &incident);
    return true;
}

static bool row_read(struct arena *arena, const struct state_folder *incidents, const char *id,
                     struct incident_row *out)
{
    char head[HEAD_BYTES], path[INCIDENT_ID_BYTES + sizeof RECORD_FILE];
    struct state_ends ends;
    (void)snprintf(path, sizeof path, "%s/" RECORD_FILE, id); /* ids are bounded */
    return state_read_ends(incidents, path, head, sizeof head, &ends) && ends_whole(&ends)
           && record_head(arena, head, out) && text_equal(out->id, id);
}

bool record_is_whole(struct arena *arena, const struct state_folder *held, const char *incidents,
                     const char *id)
{
    struct incident_row row;
    return row_read(arena, held, id, &row)
           || row_read_whole(arena, path_join(arena, incidents, id), &row);
}

int incident_list(struct arena *arena, const char *state_dir, struct incident_rows *out,
                  struct strings *torn, struct err *err)
{
    struct strings ids = { 0 };
    struct incident_rows rows = { 0 };
    CLEANUP(state_folder_close) struct state_folder held = { .fd = -1 };
    const char *incidents = path_join(arena, state_dir, INCIDENTS_FOLDER);
    if (ids_list(arena, state_dir, &ids, torn, err) < 0
        || (ids.count && state_folder_open(incidents, &held, err) < 0))
        return -1;
    for (size_t i = ids.count; i-- > 0;) {
        const char *id = ids.items[i];
        struct incident_row row;
        if (row_read(arena, &held, id, &row)
            || row_read_whole(arena, path_join(arena, incidents, id), &row))
            ARENA_PUSH(arena, &rows, row);
        else if (torn)
            ARENA_PUSH(arena, torn, id);
    }
    *out = rows;
    return 0;
}

static int id_choose(const struct strings *ids, const char *id, const char **out, struct err *err)
{
    const char *found = NULL;
    size_t count = 0;
    if (text_equal(id, "last") && ids->count) {
        *out = ids->items[ids->count - 1];
        return 0;
    }
    for (size_t i = 0; i < ids->count; i++) {
        if (text_equal(ids->items[i], id)) {
            *out = ids->items[i];
            return 0;
        }
        if (*id && text_starts(ids->items[i], id)) {
            found = ids->items[i];
            count++;
        }
    }
    if (text_equal(id, "last"))
        return err_set(err, ERR_NO_INPUT, "there is no incident yet");
    if (count == 0)
        return err_set(err, ERR_NO_INPUT, "there is no incident '%s'", id);
    if (count > 1)
        return err_set(err, ERR_USAGE, "'%s' is the beginning of %zu incidents (%s …)", id, count,
                       found);
    *out = found;
    return 0;
}

int incident_find(struct arena *arena, const char *state_dir, const char *id, const char **out_id,
                  const char **out_path, struct err *err)
{
    struct strings ids = { 0 };
    const char *found = NULL;
    if (ids_list(arena, state_dir, &ids, NULL, err) < 0 || id_choose(&ids, id, &found, err) < 0)
        return -1;
    if (out_id)
        *out_id = found;
    if (out_path)
        *out_path = path_join(arena, path_join(arena, state_dir, INCIDENTS_FOLDER), found);
    return 0;
}

/* The newest whose record can be read; the error of the newest when none can. */
static int last_load(struct arena *arena, const char *state_dir, struct incident *out,
                     const char **out_path, struct err *err)
{
    struct strings ids = { 0 };
    struct err problem = { 0 };
    const char *incidents = path_join(arena, state_dir, INCIDENTS_FOLDER);
    if (ids_list(arena, state_dir, &ids, NULL, err) < 0)
        return -1;
    for (size_t i = ids.count; i-- > 0;) {
        const char *folder = path_join(arena, incidents, ids.items[i]);
        if (record_load(arena, folder, out, &problem) == 0) {
            *out_path = folder;
            return 0;
        }
        if (i + 1 == ids.count)
            *err = problem;
    }
    return ids.count ? -1 : err_set(err, ERR_NO_INPUT, "there is no incident yet");
}

int incident_load(struct arena *arena, const char *state_dir, const char *id, struct incident *out,
                  const char **out_path, struct err *err)
{
    struct incident incident;
    const char *path;
    if (text_equal(id, "last")) {
        if (last_load(arena, state_dir, &incident, &path, err) < 0)
            return -1;
    } else if (incident_find(arena, state_dir, id, NULL, &path, err) < 0
               || record_load(arena, path, &incident, err) < 0) {
        return -1;
    }
    *out = incident;
    if (out_path)
        *out_path = path;
    return 0;
}
