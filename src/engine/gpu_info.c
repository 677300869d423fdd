/* The machine as an engine's own collector would describe it to the lists. It differs from the
 * identity in many small ways (which PCI devices count, which of them comes first, which one is
 * taken for the drawing one, what the driver is called), and the lists are about this description.
 */
#include "engine/control_list_private.h"

#include <string.h>

#include "base/macros.h"
#include "engine/flags.h"

#define AMD_MODULE_FILE "/sys/module/amdgpu/version"
#define AMD_CATALYST_FILE "/etc/ati/amdpcsdb.default"

static const struct {
    const char *name;
    enum os_type os;
} os_rows[] = {
    { "linux", OS_LINUX },
    { "windows", OS_WINDOWS },
    { "macos", OS_MAC },
};

/* Words by which GL_VENDOR or GL_RENDERER name a GPU, in the order in which they are tried. */
static const struct {
    const char *word;
    uint32_t vendor;
} vendor_words[] = {
    { "nvidia", VENDOR_NVIDIA }, { "nouveau", VENDOR_NVIDIA }, { "intel", VENDOR_INTEL },
    { "amd", VENDOR_AMD },       { "ati", VENDOR_AMD },
};

static void os_collect(struct arena *arena, const struct identity *identity, struct gpu_info *out)
{
    if (identity->os.name)
        out->os = OS_OTHER;
    for (size_t i = 0; i < ROWS(os_rows); i++) {
        if (text_equal(os_rows[i].name, identity->os.name))
            out->os = os_rows[i].os;
    }
    if (identity->os.version)
        out->os_version = arena_strndup(arena, identity->os.version,
                                        strspn(identity->os.version, "0123456789."));
}

/* --- PCI -----------------------------------------------------------------------------------------
 */

static bool is_display(const struct engine_traits *traits, const struct gpu *gpu)
{
    if (gpu->device.known && gpu->device.value == 0)
        return false;
    if (!gpu->pci_class.known)
        return true; /* it stands among the GPUs, so somebody took it for one */
    if (traits->every_display_class)
        return gpu->pci_class.value >> 8 == 0x03;
    return gpu->pci_class.value >= 0x0300 && gpu->pci_class.value <= 0x0302;
}

