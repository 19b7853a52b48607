/* bench_call.c: the tensors of a row, and the call that is timed. */
#include "cli/bench.h"
#include <string.h>

enum { AXES = COR__CONV_AXES };

double bench_products(const cor__conv_problem *p) {
    double n = (double)p->n * (double)p->o * (double)p->c / (double)p->groups;
    for (int i = 0; i < AXES; i++) n *= (double)p->kernel[i] * (double)(p->transposed ? p->input[i] : p->output[i]);
    return n;
}

/* ---- operands --------------------------------------------------------------------------------------------------- */

static cor_dims shape_of(const cor__conv_problem *p, int64_t outer, int64_t inner, const int64_t axes[AXES]) {
    cor_dims s = {2 + p->spatial, {outer, inner}};
    memcpy(s.at + 2, axes + AXES - p->spatial, (size_t)p->spatial * sizeof axes[0]);
    return s;
}

static cor_dims input_shape(const cor__conv_problem *p) { return shape_of(p, p->n, p->c, p->input); }
static cor_dims output_shape(const cor__conv_problem *p) { return shape_of(p, p->n, p->o, p->output); }
static cor_dims weight_shape(const cor__conv_problem *p) {
    return p->transposed ? shape_of(p, p->c, p->o / p->groups, p->kernel)
                         : shape_of(p, p->o, p->c / p->groups, p->kernel);
}

/* Evenly distributed in [-1/2, 1/2): with longer tails the rounding of a single large product would stand out. */
static cor_tensor *numbers(cor_dtype dtype, cor_dims s) {
    const int64_t below = dtype == COR_BOOL ? 2 : 5;
    return cor_dtype_is_floating(dtype) ? cor_sub(cor_rand_sized(dtype, s.at, (int)s.n), 0.5)
                                        : cor_randint_sized(dtype, 0, below, s.at, (int)s.n);
}

/* What a transposed convolution's output has beyond the least that its input can come from. */
static int64_t output_padding(const cor__conv_problem *p, int axis) {
    return p->output[axis] - cor__conv_output_size(true, p->input[axis], p->kernel[axis], p->stride[axis],
                                                   p->padding[axis], p->padding[axis], p->dilation[axis], 0);
}

/* Whether a public call's arguments, which pad both sides alike, say the problem. */
static bool is_said(const cor__conv_problem *p) {
    for (int axis = 0; axis < AXES; axis++) {
        const int64_t s = p->stride[axis], d = p->dilation[axis], more = output_padding(p, axis);
        if (p->transposed ? more < 0 || (more >= s && more >= d)
                          : p->output[axis] != cor__conv_output_size(false, p->input[axis], p->kernel[axis], s,
                                                                     p->padding[axis], p->padding[axis], d, 0))
            return false;
    }
    return true;
}

static bench_kind kind_of(const bench_row *row) {
    const bool transposed = row->problem.transposed;
    if (row->direction == BENCH_BACKWARD_WEIGHT) return BENCH_WEIGHT;
    if (row->direction == BENCH_BACKWARD_DATA) return transposed ? BENCH_CONV : BENCH_INPUT;
    return transposed ? BENCH_TRANSPOSED : BENCH_CONV;
}

int bench_operands_make(bench_operands *operands, const bench_row *row) {
    const cor__conv_problem *given = &row->problem, back = cor__conv_problem_backward_data(given);
    const bench_kind kind = kind_of(row);
    /* The gradient of a transposed convolution's weight is that of the convolution it is the gradient of. */
    const bool turned = kind == BENCH_WEIGHT ? given->transposed : row->direction == BENCH_BACKWARD_DATA;
    const cor__conv_problem p = turned ? back : *given;
    if (cor__conv_post_any(&p.epilogue) && (p.transposed || !cor_dtype_is_floating(p.dtype)))
        return cor_error_set(COR_EUNSUPPORTED, "post-ops and scales are of forward convolutions of floating dtypes");
    *operands = (bench_operands){.kind = kind,
                                 .problem = p,
                                 .input = numbers(p.dtype, input_shape(&p)),
                                 .second = numbers(p.dtype, kind == BENCH_WEIGHT ? output_shape(&p) : weight_shape(&p)),
                                 .bias = p.bias ? numbers(p.dtype, (cor_dims){1, {p.o}}) : COR_NONE,
                                 .scale = p.epilogue.scaled ? numbers(p.dtype, (cor_dims){1, {p.o}}) : COR_NONE,
                                 .residual = p.epilogue.residual ? numbers(p.dtype, output_shape(&p)) : COR_NONE,
                                 .is_said = is_said(kind == BENCH_INPUT ? given : &p)};
    return cor_error();
}

