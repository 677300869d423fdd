/* `qwguard apply`: writes the plan for something else to use, on standard output, into a file, or
 * where the reader of the format looks for it. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/command.h"
#include "cli/preflight.h"
#include "plan/emit.h"
#include "plan/install.h"
#include "plan/target.h"
#include "platform/env.h"
#include "platform/file.h"

static const struct option_row apply_options[] = {
    { "format", 0, "F",
      "sh, fish, systemd, environment.d, desktop, wrapper, flatpak, snap, bat, ps1, json" },
    { "output", 'o', "FILE", "write to FILE instead of standard output" },
    { "install", 0, NULL, "write where the format's reader looks (one application: --app)" },
    { "system", 0, NULL, "for all users; without --app: environment.d and profile.d" },
    { "dry-run", 0, NULL, "show what would be changed, as a diff" },
    { "force", 0, NULL, "replace a file that qwguard did not write, or that was changed" },
    { NULL, 0, NULL, NULL },
};

/* Everything that the steps share. */
struct applying {
    struct context *context;
    struct preflight preflight;
    struct variables environment;
    struct install_items items; /* what was written before */
};

static const char *home_or(struct arena *arena, const char *name, const char *below)
{
    const char *set = env_get(name), *home = env_get("HOME");
    if (set && *set == '/')
        return set;
    return home && *home == '/' ? path_join(arena, home, below) : NULL;
}

static struct target_places places_now(const struct context *context)
{
    const char *data_dirs = env_get("XDG_DATA_DIRS"), *home = env_get("HOME");
    return (struct target_places){
        .root = context->root,
        .config_home = home_or(context->arena, "XDG_CONFIG_HOME", ".config"),
        .data_home = home_or(context->arena, "XDG_DATA_HOME", ".local/share"),
        .data_dirs = data_dirs && *data_dirs ? data_dirs : "/usr/local/share:/usr/share",
        .bin_home = home && *home == '/' ? path_join(context->arena, home, ".local/bin") : NULL,
        .search_path = env_get("PATH"),
    };
}

static int text_make(const struct applying *applying, const struct target *target,
                     const char **out_text, struct err *err)
{
    struct emit_input input = { .environment = &applying->environment,
                                .app = option_value(applying->context, "app"),
                                .program = target->program,
                                .entry = target->entry };
    return emit_text(applying->context->arena, target->format, &input, out_text, err);
}

/* One file: shown as a diff, written, left as it is, or taken back because nothing is to be set. */
static int file_apply(struct applying *applying, const struct target *target, struct err *err)
{
    struct context *context = applying->context;
    const char *text, *current;
    bool force = option_given(context, "force"), empty = !applying->environment.count;
    if (text_make(applying, target, &text, err) < 0)
        return -1;
    enum install_state state = install_look(context->arena, &applying->items, target->path,
                                            &current);
    struct install_item item = {
        .path = target->path,
        .format = emit_format_name(target->format),
        .app = option_value(context, "app"),
        .fingerprint = applying->preflight.history_key.fingerprint,
        .mode = target->mode,
        .bytes = text,
    };
    if (option_given(context, "dry-run")) {
        if (!empty)
            fputs(install_diff(context->arena, target->path, current, text), stdout);
        else if (state == INSTALL_OURS)
            fputs(install_diff(context->arena, target->path, current, ""), stdout);
        return 0;
    }
    if (empty) {
        if (state == INSTALL_OURS
            && install_undo(context->arena, context->state_dir, &applying->items, &item, force, err)
                   < 0)
            return -1;
        message(context, "%s%s",
                state == INSTALL_OURS ? "nothing to change any more, removed "
                                      : "nothing to change: not written: ",
                target->path);
        return 0;
    }
    if (state == INSTALL_OURS && text_equal(current, text)) {
        message(context, "%s is up to date", target->path);
        return 0;
    }
    if (install_write(context->arena, context->state_dir, &applying->items, &item, force, err) < 0)
        return -1;
    message(context, "wrote %s (qwguard undo takes it back)", target->path);
    return 0;
}

/* For package scripts: what a session manager reads, and what a login shell reads. */
static int system_apply(struct applying *applying, const struct target_places *places,
                        struct err *err)
{
    static const enum emit_format formats[] = { EMIT_ENVIRONMENT_D, EMIT_SH };
    for (size_t i = 0; i < ROWS(formats); i++) {
        struct target target;
        if (target_find(applying->context->arena, places, formats[i], NULL, true, &target, err) < 0
            || file_apply(applying, &target, err) < 0)
            return -1;
    }
    return 0;
}

