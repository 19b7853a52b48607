/* summary_histogram.c: the distribution of a tensor's elements in an event file. */
#include "base/error.h"
#include "base/memory.h"
#include "io/events.h"
#include "ops/op.h"
#include "tensor/tensor.h"
#include <math.h>

/* The bounds 0, 1e-12, 1.1e-12, ... below 1e20, each the one before times 1.1 in float64, and their negatives. */
enum { MOST_BOUNDS = 774, BOUNDS = 2 * MOST_BOUNDS + 1 };

/* Bucket i holds the values from bounds[i] on and below bounds[i + 1]; the last one its upper bound, too. */
typedef struct histogram {
    double bounds[BOUNDS], counts[BOUNDS - 1];
    double min, max, sum, squares;
} histogram;

static void make_bounds(double *bounds) {
    double bound = 1e-12;
    bounds[MOST_BOUNDS] = 0;
    for (int i = 1; i <= MOST_BOUNDS; i++, bound *= 1.1) {
        bounds[MOST_BOUNDS + i] = bound;
        bounds[MOST_BOUNDS - i] = -bound;
    }
}

/* The bucket of a value, by halving; -1 outside and for NaN. */
static int bucket_of(const double *bounds, double value) {
    int low = 0, high = BOUNDS - 1;
    if (!(value >= bounds[low] && value <= bounds[high])) return -1;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (value >= bounds[middle]) low = middle;
        else high = middle;
    }
    return low;
}

static void count(histogram *h, const double *values, int64_t n) {
    h->min = h->max = values[0];
    for (int64_t i = 0; i < n; i++) {
        int bucket = bucket_of(h->bounds, values[i]);
        if (bucket >= 0) h->counts[bucket]++;
        if (values[i] < h->min || isnan(values[i])) h->min = values[i];
        if (values[i] > h->max || isnan(values[i])) h->max = values[i];
        h->sum += values[i];
        h->squares += values[i] * values[i];
    }
}

/* From the empty bucket before the first that holds something to the last that does; false when none does. */
static bool put(cor__text *record, const histogram *h, int64_t n) {
    int first = 0, last = BOUNDS - 2;
    while (last >= 0 && h->counts[last] == 0) last--;
    if (last < 0) return false;
    while (h->counts[first] == 0) first++;
    size_t opened = cor__proto_open(record, COR__VALUE_HISTOGRAM);
    cor__proto_double(record, 1, h->min);
    cor__proto_double(record, 2, h->max);
    cor__proto_double(record, 3, (double)n);
    cor__proto_double(record, 4, h->sum);
    cor__proto_double(record, 5, h->squares);
    double counts[BOUNDS] = {0};
    for (int i = first; i <= last; i++) counts[i - first + 1] = h->counts[i];
    cor__proto_doubles(record, 6, h->bounds + first, last - first + 2);
    cor__proto_doubles(record, 7, counts, last - first + 2);
    cor__proto_close(record, opened);
    return true;
}

static int add(cor_summary_writer *w, const char *tag, const cor_tensor *values, int64_t step, double walltime) {
    histogram *h = cor__alloc_zero(sizeof *h, "a histogram");
    if (h == NULL) return cor_error();
    make_bounds(h->bounds);
    count(h, cor__data(values), values->numel);
    cor__value v;
    cor__value_begin(&v, tag, walltime, step);
    if (!put(&v.record, h, values->numel)) cor__fail(COR_EVALUE, "add_histogram: no element is between -1e20 and 1e20");
    cor__free(h, sizeof *h);
    return cor__value_end(&v, &w->events);
}

int cor_summary_add_histogram_with(cor_summary_writer *w, const char *tag, cor_tensor *values, int64_t step,
                                   const cor_summary_options *options) {
    cor_summary_options room;
    if (cor__summary_check(w, tag, values == COR_NONE ? NULL : values) != COR_OK) return cor_error();
    if (cor__check_options(options, sizeof room, "add_histogram") != COR_OK) return cor_error();
    if (values->numel == 0) return cor__fail(COR_EVALUE, "The input has no element.");
    cor_scope();
    cor_no_grad();
    cor_tensor *doubles = cor_contiguous(cor_to(values, COR_FLOAT64));
    double walltime = options == NULL ? 0 : options->walltime;
    return doubles == NULL ? cor_error() : add(w, tag, doubles, step, walltime);
}
