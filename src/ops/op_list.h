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
