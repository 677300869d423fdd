/* An arena hands out memory from large blocks and frees the blocks together. What a command decides
 * lives here, so that no room frees anything one by one and nothing can be freed twice. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each block is twice the one before: few calls to the system, and no more than half is spare. */
#define BLOCK_BYTES_FIRST ((size_t)16 * 1024)
#define BLOCK_BYTES_MAX ((size_t)1024 * 1024)
#define EXIT_NO_MEMORY 70 /* EX_SOFTWARE of sysexits.h */

struct arena_block {
    struct arena_block *older;
    size_t used_bytes;
    size_t size_bytes;
    alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void die_without_memory(void)
{
    (void)fputs("qwguard: out of memory\n", stderr); /* nothing more can be done about it */
    _Exit(EXIT_NO_MEMORY);
}

static struct arena_block *block_add(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX - sizeof(struct arena_block))
        die_without_memory();
    struct arena_block *block = calloc(1, sizeof *block + size_bytes);
    if (!block)
        die_without_memory();
    block->size_bytes = size_bytes;
    block->older = arena->newest;
    arena->newest = block;
    return block;
}

static size_t block_size(const struct arena_block *last, size_t needed_bytes)
{
    size_t size = last ? 2 * last->size_bytes : BLOCK_BYTES_FIRST;
    if (size > BLOCK_BYTES_MAX)
        size = BLOCK_BYTES_MAX;
    return needed_bytes > size ? needed_bytes : size;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    const size_t step = alignof(max_align_t);
    if (size_bytes > SIZE_MAX - step)
        die_without_memory();
    size_t rounded = (size_bytes + step - 1) / step * step;
    struct arena_block *block = arena->newest;
    if (!block || block->size_bytes - block->used_bytes < rounded)
        block = block_add(arena, block_size(block, rounded));
    void *memory = block->bytes + block->used_bytes;
    block->used_bytes += rounded;
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size_bytes)
{
    if (size_bytes && count > SIZE_MAX / size_bytes)
        die_without_memory();
    return arena_alloc(arena, count * size_bytes);
}

void *arena_grow(struct arena *arena, const void *old, size_t *capacity, size_t size_bytes)
{
    size_t more = *capacity < 4 ? 8 : *capacity * 2;
    void *larger = arena_array(arena, more, size_bytes);
    if (old && *capacity)
        memcpy(larger, old, *capacity * size_bytes);
    *capacity = more;
    return larger;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    if (length)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    const struct arena_block *block = arena->newest;
    size_t room = block ? block->size_bytes - block->used_bytes : 0;
    char *spare = room ? (char *)arena->newest->bytes + block->used_bytes : NULL;
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(spare, room, format, args); /* most texts fit where they will stand */
    if (length < 0)
        die_without_memory();
    char *text = arena_alloc(arena, (size_t)length + 1);
    if (text != spare) {
        if (room)
            memset(spare, 0, room); /* memory that is not given out yet is zeroed */
        (void)vsnprintf(text, (size_t)length + 1, format, again); /* fits by construction */
    }
    va_end(again);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void arena_clear(struct arena *arena)
{
    struct arena_block *block = arena->newest;
    while (block) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
    arena->newest = NULL;
}
