/* matmul_run.c: the product of two matrices. Blocks of both are packed into panels, which tiles are computed from
 * (Goto and van de Geijn 2008). Small products are packed on the stack, products with a vector not at all. */
#include "ops/matmul_run.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include "kernels/matmul.h"
#include <string.h>

/* DEPTH: of a panel, so that one of B stays in the first-level cache. ROWS x DEPTH and DEPTH x COLUMNS are packed at
 * once; TASK_ROWS x TASK_COLUMNS is one task. */
enum { DEPTH = 256, ROWS = 1536, COLUMNS = 2048, TASK_ROWS = 96, TASK_COLUMNS = 256, STACK = 16384 };

typedef struct job {
    const cor__product *p;
    const cor__matmul_type *type;
    int64_t size;
    int64_t row, rows, column, columns, depth, depths; /* the block: where it begins and how large it is */
    char *a, *b;                                       /* packed */
    bool add;
} job;

/* ---- packed blocks ---------------------------------------------------------------------------------------------- */

static void pack_a(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor__product *p = j->p;
    for (int64_t panel = begin; panel < end; panel++) {
        int64_t at = panel * COR__TILE_ROWS;
        const char *from = p->a + ((j->row + at) * p->a_row + j->depth * p->a_column) * j->size;
        j->type->pack(cor__min(COR__TILE_ROWS, j->rows - at), COR__TILE_ROWS, j->depths, from, p->a_row, p->a_column,
                      j->a + at * j->depths * j->size);
    }
}

static void pack_b(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor__product *p = j->p;
    int64_t width = j->type->columns;
    for (int64_t panel = begin; panel < end; panel++) {
        int64_t at = panel * width;
        const char *from = p->b + (j->depth * p->b_row + (j->column + at) * p->b_column) * j->size;
        j->type->pack(cor__min(width, j->columns - at), width, j->depths, from, p->b_column, p->b_row,
                      j->b + at * j->depths * j->size);
    }
}

/* The tile at (row, column) of the block; one at the edge is computed beside and then merged. */
static void one_tile(const job *j, int64_t row, int64_t column) {
    _Alignas(64) char whole[COR__MAX_TILE * 8];
    int64_t m = cor__min(COR__TILE_ROWS, j->rows - row), n = cor__min(j->type->columns, j->columns - column);
    const char *a = j->a + row * j->depths * j->size, *b = j->b + column * j->depths * j->size;
    char *c = j->p->c + ((j->row + row) * j->p->n + j->column + column) * j->size;
    if (m == COR__TILE_ROWS && n == j->type->columns) {
        j->type->tile(j->depths, a, b, c, j->p->n, j->add);
        return;
    }
    j->type->tile(j->depths, a, b, whole, j->type->columns, false);
    j->type->merge(m, n, whole, c, j->p->n, j->add);
}

static void tiles(const job *j, int64_t row, int64_t column, int64_t m, int64_t n) {
    for (int64_t jc = column; jc < column + n; jc += j->type->columns)
        for (int64_t ir = row; ir < row + m; ir += COR__TILE_ROWS) one_tile(j, ir, jc);
}

static void run_tasks(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    int64_t across = cor__ceil_div(j->columns, TASK_COLUMNS);
    for (int64_t task = begin; task < end; task++) {
        int64_t row = task / across * TASK_ROWS, column = task % across * TASK_COLUMNS;
        tiles(j, row, column, cor__min(TASK_ROWS, j->rows - row), cor__min(TASK_COLUMNS, j->columns - column));
    }
}

/* ---- whole products --------------------------------------------------------------------------------------------- */

static int64_t round_up(int64_t n, int64_t step) { return cor__ceil_div(n, step) * step; }

/* The depth of the blocks that k is cut into, as even as can be. */
static int64_t even_depth(int64_t k) { return cor__ceil_div(k, cor__ceil_div(k, DEPTH)); }

static int run_depth(job *j) {
    const cor__product *p = j->p;
    int64_t across = cor__ceil_div(j->columns, TASK_COLUMNS);
    cor_parallel_for(cor__ceil_div(j->columns, j->type->columns), 8, pack_b, j);
    for (j->row = 0; j->row < p->m; j->row += ROWS) {
        j->rows = cor__min(ROWS, p->m - j->row);
        cor_parallel_for(cor__ceil_div(j->rows, COR__TILE_ROWS), 16, pack_a, j);
        cor_parallel_for(cor__ceil_div(j->rows, TASK_ROWS) * across, 1, run_tasks, j);
    }
    return cor_error();
}

