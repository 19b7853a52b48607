/* matmul_run.c: the product of two matrices. Each thread computes a part of it by blocks, which are packed into panels
 * that tiles are computed from (Anatomy of High-Performance Matrix Multiplication, 2008); what lies well in memory is
 * not packed. */
#include "ops/matmul_run.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "kernels/matmul.h"
#include "ops/matmul_vector.h"
#include <assert.h>
#include <string.h>

/* Blocks are at most DEPTH deep, so that the product is read and written few times. A block of B is COLUMNS_BYTES wide
 * and stays in the second-level cache; one of A is ROWS_BYTES high. Both fit into a block of memory that is kept from
 * call to call. */
enum { DEPTH = 512, COLUMNS_BYTES = 512, ROWS_BYTES = 3024, STACK = 16384 };

typedef struct job {
    const cor__product *p;
    const cor__matmul_type *type;
    int64_t size, width; /* of an element, and of a whole panel of B in elements */
    int64_t depth, rows; /* of blocks */
    int64_t parts_down, parts_across, part_rows, part_columns;
} job;

/* A part of the product and where its computation is. */
typedef struct part {
    const job *j;
    int64_t row, rows, column, columns; /* the block of the product */
    int64_t height;                     /* of its panels */
    int64_t at, depth;                  /* along k */
    bool direct_a, direct_b;            /* read in place */
    char *a, *b;                        /* packed */
} part;

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

static const char *a_at(const part *t, int64_t row) {
    const cor__product *p = t->j->p;
    return p->a + ((t->row + row) * p->a_row + t->at * p->a_column) * t->j->size;
}

static const char *b_at(const part *t, int64_t column) {
    const cor__product *p = t->j->p;
    return p->b + (t->at * p->b_row + (t->column + column) * p->b_column) * t->j->size;
}

/* Whole vectors: what lies behind the columns becomes zero. */
static int64_t panel_width(const job *j, int64_t columns) {
    int64_t n = cor__min(columns, j->width);
    return cor__ceil_div(n, j->type->lanes) * j->type->lanes;
}

static void pack_a(const part *t) {
    const job *j = t->j;
    for (int64_t at = 0; at < t->rows; at += t->height) {
        int64_t n = cor__min(t->height, t->rows - at);
        j->type->pack(n, n, t->depth, a_at(t, at), j->p->a_row, j->p->a_column, t->a + at * t->depth * j->size);
    }
}

/* Only a panel that is no whole number of vectors when the others are read in place. */
static void pack_b(const part *t) {
    const job *j = t->j;
    int64_t at = t->direct_b ? t->columns / j->width * j->width : 0;
    if (t->direct_b && t->columns % j->type->lanes == 0) return;
    for (char *to = t->b; at < t->columns; at += j->width) {
        int64_t w = panel_width(j, t->columns - at);
        j->type->pack(cor__min(w, t->columns - at), w, t->depth, b_at(t, at), j->p->b_column, j->p->b_row, to);
        to += w * t->depth * j->size;
    }
}

/* One panel of A by one of B. A tile with a row that is no whole number of vectors is computed beside and merged. */
static void one_tile(const part *t, cor__matmul_block *block, const char *a, int64_t row, const char *b,
                     int64_t column) {
    const job *j = t->j;
    const cor__product *p = j->p;
    int64_t m = cor__min(t->height, t->rows - row), n = cor__min(j->width, t->columns - column);
    int64_t vectors = cor__ceil_div(n, j->type->lanes);
    const char *bias = NULL;
    char *c = p->c + ((t->row + row) * p->n + t->column + column) * j->size;
    if (p->bias != NULL && t->at + t->depth == p->k) bias = p->bias + (t->column + column) * j->size;
    cor__matmul_tile *tile = j->type->tiles[m - 1][vectors - 1];
    if (n == vectors * j->type->lanes) {
        tile(block, a, b, bias, c);
        return;
    }
    _Alignas(64) char whole[COR__TILE_BYTES];
    cor__matmul_block beside = *block;
    beside.c_row = j->width;
    beside.add = false;
    tile(&beside, a, b, NULL, whole);
    j->type->merge(block, m, n, whole, j->width, bias, c);
}

static void tiles(const part *t) {
    const job *j = t->j;
    const cor__product *p = j->p;
    cor__matmul_block block = {.k = t->depth, .c_row = p->n, .add = p->add || t->at > 0};
    for (int64_t row = 0; row < t->rows; row += t->height) {
        const char *a = t->direct_a ? a_at(t, row) : t->a + row * t->depth * j->size;
        block.a_step = t->direct_a ? p->a_column : cor__min(t->height, t->rows - row);
        const char *packed = t->b;
        for (int64_t column = 0; column < t->columns; column += j->width) {
            int64_t left = t->columns - column, w = panel_width(j, left);
            bool direct = t->direct_b && (left >= j->width || left == w);
            block.b_step = direct ? p->b_row : w;
            one_tile(t, &block, a, row, direct ? b_at(t, column) : packed, column);
            if (!direct) packed += w * t->depth * j->size;
        }
    }
}

/* ---- parts ------------------------------------------------------------------------------------------------------ */

