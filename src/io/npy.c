/* npy.c: NumPy's array files. Source: the description of the format in NumPy's documentation (numpy.lib.format). */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "io/io.h"
#include "tensor/iterate.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_HEADER = 1 << 20 };

static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

static const struct {
    const char *code;
    cor_dtype dtype;
} codes[] = {{"b1", COR_BOOL},  {"u1", COR_UINT8},   {"i1", COR_INT8},    {"i2", COR_INT16},  {"i4", COR_INT32},
             {"i8", COR_INT64}, {"f2", COR_FLOAT16}, {"f4", COR_FLOAT32}, {"f8", COR_FLOAT64}};

bool cor__is_npy(const cor__file *file) {
    return file->size >= sizeof magic && memcmp(file->data, magic, sizeof magic) == 0;
}

typedef struct header {
    const char *name; /* of the file */
    size_t data;      /* where the elements begin */
    cor_dtype dtype;
    bool big_endian, fortran;
    int ndim;
    int64_t sizes[COR_MAX_DIMS];
} header;

/* ---- the header's Python dict ----------------------------------------------------------------------------------- */

/* The text after 'key': in the dict; NULL with an error pending. */
static const char *value_of(const char *text, const char *key, const header *h) {
    char quoted[40];
    cor__format(quoted, sizeof quoted, "'%s':", key);
    const char *at = strstr(text, quoted);
    if (at == NULL) return cor__fail_null(COR_EFORMAT, "%s: the .npy header has no %s", h->name, quoted);
    at += strlen(quoted);
    while (*at == ' ') at++;
    return at;
}

static int read_descr(const char *text, header *h) {
    const char *at = value_of(text, "descr", h);
    if (at == NULL) return cor_error();
    if (*at == '\'' && strchr("<>|=", at[1]) != NULL && at[1] != '\0') {
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            if (strncmp(at + 2, codes[i].code, 2) != 0 || at[4] != '\'') continue;
            h->dtype = codes[i].dtype;
            h->big_endian = at[1] == '>';
            return COR_OK;
        }
    }
    int length = (int)strcspn(at, ",}");
    return cor__fail(COR_EUNSUPPORTED, "%s: arrays of dtype %.*s cannot be tensors", h->name, length > 40 ? 40 : length,
                     at);
}

static int read_order(const char *text, header *h) {
    const char *at = value_of(text, "fortran_order", h);
    if (at == NULL) return cor_error();
    if (strncmp(at, "True", 4) == 0) h->fortran = true;
    else if (strncmp(at, "False", 5) != 0)
        return cor__fail(COR_EFORMAT, "%s: fortran_order is neither True nor False", h->name);
    return COR_OK;
}

static int read_shape(const char *text, header *h) {
    const char *at = value_of(text, "shape", h);
    if (at == NULL) return cor_error();
    if (*at++ != '(') return cor__fail(COR_EFORMAT, "%s: the shape is not a tuple", h->name);
    for (;;) {
        while (*at == ' ' || *at == ',') at++;
        if (*at == ')') return COR_OK;
        char *end;
        long long size = strtoll(at, &end, 10);
        if (end == at || size < 0 || !isdigit((unsigned char)*at) || end - at > 18)
            return cor__fail(COR_EFORMAT, "%s: the shape holds something that is no size", h->name);
        if (h->ndim == COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "%s: more than %d dimensions", h->name, COR_MAX_DIMS);
        h->sizes[h->ndim++] = size;
        at = end;
    }
}

static int read_header(const cor__file *file, header *h) {
    if (file->size < 10) return cor__fail(COR_EFORMAT, "%s: a .npy file cut short at %zu bytes", h->name, file->size);
    int major = file->data[6];
    size_t length = file->data[8] | (size_t)file->data[9] << 8, start = 10;
    if (major < 1 || major > 3) return cor__fail(COR_EUNSUPPORTED, "%s: .npy version %d", h->name, major);
    if (major > 1) {
        if (file->size < 12) return cor__fail(COR_EFORMAT, "%s: a .npy file cut short", h->name);
        length |= (size_t)file->data[10] << 16 | (size_t)file->data[11] << 24;
        start = 12;
    }
    if (length > MOST_HEADER || length > file->size - start)
        return cor__fail(COR_EFORMAT, "%s: a header of %zu bytes in a file of %zu", h->name, length, file->size);
    h->data = start + length;
    char *text = cor__alloc(length + 1, "a .npy header");
    if (text == NULL) return cor_error();
    memcpy(text, file->data + start, length);
    text[length] = '\0';
    int code = read_descr(text, h);
    if (code == COR_OK) code = read_order(text, h);
    if (code == COR_OK) code = read_shape(text, h);
    cor__free(text, length + 1);
    return code;
}

