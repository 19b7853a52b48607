/* safetensors_read.c: a .safetensors file into tensors. The header is checked whole before an element is read. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "io/file.h"
#include "io/json.h"
#include "io/safetensors.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One tensor as the header describes it. */
typedef struct entry {
    char *name; /* owned */
    cor_dtype dtype;
    int ndim;
    int64_t sizes[COR_MAX_DIMS], begin, end; /* its bytes, from the header's end on */
} entry;

typedef struct reading {
    const char *path;
    int descriptor;
    int64_t size, header; /* bytes of the file, bytes of the header */
    cor__json json;
    cor__text word; /* the string read last */
    entry *entries;
    int64_t n, capacity;
    cor_dict *names; /* those read so far */
    cor__texts *metadata;
} reading;

/* ---- names of dtypes -------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    cor_dtype dtype;
} dtypes[] = {{"BOOL", COR_BOOL},   {"U8", COR_UINT8},      {"I8", COR_INT8},   {"I16", COR_INT16},
              {"F16", COR_FLOAT16}, {"BF16", COR_BFLOAT16}, {"I32", COR_INT32}, {"F32", COR_FLOAT32},
              {"F64", COR_FLOAT64}, {"I64", COR_INT64}};
enum { NAMES = sizeof dtypes / sizeof dtypes[0] };

int cor__safetensors_rank(cor_dtype dtype) {
    for (int i = 0; i < NAMES; i++)
        if (dtypes[i].dtype == dtype) return i;
    return -1;
}

const char *cor__safetensors_name(cor_dtype dtype) {
    int rank = cor__safetensors_rank(dtype);
    return rank < 0 ? NULL : dtypes[rank].name;
}

static int dtype_of(const char *name, const reading *r, entry *e) {
    static const char *const others[] = {"U16",     "U32",     "U64",     "C64",     "F8_E4M3",
                                         "F8_E5M2", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4"};
    for (int i = 0; i < NAMES; i++) {
        if (strcmp(dtypes[i].name, name) != 0) continue;
        e->dtype = dtypes[i].dtype;
        return COR_OK;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i], name) == 0)
            return cor__fail(COR_EUNSUPPORTED, "%s: '%s' is of %s, a dtype that tensors do not have", r->path, e->name,
                             name);
    return cor__fail(COR_EFORMAT, "%s: '%s' is of '%.40s', which is no dtype", r->path, e->name, name);
}

/* ---- the header ------------------------------------------------------------------------------------------------- */

static int read_word(reading *r) { return cor__json_string(&r->json, &r->word); }

/* The string that names the value after it. */
static int read_key(reading *r) { return read_word(r) == COR_OK ? cor__json_expect(&r->json, ':') : cor_error(); }

/* Names and texts, or null for none. */
static int read_metadata(reading *r) {
    cor__json *json = &r->json;
    if (cor__json_next(json) == 'n') return cor__json_skip(json);
    cor_scope();
    cor_dict *seen = cor_dict_new();
    cor__text key = {0};
    if (seen == NULL || cor__json_expect(json, '{') != COR_OK) return cor_error();
    for (bool more = cor__json_more(json, '}', true); more; more = cor__json_more(json, '}', false)) {
        if (cor__json_string(json, &key) != COR_OK || cor__json_expect(json, ':') != COR_OK || read_word(r) != COR_OK)
            break;
        if (cor_dict_contains(seen, key.data))
            cor__fail(COR_EFORMAT, "%s: the metadata has '%s' twice", r->path, key.data);
        else if (cor_dict_set(seen, key.data, COR_NONE) == COR_OK && r->metadata != NULL)
            cor__texts_add(r->metadata, key.data, r->word.data);
        if (cor_error() != COR_OK) break;
    }
    cor__text_free(&key);
    return cor_error();
}

static int read_shape(reading *r, entry *e) {
    cor__json *json = &r->json;
    e->ndim = 0;
    if (cor__json_expect(json, '[') != COR_OK) return cor_error();
    for (bool more = cor__json_more(json, ']', true); more; more = cor__json_more(json, ']', false)) {
        if (e->ndim == COR_MAX_DIMS)
            return cor__fail(COR_ELIMIT, "%s: '%s' has more than %d dimensions", r->path, e->name, COR_MAX_DIMS);
        if (cor__json_size(json, &e->sizes[e->ndim++]) != COR_OK) return cor_error();
    }
    return cor_error();
}

