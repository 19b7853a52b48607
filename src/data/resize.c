/* resize.c: pictures in another size, as Pillow (12 and before) computes its BILINEAR: weights of the triangle filter
 * in fixed point, along the rows first, then along the columns, each sum rounded to 8 bits. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "data/picture.h"
#include "ops/op.h"
#include <math.h>
#include <string.h>

enum { BITS = 22, MOST_SIDE = 1 << 24 };

COR__DEFINE_OPTIONS(cor_resize_options, COR_RESIZE_OPTIONS)

/* The weights of one side: output i is the sum of weight k times input first[i] + k, k below count[i]. */
typedef struct side {
    int64_t in, out, taps; /* taps: the room for each output's weights */
    int32_t *weights;
    int32_t *first, *count;
    size_t bytes; /* of the one block that holds the three */
} side;

/* The triangle over the inputs of output i, its sum brought to 1 before it is rounded. */
static void set_weights(side *s, int64_t i) {
    const double scale = (double)s->in / (double)s->out, widening = scale < 1 ? 1 : scale;
    const double center = ((double)i + 0.5) * scale, inverse = 1 / widening;
    const int64_t first = cor__max(0, (int64_t)(center - widening + 0.5));
    const int64_t end = cor__min(s->in, (int64_t)(center + widening + 0.5));
    double sum = 0;
    for (int64_t x = first; x < end; x++) sum += fmax(0, 1 - fabs(((double)x - center + 0.5) * inverse));
    for (int64_t x = first; x < end; x++) {
        const double weight = fmax(0, 1 - fabs(((double)x - center + 0.5) * inverse)) / (sum != 0 ? sum : 1);
        s->weights[i * s->taps + x - first] = (int32_t)(0.5 + weight * (1 << BITS));
    }
    s->first[i] = (int32_t)first;
    s->count[i] = (int32_t)(end - first);
}

static int make_side(side *s, int64_t in, int64_t out) {
    s->in = in, s->out = out;
    s->taps = 2 * cor__max(1, cor__ceil_div(in, out)) + 1;
    s->bytes = (size_t)(out * (s->taps + 2)) * sizeof(int32_t);
    s->weights = cor__alloc(s->bytes, "the weights of a resize");
    if (s->weights == NULL) return cor_error();
    s->first = s->weights + out * s->taps;
    s->count = s->first + out;
    for (int64_t i = 0; i < out; i++) set_weights(s, i);
    return COR_OK;
}

