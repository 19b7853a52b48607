/* pad.c: adding and cutting off elements at the edges of dimensions. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/backward.h"
#include "ops/op.h"
#include "ops/scatter.h"
#include "tensor/iterate.h"
#include <corrie/conv.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_pad_options, COR_PAD_OPTIONS)

enum { LINE_GRAIN = 1 << 15 }; /* bytes a thread should get at least */

/* The options in normal form; pads as the caller gave them, from the last dimension on. */
typedef struct pad_numbers {
    cor_dims pads;
    int64_t mode;
    double value;
} pad_numbers;

static int64_t left_of(const pad_numbers *o, int ndim, int dim) {
    const int i = 2 * (ndim - 1 - dim);
    return i < o->pads.n ? o->pads.at[i] : 0;
}

static int64_t right_of(const pad_numbers *o, int ndim, int dim) {
    const int i = 2 * (ndim - 1 - dim) + 1;
    return i < o->pads.n ? o->pads.at[i] : 0;
}

/* ---- checks, in PyTorch's order --------------------------------------------------------------------------------- */

static int describe_output(cor__call *call, const pad_numbers *o) {
    const cor_tensor *t = call->inputs[0];
    cor__meta *out = &call->out[0];
    out->dtype = t->dtype;
    out->ndim = t->ndim;
    for (int dim = 0; dim < t->ndim; dim++) {
        const int64_t left = left_of(o, t->ndim, dim), right = right_of(o, t->ndim, dim);
        if (!cor__add_ok(t->sizes[dim], left, &out->sizes[dim]) ||
            !cor__add_ok(out->sizes[dim], right, &out->sizes[dim]))
            return cor__fail(COR_ELIMIT, "pad: the sizes overflow");
    }
    return COR_OK;
}

/* Of constant padding: what is cut off must be there. */
static int check_cut(const cor_tensor *t, const pad_numbers *o) {
    for (int dim = 0; dim < t->ndim; dim++) {
        const int64_t left = cor__min(left_of(o, t->ndim, dim), 0), right = cor__min(right_of(o, t->ndim, dim), 0);
        if (left < -t->sizes[dim] || right < -(t->sizes[dim] + left))
            return cor__fail(COR_ESHAPE, "narrow(): length must be non-negative.");
    }
    return COR_OK;
}

/* Reflection and replication: no empty dimension but the batch. `n` is the number of padded dimensions. */
static int check_not_empty(const cor_tensor *t, int n) {
    bool empty = false;
    char text[COR__SIZES_TEXT];
    for (int dim = t->ndim == n + 2 ? 1 : 0; dim < t->ndim; dim++) empty = empty || t->sizes[dim] == 0;
    if (!empty) return COR_OK;
    return cor__fail(COR_ESHAPE,
                     "Expected %dD or %dD (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
                     "for input, but got: %s",
                     n + 1, n + 2, cor__sizes_text(text, t->sizes, t->ndim));
}

static int check_reflection(const cor_tensor *t, const pad_numbers *o, int n) {
    char text[COR__SIZES_TEXT];
    for (int i = 0; i < n; i++) {
        const int dim = t->ndim - 1 - i;
        const int64_t left = o->pads.at[2 * i], right = o->pads.at[2 * i + 1], size = t->sizes[dim];
        if (left >= size || right >= size)
            return cor__fail(COR_EVALUE,
                             "Argument #%d: Padding size should be less than the corresponding input dimension, but "
                             "got: padding (%lld, %lld) at dimension %d of input %s",
                             4 + 2 * i, (long long)left, (long long)right, dim,
                             cor__sizes_text(text, t->sizes, t->ndim));
    }
    return COR_OK;
}