static int read_offsets(reading *r, entry *e) {
    cor__json *json = &r->json;
    if (cor__json_expect(json, '[') != COR_OK || cor__json_size(json, &e->begin) != COR_OK ||
        cor__json_expect(json, ',') != COR_OK || cor__json_size(json, &e->end) != COR_OK)
        return cor_error();
    return cor__json_expect(json, ']');
}

/* The object that describes a tensor; what else it says is passed over. */
static int read_entry(reading *r, entry *e) {
    cor__json *json = &r->json;
    bool dtype = false, shape = false, offsets = false;
    if (cor__json_expect(json, '{') != COR_OK) return cor_error();
    for (bool more = cor__json_more(json, '}', true); more; more = cor__json_more(json, '}', false)) {
        if (read_key(r) != COR_OK) return cor_error();
        bool *known = strcmp(r->word.data, "dtype") == 0          ? &dtype
                      : strcmp(r->word.data, "shape") == 0        ? &shape
                      : strcmp(r->word.data, "data_offsets") == 0 ? &offsets
                                                                  : NULL;
        if (known != NULL && *known)
            return cor__fail(COR_EFORMAT, "%s: '%s' has %s twice", r->path, e->name, r->word.data);
        if (known != NULL) *known = true;
        int code = known == NULL            ? cor__json_skip(json)
                   : known == &shape        ? read_shape(r, e)
                   : known == &offsets      ? read_offsets(r, e)
                   : read_word(r) == COR_OK ? dtype_of(r->word.data, r, e)
                                            : cor_error();
        if (code != COR_OK) return code;
    }
    if (cor_error() == COR_OK && !(dtype && shape && offsets))
        cor__fail(COR_EFORMAT, "%s: '%s' has no %s", r->path, e->name,
                  !dtype   ? "dtype"
                  : !shape ? "shape"
                           : "data_offsets");
    return cor_error();
}

/* The bytes that a tensor's shape needs are those it is given. */
static int check_bytes(const reading *r, const entry *e) {
    int64_t numel, bytes;
    char shape[COR__SIZES_TEXT];
    cor__sizes_text(shape, e->sizes, e->ndim);
    if (!cor__product_ok(e->sizes, e->ndim, &numel) || !cor__mul_ok(numel, cor_dtype_size(e->dtype), &bytes))
        return cor__fail(COR_EFORMAT, "%s: '%s' is %s of %s, more than 2^63 bytes", r->path, e->name,
                         cor_dtype_name(e->dtype), shape);
    if (e->end < e->begin || e->end - e->begin != bytes)
        return cor__fail(COR_EFORMAT, "%s: '%s' is %s of %s, expected %lld bytes, found those from %lld to %lld",
                         r->path, e->name, cor_dtype_name(e->dtype), shape, (long long)bytes, (long long)e->begin,
                         (long long)e->end);
    return COR_OK;
}

static entry *add_entry(reading *r) {
    if (r->n == r->capacity) {
        int64_t capacity = r->capacity == 0 ? 64 : 2 * r->capacity;
        void *entries = cor__realloc(r->entries, (size_t)r->capacity * sizeof(entry), (size_t)capacity * sizeof(entry),
                                     "a file's list of tensors");
        if (entries == NULL) return NULL;
        r->entries = entries;
        r->capacity = capacity;
    }
    char *name = cor__copy_text(r->word.data, "a tensor's name");
    if (name == NULL) return NULL;
    entry *e = &r->entries[r->n++];
    *e = (entry){.name = name};
    return e;
}

static int parse_header(reading *r) {
    cor__json *json = &r->json;
    bool metadata = false;
    if (*json->at != '{') return cor__json_expect(json, '{');
    json->at++;
    for (bool more = cor__json_more(json, '}', true); more; more = cor__json_more(json, '}', false)) {
        if (read_key(r) != COR_OK) return cor_error();
        bool is_metadata = strcmp(r->word.data, "__metadata__") == 0;
        if (is_metadata ? metadata : cor_dict_contains(r->names, r->word.data))
            return cor__fail(COR_EFORMAT, "%s: the header has '%s' twice", r->path, r->word.data);
        if (is_metadata) {
            metadata = true;
            if (read_metadata(r) != COR_OK) return cor_error();
            continue;
        }
        entry *e = cor_dict_set(r->names, r->word.data, COR_NONE) == COR_OK ? add_entry(r) : NULL;
        if (e == NULL || read_entry(r, e) != COR_OK || check_bytes(r, e) != COR_OK) return cor_error();
    }
    return cor_error() == COR_OK ? cor__json_end(json) : cor_error();
}

