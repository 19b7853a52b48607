/* jpeg.c: JPEG through libjpeg, whose errors leave by longjmp: the frames it jumps over hold nothing to be freed. */
#include "base/error.h"
#include "base/memory.h"
#include "io/io.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { MOST_PIXELS = 1 << 28 };

typedef struct failure {
    struct jpeg_error_mgr manager;
    jmp_buf out;
    char text[JMSG_LENGTH_MAX];
} failure;

static void leave(j_common_ptr info) {
    failure *f = (failure *)(void *)info->err;
    f->manager.format_message(info, f->text);
    longjmp(f->out, 1);
}

static void say_nothing(j_common_ptr info) { (void)info; }

static void catch_errors(failure *f) {
    jpeg_std_error(&f->manager);
    f->manager.error_exit = leave;
    f->manager.output_message = say_nothing;
    f->text[0] = '\0';
}

bool cor__is_jpeg(const cor__file *file) {
    return file->size >= 3 && file->data[0] == 0xff && file->data[1] == 0xd8 && file->data[2] == 0xff;
}

/* What decoding has come to; kept outside of the frame that longjmp returns to. */
typedef struct picture {
    unsigned char *pixels;
    int64_t height, width, channels;
} picture;

static bool decode(const cor__file *file, failure *f, struct jpeg_decompress_struct *info, picture *p) {
    if (setjmp(f->out) != 0) return false;
    jpeg_create_decompress(info);
    jpeg_mem_src(info, file->data, file->size);
    jpeg_read_header(info, TRUE);
    info->out_color_space = info->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(info);
    p->height = info->output_height, p->width = info->output_width, p->channels = info->output_components;
    if (p->height * p->width > MOST_PIXELS) {
        strcpy(f->text, "more pixels than a picture may have");
        return false;
    }
    p->pixels = cor__alloc((size_t)(p->height * p->width * p->channels), "a picture");
    if (p->pixels == NULL) return false;
    while (info->output_scanline < info->output_height) {
        JSAMPROW row = p->pixels + (int64_t)info->output_scanline * p->width * p->channels;
        jpeg_read_scanlines(info, &row, 1);
    }
    return jpeg_finish_decompress(info) != FALSE;
}

cor_tensor *cor__decode_jpeg(const cor__file *file, const char *name) {
    failure f;
    picture p = {0};
    struct jpeg_decompress_struct info = {.err = &f.manager};
    catch_errors(&f);
    cor_tensor *t = NULL;
    if (decode(file, &f, &info, &p)) t = cor__from_interleaved(p.pixels, p.height, p.width, p.channels);
    else cor__fail(COR_EFORMAT, "%s: %s", name, f.text);
    jpeg_destroy_decompress(&info);
    cor__free(p.pixels, (size_t)(p.height * p.width * p.channels));
    return t;
}

typedef struct encoded {
    unsigned char *bytes; /* from the C library, as libjpeg makes it */
    unsigned long size;
} encoded;

static bool encode(failure *f, struct jpeg_compress_struct *info, const picture *p, encoded *e) {
    if (setjmp(f->out) != 0) return false;
    jpeg_create_compress(info);
    jpeg_mem_dest(info, &e->bytes, &e->size);
    info->image_width = (JDIMENSION)p->width;
    info->image_height = (JDIMENSION)p->height;
    info->input_components = (int)p->channels;
    info->in_color_space = p->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, 90, TRUE);
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = p->pixels + (int64_t)info->next_scanline * p->width * p->channels;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
    return true;
}

int cor__encode_jpeg(const char *path, const unsigned char *pixels, int64_t height, int64_t width, int64_t channels) {
    if (channels == 4) return cor__fail(COR_EUNSUPPORTED, "%s: a JPEG picture has no transparency", path);
    failure f;
    encoded e = {0};
    picture p = {(unsigned char *)pixels, height, width, channels};
    struct jpeg_compress_struct info = {.err = &f.manager};
    catch_errors(&f);
    int code =
        encode(&f, &info, &p, &e) ? cor__file_write(path, e.bytes, e.size) : cor__fail(COR_EIO, "%s: %s", path, f.text);
    jpeg_destroy_compress(&info);
    free(e.bytes);
    return code;
}
