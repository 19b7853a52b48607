/* winograd.inc.c: Winograd convolution in float32: transforms, the product of many small matrices, transposition. */
#include "kernels/winograd.h"
#include "kernels/vec.h"

enum { WINO_LANES = COR__VEC_BYTES / 4, WINO_WIDE = 2 * WINO_LANES };

#define WINO_ROOT_HALF 0.70710678118654752f
#define WINO_ROOT_TWO 1.41421356237309505f

COR__INLINE cor__f32v wino_all(float s) { return COR__ALL(cor__f32v, s); }
COR__INLINE cor__f32v wino_at(const float *p) { return COR__LOAD(cor__f32v, p); }
COR__INLINE void wino_put(float *p, cor__f32v v) { COR__STORE(cor__f32v, p, v); }

/* ---- transforms of one dimension: `step` and `to_step` elements between the vectors ----------------------------- */

/* B^T of the six points. The rows of +-p are even and odd parts of x (x + p) times the quadratic of the other pair. */
COR__INLINE void wino_input_6(const float *d, int64_t step, float *v, int64_t to_step) {
    const cor__f32v d0 = wino_at(d), d1 = wino_at(d + step), d2 = wino_at(d + 2 * step), d3 = wino_at(d + 3 * step),
                    d4 = wino_at(d + 4 * step), d5 = wino_at(d + 5 * step);
    const cor__f32v even_half = d4 - wino_all(2) * d2, odd_half = d3 - wino_all(2) * d1;
    const cor__f32v even_two = d4 - wino_all(0.5f) * d2, odd_two = d3 - wino_all(0.5f) * d1;
    wino_put(v, d0 + d4 - wino_all(2.5f) * d2);
    wino_put(v + to_step, even_half + wino_all(WINO_ROOT_HALF) * odd_half);
    wino_put(v + 2 * to_step, even_half - wino_all(WINO_ROOT_HALF) * odd_half);
    wino_put(v + 3 * to_step, even_two + wino_all(WINO_ROOT_TWO) * odd_two);
    wino_put(v + 4 * to_step, even_two - wino_all(WINO_ROOT_TWO) * odd_two);
    wino_put(v + 5 * to_step, d1 + d5 - wino_all(2.5f) * d3);
}

COR__INLINE void wino_input_4(const float *d, int64_t step, float *v, int64_t to_step) {
    const cor__f32v d0 = wino_at(d), d1 = wino_at(d + step), d2 = wino_at(d + 2 * step), d3 = wino_at(d + 3 * step);
    wino_put(v, d0 - d2);
    wino_put(v + to_step, d1 + d2);
    wino_put(v + 2 * to_step, d2 - d1);
    wino_put(v + 3 * to_step, d3 - d1);
}

/* A^T of the six points for four and for two outputs, and of the four points for two. */
COR__INLINE void wino_output_6_4(const float *m, int64_t step, float *y, int64_t to_step) {
    const cor__f32v m0 = wino_at(m), m1 = wino_at(m + step), m2 = wino_at(m + 2 * step), m3 = wino_at(m + 3 * step),
                    m4 = wino_at(m + 4 * step), m5 = wino_at(m + 5 * step);
    const cor__f32v even_half = m1 + m2, odd_half = wino_all(WINO_ROOT_HALF) * (m1 - m2);
    const cor__f32v even_two = m3 + m4, odd_two = wino_all(WINO_ROOT_TWO) * (m3 - m4);
    wino_put(y, m0 + even_half + even_two);
    wino_put(y + to_step, odd_half + odd_two);
    wino_put(y + 2 * to_step, wino_all(0.5f) * even_half + wino_all(2) * even_two);
    wino_put(y + 3 * to_step, wino_all(0.5f) * odd_half + wino_all(2) * odd_two + m5);
}

COR__INLINE void wino_output_6_2(const float *m, int64_t step, float *y, int64_t to_step) {
    const cor__f32v m0 = wino_at(m), m1 = wino_at(m + step), m2 = wino_at(m + 2 * step), m3 = wino_at(m + 3 * step),
                    m4 = wino_at(m + 4 * step), m5 = wino_at(m + 5 * step);
    wino_put(y, m0 + (m1 + m2) + (m3 + m4));
    wino_put(y + to_step, wino_all(WINO_ROOT_HALF) * (m1 - m2) + wino_all(WINO_ROOT_TWO) * (m3 - m4) + m5);
}

