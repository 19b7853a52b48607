/* problem.c: what a problem is, and whether its numbers can be held. */
#include "conv/problem.h"
#include "base/error.h"
#include "base/sizes.h"
#include <string.h>

enum { AXES = COR__CONV_AXES };

int64_t cor__conv_dtype_size(cor_dtype dtype) {
    static const unsigned char sizes[] = {
        [COR_BOOL] = 1,  [COR_UINT8] = 1,   [COR_INT8] = 1,     [COR_INT16] = 2,   [COR_INT32] = 4,
        [COR_INT64] = 8, [COR_FLOAT16] = 2, [COR_BFLOAT16] = 2, [COR_FLOAT32] = 4, [COR_FLOAT64] = 8};
    return sizes[dtype];
}

bool cor__conv_problem_equal(const cor__conv_problem *a, const cor__conv_problem *b) {
    return a->dtype == b->dtype && a->transposed == b->transposed && a->bias == b->bias && a->spatial == b->spatial &&
           a->epilogue.scaled == b->epilogue.scaled && a->epilogue.residual == b->epilogue.residual &&
           a->epilogue.activation == b->epilogue.activation && a->highest == b->highest && a->n == b->n &&
           a->groups == b->groups && a->c == b->c && a->o == b->o && memcmp(a->input, b->input, sizeof a->input) == 0 &&
           memcmp(a->kernel, b->kernel, sizeof a->kernel) == 0 && memcmp(a->output, b->output, sizeof a->output) == 0 &&
           memcmp(a->stride, b->stride, sizeof a->stride) == 0 &&
           memcmp(a->padding, b->padding, sizeof a->padding) == 0 &&
           memcmp(a->dilation, b->dilation, sizeof a->dilation) == 0 &&
           memcmp(a->input_strides, b->input_strides, sizeof a->input_strides) == 0;
}

/* dilation * (kernel - 1) + 1 */
static bool extent_ok(int64_t kernel, int64_t dilation, int64_t *extent) {
    return cor__mul_ok(dilation, kernel - 1, extent) && cor__add_ok(*extent, 1, extent);
}

int64_t cor__conv_output_size(bool transposed, int64_t input, int64_t kernel, int64_t stride, int64_t near, int64_t far,
                              int64_t dilation, int64_t output_padding) {
    int64_t extent, size, padding;
    if (!extent_ok(kernel, dilation, &extent) || !cor__add_ok(near, far, &padding)) return COR_UNSET;
    if (!transposed)
        return cor__add_ok(input, padding, &size) && cor__sub_ok(size, extent, &size) ? cor__floor_div(size, stride) + 1
                                                                                      : COR_UNSET;
    bool fits = cor__mul_ok(input - 1, stride, &size) && cor__sub_ok(size, padding, &size) &&
                cor__add_ok(size, extent, &size) && cor__add_ok(size, output_padding, &size);
    return fits ? size : COR_UNSET;
}

void cor__conv_problem_contiguous(cor__conv_problem *problem) {
    int64_t stride = 1;
    for (int axis = AXES - 1; axis >= 0; axis--) {
        problem->input_strides[2 + axis] = stride;
        stride *= cor__max(problem->input[axis], 1);
    }
    problem->input_strides[1] = stride;
    problem->input_strides[0] = stride * cor__max(problem->c, 1);
}

cor__conv_problem cor__conv_problem_backward_data(const cor__conv_problem *problem) {
    cor__conv_problem back = *problem;
    back.transposed = !problem->transposed;
    back.bias = false;
    back.epilogue = (cor__conv_post){.activation = COR_ACTIVATION_NONE};
    back.c = problem->o;
    back.o = problem->c;
    memcpy(back.input, problem->output, sizeof back.input);
    memcpy(back.output, problem->input, sizeof back.output);
    cor__conv_problem_contiguous(&back);
    return back;
}

/* Whether the positions that an axis is asked for, in the padded input or output, can be held. */
static bool positions_fit(const cor__conv_problem *p, int axis) {
    int64_t extent, last;
    const int64_t steps = p->transposed ? p->input[axis] : p->output[axis];
    return extent_ok(p->kernel[axis], p->dilation[axis], &extent) && cor__mul_ok(steps, p->stride[axis], &last) &&
           cor__add_ok(last, extent, &last) && cor__add_ok(last, p->padding[axis], &last) &&
           cor__add_ok(last, p->stride[axis], &last) && last < INT64_MAX / 4;
}

/* Whether all numbers are below 2^10, so that no product or position of them can overflow. Most problems are told fast
 * from this alone. */
static bool all_small(const cor__conv_problem *p) {
    int64_t bits = p->n | p->c | p->o;
    for (int axis = 0; axis < AXES; axis++)
        bits |=
            p->input[axis] | p->output[axis] | p->kernel[axis] | p->stride[axis] | p->padding[axis] | p->dilation[axis];
    return bits < 1 << 10;
}

int cor__conv_problem_check(const cor__conv_problem *p) {
    if (p->n < 0 || p->c < 0 || p->o < 0) return cor__fail(COR_EVALUE, "a convolution cannot have a negative size");
    if (p->groups <= 0) return cor__fail(COR_EVALUE, "non-positive groups is not supported");
    if (p->c % p->groups != 0 || p->o % p->groups != 0)
        return cor__fail(COR_EVALUE, "groups=%lld must divide the %lld input and %lld output channels",
                         (long long)p->groups, (long long)p->c, (long long)p->o);
    for (int axis = 0; axis < AXES; axis++)
        if (p->input[axis] < 0 || p->output[axis] < 0 || p->kernel[axis] <= 0 || p->stride[axis] <= 0 ||
            p->dilation[axis] <= 0 || p->padding[axis] < 0)
            return cor__fail(COR_EVALUE, "a convolution needs sizes and padding of at least 0, and kernel, stride and "
                                         "dilation of at least 1");
    if (all_small(p)) return COR_OK;
    for (int axis = 0; axis < AXES; axis++)
        if (!positions_fit(p, axis)) return cor__fail(COR_ELIMIT, "the sizes of the convolution are too large");
    const int64_t input[] = {p->n, p->c, p->input[0], p->input[1], p->input[2], 16};
    const int64_t output[] = {p->n, p->o, p->output[0], p->output[1], p->output[2], 16};
    const int64_t weight[] = {p->c, p->o, p->kernel[0], p->kernel[1], p->kernel[2], 16};
    int64_t elements;
    if (!cor__product_ok(input, 6, &elements) || !cor__product_ok(output, 6, &elements) ||
        !cor__product_ok(weight, 6, &elements))
        return cor__fail(COR_ELIMIT, "a tensor of the convolution has more elements than can be addressed");
    return COR_OK;
}
