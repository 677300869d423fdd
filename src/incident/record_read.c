/* A record back from its JSON. The file may be torn, from another version or from somebody else:
 * every member is looked at by its row in a table, and what does not fit is named. */
#include "incident/incident_private.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum member_kind {
    MEMBER_TEXT,     /* const char *; null or absent stays NULL */
    MEMBER_NAME,     /* char[32] */
    MEMBER_SIGNED,   /* int64_t */
    MEMBER_UNSIGNED, /* uint64_t */
    MEMBER_SMALL,    /* unsigned */
    MEMBER_MAYBE,    /* struct maybe_u64 */
    MEMBER_REAL,     /* double */
    MEMBER_ROLE,     /* enum process_role */
    MEMBER_ATTRIBUTION,
    MEMBER_STRINGS,
    MEMBER_COUNTS, /* struct variables of counts */
    MEMBER_PAIRS,  /* struct variables of texts */
    MEMBER_OBJECT, /* const char *, the object as JSON */
    MEMBER_TIME,   /* uint64_t, seconds */
};

/* parent is the object that holds the member; NULL = the record itself. */
struct member {
    const char *parent, *name;
    enum member_kind kind;
    size_t offset;
    bool required;
};

#define AT(type, field) offsetof(struct type, field)

/* clang-format off */
static const struct member record_members[] = {
    { NULL, "time", MEMBER_TIME, AT(incident, time_s), true },
    { NULL, "reason", MEMBER_TEXT, AT(incident, reason), true },
    { "app", "name", MEMBER_TEXT, AT(incident, app_name), true },
    { "app", "argv", MEMBER_STRINGS, AT(incident, app_argv), false },
    { "app", "pid", MEMBER_SIGNED, AT(incident, app_pid), false },
    { NULL, "limit_bytes", MEMBER_UNSIGNED, AT(incident, limit_bytes), false },
    { NULL, "acted_ns", MEMBER_MAYBE, AT(incident, acted_ns), false },
    { NULL, "tree_gone_ns", MEMBER_MAYBE, AT(incident, tree_gone_ns), false },
    { NULL, "restarted_ns", MEMBER_MAYBE, AT(incident, restarted_ns), false },
    { NULL, "bytes_at_crossing", MEMBER_UNSIGNED, AT(incident, bytes_at_crossing), false },
    { NULL, "bytes_peak", MEMBER_UNSIGNED, AT(incident, bytes_peak), false },
    { "process", "pid", MEMBER_SIGNED, AT(incident, process_pid), false },
    { "process", "role", MEMBER_ROLE, AT(incident, process_role), false },
    { "process", "rate_bytes_per_s", MEMBER_REAL, AT(incident, rate_bytes_per_s), false },
    { "attribution", "kind", MEMBER_ATTRIBUTION, AT(incident, attribution), false },
    { "attribution", "evidence", MEMBER_STRINGS, AT(incident, evidence), false },
    { NULL, "signatures", MEMBER_COUNTS, AT(incident, signatures), false },
    { "engine", "qt", MEMBER_TEXT, AT(incident, engine_qt), false },
    { "engine", "chromium", MEMBER_TEXT, AT(incident, engine_chromium), false },
    { NULL, "gpu", MEMBER_TEXT, AT(incident, gpu_text), false },
    { "plan", "rung", MEMBER_TEXT, AT(incident, rung), false },
    { "plan", "environment", MEMBER_PAIRS, AT(incident, environment), false },
    { NULL, "preflight", MEMBER_OBJECT, AT(incident, preflight), false },
    { NULL, "next_rung", MEMBER_TEXT, AT(incident, next_rung), false },
    { NULL, "restart", MEMBER_SMALL, AT(incident, restart), false },
    { NULL, "survivors", MEMBER_UNSIGNED, AT(incident, survivor_count), false },
};
static const struct member process_members[] = {
    { NULL, "pid", MEMBER_SIGNED, AT(incident_process, pid), true },
    { NULL, "parent", MEMBER_SIGNED, AT(incident_process, parent), false },
    { NULL, "role", MEMBER_ROLE, AT(incident_process, role), false },
    { NULL, "name", MEMBER_NAME, AT(incident_process, name), false },
    { NULL, "rss_bytes", MEMBER_UNSIGNED, AT(incident_process, rss_bytes), false },
    { NULL, "pss_bytes", MEMBER_MAYBE, AT(incident_process, pss_bytes), false },
    { NULL, "gpu_bytes", MEMBER_MAYBE, AT(incident_process, gpu_bytes), false },
};
static const struct member sample_members[] = {
    { NULL, "t_ns", MEMBER_SIGNED, AT(incident_sample, t_ns), true },
    { NULL, "tree_bytes", MEMBER_UNSIGNED, AT(incident_sample, tree_bytes), false },
    { NULL, "largest_bytes", MEMBER_UNSIGNED, AT(incident_sample, largest_bytes), false },
};
static const struct member action_members[] = {
    { NULL, "t_ns", MEMBER_SIGNED, AT(incident_action, t_ns), true },
    { NULL, "action", MEMBER_TEXT, AT(incident_action, action), true },
    { NULL, "pid", MEMBER_SIGNED, AT(incident_action, pid), false },
    { NULL, "result", MEMBER_TEXT, AT(incident_action, result), false },
};
static const struct member log_mark_members[] = {
    { NULL, "name", MEMBER_TEXT, AT(incident_log_mark, name), true },
    { NULL, "first_ns", MEMBER_SIGNED, AT(incident_log_mark, first_ns), true },
    { NULL, "last_ns", MEMBER_SIGNED, AT(incident_log_mark, last_ns), true },
};
/* clang-format on */

