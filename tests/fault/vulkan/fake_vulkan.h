/* fake_vulkan.h: the functions of a libvulkan that has the devices of QWG_FAKE_VULKAN, separated by
 * "|". A fake library includes it and says with macros what goes wrong: FAKE_CREATE is run in
 * vkCreateInstance, FAKE_RESULT is what that returns.
 * Each vkCreateInstance adds a line to the file QWG_FAKE_LOG.
 * Room: tests. Prototypes are those of Vulkan's registry, with plain pointers. */
#ifndef QWGUARD_TESTS_FAKE_VULKAN_H
#define QWGUARD_TESTS_FAKE_VULKAN_H

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FAKE_CREATE
#define FAKE_CREATE (void)0
#endif
#ifndef FAKE_RESULT
#define FAKE_RESULT 0
#endif

#define NAME_OFFSET 20 /* of deviceName in VkPhysicalDeviceProperties */
#define PROPERTIES_BYTES 824
#define NAME_BYTES 256

typedef void function(void);

function *vkGetInstanceProcAddr(void *instance, const char *name);

static char places[64];

static int create(const void *info, const void *allocator, void **out_instance)
{
    const char *path = getenv("QWG_FAKE_LOG");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    (void)info;
    (void)allocator;
    (void)!write(fd, "create\n", 7);
    (void)close(fd);
    FAKE_CREATE;
    *out_instance = places;
    return FAKE_RESULT;
}

/* As many as there is room for; VK_INCOMPLETE = 5 when there are more. */
static int enumerate(void *instance, uint32_t *count, void **devices)
{
    const char *at = getenv("QWG_FAKE_VULKAN");
    uint32_t found = 0;
    (void)instance;
    for (; at && *at && found < *count; at += strcspn(at, "|"), at += *at == '|') {
        devices[found] = &places[found];
        found++;
    }
    *count = found;
    return at && *at ? 5 : 0;
}

/* A name without an end fills all of its place. */
static void properties(void *device, void *out)
{
    const char *at = getenv("QWG_FAKE_VULKAN");
    memset(out, 0xff, PROPERTIES_BYTES);
    for (long i = (char *)device - places; i > 0; i--)
        at += strcspn(at, "|") + 1;
    size_t length = strcspn(at, "|");
    char *name = (char *)out + NAME_OFFSET;
    memset(name, 0, NAME_BYTES);
    memcpy(name, at, length < NAME_BYTES ? length : NAME_BYTES);
}

function *vkGetInstanceProcAddr(void *instance, const char *name)
{
    (void)instance;
    return strcmp(name, "vkCreateInstance") == 0                ? (function *)create
           : strcmp(name, "vkEnumeratePhysicalDevices") == 0    ? (function *)enumerate
           : strcmp(name, "vkGetPhysicalDeviceProperties") == 0 ? (function *)properties
                                                                : NULL;
}

#endif
