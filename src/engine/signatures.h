/* signatures.h: log lines worth counting, by name.
 * Room: engine. Pure.
 *
 * To add one: a row in signatures.c with the text as it stands in the log (no time, no line
 * number), and its source. Two rows may share a name when the spelling changed between versions. */
#ifndef QWGUARD_ENGINE_SIGNATURES_H
#define QWGUARD_ENGINE_SIGNATURES_H

#include <stdbool.h>
#include <stddef.h>

#define SIGNATURES_MAX 48
#define SIGNATURE_TEXT_MAX 128

struct signature {
    const char *name;
    const char *text;
    bool webgl_upload; /* a page uploads into WebGL textures that cannot be drawn */
};

/**
 * All rows; *out_count of them.
 */
const struct signature *signatures_all(size_t *out_count);

#endif
