/* A few small pieces of a file, each at the place that its number tells, and one large buffer that
 * moves along. What lies in memory already (a file_map without a file) is used where it is. */
#include "engine/compiled_pieces_private.h"

void pieces_open(struct arena *arena, const struct file_map *file, struct pieces *out)
{
    *out = (struct pieces){ .file = file };
    if (!file_map_has_file(file))
        return;
    out->memory = arena_alloc(arena, PIECES_COUNT * PIECE_BYTES + STREAM_BYTES);
    out->held = arena_array(arena, PIECES_COUNT, sizeof *out->held);
}

static bool is_inside(const struct pieces *pieces, uint64_t offset, size_t length)
{
    return offset <= pieces->file->length && length <= pieces->file->length - offset;
}

/* The piece with a number; NULL when the file cannot be read any more. */
static const unsigned char *piece_get(struct pieces *pieces, uint64_t number)
{
    size_t place = (size_t)(number * 0x9e3779b97f4a7c15ULL >> 32) % PIECES_COUNT;
    unsigned char *bytes = pieces->memory + place * PIECE_BYTES;
    if (pieces->held[place] == number + 1)
        return bytes;
    size_t length = PIECE_BYTES;
    if (!is_inside(pieces, number * PIECE_BYTES, length))
        length = (size_t)(pieces->file->length - number * PIECE_BYTES);
    pieces->held[place] = 0;
    if (!file_map_read(pieces->file, number * PIECE_BYTES, bytes, length))
        return NULL;
    pieces->held[place] = number + 1;
    return bytes;
}

bool pieces_copy(struct pieces *pieces, uint64_t offset, void *out, size_t length)
{
    unsigned char *to = out;
    if (!is_inside(pieces, offset, length))
        return false;
    if (!pieces->memory) {
        if (length)
            memcpy(to, pieces->file->bytes + offset, length);
        return true;
    }
    while (length) {
        size_t at = offset % PIECE_BYTES;
        size_t part = PIECE_BYTES - at < length ? PIECE_BYTES - at : length;
        const unsigned char *bytes = piece_get(pieces, offset / PIECE_BYTES);
        if (!bytes)
            return false;
        memcpy(to, bytes + at, part);
        to += part;
        offset += part;
        length -= part;
    }
    return true;
}

const unsigned char *pieces_stream(struct pieces *pieces, uint64_t offset, size_t length)
{
    if (!is_inside(pieces, offset, length) || length > STREAM_BYTES)
        return NULL;
    if (!pieces->memory)
        return pieces->file->bytes + offset;
    unsigned char *buffer = pieces->memory + PIECES_COUNT * PIECE_BYTES;
    uint64_t start = pieces->stream.start;
    if (offset < start || offset - start > pieces->stream.length
        || length > pieces->stream.length - (offset - start)) {
        size_t more = is_inside(pieces, offset, STREAM_BYTES)
                          ? STREAM_BYTES
                          : (size_t)(pieces->file->length - offset);
        pieces->stream.length = 0;
        if (!file_map_read(pieces->file, offset, buffer, more))
            return NULL;
        pieces->stream.start = start = offset;
        pieces->stream.length = more;
    }
    return buffer + (offset - start);
}
