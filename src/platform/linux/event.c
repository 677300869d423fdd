/* One epoll with a timerfd and a signalfd. The timer is edge-triggered, so it need not be read; a
 * wake-up with nothing to do but one look costs two system calls here. */
#include "platform/event.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/macros.h"
#include "platform/linux/self_private.h"

/* More than are waited for at once: timer, signals, and a few pipes. */
#define READY_MAX 8

static int add(const struct event_loop *loop, int fd, uint32_t events)
{
    struct epoll_event wanted = { .events = events, .data.fd = fd };
    return epoll_ctl(loop->poll, EPOLL_CTL_ADD, fd, &wanted);
}

int event_loop_open(struct event_loop *out, struct err *err)
{
    struct event_loop loop = EVENT_LOOP_CLOSED;
    sigset_t held;
    self_signals(&held);
    loop.poll = epoll_create1(EPOLL_CLOEXEC);
    loop.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    loop.signals = signalfd(-1, &held, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop.poll < 0 || loop.timer < 0 || loop.signals < 0
        || add(&loop, loop.timer, EPOLLIN | EPOLLET) < 0 || add(&loop, loop.signals, EPOLLIN) < 0) {
        int code = errno;
        event_loop_close(&loop);
        return err_set_os(err, code, "cannot wait for events");
    }
    *out = loop;
    return 0;
}

void event_loop_close(struct event_loop *loop)
{
    int *const all[] = { &loop->poll, &loop->timer, &loop->signals };
    for (size_t i = 0; i < ROWS(all); i++) {
        if (*all[i] >= 0)
            close(*all[i]);
        *all[i] = -1;
    }
}

int event_group_add(struct event_loop *loop, int handle, bool urgent, struct err *err)
{
    if (add(loop, handle, (urgent ? EPOLLPRI : EPOLLIN) | EPOLLET) < 0)
        return err_set_os(err, errno, "cannot wait for the control group");
    loop->group = handle;
    return 0;
}

int event_deadline_set(struct event_loop *loop, uint64_t at_ns, struct err *err)
{
    if (at_ns == loop->deadline_ns)
        return 0;
    struct itimerspec when = { { 0, 0 }, { 0, 0 } };
    if (at_ns != EVENT_NEVER) {
        when.it_value.tv_sec = (time_t)(at_ns / SECOND_NS);
        when.it_value.tv_nsec = (long)(at_ns % SECOND_NS);
        if (at_ns == 0)
            when.it_value.tv_nsec = 1; /* zero would stop the timer */
    }
    if (timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL) < 0)
        return err_set_os(err, errno, "cannot set a timer");
    loop->deadline_ns = at_ns;
    return 0;
}

/* One signal, or false when none is waiting. */
static bool signal_take(const struct event_loop *loop, struct event *out)
{
    struct signalfd_siginfo info;
    if (read(loop->signals, &info, sizeof info) != (ssize_t)sizeof info)
        return false;
    int number = (int)info.ssi_signo;
    *out = (struct event){ .kind = number == SIGCHLD ? EVENT_CHILD : EVENT_SIGNAL };
    if (number != SIGCHLD) {
        out->signal = number;
        /* SI_USER, SI_QUEUE and SI_TKILL are 0 and below; what the terminal sends is SI_KERNEL.
         * A terminal that goes away tells only the leader of its session; the others would be told
         * when that one ends. Source: sigaction(2); tty_signal_session_leader() in
         * drivers/tty/tty_jobctrl.c, Linux 6.18. */
        out->from_process = info.ssi_code <= 0 || (number == SIGHUP && getsid(0) == getpid());
        out->asks_to_quit = number == SIGTERM || number == SIGINT || number == SIGHUP;
    }
    return true;
}

int event_input_add(struct event_loop *loop, int input, struct err *err)
{
    if (add(loop, input, EPOLLIN) < 0)
        return err_set_os(err, errno, "cannot wait for what a program says");
    return 0;
}

/* The edge of a deadline is told once; when something else comes first, ask for it again. */
static void deadline_again(const struct event_loop *loop)
{
    struct itimerspec soon = { .it_value = { .tv_nsec = 1 } };
    (void)timerfd_settime(loop->timer, 0, &soon, NULL);
}

/* What a waiting has brought; false when there is nothing for the caller in it. */
static bool choose(struct event_loop *loop, bool signals, bool deadline, struct event *out)
{
    if (signals && signal_take(loop, out)) {
        if (deadline)
            deadline_again(loop);
        return true;
    }
    if (!loop->group_ready && !deadline)
        return false;
    *out = (struct event){ .kind = loop->group_ready ? EVENT_GROUP : EVENT_DEADLINE };
    if (loop->group_ready && deadline)
        deadline_again(loop);
    loop->group_ready = false;
    return true;
}

int event_wait(struct event_loop *loop, struct event *out, struct err *err)
{
    for (;;) {
        struct epoll_event ready[READY_MAX];
        int count = epoll_wait(loop->poll, ready, ROWS(ready), loop->group_ready ? 0 : -1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return err_set_os(err, errno, "cannot wait for events");
        bool deadline = false, signals = false;
        int input = -1;
        for (int i = 0; i < count; i++) {
            int fd = ready[i].data.fd;
            bool own = fd == loop->timer || fd == loop->signals || fd == loop->group;
            deadline |= fd == loop->timer;
            signals |= fd == loop->signals;
            loop->group_ready |= fd == loop->group;
            input = own ? input : fd;
        }
        if (deadline)
            loop->deadline_ns = EVENT_NEVER - 1; /* used up: the next one is set in any case */
        if (choose(loop, signals, deadline, out))
            return 0;
        if (input >= 0) {
            *out = (struct event){ .kind = EVENT_INPUT, .input = input };
            return 0;
        }
    }
}
