/* matmul_tile.inc.c: tiles of products in one type. The includer defines MM_SCALAR, MM_VECTOR and MM_ID(name), and
 * MM_ROWS: the rows of the largest tile, which with two vectors a row leaves three registers free. Every accumulator
 * has a name: arrays of vectors end up in memory. */

#define MM_EACH_ROW(what)                                                                                              \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) what(11) what(12) what(13)

#define MM_ACCUMULATORS(i) MM_VECTOR x##i = {0}, y##i = {0};
#define MM_FETCH(i)                                                                                                    \
    if (rows > i) __builtin_prefetch(pc + i * row, 1);
#define MM_ROW(i)                                                                                                      \
    if (rows > i) {                                                                                                    \
        const MM_VECTOR s = COR__ALL(MM_VECTOR, pa[i]);                                                                \
        x##i += s * b0;                                                                                                \
        if (vectors > 1) y##i += s * b1;                                                                               \
    }
#define MM_ADD(i)                                                                                                      \
    if (rows > i) {                                                                                                    \
        x##i += COR__LOAD(MM_VECTOR, pc + i * row);                                                                    \
        if (vectors > 1) y##i += COR__LOAD(MM_VECTOR, pc + i * row + MM_ID(LANES));                                    \
    }
#define MM_BIAS(i)                                                                                                     \
    if (rows > i) {                                                                                                    \
        x##i += b0;                                                                                                    \
        if (vectors > 1) y##i += b1;                                                                                   \
    }
#define MM_STORE(i)                                                                                                    \
    if (rows > i) {                                                                                                    \
        COR__STORE(MM_VECTOR, pc + i * row, x##i);                                                                     \
        if (vectors > 1) COR__STORE(MM_VECTOR, pc + i * row + MM_ID(LANES), y##i);                                     \
    }

/* One tile of `rows` by `vectors`, both constants. */
COR__INLINE void MM_ID(tile)(const int rows, const int vectors, const cor__matmul_block *block, const MM_SCALAR *pa,
                             const MM_SCALAR *pb, const MM_SCALAR *bias, MM_SCALAR *pc) {
    const int64_t row = block->c_row, a_step = block->a_step, b_step = block->b_step;
    MM_EACH_ROW(MM_ACCUMULATORS)
    MM_EACH_ROW(MM_FETCH)
    for (int64_t k = block->k; k > 0; k--, pa += a_step, pb += b_step) {
        const MM_VECTOR b0 = COR__LOAD(MM_VECTOR, pb);
        const MM_VECTOR b1 = vectors > 1 ? COR__LOAD(MM_VECTOR, pb + MM_ID(LANES)) : b0;
        MM_EACH_ROW(MM_ROW)
    }
    if (block->add) {
        MM_EACH_ROW(MM_ADD)
    }
    if (bias != NULL) {
        const MM_VECTOR b0 = COR__LOAD(MM_VECTOR, bias);
        const MM_VECTOR b1 = vectors > 1 ? COR__LOAD(MM_VECTOR, bias + MM_ID(LANES)) : b0;
        MM_EACH_ROW(MM_BIAS)
    }
    MM_EACH_ROW(MM_STORE)
}

#undef MM_EACH_ROW
#undef MM_ACCUMULATORS
#undef MM_FETCH
#undef MM_ROW
#undef MM_ADD
#undef MM_BIAS
#undef MM_STORE

#define MM_TILE(rows, vectors)                                                                                         \
    static void MM_ID(tile_##rows##x##vectors)(const cor__matmul_block *block, const void *a, const void *b,           \
                                               const void *bias, void *c) {                                            \
        MM_ID(tile)(rows, vectors, block, a, b, bias, c);                                                              \
    }
#define MM_TILES(rows) MM_TILE(rows, 1) MM_TILE(rows, 2)
#define MM_NAMES(rows)                                                                                                 \
    { MM_ID(tile_##rows##x1), MM_ID(tile_##rows##x2) }
// clang-format off
MM_TILES(1) MM_TILES(2) MM_TILES(3) MM_TILES(4) MM_TILES(5) MM_TILES(6)
#if MM_ROWS > 6
MM_TILES(7) MM_TILES(8) MM_TILES(9) MM_TILES(10) MM_TILES(11) MM_TILES(12) MM_TILES(13) MM_TILES(14)
#define MM_ALL_TILES                                                                                                   \
    {MM_NAMES(1), MM_NAMES(2), MM_NAMES(3), MM_NAMES(4), MM_NAMES(5), MM_NAMES(6), MM_NAMES(7), MM_NAMES(8),           \
     MM_NAMES(9), MM_NAMES(10), MM_NAMES(11), MM_NAMES(12), MM_NAMES(13), MM_NAMES(14)}
#else
#define MM_ALL_TILES {MM_NAMES(1), MM_NAMES(2), MM_NAMES(3), MM_NAMES(4), MM_NAMES(5), MM_NAMES(6)}
#endif
// clang-format on
#undef MM_TILE
#undef MM_TILES

    /* Fewer than LANES elements, in pieces of halving sizes. */
    COR__INLINE void MM_ID(copy_part)(MM_SCALAR *to, const MM_SCALAR *from, int64_t n) {
    for (int64_t piece = MM_ID(LANES) / 2; piece > 0; piece /= 2) {
        if ((n & piece) == 0) continue;
        memcpy(to, from, (size_t)piece * sizeof(MM_SCALAR));
        to += piece;
        from += piece;
    }
}

/* The lanes behind the first n are zero. */
COR__INLINE MM_VECTOR MM_ID(load_part)(const MM_SCALAR *from, int64_t n) {
    MM_SCALAR lanes[MM_ID(LANES)] = {0};
    MM_ID(copy_part)(lanes, from, n);
    return COR__LOAD(MM_VECTOR, lanes);
}

static void MM_ID(merge)(const cor__matmul_block *block, int64_t m, int64_t n, const void *tile, int64_t width,
                         const void *bias, void *c) {
    const int64_t whole = n / MM_ID(LANES) * MM_ID(LANES), rest = n - whole;
    const MM_SCALAR *from = tile, *pb = bias;
    MM_SCALAR *to = c;
    const MM_VECTOR last = pb != NULL && rest > 0 ? MM_ID(load_part)(pb + whole, rest) : (MM_VECTOR){0};
    for (int64_t i = 0; i < m; i++, from += width, to += block->c_row) {
        for (int64_t j = 0; j < whole; j += MM_ID(LANES)) {
            MM_VECTOR s = COR__LOAD(MM_VECTOR, from + j);
            if (block->add) s += COR__LOAD(MM_VECTOR, to + j);
            if (pb != NULL) s += COR__LOAD(MM_VECTOR, pb + j);
            COR__STORE(MM_VECTOR, to + j, s);
        }
        MM_VECTOR s = COR__LOAD(MM_VECTOR, from + whole);
        if (block->add) s += MM_ID(load_part)(to + whole, rest);
        if (pb != NULL) s += last;
        MM_SCALAR lanes[MM_ID(LANES)];
        COR__STORE(MM_VECTOR, lanes, s);
        MM_ID(copy_part)(to + whole, lanes, rest);
    }
}
