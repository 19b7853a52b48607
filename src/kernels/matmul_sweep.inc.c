/* matmul_sweep.inc.c: sums of rows, each times a number, in one type. The includer defines MM_SCALAR, MM_VECTOR and
 * MM_ID(name). */

/* One vector: the sum over up to eight rows of x[i * x_stride] * b[i * row]. */
#define MM_SWEEP(i)                                                                                                    \
    if (rows > i) s += COR__ALL(MM_VECTOR, x[i * x_stride]) * COR__LOAD(MM_VECTOR, b + i * row);

COR__INLINE MM_VECTOR MM_ID(sweep_vector)(const int rows, const MM_SCALAR *x, int64_t x_stride, const MM_SCALAR *b,
                                          int64_t row) {
    MM_VECTOR s = {0};
    MM_SWEEP(0)
    MM_SWEEP(1)
    MM_SWEEP(2)
    MM_SWEEP(3)
    MM_SWEEP(4)
    MM_SWEEP(5)
    MM_SWEEP(6)
    MM_SWEEP(7)
    return s;
}
#undef MM_SWEEP

/* The last n < LANES elements of y, in the same order of additions. Vectors end where the rows end if they can, and are
 * padded if the rows are shorter. */
COR__INLINE void MM_ID(sweep_last)(const int rows, int64_t n, int64_t before, const MM_SCALAR *x, int64_t x_stride,
                                   const MM_SCALAR *b, int64_t row, MM_SCALAR *y, bool add) {
    MM_SCALAR lanes[MM_ID(LANES)], padded[8 * MM_ID(LANES)];
    const int64_t back = before > 0 ? MM_ID(LANES) - n : 0;
    for (int i = 0; i < rows && before == 0; i++)
        COR__STORE(MM_VECTOR, padded + i * MM_ID(LANES), MM_ID(load_part)(b + i * row, n));
    MM_VECTOR s = before > 0 ? MM_ID(sweep_vector)(rows, x, x_stride, b - back, row)
                             : MM_ID(sweep_vector)(rows, x, x_stride, padded, MM_ID(LANES));
    if (add) s = (before > 0 ? COR__LOAD(MM_VECTOR, y - back) : MM_ID(load_part)(y, n)) + s;
    COR__STORE(MM_VECTOR, lanes, s);
    MM_ID(copy_part)(y, lanes + back, n);
}

COR__INLINE void MM_ID(sweep_rows)(const int rows, int64_t n, const MM_SCALAR *x, int64_t x_stride, const MM_SCALAR *b,
                                   int64_t row, MM_SCALAR *y, bool add) {
    int64_t j = 0;
    for (; j + MM_ID(LANES) <= n; j += MM_ID(LANES)) {
        const MM_VECTOR s = MM_ID(sweep_vector)(rows, x, x_stride, b + j, row);
        COR__STORE(MM_VECTOR, y + j, add ? COR__LOAD(MM_VECTOR, y + j) + s : s);
    }
    if (j < n) MM_ID(sweep_last)(rows, n - j, j, x, x_stride, b + j, row, y + j, add);
}

/* Eight rows at a time, so that memory is read forward in few places. */
static void MM_ID(sweep)(int64_t n, int64_t k, const void *x, int64_t x_stride, const void *b, int64_t row, void *y,
                         bool add) {
    const MM_SCALAR *px = x, *pb = b;
    for (; k >= 8; k -= 8, px += 8 * x_stride, pb += 8 * row, add = true)
        MM_ID(sweep_rows)(8, n, px, x_stride, pb, row, y, add);
    for (; k > 0; k--, px += x_stride, pb += row, add = true) MM_ID(sweep_rows)(1, n, px, x_stride, pb, row, y, add);
}
