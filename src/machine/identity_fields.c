/* The keys of an identity, one row each: name, kind of value, where it stands in the struct, and
 * the words it can have where their number is known. */
#include "machine/identity_private.h"

#include <stddef.h>

#include "base/macros.h"
#include "machine/identity.h"

static const char *const os_names[] = { "linux", "windows", "macos", NULL };
static const char *const session_types[] = { "wayland", "x11", "xwayland", "none", NULL };
static const char *const remote_kinds[] = { "none", "ssh", "rdp", "vnc", "x2go", NULL };

#define AT(member) .offset = offsetof(struct identity, member)
#define GPU_AT(member) .offset = offsetof(struct gpu, member)
#define LASTING .print = PRINT_ALWAYS

static const struct field_row os_rows[] = {
    { "name", FIELD_TEXT, AT(os.name), .words = os_names, LASTING },
    { "version", FIELD_TEXT, AT(os.version), LASTING },
    { "distribution", FIELD_TEXT, AT(os.distribution), LASTING },
    { "distribution-version", FIELD_TEXT, AT(os.distribution_version), LASTING },
};

static const struct field_row session_rows[] = {
    { "type", FIELD_TEXT, AT(session.type), .words = session_types, LASTING },
    { "desktop", FIELD_TEXT, AT(session.desktop) },
    { "remote", FIELD_TEXT, AT(session.remote), .words = remote_kinds },
    { "nv-control", FIELD_TEXT, AT(session.nv_control), LASTING },
};

static const struct field_row machine_rows[] = {
    { "virtual", FIELD_TEXT, AT(machine.virtual_machine), LASTING },
    { "container", FIELD_TEXT, AT(machine.container), LASTING },
    { "libpci", FIELD_TRUTH, AT(machine.libpci) },
};

/* Ids of PCI have 16 bits; some GPUs of Windows on ARM are named by four letters instead
 * (entry 417 of Chromium's list of driver bugs: 0x4d4f4351). */
static const struct field_row gpu_rows[] = {
    { "vendor", FIELD_NUMBER, GPU_AT(vendor), .max = UINT32_MAX, .digits = 4, LASTING },
    { "device", FIELD_NUMBER, GPU_AT(device), .max = UINT32_MAX, .digits = 4, LASTING },
    { "revision", FIELD_NUMBER, GPU_AT(revision), .max = UINT32_MAX, .digits = 2, LASTING },
    { "class", FIELD_NUMBER, GPU_AT(pci_class), .max = 0xffff, .digits = 4, LASTING },
    { "active", FIELD_TRUTH, GPU_AT(active), LASTING },
    { "boot", FIELD_TRUTH, GPU_AT(boot), LASTING },
    { "driver", FIELD_TEXT, GPU_AT(driver), LASTING },
    { "driver-version", FIELD_TEXT, GPU_AT(driver_version), LASTING },
    { "library-version", FIELD_TEXT, GPU_AT(library_version), LASTING },
};

static const struct field_row gl_rows[] = {
    { "vendor", FIELD_TEXT, AT(gl.vendor), .print = PRINT_GL },
    { "renderer", FIELD_TEXT, AT(gl.renderer), .print = PRINT_GL },
    { "version", FIELD_TEXT, AT(gl.version), .print = PRINT_GL },
    { "extensions", FIELD_TEXT, AT(gl.extensions), .print = PRINT_GL },
    { "direct-rendering", FIELD_TEXT, AT(gl.direct_rendering), .print = PRINT_GL },
    { "disabled", FIELD_TRUTH, AT(gl.disabled), .print = PRINT_GL },
    { "probe", FIELD_PROBE, AT(gl.probe) },
};

static const struct field_row vulkan_rows[] = {
    { "devices", FIELD_NAMES, AT(vulkan.devices) },
    { "probe", FIELD_PROBE, AT(vulkan.probe) },
};

static const struct field_row engine_rows[] = {
    { "qt", FIELD_TEXT, AT(engine.qt), LASTING },
    { "chromium", FIELD_TEXT, AT(engine.chromium), LASTING },
    { "library", FIELD_TEXT, AT(engine.library), LASTING },
};

static const struct field_row app_rows[] = {
    { "name", FIELD_TEXT, AT(app.name) },
    { "packaging", FIELD_TEXT, AT(app.packaging) },
    { "arguments", FIELD_STRINGS, AT(app.arguments) },
    { "flags", FIELD_TEXT, AT(app.flags) },
};

const struct field_section identity_sections[IDENTITY_SECTION_COUNT] = {
    { "os", os_rows, ROWS(os_rows) },
    { "session", session_rows, ROWS(session_rows) },
    { "machine", machine_rows, ROWS(machine_rows) },
    { "gl", gl_rows, ROWS(gl_rows) },
    { "vulkan", vulkan_rows, ROWS(vulkan_rows) },
    { "engine", engine_rows, ROWS(engine_rows) },
    { "app", app_rows, ROWS(app_rows) },
};

const struct field_section identity_gpu_section = { "gpus", gpu_rows, ROWS(gpu_rows) };
