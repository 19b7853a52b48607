/* picture.c: the planes of a picture, and the transforms of their values. */
#include "data/picture.h"
#include "base/error.h"
#include "base/text.h"
#include "ops/op.h"
#include <corrie/creation.h>
#include <corrie/math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_grayscale_options, COR_GRAYSCALE_OPTIONS)

static int check(const cor_tensor *t, const char *name) {
    if (cor_error() != COR_OK) return cor_error();
    if (t != NULL && t != COR_NONE) return COR_OK;
    return cor__fail(COR_EVALUE, "%s: the image is NULL, a failed or missing tensor", name);
}

int cor__picture_of(cor_tensor *t, const char *name, cor__picture *p) {
    if (check(t, name) != COR_OK) return cor_error();
    const int n = cor__ndim(t);
    if (n < 2) return cor__fail(COR_ESHAPE, "%s: a picture has at least two dimensions, this one has %d", name, n);
    p->height = cor_size(t, -2);
    p->width = cor_size(t, -1);
    p->planes = 1;
    for (int i = 0; i < n - 2; i++) p->planes *= cor_size(t, i);
    p->t = cor_contiguous(cor_detach(t));
    return cor_error();
}

cor_tensor *cor__picture_like(const cor__picture *p, int64_t height, int64_t width) {
    int64_t sizes[COR_MAX_DIMS];
    const int n = cor__ndim(p->t);
    memcpy(sizes, cor__sizes(p->t), (size_t)n * sizeof *sizes);
    sizes[n - 2] = height;
    sizes[n - 1] = width;
    return cor_empty_sized(cor__dtype(p->t), sizes, n);
}

/* ---- to floats -------------------------------------------------------------------------------------------------- */

cor_tensor *cor_image_to_float(cor_tensor *image) {
    if (check(image, "image_to_float") != COR_OK) return NULL;
    if (cor__dtype(image) == COR_FLOAT32) return image;
    if (cor__dtype(image) != COR_UINT8)
        return cor__fail_null(COR_EDTYPE, "image_to_float: a picture is uint8 or float32, this one is %s",
                              cor_dtype_name(cor__dtype(image)));
    cor_scope();
    const cor_tensor *from = cor_contiguous(cor_detach(image));
    cor_tensor *to = cor_empty_sized(COR_FLOAT32, cor__sizes(image), cor__ndim(image));
    if (from == NULL || to == NULL) return NULL;
    const uint8_t *bytes = cor__data(from);
    float *values = cor__data(to), of[256];
    for (int i = 0; i < 256; i++) of[i] = (float)i / 255.0F;
    for (int64_t i = 0; i < cor__numel(to); i++) values[i] = of[bytes[i]];
    return cor_keep(to);
}

cor_tensor *cor_to_tensor(cor_tensor *array) {
    if (check(array, "to_tensor") != COR_OK) return NULL;
    const int n = cor__ndim(array);
    if (n != 2 && n != 3) return cor__fail_null(COR_ESHAPE, "pic should be 2/3 dimensional. Got %d dimensions.", n);
    cor_scope();
    cor_no_grad();
    const int64_t order[] = {2, 0, 1};
    cor_tensor *t = cor_contiguous(n == 2 ? cor_unsqueeze(array, 0) : cor_permute_to(array, order, 3));
    return cor_keep(t != NULL && cor__dtype(t) == COR_UINT8 ? cor_image_to_float(t) : t);
}

/* ---- normalize -------------------------------------------------------------------------------------------------- */

static int check_normalize(const cor_tensor *image, const double *mean, const double *std, int n) {
    char text[COR__SIZES_TEXT];
    if (check(image, "normalize") != COR_OK) return cor_error();
    const cor_dtype dtype = cor__dtype(image);
    if (!cor_dtype_is_floating(dtype))
        return cor__fail(COR_EDTYPE, "Input tensor should be a float tensor. Got torch.%s.", cor_dtype_name(dtype));
    if (cor__ndim(image) < 3)
        return cor__fail(
            COR_ESHAPE,
            "Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = torch.Size(%s)",
            cor__sizes_text(text, cor__sizes(image), cor__ndim(image)));
    if (mean == NULL || std == NULL) return cor__fail(COR_EVALUE, "normalize: mean or std is NULL");
    if (n != 1 && n != cor_size(image, -3))
        return cor__fail(COR_ESHAPE, "normalize: %d means and stds for a picture of %lld channels", n,
                         (long long)cor_size(image, -3));
    for (int i = 0; i < n; i++)
        if (dtype == COR_FLOAT64 ? std[i] == 0 : (float)std[i] == 0)
            return cor__fail(COR_EVALUE,
                             "std evaluated to zero after conversion to torch.%s, leading to division by zero.",
                             cor_dtype_name(dtype));
    return COR_OK;
}