/* At least one padded dimension must keep elements, and none may become negative. */
static int check_room(const cor_tensor *t, const cor__meta *out, const pad_numbers *o, int n) {
    const long long w = t->sizes[t->ndim - 1], ow = out->sizes[t->ndim - 1];
    const long long h = n > 1 ? t->sizes[t->ndim - 2] : 0, oh = n > 1 ? out->sizes[t->ndim - 2] : 0;
    const long long d = n > 2 ? t->sizes[t->ndim - 3] : 0, od = n > 2 ? out->sizes[t->ndim - 3] : 0;
    char text[COR__SIZES_TEXT];
    if (ow < 1 && oh < 1 && od < 1) {
        if (n == 1) return cor__fail(COR_ESHAPE, "input (W: %lld) is too small. Calculated output W: %lld", w, ow);
        if (n == 2)
            return cor__fail(COR_ESHAPE, "input (H: %lld, W: %lld%s) is too small. Calculated output H: %lld W: %lld",
                             h, w, o->mode == COR_PAD_REPLICATE ? " " : "", oh, ow);
        return cor__fail(COR_ESHAPE,
                         "input (D: %lld H: %lld, W: %lld) is too small. Calculated output D: %lld H: %lld W: %lld", d,
                         h, w, od, oh, ow);
    }
    for (int dim = 0; dim < out->ndim; dim++)
        if (out->sizes[dim] < 0)
            return cor__fail(COR_ESHAPE, "Trying to create tensor with negative dimension %lld: %s",
                             (long long)out->sizes[dim], cor__sizes_text(text, out->sizes, out->ndim));
    return COR_OK;
}

static int check_circular(const cor_tensor *t, const cor__meta *out, const pad_numbers *o, int n) {
    for (int i = 0; i < n; i++) {
        const int dim = t->ndim - 1 - i;
        const int64_t left = o->pads.at[2 * i], right = o->pads.at[2 * i + 1];
        const int64_t kept = t->sizes[dim] + cor__min(left, 0) + cor__min(right, 0);
        if (left > t->sizes[dim] || right > t->sizes[dim])
            return cor__fail(COR_EVALUE, "Padding value causes wrapping around more than once.");
        if (out->sizes[dim] < 0)
            return cor__fail(COR_EVALUE, "Negative padding value is resulting in an empty dimension");
        if (kept < 0 || left > kept || right > kept) /* PyTorch reads memory it has not written here */
            return cor__fail(COR_EVALUE, "Padding value causes wrapping around more than once.");
    }
    return COR_OK;
}

static int pad_check(cor__call *call) {
    static const char *const modes[] = {"constant", "reflect", "replicate", "circular"};
    static const char *const nodes[][4] = {
        [COR_PAD_CONSTANT] = {"", "", "", ""}, /* the row's own */
        [COR_PAD_REFLECT] = {"", "ReflectionPad1DBackward0", "ReflectionPad2DBackward0", "ReflectionPad3DBackward0"},
        [COR_PAD_REPLICATE] = {"", "ReplicationPad1DBackward0", "ReplicationPad2DBackward0",
                               "ReplicationPad3DBackward0"},
        [COR_PAD_CIRCULAR] = {"", "CopySlices", "CopySlices", "CopySlices"}};
    const pad_numbers *o = call->options;
    const cor_tensor *t = call->inputs[0];
    const int n = (int)(o->pads.n / 2);
    if (o->pads.n % 2 != 0) return cor__fail(COR_EVALUE, "Padding length must be divisible by 2");
    if (n > t->ndim)
        return cor__fail(COR_EVALUE,
                         "Padding length should be less than or equal to two times the input dimension but got padding "
                         "length %lld and input of dimension %d",
                         (long long)o->pads.n, t->ndim);
    if (describe_output(call, o) != COR_OK) return cor_error();
    if (o->mode == COR_PAD_CONSTANT) return check_cut(t, o);
    if (o->value != 0)
        return cor__fail(COR_EVALUE, "Padding mode \"%s\" doesn't take in value argument", modes[o->mode]);
    if (n < 1 || n > 3 || (t->ndim != n + 1 && t->ndim != n + 2))
        return cor__fail(COR_EUNSUPPORTED,
                         "Padding size %lld is not supported for %dD input tensor.\n"
                         "Supported combinations for non-constant padding:\n"
                         "  - 2D or 3D input: padding size = 2 (pads last dimension)\n"
                         "  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n"
                         "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)",
                         (long long)o->pads.n, t->ndim);
    call->grad_fn = nodes[o->mode][n];
    if (o->mode == COR_PAD_CIRCULAR) return check_circular(t, &call->out[0], o, n);
    if (check_not_empty(t, n) != COR_OK) return cor_error();
    if (o->mode == COR_PAD_REFLECT && check_reflection(t, o, n) != COR_OK) return cor_error();
    return check_room(t, &call->out[0], o, n);
}

