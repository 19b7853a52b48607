/* weights_reference.c: the gradient of a convolution's weight, straight from its sum. The other implementations are
 * held against it, so it shares nothing with them: no strips, no vectors, and sums in at least double. */
#include "conv/weights.h"
#include <math.h>
#include <string.h>

enum { AXES = COR__CONV_AXES };

/* ---- elements --------------------------------------------------------------------------------------------------- */

static int fraction_bits(cor_dtype dtype) { return dtype == COR_FLOAT16 ? 10 : 7; }
static int bias_of(cor_dtype dtype) { return dtype == COR_FLOAT16 ? 15 : 127; }

static double decode16(uint16_t bits, cor_dtype dtype) {
    const int places = fraction_bits(dtype), bias = bias_of(dtype);
    const int exponent = (bits & 0x7fff) >> places, fraction = bits & ((1 << places) - 1);
    double value =
        exponent == 0 ? ldexp(fraction, 1 - bias - places) : ldexp(fraction + (1 << places), exponent - bias - places);
    if (exponent == 2 * bias + 1) value = fraction == 0 ? (double)INFINITY : (double)NAN;
    return bits & 0x8000 ? -value : value;
}

/* Rounds to nearest, ties to even. */
static uint16_t encode16(double value, cor_dtype dtype) {
    const int places = fraction_bits(dtype), bias = bias_of(dtype);
    const unsigned sign = signbit(value) ? 0x8000u : 0, infinity = (2u * (unsigned)bias + 1) << places;
    if (isnan(value)) return (uint16_t)(infinity | 1u << (places - 1));
    if (value == 0) return (uint16_t)sign;
    int exponent = bias + 1;
    if (!isinf(value)) exponent = ilogb(value) < 1 - bias ? 1 - bias : ilogb(value);
    if (exponent > bias) return (uint16_t)(sign | infinity);
    const unsigned units = (unsigned)nearbyint(ldexp(fabs(value), places - exponent)); /* may carry into the exponent */
    return (uint16_t)(sign | (((unsigned)(exponent + bias - 1) << places) + units));
}

static long double real_at(const void *data, cor_dtype dtype, int64_t index) {
    if (dtype == COR_FLOAT64) return ((const double *)data)[index];
    if (dtype == COR_FLOAT32) return ((const float *)data)[index];
    return decode16(((const uint16_t *)data)[index], dtype);
}

static uint64_t integer_at(const void *data, cor_dtype dtype, int64_t index) {
    const int64_t size = cor__conv_dtype_size(dtype);
    const unsigned char *bytes = (const unsigned char *)data + index * size;
    if (size == 1) return bytes[0];
    if (size == 2) return ((const uint16_t *)data)[index];
    return size == 4 ? ((const uint32_t *)data)[index] : ((const uint64_t *)data)[index];
}

static void put_integer(void *data, cor_dtype dtype, int64_t index, uint64_t value) {
    const int64_t size = cor__conv_dtype_size(dtype);
    if (dtype == COR_BOOL) ((uint8_t *)data)[index] = value != 0;
    else if (size == 1) ((uint8_t *)data)[index] = (uint8_t)value;
    else if (size == 2) ((uint16_t *)data)[index] = (uint16_t)value;
    else if (size == 4) ((uint32_t *)data)[index] = (uint32_t)value;
    else ((uint64_t *)data)[index] = value;
}

static void put_real(void *data, cor_dtype dtype, int64_t index, long double value) {
    if (dtype == COR_FLOAT64) ((double *)data)[index] = (double)value;
    else if (dtype == COR_FLOAT32) ((float *)data)[index] = (float)value;
    else ((uint16_t *)data)[index] = encode16((double)value, dtype);
}

/* ---- the sum ---------------------------------------------------------------------------------------------------- */

/* The element of the input that output position i and kernel position u meet in; false when it is padding. */
static bool input_index(const cor__conv_problem *p, const int64_t i[AXES], const int64_t u[AXES], int64_t *index) {
    for (int axis = 0; axis < AXES; axis++) {
        const int64_t at = i[axis] * p->stride[axis] - p->padding[axis] + u[axis] * p->dilation[axis];
        if (at < 0 || at >= p->input[axis]) return false;
        *index += at * p->input_strides[2 + axis];
    }
    return true;
}

/* Computes the weight number `index` of output channel o, input channel c and kernel position u. */
static void weight_at(const cor__conv_problem *p, const cor__weights_operands *at, int64_t index, int64_t o, int64_t c,
                      const int64_t u[AXES]) {
    const int64_t channel = o / (p->o / p->groups) * (p->c / p->groups) + c, *out = p->output;
    long double real = 0;
    uint64_t integer = 0;
    int64_t i[AXES];
    for (int64_t n = 0; n < p->n; n++) {
        int64_t grad = (n * p->o + o) * out[0] * out[1] * out[2];
        for (i[0] = 0; i[0] < out[0]; i[0]++)
            for (i[1] = 0; i[1] < out[1]; i[1]++)
                for (i[2] = 0; i[2] < out[2]; i[2]++, grad++) {
                    int64_t input = n * p->input_strides[0] + channel * p->input_strides[1];
                    if (!input_index(p, i, u, &input)) continue;
                    if (p->dtype < COR_FLOAT16)
                        integer += integer_at(at->grad_output, p->dtype, grad) * integer_at(at->input, p->dtype, input);
                    else real += real_at(at->grad_output, p->dtype, grad) * real_at(at->input, p->dtype, input);
                }
    }
    if (p->dtype < COR_FLOAT16) put_integer(at->grad_weight, p->dtype, index, integer);
    else put_real(at->grad_weight, p->dtype, index, real);
}

static int run(const cor__conv_problem *p, const cor__weights_operands *operands, int threads, void *workspace) {
    (void)threads, (void)workspace;
    int64_t index = 0, u[AXES];
    for (int64_t o = 0; o < p->o; o++)
        for (int64_t c = 0; c < p->c / p->groups; c++)
            for (u[0] = 0; u[0] < p->kernel[0]; u[0]++)
                for (u[1] = 0; u[1] < p->kernel[1]; u[1]++)
                    for (u[2] = 0; u[2] < p->kernel[2]; u[2]++) weight_at(p, operands, index++, o, c, u);
    return COR_OK;
}

static const char *refuses(const cor__conv_problem *problem) { return (void)problem, NULL; }

const cor__weights_implementation cor__weights_reference = {.name = "reference", .refuses = refuses, .run = run};
