/* The way from the machine to the plan. Each step is one call into one room; what a user named and
 * cannot be had is an error, what the machine does not tell stays unknown. */
#include "cli/preflight.h"

#include <string.h>

#include "base/json.h"
#include "base/yaml.h"
#include "cli/written.h"
#include "engine/compiled_lists.h"
#include "machine/probe.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/paths.h"
#include "platform/self.h"

#define INPUT_MAX_BYTES ((size_t)4 * 1024 * 1024)

/* What a preflight takes, measured by mallinfo2(3): 0.9 MiB with the built-in profiles. */
#define HEAP_BYTES MIB_BYTES

const struct option_row preflight_options[] = {
    { "engine", 0, "PATH|VERSION", "the engine: its library, or a Qt version (6.8, 5.15.2)" },
    { "app", 0, "NAME", "the application it is for" },
    { "identity", 0, "FILE", "a machine's identity (YAML or JSON, - is standard input)" },
    { "history", 0, "FILE", "JSON to use instead of what was seen here before" },
    { "no-gl", 0, NULL, "files only: never load a graphics driver" },
    { "refresh", 0, NULL, "probe again, ignore the cache" },
    { "rung", 0, "NAME", "take this rung" },
    { "flags", 0, "STRING", "switches that the application passes by itself" },
    { NULL, 0, NULL, NULL },
};

static int identity_load(struct context *context, const char *path, struct preflight *out,
                         struct err *err)
{
    const char *bytes;
    size_t length;
    struct yaml_node *root;
    struct report report = { .arena = context->arena };
    const char *name = text_equal(path, "-") ? "<stdin>" : path;
    if (file_read(context->arena, path, INPUT_MAX_BYTES, &bytes, &length, err) < 0
        || yaml_parse(context->arena, name, bytes, length, &root, err) < 0)
        return -1;
    identity_read(context->arena, root, &report, &out->identity);
    if (report.error_count > 1) { /* all of them with their places, and how many */
        message_report(context, &report);
        return err_set(err, ERR_DATA, "%s: %zu values cannot be used", name, report.error_count);
    }
    for (size_t i = 0; i < report.count; i++)
        ARENA_PUSH(context->arena, &out->report, report.items[i]);
    return report_to_err(&report, ERR_DATA, err);
}

static struct probe_options probe_options_make(const struct context *context,
                                               const struct settings *settings)
{
    const struct setting *cache = &settings->values[SETTING_CACHE];
    const struct setting *probe = &settings->values[SETTING_GL_PROBE];
    return (struct probe_options){
        .root = context->root,
        .cache_dir = cache->number ? context->cache_dir : NULL,
        .with_gl = !option_given(context, "no-gl") && !text_equal(probe->text, "never")
                   && !*context->root, /* a driver below another root is not this machine's */
        .refresh = option_given(context, "refresh"),
    };
}

/* Path of the application's program, when it can be told. */
static const char *app_program(const struct context *context, const struct preflight_app *app)
{
    const char *path;
    struct err ignored;
    if (app && app->program)
        return app->program;
    const char *name = app ? app->name : NULL;
    if (!name || paths_find_program(context->arena, name, &path, &ignored) < 0)
        return NULL;
    return path;
}

/* "6.8" names every 6.8.x, "6.8.2" itself alone. */
static bool is_version(const char *qt, const char *wanted)
{
    size_t length = strlen(wanted);
    return qt && strncmp(qt, wanted, length) == 0 && (qt[length] == '\0' || qt[length] == '.');
}

/* A library in the working folder that is named without "./". */
static bool is_file_here(const char *name)
{
    struct file_info info;
    return name[strspn(name, "0123456789.")] && file_stat(name, true, &info);
}

/* An engine by its version: the installed one, else what is known of that release. */
static int engine_of_version(const struct context *context, const struct engine_search *search,
                             const char *version, struct engine *out, struct err *err)
{
    struct engines engines = { 0 };
    if (engine_by_version(context->arena, version, out, err) < 0)
        return -1;
    engine_list(context->arena, search, &engines);
    for (size_t i = 0; i < engines.count; i++) {
        if (is_version(engines.items[i].qt, version)) {
            *out = engines.items[i];
            break;
        }
    }
    return 0;
}

