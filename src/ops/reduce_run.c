/* reduce_run.c: folds over lines. Lines whose elements lie side by side are folded one at a time; lines that lie side
 * by side themselves are folded together, as columns. Both do the same operations in the same order. */
#include "ops/reduce_run.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include <math.h>
#include <string.h>

enum { COLUMNS = 128, GRAIN = 32768 }; /* lines folded together; elements worth another thread */

typedef struct job {
    const cor__reduction *r;
    cor__fold_loop fold;
    int64_t size, blocks;
    char *partial; /* [blocks][lines] */
    int64_t width; /* the lines that lie side by side, in columns mode */
} job;

/* ---- one block -------------------------------------------------------------------------------------------------- */

/* Folds the lanes in acc, each of `columns` values, into the first. */
static void fold_lanes(cor__fold_loop fold, int64_t size, int64_t lanes, int64_t columns, char *acc) {
    for (int64_t half = COR__LANES / 2; half > 0; half /= 2) {
        if (lanes <= half) continue;
        fold(1, (lanes - half) * columns, acc, acc + half * columns * size, 0);
        lanes = half;
    }
}

void cor__reduce_block(cor__fold_loop fold, int64_t size, int64_t n, const void *x, void *result) {
    _Alignas(64) char acc[COR__LANES * 8];
    int64_t lanes = cor__min(n, COR__LANES), rows = n / COR__LANES, rest = n % COR__LANES;
    memcpy(acc, x, (size_t)(lanes * size));
    if (rows > 1) fold(rows - 1, COR__LANES, acc, (const char *)x + COR__LANES * size, COR__LANES);
    if (rows > 0 && rest > 0) fold(1, rest, acc, (const char *)x + rows * COR__LANES * size, 0);
    fold_lanes(fold, size, lanes, 1, acc);
    memcpy(result, acc, (size_t)size);
}

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
        cor__reduce_block(j->fold, j->size, n, x, j->partial + (block * lines->count + line) * j->size);
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

/* Block `block` of `columns` lines from `line` on. */
static void fold_columns(const job *j, int64_t line, int64_t columns, int64_t block) {
    const cor__lines *lines = &j->r->lines;
    _Alignas(64) char acc[COR__LANES * COLUMNS * 8], room[COLUMNS * 8];
    int64_t at = block * COR__BLOCK, n = cor__min(COR__BLOCK, lines->length - at), lanes = cor__min(n, COR__LANES);
    int64_t apart = lines->across.strides[lines->across.n - 1], row_size = columns * j->size;
    bool direct = lines->dtype == lines->compute && apart == j->size;
    char *start = cor__walk_to(&lines->across, lines->data, line);
    for (int64_t i = 0; i < n; i++) {
        const char *row = cor__walk_to(&lines->along, start, at + i);
        char *lane = acc + i % COR__LANES * row_size;
        if (i < lanes) {
            lines->load(columns, lane, j->size, row, apart);
        } else if (direct) {
            j->fold(1, columns, lane, row, 0);
        } else {
            lines->load(columns, room, j->size, row, apart);
            j->fold(1, columns, lane, room, 0);
        }
    }
    fold_lanes(j->fold, j->size, lanes, columns, acc);
    memcpy(j->partial + (block * lines->count + line) * j->size, acc, (size_t)row_size);
}

/* Items are blocks of groups of columns: item i is block i % blocks of group i / blocks. */
static void run_columns(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    int64_t groups = cor__ceil_div(j->width, COLUMNS); /* in each run of lines side by side */
    for (int64_t i = begin; i < end; i++) {
        int64_t group = i / j->blocks, at = group % groups * COLUMNS;
        fold_columns(j, group / groups * j->width + at, cor__min(COLUMNS, j->width - at), i % j->blocks);
    }
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
    int64_t items = lines->count / j->width * cor__ceil_div(j->width, COLUMNS) * j->blocks;
    int64_t item = cor__min(lines->length, COR__BLOCK) * cor__min(j->width, COLUMNS);
    return cor_parallel_for(items, cor__max(1, GRAIN / item), run_columns, j);
}

int cor__reduce_run(const cor__reduction *r, void *results) {
    const cor__lines *lines = &r->lines;
    int64_t size = cor_dtype_size(lines->compute), bytes;
    if (lines->count == 0) return COR_OK;
    if (lines->length == 0) {
        fill_identity(r, lines->count, results);
        return COR_OK;
    }
    job j = {.r = r,
             .fold = cor__kernels_now()->exact->reduce->fold[r->fold][lines->compute],
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
        j.fold(1, (left - half) * lines->count, j.partial, j.partial + half * lines->count * size, 0);
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
