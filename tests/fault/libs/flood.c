/* A libEGL that fills the pipe of the answer for ever. */
#include <string.h>
#include <unistd.h>

static void flood(void)
{
    static char bytes[65536];
    memset(bytes, 'x', sizeof bytes);
    for (;;)
        (void)!write(3, bytes, sizeof bytes);
}

#define FAKE_INITIALIZE flood()
#include "fake_egl.h"
