/* entries.c: numbers in a dict. */
#include "optim/entries.h"
#include "base/error.h"
#include "tensor/tensor.h"

int cor__missing_entry(const char *name) { return cor__fail(COR_EKEY, "the state has no '%s'", name); }

int cor__unknown_entry(const char *what, const char *name) {
    return cor__fail(COR_EKEY, "the state has '%s', which %s does not know", name, what);
}

int cor__put_number(cor_dict *d, const char *name, cor_dtype dtype, double value) {
    cor_tensor *t = cor__empty(dtype, NULL, 0);
    if (t != NULL) cor__store_number(cor__data(t), dtype, COR_OPERAND(value));
    if (t != NULL) (void)cor_dict_set(d, name, t);
    cor__release(t);
    return cor_error();
}

int cor__put_reals(cor_dict *d, const char *name, const double *values, int64_t n) {
    cor_tensor *t = cor__empty(COR_FLOAT64, &n, 1);
    for (int64_t i = 0; t != NULL && i < n; i++) ((double *)cor__data(t))[i] = values[i];
    if (t != NULL) (void)cor_dict_set(d, name, t);
    cor__release(t);
    return cor_error();
}

/* The tensor of a name, which must have n elements. */
static cor_tensor *find(const cor_dict *d, const char *name, int64_t n) {
    cor_tensor *t = cor_dict_get(d, name);
    if (t == NULL) return cor__missing_entry(name), NULL;
    if (t->numel == n && t->ndim <= 1) return t;
    return cor__fail_null(COR_ESHAPE, "'%s' of the state should have %lld elements, but has %lld", name, (long long)n,
                          (long long)t->numel);
}

int cor__get_reals(const cor_dict *d, const char *name, double *values, int64_t n) {
    const cor_tensor *t = find(d, name, n);
    if (t == NULL) return cor_error();
    const char *p = cor__data(t);
    const int64_t step = t->ndim == 0 ? 0 : t->strides[0] * cor_dtype_size(t->dtype);
    for (int64_t i = 0; i < n; i++) values[i] = cor__load_double(p + i * step, t->dtype);
    return COR_OK;
}

int cor__get_number(const cor_dict *d, const char *name, double *value) { return cor__get_reals(d, name, value, 1); }
