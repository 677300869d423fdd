/* The timeline holds the whole life of a start. When its room is used up, every second sample goes
 * and the step doubles: the resolution is always at least a two-thousandth of the time covered. */
#include "guard/timeline_private.h"

#define FIRST_STEP_NS 1000000ULL

void timeline_clear(struct timeline *timeline)
{
    timeline->count = 0;
    timeline->step_ns = FIRST_STEP_NS;
}

static void thin_out(struct timeline *timeline)
{
    size_t kept = 0;
    for (size_t i = 0; i < timeline->count; i += 2)
        timeline->samples[kept++] = timeline->samples[i];
    timeline->count = kept;
    timeline->step_ns *= 2;
}

void timeline_add(struct timeline *timeline, const struct timeline_sample *sample, bool must)
{
    if (!must && timeline->count
        && sample->t_ns - timeline->samples[timeline->count - 1].t_ns < timeline->step_ns)
        return;
    if (timeline->count == TIMELINE_SAMPLES)
        thin_out(timeline);
    timeline->samples[timeline->count++] = *sample;
}

size_t timeline_copy(const struct timeline *timeline, uint64_t origin_ns,
                     struct incident_sample *out, size_t capacity)
{
    size_t count = timeline->count < capacity ? timeline->count : capacity;
    for (size_t i = 0; i < count; i++) {
        size_t from = count < 2 ? 0 : i * (timeline->count - 1) / (count - 1);
        const struct timeline_sample *sample = &timeline->samples[from];
        out[i] = (struct incident_sample){ .t_ns = (int64_t)(sample->t_ns - origin_ns),
                                           .tree_bytes = sample->tree_bytes,
                                           .largest_bytes = sample->largest_bytes };
    }
    return count;
}
