/* reduce.c: sums, products, extremes and truth of all elements or along dimensions. */
#include "ops/reduce.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "ops/backward.h"
#include "tensor/iterate.h"
#include <corrie/reduce.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_sum_options, COR_SUM_OPTIONS)
COR__DEFINE_OPTIONS(cor_prod_options, COR_PROD_OPTIONS)
COR__DEFINE_OPTIONS(cor_reduce_options, COR_REDUCE_OPTIONS)

/* ---- shared ----------------------------------------------------------------------------------------------------- */

void cor__describe_reduced(cor__call *call, int which, cor_dtype dtype, const bool *marks, bool keepdim) {
    const cor_tensor *t = call->inputs[0];
    cor__meta *out = &call->out[which];
    out->dtype = dtype;
    out->ndim = 0;
    for (int d = 0; d < t->ndim; d++)
        if (!marks[d] || keepdim) out->sizes[out->ndim++] = marks[d] ? 1 : t->sizes[d];
}

cor_dtype cor__sum_dtype(cor_dtype dtype, cor_dtype wanted) {
    if (wanted != COR_DTYPE_UNSET) return wanted;
    return cor_dtype_is_floating(dtype) ? dtype : COR_INT64;
}

cor_dtype cor__fold_dtype(cor_dtype dtype) {
    if (cor_dtype_is_floating(dtype)) return cor__compute_dtype(dtype);
    return dtype == COR_BOOL ? COR_BOOL : COR_INT64;
}

int cor__check_not_empty(const cor__call *call, bool all, const bool *marks) {
    const cor_tensor *t = call->inputs[0];
    const char *name = call->op->name;
    bool is_arg = strncmp(name, "arg", 3) == 0;
    if (t->numel > 0) return COR_OK;
    if (all)
        return cor__fail(is_arg ? COR_EINDEX : COR_EVALUE,
                         "%s(): Expected reduction dim to be specified for input.numel() == 0.%s", name,
                         is_arg ? "" : " Specify the reduction dim with the 'dim' argument.");
    for (int d = 0; d < t->ndim; d++)
        if (marks[d] && t->sizes[d] == 0)
            return cor__fail(COR_EINDEX, "%s(): Expected reduction dim %d to have non-zero size.", name, d);
    return COR_OK;
}

int cor__reduce_into(const cor_tensor *out, const cor__reduction *r,
                     void (*finish)(int64_t n, void *results, double parameter), double parameter) {
    cor_dtype compute = r->lines.compute;
    size_t bytes = (size_t)(out->numel * cor_dtype_size(compute));
    if (bytes == 0) return COR_OK;
    void *results = out->dtype == compute ? cor__data(out) : cor__alloc(bytes, "the results of a reduction");
    if (results == NULL) return cor_error();
    int code = cor__reduce_run(r, results);
    if (code == COR_OK && finish != NULL) finish(out->numel, results, parameter);
    if (code == COR_OK) cor__write_results(out, results, compute);
    if (results != cor__data(out)) cor__free(results, bytes);
    return code;
}

/* A fold of input 0, brought to `dtype` first if that is a conversion that matters, into output 0. */
static int fold(cor__call *call, const bool *marks, cor__fold which, cor_dtype dtype, cor_dtype compute,
                void (*finish)(int64_t, void *, double), double parameter) {
    const cor_tensor *in = call->inputs[0];
    bool cast = in->dtype != dtype && !(compute == COR_INT64 && dtype == COR_INT64);
    cor_tensor *own = cast ? cor__contiguous_as(in, dtype) : NULL;
    if (cast && own == NULL) return cor_error();
    cor__reduction r = {.lines = cor__lines_of(cast ? own : in, marks, compute), .fold = which};
    int code = cor__reduce_into(call->outputs[0], &r, finish, parameter);
    cor__release(own);
    return code;
}