/* ---- copying ---------------------------------------------------------------------------------------------------- */

/* Trailing dimensions that are not padded make one unit; a line is the last padded dimension. */
typedef struct pad_job {
    const pad_numbers *numbers;
    const char *input;
    char *output;
    const int64_t *in_sizes, *out_sizes;
    int ndim;
    int line; /* the dimension of lines */
    int64_t unit;
    const char *fill; /* one unit of the constant */
} pad_job;

/* Which input position an output position of a dimension shows, -1 for none. */
static int64_t source_of(const pad_job *j, int dim, int64_t position) {
    const int64_t left = left_of(j->numbers, j->ndim, dim), size = j->in_sizes[dim], at = position - left;
    const int64_t cut = cor__max(-left, 0), kept = size - cut + cor__min(right_of(j->numbers, j->ndim, dim), 0);
    switch (j->numbers->mode) {
    case COR_PAD_REFLECT:
        return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
    case COR_PAD_REPLICATE:
        return cor__max(0, cor__min(at, size - 1));
    case COR_PAD_CIRCULAR:
        return cut + (at - cut + kept) % kept;
    default:
        return at < 0 || at >= size ? -1 : at;
    }
}

static void put_unit(const pad_job *j, const char *in, char *out, int64_t position) {
    const int64_t from = source_of(j, j->line, position);
    memcpy(out + position * j->unit, from < 0 ? j->fill : in + from * j->unit, (size_t)j->unit);
}

static void fill_line(const pad_job *j, char *out) {
    for (int64_t i = 0; i < j->out_sizes[j->line]; i++) memcpy(out + i * j->unit, j->fill, (size_t)j->unit);
}

static void copy_line(const pad_job *j, const char *in, char *out) {
    const int64_t left = left_of(j->numbers, j->ndim, j->line), n = j->out_sizes[j->line];
    const int64_t begin = cor__min(cor__max(left, 0), n);
    const int64_t end = cor__max(begin, cor__min(left + j->in_sizes[j->line], n));
    for (int64_t i = 0; i < begin; i++) put_unit(j, in, out, i);
    if (end > begin) memcpy(out + begin * j->unit, in + (begin - left) * j->unit, (size_t)((end - begin) * j->unit));
    for (int64_t i = end; i < n; i++) put_unit(j, in, out, i);
}

static void pad_lines(int64_t first, int64_t last, void *context) {
    const pad_job *j = context;
    for (int64_t row = first; row < last; row++) {
        int64_t rest = row, from = 0, step = 1;
        bool inside = j->input != NULL; /* an input without elements has no memory */
        for (int dim = j->line - 1; dim >= 0; dim--) {
            const int64_t source = source_of(j, dim, rest % j->out_sizes[dim]);
            inside = inside && source >= 0;
            from += source * step;
            step *= j->in_sizes[dim];
            rest /= j->out_sizes[dim];
        }
        char *out = j->output + row * j->out_sizes[j->line] * j->unit;
        if (inside) copy_line(j, j->input + from * j->in_sizes[j->line] * j->unit, out);
        else fill_line(j, out);
    }
}

static int pad_forward(cor__call *call) {
    const pad_numbers *o = call->options;
    const cor_tensor *t = call->inputs[0];
    cor_tensor *out = call->outputs[0];
    const int64_t element = cor_dtype_size(t->dtype);
    if (out->numel == 0) return COR_OK;
    if (t->ndim == 0) return cor__copy(out, t);
    pad_job j = {.numbers = o, .in_sizes = t->sizes, .out_sizes = out->sizes, .ndim = t->ndim, .unit = element};
    for (j.line = t->ndim - 1; j.line > 0; j.line--) {
        if (left_of(o, t->ndim, j.line) != 0 || right_of(o, t->ndim, j.line) != 0) break;
        j.unit *= t->sizes[j.line];
    }
    cor_tensor *in = cor__contiguous_as(t, t->dtype);
    char *fill = cor__alloc((size_t)j.unit, "the value of a padding");
    int code = in == NULL || fill == NULL ? cor_error() : COR_OK;
    if (code == COR_OK) {
        for (int64_t i = 0; i < j.unit; i += element) cor__store_number(fill + i, t->dtype, COR_OPERAND(o->value));
        j.input = cor__data(in);
        j.output = cor__data(out);
        j.fill = fill;
        const int64_t bytes = out->sizes[j.line] * j.unit;
        code = cor_parallel_for(out->numel * element / bytes, cor__max(1, LINE_GRAIN / bytes), pad_lines, &j);
    }
    cor__free(fill, (size_t)j.unit);
    cor__release(in);
    return code;
}

