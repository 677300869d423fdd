/* version_schema_private.h: versions as Chromium's lists compare them: operators, styles and the
 * forms of driver versions. Room: engine. Pure; comparing allocates nothing. */
#ifndef QWGUARD_ENGINE_VERSION_SCHEMA_PRIVATE_H
#define QWGUARD_ENGINE_VERSION_SCHEMA_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define VERSION_PARTS_MAX 8 /* more parts of a version that is asked about are not looked at */

enum version_op {
    VERSION_ANY,
    VERSION_EQUAL,
    VERSION_LESS,
    VERSION_LESS_OR_EQUAL,
    VERSION_GREATER,
    VERSION_GREATER_OR_EQUAL,
    VERSION_BETWEEN, /* both ends belong to it */
};

enum version_style {
    STYLE_NUMERICAL,
    STYLE_LEXICAL, /* parts behind the first digit by digit, as fractions: 8.9 > 8.15 */
};

enum version_form {
    FORM_COMMON,
    FORM_INTEL_DRIVER,  /* aa.bb.cc.dddd: only the last two parts tell the driver */
    FORM_NVIDIA_DRIVER, /* Windows says xx.xx.xxxA.BBCC, people (and the lists) say ABB.CC */
};

/* One version, split: digits with the number that they make. */
struct version_parts {
    size_t count;
    struct {
        const char *digits; /* not terminated */
        size_t length;
        uint32_t number;
    } parts[VERSION_PARTS_MAX];
    char made[16]; /* room for a part that had to be put together (NVIDIA) */
};

/* "driver_version < 10.1". Filled by the reader of the lists. */
struct version_range {
    enum version_op op;
    enum version_style style;
    enum version_form form;
    struct version_parts low;  /* the value; borrowed from the text it was split from */
    struct version_parts high; /* VERSION_BETWEEN only */
};

/**
 * Split a version. The first part that is no number (or over 32 bits) ends it.
 *
 * splitter  '.', or '-' for a date: mm-dd-yyyy becomes yyyy, mm, dd
 * out       parts point into text
 * returns   false when there is no number in front, or all are 0: such a version matches nothing
 */
bool version_split(const char *text, char splitter, struct version_parts *out);

/**
 * True when the version lies in the range. Only as many parts are compared as both have: 8.9.1
 * equals 8.9, and 8 equals 8.9.
 *
 * source    Chromium gpu/config/gpu_control_list.cc, GpuControlList::Version::Contains
 */
bool version_in_range(const struct version_range *range, const char *text, char splitter);

/**
 * Names of the operators ("=", "<", … "between", "any"), styles and forms as the lists write them.
 *
 * returns   false when the name is unknown; out untouched
 */
bool version_op_find(const char *name, enum version_op *out);
bool version_style_find(const char *name, enum version_style *out);
bool version_form_find(const char *name, enum version_form *out);

/**
 * The range for a person, behind the name of what is compared: "< 10.1", "between 24 and 27",
 * ">= 8.98 (lexical)".
 */
const char *version_range_text(struct arena *arena, const struct version_range *range);

#endif
