/* flags.h: the string in QTWEBENGINE_CHROMIUM_FLAGS, read and written exactly as Qt does, and
 * merged. Room: engine. Pure. Source: parseEnvCommandLine and initCommandLine in Qt's
 * src/core/web_engine_context.cpp, base/command_line.cc in Chromium. */
#ifndef QWGUARD_ENGINE_FLAGS_H
#define QWGUARD_ENGINE_FLAGS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

#define FLAGS_VARIABLE "QTWEBENGINE_CHROMIUM_FLAGS"

/**
 * Split as Qt does: only spaces separate, `"` toggles quoting anywhere and vanishes, no escapes, an
 * unclosed quote runs to the end, a quoted empty string is lost.
 *
 * out       items in order, appended
 */
void flags_parse(struct arena *arena, const char *text, struct strings *out);

/**
 * Join so that flags_parse gives the same items back.
 *
 * out_text  untouched on failure
 * returns   0, or -1 and ERR_DATA when an item holds `"` (cannot be written) or a newline, or is
 * empty
 */
int flags_write(struct arena *arena, const struct strings *items, const char **out_text,
                struct err *err);

/* Where the switches of a process come from, narrowest say first. */
struct flags_input {
    const char *variable; /* the user's QTWEBENGINE_CHROMIUM_FLAGS; NULL = not set, "" = set */
    struct strings
        arguments;        /* switches Qt would take from the app's own argv (flags_of_arguments) */
    struct strings added; /* what the plan adds */
};

struct flags_result {
    const char *value;       /* the whole variable; NULL = do not set it (nothing to say) */
    struct strings switches; /* the same as items */
    struct strings kept;     /* items of `added` that were left out because the user says otherwise,
                                each with the reason: "--enable-x: the user has --disable-x" */
};

/**
 * Merge. The user's variable wins over the plan; the app's own arguments are carried over (only
 * when the variable is not set already, as Qt would have used them) since setting the variable
 * makes Qt drop them. --enable-features, --disable-features, --enable-blink-features,
 * --disable-blink-features and --js-flags are merged as sets, since Chromium takes only the last of
 * each; other switches are added only when the user has not given them (with any value). Nothing
 * added = the user's value unchanged, byte for byte (NULL stays NULL). Merging twice changes
 * nothing.
 *
 * returns   0, or -1 and ERR_DATA when the result cannot be written in Qt's grammar; then the
 * caller must leave the variable alone
 */
int flags_merge(struct arena *arena, const struct flags_input *input, struct flags_result *out,
                struct err *err);

/**
 * The switches that Qt takes from an application's own command line: everything after
 * `--webEngineArgs` in Qt >= 6.4, every argument that begins with "--" (and its place in argv) in
 * Qt <= 6.3.
 *
 * qt         "6.4.2", or NULL = unknown: as in 6.4 and later
 * arguments  argv without argv[0]
 * out        appended
 */
void flags_of_arguments(struct arena *arena, const char *qt, const struct strings *arguments,
                        struct strings *out);

/**
 * True when the items hold the switch (without or with any value), in any spelling that Chromium
 * takes (one or two dashes; names are case-sensitive on Linux). Items after "--" do not count.
 *
 * name       without dashes
 * out_value  may be NULL; the last one's value, "" when it has none
 */
bool flags_has(const struct strings *items, const char *name, const char **out_value);

#endif
