/* rearrange.c: flip, roll, repeat, tril, triu and masked_fill. */
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include "kernels/elementwise.h"
#include "ops/backward.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include <corrie/index.h>
#include <string.h>

typedef struct rearrange_call {
    cor_dims amounts, dims; /* the shifts of roll or the times of repeat; what is flipped or rolled */
} rearrange_call;

static const cor__option *describe_dims(int *n) {
    static const cor__option rows[] = {{"amounts", COR__DIMS, offsetof(rearrange_call, amounts), sizeof(cor_dims)},
                                       {"dims", COR__DIMS, offsetof(rearrange_call, dims), sizeof(cor_dims)}};
    *n = 2;
    return rows;
}

/* ---- flip, roll and repeat: along each dimension, element i is one of another place ------------------------------ */

/* Of n elements, `stride` apart: i from the end, or (i + shift) modulo n. */
typedef struct side {
    int64_t n, stride, shift;
    bool flipped;
} side;

typedef struct move {
    const cor_tensor *out;
    const char *from;
    side sides[COR_MAX_DIMS];
} move;

static int64_t from_place(const side *s, int64_t i) {
    return (s->flipped ? s->n - 1 - i : (i + s->shift) % s->n) * s->stride;
}

/* Rows of the last dimension. */
static void move_rows(int64_t begin, int64_t end, void *context) {
    const move *m = context;
    const int last = m->out->ndim - 1;
    const int64_t n = m->out->sizes[last], size = cor_dtype_size(m->out->dtype);
    for (int64_t row = begin; row < end; row++) {
        char *to = (char *)cor__data(m->out) + row * n * size;
        int64_t base = 0, rest = row;
        for (int d = last - 1; d >= 0; d--) {
            base += from_place(&m->sides[d], rest % m->out->sizes[d]);
            rest /= m->out->sizes[d];
        }
        for (int64_t i = 0; i < n; i++) {
            const char *from = m->from + (base + from_place(&m->sides[last], i)) * size;
            if (size == 4) memcpy(to + i * 4, from, 4);
            else memcpy(to + i * size, from, (size_t)size);
        }
    }
}

/* The plan of a plain copy of t, whose dimensions are the last of out's. */
static move plain_move(const cor_tensor *out, const cor_tensor *t) {
    move m = {.out = out, .from = cor__data(t)};
    const int more = out->ndim - t->ndim;
    for (int d = 0; d < out->ndim; d++)
        m.sides[d] = d < more ? (side){.n = 1} : (side){.n = t->sizes[d - more], .stride = t->strides[d - more]};
    return m;
}

static int run_move(move *m) {
    if (m->out->numel == 0) return COR_OK;
    if (m->out->ndim == 0) {
        memcpy(cor__data(m->out), m->from, (size_t)cor_dtype_size(m->out->dtype));
        return COR_OK;
    }
    const int64_t n = m->out->sizes[m->out->ndim - 1];
    return cor_parallel_for(m->out->numel / n, cor__max(1, 8192 / n), move_rows, m);
}

static int flip_check(cor__call *call) {
    const rearrange_call *o = call->options;
    bool marks[COR_MAX_DIMS] = {false};
    if (o->dims.n > COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "%lld dims are too many", (long long)o->dims.n);
    for (int64_t i = 0; i < o->dims.n; i++) {
        const int d = cor__wrap_dim(o->dims.at[i], call->inputs[0]->ndim);
        if (d < 0) return cor_error();
        if (marks[d]) return cor__fail(COR_EVALUE, "dim %d appears multiple times in the list of dims", d);
        marks[d] = true;
    }
    cor__describe_like(call, call->inputs[0]);
    return COR_OK;
}

static int flip_forward(cor__call *call) {
    const rearrange_call *o = call->options;
    move m = plain_move(call->outputs[0], call->inputs[0]);
    for (int64_t i = 0; i < o->dims.n; i++) {
        const int d = cor__wrap_dim(o->dims.at[i], m.out->ndim);
        m.sides[d].flipped = m.out->ndim > 0;
    }
    return run_move(&m);
}

static int flip_backward(cor__backward *pass) {
    pass->results[0] = cor_flip_with(pass->grads[0], ((const rearrange_call *)pass->options)->dims);
    return cor_error();
}

