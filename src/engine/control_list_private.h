/* control_list_private.h: what the reader, the collector and the matcher of Chromium's lists share.
 * Room: engine. */
#ifndef QWGUARD_ENGINE_CONTROL_LIST_PRIVATE_H
#define QWGUARD_ENGINE_CONTROL_LIST_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/known.h"
#include "base/text.h"
#include "engine/control_list.h"
#include "engine/pattern_private.h"
#include "engine/version_schema_private.h"
#include "machine/identity.h"

#define GPUS_MAX                                                                                   \
    8 /* devices that are looked at; libpci gives all, no machine here had more than 3 */

#define VENDOR_AMD 0x1002u
#define VENDOR_INTEL 0x8086u
#define VENDOR_NVIDIA 0x10deu

/* --- what engines do differently, version by version (control_list_traits.c) -------------------
 */

/* A word in GL_VERSION that names the driver's vendor. */
struct driver_word {
    const char *word;
    const char *vendor;
};

/* How the engines from one Chromium major version on read the machine and their switches. */
struct engine_traits {
    unsigned from;                   /* Chromium major version */
    bool every_display_class;        /* PCI 0x03xx; before: only 0x0300, 0x0301, 0x0302 */
    bool reads_nv_control;           /* asks the X server for NVIDIA's version */
    bool reads_angle_native;         /* driver version out of the third part of ANGLE's renderer */
    bool unwraps_angle;              /* matches the parts of "ANGLE (vendor, renderer, version)" */
    bool draws_through_angle;        /* GL is always ANGLE's, so the strings are always such */
    bool bugs_without_gl;            /* the bug list is used although GL is turned off */
    bool honours_use_gl;             /* --use-gl of the user counts; before, Qt overwrites it */
    bool software_webgl;             /* --enable-webgl-software-rendering skips the blocklist */
    const char *ignore_blocklist[3]; /* switches; NULL ends */
    const char *blocklist_group;     /* switch with the test group of the blocklist */
    const struct driver_word *driver_words; /* a row with NULL ends */
    const char *const *features;            /* what "all" stands for; NULL ends */
};

/**
 * The row for a Chromium version.
 *
 * chromium  "102.0.5005.177"; NULL = the newest
 * returns   static row; the oldest one for what is older still
 */
const struct engine_traits *engine_traits_of(const char *chromium);

/**
 * Major number of "102.0.5005.177"; 0 for NULL and for a text that begins with no number.
 */
unsigned chromium_major(const char *chromium);

/* --- the machine as the engine's collector sees it (gpu_info.c, gl_driver.c, intel_gpu.c) -------
 */

enum os_type { OS_ANY, OS_LINUX, OS_WINDOWS, OS_MAC, OS_OTHER };

/* Strings: NULL = unknown, "" = the engine gets none. */
struct gpu_device {
    bool known; /* false: vendor and device are not known */
    uint32_t vendor, device, revision;
    bool active;
    const char *driver_vendor;
    const char *driver_version;
    const char *text;        /* "0x8086:0x5916", for people */
    const char *driver_text; /* "'Mesa' 22.3.6", for people */
};

struct gpu_info {
    enum os_type os;                  /* OS_ANY = unknown */
    const char *os_version;           /* cut to digits and dots */
    struct gpu_device gpus[GPUS_MAX]; /* the engine's own order; at least one */
    size_t gpu_count;
    bool gpus_known;
    bool active_unknown; /* several GPUs, and what would tell which of them draws is unknown */
    enum truth optimus, amd_switchable;
    const char *gl_vendor, *gl_renderer, *gl_version, *gl_extensions; /* as the engine reads them */
    const char *match_vendor, *match_renderer, *match_version; /* as the lists are compared */
    const char *direct_rendering;
    const struct engine_traits *traits;
};

