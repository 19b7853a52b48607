/* conv_weights_type.inc.c: the gradient of convolution weights in one type of computation. The includer sets COR__S
 * (its scalar type), COR__V (its vector type), COR__QUAD (a vector of four), COR__ID(name) (names for this type), and
 * COR__EVEN and COR__ODD (lists of lanes); this file undefines them. */

/* ---- output channels in lanes ----------------------------------------------------------------------------------- */

#define COR__ROW(i)                                                                                                    \
    if (rows > i) {                                                                                                    \
        const COR__V x = COR__ALL(COR__V, at[row##i]);                                                                 \
        c##i##0 += x * g0;                                                                                             \
        if (vectors > 1) c##i##1 += x * g1;                                                                            \
        if (vectors > 2) c##i##2 += x * g2;                                                                            \
        if (vectors > 3) c##i##3 += x * g3;                                                                            \
    }

#define COR__PUT(i, v)                                                                                                 \
    if (rows > i && vectors > v) {                                                                                     \
        COR__S *const to = sums + (i * vectors + v) * lanes;                                                           \
        COR__STORE(COR__V, to, COR__LOAD(COR__V, to) + c##i##v);                                                       \
    }
#define COR__PUT_ROW(i) COR__PUT(i, 0) COR__PUT(i, 1) COR__PUT(i, 2) COR__PUT(i, 3)

/* One tile of `rows` rows by `vectors` vectors of output channels, both constants; every accumulator has a name. */
COR__INLINE void COR__ID(outer_tile)(const int rows, const int vectors, const cor__weights_outer *job,
                                     const int64_t *offsets, COR__S *sums) {
    enum { lanes = COR__ID(LANES) };
    const COR__S *const input = job->input, *grads = job->grads;
    const int64_t *const pixels = job->pixels, n = job->n_pixels;
    const int64_t row0 = offsets[0], row1 = rows > 1 ? offsets[1] : 0, row2 = rows > 2 ? offsets[2] : 0;
    const int64_t row3 = rows > 3 ? offsets[3] : 0, row4 = rows > 4 ? offsets[4] : 0, row5 = rows > 5 ? offsets[5] : 0;
    COR__V c00 = {0}, c01 = {0}, c02 = {0}, c03 = {0}, c10 = {0}, c11 = {0}, c12 = {0}, c13 = {0};
    COR__V c20 = {0}, c21 = {0}, c22 = {0}, c23 = {0}, c30 = {0}, c31 = {0}, c32 = {0}, c33 = {0};
    COR__V c40 = {0}, c41 = {0}, c42 = {0}, c43 = {0}, c50 = {0}, c51 = {0}, c52 = {0}, c53 = {0};
    for (int64_t p = 0; p < n; p++, grads += vectors * lanes) {
        const COR__S *const at = input + pixels[p];
        const COR__V g0 = COR__LOAD(COR__V, grads);
        const COR__V g1 = vectors > 1 ? COR__LOAD(COR__V, grads + lanes) : g0;
        const COR__V g2 = vectors > 2 ? COR__LOAD(COR__V, grads + 2 * lanes) : g0;
        const COR__V g3 = vectors > 3 ? COR__LOAD(COR__V, grads + 3 * lanes) : g0;
        COR__ROW(0)
        COR__ROW(1)
        COR__ROW(2)
        COR__ROW(3)
        COR__ROW(4)
        COR__ROW(5)
    }
    COR__PUT_ROW(0)
    COR__PUT_ROW(1)
    COR__PUT_ROW(2)
    COR__PUT_ROW(3)
    COR__PUT_ROW(4)
    COR__PUT_ROW(5)
}

#undef COR__ROW
#undef COR__PUT
#undef COR__PUT_ROW

typedef void COR__ID(outer_function)(const cor__weights_outer *job, const int64_t *offsets, COR__S *sums);

#define COR__TILE(rows, vectors)                                                                                       \
    static void COR__ID(outer_##rows##x##vectors)(const cor__weights_outer *job, const int64_t *offsets,               \
                                                  COR__S *sums) {                                                      \
        COR__ID(outer_tile)(rows, vectors, job, offsets, sums);                                                        \
    }
#define COR__TILES(rows) COR__TILE(rows, 1) COR__TILE(rows, 2) COR__TILE(rows, 3) COR__TILE(rows, 4)
COR__TILES(1)
COR__TILES(2)
COR__TILES(3)
COR__TILES(4)
COR__TILES(5)
COR__TILES(6)
#undef COR__TILE
#undef COR__TILES

/* By rows - 1 and vectors - 1; NULL where a tile would not fit the registers. */
// clang-format off
#define COR__T(rows, vectors)                                                                                          \
    (rows <= COR__OUTER_ROWS && vectors <= COR__OUTER_VECTORS ? COR__ID(outer_##rows##x##vectors) : NULL)
#define COR__TS(rows) {COR__T(rows, 1), COR__T(rows, 2), COR__T(rows, 3), COR__T(rows, 4)}
static COR__ID(outer_function) *const COR__ID(outer_tiles)[6][4] = {COR__TS(1), COR__TS(2), COR__TS(3),
                                                                    COR__TS(4), COR__TS(5), COR__TS(6)};
// clang-format on
#undef COR__T
#undef COR__TS

/* As cor__weights_kernel says; so below. */
static void COR__ID(outer)(const cor__weights_outer *job) {
    const int64_t tiles = cor__conv_tiles(job->n_rows, COR__OUTER_ROWS), width = job->vectors * COR__ID(LANES);
    for (int64_t tile = 0; tile < tiles; tile++) {
        const int64_t first = cor__conv_tile_start(job->n_rows, COR__OUTER_ROWS, tile);
        const int64_t rows = cor__conv_tile_start(job->n_rows, COR__OUTER_ROWS, tile + 1) - first;
        COR__ID(outer_tiles)[rows - 1][job->vectors - 1](job, job->rows + first, (COR__S *)job->sums + first * width);
    }
}

/* ---- channels in lanes ------------------------------------------------------------------------------------------- */

#define COR__ROW(i)                                                                                                    \
    if (rows > i) c##i += COR__LOAD(COR__V, at + row##i) * g;
#define COR__PUT(i)                                                                                                    \
    if (rows > i) {                                                                                                    \
        COR__S *const to = sums + i * COR__ID(LANES);                                                                  \
        COR__STORE(COR__V, to, COR__LOAD(COR__V, to) + c##i);                                                          \
    }

/* One tile of `rows` rows, a constant. */
COR__INLINE void COR__ID(lanewise_tile)(const int rows, const cor__weights_outer *job, const int64_t *offsets,
                                        COR__S *sums) {
    const COR__S *const input = job->input, *grads = job->grads;
    const int64_t *const pixels = job->pixels, n = job->n_pixels;
    const int64_t row0 = offsets[0], row1 = rows > 1 ? offsets[1] : 0, row2 = rows > 2 ? offsets[2] : 0;
    const int64_t row3 = rows > 3 ? offsets[3] : 0, row4 = rows > 4 ? offsets[4] : 0;
    COR__V c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0}, c4 = {0};
    for (int64_t p = 0; p < n; p++, grads += COR__ID(LANES)) {
        const COR__S *const at = input + pixels[p];
        const COR__V g = COR__LOAD(COR__V, grads);
        COR__ROW(0)
        COR__ROW(1)
        COR__ROW(2)
        COR__ROW(3)
        COR__ROW(4)
    }
    COR__PUT(0)
    COR__PUT(1)
    COR__PUT(2)
    COR__PUT(3)
    COR__PUT(4)
}

#undef COR__ROW
#undef COR__PUT

static void COR__ID(lanewise)(const cor__weights_outer *job) {
    COR__S *sums = job->sums;
    int64_t left = job->n_rows;
    for (const int64_t *offsets = job->rows; left > 0;) {
        const int64_t tiles = (left + 4) / 5, rows = (left + tiles - 1) / tiles;
        if (rows == 5) COR__ID(lanewise_tile)(5, job, offsets, sums);
        else if (rows == 4) COR__ID(lanewise_tile)(4, job, offsets, sums);
        else if (rows == 3) COR__ID(lanewise_tile)(3, job, offsets, sums);
        else if (rows == 2) COR__ID(lanewise_tile)(2, job, offsets, sums);
        else COR__ID(lanewise_tile)(1, job, offsets, sums);
        offsets += rows;
        sums += rows * COR__ID(LANES);
        left -= rows;
    }
}

/* ---- pixels in lanes -------------------------------------------------------------------------------------------- */

/* Sums of pairs of neighbours: those of a, then those of b. */
COR__INLINE COR__V COR__ID(fold)(COR__V a, COR__V b) {
    return __builtin_shufflevector(a, b, COR__EVEN) + __builtin_shufflevector(a, b, COR__ODD);
}

/* Adds a finished tile, [outputs][4] vectors, to the sums: of each vector the sum of its lanes. */
static void COR__ID(add_tile)(const COR__S *tile, int64_t outputs, int64_t rows, COR__S *sums, int64_t step) {
    enum { lanes = COR__ID(LANES), part = lanes < 4 ? 1 : lanes / 4 };
    COR__S folded[lanes < 4 ? 4 : lanes];
    for (int64_t o = 0; o < outputs; o++, tile += 4 * lanes, sums += step) {
        const COR__V ab = COR__ID(fold)(COR__LOAD(COR__V, tile), COR__LOAD(COR__V, tile + lanes));
        const COR__V cd = COR__ID(fold)(COR__LOAD(COR__V, tile + 2 * lanes), COR__LOAD(COR__V, tile + 3 * lanes));
        if (lanes < 4) {
            COR__STORE(COR__V, folded, ab);
            COR__STORE(COR__V, folded + 2, cd);
        } else {
            COR__STORE(COR__V, folded, COR__ID(fold)(ab, cd));
        }
        for (int64_t i = 0; i < rows; i++)
            for (int64_t k = 0; k < part; k++) sums[i] += folded[i * part + k];
    }
}

#define COR__OUTPUT(i)                                                                                                 \
    if (outputs > i) {                                                                                                 \
        const COR__V g = COR__LOAD(COR__V, grads + i * plane + t);                                                     \
        c##i##0 += g * x0;                                                                                             \
        if (rows > 1) c##i##1 += g * x1;                                                                               \
        if (rows > 2) c##i##2 += g * x2;                                                                               \
        if (rows > 3) c##i##3 += g * x3;                                                                               \
    }
#define COR__PUT(i)                                                                                                    \
    if (outputs > i) {                                                                                                 \
        COR__STORE(COR__V, tile + (4 * i) * COR__ID(LANES), c##i##0);                                                  \
        if (rows > 1) COR__STORE(COR__V, tile + (4 * i + 1) * COR__ID(LANES), c##i##1);                                \
        if (rows > 2) COR__STORE(COR__V, tile + (4 * i + 2) * COR__ID(LANES), c##i##2);                                \
        if (rows > 3) COR__STORE(COR__V, tile + (4 * i + 3) * COR__ID(LANES), c##i##3);                                \
    }

/* One tile of `outputs` output channels by `rows` rows, both constants. */
COR__INLINE void COR__ID(inner_tile)(const int outputs, const int rows, const cor__weights_inner *job,
                                     const int64_t *offsets, const COR__S *grads, COR__S *tile) {
    const COR__S *const input = job->input;
    const COR__S *const at0 = input + offsets[0], *const at1 = rows > 1 ? input + offsets[1] : at0;
    const COR__S *const at2 = rows > 2 ? input + offsets[2] : at0, *const at3 = rows > 3 ? input + offsets[3] : at0;
    const int64_t plane = job->plane, n = job->positions;
    COR__V c00 = {0}, c01 = {0}, c02 = {0}, c03 = {0}, c10 = {0}, c11 = {0}, c12 = {0}, c13 = {0};
    COR__V c20 = {0}, c21 = {0}, c22 = {0}, c23 = {0}, c30 = {0}, c31 = {0}, c32 = {0}, c33 = {0};
    COR__V c40 = {0}, c41 = {0}, c42 = {0}, c43 = {0}, c50 = {0}, c51 = {0}, c52 = {0}, c53 = {0};
    for (int64_t t = 0; t < n; t += COR__ID(LANES)) {
        const COR__V x0 = COR__LOAD(COR__V, at0 + t);
        const COR__V x1 = rows > 1 ? COR__LOAD(COR__V, at1 + t) : x0;
        const COR__V x2 = rows > 2 ? COR__LOAD(COR__V, at2 + t) : x0;
        const COR__V x3 = rows > 3 ? COR__LOAD(COR__V, at3 + t) : x0;
        COR__OUTPUT(0)
        COR__OUTPUT(1)
        COR__OUTPUT(2)
        COR__OUTPUT(3)
        COR__OUTPUT(4)
        COR__OUTPUT(5)
    }
    COR__PUT(0)
    COR__PUT(1)
    COR__PUT(2)
    COR__PUT(3)
    COR__PUT(4)
    COR__PUT(5)
}

#undef COR__OUTPUT
#undef COR__PUT

typedef void COR__ID(inner_function)(const cor__weights_inner *job, const int64_t *offsets, const COR__S *grads,
                                     COR__S *tile);

#define COR__TILE(outputs, rows)                                                                                       \
    static void COR__ID(inner_##outputs##x##rows)(const cor__weights_inner *job, const int64_t *offsets,               \
                                                  const COR__S *grads, COR__S *tile) {                                 \
        COR__ID(inner_tile)(outputs, rows, job, offsets, grads, tile);                                                 \
    }
#define COR__TILES(outputs) COR__TILE(outputs, 1) COR__TILE(outputs, 2) COR__TILE(outputs, 3) COR__TILE(outputs, 4)
COR__TILES(1)
COR__TILES(2)
COR__TILES(3)
COR__TILES(4)
COR__TILES(5)
COR__TILES(6)
#undef COR__TILE
#undef COR__TILES

/* By outputs - 1 and rows - 1; NULL where a tile would not fit the registers. */
// clang-format off
#define COR__T(outputs, rows)                                                                                          \
    (outputs <= COR__INNER_OUTPUTS && rows <= COR__INNER_ROWS ? COR__ID(inner_##outputs##x##rows) : NULL)
#define COR__TS(outputs) {COR__T(outputs, 1), COR__T(outputs, 2), COR__T(outputs, 3), COR__T(outputs, 4)}
static COR__ID(inner_function) *const COR__ID(inner_tiles)[6][4] = {COR__TS(1), COR__TS(2), COR__TS(3),
                                                                    COR__TS(4), COR__TS(5), COR__TS(6)};
// clang-format on
#undef COR__T
#undef COR__TS

static void COR__ID(inner)(const cor__weights_inner *job) {
    COR__S tile[COR__INNER_OUTPUTS * 4 * COR__ID(LANES)] = {0};
    const int64_t output_tiles = cor__conv_tiles(job->outputs, COR__INNER_OUTPUTS);
    const int64_t row_tiles = cor__conv_tiles(job->n_rows, COR__INNER_ROWS);
    for (int64_t i = 0; i < output_tiles; i++) {
        const int64_t o = cor__conv_tile_start(job->outputs, COR__INNER_OUTPUTS, i);
        const int64_t outputs = cor__conv_tile_start(job->outputs, COR__INNER_OUTPUTS, i + 1) - o;
        for (int64_t k = 0; k < row_tiles; k++) {
            const int64_t r = cor__conv_tile_start(job->n_rows, COR__INNER_ROWS, k);
            const int64_t rows = cor__conv_tile_start(job->n_rows, COR__INNER_ROWS, k + 1) - r;
            COR__ID(inner_tiles)
            [outputs - 1][rows - 1](job, job->rows + r, (const COR__S *)job->grads + o * job->plane, tile);
            COR__ID(add_tile)(tile, outputs, rows, (COR__S *)job->sums + o * job->n_rows + r, job->n_rows);
        }
    }
}

/* ---- moving and finishing --------------------------------------------------------------------------------------- */

COR__INLINE void COR__ID(transpose_4x4)(COR__S *to, int64_t to_row, const COR__S *from, int64_t from_row) {
    const COR__QUAD a = COR__LOAD(COR__QUAD, from), b = COR__LOAD(COR__QUAD, from + from_row);
    const COR__QUAD c = COR__LOAD(COR__QUAD, from + 2 * from_row), d = COR__LOAD(COR__QUAD, from + 3 * from_row);
    const COR__QUAD ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const COR__QUAD cd = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    COR__STORE(COR__QUAD, to, __builtin_shufflevector(ab, cd, 0, 1, 4, 5));
    COR__STORE(COR__QUAD, to + to_row, __builtin_shufflevector(ab, cd, 2, 3, 6, 7));
    COR__STORE(COR__QUAD, to + 2 * to_row, __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5));
    COR__STORE(COR__QUAD, to + 3 * to_row, __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7));
}

/* Four rows, while those at `next` are fetched. */
COR__INLINE void COR__ID(transpose_rows)(COR__S *to, int64_t to_row, const COR__S *from, int64_t from_row,
                                         int64_t columns, const COR__S *next) {
    enum { line = 64 / sizeof(COR__S) };
    int64_t j = 0;
    for (; j + line <= columns; j += line) {
        for (int64_t k = 0; k < 4; k++) __builtin_prefetch(next + k * from_row + j);
        for (int64_t k = j; k < j + line; k += 4) COR__ID(transpose_4x4)(to + k * to_row, to_row, from + k, from_row);
    }
    for (; j + 4 <= columns; j += 4) COR__ID(transpose_4x4)(to + j * to_row, to_row, from + j, from_row);
    for (; j < columns; j++)
        for (int64_t k = 0; k < 4; k++) to[j * to_row + k] = from[k * from_row + j];
}

/* Columns in blocks, so that what is written of them stays in the first level cache until its lines are full. */
static void COR__ID(transpose)(void *to, int64_t to_row, const void *from, int64_t from_row, int64_t rows,
                               int64_t columns) {
    enum { BLOCK = 64 };
    const int64_t whole = rows - rows % 4;
    for (int64_t j = 0; j < columns; j += BLOCK) {
        const int64_t width = columns - j < BLOCK ? columns - j : BLOCK;
        COR__S *const out = (COR__S *)to + j * to_row;
        const COR__S *const in = (const COR__S *)from + j;
        for (int64_t i = 0; i < whole; i += 4) {
            const COR__S *const next = in + (i + 4 < whole ? i + 4 : 0) * from_row;
            COR__ID(transpose_rows)(out + i, to_row, in + i * from_row, from_row, width, next);
        }
        for (int64_t i = whole; i < rows; i++)
            for (int64_t k = 0; k < width; k++) out[k * to_row + i] = in[i * from_row + k];
    }
}

static void COR__ID(sum)(void *to, const void *from, int64_t n, cor_dtype dtype) {
    enum { lanes = COR__ID(LANES), RUN = 32 * lanes };
    COR__S run[RUN], folded[lanes];
    COR__V a = {0}, b = {0}, c = {0}, d = {0};
    for (int64_t done = 0; done < n; done += RUN) {
        const int64_t length = n - done < RUN ? n - done : RUN,
                      used = (length + 4 * lanes - 1) / (4 * lanes) * 4 * lanes;
        const COR__S *at = (const COR__S *)from + done;
        if (length < RUN || COR__ID(element)(dtype) != sizeof(COR__S)) {
            COR__ID(load)(run, (const char *)from + done * COR__ID(element)(dtype), 1, length, dtype);
            memset(run + length, 0, (size_t)(used - length) * sizeof *run);
            at = run;
        }
        for (int64_t i = 0; i < used; i += 4 * lanes) {
            a += COR__LOAD(COR__V, at + i);
            b += COR__LOAD(COR__V, at + i + lanes);
            c += COR__LOAD(COR__V, at + i + 2 * lanes);
            d += COR__LOAD(COR__V, at + i + 3 * lanes);
        }
    }
    COR__STORE(COR__V, folded, (a + b) + (c + d));
    for (int64_t half = lanes / 2; half > 0; half /= 2)
        for (int64_t i = 0; i < half; i++) folded[i] += folded[i + half];
    *(COR__S *)to = folded[0];
}

static void COR__ID(finish)(void *to, const void *parts, int64_t step, int64_t n_parts, int64_t n, cor_dtype dtype) {
    enum { RUN = 512 };
    COR__S run[RUN];
    for (int64_t done = 0; done < n; done += RUN) {
        const int64_t length = n - done < RUN ? n - done : RUN;
        const COR__S *from = (const COR__S *)parts + done;
        memcpy(run, from, (size_t)length * sizeof *run);
        for (int64_t part = 1; part < n_parts; part++) {
            from += step;
            for (int64_t i = 0; i < length; i++) run[i] += from[i];
        }
        COR__ID(store_row)((char *)to + done * COR__ID(element)(dtype), 1, run, length, dtype);
    }
}

#undef COR__S
#undef COR__V
#undef COR__QUAD
#undef COR__ID
#undef COR__EVEN
#undef COR__ODD
