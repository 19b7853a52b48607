/* reduce_lines.c: walking a tensor line by line. */
#include "ops/reduce_lines.h"
#include "base/error.h"
#include "base/sizes.h"
#include "kernels/kernels.h"
#include <string.h>

/* Appends a dimension inside those there are, joined with the last when the two are walked as one. */
static void append(cor__walk *walk, int64_t size, int64_t stride) {
    if (size == 1) return;
    int last = walk->n - 1;
    if (last >= 0 && walk->strides[last] == size * stride) {
        walk->sizes[last] *= size;
        walk->strides[last] = stride;
        return;
    }
    walk->sizes[walk->n] = size;
    walk->strides[walk->n++] = stride;
}

cor__lines cor__lines_of(const cor_tensor *t, const bool *along, cor_dtype compute) {
    const cor__convert_kernels *convert = cor__kernels_now()->exact_shared->convert;
    cor__lines lines = {.data = cor__data(t),
                        .dtype = t->dtype,
                        .compute = compute,
                        .count = 1,
                        .length = 1,
                        .load = convert->loop[compute][t->dtype],
                        .store = convert->loop[t->dtype][compute]};
    for (int d = 0; d < t->ndim; d++) {
        append(along[d] ? &lines.along : &lines.across, t->sizes[d], t->strides[d] * cor_dtype_size(t->dtype));
        *(along[d] ? &lines.length : &lines.count) *= t->sizes[d];
    }
    return lines;
}

cor__lines cor__lines_of_dim(const cor_tensor *t, int dim, cor_dtype compute) {
    bool along[COR_MAX_DIMS] = {false};
    along[dim] = true;
    return cor__lines_of(t, along, compute);
}

char *cor__walk_to(const cor__walk *walk, char *data, int64_t at) {
    for (int d = walk->n - 1; d > 0; d--) {
        data += at % walk->sizes[d] * walk->strides[d];
        at /= walk->sizes[d];
    }
    return walk->n > 0 ? data + at * walk->strides[0] : data;
}

/* The innermost dimension of the lines: how far elements are apart, and how many follow element `at` in one run. */
static int64_t run_stride(const cor__lines *lines) {
    return lines->along.n > 0 ? lines->along.strides[lines->along.n - 1] : cor_dtype_size(lines->dtype);
}

static int64_t run_left(const cor__lines *lines, int64_t at) {
    if (lines->along.n < 2) return lines->length - at;
    int64_t size = lines->along.sizes[lines->along.n - 1];
    return size - at % size;
}

const void *cor__line_read(const cor__lines *lines, int64_t line, int64_t begin, int64_t n, void *room) {
    char *start = cor__walk_to(&lines->across, lines->data, line), *to = room;
    int64_t stride = run_stride(lines), size = cor_dtype_size(lines->compute);
    if (lines->dtype == lines->compute && stride == size && n <= run_left(lines, begin))
        return cor__walk_to(&lines->along, start, begin);
    for (int64_t end = begin + n; begin < end;) {
        int64_t run = cor__min(run_left(lines, begin), end - begin);
        lines->load(run, to, size, cor__walk_to(&lines->along, start, begin), stride);
        to += run * size;
        begin += run;
    }
    return room;
}

void cor__line_write(const cor__lines *lines, int64_t line, int64_t begin, int64_t n, const void *values) {
    char *start = cor__walk_to(&lines->across, lines->data, line);
    const char *from = values;
    int64_t stride = run_stride(lines), size = cor_dtype_size(lines->compute);
    for (int64_t end = begin + n; begin < end;) {
        int64_t run = cor__min(run_left(lines, begin), end - begin);
        lines->store(run, cor__walk_to(&lines->along, start, begin), stride, from, size);
        from += run * size;
        begin += run;
    }
}

int64_t cor__lines_beside(const cor__lines *lines) {
    const cor__walk *across = &lines->across, *along = &lines->along;
    int64_t size = cor_dtype_size(lines->dtype);
    if (across->n == 0 || along->n == 0 || across->strides[across->n - 1] != size) return 1;
    return along->strides[along->n - 1] == size ? 1 : across->sizes[across->n - 1];
}

int cor__mark_dims(const cor_tensor *t, int64_t dim, const cor_dims *dims, bool empty_is_all, bool *marks) {
    bool one = dim != COR_UNSET;
    int64_t n = one ? 1 : dims->n;
    if (n > COR_MAX_DIMS) return cor__fail(COR_ELIMIT, "%lld dims are too many", (long long)n);
    bool all = n < 0 || (n == 0 && empty_is_all);
    for (int d = 0; d < COR_MAX_DIMS; d++) marks[d] = all;
    for (int64_t i = 0; i < n; i++) {
        int d = cor__wrap_dim(one ? dim : dims->at[i], t->ndim);
        if (d < 0) return cor_error();
        if (marks[d]) return cor__fail(COR_EVALUE, "dim %d appears multiple times in the list of dims", d);
        marks[d] = true;
    }
    return COR_OK;
}
