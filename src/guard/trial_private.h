/* trial_private.h: the processes below this one, found and ended. Room: guard. */
#ifndef QWGUARD_GUARD_TRIAL_PRIVATE_H
#define QWGUARD_GUARD_TRIAL_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "platform/process.h"

/* Room for all processes of the machine, made once. */
struct below {
    struct process_table *table;
    int64_t *pids;
    struct process_facts *all;
    size_t count; /* those below us stand in front; the rest is not kept */
};

/**
 * Make room.
 */
void below_prepare(struct arena *arena, struct process_table *table, struct below *out);

/**
 * Look for the live processes below this one, at any depth.
 *
 * returns   how many there are
 */
size_t below_look(struct below *below);

/**
 * Those that were found last are ended at once.
 */
void below_kill(const struct below *below);

#endif
