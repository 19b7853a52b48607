/* corrie/loss.h: losses as functions (torch.nn.functional). A reduction of .reduction = COR_REDUCTION_NONE gives a
 * value for each sample or element, the others a tensor of no dimensions; the mean of nothing is NaN. */
#ifndef CORRIE_LOSS_H
#define CORRIE_LOSS_H

#include <corrie/tensor.h>

COR_BEGIN

typedef enum cor_reduction {
    COR_REDUCTION_MEAN,
    COR_REDUCTION_SUM,
    COR_REDUCTION_NONE,
    COR_REDUCTION_BATCHMEAN /* the sum over the batch's size; kl_div only */
} cor_reduction;

#define COR_LOSS_OPTIONS(_) _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_loss_options, COR_LOSS_OPTIONS)

/* Returns the squares, and the absolute values, of input - target (torch.nn.functional.mse_loss, l1_loss). Floating
 * tensors whose sizes broadcast; COR_ESHAPE otherwise. */
COR_API cor_tensor *cor_mse_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options);
COR_API cor_tensor *cor_l1_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options);
#define COR__LOSS(function, input, target, ...)                                                                        \
    COR__CALL(function((input), (target), COR__OPTIONS(cor_loss_options, COR_LOSS_OPTIONS, ##__VA_ARGS__)))
#define cor_mse_loss(input, target, ...) COR__LOSS(cor_mse_loss_with, input, target, ##__VA_ARGS__)
#define cor_l1_loss(input, target, ...) COR__LOSS(cor_l1_loss_with, input, target, ##__VA_ARGS__)

#define COR_SMOOTH_L1_LOSS_OPTIONS(_)                                                                                  \
    _(double, beta, 1)                                                                                                 \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_smooth_l1_loss_options, COR_SMOOTH_L1_LOSS_OPTIONS)
/* Returns d^2 / (2 beta) for d = |input - target| below beta, else d - beta / 2 (torch.nn.functional.smooth_l1_loss).
 * COR_EVALUE for a negative beta. */
COR_API cor_tensor *cor_smooth_l1_loss_with(cor_tensor *input, cor_tensor *target,
                                            const cor_smooth_l1_loss_options *options);
#define cor_smooth_l1_loss(input, target, ...)                                                                         \
    COR__CALL(cor_smooth_l1_loss_with(                                                                                 \
        (input), (target), COR__OPTIONS(cor_smooth_l1_loss_options, COR_SMOOTH_L1_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_HUBER_LOSS_OPTIONS(_)                                                                                      \
    _(double, delta, 1)                                                                                                \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_huber_loss_options, COR_HUBER_LOSS_OPTIONS)
/* Returns d^2 / 2 for d = |input - target| up to delta, else delta (d - delta / 2) (torch.nn.functional.huber_loss).
 * COR_EVALUE for a delta that is not positive. */
COR_API cor_tensor *cor_huber_loss_with(cor_tensor *input, cor_tensor *target, const cor_huber_loss_options *options);
#define cor_huber_loss(input, target, ...)                                                                             \
    COR__CALL(cor_huber_loss_with((input), (target),                                                                   \
                                  COR__OPTIONS(cor_huber_loss_options, COR_HUBER_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_NLL_LOSS_OPTIONS(_)                                                                                        \
    _(cor_tensor *, weight, COR_NONE) /* (C), of each class */                                                         \
    _(int64_t, ignore_index, -100)    /* a target that counts for nothing */                                           \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_nll_loss_options, COR_NLL_LOSS_OPTIONS)
/* Returns -weight[target] input[target] (torch.nn.functional.nll_loss); input (C), (N, C) or (N, C, ...) holds
 * logarithms of probabilities, target () or (N) or (N, ...), int64 or uint8, the classes. The mean divides by the sum
 * of the weights that counted. COR_ESHAPE for sizes that do not fit, COR_EINDEX for a class that is none. */
COR_API cor_tensor *cor_nll_loss_with(cor_tensor *input, cor_tensor *target, const cor_nll_loss_options *options);
#define cor_nll_loss(input, target, ...)                                                                               \
    COR__CALL(                                                                                                         \
        cor_nll_loss_with((input), (target), COR__OPTIONS(cor_nll_loss_options, COR_NLL_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_CROSS_ENTROPY_OPTIONS(_)                                                                                   \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(int64_t, ignore_index, -100)                                                                                     \
    _(double, label_smoothing, 0) /* the share of each class in every target */                                        \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_cross_entropy_options, COR_CROSS_ENTROPY_OPTIONS)
/* Returns the negative log likelihood of the targets under softmax(input) over dimension 1, 0 for an input (C)
 * (torch.nn.functional.cross_entropy). Targets are classes as those of cor_nll_loss, or probabilities of input's sizes
 * and a floating dtype, whose mean divides by the number of samples. Errors as cor_nll_loss. */
COR_API cor_tensor *cor_cross_entropy_with(cor_tensor *input, cor_tensor *target,
                                           const cor_cross_entropy_options *options);
#define cor_cross_entropy(input, target, ...)                                                                          \
    COR__CALL(cor_cross_entropy_with(                                                                                  \
        (input), (target), COR__OPTIONS(cor_cross_entropy_options, COR_CROSS_ENTROPY_OPTIONS, ##__VA_ARGS__)))

#define COR_BCE_OPTIONS(_)                                                                                             \
    _(cor_tensor *, weight, COR_NONE)                                                                                  \
    _(cor_tensor *, pos_weight, COR_NONE) /* of positive targets; with logits only */                                  \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_bce_options, COR_BCE_OPTIONS)
/* Returns -weight (t log p + (1 - t) log(1 - p)) for targets t and probabilities p, logarithms cut at -100
 * (torch.nn.functional.binary_cross_entropy). COR_EVALUE for p outside [0, 1] or sizes that differ. */
COR_API cor_tensor *cor_binary_cross_entropy_with(cor_tensor *input, cor_tensor *target,
                                                  const cor_bce_options *options);
/* The same of p = sigmoid(input), by a formula that does not overflow
 * (torch.nn.functional.binary_cross_entropy_with_logits). */
COR_API cor_tensor *cor_binary_cross_entropy_with_logits_with(cor_tensor *input, cor_tensor *target,
                                                              const cor_bce_options *options);
#define COR__BCE(function, input, target, ...)                                                                         \
    COR__CALL(function((input), (target), COR__OPTIONS(cor_bce_options, COR_BCE_OPTIONS, ##__VA_ARGS__)))
#define cor_binary_cross_entropy(input, target, ...)                                                                   \
    COR__BCE(cor_binary_cross_entropy_with, input, target, ##__VA_ARGS__)
#define cor_binary_cross_entropy_with_logits(input, target, ...)                                                       \
    COR__BCE(cor_binary_cross_entropy_with_logits_with, input, target, ##__VA_ARGS__)

#define COR_KL_DIV_OPTIONS(_)                                                                                          \
    _(bool, log_target, false)                                                                                         \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_kl_div_options, COR_KL_DIV_OPTIONS)
/* Returns target (log target - input), 0 where the target is 0, for an input of logarithms
 * (torch.nn.functional.kl_div); with .log_target the target holds logarithms too. */
COR_API cor_tensor *cor_kl_div_with(cor_tensor *input, cor_tensor *target, const cor_kl_div_options *options);
#define cor_kl_div(input, target, ...)                                                                                 \
    COR__CALL(cor_kl_div_with((input), (target), COR__OPTIONS(cor_kl_div_options, COR_KL_DIV_OPTIONS, ##__VA_ARGS__)))

/* ---- distances and what is made of them -------------------------------------------------------------------------- */

#define COR_COSINE_SIMILARITY_OPTIONS(_)                                                                               \
    _(int64_t, dim, 1)                                                                                                 \
    _(double, eps, 1e-8)
COR_DECLARE_OPTIONS(cor_cosine_similarity_options, COR_COSINE_SIMILARITY_OPTIONS)
/* Returns the sum of x1 x2 along a dimension, over their norms there, each at least eps
 * (torch.nn.functional.cosine_similarity). The sizes broadcast; floating dtypes. */
COR_API cor_tensor *cor_cosine_similarity_with(cor_tensor *x1, cor_tensor *x2,
                                               const cor_cosine_similarity_options *options);
#define cor_cosine_similarity(x1, x2, ...)                                                                             \
    COR__CALL(cor_cosine_similarity_with(                                                                              \
        (x1), (x2), COR__OPTIONS(cor_cosine_similarity_options, COR_COSINE_SIMILARITY_OPTIONS, ##__VA_ARGS__)))

#define COR_PAIRWISE_DISTANCE_OPTIONS(_)                                                                               \
    _(double, p, 2)                                                                                                    \
    _(double, eps, 1e-6)                                                                                               \
    _(bool, keepdim, false)
COR_DECLARE_OPTIONS(cor_pairwise_distance_options, COR_PAIRWISE_DISTANCE_OPTIONS)
/* Returns the p-norm of x1 - x2 + eps along the last dimension (torch.nn.functional.pairwise_distance). The sizes
 * broadcast; floating dtypes. */
COR_API cor_tensor *cor_pairwise_distance_with(cor_tensor *x1, cor_tensor *x2,
                                               const cor_pairwise_distance_options *options);
#define cor_pairwise_distance(x1, x2, ...)                                                                             \
    COR__CALL(cor_pairwise_distance_with(                                                                              \
        (x1), (x2), COR__OPTIONS(cor_pairwise_distance_options, COR_PAIRWISE_DISTANCE_OPTIONS, ##__VA_ARGS__)))

#define COR_COSINE_EMBEDDING_LOSS_OPTIONS(_)                                                                           \
    _(double, margin, 0)                                                                                               \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_cosine_embedding_loss_options, COR_COSINE_EMBEDDING_LOSS_OPTIONS)
/* Returns 1 - cos where the target is 1, and max(cos - margin, 0) where it is -1, for the cosine of each pair of rows
 * (torch.nn.functional.cosine_embedding_loss): inputs (N, D) and a target (N), or (D) and a target of no dimensions.
 * COR_ESHAPE for others. */
COR_API cor_tensor *cor_cosine_embedding_loss_with(cor_tensor *input1, cor_tensor *input2, cor_tensor *target,
                                                   const cor_cosine_embedding_loss_options *options);
#define cor_cosine_embedding_loss(input1, input2, target, ...)                                                         \
    COR__CALL(cor_cosine_embedding_loss_with(                                                                          \
        (input1), (input2), (target),                                                                                  \
        COR__OPTIONS(cor_cosine_embedding_loss_options, COR_COSINE_EMBEDDING_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_TRIPLET_MARGIN_LOSS_OPTIONS(_)                                                                             \
    _(double, margin, 1)                                                                                               \
    _(double, p, 2)                                                                                                    \
    _(double, eps, 1e-6)                                                                                               \
    _(bool, swap, false) /* the negative's distance to the positive counts where it is smaller */                      \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_triplet_margin_loss_options, COR_TRIPLET_MARGIN_LOSS_OPTIONS)
/* Returns max(margin + distance(anchor, positive) - distance(anchor, negative), 0), distances as of pairwise_distance
 * (torch.nn.functional.triplet_margin_loss). COR_EVALUE for a margin that is not positive, COR_ESHAPE for different
 * numbers of dimensions. */
COR_API cor_tensor *cor_triplet_margin_loss_with(cor_tensor *anchor, cor_tensor *positive, cor_tensor *negative,
                                                 const cor_triplet_margin_loss_options *options);
#define cor_triplet_margin_loss(anchor, positive, negative, ...)                                                       \
    COR__CALL(cor_triplet_margin_loss_with(                                                                            \
        (anchor), (positive), (negative),                                                                              \
        COR__OPTIONS(cor_triplet_margin_loss_options, COR_TRIPLET_MARGIN_LOSS_OPTIONS, ##__VA_ARGS__)))

/* ---- margins ---------------------------------------------------------------------------------------------------- */

#define COR_MARGIN_RANKING_LOSS_OPTIONS(_)                                                                             \
    _(double, margin, 0)                                                                                               \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_margin_ranking_loss_options, COR_MARGIN_RANKING_LOSS_OPTIONS)
/* Returns max(margin - target (input1 - input2), 0), for targets 1 where input1 shall rank higher and -1 where input2
 * shall (torch.nn.functional.margin_ranking_loss). The sizes broadcast; COR_ESHAPE for different numbers of dimensions.
 */
COR_API cor_tensor *cor_margin_ranking_loss_with(cor_tensor *input1, cor_tensor *input2, cor_tensor *target,
                                                 const cor_margin_ranking_loss_options *options);
#define cor_margin_ranking_loss(input1, input2, target, ...)                                                           \
    COR__CALL(cor_margin_ranking_loss_with(                                                                            \
        (input1), (input2), (target),                                                                                  \
        COR__OPTIONS(cor_margin_ranking_loss_options, COR_MARGIN_RANKING_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_HINGE_EMBEDDING_LOSS_OPTIONS(_)                                                                            \
    _(double, margin, 1)                                                                                               \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_hinge_embedding_loss_options, COR_HINGE_EMBEDDING_LOSS_OPTIONS)
/* Returns x where the target is 1, and max(margin - x, 0) where it is -1 (torch.nn.functional.hinge_embedding_loss).
 * The sizes broadcast. */
COR_API cor_tensor *cor_hinge_embedding_loss_with(cor_tensor *input, cor_tensor *target,
                                                  const cor_hinge_embedding_loss_options *options);
#define cor_hinge_embedding_loss(input, target, ...)                                                                   \
    COR__CALL(cor_hinge_embedding_loss_with(                                                                           \
        (input), (target),                                                                                             \
        COR__OPTIONS(cor_hinge_embedding_loss_options, COR_HINGE_EMBEDDING_LOSS_OPTIONS, ##__VA_ARGS__)))

/* Returns log(1 + exp(-target x)), for targets 1 and -1 that broadcast to the input
 * (torch.nn.functional.soft_margin_loss). */
COR_API cor_tensor *cor_soft_margin_loss_with(cor_tensor *input, cor_tensor *target, const cor_loss_options *options);
#define cor_soft_margin_loss(input, target, ...) COR__LOSS(cor_soft_margin_loss_with, input, target, ##__VA_ARGS__)

#define COR_MULTI_MARGIN_LOSS_OPTIONS(_)                                                                               \
    _(int64_t, p, 1) /* or 2 */                                                                                        \
    _(double, margin, 1)                                                                                               \
    _(cor_tensor *, weight, COR_NONE) /* (C), of each class */                                                         \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_multi_margin_loss_options, COR_MULTI_MARGIN_LOSS_OPTIONS)
/* Returns weight[target] times the sum of max(margin - x[target] + x[i], 0)^p over the other classes i, over C
 * (torch.nn.functional.multi_margin_loss): input (N, C) or (C), target (N) or (), int64. COR_EVALUE for another p,
 * COR_ESHAPE for sizes that do not fit, COR_EINDEX for a class that is none. */
COR_API cor_tensor *cor_multi_margin_loss_with(cor_tensor *input, cor_tensor *target,
                                               const cor_multi_margin_loss_options *options);
#define cor_multi_margin_loss(input, target, ...)                                                                      \
    COR__CALL(cor_multi_margin_loss_with(                                                                              \
        (input), (target), COR__OPTIONS(cor_multi_margin_loss_options, COR_MULTI_MARGIN_LOSS_OPTIONS, ##__VA_ARGS__)))

/* Returns the sum of max(1 - x[j] + x[i], 0), over C, for the classes j that the target lists up to its first -1 and
 * the classes i that it does not (torch.nn.functional.multilabel_margin_loss): input and target (N, C) or (C), the
 * target int64. COR_ESHAPE for other sizes, COR_EINDEX for a class that is none. */
COR_API cor_tensor *cor_multilabel_margin_loss_with(cor_tensor *input, cor_tensor *target,
                                                    const cor_loss_options *options);
#define cor_multilabel_margin_loss(input, target, ...)                                                                 \
    COR__LOSS(cor_multilabel_margin_loss_with, input, target, ##__VA_ARGS__)

#define COR_MULTILABEL_SOFT_MARGIN_LOSS_OPTIONS(_)                                                                     \
    _(cor_tensor *, weight, COR_NONE) /* (C), of each class */                                                         \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_multilabel_soft_margin_loss_options, COR_MULTILABEL_SOFT_MARGIN_LOSS_OPTIONS)
/* Returns the mean over the last dimension, the classes, of binary cross entropy with logits
 * (torch.nn.functional.multilabel_soft_margin_loss). */
COR_API cor_tensor *cor_multilabel_soft_margin_loss_with(cor_tensor *input, cor_tensor *target,
                                                         const cor_multilabel_soft_margin_loss_options *options);
#define cor_multilabel_soft_margin_loss(input, target, ...)                                                            \
    COR__CALL(                                                                                                         \
        cor_multilabel_soft_margin_loss_with((input), (target),                                                        \
                                             COR__OPTIONS(cor_multilabel_soft_margin_loss_options,                     \
                                                          COR_MULTILABEL_SOFT_MARGIN_LOSS_OPTIONS, ##__VA_ARGS__)))

/* A distance of pairs of tensors, for triplet_margin_with_distance_loss: returns a borrowed tensor, or NULL with an
 * error pending. */
typedef cor_tensor *(*cor_distance_function)(cor_tensor *a, cor_tensor *b);

#define COR_TRIPLET_DISTANCE_LOSS_OPTIONS(_)                                                                           \
    _(cor_distance_function, distance_function, NULL) /* NULL: pairwise_distance */                                    \
    _(double, margin, 1)                                                                                               \
    _(bool, swap, false)                                                                                               \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_triplet_margin_with_distance_loss_options, COR_TRIPLET_DISTANCE_LOSS_OPTIONS)
/* The triplet margin loss with a distance of the caller's (torch.nn.functional.triplet_margin_with_distance_loss).
 * Errors as triplet_margin_loss's, and those of the distance. */
COR_API cor_tensor *
cor_triplet_margin_with_distance_loss_with(cor_tensor *anchor, cor_tensor *positive, cor_tensor *negative,
                                           const cor_triplet_margin_with_distance_loss_options *options);
#define cor_triplet_margin_with_distance_loss(anchor, positive, negative, ...)                                         \
    COR__CALL(                                                                                                         \
        cor_triplet_margin_with_distance_loss_with((anchor), (positive), (negative),                                   \
                                                   COR__OPTIONS(cor_triplet_margin_with_distance_loss_options,         \
                                                                COR_TRIPLET_DISTANCE_LOSS_OPTIONS, ##__VA_ARGS__)))

/* ---- likelihoods ------------------------------------------------------------------------------------------------ */

#define COR_POISSON_NLL_LOSS_OPTIONS(_)                                                                                \
    _(bool, log_input, true) /* the input is the rate's logarithm */                                                   \
    _(bool, full, false)     /* adds Stirling's term for targets above 1 */                                            \
    _(double, eps, 1e-8)     /* added to a rate before its logarithm */                                                \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_poisson_nll_loss_options, COR_POISSON_NLL_LOSS_OPTIONS)
/* Returns exp(x) - target x, or with .log_input = false x - target log(x + eps)
 * (torch.nn.functional.poisson_nll_loss). The sizes broadcast. */
COR_API cor_tensor *cor_poisson_nll_loss_with(cor_tensor *input, cor_tensor *target,
                                              const cor_poisson_nll_loss_options *options);
#define cor_poisson_nll_loss(input, target, ...)                                                                       \
    COR__CALL(cor_poisson_nll_loss_with(                                                                               \
        (input), (target), COR__OPTIONS(cor_poisson_nll_loss_options, COR_POISSON_NLL_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_GAUSSIAN_NLL_LOSS_OPTIONS(_)                                                                               \
    _(bool, full, false)                                                                                               \
    _(double, eps, 1e-6) /* the least variance */                                                                      \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_gaussian_nll_loss_options, COR_GAUSSIAN_NLL_LOSS_OPTIONS)
/* Returns (log var + (input - target)^2 / var) / 2, and with .full log(2 pi) / 2 more
 * (torch.nn.functional.gaussian_nll_loss). var is a number, or has input's sizes, but for one dimension that is 1 or
 * for the last, which may be missing; COR_EVALUE for other sizes and where it is negative. */
COR_API cor_tensor *cor_gaussian_nll_loss_with(cor_tensor *input, cor_tensor *target, cor_operand var,
                                               const cor_gaussian_nll_loss_options *options);
#define cor_gaussian_nll_loss(input, target, var, ...)                                                                 \
    COR__CALL(cor_gaussian_nll_loss_with(                                                                              \
        (input), (target), COR_OPERAND(var),                                                                           \
        COR__OPTIONS(cor_gaussian_nll_loss_options, COR_GAUSSIAN_NLL_LOSS_OPTIONS, ##__VA_ARGS__)))

#define COR_CTC_LOSS_OPTIONS(_)                                                                                        \
    _(int64_t, blank, 0)          /* the class that stands for none */                                                 \
    _(bool, zero_infinity, false) /* a target too long for its input costs 0 and moves nothing */                      \
    _(cor_reduction, reduction, COR_REDUCTION_MEAN)
COR_DECLARE_OPTIONS(cor_ctc_loss_options, COR_CTC_LOSS_OPTIONS)
/* Returns the negative logarithm of the probability that the classes, with blanks and repetitions left out, spell the
 * target (torch.nn.functional.ctc_loss; Connectionist Temporal Classification, 2006): log_probs (T, N, C) or (T, C), as
 * of log_softmax; targets (N, S), (S), or the targets one after another; input_lengths and target_lengths (N) or (),
 * integers. The mean is that of losses over their target's length. The gradient is meant for the input of log_softmax,
 * as PyTorch's, and has none of its own. float32 and float64. COR_EVALUE and COR_ESHAPE with PyTorch's texts. */
COR_API cor_tensor *cor_ctc_loss_with(cor_tensor *log_probs, cor_tensor *targets, cor_tensor *input_lengths,
                                      cor_tensor *target_lengths, const cor_ctc_loss_options *options);
#define cor_ctc_loss(log_probs, targets, input_lengths, target_lengths, ...)                                           \
    COR__CALL(cor_ctc_loss_with((log_probs), (targets), (input_lengths), (target_lengths),                             \
                                COR__OPTIONS(cor_ctc_loss_options, COR_CTC_LOSS_OPTIONS, ##__VA_ARGS__)))

COR_END
#endif
