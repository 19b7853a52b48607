/* resize.c: pictures in another size, as Pillow (12 and before) computes its BILINEAR: weights of the triangle filter
 * in fixed point, along the rows first, then along the columns, each sum rounded to 8 bits. */
#include "kernels/resize.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "data/picture.h"
#include "kernels/kernels.h"
#include "ops/op.h"
#include <math.h>
#include <string.h>

enum { MOST_SIDE = 1 << 24 };

COR__DEFINE_OPTIONS(cor_resize_options, COR_RESIZE_OPTIONS)

/* The triangle over the inputs of output i, its sum brought to 1 before it is rounded. */
static void set_weights(cor__resize_side *s, int64_t i) {
    const double scale = (double)s->in / (double)s->out, widening = scale < 1 ? 1 : scale;
    const double center = ((double)i + 0.5) * scale, inverse = 1 / widening;
    const int64_t first = cor__max(0, (int64_t)(center - widening + 0.5));
    const int64_t end = cor__min(s->in, (int64_t)(center + widening + 0.5));
    double sum = 0;
    for (int64_t x = first; x < end; x++) sum += fmax(0, 1 - fabs(((double)x - center + 0.5) * inverse));
    for (int64_t x = first; x < end; x++) {
        const double weight = fmax(0, 1 - fabs(((double)x - center + 0.5) * inverse)) / (sum != 0 ? sum : 1);
        s->weights[i * s->taps + x - first] = (uint32_t)(0.5 + weight * (1 << COR__RESIZE_BITS));
    }
    s->first[i] = (uint32_t)first;
    s->count[i] = (uint32_t)(end - first);
}

/* The weights, and behind them in the same block, the first inputs and their number. */
static size_t bytes_of(const cor__resize_side *s) { return (size_t)(s->out * (s->taps + 2)) * sizeof(uint32_t); }

static int make_side(cor__resize_side *s, int64_t in, int64_t out) {
    s->in = in, s->out = out;
    s->taps = 2 * cor__max(1, cor__ceil_div(in, out)) + 1;
    s->weights = cor__alloc(bytes_of(s), "the weights of a resize");
    if (s->weights == NULL) return cor_error();
    s->first = s->weights + out * s->taps;
    s->count = s->first + out;
    for (int64_t i = 0; i < out; i++) set_weights(s, i);
    return COR_OK;
}

/* Rows and columns that keep their number are not touched. `between` has room for the picture that is as wide as it
 * will be. */
static void resize_plane(const cor__resize_side *rows, const cor__resize_side *columns, const uint8_t *in,
                         uint32_t *room, uint8_t *between, uint8_t *out) {
    const cor__resize_kernels *kernels = cor__kernels_now()->exact_shared->resize;
    const uint8_t *narrow = in;
    if (rows->in != rows->out) {
        uint8_t *to = columns->in != columns->out ? between : out;
        kernels->rows(rows, columns->in, in, to, room);
        narrow = to;
    }
    if (columns->in != columns->out)
        for (int64_t y = 0; y < columns->out; y++) kernels->columns(columns, y, narrow, rows->out, out + y * rows->out);
}

static int resize_planes(const cor__picture *p, const cor__resize_side *rows, const cor__resize_side *columns,
                         cor_tensor *out) {
    const size_t pixels = (size_t)(4 * (cor__ceil_div(rows->in, 4) + cor__ceil_div(rows->out, 4)));
    const size_t lanes = pixels * COR__RESIZE_ROWS, bytes = lanes + (size_t)(columns->in * rows->out);
    uint8_t *room = cor__alloc(bytes, "a picture between two resizes");
    if (room == NULL) return cor_error();
    for (int64_t i = 0; i < p->planes; i++)
        resize_plane(rows, columns, (const uint8_t *)cor__data(p->t) + i * p->height * p->width,
                     (uint32_t *)(void *)room, room + lanes, (uint8_t *)cor__data(out) + i * columns->out * rows->out);
    cor__free(room, bytes);
    return COR_OK;
}

static cor_tensor *resize_to(const cor__picture *p, int64_t height, int64_t width) {
    cor__resize_side rows = {0}, columns = {0};
    cor_tensor *out = cor__picture_like(p, height, width);
    if (out != NULL && cor__numel(out) > 0 && make_side(&rows, p->width, width) == COR_OK &&
        make_side(&columns, p->height, height) == COR_OK)
        (void)resize_planes(p, &rows, &columns, out);
    cor__free(rows.weights, bytes_of(&rows));
    cor__free(columns.weights, bytes_of(&columns));
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
