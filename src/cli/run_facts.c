/* What the preflight of `run` leaves for incidents: the object of `check --json` with the lines of
 * `check` in front, short enough to be kept by the guard all the time. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/describe.h"
#include "cli/run_private.h"

/* Given up in this order until the text fits. parent NULL = a member of the object itself. */
static const struct {
    const char *parent, *name;
} dispensable[] = {
    { "gl", "extensions" }, { NULL, "profiles" }, { NULL, "identity" },
    { NULL, "verdict" },    { NULL, "plan" },     { NULL, "summary" },
};

static json_t *summary_make(struct arena *arena, const struct preflight *preflight)
{
    json_t *lines = json_object();
    const struct plan *plan = &preflight->plan;
    json_set(lines, "machine", json_text(describe_machine(arena, &preflight->identity)));
    json_set(lines, "engine", json_text(describe_engine(arena, preflight)));
    json_set(lines, "verdict", json_text(describe_verdict(arena, preflight)));
    json_set(lines, "plan", json_text(describe_plan(arena, plan)));
    if (plan->costs.count)
        json_set(lines, "costs", json_text(describe_list(arena, &plan->costs)));
    if (plan->advice.count)
        json_set(lines, "advice", json_text(describe_list(arena, &plan->advice)));
    return lines;
}

static void member_drop(json_t *facts, const char *parent, const char *name)
{
    json_t *identity = json_object_get(facts, "identity");
    json_t *holder = parent ? json_object_get(identity, parent) : facts;
    (void)json_object_del(holder, name); /* -1: it is not there, which is as well */
}

const char *facts_text(struct arena *arena, const struct preflight *preflight)
{
    CLEANUP(json_freep) json_t *facts = json_object();
    json_set(facts, "summary", summary_make(arena, preflight));
    preflight_json_add(facts, preflight, false);
    for (size_t i = 0;; i++) {
        char *text = json_dumps(facts, JSON_COMPACT);
        const char *copy = arena_strdup(arena, text);
        free(text);
        if (!copy || strlen(copy) < INCIDENT_PREFLIGHT_BYTES || i == ROWS(dispensable))
            return copy;
        member_drop(facts, dispensable[i].parent, dispensable[i].name);
    }
}
