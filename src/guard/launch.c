/* Starting the app: what it is told (contract §8) on top of the environment that we got. The room
 * for the longest environment is made before the first start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guard/guard_private.h"
#include "platform/clock.h"
#include "platform/spawn.h"

enum own { OWN_MARK, OWN_RUNG, OWN_RESTART, OWN_INCIDENT, OWN_COUNT };

static const char *const own_names[] = {
    [OWN_MARK] = "QWGUARD",
    [OWN_RUNG] = "QWGUARD_RUNG",
    [OWN_RESTART] = "QWGUARD_RESTART",
    [OWN_INCIDENT] = "QWGUARD_INCIDENT",
};

/* Bytes and number of the assignments of a launch. */
static void measure(const struct guard_launch *launch, size_t *bytes, size_t *count)
{
    size_t sum = 0;
    for (size_t i = 0; i < launch->environment.count; i++)
        sum += strlen(launch->environment.items[i].name)
               + strlen(launch->environment.items[i].value) + 2;
    *bytes = sum > *bytes ? sum : *bytes;
    *count = launch->environment.count > *count ? launch->environment.count : *count;
}

int launch_prepare(struct guard *g, struct err *err)
{
    const struct guard_config *config = g->config;
    const char *const *inherited = spawn_environment();
    size_t bytes = 1, count = 0, words = 0;
    measure(&config->first, &bytes, &count);
    for (size_t i = 0; i < ROWS(config->ladders); i++)
        for (size_t j = 0; j < config->ladders[i].count; j++)
            measure(&config->ladders[i].steps[j], &bytes, &count);
    while (inherited[words])
        words++;
    g->environment = calloc(words + count + OWN_COUNT + 1, sizeof *g->environment);
    g->variables = calloc(bytes, 1);
    g->argv = calloc(config->argv.count + 1, sizeof *g->argv);
    if (!g->environment || !g->variables || !g->argv)
        return err_set(err, ERR_SYSTEM, "no memory to start the app with");
    for (size_t i = 0; i < config->argv.count; i++)
        g->argv[i] = config->argv.items[i];
    return 0;
}

void launch_free(struct guard *g)
{
    free(g->environment);
    free(g->variables);
    free(g->argv);
    g->environment = NULL;
    g->variables = NULL;
    g->argv = NULL;
}

/* Is an inherited assignment one that we set, or that was meant for another guard's app? */
static bool is_replaced(const struct guard_launch *launch, const char *assignment)
{
    for (size_t i = 0; i < ROWS(own_names); i++) {
        size_t length = strlen(own_names[i]);
        if (strncmp(assignment, own_names[i], length) == 0 && assignment[length] == '=')
            return true;
    }
    return variables_assigned(&launch->environment, assignment);
}

static void environment_make(struct guard *g)
{
    const struct guard_launch *launch = g->launch;
    const char *const *inherited = spawn_environment();
    size_t count = 0;
    char *at = g->variables;
    for (size_t i = 0; inherited[i]; i++)
        if (!is_replaced(launch, inherited[i]))
            g->environment[count++] = (char *)(uintptr_t)inherited[i]; /* not written to */
    for (size_t i = 0; i < launch->environment.count; i++) {
        const struct variable *variable = &launch->environment.items[i];
        size_t size = strlen(variable->name) + strlen(variable->value) + 2;
        (void)snprintf(at, size, "%s=%s", variable->name, variable->value);
        g->environment[count++] = at;
        at += size;
    }
    (void)snprintf(g->own[OWN_MARK], sizeof g->own[0], "%s=1", own_names[OWN_MARK]);
    (void)snprintf(g->own[OWN_RUNG], sizeof g->own[0], "%s=%s", own_names[OWN_RUNG], launch->rung);
    (void)snprintf(g->own[OWN_RESTART], sizeof g->own[0], "%s=%u", own_names[OWN_RESTART],
                   g->restart);
    (void)snprintf(g->own[OWN_INCIDENT], sizeof g->own[0], "%s=%s", own_names[OWN_INCIDENT],
                   g->record->last_path);
    for (size_t i = 0; i < OWN_COUNT; i++)
        if (i != OWN_INCIDENT || g->record->last_path[0])
            g->environment[count++] = g->own[i];
    g->environment[count] = NULL;
}

static void begin(struct guard *g, const struct proc *first, uint64_t now_ns)
{
    size_t rows;
    (void)signatures_all(&rows);
    tree_begin(&g->tree, first, now_ns);
    timeline_clear(&g->timeline);
    for (size_t i = 0; i < rows; i++)
        g->counts_before[i] = tap_count(&g->tap, i);
    tap_times_forget(&g->tap);
    g->state = STATE_UP;
    g->ending = ENDING_NONE;
    g->started_ns = now_ns;
    g->look_ns = g->all_ns = now_ns;
    g->told_ns = now_ns;
    g->gpu_bytes = g->gpu_ns = 0;
    g->deadline_ns = EVENT_NEVER;
    g->first_ended = false;
    g->crash_seen = false;
    g->reported = (struct crossing){ 0 };
    g->paid = false;
    g->crossing = (struct crossing){ 0 };
}

/* Those that a guard before us knew and that are not below the first any more. */
static void others_adopt(struct guard *g, uint64_t now_ns)
{
    const struct guard_attach *attach = &g->config->attach;
    for (size_t i = 0; i < attach->other_count; i++)
        tree_adopt(&g->tree, attach->others[i].pid, attach->others[i].start, now_ns);
    if (attach->other_count)
        (void)tree_scan(&g->tree, now_ns, true);
}

int launch_attach(struct guard *g, struct err *err)
{
    struct process_facts facts;
    int64_t pid = g->config->attach.pid;
    if (process_facts_read(g->table, pid, &facts, err) < 0)
        return -1;
    struct proc first = { .pid = pid, .start = facts.start, .handle = PROCESS_HANDLE_NONE };
    if (facts.ended)
        return err_set(err, ERR_GONE, "process %lld has ended", (long long)pid);
    if (process_hold(g->table, &first, err) < 0
        || process_signal_pass(g->table, &first, PROCESS_SIGNAL_NONE, err) < 0) {
        process_release(g->table, &first);
        return -1;
    }
    uint64_t now_ns = clock_monotonic_ns();
    g->tree.attached = true;
    begin(g, &first, now_ns);
    process_release(g->table, &first); /* the tree holds it now */
    (void)tree_scan(&g->tree, now_ns, true);
    others_adopt(g, now_ns);
    return 0;
}

int launch_start(struct guard *g, struct err *err)
{
    struct spawn spawn = {
        .program = g->config->program,
        .argv = g->argv,
        .environment = (const char *const *)g->environment,
        .input_stream = SPAWN_STREAM_KEEP,
        .output_stream = SPAWN_STREAM_KEEP,
        .error_stream = g->tap.page ? g->tap.relay.input : SPAWN_STREAM_KEEP,
        .group = backstop_group(g),
        .saved = g->saved,
    };
    struct proc first;
    environment_make(g);
    if (spawn_program(g->table, &spawn, &first, err) < 0)
        return -1;
    begin(g, &first, clock_monotonic_ns());
    backstop_begin(g);
    process_release(g->table, &first); /* the tree holds it now */
    return 0;
}
