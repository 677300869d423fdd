/* Reads a file of profiles: one row for each key, every fault with its place. A profile with a
 * fault is left out and the rest of the file works. Format: docs/profiles.md. */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "engine/signatures.h"
#include "profile/condition_private.h"
#include "profile/read_private.h"

#define ID_BYTES_MAX 64
#define LINE_BYTES_MAX 200
#define URL_BYTES_MAX 500
#define LIST_MAX 32           /* URLs, words of advice */
#define MESSAGE_BYTES_MAX 180 /* what a file holds may be anything and of any length */
#define PROFILES_MAX 2000     /* in one file */
#define FAULTS_MAX 50         /* of one file that are told one by one */

int read_refuse(struct report *report, struct place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(report->arena, format, args);
    va_end(args);
    report_add(report, FINDING_ERROR, at, "%s", text_line(report->arena, text, MESSAGE_BYTES_MAX));
    return -1;
}

const char *did_you_mean(struct arena *arena, const char *near)
{
    return near ? arena_printf(arena, " (did you mean '%s'?)", near) : "";
}

int signature_check(struct report *report, struct place at, const char *name)
{
    const char *names[SIGNATURES_MAX];
    size_t count;
    const struct signature *rows = signatures_all(&count);
    for (size_t i = 0; i < count; i++) {
        names[i] = rows[i].name;
        if (text_equal(names[i], name))
            return 0;
    }
    return read_refuse(report, at, "there is no log signature '%s'%s", name,
                       did_you_mean(report->arena, text_nearest(name, names, count)));
}

bool is_kebab(const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > ID_BYTES_MAX || text[0] == '-' || text[length - 1] == '-')
        return false;
    return !strstr(text, "--") && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

bool profile_id_fits(const char *id)
{
    return is_kebab(id);
}

const char *read_line(struct report *report, const char *what, const struct yaml_node *node,
                      size_t max_bytes)
{
    if (node->kind != YAML_SCALAR || yaml_is_null(node) || !*node->text) {
        (void)read_refuse(report, node->at, "'%s' wants a string, not %s", what,
                          node->kind == YAML_SCALAR ? "nothing" : yaml_kind_text(node));
        return NULL;
    }
    const char *clean = text_clean(report->arena, node->text, strlen(node->text));
    if (strlen(node->text) > max_bytes || !text_equal(clean, node->text)
        || strpbrk(node->text, "\t\n")) {
        (void)read_refuse(report, node->at,
                          "'%s' wants one line of at most %u bytes without control characters",
                          what, (unsigned)max_bytes);
        return NULL;
    }
    return node->text;
}

int read_word(struct report *report, const char *what, const struct yaml_node *node,
              const char *const *words, size_t count)
{
    const char *word = read_line(report, what, node, LINE_BYTES_MAX);
    struct text all = { .arena = report->arena };
    for (size_t i = 0; word && i < count; i++) {
        if (text_equal(words[i], word))
            return (int)i;
        text_printf(&all, "%s%s", i ? ", " : "", words[i]);
    }
    if (!word)
        return -1;
    return read_refuse(report, node->at, "%s '%s' is none of %s%s", what, word, text_get(&all),
                       did_you_mean(report->arena, text_nearest(word, words, count)));
}

/* One profile being read. */
struct entry {
    struct arena *arena;
    struct report *report; /* of this profile alone */
    struct profile *profile;
    bool masked; /* `disabled: true` */
};

static int read_id(struct entry *entry, const struct yaml_node *node)
{
    const char *id = read_line(entry->report, "id", node, LINE_BYTES_MAX);
    if (!id)
        return -1;
    if (!is_kebab(id))
        return read_refuse(entry->report, node->at,
                           "id '%s' wants small letters, digits and single dashes, at most %d", id,
                           ID_BYTES_MAX);
    entry->profile->id = id;
    return 0;
}

static int read_title(struct entry *entry, const struct yaml_node *node)
{
    entry->profile->title = read_line(entry->report, "title", node, LINE_BYTES_MAX);
    return entry->profile->title ? 0 : -1;
}

static bool is_url(const char *text)
{
    const char *host = strstr(text, "://");
    if (!host || (!text_starts(text, "https://") && !text_starts(text, "http://")))
        return false;
    host += strlen("://");
    return isalnum((unsigned char)*host) && strchr(host, '.') && !strpbrk(text, " \"'<>\\`");
}

