/* png.c: PNG through libpng's simplified interface, which gives 8-bit samples of whatever the file holds. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "io/io.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <png.h>
#include <string.h>

enum { MOST_PIXELS = 1 << 28 };

bool cor__is_png(const cor__file *file) { return file->size >= 8 && png_sig_cmp(file->data, 0, 8) == 0; }

static png_uint_32 format_of(int64_t channels) {
    return channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
}

/* Tells what libpng says; that memory could not be had it says in words only. */
static int tell(const png_image *image, int code, const char *name) {
    const bool memory =
        strstr(image->message, "ut of memory") != NULL || strstr(image->message, "insufficient memory") != NULL;
    return cor__fail(memory ? COR_ENOMEM : code, "%s: %s", name, image->message);
}

cor_tensor *cor__decode_png(const cor__file *file, const char *name) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, file->data, file->size)) {
        tell(&image, COR_EFORMAT, name);
        return NULL;
    }
    int64_t channels = image.format & PNG_FORMAT_FLAG_ALPHA ? 4 : image.format & PNG_FORMAT_FLAG_COLOR ? 3 : 1;
    int64_t height = image.height, width = image.width;
    if (height * width > MOST_PIXELS) {
        png_image_free(&image);
        return cor__fail_null(COR_ELIMIT, "%s: %lld by %lld pixels are more than %d", name, (long long)width,
                              (long long)height, MOST_PIXELS);
    }
    image.format = format_of(channels);
    const int64_t sizes[] = {height, width, channels};
    cor_scope();
    cor_tensor *pixels = cor_empty_sized(COR_UINT8, sizes, 3);
    if (pixels == NULL) png_image_free(&image);
    else if (!png_image_finish_read(&image, NULL, cor__data(pixels), 0, NULL)) tell(&image, COR_EFORMAT, name);
    return cor_error() == COR_OK ? cor_keep(cor__to_planes(pixels)) : NULL;
}

int cor__png_bytes(const char *name, const unsigned char *pixels, int64_t height, int64_t width, int64_t channels,
                   void **bytes, size_t *size) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = format_of(channels)};
    png_alloc_size_t room = 0, used;
    if (!png_image_write_to_memory(&image, NULL, &room, 0, pixels, 0, NULL)) return tell(&image, COR_EIO, name);
    used = *size = room;
    if ((*bytes = cor__alloc(room, "an encoded picture")) == NULL) return cor_error();
    if (png_image_write_to_memory(&image, *bytes, &used, 0, pixels, 0, NULL) && used == room) return COR_OK;
    cor__free(*bytes, room);
    return tell(&image, COR_EIO, name);
}

int cor__encode_png(const char *path, const unsigned char *pixels, int64_t height, int64_t width, int64_t channels) {
    void *bytes;
    size_t size;
    int code = cor__png_bytes(path, pixels, height, width, channels, &bytes, &size);
    if (code != COR_OK) return code;
    code = cor__file_write(path, bytes, size);
    cor__free(bytes, size);
    return code;
}
