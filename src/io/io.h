/* io.h: the formats, on contents in memory. Each returns a tensor of the innermost scope, or NULL with an error pending
 * that begins with `name`. */
#ifndef COR_IO_IO_H
#define COR_IO_IO_H

#include "io/file.h"
#include <corrie/io.h>

bool cor__is_npy(const cor__file *file);
bool cor__is_png(const cor__file *file);
bool cor__is_jpeg(const cor__file *file);

cor_tensor *cor__decode_npy(const cor__file *file, const char *name);
cor_tensor *cor__decode_png(const cor__file *file, const char *name);
cor_tensor *cor__decode_jpeg(const cor__file *file, const char *name);

/* A (C, H, W) tensor from one of (H, W, C), and from a picture of either kind interleaved bytes in memory from
 * cor__alloc. */
cor_tensor *cor__to_planes(cor_tensor *pixels);
int cor__to_interleaved(cor_tensor *t, const char *name, unsigned char **pixels, int64_t *height, int64_t *width,
                        int64_t *channels);

/* A PNG picture in memory from cor__alloc; name is for errors. */
int cor__png_bytes(const char *name, const unsigned char *pixels, int64_t height, int64_t width, int64_t channels,
                   void **bytes, size_t *size);
int cor__encode_png(const char *path, const unsigned char *bytes, int64_t height, int64_t width, int64_t channels);
int cor__encode_jpeg(const char *path, const unsigned char *bytes, int64_t height, int64_t width, int64_t channels);

#endif