/* ---- places of the elements ------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b) {
    const entry *first = a, *second = b;
    if (first->begin != second->begin) return first->begin < second->begin ? -1 : 1;
    return (first->end > second->end) - (first->end < second->end);
}

/* The tensors' bytes follow each other without a hole from the header's end to the file's. */
static int check_places(reading *r) {
    int64_t at = 0, data = r->size - 8 - r->header;
    if (r->n > 0) qsort(r->entries, (size_t)r->n, sizeof *r->entries, by_place);
    for (int64_t i = 0; i < r->n; i++) {
        const entry *e = &r->entries[i];
        if (e->begin != at)
            return cor__fail(COR_EFORMAT, "%s: '%s' is expected to begin at byte %lld of the elements, found %lld: %s",
                             r->path, e->name, (long long)at, (long long)e->begin,
                             e->begin > at ? "there is a hole before it" : "it overlaps another tensor");
        if (e->end > data)
            return cor__fail(COR_EFORMAT, "%s: '%s' ends at byte %lld of the elements, of which there are %lld",
                             r->path, e->name, (long long)e->end, (long long)data);
        at = e->end;
    }
    if (at != data)
        return cor__fail(COR_EFORMAT, "%s: expected %lld bytes of elements, found %lld", r->path, (long long)at,
                         (long long)data);
    return COR_OK;
}

/* Elements that are bool hold 0 or 1 in memory whatever the file has. */
static void make_bools(unsigned char *p, int64_t n) {
    for (int64_t i = 0; i < n; i++) p[i] = p[i] != 0;
}

static int read_elements(const reading *r, cor_dict *tensors) {
    for (int64_t i = 0; i < r->n; i++) {
        cor_scope();
        const entry *e = &r->entries[i];
        cor_tensor *t = cor_empty_sized(e->dtype, e->sizes, e->ndim);
        if (t == NULL) return cor_error();
        if (e->end > e->begin &&
            cor__file_read_exactly(r->descriptor, r->path, cor__data(t), (size_t)(e->end - e->begin)) != COR_OK)
            return cor_error();
        if (e->dtype == COR_BOOL) make_bools(cor__data(t), t->numel);
        if (cor_dict_set(tensors, e->name, t) != COR_OK) return cor_error();
    }
    return COR_OK;
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

static int read_header(reading *r, char *text) {
    if (cor__file_read_exactly(r->descriptor, r->path, text, (size_t)r->header) != COR_OK) return cor_error();
    text[r->header] = '\0';
    r->json = (cor__json){r->path, text, text, text + r->header};
    return parse_header(r);
}

static int read_file(reading *r, cor_dict *tensors) {
    unsigned char count[8];
    struct stat status;
    if (fstat(r->descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return cor__fail(COR_EIO, "%s: is no regular file", r->path);
    r->size = status.st_size;
    if (r->size < 8)
        return cor__fail(COR_EFORMAT, "%s: expected 8 bytes at least, found %lld", r->path, (long long)r->size);
    if (cor__file_read_exactly(r->descriptor, r->path, count, sizeof count) != COR_OK) return cor_error();
    uint64_t header = 0;
    for (int i = 7; i >= 0; i--) header = header << 8 | count[i];
    if (header > COR__SAFETENSORS_HEADER || (int64_t)header > r->size - 8)
        return cor__fail(COR_EFORMAT, "%s: expected a header of at most %lld bytes, found %llu", r->path,
                         (long long)cor__min(COR__SAFETENSORS_HEADER, r->size - 8), (unsigned long long)header);
    r->header = (int64_t)header;
    char *text = cor__alloc((size_t)header + 1, "the header of a file");
    if (text == NULL) return cor_error();
    int code = read_header(r, text);
    cor__free(text, (size_t)header + 1);
    if (code == COR_OK) code = check_places(r);
    return code == COR_OK ? read_elements(r, tensors) : code;
}

int cor__safetensors_read(const char *path, cor_dict *tensors, cor__texts *metadata) {
    if (cor_error() != COR_OK) return cor_error();
    if (path == NULL) return cor__fail(COR_EVALUE, "the name of a file is NULL");
    cor_scope();
    reading r = {.path = path, .metadata = metadata, .names = cor_dict_new()};
    if (r.names == NULL) return cor_error();
    r.descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (r.descriptor < 0) return cor__fail(COR_EIO, "%s: cannot be opened: %s", path, strerror(errno));
    int code = read_file(&r, tensors);
    close(r.descriptor);
    for (int64_t i = 0; i < r.n; i++) cor__free_text(r.entries[i].name);
    cor__free(r.entries, (size_t)r.capacity * sizeof(entry));
    cor__text_free(&r.word);
    return code;
}
