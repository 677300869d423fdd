/* A libEGL that works: the strings of QWG_FAKE_GL, or "Fake". It writes to the standard streams, as
 * some drivers do. */
#include <stdio.h>

#define FAKE_INITIALIZE                                                                            \
    (void)puts("noise");                                                                           \
    (void)fflush(stdout);                                                                          \
    (void)fputs("noise\n", stderr)
#include "fake_egl.h"
