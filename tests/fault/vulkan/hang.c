/* A libvulkan that never comes back. */
#define FAKE_CREATE                                                                                \
    for (;;)                                                                                       \
    (void)pause()
#include "fake_vulkan.h"
