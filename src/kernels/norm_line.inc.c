/* norm_line.inc.c: the loops over a line that is normalised as a whole, for one type: NORM_T in vectors of NORM_V, with
 * names by NORM. Sums are formed in the type in blocks, so short that their roundings do not add up, and the blocks'
 * sums in double. */

enum { NORM(LANES) = COR__VEC_BYTES / sizeof(NORM_T), NORM(STEP) = 4 * NORM(LANES), NORM(BLOCK) = 16 * NORM(STEP) };

/* The sum over the lanes, in double. */
COR__INLINE double NORM(lanes)(NORM_V sums) {
    NORM_T lane[NORM(LANES)];
    double total = 0;
    memcpy(lane, &sums, sizeof lane);
    for (int i = 0; i < NORM(LANES); i++) total += (double)lane[i];
    return total;
}

/* The first n elements at x, less than a vector, and `fill` in the other lanes. */
COR__INLINE NORM_V NORM(part)(const NORM_T *x, int64_t n, NORM_T fill) {
    NORM_V v = COR__ALL(NORM_V, fill);
    memcpy(&v, x, (size_t)n * sizeof(NORM_T));
    return v;
}

static double NORM(line_sum)(int64_t n, const void *p) {
    const NORM_T *x = p;
    double total = 0;
    for (int64_t end; n >= NORM(STEP); x += end, n -= end) {
        NORM_V a = {0}, b = {0}, c = {0}, d = {0};
        end = (n < NORM(BLOCK) ? n : NORM(BLOCK)) / NORM(STEP) * NORM(STEP);
        for (int64_t i = 0; i < end; i += NORM(STEP)) {
            a += COR__LOAD(NORM_V, x + i);
            b += COR__LOAD(NORM_V, x + i + NORM(LANES));
            c += COR__LOAD(NORM_V, x + i + 2 * NORM(LANES));
            d += COR__LOAD(NORM_V, x + i + 3 * NORM(LANES));
        }
        total += NORM(lanes)((a + b) + (c + d));
    }
    NORM_V rest = {0};
    for (; n >= NORM(LANES); x += NORM(LANES), n -= NORM(LANES)) rest += COR__LOAD(NORM_V, x);
    if (n > 0) rest += NORM(part)(x, n, 0);
    return total + NORM(lanes)(rest);
}

static void NORM(deviations)(int64_t n, const void *p, double centre, double *sum, double *squares) {
    const NORM_T *x = p, m = (NORM_T)centre;
    double total = 0, squared = 0;
    for (int64_t end; n >= NORM(LANES); x += end, n -= end) {
        NORM_V a = {0}, b = {0}, aa = {0}, bb = {0};
        int64_t i = 0;
        end = (n < NORM(BLOCK) ? n : NORM(BLOCK)) / NORM(LANES) * NORM(LANES);
        for (; i + NORM(LANES) < end; i += 2 * NORM(LANES)) {
            const NORM_V v = COR__LOAD(NORM_V, x + i) - m, w = COR__LOAD(NORM_V, x + i + NORM(LANES)) - m;
            a += v;
            b += w;
            aa += v * v;
            bb += w * w;
        }
        for (; i < end; i += NORM(LANES)) {
            const NORM_V v = COR__LOAD(NORM_V, x + i) - m;
            a += v;
            aa += v * v;
        }
        total += NORM(lanes)(a + b);
        squared += NORM(lanes)(aa + bb);
    }
    if (n > 0) {
        const NORM_V v = NORM(part)(x, n, m) - m;
        total += NORM(lanes)(v);
        squared += NORM(lanes)(v * v);
    }
    *sum = total;
    *squares = squared;
}

COR__INLINE void NORM(scaled)(int64_t n, NORM_T *y, const NORM_T *x, NORM_T m, NORM_T s, const NORM_T *w,
                              const NORM_T *b) {
    int64_t i = 0;
    for (; i + NORM(LANES) <= n; i += NORM(LANES)) {
        NORM_V v = (COR__LOAD(NORM_V, x + i) - m) * s;
        if (w != NULL) v *= COR__LOAD(NORM_V, w + i);
        if (b != NULL) v += COR__LOAD(NORM_V, b + i);
        COR__STORE(NORM_V, y + i, v);
    }
    if (i == n) return;
    NORM_V v = (NORM(part)(x + i, n - i, 0) - m) * s;
    if (w != NULL) v *= NORM(part)(w + i, n - i, 0);
    if (b != NULL) v += NORM(part)(b + i, n - i, 0);
    memcpy(y + i, &v, (size_t)(n - i) * sizeof(NORM_T));
}

