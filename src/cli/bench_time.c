/* bench_time.c: seconds a call, and the operations a second that the machine could do. */
#include "cli/bench.h"
#include "kernels/kernels.h"
#include "kernels/peak.h"
#include <math.h>
#include <stdlib.h>

/* ---- calls ------------------------------------------------------------------------------------------------------ */

enum { LEAST_BATCHES = 5, MOST_BATCHES = 41 };
static const double batch_seconds = 2e-3; /* of one timed batch, at least one call */

static double time_calls(const bench_operands *operands, int64_t n) {
    const double start = seconds();
    for (int64_t i = 0; i < n; i++) {
        cor_scope();
        if (bench_call(operands) == NULL) return NAN;
    }
    return (seconds() - start) / (double)n;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int bench_time(bench_timing *timing, const bench_operands *operands, double budget) {
    double batch[MOST_BATCHES], once = time_calls(operands, 1);
    once = fmin(once, time_calls(operands, 3));
    const int64_t calls = once > 0 ? (int64_t)fmax(1, fmin(batch_seconds, budget) / once) : 1;
    const double start = seconds();
    int n = 0;
    while (n < LEAST_BATCHES || (n < MOST_BATCHES && seconds() - start < budget))
        batch[n++] = time_calls(operands, calls);
    qsort(batch, (size_t)n, sizeof batch[0], by_size);
    *timing = (bench_timing){batch[n / 2], batch[0]};
    return cor_error();
}

/* ---- the peak --------------------------------------------------------------------------------------------------- */

enum { PEAK_RUNS = 5 };
static const double peak_seconds = 3e-4; /* of one run */

typedef struct peak_work {
    const cor__peak_kernel *kernel;
    int64_t rounds;
} peak_work;

static void work(int64_t begin, int64_t end, void *context) {
    const peak_work *w = context;
    volatile double result;
    for (; begin < end; begin++) result = w->kernel->run(w->rounds);
    (void)result;
}

/* Seconds that every thread takes to run the rounds. */
static double time_peak(peak_work *w, int threads) {
    const double start = seconds();
    cor_parallel_for(threads, 1, work, w);
    return seconds() - start;
}

static double measure_peak(const cor__peak_kernel *kernel, int threads) {
    peak_work w = {kernel, 1024};
    double least = INFINITY;
    while (time_peak(&w, threads) < peak_seconds) w.rounds *= 2;
    for (int i = 0; i < PEAK_RUNS; i++) least = fmin(least, time_peak(&w, threads));
    return (double)threads * (double)w.rounds * (double)kernel->operations / least;
}

double bench_peak(cor_dtype dtype) {
    static double most[2]; /* of float32, of float64 */
    if (!cor_dtype_is_floating(dtype)) return 0;
    const bool wide = dtype == COR_FLOAT64;
    const cor__peak_kernels *kernels = cor__kernels_now()->fused->peak;
    most[wide] = fmax(most[wide], measure_peak(wide ? &kernels->f64 : &kernels->f32, cor_num_threads()));
    return most[wide];
}
