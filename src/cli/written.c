/* Takes what apply wrote out of this process's environment again. The user's own records and the
 * system's say what was written and what stood there before. Root alone can read the system's; for
 * everybody else the file itself tells what it sets, and nothing stood there before. */
#include "cli/written.h"

#include "plan/emit.h"
#include "plan/source.h"
#include "plan/target.h"
#include "platform/env.h"
#include "platform/file.h"
#include "platform/paths.h"

#define FILE_MAX_BYTES ((size_t)256 * 1024)

static void restore(const struct variables *set, const struct variables *before)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct variable *variable = &set->items[i];
        if (text_equal(env_get(variable->name), variable->value))
            env_set(variable->name, variables_get(before, variable->name));
    }
}

void written_restore_items(const struct install_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        restore(&items->items[i].set, &items->items[i].before);
        restore(&items->items[i].earlier, &items->items[i].before);
    }
}

static void records_restore(struct arena *arena, const char *state_dir)
{
    struct report ignored = { .arena = arena }; /* apply and undo tell what is wrong with them */
    struct install_items items = { 0 };
    struct err problem;
    const struct install_place place = { .root = "", .state_dir = state_dir };
    if (install_list(arena, &place, &items, &ignored, &problem) == 0)
        written_restore_items(&items);
}

static void file_restore(struct arena *arena, const char *path)
{
    static const struct variables nothing;
    struct source source;
    struct err ignored; /* absent, or not ours: it set nothing of ours */
    const char *text;
    size_t length;
    if (file_read(arena, path, FILE_MAX_BYTES, &text, &length, &ignored) < 0 || !emit_is_ours(text)
        || source_read(arena, path, text, length, &source, &ignored) < 0)
        return;
    for (size_t i = 0; i < source.count; i++)
        restore(&source.items[i].environment, &nothing);
}

void written_restore(const struct context *context)
{
    struct arena *arena = context->arena;
    const char *system = arena_printf(arena, "%s" PATHS_SYSTEM_STATE, context->root);
    if (context->state_dir)
        records_restore(arena, context->state_dir);
    if (!text_equal(context->state_dir, system))
        records_restore(arena, system);
    /* one of the two files of apply --system: a shell's quoting is read back as it is */
    file_restore(arena, arena_printf(arena, "%s" TARGET_SYSTEM_SH, context->root));
}
