/* The configuration. One row a setting: its place in the file, its option, its default and how its
 * text is read. Files and options go through the same row, so both refuse the same mistakes. */
#include "cli/settings.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/unit.h"
#include "base/yaml.h"
#include "platform/file.h"
#include "platform/paths.h"

#define CONFIG_MAX_BYTES ((size_t)256 * 1024)

enum setting_kind {
    KIND_SIZE,        /* SIZE */
    KIND_LIMIT,       /* SIZE | off */
    KIND_LIMIT_SHARE, /* SIZE | PERCENT | off */
    KIND_TIME,        /* TIME */
    KIND_COUNT,       /* a whole number */
    KIND_BOOL,        /* true | false */
    KIND_ACTIONS,     /* a list of actions */
    KIND_CRASH,       /* pass | restart */
    KIND_BACKSTOP,    /* auto | off */
    KIND_PROBE,       /* auto | always | never */
};

struct setting_row {
    const char *name;    /* path in the file */
    const char *option;  /* option of run; NULL = none */
    const char *initial; /* text of the default */
    enum setting_kind kind;
};

/* Defaults: contract §3. */
static const struct setting_row rows[] = {
    [SETTING_PROCESS_LIMIT] = { "guard.process-limit", "process-limit", "4GiB", KIND_LIMIT },
    [SETTING_TREE_LIMIT] = { "guard.tree-limit", "tree-limit", "80%", KIND_LIMIT_SHARE },
    [SETTING_GPU_LIMIT] = { "guard.gpu-limit", "gpu-limit", "off", KIND_LIMIT_SHARE },
    [SETTING_SUSTAIN] = { "guard.sustain", "sustain", "0s", KIND_TIME },
    [SETTING_ACTIONS] = { "guard.actions", "actions", "restart", KIND_ACTIONS },
    [SETTING_GRACE] = { "guard.grace", "grace", "5s", KIND_TIME },
    [SETTING_RESTARTS_MAX] = { "guard.restarts.max", "max-restarts", "5", KIND_COUNT },
    [SETTING_RESTARTS_WITHIN] = { "guard.restarts.within", "within", "10min", KIND_TIME },
    [SETTING_RESTARTS_BACKOFF] = { "guard.restarts.backoff", "backoff", "1s", KIND_TIME },
    [SETTING_ESCALATE] = { "guard.escalate", NULL, "true", KIND_BOOL },
    [SETTING_ON_CRASH] = { "guard.on-crash", "on-crash", "pass", KIND_CRASH },
    [SETTING_BACKSTOP] = { "guard.backstop", NULL, "auto", KIND_BACKSTOP },
    [SETTING_GL_PROBE] = { "preflight.gl-probe", NULL, "auto", KIND_PROBE },
    [SETTING_CACHE] = { "preflight.cache", NULL, "true", KIND_BOOL },
    [SETTING_INCIDENTS_KEEP] = { "incidents.keep", NULL, "50", KIND_COUNT },
    [SETTING_INCIDENTS_MAX_SIZE] = { "incidents.max-size", NULL, "64MiB", KIND_SIZE },
};
static_assert(ROWS(rows) == SETTING_COUNT, "one row per setting");

const struct option_row settings_options[] = {
    { "process-limit", 0, "SIZE", "resident memory of one process (4GiB; off)" },
    { "tree-limit", 0, "SIZE|PERCENT", "proportional memory of the whole tree (80%; off)" },
    { "gpu-limit", 0, "SIZE|PERCENT", "graphics memory of the whole tree (off)" },
    { "sustain", 0, "TIME", "over the limit for this long before acting (0s)" },
    { "actions", 0, "LIST", "restart, kill or report; reclaim,restart (restart)" },
    { "grace", 0, "TIME", "between the polite request and the kill (5s)" },
    { "max-restarts", 0, "N", "restarts before giving up with 124 (5)" },
    { "within", 0, "TIME", "the time in which they count (10min)" },
    { "backoff", 0, "TIME", "wait before the first restart, doubled each time (1s)" },
    { "no-escalate", 0, NULL, "restart without taking the next rung" },
    { "exit-on-limit", 0, NULL, "end with 124 at the limit instead of restarting" },
    { "on-crash", 0, "WHAT", "pass or restart: what a crash in mid-life leads to (pass)" },
    { NULL, 0, NULL, NULL },
};

