/* random_real.c: the fills with real numbers that are made one from one: uniform_, exponential_, cauchy_, geometric_,
 * bernoulli_ and the factors of dropout. */
#include "base/error.h"
#include "base/random_engine.h"
#include "base/sizes.h"
#include "base/text.h"
#include <float.h>
#include <math.h>

/* ---- texts ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *scalar, *type;
} names[] = {
    [COR_BOOL] = {"Bool", "bool"},         [COR_UINT8] = {"Byte", "unsigned char"},
    [COR_INT8] = {"Char", "signed char"},  [COR_INT16] = {"Short", "short int"},
    [COR_INT32] = {"Int", "int"},          [COR_INT64] = {"Long", "long int"},
    [COR_FLOAT16] = {"Half", "c10::Half"}, [COR_BFLOAT16] = {"BFloat16", "c10::BFloat16"},
    [COR_FLOAT32] = {"Float", "float"},    [COR_FLOAT64] = {"Double", "double"},
};

const char *cor__random_scalar_name(cor_dtype dtype) { return names[dtype].scalar; }
const char *cor__random_type_name(cor_dtype dtype) { return names[dtype].type; }

/* ---- uniform ---------------------------------------------------------------------------------------------------- */

static double largest(cor_dtype dtype) {
    switch (dtype) {
    case COR_FLOAT16:
        return 65504;
    case COR_BFLOAT16:
        return 0x1.fep127;
    case COR_FLOAT32:
        return (double)FLT_MAX;
    default:
        return DBL_MAX;
    }
}

static int check_uniform(cor_dtype dtype, double from, double to) {
    if (!cor__is_real(dtype)) return cor__random_not_implemented("check_uniform_bounds", dtype);
    double most = largest(dtype);
    const char *name = cor__random_type_name(dtype);
    if (!(from >= -most && from <= most)) return cor__fail(COR_EVALUE, "from is out of bounds for %s", name);
    if (!(to >= -most && to <= most)) return cor__fail(COR_EVALUE, "to is out of bounds for %s", name);
    if (from > to)
        return cor__fail(COR_EVALUE, "uniform_ expects to return a [from, to) range, but found from=%g > to=%g", from,
                         to);
    if (to - from > most)
        return cor__fail(COR_EVALUE,
                         "uniform_ expects to-from <= std::numeric_limits<%s>::max(), but found to=%g and from=%g "
                         "which result in to-from to exceed the limit",
                         cor__random_scalar_name(dtype), to, from);
    return COR_OK;
}

/* A float32 rounded to the dtype. */
static float rounded(cor_dtype dtype, float value) {
    if (dtype == COR_FLOAT16) return cor__half_to_float(cor__float_to_half(value));
    if (dtype == COR_BFLOAT16) return cor__bfloat16_to_float(cor__float_to_bfloat16(value));
    return value;
}

/* Computed in float32 for the 16-bit dtypes too. What rounds to the excluded end becomes the other one. */
static void uniform_floats(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, float from, float to) {
    float units[COR__CHUNK], span = to - from;
    float excluded = rounded(dtype, to), start = rounded(dtype, from);
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        cor__random_floats(generator, units, count);
        cor__random_stretch_floats(units, count, span, from);
        for (int64_t i = 0; i < count; i++) {
            float value = rounded(dtype, units[i]);
            cor__put_float(out, done + i, dtype, value == excluded ? start : value);
        }
    }
}

static void uniform_doubles(cor_generator *generator, double *out, int64_t n, double from, double to) {
    cor__random_doubles(generator, out, n);
    cor__random_stretch_doubles(out, n, to - from, from);
    for (int64_t i = 0; i < n; i++)
        if (out[i] == to) out[i] = from;
}

int cor__random_uniform(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double from, double to) {
    int code = check_uniform(dtype, from, to);
    if (code != COR_OK) return code;
    generator = cor__random_lock(generator);
    if (dtype == COR_FLOAT64) uniform_doubles(generator, out, n, from, to);
    else uniform_floats(generator, out, n, dtype, (float)from, (float)to);
    cor__random_unlock(generator);
    return COR_OK;
}

/* ---- functions of one uniform number in float64 ----------------------------------------------------------------- */

typedef struct parameters {
    double a, b;
} parameters;

static void fill_with(cor_generator *generator, void *out, int64_t n, cor_dtype dtype,
                      double (*function)(double unit, parameters with), parameters with) {
    double units[COR__CHUNK];
    generator = cor__random_lock(generator);
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        cor__random_doubles(generator, units, count);
        for (int64_t i = 0; i < count; i++) cor__put_double(out, done + i, dtype, function(units[i], with));
    }
    cor__random_unlock(generator);
}

static double exponential(double unit, parameters with) { return -1 / with.a * log1p(-unit); }

int cor__random_exponential(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double lambda) {
    if (!(lambda > 0)) return cor__fail(COR_EVALUE, "exponential_ expects lambda > 0.0, but found lambda=%g", lambda);
    if (n > 0 && !cor__is_real(dtype))
        return cor__fail(COR_EDTYPE,
                         "Exponential distribution is a continuous probability distribution. "
                         "dtype must be a floating point but you specified %s",
                         cor__random_scalar_name(dtype));
    fill_with(generator, out, n, dtype, exponential, (parameters){.a = lambda});
    return COR_OK;
}

