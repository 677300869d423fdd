/* A libEGL that takes memory until there is none, and crashes then. */
#include <signal.h>
#include <sys/mman.h>

static void take(void)
{
    for (;;) {
        void *more = mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (more == MAP_FAILED)
            (void)raise(SIGABRT);
    }
}

#define FAKE_INITIALIZE take()
#include "fake_egl.h"