COR__INLINE void wino_output_4_2(const float *m, int64_t step, float *y, int64_t to_step) {
    const cor__f32v m0 = wino_at(m), m1 = wino_at(m + step), m2 = wino_at(m + 2 * step), m3 = wino_at(m + 3 * step);
    wino_put(y, m0 + m1 + m2);
    wino_put(y + to_step, m1 - m2 + m3);
}

#include "kernels/winograd_strides.inc.c"

/* How an axis is transformed: not at all, by six or by four points, or of stride 2 with three or four taps. */
enum { WINO_NONE, WINO_SIX, WINO_FOUR, WINO_S2_3, WINO_S2_4, WINO_T2_3, WINO_T2_4 };

COR__INLINE int wino_inputs(const int axis) {
    return axis == WINO_NONE                        ? 1
           : axis == WINO_T2_3                      ? 3
           : axis == WINO_FOUR || axis == WINO_T2_4 ? 4
           : axis == WINO_S2_3                      ? 5
                                                    : 6;
}
COR__INLINE int wino_products(const int axis) {
    return axis == WINO_NONE ? 1 : axis == WINO_FOUR ? 4 : axis == WINO_S2_3 || axis == WINO_T2_3 ? 5 : 6;
}

COR__INLINE void wino_input_line(const int axis, const float *d, int64_t step, float *v, int64_t to_step) {
    if (axis == WINO_SIX) wino_input_6(d, step, v, to_step);
    else if (axis == WINO_FOUR) wino_input_4(d, step, v, to_step);
    else if (axis == WINO_S2_3 || axis == WINO_S2_4) wino_input_s2(wino_inputs(axis), d, step, v, to_step);
    else wino_input_t2(wino_inputs(axis), d, step, v, to_step);
}

COR__INLINE void wino_output_line(const int axis, const int m, const float *from, int64_t step, float *to,
                                  int64_t to_step) {
    if (axis == WINO_FOUR) wino_output_4_2(from, step, to, to_step);
    else if (axis == WINO_SIX && m == 4) wino_output_6_4(from, step, to, to_step);
    else if (axis == WINO_SIX) wino_output_6_2(from, step, to, to_step);
    else if (m == 2) wino_output_s2(wino_products(axis), from, step, to, to_step);
    else wino_output_t2(wino_products(axis), from, step, to, to_step);
}

/* ---- tiles ------------------------------------------------------------------------------------------------------ */

/* The height first, once for every column, which neighbouring tiles share; tiles are `step` columns apart. */
COR__INLINE void wino_input(const int axis_h, const int axis_w, const int step, const float *strip, int64_t pitch,
                            int64_t tiles, float *columns, float *v, int64_t element, int64_t tile) {
    const int alpha_h = wino_products(axis_h), alpha_w = wino_products(axis_w);
    const float *from = strip;
    int64_t column = WINO_LANES, row = 0; /* steps of what the second pass reads */
    if (alpha_h > 1) {
        column = alpha_h * WINO_LANES, row = WINO_LANES;
        for (int64_t x = 0; x < wino_inputs(axis_w) + step * (tiles - 1); x++)
            wino_input_line(axis_h, strip + x * WINO_LANES, pitch * WINO_LANES, columns + x * column, WINO_LANES);
        from = columns;
    }
    for (int64_t t = 0; t < tiles; t++)
        for (int i = 0; i < alpha_h; i++)
            wino_input_line(axis_w, from + t * step * column + i * row, column, v + t * tile + i * alpha_w * element,
                            element);
}

/* One vector of channels of one tile: outputs (i, j) to y + (i * pitch + j) * WINO_WIDE. */
COR__INLINE void wino_output_tile(const int axis_h, const int axis_w, const int m_h, const int m_w, const float *m,
                                  int64_t element, cor__f32v bias, float *y, int64_t pitch, float *check) {
    const int alpha_h = wino_products(axis_h), alpha_w = wino_products(axis_w);
    float rows[6 * 4 * WINO_LANES], line[4 * WINO_LANES]; /* alpha_w columns of m_h outputs */
    const float *from = m;
    int64_t column = element, row = 0;
    if (alpha_h > 1) {
        column = m_h * WINO_LANES, row = WINO_LANES;
        for (int j = 0; j < alpha_w; j++)
            wino_output_line(axis_h, m_h, m + j * element, alpha_w * element, rows + j * column, WINO_LANES);
        from = rows;
    }
    cor__f32v sum = {0};
    for (int i = 0; i < m_h; i++) {
        wino_output_line(axis_w, m_w, from + i * row, column, line, WINO_LANES);
        for (int j = 0; j < m_w; j++) {
            const cor__f32v value = wino_at(line + j * WINO_LANES) + bias;
            sum += value;
            wino_put(y + (i * pitch + j) * WINO_WIDE, value);
        }
    }
    wino_put(check, wino_at(check) + wino_all(0) * sum);
}

