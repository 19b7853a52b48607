/* view.c: operations that give another window on the same memory. Each is a check of its arguments and the sizes,
 * strides and offset of the result; a view of a view belongs to the same base. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/copy.h"
#include "ops/op.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_flatten_options, COR_FLATTEN_OPTIONS)
COR__DEFINE_OPTIONS(cor_squeeze_options, COR_SQUEEZE_OPTIONS)
COR__DEFINE_OPTIONS(cor_slice_options, COR_SLICE_OPTIONS)

/* The window that a view operation asks for; what its calls carry as options. */
typedef struct window {
    int ndim;
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS];
    int64_t offset;
    int dim;                /* that select and slice cut */
    int64_t start, step;    /* the first index and the distance of the next */
    int from[COR_MAX_DIMS]; /* of permutations: the dimension of the input that each is */
} window;

static int open_window(cor__call *call) {
    const window *w = call->options;
    const cor_tensor *t = call->inputs[0];
    call->outputs[0] = cor__tensor_over(t->storage, t->dtype, w->sizes, w->strides, w->ndim, w->offset);
    return call->outputs[0] == NULL ? cor_error() : COR_OK;
}

/* ---- gradients -------------------------------------------------------------------------------------------------- */

static int reshaped_backward(cor__backward *pass) {
    const cor__edge *input = &pass->node->edges[0];
    pass->results[0] = cor_reshape_to(pass->grads[0], input->sizes, input->ndim);
    return cor_error();
}

static int permuted_backward(cor__backward *pass) {
    const window *w = pass->options;
    int64_t back[COR_MAX_DIMS];
    for (int d = 0; d < w->ndim; d++) back[w->from[d]] = d;
    pass->results[0] = cor_permute_to(pass->grads[0], back, w->ndim);
    return cor_error();
}

/* Zeros, into whose part the gradient is written. */
static int cut_backward(cor__backward *pass, bool is_select) {
    const window *w = pass->options;
    const cor__edge *input = &pass->node->edges[0];
    cor_tensor *g = pass->grads[0], *whole = cor_zeros_sized(g->dtype, input->sizes, input->ndim);
    if (whole == NULL) return cor_error();
    cor_tensor *part =
        is_select
            ? cor_select(whole, w->dim, w->start)
            : cor_slice(whole, w->dim, .start = w->start, .step = w->step,
                        .end = w->sizes[w->dim] == 0 ? w->start : w->start + (w->sizes[w->dim] - 1) * w->step + 1);
    cor_copy_(part, g);
    pass->results[0] = whole;
    return cor_error();
}

static int select_backward(cor__backward *pass) { return cut_backward(pass, true); }
static int slice_backward(cor__backward *pass) { return cut_backward(pass, false); }

#define VIEW_OP(row, text, node, formula)                                                                              \
    const cor__op cor__op_##row = {.name = text,                                                                       \
                                   .grad_fn = node,                                                                    \
                                   .is_view = true,                                                                    \
                                   .forward = open_window,                                                             \
                                   .backward = formula,                                                                \
                                   .reads_options = sizeof(window)}

VIEW_OP(view, "view", "ViewBackward0", reshaped_backward);
VIEW_OP(expand, "expand", "ExpandBackward0", cor__same_backward);
VIEW_OP(permute, "permute", "PermuteBackward0", permuted_backward);
VIEW_OP(transpose, "transpose", "TransposeBackward0", permuted_backward);
VIEW_OP(t, "t", "TBackward0", permuted_backward);
VIEW_OP(squeeze, "squeeze", "SqueezeBackward0", reshaped_backward);
VIEW_OP(squeeze_dim, "squeeze", "SqueezeBackward1", reshaped_backward);
VIEW_OP(squeeze_dims, "squeeze", "SqueezeBackward2", reshaped_backward);
VIEW_OP(unsqueeze, "unsqueeze", "UnsqueezeBackward0", reshaped_backward);
VIEW_OP(select, "select", "SelectBackward0", select_backward);
VIEW_OP(slice, "slice", "SliceBackward0", slice_backward);

