/* A trial: the app and the questioner run side by side until there is an answer, nothing of the app
 * is left, the time is over or somebody wants us to end. Then the app is asked to end, and what is
 * left after that is ended. What both write is read all the time, so that neither waits for us. */
#include "guard/trial.h"

#include <string.h>

#include "guard/trial_private.h"
#include "platform/clock.h"
#include "platform/event.h"
#include "platform/pipe.h"
#include "platform/self.h"
#include "platform/spawn.h"
#include "platform/terminal.h"

#define LOG_BYTES 8192   /* kept of what the app wrote last */
#define LOG_LINES_MAX 10 /* told of it */
#define READ_BYTES 65536
/* The questioner keeps the limit by itself and then tells what it waited for. */
#define LATE_NS (2 * SECOND_NS)
/* Qt WebEngine ends within 0.3 s of a polite request (tests/e2e/README.md). */
#define POLITE_NS (2 * SECOND_NS)
#define KILL_LIMIT_NS (10 * SECOND_NS)
#define KILL_STEP_NS (20 * MS_NS)

struct trial {
    struct arena *arena;
    const struct trial_config *config;
    struct trial_result *out;
    struct process_table *table;
    struct event_loop loop;
    struct below below;
    struct pipe_ends log, answer;
    struct proc app, questioner;
    struct text answer_text;
    char log_bytes[2 * LOG_BYTES];
    size_t log_length;
    bool app_ended, questioner_ended;
};

static void log_keep(struct trial *t, const char *bytes, size_t length)
{
    if (t->config->pass_log)
        (void)terminal_write(TERMINAL_ERR, bytes, length);
    if (length > LOG_BYTES) {
        bytes += length - LOG_BYTES;
        length = LOG_BYTES;
    }
    if (t->log_length + length > sizeof t->log_bytes) {
        memmove(t->log_bytes, t->log_bytes + t->log_length - LOG_BYTES, LOG_BYTES);
        t->log_length = LOG_BYTES;
    }
    memcpy(t->log_bytes + t->log_length, bytes, length);
    t->log_length += length;
}

/* What is more than an answer can be is read and dropped; it makes no sense in any case. */
static void answer_keep(struct trial *t, const char *bytes, size_t length)
{
    if (t->answer_text.length + length <= TRIAL_ANSWER_BYTES_MAX)
        text_add(&t->answer_text, bytes, length);
}

static void pipe_drain(struct trial *t, struct pipe_ends *ends,
                       void (*keep)(struct trial *t, const char *bytes, size_t length))
{
    static char bytes[READ_BYTES];
    size_t length;
    bool more = ends->input >= 0 && pipe_read(ends, bytes, sizeof bytes, &length);
    if (more)
        keep(t, bytes, length);
    else
        pipe_close(ends);
}

static void reap(struct trial *t)
{
    struct process_end end;
    while (process_reap(&end)) {
        if (end.pid == t->app.pid && !t->app_ended) {
            t->app_ended = true;
            t->out->app_end = end;
        } else if (end.pid == t->questioner.pid && !t->questioner_ended) {
            t->questioner_ended = true;
            t->out->questioner_end = end;
        }
    }
}

/* Is nothing left of the app? A launcher may have ended before what it launched. */
static bool app_is_gone(struct trial *t)
{
    return t->app_ended && below_look(&t->below) <= (t->questioner_ended ? 0U : 1U);
}

/* The next event, with what can be read taken. */
static int step(struct trial *t, uint64_t deadline_ns, struct event *out, struct err *err)
{
    if (event_deadline_set(&t->loop, deadline_ns, err) < 0 || event_wait(&t->loop, out, err) < 0)
        return -1;
    if (out->kind == EVENT_INPUT && out->input == t->log.input)
        pipe_drain(t, &t->log, log_keep);
    else if (out->kind == EVENT_INPUT)
        pipe_drain(t, &t->answer, answer_keep);
    reap(t);
    return 0;
}

static int answer_wait(struct trial *t, struct err *err)
{
    uint64_t deadline_ns = clock_monotonic_ns() + t->config->limit_ns + LATE_NS;
    struct event event = { .kind = EVENT_CHILD };
    for (;;) {
        if (t->questioner_ended && t->answer.input < 0)
            t->out->end = TRIAL_ANSWERED;
        else if (event.kind == EVENT_SIGNAL && event.asks_to_quit)
            t->out->end = TRIAL_SIGNAL;
        else if (event.kind == EVENT_CHILD && app_is_gone(t))
            t->out->end = TRIAL_APP_ENDED;
        else if (event.kind == EVENT_DEADLINE)
            t->out->end = TRIAL_LATE;
        else if (step(t, deadline_ns, &event, err) < 0)
            return -1;
        else
            continue;
        t->out->signal = event.signal;
        return 0;
    }
}

/* Ask the app to end; somebody who asks us again does not want to wait for it. */
static int ask_politely(struct trial *t, struct err *err)
{
    uint64_t deadline_ns = clock_monotonic_ns() + POLITE_NS;
    struct event event = { .kind = EVENT_CHILD };
    struct err ignored; /* it has ended */
    if (t->app_ended || process_signal_send(t->table, &t->app, PROCESS_TERMINATE, &ignored) < 0)
        return 0;
    while (!t->app_ended && event.kind != EVENT_DEADLINE && event.kind != EVENT_SIGNAL)
        if (step(t, deadline_ns, &event, err) < 0)
            return -1;
    return 0;
}

