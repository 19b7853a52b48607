/* winograd_strides.inc.c: transforms of one dimension for stride 2, on winograd.inc.c's terms. Two outputs y0 = d0 g0 +
 * d1 g1 and y1 = d1 g0 + d2 g1 are m0 + m1 and m1 + m2 of three products: m0 = (d0 - d1) g0, m1 = d1 (g0 + g1), m2 =
 * (d2 - d1) g1. Outputs of one tap have a product each. */

/* Of inputs 0, 2 and 4 the pair, then those of 1, 3 and, of four taps, 5. */
COR__INLINE void wino_input_s2(const int inputs, const float *d, int64_t step, float *v, int64_t to_step) {
    const cor__f32v d1 = wino_at(d + step), d2 = wino_at(d + 2 * step), d3 = wino_at(d + 3 * step);
    wino_put(v, wino_at(d) - d2);
    wino_put(v + to_step, d2);
    wino_put(v + 2 * to_step, wino_at(d + 4 * step) - d2);
    wino_put(v + 3 * to_step, inputs == 5 ? d1 : d1 - d3);
    wino_put(v + 4 * to_step, d3);
    if (inputs == 6) wino_put(v + 5 * to_step, wino_at(d + 5 * step) - d3);
}

/* Of inputs 0, 1 and, of four taps, 2 for even outputs, then those of the same or the next inputs for odd ones. */
COR__INLINE void wino_input_t2(const int inputs, const float *d, int64_t step, float *v, int64_t to_step) {
    const cor__f32v d0 = wino_at(d), d1 = wino_at(d + step), d2 = wino_at(d + 2 * step);
    if (inputs == 3) {
        wino_put(v, d0 - d1);
        wino_put(v + to_step, d1);
        wino_put(v + 2 * to_step, d2 - d1);
        wino_put(v + 3 * to_step, d0);
        wino_put(v + 4 * to_step, d1);
        return;
    }
    wino_put(v, d0 - d1);
    wino_put(v + to_step, d1);
    wino_put(v + 2 * to_step, d2 - d1);
    wino_put(v + 3 * to_step, d1 - d2);
    wino_put(v + 4 * to_step, d2);
    wino_put(v + 5 * to_step, wino_at(d + 3 * step) - d2);
}

COR__INLINE void wino_output_s2(const int products, const float *m, int64_t step, float *y, int64_t to_step) {
    const cor__f32v m1 = wino_at(m + step), m3 = wino_at(m + 3 * step), m4 = wino_at(m + 4 * step);
    wino_put(y, wino_at(m) + m1 + (products == 5 ? m3 : m3 + m4));
    wino_put(y + to_step, m1 + wino_at(m + 2 * step) + (products == 5 ? m4 : m4 + wino_at(m + 5 * step)));
}

/* Of three taps the odd outputs have two. */
COR__INLINE void wino_output_t2(const int products, const float *m, int64_t step, float *y, int64_t to_step) {
    const cor__f32v m1 = wino_at(m + step), m3 = wino_at(m + 3 * step), m4 = wino_at(m + 4 * step);
    const cor__f32v first = wino_at(m) + m1, second = m1 + wino_at(m + 2 * step);
    wino_put(y, products == 5 ? m3 : first);
    wino_put(y + to_step, products == 5 ? first : m3 + m4);
    wino_put(y + 2 * to_step, products == 5 ? m4 : second);
    wino_put(y + 3 * to_step, products == 5 ? second : m4 + wino_at(m + 5 * step));
}

/* The weights of pairs: taps 0 and 2, then 1 and 3 or 1 alone; in lines of WINO_WIDE. */
COR__INLINE void wino_weight_pairs(const int r, const double *g, int64_t step, double *u, int64_t to_step) {
    for (int64_t j = 0; j < WINO_WIDE; j++) {
        const double g0 = g[j], g1 = g[step + j], g2 = g[2 * step + j], g3 = r > 3 ? g[3 * step + j] : g1;
        u[j] = g0;
        u[to_step + j] = g0 + g2;
        u[2 * to_step + j] = g2;
        u[3 * to_step + j] = g1;
        u[4 * to_step + j] = r > 3 ? g1 + g3 : g1;
        if (r > 3) u[5 * to_step + j] = g3;
    }
}