/* Whether a view may be taken: nothing pending and a tensor given. */
static bool ready(const cor_tensor *t, const char *name) {
    if (cor_error() != COR_OK) return false;
    if (t != NULL && t != COR_NONE) return true;
    cor__fail(COR_EVALUE, "%s: the tensor is NULL, a failed or missing tensor", name);
    return false;
}

static window whole(const cor_tensor *t) {
    window w = {.ndim = t->ndim, .offset = t->offset};
    memcpy(w.sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    memcpy(w.strides, t->strides, sizeof(int64_t) * (size_t)t->ndim);
    return w;
}

static void drop_dim(window *w, int dim) {
    w->ndim--;
    memmove(w->sizes + dim, w->sizes + dim + 1, sizeof(int64_t) * (size_t)(w->ndim - dim));
    memmove(w->strides + dim, w->strides + dim + 1, sizeof(int64_t) * (size_t)(w->ndim - dim));
}

static cor_tensor *see(const cor__op *op, cor_tensor *t, const window *w) { return cor__apply1(op, &t, 1, w); }

/* ---- view and reshape ------------------------------------------------------------------------------------------- */

/* Sizes with a -1 filled in so that they hold numel elements. */
static int infer_sizes(const int64_t *sizes, int n, int64_t numel, int64_t *out) {
    char text[COR__SIZES_TEXT];
    int unknown = -1;
    int64_t product = 1;
    if (n > 0 && sizes == NULL) return cor__fail(COR_EVALUE, "the sizes of a tensor are NULL");
    if (n < 0 || n > COR_MAX_DIMS)
        return cor__fail(COR_ELIMIT, "a tensor has at most %d dimensions, %d were asked for", COR_MAX_DIMS, n);
    for (int i = 0; i < n; i++) {
        out[i] = sizes[i];
        if (sizes[i] == -1 && unknown >= 0) return cor__fail(COR_ESHAPE, "only one dimension can be inferred");
        if (sizes[i] == -1) unknown = i;
        else if (sizes[i] < 0)
            return cor__fail(COR_ESHAPE, "invalid shape dimension %lld at index %d of shape %s", (long long)sizes[i], i,
                             cor__sizes_text(text, sizes, n));
        else if (!cor__mul_ok(product, sizes[i], &product)) product = 0;
    }
    if (unknown >= 0 && product != 0 && numel % product == 0) {
        out[unknown] = numel / product;
        return COR_OK;
    }
    if (unknown >= 0 && product == 0 && numel == 0)
        return cor__fail(COR_ESHAPE,
                         "cannot reshape tensor of 0 elements into shape %s because the unspecified dimension size -1 "
                         "can be any value and is ambiguous",
                         cor__sizes_text(text, sizes, n));
    int64_t exact;
    if (unknown < 0 && cor__product_ok(sizes, n, &exact) && exact == numel) return COR_OK;
    return cor__fail(COR_ESHAPE, "shape '%s' is invalid for input of size %lld", cor__sizes_text(text, sizes, n),
                     (long long)numel);
}

/* The strides that make `sizes` a view of t, if there are any: each run of t's dimensions that lies in one piece is cut
 * into the new sizes on its own (the algorithm of PyTorch's computeStride). */
static bool view_strides(const cor_tensor *t, const int64_t *sizes, int n, int64_t *strides) {
    if (t->numel == 0) {
        cor__contiguous_strides(sizes, n, strides);
        return true;
    }
    int at = n - 1;
    int64_t base = t->ndim > 0 ? t->strides[t->ndim - 1] : 1, piece = 1, taken = 1;
    for (int d = t->ndim - 1; d >= 0; d--) {
        piece *= t->sizes[d];
        if (d > 0 && (t->sizes[d - 1] == 1 || t->strides[d - 1] == piece * base)) continue;
        while (at >= 0 && (taken < piece || sizes[at] == 1)) {
            strides[at] = taken * base;
            taken *= sizes[at--];
        }
        if (taken != piece) return false;
        if (d > 0) {
            base = t->strides[d - 1];
            piece = taken = 1;
        }
    }
    while (at >= 0 && sizes[at] == 1) strides[at--] = taken * base;
    return at < 0;
}

cor_tensor *cor_view_to(cor_tensor *t, const int64_t *sizes, int n) {
    window w;
    if (!ready(t, "view") || infer_sizes(sizes, n, t->numel, w.sizes) != COR_OK) return NULL;
    w.ndim = n;
    w.offset = t->offset;
    if (!view_strides(t, w.sizes, n, w.strides))
        return cor__fail_null(COR_ESHAPE,
                              "view size is not compatible with input tensor's size and stride (at least one "
                              "dimension spans across two contiguous subspaces). Use .reshape(...) instead.");
    return see(&cor__op_view, t, &w);
}

cor_tensor *cor_reshape_to(cor_tensor *t, const int64_t *sizes, int n) {
    window w;
    if (!ready(t, "reshape") || infer_sizes(sizes, n, t->numel, w.sizes) != COR_OK) return NULL;
    w.ndim = n;
    w.offset = t->offset;
    if (view_strides(t, w.sizes, n, w.strides)) return see(&cor__op_view, t, &w);
    return cor__reshape_copy(t, w.sizes, n);
}

cor_tensor *cor_flatten_with(cor_tensor *t, const cor_flatten_options *options) {
    cor_flatten_options room;
    if (!ready(t, "flatten") || cor__check_options(options, sizeof room, "flatten") != COR_OK) return NULL;
    const cor_flatten_options *o = cor_flatten_options_or_defaults(options, &room);
    int start = cor__wrap_dim(o->start_dim, t->ndim), end = start < 0 ? -1 : cor__wrap_dim(o->end_dim, t->ndim);
    if (start < 0 || end < 0) return NULL;
    if (start > end)
        return cor__fail_null(COR_EVALUE, "flatten() has invalid args: start_dim cannot come after end_dim");
    int64_t sizes[COR_MAX_DIMS], joined = 1;
    int n = 0;
    if (t->ndim == 0) return cor_reshape_to(t, &joined, 1);
    if (start == end) return t;
    for (int d = 0; d < start; d++) sizes[n++] = t->sizes[d];
    for (int d = start; d <= end; d++) joined *= t->sizes[d];
    sizes[n++] = joined;
    for (int d = end + 1; d < t->ndim; d++) sizes[n++] = t->sizes[d];
    return cor_reshape_to(t, sizes, n);
}

cor_tensor *cor_unflatten(cor_tensor *t, int64_t dim, const int64_t *sizes, int n) {
    int64_t all[COR_MAX_DIMS], part[COR_MAX_DIMS];
    if (!ready(t, "unflatten")) return NULL;
    int at = cor__wrap_dim(dim, t->ndim);
    if (at < 0) return NULL;
    if (n < 1) return cor__fail_null(COR_ESHAPE, "unflatten: sizes must be non-empty");
    if (sizes == NULL) return cor__fail_null(COR_EVALUE, "unflatten: the sizes are NULL");
    if (t->ndim == 0) return cor_view_to(t, sizes, n);
    char text[COR__SIZES_TEXT];
    if (t->ndim - 1 + n > COR_MAX_DIMS)
        return cor__fail_null(COR_ELIMIT, "unflatten: more than %d dimensions", COR_MAX_DIMS);
    int64_t product = 1;
    for (int i = 0; i < n; i++)
        if (sizes[i] != -1 && !cor__mul_ok(product, sizes[i], &product)) product = 0;
    bool inferred = false;
    for (int i = 0; i < n; i++) inferred = inferred || sizes[i] == -1;
    if (inferred ? product == 0 || t->sizes[at] % product != 0 : product != t->sizes[at])
        return cor__fail_null(
            COR_ESHAPE,
            "unflatten: Provided sizes %s don't multiply up to the size of dim %d (%lld) in the input "
            "tensor",
            cor__sizes_text(text, sizes, n), at, (long long)t->sizes[at]);
    if (infer_sizes(sizes, n, t->sizes[at], part) != COR_OK) return NULL;
    int count = 0;
    for (int d = 0; d < at; d++) all[count++] = t->sizes[d];
    for (int i = 0; i < n; i++) all[count++] = part[i];
    for (int d = at + 1; d < t->ndim; d++) all[count++] = t->sizes[d];
    return cor_view_to(t, all, count);
}

/* ---- dimensions in another order or number ---------------------------------------------------------------------- */

cor_tensor *cor_permute_to(cor_tensor *t, const int64_t *dims, int n) {
    window w;
    bool seen[COR_MAX_DIMS] = {false};
    if (!ready(t, "permute")) return NULL;
    if (n != t->ndim)
        return cor__fail_null(
            COR_ESHAPE,
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of "
            "the desired ordering of dimensions i.e. input.dim() = %d is not equal to len(dims) = %d",
            t->ndim, n);
    if (n > 0 && dims == NULL) return cor__fail_null(COR_EVALUE, "permute: the dims are NULL");
    w.ndim = n;
    w.offset = t->offset;
    for (int i = 0; i < n; i++) {
        int d = cor__wrap_dim(dims[i], t->ndim);
        if (d < 0) return NULL;
        if (seen[d]) return cor__fail_null(COR_EVALUE, "permute(): duplicate dims are not allowed.");
        seen[d] = true;
        w.from[i] = d;
        w.sizes[i] = t->sizes[d];
        w.strides[i] = t->strides[d];
    }
    return see(&cor__op_permute, t, &w);
}

static cor_tensor *transpose(const cor__op *op, cor_tensor *t, int64_t dim0, int64_t dim1) {
    int a = cor__wrap_dim(dim0, t->ndim), b = a < 0 ? -1 : cor__wrap_dim(dim1, t->ndim);
    if (a < 0 || b < 0) return NULL;
    window w = whole(t);
    for (int d = 0; d < t->ndim; d++) w.from[d] = d == a ? b : d == b ? a : d;
    if (t->ndim > 0) {
        w.sizes[a] = t->sizes[b], w.sizes[b] = t->sizes[a];
        w.strides[a] = t->strides[b], w.strides[b] = t->strides[a];
    }
    return see(op, t, &w);
}

cor_tensor *cor_transpose(cor_tensor *t, int64_t dim0, int64_t dim1) {
    return ready(t, "transpose") ? transpose(&cor__op_transpose, t, dim0, dim1) : NULL;
}

cor_tensor *cor_t(cor_tensor *t) {
    if (!ready(t, "t")) return NULL;
    if (t->ndim > 2)
        return cor__fail_null(COR_ESHAPE, "t() expects a tensor with <= 2 dimensions, but self is %dD", t->ndim);
    return transpose(&cor__op_t, t, 0, t->ndim == 2 ? 1 : 0);
}

cor_tensor *cor_squeeze_with(cor_tensor *t, const cor_squeeze_options *options) {
    cor_squeeze_options room;
    if (!ready(t, "squeeze") || cor__check_options(options, sizeof room, "squeeze") != COR_OK) return NULL;
    const cor_squeeze_options *o = cor_squeeze_options_or_defaults(options, &room);
    bool wanted[COR_MAX_DIMS] = {false}, all = o->dim == COR_UNSET && o->dims.n < 0;
    if (o->dims.n > COR_MAX_DIMS) return cor__fail_null(COR_ELIMIT, "%lld dims are too many", (long long)o->dims.n);
    for (int64_t i = 0; i < (o->dim != COR_UNSET ? 1 : o->dims.n); i++) {
        int d = cor__wrap_dim(o->dim != COR_UNSET ? o->dim : o->dims.at[i], t->ndim);
        if (d < 0) return NULL;
        if (o->dim == COR_UNSET && wanted[d])
            return cor__fail_null(COR_EVALUE, "dim %d appears multiple times in the list of dims", d);
        wanted[d] = true;
    }
    window w = whole(t);
    for (int d = t->ndim - 1; d >= 0; d--)
        if ((all || wanted[d]) && t->sizes[d] == 1) drop_dim(&w, d);
    return see(all ? &cor__op_squeeze : o->dim != COR_UNSET ? &cor__op_squeeze_dim : &cor__op_squeeze_dims, t, &w);
}

cor_tensor *cor_unsqueeze(cor_tensor *t, int64_t dim) {
    if (!ready(t, "unsqueeze")) return NULL;
    int at = cor__wrap_dim(dim, t->ndim + 1);
    if (at < 0) return NULL;
    if (t->ndim == COR_MAX_DIMS) return cor__fail_null(COR_ELIMIT, "unsqueeze: more than %d dimensions", COR_MAX_DIMS);
    window w = whole(t);
    int64_t stride = at < t->ndim ? t->sizes[at] * t->strides[at] : 1;
    memmove(w.sizes + at + 1, w.sizes + at, sizeof(int64_t) * (size_t)(w.ndim - at));
    memmove(w.strides + at + 1, w.strides + at, sizeof(int64_t) * (size_t)(w.ndim - at));
    w.sizes[at] = 1;
    w.strides[at] = stride;
    w.ndim++;
    return see(&cor__op_unsqueeze, t, &w);
}

cor_tensor *cor_expand_to(cor_tensor *t, const int64_t *sizes, int n) {
    window w = {.ndim = n};
    char own[COR__SIZES_TEXT], given[COR__SIZES_TEXT];
    if (!ready(t, "expand")) return NULL;
    if (n > 0 && sizes == NULL) return cor__fail_null(COR_EVALUE, "the sizes of a tensor are NULL");
    if (n < 0 || n > COR_MAX_DIMS)
        return cor__fail_null(COR_ELIMIT, "a tensor has at most %d dimensions, %d were asked for", COR_MAX_DIMS, n);
    if (n < t->ndim)
        return cor__fail_null(
            COR_ESHAPE,
            "expand(torch.%s{%s}, size=%s): the number of sizes provided (%d) must be greater or equal to "
            "the number of dimensions in the tensor (%d)",
            cor__legacy_type_name(t->dtype), cor__sizes_text(own, t->sizes, t->ndim), cor__sizes_text(given, sizes, n),
            n, t->ndim);
    w.offset = t->offset;
    for (int i = n - 1; i >= 0; i--) {
        int d = i - (n - t->ndim);
        int64_t size = d >= 0 ? t->sizes[d] : 1, wanted = sizes[i] == -1 && d >= 0 ? size : sizes[i];
        if (wanted < 0 && d < 0)
            return cor__fail_null(COR_ESHAPE,
                                  "The expanded size of the tensor (%lld) isn't allowed in a leading, non-existing "
                                  "dimension %d",
                                  (long long)wanted, i);
        if (size != wanted && size != 1)
            return cor__fail_null(COR_ESHAPE,
                                  "The expanded size of the tensor (%lld) must match the existing size (%lld) at "
                                  "non-singleton dimension %d.  Target sizes: %s.  Tensor sizes: %s",
                                  (long long)wanted, (long long)size, i, cor__sizes_text(given, sizes, n),
                                  cor__sizes_text(own, t->sizes, t->ndim));
        w.sizes[i] = wanted;
        w.strides[i] = d < 0 ? (i == n - 1 ? 1 : w.sizes[i + 1] * w.strides[i + 1]) : t->strides[d];
        if (size == 1 && wanted != 1) w.strides[i] = 0;
    }
    int64_t numel;
    if (cor__check_sizes(w.sizes, n, t->dtype, &numel) != COR_OK) return NULL;
    return see(&cor__op_expand, t, &w);
}

/* ---- parts of dimensions ---------------------------------------------------------------------------------------- */

cor_tensor *cor_select(cor_tensor *t, int64_t dim, int64_t index) {
    if (!ready(t, "select")) return NULL;
    if (t->ndim == 0) return cor__fail_null(COR_EINDEX, "select() cannot be applied to a 0-dim tensor.");
    int d = cor__wrap_dim(dim, t->ndim);
    if (d < 0) return NULL;
    char own[COR__SIZES_TEXT];
    int64_t size = t->sizes[d];
    if (index < -size || index >= size)
        return cor__fail_null(COR_EINDEX, "select(): index %lld out of range for tensor of size %s at dimension %d",
                              (long long)index, cor__sizes_text(own, t->sizes, t->ndim), d);
    window w = whole(t);
    w.dim = d;
    w.start = index < 0 ? index + size : index;
    w.offset += w.start * t->strides[d];
    drop_dim(&w, d);
    return see(&cor__op_select, t, &w);
}

static cor_tensor *slice(cor_tensor *t, int d, int64_t start, int64_t length, int64_t step) {
    window w = whole(t);
    int64_t skipped;
    w.dim = d;
    w.start = start;
    w.step = step;
    w.sizes[d] = length;
    if (!cor__mul_ok(start, t->strides[d], &skipped) || !cor__add_ok(w.offset, skipped, &w.offset))
        w.offset = t->offset; /* only past the end, where there is no index */
    if (!cor__mul_ok(t->strides[d], step, &w.strides[d])) w.strides[d] = t->strides[d]; /* then there is one index */
    return see(&cor__op_slice, t, &w);
}

cor_tensor *cor_slice_with(cor_tensor *t, int64_t dim, const cor_slice_options *options) {
    cor_slice_options room;
    if (!ready(t, "slice") || cor__check_options(options, sizeof room, "slice") != COR_OK) return NULL;
    const cor_slice_options *o = cor_slice_options_or_defaults(options, &room);
    if (t->ndim == 0) return cor__fail_null(COR_EINDEX, "slice() cannot be applied to a 0-dim tensor.");
    int d = cor__wrap_dim(dim, t->ndim);
    if (d < 0) return NULL;
    if (o->step <= 0) return cor__fail_null(COR_EVALUE, "slice step must be positive");
    int64_t size = t->sizes[d], start = o->start, end = o->end;
    if (start < 0) start += size;
    if (end < 0) end += size;
    start = cor__min(cor__max(start, 0), size);
    end = cor__min(cor__max(end, start), size);
    return slice(t, d, start, cor__ceil_div(end - start, o->step), o->step);
}

cor_tensor *cor_narrow(cor_tensor *t, int64_t dim, int64_t start, int64_t length) {
    if (!ready(t, "narrow")) return NULL;
    if (t->ndim == 0) return cor__fail_null(COR_EINDEX, "narrow() cannot be applied to a 0-dim tensor.");
    int d = cor__wrap_dim(dim, t->ndim);
    if (d < 0) return NULL;
    int64_t size = t->sizes[d];
    if (length < 0) return cor__fail_null(COR_EVALUE, "narrow(): length must be non-negative.");
    if (start < -size || start > size)
        return cor__fail_null(COR_EINDEX, "start out of range (expected to be in range of [-%lld, %lld], but got %lld)",
                              (long long)size, (long long)size, (long long)start);
    if (start < 0) start += size;
    if (start > size - length)
        return cor__fail_null(COR_EINDEX, "start (%lld) + length (%lld) exceeds dimension size (%lld).",
                              (long long)start, (long long)length, (long long)size);
    return slice(t, d, start, length, 1);
}
