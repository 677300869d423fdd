/* In the child that loads drivers of Vulkan: which devices there are. No device is opened and
 * nothing is drawn; libvulkan is opened at run time with declarations of our own, so that the
 * program itself needs none. Source of names and numbers: https://registry.khronos.org/vulkan/
 * (vk.xml). */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/macros.h"
#include "machine/linux/child_private.h"

#define NAME_BYTES_MAX 256 /* VK_MAX_PHYSICAL_DEVICE_NAME_SIZE, with the end */

/* Results: an instance without a driver is refused by the loader. */
enum { VK_SUCCESS = 0, VK_INCOMPLETE = 5, VK_ERROR_INCOMPATIBLE_DRIVER = -9 };
enum { VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO = 1 };

/* VkInstanceCreateInfo. */
struct instance_info {
    int type;
    const void *next;
    uint32_t flags;
    const void *application;
    uint32_t layer_count;
    const char *const *layers;
    uint32_t extension_count;
    const char *const *extensions;
};

/* The head of VkPhysicalDeviceProperties; the limits behind it are larger in no version. */
struct device_properties {
    uint32_t api_version, driver_version, vendor, device;
    int type;
    char name[NAME_BYTES_MAX];
    uint64_t rest[512];
};

struct vulkan {
    void *(*get_address)(void *instance, const char *name);
    int (*create_instance)(const struct instance_info *info, const void *allocator,
                           void **out_instance);
    int (*enumerate_devices)(void *instance, uint32_t *count, void **devices);
    void (*get_properties)(void *device, struct device_properties *out);
};

/* Functions of an instance are to be asked for with it. */
static bool instance_make(struct vulkan *vulkan, void **out_instance, bool *out_no_driver)
{
    const struct instance_info info = { .type = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO };
    int code = vulkan->create_instance(&info, NULL, out_instance);
    *out_no_driver = code == VK_ERROR_INCOMPATIBLE_DRIVER;
    return code == VK_SUCCESS && *out_instance
           && symbol_take(vulkan->get_address(*out_instance, "vkEnumeratePhysicalDevices"),
                          &vulkan->enumerate_devices)
           && symbol_take(vulkan->get_address(*out_instance, "vkGetPhysicalDeviceProperties"),
                          &vulkan->get_properties);
}

static bool devices_name(struct arena *arena, const struct vulkan *vulkan, void *instance,
                         struct strings *out)
{
    void *devices[PROBE_DEVICES_MAX];
    uint32_t count = ROWS(devices);
    int code = vulkan->enumerate_devices(instance, &count, devices);
    if (code != VK_SUCCESS && code != VK_INCOMPLETE)
        return false;
    for (uint32_t i = 0; i < count && i < ROWS(devices); i++) {
        struct device_properties properties = { 0 };
        vulkan->get_properties(devices[i], &properties);
        ARENA_PUSH(arena, out,
                   arena_strndup(arena, properties.name, strnlen(properties.name, NAME_BYTES_MAX)));
    }
    return true;
}

void vulkan_child_look(struct arena *arena, struct probe_result *out)
{
    struct vulkan vulkan = { 0 };
    void *instance = NULL;
    bool no_driver = false;
    void *library = dlopen(PROBE_VULKAN_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    *out = (struct probe_result){ .probe = GL_PROBE_NO_LIBRARY };
    if (!library || !symbol_take(dlsym(library, "vkGetInstanceProcAddr"), &vulkan.get_address)
        || !symbol_take(vulkan.get_address(NULL, "vkCreateInstance"), &vulkan.create_instance))
        return;
    bool ok = instance_make(&vulkan, &instance, &no_driver)
              && devices_name(arena, &vulkan, instance, &out->devices);
    out->probe = ok || no_driver ? GL_PROBE_OK : GL_PROBE_NO_CONTEXT;
}
