/* attribute_private.h: what leaked, from what was seen.
 * Room: guard. Pure. */
#ifndef QWGUARD_GUARD_ATTRIBUTE_PRIVATE_H
#define QWGUARD_GUARD_ATTRIBUTE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/known.h"
#include "incident/incident.h"

#define EVIDENCE_MAX 10
#define EVIDENCE_BYTES 200

/* Growth since the guard armed, by what the processes are. */
struct attribution_group {
    size_t count;
    uint64_t bytes;       /* now */
    uint64_t grown_bytes; /* of those that grew */
};

struct attribution_input {
    int64_t pid; /* the process that grew most */
    const char *name;
    enum process_role role;
    uint64_t bytes, grown_bytes; /* of that process */
    uint64_t age_ns, grown_ns;   /* since its start; since the growth is counted */
    double rate_bytes_per_s;     /* of that process before the crossing */
    bool crossed_early;          /* just after the start: what it needs may be above the limit */
    bool crossed_alone;          /* it crossed a limit by itself: the others are no matter */
    bool over_before; /* it was over that limit already when its growth began to be counted */
    enum truth engine_mapped; /* is the engine's library loaded in it */
    struct attribution_group groups[ROLE_COUNT];
    bool has_kinds; /* what its memory consists of */
    uint64_t anonymous_bytes, file_bytes, shared_memory_bytes, swapped_bytes;
    uint64_t webgl_lines; /* of the log: a page uploads into WebGL textures that cannot be drawn */
    double webgl_lines_per_s;
};

struct attribution_result {
    enum attribution kind;
    char evidence[EVIDENCE_MAX][EVIDENCE_BYTES]; /* one sentence each, no dot */
    size_t evidence_count;
};

/* Decide, and say from what. */
void attribute(const struct attribution_input *input, struct attribution_result *out);

#endif
