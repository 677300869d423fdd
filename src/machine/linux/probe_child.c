/* Asks GL or Vulkan in a child, since a driver may crash, hang, print or start threads. The child
 * is this program again, in a process group of its own, with nothing open but the pipe of its
 * answer; what it does wrong is a fact and no failure. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macros.h"
#include "machine/linux/child_private.h"
#include "machine/probe_private.h"
#include "platform/clock.h"
#include "platform/spawn.h"

#define PROGRAM "/proc/self/exe"
#define READ_BYTES ((size_t)16 * 1024)
#define REAP_LIMIT_NS (1 * SECOND_NS) /* a process that waits in the kernel cannot be ended */
#define LOOK_AGAIN_MS 20              /* where the kernel has no descriptors for processes */

struct child {
    pid_t pid;
    int handle; /* pidfd, -1 = none */
    int answer; /* -1 = closed by the other side */
    struct text text;
};

static void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* a pipe that was read, or a handle */
    *fd = -1;
}

/* Our environment and what is to be looked at. */
static char *const *environment_make(struct arena *arena, enum probe_subject subject,
                                     const char *session)
{
    const char *const *ours = spawn_environment();
    size_t count = 0;
    while (ours[count])
        count++;
    char **environment = arena_array(arena, count + 3, sizeof *environment);
    environment[0] = arena_printf(arena, "%s=%s", PROBE_WANTED_VARIABLE,
                                  probe_subject_text(subject));
    environment[1] = arena_printf(arena, "%s=%s", PROBE_SESSION_VARIABLE, session ? session : "");
    memcpy(environment + 2, ours, count * sizeof *environment);
    return environment;
}

/* Returns 0 or an errno. */
static int child_spawn(int answer, char *const *environment, pid_t *out_pid)
{
    char *const argv[] = { "qwguard", PROBE_CHILD_ARGUMENT, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int code = posix_spawn_file_actions_init(&actions);
    if (code)
        return code;
    code = posix_spawnattr_init(&attributes);
    if (code) {
        (void)posix_spawn_file_actions_destroy(&actions); /* frees memory only */
        return code;
    }
    sigemptyset(&none);
    sigfillset(&all);
    short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    (void)posix_spawnattr_setflags(&attributes, flags); /* these four only store a value */
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && !code; fd++)
        code = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    if (!code)
        code = posix_spawn_file_actions_adddup2(&actions, answer, PROBE_ANSWER_FD);
    if (!code)
        code = posix_spawn(out_pid, PROGRAM, &actions, &attributes, argv, environment);
    (void)posix_spawnattr_destroy(&attributes); /* frees memory only */
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* A writing end above the descriptors that the child's streams take. */
static int pipe_make(int out[2])
{
    if (pipe2(out, O_CLOEXEC) < 0)
        return -1;
    int high = fcntl(out[1], F_DUPFD_CLOEXEC, PROBE_ANSWER_FD + 1);
    fd_close(&out[1]);
    out[1] = high;
    if (high < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0) {
        fd_close(&out[0]);
        fd_close(&out[1]);
        return -1;
    }
    return 0;
}

static int child_start(struct child *child, enum probe_subject subject, const char *session)
{
    int ends[2];
    if (pipe_make(ends) < 0)
        return -1;
    int code = child_spawn(ends[1], environment_make(child->text.arena, subject, session),
                           &child->pid);
    fd_close(&ends[1]);
    if (code) {
        fd_close(&ends[0]);
        return -1;
    }
    child->answer = ends[0];
    child->handle = (int)syscall(SYS_pidfd_open, child->pid, 0U);
    return 0;
}

/* Everything that is there now. False when it is too much for an answer. */
static bool answer_read(struct child *child)
{
    char bytes[READ_BYTES];
    while (child->answer >= 0) {
        ssize_t length = read(child->answer, bytes, sizeof bytes);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno == EAGAIN)
            return true;
        if (length <= 0)
            fd_close(&child->answer);
        else
            text_add(&child->text, bytes, (size_t)length);
        if (child->text.length > PROBE_ANSWER_BYTES_MAX)
            return false;
    }
    return true;
}