cor_tensor *cor_normalize(cor_tensor *image, const double *mean, const double *std, int n) {
    if (check_normalize(image, mean, std, n) != COR_OK) return NULL;
    cor_scope();
    cor_no_grad();
    const int64_t sizes[] = {n, 1, 1};
    cor_tensor *means = cor_to(cor_from_pointer(mean, COR_FLOAT64, sizes, 3), cor__dtype(image));
    cor_tensor *stds = cor_to(cor_from_pointer(std, COR_FLOAT64, sizes, 3), cor__dtype(image));
    return cor_keep(cor_div_(cor_sub(image, means), stds));
}

/* ---- colour ----------------------------------------------------------------------------------------------------- */

cor_tensor *cor_rgb(cor_tensor *image) {
    if (check(image, "rgb") != COR_OK) return NULL;
    const int n = cor__ndim(image);
    const int64_t channels = n < 3 ? 0 : cor_size(image, -3);
    if (channels != 1 && channels != 3 && channels != 4)
        return cor__fail_null(COR_ESHAPE, "rgb: a picture has 1, 3 or 4 channels, this one has %lld",
                              (long long)channels);
    if (channels == 3) return image;
    cor_no_grad();
    if (channels == 4) return cor_narrow(image, -3, 0, 3);
    int64_t sizes[COR_MAX_DIMS];
    memcpy(sizes, cor__sizes(image), (size_t)n * sizeof *sizes);
    sizes[n - 3] = 3;
    return cor_expand_to(image, sizes, n);
}

/* ---- grey ------------------------------------------------------------------------------------------------------- */

static void grey_plane(const uint8_t *red, int64_t area, uint8_t *grey) {
    const uint8_t *green = red + area, *blue = green + area;
    for (int64_t i = 0; i < area; i++)
        grey[i] = (uint8_t)((19595U * red[i] + 38470U * green[i] + 7471U * blue[i] + 32768U) >> 16);
}

static int check_grey(const cor__picture *p, int64_t channels) {
    if (cor__dtype(p->t) != COR_UINT8)
        return cor__fail(COR_EDTYPE, "grayscale: the picture is to be uint8, this one is %s",
                         cor_dtype_name(cor__dtype(p->t)));
    if (cor__ndim(p->t) < 3 || (cor_size(p->t, -3) != 1 && cor_size(p->t, -3) != 3))
        return cor__fail(COR_ESHAPE, "Input image tensor permitted channel values are 1 or 3, but found %lld",
                         (long long)(cor__ndim(p->t) < 3 ? 0 : cor_size(p->t, -3)));
    if (channels != 1 && channels != 3) return cor__fail(COR_EVALUE, "num_output_channels should be either 1 or 3");
    return COR_OK;
}

cor_tensor *cor_grayscale_with(cor_tensor *image, const cor_grayscale_options *options) {
    cor_grayscale_options room;
    cor__picture p;
    cor_scope();
    if (check(image, "grayscale") != COR_OK || cor__check_options(options, sizeof room, "grayscale") != COR_OK)
        return NULL;
    const int64_t out = cor_grayscale_options_or_defaults(options, &room)->num_output_channels;
    if (cor__picture_of(image, "grayscale", &p) != COR_OK || check_grey(&p, out) != COR_OK) return NULL;
    const int64_t in = cor_size(p.t, -3), area = p.height * p.width;
    int64_t sizes[COR_MAX_DIMS];
    memcpy(sizes, cor__sizes(p.t), (size_t)cor__ndim(p.t) * sizeof *sizes);
    sizes[cor__ndim(p.t) - 3] = out;
    cor_tensor *result = cor_empty_sized(COR_UINT8, sizes, cor__ndim(p.t));
    if (result == NULL) return NULL;
    for (int64_t i = 0; area > 0 && i < p.planes / in; i++) {
        const uint8_t *from = (const uint8_t *)cor__data(p.t) + i * in * area;
        uint8_t *to = (uint8_t *)cor__data(result) + i * out * area;
        if (in == 3) grey_plane(from, area, to);
        else memcpy(to, from, (size_t)area);
        for (int64_t c = 1; c < out; c++) memcpy(to + c * area, to, (size_t)area);
    }
    return cor_keep(result);
}
