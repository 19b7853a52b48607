/* conv_fused.c: convolution with scale, residual and activation, for inference. */
#include "base/error.h"
#include "base/text.h"
#include "ops/conv.h"
#include "tensor/iterate.h"
#include <corrie/fused.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_conv_fused_options, COR_CONV_FUSED_OPTIONS)

enum { SCALE = 3, RESIDUAL, INPUTS };

/* The options in normal form. */
typedef struct fused_numbers {
    cor__conv_numbers conv;
    cor_activation activation;
} fused_numbers;

/* ---- checks ----------------------------------------------------------------------------------------------------- */

static int check_dtypes(const cor__call *call, cor_dtype dtype) {
    if (!cor_dtype_is_floating(dtype))
        return cor__fail(COR_EDTYPE, "\"%s\" not implemented for '%s': use the separate operations", call->op->name,
                         cor__scalar_type_name(dtype));
    for (int i = SCALE; i < INPUTS; i++)
        if (call->inputs[i] != COR_NONE && call->inputs[i]->dtype != dtype)
            return cor__fail(COR_EDTYPE, "expected %s to have the input's dtype %s, but got %s",
                             i == SCALE ? "scale" : "residual", cor__scalar_type_name(dtype),
                             cor__scalar_type_name(call->inputs[i]->dtype));
    return COR_OK;
}

static int check_sizes(const cor__call *call, int64_t channels) {
    const cor_tensor *scale = call->inputs[SCALE], *residual = call->inputs[RESIDUAL], *out = call->outputs[0];
    char expected[COR__SIZES_TEXT], given[COR__SIZES_TEXT];
    if (scale != COR_NONE && (scale->ndim != 1 || scale->sizes[0] != channels))
        return cor__fail(COR_ESHAPE, "expected scale to be 1-dimensional with %lld elements, but got scale of size %s",
                         (long long)channels, cor__sizes_text(given, scale->sizes, scale->ndim));
    if (residual == COR_NONE || (residual->ndim == out->ndim &&
                                 memcmp(residual->sizes, out->sizes, (size_t)out->ndim * sizeof out->sizes[0]) == 0))
        return COR_OK;
    return cor__fail(COR_ESHAPE, "expected residual to have the output's size %s, but got residual of size %s",
                     cor__sizes_text(expected, out->sizes, out->ndim),
                     cor__sizes_text(given, residual->sizes, residual->ndim));
}

/* ---- the operation ---------------------------------------------------------------------------------------------- */

/* Scale and residual must be contiguous, as the output is. */
static int compute(const cor__call *call, const cor__conv_problem *problem) {
    cor_tensor *scale = NULL, *residual = NULL;
    if (problem->epilogue.scaled) scale = cor__contiguous_as(call->inputs[SCALE], problem->dtype);
    if (problem->epilogue.residual) residual = cor__contiguous_as(call->inputs[RESIDUAL], problem->dtype);
    int code = cor_error();
    if (code == COR_OK) {
        const cor__conv_epilogue epilogue = {.scale = scale != NULL ? cor__data(scale) : NULL,
                                             .residual = residual != NULL ? cor__data(residual) : NULL};
        code = cor__conv_compute(call, problem, cor__conv_post_any(&problem->epilogue) ? &epilogue : NULL);
    }
    cor__release(scale);
    cor__release(residual);
    return code;
}

static int fused_forward(cor__call *call) {
    const fused_numbers *o = call->options;
    cor__conv_problem problem;
    if (cor__check_not_recorded(call) != COR_OK || cor__conv_describe(call, &o->conv, &problem) != COR_OK)
        return cor_error();
    if (check_dtypes(call, problem.dtype) != COR_OK || check_sizes(call, problem.o) != COR_OK) return cor_error();
    problem.epilogue = (cor__conv_post){.scaled = call->inputs[SCALE] != COR_NONE,
                                        .residual = call->inputs[RESIDUAL] != COR_NONE,
                                        .activation = o->activation};
    return call->outputs[0]->numel == 0 ? COR_OK : compute(call, &problem);
}

#define FUSED_ROW(dims)                                                                                                \
    static const cor__option *describe##dims(int *n) {                                                                 \
        static const cor__option rows[] = {                                                                            \
            COR__CONV_OPTION_ROWS(dims),                                                                               \
            {"activation", COR__OTHER, offsetof(fused_numbers, activation), sizeof(cor_activation)}};                  \
        *n = (int)(sizeof rows / sizeof rows[0]);                                                                      \
        return rows;                                                                                                   \
    }                                                                                                                  \
    const cor__op cor__op_conv##dims##d_fused = {.name = "conv" #dims "d_fused",                                       \
                                                 .optional = 1 << 2 | 1 << SCALE | 1 << RESIDUAL,                      \
                                                 .forward = fused_forward,                                             \
                                                 .describe = describe##dims};
FUSED_ROW(1)
FUSED_ROW(2)
FUSED_ROW(3)

static cor_tensor *convolve(const cor__op *op, int spatial, cor_tensor *input, cor_tensor *weight,
                            const cor_conv_fused_options *options) {
    cor_conv_fused_options room;
    cor_conv_options of_conv;
    fused_numbers numbers;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, op->name) != COR_OK) return NULL;
    const cor_conv_fused_options *o = cor_conv_fused_options_or_defaults(options, &room);
    if ((unsigned)o->activation > COR_ACTIVATION_SILU)
        return cor__fail_null(COR_EVALUE, "activation must be one of the cor_activation values, but got %d",
                              (int)o->activation);
    _Static_assert(offsetof(cor_conv_fused_options, precision) == offsetof(cor_conv_options, precision),
                   "the options begin with those of a convolution");
    memcpy(&of_conv, o, sizeof of_conv);
    if (cor__conv_numbers_of(&of_conv, spatial, &numbers.conv) != COR_OK) return NULL;
    numbers.activation = o->activation;
    cor_tensor *inputs[INPUTS] = {input, weight, o->bias, o->scale, o->residual};
    return cor__apply1(op, inputs, INPUTS, &numbers);
}

cor_tensor *cor_conv1d_fused_with(cor_tensor *input, cor_tensor *weight, const cor_conv_fused_options *options) {
    return convolve(&cor__op_conv1d_fused, 1, input, weight, options);
}

cor_tensor *cor_conv2d_fused_with(cor_tensor *input, cor_tensor *weight, const cor_conv_fused_options *options) {
    return convolve(&cor__op_conv2d_fused, 2, input, weight, options);
}

cor_tensor *cor_conv3d_fused_with(cor_tensor *input, cor_tensor *weight, const cor_conv_fused_options *options) {
    return convolve(&cor__op_conv3d_fused, 3, input, weight, options);
}
