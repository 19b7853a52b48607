/* creation.c: tensors of one number, and the identity. */
#include "ops/creation.h"
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_like_options, COR_LIKE_OPTIONS)
COR__DEFINE_OPTIONS(cor_eye_options, COR_EYE_OPTIONS)

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

int cor__operand_number(cor_operand operand, const char *function, const char *argument, cor_operand *number) {
    const cor_tensor *t = operand.tensor;
    char sizes[COR__SIZES_TEXT];
    *number = operand;
    if (cor_error() != COR_OK || cor__check_kind(operand) != COR_OK) return cor_error();
    if (operand.kind != COR_OPERAND_TENSOR) return COR_OK;
    if (t == NULL || t == COR_NONE)
        return cor__fail(COR_EVALUE, "%s: %s is %s, not a number", function, argument,
                         t == NULL ? "NULL, a failed or missing tensor" : "COR_NONE");
    if (t->ndim != 0)
        return cor__fail(COR_ESHAPE, "%s: %s must be a number or a tensor of no dimensions, got %s", function, argument,
                         cor__sizes_text(sizes, t->sizes, t->ndim));
    if (cor_dtype_is_floating(t->dtype)) *number = cor__operand_double(cor__load_double(cor__data(t), t->dtype));
    else if (t->dtype == COR_BOOL) *number = cor__operand_bool(cor__load_int(cor__data(t), t->dtype) != 0);
    else *number = cor__operand_int(cor__load_int(cor__data(t), t->dtype));
    return COR_OK;
}

/* ---- from sizes ------------------------------------------------------------------------------------------------- */

/* Gives a new tensor to the innermost scope, with zeros or with a number in it; NULL stays NULL. */
static cor_tensor *zeroed(cor_tensor *t) {
    if (t == NULL) return NULL;
    if (t->numel > 0) memset(t->storage->data, 0, (size_t)t->storage->bytes);
    return cor__scope_add(t);
}

static cor_tensor *filled(cor_tensor *t, cor_operand number) {
    if (t == NULL) return NULL;
    if (cor__check_number(number, t->dtype) == COR_OK && cor__fill(t, number) == COR_OK) return cor__scope_add(t);
    cor__release(t);
    return NULL;
}

cor_tensor *cor_zeros_sized(cor_dtype dtype, const int64_t *sizes, int n) {
    if (cor_error() != COR_OK) return NULL;
    for (int i = 0; i < n && n <= COR_MAX_DIMS && sizes != NULL; i++)
        if (sizes[i] < 0) return cor__fail_null(COR_EVALUE, "zeros: Dimension size must be non-negative.");
    return zeroed(cor__empty(dtype, sizes, n));
}

cor_tensor *cor_ones_sized(cor_dtype dtype, const int64_t *sizes, int n) {
    if (cor_error() != COR_OK) return NULL;
    return filled(cor__empty(dtype, sizes, n), cor__operand_int(1));
}

cor_tensor *cor_empty_sized(cor_dtype dtype, const int64_t *sizes, int n) {
    if (cor_error() != COR_OK) return NULL;
    return cor__scope_add(cor__empty(dtype, sizes, n));
}

cor_tensor *cor_full_sized(cor_dtype dtype, cor_operand number, const int64_t *sizes, int n) {
    if (cor__operand_number(number, "full", "the number", &number) != COR_OK) return NULL;
    if (dtype == COR_DTYPE_UNSET)
        dtype = number.kind == COR_OPERAND_BOOL ? COR_BOOL : number.kind == COR_OPERAND_INT ? COR_INT64 : COR_FLOAT32;
    return filled(cor__empty(dtype, sizes, n), number);
}

/* ---- like another ----------------------------------------------------------------------------------------------- */

cor_tensor *cor__like(const cor_tensor *t, const cor_like_options *options, const char *function) {
    cor_like_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, function) != COR_OK) return NULL;
    if (t == NULL || t == COR_NONE)
        return cor__fail_null(COR_EVALUE, "%s: the tensor is NULL, a failed or missing tensor", function);
    options = cor_like_options_or_defaults(options, &room);
    return cor__empty_like(t, options->dtype == COR_DTYPE_UNSET ? t->dtype : options->dtype);
}

cor_tensor *cor_zeros_like_with(const cor_tensor *t, const cor_like_options *options) {
    return zeroed(cor__like(t, options, "zeros_like"));
}

cor_tensor *cor_ones_like_with(const cor_tensor *t, const cor_like_options *options) {
    return filled(cor__like(t, options, "ones_like"), cor__operand_int(1));
}

cor_tensor *cor_empty_like_with(const cor_tensor *t, const cor_like_options *options) {
    return cor__scope_add(cor__like(t, options, "empty_like"));
}

cor_tensor *cor_full_like_with(const cor_tensor *t, cor_operand number, const cor_like_options *options) {
    if (cor__operand_number(number, "full_like", "the number", &number) != COR_OK) return NULL;
    return filled(cor__like(t, options, "full_like"), number);
}

/* ---- the identity ----------------------------------------------------------------------------------------------- */

cor_tensor *cor_eye_with(int64_t n, const cor_eye_options *options) {
    cor_eye_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "eye") != COR_OK) return NULL;
    options = cor_eye_options_or_defaults(options, &room);
    int64_t sizes[] = {n, options->m == COR_UNSET ? n : options->m};
    for (int i = 0; i < 2; i++)
        if (sizes[i] < 0)
            return cor__fail_null(COR_EVALUE, "%s must be greater or equal to 0, got %lld", i == 0 ? "n" : "m",
                                  (long long)sizes[i]);
    cor_tensor *t = zeroed(cor__empty(options->dtype, sizes, 2));
    if (t == NULL) return NULL;
    int64_t step = (sizes[1] + 1) * cor_dtype_size(t->dtype), ones = cor__min(sizes[0], sizes[1]);
    for (int64_t i = 0; i < ones; i++)
        cor__store_number((char *)cor__data(t) + i * step, t->dtype, cor__operand_int(1));
    return t;
}