static int end_whole(struct trial *t, struct err *err)
{
    struct err ignored; /* it has ended */
    struct event event;
    if (!t->questioner_ended)
        (void)process_signal_send(t->table, &t->questioner, PROCESS_KILL, &ignored);
    if (ask_politely(t, err) < 0)
        return -1;
    uint64_t end_ns = clock_monotonic_ns() + KILL_LIMIT_NS;
    while ((t->out->survivor_count = below_look(&t->below)) > 0 && clock_monotonic_ns() < end_ns) {
        below_kill(&t->below);
        if (step(t, clock_monotonic_ns() + KILL_STEP_NS, &event, err) < 0)
            return -1;
    }
    reap(t);
    return 0;
}

/* The last lines, oldest first. */
static void log_tell(struct trial *t)
{
    const char *begin = t->log_bytes, *end = begin + t->log_length;
    const char *starts[LOG_LINES_MAX + 1];
    size_t count = 0;
    if (t->log_length > LOG_BYTES)
        begin = end - LOG_BYTES;
    while (end > begin && end[-1] == '\n')
        end--;
    while (end > begin && count < LOG_LINES_MAX) {
        const char *start = end;
        while (start > begin && start[-1] != '\n')
            start--;
        starts[count++] = text_clean(t->arena, start, (size_t)(end - start));
        end = start > begin ? start - 1 : begin;
    }
    while (count > 0)
        ARENA_PUSH(t->arena, &t->out->log, starts[--count]);
}

static const char *const *environment_make(struct trial *t)
{
    const struct variables *set = &t->config->environment;
    const char *const *inherited = spawn_environment();
    struct strings all = { 0 };
    for (size_t i = 0; inherited[i]; i++)
        if (!variables_assigned(set, inherited[i]))
            ARENA_PUSH(t->arena, &all, inherited[i]);
    for (size_t i = 0; i < set->count; i++)
        ARENA_PUSH(t->arena, &all,
                   arena_printf(t->arena, "%s=%s", set->items[i].name, set->items[i].value));
    ARENA_PUSH(t->arena, &all, NULL);
    return all.items;
}

static const char *const *argv_make(struct arena *arena, const struct strings *words)
{
    struct strings all = { 0 };
    for (size_t i = 0; i < words->count; i++)
        ARENA_PUSH(arena, &all, words->items[i]);
    ARENA_PUSH(arena, &all, NULL);
    return all.items;
}

static int start(struct trial *t, const struct self_saved *saved, struct err *err)
{
    static const char *const nothing[] = { NULL };
    struct spawn questioner = { .program = t->config->questioner,
                                .argv = argv_make(t->arena, &t->config->questioner_argv),
                                .environment = nothing,
                                .input_stream = SPAWN_STREAM_NONE,
                                .output_stream = t->answer.output,
                                .error_stream = SPAWN_STREAM_KEEP,
                                .saved = saved };
    struct spawn app = { .program = t->config->program,
                         .argv = argv_make(t->arena, &t->config->argv),
                         .environment = environment_make(t),
                         .input_stream = SPAWN_STREAM_NONE,
                         .output_stream = t->log.output,
                         .error_stream = t->log.output,
                         .saved = saved };
    if (spawn_program(t->table, &questioner, &t->questioner, err) < 0) {
        err->kind = ERR_UNAVAILABLE; /* it is ours; the app has the other kinds for itself */
        t->questioner_ended = true;
        return -1;
    }
    if (spawn_program(t->table, &app, &t->app, err) < 0) {
        t->app_ended = true;
        return -1;
    }
    pipe_output_close(&t->log);
    pipe_output_close(&t->answer);
    return 0;
}

static int armed_run(struct trial *t, const struct self_saved *saved, struct err *err)
{
    struct err ignored; /* the first failure is told */
    if (event_loop_open(&t->loop, err) < 0 || pipe_open(&t->log, err) < 0
        || pipe_open(&t->answer, err) < 0 || event_input_add(&t->loop, t->log.input, err) < 0
        || event_input_add(&t->loop, t->answer.input, err) < 0)
        return -1;
    int result = start(t, saved, err);
    if (result == 0)
        result = answer_wait(t, err);
    if (end_whole(t, result == 0 ? err : &ignored) < 0)
        result = -1;
    return result;
}

int trial_run(struct arena *arena, const struct trial_config *config, struct trial_result *out,
              struct err *err)
{
    struct self_saved *saved;
    struct trial *t = arena_alloc(arena, sizeof *t);
    *out = (struct trial_result){ 0 };
    *t = (struct trial){
        .arena = arena,
        .config = config,
        .out = out,
        .loop = EVENT_LOOP_CLOSED,
        .log = { -1, -1 },
        .answer = { -1, -1 },
        .app = { .handle = PROCESS_HANDLE_NONE },
        .questioner = { .handle = PROCESS_HANDLE_NONE },
        .answer_text = { .arena = arena },
    };
    if (process_table_open(&t->table, err) < 0)
        return -1;
    below_prepare(arena, t->table, &t->below);
    int result = self_arm(&saved, err);
    if (result == 0) {
        result = armed_run(t, saved, err);
        self_disarm(saved);
    }
    pipe_close(&t->log);
    pipe_close(&t->answer);
    event_loop_close(&t->loop);
    process_release(t->table, &t->app);
    process_release(t->table, &t->questioner);
    process_table_close(t->table);
    out->answer = text_get(&t->answer_text);
    out->answer_length = t->answer_text.length;
    log_tell(t);
    return result;
}
