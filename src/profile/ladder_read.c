/* Reads the help that a profile offers: the rungs of its ladder, each a rung of the contract by its
 * name or one of its own with flags, environment and costs, and its words of advice. Flags and
 * variables pass the allow-lists of the engine room here, or the profile is refused. */
#include <ctype.h>
#include <string.h>

#include "profile/read_private.h"

#define RUNGS_MAX 16
#define ITEMS_MAX 32 /* flags, variables, costs of one rung; words of advice */
#define WORD_BYTES_MAX 200

struct ladder_reader {
    struct arena *arena;
    struct report *report;
    struct profile *profile;
};

static int flags_read(struct ladder_reader *reader, const struct yaml_node *node, struct rung *rung)
{
    int result = 0;
    if (node->kind != YAML_SEQUENCE || node->count > ITEMS_MAX)
        return read_refuse(reader->report, node->at, "'flags' wants a list of at most %d switches",
                           ITEMS_MAX);
    for (size_t i = 0; i < node->count; i++) {
        struct err err;
        const char *flag = read_line(reader->report, "flags", node->items[i], WORD_BYTES_MAX);
        if (flag && switch_allow(flag, &err) < 0) {
            (void)read_refuse(reader->report, node->items[i]->at, "%s", err.text);
            flag = NULL;
        }
        if (flag)
            ARENA_PUSH(reader->arena, &rung->flags, flag);
        else
            result = -1;
    }
    return result;
}

static int environment_read(struct ladder_reader *reader, const struct yaml_node *node,
                            struct rung *rung)
{
    int result = 0;
    if (node->kind != YAML_MAPPING || node->count > ITEMS_MAX)
        return read_refuse(reader->report, node->at,
                           "'environment' wants a mapping of at most %d variables", ITEMS_MAX);
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        struct err err;
        const char *value = read_line(reader->report, pair->key, pair->value, WORD_BYTES_MAX);
        if (value && variable_allow(pair->key, value, &err) < 0) {
            (void)read_refuse(reader->report, pair->key_at, "%s", err.text);
            value = NULL;
        }
        if (value)
            variables_set(reader->arena, &rung->environment, pair->key, value);
        else
            result = -1;
    }
    return result;
}

static int costs_read(struct ladder_reader *reader, const struct yaml_node *node, struct rung *rung)
{
    int result = 0;
    rung->costs = (struct strings){ 0 };
    if (node->kind != YAML_SEQUENCE || node->count > ITEMS_MAX)
        return read_refuse(reader->report, node->at,
                           "'costs' wants a list of at most %d words ([] if it costs nothing)",
                           ITEMS_MAX);
    for (size_t i = 0; i < node->count; i++) {
        const char *cost = read_line(reader->report, "costs", node->items[i], WORD_BYTES_MAX);
        if (cost && !is_kebab(cost)) {
            (void)read_refuse(reader->report, node->items[i]->at,
                              "cost '%s' wants small letters, digits and single dashes", cost);
            cost = NULL;
        }
        if (cost)
            ARENA_PUSH(reader->arena, &rung->costs, cost);
        else
            result = -1;
    }
    return result;
}

/* Keys of a rung; the name itself is read first. */
static int rung_keys_read(struct ladder_reader *reader, const struct yaml_node *node,
                          bool is_builtin, struct rung *rung)
{
    static const struct {
        const char *key;
        int (*read)(struct ladder_reader *, const struct yaml_node *, struct rung *);
        bool for_own; /* a rung of the contract has its own */
    } rows[] = {
        { "rung", NULL, false },
        { "flags", flags_read, true },
        { "environment", environment_read, true },
        { "costs", costs_read, false },
    };
    int result = 0;
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        const char *keys[ROWS(rows)];
        size_t row = 0;
        for (; row < ROWS(rows) && !text_equal(rows[row].key, pair->key); row++)
            keys[row] = rows[row].key;
        if (row == ROWS(rows)) {
            const char *near = text_nearest(pair->key, keys, ROWS(keys));
            result = read_refuse(reader->report, pair->key_at, "unknown key '%s'%s", pair->key,
                                 did_you_mean(reader->arena, near));
        } else if (is_builtin && rows[row].for_own) {
            result = read_refuse(reader->report, pair->key_at,
                                 "rung '%s' has %s already; a rung of your own needs another name",
                                 rung->name, pair->key);
        } else if (rows[row].read && rows[row].read(reader, pair->value, rung) < 0) {
            result = -1;
        }
    }
    return result;
}

static int own_rung_check(struct ladder_reader *reader, const struct yaml_node *node,
                          const struct rung *rung)
{
    size_t count;
    const struct rung *rows = rungs_builtin(&count);
    const char **names = arena_array(reader->arena, count, sizeof *names);
    for (size_t i = 1; i < count; i++) /* the first one is "none", which no ladder holds */
        names[i] = rows[i].name;
    if (node->kind != YAML_MAPPING || (!yaml_get(node, "flags") && !yaml_get(node, "environment")))
        return read_refuse(reader->report, node->at,
                           "unknown rung '%s'%s; a rung of your own needs flags or environment",
                           rung->name,
                           did_you_mean(reader->arena, text_nearest(rung->name, names, count)));
    if (!is_kebab(rung->name))
        return read_refuse(reader->report, node->at,
                           "rung '%s' wants small letters, digits and single dashes", rung->name);
    if (rung->flags.count == 0 && rung->environment.count == 0)
        return read_refuse(reader->report, node->at, "rung '%s' changes nothing", rung->name);
    if (!yaml_get(node, "costs"))
        return read_refuse(reader->report, node->at,
                           "rung '%s' does not say what it costs ('costs: []' if nothing)",
                           rung->name);
    return 0;
}

