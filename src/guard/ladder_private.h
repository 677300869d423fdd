/* ladder_private.h: which launch comes after an incident.
 * Room: guard. Pure. */
#ifndef QWGUARD_GUARD_LADDER_PRIVATE_H
#define QWGUARD_GUARD_LADDER_PRIVATE_H

#include "guard/guard.h"

/* The launch after current on the ladder: the step behind the one with its rung, the first step
 * when the rung is not on the ladder, current itself when none is left. Borrowed. */
const struct guard_launch *ladder_next(const struct guard_ladder *ladder,
                                       const struct guard_launch *current);

#endif
