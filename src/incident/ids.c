/* Ids of incidents: a UTC time and the pid of the app, so that they sort by age, can be said on the
 * telephone, and two machines rarely make the same. */
#include "incident/incident_private.h"

#include <stdlib.h>
#include <string.h>

#include "platform/file.h"
#include "platform/state.h"

#define TIME_TEXT_LENGTH 16 /* "20261123T101502Z" */

static bool digits_only(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

/* A number without leading zeros at *at, which is moved behind it. */
static bool number_take(const char **at, uint64_t *out)
{
    char digits[16];
    size_t length = strspn(*at, "0123456789");
    if (length == 0 || length >= sizeof digits)
        return false;
    memcpy(digits, *at, length);
    digits[length] = '\0';
    *at += length;
    return text_to_u64(digits, out);
}

bool id_parse(const char *id, struct id_parts *out)
{
    struct id_parts parts = { .number = 1 };
    if (strlen(id) >= INCIDENT_ID_BYTES || strlen(id) < TIME_TEXT_LENGTH + 2 || !digits_only(id, 8)
        || id[8] != 'T' || !digits_only(id + 9, 6) || id[15] != 'Z' || id[16] != '-')
        return false;
    memcpy(parts.time, id, TIME_TEXT_LENGTH);
    const char *at = id + TIME_TEXT_LENGTH + 1;
    if (!number_take(&at, &parts.pid))
        return false;
    if (*at == '-') {
        at++;
        if (!number_take(&at, &parts.number))
            return false;
    }
    if (*at)
        return false;
    *out = parts;
    return true;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int older_first(const void *a, const void *b)
{
    struct id_parts first, second;
    int order = strncmp(*(const char *const *)a, *(const char *const *)b, TIME_TEXT_LENGTH);
    if (order)
        return order;
    (void)id_parse(*(const char *const *)a, &first); /* both are ids: they are in the list */
    (void)id_parse(*(const char *const *)b, &second);
    order = compare_u64(first.pid, second.pid);
    return order ? order : compare_u64(first.number, second.number);
}

int ids_list(struct arena *arena, const char *state_dir, struct strings *out,
             struct strings *foreign, struct err *err)
{
    struct strings names = { 0 }, ids = { 0 };
    struct id_parts parts;
    const char *folder = path_join(arena, state_dir, INCIDENTS_FOLDER);
    if (state_folder_check(folder, err) < 0 || folder_list(arena, folder, &names, err) < 0) {
        if (err->kind != ERR_NO_INPUT)
            return -1;
        names.count = 0; /* nothing has happened yet */
    }
    for (size_t i = 0; i < names.count; i++) {
        if (id_parse(names.items[i], &parts))
            ARENA_PUSH(arena, &ids, names.items[i]);
        else if (foreign && names.items[i][0] != '.')
            ARENA_PUSH(arena, foreign, names.items[i]);
    }
    if (ids.count)
        qsort(ids.items, ids.count, sizeof *ids.items, older_first);
    *out = ids;
    return 0;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. Source: days_from_civil,
 * http://howardhinnant.github.io/date_algorithms.html (public domain). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool time_parse(const char *text, uint64_t *out_s)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    static const struct {
        unsigned at, length;
        int64_t min, max;
    } rows[] = { { 0, 4, 1970, 9999 }, { 5, 2, 1, 12 },  { 8, 2, 1, 31 },
                 { 11, 2, 0, 23 },     { 14, 2, 0, 59 }, { 17, 2, 0, 60 } };
    int64_t parts[ROWS(rows)] = { 0 };
    if (!text || strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'd' ? !digits_only(text + i, 1) : text[i] != form[i])
            return false;
    }
    for (size_t i = 0; i < ROWS(rows); i++) {
        for (unsigned j = 0; j < rows[i].length; j++)
            parts[i] = parts[i] * 10 + (text[rows[i].at + j] - '0');
        if (parts[i] < rows[i].min || parts[i] > rows[i].max)
            return false;
    }
    *out_s = (uint64_t)(days_of(parts[0], parts[1], parts[2]) * 86400 + parts[3] * 3600
                        + parts[4] * 60 + parts[5]);
    return true;
}
