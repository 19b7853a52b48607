/* matmul_pack.inc.c: packing panels of matrices in one type. The includer defines MM_SCALAR and MM_ID(name). */

typedef MM_SCALAR MM_ID(quad) __attribute__((vector_size(4 * sizeof(MM_SCALAR))));
typedef MM_SCALAR MM_ID(quad_at) __attribute__((vector_size(4 * sizeof(MM_SCALAR)), aligned(1), may_alias));

/* Of four vectors the first four elements each become four columns of a panel. The order of the shuffles is the one
 * that takes one instruction each: within 16 bytes for 4-byte elements, across them for 8-byte ones. */
COR__INLINE void MM_ID(turn_four)(const MM_SCALAR *from, int64_t stride, MM_SCALAR *to, int64_t w) {
    typedef MM_ID(quad) quad;
    typedef MM_ID(quad_at) quad_at;
    const quad r0 = COR__LOAD(quad, from), r1 = COR__LOAD(quad, from + stride);
    const quad r2 = COR__LOAD(quad, from + 2 * stride), r3 = COR__LOAD(quad, from + 3 * stride);
    if (sizeof(MM_SCALAR) == 4) {
        const quad low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5),
                   high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
        const quad low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5),
                   high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
        COR__STORE(quad, to, __builtin_shufflevector(low01, low23, 0, 1, 4, 5));
        COR__STORE(quad, to + w, __builtin_shufflevector(low01, low23, 2, 3, 6, 7));
        COR__STORE(quad, to + 2 * w, __builtin_shufflevector(high01, high23, 0, 1, 4, 5));
        COR__STORE(quad, to + 3 * w, __builtin_shufflevector(high01, high23, 2, 3, 6, 7));
    } else {
        const quad even01 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6),
                   odd01 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
        const quad even23 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6),
                   odd23 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
        COR__STORE(quad, to, __builtin_shufflevector(even01, even23, 0, 1, 4, 5));
        COR__STORE(quad, to + w, __builtin_shufflevector(odd01, odd23, 0, 1, 4, 5));
        COR__STORE(quad, to + 2 * w, __builtin_shufflevector(even01, even23, 2, 3, 6, 7));
        COR__STORE(quad, to + 3 * w, __builtin_shufflevector(odd01, odd23, 2, 3, 6, 7));
    }
}

/* Vectors that lie along k, four at a time; the last four overlap others when n is no multiple of four. A short piece
 * of the panel at a time stays in the first-level cache, as each of its lines is written in several turns. */
COR__INLINE void MM_ID(pack_turned)(int64_t n, int64_t w, int64_t k, const MM_SCALAR *from, int64_t stride,
                                    MM_SCALAR *to) {
    enum { PIECE = 64 };
    const int64_t whole = n < 4 ? 0 : k / 4 * 4;
    for (int64_t start = 0; start < whole; start += PIECE) {
        const int64_t end = start + PIECE < whole ? start + PIECE : whole;
        for (int64_t j = 0; j < n; j += 4) {
            const int64_t at = j + 4 <= n ? j : n - 4;
            for (int64_t i = start; i < end; i += 4)
                MM_ID(turn_four)(from + at * stride + i, stride, to + i * w + at, w);
        }
    }
    for (int64_t i = whole; i < k; i++)
        for (int64_t j = 0; j < n; j++) to[i * w + j] = from[j * stride + i];
}

/* Vectors that lie side by side. Rows of a large matrix are pages apart, where no machine looks ahead by itself. The
 * end of a row is a whole vector, too, as far as the next row is there to be read and to be written over what is too
 * much. */
COR__INLINE void MM_ID(pack_straight)(int64_t n, int64_t w, int64_t k, const MM_SCALAR *from, int64_t k_stride,
                                      MM_SCALAR *to) {
    const int64_t whole = n / MM_ID(LANES) * MM_ID(LANES), end = whole + MM_ID(LANES);
    const int64_t beyond = n > whole && end <= n + k_stride && end <= 2 * w ? k - 1 : 0;
    for (int64_t i = 0; i < k; i++, from += k_stride, to += w) {
        __builtin_prefetch(from + 16 * k_stride);
        __builtin_prefetch(from + 16 * k_stride + n - 1);
        for (int64_t j = 0; j < (i < beyond ? n : whole); j += MM_ID(LANES))
            COR__STORE(MM_VECTOR, to + j, COR__LOAD(MM_VECTOR, from + j));
        if (i >= beyond) MM_ID(copy_part)(to + whole, from + whole, n - whole);
    }
}

/* Whole panels have constant widths, which lets the compiler unroll. */
static void MM_ID(pack)(int64_t n, int64_t w, int64_t k, const void *from, int64_t stride, int64_t k_stride, void *to) {
    const MM_SCALAR *const all = from;
    MM_SCALAR *const panel = to;
    if (k_stride == 1) {
        if (n == MM_ROWS && w == MM_ROWS) MM_ID(pack_turned)(MM_ROWS, MM_ROWS, k, all, stride, panel);
        else if (n == MM_ID(COLUMNS)) MM_ID(pack_turned)(MM_ID(COLUMNS), MM_ID(COLUMNS), k, all, stride, panel);
        else MM_ID(pack_turned)(n, w, k, all, stride, panel);
    } else if (stride == 1) {
        if (n == MM_ROWS && w == MM_ROWS) MM_ID(pack_straight)(MM_ROWS, MM_ROWS, k, all, k_stride, panel);
        else if (n == MM_ID(COLUMNS)) MM_ID(pack_straight)(MM_ID(COLUMNS), MM_ID(COLUMNS), k, all, k_stride, panel);
        else MM_ID(pack_straight)(n, w, k, all, k_stride, panel);
    } else {
        for (int64_t i = 0; i < k; i++)
            for (int64_t j = 0; j < n; j++) panel[i * w + j] = all[i * k_stride + j * stride];
    }
    for (int64_t i = 0; n < w && i < k; i++)
        for (int64_t j = n; j < w; j++) panel[i * w + j] = 0;
}
