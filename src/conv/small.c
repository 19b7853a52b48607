/* small.c: forward convolutions of a few thousand products in plain loops: no memory, no threads, no packing. */
#include "base/sizes.h"
#include "conv/plan.h"

enum { MOST_PRODUCTS = 4096, WIDEST = 64 }; /* refuses() says them */

/* Where an output's window begins in the input along an axis, and its taps [from, to) that lie in the input. */
typedef struct taps {
    int64_t first, from, to;
} taps;

static inline taps taps_of(const cor__conv_problem *p, int axis, int64_t i) {
    const int64_t first = i * p->stride[axis] - p->padding[axis], dilation = p->dilation[axis];
    int64_t from = 0, to = p->kernel[axis];
    while (from < to && first + from * dilation < 0) from++;
    while (to > from && first + (to - 1) * dilation >= p->input[axis]) to--;
    return (taps){first, from, to};
}

#define COR__S float
#define COR__RUN run_f32
#include "conv/small.inc.c"
#undef COR__S
#undef COR__RUN

#define COR__S double
#define COR__RUN run_f64
#include "conv/small.inc.c"
#undef COR__S
#undef COR__RUN

#define COR__S uint32_t
#define COR__RUN run_u32
#include "conv/small.inc.c"
#undef COR__S
#undef COR__RUN

#define COR__S uint64_t
#define COR__RUN run_u64
#include "conv/small.inc.c"
#undef COR__S
#undef COR__RUN

static int run(const cor__conv_problem *problem, const cor__conv_operands *operands, int threads, void *workspace) {
    taps width[WIDEST];
    (void)threads, (void)workspace;
    for (int64_t v = 0; v < problem->output[2]; v++) width[v] = taps_of(problem, 2, v);
    switch (problem->dtype) {
    case COR_FLOAT32:
        run_f32(problem, width, operands);
        break;
    case COR_FLOAT64:
        run_f64(problem, width, operands);
        break;
    case COR_INT32:
        run_u32(problem, width, operands);
        break;
    default:
        run_u64(problem, width, operands);
        break;
    }
    return COR_OK;
}

static const char *refuses(const cor__conv_problem *p) {
    if (p->transposed) return "it is transposed";
    if (p->dtype != COR_FLOAT32 && p->dtype != COR_FLOAT64 && p->dtype != COR_INT32 && p->dtype != COR_INT64)
        return "its dtype is not float32, float64, int32 or int64";
    if (p->output[2] > WIDEST) return "its output is wider than 64";
    const int64_t sizes[] = {p->n,         p->o,         p->output[0], p->output[1], p->output[2], p->c / p->groups,
                             p->kernel[0], p->kernel[1], p->kernel[2]};
    int64_t products;
    return cor__product_ok(sizes, 9, &products) && products <= MOST_PRODUCTS ? NULL : "it has more than 4096 products";
}

const cor__conv_implementation cor__conv_small = {.name = "small", .refuses = refuses, .run = run};