static int run_packed(job *j) {
    const cor__product *p = j->p;
    int64_t depth = even_depth(p->k), rows = round_up(cor__min(p->m, ROWS), COR__TILE_ROWS);
    int64_t a = round_up(rows * depth * j->size, COR__ALIGN);
    int64_t bytes = a + round_up(cor__min(p->n, COLUMNS), j->type->columns) * depth * j->size;
    char *room = cor__alloc((size_t)bytes, "the packed blocks of a matrix product");
    if (room == NULL) return cor_error();
    j->a = room;
    j->b = room + a;
    int code = COR_OK;
    for (j->column = 0; code == COR_OK && j->column < p->n; j->column += COLUMNS) {
        j->columns = cor__min(COLUMNS, p->n - j->column);
        for (j->depth = 0; code == COR_OK && j->depth < p->k; j->depth += depth) {
            j->depths = cor__min(depth, p->k - j->depth);
            j->add = p->add || j->depth > 0;
            code = run_depth(j);
        }
    }
    cor__free(room, (size_t)bytes);
    return code;
}

/* A product whose panels fit on the stack; the steps are those of run_packed. */
static bool run_small(job *j) {
    const cor__product *p = j->p;
    _Alignas(64) char room[STACK];
    if (p->k > DEPTH || p->m > STACK || p->n > STACK) return false;
    int64_t a = round_up(round_up(p->m, COR__TILE_ROWS) * p->k * j->size, COR__ALIGN);
    if (a + round_up(p->n, j->type->columns) * p->k * j->size > STACK) return false;
    j->a = room;
    j->b = room + a;
    j->rows = p->m;
    j->columns = p->n;
    j->depths = p->k;
    j->add = p->add;
    pack_a(0, cor__ceil_div(p->m, COR__TILE_ROWS), j);
    pack_b(0, cor__ceil_div(p->n, j->type->columns), j);
    tiles(j, 0, 0, p->m, p->n);
    return true;
}

/* ---- a matrix and a vector -------------------------------------------------------------------------------------- */

/* y[i] = (add ? y[i] : 0) + sum of matrix[i, k] * x[k]. */
typedef struct vector_job {
    const cor__matmul_type *type;
    int64_t size, k, depth;
    const char *matrix, *x;
    int64_t along, x_stride; /* strides along k; the other one of the matrix is `across` */
    int64_t across;
    char *y;
    bool add;
} vector_job;

static void run_dots(int64_t begin, int64_t end, void *context) {
    const vector_job *v = context;
    for (int64_t i = begin; i < end; i++)
        for (int64_t at = 0; at < v->k; at += v->depth)
            v->type->dot(cor__min(v->depth, v->k - at), v->matrix + (i * v->across + at) * v->size, v->x + at * v->size,
                         v->y + i * v->size, v->add || at > 0);
}

static void run_sweep(int64_t begin, int64_t end, void *context) {
    const vector_job *v = context;
    for (int64_t at = 0; at < v->k; at += v->depth)
        v->type->sweep(end - begin, cor__min(v->depth, v->k - at), v->x + at * v->x_stride * v->size, v->x_stride,
                       v->matrix + (at * v->along + begin) * v->size, v->along, v->y + begin * v->size,
                       v->add || at > 0);
}

/* Products with a vector whose matrix lies well in memory; the others are packed. */
static bool run_vector(const job *j) {
    enum { DOT_DEPTH = 4096, GRAIN = 65536 };
    const cor__product *p = j->p;
    bool by_row = p->n == 1; /* y is a column, and the matrix is a */
    if (!by_row && p->m != 1) return false;
    vector_job v = {.type = j->type, .size = j->size, .k = p->k, .y = p->c, .add = p->add};
    v.matrix = by_row ? p->a : p->b;
    v.x = by_row ? p->b : p->a;
    v.across = by_row ? p->a_row : p->b_column;
    v.along = by_row ? p->a_column : p->b_row;
    v.x_stride = by_row ? p->b_row : p->a_column;
    int64_t count = by_row ? p->m : p->n, grain = cor__max(1, GRAIN / p->k);
    if (v.along == 1 && v.x_stride == 1) {
        v.depth = DOT_DEPTH;
        cor_parallel_for(count, grain, run_dots, &v);
        return true;
    }
    if (v.across != 1) return false;
    v.depth = even_depth(p->k);
    cor_parallel_for(count, cor__max(64, round_up(grain, 64)), run_sweep, &v);
    return true;
}

int cor__multiply(const cor__product *p) {
    job j = {.p = p, .type = cor__kernels_now()->fused->matmul->type[p->dtype], .size = cor_dtype_size(p->dtype)};
    if (p->m == 0 || p->n == 0) return COR_OK;
    if (p->k == 0) {
        if (!p->add) memset(p->c, 0, (size_t)(p->m * p->n * j.size));
        return COR_OK;
    }
    if (run_vector(&j)) return cor_error();
    return run_small(&j) ? COR_OK : run_packed(&j);
}
