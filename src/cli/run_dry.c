/* `run --dry-run`: everything that would be in force, and where each value comes from. Here the
 * preflight may stay in this process, since no app is started. */
#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "cli/describe.h"
#include "cli/run_private.h"
#include "platform/cgroup.h"
#include "platform/env.h"

static void print_settings(const struct settings *settings)
{
    printf("Configuration in force\n");
    for (size_t i = 0; i < SETTING_COUNT; i++)
        printf("  %-24s %-12s %s\n", setting_name((enum setting_id)i), settings->values[i].text,
               settings->values[i].origin);
}

/* The second line: is there one, and where? */
static void print_backstop(struct context *context, const struct guard_config *config)
{
    struct cgroup_places places;
    struct maybe_u64 bytes = guard_backstop_bytes(config);
    char size[UNIT_TEXT_BYTES];
    if (!config->backstop)
        return;
    cgroup_find(context->arena, "", &places);
    const char *why = places.why ? places.why : bytes.known ? NULL : "the tree has no limit";
    putchar('\n');
    if (why)
        describe_print("Backstop", arena_printf(context->arena, "none: %s", why), "");
    else
        describe_print("Backstop",
                       arena_printf(context->arena, "a control group below %s holds at most %s",
                                    places.v2_limits ? places.v2 : places.v1,
                                    unit_size_text(size, sizeof size, bytes.value)),
                       "");
}

/* As a shell would take it: in single quotes where that is needed. */
static void print_word(const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
    size_t length = 0;
    for (; word[length]; length++) {
        if (!strchr(plain, word[length]))
            break;
    }
    if (*word && !word[length]) {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    }
    putchar('\'');
}

static void print_environment(const struct guard_launch *launch)
{
    printf("\nEnvironment of the app (added or changed)\n");
    for (size_t i = 0; i < launch->environment.count; i++) {
        const struct variable *variable = &launch->environment.items[i];
        const char *before = env_get(variable->name);
        if (before && text_equal(before, variable->value))
            continue;
        printf("  %s=", variable->name);
        print_word(variable->value);
        putchar('\n');
    }
    printf("  QWGUARD=1\n  QWGUARD_RUNG=%s\n  QWGUARD_RESTART=0\n", launch->rung);
}

static void print_ladder(struct context *context, const struct preflight *preflight)
{
    for (size_t i = 0; i < ATTRIBUTION_COUNT; i++) {
        struct plan plan;
        struct err ignored; /* then there is none */
        if (preflight_replan(context, preflight, (enum attribution)i, &plan, &ignored) < 0)
            continue;
        printf("  %-12s", attribution_text((enum attribution)i));
        if (!plan.ladder_count)
            printf(" (no wider rung)");
        for (size_t j = 0; j < plan.ladder_count; j++)
            printf(" %s", plan.ladder[j].rung.name);
        putchar('\n');
    }
}

static void print_app(const struct settings *settings, const struct preflight *preflight)
{
    struct profile_app app;
    profiles_app(&preflight->matches, &app);
    if (config_reclaims(settings, app.handles_termination))
        describe_print("Guard", "ends a renderer before the app: the app is known to cope", "");
}

static void print_plan(struct context *context, const struct preflight *preflight)
{
    const struct plan *plan = &preflight->plan;
    struct arena *arena = context->arena;
    putchar('\n');
    describe_print("Machine", describe_machine(arena, &preflight->identity), "");
    describe_print("Engine", describe_engine(arena, preflight), "");
    describe_print("Verdict", describe_verdict(arena, preflight), "");
    describe_print("Plan", describe_plan(arena, plan), "");
    if (plan->costs.count)
        describe_print("", arena_printf(arena, "costs: %s", describe_list(arena, &plan->costs)),
                       "");
    for (size_t i = 0; i < plan->reasons.count; i++)
        describe_print("", plan->reasons.items[i], "");
    if (plan->advice.count)
        describe_print("Advice", describe_list(arena, &plan->advice), "");
    printf("\nRungs after an incident, by what leaks\n");
    print_ladder(context, preflight);
}

int dry_run(struct context *context, const struct settings *settings,
            const struct preflight_app *app, const struct guard_config *config, struct err *err)
{
    struct preflight preflight = { 0 };
    struct guard_launch launch = config->first;
    print_settings(settings);
    print_backstop(context, config);
    if (option_given(context, "no-preflight")) {
        printf("\nNo preflight: the app is started unchanged\n");
    } else if (preflight_make(context, settings, app, &preflight, err) < 0) {
        if (err->kind == ERR_USAGE)
            return -1;
        char text[sizeof err->text];
        err_format(err, text, sizeof text);
        message(context, "the preflight failed, the app would be started unchanged: %s", text);
    } else {
        message_report(context, &preflight.report);
        print_plan(context, &preflight);
        print_app(settings, &preflight);
        launch = launch_of_plan(context->arena, &preflight.plan);
    }
    print_environment(&launch);
    printf("\nCommand\n ");
    for (size_t i = 0; i < config->argv.count; i++) {
        putchar(' ');
        print_word(config->argv.items[i]);
    }
    putchar('\n');
    return 0;
}
