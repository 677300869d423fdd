/* A libEGL that works and has no display. */
#define FAKE_DISPLAY NULL
#include "fake_egl.h"
