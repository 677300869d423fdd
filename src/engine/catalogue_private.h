/* catalogue_private.h: the parts of the catalogue, one topic a file, and where they come from.
 * Room: engine. */
#ifndef QWGUARD_ENGINE_CATALOGUE_PRIVATE_H
#define QWGUARD_ENGINE_CATALOGUE_PRIVATE_H

#include <stddef.h>

#include "engine/catalogue.h"

#define SWITCHES_CONTENT "content/public/common/content_switches.cc"
#define SWITCHES_GPU "gpu/config/gpu_switches.cc"
#define SWITCHES_GL "ui/gl/gl_switches.cc"
#define SWITCHES_BASE "base/base_switches.cc"
#define WORKAROUND_NAMES "gpu/config/gpu_workaround_list.txt"
#define QT_CONTEXT "qtwebengine src/core/web_engine_context.cpp"
#define QT_SETTINGS "qtwebengine src/core/web_engine_settings.cpp"

struct catalogue_part {
    const struct catalogue_row *rows;
    size_t count;
};

extern const struct catalogue_part catalogue_switches;
extern const struct catalogue_part catalogue_dangers;
extern const struct catalogue_part catalogue_variables;

#endif
