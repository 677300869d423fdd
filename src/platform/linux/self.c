/* Becoming a guard and being as before. Three things are needed (children of ended parents come to
 * us, signals are held, SIGCHLD is not ignored), the rest is tried and does without: on a machine
 * that runs out of memory or whose processors are all busy, the guard must still get its turn. */
#include "platform/self.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/linux/self_private.h"

#define OOM_SCORE_PATH "/proc/self/oom_score_adj"
#define OOM_SCORE_GUARD (-500)

struct self_saved {
    sigset_t mask;
    struct sigaction child, pipe;
    struct rlimit descriptors;
    bool descriptors_raised;
    int oom_score;
    bool oom_score_lowered;
    bool was_subreaper;
    bool ahead; /* scheduled before ordinary programs; not inherited by children */
};

void self_streams_hold(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* The lowest free one is this; read-only, so that a write fails as it would have. */
        int filled = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (filled >= 0 && filled != fd)
            (void)close(filled); /* nothing was written through it */
    }
}

void self_signals(sigset_t *out)
{
    static const int taken[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
    sigemptyset(out);
    for (size_t i = 0; i < ROWS(taken); i++)
        sigaddset(out, taken[i]);
}

static bool oom_score_write(int score)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%d", score);
    int fd = open(OOM_SCORE_PATH, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool written = write(fd, text, (size_t)length) == length;
    close(fd);
    return written;
}

static bool oom_score_read(int *out)
{
    char text[16] = "";
    int fd = open(OOM_SCORE_PATH, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    int value = 0;
    for (const char *at = text[0] == '-' ? text + 1 : text; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (*at - '0');
    *out = text[0] == '-' ? -value : value;
    return length > 0;
}

/* What makes the guard dependable where it is allowed, and is no failure where it is not. */
static void strengthen(struct self_saved *saved)
{
    struct rlimit more = saved->descriptors;
    more.rlim_cur = more.rlim_max;
    saved->descriptors_raised = more.rlim_cur != saved->descriptors.rlim_cur
                                && setrlimit(RLIMIT_NOFILE, &more) == 0;
    if (oom_score_read(&saved->oom_score) && saved->oom_score > OOM_SCORE_GUARD)
        saved->oom_score_lowered = oom_score_write(OOM_SCORE_GUARD);
    /* ONFAULT: lock what is used, do not fetch what is not. */
    (void)mlockall(MCL_CURRENT | MCL_ONFAULT);
    /* Lowest real-time priority, which children do not get: a look at a process must not wait for
     * the turn of the program that leaks. Only from the ordinary state, so there is nothing to
     * remember. */
    struct sched_param first = { .sched_priority = 1 };
    if (sched_getscheduler(0) == SCHED_OTHER && getpriority(PRIO_PROCESS, 0) >= 0)
        saved->ahead = sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first) == 0;
}

void self_heap_ready(size_t bytes)
{
    /* Large blocks come from it too, and it is not given back in between. */
    (void)mallopt(M_MMAP_THRESHOLD, (int)(2 * bytes));
    (void)mallopt(M_TRIM_THRESHOLD, (int)(2 * bytes));
    char *heap = malloc(bytes);
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t)heap + page - 1) / page * page;
    if (heap)
        (void)madvise((void *)start, bytes - (start - (uintptr_t)heap), MADV_POPULATE_WRITE);
    free(heap);
}

int self_arm(struct self_saved **out, struct err *err)
{
    struct self_saved *saved = calloc(1, sizeof *saved);
    sigset_t held;
    int before = 0;
    if (!saved)
        return err_set_os(err, ENOMEM, "cannot guard");
    (void)prctl(PR_GET_CHILD_SUBREAPER, &before, 0, 0, 0); /* 0 where it is not known */
    saved->was_subreaper = before != 0;
    self_signals(&held);
    sigaddset(&held, SIGPIPE); /* our own messages may go to a closed pipe */
    struct sigaction plain = { .sa_handler = SIG_DFL };
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0
        || getrlimit(RLIMIT_NOFILE, &saved->descriptors) < 0
        || sigaction(SIGCHLD, &plain, &saved->child) < 0
        || sigaction(SIGPIPE, NULL, &saved->pipe) < 0
        || sigprocmask(SIG_BLOCK, &held, &saved->mask) < 0) {
        int code = errno;
        free(saved);
        return err_set_os(err, code, "cannot guard");
    }
    strengthen(saved);
    *out = saved;
    return 0;
}

void self_restore(const struct self_saved *saved)
{
    if (saved->oom_score_lowered)
        (void)oom_score_write(saved->oom_score);
    if (saved->descriptors_raised)
        (void)setrlimit(RLIMIT_NOFILE, &saved->descriptors);
    sigaction(SIGCHLD, &saved->child, NULL);
    sigaction(SIGPIPE, &saved->pipe, NULL);
    sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

void self_disarm(struct self_saved *saved)
{
    if (!saved)
        return;
    if (saved->ahead) {
        struct sched_param none = { 0 };
        (void)sched_setscheduler(0, SCHED_OTHER, &none);
    }
    (void)munlockall();
    if (!saved->was_subreaper)
        (void)prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    /* What waited meanwhile (a broken pipe, a signal that came too late for the app) would end us
     * now, after everything is done. */
    sigset_t late;
    self_signals(&late);
    sigaddset(&late, SIGPIPE);
    struct timespec now = { 0, 0 };
    while (sigtimedwait(&late, NULL, &now) > 0)
        ;
    self_restore(saved);
    free(saved);
}
