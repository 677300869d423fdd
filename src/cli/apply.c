/* `qwguard apply`: writes the plan for something else to use, on standard output, into a file, or
 * where the reader of the format looks for it. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/unit.h"
#include "cli/apply_private.h"
#include "cli/written.h"
#include "platform/deadline.h"
#include "platform/file.h"

/* Package scripts wait for us. The files of a machine are read in well under a second. */
#define SYSTEM_LIMIT_NS (20 * SECOND_NS)

static const struct option_row apply_options[] = {
    { "format", 0, "F",
      "sh, fish, systemd, environment.d, desktop, wrapper, flatpak, snap, bat, ps1, json" },
    { "output", 'o', "FILE", "write to FILE instead of standard output (- is that, too)" },
    { "install", 0, NULL, "write where the format's reader looks (one application: --app)" },
    { "system", 0, NULL, "for all users; without --app: environment.d and profile.d" },
    { "dry-run", 0, NULL, "show what would be changed, as a diff" },
    { "force", 0, NULL, "also replace what qwguard wrote and somebody changed since" },
    { "time-limit", 0, "TIME", "give up after this long (--system without --app: 20s)" },
    { NULL, 0, NULL, NULL },
};

/* For all users and applications, as package scripts and the boot do it. */
static bool is_package(const struct context *context)
{
    return option_given(context, "system") && !option_given(context, "app");
}

