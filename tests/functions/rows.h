/* rows.h: how test_functions.c calls what a record of functions.txt names. FN(name, result): a, b, c and d are the
 * tensors; INT, REAL, FLAG and DIMS are options by name, and REDUCTION that one; *second and *third are further
 * outputs.
 */

/* losses */
FN(margin_ranking_loss, cor_margin_ranking_loss(a, b, c, .margin = REAL("margin", 0), .reduction = REDUCTION))
FN(hinge_embedding_loss, cor_hinge_embedding_loss(a, b, .margin = REAL("margin", 1), .reduction = REDUCTION))
FN(soft_margin_loss, cor_soft_margin_loss(a, b, .reduction = REDUCTION))
FN(multilabel_soft_margin_loss, cor_multilabel_soft_margin_loss(a, b, .reduction = REDUCTION))
FN(multi_margin_loss,
   cor_multi_margin_loss(a, b, .p = INT("p", 1), .margin = REAL("margin", 1), .reduction = REDUCTION))
FN(multilabel_margin_loss, cor_multilabel_margin_loss(a, b, .reduction = REDUCTION))
FN(poisson_nll_loss, cor_poisson_nll_loss(a, b, .full = FLAG("full", false), .log_input = FLAG("log_input", true),
                                          .reduction = REDUCTION))
FN(gaussian_nll_loss, cor_gaussian_nll_loss(a, b, numbers[2], .full = FLAG("full", false), .eps = REAL("eps", 1e-6),
                                            .reduction = REDUCTION))
FN(ctc_loss, cor_ctc_loss(a, b, c, d))
FN(ctc_loss_of_softmax, cor_ctc_loss(cor_log_softmax(a, -1), b, c, d, .blank = INT("blank", 0), .reduction = REDUCTION,
                                     .zero_infinity = FLAG("zero_infinity", false)))
