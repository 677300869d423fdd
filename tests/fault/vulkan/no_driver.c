/* A loader without any driver: VK_ERROR_INCOMPATIBLE_DRIVER. */
#define FAKE_RESULT (-9)
#include "fake_vulkan.h"