const cor__op cor__op_flip = {.name = "flip",
                              .grad_fn = "FlipBackward0",
                              .check = flip_check,
                              .forward = flip_forward,
                              .describe = describe_dims,
                              .backward = flip_backward,
                              .reads_options = sizeof(rearrange_call)};

cor_tensor *cor_flip_with(cor_tensor *t, cor_dims dims) {
    const rearrange_call call = {.dims = dims};
    return cor__apply1(&cor__op_flip, &t, 1, &call);
}

static int roll_check(cor__call *call) {
    const rearrange_call *o = call->options;
    const int64_t shifts = o->amounts.n, dims = cor__max(0, o->dims.n);
    if (shifts <= 0) return cor__fail(COR_EVALUE, "`shifts` required");
    if (shifts > COR_MAX_DIMS || (dims != shifts && (dims != 0 || shifts != 1)))
        return cor__fail(COR_EVALUE, "shifts and dimensions must align. shifts: %lld, dims:%lld", (long long)shifts,
                         (long long)dims);
    for (int64_t i = 0; i < dims; i++)
        if (cor__wrap_dim(o->dims.at[i], call->inputs[0]->ndim) < 0) return cor_error();
    cor__describe_like(call, call->inputs[0]);
    return COR_OK;
}

/* The shift as the number of elements that come in at the beginning, taken from the end. */
static int64_t taken(int64_t shift, int64_t n) {
    if (n == 0) return 0;
    const int64_t moved = shift % n;
    return moved > 0 ? n - moved : -moved;
}

static int roll_forward(cor__call *call) {
    const rearrange_call *o = call->options;
    const cor_tensor *t = call->inputs[0];
    if (o->dims.n > 0) {
        move m = plain_move(call->outputs[0], t);
        for (int64_t i = 0; i < o->dims.n && t->ndim > 0; i++) {
            side *s = &m.sides[cor__wrap_dim(o->dims.at[i], t->ndim)];
            s->shift = s->n == 0 ? 0 : (s->shift + taken(o->amounts.at[i], s->n)) % s->n;
        }
        return run_move(&m);
    }
    cor_tensor *flat = cor__contiguous_as(t, t->dtype);
    if (flat == NULL) return cor_error();
    const size_t size = (size_t)cor_dtype_size(t->dtype), all = (size_t)t->numel * size;
    const size_t first = (size_t)taken(o->amounts.at[0], t->numel) * size;
    char *to = cor__data(call->outputs[0]);
    const char *from = cor__data(flat);
    if (all > 0) {
        memcpy(to, from + first, all - first);
        memcpy(to + (all - first), from, first);
    }
    cor__release(flat);
    return COR_OK;
}

/* What comes in at the beginning goes out there. */
static int roll_backward(cor__backward *pass) {
    const rearrange_call *o = pass->options;
    cor_tensor *g = pass->grads[0];
    cor_dims shifts = o->amounts;
    if (g == NULL || g->ndim == 0) return cor__same_backward(pass);
    for (int64_t i = 0; i < shifts.n; i++) {
        const int64_t n = o->dims.n > 0 ? g->sizes[cor__wrap_dim(o->dims.at[i], g->ndim)] : g->numel;
        shifts.at[i] = taken(shifts.at[i], n);
    }
    pass->results[0] = cor_roll_with(g, shifts, o->dims);
    return cor_error();
}

const cor__op cor__op_roll = {.name = "roll",
                              .grad_fn = "RollBackward0",
                              .check = roll_check,
                              .forward = roll_forward,
                              .describe = describe_dims,
                              .backward = roll_backward,
                              .reads_options = sizeof(rearrange_call)};

cor_tensor *cor_roll_with(cor_tensor *t, cor_dims shifts, cor_dims dims) {
    const rearrange_call call = {shifts, dims};
    return cor__apply1(&cor__op_roll, &t, 1, &call);
}