static bool actions_parse(const char *text, uint64_t *out)
{
    static const struct {
        const char *word;
        uint64_t bit;
    } words[] = {
        { "reclaim", ACTION_RECLAIM },
        { "restart", ACTION_RESTART },
        { "kill", ACTION_KILL },
        { "report", ACTION_REPORT },
    };
    uint64_t bits = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        size_t found = 0;
        while (found < ROWS(words)
               && (strlen(words[found].word) != length
                   || strncmp(words[found].word, text, length) != 0))
            found++;
        if (found == ROWS(words))
            return false;
        bits |= words[found].bit;
        text += length + (text[length] == ',');
    }
    /* report leaves the app alone, kill ends it for good, restart starts it again: one of them;
     * reclaim comes before one that ends the app */
    uint64_t end = bits & ~(uint64_t)ACTION_RECLAIM;
    if (end != ACTION_RESTART && end != ACTION_KILL && bits != ACTION_REPORT)
        return false;
    *out = bits;
    return true;
}

static bool word_parse(const char *text, const char *const *words, size_t count, uint64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(text, words[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* What a kind accepts, for messages: "'x' is no size (examples: 4GiB, 512M)". */
static const char *const kind_texts[] = {
    [KIND_SIZE] = "no size (examples: 4GiB, 512M)",
    [KIND_LIMIT] = "no size (examples: 4GiB, 512M, off)",
    [KIND_LIMIT_SHARE] = "no size or share (examples: 8GiB, 80%, off)",
    [KIND_TIME] = "no time (examples: 5s, 250ms, 2min)",
    [KIND_COUNT] = "no whole number up to 1000000",
    [KIND_BOOL] = "neither true nor false",
    [KIND_ACTIONS] = "no action (restart, kill or report; reclaim,restart)",
    [KIND_CRASH] = "neither pass nor restart",
    [KIND_BACKSTOP] = "neither auto nor off",
    [KIND_PROBE] = "none of auto, always, never",
};

static bool setting_parse(enum setting_kind kind, const char *text, struct setting *out)
{
    static const char *const bools[] = { "false", "true" };
    static const char *const crashes[] = { "pass", "restart" };
    static const char *const backstops[] = { "off", "auto" };
    static const char *const probes[] = { "auto", "always", "never" };
    struct setting value = { .text = text };
    unsigned permille;
    bool right = false;
    if ((kind == KIND_LIMIT || kind == KIND_LIMIT_SHARE) && text_equal(text, "off")) {
        value.off = right = true;
    } else if (kind == KIND_LIMIT_SHARE && unit_parse_percent(text, &permille)) {
        value.is_permille = right = true;
        value.number = permille;
    } else {
        switch (kind) {
        case KIND_SIZE:
        case KIND_LIMIT:
        case KIND_LIMIT_SHARE:
            right = unit_parse_size(text, &value.number) && value.number > 0;
            break;
        case KIND_TIME:
            right = unit_parse_time(text, &value.number);
            break;
        case KIND_COUNT:
            right = text_to_u64(text, &value.number) && value.number <= 1000000;
            break;
        case KIND_BOOL:
            right = word_parse(text, bools, ROWS(bools), &value.number);
            break;
        case KIND_ACTIONS:
            right = actions_parse(text, &value.number);
            break;
        case KIND_CRASH:
            right = word_parse(text, crashes, ROWS(crashes), &value.number);
            break;
        case KIND_BACKSTOP:
            right = word_parse(text, backstops, ROWS(backstops), &value.number);
            break;
        case KIND_PROBE:
            right = word_parse(text, probes, ROWS(probes), &value.number);
            break;
        }
    }
    if (right)
        *out = value;
    return right;
}

/* A list of words ([restart, report]) as the text that an option would hold. `off` is a word of
 * limits, and one of YAML for false. */
static const char *node_text(struct arena *arena, const struct yaml_node *node,
                             enum setting_kind kind)
{
    bool truth;
    if (node->kind == YAML_SCALAR && yaml_to_bool(node, &truth))
        return kind != KIND_BOOL && text_equal(node->text, "off") ? "off"
               : truth                                            ? "true"
                                                                  : "false";
    if (node->kind == YAML_SCALAR)
        return node->text;
    if (node->kind != YAML_SEQUENCE)
        return NULL;
    struct text text = { .arena = arena };
    for (size_t i = 0; i < node->count; i++) {
        if (node->items[i]->kind != YAML_SCALAR)
            return NULL;
        text_printf(&text, "%s%s", i ? "," : "", node->items[i]->text);
    }
    return text_get(&text);
}

struct reading {
    const struct context *context;
    struct settings *settings;
    struct report *report;
};

static void unknown_key(const struct reading *reading, const char *prefix,
                        const struct yaml_pair *pair)
{
    const char *names[SETTING_COUNT];
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *name = rows[i].name + strlen(prefix);
        names[i] = text_starts(rows[i].name, prefix)
                       ? arena_strndup(reading->context->arena, name, strcspn(name, "."))
                       : NULL;
    }
    const char *near = text_nearest(pair->key, names, SETTING_COUNT);
    report_add(reading->report, FINDING_WARNING, pair->key_at, "unknown key '%s%s'%s%s%s", prefix,
               pair->key, near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* Is the name a setting, or the beginning of some ("guard.restarts")? */
static bool is_section(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (text_starts(rows[i].name, name) && rows[i].name[length] == '.')
            return true;
    }
    return false;
}

static void value_read(const struct reading *reading, size_t row, const struct yaml_node *node)
{
    struct arena *arena = reading->context->arena;
    const char *text = node_text(arena, node, rows[row].kind);
    struct setting value;
    if (!text || !setting_parse(rows[row].kind, text, &value)) {
        report_add(reading->report, FINDING_ERROR, node->at, "%s: '%s' is %s", rows[row].name,
                   text ? text : yaml_kind_text(node), kind_texts[rows[row].kind]);
        return;
    }
    value.origin = arena_printf(arena, "%s:%u", node->at.file, node->at.line);
    reading->settings->values[row] = value;
}

/* prefix is "" or ends with a dot; nesting is bounded by the names in the table. whole is what a
 * message calls the section without a prefix. */
static void section_read(const struct reading *reading, const char *whole, const char *prefix,
                         const struct yaml_node *node)
{
    struct arena *arena = reading->context->arena;
    if (node->kind != YAML_MAPPING) {
        if (!yaml_is_null(node))
            report_add(reading->report, FINDING_ERROR, node->at,
                       "%.*s must be a mapping (found %s)",
                       *prefix ? (int)strlen(prefix) - 1 : INT_MAX, *prefix ? prefix : whole,
                       yaml_kind_text(node));
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        const char *name = arena_printf(arena, "%s%s", prefix, pair->key);
        size_t row = 0;
        while (row < SETTING_COUNT && !text_equal(rows[row].name, name))
            row++;
        if (row < SETTING_COUNT)
            value_read(reading, row, pair->value);
        else if (is_section(name))
            section_read(reading, whole, arena_printf(arena, "%s.", name), pair->value);
        else if (*prefix || !(text_equal(name, "version") || text_equal(name, "apps")))
            unknown_key(reading, prefix, pair);
    }
}

static void apps_read(const struct reading *reading, const char *app, const struct yaml_node *root)
{
    const struct yaml_node *apps = yaml_get(root, "apps");
    for (size_t i = 0; apps && apps->kind == YAML_MAPPING && i < apps->count; i++) {
        struct settings unused = { 0 }; /* the other apps' parts are checked all the same */
        struct reading other = *reading;
        bool mine = app && text_equal(apps->pairs[i].key, app);
        other.settings = mine ? reading->settings : &unused;
        section_read(&other, arena_printf(reading->context->arena, "apps.%s", apps->pairs[i].key),
                     "", apps->pairs[i].value);
    }
    if (apps && apps->kind != YAML_MAPPING && !yaml_is_null(apps))
        report_add(reading->report, FINDING_ERROR, apps->at, "apps must be a mapping (found %s)",
                   yaml_kind_text(apps));
}

static int file_settings(const struct reading *reading, const char *path, const char *app,
                         bool required, struct err *err)
{
    struct file_info info;
    const char *bytes;
    size_t length;
    struct yaml_node *root;
    if (!required && !file_stat(path, true, &info))
        return 0;
    if (file_read(reading->context->arena, path, CONFIG_MAX_BYTES, &bytes, &length, err) < 0)
        return -1;
    if (yaml_parse(reading->context->arena, path, bytes, length, &root, err) < 0) {
        err->kind = ERR_CONFIG;
        return -1;
    }
    const struct yaml_node *version = yaml_get(root, "version");
    uint64_t number = 1;
    if (version && (!yaml_to_u64(version, &number) || number != 1))
        report_add(reading->report, FINDING_ERROR, version->at,
                   "version must be 1 for this qwguard");
    section_read(reading, "the configuration", "", root);
    apps_read(reading, app, root);
    return report_to_err(reading->report, ERR_CONFIG, err);
}

/* Options that stand for one value of a setting. */
static const struct {
    const char *option;
    enum setting_id id;
    const char *text;
} short_forms[] = {
    { "no-escalate", SETTING_ESCALATE, "false" },
    { "no-backstop", SETTING_BACKSTOP, "off" },
    { "exit-on-limit", SETTING_ACTIONS, "kill" },
};

static int options_apply(const struct context *context, struct settings *settings, struct err *err)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        const char *text = rows[i].option ? option_value(context, rows[i].option) : NULL;
        if (!text)
            continue;
        if (!setting_parse(rows[i].kind, text, &settings->values[i]))
            return option_error(err, rows[i].option, "'%s' is %s", text, kind_texts[rows[i].kind]);
        settings->values[i].origin = arena_printf(context->arena, "--%s", rows[i].option);
    }
    for (size_t i = 0; i < ROWS(short_forms); i++) {
        enum setting_id id = short_forms[i].id;
        if (!option_given(context, short_forms[i].option))
            continue;
        (void)setting_parse(rows[id].kind, short_forms[i].text, &settings->values[id]); /* ours */
        settings->values[id].origin = arena_printf(context->arena, "--%s", short_forms[i].option);
    }
    return 0;
}

int settings_load(const struct context *context, const char *app, struct settings *out,
                  struct report *report, struct err *err)
{
    struct settings settings;
    struct strings files = { 0 };
    const char *last = option_value(context, "config");
    struct reading reading = { .context = context, .settings = &settings, .report = report };
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        (void)setting_parse(rows[i].kind, rows[i].initial, &settings.values[i]); /* ours: right */
        settings.values[i].origin = "default";
    }
    paths_config(context->arena, context->root, "config.yaml", &files);
    for (size_t i = 0; i < files.count; i++) {
        if (file_settings(&reading, files.items[i], app, false, err) < 0)
            return -1;
    }
    if (last && file_settings(&reading, last, app, true, err) < 0)
        return -1;
    if (options_apply(context, &settings, err) < 0)
        return -1;
    *out = settings;
    return 0;
}

const char *setting_name(enum setting_id id)
{
    return rows[id].name;
}
