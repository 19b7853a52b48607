/* corrie/nn_loss.h: the losses of torch.nn. */
#ifndef CORRIE_NN_LOSS_H
#define CORRIE_NN_LOSS_H

#include <corrie/loss.h>
#include <corrie/module.h>

COR_BEGIN

/* The losses of corrie/loss.h with their options (torch.nn.L1Loss and its like), called with an input and a target,
 * cor_call2(criterion, x, target); CosineEmbeddingLoss and MarginRankingLoss with two inputs and a target, the triplet
 * losses with an anchor, a positive and a negative, GaussianNLLLoss with an input, a target and a variance: cor_call3;
 * CTCLoss with log_probs, targets and two tensors of lengths. A weight and a pos_weight are buffers. */
COR_API cor_module *cor_nn_l1_loss_with(const cor_loss_options *options);
COR_API cor_module *cor_nn_mse_loss_with(const cor_loss_options *options);
COR_API cor_module *cor_nn_smooth_l1_loss_with(const cor_smooth_l1_loss_options *options);
COR_API cor_module *cor_nn_huber_loss_with(const cor_huber_loss_options *options);
COR_API cor_module *cor_nn_cross_entropy_loss_with(const cor_cross_entropy_options *options);
COR_API cor_module *cor_nn_nll_loss_with(const cor_nll_loss_options *options);
COR_API cor_module *cor_nn_bce_loss_with(const cor_bce_options *options);
COR_API cor_module *cor_nn_bce_with_logits_loss_with(const cor_bce_options *options);
COR_API cor_module *cor_nn_kl_div_loss_with(const cor_kl_div_options *options);
COR_API cor_module *cor_nn_cosine_embedding_loss_with(const cor_cosine_embedding_loss_options *options);
COR_API cor_module *cor_nn_triplet_margin_loss_with(const cor_triplet_margin_loss_options *options);
COR_API cor_module *cor_nn_margin_ranking_loss_with(const cor_margin_ranking_loss_options *options);
COR_API cor_module *cor_nn_hinge_embedding_loss_with(const cor_hinge_embedding_loss_options *options);
COR_API cor_module *cor_nn_soft_margin_loss_with(const cor_loss_options *options);
COR_API cor_module *cor_nn_multi_margin_loss_with(const cor_multi_margin_loss_options *options);
COR_API cor_module *cor_nn_multilabel_margin_loss_with(const cor_loss_options *options);
COR_API cor_module *cor_nn_multilabel_soft_margin_loss_with(const cor_multilabel_soft_margin_loss_options *options);
COR_API cor_module *
cor_nn_triplet_margin_with_distance_loss_with(const cor_triplet_margin_with_distance_loss_options *options);
COR_API cor_module *cor_nn_poisson_nll_loss_with(const cor_poisson_nll_loss_options *options);
COR_API cor_module *cor_nn_gaussian_nll_loss_with(const cor_gaussian_nll_loss_options *options);
COR_API cor_module *cor_nn_ctc_loss_with(const cor_ctc_loss_options *options);
#define COR__NN_LOSS(function, T, LIST, ...) COR__CALL(function(COR__OPTIONS(T, LIST, ##__VA_ARGS__)))
#define cor_nn_l1_loss(...) COR__NN_LOSS(cor_nn_l1_loss_with, cor_loss_options, COR_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_mse_loss(...) COR__NN_LOSS(cor_nn_mse_loss_with, cor_loss_options, COR_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_smooth_l1_loss(...)                                                                                     \
    COR__NN_LOSS(cor_nn_smooth_l1_loss_with, cor_smooth_l1_loss_options, COR_SMOOTH_L1_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_huber_loss(...)                                                                                         \
    COR__NN_LOSS(cor_nn_huber_loss_with, cor_huber_loss_options, COR_HUBER_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_cross_entropy_loss(...)                                                                                 \
    COR__NN_LOSS(cor_nn_cross_entropy_loss_with, cor_cross_entropy_options, COR_CROSS_ENTROPY_OPTIONS, ##__VA_ARGS__)
#define cor_nn_nll_loss(...)                                                                                           \
    COR__NN_LOSS(cor_nn_nll_loss_with, cor_nll_loss_options, COR_NLL_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_bce_loss(...) COR__NN_LOSS(cor_nn_bce_loss_with, cor_bce_options, COR_BCE_OPTIONS, ##__VA_ARGS__)
#define cor_nn_bce_with_logits_loss(...)                                                                               \
    COR__NN_LOSS(cor_nn_bce_with_logits_loss_with, cor_bce_options, COR_BCE_OPTIONS, ##__VA_ARGS__)
#define cor_nn_kl_div_loss(...)                                                                                        \
    COR__NN_LOSS(cor_nn_kl_div_loss_with, cor_kl_div_options, COR_KL_DIV_OPTIONS, ##__VA_ARGS__)
#define cor_nn_cosine_embedding_loss(...)                                                                              \
    COR__NN_LOSS(cor_nn_cosine_embedding_loss_with, cor_cosine_embedding_loss_options,                                 \
                 COR_COSINE_EMBEDDING_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_triplet_margin_loss(...)                                                                                \
    COR__NN_LOSS(cor_nn_triplet_margin_loss_with, cor_triplet_margin_loss_options, COR_TRIPLET_MARGIN_LOSS_OPTIONS,    \
                 ##__VA_ARGS__)
#define cor_nn_margin_ranking_loss(...)                                                                                \
    COR__NN_LOSS(cor_nn_margin_ranking_loss_with, cor_margin_ranking_loss_options, COR_MARGIN_RANKING_LOSS_OPTIONS,    \
                 ##__VA_ARGS__)
#define cor_nn_hinge_embedding_loss(...)                                                                               \
    COR__NN_LOSS(cor_nn_hinge_embedding_loss_with, cor_hinge_embedding_loss_options, COR_HINGE_EMBEDDING_LOSS_OPTIONS, \
                 ##__VA_ARGS__)
#define cor_nn_soft_margin_loss(...)                                                                                   \
    COR__NN_LOSS(cor_nn_soft_margin_loss_with, cor_loss_options, COR_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_multi_margin_loss(...)                                                                                  \
    COR__NN_LOSS(cor_nn_multi_margin_loss_with, cor_multi_margin_loss_options, COR_MULTI_MARGIN_LOSS_OPTIONS,          \
                 ##__VA_ARGS__)
#define cor_nn_multilabel_margin_loss(...)                                                                             \
    COR__NN_LOSS(cor_nn_multilabel_margin_loss_with, cor_loss_options, COR_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_multilabel_soft_margin_loss(...)                                                                        \
    COR__NN_LOSS(cor_nn_multilabel_soft_margin_loss_with, cor_multilabel_soft_margin_loss_options,                     \
                 COR_MULTILABEL_SOFT_MARGIN_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_triplet_margin_with_distance_loss(...)                                                                  \
    COR__NN_LOSS(cor_nn_triplet_margin_with_distance_loss_with, cor_triplet_margin_with_distance_loss_options,         \
                 COR_TRIPLET_DISTANCE_LOSS_OPTIONS, ##__VA_ARGS__)
#define cor_nn_poisson_nll_loss(...)                                                                                   \
    COR__NN_LOSS(cor_nn_poisson_nll_loss_with, cor_poisson_nll_loss_options, COR_POISSON_NLL_LOSS_OPTIONS,             \
                 ##__VA_ARGS__)
#define cor_nn_gaussian_nll_loss(...)                                                                                  \
    COR__NN_LOSS(cor_nn_gaussian_nll_loss_with, cor_gaussian_nll_loss_options, COR_GAUSSIAN_NLL_LOSS_OPTIONS,          \
                 ##__VA_ARGS__)
#define cor_nn_ctc_loss(...)                                                                                           \
    COR__NN_LOSS(cor_nn_ctc_loss_with, cor_ctc_loss_options, COR_CTC_LOSS_OPTIONS, ##__VA_ARGS__)

/* The functions of those names (torch.nn.CosineSimilarity, PairwiseDistance): cor_call2. */
COR_API cor_module *cor_nn_cosine_similarity_with(const cor_cosine_similarity_options *options);
COR_API cor_module *cor_nn_pairwise_distance_with(const cor_pairwise_distance_options *options);
#define cor_nn_cosine_similarity(...)                                                                                  \
    COR__NN_LOSS(cor_nn_cosine_similarity_with, cor_cosine_similarity_options, COR_COSINE_SIMILARITY_OPTIONS,          \
                 ##__VA_ARGS__)
#define cor_nn_pairwise_distance(...)                                                                                  \
    COR__NN_LOSS(cor_nn_pairwise_distance_with, cor_pairwise_distance_options, COR_PAIRWISE_DISTANCE_OPTIONS,          \
                 ##__VA_ARGS__)

COR_END
#endif
