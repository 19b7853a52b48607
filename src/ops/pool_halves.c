/* pool_halves.c: the gradient of max pooling with windows of 2 by 2, side by side, in one pass over its input. */
#include "base/error.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "ops/op_list_table.h"
#include "ops/pool.h"
#include "tensor/iterate.h"
#include <string.h>

enum { GRAD, INPUT, ELEMENT_GRAIN = 1 << 14, AXES = COR__POOL_AXES };

bool cor__pool_halves(const cor__window *w, const cor_tensor *input) {
    if (w->spatial < 2 || cor__pool_input(input, w->spatial, 0) != 1 || w->kernel[0] != 1 || w->padding[0] != 0)
        return false;
    for (int i = 1; i < AXES; i++) {
        const bool halves = w->kernel[i] == 2 && w->stride[i] == 2 && w->padding[i] == 0 && w->dilation[i] == 1;
        if (!halves || (w->ceil_mode && cor__pool_input(input, w->spatial, i) % 2 != 0)) return false;
    }
    return true;
}

static int check(cor__call *call) {
    const cor_tensor *input = call->inputs[INPUT];
    call->out[0].dtype = input->dtype;
    call->out[0].ndim = input->ndim;
    memcpy(call->out[0].sizes, input->sizes, sizeof(int64_t) * (size_t)input->ndim);
    return COR_OK;
}

typedef struct job {
    cor__pool pool;
    cor__pool_rows rows;
} job;

static void run_planes(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    j->rows(&j->pool, begin, end);
}

static int run(const cor_tensor *grad, const cor_tensor *x, cor_tensor *y) {
    const int64_t lines = x->sizes[x->ndim - 2], columns = x->sizes[x->ndim - 1];
    job j = {.pool = {.input = cor__data(x), .output = cor__data(y), .gradient = cor__data(grad)},
             .rows = cor__kernels_now()->exact_shared->pool->halves_back[x->dtype]};
    j.pool.axis[1] = (cor__pool_axis){.input = lines, .output = lines / 2};
    j.pool.axis[2] = (cor__pool_axis){.input = columns, .output = columns / 2};
    return cor_parallel_for(x->numel / (lines * columns), cor__max(1, ELEMENT_GRAIN / (lines * columns)), run_planes,
                            &j);
}

static int forward(cor__call *call) {
    const cor_dtype own = call->outputs[0]->dtype, dtype = cor__compute_dtype(own);
    cor_tensor *y = call->outputs[0], *wide = own == dtype ? cor__retain(y) : cor__empty(dtype, y->sizes, y->ndim);
    cor_tensor *grad = cor__contiguous_as(call->inputs[GRAD], dtype),
               *x = cor__contiguous_as(call->inputs[INPUT], dtype);
    int code = wide == NULL || grad == NULL || x == NULL ? cor_error() : COR_OK;
    if (code == COR_OK && y->numel > 0) code = run(grad, x, wide);
    if (code == COR_OK && wide != y) code = cor__copy(y, wide);
    cor__release(x);
    cor__release(grad);
    cor__release(wide);
    return code;
}

const cor__op cor__op_halves_back = {.name = "max_pool2d_backward", .check = check, .forward = forward};