static int check_dtype(cor_dtype dtype, const char *name) {
    if (dtype == COR_DTYPE_UNSET || cor_dtype_size(dtype) > 0) return COR_OK;
    return cor__fail(COR_EDTYPE, "%s: %d is not a dtype", name, (int)dtype);
}

/* ---- sum, mean, prod -------------------------------------------------------------------------------------------- */

/* Marks the dimensions and describes the output of a sum; the node's name says whether dimensions were given. */
static int sum_describe(cor__call *call, cor_dtype dtype, const char *whole, const char *part) {
    const cor_sum_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (check_dtype(o->dtype, call->op->name) != COR_OK) return cor_error();
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, dtype, marks, o->keepdim);
    call->grad_fn = o->dim == COR_UNSET && o->dims.n < 0 ? whole : part;
    return COR_OK;
}

static int sum_check(cor__call *call) {
    cor_dtype dtype = cor__sum_dtype(call->inputs[0]->dtype, ((const cor_sum_options *)call->options)->dtype);
    return sum_describe(call, dtype, "SumBackward0", "SumBackward1");
}

static int sum_forward(cor__call *call) {
    const cor_sum_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    cor_dtype dtype = call->outputs[0]->dtype, compute = cor__fold_dtype(dtype);
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    return fold(call, marks, compute == COR_BOOL ? COR__FOLD_MAX : COR__FOLD_SUM, dtype, compute, NULL, 0);
}

static int mean_check(cor__call *call) {
    const cor_sum_options *o = call->options;
    bool given = o->dtype != COR_DTYPE_UNSET;
    cor_dtype dtype = given ? o->dtype : call->inputs[0]->dtype;
    if (!cor_dtype_is_floating(dtype))
        return cor__fail(COR_EDTYPE,
                         "mean(): could not infer output dtype. %s dtype must be either a floating point or complex "
                         "dtype. Got: %s",
                         given ? "Optional" : "Input", cor__scalar_type_name(dtype));
    return sum_describe(call, dtype, "MeanBackward0", "MeanBackward1");
}

static void divide_float(int64_t n, void *results, double count) {
    float *p = results;
    for (int64_t i = 0; i < n; i++) p[i] /= (float)count;
}

static void divide_double(int64_t n, void *results, double count) {
    double *p = results;
    for (int64_t i = 0; i < n; i++) p[i] /= count;
}

