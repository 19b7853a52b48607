/* op_list.h: every operation, one line each: COR__OP(row). The rows are cor__op_ROW in the file named above them. */

/* view.c */
COR__OP(view)
COR__OP(expand)
COR__OP(permute)
COR__OP(transpose)
COR__OP(t)
COR__OP(squeeze)
COR__OP(squeeze_dim)
COR__OP(squeeze_dims)
COR__OP(unsqueeze)
COR__OP(select)
COR__OP(slice)
COR__OP(as_strided)

/* copy.c */
COR__OP(clone)
COR__OP(contiguous)
COR__OP(to)
COR__OP(reshape)
COR__OP(detach)
COR__OP(copy_)
COR__OP(cat)
COR__OP(stack)
COR__OP(split)

/* arithmetic.c */
COR__OP(add)
COR__OP(sub)
COR__OP(rsub)
COR__OP(mul)
COR__OP(div)
COR__OP(div_trunc)
COR__OP(div_floor)
COR__OP(floor_divide)
COR__OP(remainder)
COR__OP(fmod)
COR__OP(pow)
COR__OP(maximum)
COR__OP(minimum)

/* comparison.c */
COR__OP(eq)
COR__OP(ne)
COR__OP(lt)
COR__OP(le)
COR__OP(gt)
COR__OP(ge)
COR__OP(logical_and)
COR__OP(logical_or)
COR__OP(logical_xor)
COR__OP(bitwise_and)
COR__OP(bitwise_or)
COR__OP(bitwise_xor)

/* unary.c */
COR__OP(neg)
COR__OP(abs)
COR__OP(sign)
COR__OP(ceil)
COR__OP(floor)
COR__OP(round)
COR__OP(trunc)
COR__OP(sqrt)
COR__OP(rsqrt)
COR__OP(reciprocal)
COR__OP(square)
COR__OP(bitwise_not)
COR__OP(exp)
COR__OP(log)
COR__OP(log1p)
COR__OP(expm1)
COR__OP(log2)
COR__OP(log10)
COR__OP(sin)
COR__OP(cos)
COR__OP(tan)
COR__OP(tanh)
COR__OP(sigmoid)
COR__OP(erf)
COR__OP(logical_not)
COR__OP(isnan)
COR__OP(isinf)
COR__OP(isfinite)

/* where.c */
COR__OP(where)
COR__OP(clamp)
COR__OP(fill_)
COR__OP(zero_)

/* activation.c */
COR__OP(relu)
COR__OP(leaky_relu)
COR__OP(elu)
COR__OP(selu)
COR__OP(celu)
COR__OP(gelu)
COR__OP(silu)
COR__OP(mish)
COR__OP(softplus)
COR__OP(hardtanh)
COR__OP(hardswish)
COR__OP(hardsigmoid)
COR__OP(hardshrink)
COR__OP(softshrink)
COR__OP(threshold)
COR__OP(logsigmoid)
COR__OP(glu)
COR__OP(prelu)
COR__OP(gate)

/* reduce.c */
COR__OP(sum)
COR__OP(mean)
COR__OP(prod)
COR__OP(amin)
COR__OP(amax)
COR__OP(any)
COR__OP(all)

/* reduce_real.c */
COR__OP(var)
COR__OP(std)
COR__OP(norm)

/* extreme.c */
COR__OP(max)
COR__OP(max_dim)
COR__OP(min)
COR__OP(min_dim)
COR__OP(argmax)
COR__OP(argmin)

/* sort.c */
COR__OP(sort)
COR__OP(topk)

/* cumulate.c */
COR__OP(cumsum)

/* conv_fused.c */
COR__OP(conv1d_fused)
COR__OP(conv2d_fused)
COR__OP(conv3d_fused)

/* matmul.c */
COR__OP(matmul)
COR__OP(mm)
COR__OP(bmm)

/* linear.c */
COR__OP(linear)

/* softmax.c */
COR__OP(softmax)
COR__OP(log_softmax)

/* pool.c */
COR__OP(max_pool1d)
COR__OP(max_pool2d)
COR__OP(max_pool3d)
COR__OP(avg_pool1d)
COR__OP(avg_pool2d)
COR__OP(avg_pool3d)
COR__OP(adaptive_max_pool1d)
COR__OP(adaptive_max_pool2d)
COR__OP(adaptive_max_pool3d)
COR__OP(adaptive_avg_pool1d)
COR__OP(adaptive_avg_pool2d)
COR__OP(adaptive_avg_pool3d)
COR__OP(avg_pool_backward)

/* scatter.c */
COR__OP(plane_scatter)
COR__OP(plane_gather)

/* random.c */
COR__OP(uniform)
COR__OP(normal)
COR__OP(log_normal)
COR__OP(cauchy)
COR__OP(exponential)
COR__OP(random)
COR__OP(bernoulli)
COR__OP(bernoulli_tensor)
COR__OP(geometric)
/* conv.c */
COR__OP(conv1d)
COR__OP(conv2d)
COR__OP(conv3d)
COR__OP(conv_transpose1d)
COR__OP(conv_transpose2d)
COR__OP(conv_transpose3d)

/* conv_grad.c */
COR__OP(conv_input)
COR__OP(conv_weight)

/* pad.c */
COR__OP(pad)

/* interpolate.c */
COR__OP(interpolate)
COR__OP(interpolate_backward)

/* batch_norm.c */
COR__OP(batch_norm)
COR__OP(batch_norm_terms)

/* batch_norm_back.c */
COR__OP(batch_norm_backward)

/* pool_halves.c */
COR__OP(halves_back)

/* loss.c */
COR__OP(mse_loss)
COR__OP(smooth_l1_loss)
COR__OP(huber_loss)
COR__OP(binary_cross_entropy)
COR__OP(binary_cross_entropy_with_logits)

/* nll_loss.c */
COR__OP(nll_loss)
COR__OP(nll_loss_backward)
/* layer_norm.c */
COR__OP(layer_norm)
COR__OP(rms_norm)
/* group_norm.c */
COR__OP(group_norm)
/* index.c */
COR__OP(index_select)
COR__OP(index_add)
COR__OP(embedding)
/* gather.c */
COR__OP(gather)
COR__OP(scatter_add)
/* rearrange.c */
COR__OP(flip)
COR__OP(roll)
COR__OP(repeat)
COR__OP(tril)
COR__OP(triu)
COR__OP(masked_fill)
/* shuffle.c */
COR__OP(pixel_shuffle)
COR__OP(pixel_unshuffle)
COR__OP(channel_shuffle)
/* ctc.c */
COR__OP(ctc_loss)
COR__OP(ctc_loss_backward)
/* fold.c */
COR__OP(unfold)
COR__OP(fold)
/* unpool.c */
COR__OP(max_unpool)
