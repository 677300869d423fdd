/* `qwguard rules eval`: what Chromium's GPU lists alone decide for one machine, or for many: one
 * identity a line in, one result a line out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/preflight.h"
#include "cli/rules_common.h"
#include "engine/flags.h"
#include "platform/file.h"

#define BATCH_MAX_BYTES ((size_t)1 << 30)
#define SCHEMA "qwguard.rules/1"
#define FAULTY 65 /* exit status when a line of a batch or the rule file could not be used */

static const struct option_row eval_options[] = {
    { "engine", 0, "PATH|VERSION", "decide as this engine: its library, or a Qt version" },
    { "list", 0, "FILE", "decide with a rule file (YAML, or JSON of rules extract)" },
    { "identity", 0, "FILE", "a machine's identity (YAML or JSON, - is standard input)" },
    { "batch", 0, "FILE", "one identity a line (JSON), one result a line; - is standard input" },
    { "flags", 0, "STRING", "switches that the application passes by itself" },
    { "no-gl", 0, NULL, "files only: never load a graphics driver" },
    { NULL, 0, NULL, NULL },
};

/* What the engine's command line will hold. */
static struct strings switches_of(struct arena *arena, const struct identity *identity)
{
    struct strings out = { 0 };
    const char *variable = variables_get(&identity->environment, FLAGS_VARIABLE);
    if (variable) { /* Qt then drops what the application passes */
        flags_parse(arena, variable, &out);
        return out;
    }
    flags_of_arguments(arena, identity->engine.qt, &identity->app.arguments, &out);
    if (identity->app.flags)
        flags_parse(arena, identity->app.flags, &out);
    return out;
}

/* A rule file says itself which Chromium it is from; whatever engine the identity names. */
static void decide(const struct context *context, struct arena *arena,
                   const struct control_lists *lists, struct identity *identity,
                   struct control_decision *out)
{
    if (option_given(context, "list"))
        identity->engine.chromium = lists->chromium;
    struct strings switches = switches_of(arena, identity);
    control_lists_evaluate(arena, lists, identity, &switches, out);
}

static const char *source_word(const struct control_lists *lists)
{
    return lists->from_library ? "engine-library" : "shipped-rules";
}

/* id        of a line of a batch; may be NULL */
static json_t *decision_to_json(const char *id, const struct control_lists *lists,
                                const struct control_decision *decision)
{
    json_t *out = json_object(), *entries = json_array();
    for (size_t i = 0; i < decision->entry_count; i++) {
        const struct entry_result *entry = &decision->entries[i];
        json_t *item = json_object();
        json_set_text(item, "list", entry->list);
        json_set_u64(item, "id", entry->id);
        json_set(item, "active", json_boolean(entry->active));
        json_set_text(item, "why", entry->why);
        (void)json_array_append_new(entries, item); /* fails only without memory */
    }
    json_set_text(out, "schema", SCHEMA);
    json_set_text(out, "id", id);
    json_set_text(out, "chromium", lists->chromium);
    json_set_text(out, "source", source_word(lists));
    json_set(out, "blocked_features", json_strings(&decision->blocked_features));
    json_set(out, "workarounds", json_strings(&decision->workarounds));
    json_set(out, "needs_more_info", json_boolean(decision->needs_more_info));
    json_set(out, "entries", entries);
    json_set(out, "missing", json_strings(&decision->missing));
    return out;
}

static void names_print(const char *label, const struct strings *names)
{
    printf("%-17s", label);
    for (size_t i = 0; i < names->count; i++)
        printf("%s%s", i ? ", " : "", names->items[i]);
    puts(names->count ? "" : "none");
}

static void decision_print(const struct control_lists *lists,
                           const struct control_decision *decision)
{
    printf("%-17sChromium %s, %s\n", "rules", lists->chromium,
           lists->from_library ? "read from the engine's library" : "built in or from a file");
    names_print("blocked features", &decision->blocked_features);
    names_print("workarounds", &decision->workarounds);
    if (decision->missing.count)
        names_print("not known", &decision->missing);
    for (size_t i = 0; i < decision->entry_count; i++) {
        const struct entry_result *entry = &decision->entries[i];
        printf("%s %s %u: %s\n", entry->active ? "*" : " ", entry->list, entry->id, entry->why);
    }
}

/* --- which lists ---------------------------------------------------------------------------- */

/* In place of a rule file that is refused: the built-in set that is nearest to the version that the
 * file names, else to the engine's. */
static int next_best(const struct context *context, const char *path, const struct yaml_node *root,
                     const struct engine *engine, struct control_lists *out, struct err *err)
{
    const struct yaml_node *named = root ? yaml_get(root, "chromium") : NULL;
    const char *chromium = named && named->text && *named->text >= '1' && *named->text <= '9'
                               ? named->text
                               : engine->chromium;
    if (control_lists_shipped(context->arena, chromium, out, err) < 0)
        return -1;
    message(context, "'%s' is refused; the built-in rules of Chromium %s decide instead", path,
            out->chromium);
    return 0;
}

/* out_refused: the file that was named is not what decides. */
static int lists_choose(const struct context *context, const struct engine *engine,
                        struct control_lists *out, bool *out_refused, struct err *err)
{
    const char *path = option_value(context, "list");
    struct report report = { .arena = context->arena };
    struct yaml_node *root = NULL;
    *out_refused = false;
    if (!path)
        return preflight_lists(context, engine, out, err);
    if (rules_file_parse(context, path, &root, err) < 0) {
        if (err->kind != ERR_DATA)
            return -1;
        report_add(&report, FINDING_ERROR, err->at, "%s", err->text);
        root = NULL;
    } else if (control_lists_read(context->arena, root, &report, out) == 0) {
        return 0;
    }
    message_report(context, &report);
    *out_refused = true;
    return next_best(context, path, root, engine, out, err);
}

