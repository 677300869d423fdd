/* A libEGL that never comes back from eglInitialize, and has a child that does the same, in the
 * same process group, with the pipe open. The child's pid is the second line of QWG_FAKE_LOG. */
#include <unistd.h>

static void fake_log(int pid);

static void hang(void)
{
    pid_t child = fork();
    if (child > 0)
        fake_log((int)child);
    for (;;)
        (void)pause();
}

#define FAKE_INITIALIZE hang()
#include "fake_egl.h"
