/* `qwguard verify`: is the verdict right? The application is started as it would be without us (or
 * on the rung that was named), its engine is asked what it has decided, and both are ended. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/unit.h"
#include "cli/run_private.h"
#include "cli/verify_private.h"
#include "engine/flags.h"
#include "platform/file.h"
#include "platform/paths.h"
#include "platform/port.h"

#define STATUS_DIFFERS 10
#define STATUS_SIGNAL 128
#define QUESTIONER "qwguard-verify"
#define DEBUGGING_VARIABLE "QTWEBENGINE_REMOTE_DEBUGGING"
#define TIME_LIMIT_DEFAULT "30s"

static const struct option_row verify_options[] = {
    { "time-limit", 0, "TIME", "give up when the engine has not answered by then (30s)" },
    { NULL, 0, NULL, NULL },
};

static int limit_read(const struct context *context, uint64_t *out_ns, struct err *err)
{
    const char *text = option_value(context, "time-limit");
    uint64_t limit_ns;
    if (!unit_parse_time(text ? text : TIME_LIMIT_DEFAULT, &limit_ns))
        return option_error(err, "time-limit", "'%s' is no time (examples: 30s, 2min)", text);
    if (limit_ns < MS_NS || limit_ns > INT32_MAX * MS_NS)
        return option_error(err, "time-limit", "'%s' is not between 1ms and 24 days", text);
    *out_ns = limit_ns;
    return 0;
}

/* Beside this program, or where `make install` puts it. */
static int questioner_find(struct arena *arena, const char **out, struct err *err)
{
    static const char *const places[] = { QUESTIONER, "../libexec/qwguard/" QUESTIONER };
    const char *self = paths_self(arena);
    struct file_info info;
    if (!self)
        return err_set(err, ERR_UNAVAILABLE, "it cannot be told where this program lies");
    const char *folder = arena_strndup(arena, self, (size_t)(path_name(self) - self));
    for (size_t i = 0; i < ROWS(places); i++) {
        const char *path = arena_printf(arena, "%s%s", folder, places[i]);
        if (file_stat(path, true, &info) && info.is_regular && info.is_executable) {
            *out = path;
            return 0;
        }
    }
    return err_set(
        err, ERR_UNAVAILABLE,
        "the program that asks the engine, %s, is not installed "
        "(neither %s%s nor below ../libexec/qwguard; it is built where libwebsockets is)",
        QUESTIONER, folder, QUESTIONER);
}

/* With --rung, the verdict is for the app on that rung, as the plan starts it. */
static void rung_apply(struct verification *v)
{
    struct context *context = v->context;
    struct preflight *preflight = &v->preflight;
    if (!option_given(context, "rung"))
        return;
    v->set = launch_of_plan(context->arena, &preflight->plan).environment;
    variables_add(context->arena, &preflight->identity.environment, &v->set);
    verdict_make(context->arena, &preflight->identity,
                 preflight->has_lists ? &preflight->lists : NULL, &preflight->verdict);
}

/* A port that the user's switches name would win over ours, and it is not ours to talk to. */
static int switches_check(const struct verification *v, struct err *err)
{
    static const char *const names[] = { "remote-debugging-port", "remote-debugging-pipe" };
    const struct identity *identity = &v->preflight.identity;
    const char *variable = variables_get(&identity->environment, FLAGS_VARIABLE);
    struct arena *arena = v->context->arena;
    struct strings all = { 0 };
    flags_parse(arena, variable ? variable : "", &all);
    flags_parse(arena, identity->app.flags ? identity->app.flags : "", &all);
    flags_of_arguments(arena, identity->engine.qt, &identity->app.arguments, &all);
    for (size_t i = 0; i < ROWS(names); i++)
        if (flags_has(&all, names[i], NULL))
            return err_set(err, ERR_UNAVAILABLE,
                           "the application's switches hold --%s, which keeps the engine from "
                           "listening where it can be asked",
                           names[i]);
    return 0;
}

static int prepare(struct verification *v, struct err *err)
{
    struct context *context = v->context;
    struct settings settings;
    struct report warnings = { .arena = context->arena };
    struct err ignored;
    const char *first = context->args.items[0], *named = option_value(context, "app");
    struct preflight_app app = { .name = path_name(named ? named : first) };
    if (limit_read(context, &v->limit_ns, err) < 0
        || settings_load(context, app.name, &settings, &warnings, err) < 0)
        return -1;
    message_report(context, &warnings);
    if (paths_find_program(context->arena, first, &v->program, err) < 0)
        return -1;
    app.program = v->program;
    if (named && paths_find_program(context->arena, named, &app.program, &ignored) < 0)
        app.program = NULL; /* named for its settings and history alone */
    for (size_t i = 1; i < context->args.count; i++)
        ARENA_PUSH(context->arena, &app.arguments, context->args.items[i]);
    v->name = app.name;
    int made = preflight_make(context, &settings, &app, &v->preflight, err);
    message_report(context, &v->preflight.report);
    if (made < 0)
        return -1;
    rung_apply(v);
    return switches_check(v, err);
}

/* --- what came of it ----------------------------------------------------------------------------
 */

