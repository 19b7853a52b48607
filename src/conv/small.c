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

/* Where the windows of a row of outputs begin, and the outputs [whole, end) whose windows lie in the input. */
typedef struct column_list {
    taps at[WIDEST];
    int64_t whole, end;
} column_list;

/* The taps of a window that lie in the input, by axis, and the elements from one to the next. */
typedef struct window {
    int64_t channels, taps[COR__CONV_AXES];
    int64_t x_channel, x_depth, x_row, x_tap, w_channel, w_depth, w_row;
} window;

static window window_of(const cor__conv_problem *p) {
    const int64_t *strides = p->input_strides, plane = p->kernel[1] * p->kernel[2];
    return (window){.channels = p->c / p->groups,
                    .x_channel = strides[1],
                    .x_depth = p->dilation[0] * strides[2],
                    .x_row = p->dilation[1] * strides[3],
                    .x_tap = p->dilation[2] * strides[4],
                    .w_channel = p->kernel[0] * plane,
                    .w_depth = plane,
                    .w_row = p->kernel[2]};
}

static void list_columns(const cor__conv_problem *p, column_list *columns) {
    columns->whole = columns->end = 0;
    for (int64_t v = 0; v < p->output[2]; v++) {
        columns->at[v] = taps_of(p, 2, v);
        if (columns->at[v].to - columns->at[v].from != p->kernel[2]) continue;
        if (columns->end == 0) columns->whole = v;
        columns->end = v + 1;
    }
}

#define COR__S float
#define COR__ID(name) name##_f32
#include "conv/small.inc.c"
#undef COR__S
#undef COR__ID

#define COR__S double
#define COR__ID(name) name##_f64
#include "conv/small.inc.c"
#undef COR__S
#undef COR__ID

#define COR__S uint32_t
#define COR__ID(name) name##_u32
#include "conv/small.inc.c"
#undef COR__S
#undef COR__ID

#define COR__S uint64_t
#define COR__ID(name) name##_u64
#include "conv/small.inc.c"
#undef COR__S
#undef COR__ID

static int run(const cor__conv_problem *problem, const cor__conv_operands *operands, int threads, void *workspace) {
    column_list columns;
    (void)threads, (void)workspace;
    list_columns(problem, &columns);
    switch (problem->dtype) {
    case COR_FLOAT32:
        run_f32(problem, &columns, operands);
        break;
    case COR_FLOAT64:
        run_f64(problem, &columns, operands);
        break;
    case COR_INT32:
        run_u32(problem, &columns, operands);
        break;
    default:
        run_u64(problem, &columns, operands);
        break;
    }
    if (operands->epilogue != NULL) cor__conv_finish_all(problem, operands);
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
