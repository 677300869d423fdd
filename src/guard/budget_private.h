/* budget_private.h: how often, and after what pause, an app may be started again.
 * Room: guard. Pure: the times come from the caller. */
#ifndef QWGUARD_GUARD_BUDGET_PRIVATE_H
#define QWGUARD_GUARD_BUDGET_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUDGET_TIMES_MAX 1024
#define BUDGET_PAUSE_MAX_NS (60 * 1000000000ULL)

struct budget {
    unsigned max;       /* restarts within the window; 0 = never */
    uint64_t within_ns; /* length of the window */
    uint64_t pause_ns;  /* before the first restart; doubled by each further one of the window */
    uint64_t times_ns[BUDGET_TIMES_MAX]; /* of restarts, oldest first */
    size_t count;
};

/* Spend one restart: false when the window holds as many as are allowed (nothing is spent). More
 * than BUDGET_TIMES_MAX in one window are not told apart. */
bool budget_spend(struct budget *budget, uint64_t now_ns, uint64_t *out_pause_ns);

#endif