static void log_tell(const struct verification *v, const struct trial_result *result)
{
    if (v->context->verbose || result->log.count == 0)
        return; /* it was handed on when it was written */
    message(v->context, "the last that %s wrote:", v->name);
    for (size_t i = 0; i < result->log.count; i++)
        message(v->context, "  %s", result->log.items[i]);
}

static int app_ended(const struct verification *v, const struct process_end *end, struct err *err)
{
    if (end->by_signal)
        return err_set(err, ERR_UNAVAILABLE,
                       "%s was ended by signal %d before its engine could be asked", v->name,
                       end->code);
    return err_set(err, ERR_UNAVAILABLE,
                   "%s ended with status %d before its engine could be asked%s", v->name, end->code,
                   end->code == 0 ? " (one that runs already may have taken over)" : "");
}

/* What the questioner says: answers, or why there are none. */
static int answers_read(struct verification *v, const struct trial_result *result, struct err *err)
{
    struct err problem;
    char limit[UNIT_TEXT_BYTES];
    json_t *said = json_parse(NULL, result->answer, result->answer_length, &problem);
    v->answers = json_incref(json_object_get(said, "answers"));
    const char *why = json_get_text(v->context->arena, said, "error");
    bool whole = json_object_get(v->answers, "gpu") || json_object_get(v->answers, "page");
    json_decref(said);
    if (!whole)
        return err_set(err, ERR_UNAVAILABLE, "the engine of %s could not be asked within %s: %s",
                       v->name, unit_time_text(limit, sizeof limit, v->limit_ns),
                       why ? why : QUESTIONER " gave no answer");
    if (why)
        message(v->context, "not everything was answered: %s", why);
    return 0;
}

static int result_take(struct verification *v, const struct trial_result *result, struct err *err)
{
    char limit[UNIT_TEXT_BYTES];
    switch (result->end) {
    case TRIAL_ANSWERED:
        return answers_read(v, result, err);
    case TRIAL_APP_ENDED:
        return app_ended(v, &result->app_end, err);
    case TRIAL_LATE:
    case TRIAL_SIGNAL:
    case TRIAL_COUNT:
        break;
    }
    return err_set(err, ERR_UNAVAILABLE, "the engine of %s has not answered within %s", v->name,
                   unit_time_text(limit, sizeof limit, v->limit_ns));
}

/* Was the failure foreseen? Then it is no mystery, and the verdict names the reason. */
static void failure_tell(const struct verification *v, const struct trial_result *result)
{
    log_tell(v, result);
    if (v->preflight.verdict.outcome == OUTCOME_START_FAILURE)
        message(v->context, "the verdict had foreseen that it does not start: %s",
                v->preflight.verdict.why);
}

static int ask(struct verification *v, struct trial_result *out, struct err *err)
{
    struct context *context = v->context;
    struct arena *arena = context->arena;
    struct trial_config config = { .program = v->program,
                                   .argv = context->args,
                                   .limit_ns = v->limit_ns,
                                   .pass_log = context->verbose };
    unsigned port;
    if (questioner_find(arena, &config.questioner, err) < 0 || port_find_free(&port, err) < 0)
        return -1;
    variables_set(arena, &v->set, DEBUGGING_VARIABLE, arena_printf(arena, "127.0.0.1:%u", port));
    config.environment = v->set;
    ARENA_PUSH(arena, &config.questioner_argv, QUESTIONER);
    ARENA_PUSH(arena, &config.questioner_argv, arena_printf(arena, "%u", port));
    ARENA_PUSH(arena, &config.questioner_argv,
               arena_printf(arena, "%llu", (unsigned long long)(v->limit_ns / MS_NS)));
    if (trial_run(arena, &config, out, err) < 0)
        return -1;
    if (out->survivor_count)
        message(context, "%zu processes of %s cannot be ended", out->survivor_count, v->name);
    return 0;
}

static int verify_run(struct context *context, struct err *err)
{
    struct verification v = { .context = context };
    struct trial_result result;
    if (prepare(&v, err) < 0 || ask(&v, &result, err) < 0)
        return -1;
    if (result.end == TRIAL_SIGNAL)
        return STATUS_SIGNAL + result.signal;
    if (result_take(&v, &result, err) < 0) {
        json_decref(v.answers);
        failure_tell(&v, &result);
        return -1;
    }
    verify_compare(context->arena, &v.preflight.identity, &v.preflight.verdict, v.answers,
                   &v.points);
    int status = verify_count(&v.points, TRUTH_NO) ? STATUS_DIFFERS : 0;
    verification_print(&v, status);
    json_decref(v.answers);
    return status;
}

static const struct option_row *const tables[] = { verify_options, preflight_options, NULL };

const struct command command_verify = {
    .name = "verify",
    .args = "-- APP [ARG...]",
    .summary = "start an application, ask its engine what it decided, compare with the verdict",
    .details =
        "APP is started as it would be without qwguard (with --rung: on that rung), with its\n"
        "DevTools on a free port of 127.0.0.1, and ended when the engine has answered.\n"
        "\n"
        "Exit status: 0 the verdict agrees with the engine, 10 it differs, 69 the engine could "
        "not\n"
        "be asked, 126 APP cannot be executed, 127 it is not found, 128+N when signal N ended "
        "it.",
    .options = tables,
    .min_args = 1,
    .max_args = ARGS_ANY,
    .prints_json = true,
    .takes_app = true,
    .run = verify_run,
};
