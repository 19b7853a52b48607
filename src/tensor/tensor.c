/* tensor.c: the life of a tensor, and looking at one. */
#include "tensor/tensor.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include <math.h>
#include <string.h>

static void destroy(cor__object *object) {
    cor_tensor *t = (cor_tensor *)object;
    if (t->forget != NULL) t->forget(t);
    cor__release(t->storage);
    cor__release(t->grad_fn);
    cor__release(t->grad);
    cor__release(t->base);
#ifndef NDEBUG
    memset((void *)t, 0xa5, sizeof *t);
#endif
    cor__free(t, sizeof *t);
}

static const cor__class tensor_class = {"tensor", destroy};

cor_tensor *cor__tensor_over(cor__storage *storage, cor_dtype dtype, const int64_t *sizes, const int64_t *strides,
                             int n, int64_t offset) {
    cor_tensor *t = cor__alloc(sizeof *t, "a tensor");
    if (t == NULL) return NULL;
    cor__object_init(&t->object, &tensor_class);
    t->storage = cor__retain(storage);
    t->offset = offset;
    t->dtype = dtype;
    t->ndim = n;
    t->flags = 0;
    t->output = 0;
    t->grad_fn = NULL;
    t->grad = t->base = NULL;
    t->hooks = NULL;
    t->forget = NULL;
    t->base_version = 0;
    t->numel = 1;
    for (int i = 0; i < n; i++) {
        t->sizes[i] = sizes[i];
        t->strides[i] = strides[i];
        t->numel *= sizes[i];
    }
    return t;
}

static cor_tensor *with_strides(cor_dtype dtype, const int64_t *sizes, const int64_t *strides, int n) {
    int64_t numel;
    if (cor__check_sizes(sizes, n, dtype, &numel) != COR_OK) return NULL;
    cor__storage *storage = cor__storage_new(numel * cor_dtype_size(dtype));
    if (storage == NULL) return NULL;
    cor_tensor *t = cor__tensor_over(storage, dtype, sizes, strides, n, 0);
    cor__release(storage);
    return t;
}

cor_tensor *cor__empty(cor_dtype dtype, const int64_t *sizes, int n) {
    int64_t strides[COR_MAX_DIMS];
    if (n > 0 && n <= COR_MAX_DIMS && sizes != NULL) cor__contiguous_strides(sizes, n, strides);
    return with_strides(dtype, sizes, strides, n);
}

cor_tensor *cor__empty_like(const cor_tensor *t, cor_dtype dtype) {
    int64_t strides[COR_MAX_DIMS];
    if (cor__is_dense(t)) return with_strides(dtype, t->sizes, t->strides, t->ndim);
    cor__dense_strides(t, strides);
    return with_strides(dtype, t->sizes, strides, t->ndim);
}

/* ---- from the caller's memory ----------------------------------------------------------------------------------- */

cor_tensor *cor_from_pointer(const void *pointer, cor_dtype dtype, const int64_t *sizes, int n) {
    int64_t numel;
    if (cor_error() != COR_OK || cor__check_sizes(sizes, n, dtype, &numel) != COR_OK) return NULL;
    if (pointer == NULL && numel > 0) return cor__fail_null(COR_EVALUE, "cor_from: the data pointer is NULL");
    cor_tensor *t = cor__empty(dtype, sizes, n);
    if (t != NULL && numel > 0) memcpy(t->storage->data, pointer, (size_t)t->storage->bytes);
    return cor__scope_add(t);
}

cor_tensor *cor_from_array(const void *array, size_t bytes, cor_dtype dtype, const int64_t *sizes, int n) {
    int64_t numel;
    char text[COR__SIZES_TEXT];
    if (cor_error() != COR_OK || cor__check_sizes(sizes, n, dtype, &numel) != COR_OK) return NULL;
    if ((uint64_t)bytes != (uint64_t)(numel * cor_dtype_size(dtype)))
        return cor__fail_null(COR_ESHAPE, "cor_from: sizes %s need %lld elements of %s, the array holds %lld",
                              cor__sizes_text(text, sizes, n), (long long)numel, cor_dtype_name(dtype),
                              (long long)bytes / (long long)cor_dtype_size(dtype));
    return cor_from_pointer(array, dtype, sizes, n);
}

/* Bytes from the first element to the end of the last. */
static int blob_bytes(cor_dtype dtype, const int64_t *sizes, const int64_t *strides, int n, int64_t *bytes) {
    for (int i = 0; i < n; i++)
        if (strides[i] < 0)
            return cor__fail(COR_EVALUE, "from_blob: stride %lld of dimension %d is negative", (long long)strides[i],
                             i);
    if (!cor__reach_ok(dtype, sizes, strides, n, 0, bytes))
        return cor__fail(COR_ELIMIT, "from_blob: the strides reach beyond what can be addressed");
    return COR_OK;
}