const char *bench_implementation(const bench_operands *operands) {
    return operands->kind == BENCH_WEIGHT ? cor__conv_weights_plan(&operands->problem)->name
                                          : cor__conv_plan(&operands->problem)->name;
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static cor_tensor *call_conv(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    const int64_t *s = p->stride, *q = p->padding, *d = p->dilation;
    if (p->spatial == 1)
        return cor_conv1d(o->input, o->second, .bias = o->bias, .groups = p->groups, .stride = s[2], .padding = q[2],
                          .dilation = d[2]);
    if (p->spatial == 2)
        return cor_conv2d(o->input, o->second, .bias = o->bias, .groups = p->groups, .strides = {s[1], s[2]},
                          .paddings = {q[1], q[2]}, .dilations = {d[1], d[2]});
    return cor_conv3d(o->input, o->second, .bias = o->bias, .groups = p->groups, .strides = {s[0], s[1], s[2]},
                      .paddings = {q[0], q[1], q[2]}, .dilations = {d[0], d[1], d[2]});
}

static cor_tensor *call_fused(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    cor_conv_fused_options options;
    cor_conv_fused_options_init(&options);
    options.bias = o->bias, options.scale = o->scale, options.residual = o->residual;
    options.activation = p->epilogue.activation;
    options.groups = p->groups;
    for (int i = 0; i < p->spatial; i++) {
        options.strides[i] = p->stride[AXES - p->spatial + i];
        options.paddings[i] = p->padding[AXES - p->spatial + i];
        options.dilations[i] = p->dilation[AXES - p->spatial + i];
    }
    return p->spatial == 1   ? cor_conv1d_fused_with(o->input, o->second, &options)
           : p->spatial == 2 ? cor_conv2d_fused_with(o->input, o->second, &options)
                             : cor_conv3d_fused_with(o->input, o->second, &options);
}

static cor_tensor *call_transposed(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    const int64_t *s = p->stride, *q = p->padding, *d = p->dilation;
    const int64_t more[AXES] = {output_padding(p, 0), output_padding(p, 1), output_padding(p, 2)};
    if (p->spatial == 1)
        return cor_conv_transpose1d(o->input, o->second, .bias = o->bias, .groups = p->groups, .stride = s[2],
                                    .padding = q[2], .dilation = d[2], .output_padding = more[2]);
    if (p->spatial == 2)
        return cor_conv_transpose2d(o->input, o->second, .bias = o->bias, .groups = p->groups, .strides = {s[1], s[2]},
                                    .paddings = {q[1], q[2]}, .dilations = {d[1], d[2]},
                                    .output_paddings = {more[1], more[2]});
    return cor_conv_transpose3d(o->input, o->second, .bias = o->bias, .groups = p->groups,
                                .strides = {s[0], s[1], s[2]}, .paddings = {q[0], q[1], q[2]},
                                .dilations = {d[0], d[1], d[2]}, .output_paddings = {more[0], more[1], more[2]});
}

static cor_tensor *call_gradient(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    cor_conv_grad_options options;
    cor_conv_grad_options_init(&options);
    options.groups = p->groups;
    for (int i = 0; i < p->spatial; i++) {
        options.strides[i] = p->stride[AXES - p->spatial + i];
        options.paddings[i] = p->padding[AXES - p->spatial + i];
        options.dilations[i] = p->dilation[AXES - p->spatial + i];
    }
    if (o->kind == BENCH_INPUT) {
        const cor_dims sizes = output_shape(p);
        return p->spatial == 1   ? cor_conv1d_input_with(sizes, o->second, o->input, &options)
               : p->spatial == 2 ? cor_conv2d_input_with(sizes, o->second, o->input, &options)
                                 : cor_conv3d_input_with(sizes, o->second, o->input, &options);
    }
    const cor_dims sizes = weight_shape(p);
    return p->spatial == 1   ? cor_conv1d_weight_with(o->input, sizes, o->second, &options)
           : p->spatial == 2 ? cor_conv2d_weight_with(o->input, sizes, o->second, &options)
                             : cor_conv3d_weight_with(o->input, sizes, o->second, &options);
}

static const void *data_of(const cor_tensor *t) { return t == COR_NONE ? NULL : cor_data_const(t); }

static cor_tensor *run_problem(const bench_operands *o) {
    const cor__conv_problem *p = &o->problem;
    const cor_dims s = o->kind == BENCH_WEIGHT ? weight_shape(p) : output_shape(p);
    cor_tensor *result = cor_empty_sized(p->dtype, s.at, (int)s.n);
    if (result == NULL) return NULL;
    const cor__conv_epilogue epilogue = {.scale = data_of(o->scale), .residual = data_of(o->residual)};
    const cor__conv_operands operands = {.input = data_of(o->input),
                                         .weight = data_of(o->second),
                                         .bias = data_of(o->bias),
                                         .output = cor_data(result),
                                         .epilogue = cor__conv_post_any(&p->epilogue) ? &epilogue : NULL};
    const int status = o->kind == BENCH_WEIGHT
                           ? cor__conv_weights_run(p, operands.input, operands.weight, operands.output, NULL)
                           : cor__conv_run_fused(p, &operands);
    return status == COR_OK ? result : NULL;
}

cor_tensor *bench_call(const bench_operands *operands) {
    if (!operands->is_said) return run_problem(operands);
    switch (operands->kind) {
    case BENCH_CONV:
        return cor__conv_post_any(&operands->problem.epilogue) ? call_fused(operands) : call_conv(operands);
    case BENCH_TRANSPOSED:
        return call_transposed(operands);
    default:
        return call_gradient(operands);
    }
}