/* A tile at the lower or right edge is made whole beside, and the outputs that exist are copied. */
COR__INLINE void wino_output(const int axis_h, const int axis_w, const int m_h, const int m_w, const float *m,
                             int64_t element, int64_t tiles, const float *bias, const cor__winograd_place *place,
                             float *check) {
    float whole[16 * WINO_WIDE];
    const cor__f32v none = {0}, bias0 = bias != NULL ? wino_at(bias) : none,
                    bias1 = bias != NULL ? wino_at(bias + WINO_LANES) : none;
    for (int64_t t = 0; t < tiles; t++, m += WINO_WIDE) {
        const int64_t left = place->width - t * m_w;
        const bool inside = left >= m_w && place->height >= m_h;
        float *const y = inside ? place->y + t * m_w * WINO_WIDE : whole;
        const int64_t pitch = inside ? place->pitch : m_w;
        wino_output_tile(axis_h, axis_w, m_h, m_w, m, element, bias0, y, pitch, check);
        wino_output_tile(axis_h, axis_w, m_h, m_w, m + WINO_LANES, element, bias1, y + WINO_LANES, pitch,
                         check + WINO_LANES);
        if (inside) continue;
        for (int64_t i = 0; i < m_h && i < place->height; i++)
            for (int64_t j = 0; j < m_w && j < left; j++)
                memcpy(place->y + (i * place->pitch + t * m_w + j) * WINO_WIDE, whole + (i * m_w + j) * WINO_WIDE,
                       WINO_WIDE * sizeof(float));
    }
}

#define WINO_FORM(name, axis_h, axis_w, m_h, m_w, step)                                                                \
    static void wino_input_##name(const float *strip, int64_t pitch, int64_t tiles, float *columns, float *v,          \
                                  int64_t element, int64_t tile) {                                                     \
        wino_input(axis_h, axis_w, step, strip, pitch, tiles, columns, v, element, tile);                              \
    }                                                                                                                  \
    static void wino_output_##name(const float *m, int64_t element, int64_t tiles, const float *bias,                  \
                                   const cor__winograd_place *place, float *check) {                                   \
        wino_output(axis_h, axis_w, m_h, m_w, m, element, tiles, bias, place, check);                                  \
    }
WINO_FORM(4_3, WINO_SIX, WINO_SIX, 4, 4, 4)
WINO_FORM(2_5, WINO_SIX, WINO_SIX, 2, 2, 2)
WINO_FORM(2_3, WINO_FOUR, WINO_FOUR, 2, 2, 2)
WINO_FORM(4_3_w, WINO_NONE, WINO_SIX, 1, 4, 4)
WINO_FORM(2_5_w, WINO_NONE, WINO_SIX, 1, 2, 2)
WINO_FORM(s2_3, WINO_S2_3, WINO_S2_3, 2, 2, 4)
WINO_FORM(s2_4, WINO_S2_4, WINO_S2_4, 2, 2, 4)
WINO_FORM(t2_3, WINO_T2_3, WINO_T2_3, 4, 4, 2)
WINO_FORM(t2_4, WINO_T2_4, WINO_T2_4, 4, 4, 2)
#undef WINO_FORM

static void wino_gather(const float *strip, int64_t step, int64_t tiles, float *v, int64_t tile) {
    for (int64_t t = 0; t < tiles; t++) wino_put(v + t * tile, wino_at(strip + t * step));
}

static void wino_add(const float *m, int64_t tiles, const float *bias, float *y, int64_t y_row) {
    const cor__f32v none = {0}, bias0 = bias != NULL ? wino_at(bias) : none,
                    bias1 = bias != NULL ? wino_at(bias + WINO_LANES) : none;
    for (int64_t t = 0; t < tiles; t++, m += WINO_WIDE, y += y_row) {
        wino_put(y, wino_at(m) + bias0);
        wino_put(y + WINO_LANES, wino_at(m + WINO_LANES) + bias1);
    }
}