/* A rung can be reached when it is new and no wider one stands before it. */
static int order_check(struct ladder_reader *reader, const struct yaml_node *node,
                       const struct rung *rung)
{
    const struct profile *profile = reader->profile;
    for (size_t i = 0; i < profile->ladder_count; i++) {
        const char *earlier = profile->ladder[i].name;
        if (text_equal(earlier, rung->name))
            return read_refuse(reader->report, node->at, "rung '%s' stands in the ladder twice",
                               rung->name);
        if (rung_width(rung->name) >= 0 && rung_width(earlier) > rung_width(rung->name))
            return read_refuse(reader->report, node->at,
                               "rung '%s' is narrower than '%s' and must stand before it",
                               rung->name, earlier);
    }
    return 0;
}

static int rung_read(struct ladder_reader *reader, const struct yaml_node *node)
{
    bool short_form = node->kind == YAML_SCALAR;
    const struct yaml_node *name = short_form ? node : yaml_get(node, "rung");
    if (!name)
        return read_refuse(reader->report, node->at, "a rung wants a name: {rung: gpu-off}");
    const char *text = read_line(reader->report, "rung", name, WORD_BYTES_MAX);
    if (!text)
        return -1;
    const struct rung *builtin = rung_find(text);
    struct rung rung = builtin ? *builtin : (struct rung){ .name = text };
    if (builtin && rung_width(text) == 0)
        return read_refuse(reader->report, name->at, "rung '%s' changes nothing", text);
    if ((!short_form && rung_keys_read(reader, node, builtin != NULL, &rung) < 0)
        || (!builtin && own_rung_check(reader, node, &rung) < 0)
        || order_check(reader, name, &rung) < 0)
        return -1;
    reader->profile->ladder[reader->profile->ladder_count++] = rung;
    return 0;
}

int ladder_read(struct arena *arena, const struct yaml_node *node, struct report *report,
                struct profile *out)
{
    struct ladder_reader reader = { .arena = arena, .report = report, .profile = out };
    int result = 0;
    if (node->kind != YAML_SEQUENCE || node->count == 0 || node->count > RUNGS_MAX)
        return read_refuse(report, node->at, "'ladder' wants a list of 1 to %d rungs", RUNGS_MAX);
    out->ladder = arena_array(arena, node->count, sizeof *out->ladder);
    for (size_t i = 0; i < node->count; i++) {
        if (rung_read(&reader, node->items[i]) < 0)
            result = -1;
    }
    return result;
}

static bool is_plain_word(const char *text, const char *more)
{
    for (const char *at = text; *at; at++) {
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && !strchr(more, *at))
            return false;
    }
    return isalnum((unsigned char)*text);
}

static bool is_switch(const char *text)
{
    return text_starts(text, "--") && is_plain_word(text + strlen("--"), "-_");
}

static bool is_package(const char *text)
{
    return is_plain_word(text, "+.-:");
}

/* The words of advice; those that end in a colon take what they are about. */
static const struct {
    const char *word;
    bool (*fits)(const char *argument);
    const char *wanted;
} advice_rows[] = {
    { "reboot", NULL, NULL },
    { "update-driver", NULL, NULL },
    { "install:", is_package, "a package" },
    { "clear-cache:", is_kebab, "the name of a cache" },
    { "remove-flags:", is_switch, "a switch (--name)" },
};

static int advice_check(struct arena *arena, struct report *report, struct place at,
                        const char *text)
{
    const char *words[ROWS(advice_rows)];
    for (size_t i = 0; i < ROWS(advice_rows); i++) {
        words[i] = advice_rows[i].word;
        if (!advice_rows[i].fits && text_equal(text, words[i]))
            return 0;
        if (!advice_rows[i].fits || !text_starts(text, words[i]))
            continue;
        if (advice_rows[i].fits(text + strlen(words[i])))
            return 0;
        return read_refuse(report, at, "advice '%s' wants %s behind the colon", text,
                           advice_rows[i].wanted);
    }
    size_t length = strcspn(text, ":") + (strchr(text, ':') != NULL);
    const char *near = text_nearest(arena_strndup(arena, text, length), words, ROWS(words));
    return read_refuse(report, at, "unknown advice '%s'%s", text, did_you_mean(arena, near));
}

int advice_read(struct arena *arena, const struct yaml_node *node, struct report *report,
                struct profile *out)
{
    bool many = node->kind == YAML_SEQUENCE;
    size_t count = many ? node->count : 1;
    int result = 0;
    if (count == 0 || count > ITEMS_MAX)
        return read_refuse(report, node->at, "'advice' wants a word, or a list of 1 to %d",
                           ITEMS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *item = many ? node->items[i] : node;
        const char *text = read_line(report, "advice", item, WORD_BYTES_MAX);
        if (!text || advice_check(arena, report, item->at, text) < 0)
            result = -1;
        else
            ARENA_PUSH(arena, &out->advice, text);
    }
    return result;
}
