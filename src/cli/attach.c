/* `qwguard attach`: guard a tree that already runs. What was not started by us cannot be started
 * again and does not tell us its status; its log is not ours to read. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run_private.h"
#include "platform/file.h"
#include "platform/memory.h"
#include "platform/process.h"
#include "platform/shared.h"
#include "platform/terminal.h"

#define STATUS_FAILED 125

static const struct option_row attach_options[] = {
    { "name", 0, "NAME", "call the app so in messages and records" },
    { "keep", 0, "NAME", "never count or end programs of this name (repeatable)" },
    { NULL, 0, NULL, NULL },
};

/* What is wanted of a limit when the app cannot be started again. */
static int actions_fit(struct context *context, struct settings *settings, struct err *err)
{
    struct setting *actions = &settings->values[SETTING_ACTIONS];
    bool asked = option_given(context, "actions") && !option_given(context, "exit-on-limit");
    if (!(actions->number & ACTION_RESTART))
        return 0;
    if (asked)
        return option_error(err, "actions",
                            "what is attached to cannot be started again (kill or report; "
                            "reclaim,kill)");
    actions->number = (actions->number & ~(uint64_t)ACTION_RESTART) | ACTION_KILL;
    return 0;
}

static int pid_read(const char *text, int64_t *out, struct err *err)
{
    uint64_t pid;
    if (!text_to_u64(text, &pid) || pid == 0 || pid > INT32_MAX)
        return err_set(err, ERR_USAGE, "'%s' is no process id", text);
    if ((int64_t)pid == process_self())
        return err_set(err, ERR_USAGE, "process %s is this qwguard", text);
    if (pid == 1)
        return err_set(err, ERR_USAGE, "process 1 is the system's own and cannot be ended");
    *out = (int64_t)pid;
    return 0;
}

/* Can it be guarded at all? */
static int process_fits(struct process_table *table, const struct process_facts *facts,
                        struct err *err)
{
    char own[4096], path[4096];
    long long pid = (long long)facts->pid;
    if (facts->kernel)
        return err_set(err, ERR_USAGE, "process %lld is the kernel's own and cannot be ended", pid);
    if (process_is_whole(facts->pid) == TRUTH_NO)
        return err_set(err, ERR_USAGE,
                       "%lld is one thread of a process; its process is told by Tgid in "
                       "/proc/%lld/status",
                       pid, pid);
    if (process_program_read(table, process_self(), own, sizeof own)
        && process_program_read(table, facts->pid, path, sizeof path) && text_equal(own, path))
        return err_set(err, ERR_USAGE,
                       "process %lld is a qwguard; 'qwguard status' shows what it guards", pid);
    return 0;
}

/* The words of its command line, and its program. */
static void app_describe(struct context *context, struct process_table *table,
                         const struct process_facts *facts, struct strings *out_argv,
                         const char **program)
{
    struct strings argv = { 0 };
    char command[4096], path[4096];
    size_t length = process_command_read(table, facts->pid, command, sizeof command);
    bool known = process_program_read(table, facts->pid, path, sizeof path);
    for (size_t at = 0; at < length; at += strlen(command + at) + 1)
        ARENA_PUSH(context->arena, &argv, arena_strdup(context->arena, command + at));
    *program = arena_strdup(context->arena, known ? path_name(path) : facts->name);
    if (argv.count == 0)
        ARENA_PUSH(context->arena, &argv, *program);
    *out_argv = argv;
}

static int app_look(struct context *context, int64_t pid, struct run_process *out,
                    struct strings *out_argv, const char **program, struct err *err)
{
    struct process_table *table;
    struct process_facts facts;
    if (process_table_open(&table, err) < 0)
        return -1;
    int result = process_facts_read(table, pid, &facts, err);
    if (result < 0 && err->kind == ERR_GONE)
        (void)err_set(err, ERR_NO_INPUT, "there is no process %lld", (long long)pid);
    if (result == 0)
        result = process_fits(table, &facts, err);
    if (result == 0) {
        app_describe(context, table, &facts, out_argv, program);
        *out = (struct run_process){ facts.pid, facts.start };
    }
    process_table_close(table);
    return result;
}

static bool is_same(const struct run_process *a, const struct run_process *b)
{
    return a->pid == b->pid && a->start == b->start;
}

static bool entry_holds(const struct run_entry *entry, const struct run_process *process)
{
    bool found = is_same(&entry->app, process);
    for (size_t i = 0; i < entry->member_count && !found; i++)
        found = is_same(&entry->members[i], process);
    return found;
}

