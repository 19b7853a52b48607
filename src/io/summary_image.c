/* summary_image.c: pictures in an event file. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "io/events.h"
#include "io/io.h"
#include "ops/op.h"
#include "tensor/tensor.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_summary_image_options, COR_SUMMARY_IMAGE_OPTIONS)
COR__DEFINE_OPTIONS(cor_summary_images_options, COR_SUMMARY_IMAGES_OPTIONS)

/* n pictures, interleaved, one after the other. */
typedef struct pictures {
    unsigned char *pixels; /* from cor__alloc, `bytes` of them */
    int64_t n, height, width, channels, bytes;
} pictures;

static void give_back(pictures *p) { cor__free(p->pixels, (size_t)p->bytes); }

/* ---- from tensors ----------------------------------------------------------------------------------------------- */

/* 0..1 as 0..255, what is beyond cut, towards zero; NaN is 0. */
static unsigned char byte_of(float value) {
    float scaled = value * 255;
    return scaled >= 255 ? 255 : scaled > 0 ? (unsigned char)scaled : 0;
}

/* The tensor with its dimensions in the order of `wanted`, which `formats` names. */
static cor_tensor *turned(cor_tensor *t, const char *formats, const char *wanted) {
    int64_t order[4];
    int n = (int)strlen(wanted);
    bool fits = formats != NULL && (int)strlen(formats) == n;
    for (int i = 0; i < n && fits; i++) {
        const char *at = strchr(formats, wanted[i]);
        fits = at != NULL;
        if (fits) order[i] = at - formats;
    }
    if (!fits)
        return cor__fail_null(COR_EVALUE, "summary: dataformats is %s, expected %s in any order",
                              formats == NULL ? "NULL" : formats, wanted);
    if (t->ndim != n)
        return cor__fail_null(COR_ESHAPE, "summary: the picture has %d dimensions, dataformats %s has %d", t->ndim,
                              formats, n);
    return cor_permute_to(t, order, n);
}

/* The bytes of an (N, H, W, C) tensor; grey becomes three equal channels. */
static int take_pixels(cor_tensor *t, pictures *p) {
    if (t == NULL) return cor_error();
    int64_t channels = t->sizes[3];
    *p = (pictures){
        .n = t->sizes[0], .height = t->sizes[1], .width = t->sizes[2], .channels = channels == 1 ? 3 : channels};
    if (channels != 1 && channels != 3 && channels != 4)
        return cor__fail(COR_ESHAPE, "summary: a picture has 1, 3 or 4 channels, not %lld", (long long)channels);
    if (t->numel == 0 || p->height > INT32_MAX || p->width > INT32_MAX / 4 || t->numel > INT64_MAX / 4)
        return cor__fail(COR_ESHAPE, "summary: a picture of %lld by %lld", (long long)p->width, (long long)p->height);
    cor_dtype dtype = t->dtype == COR_UINT8 ? COR_UINT8 : COR_FLOAT32;
    cor_tensor *whole = cor_contiguous(cor_to(t, dtype));
    p->bytes = t->numel / channels * p->channels;
    if (whole == NULL || (p->pixels = cor__alloc((size_t)p->bytes, "a picture")) == NULL) return cor_error();
    const int64_t copies = channels == 1 ? 3 : 1;
    for (int64_t i = 0; i < t->numel; i++) {
        unsigned char byte = dtype == COR_UINT8 ? ((const unsigned char *)cor__data(whole))[i]
                                                : byte_of(((const float *)cor__data(whole))[i]);
        for (int64_t j = 0; j < copies; j++) p->pixels[i * copies + j] = byte;
    }
    return COR_OK;
}

/* ---- the grid --------------------------------------------------------------------------------------------------- */

static void lay(const pictures *p, pictures *grid, int64_t columns, int64_t padding) {
    const int64_t row = p->width * p->channels;
    for (int64_t i = 0; i < p->n; i++) {
        int64_t top = padding + i / columns * (p->height + padding),
                left = padding + i % columns * (p->width + padding);
        for (int64_t y = 0; y < p->height; y++)
            memcpy(grid->pixels + ((top + y) * grid->width + left) * p->channels, p->pixels + (i * p->height + y) * row,
                   (size_t)row);
    }
}

