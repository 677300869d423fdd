/* A libvulkan that crashes. */
#define FAKE_CREATE abort()
#include "fake_vulkan.h"
