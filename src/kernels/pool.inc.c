/* pool.inc.c: the loops of pooling, from one template for each element type. */
#include "kernels/pool.h"
#include "base/half.h"
#include <math.h>

#define POOL_PASTE(a, b) a##b
#define POOL_PASTE2(a, b) POOL_PASTE(a, b)
#define TYPED(name) POOL_PASTE2(name##_, SUFFIX)

/* Calls a pass over a line with a step the compiler knows where it is a usual one. */
#define WITH_STEP(pass, step, ...)                                                                                     \
    ((step) == 1 ? pass(__VA_ARGS__, 1) : (step) == 2 ? pass(__VA_ARGS__, 2) : pass(__VA_ARGS__, step))

/* The plane, depth and height of a row. */
typedef struct row_place {
    int64_t plane, depth, height;
} row_place;

static inline row_place find_row(const cor__pool *p, int64_t row) {
    int64_t height = p->axis[1].output, depth = p->axis[0].output;
    return (row_place){.plane = row / height / depth, .depth = row / height % depth, .height = row % height};
}

static inline int64_t plane_size(const cor__pool *p) { return p->axis[0].input * p->axis[1].input * p->axis[2].input; }

static inline int64_t span_count(cor__span span) { return span.end > span.begin ? span.end - span.begin : 0; }

static inline float rounded_to(float value, cor_dtype dtype) {
    if (dtype == COR_FLOAT16) return cor__half_to_float(cor__float_to_half(value));
    if (dtype == COR_BFLOAT16) return cor__bfloat16_to_float(cor__float_to_bfloat16(value));
    return value;
}

/* The quotient of two's complement numbers, cut towards zero; the lowest by -1 wraps. */
static inline int64_t divide_int64(int64_t a, int64_t b) { return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b; }

/* Whether max goes on to `a` from `b`. */
#define TAKES(a, b) (((a) > (b)) | ((a) != (a)))

#define T uint8_t
#define SUFFIX uint8
#define LOWEST 0
#define IS_NAN(x) false
#include "kernels/pool_max.inc.c"
#define T int8_t
#define SUFFIX int8
#define LOWEST INT8_MIN
#define IS_NAN(x) false
#include "kernels/pool_max.inc.c"
#define T int16_t
#define SUFFIX int16
#define LOWEST INT16_MIN
#define IS_NAN(x) false
#include "kernels/pool_max.inc.c"
#define T int32_t
#define SUFFIX int32
#define LOWEST INT32_MIN
#define IS_NAN(x) false
#include "kernels/pool_max.inc.c"
#define T int64_t
#define SUFFIX int64
#define LOWEST INT64_MIN
#define IS_NAN(x) false
#include "kernels/pool_max.inc.c"
#define T float
#define SUFFIX float32
#define LOWEST (-INFINITY)
#define IS_NAN(x) ((x) != (x))
#include "kernels/pool_max.inc.c"
#define T double
#define SUFFIX float64
#define LOWEST ((double)-INFINITY)
#define IS_NAN(x) ((x) != (x))
#include "kernels/pool_max.inc.c"

#define T int64_t
#define SUFFIX int64
#define PLUS(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define QUOTIENT(p, a, b) divide_int64((a), (b))
#define LAST
#include "kernels/pool_average.inc.c"
#define T float
#define SUFFIX float32
#define PLUS(a, b) ((a) + (b))
#define QUOTIENT(p, a, b) rounded_to((a) / (float)(b), (p)->rounded)
#include "kernels/pool_average.inc.c"
#include "kernels/pool_back.inc.c"
#define T double
#define SUFFIX float64
#define PLUS(a, b) ((a) + (b))
#define QUOTIENT(p, a, b) ((a) / (double)(b))
#include "kernels/pool_average.inc.c"
#include "kernels/pool_back.inc.c"

static const cor__pool_kernels pool_kernels = {
    .max = {[COR_UINT8] = max_uint8,
            [COR_INT8] = max_int8,
            [COR_INT16] = max_int16,
            [COR_INT32] = max_int32,
            [COR_INT64] = max_int64,
            [COR_FLOAT32] = max_float32,
            [COR_FLOAT64] = max_float64},
    .average = {[COR_INT64] = average_int64, [COR_FLOAT32] = average_float32, [COR_FLOAT64] = average_float64},
    .halves_back = {[COR_FLOAT32] = halves_back_float32, [COR_FLOAT64] = halves_back_float64},
    .scatter = {[COR_FLOAT32] = scatter_float32, [COR_FLOAT64] = scatter_float64},
    .gather = {[COR_FLOAT32] = gather_float32, [COR_FLOAT64] = gather_float64},
    .spread = {[COR_FLOAT32] = spread_float32, [COR_FLOAT64] = spread_float64}};

#undef POOL_PASTE
#undef POOL_PASTE2
#undef TYPED
#undef WITH_STEP
#undef TAKES
