/* softmax_type.inc.c: softmax in one type. The includer defines SM_SCALAR, SM_VECTOR, SM_MASK, SM_ID(name), SM_EXP (a
 * vector to its exponential) and SM_LOG (a scalar to its logarithm). */

enum { SM_ID(LANES) = sizeof(SM_VECTOR) / sizeof(SM_SCALAR) };

/* The larger lane by lane; NaN if one is. */
static inline SM_VECTOR SM_ID(larger)(SM_VECTOR a, SM_VECTOR b) {
    const SM_MASK first = (SM_MASK)(a > b) | (SM_MASK)(a != a);
    return (SM_VECTOR)(((SM_MASK)a & first) | ((SM_MASK)b & ~first));
}

static SM_SCALAR SM_ID(largest)(int64_t n, const SM_SCALAR *x) {
    SM_SCALAR lanes[SM_ID(LANES)], most = -(SM_SCALAR)INFINITY;
    SM_VECTOR first = most - (SM_VECTOR){0}, second = first;
    int64_t i = 0;
    for (; i + 2 * SM_ID(LANES) <= n; i += 2 * SM_ID(LANES)) {
        first = SM_ID(larger)(first, *(const SM_VECTOR *)(x + i));
        second = SM_ID(larger)(second, *(const SM_VECTOR *)(x + i + SM_ID(LANES)));
    }
    *(SM_VECTOR *)lanes = SM_ID(larger)(first, second);
    for (; i < n; i++) most = ((most > x[i]) | (most != most)) ? most : x[i];
    for (int64_t l = 0; l < SM_ID(LANES); l++) most = ((most > lanes[l]) | (most != most)) ? most : lanes[l];
    return most;
}

/* The last elements go through the vector code too, as the scalar functions differ in the last bit; -infinity, whose
 * exponential is 0, stands behind them. */
static SM_VECTOR SM_ID(load_exp)(int64_t n, const SM_SCALAR *x, SM_SCALAR most) {
    if (n >= SM_ID(LANES)) return SM_EXP(*(const SM_VECTOR *)x - most);
    SM_SCALAR padded[SM_ID(LANES)];
    for (int64_t l = 0; l < SM_ID(LANES); l++) padded[l] = l < n ? x[l] - most : -(SM_SCALAR)INFINITY;
    return SM_EXP(*(const SM_VECTOR *)padded);
}

/* Sum of exp(x - most), of blocks of sums by lane; the exponentials are written to out unless it is NULL. */
static SM_SCALAR SM_ID(exponentials)(int64_t n, SM_SCALAR *out, const SM_SCALAR *x, SM_SCALAR most) {
    enum { BLOCK = 64 * SM_ID(LANES) };
    SM_VECTOR total = {0};
    SM_SCALAR lanes[SM_ID(LANES)];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        SM_VECTOR sum = {0};
        for (int64_t i = begin; i < n && i < begin + BLOCK; i += SM_ID(LANES)) {
            const SM_VECTOR e = SM_ID(load_exp)(n - i, x + i, most);
            sum += e;
            if (out == NULL) continue;
            if (n - i >= SM_ID(LANES)) *(SM_VECTOR *)(out + i) = e;
            else memcpy(out + i, &e, (size_t)(n - i) * sizeof(SM_SCALAR));
        }
        total += sum;
    }
    *(SM_VECTOR *)lanes = total;
    for (int64_t width = SM_ID(LANES) / 2; width > 0; width /= 2)
        for (int64_t l = 0; l < width; l++) lanes[l] += lanes[l + width];
    return lanes[0];
}

static void SM_ID(softmax)(int64_t n, void *out, const void *x) {
    SM_SCALAR *to = out;
    const SM_SCALAR sum = SM_ID(exponentials)(n, to, x, SM_ID(largest)(n, x));
    for (int64_t i = 0; i < n; i++) to[i] /= sum;
}

static void SM_ID(log_softmax)(int64_t n, void *out, const void *x) {
    SM_SCALAR *to = out;
    const SM_SCALAR *from = x, most = SM_ID(largest)(n, x);
    const SM_SCALAR log_sum = SM_LOG(SM_ID(exponentials)(n, NULL, x, most));
    for (int64_t i = 0; i < n; i++) to[i] = from[i] - most - log_sum;
}

