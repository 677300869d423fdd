/* An end for this process on Linux: setitimer(2), and a handler that does only what
 * signal-safety(7) allows. */
#include "platform/deadline.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/macros.h"

/* Written before the alarm is set, read by the handler alone. */
static const char *end_line;
static int end_status;

static void on_alarm(int number)
{
    (void)number;
    if (end_line) {
        ssize_t ignored = write(STDERR_FILENO, end_line, strlen(end_line));
        (void)ignored; /* it ends in any case */
    }
    _exit(end_status);
}

void deadline_start(uint64_t limit_ns, const char *line, int status)
{
    struct sigaction action = { .sa_handler = on_alarm };
    const struct itimerval timer = {
        .it_value = { .tv_sec = (time_t)(limit_ns / SECOND_NS),
                      .tv_usec = (suseconds_t)(limit_ns % SECOND_NS / US_NS) },
    };
    sigset_t alone;
    end_line = line;
    end_status = status;
    (void)sigemptyset(&alone); /* cannot fail */
    (void)sigaddset(&alone, SIGALRM);
    (void)sigaction(SIGALRM, &action, NULL);
    (void)sigprocmask(SIG_UNBLOCK, &alone, NULL); /* it may be blocked by inheritance */
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

void deadline_stop(void)
{
    const struct itimerval none = { 0 };
    (void)setitimer(ITIMER_REAL, &none, NULL);
}
