/* catalogue_private.h: the parts of the catalogue, one topic a file, and where they come from.
 * Room: engine. */
#ifndef QWGUARD_ENGINE_CATALOGUE_PRIVATE_H
#define QWGUARD_ENGINE_CATALOGUE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/catalogue.h"

#define SWITCHES_CONTENT "content/public/common/content_switches.cc"
#define SWITCHES_GPU "gpu/config/gpu_switches.cc"
#define SWITCHES_GL "ui/gl/gl_switches.cc"
#define SWITCHES_BASE "base/base_switches.cc"
#define WORKAROUND_NAMES "gpu/config/gpu_workaround_list.txt"
#define QT_CONTEXT "qtwebengine src/core/web_engine_context.cpp"
#define QT_SETTINGS "qtwebengine src/core/web_engine_settings.cpp"

/* Why a name is refused. */
#define RUNS "it runs programs or loads libraries"
#define OPENS "it takes protection from the user"
#define NETWORK "it changes where data goes, or who may read it"

struct catalogue_part {
    const struct catalogue_row *rows;
    size_t count;
};

extern const struct catalogue_part catalogue_switches;
extern const struct catalogue_part catalogue_dangers;
extern const struct catalogue_part catalogue_variables;

/**
 * How well a row's name fits: 2 the whole, 1 its beginning ("LD_*"), 0 not at all.
 */
int catalogue_name_fit(const struct catalogue_row *row, const char *name, size_t length);

/**
 * Is the value one of the words that stand between '|'?
 */
bool catalogue_has_word(const char *words, const char *value, size_t length);

#endif
