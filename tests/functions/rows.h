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

/* windows */
FN(unfold, cor_unfold_with(a, INT("kernel_size", 0), unfold_options(options)))
FN(fold, cor_fold_with(a, DIMS("output_size"), INT("kernel_size", 0), unfold_options(options)))
FN(lp_pool1d, cor_lp_pool1d_with(a, REAL("norm_type", 2), INT("kernel_size", 0), lp_options(options)))
FN(lp_pool2d, cor_lp_pool2d_with(a, REAL("norm_type", 2), INT("kernel_size", 0), lp_options(options)))
FN(lp_pool3d, cor_lp_pool3d_with(a, REAL("norm_type", 2), INT("kernel_size", 0), lp_options(options)))
FN(max_unpool1d, cor_max_unpool1d_with(a, b, INT("kernel_size", 0), unpool_options(options)))
FN(max_unpool2d, cor_max_unpool2d_with(a, b, INT("kernel_size", 0), unpool_options(options)))
FN(max_unpool3d, cor_max_unpool3d_with(a, b, INT("kernel_size", 0), unpool_options(options)))
FN(local_response_norm, cor_local_response_norm(a, INT("size", 0), .alpha = REAL("alpha", 1e-4),
                                                .beta = REAL("beta", 0.75), .k = REAL("k", 1)))

/* others of torch.nn.functional */
FN(embedding_bag,
   cor_embedding_bag(a, b, .offsets = c, .mode = bag_mode(options), .padding_idx = INT("padding_idx", COR_UNSET),
                     .include_last_offset = FLAG("include_last_offset", false), .sparse = FLAG("sparse", false),
                     .scale_grad_by_freq = FLAG("scale_grad_by_freq", false)))
FN(bilinear, cor_bilinear(a, b, c, .bias = d))
FN(rrelu, (cor_manual_seed(3), cor_rrelu(a, .lower = REAL("lower", 1.0 / 8), .upper = REAL("upper", 1.0 / 3),
                                         .training = FLAG("training", false))))
FN(feature_alpha_dropout,
   (cor_manual_seed(3), cor_feature_alpha_dropout(a, .p = REAL("p", 0.5), .training = FLAG("training", false))))

/* products */
FN(dot, cor_dot(a, b))
FN(outer, cor_outer(a, b))
FN(mv, cor_mv(a, b))
FN(addmm, cor_addmm(a, b, c, .beta = REAL("beta", 1), .alpha = REAL("alpha", 1)))
FN(addmv, cor_addmv(a, b, c, .beta = REAL("beta", 1), .alpha = REAL("alpha", 1)))
FN(baddbmm, cor_baddbmm(a, b, c, .beta = REAL("beta", 1), .alpha = REAL("alpha", 1)))
FN(kron, cor_kron(a, b))

/* elements */
FN(lerp, cor_lerp(a, b, numbers[2]))
FN(addcmul, cor_addcmul(a, b, c, .value = REAL("value", 1)))
FN(addcdiv, cor_addcdiv(a, b, c, .value = REAL("value", 1)))
FN(frac, cor_frac(a))
FN(logaddexp, cor_logaddexp(a, b))
FN(nan_to_num, cor_nan_to_num(a, .nan = REAL("nan", 0), .posinf = REAL("posinf", (double)NAN),
                              .neginf = REAL("neginf", (double)NAN)))
FN(isclose,
   cor_isclose(a, b, .rtol = REAL("rtol", 1e-5), .atol = REAL("atol", 1e-8), .equal_nan = FLAG("equal_nan", false)))

/* diagonals, grids and repetitions */
FN(diagonal, cor_diagonal(a, .offset = INT("offset", 0), .dim1 = INT("dim1", 0), .dim2 = INT("dim2", 1)))
FN(diag, cor_diag(a, INT("diagonal", 0)))
FN(trace, cor_trace(a))
FN(expand_as, cor_expand_as(a, b))
FN(view_as, cor_view_as(a, b))
FN(unbind, first_of(a, INT("dim", 0), second, third))
FN(meshgrid, grid_of((cor_tensor *[]){a, b, c}, strstr(options, "xy") != NULL, second, third))
FN(tile, cor_tile_with(a, DIMS("dims")))
FN(repeat_interleave, cor_repeat_interleave(a, INT("repeats", 0), .dim = INT("dim", COR_UNSET)))
FN(one_hot, cor_one_hot(a, INT("num_classes", -1)))

/* selections */
FN(logsumexp, cor_logsumexp(a, .dims = DIMS("dim"), .keepdim = FLAG("keepdim", false)))
FN(argsort, cor_argsort(a, .dim = INT("dim", -1), .descending = FLAG("descending", false)))
FN(nonzero, cor_nonzero(a))
FN(masked_select, cor_masked_select(a, b))
FN(bincount, cor_bincount(a, .weights = b, .minlength = INT("minlength", 0)))
