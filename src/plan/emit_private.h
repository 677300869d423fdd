/* emit_private.h: what the files of emit.h share.
 * Room: plan, private. */
#ifndef QWGUARD_PLAN_EMIT_PRIVATE_H
#define QWGUARD_PLAN_EMIT_PRIVATE_H

#include "plan/emit.h"

#define EMIT_NOTE "written by qwguard apply; qwguard undo takes it back"

/* A copy of input->entry whose Exec lines set the variables (emit_desktop.c). */
int emit_desktop(struct arena *arena, enum emit_format format, const struct emit_input *input,
                 const char **out_text, struct err *err);

#endif
