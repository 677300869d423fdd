/* self.h: what this process is to the system while it guards, and how to be as before.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_SELF_H
#define QWGUARD_PLATFORM_SELF_H

#include <stddef.h>

#include "base/err.h"

/**
 * Fill the places of standard input, output and error where this process was started without them,
 * so that no file opened later lands there and takes our messages. What fills them can be neither
 * written to nor seen by a program that we start. First thing in main().
 */
void self_streams_hold(void);

/**
 * Have so much memory ready for malloc(), by one call to the system in place of one fault a page.
 * For a process that will need it and then ends; where it cannot be had so, nothing changes.
 *
 * source    madvise(2), MADV_POPULATE_WRITE (Linux 5.14); mallopt(3)
 */
void self_heap_ready(size_t bytes);

/* What was inherited: signal mask and dispositions, limits, priority. An app is started with these
 * and not with ours. */
struct self_saved;

/**
 * Become a guard: orphans below us become our children, signals are held for the event loop, more
 * descriptors, and where the system allows it: hard to end for want of memory, not swapped out,
 * ahead of busy programs.
 *
 * out       give back with self_disarm()
 * returns   0, or -1 and ERR_SYSTEM (orphans or signals cannot be taken over)
 */
int self_arm(struct self_saved **out, struct err *err);

/**
 * Be as before, and free; NULL is accepted.
 */
void self_disarm(struct self_saved *saved);

#endif
