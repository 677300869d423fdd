/* A libEGL that writes into the pipe of the answer, and works otherwise. */
#include <unistd.h>

#define FAKE_INITIALIZE (void)!write(3, "libEGL warning: DRI2\n", 21)
#include "fake_egl.h"
