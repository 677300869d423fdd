/* A libEGL that writes an answer with a broken record and ends the process. */
#include <unistd.h>

static const char answer[] = "qwguard-probe 1\ndesktop.version 99\n4.6\nresult 2\nok\nend\n";

#define FAKE_INITIALIZE                                                                            \
    (void)!write(3, answer, sizeof answer - 1);                                                    \
    _exit(0)
#include "fake_egl.h"
