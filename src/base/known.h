/* known.h: values that may be unknown. Unknown is never "no", 0 or "".
 * Room: base. For strings, NULL is unknown. */
#ifndef QWGUARD_BASE_KNOWN_H
#define QWGUARD_BASE_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Three-valued truth (Kleene). */
enum truth {
    TRUTH_UNKNOWN,
    TRUTH_NO,
    TRUTH_YES,
};

/**
 * "unknown", "no", "yes".
 */
const char *truth_text(enum truth truth);

/* A number that may be unknown. Zero-initialised is unknown. */
struct maybe_u64 {
    bool known;
    uint64_t value;
};

/* Texts that may be unknown; known and none of them is an answer too. */
struct maybe_strings {
    bool known;
    struct strings list;
};

#endif
