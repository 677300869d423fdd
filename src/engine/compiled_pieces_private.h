/* compiled_pieces_private.h: the bytes of a library, read piece by piece as they are asked for.
 * Room: engine, private. A page of a mapped file that nobody touched yet costs 30 to 60 us on a
 * virtual machine, reading it 3 us: reading made `rules extract` 12 ms faster of 20.
 * Whoever wants all of a stretch takes the stream, whoever wants a word here and there the pieces;
 * the two do not disturb each other. */
#ifndef QWGUARD_ENGINE_COMPILED_PIECES_PRIVATE_H
#define QWGUARD_ENGINE_COMPILED_PIECES_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "platform/file.h"

#define PIECE_BYTES 1024U
#define PIECES_COUNT 128U          /* power of two; that many are held */
#define STREAM_BYTES (64U * 1024U) /* most that can be asked of the stream at once */

struct pieces {
    const struct file_map *file;
    unsigned char *memory; /* the held pieces, then the stream */
    uint64_t *held;        /* number + 1 of the piece in each place; 0 = none */
    struct {
        uint64_t start;
        size_t length;
    } stream;
};

/**
 * Prepare reading.
 *
 * arena     for the memory; must live as long as the pieces
 * file      borrowed
 */
void pieces_open(struct arena *arena, const struct file_map *file, struct pieces *out);

/**
 * Copy bytes of the file.
 *
 * returns   false when not all of them are there; out may hold some
 */
bool pieces_copy(struct pieces *pieces, uint64_t offset, void *out, size_t length);

/**
 * A stretch of the file, for looking through large parts in ascending order.
 *
 * length    at most STREAM_BYTES
 * returns   NULL when not all of it is there; else good until the next call
 */
const unsigned char *pieces_stream(struct pieces *pieces, uint64_t offset, size_t length);

#endif