/* --- one ------------------------------------------------------------------------------------ */

static int one_run(struct context *context, struct err *err)
{
    struct preflight preflight = { .has_lists = false };
    struct settings settings;
    struct control_decision decision;
    bool refused;
    if (settings_load(context, NULL, &settings, &preflight.report, err) < 0
        || preflight_identity(context, &settings, NULL, &preflight, err) < 0)
        return -1;
    message_report(context, &preflight.report);
    if (lists_choose(context, &preflight.engine, &preflight.lists, &refused, err) < 0)
        return -1;
    decide(context, context->arena, &preflight.lists, &preflight.identity, &decision);
    if (context->json) {
        CLEANUP(json_freep) json_t *root = decision_to_json(NULL, &preflight.lists, &decision);
        fputs(json_format(context->arena, root), stdout);
    } else {
        decision_print(&preflight.lists, &decision);
    }
    return refused ? FAULTY : 0;
}

/* --- many ----------------------------------------------------------------------------------- */

struct batch {
    const struct context *context;
    const char *name;
    struct control_lists lists;
    struct engine engine; /* empty with --list: the identity's own counts */
    size_t faults;
};

/* A line is an identity, or holds one under "identity" beside an "id" that is repeated.
 *
 * out_id    set as soon as it is read, so that the error of a faulty line has it too */
static int line_decide(struct batch *batch, struct arena *arena, const char *line, size_t length,
                       const char **out_id, json_t **out, struct err *err)
{
    struct yaml_node *root;
    struct identity identity = { 0 };
    struct control_decision decision;
    struct report report = { .arena = arena };
    if (yaml_parse(arena, batch->name, line, length, &root, err) < 0)
        return -1;
    const struct yaml_node *inner = yaml_get(root, "identity"), *id = yaml_get(root, "id");
    *out_id = inner && id && id->kind == YAML_SCALAR ? id->text : NULL;
    identity_read(arena, inner ? inner : root, &report, &identity);
    if (report_to_err(&report, ERR_DATA, err) < 0)
        return -1;
    if (batch->engine.qt || batch->engine.chromium)
        identity.engine = (struct identity_engine){ .qt = batch->engine.qt,
                                                    .chromium = batch->engine.chromium,
                                                    .library = batch->engine.library };
    if (option_value(batch->context, "flags"))
        identity.app.flags = option_value(batch->context, "flags");
    decide(batch->context, arena, &batch->lists, &identity, &decision);
    *out = decision_to_json(*out_id, &batch->lists, &decision);
    return 0;
}

static void line_run(struct batch *batch, struct arena *arena, const char *line, size_t length,
                     unsigned number)
{
    struct err err;
    const char *id = NULL;
    CLEANUP(json_freep) json_t *result = NULL;
    if (line_decide(batch, arena, line, length, &id, &result, &err) < 0) {
        char text[512];
        err.at = (struct place){ .file = batch->name, .line = number, .column = err.at.column };
        err_format(&err, text, sizeof text);
        message(batch->context, "%s", text);
        result = json_object();
        json_set_text(result, "schema", SCHEMA);
        json_set_text(result, "id", id);
        json_set_text(result, "error", text);
        batch->faults++;
    }
    char *text = json_dumps(result, JSON_COMPACT); /* in one piece: half the time of json_dumpf */
    if (text)
        puts(text);
    free(text);
}

static int batch_run(struct context *context, const char *path, struct err *err)
{
    struct batch batch = { .context = context };
    const char *bytes, *end;
    size_t length;
    unsigned number = 0;
    bool refused;
    batch.name = text_equal(path, "-") ? "<stdin>" : path;
    if (!option_given(context, "list") && preflight_engine(context, &batch.engine, err) < 0)
        return -1;
    if (lists_choose(context, &batch.engine, &batch.lists, &refused, err) < 0
        || file_read(context->arena, path, BATCH_MAX_BYTES, &bytes, &length, err) < 0)
        return -1;
    for (const char *at = bytes; at < bytes + length; at = end + 1) {
        CLEANUP(arena_clear) struct arena arena = { 0 };
        end = memchr(at, '\n', (size_t)(bytes + length - at));
        if (!end)
            end = bytes + length;
        number++;
        if (strspn(at, " \t\r") < (size_t)(end - at))
            line_run(&batch, &arena, at, (size_t)(end - at), number);
    }
    return batch.faults || refused ? FAULTY : 0;
}

static int eval_run(struct context *context, struct err *err)
{
    const char *batch = option_value(context, "batch");
    if (option_given(context, "list") && option_given(context, "engine"))
        return option_error(err, "list", "goes not with --engine: a file says what it is from");
    if (batch && option_given(context, "identity"))
        return option_error(err, "batch", "goes not with --identity");
    return batch ? batch_run(context, batch, err) : one_run(context, err);
}

static const struct option_row *const tables[] = { eval_options, NULL };

const struct command command_rules_eval = {
    .name = "rules eval",
    .args = "",
    .summary = "decide with Chromium's GPU lists alone, for one machine or many",
    .details =
        "Without --engine and --list the engine of the identity decides, else the newest\n"
        "installed one. With --batch, a line may also be {\"id\": …, \"identity\": {…}}; the\n"
        "id is repeated, and a line that cannot be read gives an \"error\" (status 65). A rule "
        "file\n"
        "with a fault is refused as a whole: the nearest built-in rules decide, and the status\n"
        "is 65.",
    .options = tables,
    .prints_json = true,
    .run = eval_run,
};
