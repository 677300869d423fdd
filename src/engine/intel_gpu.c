/* Which series and generation Chromium takes an Intel GPU for: a table of PCI device ids, checked
 * exact ids first and then by their upper byte. Unknown devices match no Intel condition. */
#include "engine/control_list_private.h"

#include <assert.h>

#include "base/macros.h"

/* Numbers as Chromium counts its series; names as the lists write them. */
#define SERIES(X)                                                                                  \
    X(SERIES_SANDYBRIDGE, "sandybridge", "6")                                                      \
    X(SERIES_BAYTRAIL, "baytrail", "7")                                                            \
    X(SERIES_IVYBRIDGE, "ivybridge", "7")                                                          \
    X(SERIES_HASWELL, "haswell", "7")                                                              \
    X(SERIES_CHERRYTRAIL, "cherrytrail", "8")                                                      \
    X(SERIES_BROADWELL, "broadwell", "8")                                                          \
    X(SERIES_APOLLOLAKE, "apollolake", "9")                                                        \
    X(SERIES_SKYLAKE, "skylake", "9")                                                              \
    X(SERIES_GEMINILAKE, "geminilake", "9")                                                        \
    X(SERIES_KABYLAKE, "kabylake", "9")                                                            \
    X(SERIES_COFFEELAKE, "coffeelake", "9")                                                        \
    X(SERIES_WHISKEYLAKE, "whiskeylake", "9")                                                      \
    X(SERIES_COMETLAKE, "cometlake", "9")                                                          \
    X(SERIES_CANNONLAKE, "cannonlake", "10")                                                       \
    X(SERIES_ICELAKE, "icelake", "11")                                                             \
    X(SERIES_BROADWATER, "broadwater", "4")                                                        \
    X(SERIES_EAGLELAKE, "eaglelake", "4")                                                          \
    X(SERIES_IRONLAKE, "ironlake", "5")                                                            \
    X(SERIES_ELKHARTLAKE, "elkhartlake", "11")                                                     \
    X(SERIES_JASPERLAKE, "jasperlake", "11")                                                       \
    X(SERIES_TIGERLAKE, "tigerlake", "12")                                                         \
    X(SERIES_ALDERLAKE, "alderlake", "12")                                                         \
    X(SERIES_AMBERLAKE, "amberlake", "9")                                                          \
    X(SERIES_ROCKETLAKE, "rocketlake", "12")                                                       \
    X(SERIES_DG1, "dg1", "12")                                                                     \
    X(SERIES_ALCHEMIST, "alchemist", "12")                                                         \
    X(SERIES_RAPTORLAKE, "raptorlake", "12")                                                       \
    X(SERIES_METEORLAKE, "meteorlake", "12")                                                       \
    X(SERIES_LUNARLAKE, "lunarlake", "13")                                                         \
    X(SERIES_ARROWLAKE, "arrowlake", "12")                                                         \
    X(SERIES_BATTLEMAGE, "battlemage", "13")

#define AS_ENUM(id, name, generation) id,
#define AS_ROW(id, name, generation) [id] = { name, generation },

enum series { SERIES_UNKNOWN, SERIES(AS_ENUM) SERIES_COUNT };

static const struct {
    const char *name;
    const char *generation;
} series_rows[] = { SERIES(AS_ROW) };
static_assert(ROWS(series_rows) == SERIES_COUNT, "one row per series");
static_assert(SERIES_COUNT <= 64, "sets of series are 64 bits");

