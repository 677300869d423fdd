/* `qwguard run`: preflight, set the flags, start the app, guard it. What is wrong on the command
 * line or in the configuration ends it before the app is started; a preflight that fails does not:
 * then the app is started as it would have been without us. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run_private.h"
#include "cli/written.h"
#include "platform/clock.h"
#include "platform/file.h"
#include "platform/memory.h"
#include "platform/paths.h"
#include "platform/terminal.h"

#define STATUS_FAILED 125
#define STATUS_SIGNAL 128

static const struct option_row run_options[] = {
    { "name", 0, "NAME", "call the app so in messages and records" },
    { "no-preflight", 0, NULL, "start the app unchanged, only guard it" },
    { "dry-run", 0, NULL, "print what would be in force and done, start nothing" },
    { "keep", 0, "NAME", "never count or end programs of this name (repeatable)" },
    { "log-file", 0, "FILE", "append what the app writes to standard error" },
    { "no-backstop", 0, NULL, "make no control group for the app as a second line" },
    { "no-log-tap", 0, NULL, "leave the app's standard error alone" },
    { NULL, 0, NULL, NULL },
};

/* Standard input is the app's. */
static int input_check(const struct context *context, struct err *err)
{
    static const char *const names[] = { "identity", "history" };
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *value = option_value(context, names[i]);
        if (value && text_equal(value, "-"))
            return option_error(err, names[i], "standard input is the application's here");
    }
    return 0;
}

static void launches_take(const struct launches *launches, struct guard_config *config,
                          struct run_report *report)
{
    config->first = launches->first;
    memcpy(config->ladders, launches->ladders, sizeof config->ladders);
    config->engine_qt = launches->engine_qt;
    config->engine_chromium = launches->engine_chromium;
    config->gpu_text = launches->gpu_text;
    config->preflight = launches->preflight;
    report->webgl = launches->webgl;
    report->webgl2 = launches->webgl2;
}

/* 0; -1 and err (wrong usage); the number of a signal that asked us to end. */
static int prepare(struct context *context, const struct settings *settings,
                   const struct preflight_app *app, struct guard_config *config,
                   struct run_report *report, struct err *err)
{
    const struct launches *launches = NULL;
    int signal = 0;
    if (!option_given(context, "no-preflight")) {
        launches = launches_make(context, settings, app, &signal, err);
        if (!launches && err->kind == ERR_USAGE)
            return -1;
        if (!launches && !signal)
            message(context, "the preflight failed, the app is started unchanged: %s", err->text);
    }
    if (launches) {
        written_restore(context); /* the copy that made the plan did so too */
        launches_take(launches, config, report);
        config_fit(context, settings, launches->handles_termination, launches->memory_bytes,
                   config);
    }
    memory_begin(report->memory, config, launches);
    if (option_given(context, "history"))
        report->memory->on = false; /* it was told, not seen here */
    return signal;
}

static int guard(struct context *context, const struct guard_config *config,
                 struct run_report *report, struct err *err)
{
    struct guard_result result;
    if (config->state_dir)
        incident_reserve(config->state_dir);
    memory_heap_trim();
    if (guard_run(config, run_report, report, &result, err) < 0) {
        if (err->kind == ERR_NOT_FOUND || err->kind == ERR_NOT_EXEC)
            return -1;
        (void)fprintf(stderr, "qwguard: %s\n", err->text); /* an error: --quiet or not */
        return STATUS_FAILED;
    }
    memory_end(report->memory, result.exit_status, clock_monotonic_ns());
    if (memory_save(report->memory, err) < 0)
        message(context, "%s", err->text);
    return result.exit_status;
}

static int run_run(struct context *context, struct err *err)
{
    struct settings settings;
    struct guard_config config;
    struct memory memory;
    struct report warnings = { .arena = context->arena };
    struct err ignored;
    const char *program;
    const char *first = context->args.items[0];
    const char *named = option_value(context, "app");
    const char *name = option_value(context, "name");
    struct preflight_app app = { .name = path_name(named ? named : first) };
    struct run_report report = { .context = context,
                                 .config = &config,
                                 .memory = &memory,
                                 .utf8 = terminal_is_utf8(),
                                 .terminal = terminal_is(TERMINAL_ERR) };
    if (input_check(context, err) < 0 || names_check(context, err) < 0
        || settings_load(context, app.name, &settings, &warnings, err) < 0)
        return -1;
    message_report(context, &warnings);
    if (paths_find_program(context->arena, first, &program, err) < 0)
        return -1;
    app.program = program;
    if (named && paths_find_program(context->arena, named, &app.program, &ignored) < 0)
        app.program = NULL; /* named for its settings and history alone */
    for (size_t i = 1; i < context->args.count; i++)
        ARENA_PUSH(context->arena, &app.arguments, context->args.items[i]);
    config_fill(context, &settings, &config);
    config.program = program;
    config.name = name ? name : app.name;
    config.argv = context->args;
    if (option_given(context, "dry-run"))
        return dry_run(context, &settings, &app, &config, err);
    int signal = prepare(context, &settings, &app, &config, &report, err);
    if (signal)
        return signal < 0 ? -1 : STATUS_SIGNAL + signal;
    return guard(context, &config, &report, err);
}

static const struct option_row *const tables[] = { run_options, settings_options, preflight_options,
                                                   NULL };

const struct command command_run = {
    .name = "run",
    .args = "-- APP [ARG...]",
    .summary = "start an application with what it needs on this machine, and guard its memory",
    .details =
        "Exit status: the application's own, 128+N when signal N ended it, 124 when the guard "
        "gave\n"
        "up, 125 when qwguard itself failed, 126 when APP cannot be executed, 127 when it is not\n"
        "found; 64 to 78 when something was wrong before APP was started.",
    .options = tables,
    .min_args = 1,
    .max_args = ARGS_ANY,
    .takes_app = true,
    .run = run_run,
};
