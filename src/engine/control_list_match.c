/* Does an entry's list of conditions hold on this machine? One function a kind of condition, each
 * three-valued: a fact that nobody knows makes the answer unknown, never no. A string that the
 * engine itself does not get is another thing: it is empty, and an empty string matches every
 * pattern. */
#include "engine/control_list_private.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"

/* The GPUs that a list of conditions speaks of. */
struct candidates {
    const struct gpu_device *items[GPUS_MAX];
    size_t count;
    bool one_of_them; /* which of them is meant is unknown */
};

typedef enum truth match_fn(const struct condition *condition, const struct gpu_info *info,
                            const struct candidates *candidates);

static enum truth truth_of(bool value)
{
    return value ? TRUTH_YES : TRUTH_NO;
}

static enum truth truth_and(enum truth a, enum truth b)
{
    if (a == TRUTH_NO || b == TRUTH_NO)
        return TRUTH_NO;
    return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

static void add(struct candidates *out, const struct gpu_device *gpu)
{
    out->items[out->count++] = gpu;
}

static void candidates_find(enum gpu_category category, const struct gpu_info *info,
                            struct candidates *out)
{
    *out = (struct candidates){ .count = 0 };
    if (category == CATEGORY_NPU)
        return; /* no identity tells of one */
    if (category == CATEGORY_PRIMARY) {
        add(out, &info->gpus[0]);
        return;
    }
    out->one_of_them = category == CATEGORY_ACTIVE && info->active_unknown;
    for (size_t i = category == CATEGORY_SECONDARY; i < info->gpu_count; i++) {
        if (category != CATEGORY_ACTIVE || info->active_unknown || info->gpus[i].active)
            add(out, &info->gpus[i]);
    }
    bool may_be_more = category == CATEGORY_SECONDARY && !info->gpus_known;
    if (!out->count && (category == CATEGORY_ACTIVE || may_be_more))
        add(out, &info->gpus[0]);
}

/* Joins what was found for each candidate: one of them is enough. */
struct joined {
    size_t yes, no, count;
};

static void join(struct joined *joined, enum truth truth)
{
    joined->count++;
    joined->yes += truth == TRUTH_YES;
    joined->no += truth == TRUTH_NO;
}

static enum truth joined_truth(const struct joined *joined, const struct candidates *candidates)
{
    if (candidates->one_of_them && joined->yes < joined->count)
        return joined->no == joined->count ? TRUTH_NO : TRUTH_UNKNOWN;
    if (joined->yes)
        return TRUTH_YES;
    return joined->no == joined->count ? TRUTH_NO : TRUTH_UNKNOWN;
}

/* A pattern against a string that may be empty (matches) or unknown. */
static enum truth string_match(const struct pattern *pattern, const char *text)
{
    if (!pattern || (text && !*text))
        return TRUTH_YES;
    return text ? truth_of(pattern_matches(pattern, text)) : TRUTH_UNKNOWN;
}

static enum truth range_match(const struct version_range *range, const char *text)
{
    return text ? truth_of(version_in_range(range, text, '.')) : TRUTH_UNKNOWN;
}

static enum truth match_os(const struct condition *condition, const struct gpu_info *info,
                           const struct candidates *candidates)
{
    (void)candidates;
    return info->os == OS_ANY ? TRUTH_UNKNOWN : truth_of(info->os == condition->number);
}

static enum truth match_os_version(const struct condition *condition, const struct gpu_info *info,
                                   const struct candidates *candidates)
{
    (void)candidates;
    return range_match(condition->range, info->os_version);
}

static enum truth match_series(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    (void)info;
    struct joined joined = { 0 };
    for (size_t i = 0; i < candidates->count; i++) {
        const struct gpu_device *gpu = candidates->items[i];
        unsigned series = gpu->vendor == VENDOR_INTEL ? intel_series_of(gpu->device) : 0;
        join(&joined,
             !gpu->known ? TRUTH_UNKNOWN : truth_of(series && (condition->series >> series & 1)));
    }
    return joined_truth(&joined, candidates);
}

static enum truth match_generation(const struct condition *condition, const struct gpu_info *info,
                                   const struct candidates *candidates)
{
    (void)info;
    struct joined joined = { 0 };
    for (size_t i = 0; i < candidates->count; i++) {
        const struct gpu_device *gpu = candidates->items[i];
        const char *generation = gpu->vendor == VENDOR_INTEL ? intel_generation_of(gpu->device)
                                                             : NULL;
        join(&joined,
             !gpu->known
                 ? TRUTH_UNKNOWN
                 : truth_of(generation && version_in_range(condition->range, generation, '.')));
    }
    return joined_truth(&joined, candidates);
}

static enum truth match_vendor(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    (void)info;
    struct joined joined = { 0 };
    for (size_t i = 0; i < candidates->count; i++) {
        const struct gpu_device *gpu = candidates->items[i];
        join(&joined, gpu->known ? truth_of(gpu->vendor == condition->number) : TRUTH_UNKNOWN);
    }
    return joined_truth(&joined, candidates);
}

static bool device_listed(const struct condition *condition, const struct gpu_info *info,
                          const struct gpu_device *gpu)
{
    if (gpu->vendor != condition->number)
        return false;
    for (size_t i = 0; i < condition->device_count; i++) {
        /* Linux builds do not compare revisions. */
        uint32_t revision = condition->revisions && info->os == OS_WINDOWS ? condition->revisions[i]
                                                                           : 0;
        if (condition->devices[i] == gpu->device && (!revision || revision == gpu->revision))
            return true;
    }
    return false;
}

static enum truth match_device(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    struct joined joined = { 0 };
    for (size_t i = 0; i < candidates->count; i++) {
        const struct gpu_device *gpu = candidates->items[i];
        join(&joined, gpu->known ? truth_of(device_listed(condition, info, gpu)) : TRUTH_UNKNOWN);
    }
    return joined_truth(&joined, candidates);
}

static enum truth match_style(const struct condition *condition, const struct gpu_info *info,
                              const struct candidates *candidates)
{
    (void)candidates;
    bool integrated = condition->number == GPU_STYLE_AMD_SWITCHABLE_INTEGRATED;
    if (condition->number == GPU_STYLE_OPTIMUS)
        return info->optimus;
    if (condition->number == GPU_STYLE_AMD_SWITCHABLE || info->amd_switchable != TRUTH_YES)
        return info->amd_switchable;
    if (info->active_unknown)
        return TRUTH_UNKNOWN;
    return truth_of(integrated ? info->gpu_count > 1 && info->gpus[1].active
                               : info->gpus[0].active);
}

static enum truth match_driver(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    (void)info;
    struct joined joined = { 0 };
    for (size_t i = 0; i < candidates->count; i++) {
        const struct gpu_device *gpu = candidates->items[i];
        if (condition->number && gpu->known && gpu->vendor != condition->number)
            continue; /* made by somebody else */
        enum truth version = TRUTH_YES;
        if (condition->range && !(gpu->driver_version && !*gpu->driver_version))
            version = range_match(condition->range, gpu->driver_version);
        join(&joined, truth_and(string_match(condition->pattern, gpu->driver_vendor), version));
    }
    return joined_truth(&joined, candidates);
}

/* What kind of GL the version string speaks of, and its number. */
static enum gl_type version_type(const struct gpu_info *info, const char *version,
                                 const char **out_number)
{
    bool angle = info->match_version != info->gl_version; /* unwrapped */
    bool gles = text_starts(version, "OpenGL ES ");
    *out_number = version;
    if (gles)
        *out_number += strlen("OpenGL ES ");
    else if (info->traits->draws_through_angle && text_starts(version, "OpenGL "))
        *out_number += strlen("OpenGL ");
    if (info->traits->draws_through_angle) {
        if (!angle)
            return gles ? GL_TYPE_GLES : GL_TYPE_GL;
        if (text_starts(version, "Vulkan"))
            return GL_TYPE_ANGLE_VULKAN;
        return gles ? GL_TYPE_ANGLE_GLES : GL_TYPE_ANGLE_GL;
    }
    if (!gles)
        return GL_TYPE_GL;
    const char *fourth = strchr(*out_number, ' ');
    return fourth && text_starts(fourth, " (ANGLE") ? GL_TYPE_ANGLE : GL_TYPE_GLES;
}

static enum truth match_gl_version(const struct condition *condition, const struct gpu_info *info,
                                   const struct candidates *candidates)
{
    (void)candidates;
    static const enum gl_type defaults[] = {
        [OS_LINUX] = GL_TYPE_GL, [OS_MAC] = GL_TYPE_GL, [OS_WINDOWS] = GL_TYPE_ANGLE
    };
    const char *version = info->match_version;
    if (!version)
        return TRUTH_UNKNOWN;
    if (!*version)
        return TRUTH_YES;
    const char *number;
    enum gl_type type = version_type(info, version, &number);
    enum gl_type wanted = (enum gl_type)condition->number;
    if (wanted == GL_TYPE_NONE && (size_t)info->os < ROWS(defaults))
        wanted = defaults[info->os];
    if (wanted != GL_TYPE_NONE && wanted != type)
        return TRUTH_NO;
    if (!condition->range)
        return TRUTH_YES;
    /* The number ends where digits and dots end in an ES string, at the space in another. */
    char text[32];
    size_t length = text_starts(version, "OpenGL ES ") ? strspn(number, "0123456789.")
                                                       : strcspn(number, " ");
    if (length >= sizeof text)
        length = sizeof text - 1;
    memcpy(text, number, length);
    text[length] = '\0';
    return truth_of(version_in_range(condition->range, text, '.'));
}

static enum truth match_count(const struct condition *condition, const struct gpu_info *info,
                              const struct candidates *candidates)
{
    (void)candidates;
    const char text[] = { (char)('0' + info->gpu_count), '\0' };
    return range_match(condition->range, info->gpus_known ? text : NULL);
}
static_assert(GPUS_MAX < 10, "match_count writes one digit");

static enum truth match_direct(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    (void)candidates;
    return range_match(condition->range, info->direct_rendering);
}

/* The string that a condition of this kind is about; NULL = unknown. */
static const char *string_of(enum condition_kind kind, const struct gpu_info *info)
{
    if (kind == CONDITION_GL_EXTENSIONS)
        return info->gl_extensions;
    if (kind == CONDITION_GL_VENDOR)
        return info->match_vendor;
    return kind == CONDITION_GL_RENDERER ? info->match_renderer : info->match_version;
}

static enum truth match_string(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    (void)candidates;
    return string_match(condition->pattern, string_of(condition->kind, info));
}

/* Linux collectors tell no model, and a model that is not told never matches. */
static enum truth match_model(const struct condition *condition, const struct gpu_info *info,
                              const struct candidates *candidates)
{
    (void)condition;
    (void)candidates;
    return info->os == OS_LINUX ? TRUTH_NO : TRUTH_UNKNOWN;
}

static enum truth match_untold(const struct condition *condition, const struct gpu_info *info,
                               const struct candidates *candidates)
{
    (void)condition;
    (void)info;
    (void)candidates;
    return TRUTH_UNKNOWN;
}

static const struct {
    match_fn *match;
    const char *fact;    /* of the identity, that would answer it; NULL = it holds none */
    bool about_hardware; /* about the GPU or what GL says of it */
} kinds[] = {
    [CONDITION_OS] = { match_os, "os.name", false },
    [CONDITION_OS_VERSION] = { match_os_version, "os.version", false },
    [CONDITION_INTEL_SERIES] = { match_series, "gpus", true },
    [CONDITION_INTEL_GENERATION] = { match_generation, "gpus", true },
    [CONDITION_VENDOR] = { match_vendor, "gpus", true },
    [CONDITION_DEVICE] = { match_device, "gpus", true },
    [CONDITION_STYLE] = { match_style, "gpus", true },
    [CONDITION_DRIVER] = { match_driver, "gl.version", false },
    [CONDITION_GL_EXTENSIONS] = { match_string, "gl.extensions", true },
    [CONDITION_GL_VENDOR] = { match_string, "gl.vendor", true },
    [CONDITION_GL_RENDERER] = { match_string, "gl.renderer", true },
    [CONDITION_GL_VERSION_STRING] = { match_string, "gl.version", false },
    [CONDITION_MACHINE_MODEL] = { match_model, NULL, false },
    [CONDITION_GL_VERSION] = { match_gl_version, "gl.version", false },
    [CONDITION_GPU_COUNT] = { match_count, "gpus", false },
    [CONDITION_DIRECT_RENDERING] = { match_direct, "gl.direct-rendering", false },
    [CONDITION_PIXEL_SHADER] = { match_untold, NULL, false },
    [CONDITION_UNTOLD] = { match_untold, NULL, false },
};
static_assert(ROWS(kinds) == CONDITION_UNTOLD + 1, "one row per kind");

static const char *found_string(const char *text)
{
    if (!text)
        return "unknown";
    return *text ? text : "(empty)";
}

/* The GPU that a condition came to its answer by: the first for which it has the same one alone. */
static const struct gpu_device *deciding_gpu(const struct condition *condition,
                                             const struct gpu_info *info,
                                             const struct candidates *candidates, enum truth truth)
{
    for (size_t i = 0; i < candidates->count; i++) {
        struct candidates alone = { .count = 0 };
        add(&alone, candidates->items[i]);
        if (kinds[condition->kind].match(condition, info, &alone) == truth)
            return candidates->items[i];
    }
    return candidates->count ? candidates->items[0] : NULL;
}

/* What the machine has of that which a condition asks for. */
static const char *found_text(const struct condition *condition, const struct gpu_info *info,
                              const struct candidates *candidates, enum truth truth)
{
    static const char *const os_words[] = { "unknown", "linux", "windows", "macos", "other" };
    static const char *const counts[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8" };
    static_assert(ROWS(counts) == GPUS_MAX + 1, "one word per number of GPUs");
    const struct gpu_device *gpu;
    switch (condition->kind) {
    case CONDITION_OS:
        return os_words[info->os];
    case CONDITION_OS_VERSION:
        return found_string(info->os_version);
    case CONDITION_INTEL_SERIES:
    case CONDITION_INTEL_GENERATION:
    case CONDITION_VENDOR:
    case CONDITION_DEVICE:
        gpu = deciding_gpu(condition, info, candidates, truth);
        return !gpu ? "no such GPU" : gpu->known ? gpu->text : "unknown";
    case CONDITION_STYLE:
        if (info->optimus == TRUTH_UNKNOWN)
            return "unknown";
        return info->optimus == TRUTH_YES          ? "optimus"
               : info->amd_switchable == TRUTH_YES ? "amd_switchable"
                                                   : "neither";
    case CONDITION_DRIVER:
        gpu = deciding_gpu(condition, info, candidates, truth);
        return !gpu ? "no such GPU" : gpu->driver_text;
    case CONDITION_GL_EXTENSIONS:
    case CONDITION_GL_VENDOR:
    case CONDITION_GL_RENDERER:
    case CONDITION_GL_VERSION_STRING:
        return found_string(string_of(condition->kind, info));
    case CONDITION_GL_VERSION:
        return found_string(info->match_version);
    case CONDITION_GPU_COUNT:
        return info->gpus_known ? counts[info->gpu_count] : "unknown";
    case CONDITION_DIRECT_RENDERING:
        return found_string(info->direct_rendering);
    case CONDITION_MACHINE_MODEL:
    case CONDITION_PIXEL_SHADER:
    case CONDITION_UNTOLD:
        break;
    }
    return "unknown";
}

enum truth conditions_match(const struct conditions *conditions, const struct gpu_info *info,
                            struct condition_trace *out_traces, size_t *out_count)
{
    struct candidates candidates;
    enum truth result = TRUTH_YES;
    candidates_find(conditions->category, info, &candidates);
    for (size_t i = 0; i < conditions->count && result != TRUTH_NO; i++) {
        const struct condition *condition = &conditions->items[i];
        enum truth truth = kinds[condition->kind].match(condition, info, &candidates);
        result = truth_and(result, truth);
        if (out_traces) {
            out_traces[i] = (struct condition_trace){
                .text = condition->text,
                .found = found_text(condition, info, &candidates, truth),
                .result = truth,
            };
            *out_count = i + 1;
        }
    }
    return result;
}

static bool is_empty(const char *text)
{
    return text && !*text;
}

bool conditions_lack(const struct conditions *conditions, const struct gpu_info *info)
{
    const struct gpu_device *active = gpu_info_active(info);
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = &conditions->items[i];
        bool lacks = false;
        if (condition->kind == CONDITION_DRIVER)
            lacks = (condition->pattern && is_empty(active->driver_vendor))
                    || (condition->range && is_empty(active->driver_version));
        else if (condition->kind == CONDITION_GL_VENDOR)
            lacks = is_empty(info->gl_vendor); /* the string itself, not a part of ANGLE's */
        else if (condition->kind == CONDITION_GL_RENDERER)
            lacks = is_empty(info->gl_renderer);
        else if (condition->kind == CONDITION_GL_VERSION_STRING)
            lacks = is_empty(info->gl_version);
        else if (condition->kind == CONDITION_GL_VERSION)
            lacks = condition->range && is_empty(info->gl_version);
        if (lacks)
            return true;
    }
    return false;
}

bool conditions_missing(struct arena *arena, const struct conditions *conditions,
                        const struct gpu_info *info, struct strings *out, struct strings *out_texts)
{
    struct candidates candidates;
    bool knowable = true;
    candidates_find(conditions->category, info, &candidates);
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = &conditions->items[i];
        const char *fact = kinds[condition->kind].fact;
        if (kinds[condition->kind].match(condition, info, &candidates) != TRUTH_UNKNOWN)
            continue;
        if (out_texts)
            ARENA_PUSH(arena, out_texts, condition->text);
        knowable = knowable && fact;
        if (fact && kinds[condition->kind].about_hardware && info->active_unknown
            && text_equal(fact, "gpus"))
            fact = "gl.vendor"; /* the devices are known, not which of them draws */
        if (fact && !strings_has(out, fact))
            ARENA_PUSH(arena, out, fact);
    }
    return knowable;
}

bool conditions_touch(const struct conditions *conditions, const struct gpu_info *info)
{
    struct candidates candidates;
    candidates_find(conditions->category, info, &candidates);
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = &conditions->items[i];
        if (kinds[condition->kind].about_hardware
            && kinds[condition->kind].match(condition, info, &candidates) == TRUTH_YES)
            return true;
    }
    return false;
}
