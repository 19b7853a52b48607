/* conv_depthwise_rows.inc.c: depthwise convolution of windows, in one type. The includer sets COR__S, COR__V,
 * COR__LANES and COR__ID as for the windows. */

/* How far the outputs of a band may be overwritten past their row: up to where later rows are stored. NULL for not. */
typedef struct COR__ID(target) {
    COR__S *out;
    const COR__S *end;
} COR__ID(target);

COR__INLINE COR__ID(target) COR__ID(target_of)(const cor__depthwise_band *b) {
    COR__S *const out = b->out;
    return (COR__ID(target)){out, b->out_row == b->width ? out + b->rows * b->width : NULL};
}

/* The first n elements, less than a vector. Not inlined: it is the rare end of many stores. */
static __attribute__((noinline)) void COR__ID(put_part)(COR__S *to, COR__V value, int64_t n) {
    COR__S scratch[COR__LANES];
    COR__STORE(COR__V, scratch, value);
    int64_t at = 0;
    for (int64_t piece = COR__LANES / 2; piece > 0; at += n & piece, piece /= 2)
        if (n & piece) memcpy(to + at, scratch + at, (size_t)piece * sizeof *to);
}

/* Whether a whole vector may be stored from column x of a row on. */
COR__INLINE bool COR__ID(fits)(const cor__depthwise_band *b, COR__ID(target) t, int64_t row, int64_t x) {
    return x + COR__LANES <= b->width || (t.end != NULL && t.out + row * b->out_row + x + COR__LANES <= t.end);
}

/* Stores a vector of outputs from column x of a row on. */
COR__INLINE void COR__ID(put)(const cor__depthwise_band *b, COR__ID(target) t, int64_t row, int64_t x, COR__V value,
                              bool fits) {
    COR__S *const to = t.out + row * b->out_row + x;
    if (fits) COR__STORE(COR__V, to, value);
    else COR__ID(put_part)(to, value, b->width - x);
}

/* The first column of the vector after that at x: the last one ends with its row where the row is as wide. */
COR__INLINE int64_t COR__ID(next)(const cor__depthwise_band *b, int64_t x) {
    const int64_t next = x + COR__LANES;
    return next < b->width && next + COR__LANES > b->width ? b->width - COR__LANES : next;
}

/* ---- seven rows ----------------------------------------------------------------------------------------------- */

#define COR__WEIGHT(u)                                                                                                 \
    ((u) == 0 ? w0 : (u) == 1 ? w1 : (u) == 2 ? w2 : (u) == 3 ? w3 : (u) == 4 ? w4 : (u) == 5 ? w5 : w6)

/* Row r of the window meets output row j at kernel row r - stride * j. */
#define COR__TERM(j, r)                                                                                                \
    if ((r)-stride * j >= 0 && (r)-stride * j < taps) c##j += x * COR__WEIGHT((r)-stride * j);
#define COR__STEP(r)                                                                                                   \
    if (r <= stride * 6 + taps - 1) {                                                                                  \
        COR__V x = COR__LOAD(COR__V, at + r * step);                                                                   \
        COR__HOLD(x);                                                                                                  \
        COR__TERM(0, r)                                                                                                \
        COR__TERM(1, r)                                                                                                \
        COR__TERM(2, r)                                                                                                \
        COR__TERM(3, r)                                                                                                \
        COR__TERM(4, r)                                                                                                \
        COR__TERM(5, r)                                                                                                \
        COR__TERM(6, r)                                                                                                \
    }

/* Seven output rows from `row` on; taps (kernel rows) and stride are constants. Each vector of the window is read once
 * for all the rows that it meets. */
