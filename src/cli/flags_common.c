/* Which engine the flags commands judge by. */
#include "cli/flags_common.h"

#include "cli/preflight.h"

const struct option_row flags_engine_option[] = {
    { "engine", 0, "PATH|VERSION", "judge for this engine: its library, or a Qt version" },
    { NULL, 0, NULL, NULL },
};

int flags_engine(const struct context *context, const char **out_qt, struct err *err)
{
    struct engine engine = { 0 };
    if (preflight_engine(context, &engine, err) < 0)
        return -1;
    *out_qt = engine.qt;
    return 0;
}

const char *flags_engine_text(struct arena *arena, const char *qt)
{
    return qt ? arena_printf(arena, "Qt WebEngine %s", qt) : "any Qt WebEngine";
}
