/* The display devices of the machine: what /sys tells of the bus, the firmware's console and the
 * kernel modules. No PCI library and no table of names is needed. */
#include "machine/linux/system_private.h"

#include <string.h>

#include "base/macros.h"

#define PCI_FOLDER "/sys/bus/pci/devices"
#define DRM_FOLDER "/sys/class/drm"
#define CLASS_DISPLAY 0x03 /* upper 8 of 24 bits; PCI Code and ID Assignment Specification */

/* Kernel drivers that show pictures and draw nothing. */
static const char *const not_gpus[] = { "simple-framebuffer", "simpledrm", "vkms", "vgem", "evdi" };

static struct maybe_u64 number_read(struct arena *arena, const char *root, const char *folder,
                                    const char *name)
{
    struct maybe_u64 number = { 0 };
    const char *text = root_line(arena, root, arena_printf(arena, "%s/%s", folder, name));
    number.known = text && text_to_u64(text, &number.value);
    return number;
}

/* The module that drives a device; on virtio the bus has a driver of its own in between. */
static const char *driver_find(struct arena *arena, const char *root, const char *folder)
{
    struct strings names = { 0 };
    const char *driver = root_link_name(arena, root, arena_printf(arena, "%s/driver", folder));
    if (!text_equal(driver, "virtio-pci") || !root_list(arena, root, folder, &names))
        return driver;
    for (size_t i = 0; i < names.count; i++) {
        const char *inner = arena_printf(arena, "%s/%s/driver", folder, names.items[i]);
        const char *found = text_starts(names.items[i], "virtio")
                                ? root_link_name(arena, root, inner)
                                : NULL;
        if (found)
            return found;
    }
    return driver;
}

static enum truth boot_find(struct arena *arena, const char *root, const char *folder)
{
    struct maybe_u64 boot = number_read(arena, root, folder, "boot_vga");
    if (!boot.known)
        return TRUTH_UNKNOWN;
    return boot.value ? TRUTH_YES : TRUTH_NO;
}

static void driver_fill(struct arena *arena, const char *root, struct gpu *gpu)
{
    if (!gpu->driver)
        return;
    char *module = arena_strdup(arena, gpu->driver);
    for (char *at = module; *at; at++) {
        if (*at == '-')
            *at = '_'; /* names of modules have no dash in /sys/module */
    }
    gpu->driver_version = root_line(arena, root,
                                    arena_printf(arena, "/sys/module/%s/version", module));
    if (text_equal(gpu->driver, "nvidia"))
        nvidia_probe(arena, root, gpu);
}

static void device_add(struct arena *arena, const char *root, const char *folder,
                       struct identity *out, size_t *capacity)
{
    struct maybe_u64 code = number_read(arena, root, folder, "class");
    if (!code.known || code.value >> 16 != CLASS_DISPLAY)
        return;
    struct gpu gpu = {
        .vendor = number_read(arena, root, folder, "vendor"),
        .device = number_read(arena, root, folder, "device"),
        .revision = number_read(arena, root, folder, "revision"),
        .pci_class = { .known = true, .value = code.value >> 8 },
        .boot = boot_find(arena, root, folder),
        .driver = driver_find(arena, root, folder),
    };
    driver_fill(arena, root, &gpu);
    if (out->gpu_count == *capacity)
        out->gpus = arena_grow(arena, out->gpus, capacity, sizeof *out->gpus);
    out->gpus[out->gpu_count++] = gpu;
}

static bool is_card(const char *name)
{
    return text_starts(name, "card") && name[4]
           && strspn(name + 4, "0123456789") == strlen(name + 4);
}

/* A GPU that is part of the processor is on no bus that the engine reads: vendor and device are 0
 * for it, and with device 0 it leaves the device out. Its driver is what can be told. */
static void platform_gpus(struct arena *arena, const char *root, struct identity *out)
{
    struct strings names = { 0 };
    size_t capacity = 0;
    if (!root_list(arena, root, DRM_FOLDER, &names))
        return;
    for (size_t i = 0; i < names.count; i++) {
        const char *folder = arena_printf(arena, "%s/%s/device", DRM_FOLDER, names.items[i]);
        const char *vendor = arena_printf(arena, "%s/vendor", folder);
        struct gpu gpu = { .vendor.known = true, .device.known = true };
        bool counts = is_card(names.items[i]) && !root_exists(arena, root, vendor);
        gpu.driver = counts ? driver_find(arena, root, folder) : NULL;
        for (size_t j = 0; j < ROWS(not_gpus); j++)
            counts = counts && !text_equal(gpu.driver, not_gpus[j]);
        if (!counts || !gpu.driver)
            continue;
        driver_fill(arena, root, &gpu);
        if (out->gpu_count == capacity)
            out->gpus = arena_grow(arena, out->gpus, &capacity, sizeof *out->gpus);
        out->gpus[out->gpu_count++] = gpu;
    }
}

void pci_probe(struct arena *arena, const char *root, struct identity *out)
{
    struct strings names = { 0 };
    size_t capacity = 0;
    out->gpus = NULL;
    out->gpu_count = 0;
    /* Sorted names are the order of the bus: domain, bus, device, function. */
    out->gpus_known = root_list(arena, root, PCI_FOLDER, &names);
    for (size_t i = 0; i < names.count; i++)
        device_add(arena, root, arena_printf(arena, "%s/%s", PCI_FOLDER, names.items[i]), out,
                   &capacity);
    if (out->gpu_count == 0)
        platform_gpus(arena, root, out);
    out->gpus_known = out->gpus_known || out->gpu_count > 0;
}
