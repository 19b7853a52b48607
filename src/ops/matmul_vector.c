/* matmul_vector.c: products of a matrix and a vector, by dots or by sweeps over rows; nothing is packed. */
#include "ops/matmul_vector.h"
#include "base/sizes.h"
#include "kernels/matmul.h"
#include <corrie/base.h>
#include <string.h>

/* y[i] = (add ? y[i] : 0) + sum of matrix[i, k] * x[k]. */
typedef struct vector_job {
    const cor__matmul_type *type;
    int64_t size, k;
    const char *matrix, *x;
    int64_t along, x_stride; /* strides along k; the other one of the matrix is `across` */
    int64_t across;
    char *y;
    bool add;
} vector_job;

/* A part of k at a time, so that x stays in the first-level cache. */
static void run_dots(int64_t begin, int64_t end, void *context) {
    enum { DEPTH = 4096 };
    const vector_job *v = context;
    for (int64_t at = 0; at < v->k; at += DEPTH)
        v->type->dots(end - begin, cor__min(DEPTH, v->k - at), v->matrix + (begin * v->across + at) * v->size,
                      v->across, v->x + at * v->size, v->y + begin * v->size, v->add || at > 0);
}

/* A few columns at a time, whose sums stay in the first-level cache. */
static void run_sweep(int64_t begin, int64_t end, void *context) {
    enum { STRIP = 2048 };
    const vector_job *v = context;
    for (int64_t at = begin; at < end; at += STRIP)
        v->type->sweep(cor__min(STRIP, end - at), v->k, v->x, v->x_stride, v->matrix + at * v->size, v->along,
                       v->y + at * v->size, v->add);
}

/* What the sums come on top of. */
static void place_bias(const cor__product *p, int64_t size) {
    if (p->m == 1) memcpy(p->c, p->bias, (size_t)(p->n * size));
    else
        for (int64_t i = 0; i < p->m; i++) memcpy(p->c + i * size, p->bias, (size_t)size);
}

bool cor__multiply_vector(const cor__product *p, const cor__matmul_type *type, int threads) {
    enum { GRAIN = 65536 };
    bool by_row = p->n == 1; /* y is a column, and the matrix is a */
    if (!by_row && p->m != 1) return false;
    vector_job v = {.type = type, .size = cor_dtype_size(p->dtype), .k = p->k, .y = p->c};
    v.matrix = by_row ? p->a : p->b;
    v.x = by_row ? p->b : p->a;
    v.across = by_row ? p->a_row : p->b_column;
    v.along = by_row ? p->a_column : p->b_row;
    v.x_stride = by_row ? p->b_row : p->a_column;
    v.add = p->add || p->bias != NULL;
    bool dots = v.along == 1 && v.x_stride == 1;
    if (!dots && v.across != 1) return false;
    if (p->bias != NULL) place_bias(p, v.size);
    int64_t count = by_row ? p->m : p->n, grain = cor__max(1, GRAIN / p->k), part = cor__ceil_div(count, threads);
    grain = cor__max(grain, part);
    if (dots) {
        cor_parallel_for(count, grain, run_dots, &v);
        return true;
    }
    cor_parallel_for(count, cor__max(64, cor__ceil_div(grain, 64) * 64), run_sweep, &v);
    return true;
}
