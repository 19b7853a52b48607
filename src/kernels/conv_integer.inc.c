/* conv_integer.inc.c: direct convolution of integers, unsigned, so that wrapping is defined: modulo 2^32 for types of
 * up to 32 bits, whose results are then cut to their size, and modulo 2^64 for int64. */
#include "kernels/conv.h"
#include "kernels/conv_exact.inc.c"
#include "kernels/conv_rows.inc.c"
#include "kernels/vec.h"

#define COR__TILE_ROWS 4

/* ---- up to 32 bits ---------------------------------------------------------------------------------------------- */

static void load_u32(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype) {
    uint32_t *const values = to;
    switch (dtype) {
    case COR_UINT8:
        for (int64_t i = 0; i < n; i++) values[i] = ((const uint8_t *)from)[i * step];
        break;
    case COR_INT8:
        for (int64_t i = 0; i < n; i++) values[i] = (uint32_t)((const int8_t *)from)[i * step];
        break;
    case COR_INT16:
        for (int64_t i = 0; i < n; i++) values[i] = (uint32_t)((const int16_t *)from)[i * step];
        break;
    default:
        for (int64_t i = 0; i < n; i++) values[i] = ((const uint32_t *)from)[i * step];
        break;
    }
}

COR__INLINE int64_t element_u32(cor_dtype dtype) { return dtype == COR_INT32 ? 4 : dtype == COR_INT16 ? 2 : 1; }

static void store_row_u32(void *to, int64_t step, const uint32_t *from, int64_t n, cor_dtype dtype) {
    switch (dtype) {
    case COR_UINT8:
    case COR_INT8:
        for (int64_t i = 0; i < n; i++) ((uint8_t *)to)[i * step] = (uint8_t)from[i];
        break;
    case COR_INT16:
        for (int64_t i = 0; i < n; i++) ((uint16_t *)to)[i * step] = (uint16_t)from[i];
        break;
    default:
        for (int64_t i = 0; i < n; i++) ((uint32_t *)to)[i * step] = from[i];
        break;
    }
}

#define COR__S uint32_t
#define COR__V cor__u32v
#define COR__ID(name) name##_u32
#define COR__TILE_REGISTERS (COR__VEC_BYTES > 16 ? 14 : 10) /* SSE2 multiplies 32 bits in several instructions */
#include "kernels/conv_tile.inc.c"
#undef COR__S
#undef COR__V
#undef COR__ID
#undef COR__TILE_REGISTERS

/* ---- int64: a product takes several instructions and registers --------------------------------------------------- */

static void load_u64(void *to, const void *from, int64_t step, int64_t n, cor_dtype dtype) {
    (void)dtype;
    for (int64_t i = 0; i < n; i++) ((uint64_t *)to)[i] = ((const uint64_t *)from)[i * step];
}

COR__INLINE int64_t element_u64(cor_dtype dtype) { return (void)dtype, 8; }

static void store_row_u64(void *to, int64_t step, const uint64_t *from, int64_t n, cor_dtype dtype) {
    (void)dtype;
    for (int64_t i = 0; i < n; i++) ((uint64_t *)to)[i * step] = from[i];
}

#define COR__S uint64_t
#define COR__V cor__u64v
#define COR__ID(name) name##_u64
#define COR__TILE_REGISTERS 10
#include "kernels/conv_tile.inc.c"
#undef COR__S
#undef COR__V
#undef COR__ID
#undef COR__TILE_REGISTERS

static const cor__conv_integer_kernels conv_integer_kernels = {.i32 = {.size = 4,
                                                                       .rows = COR__TILE_ROWS,
                                                                       .widest = 4 * LANES_u32,
                                                                       .block = block_u32,
                                                                       .load = load_u32,
                                                                       .copy = copy_32,
                                                                       .pack = pack_u32},
                                                               .i64 = {.size = 8,
                                                                       .rows = COR__TILE_ROWS,
                                                                       .widest = 4 * LANES_u64,
                                                                       .block = block_u64,
                                                                       .load = load_u64,
                                                                       .copy = copy_64,
                                                                       .pack = pack_u64},
                                                               .exact = &conv_exact_kernels};
#undef COR__TILE_ROWS
