/* Looking at machines that are made of a few files: each row is a root folder and what must be seen
 * in it. The environment of the test is part of the row. */
#include "machine/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/macros.h"
#include "platform/file.h"
#include "rows.h"

#define PCI "/sys/bus/pci/devices/0000:"
#define CPU_PLAIN "/proc/cpuinfo|processor\t: 0\nmodel name\t: x\nflags\t\t: fpu vme sse2\n"
#define CPU_GUEST "/proc/cpuinfo|processor\t: 0\nmodel name\t: x\nflags\t\t: fpu hypervisor sse2\n"
#define CLOCK "/sys/devices/system/clocksource/clocksource0/available_clocksource"

#define FILES_MAX 16

static struct arena arena;
static char root[] = "/tmp/qwg-root-XXXXXX";

/* Variables that a row may set, taken out before each. */
static const char *const variables[] = {
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "XDG_SESSION_TYPE",
    "QT_QPA_PLATFORM",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_DESKTOP",
    "DESKTOP_SESSION",
    "SSH_CONNECTION",
    "SSH_CLIENT",
    "SSH_TTY",
    "X2GO_SESSION",
    "XRDP_SESSION",
    "VNCDESKTOP",
    "SNAP",
    "APPIMAGE",
    "QT_OPENGL",
    "DRI_PRIME",
    "LD_LIBRARY_PATH",
    "QTWEBENGINE_CHROMIUM_FLAGS",
};

static void remove_below(const char *path, unsigned depth)
{
    struct strings names = { 0 };
    struct err err;
    assert_true(depth < 16);
    (void)folder_list(&arena, path, &names, &err); /* a folder that is not there is empty */
    for (size_t i = 0; i < names.count; i++) {
        const char *below = path_join(&arena, path, names.items[i]);
        struct file_info info;
        if (file_stat(below, false, &info) && info.is_folder)
            remove_below(below, depth + 1);
        else
            assert_int_equal(unlink(below), 0);
    }
    assert_int_equal(rmdir(path), 0);
}

static int setup(void **state)
{
    (void)state;
    memcpy(strrchr(root, '-') + 1, "XXXXXX", 6);
    return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    remove_below(root, 0);
    arena_clear(&arena);
    return 0;
}

/* "PATH|contents", "PATH>where the link points", or "PATH/" for an empty folder. */
static void file_make(const char *row)
{
    size_t length = strcspn(row, "|>");
    char *path = path_join(&arena, root, arena_strndup(&arena, row, length));
    struct err err;
    for (char *at = path + strlen(root) + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        (void)mkdir(path, 0700); /* most are there already */
        *at = '/';
    }
    if (row[length] == '|')
        assert_int_equal(
            file_write(path, row + length + 1, strlen(row + length + 1), 0600, false, &err), 0);
    if (row[length] == '>')
        assert_int_equal(symlink(row + length + 1, path), 0);
}

static void environment_make(const char *const *assignments)
{
    for (size_t i = 0; i < ROWS(variables); i++)
        assert_int_equal(unsetenv(variables[i]), 0);
    for (size_t i = 0; assignments && assignments[i]; i++) {
        size_t length = strcspn(assignments[i], "=");
        const char *name = arena_strndup(&arena, assignments[i], length);
        assert_int_equal(setenv(name, assignments[i] + length + 1, 1), 0);
    }
}

/* One section of the identity as JSON on one line, "" when it is not there. */
static const char *section_of(const struct identity *identity, const char *section)
{
    CLEANUP(json_freep) json_t *json = identity_to_json(identity);
    const json_t *value = json_object_get(json, section);
    size_t length = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *text = arena_alloc(&arena, length + 1);
    if (value)
        assert_int_equal(json_dumpb(value, text, length, JSON_COMPACT), length);
    return text;
}

struct machine_row {
    const char *label, *section, *want;
    const char *files[FILES_MAX];
    const char *environment[8];
};

