/* winograd_shared.inc.c: products of groups of a few channels in lanes: where several share a vector, and where each
 * has one. */

/* ---- groups that share a vector --------------------------------------------------------------------------------- */

/* Output channel l of a group of 2^k reads input channel l ^ j for every j < 2^k: four sums, of j to j + 3, are made at
 * a time, in the lanes of the input, which change places at the end. */

#if COR__VEC_BYTES == 64
#define WINO_SWAP_1(a) __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#define WINO_SWAP_2(a) __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define WINO_SWAP_4(a) __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define WINO_SWAP_8(a) __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#elif COR__VEC_BYTES == 32
#define WINO_SWAP_1(a) __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6)
#define WINO_SWAP_2(a) __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5)
#define WINO_SWAP_4(a) __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3)
#define WINO_SWAP_8(a) (a)
#else
#define WINO_SWAP_1(a) __builtin_shufflevector(a, a, 1, 0, 3, 2)
#define WINO_SWAP_2(a) __builtin_shufflevector(a, a, 2, 3, 0, 1)
#define WINO_SWAP_4(a) (a)
#define WINO_SWAP_8(a) (a)
#endif

/* Lane l becomes lane l ^ j of a vector, j a multiple of 4. */
COR__INLINE cor__f32v wino_swap(cor__f32v a, int64_t j) {
    if (j & 4) a = WINO_SWAP_4(a);
    if (j & 8) a = WINO_SWAP_8(a);
    return a;
}

#if COR__VEC_BYTES == 64 || defined(__aarch64__)
#define WINO_SHARED_ROWS 6
#define WINO_SHARED_BLOCKS(what) what(1) what(2) what(6)
#else
#define WINO_SHARED_ROWS 2
#define WINO_SHARED_BLOCKS(what) what(1) what(2)
#endif

#define WINO_SHARED_ZERO(i, p, k) cor__f32v a##i = {0}, b##i = {0}, c##i = {0}, d##i = {0};
#define WINO_SHARED_STEP(i, p, k)                                                                                      \
    if (rows > i) {                                                                                                    \
        const cor__f32v x = wino_at(v##p + k * v_row);                                                                 \
        a##i += x * u0;                                                                                                \
        b##i += x * u1;                                                                                                \
        c##i += x * u2;                                                                                                \
        d##i += x * u3;                                                                                                \
    }
#define WINO_SHARED_DONE(i, p, k)                                                                                      \
    if (rows > i) {                                                                                                    \
        const cor__f32v before = wino_at(j > 0 ? y + i * taps->y_row : bias);                                          \
        const cor__f32v even = a##i + WINO_SWAP_1(b##i), odd = c##i + WINO_SWAP_1(d##i);                               \
        wino_put(y + i * taps->y_row, before + wino_swap(even + WINO_SWAP_2(odd), j));                                 \
    }

/* `rows` pixels, a constant, with the channels j to j + 3 of the groups; those past the first are added. */
COR__INLINE void wino_shared_block(const int rows, int64_t j, const cor__winograd_taps *taps, const float *v,
                                   int64_t v_row, const float *u, const float *bias, float *y) {
    WINO_EACH(WINO_SHARED_ZERO)
    for (int64_t s = 0; s < taps->count; s++) {
        const float *v0 = v + taps->offset[s], *v3 = v0 + 3 * v_row;
        const float *v6 = v3, *v9 = v3, *v12 = v3; /* not in use */
        const float *row = u + (taps->weight[s] + j) * WINO_WIDE;
        const cor__f32v u0 = wino_at(row), u1 = wino_at(row + WINO_WIDE), u2 = wino_at(row + 2 * WINO_WIDE),
                        u3 = wino_at(row + 3 * WINO_WIDE);
        WINO_EACH(WINO_SHARED_STEP)
    }
    WINO_EACH(WINO_SHARED_DONE)
}

static void wino_shared(int64_t tiles, const cor__winograd_taps *taps, const float *v, int64_t v_row, const float *u,
                        const float *bias, float *y) {
    static const float none[WINO_LANES];
    if (bias == NULL) bias = none;
    for (int64_t first = 0, rows; first < tiles; first += rows) {
        const int64_t left = tiles - first;
        rows = left >= WINO_SHARED_ROWS ? WINO_SHARED_ROWS : left >= 2 ? 2 : 1;
        for (int64_t j = 0; j < taps->group; j += 4) switch (rows) {
#define WINO_CASE(count)                                                                                               \
    case count:                                                                                                        \
        wino_shared_block(count, j, taps, v + first * v_row, v_row, u, bias, y + first * taps->y_row);                 \
        break;
                WINO_SHARED_BLOCKS(WINO_CASE)
#undef WINO_CASE
            default:
                break;
            }
    }
}

/* ---- a group a vector ------------------------------------------------------------------------------------------- */

#define WINO_WHOLE_ZERO(i, p, k) cor__f32v a##i = {0};
#define WINO_WHOLE_STEP(i, p, k)                                                                                       \
    if (rows > i) a##i += wino_all(v##p[k * v_row]) * u0;
#define WINO_WHOLE_DONE(i, p, k)                                                                                       \
    if (rows > i) wino_put(m + i * WINO_WIDE, a##i);

COR__INLINE void wino_whole_block(const int rows, int64_t depth, const float *v, int64_t v_row, const float *u,
                                  float *m) {
    WINO_EACH(WINO_WHOLE_ZERO)
    const float *v0 = v, *v3 = v + 3 * v_row, *v6 = v + 6 * v_row;
    const float *v9 = v6, *v12 = v6; /* not in use */
    for (int64_t c = 0; c < depth; c++, v0++, v3++, v6++, u += WINO_WIDE) {
        const cor__f32v u0 = wino_at(u);
        WINO_EACH(WINO_WHOLE_STEP)
    }
    WINO_EACH(WINO_WHOLE_DONE)
}

static void wino_whole(int64_t tiles, int64_t depth, const float *v, int64_t v_row, const float *u, float *m) {
    for (; tiles >= 8; tiles -= 8, v += 8 * v_row, m += 8 * WINO_WIDE) wino_whole_block(8, depth, v, v_row, u, m);
    for (; tiles >= 4; tiles -= 4, v += 4 * v_row, m += 4 * WINO_WIDE) wino_whole_block(4, depth, v, v_row, u, m);
    for (; tiles > 0; tiles--, v += v_row, m += WINO_WIDE) wino_whole_block(1, depth, v, v_row, u, m);
}

#undef WINO_WHOLE_ZERO
#undef WINO_WHOLE_STEP
#undef WINO_WHOLE_DONE
#undef WINO_SWAP_1
#undef WINO_SWAP_2
#undef WINO_SWAP_4
#undef WINO_SWAP_8
#undef WINO_SHARED_ROWS
#undef WINO_SHARED_BLOCKS
#undef WINO_SHARED_ZERO
#undef WINO_SHARED_STEP
#undef WINO_SHARED_DONE
