/* A libvulkan that makes no instance: VK_ERROR_OUT_OF_HOST_MEMORY. */
#define FAKE_RESULT (-1)
#include "fake_vulkan.h"
