/* arena.h: memory that one command owns and gives back in one piece.
 * Room: base. Single-threaded. Running out of memory ends the process with a line on stderr
 * (status 70): a decision cannot go on without its memory, and the guard uses no arena. */
#ifndef QWGUARD_BASE_ARENA_H
#define QWGUARD_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/macros.h"

struct arena_block;

/* Zero-initialised (`struct arena arena = { 0 };`) is a valid empty arena. */
struct arena {
    struct arena_block *newest;
};

/**
 * Zeroed memory that lives as long as the arena, aligned for any type.
 *
 * size_bytes  0 gives a valid pointer that must not be read
 * returns     never NULL; owned by the arena
 */
void *arena_alloc(struct arena *arena, size_t size_bytes);

/**
 * Zeroed array of count items of size_bytes each; overflow ends the process like want of memory.
 */
void *arena_array(struct arena *arena, size_t count, size_t size_bytes);

/**
 * A larger copy of an array for growing it: at least twice the old capacity.
 *
 * old        NULL or an array of *capacity items; stays valid
 * capacity   in: items old has room for; out: items the result has room for
 * returns    the new array with the old items copied
 */
void *arena_grow(struct arena *arena, const void *old, size_t *capacity, size_t size_bytes);

/**
 * Copy of a terminated string; NULL gives NULL.
 */
char *arena_strdup(struct arena *arena, const char *text);

/**
 * Copy of length bytes with a terminator behind them.
 */
char *arena_strndup(struct arena *arena, const char *text, size_t length);

/**
 * Formatted string in the arena.
 */
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/**
 * The same with a va_list, which is left used up.
 */
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);

/**
 * Give everything back. The arena is empty and usable again; an empty one is accepted.
 */
void arena_clear(struct arena *arena);

/* Append one item to a { items, count, capacity } triple whose items live in an arena. */
#define ARENA_PUSH(arena, list, item)                                                              \
    ((list)->count == (list)->capacity                                                             \
         ? (void)((list)->items = arena_grow((arena), (list)->items, &(list)->capacity,            \
                                             sizeof *(list)->items))                               \
         : (void)0,                                                                                \
     (void)((list)->items[(list)->count++] = (item)))

#endif
