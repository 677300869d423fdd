/* A program that does nothing but read the memory of processes once a second, with descriptors that
 * it keeps: what bench-guard.py sets an idle guard against. bare_look SECONDS PID…; prints the
 * milliseconds of processor time that a minute of it costs. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 1000

static double used_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e3 + (double)used.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    int seconds = argc > 2 ? atoi(argv[1]) : 0, count = argc - 2, files[PROCESSES_MAX];
    int timer = timerfd_create(CLOCK_MONOTONIC, 0), poll = epoll_create1(0);
    struct epoll_event wanted = { .events = EPOLLIN | EPOLLET };
    if (seconds < 1 || count > PROCESSES_MAX || epoll_ctl(poll, EPOLL_CTL_ADD, timer, &wanted) < 0)
        return 2;
    for (int i = 0; i < count; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/%s/statm", argv[i + 2]);
        files[i] = open(path, O_RDONLY);
    }
    double before_ms = used_ms();
    for (int look = 0; look < seconds; look++) {
        char text[256];
        struct itimerspec second = { .it_value = { .tv_sec = 1 } };
        (void)timerfd_settime(timer, 0, &second, NULL);
        (void)epoll_wait(poll, &wanted, 1, -1);
        for (int i = 0; i < count; i++)
            if (pread(files[i], text, sizeof text, 0) <= 0)
                return 1;
    }
    (void)printf("%.2f\n", (used_ms() - before_ms) / seconds * 60);
    return 0;
}
