/* matmul_type.inc.c: products of matrices in one type. The includer defines MM_SCALAR, MM_VECTOR and MM_ID(name). */

enum { MM_ID(LANES) = sizeof(MM_VECTOR) / sizeof(MM_SCALAR), MM_ID(COLUMNS) = MM_VECTORS * MM_ID(LANES) };

/* ---- a tile: six rows by MM_VECTORS vectors, each accumulator with a name, as arrays of vectors end up in memory --
 */

#if MM_VECTORS == 4
#define MM_WIDE(statement) statement
#else
#define MM_WIDE(statement)
#endif

#define MM_ACCUMULATORS(i)                                                                                             \
    MM_VECTOR c##i##0 = {0}, c##i##1 = {0};                                                                            \
    MM_WIDE(MM_VECTOR c##i##2 = {0}; MM_VECTOR c##i##3 = {0};)

#define MM_ROW(i)                                                                                                      \
    {                                                                                                                  \
        const MM_VECTOR x = COR__ALL(MM_VECTOR, pa[i]);                                                                \
        c##i##0 += x * b0;                                                                                             \
        c##i##1 += x * b1;                                                                                             \
        MM_WIDE(c##i##2 += x * b2; c##i##3 += x * b3;)                                                                 \
    }

#define MM_PUT(i, v)                                                                                                   \
    {                                                                                                                  \
        MM_SCALAR *at = pc + i * row + v * MM_ID(LANES);                                                               \
        COR__STORE(MM_VECTOR, at, add ? COR__LOAD(MM_VECTOR, at) + c##i##v : c##i##v);                                 \
    }
#define MM_STORE(i)                                                                                                    \
    MM_PUT(i, 0)                                                                                                       \
    MM_PUT(i, 1)                                                                                                       \
    MM_WIDE(MM_PUT(i, 2) MM_PUT(i, 3))

#define MM_ROWS(what) what(0) what(1) what(2) what(3) what(4) what(5)

static void MM_ID(tile)(int64_t k, const void *a, const void *b, void *c, int64_t row, bool add) {
    const MM_SCALAR *pa = a, *pb = b;
    MM_SCALAR *pc = c;
    MM_ROWS(MM_ACCUMULATORS)
    for (int64_t i = 0; i < k; i++, pa += COR__TILE_ROWS, pb += MM_ID(COLUMNS)) {
        const MM_VECTOR b0 = COR__LOAD(MM_VECTOR, pb), b1 = COR__LOAD(MM_VECTOR, pb + MM_ID(LANES));
        MM_WIDE(const MM_VECTOR b2 = COR__LOAD(MM_VECTOR, pb + 2 * MM_ID(LANES));
                const MM_VECTOR b3 = COR__LOAD(MM_VECTOR, pb + 3 * MM_ID(LANES));)
        MM_ROWS(MM_ROW)
    }
    MM_ROWS(MM_STORE)
}

#undef MM_WIDE
#undef MM_ACCUMULATORS
#undef MM_ROW
#undef MM_PUT
#undef MM_STORE
#undef MM_ROWS

static void MM_ID(merge)(int64_t m, int64_t n, const void *tile, void *c, int64_t row, bool add) {
    const MM_SCALAR *from = tile;
    MM_SCALAR *to = c;
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) to[i * row + j] = (add ? to[i * row + j] : 0) + from[i * MM_ID(COLUMNS) + j];
}

/* ---- packing ---------------------------------------------------------------------------------------------------- */

static inline __attribute__((always_inline)) void MM_ID(pack_panel)(int64_t n, int64_t w, int64_t k,
                                                                    const MM_SCALAR *from, int64_t stride,
                                                                    int64_t k_stride, MM_SCALAR *restrict to) {
    if (k_stride == 1) { /* along the vectors, so that each is read in one go */
        for (int64_t j = 0; j < n; j++)
            for (int64_t i = 0; i < k; i++) to[i * w + j] = from[j * stride + i];
    } else if (stride == 1) {
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j < n; j++) to[i * w + j] = from[i * k_stride + j];
    } else {
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j < n; j++) to[i * w + j] = from[i * k_stride + j * stride];
    }
    for (int64_t i = 0; n < w && i < k; i++)
        for (int64_t j = n; j < w; j++) to[i * w + j] = 0;
}

