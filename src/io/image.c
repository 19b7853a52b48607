/* image.c: pictures as (C, H, W) tensors; libpng and libjpeg decode and encode. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "io/io.h"
#include "tensor/tensor.h"
#include <string.h>
#include <strings.h>

cor_tensor *cor__to_planes(cor_tensor *pixels) {
    const int64_t order[] = {2, 0, 1};
    cor_scope();
    cor_no_grad();
    return cor_keep(cor_contiguous(cor_permute_to(pixels, order, 3)));
}

int cor__to_interleaved(cor_tensor *t, const char *name, unsigned char **pixels, int64_t *height, int64_t *width,
                        int64_t *channels) {
    if (cor_error() != COR_OK) return cor_error();
    if (t == NULL || t == COR_NONE)
        return cor__fail(COR_EVALUE, "save_image: the tensor is NULL, a failed or missing tensor");
    if (t->dtype != COR_UINT8 || t->ndim < 2 || t->ndim > 3)
        return cor__fail(COR_ESHAPE,
                         "%s: a picture is a uint8 tensor of (H, W) or (C, H, W), this one is %s of %d dimensions",
                         name, cor_dtype_name(t->dtype), t->ndim);
    cor_scope();
    cor_no_grad();
    if (t->ndim == 2) t = cor_unsqueeze(t, 0);
    *channels = cor_size(t, 0), *height = cor_size(t, 1), *width = cor_size(t, 2);
    if (*channels != 1 && *channels != 3 && *channels != 4)
        return cor__fail(COR_ESHAPE, "%s: a picture has 1, 3 or 4 channels, not %lld", name, (long long)*channels);
    if (*height < 1 || *width < 1 || *height > INT32_MAX || *width > INT32_MAX / 4)
        return cor__fail(COR_ESHAPE, "%s: a picture of %lld by %lld", name, (long long)*width, (long long)*height);
    int64_t order[] = {1, 2, 0}, bytes = *height * *width * *channels;
    cor_tensor *rows = cor_contiguous(cor_permute_to(t, order, 3));
    if (rows == NULL || (*pixels = cor__alloc((size_t)bytes, "a picture")) == NULL) return cor_error();
    memcpy(*pixels, cor__data(rows), (size_t)bytes);
    return COR_OK;
}

static cor_tensor *decode(const cor__file *file, const char *name) {
    if (cor__is_png(file)) return cor__decode_png(file, name);
    if (cor__is_jpeg(file)) return cor__decode_jpeg(file, name);
    return cor__fail_null(COR_EFORMAT, "%s: neither a PNG nor a JPEG picture", name);
}

cor_tensor *cor_load_image(const char *path) {
    cor__file file;
    if (cor__file_read(path, &file) != COR_OK) return NULL;
    cor_tensor *t = decode(&file, path);
    cor__file_free(&file);
    return t;
}

static bool ends_in(const char *path, const char *end) {
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcasecmp(path + n - m, end) == 0;
}

int cor_save_image(const char *path, cor_tensor *t) {
    unsigned char *pixels = NULL;
    int64_t height = 0, width = 0, channels = 0;
    if (cor_error() != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "the name of a file is NULL");
    int code = cor__to_interleaved(t, path, &pixels, &height, &width, &channels);
    if (code != COR_OK) return code;
    bool jpeg = ends_in(path, ".jpg") || ends_in(path, ".jpeg");
    code = jpeg ? cor__encode_jpeg(path, pixels, height, width, channels)
                : cor__encode_png(path, pixels, height, width, channels);
    cor__free(pixels, (size_t)(height * width * channels));
    return code;
}
