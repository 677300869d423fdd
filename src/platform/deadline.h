/* deadline.h: an end for this process when it takes too long.
 * Room: platform. For programs that package scripts wait for. */
#ifndef QWGUARD_PLATFORM_DEADLINE_H
#define QWGUARD_PLATFORM_DEADLINE_H

#include <stdint.h>

/**
 * From now on, end the process when the time is over: the line is printed on standard error
 * (with a line end; nothing when NULL). Only for stretches in which an end leaves nothing
 * half-done.
 *
 * limit_ns  monotonic time; at least a microsecond
 * line      borrowed until deadline_stop()
 * status    exit status
 */
void deadline_start(uint64_t limit_ns, const char *line, int status);

/**
 * Take it back.
 */
void deadline_stop(void);

#endif
