/* unpool.c: max_unpool: elements back to the places that a max pool found them at. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/composed.h"
#include "ops/scatter.h"
#include "tensor/iterate.h"
#include <corrie/windows.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_max_unpool_options, COR_MAX_UNPOOL_OPTIONS)

/* The output's sizes, and how many dimensions an image has: to PyTorch a line is a plane of width 1. */
typedef struct unpooling {
    int spatial, given;
    int64_t sizes[3];
} unpooling;

static int64_t volume_of(const unpooling *o) {
    int64_t volume = 1;
    for (int d = 0; d < o->spatial; d++) volume *= o->sizes[d];
    return volume;
}

static int check_tensors(const cor__call *call) {
    const unpooling *o = call->options;
    const cor_tensor *t = call->inputs[0], *at = call->inputs[1];
    const int line = o->given == 1, n = t->ndim + line, planes = o->given == 3 ? 3 : 2;
    char own[COR__SIZES_TEXT], other[COR__SIZES_TEXT];
    if (at->dtype != COR_INT64 && planes == 2)
        return cor__fail(COR_EDTYPE, "elements in indices should be type int64 but got: %s",
                         cor__scalar_type_name(at->dtype));
    if (n != planes + 1 && n != planes + 2)
        return cor__fail(COR_ESHAPE,
                         "Input to max_unpooling%dd should be a %dd or %dd Tensor, but got a tensor with %d "
                         "dimensions.",
                         planes, planes + 1, planes + 2, n);
    if (at->dtype != COR_INT64) return cor__fail(COR_EDTYPE, "elements in indices should be type int64");
    if (!cor__has_sizes(at, t->sizes, t->ndim))
        return cor__fail(COR_ESHAPE,
                         "Expected shape of indices to be same as that of the input tensor (%s) but got indices tensor "
                         "with shape: %s",
                         cor__sizes_text(own, t->sizes, t->ndim), cor__sizes_text(other, at->sizes, at->ndim));
    for (int d = n == planes + 2; d < t->ndim; d++)
        if (t->sizes[d] == 0)
            return cor__fail(COR_ESHAPE,
                             "max_unpooling%dd_forward_out_cpu(): Expected input to have non-zero size for non-batch "
                             "dimensions, but got %s with dimension %d being empty.",
                             planes, cor__sizes_text(own, t->sizes, t->ndim), d);
    if (cor_dtype_is_floating(t->dtype)) return COR_OK;
    return cor__fail(COR_EDTYPE, "\"max_unpool%dd\" not implemented for '%s'", planes, cor__scalar_type_name(t->dtype));
}

static int unpool_check(cor__call *call) {
    const unpooling *o = call->options;
    const cor_tensor *t = call->inputs[0];
    if (check_tensors(call) != COR_OK) return cor_error();
    if (o->given == 3) call->grad_fn = "MaxUnpool3DBackward0";
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    memcpy(call->out[0].sizes + t->ndim - o->spatial, o->sizes, sizeof(int64_t) * (size_t)o->spatial);
    return COR_OK;
}

static int refuse(const unpooling *o, int64_t index) {
    char text[COR__SIZES_TEXT] = "";
    for (int d = 0; d < (o->given == 1 ? 2 : o->spatial); d++) {
        const size_t used = strlen(text);
        cor__format(text + used, sizeof text - used, "%s%lld", d > 0 ? "x" : "",
                    (long long)(d < o->spatial ? o->sizes[d] : 1));
    }
    return cor__fail(COR_EINDEX, "Found an invalid max index: %lld (output volumes are of size %s)", (long long)index,
                     text);
}

static int place(const unpooling *o, const cor_tensor *from, const cor_tensor *indices, cor_tensor *out) {
    const int64_t volume = volume_of(o), size = cor_dtype_size(out->dtype), *at = cor__data(indices);
    int64_t image = 1;
    for (int d = from->ndim - o->spatial; d < from->ndim; d++) image *= from->sizes[d];
    if (out->numel > 0) memset(cor__data(out), 0, (size_t)(out->numel * size));
    int64_t wrong = -1; /* the last one, which PyTorch names */
    for (int64_t i = 0; i < from->numel; i++) {
        if (at[i] < 0 || at[i] >= volume) {
            wrong = i;
            continue;
        }
        memcpy((char *)cor__data(out) + (i / image * volume + at[i]) * size, (const char *)cor__data(from) + i * size,
               (size_t)size);
    }
    return wrong < 0 ? COR_OK : refuse(o, at[wrong]);
}