static int repeat_check(cor__call *call) {
    const cor_dims *times = &((const rearrange_call *)call->options)->amounts;
    const cor_tensor *t = call->inputs[0];
    char text[COR__SIZES_TEXT];
    bool negative = false;
    if (times->n < t->ndim)
        return cor__fail(COR_ESHAPE, "Number of dimensions of repeat dims can not be smaller than number of dimensions "
                                     "of tensor");
    if (times->n > COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "%lld dims are too many", (long long)times->n);
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = (int)times->n;
    for (int64_t d = 0; d < times->n; d++) {
        const int64_t own = d - (times->n - t->ndim);
        if (!cor__mul_ok(times->at[d], own < 0 ? 1 : t->sizes[own], &call->out[0].sizes[d]))
            return cor__fail(COR_ELIMIT, "repeat: the result is too large");
        negative = negative || call->out[0].sizes[d] < 0;
    }
    for (int64_t d = 0; negative && d < times->n; d++)
        if (call->out[0].sizes[d] < 0)
            return cor__fail(COR_EVALUE, "Trying to create tensor with negative dimension %lld: %s",
                             (long long)call->out[0].sizes[d],
                             cor__sizes_text(text, call->out[0].sizes, call->out[0].ndim));
    return COR_OK;
}

static int repeat_forward(cor__call *call) {
    move m = plain_move(call->outputs[0], call->inputs[0]);
    return run_move(&m);
}

/* The sum over the copies, one dimension after another: outer, times, size, what is not summed yet. */
static int repeat_backward(cor__backward *pass) {
    const cor_dims *times = &((const rearrange_call *)pass->options)->amounts;
    const cor__edge *t = &pass->node->edges[0];
    cor_tensor *g = pass->grads[0];
    if (g == NULL || g->numel == 0) return cor__zero_backward(pass);
    int64_t outer = 1, inner = g->numel;
    for (int64_t d = 0; d < times->n; d++) {
        const int64_t own = d - (times->n - t->ndim), size = own < 0 ? 1 : t->sizes[own];
        inner /= times->at[d] * size;
        if (times->at[d] > 1) g = cor_sum(cor_reshape(g, outer, times->at[d], size, inner), .dim = 1);
        outer *= size;
    }
    pass->results[0] = cor_reshape_to(g, t->sizes, t->ndim);
    return cor_error();
}

const cor__op cor__op_repeat = {.name = "repeat",
                                .grad_fn = "RepeatBackward0",
                                .check = repeat_check,
                                .forward = repeat_forward,
                                .describe = describe_dims,
                                .backward = repeat_backward,
                                .reads_options = sizeof(rearrange_call)};

cor_tensor *cor_repeat_with(cor_tensor *t, cor_dims times) {
    const rearrange_call call = {.amounts = times};
    return cor__apply1(&cor__op_repeat, &t, 1, &call);
}

/* ---- tril and triu ---------------------------------------------------------------------------------------------- */

static int triangle_check(cor__call *call) {
    if (call->inputs[0]->ndim < 2)
        return cor__fail(COR_ESHAPE, "%s: input tensor must have at least 2 dimensions", call->op->name);
    cor__describe_like(call, call->inputs[0]);
    return COR_OK;
}

/* Row i keeps the columns from, or up to, i + diagonal. */
static int triangle_forward(cor__call *call) {
    const int64_t diagonal = ((const cor__dim_call *)call->options)->dim;
    const bool lower = call->op->kernel == 0;
    cor_tensor *out = call->outputs[0];
    const int64_t rows = out->sizes[out->ndim - 2], columns = out->sizes[out->ndim - 1];
    const size_t size = (size_t)cor_dtype_size(out->dtype);
    if (cor__copy(out, call->inputs[0]) != COR_OK) return cor_error();
    for (int64_t i = 0; columns > 0 && i < out->numel / columns; i++) {
        const int64_t row = i % rows; /* the bound without overflow: diagonal is cut to the matrix */
        const int64_t cut = cor__min(cor__max(diagonal, -rows - 1), columns + 1) + row + (lower ? 1 : 0);
        const int64_t at = cor__min(cor__max(cut, 0), columns);
        char *line = (char *)cor__data(out) + (size_t)(i * columns) * size;
        if (lower) memset(line + (size_t)at * size, 0, (size_t)(columns - at) * size);
        else memset(line, 0, (size_t)at * size);
    }
    return COR_OK;
}

static const cor__option *describe_diagonal(int *n) {
    static const cor__option rows[] = {{"diagonal", COR__INTEGER, offsetof(cor__dim_call, dim), sizeof(int64_t)}};
    *n = 1;
    return rows;
}