/* ---- products --------------------------------------------------------------------------------------------------- */

#if COR__VEC_BYTES == 64
#define WINO_ROWS 14
#elif defined(__aarch64__)
#define WINO_ROWS 12
#elif COR__VEC_BYTES == 32
#define WINO_ROWS 6
#else
#define WINO_ROWS 5
#endif

/* what(i, p, k): row i is k rows below pointer p, so that a few pointers and one step reach all rows. */
#define WINO_EACH(what)                                                                                                \
    what(0, 0, 0) what(1, 0, 1) what(2, 0, 2) what(3, 3, 0) what(4, 3, 1) what(5, 3, 2) what(6, 6, 0) what(7, 6, 1)    \
        what(8, 6, 2) what(9, 9, 0) what(10, 9, 1) what(11, 9, 2) what(12, 12, 0) what(13, 12, 1)

#define WINO_ZERO(i, p, k) cor__f32v a##i = {0}, b##i = {0};
#define WINO_STEP(i, p, k)                                                                                             \
    if (rows > i) {                                                                                                    \
        const cor__f32v x = wino_all(v##p[k * v_row]);                                                                 \
        a##i += x * u0;                                                                                                \
        b##i += x * u1;                                                                                                \
    }
#define WINO_DONE(i, p, k)                                                                                             \
    if (rows > i) {                                                                                                    \
        wino_put(m + i * WINO_WIDE, a##i);                                                                             \
        wino_put(m + i * WINO_WIDE + WINO_LANES, b##i);                                                                \
    }

/* `rows` tiles, a constant, by two vectors; every accumulator has a name. */
COR__INLINE void wino_block(const int rows, const cor__winograd_run *runs, int64_t count, const float *from,
                            int64_t v_row, const float *weights, float *m) {
    WINO_EACH(WINO_ZERO)
    for (; count > 0; count--, runs++) {
        const float *u = weights + runs->u * WINO_WIDE, *v0 = from + runs->v, *v3 = v0 + 3 * v_row,
                    *v6 = v3 + 3 * v_row, *v9 = v6 + 3 * v_row, *v12 = v9 + 3 * v_row;
        for (int64_t c = runs->depth; c > 0; c--, v0++, v3++, v6++, v9++, v12++, u += WINO_WIDE) {
            const cor__f32v u0 = wino_at(u), u1 = wino_at(u + WINO_LANES);
            WINO_EACH(WINO_STEP)
        }
    }
    WINO_EACH(WINO_DONE)
}
#undef WINO_STEP

/* what(rows) for every number of rows that a block can have. */
#if WINO_ROWS == 14
#define WINO_BLOCKS(what)                                                                                              \
    what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) what(11) what(12) what(13) what(14)
#elif WINO_ROWS == 12
#define WINO_BLOCKS(what)                                                                                              \
    what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) what(11) what(12)
#elif WINO_ROWS == 6
#define WINO_BLOCKS(what) what(1) what(2) what(3) what(4) what(5) what(6)
#else
#define WINO_BLOCKS(what) what(1) what(2) what(3) what(4) what(5)
#endif

/* In the fewest blocks, as even as can be. */
static void wino_multiply(int64_t tiles, const cor__winograd_run *runs, int64_t runs_count, const float *v,
                          int64_t v_row, const float *u, float *m) {
    const int64_t blocks = (tiles + WINO_ROWS - 1) / WINO_ROWS;
    for (int64_t b = 0; b < blocks; b++) {
        const int64_t first = b * tiles / blocks, rows = (b + 1) * tiles / blocks - first;
        switch (rows) {
#define WINO_CASE(count)                                                                                               \
    case count:                                                                                                        \
        wino_block(count, runs, runs_count, v + first * v_row, v_row, u, m + first * WINO_WIDE);                       \
        break;
            WINO_BLOCKS(WINO_CASE)
#undef WINO_CASE
        default:
            break;
        }
    }
}

#include "kernels/winograd_gradient.inc.c"
#include "kernels/winograd_shared.inc.c"

#undef WINO_EACH
#undef WINO_ZERO
#undef WINO_DONE
#undef WINO_BLOCKS

/* ---- weights ---------------------------------------------------------------------------------------------------- */

/* G in double: the kernel's polynomial at the points, over the product of their distances. g and u: lines of WINO_WIDE.
 * Even and odd parts serve both signs of a point. */
COR__INLINE void wino_weight_line(const int axis, const int r, const double *g, int64_t step, double *u,
                                  int64_t to_step) {
    const int alpha = wino_products(axis);
    if (axis >= WINO_S2_3) {
        wino_weight_pairs(r, g, step, u, to_step);
        return;
    }
    for (int64_t j = 0; j < WINO_WIDE; j++) {
        const double g0 = g[j], g1 = g[step + j], g2 = g[2 * step + j];
        const double g3 = r > 3 ? g[3 * step + j] : 0, g4 = r > 3 ? g[4 * step + j] : 0;
        u[j] = g0;
        u[(alpha - 1) * to_step + j] = r > 3 ? g4 : g2;
        if (alpha == 4) {
            u[to_step + j] = (g0 + g2 + g1) / 2;
            u[2 * to_step + j] = (g0 + g2 - g1) / 2;
            continue;
        }
        const double even_half = g0 + g2 / 2 + g4 / 4, odd_half = 0.70710678118654752440 * (g1 + g3 / 2);
        const double even_two = g0 + 2 * g2 + 4 * g4, odd_two = 1.41421356237309504880 * (g1 + 2 * g3);
        u[to_step + j] = (even_half + odd_half) * (1 / -1.5);
        u[2 * to_step + j] = (even_half - odd_half) * (1 / -1.5);
        u[3 * to_step + j] = (even_two + odd_two) * (1 / 6.0);
        u[4 * to_step + j] = (even_two - odd_two) * (1 / 6.0);
    }
}

COR__INLINE void wino_weights(const int axis_h, const int r_h, const int axis_w, const int r_w, const float *taps,
                              float *u, int64_t element) {
    const int alpha_h = wino_products(axis_h), alpha_w = wino_products(axis_w);
    double g[5 * 5 * WINO_WIDE], columns[6 * 5 * WINO_WIDE], line[6 * WINO_WIDE];
    for (int64_t i = 0; i < r_h * r_w * WINO_WIDE; i++) g[i] = (double)taps[i];
    const double *from = g;
    if (alpha_h > 1) {
        for (int s = 0; s < r_w; s++)
            wino_weight_line(axis_h, r_h, g + s * WINO_WIDE, r_w * WINO_WIDE, columns + s * WINO_WIDE, r_w * WINO_WIDE);
        from = columns;
    }
    for (int i = 0; i < alpha_h; i++) {
        wino_weight_line(axis_w, r_w, from + i * r_w * WINO_WIDE, WINO_WIDE, line, WINO_WIDE);
        for (int k = 0; k < alpha_w; k++)
            for (int64_t j = 0; j < WINO_WIDE; j++) u[(i * alpha_w + k) * element + j] = (float)line[k * WINO_WIDE + j];
    }
}

#define WINO_FORM(name, ...)                                                                                           \
    static void wino_weights_##name(const float *taps, float *u, int64_t element) {                                    \
        wino_weights(__VA_ARGS__, taps, u, element);                                                                   \
    }
