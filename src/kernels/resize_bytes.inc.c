/* resize_bytes.inc.c: pictures in another size. A lane holds four pixels that lie side by side, one of which a shift
 * and a mask take out, so that bytes are never converted. Sums over columns have pixels of a row in their lanes, sums
 * over rows the same pixels of as many rows as there are lanes. */
#include "kernels/resize.h"
#include "kernels/vec.h"

enum { RESIZE_LANES = COR__VEC_BYTES / 4 };

/* Pixel i of each lane. */
COR__INLINE cor__u32v resize_pixel(cor__u32v four, int i) { return four >> (8 * i) & 255u; }

COR__INLINE cor__u32v resize_rounded(cor__u32v sum) {
    sum >>= COR__RESIZE_BITS;
    return (sum | (cor__u32v)(sum > 255u)) & 255u;
}

#define RESIZE_HALF (1u << (COR__RESIZE_BITS - 1))

/* ---- along columns ---------------------------------------------------------------------------------------------- */

static void resize_columns(const cor__resize_side *side, int64_t i, const uint8_t *in, int64_t width, uint8_t *out) {
    const uint32_t *weights = side->weights + i * side->taps, n = side->count[i];
    int64_t x = 0;
    in += side->first[i] * width;
    for (; x + COR__VEC_BYTES <= width; x += COR__VEC_BYTES) {
        cor__u32v a = COR__ALL(cor__u32v, RESIZE_HALF), b = a, c = a, d = a;
        for (uint32_t k = 0; k < n; k++) {
            const cor__u32v four = COR__LOAD(cor__u32v, in + k * width + x);
            a += weights[k] * resize_pixel(four, 0);
            b += weights[k] * resize_pixel(four, 1);
            c += weights[k] * resize_pixel(four, 2);
            d += weights[k] * resize_pixel(four, 3);
        }
        a = resize_rounded(a) | resize_rounded(b) << 8 | resize_rounded(c) << 16 | resize_rounded(d) << 24;
        COR__STORE(cor__u32v, out + x, a);
    }
    for (; x < width; x++) {
        uint32_t sum = RESIZE_HALF;
        for (uint32_t k = 0; k < n; k++) sum += weights[k] * in[k * width + x];
        sum >>= COR__RESIZE_BITS;
        out[x] = (uint8_t)(sum > 255 ? 255 : sum);
    }
}

/* ---- along rows ------------------------------------------------------------------------------------------------- */

/* Copies four pixels of every lane's row, fewer at its end; lanes beyond n rows have the last one's. */
static void resize_gather(int64_t n, const uint8_t *in, int64_t width, uint32_t *fours) {
    for (int64_t y = 0; y < RESIZE_LANES; y++) {
        const uint8_t *row = in + (y < n ? y : n - 1) * width;
        uint32_t *to = fours + y;
        int64_t x = 0;
        for (; x + 4 <= width; x += 4, to += RESIZE_LANES) memcpy(to, row + x, 4);
        if (x < width) memcpy(to, row + x, (size_t)(width - x));
    }
}

static void resize_scatter(int64_t n, const uint32_t *fours, int64_t width, uint8_t *out) {
    for (int64_t y = 0; y < n; y++) {
        const uint32_t *from = fours + y;
        uint8_t *row = out + y * width;
        int64_t x = 0;
        for (; x + 4 <= width; x += 4, from += RESIZE_LANES) memcpy(row + x, from, 4);
        if (x < width) memcpy(row + x, from, (size_t)(width - x));
    }
}

/* Output pixel i of each lane's row. */
COR__INLINE cor__u32v resize_sum(const cor__resize_side *side, int64_t i, const uint32_t *fours) {
    const uint32_t *weights = side->weights + i * side->taps;
    const int64_t first = side->first[i], n = side->count[i];
    cor__u32v sum = COR__ALL(cor__u32v, RESIZE_HALF);
    for (int64_t k = 0; k < n; k++) {
        const int64_t x = first + k;
        const cor__u32v four = COR__LOAD(cor__u32v, fours + (x >> 2) * RESIZE_LANES);
        sum += weights[k] * resize_pixel(four, (int)(x & 3));
    }
    return resize_rounded(sum);
}

static void resize_rows(const cor__resize_side *side, int64_t n, const uint8_t *in, uint8_t *out, uint32_t *room) {
    uint32_t *made = room + (side->in + 3) / 4 * RESIZE_LANES;
    for (int64_t y = 0; y < n; y += RESIZE_LANES) {
        const int64_t rows = n - y < RESIZE_LANES ? n - y : RESIZE_LANES;
        resize_gather(rows, in + y * side->in, side->in, room);
        for (int64_t i = 0; i < side->out; i += 4) {
            cor__u32v four = {0};
            for (int64_t j = 0; j < 4 && i + j < side->out; j++) four |= resize_sum(side, i + j, room) << (int)(8 * j);
            COR__STORE(cor__u32v, made + i / 4 * RESIZE_LANES, four);
        }
        resize_scatter(rows, made, side->out, out + y * side->out);
    }
}

#undef RESIZE_HALF
