/* bench_check.c: a result against the definition, computed in float64 or in integers.
 * The definition is slow, so planes (an image's output channel; of a weight's gradient the weights of an output
 * channel) are computed apart, on all threads, and of large results only some. */
#include "base/memory.h"
#include "cli/bench.h"
#include <math.h>
#include <string.h>

enum { AXES = COR__CONV_AXES };
static const double most_products = 1 << 28; /* of one check */
static const double rms_bound = 0.8, most_bound = 8;

/* What the threads share. */
typedef struct check {
    const cor__conv_problem *problem;
    bool of_weight;
    cor__conv_problem plane; /* the problem of one plane: an output channel, the channels of its group, and one image
                                unless it is of the weight */
    const char *scale, *residual;               /* NULL where there is none */
    const char *input, *second, *bias, *output; /* in the plane's dtype; the second operand with the output channels
                                                   outside */
    int64_t size;                               /* of an element */
    int64_t elements;                           /* of a plane */
    int64_t planes, step;                       /* every step-th is looked at */
    struct plane_errors {
        int64_t different, sums; /* elements that differ; that the definition sums to something */
        double squares, error_squares, most;
    } * errors; /* of the planes that are looked at */
} check;

static int64_t taps_of(const cor__conv_problem *p) { return p->kernel[0] * p->kernel[1] * p->kernel[2]; }
static int64_t positions_of(const int64_t sizes[AXES]) { return sizes[0] * sizes[1] * sizes[2]; }

static void compare(struct plane_errors *e, const check *c, const char *expected, const char *got) {
    const int64_t n = c->elements;
    for (int64_t i = 0; i < n; i++)
        e->different += memcmp(expected + i * c->size, got + i * c->size, (size_t)c->size) != 0;
    if (c->plane.dtype != COR_FLOAT64) return;
    const double *x = (const double *)expected, *y = (const double *)got;
    for (int64_t i = 0; i < n; i++) {
        const double error = fabs(x[i] - y[i]);
        e->error_squares += error * error;
        if (!(error <= e->most)) e->most = error; /* a NaN stays */
    }
}

/* Errors are told in the size of the outputs as they are before an activation, which may be much smaller after it. */
static void measure(struct plane_errors *e, const check *c, const char *expected) {
    const double *x = (const double *)expected;
    for (int64_t i = 0; c->plane.dtype == COR_FLOAT64 && i < c->elements; i++) {
        e->sums += x[i] != 0;
        e->squares += x[i] * x[i];
    }
}

static void activate(const check *c, char *plane) {
    cor__conv_problem p = c->plane;
    const cor__conv_epilogue nothing = {.scale = NULL};
    const cor__conv_operands at = {.output = plane, .epilogue = &nothing};
    p.epilogue = (cor__conv_post){.activation = c->problem->epilogue.activation};
    if (p.epilogue.activation != COR_ACTIVATION_NONE) cor__conv_finish_all(&p, &at);
}

/* Without the activation. */
static int compute_plane(const check *c, int64_t plane, char *expected) {
    const cor__conv_problem *p = c->problem;
    const int64_t image = plane / p->o, o = plane % p->o, group = o / (p->o / p->groups);
    const int64_t channels = p->c / p->groups;
    const char *input = c->input + (image * p->c + group * channels) * positions_of(p->input) * c->size;
    if (c->of_weight) {
        const cor__weights_operands at = {input, c->second + o * p->n * positions_of(p->output) * c->size, expected};
        return cor__weights_reference.run(&c->plane, &at, 1, NULL);
    }
    const cor__conv_epilogue epilogue = {.scale = c->scale != NULL ? c->scale + o * c->size : NULL,
                                         .residual =
                                             c->residual != NULL ? c->residual + plane * c->elements * c->size : NULL};
    const cor__conv_operands at = {.input = input,
                                   .weight = c->second + o * channels * taps_of(p) * c->size,
                                   .bias = p->bias ? c->bias + o * c->size : NULL,
                                   .output = expected,
                                   .epilogue = cor__conv_post_any(&p->epilogue) ? &epilogue : NULL};
    return cor__conv_run_by(&cor__conv_reference, &c->plane, &at);
}

/* The planes looked at are `step` apart, moved on by one each time so that every residue comes. */
static void check_planes(int64_t begin, int64_t end, void *context) {
    const check *c = context;
    const size_t bytes = (size_t)(c->elements * c->size);
    char *expected = cor__alloc(bytes, "a plane to check");
    for (int64_t i = begin; expected != NULL && i < end; i++) {
        const int64_t plane = i * c->step + i % c->step;
        if (compute_plane(c, plane, expected) != COR_OK) break;
        measure(&c->errors[i], c, expected);
        activate(c, expected);
        compare(&c->errors[i], c, expected, c->output + plane * c->elements * c->size);
    }
    cor__free(expected, bytes);
}

/* The second operand with its output channels outside. They are inside of a transposed convolution's weight, (C, O/g,
 * ...), which becomes (O, C/g, ...), and of the gradient of the output, (N, O, ...), which becomes (O, N, ...). */
