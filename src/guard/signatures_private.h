/* signatures_private.h: log lines worth counting, and how they are found in a stream.
 * Room: guard. Pure; no allocation.
 *
 * To add one: a row in signatures.c with the text as it stands in the log (no time, no line
 * number), its source, and a row in tests/unit/guard/test_signatures.c. Two rows may share a name
 * when the spelling changed between versions. */
#ifndef QWGUARD_GUARD_SIGNATURES_PRIVATE_H
#define QWGUARD_GUARD_SIGNATURES_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNATURES_MAX 48
#define SIGNATURE_TEXT_MAX 128

struct signature {
    const char *name;
    const char *text;
    bool webgl_upload; /* a page uploads into WebGL textures that cannot be drawn */
};

/* State of a search that goes on from one piece of the stream to the next. */
struct signature_scan {
    uint8_t starts[65536 / 8]; /* bit per pair of first bytes */
    char carry[SIGNATURE_TEXT_MAX];
    size_t carry_length;
};

/* All rows; *out_count of them. */
const struct signature *signatures_all(size_t *out_count);

/* Ready for the beginning of a stream. */
void signature_scan_start(struct signature_scan *scan);

/* Count what occurs in the next piece, also across the border to the one before.
 * found(context, index of the row) is called once for each occurrence. */
void signature_scan_bytes(struct signature_scan *scan, const char *bytes, size_t length,
                          void (*found)(void *context, size_t row), void *context);

#endif
