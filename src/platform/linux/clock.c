/* Clocks on Linux. */
#include "platform/clock.h"

#include <stdio.h>
#include <time.h>

#include "base/macros.h"

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

uint64_t clock_utc_s(void)
{
    return (uint64_t)time(NULL);
}

const char *clock_utc_text(char *out, size_t size, uint64_t utc_s, int extended)
{
    time_t when = (time_t)utc_s;
    struct tm parts;
    out[0] = '\0';
    if (gmtime_r(&when, &parts))
        (void)strftime(out, size, extended ? "%Y-%m-%dT%H:%M:%SZ" : "%Y%m%dT%H%M%SZ", &parts);
    return out;
}

const char *clock_local_text(char *out, size_t size, uint64_t utc_s)
{
    time_t when = (time_t)utc_s;
    struct tm parts;
    out[0] = '\0';
    if (localtime_r(&when, &parts))
        (void)strftime(out, size, "%H:%M:%S", &parts);
    return out;
}
