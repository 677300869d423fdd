/* The child says by one byte that it is ready, and waits for the end of a pipe. */
#include "child.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE_BYTES_MIN 4096 /* no page is smaller */

static _Noreturn void be_child(const char *name, size_t touch_bytes, int ready, int hold)
{
    char byte = 1;
    volatile char *memory = touch_bytes ? malloc(touch_bytes) : NULL;
    for (int number = 1; number < SIGRTMIN; number++)
        (void)signal(number, SIG_DFL); /* the test framework catches some */
    if (name)
        (void)prctl(PR_SET_NAME, name, 0, 0, 0);
    for (size_t i = 0; memory && i < touch_bytes; i += PAGE_BYTES_MIN)
        memory[i] = 1;
    if (write(ready, &byte, 1) != 1)
        _exit(1);
    (void)!read(hold, &byte, 1); /* the end of the pipe */
    _exit(0);
}

struct child child_start(const char *name, size_t touch_bytes)
{
    int ready[2], hold[2];
    char byte;
    assert_true(pipe(ready) == 0 && pipe(hold) == 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(hold[1]);
        be_child(name, touch_bytes, ready[1], hold[0]);
    }
    (void)close(ready[1]);
    (void)close(hold[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    return (struct child){ .pid = pid, .hold = hold[1] };
}

void child_release(struct child *child)
{
    if (child->hold >= 0)
        (void)close(child->hold);
    child->hold = -1;
}

int child_wait(struct child *child)
{
    int status = 0;
    if (child->hold >= 0)
        (void)kill((pid_t)child->pid, SIGKILL);
    child_release(child);
    assert_int_equal(waitpid((pid_t)child->pid, &status, 0), child->pid);
    return status;
}
