/* corrie/norm.h: normalisation and dropout as functions. */
#ifndef CORRIE_NORM_H
#define CORRIE_NORM_H

#include <corrie/tensor.h>

COR_BEGIN

#define COR_BATCH_NORM_OPTIONS(_)                                                                                      \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(cor_tensor *, bias, COR_NONE)                                                                                    \
    _(bool, training, false)                                                                                           \
    _(double, momentum, 0.1)                                                                                           \
    _(double, eps, 1e-5)
COR_DECLARE_OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS)

/* Returns (x - mean) / sqrt(var + eps) * weight + bias for each channel, dimension 1 of x (N, C, ...)
 * (torch.nn.functional.batch_norm). In evaluation mean and var are running_mean and running_var (C); in training those
 * of the batch (Welford's sums in float64 for float32), and the running ones, unless COR_NONE, move towards them by
 * momentum, var in its unbiased form. Floating dtypes; the parameters have x's dtype, or float32 for half types.
 * COR_ESHAPE for sizes that do not fit, COR_EVALUE for one value per channel in training. */
COR_API cor_tensor *cor_batch_norm_with(cor_tensor *x, cor_tensor *running_mean, cor_tensor *running_var,
                                        const cor_batch_norm_options *options);
#define cor_batch_norm(x, running_mean, running_var, ...)                                                              \
    COR__CALL(cor_batch_norm_with((x), (running_mean), (running_var),                                                  \
                                  COR__OPTIONS(cor_batch_norm_options, COR_BATCH_NORM_OPTIONS, ##__VA_ARGS__)))

#define COR_DROPOUT_OPTIONS(_)                                                                                         \
    _(double, p, 0.5)                                                                                                  \
    _(bool, training, true)
COR_DECLARE_OPTIONS(cor_dropout_options, COR_DROPOUT_OPTIONS)

/* Returns x with each element (dropout) or each channel of dimensions 0 and 1 (feature_dropout, what dropout1d to
 * dropout3d do) set to 0 with probability p and the others divided by 1 - p (torch.nn.functional.dropout). x itself,
 * borrowed, when not training or p is 0. Draws from the default generator as PyTorch does. COR_EVALUE for p outside
 * [0, 1], COR_EDTYPE for integers. */
COR_API cor_tensor *cor_dropout_with(cor_tensor *x, const cor_dropout_options *options);
COR_API cor_tensor *cor_feature_dropout_with(cor_tensor *x, const cor_dropout_options *options);
/* Returns x with elements set to a negative saturation value with probability p, scaled and shifted so that mean and
 * variance stay (torch.nn.functional.alpha_dropout). Otherwise as dropout. */
COR_API cor_tensor *cor_alpha_dropout_with(cor_tensor *x, const cor_dropout_options *options);
#define COR__DROPOUT(function, x, ...)                                                                                 \
    COR__CALL(function((x), COR__OPTIONS(cor_dropout_options, COR_DROPOUT_OPTIONS, ##__VA_ARGS__)))
#define cor_dropout(x, ...) COR__DROPOUT(cor_dropout_with, x, ##__VA_ARGS__)
#define cor_feature_dropout(x, ...) COR__DROPOUT(cor_feature_dropout_with, x, ##__VA_ARGS__)
#define cor_alpha_dropout(x, ...) COR__DROPOUT(cor_alpha_dropout_with, x, ##__VA_ARGS__)

COR_END
#endif
