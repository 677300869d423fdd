/* unit.h: sizes, times and shares as people write them, and back.
 * Room: base. Inside the program sizes are bytes and times are nanoseconds. */
#ifndef QWGUARD_BASE_UNIT_H
#define QWGUARD_BASE_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/**
 * SIZE of the contract: digits, optionally with a decimal fraction ("1.5GiB"), then nothing
 * (bytes), B, K, M, G, T, KiB, MiB, GiB, TiB, KB, MB, GB; all binary; upper and lower case.
 *
 * out_bytes   untouched on failure
 * returns     false when it is no size or does not fit in 63 bits
 */
bool unit_parse_size(const char *text, uint64_t *out_bytes);

/**
 * TIME of the contract: digits, optionally with a decimal fraction, then ns, us, ms, s, min, m, h
 * or d; a bare "0" is allowed, other bare numbers are not.
 *
 * out_ns      untouched on failure
 * returns     false when it is no time or does not fit in 63 bits
 */
bool unit_parse_time(const char *text, uint64_t *out_ns);

/**
 * PERCENT: "80%" with digits and an optional fraction, above 0 and at most 100.
 *
 * out_permille  untouched on failure; 80% is 800
 */
bool unit_parse_percent(const char *text, unsigned *out_permille);

/**
 * Bytes for a person: "118 MiB", "2.31 GiB", "512 KiB", "17 bytes".
 */
const char *unit_size_text(char *out, size_t size, uint64_t bytes);

/**
 * Nanoseconds for a person: "45 s", "4 min", "2 h", "1.1 ms", "3 days".
 */
const char *unit_time_text(char *out, size_t size, uint64_t ns);

/* Room that is enough for either text. */
#define UNIT_TEXT_BYTES 32

#endif
