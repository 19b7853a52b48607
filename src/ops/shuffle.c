/* shuffle.c: pixel_shuffle, pixel_unshuffle and channel_shuffle: copies through other views of input and output. */
#include "base/error.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/index.h"
#include "tensor/iterate.h"
#include <corrie/index.h>
#include <string.h>

static int64_t factor_of(const cor__call *call) { return ((const cor__dim_call *)call->options)->dim; }

static const cor__option *describe_factor(int *n) {
    static const cor__option rows[] = {{"factor", COR__INTEGER, offsetof(cor__dim_call, dim), sizeof(int64_t)}};
    *n = 1;
    return rows;
}

/* A window on t with dimension d split in parts, the last innermost; sizes and strides of n dimensions are changed. */
static void split_dim(int64_t *sizes, int64_t *strides, int *n, int d, int64_t outer, int64_t inner) {
    memmove(sizes + d + 1, sizes + d, sizeof *sizes * (size_t)(*n - d));
    memmove(strides + d + 1, strides + d, sizeof *strides * (size_t)(*n - d));
    sizes[d] = outer;
    sizes[d + 1] = inner;
    strides[d] = strides[d + 1] * inner;
    ++*n;
}

/* Copies `from` to `to` through windows of the same sizes. */
static int copy_windows(const cor_tensor *to, const int64_t *to_strides, const cor_tensor *from,
                        const int64_t *from_strides, const int64_t *sizes, int n) {
    cor_tensor *a = cor__tensor_over(to->storage, to->dtype, sizes, to_strides, n, to->offset);
    cor_tensor *b = cor__tensor_over(from->storage, from->dtype, sizes, from_strides, n, from->offset);
    const int code = a == NULL || b == NULL ? cor_error() : cor__copy(a, b);
    cor__release(a);
    cor__release(b);
    return code;
}

/* ---- pixels ----------------------------------------------------------------------------------------------------- */

static int check_pixels(const cor__call *call, const char *factor) {
    const cor_tensor *t = call->inputs[0];
    if (t->ndim < 3)
        return cor__fail(COR_ESHAPE,
                         "%s expects input to have at least 3 dimensions, but got input with %d dimension(s)",
                         call->op->name, t->ndim);
    if (factor_of(call) <= 0)
        return cor__fail(COR_EVALUE, "%s expects a positive %s, but got %lld", call->op->name, factor,
                         (long long)factor_of(call));
    if (t->ndim > COR_MAX_DIMS - 2) return cor__fail(COR_ELIMIT, "%s: too many dimensions", call->op->name);
    return COR_OK;
}

static int pixel_shuffle_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    const int64_t r = factor_of(call);
    if (check_pixels(call, "upscale_factor") != COR_OK) return cor_error();
    const int64_t channels = t->sizes[t->ndim - 3];
    if (r > INT32_MAX || channels % (r * r) != 0)
        return cor__fail(COR_ESHAPE,
                         "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                         "upscale_factor, but input.size(-3)=%lld is not divisible by %lld",
                         (long long)channels, (long long)(r > INT32_MAX ? r : r * r));
    cor__describe_like(call, t);
    call->out[0].sizes[t->ndim - 3] = channels / (r * r);
    call->out[0].sizes[t->ndim - 2] *= r;
    call->out[0].sizes[t->ndim - 1] *= r;
    return COR_OK;
}

/* The large image (..., C, H, r, W, r) and the small one (..., C, r, r, H, W), brought to the large one's order. */
static int copy_pixels(const cor_tensor *large, const cor_tensor *small, int64_t r, bool enlarge) {
    int64_t sizes[COR_MAX_DIMS], other[COR_MAX_DIMS], wide[COR_MAX_DIMS], narrow[COR_MAX_DIMS], moved[COR_MAX_DIMS];
    int n = large->ndim, m = small->ndim;
    const int c = n - 3;
    memcpy(sizes, large->sizes, sizeof sizes);
    memcpy(wide, large->strides, sizeof wide);
    split_dim(sizes, wide, &n, c + 2, sizes[c + 2] / r, r);
    split_dim(sizes, wide, &n, c + 1, sizes[c + 1] / r, r);
    memcpy(other, small->sizes, sizeof other);
    memcpy(narrow, small->strides, sizeof narrow);
    split_dim(other, narrow, &m, c, other[c] / r, r);
    split_dim(other, narrow, &m, c, other[c] / r, r);
    memcpy(moved, narrow, sizeof moved);
    static const int order[] = {0, 3, 1, 4, 2};
    for (int i = 0; i < 5; i++) moved[c + i] = narrow[c + order[i]];
    return enlarge ? copy_windows(large, wide, small, moved, sizes, n)
                   : copy_windows(small, moved, large, wide, sizes, n);
}

static int pixel_shuffle_forward(cor__call *call) {
    return copy_pixels(call->outputs[0], call->inputs[0], factor_of(call), true);
}

static int pixel_unshuffle_check(cor__call *call) {
    static const char *const names[] = {"height", "width"};
    const cor_tensor *t = call->inputs[0];
    const int64_t r = factor_of(call);
    if (check_pixels(call, "downscale_factor") != COR_OK) return cor_error();
    cor__describe_like(call, t);
    for (int i = 0; i < 2; i++) {
        int64_t *size = &call->out[0].sizes[t->ndim - 2 + i];
        if (*size % r != 0)
            return cor__fail(COR_ESHAPE,
                             "pixel_unshuffle expects %s to be divisible by downscale_factor, but input.size(-%d)=%lld "
                             "is not divisible by %lld",
                             names[i], 2 - i, (long long)*size, (long long)r);
        *size /= r;
        call->out[0].sizes[t->ndim - 3] *= r;
    }
    if (t->numel == 0) cor__describe_like(call, t); /* as PyTorch, which copies it as it is */
    return COR_OK;
}