static int read_evidence(struct entry *entry, const struct yaml_node *node)
{
    int result = 0;
    if (node->kind != YAML_SEQUENCE || node->count == 0 || node->count > LIST_MAX)
        return read_refuse(entry->report, node->at,
                           "'evidence' wants a list of 1 to %d addresses of public pages",
                           LIST_MAX);
    for (size_t i = 0; i < node->count; i++) {
        const char *url = read_line(entry->report, "evidence", node->items[i], URL_BYTES_MAX);
        if (url && !is_url(url))
            (void)read_refuse(entry->report, node->items[i]->at,
                              "'%s' is no address of a public page (https://…)", url);
        if (!url || !is_url(url))
            result = -1;
        else
            ARENA_PUSH(entry->arena, &entry->profile->evidence, url);
    }
    return result;
}

static int read_confidence(struct entry *entry, const struct yaml_node *node)
{
    static const char *const words[] = { "high", "medium", "low" };
    int word = read_word(entry->report, "confidence", node, words, ROWS(words));
    entry->profile->confidence = word < 0 ? NULL : words[word];
    return word < 0 ? -1 : 0;
}

static int read_when(struct entry *entry, const struct yaml_node *node)
{
    static const char *const words[] = { "start", "incident" };
    int word = read_word(entry->report, "when", node, words, ROWS(words));
    entry->profile->applies_at_start = word != 1;
    return word < 0 ? -1 : 0;
}

static int read_match(struct entry *entry, const struct yaml_node *node)
{
    const struct yaml_node *expires = yaml_get(entry->profile->source, "expires");
    entry->profile->match = conditions_read(entry->arena, node, expires, entry->report);
    if (!entry->profile->match)
        return -1;
    entry->profile->specificity = entry->profile->match->specificity;
    return 0;
}

/* Read together with `match`, whose last condition it becomes. */
static int read_expires(struct entry *entry, const struct yaml_node *node)
{
    (void)entry;
    (void)node;
    return 0;
}

static int read_ladder(struct entry *entry, const struct yaml_node *node)
{
    return ladder_read(entry->arena, node, entry->report, entry->profile);
}

static int read_advice(struct entry *entry, const struct yaml_node *node)
{
    return advice_read(entry->arena, node, entry->report, entry->profile);
}

static int read_app(struct entry *entry, const struct yaml_node *node)
{
    return app_read(entry->arena, node, entry->report, entry->profile);
}

static int read_tests(struct entry *entry, const struct yaml_node *node)
{
    return tests_read(entry->arena, node, entry->report, entry->profile);
}

static int read_disabled(struct entry *entry, const struct yaml_node *node)
{
    if (yaml_to_bool(node, &entry->masked))
        return 0;
    return read_refuse(entry->report, node->at, "'disabled' wants true or false, not %s",
                       yaml_kind_text(node));
}

/* In the order in which a profile is best written. */
static const struct key_row {
    const char *key;
    int (*read)(struct entry *entry, const struct yaml_node *node);
    bool required;
} key_rows[] = {
    { "id", read_id, true },
    { "title", read_title, true },
    { "evidence", read_evidence, true },
    { "confidence", read_confidence, true },
    { "match", read_match, true },
    { "when", read_when, false },
    { "ladder", read_ladder, false },
    { "advice", read_advice, false },
    { "app", read_app, false },
    { "expires", read_expires, false },
    { "disabled", read_disabled, false },
    { "tests", read_tests, false },
};

static const struct key_row *key_find(const char *key)
{
    for (size_t i = 0; i < ROWS(key_rows); i++) {
        if (text_equal(key_rows[i].key, key))
            return &key_rows[i];
    }
    return NULL;
}

static void key_unknown(struct entry *entry, const struct yaml_pair *pair)
{
    const char *keys[ROWS(key_rows)];
    for (size_t i = 0; i < ROWS(key_rows); i++)
        keys[i] = key_rows[i].key;
    (void)read_refuse(entry->report, pair->key_at, "unknown key '%s'%s", pair->key,
                      did_you_mean(entry->arena, text_nearest(pair->key, keys, ROWS(keys))));
}