static void rows_run(const struct machine_row *rows, size_t count)
{
    const struct probe_options options = { .root = root };
    for (size_t i = 0; i < count; i++) {
        struct identity identity = { 0 };
        for (size_t j = 0; j < FILES_MAX && rows[i].files[j]; j++)
            file_make(rows[i].files[j]);
        environment_make(rows[i].environment);
        probe_files(&arena, &options, &identity);
        rows_text(rows[i].label, section_of(&identity, rows[i].section), rows[i].want);
        remove_below(root, 0);
        assert_int_equal(mkdir(root, 0700), 0);
    }
    rows_done();
}

static void test_probe_os(void **state)
{
    (void)state;
    static const struct machine_row rows[] = {
        { "empty root", "os", "{\"name\":\"linux\"}", { NULL }, { NULL } },
        { "debian",
          "os",
          "{\"name\":\"linux\",\"version\":\"6.1.0-18-amd64\",\"distribution\":\"debian\","
          "\"distribution-version\":\"12\"}",
          { "/proc/sys/kernel/osrelease|6.1.0-18-amd64\n",
            "/usr/lib/os-release|PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
            "VERSION_ID=\"12\"\nID=debian\n",
            "/etc/os-release>../usr/lib/os-release" },
          { NULL } },
        { "rolling, quotes, comment",
          "os",
          "{\"name\":\"linux\",\"distribution\":\"opensuse-tumbleweed\"}",
          { "/etc/os-release|# ID=x\nNAME=\"a \\\"b\\\"\"\nID='opensuse-tumbleweed'\nVERSION_ID=" },
          { NULL } },
        { "the image's own file first",
          "os",
          "{\"name\":\"linux\",\"distribution\":\"arch\"}",
          { "/etc/os-release|ID=arch", "/usr/lib/os-release|ID=debian\nVERSION_ID=1" },
          { NULL } },
        { "nonsense",
          "os",
          "{\"name\":\"linux\"}",
          { "/etc/os-release|\xff\xfe=\n=\n" },
          { NULL } },
        { "a folder instead", "os", "{\"name\":\"linux\"}", { "/etc/os-release/" }, { NULL } },
    };
    rows_run(rows, ROWS(rows));
}

