/* reference.c: the definition of convolution, straight from its sums. It is what the other implementations are held
 * against, so it shares nothing with them: not the layout, not the order of loops, not the conversions. */
#include "base/sizes.h"
#include "conv/plan.h"
#include <math.h>
#include <string.h>

/* ---- elements --------------------------------------------------------------------------------------------------- */

typedef struct format16 {
    int exponent_bits, fraction_bits;
} format16;

static const format16 half = {5, 10}, bfloat = {8, 7};

static double decode16(uint16_t bits, format16 format) {
    const int fraction = bits & ((1 << format.fraction_bits) - 1);
    const int most = (1 << format.exponent_bits) - 1, exponent = bits >> format.fraction_bits & most;
    const int bias = most / 2;
    double value;
    if (exponent == most) value = fraction != 0 ? (double)NAN : (double)INFINITY;
    else if (exponent == 0) value = ldexp(fraction, 1 - bias - format.fraction_bits);
    else value = ldexp(fraction + (1 << format.fraction_bits), exponent - bias - format.fraction_bits);
    return bits >> 15 != 0 ? -value : value;
}

/* Rounds to nearest, ties to even, once. */
static uint16_t encode16(double value, format16 format) {
    const int most = (1 << format.exponent_bits) - 1, bias = most / 2;
    const unsigned sign = signbit(value) ? 0x8000u : 0u, infinity = (unsigned)most << format.fraction_bits;
    if (isnan(value)) return (uint16_t)(infinity | 1u << (format.fraction_bits - 1));
    if (isinf(value) || value == 0) return (uint16_t)(sign | (value == 0 ? 0 : infinity));
    int exponent;
    (void)frexp(value, &exponent);
    if (exponent < 2 - bias) exponent = 2 - bias; /* subnormal from here down */
    /* The units of the last place; a sum that carries over moves into the exponent by itself. */
    const double units = nearbyint(ldexp(fabs(value), format.fraction_bits + 1 - exponent));
    const unsigned bits = (unsigned)(exponent - 2 + bias) * (1u << format.fraction_bits) + (unsigned)units;
    return (uint16_t)(sign | (exponent > bias + 1 || bits > infinity ? infinity : bits));
}

static double real_at(const void *data, cor_dtype dtype, int64_t index) {
    switch (dtype) {
    case COR_FLOAT16:
        return decode16(((const uint16_t *)data)[index], half);
    case COR_BFLOAT16:
        return decode16(((const uint16_t *)data)[index], bfloat);
    case COR_FLOAT32:
        return (double)((const float *)data)[index];
    default:
        return ((const double *)data)[index];
    }
}

static uint64_t integer_at(const void *data, cor_dtype dtype, int64_t index) {
    switch (dtype) {
    case COR_BOOL:
    case COR_UINT8:
        return ((const uint8_t *)data)[index];
    case COR_INT8:
        return (uint64_t)((const int8_t *)data)[index];
    case COR_INT16:
        return (uint64_t)((const int16_t *)data)[index];
    case COR_INT32:
        return (uint64_t)((const int32_t *)data)[index];
    default:
        return ((const uint64_t *)data)[index];
    }
}

/* A sum: of integers modulo 2^64, of floating point in at least double. */
typedef struct sum {
    uint64_t integer;
    long double real;
} sum;

static void put(void *data, cor_dtype dtype, int64_t index, const sum *total) {
    switch (dtype) {
    case COR_BOOL:
        ((uint8_t *)data)[index] = total->integer != 0;
        break;
    case COR_UINT8:
    case COR_INT8:
        ((uint8_t *)data)[index] = (uint8_t)total->integer;
        break;
    case COR_INT16:
        ((uint16_t *)data)[index] = (uint16_t)total->integer;
        break;
    case COR_INT32:
        ((uint32_t *)data)[index] = (uint32_t)total->integer;
        break;
    case COR_INT64:
        ((uint64_t *)data)[index] = total->integer;
        break;
    case COR_FLOAT16:
        ((uint16_t *)data)[index] = encode16((double)total->real, half);
        break;
    case COR_BFLOAT16:
        ((uint16_t *)data)[index] = encode16((double)total->real, bfloat);
        break;
    case COR_FLOAT32:
        ((float *)data)[index] = (float)total->real;
        break;
    case COR_FLOAT64:
        ((double *)data)[index] = (double)total->real;
        break;
    case COR_DTYPE_UNSET:
        break;
    }
}