static int pixel_unshuffle_forward(cor__call *call) {
    if (call->inputs[0]->numel == 0) return COR_OK;
    return copy_pixels(call->inputs[0], call->outputs[0], factor_of(call), false);
}

/* Each is the other's way back. */
static int pixel_backward(cor__backward *pass, cor_tensor *(*back)(cor_tensor *t, int64_t factor)) {
    cor_tensor *g = pass->grads[0];
    if (g == NULL || g->numel == 0) return cor__zero_backward(pass);
    pass->results[0] = back(g, ((const cor__dim_call *)pass->options)->dim);
    return cor_error();
}

static int pixel_shuffle_backward(cor__backward *pass) { return pixel_backward(pass, cor_pixel_unshuffle); }
static int pixel_unshuffle_backward(cor__backward *pass) { return pixel_backward(pass, cor_pixel_shuffle); }

const cor__op cor__op_pixel_shuffle = {.name = "pixel_shuffle",
                                       .grad_fn = "PixelShuffleBackward0",
                                       .check = pixel_shuffle_check,
                                       .forward = pixel_shuffle_forward,
                                       .describe = describe_factor,
                                       .backward = pixel_shuffle_backward,
                                       .reads_options = sizeof(cor__dim_call)};
const cor__op cor__op_pixel_unshuffle = {.name = "pixel_unshuffle",
                                         .grad_fn = "PixelUnshuffleBackward0",
                                         .check = pixel_unshuffle_check,
                                         .forward = pixel_unshuffle_forward,
                                         .describe = describe_factor,
                                         .backward = pixel_unshuffle_backward,
                                         .reads_options = sizeof(cor__dim_call)};

cor_tensor *cor_pixel_shuffle(cor_tensor *t, int64_t upscale_factor) {
    const cor__dim_call call = {upscale_factor, 1};
    return cor__apply1(&cor__op_pixel_shuffle, &t, 1, &call);
}

cor_tensor *cor_pixel_unshuffle(cor_tensor *t, int64_t downscale_factor) {
    const cor__dim_call call = {downscale_factor, 1};
    return cor__apply1(&cor__op_pixel_unshuffle, &t, 1, &call);
}

/* ---- channels --------------------------------------------------------------------------------------------------- */

static int channel_shuffle_check(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    const int64_t groups = factor_of(call);
    char sizes[COR__SIZES_TEXT];
    if (t->ndim < 3)
        return cor__fail(COR_ESHAPE, "channel_shuffle expects input with > 2 dims, but got input with sizes %s",
                         cor__sizes_text(sizes, t->sizes, t->ndim));
    if (groups <= 0)
        return cor__fail(COR_EVALUE, "Number of groups to divide channels in must be positive. Value of groups:%lld",
                         (long long)groups);
    if (t->sizes[1] % groups != 0)
        return cor__fail(COR_ESHAPE,
                         "Number of channels must be divisible by groups. Got %lld channels and %lld groups.",
                         (long long)t->sizes[1], (long long)groups);
    if (t->ndim == COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "channel_shuffle: too many dimensions");
    cor__describe_like(call, t);
    return COR_OK;
}

/* Input channels (groups, each), output channels (each, groups). */
static int channel_shuffle_forward(cor__call *call) {
    const cor_tensor *t = call->inputs[0], *out = call->outputs[0];
    const int64_t groups = factor_of(call), each = t->sizes[1] / groups;
    int64_t sizes[COR_MAX_DIMS], from[COR_MAX_DIMS], to[COR_MAX_DIMS], same[COR_MAX_DIMS];
    int n = t->ndim, m = t->ndim;
    memcpy(sizes, t->sizes, sizeof sizes);
    memcpy(same, t->sizes, sizeof same);
    memcpy(from, t->strides, sizeof from);
    memcpy(to, out->strides, sizeof to);
    split_dim(sizes, to, &n, 1, each, groups);
    split_dim(same, from, &m, 1, groups, each);
    const int64_t group = from[1];
    from[1] = from[2];
    from[2] = group;
    return copy_windows(out, to, t, from, sizes, n);
}

/* Channels (each, groups) go back to (groups, each). */
static int channel_shuffle_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0];
    if (g == NULL || g->numel == 0) return cor__zero_backward(pass);
    pass->results[0] = cor_channel_shuffle(g, g->sizes[1] / ((const cor__dim_call *)pass->options)->dim);
    return cor_error();
}

const cor__op cor__op_channel_shuffle = {.name = "channel_shuffle",
                                         .grad_fn = "ChannelShuffleBackward0",
                                         .check = channel_shuffle_check,
                                         .forward = channel_shuffle_forward,
                                         .describe = describe_factor,
                                         .backward = channel_shuffle_backward,
                                         .reads_options = sizeof(cor__dim_call)};

cor_tensor *cor_channel_shuffle(cor_tensor *t, int64_t groups) {
    const cor__dim_call call = {groups, 1};
    return cor__apply1(&cor__op_channel_shuffle, &t, 1, &call);
}