static void NORM(normalise)(int64_t n, void *y, const void *x, double mean, double scale, const void *weight,
                            const void *bias) {
    const NORM_T m = (NORM_T)mean, s = (NORM_T)scale;
    if (weight != NULL && bias != NULL) NORM(scaled)(n, y, x, m, s, weight, bias);
    else if (weight != NULL) NORM(scaled)(n, y, x, m, s, weight, NULL);
    else NORM(scaled)(n, y, x, m, s, NULL, bias);
}

static void NORM(shifted)(int64_t n, void *to, const void *from, double mean, double scale, double shift) {
    const NORM_T *x = from, m = (NORM_T)mean, s = (NORM_T)scale, b = (NORM_T)shift;
    NORM_T *y = to;
    int64_t i = 0;
    for (; i + NORM(LANES) <= n; i += NORM(LANES)) COR__STORE(NORM_V, y + i, (COR__LOAD(NORM_V, x + i) - m) * s + b);
    if (i == n) return;
    const NORM_V v = (NORM(part)(x + i, n - i, 0) - m) * s + b;
    memcpy(y + i, &v, (size_t)(n - i) * sizeof(NORM_T));
}

static void NORM(gradient_sums)(int64_t n, const void *from, const void *gradient, double centre, double sums[4]) {
    const NORM_T *x = from, *g = gradient, m = (NORM_T)centre;
    for (int64_t end; n >= NORM(LANES); x += end, g += end, n -= end) {
        NORM_V a = {0}, b = {0}, aa = {0}, bb = {0}, c = {0}, d = {0}, ac = {0}, bd = {0};
        int64_t i = 0;
        end = (n < NORM(BLOCK) ? n : NORM(BLOCK)) / NORM(LANES) * NORM(LANES);
        for (; i + NORM(LANES) < end; i += 2 * NORM(LANES)) {
            const NORM_V v = COR__LOAD(NORM_V, x + i) - m, w = COR__LOAD(NORM_V, x + i + NORM(LANES)) - m;
            const NORM_V p = COR__LOAD(NORM_V, g + i), q = COR__LOAD(NORM_V, g + i + NORM(LANES));
            a += v, b += w;
            aa += v * v, bb += w * w;
            c += p, d += q;
            ac += v * p, bd += w * q;
        }
        for (; i < end; i += NORM(LANES)) {
            const NORM_V v = COR__LOAD(NORM_V, x + i) - m, p = COR__LOAD(NORM_V, g + i);
            a += v, aa += v * v, c += p, ac += v * p;
        }
        sums[0] += NORM(lanes)(a + b);
        sums[1] += NORM(lanes)(aa + bb);
        sums[2] += NORM(lanes)(c + d);
        sums[3] += NORM(lanes)(ac + bd);
    }
    for (int64_t i = 0; i < n; i++) {
        const double v = (double)(NORM_T)(x[i] - m), p = (double)g[i];
        sums[0] += v, sums[1] += v * v, sums[2] += p, sums[3] += v * p;
    }
}

static void NORM(combine)(int64_t n, void *to, const void *from, const void *gradient, double centre, double first,
                          double second, double third) {
    const NORM_T *x = from, *g = gradient, m = (NORM_T)centre, a = (NORM_T)first, b = (NORM_T)second, c = (NORM_T)third;
    NORM_T *y = to;
    int64_t i = 0;
    for (; i + NORM(LANES) <= n; i += NORM(LANES))
        COR__STORE(NORM_V, y + i, COR__LOAD(NORM_V, g + i) * a + (COR__LOAD(NORM_V, x + i) - m) * b + c);
    for (; i < n; i++) y[i] = g[i] * a + (x[i] - m) * b + c;
}
