/* bench_call.c: the tensors of a row, and the call that is timed. */
#include "cli/bench.h"

enum { AXES = COR__CONV_AXES };

double bench_products(const cor__conv_problem *p) {
    double n = (double)p->n * (double)p->o * (double)p->c / (double)p->groups;
    for (int i = 0; i < AXES; i++) n *= (double)p->kernel[i] * (double)(p->transposed ? p->input[i] : p->output[i]);
    return n;
}

static cor_tensor *numbers(cor_dtype dtype, const int64_t *sizes, int n) {
    const int64_t below = dtype == COR_BOOL ? 2 : 5;
    return cor_dtype_is_floating(dtype) ? cor_randn_sized(dtype, sizes, n)
                                        : cor_randint_sized(dtype, 0, below, sizes, n);
}

/* What a transposed convolution's output has beyond the least that its input can come from. */
static int64_t output_padding(const cor__conv_problem *p, int axis) {
    return p->output[axis] - cor__conv_output_size(true, p->input[axis], p->kernel[axis], p->stride[axis],
                                                   p->padding[axis], p->padding[axis], p->dilation[axis], 0);
}

/* Whether the public call's arguments say the problem: it pads both sides alike. */
static bool is_call(const cor__conv_problem *p) {
    for (int axis = 0; axis < AXES; axis++) {
        const int64_t s = p->stride[axis], d = p->dilation[axis], more = output_padding(p, axis);
        if (p->transposed ? more < 0 || (more >= s && more >= d)
                          : p->output[axis] != cor__conv_output_size(false, p->input[axis], p->kernel[axis], s,
                                                                     p->padding[axis], p->padding[axis], d, 0))
            return false;
    }
    return true;
}

int bench_operands_make(bench_operands *operands, const bench_row *row) {
    if (row->direction == BENCH_BACKWARD_WEIGHT)
        return cor_error_set(COR_EUNSUPPORTED, "the gradient of the weight is not supported");
    cor__conv_problem p = row->problem;
    if (row->direction == BENCH_BACKWARD_DATA) p = cor__conv_problem_backward_data(&p);
    int64_t input[2 + AXES] = {p.n, p.c}, weight[2 + AXES] = {p.o, p.c / p.groups};
    if (p.transposed) weight[0] = p.c, weight[1] = p.o / p.groups;
    for (int i = 0; i < p.spatial; i++) {
        input[2 + i] = p.input[AXES - p.spatial + i];
        weight[2 + i] = p.kernel[AXES - p.spatial + i];
    }
    *operands = (bench_operands){p, numbers(p.dtype, input, 2 + p.spatial), numbers(p.dtype, weight, 2 + p.spatial),
                                 p.bias ? numbers(p.dtype, &p.o, 1) : COR_NONE, is_call(&p)};
    return cor_error();
}

static cor_tensor *call_forward(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    const int64_t *s = p->stride, *q = p->padding, *d = p->dilation;
    if (p->spatial == 1)
        return cor_conv1d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .stride = s[2], .padding = q[2],
                          .dilation = d[2]);
    if (p->spatial == 2)
        return cor_conv2d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .strides = {s[1], s[2]},
                          .paddings = {q[1], q[2]}, .dilations = {d[1], d[2]});
    return cor_conv3d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .strides = {s[0], s[1], s[2]},
                      .paddings = {q[0], q[1], q[2]}, .dilations = {d[0], d[1], d[2]});
}

static cor_tensor *call_transposed(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    const int64_t *s = p->stride, *q = p->padding, *d = p->dilation;
    const int64_t more[AXES] = {output_padding(p, 0), output_padding(p, 1), output_padding(p, 2)};
    if (p->spatial == 1)
        return cor_conv_transpose1d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .stride = s[2],
                                    .padding = q[2], .dilation = d[2], .output_padding = more[2]);
    if (p->spatial == 2)
        return cor_conv_transpose2d(o->input, o->weight, .bias = o->bias, .groups = p->groups, .strides = {s[1], s[2]},
                                    .paddings = {q[1], q[2]}, .dilations = {d[1], d[2]},
                                    .output_paddings = {more[1], more[2]});
    return cor_conv_transpose3d(o->input, o->weight, .bias = o->bias, .groups = p->groups,
                                .strides = {s[0], s[1], s[2]}, .paddings = {q[0], q[1], q[2]},
                                .dilations = {d[0], d[1], d[2]}, .output_paddings = {more[0], more[1], more[2]});
}

static cor_tensor *run_problem(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    int64_t sizes[2 + AXES] = {p->n, p->o};
    for (int i = 0; i < p->spatial; i++) sizes[2 + i] = p->output[AXES - p->spatial + i];
    cor_tensor *output = cor_empty_sized(p->dtype, sizes, 2 + p->spatial);
    if (output == NULL) return NULL;
    const int status =
        cor__conv_run(p, cor_data(o->input), cor_data(o->weight), p->bias ? cor_data(o->bias) : NULL, cor_data(output));
    return status == COR_OK ? output : NULL;
}

cor_tensor *bench_call(const bench_operands *operands) {
    if (!operands->is_call) return run_problem(operands);
    return operands->problem.transposed ? call_transposed(operands) : call_forward(operands);
}
