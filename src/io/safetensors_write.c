/* safetensors_write.c: tensors into a .safetensors file, the same bytes as the format's reference writer: larger dtypes
 * first, so that all elements are aligned, then by name; blanks after the header up to a multiple of 8. */
#include "base/error.h"
#include "base/memory.h"
#include "io/file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    const char *name;
    cor_tensor *tensor;
} entry;

static int by_dtype_and_name(const void *a, const void *b) {
    const entry *first = a, *second = b;
    int order = cor__safetensors_rank(second->tensor->dtype) - cor__safetensors_rank(first->tensor->dtype);
    return order != 0 ? order : strcmp(first->name, second->name);
}

static int collect(const char *path, const cor_dict *tensors, entry *entries, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        entry e = {cor_dict_name_at(tensors, i), cor_dict_tensor_at(tensors, i)};
        if (e.tensor == NULL) return cor__fail(COR_EVALUE, "%s: '%s' is no tensor", path, e.name);
        if (strcmp(e.name, "__metadata__") == 0)
            return cor__fail(COR_EKEY, "%s: a tensor cannot have the name '%s'", path, e.name);
        entries[i] = e;
    }
    if (n > 0) qsort(entries, (size_t)n, sizeof *entries, by_dtype_and_name);
    return COR_OK;
}

static int64_t bytes_of(const cor_tensor *t) { return t->numel * cor_dtype_size(t->dtype); }

/* ---- the header ------------------------------------------------------------------------------------------------- */

static void put_string(cor__text *text, const char *string, const char *path) {
    if (!cor__json_append_string(text, string))
        cor__fail(COR_EKEY, "%s: a name or a text is not UTF-8: '%.80s'", path, string);
}

static void put_metadata(cor__text *text, const cor__texts *metadata, const char *path) {
    cor__text_append(text, "\"__metadata__\":{");
    for (int64_t i = 0; i < metadata->n; i++) {
        if (i > 0) cor__text_append(text, ",");
        put_string(text, metadata->items[i].name, path);
        cor__text_append(text, ":");
        put_string(text, metadata->items[i].text, path);
    }
    cor__text_append(text, "}");
}

static void put_entry(cor__text *text, const entry *e, int64_t begin, const char *path) {
    const cor_tensor *t = e->tensor;
    put_string(text, e->name, path);
    cor__text_format(text, ":{\"dtype\":\"%s\",\"shape\":[", cor__safetensors_name(t->dtype));
    for (int i = 0; i < t->ndim; i++) cor__text_format(text, i > 0 ? ",%lld" : "%lld", (long long)t->sizes[i]);
    cor__text_format(text, "],\"data_offsets\":[%lld,%lld]}", (long long)begin, (long long)(begin + bytes_of(t)));
}

/* The count and the header after it. */
static int make_header(cor__text *text, const char *path, const entry *entries, int64_t n, const cor__texts *metadata) {
    const bool has_metadata = metadata != NULL && metadata->n > 0;
    int64_t at = 0;
    cor__text_repeat(text, '\0', 8);
    cor__text_append(text, "{");
    if (has_metadata) put_metadata(text, metadata, path);
    for (int64_t i = 0; i < n && cor_error() == COR_OK; at += bytes_of(entries[i++].tensor)) {
        if (i > 0 || has_metadata) cor__text_append(text, ",");
        put_entry(text, &entries[i], at, path);
    }
    cor__text_append(text, "}");
    cor__text_repeat(text, ' ', (int64_t)(-text->length % 8));
    if (text->failed || cor_error() != COR_OK) return cor_error();
    uint64_t count = text->length - 8;
    if (count > COR__SAFETENSORS_HEADER)
        return cor__fail(COR_ELIMIT, "%s: a header of %llu bytes is longer than %d", path, (unsigned long long)count,
                         COR__SAFETENSORS_HEADER);
    for (int i = 0; i < 8; i++) text->data[i] = (char)(count >> 8 * i);
    return COR_OK;
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

static int write_elements(cor__new_file *file, const entry *entries, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        cor_scope();
        cor_no_grad();
        cor_tensor *whole = cor_contiguous(entries[i].tensor);
        if (whole == NULL) return cor_error();
        if (whole->numel == 0) continue;
        int code = cor__new_file_write(file, cor__data(whole), (size_t)bytes_of(whole));
        if (code != COR_OK) return code;
    }
    return COR_OK;
}

static int write_file(const char *path, const entry *entries, int64_t n, const cor__texts *metadata) {
    cor__text header = {0};
    cor__new_file file;
    int code = make_header(&header, path, entries, n, metadata);
    if (code == COR_OK && (code = cor__new_file_open(&file, path)) == COR_OK) {
        code = cor__new_file_write(&file, header.data, header.length);
        if (code == COR_OK) code = write_elements(&file, entries, n);
        code = cor__new_file_close(&file, code);
    }
    cor__text_free(&header);
    return code;
}

int cor__safetensors_write(const char *path, const cor_dict *tensors, const cor__texts *metadata) {
    if (cor_error() != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "the name of a file is NULL");
    int64_t n = cor_dict_count(tensors);
    entry *entries = n == 0 ? NULL : cor__alloc((size_t)n * sizeof *entries, "a list of tensors");
    if (n > 0 && entries == NULL) return cor_error();
    int code = collect(path, tensors, entries, n);
    if (code == COR_OK) code = write_file(path, entries, n, metadata);
    cor__free(entries, (size_t)n * sizeof *entries);
    return code;
}