static int format_choose(const struct context *context, enum emit_format *out, struct err *err)
{
    const char *names[EMIT_COUNT + 1] = { [EMIT_COUNT] = JSON_FORMAT };
    const char *name = option_value(context, "format");
    *out = emit_format_find(name);
    if (!name || *out != EMIT_COUNT || text_equal(name, JSON_FORMAT))
        return 0;
    for (enum emit_format format = 0; format < EMIT_COUNT; format++)
        names[format] = emit_format_name(format);
    const char *near = text_nearest(name, names, ROWS(names));
    return option_error(err, "format", "'%s' is no format%s%s%s", name,
                        near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* The file that --output names; NULL = standard output. */
static const char *output_file(const struct context *context)
{
    const char *file = option_value(context, "output");
    return text_equal(file, "-") ? NULL : file;
}

static int options_check(const struct context *context, struct err *err)
{
    bool install = option_given(context, "install"), system = option_given(context, "system");
    const char *output = output_file(context), *name = output ? path_name(output) : "-";
    if (!option_given(context, "format") && !install && !system)
        return err_set(err, ERR_USAGE, "--format or --install is missing");
    if (option_given(context, "output") && (install || system))
        return err_set(err, ERR_USAGE, "--output and --install exclude each other");
    if ((install || system) && text_equal(option_value(context, "format"), JSON_FORMAT))
        return option_error(err, "format", "json is printed only");
    if (option_given(context, "dry-run") && !(install || system || output))
        return err_set(err, ERR_USAGE, "--dry-run shows what --output or --install would change");
    if (!*name || text_equal(name, ".") || text_equal(name, ".."))
        return option_error(err, "output", "'%s' is no name of a file", output);
    return 0;
}

static int limit_choose(const struct context *context, uint64_t *out_ns, struct err *err)
{
    const char *text = option_value(context, "time-limit");
    *out_ns = is_package(context) ? SYSTEM_LIMIT_NS : 0;
    if (text && !(unit_parse_time(text, out_ns) && *out_ns >= US_NS))
        return option_error(err, "time-limit", "'%s' is no time (20s, 2min)", text);
    return 0;
}

static void environment_fill(struct applying *applying)
{
    const struct plan *plan = &applying->preflight.plan;
    struct arena *arena = applying->context->arena;
    variables_add(arena, &applying->environment, &plan->environment);
    if (plan->chromium_flags && plan->flags.count)
        variables_set(arena, &applying->environment, FLAGS_VARIABLE, plan->chromium_flags);
}

/* Why a plan is empty: the exit status of `check` is known to say it. */
static void nothing_tell(const struct applying *applying)
{
    static const struct {
        int status;
        const char *text;
    } rows[] = {
        { 0, "nothing needs to change here" },
        { 11, "not enough is known here: nothing is changed (qwguard check)" },
        { 12, "flags cannot help here, nothing is changed (qwguard check)" },
    };
    const struct preflight *preflight = &applying->preflight;
    int status = plan_exit_status(&preflight->verdict, &preflight->plan);
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (rows[i].status == status && !applying->environment.count)
            message(applying->context, "%s", rows[i].text);
    }
}

/* Everything up to the decision; with a stamp, the identity is there already. */
static int decide(struct applying *applying, struct err *err)
{
    struct context *context = applying->context;
    struct preflight *preflight = &applying->preflight;
    const char *app = option_value(context, "app");
    struct preflight_app named = { .name = app ? path_name(app) : NULL };
    int made = applying->stamp
                   ? preflight_decide(context, preflight, err)
                   : preflight_make(context, &applying->settings, &named, preflight, err);
    if (made < 0)
        return -1;
    applying->stamp = apply_stamp(context, preflight);
    message_report(context, &preflight->report);
    environment_fill(applying);
    applying->places.set = &applying->environment;
    nothing_tell(applying);
    return 0;
}

/* What a session manager reads, and what a login shell reads. */
static const enum emit_format system_formats[] = { EMIT_ENVIRONMENT_D, EMIT_SH };

/* Was all of it written from the same facts, and is it still there? */
static int system_is_current(struct applying *applying, bool *out, struct err *err)
{
    struct context *context = applying->context;
    if (preflight_identity(context, &applying->settings, NULL, &applying->preflight, err) < 0)
        return -1;
    applying->stamp = apply_stamp(context, &applying->preflight);
    *out = true;
    for (size_t i = 0; i < ROWS(system_formats) && *out; i++) {
        struct target target;
        enum install_state state;
        const char *current;
        if (target_find(context->arena, &applying->places, system_formats[i], NULL, true, &target,
                        err)
                < 0
            || install_look(context->arena, &applying->place, &applying->items, target.path, &state,
                            &current, err)
                   < 0)
            return -1;
        const struct install_item *item = install_find(&applying->items, target.path);
        *out = item && state == INSTALL_OURS && text_equal(item->fingerprint, applying->stamp);
    }
    return 0;
}

/* Both files, each for itself: what is in the way of one does not keep the other. */
static int system_apply(struct applying *applying, struct err *err)
{
    struct context *context = applying->context;
    bool current;
    int returned = 0;
    if (system_is_current(applying, &current, err) < 0)
        return -1;
    if (current && !option_given(context, "force")) {
        message(context, "nothing has changed here since it was written");
        return 0;
    }
    if (decide(applying, err) < 0)
        return -1;
    deadline_stop();
    for (size_t i = 0; i < ROWS(system_formats); i++) {
        struct target target;
        const char *text;
        if (returned < 0)
            message(context, "%s", err->text);
        if (target_find(context->arena, &applying->places, system_formats[i], NULL, true, &target,
                        err)
                < 0
            || apply_text(applying, &target, &text, err) < 0
            || apply_file(applying, &target, text, err) < 0)
            returned = -1;
    }
    return returned;
}

/* Without what leads nowhere else ("//", "/./"), so that one file has one record. */
static const char *path_tidy(struct arena *arena, const char *path)
{
    struct text text = { .arena = arena };
    while (*path) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (length && !(length == 1 && *path == '.'))
            text_printf(&text, "/%.*s", (int)length, path);
        path += length;
    }
    return text_get(&text);
}

static int output_path(struct arena *arena, const char *file, const char **out, struct err *err)
{
    const char *folder = *file == '/' ? "" : file_resolve(arena, ".");
    if (!folder)
        return err_set(err, ERR_NO_INPUT,
                       "--output: '%s': the current folder does not exist any more", file);
    *out = path_tidy(arena, arena_printf(arena, "%s/%s", folder, file));
    return 0;
}