static bool read_unsigned(const json_t *value, uint64_t max, uint64_t *out)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0
        || (uint64_t)json_integer_value(value) > max)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_strings(struct arena *arena, const json_t *value, struct strings *out)
{
    struct strings list = { 0 };
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *item = arena_strdup(arena, json_string_value(json_array_get(value, i)));
        if (!item)
            return false;
        ARENA_PUSH(arena, &list, item);
    }
    *out = list;
    return json_is_array(value);
}

static bool read_counts(struct arena *arena, const json_t *value, struct variables *out)
{
    const char *key;
    json_t *item;
    struct variables list = { 0 };
    json_object_foreach((json_t *)value, key, item)
    {
        uint64_t count;
        if (!read_unsigned(item, INT64_MAX, &count))
            return false;
        struct variable one = { arena_strdup(arena, key),
                                arena_printf(arena, "%llu", (unsigned long long)count) };
        ARENA_PUSH(arena, &list, one);
    }
    *out = list;
    return json_is_object(value);
}

static bool read_pairs(struct arena *arena, const json_t *value, struct variables *out)
{
    const char *key;
    json_t *item;
    struct variables list = { 0 };
    json_object_foreach((json_t *)value, key, item)
    {
        struct variable one = { arena_strdup(arena, key),
                                arena_strdup(arena, json_string_value(item)) };
        if (!one.value)
            return false;
        ARENA_PUSH(arena, &list, one);
    }
    *out = list;
    return json_is_object(value);
}

static bool read_object(struct arena *arena, const json_t *value, const char **out)
{
    char *text = json_is_object(value) ? json_dumps(value, JSON_COMPACT) : NULL;
    *out = arena_strdup(arena, text);
    free(text);
    return *out != NULL;
}

static bool read_text(struct arena *arena, const json_t *value, const char **out)
{
    *out = arena_strdup(arena, json_string_value(value));
    return json_is_string(value) || json_is_null(value);
}

static bool read_number(const struct member *member, const json_t *value, void *to)
{
    uint64_t number = 0;
    if (member->kind == MEMBER_SIGNED) {
        *(int64_t *)to = json_integer_value(value);
        return json_is_integer(value);
    }
    if (member->kind == MEMBER_REAL) {
        *(double *)to = json_number_value(value);
        return json_is_number(value);
    }
    if (!read_unsigned(value, member->kind == MEMBER_SMALL ? UINT_MAX : INT64_MAX, &number))
        return member->kind == MEMBER_MAYBE && json_is_null(value);
    if (member->kind == MEMBER_SMALL)
        *(unsigned *)to = (unsigned)number;
    else if (member->kind == MEMBER_MAYBE)
        *(struct maybe_u64 *)to = (struct maybe_u64){ true, number };
    else
        *(uint64_t *)to = number;
    return true;
}

static bool read_word(const struct member *member, const json_t *value, void *to)
{
    const char *word = json_string_value(value);
    if (member->kind == MEMBER_ROLE) {
        enum process_role role = process_role_of(word);
        *(enum process_role *)to = role < ROLE_COUNT ? role : ROLE_OTHER;
        return role < ROLE_COUNT;
    }
    enum attribution attribution = attribution_of(word);
    *(enum attribution *)to = attribution < ATTRIBUTION_COUNT ? attribution : ATTRIBUTION_UNKNOWN;
    return attribution < ATTRIBUTION_COUNT;
}

