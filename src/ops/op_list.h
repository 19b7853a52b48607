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

/* matmul.c */
COR__OP(matmul)
COR__OP(mm)
COR__OP(bmm)

/* linear.c */
COR__OP(linear)

/* softmax.c */
COR__OP(softmax)
COR__OP(log_softmax)
