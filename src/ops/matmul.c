/* matmul.c: products of matrices, vectors and lists of matrices. */
#include "ops/matmul.h"
#include "base/error.h"
#include "base/sizes.h"
#include "ops/backward.h"
#include "ops/matmul_run.h"
#include "ops/reduce_lines.h"
#include "ops/reduce_run.h"
#include "tensor/iterate.h"
#include <corrie/matmul.h>
#include <string.h>

const char *cor__cpp_type_name(cor_dtype dtype) {
    static const char *const names[COR_DTYPES] = {"bool",     "unsigned char", "signed char",   "short int", "int",
                                                  "long int", "c10::Half",     "c10::BFloat16", "float",     "double"};
    return names[dtype];
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

/* One side as matrices: rows by columns, with strides, after the dimensions of its list. */
typedef struct side {
    int64_t rows, columns, row_stride, column_stride;
    int ndim; /* of the list */
} side;

/* A vector is one row on the left and one column on the right. */
static side left_of(const cor_tensor *a) {
    int n = a->ndim;
    if (n == 1) return (side){1, a->sizes[0], 0, a->strides[0], 0};
    return (side){a->sizes[n - 2], a->sizes[n - 1], a->strides[n - 2], a->strides[n - 1], n - 2};
}

static side right_of(const cor_tensor *b, bool transposed) {
    int n = b->ndim;
    if (n == 1) return (side){b->sizes[0], 1, b->strides[0], 0, 0};
    side s = {b->sizes[n - 2], b->sizes[n - 1], b->strides[n - 2], b->strides[n - 1], n - 2};
    return transposed ? (side){s.columns, s.rows, s.column_stride, s.row_stride, n - 2} : s;
}

/* The kernel of PyTorch's that a product of these shapes runs in: it gives errors and grad_fn their names. */
typedef enum kernel { DOT, MV, MM, BMM } kernel;

static kernel kernel_of(const cor_tensor *a, const cor_tensor *b) {
    if (a->ndim == 1 && b->ndim == 1) return DOT;
    if (b->ndim == 1) return MV;
    return b->ndim == 2 ? MM : BMM;
}

static int refuse_dtypes(kernel kind, cor_dtype a, cor_dtype b) {
    const char *first = cor__scalar_type_name(a), *second = cor__scalar_type_name(b);
    switch (kind) {
    case DOT:
        return cor__fail(COR_EDTYPE, "dot : expected both vectors to have same dtype, but found %s and %s", first,
                         second);
    case MV:
        return cor__fail(COR_EDTYPE, "addmv input tensors must have the same dtype, but got %s, %s, and %s", second,
                         first, second);
    case MM:
        return cor__fail(COR_EDTYPE, "expected m1 and m2 to have the same dtype, but got: %s != %s",
                         cor__cpp_type_name(a), cor__cpp_type_name(b));
    case BMM:
        break;
    }
    return cor__fail(COR_EDTYPE, "expected scalar type %s but found %s", first, second);
}

static int refuse_sizes(kernel kind, const cor_tensor *a, const side *left, const side *right, int64_t list) {
    long long k = (long long)left->columns, other = (long long)right->rows, rows = (long long)left->rows;
    for (int d = 0; d < left->ndim; d++) rows *= kind != BMM ? (long long)a->sizes[d] : 1;
    switch (kind) {
    case DOT:
        return cor__fail(COR_ESHAPE,
                         "inconsistent tensor size, expected tensor [%lld] and src [%lld] to have the same number of "
                         "elements, but got %lld and %lld elements respectively",
                         k, other, k, other);
    case MV:
        return cor__fail(COR_ESHAPE, "size mismatch, got input (%lld), mat (%lldx%lld), vec (%lld)", rows, rows, k,
                         other);
    case MM:
        return cor__fail(COR_ESHAPE, "mat1 and mat2 shapes cannot be multiplied (%lldx%lld and %lldx%lld)", rows, k,
                         other, (long long)right->columns);
    case BMM:
        break;
    }
    return cor__fail(COR_ESHAPE,
                     "Expected size for first two dimensions of batch2 tensor to be: [%lld, %lld] but got: [%lld, "
                     "%lld].",
                     (long long)list, k, (long long)list, other);
}

/* One matrix that requires grad by a list of them: PyTorch multiplies the transposes as one high matrix, and copies. */
static bool is_transposed(const cor_tensor *a, const cor_tensor *b) {
    bool one = a->ndim == 2 || (a->ndim == 3 && b->ndim == 3 && a->sizes[0] == 1 && b->sizes[0] != 1);
    return one && cor__requires_grad(a);
}

static const char *node_of(kernel kind, const cor_tensor *a, const cor_tensor *b) {
    if (kind == DOT) return "DotBackward0";
    if (kind == BMM && is_transposed(a, b)) return "CloneBackward0";
    if (a->ndim > 2 || kind == BMM) return "UnsafeViewBackward0";
    if (kind == MV) return "MvBackward0";
    return a->ndim == 1 ? "SqueezeBackward4" : "MmBackward0";
}

int cor__matmul_describe(cor__call *call, bool transposed) {
    static const char *const names[] = {
        [DOT] = "dot", [MV] = "addmv_impl_cpu", [MM] = "addmm_impl_cpu_", [BMM] = "bmm"};
    const cor_tensor *a = call->inputs[0], *b = call->inputs[1];
    cor__meta *out = &call->out[0];
    if (a->ndim == 0 || b->ndim == 0)
        return cor__fail(COR_ESHAPE, "both arguments to %s need to be at least 1D, but they are %dD and %dD",
                         call->op->name, a->ndim, b->ndim);
    side left = left_of(a), right = right_of(b, transposed);
    kernel kind = kernel_of(a, b);
    out->ndim = cor__broadcast(a->sizes, left.ndim, b->sizes, right.ndim, out->sizes);
    if (out->ndim < 0) return cor_error();
    int64_t list = 1;
    for (int d = 0; d < out->ndim; d++) list *= out->sizes[d];
    if (left.columns != right.rows) return refuse_sizes(kind, a, &left, &right, list);
    if (a->dtype != b->dtype) return refuse_dtypes(kind, a->dtype, b->dtype);
    if (a->dtype == COR_BOOL) return cor__fail(COR_EDTYPE, "\"%s\" not implemented for 'Bool'", names[kind]);
    if (a->ndim > 1) out->sizes[out->ndim++] = left.rows;
    if (b->ndim > 1) out->sizes[out->ndim++] = right.columns;
    out->dtype = a->dtype;
    call->grad_fn = node_of(kind, a, b);
    return COR_OK;
}

/* ---- computing -------------------------------------------------------------------------------------------------- */

/* Products of integers narrower than 32 bits are those of int32, cut. */
static cor_dtype product_dtype(cor_dtype dtype) {
    if (cor_dtype_is_floating(dtype)) return cor__compute_dtype(dtype);
    return dtype == COR_INT64 ? COR_INT64 : COR_INT32;
}

/* The matrices of a list, one product each. */
typedef struct list_job {
    cor__product one;
    int ndim;
    int64_t count, sizes[COR_MAX_DIMS];
    int64_t a_strides[COR_MAX_DIMS], b_strides[COR_MAX_DIMS]; /* in elements; 0 where broadcast */
} list_job;

static int multiply_one(const list_job *j, int64_t i, int threads) {
    cor__product p = j->one;
    int64_t size = cor_dtype_size(p.dtype), rest = i;
    p.c += i * p.m * p.n * size;
    for (int d = j->ndim - 1; d >= 0; d--) {
        int64_t at = rest % j->sizes[d];
        rest /= j->sizes[d];
        p.a += at * j->a_strides[d] * size;
        p.b += at * j->b_strides[d] * size;
    }
    return cor__multiply(&p, threads);
}

static void run_list(int64_t begin, int64_t end, void *context) {
    for (int64_t i = begin; i < end; i++)
        if (multiply_one(context, i, 1) != COR_OK) return;
}

static void list_strides(const cor_tensor *t, int own, int ndim, int64_t *strides) {
    for (int d = 0; d < ndim; d++) {
        int at = d - (ndim - own);
        strides[d] = at < 0 || t->sizes[at] == 1 ? 0 : t->strides[at];
    }
}

/* Large products share their work among the threads one by one, small ones and many are shared out whole. */
static int multiply_all(const list_job *j) {
    const cor__product *p = &j->one;
    int threads = cor_num_threads();
    double work = (double)p->m * (double)p->n * (double)p->k;
    if (j->count == 1) return cor__multiply(p, threads);
    if (work < 1 << 21 || j->count >= 8 * threads)
        return cor_parallel_for(j->count, cor__max(1, (int64_t)((1 << 18) / (work + 1))), run_list, (void *)j);
    for (int64_t i = 0; i < j->count; i++)
        if (multiply_one(j, i, threads) != COR_OK) break;
    return cor_error();
}

/* Both sides are of the dtype computed in and so is c, which is contiguous. */
static int multiply(cor_tensor *c, const cor_tensor *a, const cor_tensor *b, bool transposed, const cor_tensor *bias,
                    bool add) {
    side left = left_of(a), right = right_of(b, transposed);
    list_job j = {.one = {.dtype = c->dtype,
                          .m = left.rows,
                          .n = right.columns,
                          .k = left.columns,
                          .a = cor__data(a),
                          .b = cor__data(b),
                          .bias = bias == COR_NONE ? NULL : cor__data(bias),
                          .c = cor__data(c),
                          .a_row = left.row_stride,
                          .a_column = left.column_stride,
                          .b_row = right.row_stride,
                          .b_column = right.column_stride,
                          .add = add},
                  .count = 1};
    if (c->numel == 0) return COR_OK;
    /* One matrix for all of a: its matrices are one high one. So are the products of matrices without elements. */
    if (left.columns == 0 || (right.ndim == 0 && left.ndim > 0)) {
        j.one.m = c->numel / right.columns;
        j.one.a_row = left.columns; /* a is contiguous, but the stride of a single row may be anything */
        j.one.a_column = 1;
        return multiply_all(&j);
    }
    j.ndim = left.ndim > right.ndim ? left.ndim : right.ndim;
    list_strides(a, left.ndim, j.ndim, j.a_strides);
    list_strides(b, right.ndim, j.ndim, j.b_strides);
    for (int d = 0; d < j.ndim; d++) {
        j.sizes[d] = c->sizes[d];
        j.count *= c->sizes[d];
    }
    return multiply_all(&j);
}

/* A list of matrices that is to be one high one must lie in one piece. */
static bool needs_copy(const cor_tensor *a, const cor_tensor *b, cor_dtype compute) {
    return a->dtype != compute || (a->ndim > 2 && b->ndim <= 2 && !cor_is_contiguous(a));
}

/* A bias that is one row is added while the product is stored; of any other one the product is added to a copy. */
static bool is_row(const cor_tensor *bias, const cor_tensor *out) {
    return bias->ndim == 1 && out->ndim > 1 && bias->sizes[0] == out->sizes[out->ndim - 1];
}

int cor__matmul_into(cor_tensor *out, const cor_tensor *a, const cor_tensor *b, bool transposed,
                     const cor_tensor *bias) {
    cor_dtype compute = product_dtype(out->dtype);
    cor_tensor *own_a = NULL, *own_b = NULL, *own_c = NULL, *own_bias = NULL;
    bool row = bias != COR_NONE && b->ndim > 1 && is_row(bias, out), add = bias != COR_NONE && !row;
    int code = COR_OK;
    if (needs_copy(a, b, compute)) a = own_a = cor__contiguous_as(a, compute);
    if (b->dtype != compute) b = own_b = cor__contiguous_as(b, compute);
    if (row && (bias->dtype != compute || !cor_is_contiguous(bias)))
        bias = own_bias = cor__contiguous_as(bias, compute);
    if (out->dtype != compute) own_c = cor__empty(compute, out->sizes, out->ndim);
    cor_tensor *c = out->dtype != compute ? own_c : out;
    if (a == NULL || b == NULL || c == NULL || bias == NULL) code = cor_error();
    if (code == COR_OK && add) code = cor__copy(c, bias);
    if (code == COR_OK) code = multiply(c, a, b, transposed, row ? bias : COR_NONE, add);
    if (code == COR_OK && c != out) cor__write_results(out, cor__data(c), compute);
    cor__release(own_a);
    cor__release(own_b);
    cor__release(own_bias);
    cor__release(own_c);
    return code;
}

/* ---- the operations --------------------------------------------------------------------------------------------- */

static int matmul_check(cor__call *call) { return cor__matmul_describe(call, false); }

static int matmul_forward(cor__call *call) {
    return cor__matmul_into(call->outputs[0], call->inputs[0], call->inputs[1], false, COR_NONE);
}

static int mm_check(cor__call *call) {
    if (call->inputs[0]->ndim != 2) return cor__fail(COR_ESHAPE, "self must be a matrix");
    if (call->inputs[1]->ndim != 2) return cor__fail(COR_ESHAPE, "mat2 must be a matrix");
    return cor__matmul_describe(call, false);
}

static int bmm_check(cor__call *call) {
    const cor_tensor *a = call->inputs[0], *b = call->inputs[1];
    if (a->ndim != 3) return cor__fail(COR_ESHAPE, "batch1 must be a 3D tensor");
    if (b->ndim != 3) return cor__fail(COR_ESHAPE, "batch2 must be a 3D tensor");
    if (b->sizes[0] != a->sizes[0] || b->sizes[1] != a->sizes[2])
        return cor__fail(COR_ESHAPE,
                         "Expected size for first two dimensions of batch2 tensor to be: [%lld, %lld] but got: "
                         "[%lld, %lld].",
                         (long long)a->sizes[0], (long long)a->sizes[2], (long long)b->sizes[0],
                         (long long)b->sizes[1]);
    int code = cor__matmul_describe(call, false);
    call->grad_fn = call->op->grad_fn;
    return code;
}

/* A list of matrices by one is one high matrix by it. */
static cor_tensor *as_matrix(cor_tensor *t) {
    if (t == NULL || t->ndim <= 2) return t;
    int64_t rows = 1;
    for (int d = 0; d + 1 < t->ndim; d++) rows *= t->sizes[d];
    return cor_reshape(t, rows, t->sizes[t->ndim - 1]);
}

static cor_tensor *turned(cor_tensor *t) { return cor_transpose(t, -2, -1); }

/* The gradient of a product with vectors made matrices: g b^T and a^T g. */
static int matmul_backward(cor__backward *pass) {
    const cor__edge *left = &pass->node->edges[0], *right = &pass->node->edges[1];
    cor_tensor *g = pass->grads[0];
    if (right->ndim == 1) g = cor_unsqueeze(g, -1);
    if (left->ndim == 1) g = cor_unsqueeze(g, -2);
    if (cor__needs(pass, 0)) {
        cor_tensor *b = cor__kept_input(pass, 1);
        cor_tensor *grad = cor_matmul(g, right->ndim == 1 ? cor_unsqueeze(b, 0) : turned(b));
        pass->results[0] = left->ndim == 1 ? cor_squeeze(grad, .dim = -2) : grad;
    }
    if (cor__needs(pass, 1)) {
        cor_tensor *a = cor__kept_input(pass, 0);
        if (left->ndim == 1) a = cor_unsqueeze(a, 0);
        const bool one = right->ndim <= 2;
        cor_tensor *grad = cor_matmul(turned(one ? as_matrix(a) : a), one ? as_matrix(g) : g);
        pass->results[1] = right->ndim == 1 ? cor_squeeze(grad, .dim = -1) : grad;
    }
    return cor_error();
}

const cor__op cor__op_matmul = {.name = "matmul",
                                .grad_fn = "MmBackward0",
                                .check = matmul_check,
                                .forward = matmul_forward,
                                .backward = matmul_backward,
                                .reads_inputs = {1 << 1, 1 << 0}};
const cor__op cor__op_mm = {.name = "mm",
                            .grad_fn = "MmBackward0",
                            .check = mm_check,
                            .forward = matmul_forward,
                            .backward = matmul_backward,
                            .reads_inputs = {1 << 1, 1 << 0}};
const cor__op cor__op_bmm = {.name = "bmm",
                             .grad_fn = "BmmBackward0",
                             .check = bmm_check,
                             .forward = matmul_forward,
                             .backward = matmul_backward,
                             .reads_inputs = {1 << 1, 1 << 0}};

cor_tensor *cor_matmul(cor_tensor *a, cor_tensor *b) {
    return cor__apply1(&cor__op_matmul, (cor_tensor *const[]){a, b}, 2, NULL);
}
cor_tensor *cor_mm(cor_tensor *a, cor_tensor *b) {
    return cor__apply1(&cor__op_mm, (cor_tensor *const[]){a, b}, 2, NULL);
}
cor_tensor *cor_bmm(cor_tensor *a, cor_tensor *b) {
    return cor__apply1(&cor__op_bmm, (cor_tensor *const[]){a, b}, 2, NULL);
}
