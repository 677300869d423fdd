/* What was known of machine, engine and plan before the start, as an incident carries it: lines for
 * people, and the whole as JSON. It was written by our preflight, but the file may be anybody's. */
#include "incident/incident_private.h"

#include <string.h>

#include "base/json.h"

json_t *facts_parse(const struct incident *incident)
{
    struct err ignored; /* a record is shown as far as it can be read */
    if (!incident->preflight)
        return NULL;
    return json_parse("preflight", incident->preflight, strlen(incident->preflight), &ignored);
}

void fact_lines(struct arena *arena, const struct incident *incident, struct variables *out)
{
    const char *key;
    json_t *value;
    CLEANUP(json_freep) json_t *facts = facts_parse(incident);
    json_object_foreach(json_object_get(facts, "summary"), key, value)
    {
        if (json_is_string(value))
            variables_set(arena, out, arena_strdup(arena, key),
                          arena_strdup(arena, json_string_value(value)));
    }
    variables_add(arena, out, &incident->environment);
}

const char *facts_json(struct arena *arena, const struct incident *incident)
{
    CLEANUP(json_freep) json_t *facts = facts_parse(incident);
    if (!json_object_size(facts))
        return NULL;
    return json_format(arena, facts);
}
