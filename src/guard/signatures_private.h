/* signatures_private.h: how the log signatures are found in a stream.
 * Room: guard. Pure; no allocation. The table of them: engine/signatures.h. */
#ifndef QWGUARD_GUARD_SIGNATURES_PRIVATE_H
#define QWGUARD_GUARD_SIGNATURES_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/signatures.h"

/* State of a search that goes on from one piece of the stream to the next. */
struct signature_scan {
    uint8_t starts[65536 / 8]; /* bit per pair of first bytes */
    char carry[SIGNATURE_TEXT_MAX];
    size_t carry_length;
};

/* Ready for the beginning of a stream. */
void signature_scan_start(struct signature_scan *scan);

/* Count what occurs in the next piece, also across the border to the one before.
 * found(context, index of the row) is called once for each occurrence. */
void signature_scan_bytes(struct signature_scan *scan, const char *bytes, size_t length,
                          void (*found)(void *context, size_t row), void *context);

#endif
