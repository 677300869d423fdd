/* Versions of NVIDIA's driver: the kernel module that runs, and the libraries on the disk, which an
 * update replaces under it. Source: the README of NVIDIA's driver for Linux, chapters "Installed
 * Components" and "The /proc Filesystem Interface". */
#include "machine/linux/system_private.h"

#include <string.h>

#include "base/macros.h"
#include "platform/file.h"

/* Files named after the version of the driver, of which each release has the first ones. */
static const char *const libraries[] = { "libnvidia-glcore.so.", "libGLX_nvidia.so.",
                                         "libEGL_nvidia.so.", "libnvidia-glsi.so." };

/* Folders in which distributions put them, below a folder of libraries. */
static const char *const below[] = { "", "/nvidia/current", "/nvidia" };

/* "550.78" and "470.57.02", not "0" and "1.2-rc". */
static bool is_version(const char *text)
{
    return strchr(text, '.') && strspn(text, "0123456789.") == strlen(text) && *text != '.';
}

/* The first version behind "Kernel Module":
 * "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.78  Sun Apr 14 06:35:45 UTC 2024",
 * "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.78  Release Build  (…)". */
static const char *module_version(struct arena *arena, const char *text)
{
    const char *at = text ? strstr(text, "Kernel Module") : NULL;
    const char *end = at ? at + strcspn(at, "\n") : NULL;
    while (at && at < end) {
        at += strspn(at, " \t");
        size_t length = strcspn(at, " \t\n");
        const char *word = arena_strndup(arena, at, length);
        if (is_version(word))
            return word;
        at += length;
    }
    return NULL;
}

/* Numbers between dots, compared as numbers. */
static bool is_newer(const char *a, const char *b)
{
    while (*a && *b) {
        size_t length_a = strcspn(a, "."), length_b = strcspn(b, ".");
        if (length_a != length_b)
            return length_a > length_b;
        int order = strncmp(a, b, length_a);
        if (order)
            return order > 0;
        a += length_a + (a[length_a] == '.');
        b += length_b + (b[length_b] == '.');
    }
    return *a != '\0';
}

/* The version that the loader would take: where libGLX_nvidia.so.0 points, else the newest file. */
static const char *folder_version(struct arena *arena, const char *root, const char *folder)
{
    struct strings names = { 0 };
    const char *newest = NULL;
    const char *target = root_link_name(arena, root,
                                        arena_printf(arena, "%s/libGLX_nvidia.so.0", folder));
    if (target && text_starts(target, "libGLX_nvidia.so.")
        && is_version(target + strlen("libGLX_nvidia.so.")))
        return target + strlen("libGLX_nvidia.so.");
    if (!root_list(arena, root, folder, &names))
        return NULL;
    for (size_t i = 0; i < names.count * ROWS(libraries); i++) {
        const char *name = names.items[i / ROWS(libraries)];
        const char *library = libraries[i % ROWS(libraries)];
        if (!text_starts(name, library) || !is_version(name + strlen(library)))
            continue;
        const char *version = name + strlen(library);
        if (!newest || is_newer(version, newest))
            newest = version;
    }
    return newest;
}

void nvidia_probe(struct arena *arena, const char *root, struct gpu *gpu)
{
    struct strings folders = { 0 };
    const char *running = module_version(arena,
                                         root_line(arena, root, "/proc/driver/nvidia/version"));
    if (running)
        gpu->driver_version = running;
    library_folders(arena, root, &folders);
    for (size_t i = 0; i < folders.count * ROWS(below) && !gpu->library_version; i++) {
        const char *folder = folders.items[i / ROWS(below)];
        gpu->library_version = folder_version(
            arena, root, arena_printf(arena, "%s%s", folder, below[i % ROWS(below)]));
    }
}