COR__INLINE void COR__ID(tall)(const int taps, const int stride, const cor__depthwise_band *b, COR__ID(target) t,
                               int64_t row) {
    const int64_t step = b->tap_row;
    const COR__S *const window = (const COR__S *)b->window + row * b->in_row;
    const COR__V bias = COR__ALL(COR__V, b->bias != NULL ? *(const COR__S *)b->bias : 0);
    for (int64_t column = 0; column < b->width; column = COR__ID(next)(b, column)) {
        COR__V c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0}, c4 = {0}, c5 = {0}, c6 = {0};
        for (int64_t d = 0; d < b->taps[0]; d++)
            for (int64_t v = 0; v < b->taps[2]; v++) {
                const COR__S *const at = window + column + d * b->tap_depth + b->columns[v];
                const COR__S *const w = (const COR__S *)b->weights + d * b->steps[0] + v * b->steps[2];
                const COR__V w0 = COR__ALL(COR__V, w[0]), w1 = COR__ALL(COR__V, w[b->steps[1]]);
                const COR__V w2 = COR__ALL(COR__V, w[2 * b->steps[1]]);
                const COR__V w3 = taps > 3 ? COR__ALL(COR__V, w[3 * b->steps[1]]) : w0;
                const COR__V w4 = taps > 4 ? COR__ALL(COR__V, w[4 * b->steps[1]]) : w0;
                const COR__V w5 = taps > 5 ? COR__ALL(COR__V, w[5 * b->steps[1]]) : w0;
                const COR__V w6 = taps > 6 ? COR__ALL(COR__V, w[6 * b->steps[1]]) : w0;
                COR__STEP(0)
                COR__STEP(1)
                COR__STEP(2)
                COR__STEP(3)
                COR__STEP(4)
                COR__STEP(5)
                COR__STEP(6)
                COR__STEP(7)
                COR__STEP(8)
                COR__STEP(9)
                COR__STEP(10)
                COR__STEP(11)
                COR__STEP(12)
                COR__STEP(13)
                COR__STEP(14)
                COR__STEP(15)
                COR__STEP(16)
                COR__STEP(17)
                COR__STEP(18)
            }
        const bool fits = COR__ID(fits)(b, t, row + 5, column); /* then it does in the rows before */
        COR__ID(put)(b, t, row, column, c0 + bias, fits);
        COR__ID(put)(b, t, row + 1, column, c1 + bias, fits);
        COR__ID(put)(b, t, row + 2, column, c2 + bias, fits);
        COR__ID(put)(b, t, row + 3, column, c3 + bias, fits);
        COR__ID(put)(b, t, row + 4, column, c4 + bias, fits);
        COR__ID(put)(b, t, row + 5, column, c5 + bias, fits);
        COR__ID(put)(b, t, row + 6, column, c6 + bias, COR__ID(fits)(b, t, row + 6, column));
    }
}

#undef COR__STEP
#undef COR__TERM
#undef COR__WEIGHT

typedef void COR__ID(tall_function)(const cor__depthwise_band *b, COR__ID(target) t, int64_t row);

#define COR__TALL(taps, stride)                                                                                        \
    static void COR__ID(tall_##taps##s##stride)(const cor__depthwise_band *b, COR__ID(target) t, int64_t row) {        \
        COR__ID(tall)(taps, stride, b, t, row);                                                                        \
    }
// clang-format off
COR__TALL(3, 1) COR__TALL(5, 1) COR__TALL(7, 1) COR__TALL(3, 2) COR__TALL(5, 2) COR__TALL(7, 2)

/* By stride - 1 and (kernel rows - 3) / 2. */
static COR__ID(tall_function) *const COR__ID(talls)[2][3] = {
    {COR__ID(tall_3s1), COR__ID(tall_5s1), COR__ID(tall_7s1)}, {COR__ID(tall_3s2), COR__ID(tall_5s2), COR__ID(tall_7s2)}};
// clang-format on
#undef COR__TALL

/* ---- seven rows of any kernel ------------------------------------------------------------------------------------ */

#define COR__ROW(j) c##j += COR__LOAD(COR__V, at + j * b->in_row) * weight;

