/* Starting programs. The child puts back every setting that the guard changed for itself, so the
 * app sees what it would see without us; why it could not be executed comes back through a pipe
 * that closes by itself when it could. */
#include "platform/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/linux/self_private.h"

const char *const *spawn_environment(void)
{
    return (const char *const *)environ;
}

static int exec_failed(const char *program, int code, struct err *err)
{
    struct stat info;
    if ((code == ENOENT || code == ENOTDIR) && stat(program, &info) < 0) {
        err_set_os(err, code, "cannot start '%s'", program);
        err->kind = ERR_NOT_FOUND;
    } else if (code == ENOENT) {
        err_set(err, ERR_NOT_EXEC,
                "cannot start '%s': the program that it names to run it (first "
                "line, or loader) does not exist",
                program);
    } else {
        err_set_os(err, code, "cannot start '%s'", program);
        err->kind = ERR_NOT_EXEC;
    }
    return -1;
}

static void stream_put(int stream, int place)
{
    int none = stream == SPAWN_STREAM_NONE ? open("/dev/null", O_RDWR | O_CLOEXEC) : -1;
    if (stream >= 0 || none >= 0)
        (void)dup2(none >= 0 ? none : stream, place);
}

/* In the child; does not come back. */
static _Noreturn void become(const struct spawn *spawn, bool born_in, int told)
{
    if (spawn->group)
        cgroup_enter(spawn->group, born_in);
    stream_put(spawn->input_stream, STDIN_FILENO);
    stream_put(spawn->output_stream, STDOUT_FILENO);
    stream_put(spawn->error_stream, STDERR_FILENO);
    self_restore(spawn->saved);
    /* Like a shell, a script without a first line is given to sh. */
    execvpe(spawn->program, (char *const *)spawn->argv, (char *const *)spawn->environment);
    int code = errno;
    (void)!write(told, &code, sizeof code); /* the reader also sees the end without it */
    _exit(127);
}

/* Moving a process into a group takes the kernel milliseconds, so it is born there: fork(), by the
 * call that can do that (clone3(2), CLONE_INTO_CGROUP since Linux 5.7). The C library is not told,
 * and need not be: the child only executes another program. Where cgroup.kill was used once, what
 * is born into the group by this call is ended at once (seen on Linux 6.18: the kernel compares our
 * own group's count of kills with the other's); then it moves there like anything. */
static pid_t fork_into(const struct cgroup *group, bool *out_born_in)
{
    *out_born_in = group && group->v2.folder >= 0 && !group->killed;
    if (*out_born_in) {
        struct clone_args args = { .flags = CLONE_INTO_CGROUP,
                                   .exit_signal = SIGCHLD,
                                   .cgroup = (unsigned)group->v2.folder };
        long pid = syscall(SYS_clone3, &args, sizeof args);
        if (pid >= 0)
            return (pid_t)pid;
    }
    *out_born_in = false;
    return fork();
}

int spawn_program(struct process_table *table, const struct spawn *spawn, struct proc *out,
                  struct err *err)
{
    int told[2];
    if (pipe2(told, O_CLOEXEC) < 0)
        return err_set_os(err, errno, "cannot start '%s'", spawn->program);
    bool born_in;
    pid_t pid = fork_into(spawn->group, &born_in);
    if (pid == 0)
        become(spawn, born_in, told[1]);
    int code = errno;
    close(told[1]);
    if (pid < 0) {
        close(told[0]);
        return err_set_os(err, code, "cannot start '%s'", spawn->program);
    }
    /* Not waited for yet, so the pid is this process and no other. */
    struct proc proc = { .pid = pid, .handle = PROCESS_HANDLE_NONE };
    struct process_facts facts;
    struct err ignored;
    if (process_facts_read(table, pid, &facts, &ignored) == 0)
        proc.start = facts.start;
    (void)process_hold(table, &proc,
                       &ignored); /* it may have ended already; its status will tell */
    ssize_t length;
    do
        length = read(told[0], &code, sizeof code);
    while (length < 0 && errno == EINTR);
    close(told[0]);
    if (length == (ssize_t)sizeof code) {
        process_release(table, &proc);
        return exec_failed(spawn->program, code, err);
    }
    *out = proc;
    return 0;
}

/* Standard error and what is named stays open: an app's pipe or terminal must not be held by us. */
static void helper_streams(const int *keep, size_t keep_count)
{
    int none = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (none >= 0) {
        (void)dup2(none, STDIN_FILENO);
        (void)dup2(none, STDOUT_FILENO);
    }
    unsigned next = STDERR_FILENO + 1;
    for (size_t i = 0; i < keep_count; i++) {
        if ((unsigned)keep[i] > next)
            (void)close_range(next, (unsigned)keep[i] - 1, 0);
        next = (unsigned)keep[i] + 1;
    }
    (void)close_range(next, ~0U, 0);
}

int spawn_helper(spawn_helper_fn *run, void *context, const int *keep, size_t keep_count,
                 int64_t *out_pid, struct err *err)
{
    pid_t pid = fork();
    if (pid < 0)
        return err_set_os(err, errno, "cannot start a helper");
    if (pid == 0) {
        static const int ignored[] = { SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGTSTP,
                                       SIGTTIN, SIGTTOU, SIGPIPE, SIGUSR1, SIGUSR2 };
        sigset_t none;
        for (size_t i = 0; i < ROWS(ignored); i++)
            (void)signal(ignored[i], SIG_IGN);
        (void)signal(SIGCHLD, SIG_DFL);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        helper_streams(keep, keep_count);
        _exit(run(context));
    }
    *out_pid = pid;
    return 0;
}
