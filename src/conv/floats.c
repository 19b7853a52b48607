/* floats.c: convolutions of integers in floating point, where that is exact. While the largest magnitudes of input and
 * weight times the products of an output are whole numbers that a type holds, so is every sum of products, in whatever
 * order: the integers go to float32, or int64 to float64, and back, and the bias is added to what came back. Numbers
 * that are too large for that are computed as integers. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "conv/plan.h"
#include "kernels/conv.h"
#include "kernels/conv_exact.h"
#include "kernels/kernels.h"
#include <stdatomic.h>
#include <string.h>

enum { AXES = COR__CONV_AXES, SERIAL_ELEMENTS = 1 << 16 /* not worth waking threads */ };

static const cor__conv_exact_kernels *kernels(void) { return cor__kernels_now()->fused_integers->conv_integer->exact; }

static int64_t taps_of(const cor__conv_problem *p) { return p->kernel[0] * p->kernel[1] * p->kernel[2]; }
static int64_t products_of(const cor__conv_problem *p) { return p->c / p->groups * taps_of(p); }
static int64_t weights_of(const cor__conv_problem *p) { return products_of(p) * p->o; }
static int64_t plane_of(const int64_t size[AXES]) { return size[0] * size[1] * size[2]; }

/* The problem that is computed, contiguous. */
static cor__conv_problem floating(const cor__conv_problem *p, cor_dtype dtype) {
    cor__conv_problem f = *p;
    f.dtype = dtype;
    f.bias = false;
    f.highest = true;
    cor__conv_problem_contiguous(&f);
    return f;
}

/* ---- converting ------------------------------------------------------------------------------------------------- */

typedef struct conversion {
    const cor__conv_problem *problem;
    const char *from, *bias;
    char *to;
    bool twice;            /* float64, not float32 */
    _Atomic uint64_t bits; /* of all magnitudes */
} conversion;

static uint64_t to_floats(const conversion *x, int64_t at, const char *from, int64_t step, int64_t n) {
    const cor_dtype dtype = x->problem->dtype;
    return x->twice ? kernels()->to_f64(x->to + at * 8, from, step, n, dtype)
                    : kernels()->to_f32(x->to + at * 4, from, step, n, dtype);
}

/* The input planes [begin, end) of all images and channels, row by row unless they are in one piece. */
static void read_planes(int64_t begin, int64_t end, void *context) {
    conversion *x = context;
    const cor__conv_problem *p = x->problem;
    const int64_t *strides = p->input_strides, size = cor__conv_dtype_size(p->dtype), plane = plane_of(p->input);
    const bool whole = strides[4] == 1 && strides[3] == p->input[2] && strides[2] == p->input[1] * p->input[2];
    const int64_t rows = whole ? 1 : p->input[0] * p->input[1], length = whole ? plane : p->input[2];
    uint64_t bits = 0;
    for (int64_t i = begin; i < end; i++) {
        const char *from = x->from + (i / p->c * strides[0] + i % p->c * strides[1]) * size;
        for (int64_t r = 0; r < rows; r++) {
            const int64_t at = r / p->input[1] * strides[2] + r % p->input[1] * strides[3];
            bits |= to_floats(x, i * plane + r * length, from + at * size, strides[4], length);
        }
    }
    atomic_fetch_or_explicit(&x->bits, bits, memory_order_relaxed);
}

static void read_weights(int64_t begin, int64_t end, void *context) {
    conversion *x = context;
    const char *from = x->from + begin * cor__conv_dtype_size(x->problem->dtype);
    const uint64_t bits = to_floats(x, begin, from, 1, end - begin);
    atomic_fetch_or_explicit(&x->bits, bits, memory_order_relaxed);
}

/* The output planes [begin, end) of all images and channels. */
static void write_planes(int64_t begin, int64_t end, void *context) {
    const conversion *x = context;
    const cor__conv_problem *p = x->problem;
    const int64_t size = cor__conv_dtype_size(p->dtype), plane = plane_of(p->output);
    for (int64_t i = begin; i < end; i++) {
        int64_t add = 0;
        if (p->bias)
            memcpy(&add, x->bias + i % p->o * size, (size_t)size); /* what is above the type is cut off again */
        (x->twice ? kernels()->from_f64 : kernels()->from_f32)(
            x->to + i * plane * size, x->from + i * plane * (x->twice ? 8 : 4), plane, (uint64_t)add, p->dtype);
    }
}

/* Runs body on n pieces of `length` elements. */
static int convert(conversion *x, void (*body)(int64_t, int64_t, void *), int64_t n, int64_t length, int threads) {
    const int64_t grain = cor__ceil_div(SERIAL_ELEMENTS, cor__max(length, 1));
    if (threads > 1 && n > grain) return cor_parallel_for(n, grain, body, x);
    body(0, n, x);
    return COR_OK;
}

/* Whether sums of the problem's products are at most `limit`. Every magnitude is at most its bits and 1. */
static bool exact(const cor__conv_problem *p, uint64_t input, uint64_t weight, double limit) {
    return ((double)input + 1) * ((double)weight + 1) * (double)products_of(p) <= limit;
}

/* ---- prepared weights: their bits, and if float32 holds them the form of what computes with them ----------------- */

enum { LINE = 64 };

/* The bytes before the form, which begin with the bits and tell forms of different implementations apart: the forms
 * are multiples of 4 lines. Implementations without a form share the plain weights. */
static int64_t header_of(const cor__conv_implementation *way) {
    return way->prepared == NULL ? LINE : way == &cor__conv_patches ? 2 * LINE : 3 * LINE;
}