static int engine_choose(const struct context *context, const struct preflight_app *app,
                         bool from_identity, struct preflight *out, struct err *err)
{
    const char *wanted = option_value(context, "engine");
    struct engine_search search = { .root = context->root, .cache_dir = context->cache_dir };
    struct engines engines = { 0 };
    struct err ignored, problem;
    if (wanted && (strchr(wanted, '/') || is_file_here(wanted)))
        return engine_read(context->arena, &search, wanted, &out->engine, err);
    if (wanted)
        return engine_of_version(context, &search, wanted, &out->engine, err);
    if (from_identity) {
        const struct identity_engine *given = &out->identity.engine;
        out->engine = (struct engine){ given->qt, given->chromium, given->library, NULL };
        if (given->qt && !given->chromium) {
            struct engine known;
            if (engine_by_version(context->arena, given->qt, &known, &ignored) == 0)
                out->engine.chromium = known.chromium;
        }
        return 0;
    }
    const char *program = app_program(context, app);
    if (program && engine_of_app(context->arena, &search, program, &out->engine, &problem) == 0)
        return 0;
    if (program && problem.kind != ERR_UNAVAILABLE)
        message(context, "the application's engine cannot be read: %s", problem.text);
    engine_list(context->arena, &search, &engines);
    for (size_t i = 0; i < engines.broken.count; i++)
        message(context, "an engine is left out: %s", engines.broken.items[i]);
    if (engines.count)
        out->engine = engines.items[0];
    return 0; /* no engine: the verdict will be unknown */
}

int preflight_engine(const struct context *context, struct engine *out, struct err *err)
{
    struct preflight preflight = { .has_lists = false };
    if (engine_choose(context, NULL, false, &preflight, err) < 0)
        return -1;
    *out = preflight.engine;
    return 0;
}

int preflight_lists(const struct context *context, const struct engine *engine,
                    struct control_lists *out, struct err *err)
{
    struct engine_search search = { .root = context->root, .cache_dir = context->cache_dir };
    struct err why;
    if (engine->library && control_lists_of_engine(context->arena, &search, engine, out, &why) == 0)
        return 0;
    if (!engine->chromium)
        return err_set(err, ERR_UNAVAILABLE, "no engine is known here (name one with --engine)");
    if (control_lists_shipped(context->arena, engine->chromium, out, err) < 0)
        return -1;
    if (!engine->library)
        return 0;
    if (why.kind == ERR_DATA) /* the installed engine decides with others, whatever its version */
        out->exact = false;
    message(context,
            "the lists of the engine's library are not used, the built-in ones are (Chromium %s): "
            "%s",
            out->chromium, why.text);
    return 0;
}

static void app_fill(const struct context *context, const struct preflight_app *app,
                     struct identity *identity)
{
    const char *name = option_value(context, "app");
    const char *flags = option_value(context, "flags");
    if (name)
        identity->app.name = path_name(name);
    else if (app && app->name)
        identity->app.name = app->name;
    if (app && app->arguments.count)
        identity->app.arguments = app->arguments;
    if (flags)
        identity->app.flags = flags;
}

int preflight_identity(struct context *context, const struct settings *settings,
                       const struct preflight_app *app, struct preflight *out, struct err *err)
{
    const char *path = option_value(context, "identity");
    struct preflight_app named = { 0 };
    if (app)
        named = *app;
    if (!named.name)
        named.name = option_value(context, "app");
    struct probe_options options = probe_options_make(context, settings);
    out->report.arena = context->arena;
    if (path && identity_load(context, path, out, err) < 0)
        return -1;
    if (!path) {
        written_restore(context);
        probe_files(context->arena, &options, &out->identity);
    }
    if (engine_choose(context, &named, path != NULL, out, err) < 0)
        return -1;
    if (!path && options.with_gl)
        probe_drivers(context->arena, &options, engine_can_draw_by_vulkan(&out->engine),
                      &out->identity);
    out->identity.engine = (struct identity_engine){ .qt = out->engine.qt,
                                                     .chromium = out->engine.chromium,
                                                     .library = out->engine.library };
    app_fill(context, app, &out->identity);
    out->history_key.program = history_program(context->arena, app_program(context, &named));
    return 0;
}

void preflight_profile_folders(const struct context *context, struct strings *out)
{
    paths_config(context->arena, context->root, "profiles", out);
    option_values(context, "profiles", out);
}