/* Is it guarded already? If its guard has died, what that one knew is taken over. */
static int entry_take(struct context *context, const struct run_process *process,
                      struct guard_config *out, const struct run_entry **out_entry, struct err *err)
{
    struct run_entries entries = { 0 };
    *out_entry = NULL;
    if (run_file_list(context->arena, context->state_dir, &entries, err) < 0) {
        message(context, "%s", err->text); /* then nothing is known of a guard before us */
        return 0;
    }
    for (size_t i = 0; i < entries.count; i++) {
        const struct run_entry *entry = &entries.items[i];
        if (!entry_holds(entry, process))
            continue;
        if (entry->guarded)
            return err_set(err, ERR_UNAVAILABLE,
                           "process %lld is guarded already, with %s %lld, by qwguard %lld",
                           (long long)process->pid, entry->name, (long long)entry->app.pid,
                           (long long)entry->guard.pid);
        out->attach.others = entry->members;
        out->attach.other_count = entry->member_count;
        out->first.rung = entry->rung;
        *out_entry = entry;
    }
    return 0;
}

/* From the question whether it is guarded until our own run file answers it, nobody else attaches.
 * Where no file can be made there, none of ours will answer either. */
static void others_keep_out(struct context *context, struct shared_lock *out)
{
    struct err ignored;
    if (folder_make_private(context->state_dir, &ignored) == 0)
        (void)shared_lock(path_join(context->arena, context->state_dir, "attach.lock"), out,
                          &ignored);
}

struct attach_report {
    struct run_report report;
    struct shared_lock *lock;
};

static void attach_report(void *context, const struct guard_event *event)
{
    struct attach_report *attach = context;
    if (event->kind == GUARD_STARTED)
        shared_unlock(attach->lock);
    run_report(&attach->report, event);
}

static int guard(struct context *context, const struct guard_config *config,
                 struct shared_lock *lock, struct err *err)
{
    struct guard_result result;
    struct memory memory;
    struct attach_report report = { .lock = lock };
    report.report = (struct run_report){ .context = context,
                                         .config = config,
                                         .memory = &memory,
                                         .utf8 = terminal_is_utf8(),
                                         .terminal = terminal_is(TERMINAL_ERR) };
    memory_begin(&memory, config, NULL);
    memory_heap_trim();
    if (guard_run(config, attach_report, &report, &result, err) == 0)
        return result.exit_status;
    if (err->kind == ERR_DENIED)
        return -1;
    if (err->kind == ERR_GONE)
        return 0; /* between our look and now: the tree has ended */
    (void)fprintf(stderr, "qwguard: %s\n", err->text);
    return STATUS_FAILED;
}

static int attach_run(struct context *context, struct err *err)
{
    struct settings settings;
    struct guard_config config;
    struct strings argv;
    struct report warnings = { .arena = context->arena };
    const struct run_entry *entry;
    CLEANUP(shared_unlock) struct shared_lock lock = { .fd = -1 };
    const char *program = NULL, *name = option_value(context, "name");
    struct err ignored;
    struct run_process process = { 0 };
    int64_t pid = 0;
    if (names_check(context, err) < 0 || pid_read(context->args.items[0], &pid, err) < 0
        || app_look(context, pid, &process, &argv, &program, err) < 0
        || settings_load(context, program, &settings, &warnings, err) < 0)
        return -1;
    message_report(context, &warnings);
    if (actions_fit(context, &settings, err) < 0)
        return -1;
    config_fill(context, &settings, &config);
    config.argv = argv;
    config.attach.pid = pid;
    config.log_tap = false;
    config.restart_max = 0;
    others_keep_out(context, &lock);
    if (entry_take(context, &process, &config, &entry, err) < 0)
        return -1;
    config.name = name ? name : entry ? entry->name : program;
    if (entry && file_remove(entry->path, &ignored) == 0)
        message(context, "taking over %s %lld from qwguard %lld, which has ended", entry->name,
                (long long)pid, (long long)entry->guard.pid);
    return guard(context, &config, &lock, err);
}

static const struct option_row *const tables[] = { attach_options, settings_options, NULL };

const struct command command_attach = {
    .name = "attach",
    .args = "PID",
    .summary = "guard a process that runs already, with all processes below it",
    .details =
        "At the limit the tree is ended; it is not started again, since nobody knows how it was\n"
        "started. Its log is not read. When the guard is told to end, the tree goes on without "
        "it.\n"
        "After a guard has died, attach takes its application over.\n"
        "\n"
        "Exit status: 0 when the tree has ended by itself, 124 when it was ended at the limit,\n"
        "128+N when signal N told qwguard to end, 125 when qwguard itself failed.",
    .options = tables,
    .min_args = 1,
    .max_args = 1,
    .run = attach_run,
};