static int output_apply(struct applying *applying, enum emit_format format, struct err *err)
{
    struct context *context = applying->context;
    struct target_places places = places_now(context);
    const char *app = option_value(context, "app"), *file = option_value(context, "output");
    struct target target = { .format = format, .mode = 0644 };
    bool whole = format == EMIT_DESKTOP || format == EMIT_WRAPPER;
    const char *text;
    if (whole && target_find(context->arena, &places, format, app, false, &target, err) < 0)
        return -1;
    if (file) {
        target.path = *file == '/'
                          ? file
                          : path_join(context->arena, file_resolve(context->arena, "."), file);
        return file_apply(applying, &target, err);
    }
    if (text_make(applying, &target, &text, err) < 0)
        return -1;
    fputs(text, stdout);
    return 0;
}

static int format_choose(const struct context *context, enum emit_format *out, struct err *err)
{
    const char *names[EMIT_COUNT + 1] = { [EMIT_COUNT] = "json" };
    const char *name = option_value(context, "format");
    *out = emit_format_find(name);
    if (!name || *out != EMIT_COUNT || text_equal(name, "json"))
        return 0;
    for (enum emit_format format = 0; format < EMIT_COUNT; format++)
        names[format] = emit_format_name(format);
    const char *near = text_nearest(name, names, ROWS(names));
    return option_error(err, "format", "'%s' is no format%s%s%s", name,
                        near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

static int options_check(const struct context *context, struct err *err)
{
    bool install = option_given(context, "install"), system = option_given(context, "system");
    if (!option_given(context, "format") && !install && !system)
        return err_set(err, ERR_USAGE, "--format or --install is missing");
    if (option_given(context, "output") && (install || system))
        return err_set(err, ERR_USAGE, "--output and --install exclude each other");
    if ((install || system) && text_equal(option_value(context, "format"), "json"))
        return option_error(err, "format", "json is printed only");
    if ((install || system || option_given(context, "output")) && !context->state_dir)
        return err_set(err, ERR_UNAVAILABLE,
                       "there is no state folder to remember what is written (--state)");
    return 0;
}

static void environment_fill(struct applying *applying)
{
    const struct plan *plan = &applying->preflight.plan;
    struct arena *arena = applying->context->arena;
    for (size_t i = 0; i < plan->environment.count; i++)
        variables_set(arena, &applying->environment, plan->environment.items[i].name,
                      plan->environment.items[i].value);
    if (plan->chromium_flags && plan->flags.count)
        variables_set(arena, &applying->environment, FLAGS_VARIABLE, plan->chromium_flags);
}

static int apply_run(struct context *context, struct err *err)
{
    struct applying applying = { .context = context };
    struct report warnings = { .arena = context->arena };
    struct settings settings;
    enum emit_format format;
    const char *app = option_value(context, "app");
    struct preflight_app named = { .name = app ? path_name(app) : NULL };
    bool system = option_given(context, "system");
    if (format_choose(context, &format, err) < 0 || options_check(context, err) < 0
        || settings_load(context, named.name, &settings, &warnings, err) < 0
        || preflight_make(context, &settings, &named, &applying.preflight, err) < 0)
        return -1;
    message_report(context, &warnings);
    message_report(context, &applying.preflight.report);
    if (text_equal(option_value(context, "format"), "json")) {
        CLEANUP(json_freep) json_t *plan = plan_to_json(&applying.preflight.plan);
        fputs(json_format(context->arena, plan), stdout);
        return 0;
    }
    struct report records = { .arena = context->arena };
    if (context->state_dir
        && install_list(context->arena, context->state_dir, &applying.items, &records, err) < 0)
        return -1;
    message_report(context, &records);
    environment_fill(&applying);
    struct target_places places = places_now(context);
    struct target target;
    if (system && !app && !option_given(context, "format"))
        return system_apply(&applying, &places, err);
    if (!system && !option_given(context, "install"))
        return output_apply(&applying, format, err);
    if (target_find(context->arena, &places, format, app, system, &target, err) < 0)
        return -1;
    return file_apply(&applying, &target, err);
}

static const struct option_row *const tables[] = { apply_options, preflight_options, NULL };

const struct command command_apply = {
    .name = "apply",
    .args = "",
    .summary = "write the plan for something else to use",
    .details = "Prints, writes (-o) or installs (--install) what sets the plan's variables, with "
               "your own\n"
               "flags found now merged in. What was written is remembered: qwguard undo.\n"
               "In a shell: eval \"$(qwguard apply --format sh)\"",
    .options = tables,
    .run = apply_run,
};
