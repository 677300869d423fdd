/* What one more fact would settle: for an entry that depends on facts that nobody knows, which
 * facts these are and with which values it applies. */
#include "engine/control_list_private.h"

/* The conditions whose answer is unknown, as one text, and the facts that they ask for. Returns
 * whether a fact of an identity could answer each of them. */
static bool unknown_add(struct arena *arena, const struct conditions *conditions,
                        const struct gpu_info *info, struct strings *facts, struct text *out)
{
    struct strings texts = { 0 };
    bool knowable = conditions_missing(arena, conditions, info, facts, &texts);
    for (size_t i = 0; i < texts.count; i++)
        text_printf(out, "%s%s", i ? " and " : "", texts.items[i]);
    return knowable;
}

static const char *facts_text(struct arena *arena, const struct strings *facts)
{
    struct text text = { .arena = arena };
    for (size_t i = 0; i < facts->count; i++)
        text_printf(&text, "%s%s",
                    i == 0                 ? ""
                    : i + 1 < facts->count ? ", "
                                           : " and ",
                    facts->items[i]);
    return text_get(&text);
}

const char *entry_settled_by(struct arena *arena, const struct control_entry *entry,
                             const struct gpu_info *info, enum truth main)
{
    struct strings facts = { 0 };
    struct text where = { .arena = arena }, except = { .arena = arena };
    bool knowable = true;
    if (main == TRUTH_UNKNOWN)
        knowable = unknown_add(arena, &entry->main, info, &facts, &where);
    for (size_t i = 0; i < entry->exception_count; i++) {
        const struct conditions *exception = &entry->exceptions[i];
        if (conditions_lack(exception, info)
            || conditions_match(exception, info, NULL, NULL) != TRUTH_UNKNOWN)
            continue;
        text_printf(&except, "%s", except.length ? " or " : " except where ");
        knowable = unknown_add(arena, exception, info, &facts, &except) && knowable;
    }
    if (!facts.count)
        return NULL;
    if (!knowable)
        return arena_printf(arena, "%s could only rule it out: the rest stands in no identity",
                            facts_text(arena, &facts));
    return arena_printf(arena, "%s%s would settle it: it applies%s%s%s", facts_text(arena, &facts),
                        facts.count > 1 ? " together" : " alone", where.length ? " where " : "",
                        where.length ? text_get(&where) : "",
                        except.length ? text_get(&except) : "");
}
