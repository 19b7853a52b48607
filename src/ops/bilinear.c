/* bilinear.c: x1 W x2. Made of other operations. */
#include "base/error.h"
#include "ops/composed.h"
#include <corrie/math.h>
#include <corrie/matmul.h>
#include <corrie/reduce.h>

static int refuse(const char *what, const char *whose, int64_t found, int64_t expected) {
    return cor__fail(COR_ESHAPE, "bilinear(): %s size does not match %s: got %lld but expected %lld", what, whose,
                     (long long)found, (long long)expected);
}

static int check(const cor_tensor *x1, const cor_tensor *x2, const cor_tensor *weight, const cor_tensor *bias) {
    static const char whose[] = "weight size";
    if (x1->ndim != x2->ndim)
        return cor__fail(COR_ESHAPE, "bilinear(): input dimensions do not match: got %d and %d", x1->ndim, x2->ndim);
    if (x1->ndim == 0 || weight->ndim != 3)
        return cor__fail(COR_ESHAPE,
                         "bilinear(): expected inputs of at least 1 and a weight of 3 dimensions, got %d "
                         "and %d",
                         x1->ndim, weight->ndim);
    for (int d = 0; d + 1 < x1->ndim; d++)
        if (x1->sizes[d] != x2->sizes[d])
            return cor__fail(COR_ESHAPE, "bilinear(): input batch dimensions do not match at dim %d: got %lld and %lld",
                             d, (long long)x1->sizes[d], (long long)x2->sizes[d]);
    const int64_t in1 = x1->sizes[x1->ndim - 1], in2 = x2->sizes[x2->ndim - 1];
    if (in1 != weight->sizes[1]) return refuse("input1", whose, in1, weight->sizes[1]);
    if (in2 != weight->sizes[2]) return refuse("input2", whose, in2, weight->sizes[2]);
    if (bias != COR_NONE && (bias->ndim == 0 ? 0 : bias->sizes[0]) != weight->sizes[0])
        return refuse("bias", whose, bias->ndim == 0 ? 0 : bias->sizes[0], weight->sizes[0]);
    return COR_OK;
}

/* As x1 W, a row of in2 numbers for each output, which x2 then sums. */
cor_tensor *cor_bilinear_with(cor_tensor *x1, cor_tensor *x2, cor_tensor *weight, const cor_linear_options *options) {
    static const char name[] = "bilinear";
    cor_linear_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, name) != COR_OK) return NULL;
    cor_tensor *bias = options == NULL ? COR_NONE : options->bias;
    if (!cor__given(x1, name) || !cor__given(x2, name) || !cor__given(weight, name) ||
        (bias != COR_NONE && !cor__given(bias, name)) || check(x1, x2, weight, bias) != COR_OK)
        return NULL;
    cor_scope();
    const int64_t out = weight->sizes[0], in1 = weight->sizes[1], in2 = weight->sizes[2];
    cor_tensor *rows = cor_matmul(x1, cor_reshape(cor_transpose(weight, 0, 1), in1, out * in2));
    cor_tensor *y =
        cor_sum(cor_mul(cor_unflatten(rows, -1, (int64_t[]){out, in2}, 2), cor_unsqueeze(x2, -2)), .dim = -1);
    return cor_keep(bias == COR_NONE ? cor__made_by(y, "ViewBackward0") : cor_add(y, bias));
}