static void test_probe_virtual_and_container(void **state)
{
    (void)state;
#define MACHINE(virtual, container) "{\"virtual\":\"" virtual "\",\"container\":\"" container "\"}"
    static const struct machine_row rows[] = {
        { "nothing known", "machine", "{\"container\":\"none\"}", { NULL }, { NULL } },
        { "plain", "machine", MACHINE("none", "none"), { CPU_PLAIN }, { NULL } },
        { "some hypervisor", "machine", MACHINE("other", "none"), { CPU_GUEST }, { NULL } },
        { "kvm by its clock",
          "machine",
          MACHINE("kvm", "none"),
          { CPU_GUEST, CLOCK "|kvm-clock tsc acpi_pm \n" },
          { NULL } },
        { "qemu with kvm",
          "machine",
          MACHINE("kvm", "none"),
          { CPU_GUEST, CLOCK "|kvm-clock tsc", "/sys/class/dmi/id/sys_vendor|QEMU\n" },
          { NULL } },
        { "qemu alone",
          "machine",
          MACHINE("qemu", "none"),
          { CPU_GUEST, "/sys/class/dmi/id/sys_vendor|QEMU\n" },
          { NULL } },
        { "vmware",
          "machine",
          MACHINE("vmware", "none"),
          { CPU_GUEST, "/sys/class/dmi/id/sys_vendor|VMware, Inc.\n",
            "/sys/class/dmi/id/product_name|VMware Virtual Platform\n" },
          { NULL } },
        { "virtualbox",
          "machine",
          MACHINE("virtualbox", "none"),
          { CPU_GUEST, CLOCK "|kvm-clock tsc", "/sys/class/dmi/id/sys_vendor|innotek GmbH\n",
            "/sys/class/dmi/id/product_name|VirtualBox\n" },
          { NULL } },
        { "hyper-v",
          "machine",
          MACHINE("hyper-v", "none"),
          { CPU_GUEST, "/sys/class/dmi/id/sys_vendor|Microsoft Corporation\n",
            "/sys/class/dmi/id/product_name|Virtual Machine\n" },
          { NULL } },
        { "a Surface is no virtual machine",
          "machine",
          MACHINE("none", "none"),
          { CPU_PLAIN, "/sys/class/dmi/id/sys_vendor|Microsoft Corporation\n",
            "/sys/class/dmi/id/product_name|Surface Pro 7\n" },
          { NULL } },
        { "xen guest",
          "machine",
          MACHINE("xen", "none"),
          { "/sys/hypervisor/type|xen\n" },
          { NULL } },
        { "xen host",
          "machine",
          MACHINE("none", "none"),
          { "/sys/hypervisor/type|xen\n", "/proc/xen/capabilities|control_d\n" },
          { NULL } },
        { "arm board",
          "machine",
          MACHINE("none", "none"),
          { "/proc/cpuinfo|processor\t: 0\nFeatures\t: fp asimd\n",
            "/proc/device-tree/model|Raspberry Pi 4" },
          { NULL } },
        { "arm guest",
          "machine",
          MACHINE("kvm", "none"),
          { "/proc/device-tree/hypervisor/compatible|linux,kvm", "/proc/device-tree/model|x" },
          { NULL } },
        { "wsl",
          "machine",
          MACHINE("hyper-v", "wsl"),
          { CPU_GUEST, "/proc/sys/kernel/osrelease|5.15.90.1-microsoft-standard-WSL2\n" },
          { NULL } },
        { "docker", "machine", MACHINE("none", "docker"), { CPU_PLAIN, "/.dockerenv|" }, { NULL } },
        { "podman",
          "machine",
          MACHINE("none", "podman"),
          { CPU_PLAIN, "/run/.containerenv|engine=\"podman\"" },
          { NULL } },
        { "flatpak",
          "machine",
          MACHINE("none", "flatpak"),
          { CPU_PLAIN, "/.flatpak-info|[Application]\n" },
          { NULL } },
        { "nspawn",
          "machine",
          MACHINE("none", "systemd-nspawn"),
          { CPU_PLAIN, "/run/systemd/container|systemd-nspawn\n" },
          { NULL } },
        { "lxc",
          "machine",
          MACHINE("none", "lxc"),
          { CPU_PLAIN, "/proc/1/cgroup|0::/lxc/a\n" },
          { NULL } },
        { "snap", "machine", MACHINE("none", "snap"), { CPU_PLAIN }, { "SNAP=/snap/a/1" } },
        { "appimage", "machine", MACHINE("none", "appimage"), { CPU_PLAIN }, { "APPIMAGE=/a" } },
        { "empty variable", "machine", MACHINE("none", "none"), { CPU_PLAIN }, { "SNAP=" } },
        { "libpci",
          "machine",
          "{\"container\":\"none\",\"libpci\":true}",
          { "/usr/lib/x86_64-linux-gnu/libpci.so.3|x" },
          { NULL } },
        { "libpci in lib64",
          "machine",
          "{\"container\":\"none\",\"libpci\":true}",
          { "/usr/lib64/libpci.so.3|x" },
          { NULL } },
        { "libpci missing for sure",
          "machine",
          "{\"container\":\"none\",\"libpci\":false}",
          { "/etc/ld.so.cache|glibc-ld.so.cache1.1 libc.so.6 libpciaccess.so.0" },
          { NULL } },
    };
    rows_run(rows, ROWS(rows));
}

