/* The restart budget: a list of the restarts within the window, and a pause that doubles with each
 * of them. An app that runs into its limit once a week always starts at once; one that does so
 * every minute waits longer and longer, and then is left alone. */
#include "guard/budget_private.h"

#include <string.h>

static void forget_old(struct budget *budget, uint64_t now_ns)
{
    size_t old = 0;
    while (old < budget->count && now_ns - budget->times_ns[old] >= budget->within_ns)
        old++;
    if (budget->count - old == BUDGET_TIMES_MAX)
        old++;
    budget->count -= old;
    memmove(budget->times_ns, budget->times_ns + old, budget->count * sizeof budget->times_ns[0]);
}

bool budget_spend(struct budget *budget, uint64_t now_ns, uint64_t *out_pause_ns)
{
    forget_old(budget, now_ns);
    if (budget->count >= budget->max)
        return false;
    uint64_t pause_ns = budget->pause_ns;
    for (size_t i = 0; i < budget->count && pause_ns < BUDGET_PAUSE_MAX_NS; i++)
        pause_ns *= 2;
    budget->times_ns[budget->count++] = now_ns;
    *out_pause_ns = pause_ns < BUDGET_PAUSE_MAX_NS ? pause_ns : BUDGET_PAUSE_MAX_NS;
    return true;
}