/* Puts all pictures into one in place of *p. */
static int make_grid(pictures *p, int64_t columns, int64_t padding) {
    columns = cor__min(columns, p->n);
    int64_t rows = cor__ceil_div(p->n, columns);
    pictures grid = {.n = 1, .channels = p->channels};
    if (!cor__mul_ok(rows, p->height + padding, &grid.height) ||
        !cor__mul_ok(columns, p->width + padding, &grid.width) || (grid.height += padding) > INT32_MAX ||
        (grid.width += padding) > INT32_MAX / 4)
        return cor__fail(COR_ELIMIT, "summary: %lld pictures of %lld by %lld are too large as one", (long long)p->n,
                         (long long)p->width, (long long)p->height);
    grid.bytes = grid.height * grid.width * grid.channels;
    if ((grid.pixels = cor__alloc_zero((size_t)grid.bytes, "a grid of pictures")) == NULL) return cor_error();
    lay(p, &grid, columns, padding);
    give_back(p);
    *p = grid;
    return COR_OK;
}

/* ---- adding ----------------------------------------------------------------------------------------------------- */

static int add(cor_summary_writer *w, const char *tag, const pictures *p, int64_t step, double walltime) {
    void *png;
    size_t size;
    int code = cor__png_bytes("summary", p->pixels, p->height, p->width, p->channels, &png, &size);
    if (code != COR_OK) return code;
    cor__value v;
    cor__value_begin(&v, tag, walltime, step);
    size_t image = cor__proto_open(&v.record, COR__VALUE_IMAGE);
    cor__proto_int(&v.record, 1, p->height);
    cor__proto_int(&v.record, 2, p->width);
    cor__proto_int(&v.record, 3, p->channels);
    cor__proto_bytes(&v.record, 4, png, size);
    cor__proto_close(&v.record, image);
    cor__free(png, size);
    return cor__value_end(&v, &w->events);
}

int cor_summary_add_image_with(cor_summary_writer *w, const char *tag, cor_tensor *image, int64_t step,
                               const cor_summary_image_options *options) {
    cor_summary_image_options room;
    if (cor__summary_check(w, tag, image == COR_NONE ? NULL : image) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof room, "add_image") != COR_OK) return cor_error();
    const cor_summary_image_options *o = cor_summary_image_options_or_defaults(options, &room);
    cor_scope();
    cor_no_grad();
    pictures p = {0};
    bool grey = o->dataformats != NULL && strlen(o->dataformats) == 2;
    cor_tensor *rows = turned(image, o->dataformats, grey ? "HW" : "HWC");
    if (grey && rows != NULL) rows = cor_unsqueeze(rows, -1);
    int code = rows == NULL ? cor_error() : take_pixels(cor_unsqueeze(rows, 0), &p);
    if (code == COR_OK) code = add(w, tag, &p, step, o->walltime);
    give_back(&p);
    return code;
}

int cor_summary_add_images_with(cor_summary_writer *w, const char *tag, cor_tensor *images, int64_t step,
                                const cor_summary_images_options *options) {
    cor_summary_images_options room;
    if (cor__summary_check(w, tag, images == COR_NONE ? NULL : images) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof room, "add_images") != COR_OK) return cor_error();
    const cor_summary_images_options *o = cor_summary_images_options_or_defaults(options, &room);
    if (o->nrow < 1 || o->padding < 0 || o->padding > INT32_MAX)
        return cor__fail(COR_EVALUE,
                         "add_images: nrow must be positive and padding not negative, but got %lld and %lld",
                         (long long)o->nrow, (long long)o->padding);
    cor_scope();
    cor_no_grad();
    pictures p = {0};
    int code = take_pixels(turned(images, o->dataformats, "NHWC"), &p);
    if (code == COR_OK && p.n > 1) code = make_grid(&p, o->nrow, o->padding);
    if (code == COR_OK) code = add(w, tag, &p, step, o->walltime);
    give_back(&p);
    return code;
}