static void test_probe_session(void **state)
{
    (void)state;
#define SESSION(type, remote) "{\"type\":\"" type "\",\"remote\":\"" remote "\"}"
    static const struct machine_row rows[] = {
        { "none", "session", SESSION("none", "none"), { NULL }, { NULL } },
        { "x11", "session", SESSION("x11", "none"), { NULL }, { "DISPLAY=:0" } },
        { "empty display", "session", SESSION("none", "none"), { NULL }, { "DISPLAY=" } },
        { "wayland",
          "session",
          "{\"type\":\"wayland\",\"desktop\":\"GNOME\",\"remote\":\"none\"}",
          { NULL },
          { "DISPLAY=:0", "WAYLAND_DISPLAY=wayland-0", "XDG_CURRENT_DESKTOP=ubuntu:GNOME" } },
        { "desktop by its session",
          "session",
          "{\"type\":\"x11\",\"desktop\":\"xfce\",\"remote\":\"none\"}",
          { NULL },
          { "DISPLAY=:0", "XDG_CURRENT_DESKTOP=", "DESKTOP_SESSION=xfce" } },
        { "asked for X11",
          "session",
          SESSION("xwayland", "none"),
          { NULL },
          { "DISPLAY=:0", "WAYLAND_DISPLAY=wayland-0", "QT_QPA_PLATFORM=xcb;wayland" } },
        { "no Wayland for this process",
          "session",
          SESSION("xwayland", "none"),
          { NULL },
          { "DISPLAY=:0", "XDG_SESSION_TYPE=wayland" } },
        { "asked for Wayland",
          "session",
          SESSION("wayland", "none"),
          { NULL },
          { "DISPLAY=:0", "QT_QPA_PLATFORM=wayland" } },
        { "asked for no display",
          "session",
          SESSION("none", "none"),
          { NULL },
          { "DISPLAY=:0", "QT_QPA_PLATFORM=offscreen" } },
        { "ssh without display",
          "session",
          SESSION("none", "ssh"),
          { NULL },
          { "SSH_CONNECTION=1 2 3 4" } },
        { "ssh -X",
          "session",
          SESSION("x11", "ssh"),
          { NULL },
          { "SSH_CONNECTION=1 2 3 4", "DISPLAY=localhost:10.0" } },
        { "ssh, display of this machine",
          "session",
          SESSION("x11", "none"),
          { NULL },
          { "SSH_CONNECTION=1 2 3 4", "DISPLAY=:0" } },
        { "x2go through ssh",
          "session",
          SESSION("x11", "x2go"),
          { NULL },
          { "SSH_CONNECTION=1 2 3 4", "DISPLAY=:50", "X2GO_SESSION=a-50" } },
        { "rdp", "session", SESSION("x11", "rdp"), { NULL }, { "DISPLAY=:10", "XRDP_SESSION=1" } },
        { "vnc", "session", SESSION("x11", "vnc"), { NULL }, { "DISPLAY=:1", "VNCDESKTOP=a:1" } },
        { "another machine's display",
          "session",
          "{\"type\":\"x11\"}",
          { NULL },
          { "DISPLAY=elsewhere:0" } },
    };
    rows_run(rows, ROWS(rows));
}

#define DEVICE(address, class, vendor, device)                                                     \
    PCI address "/class|" class "\n", PCI address "/vendor|" vendor "\n",                          \
        PCI address "/device|" device "\n"

