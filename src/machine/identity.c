/* Questions about an identity: which GPU draws, is this still the same machine. */
#include "machine/identity.h"

#include <assert.h>
#include <string.h>

#include "base/macros.h"
#include "machine/identity_private.h"

static const char *const probe_words[] = {
    [GL_PROBE_NONE] = "none",
    [GL_PROBE_OK] = "ok",
    [GL_PROBE_CACHED] = "cached",
    [GL_PROBE_NO_LIBRARY] = "no-library",
    [GL_PROBE_NO_CONTEXT] = "no-context",
    [GL_PROBE_CRASHED] = "crashed",
    [GL_PROBE_TIMEOUT] = "timeout",
    [GL_PROBE_GARBAGE] = "garbage",
};
static_assert(ROWS(probe_words) == GL_PROBE_COUNT, "one word per result");

/* Words by which GL names a vendor, in the order in which they are tried. Source: ANGLE,
 * src/gpu_info_util/SystemInfo.cpp, and Chromium, gpu/config/gpu_info_collector.cc. */
static const struct {
    const char *word;
    uint64_t vendor;
} gl_words[] = {
    { "nvidia", 0x10de }, { "nouveau", 0x10de }, { "intel", 0x8086 },
    { "amd", 0x1002 },    { "ati", 0x1002 },
};

const char *gl_probe_text(enum gl_probe probe)
{
    return probe_words[probe];
}

static bool word_in(const char *lower, const char *word)
{
    static const char separators[] = " .,()-_";
    while (*lower) {
        lower += strspn(lower, separators);
        size_t length = strcspn(lower, separators);
        if (strlen(word) == length && strncmp(word, lower, length) == 0)
            return true;
        lower += length;
    }
    return false;
}

/* The vendor that the text names as a word of its own; 0 = none. */
static uint64_t vendor_named(const char *text)
{
    struct arena arena = { 0 };
    uint64_t vendor = 0;
    const char *lower = text ? text_lower(&arena, text) : "";
    for (size_t i = 0; i < ROWS(gl_words) && !vendor; i++) {
        if (word_in(lower, gl_words[i].word))
            vendor = gl_words[i].vendor;
    }
    arena_clear(&arena);
    return vendor;
}

static const struct gpu *gpu_of_vendor(const struct identity *identity, uint64_t vendor)
{
    for (size_t i = 0; vendor && i < identity->gpu_count; i++) {
        const struct gpu *gpu = &identity->gpus[i];
        if (gpu->vendor.known && gpu->vendor.value == vendor)
            return gpu;
    }
    return NULL;
}

const struct gpu *identity_active_gpu(const struct identity *identity)
{
    for (size_t i = 0; i < identity->gpu_count; i++) {
        if (identity->gpus[i].active == TRUTH_YES)
            return &identity->gpus[i];
    }
    if (identity->gpu_count == 1)
        return &identity->gpus[0];
    uint64_t vendor = vendor_named(identity->gl.vendor);
    if (!vendor)
        vendor = vendor_named(identity->gl.renderer);
    const struct gpu *named = gpu_of_vendor(identity, vendor);
    if (named)
        return named;
    for (size_t i = 0; i < identity->gpu_count; i++) {
        if (identity->gpus[i].boot == TRUTH_YES)
            return &identity->gpus[i];
    }
    return NULL;
}

enum truth gpu_versions_agree(const struct gpu *gpu)
{
    const char *module = gpu->driver_version, *libraries = gpu->library_version;
    if (!module || !*module || !libraries || !*libraries)
        return TRUTH_UNKNOWN;
    return text_equal(module, libraries) ? TRUTH_YES : TRUTH_NO;
}

/* Each value is hashed with what it is and where it ends, so that no two identities meet by one
 * value running into the next; unknown differs from empty. */
static uint64_t field_hash(uint64_t hash, const struct field_row *row, const void *base)
{
    const void *at = (const char *)base + row->offset;
    unsigned char known = 0;
    switch (row->kind) {
    case FIELD_TEXT: {
        const char *text = *(const char *const *)at;
        known = text != NULL;
        hash = text_hash(hash, &known, 1);
        return text ? text_hash(hash, text, strlen(text) + 1) : hash;
    }
    case FIELD_NUMBER: {
        const struct maybe_u64 *number = at;
        uint64_t value = number->known ? number->value : 0;
        known = number->known;
        hash = text_hash(hash, &known, 1);
        return text_hash(hash, &value, sizeof value);
    }
    case FIELD_TRUTH:
        known = (unsigned char)*(const enum truth *)at;
        return text_hash(hash, &known, 1);
    case FIELD_STRINGS:
    case FIELD_NAMES:
    case FIELD_PROBE:
        return hash; /* say nothing about the machine */
    }
    return hash;
}

static uint64_t section_hash(uint64_t hash, const struct field_section *section, const void *base,
                             bool with_gl)
{
    for (size_t i = 0; i < section->count; i++) {
        enum field_print print = section->rows[i].print;
        if (print == PRINT_ALWAYS || (print == PRINT_GL && with_gl))
            hash = field_hash(hash, &section->rows[i], base);
    }
    return hash;
}

const char *identity_fingerprint(struct arena *arena, const struct identity *identity, bool with_gl)
{
    uint64_t hash = TEXT_HASH_START;
    uint64_t count = identity->gpus_known ? identity->gpu_count : UINT64_MAX;
    for (size_t i = 0; i < IDENTITY_SECTION_COUNT; i++)
        hash = section_hash(hash, &identity_sections[i], identity, with_gl);
    hash = text_hash(hash, &count, sizeof count);
    for (size_t i = 0; i < identity->gpu_count; i++)
        hash = section_hash(hash, &identity_gpu_section, &identity->gpus[i], with_gl);
    return arena_printf(arena, "%016llx", (unsigned long long)hash);
}