/**
 * What the engine's collector would make of the machine.
 *
 * switches  --gpu-vendor-id and the like replace PCI
 * gl_off    GL is turned off: strings are "Disabled", PCI is not read
 * out       strings live in the arena or belong to the identity
 * source    Chromium gpu/config/gpu_info_collector*.cc, ANGLE src/gpu_info_util/SystemInfo*.cpp,
 *           and what 1,100 faked machines showed on each of four engines
 */
void gpu_info_collect(struct arena *arena, const struct engine_traits *traits,
                      const struct identity *identity, const struct strings *switches, bool gl_off,
                      struct gpu_info *out);

/**
 * The GPU that the engine takes for the drawing one.
 */
const struct gpu_device *gpu_info_active(const struct gpu_info *info);

/**
 * Driver vendor and version out of GL_VERSION and GL_RENDERER.
 *
 * out_vendor, out_version  in the arena; "" when there is none
 * source                   Chromium ui/gl/gl_version_info.cc
 */
void gl_driver_parse(struct arena *arena, const struct engine_traits *traits, const char *version,
                     const char *renderer, const char **out_vendor, const char **out_version);

/**
 * The three parts of "ANGLE (vendor, renderer, version)".
 *
 * returns   false when the renderer is none of ANGLE's; out untouched
 */
bool angle_unwrap(struct arena *arena, const char *renderer, const char **out_vendor,
                  const char **out_renderer, const char **out_version);

/**
 * Number of an Intel series by its name in the lists, or of a device; 0 = unknown.
 *
 * source    Chromium gpu/config/gpu_util.cc, GetIntelGpuSeriesType
 */
unsigned intel_series_find(const char *name);
const char *intel_series_name(unsigned series); /* NULL for a number that is none */
unsigned intel_series_of(uint32_t device);

/**
 * Generation of an Intel device as text ("9"); NULL for a device that Chromium does not know.
 *
 * source    Chromium gpu/config/gpu_util.cc, GetIntelGpuGeneration
 */
const char *intel_generation_of(uint32_t device);

/* --- a list in memory (control_list_read.c, control_list_build.c) -------------------------------
 */

/* In the order in which Chromium looks at them. */
enum condition_kind {
    CONDITION_OS,
    CONDITION_OS_VERSION,
    CONDITION_INTEL_SERIES,
    CONDITION_INTEL_GENERATION,
    CONDITION_VENDOR, /* without device ids */
    CONDITION_DEVICE, /* vendor and one of the device ids, of the same GPU */
    CONDITION_STYLE,
    CONDITION_DRIVER, /* vendor and version, of the same GPU */
    CONDITION_GL_EXTENSIONS,
    CONDITION_GL_VENDOR,
    CONDITION_GL_RENDERER,
    CONDITION_GL_VERSION_STRING,
    CONDITION_MACHINE_MODEL, /* never told on Linux */
    CONDITION_GL_VERSION,    /* type and number */
    CONDITION_GPU_COUNT,
    CONDITION_DIRECT_RENDERING,
    CONDITION_PIXEL_SHADER,
    CONDITION_UNTOLD, /* something of other systems that no identity holds */
};

enum gpu_category {
    CATEGORY_ACTIVE, /* also when nothing is said */
    CATEGORY_PRIMARY,
    CATEGORY_SECONDARY,
    CATEGORY_ANY,
    CATEGORY_NPU,
};

enum gpu_style {
    GPU_STYLE_NONE,
    GPU_STYLE_OPTIMUS,
    GPU_STYLE_AMD_SWITCHABLE,
    GPU_STYLE_AMD_SWITCHABLE_INTEGRATED,
    GPU_STYLE_AMD_SWITCHABLE_DISCRETE,
};

enum gl_type {
    GL_TYPE_NONE,
    GL_TYPE_GL,
    GL_TYPE_GLES,
    GL_TYPE_ANGLE,
    GL_TYPE_ANGLE_GL,
    GL_TYPE_ANGLE_GLES,
    GL_TYPE_ANGLE_VULKAN,
};

