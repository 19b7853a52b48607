/* corrie/dtype.h: the types of tensor elements. */
#ifndef CORRIE_DTYPE_H
#define CORRIE_DTYPE_H

#include <corrie/base.h>

COR_BEGIN

/* float16 (IEEE binary16) and bfloat16 are stored as 16-bit patterns and computed in float32 with one rounding. */
typedef enum cor_dtype {
    COR_DTYPE_UNSET = -1, /* the dtype option that was not given; no dtype */
    COR_BOOL,
    COR_UINT8,
    COR_INT8,
    COR_INT16,
    COR_INT32,
    COR_INT64,
    COR_FLOAT16,
    COR_BFLOAT16,
    COR_FLOAT32,
    COR_FLOAT64
} cor_dtype;

enum { COR_DTYPES = COR_FLOAT64 + 1 };

/* Returns "torch.float32"'s last part, "float32"; "unknown" for a value that is no dtype. Static text. */
COR_API const char *cor_dtype_name(cor_dtype dtype);

/* Returns the bytes of one element, 1 to 8; 0 for a value that is no dtype. */
COR_API int64_t cor_dtype_size(cor_dtype dtype);

/* Returns whether the dtype is one of the four floating ones. */
COR_API bool cor_dtype_is_floating(cor_dtype dtype);

/* Returns the dtype that an operation between tensors of two dtypes has (torch.promote_types). */
COR_API cor_dtype cor_promote_types(cor_dtype a, cor_dtype b);

COR_END
#endif
