/* softmax_type.inc.c: softmax in one type. The includer defines SM_SCALAR, SM_VECTOR, SM_ID(name), SM_EXP (a vector to
 * its exponential) and SM_LOG (a scalar to its logarithm). */

enum { SM_ID(LANES) = sizeof(SM_VECTOR) / sizeof(SM_SCALAR) };

static SM_SCALAR SM_ID(largest)(int64_t n, const SM_SCALAR *x) {
    SM_SCALAR lanes[SM_ID(LANES)], most = -(SM_SCALAR)INFINITY;
    for (int64_t i = 0; i < SM_ID(LANES); i++) lanes[i] = most;
    int64_t i = 0;
    for (; i + SM_ID(LANES) <= n; i += SM_ID(LANES))
        for (int64_t l = 0; l < SM_ID(LANES); l++)
            lanes[l] = ((lanes[l] > x[i + l]) | (lanes[l] != lanes[l])) ? lanes[l] : x[i + l];
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

#undef SM_SCALAR
#undef SM_VECTOR
#undef SM_ID
#undef SM_EXP
#undef SM_LOG
