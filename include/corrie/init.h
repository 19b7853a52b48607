/* corrie/init.h: first values of parameters, torch.nn.init.
 *
 * Each function fills t in place without recording and returns it, borrowed; NULL with an error pending: COR_EVALUE and
 * COR_ESHAPE with PyTorch's texts, COR_EDTYPE for a dtype that has no such numbers, COR_ENOMEM. The same seed gives the
 * same bits as PyTorch; orthogonal_, which rests on a factorisation, the same within rounding.
 */
#ifndef CORRIE_INIT_H
#define CORRIE_INIT_H

#include <corrie/creation.h>

COR_BEGIN

/* The functions after a layer, by which its weight's size is chosen. */
typedef enum cor_nonlinearity {
    COR_NONLINEARITY_LINEAR, /* also of the convolutions */
    COR_NONLINEARITY_SIGMOID,
    COR_NONLINEARITY_TANH,
    COR_NONLINEARITY_RELU,
    COR_NONLINEARITY_LEAKY_RELU,
    COR_NONLINEARITY_SELU
} cor_nonlinearity;

/* Returns the factor that PyTorch recommends for a function; param is the slope of leaky_relu, NAN for its 0.01
 * (calculate_gain). COR_EVALUE, and NAN, for a value that is none. */
COR_API double cor_init_calculate_gain(cor_nonlinearity nonlinearity, double param);

#define COR_INIT_UNIFORM_OPTIONS(_)                                                                                    \
    _(double, a, 0)                                                                                                    \
    _(double, b, 1)                                                                                                    \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_init_uniform_options, COR_INIT_UNIFORM_OPTIONS)