static void test_probe_gpus(void **state)
{
    (void)state;
    static const struct machine_row rows[] = {
        { "no bus", "gpus", "", { NULL }, { NULL } },
        { "no display device",
          "gpus",
          "[]",
          { DEVICE("00:00.0", "0x060000", "0x8086", "0x1237") },
          { NULL } },
        { "intel",
          "gpus",
          "[{\"vendor\":\"0x8086\",\"device\":\"0x46a6\",\"revision\":\"0x0c\",\"class\":"
          "\"0x0300\","
          "\"boot\":true,\"driver\":\"i915\"}]",
          { DEVICE("00:02.0", "0x030000", "0x8086", "0x46a6"), PCI "00:02.0/revision|0x0c\n",
            PCI "00:02.0/boot_vga|1\n", PCI "00:02.0/driver>../../../bus/pci/drivers/i915" },
          { NULL } },
        { "hybrid, in the order of the bus",
          "gpus",
          "[{\"vendor\":\"0x8086\",\"device\":\"0x0001\",\"class\":\"0x0300\",\"boot\":true},"
          "{\"vendor\":\"0x10de\",\"device\":\"0x0002\",\"class\":\"0x0302\"},"
          "{\"vendor\":\"0x1002\",\"device\":\"0x0003\",\"class\":\"0x0380\",\"boot\":false}]",
          { DEVICE("01:00.0", "0x030200", "0x10de", "0x0002"),
            DEVICE("00:02.0", "0x030000", "0x8086", "0x0001"), PCI "00:02.0/boot_vga|1",
            DEVICE("03:00.0", "0x038000", "0x1002", "0x0003"), PCI "03:00.0/boot_vga|0" },
          { NULL } },
        { "half a device",
          "gpus",
          "[{\"class\":\"0x0300\"}]",
          { PCI "00:02.0/class|0x030000", PCI "00:02.0/vendor|what", PCI "00:02.0/device/" },
          { NULL } },
        { "class unreadable", "gpus", "[]", { PCI "00:02.0/class|" }, { NULL } },
        { "virtio",
          "gpus",
          "[{\"vendor\":\"0x1af4\",\"device\":\"0x1050\",\"class\":\"0x0300\","
          "\"driver\":\"virtio_gpu\"}]",
          { DEVICE("00:01.0", "0x030000", "0x1af4", "0x1050"),
            PCI "00:01.0/driver>../drivers/virtio-pci",
            PCI "00:01.0/virtio0/driver>../../drivers/virtio_gpu" },
          { NULL } },
        { "amdgpu from AMD's package",
          "gpus",
          "[{\"vendor\":\"0x1002\",\"device\":\"0x73bf\",\"class\":\"0x0300\","
          "\"driver\":\"amdgpu\",\"driver-version\":\"6.8.5\"}]",
          { DEVICE("03:00.0", "0x030000", "0x1002", "0x73bf"),
            PCI "03:00.0/driver>../drivers/amdgpu", "/sys/module/amdgpu/version|6.8.5\n" },
          { NULL } },
        { "part of the processor",
          "gpus",
          "[{\"vendor\":\"0x0000\",\"device\":\"0x0000\",\"driver\":\"v3d\"}]",
          { "/sys/class/drm/card0/device/driver>../drivers/v3d",
            "/sys/class/drm/card1/device/driver>../drivers/simple-framebuffer",
            "/sys/class/drm/renderD128/device/driver>../drivers/v3d",
            "/sys/class/drm/card0-HDMI-A-1/status|connected" },
          { NULL } },
    };
    rows_run(rows, ROWS(rows));
}

#define NVIDIA DEVICE("01:00.0", "0x030000", "0x10de", "0x2684")
#define NVIDIA_DRIVER PCI "01:00.0/driver>../drivers/nvidia"
#define NVIDIA_JSON(more)                                                                          \
    "[{\"vendor\":\"0x10de\",\"device\":\"0x2684\",\"class\":\"0x0300\"" more "}]"
#define NVIDIA_PROC "/proc/driver/nvidia/version|NVRM version: NVIDIA UNIX "
#define NVIDIA_LIB "/usr/lib/x86_64-linux-gnu/"

