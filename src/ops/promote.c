/* promote.c: the dtype of an operation between tensors (torch.result_type). */
#include "ops/op.h"

static int category(cor_dtype dtype) { return cor_dtype_is_floating(dtype) ? 2 : dtype != COR_BOOL ? 1 : 0; }

/* The promoted dtype of the inputs of one rank: tensors with dimensions, 0-d tensors, numbers. Float numbers count as
 * float32, the default dtype. */
static cor_dtype of_rank(cor_tensor *const *inputs, int n, int rank) {
    cor_dtype result = COR_DTYPE_UNSET;
    for (int i = 0; i < n; i++) {
        const cor_tensor *t = inputs[i];
        if (t == COR_NONE || (cor__is_number(t) ? 2 : t->ndim == 0 ? 1 : 0) != rank) continue;
        cor_dtype dtype = rank == 2 && cor_dtype_is_floating(t->dtype) ? COR_FLOAT32 : t->dtype;
        result = result == COR_DTYPE_UNSET ? dtype : cor_promote_types(result, dtype);
    }
    return result;
}

/* A lower rank counts only when its category is higher. */
static cor_dtype combine(cor_dtype higher, cor_dtype lower) {
    if (higher == COR_DTYPE_UNSET) return lower;
    if (lower == COR_DTYPE_UNSET || category(higher) >= category(lower)) return higher;
    return cor_promote_types(higher, lower);
}

cor_dtype cor__result_type(cor_tensor *const *inputs, int n) {
    return combine(combine(of_rank(inputs, n, 0), of_rank(inputs, n, 1)), of_rank(inputs, n, 2));
}

bool cor__can_cast(cor_dtype from, cor_dtype to) { return category(from) <= category(to); }
