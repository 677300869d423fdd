/* Reading and writing of sizes, times and shares. One reader for the command line, the
 * configuration and the profiles, so that "4GiB" means the same everywhere. */
#include "base/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"

struct unit_row {
    const char *name;
    uint64_t factor;
};

static const struct unit_row size_rows[] = {
    { "", 1 },
    { "b", 1 },
    { "k", KIB_BYTES },
    { "kb", KIB_BYTES },
    { "kib", KIB_BYTES },
    { "m", MIB_BYTES },
    { "mb", MIB_BYTES },
    { "mib", MIB_BYTES },
    { "g", GIB_BYTES },
    { "gb", GIB_BYTES },
    { "gib", GIB_BYTES },
    { "t", 1024 * GIB_BYTES },
    { "tb", 1024 * GIB_BYTES },
    { "tib", 1024 * GIB_BYTES },
};

static const struct unit_row time_rows[] = {
    { "ns", 1 },
    { "us", US_NS },
    { "ms", MS_NS },
    { "s", SECOND_NS },
    { "sec", SECOND_NS },
    { "min", 60 * SECOND_NS },
    { "m", 60 * SECOND_NS },
    { "h", 3600 * SECOND_NS },
    { "d", 24 * 3600 * SECOND_NS },
};

#define DIGITS_MAX 18 /* 10^18 < 2^63 */

/* Digits with an optional fraction as value / 10^decimals; what follows stays in *rest. */
static bool number_parse(const char *text, uint64_t *out_value, unsigned *out_decimals,
                         const char **rest)
{
    uint64_t value = 0;
    unsigned decimals = 0, digits = 0;
    bool point = false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
        if (*text == '.') {
            if (digits == 0)
                return false;
            point = true;
            continue;
        }
        if (++digits > DIGITS_MAX)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
        decimals += point;
    }
    if (digits == 0 || (point && decimals == 0)) /* "1." */
        return false;
    *out_value = value;
    *out_decimals = decimals;
    *rest = text;
    return true;
}

static bool unit_find(const struct unit_row *rows, size_t count, const char *name, uint64_t *out)
{
    for (size_t i = 0; i < count; i++) {
        const char *row = rows[i].name;
        size_t at = 0;
        while (row[at] && (name[at] | 0x20) == row[at])
            at++;
        if (!row[at] && !name[at]) {
            *out = rows[i].factor;
            return true;
        }
    }
    return false;
}

static bool scale(uint64_t value, unsigned decimals, uint64_t factor, uint64_t *out)
{
    uint64_t divisor = 1;
    for (unsigned i = 0; i < decimals; i++)
        divisor *= 10;
    uint64_t whole = value / divisor, part = value % divisor;
    if (whole > (uint64_t)INT64_MAX / factor)
        return false;
    uint64_t sum = whole * factor + (uint64_t)((double)part / (double)divisor * (double)factor);
    if (sum > (uint64_t)INT64_MAX)
        return false;
    *out = sum;
    return true;
}

bool unit_parse_size(const char *text, uint64_t *out_bytes)
{
    uint64_t value, factor;
    unsigned decimals;
    const char *rest;
    if (!number_parse(text, &value, &decimals, &rest))
        return false;
    rest += *rest == ' ';
    return unit_find(size_rows, ROWS(size_rows), rest, &factor)
           && scale(value, decimals, factor, out_bytes);
}

bool unit_parse_time(const char *text, uint64_t *out_ns)
{
    uint64_t value, factor;
    unsigned decimals;
    const char *rest;
    if (!number_parse(text, &value, &decimals, &rest))
        return false;
    if (!*rest && value == 0) {
        *out_ns = 0;
        return true;
    }
    rest += *rest == ' ';
    return unit_find(time_rows, ROWS(time_rows), rest, &factor)
           && scale(value, decimals, factor, out_ns);
}

bool unit_parse_percent(const char *text, unsigned *out_permille)
{
    uint64_t value, permille;
    unsigned decimals;
    const char *rest;
    if (!number_parse(text, &value, &decimals, &rest) || !text_equal(rest, "%")
        || !scale(value, decimals, 10, &permille) || permille == 0 || permille > 1000)
        return false;
    *out_permille = (unsigned)permille;
    return true;
}

const char *unit_size_text(char *out, size_t size, uint64_t bytes)
{
    if (bytes >= GIB_BYTES)
        (void)snprintf(out, size, "%.2f GiB", (double)bytes / (double)GIB_BYTES);
    else if (bytes >= MIB_BYTES)
        (void)snprintf(out, size, "%.0f MiB", (double)bytes / (double)MIB_BYTES);
    else if (bytes >= KIB_BYTES)
        (void)snprintf(out, size, "%.0f KiB", (double)bytes / (double)KIB_BYTES);
    else
        (void)snprintf(out, size, "%u bytes", (unsigned)bytes);
    return out;
}

const char *unit_time_text(char *out, size_t size, uint64_t ns)
{
    static const struct {
        uint64_t below_ns, unit_ns;
        const char *name;
        int decimals;
    } rows[] = {
        { MS_NS, US_NS, "us", 0 },
        { 10 * MS_NS, MS_NS, "ms", 1 },
        { SECOND_NS, MS_NS, "ms", 0 },
        { 10 * SECOND_NS, SECOND_NS, "s", 1 },
        { 120 * SECOND_NS, SECOND_NS, "s", 0 },
        { 7200 * SECOND_NS, 60 * SECOND_NS, "min", 0 },
        { 48 * 3600 * SECOND_NS, 3600 * SECOND_NS, "h", 0 },
        { UINT64_MAX, 24 * 3600 * SECOND_NS, "days", 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        if (ns < rows[i].below_ns || i + 1 == ROWS(rows)) {
            (void)snprintf(out, size, "%.*f %s", rows[i].decimals,
                           (double)ns / (double)rows[i].unit_ns, rows[i].name);
            break;
        }
    }
    return out;
}
