/* conv_tile.inc.c: direct convolution in one type of computation.
 * The includer sets COR__S (its scalar type), COR__V (its vector type), COR__ID(name) (names for this type),
 * COR__TILE_ROWS (most output channels of a tile, 4 or 6) and COR__TILE_REGISTERS (vector registers that a tile may
 * take), and defines COR__ID(element), COR__ID(load) and COR__ID(store_row). */

enum { COR__ID(LANES) = sizeof(COR__V) / sizeof(COR__S) };

#define COR__TILE_ROW(i)                                                                                               \
    if (rows > i) {                                                                                                    \
        const COR__V w = COR__ALL(COR__V, weights[i * row]);                                                           \
        c##i##0 += w * x0;                                                                                             \
        if (vectors > 1) c##i##1 += w * x1;                                                                            \
        if (vectors > 2) c##i##2 += w * x2;                                                                            \
        if (vectors > 3) c##i##3 += w * x3;                                                                            \
    }

#define COR__TILE_STORE(i)                                                                                             \
    if (rows > i) {                                                                                                    \
        const COR__V b = COR__ALL(COR__V, bias != NULL ? bias[i] : 0);                                                 \
        COR__STORE(COR__V, out + i * out_row, c##i##0 + b);                                                            \
        if (vectors > 1) COR__STORE(COR__V, out + i * out_row + lanes, c##i##1 + b);                                   \
        if (vectors > 2) COR__STORE(COR__V, out + i * out_row + 2 * lanes, c##i##2 + b);                               \
        if (vectors > 3) COR__STORE(COR__V, out + i * out_row + 3 * lanes, c##i##3 + b);                               \
    }

/* One tile of `rows` output channels by `vectors` vectors of positions, both constants. Every accumulator has a name:
 * arrays of vectors end up in memory. */
COR__INLINE void COR__ID(tile)(const int rows, const int vectors, const cor__conv_block *block, const COR__S *strip,
                               const COR__S *weights, const COR__S *bias, COR__S *out, int64_t out_row) {
    enum { lanes = COR__ID(LANES) };
    const int64_t row = block->packed ? 1 : block->channels * block->taps, step = block->packed ? rows : 1;
    const int64_t taps = block->taps, plane = block->plane;
    const int64_t *const offsets = block->offsets;
    COR__V c00 = {0}, c01 = {0}, c02 = {0}, c03 = {0}, c10 = {0}, c11 = {0}, c12 = {0}, c13 = {0};
    COR__V c20 = {0}, c21 = {0}, c22 = {0}, c23 = {0}, c30 = {0}, c31 = {0}, c32 = {0}, c33 = {0};
    COR__V c40 = {0}, c41 = {0}, c42 = {0}, c43 = {0}, c50 = {0}, c51 = {0}, c52 = {0}, c53 = {0};
    for (int64_t c = block->channels; c > 0; c--, strip += plane) {
        for (int64_t a = 0; a < taps; a++, weights += step) {
            const COR__S *const at = strip + offsets[a];
            const COR__V x0 = COR__LOAD(COR__V, at);
            const COR__V x1 = vectors > 1 ? COR__LOAD(COR__V, at + lanes) : x0;
            const COR__V x2 = vectors > 2 ? COR__LOAD(COR__V, at + 2 * lanes) : x0;
            const COR__V x3 = vectors > 3 ? COR__LOAD(COR__V, at + 3 * lanes) : x0;
            COR__TILE_ROW(0)
            COR__TILE_ROW(1)
            COR__TILE_ROW(2)
            COR__TILE_ROW(3)
            COR__TILE_ROW(4)
            COR__TILE_ROW(5)
        }
    }
    COR__TILE_STORE(0)
    COR__TILE_STORE(1)
    COR__TILE_STORE(2)
    COR__TILE_STORE(3)
    COR__TILE_STORE(4)
    COR__TILE_STORE(5)
}

#undef COR__TILE_ROW
#undef COR__TILE_STORE

typedef void COR__ID(tile_function)(const cor__conv_block *block, const COR__S *strip, const COR__S *weights,
                                    const COR__S *bias, COR__S *out, int64_t out_row);

#define COR__TILE(rows, vectors)                                                                                       \
    static void COR__ID(tile_##rows##x##vectors)(const cor__conv_block *block, const COR__S *strip,                    \
                                                 const COR__S *weights, const COR__S *bias, COR__S *out,               \
                                                 int64_t out_row) {                                                    \
        COR__ID(tile)(rows, vectors, block, strip, weights, bias, out, out_row);                                       \
    }
// clang-format off
COR__TILE(1, 1) COR__TILE(1, 2) COR__TILE(1, 3) COR__TILE(1, 4)
COR__TILE(2, 1) COR__TILE(2, 2) COR__TILE(2, 3) COR__TILE(2, 4)
COR__TILE(3, 1) COR__TILE(3, 2) COR__TILE(3, 3) COR__TILE(3, 4)
COR__TILE(4, 1) COR__TILE(4, 2) COR__TILE(4, 3) COR__TILE(4, 4)
COR__TILE(5, 1) COR__TILE(5, 2) COR__TILE(5, 3) COR__TILE(5, 4)
COR__TILE(6, 1) COR__TILE(6, 2) COR__TILE(6, 3) COR__TILE(6, 4)
// clang-format on
#undef COR__TILE

/* By rows - 1 and vectors - 1; NULL where accumulators, positions and one weight would not fit the registers. */
// clang-format off
#define COR__T(rows, vectors)                                                                                          \
    (rows <= COR__TILE_ROWS && rows * vectors + vectors + 1 <= COR__TILE_REGISTERS                                     \
         ? COR__ID(tile_##rows##x##vectors) : NULL)
#define COR__TS(rows) {COR__T(rows, 1), COR__T(rows, 2), COR__T(rows, 3), COR__T(rows, 4)}
static COR__ID(tile_function) *const COR__ID(tiles)[6][4] = {COR__TS(1), COR__TS(2), COR__TS(3),
                                                             COR__TS(4), COR__TS(5), COR__TS(6)};
// clang-format on
#undef COR__TS
#undef COR__T

/* The position of a tile in the output. */
typedef struct COR__ID(place) {
    int64_t flat, row, column;
} COR__ID(place);

COR__INLINE void COR__ID(advance)(COR__ID(place) * place, int64_t by, int64_t pitch) {
    place->flat += by;
    place->column += by;
    while (place->column >= pitch) {
        place->column -= pitch;
        place->row++;
    }
}

COR__INLINE int64_t COR__ID(offset)(const cor__conv_block *b, int64_t row, int64_t column) {
    return row / b->image_rows * b->out_image + row % b->image_rows * b->out_row + column * b->out_column;
}

/* Copies a finished tile of `rows` by `length` positions to the output, row by row, without what lies between. */
static void COR__ID(scatter)(const cor__conv_block *b, const COR__S *tile, int64_t stride, int rows, int64_t channel,
                             COR__ID(place) place, int64_t length) {
    const int64_t element = COR__ID(element)(b->dtype);
    for (int64_t done = 0; done < length;) {
        const int64_t left = length - done, in_row = b->width - place.column < left ? b->width - place.column : left;
        if (in_row > 0 && place.row % b->image_rows < b->height) {
            const int64_t at = COR__ID(offset)(b, place.row, place.column) + channel * b->out_channel;
            for (int r = 0; r < rows; r++) {
                char *const to = (char *)b->output + (at + r * b->out_channel) * element;
                COR__ID(store_row)(to, b->out_column, tile + r * stride + done, in_row, b->dtype);
            }
        }
        const int64_t skip = b->pitch - place.column < left ? b->pitch - place.column : left;
        done += skip;
        COR__ID(advance)(&place, skip, b->pitch);
    }
}

/* All the output channels of the block at the `vectors` vectors of positions from place on. */
COR__INLINE void COR__ID(column)(const cor__conv_block *b, COR__ID(place) place, int vectors, int64_t length) {
    enum { lanes = COR__ID(LANES) };
    COR__S scratch[COR__TILE_ROWS * 4 * lanes];
    const COR__S *const strip = (const COR__S *)b->strip + place.flat;
    const COR__S *const weights = b->weights, *const bias = b->bias;
    const int64_t products = b->taps * b->channels;
    const bool whole = vectors * lanes == length && place.column + length <= b->width && b->out_column == 1 &&
                       COR__ID(element)(b->dtype) == sizeof(COR__S);
    COR__S *const output = whole ? (COR__S *)b->output + COR__ID(offset)(b, place.row, place.column) : NULL;
    for (int64_t tile = b->first_tile; tile < b->end_tile; tile++) {
        const int64_t first = cor__conv_tile_start(b->outputs, COR__TILE_ROWS, tile);
        const int rows = (int)(cor__conv_tile_start(b->outputs, COR__TILE_ROWS, tile + 1) - first);
        COR__S *const to = whole ? output + first * b->out_channel : scratch;
        COR__ID(tile_function) *const compute = COR__ID(tiles)[rows - 1][vectors - 1];
        compute(b, strip, weights + first * products, bias != NULL ? bias + first : NULL, to,
                whole ? b->out_channel : 4 * lanes);
        if (!whole) COR__ID(scatter)(b, scratch, 4 * lanes, rows, first, place, length);
    }
}

/* The vectors of the next tile when `left` remain. One vector alone would wait for its own sums: two tiles of about the
 * same width are faster than a wide one and a last of one vector. */
COR__INLINE int COR__ID(next_width)(int64_t left, int widest) {
    if (left == widest + 1) return (int)(left + 1) / 2;
    return left < widest ? (int)left : widest;
}

/* As cor__conv_kernel says; so below. */
static void COR__ID(block)(const cor__conv_block *b) {
    enum { lanes = COR__ID(LANES) };
    const int64_t rows = (b->images - 1) * b->image_rows + b->height, end = (rows - 1) * b->pitch + b->width;
    const int64_t tiles = cor__conv_tiles(b->outputs, COR__TILE_ROWS), most_rows = (b->outputs + tiles - 1) / tiles;
    int widest = 4;
    while (COR__ID(tiles)[most_rows - 1][widest - 1] == NULL) widest--;
    /* Tiles end with their row, and so need not be taken apart, where that wastes few positions and narrow tiles. */
    const int64_t row_vectors = (b->width + lanes - 1) / lanes;
    const bool by_rows =
        row_vectors * lanes <= b->pitch + b->pitch / 32 && (row_vectors % widest == 0 || row_vectors >= 4 * widest);
    /* Positions between images; tiles end with their image where these are some vectors. */
    const int64_t gap = (b->image_rows - b->height + 1) * b->pitch - b->width;
    COR__ID(place) place = {0, 0, 0};
    while (place.flat < end) {
        if (place.column >= b->width || place.row % b->image_rows >= b->height) {
            COR__ID(advance)(&place, b->pitch - place.column, b->pitch);
            continue;
        }
        const int64_t last = place.row - place.row % b->image_rows + b->height - 1; /* row of the image */
        const int64_t image_end = last * b->pitch + b->width,
                      flat_end = gap >= lanes && image_end < end ? image_end : end;
        const int64_t left = by_rows ? b->width - place.column : flat_end - place.flat;
        int vectors = COR__ID(next_width)((left + lanes - 1) / lanes, widest);
        while (b->exact && vectors * lanes > end) vectors = (vectors + 1) / 2;
        /* The last tile computes some positions again. */
        if (b->exact && left < vectors * lanes) COR__ID(advance)(&place, left - vectors * lanes, b->pitch);
        const int64_t length = b->exact || left > vectors * lanes ? vectors * lanes : left;
        COR__ID(column)(b, place, vectors, length);
        COR__ID(advance)(&place, length, b->pitch);
    }
}

static void COR__ID(pack)(void *to, const void *from, int64_t rows, int64_t row_step, int64_t channels,
                          int64_t channel_step, int64_t taps, const int64_t *tap_index) {
    for (int64_t r = 0; r < rows; r++) {
        COR__S *packed = (COR__S *)to + r;
        for (int64_t c = 0; c < channels; c++) {
            const COR__S *const kernel = (const COR__S *)from + r * row_step + c * channel_step;
            for (int64_t a = 0; a < taps; a++, packed += rows) *packed = kernel[tap_index[a]];
        }
    }
}
