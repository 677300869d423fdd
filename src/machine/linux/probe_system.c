/* Puts the parts together, and holds what they share: paths below a root, folders of libraries. */
#include "machine/linux/system_private.h"

#include <string.h>

#include "base/macros.h"
#include "machine/probe_private.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/spawn.h"

#define FILE_BYTES_MAX ((size_t)64 * 1024)
#define LOADER_CACHE_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define LIBPCI "libpci.so.3"

/* Files that the engine opens by itself. Sources: ANGLE, src/gpu_info_util/SystemInfo_linux.cpp;
 * Chromium, gpu/config/gpu_info_collector_linux.cc. */
static const char *const engine_files[] = { "/sys/module/amdgpu/version",
                                            "/etc/ati/amdpcsdb.default" };

/* Names of the processor's own folder first: another one's libraries may be older leftovers. */
static const char *const folders[] = {
#if defined(__x86_64__)
    "/usr/lib/x86_64-linux-gnu",
#elif defined(__aarch64__)
    "/usr/lib/aarch64-linux-gnu",
#elif defined(__arm__)
    "/usr/lib/arm-linux-gnueabihf",
#elif defined(__i386__)
    "/usr/lib/i386-linux-gnu",
#endif
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
};

/* Files and folders that change with the driver; folders stand for all that packages put there. */
static const char *const driver_names[] = { "",
                                            "/libEGL.so.1",
                                            "/libGLdispatch.so.0",
                                            "/libEGL_mesa.so.0",
                                            "/libEGL_nvidia.so.0",
                                            "/libgallium_dri.so",
                                            "/libvulkan.so.1",
                                            "/dri",
                                            "/dri/swrast_dri.so" };
static const char *const driver_files[] = {
    "/usr/share/glvnd/egl_vendor.d", "/etc/glvnd/egl_vendor.d", "/usr/share/drirc.d", "/etc/drirc",
    "/proc/driver/nvidia/version",   "/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"
};

/* Variables that drivers and the loader read. Sources: https://docs.mesa3d.org/envvars.html,
 * https://gitlab.freedesktop.org/glvnd/libglvnd, ld.so(8). */
static const char *const driver_variables[] = {
    "MESA_", "LIBGL_",   "GALLIUM_",  "EGL_",  "__EGL",  "__GL",  "__NV",     "DRI_",
    "LP_",   "LD_",      "GBM_",      "VK_",   "ZINK_",  "INTEL", "AMD_",     "RADEON_",
    "R600_", "NOUVEAU_", "SOFTPIPE_", "LVP_",  "VIRGL_", "FD_",   "PAN_",     "V3D_",
    "ST_",   "NIR_",     "ANV_",      "RADV_", "SVGA_",  "GLSL_", "FORCE_GL",
};

const char *root_path(struct arena *arena, const char *root, const char *path)
{
    return root && *root ? path_join(arena, root, path) : path;
}

const char *root_line(struct arena *arena, const char *root, const char *path)
{
    const char *line = file_line(arena, root_path(arena, root, path));
    return line && *line ? text_clean(arena, line, strlen(line)) : NULL;
}

bool root_list(struct arena *arena, const char *root, const char *path, struct strings *out)
{
    struct err ignored; /* what is not there stays unknown */
    return folder_list(arena, root_path(arena, root, path), out, &ignored) == 0;
}

bool root_exists(struct arena *arena, const char *root, const char *path)
{
    struct file_info info;
    return file_stat(root_path(arena, root, path), true, &info);
}

const char *root_link_name(struct arena *arena, const char *root, const char *path)
{
    const char *target = file_link(arena, root_path(arena, root, path));
    return target ? path_name(target) : NULL;
}

void library_folders(struct arena *arena, const char *root, struct strings *out)
{
    const char *paths = root && *root ? NULL : env_get("LD_LIBRARY_PATH");
    while (paths && *paths) {
        size_t length = strcspn(paths, ":;");
        if (*paths == '/')
            ARENA_PUSH(arena, out, arena_strndup(arena, paths, length));
        paths += length + (paths[length] != '\0');
    }
    for (size_t i = 0; i < ROWS(folders); i++) {
        if (root_exists(arena, root, folders[i]))
            ARENA_PUSH(arena, out, folders[i]);
    }
    struct strings names = { 0 };
    if (!root_list(arena, root, "/usr/lib", &names))
        return;
    for (size_t i = 0; i < names.count; i++) {
        const char *folder = arena_printf(arena, "/usr/lib/%s", names.items[i]);
        if (strstr(names.items[i], "-linux-gnu") && !strings_has(out, folder))
            ARENA_PUSH(arena, out, folder);
    }
}

/* Anything may stand below --root where a file is looked for; a pipe without a writer would be
 * waited for. */
