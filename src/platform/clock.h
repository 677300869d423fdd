/* clock.h: times.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_CLOCK_H
#define QWGUARD_PLATFORM_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/**
 * Monotonic nanoseconds; only differences mean something. Source: CLOCK_MONOTONIC.
 */
uint64_t clock_monotonic_ns(void);

/**
 * Seconds since 1970-01-01 UTC.
 */
uint64_t clock_utc_s(void);

/**
 * A UTC time as "2026-11-23T10:15:02Z" (extended) or "20261123T101502Z" (basic), ISO 8601.
 *
 * out       room for size bytes (24 are enough)
 */
const char *clock_utc_text(char *out, size_t size, uint64_t utc_s, int extended);

/**
 * Local time of day as "14:02:11". The first call of a process reads the time zone, and allocates.
 */
const char *clock_local_text(char *out, size_t size, uint64_t utc_s);

#endif