static const cor__option *describe_pad(int *n) {
    static const cor__option rows[] = {{"pad", COR__DIMS, offsetof(pad_numbers, pads), sizeof(cor_dims)},
                                       {"mode", COR__INTEGER, offsetof(pad_numbers, mode), sizeof(int64_t)},
                                       {"value", COR__REAL, offsetof(pad_numbers, value), sizeof(double)}};
    *n = (int)(sizeof rows / sizeof rows[0]);
    return rows;
}

static int pad_backward(cor__backward *pass);

const cor__op cor__op_pad = {.name = "pad",
                             .grad_fn = "ConstantPadNdBackward0",
                             .check = pad_check,
                             .forward = pad_forward,
                             .describe = describe_pad,
                             .backward = pad_backward,
                             .reads_options = sizeof(pad_numbers)};

/* Where each element of the padded planes comes from: the positions of a plane, padded alike. */
static cor_tensor *origins(const cor__backward *pass, const pad_numbers *o, int spatial) {
    const cor__edge *input = &pass->node->edges[0];
    int64_t sizes[COR_MAX_DIMS], plane = 1;
    for (int d = 0; d < input->ndim; d++) {
        sizes[d] = d < input->ndim - spatial ? 1 : input->sizes[d];
        plane *= sizes[d];
    }
    cor_tensor *positions = cor_reshape_to(cor_arange(0, plane, .dtype = COR_INT64), sizes, input->ndim);
    cor_tensor *padded = cor__apply1(&cor__op_pad, &positions, 1, o);
    return cor_expand_to(padded, pass->grads[0]->sizes, input->ndim);
}

/* A constant's gradient is cut off where it was put on; elsewhere elements go back to where they came from. */
static int pad_backward(cor__backward *pass) {
    pad_numbers o = *(const pad_numbers *)pass->options;
    const cor__edge *input = &pass->node->edges[0];
    const int spatial = (int)(o.pads.n + 1) / 2;
    if (o.mode == COR_PAD_CONSTANT || spatial == 0) {
        for (int64_t i = 0; i < o.pads.n; i++) o.pads.at[i] = -o.pads.at[i];
        o.value = 0;
        pass->results[0] = cor__apply1(&cor__op_pad, pass->grads, 1, &o);
    } else {
        cor_tensor *from = origins(pass, &o, spatial);
        if (from != NULL)
            pass->results[0] = cor__plane_scatter(pass->grads[0], from, input->sizes, input->ndim, spatial);
    }
    return cor_error();
}

cor_tensor *cor_pad_with(cor_tensor *input, cor_dims pads, const cor_pad_options *options) {
    cor_pad_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "pad") != COR_OK) return NULL;
    const cor_pad_options *o = cor_pad_options_or_defaults(options, &room);
    if (pads.n < 0 || pads.n > COR_MAX_DIMS)
        return cor__fail_null(COR_EVALUE, "pad: expected 0 to %d amounts, but got %lld", COR_MAX_DIMS,
                              (long long)pads.n);
    if ((unsigned)o->mode > COR_PAD_CIRCULAR)
        return cor__fail_null(COR_EUNSUPPORTED, "Unrecognised padding mode %d", (int)o->mode);
    pad_numbers numbers = {.pads = pads, .mode = (int64_t)o->mode, .value = o->value};
    return cor__apply1(&cor__op_pad, &input, 1, &numbers);
}
