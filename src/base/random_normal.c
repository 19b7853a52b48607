/* random_normal.c: normal samples, by the transform of A Note on the Generation of Random Normal Deviates, 1958, in
 * PyTorch's three variants: one at a time in float64; blocks of 16 with the C library's functions; blocks of 16 with
 * the polynomials of its AVX2 kernel. */
#include "base/error.h"
#include "base/random_engine.h"
#include "base/sizes.h"
#include <math.h>

enum { HALF_BLOCK = COR__BLOCK / 2 };

/* ---- one at a time ---------------------------------------------------------------------------------------------- */

static double next_normal(cor_generator *generator) {
    if (generator->has_normal) {
        generator->has_normal = false;
        return generator->normal;
    }
    double unit[2];
    cor__random_doubles(generator, unit, 2);
    double radius = sqrt(-2 * log1p(-unit[1])), angle = COR__TWO_PI * unit[0];
    generator->normal = radius * sin(angle);
    generator->has_normal = true;
    return radius * cos(angle);
}

static void fill_each(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std) {
    for (int64_t i = 0; i < n; i++) cor__put_double(out, i, dtype, fma(next_normal(generator), std, mean));
}

/* ---- blocks with the C library's functions ---------------------------------------------------------------------- */

static void block_double(double *data, double mean, double std) {
    for (int i = 0; i < HALF_BLOCK; i++) {
        double radius = sqrt(-2 * log(1 - data[i])), angle = COR__TWO_PI * data[i + HALF_BLOCK];
        data[i] = fma(radius * cos(angle), std, mean);
        data[i + HALF_BLOCK] = fma(radius * sin(angle), std, mean);
    }
}

/* The angle is multiplied in float64 and rounded once. */
static void block_float(float *data, float mean, float std) {
    for (int i = 0; i < HALF_BLOCK; i++) {
        float radius = sqrtf(-2 * logf(1 - data[i])), angle = (float)(COR__TWO_PI * (double)data[i + HALF_BLOCK]);
        data[i] = fmaf(radius * cosf(angle), std, mean);
        data[i + HALF_BLOCK] = fmaf(radius * sinf(angle), std, mean);
    }
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

/* Fills blocks of floats that were drawn for them. */
static void transform(float *data, int64_t n, double mean, double std) {
    if (cor_rng_flavour() == COR_RNG_AVX2) {
        cor__random_polynomial_blocks(data, n, (float)mean, (float)std);
    } else {
        for (int64_t i = 0; i < n; i += COR__BLOCK) block_float(data + i, (float)mean, (float)std);
    }
}

static void float_blocks(cor_generator *generator, void *out, int64_t first, int64_t n, cor_dtype dtype, double mean,
                         double std) {
    float data[COR__CHUNK];
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        cor__random_floats(generator, data, count);
        transform(data, count, mean, std);
        for (int64_t i = 0; i < count; i++) cor__put_float(out, first + done + i, dtype, data[i]);
    }
}

static void double_blocks(cor_generator *generator, double *out, int64_t n, double mean, double std) {
    cor__random_doubles(generator, out, n);
    for (int64_t i = 0; i < n; i += COR__BLOCK) block_double(out + i, mean, std);
}

/* The elements after the last whole block make PyTorch draw the last 16 anew. In float32 and float64 numbers were drawn
 * for these elements before that. */
static void fill_blocks(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std) {
    int64_t rest = n % COR__BLOCK, whole = n - rest;
    if (dtype == COR_FLOAT64) {
        double unused[COR__BLOCK];
        double_blocks(generator, out, whole, mean, std);
        cor__random_doubles(generator, unused, rest);
        if (rest > 0) double_blocks(generator, (double *)out + n - COR__BLOCK, COR__BLOCK, mean, std);
    } else {
        float unused[COR__BLOCK];
        float_blocks(generator, out, 0, whole, dtype, mean, std);
        if (dtype == COR_FLOAT32) cor__random_floats(generator, unused, rest);
        if (rest > 0) float_blocks(generator, out, n - COR__BLOCK, COR__BLOCK, dtype, mean, std);
    }
}

/* ---- the operations --------------------------------------------------------------------------------------------- */

static int check_normal(int64_t n, cor_dtype dtype, double std) {
    if (!(std >= 0)) return cor__fail(COR_EVALUE, "normal expects std >= 0.0, but found std %g", std);
    if (n > 0 && !cor__is_real(dtype)) return cor__random_not_implemented("normal_kernel_cpu", dtype);
    return COR_OK;
}

int cor__random_normal(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std) {
    if (n < COR__BLOCK) return cor__random_normal_each(generator, out, n, dtype, mean, std);
    int code = check_normal(n, dtype, std);
    if (code != COR_OK) return code;
    generator = cor__random_lock(generator);
    fill_blocks(generator, out, n, dtype, mean, std);
    cor__random_unlock(generator);
    return COR_OK;
}

int cor__random_normal_each(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std) {
    int code = check_normal(n, dtype, std);
    if (code != COR_OK) return code;
    generator = cor__random_lock(generator);
    fill_each(generator, out, n, dtype, mean, std);
    cor__random_unlock(generator);
    return COR_OK;
}

int cor__random_log_normal(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double mean, double std) {
    if (!(std > 0)) return cor__fail(COR_EVALUE, "log_normal_ expects std > 0.0, but found std=%g", std);
    if (n > 0 && !cor__is_real(dtype)) return cor__random_not_implemented("log_normal_cpu", dtype);
    generator = cor__random_lock(generator);
    for (int64_t i = 0; i < n; i++) cor__put_double(out, i, dtype, exp(fma(next_normal(generator), std, mean)));
    cor__random_unlock(generator);
    return COR_OK;
}