/* ---- elements --------------------------------------------------------------------------------------------------- */

static void swap_bytes(unsigned char *p, int64_t n, int64_t size) {
    for (int64_t i = 0; i < n; i++, p += size)
        for (int64_t a = 0, b = size - 1; a < b; a++, b--) {
            unsigned char byte = p[a];
            p[a] = p[b];
            p[b] = byte;
        }
}

/* The file lists a Fortran array's first dimension fastest: the transpose of the row-major array of reversed sizes. */
static cor_tensor *read_elements(const cor__file *file, const header *h, int64_t numel) {
    int64_t reversed[COR_MAX_DIMS], order[COR_MAX_DIMS];
    for (int i = 0; i < h->ndim; i++) {
        reversed[i] = h->sizes[h->ndim - 1 - i];
        order[i] = h->ndim - 1 - i;
    }
    cor_tensor *t = cor_from_pointer(file->data + h->data, h->dtype, h->fortran ? reversed : h->sizes, h->ndim);
    if (t == NULL) return NULL;
    if (h->big_endian) swap_bytes(cor__data(t), numel, cor_dtype_size(h->dtype));
    if (h->dtype == COR_BOOL)
        for (int64_t i = 0; i < numel; i++)
            ((unsigned char *)cor__data(t))[i] = ((unsigned char *)cor__data(t))[i] != 0;
    return h->fortran ? cor_contiguous(cor_permute_to(t, order, h->ndim)) : t;
}

cor_tensor *cor__decode_npy(const cor__file *file, const char *name) {
    header h = {.name = name};
    int64_t numel = 0;
    if (read_header(file, &h) != COR_OK || cor__check_sizes(h.sizes, h.ndim, h.dtype, &numel) != COR_OK) return NULL;
    int64_t bytes = numel * cor_dtype_size(h.dtype);
    if ((uint64_t)bytes != file->size - h.data)
        return cor__fail_null(COR_EFORMAT, "%s: the shape needs %lld bytes from byte %zu on, the file has %zu", name,
                              (long long)bytes, h.data, file->size - h.data);
    return read_elements(file, &h, numel);
}

cor_tensor *cor_load_npy(const char *path) {
    cor__file file;
    if (cor__file_read(path, &file) != COR_OK) return NULL;
    cor_tensor *t = NULL;
    if (cor__is_npy(&file)) t = cor__decode_npy(&file, path);
    else cor__fail(COR_EFORMAT, "%s: does not begin as a .npy file does", path);
    cor__file_free(&file);
    return t;
}

static const char *code_of(cor_dtype dtype) {
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].dtype == dtype) return codes[i].code;
    return NULL;
}

int cor_save_npy(const char *path, cor_tensor *t) {
    if (cor_error() != COR_OK) return cor_error();
    if (t == NULL || t == COR_NONE)
        return cor__fail(COR_EVALUE, "save_npy: the tensor is NULL, a failed or missing tensor");
    const char *code = code_of(t->dtype);
    if (code == NULL) return cor__fail(COR_EUNSUPPORTED, "%s: .npy has no %s", path, cor_dtype_name(t->dtype));
    cor_scope();
    cor_no_grad();
    cor_tensor *whole = cor_contiguous(t);
    cor__text text = {0};
    cor__text_format(&text, "{'descr': '%c%s', 'fortran_order': False, 'shape': ", code[1] == '1' ? '|' : '<', code);
    cor__text_tuple(&text, t->sizes, t->ndim);
    cor__text_append(&text, ", }");
    cor__text_repeat(&text, ' ', 63 - (int64_t)(10 + text.length) % 64);
    cor__text_append(&text, "\n");
    size_t length = text.length;
    unsigned char start[10] = {
        0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(length & 255), (unsigned char)(length >> 8)};
    cor__text all = {0};
    cor__text_append_n(&all, (const char *)start, sizeof start);
    if (!text.failed) cor__text_append_n(&all, text.data, length);
    if (whole != NULL && t->numel > 0)
        cor__text_append_n(&all, cor__data(whole), (size_t)(t->numel * cor_dtype_size(t->dtype)));
    int status = cor_error() != COR_OK ? cor_error() : cor__file_write(path, all.data, all.length);
    cor__text_free(&text);
    cor__text_free(&all);
    return status;
}
