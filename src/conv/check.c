/* check.c: PyTorch's checks of a convolution's arguments, in PyTorch's order. */
#include "conv/check.h"
#include "base/error.h"
#include "base/sizes.h"
#include "base/text.h"
#include <string.h>

enum { AXES = COR__CONV_AXES };

/* The call with everything that may be left out filled in. Axes are numbered as the call's: 0 is its first. */
typedef struct state {
    const cor__conv_call *call;
    int spatial; /* the call's, or the weight's: they agree once check_weight_dimensions has passed */
    bool batched;
    int64_t input[2 + AXES + 1]; /* batched shape */
    int64_t shown[2 + AXES + 1]; /* the same as PyTorch shows it: with the far side's part of "same" padding in it */
    int64_t stride[AXES], near[AXES], far[AXES], dilation[AXES], output_padding[AXES];
} state;

static const char *show(char buffer[COR__SIZES_TEXT], cor__conv_list list) {
    return cor__sizes_text(buffer, list.at, list.n);
}

/* C's names of the types, as PyTorch's message about the bias has them. */
static const char *c_name(cor_dtype dtype) {
    static const char *const names[] = {"bool",     "unsigned char", "signed char",   "short int", "int",
                                        "long int", "c10::Half",     "c10::BFloat16", "float",     "double"};
    return names[dtype];
}

