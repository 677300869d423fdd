/* A libvulkan that works. */
#include "fake_vulkan.h"
