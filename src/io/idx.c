/* idx.c: IDX, the format of MNIST: two zeros, a type, the number of dimensions, their sizes, the elements; all
 * big-endian. Source: the description on MNIST's page. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "io/gzip.h"
#include "tensor/tensor.h"
#include <corrie/vision.h>
#include <string.h>

enum { MOST_HEADER = 4 + 4 * COR_MAX_DIMS };

static const struct {
    unsigned char code;
    cor_dtype dtype;
} types[] = {{0x08, COR_UINT8}, {0x09, COR_INT8},    {0x0b, COR_INT16},
             {0x0c, COR_INT32}, {0x0d, COR_FLOAT32}, {0x0e, COR_FLOAT64}};

/* The contents, and where they end: in the file, or expanded as far as asked for. */
typedef struct source {
    const cor__file *file;
    const char *name;
    bool packed;
} source;

/* Reads the first n bytes, as far as there are; *whole tells whether these are all. */
static int read_start(const source *s, unsigned char *out, size_t n, size_t *got, bool *whole) {
    if (s->packed) return cor__gzip_expand(s->file, s->name, out, n, got, whole);
    *got = s->file->size < n ? s->file->size : n;
    *whole = *got == s->file->size;
    if (*got > 0) memcpy(out, s->file->data, *got);
    return COR_OK;
}

typedef struct header {
    cor_dtype dtype;
    int ndim;
    int64_t sizes[COR_MAX_DIMS];
    size_t bytes; /* its own */
} header;

static int read_header(const source *s, header *h) {
    unsigned char bytes[MOST_HEADER] = {0};
    size_t got = 0;
    bool whole;
    /* A dimension more than there may be is not looked at, so a packed file is read no further than this. */
    if (read_start(s, bytes, sizeof bytes, &got, &whole) != COR_OK) return cor_error();
    if (got < 4 || bytes[0] != 0 || bytes[1] != 0)
        return cor__fail(COR_EFORMAT, "%s: an IDX file begins with two zeros, a type and a number of dimensions",
                         s->name);
    h->dtype = COR_DTYPE_UNSET;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == bytes[2]) h->dtype = types[i].dtype;
    if (h->dtype == COR_DTYPE_UNSET)
        return cor__fail(COR_EFORMAT, "%s: 0x%02x is no type of IDX, expected 0x08 to 0x0e", s->name, bytes[2]);
    h->ndim = bytes[3];
    if (h->ndim > COR_MAX_DIMS)
        return cor__fail(COR_ELIMIT, "%s: %d dimensions are more than %d", s->name, h->ndim, COR_MAX_DIMS);
    h->bytes = 4 + 4 * (size_t)h->ndim;
    if (got < h->bytes)
        return cor__fail(COR_EFORMAT, "%s: the header of %d dimensions has %zu bytes, found %zu", s->name, h->ndim,
                         h->bytes, got);
    for (int i = 0; i < h->ndim; i++) {
        const unsigned char *at = bytes + 4 + 4 * i;
        h->sizes[i] = (int64_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]);
    }
    return COR_OK;
}

static void turn_bytes(unsigned char *data, int64_t n, int64_t size) {
    for (int64_t i = 0; i < n && size > 1; i++, data += size)
        for (int64_t k = 0; k < size / 2; k++) {
            const unsigned char kept = data[k];
            data[k] = data[size - 1 - k];
            data[size - 1 - k] = kept;
        }
}

static bool big_endian_host(void) {
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 0;
}

/* Reads header and elements into one block, with a byte of room to see whether there is more. */
static int read_elements(const source *s, const header *h, unsigned char *block, size_t expected, cor_tensor *t) {
    size_t got = 0;
    bool whole;
    if (read_start(s, block, expected + 1, &got, &whole) != COR_OK) return cor_error();
    if (got != expected)
        return cor__fail(COR_EFORMAT, "%s: its sizes ask for %zu bytes, found %s%zu", s->name, expected,
                         got > expected ? "at least " : "", got);
    if (cor__numel(t) == 0) return COR_OK;
    memcpy(cor__data(t), block + h->bytes, expected - h->bytes);
    if (!big_endian_host()) turn_bytes(cor__data(t), cor__numel(t), cor_dtype_size(h->dtype));
    return COR_OK;
}

/* The sizes are held against the file's before memory is asked for: deflate makes at most 1032 bytes of one. */
static int check_length(const source *s, int64_t expected) {
    const int64_t found = (int64_t)s->file->size;
    if (!s->packed && found != expected)
        return cor__fail(COR_EFORMAT, "%s: its sizes ask for %lld bytes, found %lld", s->name, (long long)expected,
                         (long long)found);
    if (s->packed && expected / 1032 > found)
        return cor__fail(COR_EFORMAT, "%s: its sizes ask for %lld bytes, which %lld bytes of gzip cannot hold", s->name,
                         (long long)expected, (long long)found);
    return COR_OK;
}

static cor_tensor *decode(const source *s) {
    header h;
    int64_t numel = 0, total = 0;
    if (read_header(s, &h) != COR_OK) return NULL;
    if (cor__check_sizes(h.sizes, h.ndim, h.dtype, &numel) != COR_OK) return NULL;
    if (!cor__add_ok((int64_t)h.bytes + 1, numel * cor_dtype_size(h.dtype), &total))
        return cor__fail_null(COR_ELIMIT, "%s: larger than can be held", s->name);
    if (check_length(s, total - 1) != COR_OK) return NULL;
    const size_t expected = (size_t)total - 1;
    unsigned char *block = cor__alloc(expected + 1, "an IDX file");
    cor_tensor *t = block == NULL ? NULL : cor__empty(h.dtype, h.sizes, h.ndim);
    if (t != NULL && read_elements(s, &h, block, expected, t) != COR_OK) {
        cor_release(t);
        t = NULL;
    }
    cor__free(block, expected + 1);
    return cor__scope_add(t);
}

cor_tensor *cor_load_idx(const char *path) {
    cor__file file;
    if (cor__file_read(path, &file) != COR_OK) return NULL;
    cor_tensor *t = decode(&(source){&file, path, cor__is_gzip(&file)});
    cor__file_free(&file);
    return t;
}
