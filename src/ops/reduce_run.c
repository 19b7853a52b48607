/* reduce_run.c: folds over lines. Lines whose elements lie side by side are folded one at a time; lines that lie side
 * by side themselves are folded together, as columns. Both do the same operations in the same order. */
#include "ops/reduce_run.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include <math.h>
#include <string.h>

enum {
    NEAR_COLUMNS = 128, /* lines folded together, so that their lanes stay in the first-level cache, */
    FAR_COLUMNS = 512,  /* or, of lines that lie in memory, so that its rows are read in long runs */
    NEAR_BYTES = 1 << 20,
    ROUNDS = 4,   /* elements of a lane folded in one go: so many rows are read side by side */
    GRAIN = 32768 /* elements worth another thread */
};

typedef struct job {
    const cor__reduction *r;
    cor__fold_loop fold;
    cor__block_loop block;
    int64_t size, blocks;
    char *partial;   /* [blocks][lines] */
    int64_t width;   /* the lines that lie side by side, in columns mode; */
    int64_t columns; /* how many of them are folded together at most */
} job;

/* ---- line by line ----------------------------------------------------------------------------------------------- */

/* Items are blocks of lines: item i is block i % blocks of line i / blocks. */
static void run_lines(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor__lines *lines = &j->r->lines;
    _Alignas(64) char room[COR__BLOCK * 8];
    for (int64_t i = begin; i < end; i++) {
        int64_t line = i / j->blocks, block = i % j->blocks, at = block * COR__BLOCK;
        int64_t n = cor__min(COR__BLOCK, lines->length - at);
        const void *x = cor__line_read(lines, line, at, n, room);
        if (j->r->map != NULL) {
            j->r->map(n, (double *)(void *)room, x, j->r->parameter);
            x = room;
        }
        j->block(n, x, j->partial + (block * lines->count + line) * j->size);
    }
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

/* How many lines are worth folding together: those of the innermost dimension across, if they lie side by side and
 * their elements do not, or if they are short. */
static int64_t columns_width(const cor__reduction *r) {
    const cor__walk *across = &r->lines.across, *along = &r->lines.along;
    int64_t size = cor_dtype_size(r->lines.dtype);
    if (r->map != NULL || across->n == 0 || along->n == 0) return 0;
    bool beside = across->strides[across->n - 1] == size && along->strides[along->n - 1] != size;
    bool worth = across->sizes[across->n - 1] >= 8 && (beside || r->lines.length <= COR__LANES);
    return worth ? across->sizes[across->n - 1] : 0;
}

/* Some lines that lie side by side, from their first elements in a block of n on. */
typedef struct columns {
    char *start; /* the first line's address: its element 0 */
    int64_t at, n, lanes, columns, row_size;
    char *acc, *room; /* COR__LANES rows, and one */
} columns;

/* Folds elements that lie evenly apart in memory, straight from there: ROUNDS of every lane in turn. */
static void fold_even(const job *j, const columns *c) {
    const int64_t stride = j->r->lines.along.strides[0], step = COR__LANES * stride;
    const char *x = c->start + c->at * stride;
    for (int64_t begin = 0; begin < c->n; begin += ROUNDS * COR__LANES)
        for (int64_t lane = 0; lane < cor__min(c->lanes, c->n - begin); lane++) {
            const int64_t rows = cor__min(ROUNDS, cor__ceil_div(c->n - begin - lane, COR__LANES));
            const char *row = x + (begin + lane) * stride;
            char *acc = c->acc + lane * c->row_size;
            if (begin == 0) j->fold(rows - 1, c->columns, acc, row, row + step, step / j->size);
            else j->fold(rows, c->columns, acc, acc, row, step / j->size);
        }
}

/* Folds elements anywhere and of any dtype, a row at a time. */
static void fold_uneven(const job *j, const columns *c) {
    const cor__lines *lines = &j->r->lines;
    const int64_t apart = lines->across.strides[lines->across.n - 1];
    for (int64_t i = 0; i < c->n; i++) {
        const char *row = cor__walk_to(&lines->along, c->start, c->at + i);
        char *acc = c->acc + i % COR__LANES * c->row_size;
        lines->load(c->columns, i < c->lanes ? acc : c->room, j->size, row, apart);
        if (i >= c->lanes) j->fold(1, c->columns, acc, acc, c->room, 0);
    }
}

/* Folds the lanes, each a row, into the first. */
static void fold_lanes(const job *j, const columns *c) {
    for (int64_t half = COR__LANES / 2, lanes = c->lanes; half > 0; half /= 2) {
        if (lanes <= half) continue;
        j->fold(1, (lanes - half) * c->columns, c->acc, c->acc, c->acc + half * c->row_size, 0);
        lanes = half;
    }
}

/* Items are blocks of groups of columns: item i is block i % blocks of group i / blocks. */
static void run_columns(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    const cor__lines *lines = &j->r->lines;
    const int64_t groups = cor__ceil_div(j->width, j->columns); /* in each run of lines side by side */
    const bool even =
        lines->dtype == lines->compute && lines->across.strides[lines->across.n - 1] == j->size && lines->along.n == 1;
    const int64_t bytes = (COR__LANES + 1) * j->columns * j->size;
    char *room = cor__alloc((size_t)bytes, "the lanes of a reduction");
    if (room == NULL) return;
    for (int64_t i = begin; i < end; i++) {
        const int64_t group = i / j->blocks, block = i % j->blocks, left = group % groups * j->columns;
        const int64_t line = group / groups * j->width + left, at = block * COR__BLOCK;
        columns c = {.start = cor__walk_to(&lines->across, lines->data, line),
                     .at = at,
                     .n = cor__min(COR__BLOCK, lines->length - at),
                     .columns = cor__min(j->columns, j->width - left),
                     .acc = room};
        c.lanes = cor__min(c.n, COR__LANES);
        c.row_size = c.columns * j->size;
        c.room = room + COR__LANES * c.row_size;
        if (even) fold_even(j, &c);
        else fold_uneven(j, &c);
        fold_lanes(j, &c);
        memcpy(j->partial + (block * lines->count + line) * j->size, c.acc, (size_t)c.row_size);
    }
    cor__free(room, (size_t)bytes);
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static void fill_identity(const cor__reduction *r, int64_t n, void *results) {
    static const double reals[COR__FOLDS] = {0, 1, INFINITY, -INFINITY};
    static const int64_t integers[COR__FOLDS] = {0, 1, INT64_MAX, INT64_MIN};
    bool real = cor_dtype_is_floating(r->lines.compute);
    cor_operand identity = real ? cor__operand_double(reals[r->fold]) : cor__operand_int(integers[r->fold]);
    if (r->lines.compute == COR_BOOL) identity = cor__operand_bool(r->fold == COR__FOLD_MIN);
    int64_t size = cor_dtype_size(r->lines.compute);
    for (int64_t i = 0; i < n; i++) cor__store_number((char *)results + i * size, r->lines.compute, identity);
}

static int run(job *j) {
    const cor__lines *lines = &j->r->lines;
    j->width = columns_width(j->r);
    if (j->width == 0) {
        int64_t grain = cor__max(1, GRAIN / cor__min(lines->length, COR__BLOCK));
        return cor_parallel_for(lines->count * j->blocks, grain, run_lines, j);
    }
    const int64_t rows = cor__min(lines->length, COR__BLOCK);
    j->columns = cor__min(j->width, rows * j->width * j->size <= NEAR_BYTES ? NEAR_COLUMNS : FAR_COLUMNS);
    int64_t items = lines->count / j->width * cor__ceil_div(j->width, j->columns) * j->blocks;
    int64_t item = rows * j->columns;
    return cor_parallel_for(items, cor__max(1, GRAIN / item), run_columns, j);
}

int cor__reduce_run(const cor__reduction *r, void *results) {
    const cor__reduce_kernels *kernels = cor__kernels_now()->exact->reduce;
    const cor__lines *lines = &r->lines;
    int64_t size = cor_dtype_size(lines->compute), bytes;
    if (lines->count == 0) return COR_OK;
    if (lines->length == 0) {
        fill_identity(r, lines->count, results);
        return COR_OK;
    }
    job j = {.r = r,
             .fold = kernels->fold[r->fold][lines->compute],
             .block = kernels->block[r->fold][lines->compute],
             .size = size,
             .blocks = cor__ceil_div(lines->length, COR__BLOCK),
             .partial = results};
    if (j.blocks == 1) return run(&j);
    if (!cor__mul_ok(j.blocks, lines->count * size, &bytes)) return cor__fail(COR_ELIMIT, "the reduction is too large");
    j.partial = cor__alloc((size_t)bytes, "the partial results of a reduction");
    if (j.partial == NULL) return cor_error();
    int code = run(&j);
    for (int64_t left = j.blocks; code == COR_OK && left > 1;) {
        int64_t half = (left + 1) / 2;
        j.fold(1, (left - half) * lines->count, j.partial, j.partial, j.partial + half * lines->count * size, 0);
        left = half;
    }
    if (code == COR_OK) memcpy(results, j.partial, (size_t)(lines->count * size));
    cor__free(j.partial, (size_t)bytes);
    return code;
}

void cor__write_results(const cor_tensor *t, const void *values, cor_dtype from) {
    if (cor__data(t) == values || t->numel == 0) return;
    cor__kernels_now()->exact_shared->convert->loop[t->dtype][from](t->numel, cor__data(t), cor_dtype_size(t->dtype),
                                                                    values, cor_dtype_size(from));
}