cor_tensor *cor_from_blob(void *pointer, cor_dtype dtype, const int64_t *sizes, const int64_t *strides, int n,
                          void (*release)(void *pointer, void *context), void *context) {
    int64_t numel, bytes = 0, contiguous[COR_MAX_DIMS];
    if (cor_error() != COR_OK || cor__check_sizes(sizes, n, dtype, &numel) != COR_OK) return NULL;
    if (pointer == NULL && numel > 0) return cor__fail_null(COR_EVALUE, "from_blob: the data pointer is NULL");
    if ((uintptr_t)pointer % (uintptr_t)cor_dtype_size(dtype) != 0)
        return cor__fail_null(COR_EVALUE, "from_blob: the data pointer is not aligned for %s", cor_dtype_name(dtype));
    if (strides == NULL) {
        cor__contiguous_strides(sizes, n, contiguous);
        strides = contiguous;
    }
    if (blob_bytes(dtype, sizes, strides, n, &bytes) != COR_OK) return NULL;
    cor__storage *storage = cor__storage_wrap(pointer, bytes, NULL, context);
    if (storage == NULL) return NULL;
    cor_tensor *t = cor__tensor_over(storage, dtype, sizes, strides, n, 0);
    if (t != NULL) storage->release = release;
    cor__release(storage);
    return cor__scope_add(t);
}

/* ---- ownership -------------------------------------------------------------------------------------------------- */

cor_tensor *cor_retain(cor_tensor *t) { return t == NULL || t == COR_NONE ? t : cor__retain(t); }
void cor_release(cor_tensor *t) {
    if (t != COR_NONE) cor__release(t);
}
cor_tensor *cor_take(cor_tensor *t) { return t == COR_NONE ? t : cor__scope_take(t); }
cor_tensor *cor_keep(cor_tensor *t) { return t == COR_NONE ? t : cor__scope_keep(t); }

int cor_assign(cor_tensor **field, cor_tensor *t) {
    if (cor_error() != COR_OK) return cor_error();
    if (field == NULL) return cor__fail(COR_EVALUE, "cor_assign: the field is NULL");
    cor_tensor *before = *field;
    *field = cor_retain(t);
    cor_release(before);
    return COR_OK;
}

cor_tensor *cor_next(cor_tensor **t, cor_tensor *next) {
    if (t == NULL) return cor__fail_null(COR_EVALUE, "cor_next: the variable is NULL");
    if (*t != NULL && *t != next) cor_release(cor_take(*t));
    return *t = next;
}

/* ---- looking ---------------------------------------------------------------------------------------------------- */

static bool has_dim(const cor_tensor *t, int64_t *dim) {
    if (t == NULL || t == COR_NONE) return false;
    if (*dim < 0) *dim += t->ndim;
    return *dim >= 0 && *dim < t->ndim;
}

int cor_dim(const cor_tensor *t) { return cor__is_given(t) ? t->ndim : 0; }
int64_t cor_size(const cor_tensor *t, int64_t dim) { return has_dim(t, &dim) ? t->sizes[dim] : 0; }
const int64_t *cor_sizes(const cor_tensor *t) { return cor__is_given(t) ? t->sizes : NULL; }
int64_t cor_stride(const cor_tensor *t, int64_t dim) { return has_dim(t, &dim) ? t->strides[dim] : 0; }
const int64_t *cor_strides(const cor_tensor *t) { return cor__is_given(t) ? t->strides : NULL; }
int64_t cor_numel(const cor_tensor *t) { return cor__is_given(t) ? t->numel : 0; }
cor_dtype cor_dtype_of(const cor_tensor *t) { return cor__is_given(t) ? t->dtype : COR_DTYPE_UNSET; }
int64_t cor_storage_offset(const cor_tensor *t) { return cor__is_given(t) ? t->offset : 0; }
int64_t cor_version_of(const cor_tensor *t) {
    if (!cor__is_given(t)) return 0;
    if (!t->storage->inference) return atomic_load(&t->storage->version);
    cor__fail(COR_ESTATE, "Inference tensors do not track version counter.");
    return -1;
}
bool cor_shares_storage(const cor_tensor *a, const cor_tensor *b) {
    return cor__is_given(a) && cor__is_given(b) && a->storage == b->storage;
}
const void *cor_data_const(const cor_tensor *t) { return cor__is_given(t) ? cor__data(t) : NULL; }

void *cor_data(cor_tensor *t) {
    if (!cor__is_given(t)) return NULL;
    atomic_store(&t->storage->exposed, true);
    return cor__data(t);
}

static bool one_element(const cor_tensor *t) {
    if (!cor__is_given(t)) {
        cor__fail(COR_EVALUE, "item: the tensor is NULL");
        return false;
    }
    if (cor_error() != COR_OK) return false;
    if (t->numel == 1) return true;
    cor__fail(COR_EVALUE, "a Tensor with %lld elements cannot be converted to Scalar", (long long)t->numel);
    return false;
}

double cor_item(const cor_tensor *t) { return one_element(t) ? cor__load_double(cor__data(t), t->dtype) : NAN; }
int64_t cor_item_int(const cor_tensor *t) { return one_element(t) ? cor__load_int(cor__data(t), t->dtype) : 0; }