static bool read_value(struct arena *arena, const struct member *member, const json_t *value,
                       void *to)
{
    const char *text = json_string_value(value);
    switch (member->kind) {
    case MEMBER_TEXT:
        return read_text(arena, value, to);
    case MEMBER_NAME:
        (void)snprintf(to, sizeof((struct incident_process *)0)->name, "%s", text ? text : "");
        return text != NULL;
    case MEMBER_STRINGS:
        return read_strings(arena, value, to);
    case MEMBER_COUNTS:
        return read_counts(arena, value, to);
    case MEMBER_PAIRS:
        return read_pairs(arena, value, to);
    case MEMBER_OBJECT:
        return read_object(arena, value, to);
    case MEMBER_TIME:
        return time_parse(text, to);
    case MEMBER_ROLE:
    case MEMBER_ATTRIBUTION:
        return read_word(member, value, to);
    case MEMBER_SIGNED:
    case MEMBER_UNSIGNED:
    case MEMBER_SMALL:
    case MEMBER_MAYBE:
    case MEMBER_REAL:
        return read_number(member, value, to);
    }
    return false;
}

/* where names the row for the message: "processes[3].", or "". */
static int members_read(struct arena *arena, const json_t *object, const struct member *members,
                        size_t count, const char *where, void *out, struct err *err)
{
    if (!json_is_object(object))
        return err_set(err, ERR_DATA, "%s is no object", *where ? where : "the record");
    for (size_t i = 0; i < count; i++) {
        const struct member *member = &members[i];
        const json_t *holder = member->parent ? json_object_get(object, member->parent) : object;
        const json_t *value = json_object_get(holder, member->name);
        const char *parent = member->parent ? member->parent : "";
        const char *dot = member->parent ? "." : "";
        if (holder && !json_is_object(holder))
            return err_set(err, ERR_DATA, "'%s%s' is no object", where, parent);
        if (!value && member->required)
            return err_set(err, ERR_DATA, "'%s%s%s%s' is missing", where, parent, dot,
                           member->name);
        if (value && !read_value(arena, member, value, (char *)out + member->offset))
            return err_set(err, ERR_DATA, "'%s%s%s%s' has the wrong type or value", where, parent,
                           dot, member->name);
    }
    return 0;
}

static int rows_read(struct arena *arena, const json_t *record, const char *name,
                     const struct member *members, size_t member_count, size_t row_bytes,
                     void **out_rows, size_t *out_count, struct err *err)
{
    const json_t *list = json_object_get(record, name);
    char where[48];
    if (list && !json_is_array(list))
        return err_set(err, ERR_DATA, "'%s' is no list", name);
    size_t count = json_array_size(list);
    char *rows = arena_array(arena, count, row_bytes);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(where, sizeof where, "%s[%zu].", name, i); /* names are short */
        if (members_read(arena, json_array_get(list, i), members, member_count, where,
                         rows + i * row_bytes, err)
            < 0)
            return -1;
    }
    *out_rows = rows;
    *out_count = count;
    return 0;
}

static int lists_read(struct arena *arena, const json_t *json, struct incident *out,
                      struct err *err)
{
    void *processes, *samples, *actions, *marks;
    if (rows_read(arena, json, "processes", process_members, ROWS(process_members),
                  sizeof *out->processes, &processes, &out->process_count, err)
            < 0
        || rows_read(arena, json, "timeline", sample_members, ROWS(sample_members),
                     sizeof *out->timeline, &samples, &out->timeline_count, err)
               < 0
        || rows_read(arena, json, "actions", action_members, ROWS(action_members),
                     sizeof *out->actions, &actions, &out->action_count, err)
               < 0
        || rows_read(arena, json, "log_marks", log_mark_members, ROWS(log_mark_members),
                     sizeof *out->log_marks, &marks, &out->log_mark_count, err)
               < 0)
        return -1;
    out->processes = processes;
    out->timeline = samples;
    out->actions = actions;
    out->log_marks = marks;
    return 0;
}

int incident_from_json(struct arena *arena, const json_t *json, struct incident *out,
                       struct err *err)
{
    struct incident incident = { .process_role = ROLE_OTHER };
    struct id_parts parts;
    const char *schema = json_string_value(json_object_get(json, "schema"));
    const char *id = json_string_value(json_object_get(json, "id"));
    if (!text_equal(schema, INCIDENT_SCHEMA))
        return err_set(err, ERR_DATA, "this is no record of schema '%s'", INCIDENT_SCHEMA);
    if (!id || !id_parse(id, &parts))
        return err_set(err, ERR_DATA, "'id' has the wrong type or value");
    (void)snprintf(incident.id, sizeof incident.id, "%s", id); /* id_parse bounds its length */
    if (members_read(arena, json, record_members, ROWS(record_members), "", &incident, err) < 0
        || lists_read(arena, json, &incident, err) < 0)
        return -1;
    *out = incident;
    return 0;
}
