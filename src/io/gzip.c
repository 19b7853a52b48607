/* gzip.c: gzip through zlib. */
#include "io/gzip.h"
#include "base/error.h"
#include "base/sizes.h"
#include <zlib.h>

/* The header and trailer of gzip around the widest window. */
enum { GZIP_WINDOW = 16 + MAX_WBITS, PIECE = 1 << 30 };

bool cor__is_gzip(const cor__file *file) { return file->size >= 2 && file->data[0] == 0x1f && file->data[1] == 0x8b; }

/* Runs zlib in pieces that its counters hold, until it stops or nothing is left on one side. */
static int expand(z_stream *stream, const cor__file *file, unsigned char *out, size_t room) {
    int code = Z_OK;
    stream->next_in = file->data;
    stream->next_out = out;
    while (code == Z_OK) {
        const size_t in_left = file->size - (size_t)(stream->next_in - file->data);
        const size_t out_left = room - (size_t)(stream->next_out - out);
        if (in_left == 0 || out_left == 0) break;
        stream->avail_in = (uInt)cor__min((int64_t)in_left, PIECE);
        stream->avail_out = (uInt)cor__min((int64_t)out_left, PIECE);
        code = inflate(stream, Z_NO_FLUSH);
    }
    return code;
}

int cor__gzip_expand(const cor__file *file, const char *name, unsigned char *out, size_t room, size_t *size,
                     bool *whole) {
    z_stream stream = {0};
    int code = inflateInit2(&stream, GZIP_WINDOW);
    if (code == Z_OK) code = expand(&stream, file, out, room);
    *size = stream.next_out == NULL ? 0 : (size_t)(stream.next_out - out);
    *whole = code == Z_STREAM_END;
    const bool cut = code == Z_OK && *size < room;
    const bool more = *whole && (size_t)(stream.next_in - file->data) < file->size;
    if (code == Z_MEM_ERROR) cor__fail(COR_ENOMEM, "%s: out of memory for expanding it", name);
    else if (cut) cor__fail(COR_EFORMAT, "%s: the gzip contents end early, after %zu expanded bytes", name, *size);
    else if (more) cor__fail(COR_EFORMAT, "%s: there are bytes behind the end of the gzip contents", name);
    else if (code != Z_OK && code != Z_STREAM_END)
        cor__fail(COR_EFORMAT, "%s: broken gzip contents: %s", name,
                  stream.msg == NULL ? "no reason given" : stream.msg);
    (void)inflateEnd(&stream);
    return cor_error();
}