static cor_tensor *outputs_outside(const bench_operands *operands) {
    const cor__conv_problem *p = &operands->problem;
    const int64_t g = p->groups;
    if (operands->kind == BENCH_WEIGHT) return cor_contiguous(cor_transpose(operands->second, 0, 1));
    if (!p->transposed) return operands->second;
    cor_tensor *grouped = cor_reshape(operands->second, g, p->c / g, p->o / g, taps_of(p));
    return cor_contiguous(cor_transpose(grouped, 1, 2));
}

static cor__conv_problem plane_of(const cor__conv_problem *p, cor_dtype dtype, bool of_weight) {
    cor__conv_problem plane = *p; /* with the strides of the whole input */
    plane.dtype = dtype;
    plane.groups = plane.o = 1;
    plane.c = p->c / p->groups;
    if (!of_weight) plane.n = 1;
    plane.epilogue.activation = COR_ACTIVATION_NONE;
    return plane;
}

/* u: half the distance from 1 to the next number. */
static double rounding_unit(cor_dtype dtype) {
    return dtype == COR_FLOAT16 ? 0x1p-11 : dtype == COR_BFLOAT16 ? 0x1p-8 : dtype == COR_FLOAT32 ? 0x1p-24 : 0x1p-53;
}

static int64_t greatest_common_divisor(int64_t a, int64_t b) { return b == 0 ? a : greatest_common_divisor(b, a % b); }

/* K: the most products that an element sums. Of a transposed convolution every output meets only the taps that its
 * place leaves. */
static double products_summed(const check *c) {
    const cor__conv_problem *p = c->problem;
    if (c->of_weight) return (double)p->n * (double)positions_of(p->output);
    double k = (double)(p->c / p->groups);
    for (int axis = 0; axis < AXES; axis++) {
        const int64_t step = p->stride[axis] / greatest_common_divisor(p->stride[axis], p->dilation[axis]);
        k *= (double)(p->transposed ? (p->kernel[axis] + step - 1) / step : p->kernel[axis]);
    }
    return k;
}

/* The means are of the outputs that are sums of something: those that no tap reaches are 0 and cannot be wrong by a
 * little. */
static void sum_up(bench_errors *total, const check *c, int64_t looked_at) {
    const cor__conv_problem *p = c->problem;
    struct plane_errors all = {0, 0, 0, 0, 0};
    for (int64_t i = 0; i < looked_at; i++) {
        all.different += c->errors[i].different;
        all.sums += c->errors[i].sums;
        all.squares += c->errors[i].squares;
        all.error_squares += c->errors[i].error_squares;
        if (!(c->errors[i].most <= all.most)) all.most = c->errors[i].most;
    }
    const double sums = fmax((double)all.sums, 1);
    const double unit = rounding_unit(p->dtype) * sqrt(products_summed(c)) * sqrt(all.squares / sums);
    *total = (bench_errors){.exact = all.different == 0, .of_outputs = (double)looked_at / (double)c->planes};
    if (unit > 0) total->rms = sqrt(all.error_squares / sums) / unit, total->most = all.most / unit;
    total->within =
        cor_dtype_is_floating(p->dtype) ? total->rms <= rms_bound && total->most <= most_bound : total->exact;
}

static int run_check(bench_errors *errors, check *c) {
    const double products = bench_products(c->problem);
    c->planes = (c->of_weight ? 1 : c->problem->n) * c->problem->o;
    c->step = (int64_t)ceil(fmax(products, 1) / most_products);
    if (c->step > c->planes) c->step = c->planes;
    const int64_t looked_at = c->planes / c->step;
    const size_t bytes = (size_t)looked_at * sizeof *c->errors;
    if ((c->errors = cor__alloc(bytes, "the errors of planes")) == NULL) return cor_error();
    memset(c->errors, 0, bytes);
    const int status = cor_parallel_for(looked_at, 1, check_planes, c);
    if (status == COR_OK) sum_up(errors, c, looked_at);
    cor__free(c->errors, bytes);
    return status;
}

int bench_check(bench_errors *errors, const bench_operands *operands) {
    cor_scope();
    const cor__conv_problem *p = &operands->problem;
    const cor_dtype dtype = cor_dtype_is_floating(p->dtype) ? COR_FLOAT64 : p->dtype;
    cor_tensor *input = cor_to(operands->input, dtype), *output = cor_to(bench_call(operands), dtype);
    cor_tensor *second = cor_to(outputs_outside(operands), dtype);
    cor_tensor *bias = p->bias ? cor_to(operands->bias, dtype) : COR_NONE;
    cor_tensor *scale = p->epilogue.scaled ? cor_to(operands->scale, dtype) : COR_NONE;
    cor_tensor *residual = p->epilogue.residual ? cor_to(operands->residual, dtype) : COR_NONE;
    if (cor_error() != COR_OK) return cor_error();
    const bool of_weight = operands->kind == BENCH_WEIGHT;
    check c = {.problem = p,
               .of_weight = of_weight,
               .plane = plane_of(p, dtype, of_weight),
               .scale = p->epilogue.scaled ? cor_data(scale) : NULL,
               .residual = p->epilogue.residual ? cor_data(residual) : NULL,
               .input = cor_data(input),
               .second = cor_data(second),
               .bias = p->bias ? cor_data(bias) : NULL,
               .output = cor_data(output),
               .size = cor__conv_dtype_size(dtype),
               .elements = of_weight ? p->c / p->groups * taps_of(p) : positions_of(p->output)};
    return run_check(errors, &c);
}