WINO_FORM(4_3, WINO_SIX, 3, WINO_SIX, 3)
WINO_FORM(2_5, WINO_SIX, 5, WINO_SIX, 5)
WINO_FORM(2_3, WINO_FOUR, 3, WINO_FOUR, 3)
WINO_FORM(4_3_w, WINO_NONE, 1, WINO_SIX, 3)
WINO_FORM(2_5_w, WINO_NONE, 1, WINO_SIX, 5)
WINO_FORM(s2_3, WINO_S2_3, 3, WINO_S2_3, 3)
WINO_FORM(s2_4, WINO_S2_4, 4, WINO_S2_4, 4)
WINO_FORM(t2_3, WINO_T2_3, 3, WINO_T2_3, 3)
WINO_FORM(t2_4, WINO_T2_4, 4, WINO_T2_4, 4)
#undef WINO_FORM

/* ---- transposition ---------------------------------------------------------------------------------------------- */

/* Interleaving vector i with vector i + lanes/2, as often as lanes has factors of two, transposes. */
#if COR__VEC_BYTES == 64
#define WINO_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define WINO_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define WINO_PAIRS(what, from, to)                                                                                     \
    what(from, to, 0, 8, 0, 1) what(from, to, 1, 9, 2, 3) what(from, to, 2, 10, 4, 5) what(from, to, 3, 11, 6, 7)      \
        what(from, to, 4, 12, 8, 9) what(from, to, 5, 13, 10, 11) what(from, to, 6, 14, 12, 13)                        \
            what(from, to, 7, 15, 14, 15)
