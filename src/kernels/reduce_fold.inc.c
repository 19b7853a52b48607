/* reduce_fold.inc.c: one fold of one type. The includer defines RD_TYPE, RD_VECTOR (a vector of it), RD_ID(name), and
 * RD_JOIN(a, b) and RD_JOIN_VECTORS(a, b), what is left of two. */

enum { RD_ID(WIDE) = sizeof(RD_VECTOR) / sizeof(RD_TYPE) };

COR__INLINE RD_VECTOR RD_ID(load)(const RD_TYPE *x) {
    RD_VECTOR v;
    memcpy(&v, x, sizeof v);
    return v;
}

/* The two rows at x joined; held, so that the compiler does not mix it with what it is joined with next. */
COR__INLINE RD_VECTOR RD_ID(pair)(const RD_TYPE *x, int64_t stride) {
    RD_VECTOR v = RD_ID(load)(x), w = RD_ID(load)(x + stride);
    v = RD_JOIN_VECTORS(v, w);
    COR__HOLD(v);
    return v;
}

COR__INLINE RD_VECTOR RD_ID(join)(RD_VECTOR a, RD_VECTOR b) { return RD_JOIN_VECTORS(a, b); }

/* acc of n vectors (1, 2 or 4), which stay in registers while the rows go by. Where grouping changes no bit, rows are
 * first joined in pairs, for which nothing waits. */
COR__INLINE void RD_ID(vectors)(const int n, int64_t rows, RD_TYPE *acc, const RD_TYPE *from, const RD_TYPE *x,
                                int64_t stride) {
    enum { W = RD_ID(WIDE) };
    RD_VECTOR a = RD_ID(load)(from), b = a, c = a, d = a;
    if (n > 1) b = RD_ID(load)(from + W);
    if (n > 2) c = RD_ID(load)(from + 2 * W), d = RD_ID(load)(from + 3 * W);
    for (; RD_GROUPS && rows >= 2; rows -= 2, x += 2 * stride) {
        a = RD_ID(join)(a, RD_ID(pair)(x, stride));
        if (n > 1) b = RD_ID(join)(b, RD_ID(pair)(x + W, stride));
        if (n > 2) c = RD_ID(join)(c, RD_ID(pair)(x + 2 * W, stride));
        if (n > 2) d = RD_ID(join)(d, RD_ID(pair)(x + 3 * W, stride));
    }
    for (; rows > 0; rows--, x += stride) {
        a = RD_ID(join)(a, RD_ID(load)(x));
        if (n > 1) b = RD_ID(join)(b, RD_ID(load)(x + W));
        if (n > 2) c = RD_ID(join)(c, RD_ID(load)(x + 2 * W)), d = RD_ID(join)(d, RD_ID(load)(x + 3 * W));
    }
    memcpy(acc, &a, sizeof a);
    if (n > 1) memcpy(acc + W, &b, sizeof b);
    if (n > 2) memcpy(acc + 2 * W, &c, sizeof c), memcpy(acc + 3 * W, &d, sizeof d);
}

static void RD_ID(fold)(int64_t rows, int64_t columns, void *acc, const void *from, const void *x, int64_t stride) {
    RD_TYPE *to = acc;
    const RD_TYPE *start = from, *px = x;
    int64_t c = 0;
    for (; c + 4 * RD_ID(WIDE) <= columns; c += 4 * RD_ID(WIDE))
        RD_ID(vectors)(4, rows, to + c, start + c, px + c, stride);
    for (; c + RD_ID(WIDE) <= columns; c += RD_ID(WIDE)) RD_ID(vectors)(1, rows, to + c, start + c, px + c, stride);
    for (; c < columns; c++) {
        RD_TYPE a = start[c];
        for (int64_t r = 0; r < rows; r++) {
            const RD_TYPE b = px[r * stride + c];
            COR__FEW;
            a = RD_JOIN(a, b);
        }
        to[c] = a;
    }
}

/* Joins the upper half of 2 * low lanes into the lower. */
COR__INLINE void RD_ID(halve)(const int low, RD_TYPE *lanes) {
    for (int c = 0; c < low; c++) lanes[c] = RD_JOIN(lanes[c], lanes[c + low]);
}

static void RD_ID(block)(int64_t n, const void *x, void *result) {
    enum { TOGETHER = FOLD_LANES / RD_ID(WIDE) > 4 ? 4 : FOLD_LANES / RD_ID(WIDE) };
    _Alignas(64) RD_TYPE lanes[FOLD_LANES];
    const RD_TYPE *px = x;
    const int64_t rows = n / FOLD_LANES, whole = rows * FOLD_LANES;
    if (rows == 0) {
        memcpy(lanes, px, (size_t)n * sizeof *px);
        for (int64_t low = FOLD_LANES / 2; low > 0; n = n < low ? n : low, low /= 2)
            for (int64_t c = low; c < n; c++) {
                COR__FEW;
                lanes[c - low] = RD_JOIN(lanes[c - low], lanes[c]);
            }
    } else {
        for (int64_t c = 0; c < FOLD_LANES; c += TOGETHER * RD_ID(WIDE))
            RD_ID(vectors)(TOGETHER, rows - 1, lanes + c, px + c, px + FOLD_LANES + c, FOLD_LANES);
        for (int64_t c = 0; c < n - whole; c++) lanes[c] = RD_JOIN(lanes[c], px[whole + c]);
        RD_ID(halve)(16, lanes);
        RD_ID(halve)(8, lanes);
        RD_ID(halve)(4, lanes);
        RD_ID(halve)(2, lanes);
        RD_ID(halve)(1, lanes);
    }
    memcpy(result, lanes, sizeof lanes[0]);
}

#undef RD_TYPE
#undef RD_VECTOR
#undef RD_ID
#undef RD_JOIN
#undef RD_JOIN_VECTORS
#undef RD_GROUPS
