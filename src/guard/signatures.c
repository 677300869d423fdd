/* The search for log signatures in a stream: a bit map of the two bytes that a text can begin with
 * sorts out nearly every position, the few others are compared. No regular expression, no lines:
 * binary garbage and lines without an end cost the same as anything else. */
#include "guard/signatures_private.h"

#include <string.h>

static unsigned pair_at(const char *bytes)
{
    return (unsigned)(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1];
}

void signature_scan_start(struct signature_scan *scan)
{
    size_t count;
    const struct signature *rows = signatures_all(&count);
    memset(scan, 0, sizeof *scan);
    for (size_t i = 0; i < count; i++) {
        unsigned pair = pair_at(rows[i].text);
        scan->starts[pair / 8] |= (uint8_t)(1U << pair % 8);
    }
}

/* Occurrences that begin before begin_limit and end behind end_min. */
static void search(const struct signature_scan *scan, const char *bytes, size_t length,
                   size_t begin_limit, size_t end_min, void (*found)(void *context, size_t row),
                   void *context)
{
    size_t count;
    const struct signature *rows = signatures_all(&count);
    for (size_t at = 0; at < begin_limit && at + 1 < length; at++) {
        unsigned pair = pair_at(bytes + at);
        if (!(scan->starts[pair / 8] >> pair % 8 & 1))
            continue;
        for (size_t i = 0; i < count; i++) {
            size_t text_length = strlen(rows[i].text);
            if (at + text_length > end_min && text_length <= length - at
                && memcmp(bytes + at, rows[i].text, text_length) == 0)
                found(context, i);
        }
    }
}

void signature_scan_bytes(struct signature_scan *scan, const char *bytes, size_t length,
                          void (*found)(void *context, size_t row), void *context)
{
    /* What began in the piece before and ends in this one; then what begins in this one. */
    char border[2 * SIGNATURE_TEXT_MAX];
    size_t carried = scan->carry_length;
    size_t taken = length < SIGNATURE_TEXT_MAX ? length : SIGNATURE_TEXT_MAX;
    memcpy(border, scan->carry, carried);
    memcpy(border + carried, bytes, taken);
    search(scan, border, carried + taken, carried, carried, found, context);
    search(scan, bytes, length, length, 0, found, context);

    const char *end = length >= SIGNATURE_TEXT_MAX ? bytes + length : border + carried + taken;
    size_t have = length >= SIGNATURE_TEXT_MAX ? length : carried + taken;
    scan->carry_length = have < SIGNATURE_TEXT_MAX - 1 ? have : SIGNATURE_TEXT_MAX - 1;
    memcpy(scan->carry, end - scan->carry_length, scan->carry_length);
}