/* Reading in place costs more for every use, packing once. */
static bool is_direct(int64_t stride, int64_t uses, int64_t bytes) {
    return stride == 1 && (uses <= 2 || bytes <= 1 << 15);
}

static void run_blocks(part *t, int64_t rows, int64_t columns) {
    const job *j = t->j;
    const int64_t row = t->row, column = t->column;
    const int64_t block_columns = cor__min(columns, COLUMNS_BYTES / j->size);
    for (t->at = 0; t->at < j->p->k; t->at += j->depth) {
        t->depth = cor__min(j->depth, j->p->k - t->at);
        for (t->row = row; t->row < row + rows; t->row += j->rows) {
            t->rows = cor__min(j->rows, row + rows - t->row);
            t->height = cor__ceil_div(t->rows, cor__ceil_div(t->rows, j->type->rows)); /* as even as can be */
            if (!t->direct_a) pack_a(t);
            for (t->column = column; t->column < column + columns; t->column += block_columns) {
                t->columns = cor__min(block_columns, column + columns - t->column);
                pack_b(t);
                tiles(t);
            }
        }
    }
}

static void run_part(const job *j, int64_t row, int64_t rows, int64_t column, int64_t columns) {
    const cor__product *p = j->p;
    _Alignas(64) char stack[STACK];
    part t = {.j = j, .row = row, .column = column, .a = stack};
    int64_t block_columns = cor__min(columns, COLUMNS_BYTES / j->size);
    t.direct_a = is_direct(p->a_row, cor__ceil_div(columns, j->width), rows * p->k * j->size);
    t.direct_b = is_direct(p->b_column, cor__ceil_div(rows, j->type->rows), columns * p->k * j->size);
    int64_t b_columns = t.direct_b ? j->width : cor__ceil_div(block_columns, j->width) * j->width;
    int64_t a = t.direct_a ? 0 : cor__min(rows, j->rows) * j->depth * j->size;
    a = cor__ceil_div(a, COR__ALIGN) * COR__ALIGN;
    int64_t bytes = a + b_columns * j->depth * j->size;
    if (bytes > STACK) t.a = cor__alloc((size_t)bytes, "the packed blocks of a matrix product");
    if (t.a == NULL) return;
    t.b = t.a + a;
    run_blocks(&t, rows, columns);
    if (t.a != stack) cor__free(t.a, (size_t)bytes);
}

static void run_parts(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    for (int64_t i = begin; i < end; i++) {
        int64_t row = i / j->parts_across * j->part_rows, column = i % j->parts_across * j->part_columns;
        int64_t rows = cor__min(j->part_rows, j->p->m - row), columns = cor__min(j->part_columns, j->p->n - column);
        if (rows > 0 && columns > 0) run_part(j, row, rows, column, columns);
    }
}

static int64_t part_size(int64_t n, int64_t parts, int64_t step) {
    return cor__ceil_div(cor__ceil_div(n, step), parts) * step;
}

/* Cuts the product into a grid of at most `parts`, whose largest part takes the least time: an element of it costs
 * about as much as packing one fifth of an element along its sides. */
static void cut(job *j, int64_t parts) {
    int64_t least = INT64_MAX;
    for (int64_t down = 1; down <= parts; down++) {
        int64_t rows = part_size(j->p->m, down, j->type->rows);
        int64_t columns = part_size(j->p->n, parts / down, j->type->lanes),
                cost = rows * columns + 5 * (rows + columns);
        if (cost >= least) continue;
        least = cost;
        j->parts_down = down;
        j->parts_across = parts / down;
        j->part_rows = rows;
        j->part_columns = columns;
    }
}

static const cor__matmul_type *type_of(cor_dtype dtype) {
    const cor__kernels *kernels = cor__kernels_now();
    return (cor_dtype_is_floating(dtype) ? kernels->fused : kernels->fused_integers)->matmul->type[dtype];
}

static int zero(const cor__product *p, int64_t size) {
    for (int64_t i = 0; i < p->m; i++) {
        char *row = p->c + i * p->n * size;
        if (p->bias != NULL) memcpy(row, p->bias, (size_t)(p->n * size));
        else if (!p->add) memset(row, 0, (size_t)(p->n * size));
    }
    return COR_OK;
}

int cor__multiply(const cor__product *p, int threads) {
    enum { GRAIN = 1 << 18 };
    job j = {.p = p, .type = type_of(p->dtype), .size = cor_dtype_size(p->dtype)};
    assert(p->bias == NULL || !p->add);
    if (p->m == 0 || p->n == 0) return COR_OK;
    if (p->k == 0) return zero(p, j.size);
    if (cor__multiply_vector(p, j.type, threads)) return cor_error();
    j.width = COR__TILE_VECTORS * j.type->lanes;
    j.rows = ROWS_BYTES / j.size / j.type->rows * j.type->rows;
    j.depth = cor__ceil_div(p->k, cor__ceil_div(p->k, DEPTH));
    double grains = (double)p->m * (double)p->n * (double)p->k / GRAIN;
    cut(&j, grains < threads ? cor__max(1, (int64_t)grains) : threads);
    int64_t parts = j.parts_down * j.parts_across;
    if (parts > 1) return cor_parallel_for(parts, 1, run_parts, &j);
    run_parts(0, 1, &j);
    return cor_error();
}