/* The last line may also stand inside a string, so the whole has to make sense. */
static bool answer_complete(struct child *child, enum probe_subject subject,
                            struct probe_result *out)
{
    size_t end = strlen(PROBE_ANSWER_END);
    if (child->text.length < end
        || memcmp(child->text.bytes + child->text.length - end, PROBE_ANSWER_END, end) != 0)
        return false;
    probe_answer_parse(child->text.arena, subject, child->text.bytes, child->text.length, out);
    return out->probe != GL_PROBE_GARBAGE;
}

/* The child stays as it is: its pid and its group are kept until it is waited for. */
static bool child_ended(const struct child *child, bool *out_by_signal, int *out_code)
{
    siginfo_t info = { 0 };
    if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return errno == ECHILD;
    *out_by_signal = info.si_pid && info.si_code != CLD_EXITED;
    *out_code = info.si_status;
    return info.si_pid != 0;
}

/* Wait for a byte of the answer, the end of the child, or the deadline. */
static void child_poll(const struct child *child, uint64_t left_ns)
{
    uint64_t left_ms = (left_ns + MS_NS - 1) / MS_NS;
    struct pollfd ready[] = { { .fd = child->answer, .events = POLLIN },
                              { .fd = child->handle, .events = POLLIN } };
    if (child->handle < 0 && left_ms > LOOK_AGAIN_MS)
        left_ms = LOOK_AGAIN_MS;
    (void)poll(ready, ROWS(ready), left_ms > INT32_MAX ? INT32_MAX : (int)left_ms); /* looked at
                                                                                      anyway */
}

static void child_follow(struct child *child, enum probe_subject subject, uint64_t deadline_ns,
                         struct probe_result *out)
{
    bool by_signal = false;
    int code = 0;
    *out = (struct probe_result){ .probe = GL_PROBE_TIMEOUT };
    for (;;) {
        bool ended = child_ended(child, &by_signal, &code);
        if (!answer_read(child)) {
            *out = (struct probe_result){ .probe = GL_PROBE_GARBAGE };
            return;
        }
        if (answer_complete(child, subject, out))
            return;
        if (ended)
            break;
        uint64_t now_ns = clock_monotonic_ns();
        *out = (struct probe_result){ .probe = GL_PROBE_TIMEOUT };
        if (now_ns >= deadline_ns)
            return;
        child_poll(child, deadline_ns - now_ns);
    }
    out->probe = !by_signal        ? GL_PROBE_GARBAGE
                 : code == SIGXCPU ? GL_PROBE_TIMEOUT
                                   : GL_PROBE_CRASHED;
}

/* What the child started is in its group and ends with it. */
static void child_end(struct child *child)
{
    uint64_t deadline_ns = clock_monotonic_ns() + REAP_LIMIT_NS;
    uint64_t now_ns;
    (void)kill(-child->pid, SIGKILL); /* gone already is as good */
    (void)kill(child->pid, SIGKILL);
    fd_close(&child->answer);
    while (waitpid(child->pid, NULL, WNOHANG) == 0 && (now_ns = clock_monotonic_ns()) < deadline_ns)
        child_poll(child, deadline_ns - now_ns);
    fd_close(&child->handle);
}

void probe_child_run(struct arena *arena, const struct probe_options *options,
                     enum probe_subject subject, const char *session, struct probe_result *out)
{
    uint64_t limit_ns = options->timeout_ns ? options->timeout_ns : PROBE_TIMEOUT_DEFAULT_NS;
    uint64_t deadline_ns = clock_monotonic_ns() + limit_ns;
    struct child child = { .handle = -1, .answer = -1, .text.arena = arena };
    struct sigaction before, normal = { .sa_handler = SIG_DFL };
    *out = (struct probe_result){ .probe = GL_PROBE_NONE };
    /* Whoever ignores SIGCHLD is never told how a child ended, and that is inherited. */
    bool changed = sigaction(SIGCHLD, &normal, &before) == 0;
    if (child_start(&child, subject, session) == 0) {
        child_follow(&child, subject, deadline_ns, out);
        child_end(&child);
    }
    if (changed)
        (void)sigaction(SIGCHLD, &before, NULL); /* what it was is valid */
}
