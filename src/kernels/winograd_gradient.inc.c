/* winograd_gradient.inc.c: the gradient of a convolution's weight by Winograd's algorithm: F(3, 4) on the tiles of
 * F(4, 3), with the same points and so the same transform of the inputs. (F(5, 2), for 5x5, is less accurate than is
 * allowed.) Included by winograd.inc.c. */

/* G of the six points for four gradients. */
COR__INLINE void wino_spread_line(const float *g, int64_t step, float *z, int64_t to_step) {
    const cor__f32v g0 = wino_at(g), g1 = wino_at(g + step), g2 = wino_at(g + 2 * step), g3 = wino_at(g + 3 * step);
    const cor__f32v third = wino_all(-2.0f / 3), sixth = wino_all(1.0f / 6);
    const cor__f32v even_half = third * (g0 + wino_all(0.5f) * g2);
    const cor__f32v odd_half = third * wino_all(WINO_ROOT_HALF) * (g1 + wino_all(0.5f) * g3);
    const cor__f32v even_two = sixth * (g0 + wino_all(2) * g2);
    const cor__f32v odd_two = sixth * wino_all(WINO_ROOT_TWO) * (g1 + wino_all(2) * g3);
    wino_put(z, g0);
    wino_put(z + to_step, even_half + odd_half);
    wino_put(z + 2 * to_step, even_half - odd_half);
    wino_put(z + 3 * to_step, even_two + odd_two);
    wino_put(z + 4 * to_step, even_two - odd_two);
    wino_put(z + 5 * to_step, g3);
}

/* A^T of the six points for three taps. */
COR__INLINE void wino_taps_line(const float *m, int64_t step, float *y, int64_t to_step) {
    const cor__f32v m0 = wino_at(m), m1 = wino_at(m + step), m2 = wino_at(m + 2 * step), m3 = wino_at(m + 3 * step),
                    m4 = wino_at(m + 4 * step), m5 = wino_at(m + 5 * step);
    const cor__f32v even_half = m1 + m2, odd_half = m1 - m2, even_two = m3 + m4, odd_two = m3 - m4;
    wino_put(y, m0 + even_half + even_two);
    wino_put(y + to_step, wino_all(WINO_ROOT_HALF) * odd_half + wino_all(WINO_ROOT_TWO) * odd_two);
    wino_put(y + 2 * to_step, wino_all(0.5f) * even_half + wino_all(2) * even_two + m5);
}

COR__INLINE void wino_spread(const int m_h, const float *strip, int64_t pitch, int64_t tiles, float *columns, float *v,
                             int64_t element, int64_t tile) {
    const int alpha_h = m_h > 1 ? 6 : 1;
    const float *from = strip;
    int64_t column = WINO_LANES, row = 0;
    if (alpha_h > 1) {
        column = alpha_h * WINO_LANES, row = WINO_LANES;
        for (int64_t x = 0; x < 4 * tiles; x++)
            wino_spread_line(strip + x * WINO_LANES, pitch * WINO_LANES, columns + x * column, WINO_LANES);
        from = columns;
    }
    for (int64_t t = 0; t < tiles; t++)
        for (int i = 0; i < alpha_h; i++)
            wino_spread_line(from + t * 4 * column + i * row, column, v + t * tile + i * 6 * element, element);
}

COR__INLINE void wino_gradient(const int r_h, const float *m, int64_t element, float *sum) {
    float rows[6 * 3 * WINO_LANES], line[3 * WINO_LANES]; /* six columns of r_h taps */
    for (int half = 0; half < 2; half++, m += WINO_LANES, sum += WINO_LANES) {
        const float *from = m;
        int64_t column = element, row = 0;
        if (r_h > 1) {
            column = r_h * WINO_LANES, row = WINO_LANES;
            for (int j = 0; j < 6; j++) wino_taps_line(m + j * element, 6 * element, rows + j * column, WINO_LANES);
            from = rows;
        }
        for (int i = 0; i < r_h; i++) {
            wino_taps_line(from + i * row, column, line, WINO_LANES);
            for (int j = 0; j < 3; j++) {
                float *const to = sum + (i * 3 + j) * WINO_WIDE;
                wino_put(to, wino_at(to) + wino_at(line + j * WINO_LANES));
            }
        }
    }
}

#define WINO_FORM(name, m_h, r_h)                                                                                      \
    static void wino_spread_##name(const float *strip, int64_t pitch, int64_t tiles, float *columns, float *v,         \
                                   int64_t element, int64_t tile) {                                                    \
        wino_spread(m_h, strip, pitch, tiles, columns, v, element, tile);                                              \
    }                                                                                                                  \
    static void wino_gradient_##name(const float *m, int64_t element, float *sum) {                                    \
        wino_gradient(r_h, m, element, sum);                                                                           \
    }
WINO_FORM(4_3, 4, 3)
WINO_FORM(4_3_w, 1, 1)
#undef WINO_FORM

/* ---- products: rows of v are summed over, so that a row of the result is a column of v -------------------------- */

#define WINO_STEP(i, p, k)                                                                                             \
    if (rows > i) {                                                                                                    \
        const cor__f32v x = wino_all(v[i]);                                                                            \
        a##i += x * z0;                                                                                                \
        b##i += x * z1;                                                                                                \
    }

COR__INLINE void wino_outer_block(const int rows, int64_t tiles, const float *v, int64_t v_row, const float *z,
                                  int64_t z_row, float *m) {
    WINO_EACH(WINO_ZERO)
    for (int64_t t = tiles; t > 0; t--, v += v_row, z += z_row) {
        const cor__f32v z0 = wino_at(z), z1 = wino_at(z + WINO_LANES);
        WINO_EACH(WINO_STEP)
    }
    WINO_EACH(WINO_DONE)
}
#undef WINO_STEP

static void wino_outer(int64_t count, int64_t tiles, const float *v, int64_t v_row, const float *z, int64_t z_row,
                       float *m) {
    switch (count) {
#define WINO_CASE(rows)                                                                                                \
    case rows:                                                                                                         \
        wino_outer_block(rows, tiles, v, v_row, z, z_row, m);                                                          \
        break;
        WINO_BLOCKS(WINO_CASE)
#undef WINO_CASE
    default:
        break;
    }
}
