/* jpeg.c: JPEG through libjpeg, whose errors leave by longjmp: the frames it jumps over hold nothing to be freed. */
#include "base/error.h"
#include "base/memory.h"
#include "io/io.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

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

/* Tells what libjpeg left for, unless the library has told of something already. */
static int tell(const failure *f, int code, const char *name) {
    return cor__fail(f->manager.msg_code == JERR_OUT_OF_MEMORY ? COR_ENOMEM : code, "%s: %s", name, f->text);
}

bool cor__is_jpeg(const cor__file *file) {
    return file->size >= 3 && file->data[0] == 0xff && file->data[1] == 0xd8 && file->data[2] == 0xff;
}

/* What decoding has come to, (H, W, C); kept outside of the frame that longjmp returns to. */
typedef struct picture {
    cor_tensor *pixels;
} picture;

static bool make_room(picture *p, const struct jpeg_decompress_struct *info, failure *f) {
    const int64_t sizes[] = {info->output_height, info->output_width, info->output_components};
    if (sizes[0] * sizes[1] > MOST_PIXELS) {
        strcpy(f->text, "more pixels than a picture may have");
        return false;
    }
    p->pixels = cor_empty_sized(COR_UINT8, sizes, 3);
    return p->pixels != NULL;
}

static bool decode(const cor__file *file, failure *f, struct jpeg_decompress_struct *info, picture *p) {
    if (setjmp(f->out) != 0) return false;
    jpeg_create_decompress(info);
    jpeg_mem_src(info, file->data, file->size);
    jpeg_read_header(info, TRUE);
    info->out_color_space = info->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(info);
    if (!make_room(p, info, f)) return false;
    while (info->output_scanline < info->output_height) {
        const int64_t row = (int64_t)info->output_width * info->output_components;
        JSAMPROW to = (unsigned char *)cor__data(p->pixels) + info->output_scanline * row;
        jpeg_read_scanlines(info, &to, 1);
    }
    return jpeg_finish_decompress(info) != FALSE;
}

cor_tensor *cor__decode_jpeg(const cor__file *file, const char *name) {
    failure f;
    picture p = {0};
    struct jpeg_decompress_struct info = {.err = &f.manager};
    cor_scope();
    catch_errors(&f);
    if (!decode(file, &f, &info, &p)) tell(&f, COR_EFORMAT, name);
    jpeg_destroy_decompress(&info);
    return cor_error() == COR_OK ? cor_keep(cor__to_planes(p.pixels)) : NULL;
}

/* What is to be encoded. */
typedef struct pixels {
    unsigned char *at;
    int64_t height, width, channels;
} pixels;

/* Where libjpeg's bytes go: memory of the library's, which grows. */
typedef struct encoded {
    struct jpeg_destination_mgr manager;
    unsigned char *bytes;
    size_t capacity;
} encoded;

static void grow(j_compress_ptr info) {
    encoded *e = (encoded *)(void *)info->dest;
    size_t used = e->capacity, capacity = used == 0 ? 65536 : 2 * used;
    unsigned char *bytes = cor__realloc(e->bytes, used, capacity, "an encoded picture");
    if (bytes == NULL) longjmp(((failure *)(void *)info->err)->out, 1);
    e->bytes = bytes;
    e->capacity = capacity;
    e->manager.next_output_byte = bytes + used;
    e->manager.free_in_buffer = capacity - used;
}

static boolean go_on(j_compress_ptr info) {
    grow(info);
    return TRUE;
}

static void stop(j_compress_ptr info) { (void)info; }

static bool encode(failure *f, struct jpeg_compress_struct *info, const pixels *p, encoded *e) {
    if (setjmp(f->out) != 0) return false;
    jpeg_create_compress(info);
    info->dest = &e->manager;
    info->image_width = (JDIMENSION)p->width;
    info->image_height = (JDIMENSION)p->height;
    info->input_components = (int)p->channels;
    info->in_color_space = p->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, 90, TRUE);
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = p->at + (int64_t)info->next_scanline * p->width * p->channels;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
    return true;
}

int cor__encode_jpeg(const char *path, const unsigned char *bytes, int64_t height, int64_t width, int64_t channels) {
    if (channels == 4) return cor__fail(COR_EUNSUPPORTED, "%s: a JPEG picture has no transparency", path);
    failure f;
    encoded e = {.manager = {.init_destination = grow, .empty_output_buffer = go_on, .term_destination = stop}};
    const pixels p = {(unsigned char *)bytes, height, width, channels};
    struct jpeg_compress_struct info = {.err = &f.manager};
    catch_errors(&f);
    int code = encode(&f, &info, &p, &e) ? cor__file_write(path, e.bytes, e.capacity - e.manager.free_in_buffer)
                                         : tell(&f, COR_EIO, path);
    jpeg_destroy_compress(&info);
    cor__free(e.bytes, e.capacity);
    return code;
}