/* Seven output rows from `row` on, which share the weights but not what they read. */
static void COR__ID(seven)(const cor__depthwise_band *b, COR__ID(target) t, int64_t row) {
    const COR__S *const window = (const COR__S *)b->window + row * b->in_row;
    const COR__V bias = COR__ALL(COR__V, b->bias != NULL ? *(const COR__S *)b->bias : 0);
    for (int64_t column = 0; column < b->width; column = COR__ID(next)(b, column)) {
        COR__V c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0}, c4 = {0}, c5 = {0}, c6 = {0};
        for (int64_t d = 0; d < b->taps[0]; d++)
            for (int64_t v = 0; v < b->taps[2]; v++) {
                const COR__S *at = window + column + d * b->tap_depth + b->columns[v];
                const COR__S *w = (const COR__S *)b->weights + d * b->steps[0] + v * b->steps[2];
                for (int64_t u = b->taps[1]; u > 0; u--, at += b->tap_row, w += b->steps[1]) {
                    const COR__V weight = COR__ALL(COR__V, *w);
                    COR__ROW(0)
                    COR__ROW(1)
                    COR__ROW(2)
                    COR__ROW(3)
                    COR__ROW(4)
                    COR__ROW(5)
                    COR__ROW(6)
                }
            }
        const bool fits = COR__ID(fits)(b, t, row + 5, column); /* then it does in the rows before */
        COR__ID(put)(b, t, row, column, c0 + bias, fits);
        COR__ID(put)(b, t, row + 1, column, c1 + bias, fits);
        COR__ID(put)(b, t, row + 2, column, c2 + bias, fits);
        COR__ID(put)(b, t, row + 3, column, c3 + bias, fits);
        COR__ID(put)(b, t, row + 4, column, c4 + bias, fits);
        COR__ID(put)(b, t, row + 5, column, c5 + bias, fits);
        COR__ID(put)(b, t, row + 6, column, c6 + bias, COR__ID(fits)(b, t, row + 6, column));
    }
}

#undef COR__ROW

/* ---- one row ---------------------------------------------------------------------------------------------------- */

/* `vectors` vectors, a constant, of one row from the column on. */
COR__INLINE void COR__ID(line)(const int vectors, const cor__depthwise_band *b, COR__ID(target) t, int64_t row,
                               int64_t column) {
    const COR__S *const window = (const COR__S *)b->window + row * b->in_row + column;
    const COR__V bias = COR__ALL(COR__V, b->bias != NULL ? *(const COR__S *)b->bias : 0);
    COR__V c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0};
    for (int64_t d = 0; d < b->taps[0]; d++)
        for (int64_t v = 0; v < b->taps[2]; v++) {
            const COR__S *at = window + d * b->tap_depth + b->columns[v];
            const COR__S *w = (const COR__S *)b->weights + d * b->steps[0] + v * b->steps[2];
            for (int64_t u = 0; u < b->taps[1]; u++, at += b->tap_row, w += b->steps[1]) {
                const COR__V weight = COR__ALL(COR__V, *w);
                c0 += COR__LOAD(COR__V, at) * weight;
                if (vectors == 1) continue;
                c1 += COR__LOAD(COR__V, at + COR__LANES) * weight;
                c2 += COR__LOAD(COR__V, at + 2 * COR__LANES) * weight;
                c3 += COR__LOAD(COR__V, at + 3 * COR__LANES) * weight;
            }
        }
    const bool fits = vectors > 1 || COR__ID(fits)(b, t, row, column);
    COR__ID(put)(b, t, row, column, c0 + bias, fits);
    if (vectors == 1) return;
    COR__ID(put)(b, t, row, column + COR__LANES, c1 + bias, true);
    COR__ID(put)(b, t, row, column + 2 * COR__LANES, c2 + bias, true);
    COR__ID(put)(b, t, row, column + 3 * COR__LANES, c3 + bias, true);
}

static void COR__ID(lines)(const cor__depthwise_band *b, COR__ID(target) t, int64_t row) {
    int64_t x = 0;
    for (; x + 4 * COR__LANES <= b->width; x += 4 * COR__LANES) COR__ID(line)(4, b, t, row, x);
    if (x > 0 && x < b->width && x + COR__LANES > b->width) x = b->width - COR__LANES;
    for (; x < b->width; x = COR__ID(next)(b, x)) COR__ID(line)(1, b, t, row, x);
}

static void COR__ID(band)(const cor__depthwise_band *b) {
    const COR__ID(target) t = COR__ID(target_of)(b);
    const int64_t taps = b->taps[1], stride = b->in_row == b->tap_row ? 1 : b->in_row == 2 * b->tap_row ? 2 : 0;
    if (b->rows < 7) {
        for (int64_t row = 0; row < b->rows; row++) COR__ID(lines)(b, t, row);
        return;
    }
    const bool common = stride > 0 && (taps == 3 || taps == 5 || taps == 7);
    COR__ID(tall_function) *const tall = common ? COR__ID(talls)[stride - 1][taps / 2 - 1] : COR__ID(seven);
    /* The last seven rows may be computed in part again. */
    for (int64_t row = 0; row + 7 <= b->rows; row += 7) tall(b, t, row);
    if (b->rows % 7 != 0) tall(b, t, b->rows - 7);
}
