/* plan.h: which flags and variables, and at what cost.
 * Room: plan. Pure: the same values always give the same plan. */
#ifndef QWGUARD_PLAN_PLAN_H
#define QWGUARD_PLAN_PLAN_H

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/flags.h"
#include "engine/switches.h"
#include "engine/verdict.h"
#include "history/history.h"
#include "machine/identity.h"
#include "profile/profile.h"

/* A rung with the profile that named it. */
struct plan_rung {
    struct rung rung;
    const char *profile; /* id; NULL = asked for by the user */
};

struct plan {
    const char *rung;             /* "none" … */
    struct strings flags;         /* only what the plan adds */
    struct variables environment; /* only what the plan adds; without QTWEBENGINE_CHROMIUM_FLAGS */
    const char *chromium_flags; /* the whole variable with the user's own; NULL = leave it alone */
    struct strings costs;
    struct strings advice;
    struct strings reasons;
    struct plan_rung *ladder; /* the wider rungs in order */
    size_t ladder_count;
};

struct plan_input {
    const struct identity *identity;
    const struct verdict *verdict;
    const struct profile_matches *matches;
    const struct history *history; /* NULL = none */
    const char *forced_rung;       /* --rung; NULL = choose */
    const char *attribution; /* what leaked, for the ladder after an incident; NULL = a start */
};

/**
 * Choose the narrowest rung that is believed to help.
 *
 * out       lives in the arena; overwritten
 * returns   0, or -1 and ERR_USAGE (no such rung), ERR_DATA (flags that cannot be merged)
 */
int plan_make(struct arena *arena, const struct plan_input *input, struct plan *out,
              struct err *err);

/**
 * The plan on the n-th rung of its own ladder (0 = first), for a restart: flags merged again, the
 * ladder shortened.
 *
 * returns   0, or -1 like plan_make()
 */
int plan_next(struct arena *arena, const struct plan_input *input, const struct plan *plan,
              size_t index, struct plan *out, struct err *err);

/**
 * The plan as the "plan" object of `check --json`.
 *
 * returns   a new reference
 */
json_t *plan_to_json(const struct plan *plan);

/**
 * Exit status of `check`: 0 nothing to change, 10 a mitigation is advised, 11 not enough is known,
 * 12 flags cannot help.
 */
int plan_exit_status(const struct verdict *verdict, const struct plan *plan);

#endif
