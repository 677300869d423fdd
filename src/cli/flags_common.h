/* flags_common.h: what the flags commands share. Room: cli. */
#ifndef QWGUARD_CLI_FLAGS_COMMON_H
#define QWGUARD_CLI_FLAGS_COMMON_H

#include "cli/command.h"

/* --engine */
extern const struct option_row flags_engine_option[];

/**
 * The version of Qt to judge by: that of --engine, else of the newest engine installed.
 *
 * out_qt    NULL = none is known
 * returns   0, or -1 and err: what --engine names cannot be had
 */
int flags_engine(const struct context *context, const char **out_qt, struct err *err);

/**
 * "Qt WebEngine 6.4.2", or "any Qt WebEngine" for NULL. In the arena.
 */
const char *flags_engine_text(struct arena *arena, const char *qt);

#endif