/* Whole panels have constant widths, which lets the compiler unroll. */
static void MM_ID(pack)(int64_t n, int64_t w, int64_t k, const void *from, int64_t stride, int64_t k_stride, void *to) {
    if (n == COR__TILE_ROWS && w == COR__TILE_ROWS)
        MM_ID(pack_panel)(COR__TILE_ROWS, COR__TILE_ROWS, k, from, stride, k_stride, to);
    else if (n == MM_ID(COLUMNS) && w == MM_ID(COLUMNS))
        MM_ID(pack_panel)(MM_ID(COLUMNS), MM_ID(COLUMNS), k, from, stride, k_stride, to);
    else MM_ID(pack_panel)(n, w, k, from, stride, k_stride, to);
}

/* ---- vectors ---------------------------------------------------------------------------------------------------- */

/* Lane i mod (4 * LANES) of four vectors; the last elements come with zeros behind them. */
static void MM_ID(dot)(int64_t n, const void *a, const void *b, void *y, bool add) {
    enum { STEP = 4 * MM_ID(LANES) };
    const MM_SCALAR *pa = a, *pb = b;
    MM_SCALAR rest[2][STEP] = {{0}}, lanes[STEP], *out = y;
    MM_VECTOR s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    for (int64_t i = 0; i < n; i += STEP, pa += STEP, pb += STEP) {
        if (n - i < STEP) {
            memcpy(rest[0], pa, (size_t)(n - i) * sizeof(MM_SCALAR));
            memcpy(rest[1], pb, (size_t)(n - i) * sizeof(MM_SCALAR));
            pa = rest[0];
            pb = rest[1];
        }
        s0 += COR__LOAD(MM_VECTOR, pa) * COR__LOAD(MM_VECTOR, pb);
        s1 += COR__LOAD(MM_VECTOR, pa + MM_ID(LANES)) * COR__LOAD(MM_VECTOR, pb + MM_ID(LANES));
        s2 += COR__LOAD(MM_VECTOR, pa + 2 * MM_ID(LANES)) * COR__LOAD(MM_VECTOR, pb + 2 * MM_ID(LANES));
        s3 += COR__LOAD(MM_VECTOR, pa + 3 * MM_ID(LANES)) * COR__LOAD(MM_VECTOR, pb + 3 * MM_ID(LANES));
    }
    COR__STORE(MM_VECTOR, lanes, (s0 + s1) + (s2 + s3));
    for (int64_t half = MM_ID(LANES) / 2; half > 0; half /= 2)
        for (int64_t i = 0; i < half; i++) lanes[i] += lanes[i + half];
    *out = (add ? *out : 0) + lanes[0];
}

static void MM_ID(sweep)(int64_t n, int64_t k, const void *x, int64_t x_stride, const void *b, int64_t row, void *y,
                         bool add) {
    enum { STEP = 4 * MM_ID(LANES) };
    const MM_SCALAR *px = x, *pb = b;
    MM_SCALAR *py = y;
    int64_t j = 0;
    for (; j + STEP <= n; j += STEP) {
        MM_VECTOR s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
        const MM_SCALAR *at = pb + j;
        for (int64_t i = 0; i < k; i++, at += row) {
            const MM_VECTOR v = COR__ALL(MM_VECTOR, px[i * x_stride]);
            s0 += v * COR__LOAD(MM_VECTOR, at);
            s1 += v * COR__LOAD(MM_VECTOR, at + MM_ID(LANES));
            s2 += v * COR__LOAD(MM_VECTOR, at + 2 * MM_ID(LANES));
            s3 += v * COR__LOAD(MM_VECTOR, at + 3 * MM_ID(LANES));
        }
        MM_VECTOR sums[4] = {s0, s1, s2, s3};
        MM_ID(merge)(1, STEP, sums, py + j, 0, add);
    }
    for (; j < n; j++) {
        MM_SCALAR s = 0;
        for (int64_t i = 0; i < k; i++) s += px[i * x_stride] * pb[i * row + j];
        py[j] = (add ? py[j] : 0) + s;
    }
}

static const cor__matmul_type MM_ID(kernels) = {.columns = MM_ID(COLUMNS),
                                                .tile = MM_ID(tile),
                                                .pack = MM_ID(pack),
                                                .dot = MM_ID(dot),
                                                .sweep = MM_ID(sweep),
                                                .merge = MM_ID(merge)};

#undef MM_SCALAR
#undef MM_VECTOR
#undef MM_ID
