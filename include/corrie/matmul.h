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

/* Returns the sum of products of two vectors, a matrix times a vector, and all products of elements of two vectors, [n]
 * by [m] gives [n, m] (torch.dot, torch.mv, torch.outer). */
COR_API cor_tensor *cor_dot(cor_tensor *a, cor_tensor *b);
COR_API cor_tensor *cor_mv(cor_tensor *matrix, cor_tensor *vector);
COR_API cor_tensor *cor_outer(cor_tensor *a, cor_tensor *b);

#define COR_ADDMM_OPTIONS(_)                                                                                           \
    _(double, beta, 1)                                                                                                 \
    _(double, alpha, 1)
COR_DECLARE_OPTIONS(cor_addmm_options, COR_ADDMM_OPTIONS)
/* Returns beta * input + alpha * product, the input broadcast, of what mm, mv and bmm take (torch.addmm, torch.addmv,
 * torch.baddbmm). With .beta = 0 the input's values do not count. */
COR_API cor_tensor *cor_addmm_with(cor_tensor *input, cor_tensor *a, cor_tensor *b, const cor_addmm_options *options);
COR_API cor_tensor *cor_addmv_with(cor_tensor *input, cor_tensor *matrix, cor_tensor *vector,
                                   const cor_addmm_options *options);
COR_API cor_tensor *cor_baddbmm_with(cor_tensor *input, cor_tensor *a, cor_tensor *b, const cor_addmm_options *options);
#define COR__ADDMM(function, input, a, b, ...)                                                                         \
    COR__CALL(function((input), (a), (b), COR__OPTIONS(cor_addmm_options, COR_ADDMM_OPTIONS, ##__VA_ARGS__)))
#define cor_addmm(input, a, b, ...) COR__ADDMM(cor_addmm_with, input, a, b, ##__VA_ARGS__)
#define cor_addmv(input, matrix, vector, ...) COR__ADDMM(cor_addmv_with, input, matrix, vector, ##__VA_ARGS__)
#define cor_baddbmm(input, a, b, ...) COR__ADDMM(cor_baddbmm_with, input, a, b, ##__VA_ARGS__)

/* Returns the Kronecker product: blocks of b, each times an element of a (torch.kron). Up to 8 dimensions. */
COR_API cor_tensor *cor_kron(cor_tensor *a, cor_tensor *b);

COR_END
#endif
