/* verify.h: is what an engine says of itself what the verdict said it would be?
 * Room: engine. Pure. The engine's answers are those of devtools.h. */
#ifndef QWGUARD_ENGINE_VERIFY_H
#define QWGUARD_ENGINE_VERIFY_H

#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/known.h"
#include "engine/verdict.h"
#include "machine/identity.h"

/* One thing that was predicted and can be asked. */
struct verify_point {
    const char *point;     /* "webgl", "feature.2d_canvas", "workaround.NAME", "gl.version" … */
    const char *predicted; /* NULL = nothing was */
    const char *found;     /* NULL = the engine did not say */
    enum truth agree;      /* unknown = one of them is not known, or something hides it */
    const char *why;       /* the engine's own reason, or why it is not known; NULL = none */
};

struct verify_points {
    struct verify_point *items;
    size_t count;
    size_t capacity;
};

/**
 * Compare point by point.
 *
 * identity  that the verdict was made for, with its engine
 * answers   of devtools_to_json(); may be anyone's: what makes no sense counts as not said
 * out       appended; always the same points in the same order, and one for each workaround that
 *           was predicted or found
 */
void verify_compare(struct arena *arena, const struct identity *identity,
                    const struct verdict *verdict, const json_t *answers,
                    struct verify_points *out);

/**
 * How many points have this answer.
 */
size_t verify_count(const struct verify_points *points, enum truth agree);

/**
 * The points as JSON: [{"point", "predicted", "found", "agree": "yes" | "no" | "unknown", "why"}];
 * what is not known is null, why is absent when there is nothing to say.
 *
 * returns   a new reference
 */
json_t *verify_points_to_json(const struct verify_points *points);

#endif
