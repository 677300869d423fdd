/* notify.h: tell the service manager how we are, and that we still live.
 * Room: platform. Allocates nothing, never waits: what nobody takes is dropped. */
#ifndef QWGUARD_PLATFORM_NOTIFY_H
#define QWGUARD_PLATFORM_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct notify {
    int fd;               /* -1 = nobody wants to know */
    uint64_t watchdog_ns; /* a sign of life is wanted this often; 0 = none */
};

/**
 * Find out who wants to know. Never fails: then nothing is sent.
 *
 * out       close with notify_close()
 * source    sd_notify(3): NOTIFY_SOCKET, a path or "@" and an abstract name; sd_watchdog_enabled(3):
 *           WATCHDOG_USEC, meant for us when WATCHDOG_PID is not there or is our pid
 */
void notify_open(struct notify *out);

/**
 * Send assignments, one a line ("READY=1\nSTATUS=…").
 */
void notify_send(const struct notify *notify, const char *text);

/**
 * Close; fd -1 is accepted.
 */
void notify_close(struct notify *notify);

#endif