/* ---- lines side by side, a lane each: the operations on a line are the same, in the same order --------------------
 */

/* The first n lanes from memory, zeros behind them, and back. */
static inline SM_VECTOR SM_ID(get)(int64_t n, const SM_SCALAR *x) {
    SM_VECTOR v = {0};
    if (n >= SM_ID(LANES)) return *(const SM_VECTOR *)x;
    memcpy(&v, x, (size_t)n * sizeof *x);
    return v;
}

static inline void SM_ID(put)(int64_t n, SM_SCALAR *out, SM_VECTOR v) {
    if (n >= SM_ID(LANES)) *(SM_VECTOR *)out = v;
    else memcpy(out, &v, (size_t)n * sizeof *out);
}

/* The sums of exponentials(), of lines that are the first `lines` lanes. */
static SM_VECTOR SM_ID(column_sums)(int64_t n, int64_t lines, SM_SCALAR *out, int64_t out_stride, const SM_SCALAR *x,
                                    int64_t stride, SM_VECTOR most) {
    enum { BLOCK = 64 * SM_ID(LANES) };
    SM_VECTOR totals[SM_ID(LANES)] = {{0}}, sums[SM_ID(LANES)];
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        memset(sums, 0, sizeof sums);
        for (int64_t i = begin; i < n && i < begin + BLOCK; i++) {
            const SM_VECTOR e = SM_EXP(SM_ID(get)(lines, x + i * stride) - most);
            sums[i % SM_ID(LANES)] += e;
            if (out != NULL) SM_ID(put)(lines, out + i * out_stride, e);
        }
        for (int64_t l = 0; l < SM_ID(LANES); l++) totals[l] += sums[l];
    }
    for (int64_t width = SM_ID(LANES) / 2; width > 0; width /= 2)
        for (int64_t l = 0; l < width; l++) totals[l] += totals[l + width];
    return totals[0];
}

static SM_VECTOR SM_ID(column_largest)(int64_t n, int64_t lines, const SM_SCALAR *x, int64_t stride) {
    SM_VECTOR most = -(SM_SCALAR)INFINITY - (SM_VECTOR){0};
    for (int64_t i = 0; i < n; i++) most = SM_ID(larger)(most, SM_ID(get)(lines, x + i * stride));
    return most;
}

static void SM_ID(softmax_columns)(int64_t n, int64_t lines, void *out, int64_t out_stride, const void *x,
                                   int64_t stride) {
    for (int64_t done = 0; done < lines; done += SM_ID(LANES)) {
        const SM_SCALAR *from = (const SM_SCALAR *)x + done;
        SM_SCALAR *to = (SM_SCALAR *)out + done;
        const int64_t rest = lines - done;
        const SM_VECTOR most = SM_ID(column_largest)(n, rest, from, stride);
        const SM_VECTOR sum = SM_ID(column_sums)(n, rest, to, out_stride, from, stride, most);
        for (int64_t i = 0; i < n; i++, to += out_stride) SM_ID(put)(rest, to, SM_ID(get)(rest, to) / sum);
    }
}

static void SM_ID(log_softmax_columns)(int64_t n, int64_t lines, void *out, int64_t out_stride, const void *x,
                                       int64_t stride) {
    for (int64_t done = 0; done < lines; done += SM_ID(LANES)) {
        const SM_SCALAR *from = (const SM_SCALAR *)x + done;
        SM_SCALAR *to = (SM_SCALAR *)out + done, logs[SM_ID(LANES)];
        const int64_t rest = lines - done;
        const SM_VECTOR most = SM_ID(column_largest)(n, rest, from, stride);
        *(SM_VECTOR *)logs = SM_ID(column_sums)(n, rest, NULL, 0, from, stride, most);
        for (int64_t l = 0; l < SM_ID(LANES); l++) logs[l] = SM_LOG(logs[l]);
        const SM_VECTOR log_sum = *(const SM_VECTOR *)logs;
        for (int64_t i = 0; i < n; i++, to += out_stride, from += stride)
            SM_ID(put)(rest, to, SM_ID(get)(rest, from) - most - log_sum);
    }
}

#undef SM_SCALAR
#undef SM_VECTOR
#undef SM_MASK
#undef SM_ID
#undef SM_EXP
#undef SM_LOG