static int history_choose(struct context *context, struct preflight *out, struct err *err)
{
    const char *path = option_value(context, "history");
    const char *bytes;
    size_t length;
    out->history_key.app = out->identity.app.name ? out->identity.app.name : "";
    out->history_key.fingerprint = identity_fingerprint(context->arena, &out->identity, false);
    out->history_key.engine = out->engine.qt;
    if (path) {
        const char *name = text_equal(path, "-") ? "<stdin>" : path;
        if (file_read(context->arena, path, INPUT_MAX_BYTES, &bytes, &length, err) < 0)
            return -1;
        return history_parse(context->arena, name, bytes, length, &out->history, err);
    }
    struct err problem;
    char text[1024];
    if (!out->identity.app.name || !context->state_dir)
        return 0;
    if (history_load(context->arena, context->state_dir, &out->history_key, clock_utc_s(),
                     &out->history, &problem)
        < 0) {
        err_format(&problem, text, sizeof text);
        message(context, "what was seen before is not used: %s", text);
        return 0;
    }
    out->history.updated = history_updated(context->arena, context->state_dir, &out->history_key,
                                           &out->history);
    return 0;
}

static void facts_fill(struct preflight *out)
{
    out->facts = (struct profile_facts){
        .identity = &out->identity,
        .verdict = &out->verdict,
        .attribution = out->history.attribution,
        .crashes = out->history.startup_crash_count,
        .updated = out->history.updated,
        .signatures = out->history.signatures.count ? &out->history.signatures : NULL,
    };
}

static struct plan_input plan_input_of(const struct context *context,
                                       const struct preflight *preflight,
                                       const struct profile_matches *matches)
{
    return (struct plan_input){
        .identity = &preflight->identity,
        .verdict = &preflight->verdict,
        .matches = matches,
        .history = &preflight->history,
        .forced_rung = option_value(context, "rung"),
    };
}

int preflight_decide(struct context *context, struct preflight *out, struct err *err)
{
    struct strings folders = { 0 };
    struct err ignored;
    if (history_choose(context, out, err) < 0)
        return -1;
    out->has_lists = preflight_lists(context, &out->engine, &out->lists, &ignored) == 0;
    verdict_make(context->arena, &out->identity, out->has_lists ? &out->lists : NULL,
                 &out->verdict);
    preflight_profile_folders(context, &folders);
    profiles_load(context->arena, &folders, PROFILE_TESTS_LEFT_OUT, &out->report, &out->profiles);
    facts_fill(out);
    profiles_match(context->arena, &out->profiles, &out->facts, &out->matches);
    struct plan_input input = plan_input_of(context, out, &out->matches);
    return plan_make(context->arena, &input, &out->plan, err);
}

int preflight_make(struct context *context, const struct settings *settings,
                   const struct preflight_app *app, struct preflight *out, struct err *err)
{
    self_heap_ready(HEAP_BYTES);
    if (preflight_identity(context, settings, app, out, err) < 0)
        return -1;
    return preflight_decide(context, out, err);
}

int preflight_replan(struct context *context, const struct preflight *preflight,
                     enum attribution attribution, struct plan *out, struct err *err)
{
    struct profile_matches matches = { 0 };
    struct profile_facts facts = preflight->facts;
    facts.attribution = attribution_text(attribution);
    profiles_match(context->arena, &preflight->profiles, &facts, &matches);
    struct plan_input input = plan_input_of(context, preflight, &matches);
    input.attribution = facts.attribution;
    return plan_make(context->arena, &input, out, err);
}

void preflight_json_add(json_t *object, const struct preflight *preflight, bool explain)
{
    json_t *verdict = verdict_to_json(&preflight->verdict);
    json_t *profiles = json_array();
    if (explain)
        json_set(verdict, "trace", trace_to_json(&preflight->verdict.trace));
    for (size_t i = 0; i < preflight->matches.count; i++) {
        const struct profile_match *match = &preflight->matches.items[i];
        if (match->match != TRUTH_NO || explain)
            (void)json_array_append_new(profiles, profile_match_to_json(match, explain));
    }
    json_set(object, "identity", identity_to_json(&preflight->identity));
    json_set(object, "verdict", verdict);
    json_set(object, "profiles", profiles);
    json_set(object, "plan", plan_to_json(&preflight->plan));
}