static void test_probe_nvidia(void **state)
{
    (void)state;
    static const struct machine_row rows[] = {
        { "nouveau has no libraries",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nouveau\""),
          { NVIDIA, PCI "01:00.0/driver>../drivers/nouveau",
            NVIDIA_LIB "libnvidia-glcore.so.550.78|x" },
          { NULL } },
        { "both agree",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"driver-version\":\"550.78\","
                      "\"library-version\":\"550.78\""),
          { NVIDIA, NVIDIA_DRIVER,
            NVIDIA_PROC "x86_64 Kernel Module  550.78  Sun Apr 14 06:35:45 UTC 2024\n"
                        "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n",
            NVIDIA_LIB "libnvidia-glcore.so.550.78|x" },
          { NULL } },
        { "open module",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"driver-version\":\"560.35.03\""),
          { NVIDIA, NVIDIA_DRIVER,
            NVIDIA_PROC "Open Kernel Module for x86_64  560.35.03  Release Build  (a@b)\n" },
          { NULL } },
        { "module of sysfs",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"driver-version\":\"470.57.02\""),
          { NVIDIA, NVIDIA_DRIVER, "/sys/module/nvidia/version|470.57.02\n" },
          { NULL } },
        { "the newest of leftovers",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"library-version\":\"550.78\""),
          { NVIDIA, NVIDIA_DRIVER, NVIDIA_LIB "libnvidia-glcore.so.99.9|x",
            NVIDIA_LIB "libGLX_nvidia.so.550.78|x", NVIDIA_LIB "libGLX_nvidia.so.550.54.14|x",
            NVIDIA_LIB "libGLX_nvidia.so.0|x", NVIDIA_LIB "libnvidia-glcore.so.x.y|x" },
          { NULL } },
        { "where the loader's link points",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"library-version\":\"535.1.2\""),
          { NVIDIA, NVIDIA_DRIVER, NVIDIA_LIB "libGLX_nvidia.so.550.78|x",
            NVIDIA_LIB "libGLX_nvidia.so.0>libGLX_nvidia.so.535.1.2" },
          { NULL } },
        { "Debian's own folder",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"library-version\":\"525.147.05\""),
          { NVIDIA, NVIDIA_DRIVER,
            NVIDIA_LIB "libGLX_nvidia.so.0>/etc/alternatives/glx--libGLX_nvidia.so.0",
            NVIDIA_LIB "nvidia/current/libGLX_nvidia.so.0>libGLX_nvidia.so.525.147.05" },
          { NULL } },
        { "Fedora",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\",\"library-version\":\"550.90.07\""),
          { NVIDIA, NVIDIA_DRIVER, "/usr/lib64/libnvidia-glsi.so.550.90.07|x" },
          { NULL } },
        { "nonsense",
          "gpus",
          NVIDIA_JSON(",\"driver\":\"nvidia\""),
          { NVIDIA, NVIDIA_DRIVER, "/proc/driver/nvidia/version|Kernel Module\n550.78\n",
            NVIDIA_LIB "libnvidia-glcore.so.|x" },
          { NULL } },
    };
    rows_run(rows, ROWS(rows));
}

static void test_probe_environment_and_files(void **state)
{
    (void)state;
    static const struct machine_row rows[] = {
        { "no files", "files", "", { NULL }, { NULL } },
        { "amdgpu",
          "files",
          "{\"/sys/module/amdgpu/version\":\"6.8.5\\n\"}",
          { "/sys/module/amdgpu/version|6.8.5\n" },
          { NULL } },
        { "catalyst",
          "files",
          "{\"/etc/ati/amdpcsdb.default\":\"[a]\\nReleaseVersion=S13.1\\n\"}",
          { "/etc/ati/amdpcsdb.default|[a]\nReleaseVersion=S13.1\n" },
          { NULL } },
        { "environment",
          "environment",
          "{\"QTWEBENGINE_CHROMIUM_FLAGS\":\"\",\"QT_OPENGL\":\"software\",\"DRI_PRIME\":\"1\"}",
          { NULL },
          { "DRI_PRIME=1", "QT_OPENGL=software", "QTWEBENGINE_CHROMIUM_FLAGS=" } },
        { "no environment", "environment", "", { NULL }, { "DISPLAY=:0" } },
    };
    rows_run(rows, ROWS(rows));
}

static void test_probe_driver_mismatch(void **state)
{
    (void)state;
    static const struct {
        const char *label, *driver, *library;
        bool want;
    } rows[] = {
        { "agree", "550.78", "550.78", false },       { "differ", "550.78", "550.90.07", true },
        { "longer", "550.78", "550.78.01", true },    { "module unknown", NULL, "550.78", false },
        { "library unknown", "550.78", NULL, false }, { "module empty", "", "550.78", false },
        { "library empty", "550.78", "", false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct gpu gpus[] = { { .driver = "i915" },
                              { .driver_version = rows[i].driver,
                                .library_version = rows[i].library } };
        struct identity identity = { .gpus = gpus, .gpu_count = ROWS(gpus) };
        rows_number(rows[i].label, probe_driver_mismatch(&identity) == &gpus[1], rows[i].want);
        rows_number(rows[i].label, probe_driver_mismatch(&identity) == NULL, !rows[i].want);
    }
    rows_done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_probe_os, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_virtual_and_container, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_session, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_gpus, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_nvidia, setup, teardown),
        cmocka_unit_test_setup_teardown(test_probe_environment_and_files, setup, teardown),
        cmocka_unit_test(test_probe_driver_mismatch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