static void add_product(sum *total, const cor__conv_problem *p, const cor__conv_operands *at, int64_t weight,
                        int64_t input) {
    if (p->dtype >= COR_FLOAT16)
        total->real +=
            (long double)real_at(at->weight, p->dtype, weight) * (long double)real_at(at->input, p->dtype, input);
    else total->integer += integer_at(at->weight, p->dtype, weight) * integer_at(at->input, p->dtype, input);
}

/* ---- the sums --------------------------------------------------------------------------------------------------- */

/* The input position that kernel position u brings to output position i; false when there is none. */
static bool input_position(const cor__conv_problem *p, int axis, int64_t i, int64_t u, int64_t *position) {
    if (p->transposed) {
        const int64_t scaled = i + p->padding[axis] - u * p->dilation[axis];
        if (scaled % p->stride[axis] != 0) return false;
        *position = scaled / p->stride[axis];
    } else {
        *position = i * p->stride[axis] - p->padding[axis] + u * p->dilation[axis];
    }
    return *position >= 0 && *position < p->input[axis];
}

/* Adds the products of one input channel with its kernel. */
static void add_channel(sum *total, const cor__conv_problem *p, const cor__conv_operands *at, int64_t weight,
                        int64_t input, const int64_t i[3]) {
    int64_t x[3];
    for (int64_t ud = 0; ud < p->kernel[0]; ud++) {
        if (!input_position(p, 0, i[0], ud, &x[0])) continue;
        for (int64_t uh = 0; uh < p->kernel[1]; uh++) {
            if (!input_position(p, 1, i[1], uh, &x[1])) continue;
            for (int64_t uw = 0; uw < p->kernel[2]; uw++)
                if (input_position(p, 2, i[2], uw, &x[2]))
                    add_product(total, p, at, weight + (ud * p->kernel[1] + uh) * p->kernel[2] + uw,
                                input + x[0] * p->input_strides[2] + x[1] * p->input_strides[3] +
                                    x[2] * p->input_strides[4]);
        }
    }
}

static sum output_at(const cor__conv_problem *p, const cor__conv_operands *at, int64_t n, int64_t o,
                     const int64_t i[3]) {
    const int64_t channels = p->c / p->groups, outputs = p->o / p->groups, group = o / outputs;
    const int64_t taps = p->kernel[0] * p->kernel[1] * p->kernel[2];
    sum total = {0, 0};
    for (int64_t c = 0; c < channels; c++) {
        const int64_t channel = group * channels + c;
        const int64_t weight = p->transposed ? channel * outputs + o % outputs : o * channels + c;
        add_channel(&total, p, at, weight * taps, n * p->input_strides[0] + channel * p->input_strides[1], i);
    }
    if (p->bias && p->dtype >= COR_FLOAT16) total.real += (long double)real_at(at->bias, p->dtype, o);
    if (p->bias && p->dtype < COR_FLOAT16) total.integer += integer_at(at->bias, p->dtype, o);
    return total;
}

static int run(const cor__conv_problem *p, const cor__conv_operands *at, int threads, void *workspace) {
    (void)threads, (void)workspace;
    int64_t index = 0, i[3];
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t o = 0; o < p->o; o++)
            for (i[0] = 0; i[0] < p->output[0]; i[0]++)
                for (i[1] = 0; i[1] < p->output[1]; i[1]++)
                    for (i[2] = 0; i[2] < p->output[2]; i[2]++) {
                        const sum total = output_at(p, at, n, o, i);
                        put(at->output, p->dtype, index++, &total);
                    }
    cor__conv_finish_all(p, at);
    return COR_OK;
}

double cor__conv_reference_at(const cor__conv_problem *problem, const cor__conv_operands *operands, int64_t n,
                              int64_t o, const int64_t i[COR__CONV_AXES]) {
    return (double)output_at(problem, operands, n, o, i).real;
}

static const char *refuses(const cor__conv_problem *problem) { return (void)problem, NULL; }

const cor__conv_implementation cor__conv_reference = {.name = "reference", .refuses = refuses, .run = run};
