/* A libEGL that crashes in eglInitialize. */
#include <signal.h>

#define FAKE_INITIALIZE (void)raise(SIGSEGV)
#include "fake_egl.h"