static int mean_forward(cor__call *call) {
    const cor_sum_options *o = call->options;
    const cor_tensor *in = call->inputs[0];
    bool marks[COR_MAX_DIMS];
    cor_dtype dtype = call->outputs[0]->dtype, compute = cor__fold_dtype(dtype);
    if (cor__mark_dims(in, o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    int64_t count = 1;
    for (int d = 0; d < in->ndim; d++) count *= marks[d] ? in->sizes[d] : 1;
    return fold(call, marks, COR__FOLD_SUM, dtype, compute, compute == COR_FLOAT32 ? divide_float : divide_double,
                (double)count);
}

static int prod_check(cor__call *call) {
    const cor_prod_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (check_dtype(o->dtype, "prod") != COR_OK) return cor_error();
    if (cor__mark_dims(call->inputs[0], o->dim, &(cor_dims)COR_DIMS_UNSET, true, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, cor__sum_dtype(call->inputs[0]->dtype, o->dtype), marks, o->keepdim);
    call->grad_fn = o->dim == COR_UNSET ? "ProdBackward0" : "ProdBackward1";
    return COR_OK;
}

static int prod_forward(cor__call *call) {
    const cor_prod_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    cor_dtype dtype = call->outputs[0]->dtype, compute = cor__fold_dtype(dtype);
    if (cor__mark_dims(call->inputs[0], o->dim, &(cor_dims)COR_DIMS_UNSET, true, marks) != COR_OK) return cor_error();
    return fold(call, marks, compute == COR_BOOL ? COR__FOLD_MIN : COR__FOLD_PROD, dtype, compute, NULL, 0);
}

static int sum_backward(cor__backward *pass) {
    const cor_sum_options *o = pass->options;
    pass->results[0] = cor__unreduce(pass, pass->grads[0], o->dim, &o->dims, o->keepdim, true);
    return cor_error();
}

static int mean_backward(cor__backward *pass) {
    const cor__edge *input = &pass->node->edges[0];
    const cor__result *mean = &pass->node->results[0];
    double count = 1;
    for (int d = 0; d < input->ndim; d++) count *= (double)input->sizes[d];
    for (int d = 0; d < mean->ndim; d++) count /= (double)cor__max(mean->sizes[d], 1);
    const cor_sum_options *o = pass->options;
    pass->results[0] = cor__unreduce(pass, cor_div(pass->grads[0], count), o->dim, &o->dims, o->keepdim, true);
    return cor_error();
}

/* Of each element of the lines (outer, n) the product of the others, by halves, without a division: elements of a pair
 * get what is outside the pair times the other of the pair. */
static cor_tensor *product_of_others(cor_tensor *x) {
    if (x == NULL) return NULL;
    const int64_t n = x->sizes[1];
    if (n == 1) return cor_ones_like(x);
    if (n % 2 != 0) x = cor_cat(COR_TENSORS(x, cor_ones_like(cor_narrow(x, 1, 0, 1))), .dim = 1);
    cor_tensor *even = cor_slice(x, 1, .step = 2), *odd = cor_slice(x, 1, .start = 1, .step = 2);
    cor_tensor *outside = product_of_others(cor_mul(even, odd));
    cor_tensor *pairs = cor_stack(COR_TENSORS(cor_mul(outside, odd), cor_mul(outside, even)), .dim = 2);
    return cor_narrow(cor_flatten(pairs, .start_dim = 1), 1, 0, n);
}

static int prod_backward(cor__backward *pass) {
    const cor_prod_options *o = pass->options;
    const cor_dims all = COR_DIMS_UNSET;
    cor_tensor *x = cor__kept_input(pass, 0);
    cor_tensor *g = cor__unreduce(pass, pass->grads[0], o->dim, &all, o->keepdim, false);
    if (x == NULL || g == NULL) return cor_error();
    if (x->numel == 0) return cor__zero_backward(pass);
    const bool whole = o->dim == COR_UNSET || x->ndim == 0;
    x = cor_to(x, cor__compute_dtype(g->dtype));
    if (!whole) x = cor_transpose(x, o->dim, -1);
    if (x == NULL) return cor_error();
    const int64_t n = whole ? x->numel : x->sizes[x->ndim - 1];
    cor_tensor *others = cor_reshape_to(product_of_others(cor_reshape(x, x->numel / n, n)), x->sizes, x->ndim);
    pass->results[0] = cor_mul(g, whole ? others : cor_transpose(others, o->dim, -1));
    return cor_error();
}

const cor__op cor__op_sum = {.name = "sum",
                             .grad_fn = "SumBackward0",
                             .check = sum_check,
                             .forward = sum_forward,
                             .describe = cor_sum_options_describe,
                             .backward = sum_backward,
                             .reads_options = sizeof(cor_sum_options)};
const cor__op cor__op_mean = {.name = "mean",
                              .grad_fn = "MeanBackward0",
                              .check = mean_check,
                              .forward = mean_forward,
                              .describe = cor_sum_options_describe,
                              .backward = mean_backward,
                              .reads_options = sizeof(cor_sum_options)};
const cor__op cor__op_prod = {.name = "prod",
                              .grad_fn = "ProdBackward0",
                              .check = prod_check,
                              .forward = prod_forward,
                              .describe = cor_prod_options_describe,
                              .backward = prod_backward,
                              .reads_options = sizeof(cor_prod_options),
                              .reads_inputs = {1}};

static cor_tensor *apply_sum(const cor__op *op, cor_tensor *t, const cor_sum_options *options) {
    cor_sum_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, op->name) != COR_OK) return NULL;
    return cor__apply1(op, &t, 1, cor_sum_options_or_defaults(options, &room));
}

cor_tensor *cor_sum_with(cor_tensor *t, const cor_sum_options *options) { return apply_sum(&cor__op_sum, t, options); }
cor_tensor *cor_mean_with(cor_tensor *t, const cor_sum_options *options) {
    return apply_sum(&cor__op_mean, t, options);
}

cor_tensor *cor_prod_with(cor_tensor *t, const cor_prod_options *options) {
    cor_prod_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "prod") != COR_OK) return NULL;
    return cor__apply1(&cor__op_prod, &t, 1, cor_prod_options_or_defaults(options, &room));
}

