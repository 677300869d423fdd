/* paths.h: where qwguard keeps its things on this system.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_PATHS_H
#define QWGUARD_PLATFORM_PATHS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* State folder of the machine. */
#define PATHS_SYSTEM_STATE "/var/lib/qwguard"

/**
 * An absolute folder that a variable names ($XDG_DATA_HOME …), else a folder below $HOME. Relative
 * values are ignored. Not made here.
 *
 * variable  NULL = the one below HOME
 * returns   in the arena; NULL when there is neither
 */
const char *paths_home(struct arena *arena, const char *variable, const char *below_home);

/**
 * State folder: $XDG_STATE_HOME/qwguard, else /var/lib/qwguard for root, else
 * ~/.local/state/qwguard. Not made here.
 *
 * returns   NULL when there is no home at all
 */
const char *paths_state(struct arena *arena);

/**
 * Cache folder: $XDG_CACHE_HOME/qwguard, else ~/.cache/qwguard. Not made here.
 *
 * returns   NULL when there is no home at all
 */
const char *paths_cache(struct arena *arena);

/**
 * Folders that hold a thing of ours, least to most important:
 * /usr/share/qwguard/NAME, /etc/qwguard/NAME, $XDG_CONFIG_HOME/qwguard/NAME (or ~/.config/…).
 * The share folder is the one this binary was installed under, when that is another.
 *
 * root      prefix for the first two; NULL or "" = none
 */
void paths_config(struct arena *arena, const char *root, const char *name, struct strings *out);

/**
 * Find a program as a shell would: with a slash as it is, else along PATH.
 *
 * out_path  in the arena
 * returns   0; -1 and ERR_NOT_FOUND, or ERR_NOT_EXEC (found, but a folder or not executable)
 */
int paths_find_program(struct arena *arena, const char *name, const char **out_path,
                       struct err *err);

/**
 * Path of this executable itself, for re-execution.
 *
 * returns   NULL when it cannot be told
 */
const char *paths_self(struct arena *arena);

#endif