struct condition {
    enum condition_kind kind;
    const char *text; /* "gl.renderer matches (?i).*llvmpipe.*" */
    unsigned number;  /* enum os_type, gpu_style or gl_type; PCI vendor (0 = any) */
    uint64_t series;  /* bit n: Intel series n */
    const uint32_t *devices;
    const uint32_t *revisions; /* NULL, or one for each device (0 = any) */
    size_t device_count;
    const struct pattern *pattern;     /* NULL = none */
    const struct version_range *range; /* NULL = none */
};

/* All must hold. */
struct conditions {
    enum gpu_category category;
    const struct condition *items;
    size_t count;
    const char *text; /* all of them in one line */
};

struct control_entry {
    unsigned id;
    unsigned line; /* in the file; 0 = unknown */
    const char *description;
    struct strings features;  /* "all" expanded; extensions that are disabled as
                                 "disabled_extension_NAME" */
    struct strings as_listed; /* as the list names them */
    unsigned test_group;      /* 0 = always */
    struct conditions main;
    const struct conditions *exceptions;
    size_t exception_count;
};

/* Fields of an entry or an exception as they were read, before they become conditions. */
struct conditions_draft {
    enum os_type os;
    const char *os_name;
    const struct version_range *os_version;
    bool has_vendor;
    uint32_t vendor;
    const uint32_t *devices, *revisions;
    size_t device_count, revision_count;
    uint64_t series;
    const char *series_text;
    const struct version_range *generation;
    enum gpu_category category;
    enum gpu_style style;
    const char *style_name;
    const struct pattern *driver_vendor;
    const struct version_range *driver_version;
    const struct pattern *gl_vendor, *gl_renderer, *gl_version_string, *gl_extensions;
    enum gl_type gl_type;
    const char *gl_type_name;
    const struct version_range *gl_version;
    const char *machine; /* names that stand there */
    const struct version_range *pixel_shader, *direct_rendering, *gpu_count;
    const char *untold; /* first of the conditions that no identity can answer */
    unsigned test_group;
};

/**
 * The conditions of a draft in Chromium's order, each with its text. A gl_type that stands without
 * a gl_version counts: so it did on 87, 102, 122 and 140, although the generator of newer sources
 * leaves it out.
 */
struct conditions conditions_build(struct arena *arena, const struct conditions_draft *draft);

/* --- deciding (control_list_match.c) ------------------------------------------------------------
 */

/**
 * Do all conditions hold? Unknown when none is known to fail and one is unknown.
 *
 * out_traces  NULL, or room for conditions->count rows; filled up to the one that decided
 * out_count   rows filled; not looked at when out_traces is NULL
 */
enum truth conditions_match(const struct conditions *conditions, const struct gpu_info *info,
                            struct condition_trace *out_traces, size_t *out_count);

/**
 * Would the engine say that it lacks a fact to judge them (NeedsMoreInfo)? True when a string that
 * is asked for is empty: an empty string matches everything, so Chromium waits for a better one.
 */
bool conditions_lack(const struct conditions *conditions, const struct gpu_info *info);

/**
 * Names of the facts of the identity that the conditions ask for and that are unknown, added to
 * out.
 *
 * out_texts  the unknown conditions themselves, added in their order; NULL = not wanted
 * returns    false when one of them asks for something that no identity holds
 */
bool conditions_missing(struct arena *arena, const struct conditions *conditions,
                        const struct gpu_info *info, struct strings *out,
                        struct strings *out_texts);

/**
 * What would settle an entry that lacks facts: "gl.renderer alone would settle it: it applies where
 * gl.renderer matches …". NULL when no fact of an identity could.
 *
 * main  what conditions_match() said of the entry's own conditions
 */
const char *entry_settled_by(struct arena *arena, const struct control_entry *entry,
                             const struct gpu_info *info, enum truth main);

/**
 * True when a condition on the GPU or its GL strings holds: the entry is about hardware like this.
 */
bool conditions_touch(const struct conditions *conditions, const struct gpu_info *info);

#endif
