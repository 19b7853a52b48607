/* corrie/matmul.h: products of matrices.
 *
 * All dtypes but bool; both sides have the same. Integers are exact and wrap, float16 and bfloat16 are summed in
 * float32 and rounded once, and the bits do not depend on the number of threads. Errors: COR_ESHAPE when sizes do not
 * fit, COR_EDTYPE for bool and for two dtypes, both with PyTorch's texts; COR_ENOMEM.
 */
#ifndef CORRIE_MATMUL_H
#define CORRIE_MATMUL_H

#include <corrie/tensor.h>

COR_BEGIN

/* Returns a @ b (torch.matmul): [k] by [k] gives a number; [..., m, k] by [k, n] and by [k] give [..., m, n] and
 * [..., m]; [k] by [..., k, n] gives [..., n]; the dimensions before the last two broadcast. */
COR_API cor_tensor *cor_matmul(cor_tensor *a, cor_tensor *b);

/* Returns the product of two matrices, [m, k] by [k, n] (torch.mm). */
COR_API cor_tensor *cor_mm(cor_tensor *a, cor_tensor *b);

/* Returns the products of two lists of matrices, [c, m, k] by [c, k, n] (torch.bmm). */
COR_API cor_tensor *cor_bmm(cor_tensor *a, cor_tensor *b);

#define COR_LINEAR_OPTIONS(_) _(cor_tensor *, bias, COR_NONE)
COR_DECLARE_OPTIONS(cor_linear_options, COR_LINEAR_OPTIONS)

/* Returns x W^T + bias for x [..., in], weight [out, in] and .bias [out]: [..., out] (torch.nn.functional.linear). A
 * weight [in] gives [...]. */
COR_API cor_tensor *cor_linear_with(cor_tensor *x, cor_tensor *weight, const cor_linear_options *options);
#define cor_linear(x, weight, ...)                                                                                     \
    COR__CALL(cor_linear_with((x), (weight), COR__OPTIONS(cor_linear_options, COR_LINEAR_OPTIONS, ##__VA_ARGS__)))

/* Returns y[..., o] = sum of x1[..., i] weight[o, i, j] x2[..., j], and .bias [o] added (torch.nn.functional.bilinear).
 * COR_ESHAPE for sizes that do not fit. */
COR_API cor_tensor *cor_bilinear_with(cor_tensor *x1, cor_tensor *x2, cor_tensor *weight,
                                      const cor_linear_options *options);
#define cor_bilinear(x1, x2, weight, ...)                                                                              \
    COR__CALL(                                                                                                         \
        cor_bilinear_with((x1), (x2), (weight), COR__OPTIONS(cor_linear_options, COR_LINEAR_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
