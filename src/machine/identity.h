/* identity.h: what this machine is, as a value that can be read, printed and replayed.
 * Room: machine. Names and meaning of all fields: the identity of the contract (docs/identity.md).
 * Strings live in the arena that the identity was made with; NULL = unknown. */
#ifndef QWGUARD_MACHINE_IDENTITY_H
#define QWGUARD_MACHINE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/known.h"
#include "base/report.h"
#include "base/text.h"
#include "base/yaml.h"

/* One display device, in the order of the bus. */
struct gpu {
    struct maybe_u64 vendor; /* PCI ids, 16 bits */
    struct maybe_u64 device;
    struct maybe_u64 revision;
    struct maybe_u64
        pci_class;      /* "class": 0x0300 for VGA … (upper 16 bits of the PCI class code) */
    enum truth active;  /* unknown = derived as the engine does */
    enum truth boot;    /* the firmware's console (boot_vga) */
    const char *driver; /* kernel module: i915, nvidia, nouveau, amdgpu … */
    const char *driver_version;  /* version of the kernel module, where it has one of its own */
    const char *library_version; /* user-space libraries, where they have a version of their own */
};

/* How the strings of GL or the names of Vulkan were got, for people and for confidence. */
enum gl_probe {
    GL_PROBE_NONE,       /* not probed here: given by hand, or --no-gl */
    GL_PROBE_OK,         /* measured now, in a child */
    GL_PROBE_CACHED,     /* measured earlier under the same fingerprint */
    GL_PROBE_NO_LIBRARY, /* libEGL.so.1 or libvulkan.so.1 cannot be loaded */
    GL_PROBE_NO_CONTEXT, /* EGL is there but gives no context, Vulkan no instance */
    GL_PROBE_CRASHED,    /* the child died from a signal */
    GL_PROBE_TIMEOUT,    /* the child hung and was ended */
    GL_PROBE_GARBAGE,    /* the child's answer makes no sense */
    GL_PROBE_COUNT,
};

struct identity_os {
    const char *name;    /* linux | windows | macos */
    const char *version; /* kernel release as uname -r says it */
    const char *distribution;
    const char *distribution_version;
};

struct identity_session {
    const char *type; /* wayland | x11 | xwayland | none */
    const char *desktop;
    const char *remote;     /* none | ssh | rdp | vnc | x2go */
    const char *nv_control; /* version told by the X server's NV-CONTROL extension */
};

struct identity_machine {
    const char
        *virtual_machine;  /* "virtual": none | kvm | vmware | virtualbox | hyper-v | qemu … */
    const char *container; /* none | docker | flatpak | snap | appimage … */
    enum truth libpci;     /* no = libpci cannot be loaded, the engine sees no PCI device */
};

struct identity_gl {
    const char *vendor;
    const char *renderer;
    const char *version;
    const char *extensions;       /* separated by spaces */
    const char *direct_rendering; /* "1" = indirect, "2", "2.3" … */
    enum truth disabled;          /* yes = Qt turned GL off */
    enum gl_probe probe;
};

struct identity_vulkan {
    struct maybe_strings devices; /* names of the devices, in the order of the loader */
    enum gl_probe probe;
};

struct identity_engine {
    const char *qt;       /* "6.4.2" */
    const char *chromium; /* "102.0.5005.177" */
    const char *library;  /* path of libQt*WebEngineCore.so* */
};

struct identity_app {
    const char *name;         /* executable name */
    const char *packaging;    /* deb | flatpak | snap | appimage … */
    struct strings arguments; /* without the name itself; empty = none */
    const char *flags;        /* switches the app passes by itself, as one string; NULL = none */
};

struct identity {
    struct identity_os os;
    struct identity_session session;
    struct identity_machine machine;
    bool gpus_known; /* true with gpu_count 0: libpci there, no display device */
    struct gpu *gpus;
    size_t gpu_count;
    struct identity_gl gl;
    struct identity_vulkan vulkan;
    struct identity_engine engine;
    struct identity_app app;
    struct variables
        environment;        /* only variables that the decision depends on; absent = not set */
    struct variables files; /* path and contents of files that the engine opens */
};

/**
 * Read an identity from a parsed YAML or JSON text.
 *
 * root      the tree; its file names the places
 * report    unknown keys become warnings (with "did you mean"), wrong types and values errors, all
 * of them with file:line:column; reading goes on out       complete even when the report has
 * errors: fields in error stay unknown
 */
void identity_read(struct arena *arena, const struct yaml_node *root, struct report *report,
                   struct identity *out);

/**
 * The identity as JSON with the names of the contract; unknown fields are absent, numbers of PCI
 * are written as "0x10de".
 *
 * returns   a new reference
 */
json_t *identity_to_json(const struct identity *identity);

/**
 * The GPU that draws: the one flagged active, else the only one, else the one whose vendor GL
 * names, else the boot GPU.
 *
 * returns   NULL when none can be told
 */
const struct gpu *identity_active_gpu(const struct identity *identity);

/**
 * Are the kernel's module and the libraries of the same version? Unknown when one of them is not
 * told, or is empty.
 */
enum truth gpu_versions_agree(const struct gpu *gpu);

/**
 * Name of a PCI vendor that matters here ("nvidia", "amd", "intel", "vmware", "virtualbox",
 * "red-hat" …).
 *
 * returns   NULL when the table has none
 */
const char *gpu_vendor_name(uint64_t vendor);

/**
 * PCI id of a vendor by that name.
 *
 * out_vendor  untouched on failure
 * returns     false when the table has none
 */
bool gpu_vendor_find(const char *name, uint64_t *out_vendor);

/**
 * Word of a probe result: "ok", "cached", "no-library", "no-context", "crashed", "timeout",
 * "garbage", "none".
 */
const char *gl_probe_text(enum gl_probe probe);

/**
 * Fingerprint of what a measured result or a history entry depends on: OS release, GPUs, drivers
 * and their versions, session type, GL strings when with_gl, engine version and library.
 *
 * returns   16 hexadecimal digits in the arena
 */
const char *identity_fingerprint(struct arena *arena, const struct identity *identity,
                                 bool with_gl);

#endif
