/* One file of `qwguard apply`. */
#include <stdio.h>

#include "cli/apply_private.h"
#include "platform/env.h"

int apply_text(const struct applying *applying, const struct target *target, const char **out_text,
               struct err *err)
{
    struct emit_input input = { .environment = &applying->environment,
                                .app = option_value(applying->context, "app"),
                                .program = target->program,
                                .entry = target->entry };
    return emit_text(applying->context->arena, target->format, &input, out_text, err);
}

static struct install_item item_make(const struct applying *applying, const struct target *target,
                                     const char *text)
{
    struct context *context = applying->context;
    struct install_item item = {
        .path = target->path,
        .format = target->format == EMIT_COUNT ? JSON_FORMAT : emit_format_name(target->format),
        .app = option_value(context, "app"),
        .fingerprint = applying->stamp,
        .mode = target->mode,
        .bytes = text,
        .set = applying->environment,
    };
    for (size_t i = 0; i < item.set.count; i++) {
        const char *name = item.set.items[i].name, *value = env_get(name);
        if (value)
            variables_set(context->arena, &item.before, name, value);
    }
    return item;
}

/* What is not known takes nothing back: a driver that is loaded late must not cost the plan. */
static bool is_known(const struct applying *applying)
{
    const struct preflight *preflight = &applying->preflight;
    return option_given(applying->context, "rung")
           || plan_exit_status(&preflight->verdict, &preflight->plan) != 11;
}

/* Nothing is to be set: what was written before goes. */
static int nothing_apply(struct applying *applying, const struct install_item *item,
                         enum install_state state, const char *current, struct err *err)
{
    struct context *context = applying->context;
    bool force = option_given(context, "force");
    bool written = state != INSTALL_ABSENT && install_find(&applying->items, item->path);
    if (!written) {
        message(context, "nothing to change: not written: %s", item->path);
        return 0;
    }
    if (!is_known(applying)) {
        message(context, "%s stays as it is", item->path);
        return 0;
    }
    if (install_allowed(state, item->path, force, err) < 0)
        return -1;
    if (option_given(context, "dry-run")) {
        fputs(install_diff(context->arena, item->path, current, NULL), stdout);
        return 0;
    }
    if (install_undo(context->arena, &applying->place, &applying->items, item, force, err) < 0)
        return -1;
    message(context, "nothing to change any more: removed %s", item->path);
    return 0;
}

/* Written is not in force yet. */
static const char *const in_force[EMIT_COUNT] = {
    [EMIT_SH] = "in force from the next login on",
    [EMIT_FISH] = "in force in new shells",
    [EMIT_SYSTEMD] = "in force after systemctl daemon-reload and a restart of the unit",
    [EMIT_ENVIRONMENT_D] = "in force from the next login on",
    [EMIT_DESKTOP] = "in force when it is started from the menu",
    [EMIT_WRAPPER] = "in force when it is started by its name",
};

static void written_tell(const struct applying *applying, const struct target *target)
{
    struct context *context = applying->context;
    const char *when = target->format < EMIT_COUNT ? in_force[target->format] : NULL;
    bool installed = !option_given(context, "output");
    message(context, "wrote %s (qwguard undo takes it back)", target->path);
    if (installed && when && !target->is_hidden)
        message(context, "%s", when);
    for (size_t i = 0; installed && i < target->other_entries.count; i++)
        message(context, "%s starts it too and stays as it is (--app %s)",
                target->other_entries.items[i], target->other_entries.items[i]);
}

int apply_file(struct applying *applying, const struct target *target, const char *text,
               struct err *err)
{
    struct context *context = applying->context;
    const char *current;
    enum install_state state;
    struct install_item item = item_make(applying, target, text);
    const struct install_item *old = install_find(&applying->items, target->path);
    bool force = option_given(context, "force");
    if (install_look(context->arena, &applying->place, &applying->items, target->path, &state,
                     &current, err)
        < 0)
        return -1;
    if (!applying->environment.count && target->format != EMIT_COUNT)
        return nothing_apply(applying, &item, state, current, err);
    if (install_allowed(state, item.path, force, err) < 0)
        return -1;
    if (option_given(context, "dry-run")) {
        fputs(install_diff(context->arena, item.path, current, text), stdout);
        return 0;
    }
    if (target->is_hidden && !option_given(context, "output"))
        message(context, "%s is not started: $PATH leads to %s first", item.path, target->program);
    bool same = state == INSTALL_OURS && text_equal(current, text);
    if (!(same && text_equal(old->fingerprint, item.fingerprint))
        && install_write(context->arena, &applying->place, &applying->items, &item, force, err) < 0)
        return -1;
    if (same)
        message(context, "%s is up to date", item.path);
    else
        written_tell(applying, target);
    return 0;
}
