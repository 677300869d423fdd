/* event.h: wait for a deadline, a signal, the end of a child or a full control group, in one place.
 * Room: platform. Called from one thread; allocates nothing. Signals must have been taken over
 * first (self_arm()). */
#ifndef QWGUARD_PLATFORM_EVENT_H
#define QWGUARD_PLATFORM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define EVENT_NEVER UINT64_MAX

enum event_kind {
    EVENT_DEADLINE, /* the time set by event_deadline_set() has come */
    EVENT_CHILD,    /* at least one child has ended: process_reap() */
    EVENT_SIGNAL,   /* somebody wants something of us */
    EVENT_GROUP,    /* the control group was full */
    EVENT_COUNT,
    EVENT_INPUT = EVENT_COUNT, /* only after event_input_add(): something can be read there */
};

struct event {
    enum event_kind kind;
    int signal;        /* EVENT_SIGNAL: its number */
    bool from_process; /* EVENT_SIGNAL: sent to us alone, not by the terminal to the group */
    bool asks_to_quit; /* EVENT_SIGNAL: terminate, interrupt or hang-up */
    int input;         /* EVENT_INPUT: the handle */
};

struct event_loop {
    int poll, timer, signals;
    int group;            /* what event_group_add() was given; not ours to close */
    uint64_t deadline_ns; /* what the timer is set to */
    bool group_ready;     /* and not told yet */
};

/* One that is not open. */
#define EVENT_LOOP_CLOSED                                                                          \
    {                                                                                              \
        -1, -1, -1, -1, EVENT_NEVER, false                                                         \
    }

/**
 * Make the loop.
 *
 * out       close with event_loop_close()
 * returns   0, or -1 and ERR_SYSTEM
 */
int event_loop_open(struct event_loop *out, struct err *err);

/**
 * Close; one that was not opened (EVENT_LOOP_CLOSED) is accepted.
 */
void event_loop_close(struct event_loop *loop);

/**
 * When EVENT_DEADLINE is due, monotonic nanoseconds (clock_monotonic_ns()); one that is past is due
 * at once, EVENT_NEVER takes the deadline back.
 */
int event_deadline_set(struct event_loop *loop, uint64_t at_ns, struct err *err);

/**
 * Also wait for something to read, or for the end of it. Told as long as it is there.
 *
 * input     handle of a pipe; taken out again by closing it
 * returns   0, or -1 and ERR_SYSTEM
 */
int event_input_add(struct event_loop *loop, int input, struct err *err);

/**
 * Tell of a control group, too.
 *
 * handle    becomes ready when it is full; must stay open as long as the loop
 * urgent    it is ready as files of control groups v2 are, not as a counter
 * returns   0, or -1 and ERR_SYSTEM
 */
int event_group_add(struct event_loop *loop, int handle, bool urgent, struct err *err);

/**
 * Wait for the next event. Ended children come before signals, signals before the group, that
 * before the deadline, the deadline before something to read.
 *
 * returns   0, or -1 and ERR_SYSTEM
 */
int event_wait(struct event_loop *loop, struct event *out, struct err *err);

#endif
