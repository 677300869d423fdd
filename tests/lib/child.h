/* child.h: a child process that waits until it is told to end.
 * Room: tests. It ends by itself when the test ends, so none is left behind. */
#ifndef QWGUARD_TESTS_CHILD_H
#define QWGUARD_TESTS_CHILD_H

#include <stddef.h>
#include <stdint.h>

struct child {
    int64_t pid;
    int hold; /* closing it lets the child go on to its end */
};

/**
 * Start one and wait until it runs.
 *
 * name         of its main thread; NULL = as ours
 * touch_bytes  private memory that it writes to
 */
struct child child_start(const char *name, size_t touch_bytes);

/**
 * Let it end by itself, with status 0; it is waited for by the caller or by child_wait().
 */
void child_release(struct child *child);

/**
 * Wait for its end; a child that is still held is ended first.
 *
 * returns   the status as waitpid(2) gives it
 */
int child_wait(struct child *child);

#endif
