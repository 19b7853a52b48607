/* turn.c: copies between two orders of the same dimensions, in tiles of which both sides stay in the first-level cache.
 */
#include "tensor/turn.h"
#include "base/sizes.h"

enum { TILE = 32, GRAIN = 16384 }; /* rows and columns of a tile; elements worth another thread */

/* One tile: columns lie `from_step` elements apart in `from`, rows `to_step` in `to`. */
#define TURN(bits)                                                                                                     \
    static void turn_##bits(int64_t rows, int64_t columns, char *to, int64_t to_step, const char *from,                \
                            int64_t from_step) {                                                                       \
        for (int64_t r = 0; r < rows; r++) {                                                                           \
            uint##bits##_t *out = (uint##bits##_t *)(void *)(to + r * to_step);                                        \
            const char *in = from + r * (int64_t)sizeof *out;                                                          \
            for (int64_t c = 0; c < columns; c++, in += from_step) out[c] = *(const uint##bits##_t *)(const void *)in; \
        }                                                                                                              \
    }
TURN(8)
TURN(16)
TURN(32)
TURN(64)

/* Items are bands of TILE rows: item i is band i % bands of the i / bands-th of the other dimensions' places. */
static void run_bands(int64_t begin, int64_t end, void *context) {
    const cor__turn *t = context;
    const int64_t rows = t->sizes[COR__TURN_ROWS], columns = t->sizes[COR__TURN_COLUMNS],
                  bands = cor__ceil_div(rows, TILE);
    const int64_t to_step = t->to_strides[COR__TURN_ROWS], from_step = t->from_strides[COR__TURN_COLUMNS];
    for (int64_t i = begin; i < end; i++) {
        int64_t rest = i / bands, row = i % bands * TILE;
        char *to = t->to + row * to_step;
        const char *from = t->from + row * t->size;
        for (int d = COR__TURN_OTHERS + t->n_others - 1; d >= COR__TURN_OTHERS; d--) {
            to += rest % t->sizes[d] * t->to_strides[d];
            from += rest % t->sizes[d] * t->from_strides[d];
            rest /= t->sizes[d];
        }
        void (*tile)(int64_t, int64_t, char *, int64_t, const char *, int64_t) = t->size == 1   ? turn_8
                                                                                 : t->size == 2 ? turn_16
                                                                                 : t->size == 4 ? turn_32
                                                                                                : turn_64;
        for (int64_t c = 0; c < columns; c += TILE)
            tile(cor__min(TILE, rows - row), cor__min(TILE, columns - c), to + c * t->size, to_step,
                 from + c * from_step, from_step);
    }
}

int cor__turn_run(const cor__turn *t) {
    int64_t items = cor__ceil_div(t->sizes[COR__TURN_ROWS], TILE);
    for (int d = 0; d < t->n_others; d++) items *= t->sizes[COR__TURN_OTHERS + d];
    return cor_parallel_for(items, cor__max(1, GRAIN / (TILE * t->sizes[COR__TURN_COLUMNS])), run_bands, (void *)t);
}
