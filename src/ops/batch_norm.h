/* batch_norm.h: the elements of one channel, as batch_norm and its gradient walk them. */
#ifndef COR_OPS_BATCH_NORM_H
#define COR_OPS_BATCH_NORM_H

#include <corrie/dtype.h>
#include <string.h>

/* The planes of one channel: n of `size` elements, `step` apart. */
typedef struct cor__channel {
    int64_t n, size, step, begin;
} cor__channel;

/* Room for the elements of a channel of short planes, brought together, since each call of a loop costs more than it
 * computes for a few elements. */
enum { COR__SHORT_PLANE = 64, COR__SHORT_CHANNEL = 1024 };
typedef struct cor__line {
    _Alignas(64) char bytes[COR__SHORT_CHANNEL * sizeof(double)];
} cor__line;

static inline bool cor__channel_is_short(cor__channel c) {
    return c.n > 1 && c.size < COR__SHORT_PLANE && c.n * c.size <= COR__SHORT_CHANNEL;
}

/* Where element 0 of plane i is in memory of a dtype's elements; by numbers, since what has no elements has no memory.
 */
static inline char *cor__channel_plane(const void *x, cor__channel c, int64_t i, cor_dtype dtype) {
    return (char *)((uintptr_t)x + (uintptr_t)((c.begin + i * c.step) * cor_dtype_size(dtype)));
}

/* Copies `bytes` bytes, few and most often a number of whole vectors. */
static inline void cor__copy_few(char *to, const char *from, int64_t bytes) {
    for (; bytes >= 16; bytes -= 16, to += 16, from += 16) memcpy(to, from, 16);
    for (; bytes > 0; bytes -= 4, to += 4, from += 4) memcpy(to, from, 4);
}

/* Brings a short channel's elements together in the line, whose channel it returns; and back. The dtype has elements of
 * 4 or 8 bytes. */
static inline cor__channel cor__channel_gather(cor__line *line, const void *x, cor__channel c, cor_dtype dtype) {
    const int64_t bytes = c.size * cor_dtype_size(dtype);
    for (int64_t i = 0; i < c.n; i++) cor__copy_few(line->bytes + i * bytes, cor__channel_plane(x, c, i, dtype), bytes);
    return (cor__channel){.n = 1, .size = c.n * c.size};
}
static inline void cor__channel_scatter(const cor__line *line, void *y, cor__channel c, cor_dtype dtype) {
    const int64_t bytes = c.size * cor_dtype_size(dtype);
    for (int64_t i = 0; i < c.n; i++) cor__copy_few(cor__channel_plane(y, c, i, dtype), line->bytes + i * bytes, bytes);
}

#endif