/* PyTorch's names of its scalar types. */
static const char *scalar_name(cor_dtype dtype) {
    static const char *const names[] = {"Bool", "Byte", "Char",     "Short", "Int",
                                        "Long", "Half", "BFloat16", "Float", "Double"};
    return names[dtype];
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

static int check_bias_dtype(const cor__conv_call *call) {
    if (!call->has_bias || call->bias_dtype == call->input_dtype) return COR_OK;
    return cor__fail(COR_EDTYPE, "Input type (%s) and bias type (%s) should be the same", c_name(call->input_dtype),
                     c_name(call->bias_dtype));
}

static int check_input_dimensions(state *s) {
    const cor__conv_call *call = s->call;
    char shape[COR__SIZES_TEXT];
    const int n = call->spatial;
    if (call->input.n != n + 1 && call->input.n != n + 2)
        return cor__fail(COR_ESHAPE,
                         "Expected %dD (unbatched) or %dD (batched) input to conv%s%dd, but got input of size: %s",
                         n + 1, n + 2, call->transposed ? "_transpose" : "", n, show(shape, call->input));
    s->batched = call->input.n == n + 2;
    s->input[0] = 1;
    memcpy(s->input + !s->batched, call->input.at, (size_t)call->input.n * sizeof *s->input);
    memcpy(s->shown, s->input, sizeof s->shown);
    return COR_OK;
}

static int check_weight_and_groups(const state *s) {
    if (s->call->weight.n < 3) return cor__fail(COR_ESHAPE, "weight should have at least three dimensions");
    if (s->call->groups <= 0) return cor__fail(COR_EVALUE, "non-positive groups is not supported");
    return COR_OK;
}

static void spread(cor__conv_list list, int axes, int64_t values[AXES]) {
    for (int axis = 0; axis < axes && axis < AXES; axis++) values[axis] = list.at[list.n == 1 ? 0 : axis];
}

/* Spreads a list over as many axes as the weight has. */
static int expand(const state *s, const char *name, cor__conv_list list, int64_t values[AXES]) {
    char text[COR__SIZES_TEXT];
    const int axes = s->call->weight.n - 2;
    if (list.n != 1 && list.n != axes)
        return cor__fail(COR_EVALUE,
                         "expected %s to be a single integer value or a list of %d values to match the convolution "
                         "dimensions, but got %s=%s",
                         name, axes, name, show(text, list));
    spread(list, axes, values);
    return COR_OK;
}

static int expand_all(state *s) {
    const cor__conv_call *call = s->call;
    const bool numbers = call->padding_text == NULL;
    static const int64_t zero = 0;
    const cor__conv_list none = {&zero, 1};
    int status = expand(s, "stride", call->stride, s->stride);
    if (status == COR_OK && numbers) status = expand(s, "padding", call->padding, s->near);
    if (status == COR_OK && numbers) memcpy(s->far, s->near, sizeof s->far);
    if (status == COR_OK) status = expand(s, "dilation", call->dilation, s->dilation);
    return status == COR_OK
               ? expand(s, "output_padding", call->transposed ? call->output_padding : none, s->output_padding)
               : status;
}

/* ---- padding='same' --------------------------------------------------------------------------------------------- */

static int same_padding(state *s) {
    const cor__conv_call *call = s->call;
    char weight[COR__SIZES_TEXT], input[COR__SIZES_TEXT];
    int status = check_weight_and_groups(s);
    if (status != COR_OK) return status;
    const int axes = call->weight.n - 2;
    if (axes != s->spatial)
        return cor__fail(COR_ESHAPE,
                         "Expected %d-dimensional input for %d-dimensional weight%s, but got %d-dimensional input of "
                         "size %s instead",
                         call->weight.n, call->weight.n, show(weight, call->weight), s->spatial + 2,
                         cor__sizes_text(input, s->input, s->spatial + 2));
    if (call->stride.n != 1 && call->stride.n != axes)
        return cor__fail(COR_EVALUE, "stride cannot broadcast to %d dimensions", axes);
    if (call->dilation.n != 1 && call->dilation.n != axes)
        return cor__fail(COR_EVALUE, "dilation cannot broadcast to %d dimensions", axes);
    spread(call->stride, axes, s->stride);
    spread(call->dilation, axes, s->dilation);
    for (int axis = 0; axis < axes; axis++)
        if (s->stride[axis] != 1)
            return cor__fail(COR_EVALUE, "padding='same' is not supported for strided convolutions");
    for (int axis = 0; axis < axes; axis++) {
        int64_t total;
        if (!cor__mul_ok(s->dilation[axis], call->weight.at[2 + axis] - 1, &total))
            return cor__fail(COR_ELIMIT, "the sizes of the convolution are too large");
        s->near[axis] = total / 2;
        s->far[axis] = total - s->near[axis];
        s->shown[2 + axis] += s->far[axis] - s->near[axis];
    }
    return COR_OK;
}

static int check_padding_text(state *s) {
    const char *text = s->call->padding_text;
    if (text == NULL || strcmp(text, "valid") == 0) return COR_OK;
    if (strcmp(text, "same") == 0) return same_padding(s);
    return cor__fail(COR_EVALUE, "Invalid padding string: '%s'", text);
}

/* ---- values, channels and sizes --------------------------------------------------------------------------------- */

static bool any_below(const int64_t values[AXES], int n, int64_t least) {
    for (int axis = 0; axis < n; axis++)
        if (values[axis] < least) return true;
    return false;
}

static int check_values(const state *s) {
    const int axes = s->call->weight.n - 2 < AXES ? s->call->weight.n - 2 : AXES;
    if (any_below(s->near, axes, 0)) return cor__fail(COR_EVALUE, "negative padding is not supported");
    if (any_below(s->output_padding, axes, 0)) return cor__fail(COR_EVALUE, "negative output_padding is not supported");
    if (any_below(s->stride, axes, 1)) return cor__fail(COR_EVALUE, "non-positive stride is not supported");
    if (any_below(s->dilation, axes, 0)) return cor__fail(COR_EVALUE, "dilation should be greater than zero");
    return COR_OK;
}

static int check_channels(const state *s) {
    const cor__conv_call *call = s->call;
    const int64_t *weight = call->weight.at, groups = call->groups;
    char shape[COR__SIZES_TEXT], input[COR__SIZES_TEXT];
    if (call->weight.n != s->spatial + 2)
        return cor__fail(COR_ESHAPE,
                         "Expected %d-dimensional input for %d-dimensional weight %s, but got %d-dimensional input of "
                         "size %s instead",
                         call->weight.n, call->weight.n, show(shape, call->weight), s->spatial + 2,
                         cor__sizes_text(input, s->shown, s->spatial + 2));
    if (weight[0] < groups)
        return cor__fail(COR_ESHAPE,
                         "Given groups=%lld, expected weight to be at least %lld at dimension 0, but got weight of "
                         "size %s instead",
                         (long long)groups, (long long)groups, show(shape, call->weight));
    if (weight[0] % groups != 0)
        return cor__fail(COR_ESHAPE,
                         "Given groups=%lld, expected weight to be divisible by %lld at dimension 0, but got weight of "
                         "size [%s] instead",
                         (long long)groups, (long long)groups, show(shape, call->weight));
    int64_t grouped;
    if (!cor__mul_ok(weight[1], groups, &grouped))
        return cor__fail(COR_ELIMIT, "the sizes of the convolution are too large");
    const int64_t expected = call->transposed ? weight[0] : grouped;
    if (s->input[1] != expected)
        return cor__fail(COR_ESHAPE,
                         "Given %s=%lld, weight of size %s, expected input%s to have %lld channels, but got %lld "
                         "channels instead",
                         call->transposed ? "transposed" : "groups", (long long)(call->transposed ? 1 : groups),
                         show(shape, call->weight), cor__sizes_text(input, s->shown, s->spatial + 2),
                         (long long)expected, (long long)s->input[1]);
    return COR_OK;
}

static int check_bias_shape(const state *s) {
    const cor__conv_call *call = s->call;
    const int64_t o = call->transposed ? call->weight.at[1] * call->groups : call->weight.at[0];
    if (!call->has_bias || (call->bias.n == 1 && call->bias.at[0] == o)) return COR_OK;
    char weight[COR__SIZES_TEXT], bias[COR__SIZES_TEXT];
    return cor__fail(COR_ESHAPE,
                     "Given %sweight of size %s, expected bias to be 1-dimensional with %lld elements, but got bias of "
                     "size %s instead",
                     call->transposed ? "transposed=1, " : "", show(weight, call->weight), (long long)o,
                     show(bias, call->bias));
}

/* "2 x 3" */
static const char *join(char buffer[COR__SIZES_TEXT], const int64_t *values, int n) {
    buffer[0] = '\0';
    for (int i = 0; i < n; i++) {
        const size_t length = strlen(buffer);
        cor__format(buffer + length, COR__SIZES_TEXT - length, "%s%lld", i > 0 ? " x " : "", (long long)values[i]);
    }
    return buffer;
}

static int check_padded_input(const state *s) {
    int64_t padded[AXES], extent[AXES];
    bool fits = true;
    for (int axis = 0; axis < s->spatial; axis++) {
        const int64_t most = INT64_MAX / 2, kernel = s->call->weight.at[2 + axis];
        if (s->near[axis] > most)
            return cor__fail(COR_EVALUE, "Given padding=%lld at dimension %d , expected padding to be at most %lld",
                             (long long)s->near[axis], axis, (long long)most);
        if (!cor__add_ok(s->near[axis], s->far[axis], &padded[axis]) ||
            !cor__add_ok(padded[axis], s->input[2 + axis], &padded[axis]) ||
            !cor__mul_ok(s->dilation[axis], kernel - 1, &extent[axis]) || !cor__add_ok(extent[axis], 1, &extent[axis]))
            return cor__fail(COR_ELIMIT, "the sizes of the convolution are too large");
        fits = fits && extent[axis] <= padded[axis];
    }
    char input[COR__SIZES_TEXT], kernel[COR__SIZES_TEXT];
    if (!fits)
        return cor__fail(COR_ESHAPE,
                         "Calculated padded input size per channel: (%s). Kernel size: (%s). Kernel size can't be "
                         "greater than actual input size",
                         join(input, padded, s->spatial), join(kernel, extent, s->spatial));
    return COR_OK;
}

/* ---- the last checks, on the problem: 1d is 2d with a height of 1 there, as in PyTorch -------------------------- */

static void fill_problem(const state *s, cor__conv_problem *p) {
    const cor__conv_call *call = s->call;
    const int first = AXES - s->spatial;
    *p = (cor__conv_problem){.dtype = call->input_dtype,
                             .transposed = call->transposed,
                             .bias = call->has_bias,
                             .spatial = s->spatial,
                             .n = s->input[0],
                             .groups = call->groups,
                             .c = s->input[1],
                             .o = call->transposed ? call->weight.at[1] * call->groups : call->weight.at[0],
                             .input = {1, 1, 1},
                             .kernel = {1, 1, 1},
                             .output = {1, 1, 1},
                             .stride = {1, 1, 1},
                             .dilation = {1, 1, 1}};
    if (p->c == 0) p->o = 0;
    for (int axis = 0; axis < s->spatial; axis++) {
        p->input[first + axis] = s->input[2 + axis];
        p->kernel[first + axis] = call->weight.at[2 + axis];
        p->stride[first + axis] = s->stride[axis];
        p->padding[first + axis] = s->near[axis];
        p->dilation[first + axis] = s->dilation[axis];
    }
    cor__conv_problem_contiguous(p);
    if (call->input_strides == NULL) return;
    p->input_strides[0] = s->batched ? call->input_strides[0] : 0;
    p->input_strides[1] = call->input_strides[s->batched];
    for (int axis = 0; axis < s->spatial; axis++)
        p->input_strides[2 + first + axis] = call->input_strides[s->batched + 1 + axis];
}

static int check_not_empty(const cor__conv_problem *p) {
    const int first = p->spatial == 3 ? 0 : 1;
    int64_t shape[2 + AXES] = {p->n, p->c};
    bool empty = false;
    for (int axis = first; axis < AXES; axis++) {
        shape[2 + axis - first] = p->input[axis];
        empty = empty || p->input[axis] == 0;
    }
    char text[COR__SIZES_TEXT];
    if (empty && p->n != 0 && p->c != 0)
        return cor__fail(COR_ESHAPE, "Only zero batch or zero channel inputs are supported, but got input shape: %s",
                         cor__sizes_text(text, shape, 2 + AXES - first));
    return COR_OK;
}

static int check_kernel_not_empty(const state *s, const cor__conv_problem *p) {
    const bool empty = p->kernel[0] <= 0 || p->kernel[1] <= 0 || p->kernel[2] <= 0;
    const bool no_output = s->call->transposed && s->call->weight.at[1] == 0;
    char weight[COR__SIZES_TEXT], kernel[COR__SIZES_TEXT];
    if (s->call->transposed && p->spatial == 3 && (empty || no_output))
        return cor__fail(COR_ESHAPE,
                         "non-empty 5D (n_output_plane x n_input_plane x kernel_depth x kernel_height x kernel_width) "
                         "tensor expected for weight, but got: %s",
                         show(weight, s->call->weight));
    if (empty && p->spatial == 3)
        return cor__fail(COR_ESHAPE, "kernel size should be greater than zero, but got: %s (TxHxW)",
                         join(kernel, p->kernel, AXES));
    if (empty)
        return cor__fail(COR_ESHAPE,
                         "kernel size should be greater than zero, but got kernel_height: %lld kernel_width: %lld",
                         (long long)p->kernel[1], (long long)p->kernel[2]);
    if (no_output)
        return cor__fail(COR_ESHAPE, "non-empty 2D or 4D weight tensor expected, but got: %s",
                         show(weight, s->call->weight));
    return COR_OK;
}

static int check_dtypes(const cor__conv_call *call, const cor__conv_problem *p) {
    const bool dilated = p->dilation[0] != 1 || p->dilation[1] != 1 || p->dilation[2] != 1;
    if (call->weight_dtype != call->input_dtype)
        return cor__fail(COR_EDTYPE, "expected scalar type %s but found %s", scalar_name(call->input_dtype),
                         scalar_name(call->weight_dtype));
    if (call->input_dtype != COR_BOOL || p->n == 0) return check_bias_dtype(call);
    if (call->transposed)
        return cor__fail(COR_EUNSUPPORTED, "\"slow_conv_transpose%dd_out_cpu\" not implemented for 'Bool'",
                         p->spatial == 3 ? 3 : 2);
    return cor__fail(COR_EUNSUPPORTED, "\"%s\" not implemented for 'Bool'",
                     dilated           ? "slow_conv_dilated<>"
                     : p->spatial == 3 ? "compute_columns3d"
                                       : "slow_conv2d_cpu");
}

/* Appends " output_padding_height: 1 output_padding_width: 1". */
static void list_axes(char *text, size_t size, const char *name, const int64_t values[AXES], int first) {
    static const char *const axes[] = {"depth", "height", "width"};
    for (int axis = first; axis < AXES; axis++) {
        const size_t length = strlen(text);
        cor__format(text + length, size - length, " %s_%s: %lld", name, axes[axis], (long long)values[axis]);
    }
}

static int check_output_padding(const state *s, const cor__conv_problem *p) {
    const int missing = AXES - s->spatial, first = p->spatial == 3 ? 0 : 1;
    int64_t output_padding[AXES] = {0};
    bool wrong = false;
    for (int axis = missing; axis < AXES; axis++) {
        output_padding[axis] = s->output_padding[axis - missing];
        wrong = wrong || output_padding[axis] >= cor__max(p->stride[axis], p->dilation[axis]);
    }
    if (!wrong) return COR_OK;
    char text[512] = "";
    list_axes(text, sizeof text, "output_padding", output_padding, first);
    list_axes(text, sizeof text, "stride", p->stride, first);
    list_axes(text, sizeof text, "dilation", p->dilation, first);
    return cor__fail(COR_EVALUE, "output padding must be smaller than either stride or dilation, but got%s", text);
}

static int derive_output(const state *s, cor__conv_problem *p) {
    const int missing = AXES - s->spatial, first = p->spatial == 3 ? 0 : 1;
    bool too_small = false;
    for (int axis = missing; axis < AXES; axis++) {
        p->output[axis] =
            cor__conv_output_size(p->transposed, p->input[axis], p->kernel[axis], p->stride[axis], p->padding[axis],
                                  s->far[axis - missing], p->dilation[axis], s->output_padding[axis - missing]);
        if (p->output[axis] == COR_UNSET) return cor__fail(COR_ELIMIT, "the sizes of the convolution are too large");
        too_small = too_small || p->output[axis] < (p->n == 0 ? 0 : 1);
    }
    char input[COR__SIZES_TEXT], output[COR__SIZES_TEXT];
    if (too_small)
        return cor__fail(COR_ESHAPE,
                         "Given input size per channel: (%s). Calculated output size per channel: (%s). Output size is "
                         "too small",
                         join(input, p->input + first, AXES - first), join(output, p->output + first, AXES - first));
    return COR_OK;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

/* The checks that need only shapes and numbers. */
static int check_shapes(state *s) {
    int status = COR_OK;
    if (!s->call->transposed && s->call->padding_text == NULL) status = check_bias_dtype(s->call);
    if (status == COR_OK) status = check_input_dimensions(s);
    if (status == COR_OK) status = check_padding_text(s);
    if (status == COR_OK) status = check_weight_and_groups(s);
    if (status == COR_OK) status = expand_all(s);
    if (status == COR_OK) status = check_values(s);
    if (status == COR_OK) status = check_channels(s);
    if (status == COR_OK) status = check_bias_shape(s);
    return status == COR_OK && !s->call->transposed ? check_padded_input(s) : status;
}

int cor__conv_check(const cor__conv_call *call, cor__conv_problem *problem, cor__conv_output *output) {
    state s = {.call = call, .spatial = call->spatial};
    int status = check_shapes(&s);
    if (status != COR_OK) return status;
    fill_problem(&s, problem);
    status = check_not_empty(problem);
    if (status == COR_OK) status = check_kernel_not_empty(&s, problem);
    if (status == COR_OK && !problem->transposed) status = check_dtypes(call, problem);
    if (status == COR_OK && any_below(problem->dilation, AXES, 1))
        status = cor__fail(COR_EVALUE, "non-positive dilation is not supported");
    if (status == COR_OK && problem->transposed && problem->n > 0) status = check_output_padding(&s, problem);
    if (status == COR_OK && problem->transposed) status = check_dtypes(call, problem);
    if (status == COR_OK) status = derive_output(&s, problem);
    if (status == COR_OK) status = cor__conv_problem_check(problem);
    if (status != COR_OK) return status;
    output->ndim = s.spatial + 1 + s.batched;
    int64_t *sizes = output->sizes;
    if (s.batched) *sizes++ = problem->n;
    *sizes++ = problem->o;
    memcpy(sizes, problem->output + AXES - s.spatial, (size_t)s.spatial * sizeof *sizes);
    return COR_OK;
}
