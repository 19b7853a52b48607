/* scatter.c: elements of planes by their indices, each the other's gradient. */
#include "ops/scatter.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "kernels/pool.h"
#include "ops/backward.h"
#include "tensor/iterate.h"
#include <string.h>

typedef struct planes {
    int spatial, ndim;
    int64_t sizes[COR_MAX_DIMS]; /* of the result */
} planes;

typedef struct job {
    cor__pool_back back;
    cor__pool_planes run;
} job;

static void run_planes(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    j->run(&j->back, begin, end);
}

static int64_t plane_of(const cor_tensor *t, int spatial) {
    int64_t size = 1;
    for (int d = t->ndim - spatial; d < t->ndim; d++) size *= t->sizes[d];
    return size;
}

static int check(cor__call *call) {
    const planes *o = call->options;
    call->out[0].dtype = call->inputs[0]->dtype;
    call->out[0].ndim = o->ndim;
    memcpy(call->out[0].sizes, o->sizes, sizeof(int64_t) * (size_t)o->ndim);
    return COR_OK;
}

static int forward(cor__call *call, bool is_scatter) {
    const planes *o = call->options;
    const cor_dtype dtype = cor__compute_dtype(call->inputs[0]->dtype);
    const cor__pool_kernels *kernels = cor__kernels_now()->exact_shared->pool;
    cor_tensor *out = call->outputs[0],
               *wide = out->dtype == dtype ? cor__retain(out) : cor__empty(dtype, out->sizes, out->ndim);
    cor_tensor *from = cor__contiguous_as(call->inputs[0], dtype), *at = cor__contiguous_as(call->inputs[1], COR_INT64);
    int code = wide == NULL || from == NULL || at == NULL ? cor_error() : COR_OK;
    if (code == COR_OK && out->numel > 0) {
        const int64_t to_plane = plane_of(wide, o->spatial), n = plane_of(at, o->spatial);
        job j = {.back = {.n = n,
                          .m = is_scatter ? to_plane : plane_of(from, o->spatial),
                          .indices = cor__data(at),
                          .from = cor__data(from),
                          .to = cor__data(wide)},
                 .run = is_scatter ? kernels->scatter[dtype] : kernels->gather[dtype]};
        code = cor_parallel_for(wide->numel / to_plane, cor__max(1, 16384 / cor__max(1, j.back.m)), run_planes, &j);
        if (code == COR_OK && wide != out) code = cor__copy(out, wide);
    }
    cor__release(at);
    cor__release(from);
    cor__release(wide);
    return code;
}

static int scatter_forward(cor__call *call) { return forward(call, true); }
static int gather_forward(cor__call *call) { return forward(call, false); }

static int scatter_backward(cor__backward *pass) {
    pass->results[0] =
        cor__plane_gather(pass->grads[0], cor__kept_input(pass, 1), ((const planes *)pass->options)->spatial);
    return cor_error();
}

static int gather_backward(cor__backward *pass) {
    const cor__edge *input = &pass->node->edges[0];
    pass->results[0] = cor__plane_scatter(pass->grads[0], cor__kept_input(pass, 1), input->sizes, input->ndim,
                                          ((const planes *)pass->options)->spatial);
    return cor_error();
}

const cor__op cor__op_plane_scatter = {.name = "plane_scatter",
                                       .grad_fn = "MaxPoolBackwardBackward0",
                                       .check = check,
                                       .forward = scatter_forward,
                                       .backward = scatter_backward,
                                       .reads_options = sizeof(planes),
                                       .reads_inputs = {0, 1}};
const cor__op cor__op_plane_gather = {.name = "plane_gather",
                                      .grad_fn = "GatherBackward0",
                                      .check = check,
                                      .forward = gather_forward,
                                      .backward = gather_backward,
                                      .reads_options = sizeof(planes),
                                      .reads_inputs = {0, 1}};

cor_tensor *cor__plane_scatter(cor_tensor *t, cor_tensor *indices, const int64_t *sizes, int ndim, int spatial) {
    planes o = {.spatial = spatial, .ndim = ndim};
    memcpy(o.sizes, sizes, sizeof(int64_t) * (size_t)ndim);
    return cor__apply1(&cor__op_plane_scatter, (cor_tensor *[]){t, indices}, 2, &o);
}

cor_tensor *cor__plane_gather(cor_tensor *t, cor_tensor *indices, int spatial) {
    planes o = {.spatial = spatial, .ndim = indices == NULL ? 0 : indices->ndim};
    if (indices != NULL) memcpy(o.sizes, indices->sizes, sizeof(int64_t) * (size_t)indices->ndim);
    return cor__apply1(&cor__op_plane_gather, (cor_tensor *[]){t, indices}, 2, &o);
}