/* One device; before the upper bytes. */
static const struct {
    uint16_t device;
    enum series series;
} devices[] = {
    { 0x0152, SERIES_IVYBRIDGE },   { 0x0156, SERIES_IVYBRIDGE },   { 0x015a, SERIES_IVYBRIDGE },
    { 0x0162, SERIES_IVYBRIDGE },   { 0x0166, SERIES_IVYBRIDGE },   { 0x016a, SERIES_IVYBRIDGE },
    { 0x0155, SERIES_BAYTRAIL },    { 0x0157, SERIES_BAYTRAIL },    { 0x0a84, SERIES_APOLLOLAKE },
    { 0x2a02, SERIES_BROADWATER },  { 0x2a12, SERIES_BROADWATER },  { 0x2a42, SERIES_EAGLELAKE },
    { 0x3ea0, SERIES_WHISKEYLAKE }, { 0x3ea1, SERIES_WHISKEYLAKE }, { 0x3ea2, SERIES_WHISKEYLAKE },
    { 0x3ea3, SERIES_WHISKEYLAKE }, { 0x3ea4, SERIES_WHISKEYLAKE }, { 0x591c, SERIES_AMBERLAKE },
    { 0x5a84, SERIES_APOLLOLAKE },  { 0x5a85, SERIES_APOLLOLAKE },  { 0x7d41, SERIES_ARROWLAKE },
    { 0x7d51, SERIES_ARROWLAKE },   { 0x7d67, SERIES_ARROWLAKE },   { 0x7dd1, SERIES_ARROWLAKE },
    { 0x87c0, SERIES_KABYLAKE },    { 0x87ca, SERIES_COFFEELAKE },
};

/* All other devices with this upper byte. */
static const struct {
    uint8_t upper;
    enum series series;
} uppers[] = {
    { 0x00, SERIES_IRONLAKE },    { 0x01, SERIES_SANDYBRIDGE }, { 0x04, SERIES_HASWELL },
    { 0x0a, SERIES_HASWELL },     { 0x0c, SERIES_HASWELL },     { 0x0d, SERIES_HASWELL },
    { 0x0f, SERIES_BAYTRAIL },    { 0x16, SERIES_BROADWELL },   { 0x19, SERIES_SKYLAKE },
    { 0x1a, SERIES_APOLLOLAKE },  { 0x22, SERIES_CHERRYTRAIL }, { 0x29, SERIES_BROADWATER },
    { 0x2e, SERIES_EAGLELAKE },   { 0x31, SERIES_GEMINILAKE },  { 0x3e, SERIES_COFFEELAKE },
    { 0x45, SERIES_ELKHARTLAKE }, { 0x46, SERIES_ALDERLAKE },   { 0x49, SERIES_DG1 },
    { 0x4c, SERIES_ROCKETLAKE },  { 0x4e, SERIES_JASPERLAKE },  { 0x4f, SERIES_ALCHEMIST },
    { 0x56, SERIES_ALCHEMIST },   { 0x59, SERIES_KABYLAKE },    { 0x5a, SERIES_CANNONLAKE },
    { 0x64, SERIES_LUNARLAKE },   { 0x7d, SERIES_METEORLAKE },  { 0x8a, SERIES_ICELAKE },
    { 0x9a, SERIES_TIGERLAKE },   { 0x9b, SERIES_COMETLAKE },   { 0xa7, SERIES_RAPTORLAKE },
    { 0xe2, SERIES_BATTLEMAGE },
};

const char *intel_series_name(unsigned series)
{
    return series < SERIES_COUNT ? series_rows[series].name : NULL;
}

unsigned intel_series_find(const char *name)
{
    for (unsigned i = 1; i < SERIES_COUNT; i++) {
        if (text_equal(series_rows[i].name, name))
            return i;
    }
    return SERIES_UNKNOWN;
}

unsigned intel_series_of(uint32_t device)
{
    for (size_t i = 0; i < ROWS(devices); i++) {
        if (devices[i].device == device)
            return devices[i].series;
    }
    for (size_t i = 0; i < ROWS(uppers); i++) {
        if (uppers[i].upper == (device & 0xff00) >> 8)
            return uppers[i].series;
    }
    return SERIES_UNKNOWN;
}

const char *intel_generation_of(uint32_t device)
{
    return series_rows[intel_series_of(device)].generation;
}
