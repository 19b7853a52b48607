/* corrie/activation.h: activation functions, torch.nn.functional's.
 *
 * Every function returns a new tensor of the input's shape and dtype; those that end in _ change their input in place
 * and return it, borrowed. They take the floating dtypes; relu, relu6, hardtanh and threshold take integers too, and
 * softsign and tanhshrink give float32 for them. float16 and bfloat16 are computed in float32. Errors: COR_EDTYPE for
 * another dtype, COR_EVALUE for an option out of its range, COR_ESTATE for an in-place change that autograd forbids,
 * COR_ENOMEM.
 */
#ifndef CORRIE_ACTIVATION_H
#define CORRIE_ACTIVATION_H

#include <corrie/math.h>

COR_BEGIN

/* Returns max(x, 0) (torch.relu), and min(max(x, 0), 6) (relu6). NaN stays NaN. */
COR_API cor_tensor *cor_relu(cor_tensor *t);
COR_API cor_tensor *cor_relu_(cor_tensor *t);
COR_API cor_tensor *cor_relu6(cor_tensor *t);
COR_API cor_tensor *cor_relu6_(cor_tensor *t);

#define COR_LEAKY_RELU_OPTIONS(_) _(double, negative_slope, 0.01)
COR_DECLARE_OPTIONS(cor_leaky_relu_options, COR_LEAKY_RELU_OPTIONS)
/* Returns x where it is positive, else negative_slope * x. */
COR_API cor_tensor *cor_leaky_relu_with(cor_tensor *t, const cor_leaky_relu_options *options);
COR_API cor_tensor *cor_leaky_relu_with_(cor_tensor *t, const cor_leaky_relu_options *options);
#define cor_leaky_relu(t, ...)                                                                                         \
    COR__CALL(cor_leaky_relu_with((t), COR__OPTIONS(cor_leaky_relu_options, COR_LEAKY_RELU_OPTIONS, ##__VA_ARGS__)))
#define cor_leaky_relu_(t, ...)                                                                                        \
    COR__CALL(cor_leaky_relu_with_((t), COR__OPTIONS(cor_leaky_relu_options, COR_LEAKY_RELU_OPTIONS, ##__VA_ARGS__)))

#define COR_ELU_OPTIONS(_) _(double, alpha, 1)
COR_DECLARE_OPTIONS(cor_elu_options, COR_ELU_OPTIONS)
/* Returns x where it is positive, else alpha * (exp(x) - 1) (elu) or alpha * (exp(x / alpha) - 1) (celu, alpha not
 * 0). */
COR_API cor_tensor *cor_elu_with(cor_tensor *t, const cor_elu_options *options);
COR_API cor_tensor *cor_elu_with_(cor_tensor *t, const cor_elu_options *options);
#define cor_elu(t, ...) COR__CALL(cor_elu_with((t), COR__OPTIONS(cor_elu_options, COR_ELU_OPTIONS, ##__VA_ARGS__)))
#define cor_elu_(t, ...) COR__CALL(cor_elu_with_((t), COR__OPTIONS(cor_elu_options, COR_ELU_OPTIONS, ##__VA_ARGS__)))
COR_API cor_tensor *cor_celu_with(cor_tensor *t, const cor_elu_options *options);
COR_API cor_tensor *cor_celu_with_(cor_tensor *t, const cor_elu_options *options);
#define cor_celu(t, ...) COR__CALL(cor_celu_with((t), COR__OPTIONS(cor_elu_options, COR_ELU_OPTIONS, ##__VA_ARGS__)))
#define cor_celu_(t, ...) COR__CALL(cor_celu_with_((t), COR__OPTIONS(cor_elu_options, COR_ELU_OPTIONS, ##__VA_ARGS__)))

/* Returns scale * elu(x, alpha) with the constants of Self-Normalizing Neural Networks (selu). */
COR_API cor_tensor *cor_selu(cor_tensor *t);
COR_API cor_tensor *cor_selu_(cor_tensor *t);

#define COR_GELU_OPTIONS(_) _(bool, tanh, false)
COR_DECLARE_OPTIONS(cor_gelu_options, COR_GELU_OPTIONS)
/* Returns x * Phi(x), Phi the normal distribution function, by erf or, with .tanh = true (PyTorch's
 * approximate='tanh'), by its approximation with tanh. */
COR_API cor_tensor *cor_gelu_with(cor_tensor *t, const cor_gelu_options *options);
#define cor_gelu(t, ...) COR__CALL(cor_gelu_with((t), COR__OPTIONS(cor_gelu_options, COR_GELU_OPTIONS, ##__VA_ARGS__)))

/* Returns x * sigmoid(x) (silu), x * tanh(log(1 + exp(x))) (mish), and log(sigmoid(x)) (logsigmoid). */
COR_API cor_tensor *cor_silu(cor_tensor *t);
COR_API cor_tensor *cor_silu_(cor_tensor *t);
COR_API cor_tensor *cor_mish(cor_tensor *t);
COR_API cor_tensor *cor_mish_(cor_tensor *t);
COR_API cor_tensor *cor_logsigmoid(cor_tensor *t);

#define COR_SOFTPLUS_OPTIONS(_) _(double, beta, 1) _(double, threshold, 20)
COR_DECLARE_OPTIONS(cor_softplus_options, COR_SOFTPLUS_OPTIONS)
/* Returns log(1 + exp(beta * x)) / beta, and x itself where beta * x is above the threshold. */
COR_API cor_tensor *cor_softplus_with(cor_tensor *t, const cor_softplus_options *options);
#define cor_softplus(t, ...)                                                                                           \
    COR__CALL(cor_softplus_with((t), COR__OPTIONS(cor_softplus_options, COR_SOFTPLUS_OPTIONS, ##__VA_ARGS__)))

/* Returns x / (1 + |x|) (softsign), and x - tanh(x) (tanhshrink). */
COR_API cor_tensor *cor_softsign(cor_tensor *t);
COR_API cor_tensor *cor_tanhshrink(cor_tensor *t);

#define COR_HARDTANH_OPTIONS(_) _(double, min_val, -1) _(double, max_val, 1)
COR_DECLARE_OPTIONS(cor_hardtanh_options, COR_HARDTANH_OPTIONS)
/* Returns x between min_val and max_val. COR_EVALUE if min_val is above max_val, or negative bounds meet uint8. */
COR_API cor_tensor *cor_hardtanh_with(cor_tensor *t, const cor_hardtanh_options *options);
COR_API cor_tensor *cor_hardtanh_with_(cor_tensor *t, const cor_hardtanh_options *options);
#define cor_hardtanh(t, ...)                                                                                           \
    COR__CALL(cor_hardtanh_with((t), COR__OPTIONS(cor_hardtanh_options, COR_HARDTANH_OPTIONS, ##__VA_ARGS__)))
#define cor_hardtanh_(t, ...)                                                                                          \
    COR__CALL(cor_hardtanh_with_((t), COR__OPTIONS(cor_hardtanh_options, COR_HARDTANH_OPTIONS, ##__VA_ARGS__)))

/* Returns x * relu6(x + 3) / 6 (hardswish), and relu6(x + 3) / 6 (hardsigmoid). */
COR_API cor_tensor *cor_hardswish(cor_tensor *t);
COR_API cor_tensor *cor_hardswish_(cor_tensor *t);
COR_API cor_tensor *cor_hardsigmoid(cor_tensor *t);
COR_API cor_tensor *cor_hardsigmoid_(cor_tensor *t);

#define COR_SHRINK_OPTIONS(_) _(double, lambd, 0.5)
COR_DECLARE_OPTIONS(cor_shrink_options, COR_SHRINK_OPTIONS)
/* Returns 0 for -lambd <= x <= lambd, and elsewhere x (hardshrink), or x brought nearer to 0 by lambd (softshrink,
 * which refuses a negative lambd). */
COR_API cor_tensor *cor_hardshrink_with(cor_tensor *t, const cor_shrink_options *options);
#define cor_hardshrink(t, ...)                                                                                         \
    COR__CALL(cor_hardshrink_with((t), COR__OPTIONS(cor_shrink_options, COR_SHRINK_OPTIONS, ##__VA_ARGS__)))
COR_API cor_tensor *cor_softshrink_with(cor_tensor *t, const cor_shrink_options *options);
#define cor_softshrink(t, ...)                                                                                         \
    COR__CALL(cor_softshrink_with((t), COR__OPTIONS(cor_shrink_options, COR_SHRINK_OPTIONS, ##__VA_ARGS__)))

/* Returns x where it is above the threshold, else value. NaN stays NaN. */
COR_API cor_tensor *cor_threshold(cor_tensor *t, double threshold, double value);
COR_API cor_tensor *cor_threshold_(cor_tensor *t, double threshold, double value);

#define COR_GLU_OPTIONS(_) _(int64_t, dim, -1)
COR_DECLARE_OPTIONS(cor_glu_options, COR_GLU_OPTIONS)
/* Returns a * sigmoid(b), a and b the halves of t along dim. COR_ESHAPE if its size is odd. */
COR_API cor_tensor *cor_glu_with(cor_tensor *t, const cor_glu_options *options);
#define cor_glu(t, ...) COR__CALL(cor_glu_with((t), COR__OPTIONS(cor_glu_options, COR_GLU_OPTIONS, ##__VA_ARGS__)))

/* Returns x where it is positive, else weight * x; weight holds one slope, or one for each index of dimension 1.
 * COR_ESHAPE if it holds another number, COR_EDTYPE if the dtypes differ. */
COR_API cor_tensor *cor_prelu(cor_tensor *t, cor_tensor *weight);

#define COR_RRELU_OPTIONS(_)                                                                                           \
    _(double, lower, 1.0 / 8)                                                                                          \
    _(double, upper, 1.0 / 3)                                                                                          \
    _(bool, training, false)
COR_DECLARE_OPTIONS(cor_rrelu_options, COR_RRELU_OPTIONS)
/* Returns x where it is positive, else x times a slope: with .training one drawn for each element from [lower, upper)
 * of the default generator, without it the middle (torch.nn.functional.rrelu). COR_EVALUE for bounds that are not
 * finite or cross. */
COR_API cor_tensor *cor_rrelu_with(cor_tensor *t, const cor_rrelu_options *options);
COR_API cor_tensor *cor_rrelu_with_(cor_tensor *t, const cor_rrelu_options *options);
#define cor_rrelu(t, ...)                                                                                              \
    COR__CALL(cor_rrelu_with((t), COR__OPTIONS(cor_rrelu_options, COR_RRELU_OPTIONS, ##__VA_ARGS__)))
#define cor_rrelu_(t, ...)                                                                                             \
    COR__CALL(cor_rrelu_with_((t), COR__OPTIONS(cor_rrelu_options, COR_RRELU_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