#define WINO_VECTORS(what)                                                                                             \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) what(9) what(10) what(11) what(12)         \
        what(13) what(14) what(15)
#define WINO_ROUNDS                                                                                                    \
    WINO_PAIRS(WINO_ZIP, p, q) WINO_PAIRS(WINO_ZIP, q, r) WINO_PAIRS(WINO_ZIP, r, s) WINO_PAIRS(WINO_ZIP, s, t)
#define WINO_LAST(i) t##i
#elif COR__VEC_BYTES == 32
#define WINO_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define WINO_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define WINO_PAIRS(what, from, to)                                                                                     \
    what(from, to, 0, 4, 0, 1) what(from, to, 1, 5, 2, 3) what(from, to, 2, 6, 4, 5) what(from, to, 3, 7, 6, 7)
#define WINO_VECTORS(what) what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7)
#define WINO_ROUNDS WINO_PAIRS(WINO_ZIP, p, q) WINO_PAIRS(WINO_ZIP, q, r) WINO_PAIRS(WINO_ZIP, r, s)
#define WINO_LAST(i) s##i
#else
#define WINO_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define WINO_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define WINO_PAIRS(what, from, to) what(from, to, 0, 2, 0, 1) what(from, to, 1, 3, 2, 3)
#define WINO_VECTORS(what) what(0) what(1) what(2) what(3)
#define WINO_ROUNDS WINO_PAIRS(WINO_ZIP, p, q) WINO_PAIRS(WINO_ZIP, q, r)
#define WINO_LAST(i) r##i
#endif

#define WINO_ZIP(from, to, a, b, low, high)                                                                            \
    const cor__f32v to##low = WINO_LOW(from##a, from##b), to##high = WINO_HIGH(from##a, from##b);
#define WINO_READ(i) const cor__f32v p##i = wino_at(from[i]);
#define WINO_WRITE(i) wino_put(to[i], WINO_LAST(i));

static void wino_turn(const float *const *from, float *const *to) {
    WINO_VECTORS(WINO_READ)
    WINO_ROUNDS
    WINO_VECTORS(WINO_WRITE)
}

#undef WINO_LOW
#undef WINO_HIGH
#undef WINO_PAIRS
#undef WINO_VECTORS
#undef WINO_ROUNDS
#undef WINO_LAST
#undef WINO_ZIP
#undef WINO_READ
#undef WINO_WRITE
#undef WINO_ROOT_HALF
#undef WINO_ROOT_TWO

static const cor__winograd_kernels winograd_kernels = {
    .lanes = WINO_LANES,
    .rows = WINO_ROWS,
    .turn = wino_turn,
    .input = {wino_input_4_3, wino_input_2_5, wino_input_2_3, wino_input_4_3_w, wino_input_2_5_w, wino_input_s2_3,
              wino_input_s2_4, wino_input_t2_3, wino_input_t2_4},
    .gather = wino_gather,
    .add = wino_add,
    .multiply = wino_multiply,
    .whole = wino_whole,
    .shared = wino_shared,
    .spread = {[COR__WINOGRAD_4_3] = wino_spread_4_3, [COR__WINOGRAD_4_3_W] = wino_spread_4_3_w},
    .outer = wino_outer,
    .gradient = {[COR__WINOGRAD_4_3] = wino_gradient_4_3, [COR__WINOGRAD_4_3_W] = wino_gradient_4_3_w},
    .weights = {wino_weights_4_3, wino_weights_2_5, wino_weights_2_3, wino_weights_4_3_w, wino_weights_2_5_w,
                wino_weights_s2_3, wino_weights_s2_4, wino_weights_t2_3, wino_weights_t2_4},
    .output = {wino_output_4_3, wino_output_2_5, wino_output_2_3, wino_output_4_3_w, wino_output_2_5_w,
               wino_output_s2_3, wino_output_s2_4, wino_output_t2_3, wino_output_t2_4},
};
#undef WINO_ROWS
