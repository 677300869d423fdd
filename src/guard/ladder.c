/* The way up a ladder of launches. Which ladder it is follows from what leaked (attribution.h of
 * the plan's profiles); here is only where on it one stands. */
#include "guard/ladder_private.h"

#include "base/text.h"

const struct guard_launch *ladder_next(const struct guard_ladder *ladder,
                                       const struct guard_launch *current)
{
    size_t next = 0;
    for (size_t i = 0; i < ladder->count; i++)
        if (text_equal(ladder->steps[i].rung, current->rung))
            next = i + 1;
    return next < ladder->count ? &ladder->steps[next] : current;
}
