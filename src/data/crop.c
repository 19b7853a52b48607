/* crop.c: parts and mirror images of pictures. */
#include "base/error.h"
#include "base/random.h"
#include "base/sizes.h"
#include "data/picture.h"
#include "ops/op.h"
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_random_crop_options, COR_RANDOM_CROP_OPTIONS)
COR__DEFINE_OPTIONS(cor_random_flip_options, COR_RANDOM_FLIP_OPTIONS)

/* ---- windows ---------------------------------------------------------------------------------------------------- */

typedef struct window {
    int64_t top, left, height, width; /* may reach beyond the picture */
} window;

/* Copies what of the window lies in the picture; the rest is 0. */
static void copy_window(const cor__picture *p, const window *w, cor_tensor *out) {
    const int64_t size = cor_dtype_size(cor__dtype(p->t));
    const int64_t first = cor__max(0, -w->left), end = cor__min(w->width, p->width - w->left);
    const char *from = cor__data(p->t);
    char *to = cor__data(out);
    if (cor__numel(out) == 0) return;
    memset(to, 0, (size_t)(cor__numel(out) * size));
    for (int64_t plane = 0; plane < p->planes && first < end; plane++)
        for (int64_t y = cor__max(0, -w->top); y < cor__min(w->height, p->height - w->top); y++)
            memcpy(to + ((plane * w->height + y) * w->width + first) * size,
                   from + ((plane * p->height + w->top + y) * p->width + w->left + first) * size,
                   (size_t)((end - first) * size));
}

static cor_tensor *cut(const cor__picture *p, const window *w) {
    cor_tensor *out = cor__picture_like(p, w->height, w->width);
    if (out != NULL) copy_window(p, w, out);
    return out;
}

static int check_sizes(const cor_tensor *image, int64_t height, int64_t width, const char *name) {
    if (cor_error() != COR_OK) return cor_error();
    if (image == NULL || image == COR_NONE)
        return cor__fail(COR_EVALUE, "%s: the image is NULL, a failed or missing tensor", name);
    if (height >= 0 && width >= 0 && height <= INT32_MAX && width <= INT32_MAX) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: a part of %lld by %lld", name, (long long)height, (long long)width);
}

/* Where the middle begins: half of the difference, rounded to even where the picture is larger and down where it is
 * smaller, as torchvision does with Python's round and its padding. */
static int64_t middle(int64_t size, int64_t wanted) {
    return wanted > size ? -((wanted - size) / 2) : (int64_t)nearbyint((double)(size - wanted) / 2);
}

cor_tensor *cor_center_crop(cor_tensor *image, int64_t height, int64_t width) {
    cor__picture p;
    cor_scope();
    if (check_sizes(image, height, width, "center_crop") != COR_OK) return NULL;
    if (cor__picture_of(image, "center_crop", &p) != COR_OK) return NULL;
    if (p.height == height && p.width == width) return image;
    const window w = {middle(p.height, height), middle(p.width, width), height, width};
    return cor_keep(cut(&p, &w));
}

/* ---- random parts ----------------------------------------------------------------------------------------------- */

/* One side: how much is padded on each end, and what is there then. */
static int64_t pad_side(int64_t size, int64_t wanted, const cor_random_crop_options *o, int64_t *padding) {
    *padding = o->padding;
    if (o->pad_if_needed && size + 2 * o->padding < wanted) *padding += wanted - size - 2 * o->padding;
    return size + 2 * *padding;
}

static int draw_window(const cor__picture *p, window *w, const cor_random_crop_options *o) {
    int64_t above, beside, top = 0, left = 0;
    const int64_t height = pad_side(p->height, w->height, o, &above), width = pad_side(p->width, w->width, o, &beside);
    if (height < w->height || width < w->width)
        return cor__fail(COR_EVALUE, "Required crop size (%lld, %lld) is larger than input image size (%lld, %lld)",
                         (long long)w->height, (long long)w->width, (long long)height, (long long)width);
    if (height != w->height || width != w->width) {
        (void)cor__random_from_to(o->generator, &top, 1, COR_INT64, 0, height - w->height + 1);
        (void)cor__random_from_to(o->generator, &left, 1, COR_INT64, 0, width - w->width + 1);
    }
    w->top = top - above;
    w->left = left - beside;
    return cor_error();
}

static int check_crop(const cor_random_crop_options *o) {
    if (o->generator == NULL)
        return cor__fail(COR_EVALUE, "random_crop: the generator is NULL, a failed or missing generator");
    if (o->padding >= 0 && o->padding <= INT32_MAX) return COR_OK;
    return cor__fail(COR_EVALUE, "random_crop: a padding of %lld", (long long)o->padding);
}

cor_tensor *cor_random_crop_with(cor_tensor *image, int64_t height, int64_t width,
                                 const cor_random_crop_options *options) {
    cor_random_crop_options room;
    cor__picture p;
    cor_scope();
    if (check_sizes(image, height, width, "random_crop") != COR_OK ||
        cor__check_options(options, sizeof room, "random_crop") != COR_OK)
        return NULL;
    const cor_random_crop_options *o = cor_random_crop_options_or_defaults(options, &room);
    window w = {0, 0, height, width};
    if (check_crop(o) != COR_OK || cor__picture_of(image, "random_crop", &p) != COR_OK) return NULL;
    return draw_window(&p, &w, o) == COR_OK ? cor_keep(cut(&p, &w)) : NULL;
}

/* ---- mirrors ---------------------------------------------------------------------------------------------------- */

static void mirror_row(const char *from, char *to, int64_t n, int64_t size) {
    if (size == 1)
        for (int64_t x = 0; x < n; x++) to[x] = from[n - 1 - x];
    else
        for (int64_t x = 0; x < n; x++) memcpy(to + x * size, from + (n - 1 - x) * size, (size_t)size);
}

static cor_tensor *mirror(cor_tensor *image) {
    cor__picture p;
    cor_scope();
    if (cor__picture_of(image, "random_horizontal_flip", &p) != COR_OK) return NULL;
    cor_tensor *out = cor__picture_like(&p, p.height, p.width);
    if (out == NULL) return NULL;
    const int64_t size = cor_dtype_size(cor__dtype(image)), row = p.width * size;
    for (int64_t y = 0; row > 0 && y < p.planes * p.height; y++)
        mirror_row((const char *)cor__data(p.t) + y * row, (char *)cor__data(out) + y * row, p.width, size);
    return cor_keep(out);
}

cor_tensor *cor_random_horizontal_flip_with(cor_tensor *image, const cor_random_flip_options *options) {
    cor_random_flip_options room;
    float drawn = 0;
    if (check_sizes(image, 0, 0, "random_horizontal_flip") != COR_OK ||
        cor__check_options(options, sizeof room, "random_horizontal_flip") != COR_OK)
        return NULL;
    const cor_random_flip_options *o = cor_random_flip_options_or_defaults(options, &room);
    if (o->generator == NULL)
        return cor__fail_null(COR_EVALUE,
                              "random_horizontal_flip: the generator is NULL, a failed or missing generator");
    if (!(o->p >= 0 && o->p <= 1))
        return cor__fail_null(COR_EVALUE, "random_horizontal_flip: the probability is to be between 0 and 1");
    if (cor__random_uniform(o->generator, &drawn, 1, COR_FLOAT32, 0, 1) != COR_OK) return NULL;
    return drawn < (float)o->p ? mirror(image) : image;
}
