/* dtype.c: names, sizes and promotion of element types. */
#include "tensor/tensor.h"

static const struct {
    const char *name;
    int64_t size;
    const char *scalar, *legacy;
} rows[COR_DTYPES] = {
    [COR_BOOL] = {"bool", 1, "Bool", "BoolTensor"},
    [COR_UINT8] = {"uint8", 1, "Byte", "ByteTensor"},
    [COR_INT8] = {"int8", 1, "Char", "CharTensor"},
    [COR_INT16] = {"int16", 2, "Short", "ShortTensor"},
    [COR_INT32] = {"int32", 4, "Int", "IntTensor"},
    [COR_INT64] = {"int64", 8, "Long", "LongTensor"},
    [COR_FLOAT16] = {"float16", 2, "Half", "HalfTensor"},
    [COR_BFLOAT16] = {"bfloat16", 2, "BFloat16", "BFloat16Tensor"},
    [COR_FLOAT32] = {"float32", 4, "Float", "FloatTensor"},
    [COR_FLOAT64] = {"float64", 8, "Double", "DoubleTensor"},
};

static bool is_dtype(cor_dtype dtype) { return (unsigned)dtype < COR_DTYPES; }

const char *cor_dtype_name(cor_dtype dtype) { return is_dtype(dtype) ? rows[dtype].name : "unknown"; }
int64_t cor_dtype_size(cor_dtype dtype) { return is_dtype(dtype) ? rows[dtype].size : 0; }
bool cor_dtype_is_floating(cor_dtype dtype) { return is_dtype(dtype) && dtype >= COR_FLOAT16; }

/* Within the floats and within the signed integers the larger wins; float16 and bfloat16 meet in float32, uint8 and a
 * signed type in the next signed type that holds both. */
cor_dtype cor_promote_types(cor_dtype a, cor_dtype b) {
    if (!is_dtype(a) || !is_dtype(b)) return COR_DTYPE_UNSET;
    cor_dtype high = a > b ? a : b, low = a > b ? b : a;
    if (high == COR_BFLOAT16 && low == COR_FLOAT16) return COR_FLOAT32;
    if (low == COR_UINT8 && high == COR_INT8) return COR_INT16;
    return high;
}

const char *cor__legacy_type_name(cor_dtype dtype) { return is_dtype(dtype) ? rows[dtype].legacy : "Tensor"; }
const char *cor__scalar_type_name(cor_dtype dtype) { return is_dtype(dtype) ? rows[dtype].scalar : "Undefined"; }
