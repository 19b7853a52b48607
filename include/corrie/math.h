/* corrie/math.h: arithmetic on tensors and numbers.
 *
 * The arguments of a binary operation are tensors or C numbers, in either place: cor_add(x, 1), cor_sub(1, x). Shapes
 * broadcast and dtypes promote as PyTorch's do. The names that end in _ change their first argument in place and return
 * it, borrowed. Errors: COR_ESHAPE when sizes do not broadcast, COR_EDTYPE when the dtype has no such operation,
 * COR_ESTATE for an in-place change that autograd forbids, COR_ENOMEM.
 */
#ifndef CORRIE_MATH_H
#define CORRIE_MATH_H

#include <corrie/tensor.h>

COR_BEGIN

#define COR_ADD_OPTIONS(_) _(double, alpha, 1)
COR_DECLARE_OPTIONS(cor_add_options, COR_ADD_OPTIONS)

/* Returns a + alpha * b and a - alpha * b (torch.add, torch.sub). alpha must be an integer for integer results. */
COR_API cor_tensor *cor_add_with(cor_operand a, cor_operand b, const cor_add_options *options);
COR_API cor_tensor *cor_sub_with(cor_operand a, cor_operand b, const cor_add_options *options);
COR_API cor_tensor *cor_add_with_(cor_tensor *a, cor_operand b, const cor_add_options *options);
COR_API cor_tensor *cor_sub_with_(cor_tensor *a, cor_operand b, const cor_add_options *options);
#define cor_add(a, b, ...)                                                                                             \
    COR__CALL(                                                                                                         \
        cor_add_with(COR_OPERAND(a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))
#define cor_sub(a, b, ...)                                                                                             \
    COR__CALL(                                                                                                         \
        cor_sub_with(COR_OPERAND(a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))
#define cor_add_(a, b, ...)                                                                                            \
    COR__CALL(cor_add_with_((a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))
#define cor_sub_(a, b, ...)                                                                                            \
    COR__CALL(cor_sub_with_((a), COR_OPERAND(b), COR__OPTIONS(cor_add_options, COR_ADD_OPTIONS, ##__VA_ARGS__)))

/* Returns a * b, and a / b in floating point (torch.mul, torch.div). */
COR_API cor_tensor *cor_mul_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_div_of(cor_operand a, cor_operand b);
COR_API cor_tensor *cor_mul_of_(cor_tensor *a, cor_operand b);
COR_API cor_tensor *cor_div_of_(cor_tensor *a, cor_operand b);
#define cor_mul(a, b) cor_mul_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_div(a, b) cor_div_of(COR_OPERAND(a), COR_OPERAND(b))
#define cor_mul_(a, b) cor_mul_of_((a), COR_OPERAND(b))
#define cor_div_(a, b) cor_div_of_((a), COR_OPERAND(b))

COR_END
#endif