static int unpool_forward(cor__call *call) {
    cor_tensor *from = cor__contiguous_as(call->inputs[0], call->inputs[0]->dtype);
    cor_tensor *indices = cor__contiguous_as(call->inputs[1], COR_INT64);
    const int code =
        from == NULL || indices == NULL ? cor_error() : place(call->options, from, indices, call->outputs[0]);
    cor__release(from);
    cor__release(indices);
    return code;
}

static int unpool_backward(cor__backward *pass) {
    pass->results[0] =
        cor__plane_gather(pass->grads[0], cor__kept_input(pass, 1), ((const unpooling *)pass->options)->spatial);
    return cor_error();
}

const cor__op cor__op_max_unpool = {.name = "max_unpool",
                                    .grad_fn = "MaxUnpool2DBackward0",
                                    .check = unpool_check,
                                    .forward = unpool_forward,
                                    .backward = unpool_backward,
                                    .reads_options = sizeof(unpooling),
                                    .reads_inputs = {0, 1}};

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static int refuse_size(const int64_t *wanted, int n, int d, int64_t least, int64_t most) {
    char text[COR__SIZES_TEXT];
    return cor__fail(COR_EVALUE, "invalid output_size \"%s\" (dim %d must be between %lld and %lld)",
                     cor__sizes_text(text, wanted, n), d, (long long)least, (long long)most);
}

static int read_sizes(unpooling *u, const cor_tensor *t, int64_t kernel, const cor_max_unpool_options *o) {
    const int n = u->spatial;
    const int64_t *wanted = o->output_size.n == n ? o->output_size.at : o->output_size.at + 2;
    if (t->ndim < n)
        return check_tensors(&(cor__call){.options = u, .inputs = (cor_tensor *[]){(cor_tensor *)t, (cor_tensor *)t}});
    if (o->output_size.n >= 0 && o->output_size.n != n && o->output_size.n != n + 2)
        return cor__fail(COR_EVALUE,
                         "output_size should be a sequence containing %d or %d elements, but it has a length of '%lld'",
                         n, n + 2, (long long)o->output_size.n);
    for (int d = 0; d < n; d++) {
        const int64_t k = o->kernels[0] == COR_UNSET ? kernel : o->kernels[d];
        int64_t stride = o->strides[0] != COR_UNSET ? o->strides[d] : o->stride;
        const int64_t padding = o->paddings[0] != COR_UNSET ? o->paddings[d] : o->padding;
        if (stride == COR_UNSET) stride = k;
        u->sizes[d] = (int64_t)((uint64_t)(t->sizes[t->ndim - n + d] - 1) * (uint64_t)stride + (uint64_t)k -
                                2 * (uint64_t)padding);
        if (o->output_size.n < 0) continue;
        const int64_t least = u->sizes[d] - stride, most = u->sizes[d] + stride;
        if (wanted[d] <= least || wanted[d] >= most) return refuse_size(wanted, n, d, least, most);
        u->sizes[d] = wanted[d];
    }
    for (int d = 0; d < n; d++)
        if (u->sizes[d] < 0)
            return cor__fail(COR_EVALUE,
                             "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                             "output_size[%d]=%lld",
                             d, (long long)u->sizes[d]);
    return COR_OK;
}

static cor_tensor *unpool(cor_tensor *t, cor_tensor *indices, int spatial, int64_t kernel,
                          const cor_max_unpool_options *options) {
    unpooling u = {.spatial = spatial, .given = spatial};
    COR__READ_OPTIONS(cor_max_unpool_options, "max_unpool")
    if (!cor__given(t, "max_unpool") || read_sizes(&u, t, kernel, o) != COR_OK) return NULL;
    cor_tensor *out = cor__apply1(&cor__op_max_unpool, (cor_tensor *[]){t, indices}, 2, &u);
    return spatial == 1 ? cor__made_by(out, "SqueezeBackward1") : out;
}

cor_tensor *cor_max_unpool1d_with(cor_tensor *input, cor_tensor *indices, int64_t kernel,
                                  const cor_max_unpool_options *options) {
    return unpool(input, indices, 1, kernel, options);
}
cor_tensor *cor_max_unpool2d_with(cor_tensor *input, cor_tensor *indices, int64_t kernel,
                                  const cor_max_unpool_options *options) {
    return unpool(input, indices, 2, kernel, options);
}
cor_tensor *cor_max_unpool3d_with(cor_tensor *input, cor_tensor *indices, int64_t kernel,
                                  const cor_max_unpool_options *options) {
    return unpool(input, indices, 3, kernel, options);
}
