/* Is this a virtual machine, and is this process in a container? Files only. The words follow
 * systemd-detect-virt(1) where the contract has none of its own; sources of the rows:
 * https://github.com/systemd/systemd/blob/main/src/basic/virt.c and the vendors' own manuals. */
#include "machine/linux/system_private.h"

#include <string.h>

#include "base/macros.h"
#include "platform/env.h"

/* A word in a file tells what it is; the first row that fits wins, "" = the file is there. */
struct mark {
    const char *path, *needle, *word;
};

static const struct mark virtual_marks[] = {
    { "/proc/xen/capabilities", "control_d", "none" }, /* the host of Xen's guests */
    { "/sys/hypervisor/type", "xen", "xen" },
    { "/sys/class/dmi/id/product_name", "VMware", "vmware" },
    { "/sys/class/dmi/id/sys_vendor", "VMware", "vmware" },
    { "/sys/class/dmi/id/product_name", "VirtualBox", "virtualbox" },
    { "/sys/class/dmi/id/sys_vendor", "innotek GmbH", "virtualbox" },
    { "/sys/class/dmi/id/product_name", "Parallels", "parallels" },
    { "/sys/class/dmi/id/sys_vendor", "Parallels", "parallels" },
    { "/sys/class/dmi/id/product_name", "BHYVE", "bhyve" },
    { "/sys/class/dmi/id/sys_vendor", "Amazon EC2", "amazon" },
    { "/sys/class/dmi/id/product_name", "Google Compute Engine", "google" },
    { "/sys/class/dmi/id/product_name", "Apple Virtualization", "apple" },
    { "/sys/class/dmi/id/sys_vendor", "Xen", "xen" },
    { "/sys/devices/system/clocksource/clocksource0/available_clocksource", "hyperv_", "hyper-v" },
    { "/sys/devices/system/clocksource/clocksource0/available_clocksource", "kvm-clock", "kvm" },
    { "/proc/device-tree/hypervisor/compatible", "linux,kvm", "kvm" },
    { "/proc/device-tree/hypervisor/compatible", "xen", "xen" },
    { "/sys/class/dmi/id/product_name", "KVM", "kvm" },
    { "/sys/class/dmi/id/sys_vendor", "KVM", "kvm" },
    { "/sys/class/dmi/id/sys_vendor", "QEMU", "qemu" },
    { "/sys/class/dmi/id/product_name", "Virtual Machine", "hyper-v" },
    { "/sys/class/dmi/id/sys_vendor", "Bochs", "qemu" },
    { "/sys/class/dmi/id/bios_vendor", "Bochs", "qemu" },
    { "/proc/sys/kernel/osrelease", "microsoft-standard", "hyper-v" }, /* WSL 2 */
};

static const struct mark container_marks[] = {
    { "/.flatpak-info", "", "flatpak" },
    { "/run/.containerenv", "", "podman" },
    { "/.dockerenv", "", "docker" },
    { "/run/systemd/container", "systemd-nspawn", "systemd-nspawn" },
    { "/run/systemd/container", "lxc", "lxc" },
    { "/run/systemd/container", "docker", "docker" },
    { "/run/systemd/container", "podman", "podman" },
    { "/proc/1/cgroup", "/docker", "docker" },
    { "/proc/1/cgroup", "/lxc", "lxc" },
    { "/proc/1/cgroup", "kubepods", "kubernetes" },
    { "/proc/sys/kernel/osrelease", "icrosoft", "wsl" }, /* "-Microsoft", "-microsoft-standard" */
};

/* Packages that start their program with a variable of their own. */
static const struct {
    const char *variable, *word;
} package_variables[] = { { "SNAP", "snap" }, { "APPIMAGE", "appimage" } };

/* The word of the first mark that fits, NULL when none does. */
static const char *marks_find(struct arena *arena, const char *root, const struct mark *marks,
                              size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!*marks[i].needle) {
            if (root_exists(arena, root, marks[i].path))
                return marks[i].word;
            continue;
        }
        const char *text = root_line(arena, root, marks[i].path);
        if (text && strstr(text, marks[i].needle))
            return marks[i].word;
    }
    return NULL;
}

/* What the processor says of itself: a hypervisor's guest is told so on x86, and only there. */
static const char *processor_virtual(struct arena *arena, const char *root)
{
    const char *text = root_line(arena, root, "/proc/cpuinfo");
    const char *flags = text ? strstr(text, "\nflags") : NULL;
    if (!flags)
        return root_exists(arena, root, "/sys/class/dmi/id")
                       || root_exists(arena, root, "/proc/device-tree/model")
                   ? "none"
                   : NULL;
    const char *line = arena_strndup(arena, flags + 1, strcspn(flags + 1, "\n"));
    return strstr(line, " hypervisor") ? "other" : "none";
}

void virtual_probe(struct arena *arena, const char *root, struct identity *out)
{
    const char *word = marks_find(arena, root, virtual_marks, ROWS(virtual_marks));
    out->machine.virtual_machine = word ? word : processor_virtual(arena, root);
}

void container_probe(struct arena *arena, const char *root, struct identity *out)
{
    const char *word = marks_find(arena, root, container_marks, ROWS(container_marks));
    for (size_t i = 0; i < ROWS(package_variables) && !word; i++) {
        const char *value = env_get(package_variables[i].variable);
        if (value && *value)
            word = package_variables[i].word;
    }
    out->machine.container = word ? word : "none";
}
