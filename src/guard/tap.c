/* What the log tap does with the stream that the relay shows it: count signatures, keep the tail.
 * It runs in the relay's process, which goes on when the guard has died; the guard reads the page.
 */
#include "guard/tap_private.h"

#include <string.h>

#include "base/text.h"
#include "platform/clock.h"
#include "platform/memory.h"

static void signature_found(void *context, size_t row)
{
    struct tap_page *page = context;
    uint64_t now_ns = clock_monotonic_ns();
    atomic_fetch_add(&page->counts[row], 1);
    atomic_store(&page->last_ns[row], now_ns);
    if (atomic_load(&page->first_ns[row]) == 0)
        atomic_store(&page->first_ns[row], now_ns);
}

void tap_seen(void *context, const char *bytes, size_t length)
{
    struct tap *tap = context;
    signature_scan_bytes(&tap->scan, bytes, length, signature_found, tap->page);
    const char *last = bytes;
    size_t kept = length;
    if (kept > TAP_TAIL_BYTES) {
        last = bytes + (length - TAP_TAIL_BYTES);
        kept = TAP_TAIL_BYTES;
    }
    uint64_t total = atomic_load(&tap->page->tail_total) + (length - kept);
    size_t at = (size_t)(total % TAP_TAIL_BYTES);
    size_t first = kept < TAP_TAIL_BYTES - at ? kept : TAP_TAIL_BYTES - at;
    memcpy(tap->page->tail + at, last, first);
    memcpy(tap->page->tail, last + first, kept - first);
    atomic_store(&tap->page->tail_total, total + kept);
}

int tap_start(struct tap *tap, const char *log_file, struct err *err)
{
    *tap = (struct tap){ .relay = { .pid = -1, .input = -1, .output = -1 } };
    struct tap_page *page = memory_shared_get(sizeof *page);
    if (!page)
        return err_set(err, ERR_SYSTEM, "no memory for the log tap");
    tap->page = page;
    signature_scan_start(&tap->scan);
    struct relay_options options = {
        .seen = tap_seen, .context = tap, .counts = &page->relay, .copy_path = log_file
    };
    if (relay_start(&options, &tap->relay, err) < 0) {
        tap->page = NULL;
        return -1;
    }
    return 0;
}

void tap_stop(struct tap *tap, uint64_t limit_ns)
{
    if (tap->page)
        relay_stop(&tap->relay, limit_ns);
}

size_t tap_tail_copy(const struct tap_page *page, char *out, size_t size)
{
    uint64_t total = atomic_load(&page->tail_total);
    size_t length = total < TAP_TAIL_BYTES ? (size_t)total : TAP_TAIL_BYTES;
    length = length < size ? length : size;
    for (size_t i = 0; i < length; i++)
        out[i] = page->tail[(total - length + i) % TAP_TAIL_BYTES];
    const char *line = length < total ? memchr(out, '\n', length) : NULL;
    if (line) {
        size_t cut = (size_t)(line + 1 - out);
        length -= cut;
        memmove(out, out + cut, length);
    }
    return length;
}

uint64_t tap_count(const struct tap *tap, size_t row)
{
    size_t count;
    const struct signature *rows = signatures_all(&count);
    uint64_t sum = 0;
    for (size_t i = 0; tap->page && i < count; i++)
        if (text_equal(rows[i].name, rows[row].name))
            sum += atomic_load(&tap->page->counts[i]);
    return sum;
}

bool tap_times(const struct tap *tap, size_t row, uint64_t *out_first_ns, uint64_t *out_last_ns)
{
    size_t count;
    const struct signature *rows = signatures_all(&count);
    uint64_t first_ns = 0, last_ns = 0;
    for (size_t i = 0; tap->page && i < count; i++) {
        uint64_t seen_ns = atomic_load(&tap->page->first_ns[i]);
        if (seen_ns == 0 || !text_equal(rows[i].name, rows[row].name))
            continue;
        uint64_t again_ns = atomic_load(&tap->page->last_ns[i]);
        first_ns = first_ns == 0 || seen_ns < first_ns ? seen_ns : first_ns;
        last_ns = again_ns > last_ns ? again_ns : last_ns;
    }
    *out_first_ns = first_ns;
    *out_last_ns = last_ns < first_ns ? first_ns : last_ns;
    return first_ns != 0;
}

void tap_times_forget(struct tap *tap)
{
    for (size_t i = 0; tap->page && i < SIGNATURES_MAX; i++)
        atomic_store(&tap->page->first_ns[i], 0);
}
