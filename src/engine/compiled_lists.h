/* compiled_lists.h: Chromium's two GPU lists as they are compiled into an engine's library.
 * Room: engine. The file may be from anyone: it is mapped and read, never loaded or run.
 * How the lists lie there, and what is checked: docs/lists.md. */
#ifndef QWGUARD_ENGINE_COMPILED_LISTS_H
#define QWGUARD_ENGINE_COMPILED_LISTS_H

#include <stddef.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/yaml.h"
#include "engine/control_list.h"
#include "engine/engine.h"

/* What was read out of a library. Everything lives in the arena. */
struct compiled_lists {
    struct yaml_node *root; /* what `rules extract --json` prints; control_lists_read() takes it */
    const char *gap; /* what could not be told, so that the lists decide nothing; NULL = complete */
};

/**
 * Read both lists and the names of the workarounds. What is read is kept in the cache of the search
 * under the build id of the library.
 *
 * engine    its library; versions and build id are read when they are not there
 * returns   0; -1 and ERR_UNAVAILABLE (no library), ERR_NO_INPUT, ERR_DENIED, or ERR_DATA with
 *           what does not add up: no lists are better than wrong ones
 */
int compiled_lists_read(struct arena *arena, const struct engine_search *search,
                        const struct engine *engine, struct compiled_lists *out, struct err *err);

/**
 * Rules as JSON: those of compiled_lists_read() (schema qwguard.lists/1), of a file, or a part.
 *
 * returns   a new reference
 */
json_t *rules_to_json(const struct yaml_node *node);

/**
 * The lists that an installed engine decides with. The caller who gets an error takes
 * control_lists_shipped() and says so.
 *
 * out       from_library is true; untouched on failure
 * returns   0; -1 and the errors of compiled_lists_read(), or ERR_DATA when the lists are not
 *           complete, or the library is another version than the engine
 */
int control_lists_of_engine(struct arena *arena, const struct engine_search *search,
                            const struct engine *engine, struct control_lists *out,
                            struct err *err);

#endif
