/* describe.h: identity, verdict and plan in words, for check and run.
 * Room: cli. Texts live in the arena; UTF-8. */
#ifndef QWGUARD_CLI_DESCRIBE_H
#define QWGUARD_CLI_DESCRIBE_H

#include "cli/preflight.h"

/**
 * "NVIDIA GeForce GTX 1070 (10de:1b81), nouveau, Mesa 22.3.6 · X11 · Linux 6.1"
 */
const char *describe_machine(struct arena *arena, const struct identity *identity);

/**
 * "Qt WebEngine 6.8.2 (Chromium 122), lists read from the installed library"
 */
const char *describe_engine(struct arena *arena, const struct preflight *preflight);

/**
 * "WebGL 2 works (measured: OpenGL ES 3.2; no list entry applies)"
 */
const char *describe_verdict(struct arena *arena, const struct preflight *preflight);

/**
 * "gpu-off: --disable-gpu", or "nothing to change".
 */
const char *describe_plan(struct arena *arena, const struct plan *plan);

/**
 * The words of a cost or an advice as a person reads them ("hardware-video" -> "hardware video").
 */
const char *describe_list(struct arena *arena, const struct strings *words);

/**
 * Print a labelled block, wrapped at the width of the terminal (at least 60 columns, 100 at most),
 * further lines indented under the first.
 *
 * label     at most 9 characters; "" continues a block
 * color     ANSI sequence for the text, or ""
 */
void describe_print(const char *label, const char *text, const char *color);

/**
 * Print a trace: a mark and a text a line, indented by depth.
 */
void describe_trace(const struct trace *trace);

/* ANSI colours; only state is coloured, and never without words. */
#define COLOR_GREEN "\033[32m"
#define COLOR_YELLOW "\033[33m"
#define COLOR_RED "\033[31m"
#define COLOR_RESET "\033[0m"

#endif