/* What no key can say alone. A masked profile needs nothing but its id. */
static void entry_check(struct entry *entry, const struct yaml_node *node)
{
    const struct profile *profile = entry->profile;
    for (size_t i = 0; i < ROWS(key_rows); i++) {
        bool needed = key_rows[i].required && (!entry->masked || key_rows[i].read == read_id);
        if (needed && !yaml_get(node, key_rows[i].key))
            (void)read_refuse(entry->report, node->at, "'%s' is missing", key_rows[i].key);
    }
    if (entry->masked)
        return;
    if (!yaml_get(node, "ladder") && !yaml_get(node, "advice") && !yaml_get(node, "app"))
        (void)read_refuse(entry->report, node->at,
                          "neither 'ladder' nor 'advice' nor 'app' is there");
    if (!profile->applies_at_start && !yaml_get(node, "ladder"))
        (void)read_refuse(entry->report, node->at, "'when: incident' wants a ladder");
}

/* The findings of one profile go to the file's report with the consequence behind them. */
static void report_move(struct report *from, struct report *to, const char *suffix)
{
    for (size_t i = 0; i < from->count; i++)
        report_add(to, from->items[i].level, from->items[i].at, "%s; %s", from->items[i].text,
                   suffix);
}

static void entry_read(struct arena *arena, const struct yaml_node *node, struct report *report,
                       struct profiles *out)
{
    struct report own = { .arena = arena };
    struct profile *profile = arena_alloc(arena, sizeof *profile);
    struct entry entry = { .arena = arena, .report = &own, .profile = profile };
    *profile = (struct profile){
        .at = node->at, .file = node->at.file, .source = node, .applies_at_start = true
    };
    if (node->kind != YAML_MAPPING) {
        (void)read_refuse(report, node->at, "a profile is a mapping, not %s; it is skipped",
                          yaml_kind_text(node));
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct key_row *row = key_find(node->pairs[i].key);
        if (row)
            (void)row->read(&entry, node->pairs[i].value);
        else
            key_unknown(&entry, &node->pairs[i]);
    }
    entry_check(&entry, node);
    for (size_t i = 0; profile->id && i < out->count; i++) {
        if (text_equal(out->items[i]->id, profile->id))
            (void)read_refuse(&own, node->at, "id '%s' stands here twice (first in line %u)",
                              profile->id, out->items[i]->at.line);
    }
    if (own.error_count == 0) {
        if (entry.masked)
            profile->match = NULL;
        ARENA_PUSH(arena, out, profile);
        return;
    }
    report_move(&own, report,
                profile->id ? arena_printf(arena, "profile '%s' is skipped", profile->id)
                            : "this profile is skipped");
}

/* The first faults of a file, and the number of the others. */
static void report_pour(const struct report *from, struct report *to)
{
    size_t count = from->count < FAULTS_MAX ? from->count : FAULTS_MAX;
    for (size_t i = 0; i < count; i++)
        report_add(to, from->items[i].level, from->items[i].at, "%s", from->items[i].text);
    if (count < from->count)
        report_add(to, FINDING_ERROR, from->items[count].at, "%zu more faults in this file",
                   from->count - count);
}

void profile_file_read(struct arena *arena, const struct yaml_node *root, struct report *report,
                       struct profiles *out)
{
    static const char *const keys[] = { "version", "profiles" };
    const struct yaml_node *version = yaml_get(root, "version");
    const struct yaml_node *list = yaml_get(root, "profiles");
    uint64_t number;
    if (root->kind != YAML_MAPPING) {
        (void)read_refuse(report, root->at,
                          "a file of profiles is a mapping, not %s; the file is skipped",
                          yaml_kind_text(root));
        return;
    }
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_pair *pair = &root->pairs[i];
        if (!text_equal(pair->key, keys[0]) && !text_equal(pair->key, keys[1]))
            (void)read_refuse(report, pair->key_at, "unknown key '%s'%s", pair->key,
                              did_you_mean(arena, text_nearest(pair->key, keys, ROWS(keys))));
    }
    if (!version || !yaml_to_u64(version, &number) || number != 1) {
        (void)read_refuse(report, version ? version->at : root->at, "%s; the file is skipped",
                          version ? "only version 1 is known" : "'version: 1' is missing");
        return;
    }
    if (!list || list->kind != YAML_SEQUENCE) {
        (void)read_refuse(report, list ? list->at : root->at,
                          "'profiles' wants a list; the file is skipped");
        return;
    }
    struct report own = { .arena = arena };
    size_t count = list->count < PROFILES_MAX ? list->count : PROFILES_MAX;
    for (size_t i = 0; i < count; i++)
        entry_read(arena, list->items[i], &own, out);
    if (count < list->count)
        (void)read_refuse(&own, list->items[count]->at,
                          "more than %d profiles in one file; the rest is skipped", PROFILES_MAX);
    report_pour(&own, report);
}
