/* engine.h: which Qt WebEngine there is: found on the machine, read out of its library file.
 * Room: engine. Reads library files, never runs or loads them. */
#ifndef QWGUARD_ENGINE_ENGINE_H
#define QWGUARD_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

/* One engine. Strings live in the arena; NULL = unknown. */
struct engine {
    const char *qt;       /* "6.4.2" */
    const char *chromium; /* "102.0.5005.177" */
    const char
        *library; /* absolute path below the root; NULL for a version that is not installed */
    const char *build_id; /* GNU build id in hexadecimal; NULL when the file has none */
};

/* Engines, newest Qt first. */
struct engines {
    struct engine *items;
    size_t count;
    size_t capacity;
    struct strings broken; /* what is wrong with libraries that are left out, a line each */
};

struct engine_search {
    const char *root;      /* prefix of all paths; "" or NULL = the machine itself */
    const char *cache_dir; /* versions are kept here by path, size and time; NULL = no cache */
};

/**
 * Read the Qt and Chromium versions and the build id out of a library file (mapped, only the pages
 * that are needed).
 *
 * path      any file; symbolic links are followed
 * returns   0; -1 and ERR_NO_INPUT (absent), ERR_DENIED, ERR_DATA (no ELF file, truncated, or no
 *           Qt WebEngine library)
 */
int engine_read(struct arena *arena, const struct engine_search *search, const char *path,
                struct engine *out, struct err *err);

/**
 * All engines installed in the usual library folders (multiarch, lib64, /opt/Qt…, Flatpak
 * runtimes); a library that cannot be read is left out, and out->broken says why.
 */
void engine_list(struct arena *arena, const struct engine_search *search, struct engines *out);

/**
 * The engine that an application uses: the libQt?WebEngineCore that its executable or a library
 * next to it asks for (DT_NEEDED, RUNPATH, libraries that it needs in turn: WebEngineWidgets,
 * Quick), or, for a script, none.
 *
 * executable  path of the application
 * returns     0; -1 and ERR_UNAVAILABLE when it cannot be told, and the caller takes the newest;
 *             as engine_read() when its library cannot be read
 */
int engine_of_app(struct arena *arena, const struct engine_search *search, const char *executable,
                  struct engine *out, struct err *err);

/**
 * An engine that is not installed, by its version: "6.8.2", "6.8", "5.15".
 *
 * out       library NULL; chromium from the table of Qt releases
 * returns   0; -1 and ERR_DATA when the text is no version or Qt WebEngine has no such release
 * source    https://wiki.qt.io/QtWebEngine/ChromiumVersions and the CHROMIUM_VERSION files of Qt
 */
int engine_by_version(struct arena *arena, const char *version, struct engine *out,
                      struct err *err);

/**
 * Whether this engine can draw through Vulkan: where Qt Quick does (6.7 on), or where buffers of
 * GBM cannot be used (6.9 on). An engine that is unknown can.
 *
 * source    Qt WebEngine, src/core/web_engine_context.cpp of 6.7 and 6.9
 */
bool engine_can_draw_by_vulkan(const struct engine *engine);

/**
 * Compare dotted versions by number, segment by segment; a missing segment counts as 0
 * ("6.10" > "6.9", "6.8" == "6.8.0"). What follows the numbers is ignored.
 *
 * returns   <0, 0, >0
 */
int version_compare(const char *a, const char *b);

#endif