static double cauchy(double unit, parameters with) {
    return fma(with.b, tan(3.141592653589793238462643383279 * (unit - 0.5)), with.a);
}

int cor__random_cauchy(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double median, double sigma) {
    if (!(sigma > 0)) return cor__fail(COR_EVALUE, "cauchy_ expects sigma > 0.0, but found sigma=%g", sigma);
    if (!cor__is_real(dtype))
        return cor__fail(COR_EDTYPE,
                         "Cauchy distribution is a continuous probability distribution. "
                         "dtype must be a floating point but you specified %s",
                         cor__random_type_name(dtype));
    fill_with(generator, out, n, dtype, cauchy, (parameters){.a = median, .b = sigma});
    return COR_OK;
}

static double geometric(double unit, parameters with) { return ceil(log(unit) / with.a); }

int cor__random_geometric(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double p) {
    if (!(0 < p && p < 1)) return cor__fail(COR_EVALUE, "geometric_ expects p to be in (0, 1), but got p=%g", p);
    if (n > 0 && dtype == COR_BOOL) return cor__random_not_implemented("geometric_cpu", dtype);
    fill_with(generator, out, n, dtype, geometric, (parameters){.a = log1p(-p)});
    return COR_OK;
}

/* b if the draw says yes. */
static double bernoulli(double unit, parameters with) { return unit < with.a ? with.b : 0; }

int cor__random_bernoulli(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double p) {
    if (!(0 <= p && p <= 1)) return cor__fail(COR_EVALUE, "bernoulli_ expects p to be in [0, 1], but got p=%g", p);
    fill_with(generator, out, n, dtype, bernoulli, (parameters){.a = p, .b = 1});
    return COR_OK;
}

/* ---- dropout ---------------------------------------------------------------------------------------------------- */

static int fail_dropout(double p) {
    cor__text text = {0};
    cor__text_double(&text, p);
    if (!text.failed) cor__fail(COR_EVALUE, "dropout probability has to be between 0 and 1, but got %s", text.data);
    cor__text_free(&text);
    return cor_error();
}

/* 1 / (1 - p) is divided in the tensor's type, in float32 for the 16-bit ones. */
int cor__random_dropout(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, double p) {
    if (!(0 <= p && p <= 1)) return fail_dropout(p);
    double keep = 1 - p, factor = dtype == COR_FLOAT64 ? 1 / keep : (double)(1 / (float)keep);
    if (p > 0 && p < 1) {
        fill_with(generator, out, n, dtype, bernoulli, (parameters){.a = keep, .b = factor});
    } else {
        for (int64_t i = 0; i < n; i++) cor__put_double(out, i, dtype, keep);
    }
    return COR_OK;
}

/* ---- bernoulli with a probability for each element -------------------------------------------------------------- */

static double probability(const void *p, int64_t i, cor_dtype dtype) {
    switch (dtype) {
    case COR_FLOAT16:
        return (double)cor__half_to_float(((const uint16_t *)p)[i]);
    case COR_BFLOAT16:
        return (double)cor__bfloat16_to_float(((const uint16_t *)p)[i]);
    case COR_FLOAT32:
        return (double)((const float *)p)[i];
    default:
        return ((const double *)p)[i];
    }
}

/* The first element whose probability is none, n if there is no such. */
static int64_t first_bad(const void *p, int64_t n, cor_dtype dtype) {
    int64_t i = 0;
    while (i < n && probability(p, i, dtype) >= 0 && probability(p, i, dtype) <= 1) i++;
    return i;
}

static void draw_each(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, const void *p,
                      cor_dtype p_dtype) {
    double units[COR__CHUNK];
    float floats[COR__CHUNK];
    for (int64_t done = 0; done < n; done += COR__CHUNK) {
        int64_t count = cor__min(n - done, COR__CHUNK);
        if (p_dtype == COR_FLOAT64) {
            cor__random_doubles(generator, units, count);
        } else {
            cor__random_floats(generator, floats, count);
            for (int64_t i = 0; i < count; i++) units[i] = (double)floats[i];
        }
        for (int64_t i = 0; i < count; i++)
            cor__put_int(out, done + i, dtype, units[i] < probability(p, done + i, p_dtype));
    }
}

int cor__random_bernoulli_each(cor_generator *generator, void *out, int64_t n, cor_dtype dtype, const void *p,
                               cor_dtype p_dtype) {
    if (n == 0) return COR_OK;
    if (!cor__is_real(p_dtype)) return cor__random_not_implemented("bernoulli_tensor_cpu_p_", p_dtype);
    int64_t good = first_bad(p, n, p_dtype);
    generator = cor__random_lock(generator);
    draw_each(generator, out, good, dtype, p, p_dtype);
    cor__random_unlock(generator);
    if (good == n) return COR_OK;
    return cor__fail(COR_EVALUE, "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  "
                                 "(Could this error message be improved?  If so, please report an enhancement request "
                                 "to PyTorch.)");
}