static int tril_backward(cor__backward *pass) {
    pass->results[0] = cor_tril(pass->grads[0], ((const cor__dim_call *)pass->options)->dim);
    return cor_error();
}

static int triu_backward(cor__backward *pass) {
    pass->results[0] = cor_triu(pass->grads[0], ((const cor__dim_call *)pass->options)->dim);
    return cor_error();
}

const cor__op cor__op_tril = {.name = "tril",
                              .grad_fn = "TrilBackward0",
                              .check = triangle_check,
                              .forward = triangle_forward,
                              .describe = describe_diagonal,
                              .backward = tril_backward,
                              .reads_options = sizeof(cor__dim_call),
                              .kernel = 0};
const cor__op cor__op_triu = {.name = "triu",
                              .grad_fn = "TriuBackward0",
                              .check = triangle_check,
                              .forward = triangle_forward,
                              .describe = describe_diagonal,
                              .backward = triu_backward,
                              .reads_options = sizeof(cor__dim_call),
                              .kernel = 1};

cor_tensor *cor_tril(cor_tensor *t, int64_t diagonal) {
    const cor__dim_call call = {diagonal, 1};
    return cor__apply1(&cor__op_tril, &t, 1, &call);
}

cor_tensor *cor_triu(cor_tensor *t, int64_t diagonal) {
    const cor__dim_call call = {diagonal, 1};
    return cor__apply1(&cor__op_triu, &t, 1, &call);
}

/* ---- masked_fill ------------------------------------------------------------------------------------------------ */

static int masked_fill_check(cor__call *call) {
    static const char *const names[COR_DTYPES] = {
        [COR_UINT8] = "unsigned char", [COR_INT8] = "signed char",       [COR_INT16] = "short int",
        [COR_INT32] = "int",           [COR_INT64] = "long int",         [COR_FLOAT16] = "c10::Half",
        [COR_FLOAT32] = "float",       [COR_BFLOAT16] = "c10::BFloat16", [COR_FLOAT64] = "double"};
    const cor_tensor *t = call->inputs[0], *mask = call->inputs[1], *value = call->inputs[2];
    if (value->ndim > 0)
        return cor__fail(
            COR_ESHAPE, "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with %d dimension(s).",
            value->ndim);
    if (mask->dtype != COR_BOOL)
        return cor__fail(COR_EDTYPE, "masked_fill_ only supports boolean masks, but got mask with dtype %s",
                         names[mask->dtype]);
    int64_t sizes[COR_MAX_DIMS];
    if (cor__broadcast(mask->sizes, mask->ndim, t->sizes, t->ndim, sizes) < 0) return cor_error();
    if (!cor__is_number(value)) call->grad_fn = "MaskedFillBackward1";
    return cor__describe_elementwise(call, t->dtype, t->dtype);
}

static int masked_fill_forward(cor__call *call) {
    cor_tensor *inputs[] = {call->inputs[2], call->inputs[0], call->inputs[1]};
    return cor__run_kernel(call, COR__WHERE, inputs, 3, NULL);
}

static int masked_fill_backward(cor__backward *pass) {
    cor_tensor *g = pass->grads[0], *mask = cor__kept_input(pass, 1);
    if (cor__needs(pass, 0)) pass->results[0] = cor_where(mask, 0.0, g);
    if (cor__needs(pass, 2)) pass->results[2] = cor_where(mask, g, 0.0);
    return cor_error();
}

const cor__op cor__op_masked_fill = {.name = "masked_fill",
                                     .grad_fn = "MaskedFillBackward0",
                                     .check = masked_fill_check,
                                     .forward = masked_fill_forward,
                                     .kernel_name = "masked_fill",
                                     .backward = masked_fill_backward,
                                     .reads_inputs = {[1] = 1 << 0 | 1 << 2}};

cor_tensor *cor_masked_fill_of(cor_tensor *t, cor_tensor *mask, cor_operand value) {
    if (cor_error() != COR_OK) return NULL;
    cor_scope();
    cor_tensor *inputs[] = {t, mask, cor__operand_as_tensor(value)};
    return cor_keep(cor__apply1(&cor__op_masked_fill, inputs, 3, NULL));
}
