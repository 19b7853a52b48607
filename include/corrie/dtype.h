/* corrie/dtype.h: the types of elements. */
#ifndef COR_DTYPE_H
#define COR_DTYPE_H

/* The element types, in the order of promotion within each kind: bool, integers, floating point. The names are
 * PyTorch's. COR_FLOAT16 and COR_BFLOAT16 are held as 16-bit patterns and computed in float32. */
typedef enum cor_dtype {
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

#endif