/* Uniform numbers of [a, b). */
COR_API cor_tensor *cor_init_uniform_with_(cor_tensor *t, const cor_init_uniform_options *options);
#define cor_init_uniform_(t, ...)                                                                                      \
    COR__CALL(                                                                                                         \
        cor_init_uniform_with_((t), COR__OPTIONS(cor_init_uniform_options, COR_INIT_UNIFORM_OPTIONS, ##__VA_ARGS__)))

/* Normal numbers. */
COR_API cor_tensor *cor_init_normal_with_(cor_tensor *t, const cor_normal_options *options);
#define cor_init_normal_(t, ...)                                                                                       \
    COR__CALL(cor_init_normal_with_((t), COR__OPTIONS(cor_normal_options, COR_NORMAL_OPTIONS, ##__VA_ARGS__)))

#define COR_INIT_TRUNC_NORMAL_OPTIONS(_)                                                                               \
    _(double, mean, 0)                                                                                                 \
    _(double, std, 1)                                                                                                  \
    _(double, a, -2)                                                                                                   \
    _(double, b, 2)                                                                                                    \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_init_trunc_normal_options, COR_INIT_TRUNC_NORMAL_OPTIONS)
/* Normal numbers, those outside [a, b] drawn again. COR_EVALUE for a above b and a std that is not positive. */
COR_API cor_tensor *cor_init_trunc_normal_with_(cor_tensor *t, const cor_init_trunc_normal_options *options);
#define cor_init_trunc_normal_(t, ...)                                                                                 \
    COR__CALL(cor_init_trunc_normal_with_(                                                                             \
        (t), COR__OPTIONS(cor_init_trunc_normal_options, COR_INIT_TRUNC_NORMAL_OPTIONS, ##__VA_ARGS__)))

/* One number everywhere; ones; zeros; an identity matrix, of two dimensions. */
COR_API cor_tensor *cor_init_constant_(cor_tensor *t, double value);
COR_API cor_tensor *cor_init_ones_(cor_tensor *t);
COR_API cor_tensor *cor_init_zeros_(cor_tensor *t);
COR_API cor_tensor *cor_init_eye_(cor_tensor *t);

/* The weight (O, I, ...) of a convolution of one to three dimensions that keeps its input, in each of `groups` groups
 * of output channels. */
COR_API cor_tensor *cor_init_dirac_(cor_tensor *t, int64_t groups);

#define COR_INIT_GAIN_OPTIONS(_)                                                                                       \
    _(double, gain, 1)                                                                                                 \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_init_gain_options, COR_INIT_GAIN_OPTIONS)
/* Uniform or normal numbers of the standard deviation gain * sqrt(2 / (fan_in + fan_out)) (Understanding the
 * Difficulty of Training Deep Feedforward Neural Networks, 2010). */
COR_API cor_tensor *cor_init_xavier_uniform_with_(cor_tensor *t, const cor_init_gain_options *options);
COR_API cor_tensor *cor_init_xavier_normal_with_(cor_tensor *t, const cor_init_gain_options *options);
/* A matrix, t's dimensions but the first taken as one, with orthonormal rows or columns, times gain (Exact
 * Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks, 2013). */
COR_API cor_tensor *cor_init_orthogonal_with_(cor_tensor *t, const cor_init_gain_options *options);
#define COR__INIT_GAIN(function, t, ...)                                                                               \
    COR__CALL(function((t), COR__OPTIONS(cor_init_gain_options, COR_INIT_GAIN_OPTIONS, ##__VA_ARGS__)))
#define cor_init_xavier_uniform_(t, ...) COR__INIT_GAIN(cor_init_xavier_uniform_with_, t, ##__VA_ARGS__)
#define cor_init_xavier_normal_(t, ...) COR__INIT_GAIN(cor_init_xavier_normal_with_, t, ##__VA_ARGS__)
#define cor_init_orthogonal_(t, ...) COR__INIT_GAIN(cor_init_orthogonal_with_, t, ##__VA_ARGS__)

#define COR_INIT_KAIMING_OPTIONS(_)                                                                                    \
    _(double, a, 0)         /* the slope of leaky_relu */                                                              \
    _(bool, fan_out, false) /* PyTorch's mode='fan_out' */                                                             \
    _(cor_nonlinearity, nonlinearity, COR_NONLINEARITY_LEAKY_RELU)                                                     \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_init_kaiming_options, COR_INIT_KAIMING_OPTIONS)
/* Uniform or normal numbers of the standard deviation gain / sqrt(fan) (Delving Deep into Rectifiers, 2015). */
COR_API cor_tensor *cor_init_kaiming_uniform_with_(cor_tensor *t, const cor_init_kaiming_options *options);
COR_API cor_tensor *cor_init_kaiming_normal_with_(cor_tensor *t, const cor_init_kaiming_options *options);
#define COR__INIT_KAIMING(function, t, ...)                                                                            \
    COR__CALL(function((t), COR__OPTIONS(cor_init_kaiming_options, COR_INIT_KAIMING_OPTIONS, ##__VA_ARGS__)))
#define cor_init_kaiming_uniform_(t, ...) COR__INIT_KAIMING(cor_init_kaiming_uniform_with_, t, ##__VA_ARGS__)
#define cor_init_kaiming_normal_(t, ...) COR__INIT_KAIMING(cor_init_kaiming_normal_with_, t, ##__VA_ARGS__)

#define COR_INIT_SPARSE_OPTIONS(_)                                                                                     \
    _(double, std, 0.01)                                                                                               \
    COR__GENERATOR_OPTION(_)
COR_DECLARE_OPTIONS(cor_init_sparse_options, COR_INIT_SPARSE_OPTIONS)
/* A matrix of normal numbers, of which a part `sparsity` of each column, at random places that the default generator
 * draws, is 0 (Deep Learning via Hessian-Free Optimization, 2010). */
COR_API cor_tensor *cor_init_sparse_with_(cor_tensor *t, double sparsity, const cor_init_sparse_options *options);
#define cor_init_sparse_(t, sparsity, ...)                                                                             \
    COR__CALL(cor_init_sparse_with_((t), (sparsity),                                                                   \
                                    COR__OPTIONS(cor_init_sparse_options, COR_INIT_SPARSE_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
