/* terminal.h: is somebody looking, and how wide is the window.
 * Room: platform. */
#ifndef QWGUARD_PLATFORM_TERMINAL_H
#define QWGUARD_PLATFORM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum terminal_stream { TERMINAL_OUT, TERMINAL_ERR };

/**
 * True when the stream is a terminal that understands escape sequences (TERM is not "dumb").
 */
bool terminal_is(enum terminal_stream stream);

/**
 * Columns of the terminal, or 80 when it is none.
 */
unsigned terminal_columns(enum terminal_stream stream);

/**
 * Write as much as goes at once and drop the rest: whoever must not wait (the guard) is never held
 * up by a stopped terminal or a full pipe. Files take everything.
 *
 * returns   false when something was dropped
 */
bool terminal_write(enum terminal_stream stream, const char *bytes, size_t length);

/**
 * True when the locale's character set is UTF-8 (LC_ALL, LC_CTYPE, LANG).
 */
bool terminal_is_utf8(void);

#endif