static bool root_bytes(struct arena *arena, const char *root, const char *path, size_t max_bytes,
                       const char **out_bytes, size_t *out_length)
{
    const char *place = root_path(arena, root, path);
    struct file_info info;
    struct err ignored; /* what is not there stays unknown; the engine goes on without it as well */
    return file_stat(place, true, &info) && info.is_regular
           && file_read(arena, place, max_bytes, out_bytes, out_length, &ignored) == 0;
}

/* The library may be where we do not look, so "no" needs the loader's own list, too. */
enum truth library_find(struct arena *arena, const char *root, const char *name)
{
    struct strings places = { 0 };
    const char *bytes;
    size_t length;
    library_folders(arena, root, &places);
    for (size_t i = 0; i < places.count; i++) {
        if (root_exists(arena, root, path_join(arena, places.items[i], name)))
            return TRUTH_YES;
    }
    if (!root_bytes(arena, root, "/etc/ld.so.cache", LOADER_CACHE_BYTES_MAX, &bytes, &length))
        return TRUTH_UNKNOWN; /* no list */
    return memmem(bytes, length, name, strlen(name) + 1) ? TRUTH_YES : TRUTH_NO;
}

static void files_probe(struct arena *arena, const char *root, struct identity *out)
{
    out->files = (struct variables){ 0 };
    for (size_t i = 0; i < ROWS(engine_files); i++) {
        const char *bytes;
        size_t length;
        if (root_bytes(arena, root, engine_files[i], FILE_BYTES_MAX, &bytes, &length))
            variables_set(arena, &out->files, engine_files[i], text_clean(arena, bytes, length));
    }
}

void probe_system(struct arena *arena, const struct probe_options *options, struct identity *out)
{
    const char *root = options->root;
    os_probe(arena, root, out);
    session_probe(arena, out);
    /* The engine opens it at run time and has no PCI device without it. */
    out->machine = (struct identity_machine){ .libpci = library_find(arena, root, LIBPCI) };
    virtual_probe(arena, root, out);
    container_probe(arena, root, out);
    pci_probe(arena, root, out);
    files_probe(arena, root, out);
}

static void file_trace(struct arena *arena, const char *root, const char *path, struct strings *out)
{
    struct file_info info;
    if (!file_stat(root_path(arena, root, path), true, &info))
        return;
    ARENA_PUSH(arena, out,
               arena_printf(arena, "%s %llu %llu %llu", path, (unsigned long long)info.size_bytes,
                            (unsigned long long)info.modified_ns, (unsigned long long)info.inode));
}

/* The display that is asked: its name, and the socket that its server made when it started. One on
 * another machine has none here; the connection tells which that is. */
static void display_traces(struct arena *arena, struct strings *out)
{
    static const char *const names[] = { "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY",
                                         "SSH_CONNECTION" };
    const char *x11 = env_get("DISPLAY"), *wayland = env_get("WAYLAND_DISPLAY");
    const char *runtime = env_get("XDG_RUNTIME_DIR");
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *value = env_get(names[i]);
        if (value)
            ARENA_PUSH(arena, out, arena_printf(arena, "%s=%s", names[i], value));
    }
    if (x11 && *x11 == ':')
        file_trace(arena, NULL,
                   arena_printf(arena, "/tmp/.X11-unix/X%.*s", (int)strspn(x11 + 1, "0123456789"),
                                x11 + 1),
                   out);
    if (wayland && runtime)
        file_trace(arena, NULL, path_join(arena, runtime, wayland), out);
}

void probe_driver_traces(struct arena *arena, const struct probe_options *options,
                         struct strings *out)
{
    struct strings places = { 0 }, nodes = { 0 };
    const char *root = options->root;
    library_folders(arena, root, &places);
    for (size_t i = 0; i < places.count * ROWS(driver_names); i++) {
        const char *path = arena_printf(arena, "%s%s", places.items[i / ROWS(driver_names)],
                                        driver_names[i % ROWS(driver_names)]);
        file_trace(arena, root, path, out);
    }
    for (size_t i = 0; i < ROWS(driver_files); i++)
        file_trace(arena, root, driver_files[i], out);
    if (root_list(arena, root, "/dev/dri", &nodes)) {
        for (size_t i = 0; i < nodes.count; i++)
            ARENA_PUSH(arena, out, arena_printf(arena, "/dev/dri/%s", nodes.items[i]));
    }
    display_traces(arena, out);
    for (const char *const *at = spawn_environment(); at && *at; at++) {
        for (size_t i = 0; i < ROWS(driver_variables); i++) {
            if (!text_starts(*at, driver_variables[i]))
                continue;
            ARENA_PUSH(arena, out, *at);
            break;
        }
    }
}
