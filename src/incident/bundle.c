/* The bundle for a bug report. Redaction comes first and everything else is made from what it left:
 * page and summary are never older than the record that they show. */
#include "incident/bundle.h"

#include <string.h>

#include "base/archive.h"
#include "base/json.h"
#include "incident/incident_private.h"
#include "platform/clock.h"

#define SUMMARY_COLUMNS 100

static const char redacted_note[] =
    "This bundle was made by qwguard for a bug report.\n\n"
    "Taken out: home folders, names of the user and of the machine, logins and queries of\n"
    "addresses, passwords, keys, tokens, cookies, e-mail and private network addresses. What "
    "stands\n"
    "in [brackets] says what was there. Please look through it before you send it: nobody can "
    "know\n"
    "every secret that an application may write.\n";
static const char raw_note[] =
    "This bundle was made by qwguard with --raw: nothing was taken out. It may hold passwords,\n"
    "names and addresses. Send it only to somebody who may see them.\n";

struct making {
    struct arena *arena;
    const struct bundle *bundle;
    struct archive archive;
    uint64_t time_s;
};

static int file_add(struct making *making, const char *name, const char *bytes, size_t length,
                    struct err *err)
{
    const char *path = arena_printf(making->arena, "%s/%s", making->bundle->name, name);
    return archive_add(&making->archive, path, bytes, length, making->time_s, err);
}

static int text_file_add(struct making *making, const char *name, const char *text, struct err *err)
{
    return file_add(making, name, text, strlen(text), err);
}

static int json_file_add(struct making *making, const char *name, json_t *value, struct err *err)
{
    if (making->bundle->names)
        redact_json(value, making->bundle->names);
    return text_file_add(making, name, json_format(making->arena, value), err);
}

static const char *log_get(const struct making *making, size_t *out_length)
{
    const struct bundle *bundle = making->bundle;
    *out_length = bundle->log ? bundle->log_bytes : 0;
    if (!bundle->names || !bundle->log)
        return bundle->log;
    const char *log = redact_text(
        making->arena, text_clean(making->arena, bundle->log, bundle->log_bytes), bundle->names);
    *out_length = strlen(log);
    return log;
}

static int incident_add(struct making *making, struct err *err)
{
    struct arena *arena = making->arena;
    struct incident shown;
    size_t log_bytes;
    CLEANUP(json_freep) json_t *record = incident_to_json(making->bundle->incident);
    const char *log = log_get(making, &log_bytes);
    if (json_file_add(making, RECORD_FILE, record, err) < 0
        || incident_from_json(arena, record, &shown, err) < 0)
        return -1;
    const char *page = incident_html(arena, &shown, log, log_bytes);
    const char *summary = incident_text(arena, &shown, SUMMARY_COLUMNS, false, true);
    if (text_file_add(making, REPORT_FILE, page, err) < 0
        || text_file_add(making, "summary.txt", summary, err) < 0)
        return -1;
    return log ? file_add(making, LOG_FILE, log, log_bytes, err) : 0;
}

int bundle_make(struct arena *arena, const struct bundle *bundle, const char **out,
                size_t *out_length, struct err *err)
{
    struct making making = { arena, bundle, { .text = { .arena = arena } }, clock_utc_s() };
    CLEANUP(json_freep) json_t *doctor = json_deep_copy(bundle->doctor);
    const char *note = bundle->names ? redacted_note : raw_note;
    if (text_file_add(&making, "README.txt", note, err) < 0
        || (bundle->incident && incident_add(&making, err) < 0)
        || (doctor && json_file_add(&making, "doctor.json", doctor, err) < 0))
        return -1;
    return archive_finish(&making.archive, out, out_length, err);
}