/* Printed, or written to a file that the user names. */
static int output_apply(struct applying *applying, enum emit_format format, struct err *err)
{
    struct context *context = applying->context;
    const char *app = option_value(context, "app"), *file = output_file(context);
    struct target target = { .format = format, .mode = 0644 };
    bool whole = format == EMIT_DESKTOP || format == EMIT_WRAPPER;
    const char *text;
    if (whole
        && target_find(context->arena, &applying->places, format, app, false, &target, err) < 0)
        return -1;
    if (format == EMIT_COUNT) {
        CLEANUP(json_freep) json_t *plan = plan_to_json(&applying->preflight.plan);
        text = json_format(context->arena, plan);
    } else if (apply_text(applying, &target, &text, err) < 0) {
        return -1;
    }
    if (!file) {
        fputs(text, stdout);
        return 0;
    }
    if (output_path(context->arena, file, &target.path, err) < 0)
        return -1;
    return apply_file(applying, &target, text, err);
}

static int install_apply(struct applying *applying, enum emit_format format, struct err *err)
{
    struct context *context = applying->context;
    struct target target;
    const char *text;
    if (target_find(context->arena, &applying->places, format, option_value(context, "app"),
                    option_given(context, "system"), &target, err)
            < 0
        || apply_text(applying, &target, &text, err) < 0)
        return -1;
    return apply_file(applying, &target, text, err);
}

/* Lock and records, then the way that the options name. */
static int steps(struct context *context, enum emit_format format, struct err *err)
{
    struct applying applying = { .context = context, .places = apply_target_places(context) };
    struct report warnings = { .arena = context->arena };
    CLEANUP(shared_unlock) struct shared_lock lock = { .fd = -1 };
    bool install = option_given(context, "install") || option_given(context, "system");
    bool writes = (install || output_file(context)) && !option_given(context, "dry-run");
    const char *app = option_value(context, "app");
    int placed = apply_place(context, &applying.place, err);
    if ((placed < 0 && writes)
        || settings_load(context, app ? path_name(app) : NULL, &applying.settings, &warnings, err)
               < 0
        || (writes && install_lock(context->arena, &applying.place, &lock, err) < 0)
        || (placed == 0
            && install_list(context->arena, &applying.place, &applying.items, &warnings, err) < 0))
        return -1;
    message_report(context, &warnings);
    written_restore_items(&applying.items);
    if (is_package(context) && !option_given(context, "format"))
        return system_apply(&applying, err);
    if (decide(&applying, err) < 0)
        return -1;
    deadline_stop();
    return install ? install_apply(&applying, format, err) : output_apply(&applying, format, err);
}

static int apply_run(struct context *context, struct err *err)
{
    enum emit_format format;
    uint64_t limit_ns;
    bool package = is_package(context);
    if (format_choose(context, &format, err) < 0 || options_check(context, err) < 0
        || limit_choose(context, &limit_ns, err) < 0)
        return -1;
    if (limit_ns)
        deadline_start(limit_ns,
                       context->quiet ? NULL : "qwguard: it takes too long; nothing is changed\n",
                       package ? 0 : 69);
    int returned = steps(context, format, err);
    deadline_stop();
    if (returned == 0 || !package || err->kind == ERR_USAGE)
        return returned;
    char text[512]; /* a package must not fail for it */
    err_format(err, text, sizeof text);
    message(context, "%s", text);
    return 0;
}

static const struct option_row *const tables[] = { apply_options, preflight_options, NULL };

const struct command command_apply = {
    .name = "apply",
    .args = "",
    .summary = "write the plan for something else to use",
    .details = "Prints, writes (-o) or installs (--install) what sets the plan's variables, with "
               "your own\n"
               "flags found now merged in. What was written is remembered: qwguard undo.\n"
               "In a shell: eval \"$(qwguard apply --format sh)\"\n"
               "--system without --app is for package scripts and the boot: whatever it meets on "
               "the\n"
               "machine, it says so and ends with 0.",
    .options = tables,
    .run = apply_run,
};