/* A decimal number; Chromium ignores anything else (0x… too). */
static bool switch_number(const struct strings *switches, const char *name, uint32_t *out)
{
    const char *value;
    uint64_t number;
    if (!flags_has(switches, name, &value) || !value || !*value
        || strspn(value, "0123456789") != strlen(value) || !text_to_u64(value, &number)
        || number > UINT32_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

/* --gpu-vendor-id and the like: any of them takes the place of all PCI devices. */
static bool switches_collect(const struct strings *switches, struct gpu_info *out)
{
    struct gpu_device gpu = { .known = true, .driver_vendor = "", .driver_version = "" };
    const char *version = NULL;
    bool any = switch_number(switches, "gpu-vendor-id", &gpu.vendor);
    any = switch_number(switches, "gpu-device-id", &gpu.device) || any;
    if (flags_has(switches, "gpu-driver-version", &version) && version && *version) {
        gpu.driver_version = version;
        any = true;
    }
    if (!any)
        return false;
    out->gpus[0] = gpu;
    out->gpu_count = 1;
    out->gpus_known = true;
    return true;
}

static void pci_collect(const struct engine_traits *traits, const struct identity *identity,
                        struct gpu_info *out)
{
    for (size_t i = 0; i < identity->gpu_count && out->gpu_count < GPUS_MAX; i++) {
        const struct gpu *gpu = &identity->gpus[i];
        if (!is_display(traits, gpu))
            continue;
        out->gpus[out->gpu_count++] = (struct gpu_device){
            .known = gpu->vendor.known && gpu->device.known,
            .vendor = (uint32_t)gpu->vendor.value,
            .device = (uint32_t)gpu->device.value,
            .revision = (uint32_t)gpu->revision.value,
            .active = gpu->active == TRUTH_YES,
            .driver_vendor = "",
            .driver_version = "",
        };
    }
}

/* The first device, but never an Intel one while another follows; it comes first, the others keep
 * their order. */
static void primary_pick(struct gpu_info *info)
{
    size_t pick = 0;
    bool intel = false;
    for (size_t i = 0; i < info->gpu_count; i++) {
        intel = intel || info->gpus[i].vendor == VENDOR_INTEL;
        if (info->gpus[pick].vendor == VENDOR_INTEL)
            pick = i;
    }
    struct gpu_device picked = info->gpus[pick];
    memmove(info->gpus + 1, info->gpus, pick * sizeof picked);
    info->gpus[0] = picked;
    info->optimus = intel && picked.vendor == VENDOR_NVIDIA ? TRUTH_YES : TRUTH_NO;
    info->amd_switchable = intel && picked.vendor == VENDOR_AMD ? TRUTH_YES : TRUTH_NO;
}

/* --- driver versions that do not come from GL
 * ------------------------------------------------------ */

/* First run of digits and dots that begins with a digit; NULL when there is none. */
static const char *number_in(struct arena *arena, const char *text)
{
    const char *digits = text + strcspn(text, "0123456789");
    return *digits ? arena_strndup(arena, digits, strspn(digits, "0123456789.")) : NULL;
}

static const char *catalyst_version(struct arena *arena, const char *text)
{
    static const char key[] = "ReleaseVersion=";
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        if (!text_starts(text, key))
            continue;
        const char *found = number_in(arena, arena_strndup(arena, text, strcspn(text, "\n")));
        if (found)
            return found;
    }
    return NULL;
}

static void amd_driver(struct arena *arena, const struct identity *identity, struct gpu_device *gpu)
{
    const char *module = variables_get(&identity->files, AMD_MODULE_FILE);
    const char *catalyst = variables_get(&identity->files, AMD_CATALYST_FILE);
    const char *version = module ? number_in(arena, module) : NULL;
    if (version) {
        gpu->driver_vendor = "AMD (Brahma)";
        gpu->driver_version = version;
        return;
    }
    version = catalyst ? catalyst_version(arena, catalyst) : NULL;
    if (version) {
        gpu->driver_vendor = "AMD (Catalyst)";
        gpu->driver_version = version;
    }
}

static void nvidia_driver(const char *version, struct gpu_device *gpu)
{
    gpu->driver_vendor = "Nvidia"; /* not "NVIDIA": entries that ask for that never match then */
    gpu->driver_version = version;
}

static void linux_drivers(struct arena *arena, const struct engine_traits *traits,
                          const struct identity *identity, struct gpu_info *info)
{
    const char *nvidia = traits->reads_nv_control ? identity->session.nv_control : NULL;
    for (size_t i = 0; i < info->gpu_count; i++) {
        struct gpu_device *gpu = &info->gpus[i];
        if (gpu->vendor == VENDOR_AMD)
            amd_driver(arena, identity, gpu);
        if (gpu->vendor == VENDOR_NVIDIA && nvidia)
            nvidia_driver(nvidia, gpu);
        if (gpu->vendor == VENDOR_INTEL && info->gpu_count == 1 && nvidia) {
            /* The collector believes in a hidden NVIDIA GPU and makes one up. */
            nvidia_driver(nvidia, gpu);
            info->gpus[info->gpu_count++] = (struct gpu_device){
                .known = true, .vendor = VENDOR_NVIDIA, .driver_vendor = "", .driver_version = ""
            };
            info->optimus = TRUTH_YES;
        }
    }
}

/* Windows asks its registry; of that, identities hold the version only. */
static void windows_drivers(const struct identity *identity, struct gpu_info *info)
{
    for (size_t i = 0; i < info->gpu_count; i++) {
        info->gpus[i].driver_vendor = NULL;
        info->gpus[i].driver_version = NULL;
        for (size_t j = 0; j < identity->gpu_count; j++) {
            if (identity->gpus[j].device.value == info->gpus[i].device)
                info->gpus[i].driver_version = identity->gpus[j].driver_version;
        }
    }
}

/* --- GL
 * ------------------------------------------------------------------------------------------- */

static const char *without_commas(struct arena *arena, const char *text)
{
    char *copy = arena_strdup(arena, text);
    char *to = copy;
    for (const char *from = text; *from; from++) {
        if (*from != ',')
            *to++ = *from;
    }
    *to = '\0';
    return copy;
}

/* ANGLE tells the native strings inside its own renderer. */
static void angle_wrap(struct arena *arena, struct gpu_info *info)
{
    if (!info->gl_vendor || !info->gl_renderer || !info->gl_version
        || text_starts(info->gl_renderer, "ANGLE ("))
        return;
    const char *vendor = without_commas(arena, info->gl_vendor);
    const char *kind = text_starts(info->gl_version, "OpenGL ES") ? "" : "OpenGL ";
    info->gl_renderer = arena_printf(arena, "ANGLE (%s, %s, %s%s)", vendor,
                                     without_commas(arena, info->gl_renderer), kind,
                                     without_commas(arena, info->gl_version));
    info->gl_vendor = arena_printf(arena, "Google Inc. (%s)", vendor);
    info->gl_version = "OpenGL ES 2.0.0 (ANGLE 2.1 git hash: unknown hash)";
}

static void gl_collect(struct arena *arena, const struct identity *identity, bool gl_off,
                       struct gpu_info *info)
{
    const struct identity_gl *gl = &identity->gl;
    info->gl_vendor = gl_off ? "Disabled" : gl->vendor;
    info->gl_renderer = gl_off ? "Disabled" : gl->renderer;
    info->gl_version = gl_off ? "Disabled" : gl->version;
    info->gl_extensions = gl_off ? "" : gl->extensions;
    info->direct_rendering = gl_off ? "" : gl->direct_rendering;
    /* Indirect rendering is told by the identity or it is none: only a remote X server has it. */
    bool remote = identity->session.remote && !text_equal(identity->session.remote, "none");
    if (!info->direct_rendering && !remote)
        info->direct_rendering = "";
    if (info->traits->draws_through_angle && !gl_off) {
        angle_wrap(arena, info);
        info->direct_rendering = "";
    }
    info->match_vendor = info->gl_vendor;
    info->match_renderer = info->gl_renderer;
    info->match_version = info->gl_version;
    if (info->traits->unwraps_angle && info->gl_renderer)
        (void)angle_unwrap(arena, info->gl_renderer, &info->match_vendor, &info->match_renderer,
                           &info->match_version); /* false: the strings are native, and stay */
}

/* The vendor that a GL string names as a word of its own; 0 = none. */
static uint32_t vendor_named(struct arena *arena, const char *text)
{
    static const char separators[] = " .,()-_";
    const char *lower = text_lower(arena, text);
    while (*lower) {
        lower += strspn(lower, separators);
        size_t length = strcspn(lower, separators);
        for (size_t i = 0; i < ROWS(vendor_words); i++) {
            if (strlen(vendor_words[i].word) == length
                && strncmp(vendor_words[i].word, lower, length) == 0)
                return vendor_words[i].vendor;
        }
        lower += length;
    }
    return 0;
}

static size_t active_index(const struct gpu_info *info)
{
    for (size_t i = 0; i < info->gpu_count; i++) {
        if (info->gpus[i].active)
            return i;
    }
    return 0;
}

const struct gpu_device *gpu_info_active(const struct gpu_info *info)
{
    return &info->gpus[active_index(info)];
}

/* Which GPU draws, by what GL says of itself. Nothing recognised: all stays as it is. */
static void active_identify(struct arena *arena, struct gpu_info *info)
{
    uint32_t vendor = info->gl_vendor ? vendor_named(arena, info->gl_vendor) : 0;
    if (!vendor && info->gl_renderer)
        vendor = vendor_named(arena, info->gl_renderer);
    if (!vendor)
        return;
    for (size_t i = 0; i < info->gpu_count; i++)
        info->gpus[i].active = false;
    for (size_t i = 0; i < info->gpu_count; i++) {
        if (info->gpus[i].vendor == vendor) {
            info->gpus[i].active = true;
            return;
        }
    }
}

static void driver_from_gl(struct arena *arena, struct gpu_info *info)
{
    struct gpu_device *gpu = &info->gpus[active_index(info)];
    const char *vendor = NULL, *version = NULL;
    if (info->gl_version)
        gl_driver_parse(arena, info->traits, info->gl_version,
                        info->gl_renderer ? info->gl_renderer : "", &vendor, &version);
    if (gpu->driver_vendor && !*gpu->driver_vendor)
        gpu->driver_vendor = vendor;
    if (gpu->driver_version && !*gpu->driver_version)
        gpu->driver_version = version;
}

/* The engine asks GL twice: first the primary GPU is taken for the drawing one and gets the driver,
 * then the one that GL named. */
static void active_collect(struct arena *arena, const struct identity *identity,
                           struct gpu_info *info)
{
    bool told[GPUS_MAX];
    bool any = false;
    for (size_t i = 0; i < info->gpu_count; i++) {
        told[i] = info->gpus[i].active;
        any = any || told[i];
        info->gpus[i].active = i == 0;
    }
    driver_from_gl(arena, info);
    if (info->gpu_count < 2)
        return;
    if (any) { /* the identity's own word goes before what can be derived */
        for (size_t i = 0; i < info->gpu_count; i++)
            info->gpus[i].active = told[i];
    } else {
        info->active_unknown = !identity->gl.vendor && !identity->gl.renderer;
        active_identify(arena, info);
    }
    driver_from_gl(arena, info);
}

static void texts_write(struct arena *arena, struct gpu_device *gpu)
{
    gpu->text = arena_printf(arena, "0x%04x:0x%04x", gpu->vendor, gpu->device);
    if (!gpu->driver_vendor && !gpu->driver_version)
        gpu->driver_text = "unknown";
    else
        gpu->driver_text = arena_printf(arena, "'%s' %s",
                                        gpu->driver_vendor ? gpu->driver_vendor : "unknown",
                                        gpu->driver_version ? gpu->driver_version : "unknown");
}

void gpu_info_collect(struct arena *arena, const struct engine_traits *traits,
                      const struct identity *identity, const struct strings *switches, bool gl_off,
                      struct gpu_info *out)
{
    *out = (struct gpu_info){ .traits = traits, .optimus = TRUTH_NO, .amd_switchable = TRUTH_NO };
    os_collect(arena, identity, out);
    gl_collect(arena, identity, gl_off, out);
    bool no_pci = gl_off || identity->machine.libpci == TRUTH_NO;
    bool replaced = switches_collect(switches, out);
    if (!replaced && !no_pci) {
        pci_collect(traits, identity, out);
        out->gpus_known = identity->gpus_known;
        if (!identity->gpus_known)
            out->optimus = out->amd_switchable = TRUTH_UNKNOWN;
    }
    if (out->gpu_count && !replaced) {
        primary_pick(out);
        if (out->os == OS_WINDOWS)
            windows_drivers(identity, out);
        else
            linux_drivers(arena, traits, identity, out);
    }
    if (!out->gpu_count) { /* vendor and device 0, as the engine has it; or nothing is known */
        out->gpus_known = out->gpus_known || no_pci;
        out->gpus[out->gpu_count++] = (struct gpu_device){ .known = out->gpus_known,
                                                           .driver_vendor = "",
                                                           .driver_version = "" };
    }
    active_collect(arena, identity, out);
    for (size_t i = 0; i < out->gpu_count; i++)
        texts_write(arena, &out->gpus[i]);
}
