/* engine_private.h: what the files of engine.h share.
 * Room: engine, private. */
#ifndef QWGUARD_ENGINE_ENGINE_PRIVATE_H
#define QWGUARD_ENGINE_ENGINE_PRIVATE_H

#include "base/arena.h"
#include "engine/engine.h"

/**
 * The path with the root of the search in front.
 */
const char *engine_path_below(struct arena *arena, const struct engine_search *search,
                              const char *path);

/**
 * '5' or '6' for the name of a Qt WebEngine core library ("libQt6WebEngineCore.so.6"), NUL for any
 * other name.
 */
char engine_library_major(const char *soname);

/**
 * Chromium version of a Qt release by the table of engine_release.c, NULL when it has none.
 */
const char *engine_release_chromium(const char *qt);

#endif
