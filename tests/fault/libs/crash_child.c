/* A libEGL that crashes while a child of it lives on with the pipe open: the end of the process
 * tells, not the end of the pipe. */
#include <signal.h>
#include <unistd.h>

static void crash(void)
{
    if (fork() == 0) {
        for (;;)
            (void)pause();
    }
    (void)raise(SIGABRT);
}

#define FAKE_INITIALIZE crash()
#include "fake_egl.h"
