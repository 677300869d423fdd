/* tar.gz in memory. Source of the header's form: POSIX.1-2017, pax, "ustar Interchange Format". */
#include "base/archive.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/macros.h"

#define BLOCK_BYTES 512U
#define SIZE_MAX_BYTES (8 * GIB_BYTES) /* eleven octal digits */
#define GZIP_WINDOW (15 + 16)          /* zlib.h: 15 bits, and 16 for a gzip header */
#define MEMORY_LEVEL 8                 /* zlib's own default */

/* Numbers are octal text. */
struct header {
    char name[100];
    char mode[8];
    char user[8], group[8];
    char size[12];
    char time[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char user_name[32], group_name[32];
    char major[8], minor[8];
    char prefix[155];
    char rest[12];
};
static_assert(sizeof(struct header) == BLOCK_BYTES, "a header is one block");

static void header_seal(struct header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    unsigned sum = 0;
    memset(header->checksum, ' ', sizeof header->checksum);
    for (size_t i = 0; i < sizeof *header; i++)
        sum += bytes[i];
    (void)snprintf(header->checksum, sizeof header->checksum, "%06o", sum); /* at most 130560 */
    header->checksum[7] = ' ';
}

int archive_add(struct archive *archive, const char *name, const char *bytes, size_t length,
                uint64_t time_s, struct err *err)
{
    static const char zeros[BLOCK_BYTES];
    struct header header = { .mode = "0000600",
                             .user = "0000000",
                             .group = "0000000",
                             .type = '0',
                             .magic = "ustar",
                             .version = { '0', '0' } };
    if (!*name || strlen(name) >= sizeof header.name)
        return err_set(err, ERR_DATA, "'%s' cannot be a name in an archive", name);
    if (length >= SIZE_MAX_BYTES)
        return err_set(err, ERR_DATA, "'%s' is too large for an archive", name);
    memcpy(header.name, name, strlen(name));
    (void)snprintf(header.size, sizeof header.size, "%011zo", length); /* bounded above */
    (void)snprintf(header.time, sizeof header.time, "%011llo",
                   (unsigned long long)(time_s & 077777777777ULL));
    header_seal(&header);
    text_add(&archive->text, (const char *)&header, sizeof header);
    text_add(&archive->text, bytes, length);
    text_add(&archive->text, zeros, (BLOCK_BYTES - length % BLOCK_BYTES) % BLOCK_BYTES);
    return 0;
}

int archive_finish(struct archive *archive, const char **out, size_t *out_length, struct err *err)
{
    static const char end[2 * BLOCK_BYTES];
    struct text *tar = &archive->text;
    z_stream stream = { 0 };
    text_add(tar, end, sizeof end);
    if (tar->length > UINT32_MAX / 2)
        return err_set(err, ERR_DATA, "the archive is too large");
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY)
        != Z_OK)
        return err_set(err, ERR_SYSTEM, "there is no memory to compress in");
    size_t room = deflateBound(&stream, (uLong)tar->length);
    char *bytes = arena_alloc(tar->arena, room);
    stream.next_in = (Bytef *)tar->bytes;
    stream.avail_in = (uInt)tar->length;
    stream.next_out = (Bytef *)bytes;
    stream.avail_out = (uInt)room;
    int ended = deflate(&stream, Z_FINISH);
    *out_length = stream.total_out;
    *out = bytes;
    (void)deflateEnd(&stream); /* its memory is given back in any case */
    return ended == Z_STREAM_END ? 0 : err_set(err, ERR_SYSTEM, "the archive is not compressed");
}
