/* choice_private.h: which rungs there are to go through on this machine, and where to stand.
 * Room: plan. */
#ifndef QWGUARD_PLAN_CHOICE_PRIVATE_H
#define QWGUARD_PLAN_CHOICE_PRIVATE_H

#include "plan/plan.h"

/* The rungs in force, narrow to wide, each with the profile that named it. */
struct choice {
    const struct profile *start;    /* says where a start begins; NULL = no such profile matched */
    const struct profile *incident; /* says what comes after an incident; NULL = none matched */
    struct plan_rung *items;
    size_t count;
    size_t capacity;
    int at; /* index of the rung in force; -1 = "none" */
};

/**
 * Choose among the profiles that match, put their rungs together, and take a stand: where the user
 * asked for, else where the history left off, else where the profile begins.
 *
 * reasons   each thing that was left out or preferred, one line
 * returns   0, or -1 and ERR_USAGE (no such rung)
 */
int choice_make(struct arena *arena, const struct plan_input *input, struct choice *out,
                struct strings *reasons, struct err *err);

#endif
