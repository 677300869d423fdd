/* lint_private.h: what the parts of the lint hand to each other. Room: engine. */
#ifndef QWGUARD_ENGINE_LINT_PRIVATE_H
#define QWGUARD_ENGINE_LINT_PRIVATE_H

#include "engine/lint.h"

struct lint {
    struct arena *arena;
    const char *qt;
    struct lint_findings *out;
};

/**
 * Add a finding.
 */
void lint_add(struct lint *lint, const struct lint_finding *finding);

/**
 * Places in a flag string that Qt reads otherwise than a shell would.
 */
void lint_quoting(struct lint *lint, const char *flags);

/**
 * Switches of which another one takes the effect: given twice, denied, or behind "--".
 */
void lint_lost(struct lint *lint, const struct strings *items);

#endif