/* ---- amin, amax, any, all --------------------------------------------------------------------------------------- */

static int extreme_check(cor__call *call) {
    const cor_reduce_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, true, marks) != COR_OK) return cor_error();
    if (cor__check_not_empty(call, o->dim == COR_UNSET && o->dims.n <= 0, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, call->inputs[0]->dtype, marks, o->keepdim);
    return COR_OK;
}

static int truth_check(cor__call *call) {
    const cor_reduce_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, false, marks) != COR_OK) return cor_error();
    cor__describe_reduced(call, 0, call->inputs[0]->dtype == COR_UINT8 ? COR_UINT8 : COR_BOOL, marks, o->keepdim);
    return COR_OK;
}

static int extreme(cor__call *call, cor__fold which, cor_dtype compute, bool empty_is_all) {
    const cor_reduce_options *o = call->options;
    bool marks[COR_MAX_DIMS];
    if (cor__mark_dims(call->inputs[0], o->dim, &o->dims, empty_is_all, marks) != COR_OK) return cor_error();
    return fold(call, marks, which, call->inputs[0]->dtype, compute, NULL, 0);
}

static int amin_forward(cor__call *call) {
    return extreme(call, COR__FOLD_MIN, cor__fold_dtype(call->inputs[0]->dtype), true);
}
static int amax_forward(cor__call *call) {
    return extreme(call, COR__FOLD_MAX, cor__fold_dtype(call->inputs[0]->dtype), true);
}
static int any_forward(cor__call *call) { return extreme(call, COR__FOLD_MAX, COR_BOOL, false); }
static int all_forward(cor__call *call) { return extreme(call, COR__FOLD_MIN, COR_BOOL, false); }

static int extreme_backward(cor__backward *pass) {
    const cor_reduce_options *o = pass->options;
    return cor__extreme_backward(pass, o->dim, &o->dims, o->keepdim);
}

#define EXTREME_BACKWARD                                                                                               \
    .backward = extreme_backward, .reads_options = sizeof(cor_reduce_options), .reads_inputs = {1}, .reads_outputs = 1

#define REDUCE_OP(row, node, checks, ...)                                                                              \
    const cor__op cor__op_##row = {.name = #row,                                                                       \
                                   .grad_fn = node,                                                                    \
                                   .check = checks,                                                                    \
                                   .forward = row##_forward,                                                           \
                                   .describe = cor_reduce_options_describe,                                            \
                                   ##__VA_ARGS__};                                                                     \
    cor_tensor *cor_##row##_with(cor_tensor *t, const cor_reduce_options *options) {                                   \
        cor_reduce_options room;                                                                                       \
        if (cor_error() != COR_OK || cor__check_options(options, sizeof room, #row) != COR_OK) return NULL;            \
        return cor__apply1(&cor__op_##row, &t, 1, cor_reduce_options_or_defaults(options, &room));                     \
    }

REDUCE_OP(amin, "AminBackward0", extreme_check, EXTREME_BACKWARD)
REDUCE_OP(amax, "AmaxBackward0", extreme_check, EXTREME_BACKWARD)
REDUCE_OP(any, NULL, truth_check)
REDUCE_OP(all, NULL, truth_check)
