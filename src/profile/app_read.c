/* Reads what a profile says of an application: how it takes the end of a renderer, how it hands its
 * own switches to the engine, what it does when the variable is set, and how large it gets. */
#include "base/unit.h"
#include "profile/read_private.h"

#define LINE_BYTES_MAX 200

struct app_reader {
    struct report *report;
    struct profile_app *app;
};

static int read_handles(struct app_reader *reader, const struct yaml_node *node)
{
    bool flag;
    if (!yaml_to_bool(node, &flag))
        return read_refuse(reader->report, node->at,
                           "'handles-renderer-termination' wants true or false, not %s",
                           yaml_kind_text(node));
    reader->app->handles_termination = flag ? TRUTH_YES : TRUTH_NO;
    return 0;
}

static int read_passes(struct app_reader *reader, const struct yaml_node *node)
{
    static const char *const words[] = { "argument", "environment", "never" };
    int word = read_word(reader->report, "passes-flags", node, words, ROWS(words));
    if (word >= 0)
        reader->app->passes_flags = words[word];
    return word < 0 ? -1 : 0;
}

static int read_reacts(struct app_reader *reader, const struct yaml_node *node)
{
    reader->app->reacts = read_line(reader->report, "reacts-to-variable", node, LINE_BYTES_MAX);
    return reader->app->reacts ? 0 : -1;
}

static int read_memory(struct app_reader *reader, const struct yaml_node *node)
{
    const char *text = read_line(reader->report, "memory", node, LINE_BYTES_MAX);
    if (!text)
        return -1;
    if (!unit_parse_size(text, &reader->app->memory_bytes.value))
        return read_refuse(reader->report, node->at, "'%s' is no size (examples: 1GiB, 512M)",
                           text);
    reader->app->memory_bytes.known = true;
    return 0;
}

static const struct {
    const char *key;
    int (*read)(struct app_reader *reader, const struct yaml_node *node);
} rows[] = {
    { "handles-renderer-termination", read_handles },
    { "passes-flags", read_passes },
    { "reacts-to-variable", read_reacts },
    { "memory", read_memory },
};

int app_read(struct arena *arena, const struct yaml_node *node, struct report *report,
             struct profile *out)
{
    struct app_reader reader = { .report = report, .app = &out->app };
    int result = 0;
    if (node->kind != YAML_MAPPING || node->count == 0)
        return read_refuse(report, node->at, "'app' wants a mapping, not %s",
                           node->kind == YAML_MAPPING ? "an empty one" : yaml_kind_text(node));
    for (size_t i = 0; i < node->count; i++) {
        const struct yaml_pair *pair = &node->pairs[i];
        const char *keys[ROWS(rows)];
        size_t row = 0;
        for (; row < ROWS(rows) && !text_equal(rows[row].key, pair->key); row++)
            keys[row] = rows[row].key;
        if (row == ROWS(rows))
            result = read_refuse(report, pair->key_at, "unknown key '%s'%s", pair->key,
                                 did_you_mean(arena, text_nearest(pair->key, keys, ROWS(keys))));
        else if (rows[row].read(&reader, pair->value) < 0)
            result = -1;
    }
    out->app.known = result == 0;
    return result;
}
