/* timeline_private.h: memory over time, in bounded room, from the start to now.
 * Room: guard. Pure. */
#ifndef QWGUARD_GUARD_TIMELINE_PRIVATE_H
#define QWGUARD_GUARD_TIMELINE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"

#define TIMELINE_SAMPLES 4096
/* What an incident takes of it: more than a screen or a page is wide. */
#define TIMELINE_WRITTEN 1024

struct timeline_sample {
    uint64_t t_ns;
    uint64_t tree_bytes;
    uint64_t largest_bytes;
};

struct timeline {
    struct timeline_sample samples[TIMELINE_SAMPLES]; /* oldest first */
    size_t count;
    uint64_t step_ns; /* shortest time between two; doubled whenever the room is used up */
};

/* Empty again, finest step. */
void timeline_clear(struct timeline *timeline);

/* Add a sample unless the last one is younger than the step; must: in any case. */
void timeline_add(struct timeline *timeline, const struct timeline_sample *sample, bool must);

/* Copy into an incident's form with times from origin_ns: at most capacity samples, the first and
 * the last among them. Returns how many. */
size_t timeline_copy(const struct timeline *timeline, uint64_t origin_ns,
                     struct incident_sample *out, size_t capacity);

#endif