static uint8_t rounded(int32_t sum) {
    sum >>= BITS;
    return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

static void along_row(const side *s, const uint8_t *in, uint8_t *out) {
    for (int64_t i = 0; i < s->out; i++) {
        const int32_t *weights = s->weights + i * s->taps;
        const uint8_t *from = in + s->first[i];
        int32_t sum = 1 << (BITS - 1);
        for (int32_t k = 0; k < s->count[i]; k++) sum += weights[k] * from[k];
        out[i] = rounded(sum);
    }
}

/* Output row i of the columns of `in`; sums has room for a row. */
static void along_columns(const side *s, int64_t i, const uint8_t *in, int64_t width, int32_t *sums, uint8_t *out) {
    const int32_t *weights = s->weights + i * s->taps;
    const uint8_t *row = in + s->first[i] * width;
    for (int64_t x = 0; x < width; x++) sums[x] = 1 << (BITS - 1);
    for (int32_t k = 0; k < s->count[i]; k++, row += width)
        for (int64_t x = 0; x < width; x++) sums[x] += weights[k] * row[x];
    for (int64_t x = 0; x < width; x++) out[x] = rounded(sums[x]);
}

/* Rows and columns that keep their number are not touched. */
static void resize_plane(const side *rows, const side *columns, const uint8_t *in, uint8_t *between, int32_t *sums,
                         uint8_t *out) {
    const uint8_t *narrow = in;
    if (rows->in != rows->out) {
        uint8_t *to = columns->in != columns->out ? between : out;
        for (int64_t y = 0; y < columns->in; y++) along_row(rows, in + y * rows->in, to + y * rows->out);
        narrow = to;
    }
    if (columns->in != columns->out)
        for (int64_t y = 0; y < columns->out; y++)
            along_columns(columns, y, narrow, rows->out, sums, out + y * rows->out);
}

static int resize_planes(const cor__picture *p, const side *rows, const side *columns, cor_tensor *out) {
    const size_t between = (size_t)cor__max(1, columns->in * rows->out), sums = (size_t)rows->out * sizeof(int32_t);
    uint8_t *room = cor__alloc(sums + between, "a picture between two resizes");
    if (room == NULL) return cor_error();
    for (int64_t i = 0; i < p->planes; i++)
        resize_plane(rows, columns, (const uint8_t *)cor__data(p->t) + i * p->height * p->width, room + sums,
                     (int32_t *)(void *)room, (uint8_t *)cor__data(out) + i * columns->out * rows->out);
    cor__free(room, sums + between);
    return COR_OK;
}

static cor_tensor *resize_to(const cor__picture *p, int64_t height, int64_t width) {
    side rows = {0}, columns = {0};
    cor_tensor *out = cor__picture_like(p, height, width);
    if (out != NULL && cor__numel(out) > 0 && make_side(&rows, p->width, width) == COR_OK &&
        make_side(&columns, p->height, height) == COR_OK)
        (void)resize_planes(p, &rows, &columns, out);
    cor__free(rows.weights, rows.bytes);
    cor__free(columns.weights, columns.bytes);
    return cor_error() == COR_OK ? out : NULL;
}

/* The size asked for: both sides, or the shorter one. */
static int find_size(const cor__picture *p, const cor_resize_options *o, int64_t *height, int64_t *width) {
    const bool both = o->sizes[0] != COR_UNSET;
    if (both == (o->size != COR_UNSET)) return cor__fail(COR_EVALUE, "resize: give either .size or .sizes");
    if (both) {
        *height = o->sizes[0], *width = o->sizes[1];
    } else {
        const int64_t shorter = cor__min(p->height, p->width), longer = cor__max(p->height, p->width);
        const int64_t other = o->size > 0 && o->size <= MOST_SIDE ? o->size * longer / cor__max(1, shorter) : 0;
        *height = p->height <= p->width ? o->size : other;
        *width = p->height <= p->width ? other : o->size;
    }
    if (*height >= 1 && *width >= 1 && *height <= MOST_SIDE && *width <= MOST_SIDE) return COR_OK;
    return cor__fail(COR_EVALUE, "resize: %lld by %lld is no size of a picture", (long long)*height, (long long)*width);
}

static int check_picture(const cor__picture *p) {
    if (cor__dtype(p->t) != COR_UINT8)
        return cor__fail(COR_EDTYPE, "resize: the picture is to be uint8, this one is %s",
                         cor_dtype_name(cor__dtype(p->t)));
    if (p->height >= 1 && p->width >= 1 && p->height <= MOST_SIDE && p->width <= MOST_SIDE) return COR_OK;
    return cor__fail(COR_ESHAPE, "resize: a picture of %lld by %lld cannot be resized", (long long)p->height,
                     (long long)p->width);
}

cor_tensor *cor_resize_with(cor_tensor *image, const cor_resize_options *options) {
    cor_resize_options room;
    cor__picture p;
    int64_t height = 0, width = 0;
    cor_scope();
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "resize") != COR_OK) return NULL;
    if (cor__picture_of(image, "resize", &p) != COR_OK || check_picture(&p) != COR_OK) return NULL;
    if (find_size(&p, cor_resize_options_or_defaults(options, &room), &height, &width) != COR_OK) return NULL;
    if (height == p.height && width == p.width) return image;
    return cor_keep(resize_to(&p, height, width));
}