static int64_t prepared(const cor__conv_problem *p) {
    const cor__conv_problem f = floating(p, COR_FLOAT32);
    const cor__conv_implementation *way = cor__conv_plan(&f);
    const int64_t bytes = way->prepared == NULL ? weights_of(p) * 4 : way->prepared(&f);
    return bytes < 0 ? -1 : cor__ceil_div(bytes, 4 * LINE) * 4 * LINE + header_of(way);
}

static bool prepares(const cor__conv_problem *p) { return (void)p, false; }

static int prepare(const cor__conv_problem *p, const void *weight, int threads, void *prepared_form) {
    const cor__conv_problem f = floating(p, COR_FLOAT32);
    const cor__conv_implementation *way = cor__conv_plan(&f);
    char *const form = (char *)prepared_form + header_of(way);
    const size_t bytes = way->prepared == NULL ? 0 : (size_t)weights_of(p) * 4;
    char *const floats = bytes == 0 ? form : cor__alloc(bytes, "the weights of a convolution as float32");
    if (floats == NULL) return cor_error();
    conversion x = {.problem = p, .from = weight, .to = floats};
    int status = convert(&x, read_weights, weights_of(p), 1, threads);
    const uint64_t bits = x.bits;
    memcpy(prepared_form, &bits, sizeof bits);
    if (status == COR_OK && bytes > 0 && exact(p, 0, bits, COR__EXACT_F32))
        status = way->prepare(&f, floats, threads, form);
    if (bytes > 0) cor__free(floats, bytes);
    return status;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* The parts of the workspace, in bytes. */
typedef struct parts {
    int64_t input, weight, output;
} parts;

static parts parts_of(const cor__conv_problem *p) {
    const int64_t size = p->dtype == COR_INT64 ? 8 : 4;
    const int64_t elements[] = {p->n * p->c * plane_of(p->input), weights_of(p), p->n * p->o * plane_of(p->output)};
    return (parts){cor__ceil_div(elements[0] * size, LINE) * LINE, cor__ceil_div(elements[1] * size, LINE) * LINE,
                   cor__ceil_div(elements[2] * size, LINE) * LINE};
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    const parts all = parts_of(p);
    int64_t bytes;
    (void)threads;
    return cor__add_ok(all.input, all.weight, &bytes) && cor__add_ok(bytes, all.output, &bytes) ? bytes : -1;
}

/* Converts the operands, and computes if that is exact; *done says whether it was. */
static int run_as(cor_dtype dtype, const cor__conv_problem *p, const cor__conv_operands *operands, int threads,
                  char *memory, bool *done) {
    const parts all = parts_of(p);
    const bool twice = dtype == COR_FLOAT64;
    const char *form = twice ? NULL : operands->prepared;
    char *const weight = memory + all.input, *const output = weight + all.weight;
    conversion in = {.problem = p, .from = operands->input, .to = memory, .twice = twice};
    conversion weights = {.problem = p, .from = operands->weight, .to = weight, .twice = twice};
    int status = convert(&in, read_planes, p->n * p->c, plane_of(p->input), threads);
    if (form != NULL) memcpy(&weights.bits, form, sizeof(uint64_t));
    else if (status == COR_OK) status = convert(&weights, read_weights, weights_of(p), 1, threads);
    if (status != COR_OK || !exact(p, in.bits, weights.bits, twice ? COR__EXACT_F64 : COR__EXACT_F32)) return status;
    *done = true;
    const cor__conv_problem f = floating(p, dtype);
    const cor__conv_implementation *way = cor__conv_plan(&f);
    const void *made = form != NULL ? form + header_of(way) : NULL;
    cor__conv_operands floats = {memory, weight, NULL, output, made, NULL, NULL};
    if (made != NULL && way->prepared == NULL) floats.weight = made, floats.prepared = NULL;
    status = cor__conv_run_by(way, &f, &floats);
    conversion out = {.problem = p, .from = output, .bias = operands->bias, .to = operands->output, .twice = twice};
    return status == COR_OK ? convert(&out, write_planes, p->n * p->o, plane_of(p->output), threads) : status;
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    bool done = false;
    int status = run_as(COR_FLOAT32, p, operands, threads, memory, &done);
    if (status == COR_OK && !done && p->dtype == COR_INT64)
        status = run_as(COR_FLOAT64, p, operands, threads, memory, &done);
    if (status != COR_OK || done) return status;
    cor__conv_operands integers = *operands;
    if (operands->prepared == NULL) integers.storage = NULL; /* it was asked in this call already */
    integers.prepared = NULL;
    return cor__conv_run_by(&cor__conv_direct, p, &integers);
}

static const char *refuses(const cor__conv_problem *p) {
    if (p->dtype < COR_UINT8 || p->dtype > COR_INT64) return "its dtype is not an integer one";
    if (p->n == 0 || p->c == 0 || p->o == 0 || plane_of(p->input) == 0 || plane_of(p->output) == 0)
        return "it has no products";
    return exact(p, 0, 0, COR__EXACT_F32) ? NULL : "it sums more than 2^24 products";
}

static const char *yields(const cor__conv_problem *p) {
    enum { LEAST = 1 << 15, LEAST_64 = 1 << 13 };
    const double positions = (double)p->n * (double)plane_of(p->transposed ? p->input : p->output);
    const double products = positions * (double)weights_of(p);
    return products >= (p->dtype == COR_INT64 ? LEAST_64 : LEAST) ? NULL : "it is too small to be worth converting";
}

const cor__conv_implementation cor__conv_floats = {.name = "floats",
                                                   .refuses = refuses,
                                                   .yields = yields,
                                                   .prepared = prepared,
                                                   .prepares = prepares,
                                                   .prepare = prepare,
                                                   .workspace = workspace,
                                                   .run = run};
