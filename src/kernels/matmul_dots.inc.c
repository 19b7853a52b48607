/* matmul_dots.inc.c: dots of rows with a vector in one type. The includer defines MM_SCALAR, MM_VECTOR and MM_ID(name).
 */

/* The sums of the lanes of four vectors, as a tree. */
COR__INLINE void MM_ID(sum_four)(MM_VECTOR s0, MM_VECTOR s1, MM_VECTOR s2, MM_VECTOR s3, MM_SCALAR *sums) {
    enum { WIDTH = MM_ID(LANES) < 4 ? 4 : MM_ID(LANES) };
    typedef MM_ID(quad) quad;
    typedef MM_ID(quad_at) quad_at;
    MM_SCALAR lanes[4 * WIDTH] = {0}, folded[16], turned[16];
    COR__STORE(MM_VECTOR, lanes, s0);
    COR__STORE(MM_VECTOR, lanes + WIDTH, s1);
    COR__STORE(MM_VECTOR, lanes + 2 * WIDTH, s2);
    COR__STORE(MM_VECTOR, lanes + 3 * WIDTH, s3);
    for (int i = 0; i < 4; i++) {
        const MM_SCALAR *at = lanes + i * WIDTH;
        quad sum = COR__LOAD(quad, at);
        for (int j = 4; j < WIDTH; j += 4) sum += COR__LOAD(quad, at + j);
        COR__STORE(quad, folded + 4 * i, sum);
    }
    MM_ID(turn_four)(folded, 4, turned, 4);
    const quad left = COR__LOAD(quad, turned) + COR__LOAD(quad, turned + 4);
    COR__STORE(quad, sums, left + (COR__LOAD(quad, turned + 8) + COR__LOAD(quad, turned + 12)));
}

#define MM_DOT(i)                                                                                                      \
    if (rows > i) {                                                                                                    \
        s##i##0 += COR__LOAD(MM_VECTOR, a + i * row) * x0;                                                             \
        s##i##1 += COR__LOAD(MM_VECTOR, a + i * row + MM_ID(LANES)) * x1;                                              \
    }
#define MM_LAST(i)                                                                                                     \
    if (rows > i) {                                                                                                    \
        const int64_t first = n < MM_ID(LANES) ? n : MM_ID(LANES);                                                     \
        s##i##0 += MM_ID(load_some)(a + i * row, first) * x0;                                                          \
        s##i##1 += MM_ID(load_some)(a + i * row + first, n - first) * x1;                                              \
    }

/* At most LANES elements, with zeros behind them. */
COR__INLINE MM_VECTOR MM_ID(load_some)(const MM_SCALAR *from, int64_t n) {
    return n == MM_ID(LANES) ? COR__LOAD(MM_VECTOR, from) : MM_ID(load_part)(from, n);
}

/* Up to four rows, a constant: each sums in two vectors, whatever its neighbours are. */
COR__INLINE void MM_ID(dot_rows)(const int rows, int64_t n, const MM_SCALAR *a, int64_t row, const MM_SCALAR *x,
                                 MM_SCALAR *sums) {
    MM_VECTOR s00 = {0}, s01 = {0}, s10 = {0}, s11 = {0}, s20 = {0}, s21 = {0}, s30 = {0}, s31 = {0};
    for (; n >= 2 * MM_ID(LANES); n -= 2 * MM_ID(LANES), a += 2 * MM_ID(LANES), x += 2 * MM_ID(LANES)) {
        const MM_VECTOR x0 = COR__LOAD(MM_VECTOR, x), x1 = COR__LOAD(MM_VECTOR, x + MM_ID(LANES));
        MM_DOT(0)
        MM_DOT(1)
        MM_DOT(2)
        MM_DOT(3)
    }
    if (n > 0) {
        const int64_t part = n < MM_ID(LANES) ? n : MM_ID(LANES);
        const MM_VECTOR x0 = MM_ID(load_some)(x, part), x1 = MM_ID(load_some)(x + part, n - part);
        MM_LAST(0)
        MM_LAST(1)
        MM_LAST(2)
        MM_LAST(3)
    }
    MM_ID(sum_four)(s00 + s01, s10 + s11, s20 + s21, s30 + s31, sums);
}
#undef MM_DOT
#undef MM_LAST

static void MM_ID(dots)(int64_t rows, int64_t n, const void *a, int64_t row, const void *x, void *y, bool add) {
    const MM_SCALAR *pa = a;
    MM_SCALAR *py = y, sums[4];
    for (int64_t group; rows > 0; rows -= group, pa += group * row, py += group) {
        group = rows >= 4 ? 4 : 1;
        if (group == 4) MM_ID(dot_rows)(4, n, pa, row, x, sums);
        else MM_ID(dot_rows)(1, n, pa, row, x, sums);
        for (int64_t i = 0; i < group; i++) py[i] = add ? py[i] + sums[i] : sums[i];
    }
}
