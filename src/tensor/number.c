/* number.c: single numbers: into an element, out of one, and as a tensor of no dimensions. */
#include "base/error.h"
#include "base/half.h"
#include "tensor/tensor.h"
#include <math.h>
#include <string.h>

/* A double as an integer, truncated; what does not fit (and NaN) becomes the smallest int64, as on x86. */
static int64_t truncate_double(double value) { return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN; }

static double as_double(cor_operand number) {
    return number.kind == COR_OPERAND_DOUBLE ? number.number.real : (double)number.number.integer;
}

static int64_t as_int(cor_operand number) {
    return number.kind == COR_OPERAND_DOUBLE ? truncate_double(number.number.real) : number.number.integer;
}

/* The double is rounded to float first and then to the half type, as a Python number is. */
static void store_floating(void *p, cor_dtype dtype, double value) {
    float narrow = (float)value;
    uint16_t half;
    switch (dtype) {
    case COR_FLOAT16:
        half = cor__float_to_half(narrow);
        memcpy(p, &half, sizeof half);
        break;
    case COR_BFLOAT16:
        half = cor__float_to_bfloat16(narrow);
        memcpy(p, &half, sizeof half);
        break;
    case COR_FLOAT32:
        memcpy(p, &narrow, sizeof narrow);
        break;
    default:
        memcpy(p, &value, sizeof value);
    }
}

void cor__store_number(void *p, cor_dtype dtype, cor_operand number) {
    if (cor_dtype_is_floating(dtype)) {
        store_floating(p, dtype, as_double(number));
    } else if (dtype == COR_BOOL) {
        *(unsigned char *)p = number.kind == COR_OPERAND_DOUBLE ? number.number.real != 0 : number.number.integer != 0;
    } else {
        uint64_t bits = (uint64_t)as_int(number); /* the low bytes are the wrapped value (little endian) */
        memcpy(p, &bits, (size_t)cor_dtype_size(dtype));
    }
}

static const struct {
    int64_t low, high;
    double largest; /* of the floating dtypes */
} limits[COR_DTYPES] = {
    [COR_UINT8] = {.low = 0, .high = UINT8_MAX},
    [COR_INT8] = {.low = INT8_MIN, .high = INT8_MAX},
    [COR_INT16] = {.low = INT16_MIN, .high = INT16_MAX},
    [COR_INT32] = {.low = INT32_MIN, .high = INT32_MAX},
    [COR_INT64] = {.low = INT64_MIN, .high = INT64_MAX},
    [COR_FLOAT16] = {.largest = 65504},
    [COR_BFLOAT16] = {.largest = 0x1.fep127},
    [COR_FLOAT32] = {.largest = 0x1.fffffep127},
    [COR_FLOAT64] = {.largest = 0x1.fffffffffffffp1023},
};

bool cor__number_fits(cor_operand number, cor_dtype dtype) {
    double value = as_double(number);
    if (dtype == COR_BOOL || number.kind == COR_OPERAND_BOOL) return true;
    if (cor_dtype_is_floating(dtype)) return !isfinite(value) || fabs(value) <= limits[dtype].largest;
    if (number.kind == COR_OPERAND_DOUBLE)
        return value >= (double)limits[dtype].low && value <= (double)limits[dtype].high;
    int64_t low = dtype == COR_UINT8 ? -limits[dtype].high : limits[dtype].low;
    return number.number.integer >= low && number.number.integer <= limits[dtype].high;
}

int cor__check_number(cor_operand number, cor_dtype dtype) {
    static const char *const names[COR_DTYPES] = {"bool",    "uint8_t",   "int8_t",        "int16_t", "int",
                                                  "int64_t", "c10::Half", "c10::BFloat16", "float",   "double"};
    if (cor__number_fits(number, dtype)) return COR_OK;
    return cor__fail(COR_EVALUE, "value cannot be converted to type %s without overflow", names[dtype]);
}

int64_t cor__load_int(const void *p, cor_dtype dtype) {
    uint64_t bits = 0;
    if (cor_dtype_is_floating(dtype)) return truncate_double(cor__load_double(p, dtype));
    memcpy(&bits, p, (size_t)cor_dtype_size(dtype));
    switch (dtype) {
    case COR_INT8:
        return (int8_t)bits;
    case COR_INT16:
        return (int16_t)bits;
    case COR_INT32:
        return (int32_t)bits;
    default:
        return (int64_t)bits;
    }
}

double cor__load_double(const void *p, cor_dtype dtype) {
    uint16_t half;
    float narrow;
    double value;
    switch (dtype) {
    case COR_FLOAT16:
        memcpy(&half, p, sizeof half);
        return (double)cor__half_to_float(half);
    case COR_BFLOAT16:
        memcpy(&half, p, sizeof half);
        return (double)cor__bfloat16_to_float(half);
    case COR_FLOAT32:
        memcpy(&narrow, p, sizeof narrow);
        return (double)narrow;
    case COR_FLOAT64:
        memcpy(&value, p, sizeof value);
        return value;
    default:
        return (double)cor__load_int(p, dtype);
    }
}

int cor__check_kind(cor_operand operand) {
    if ((unsigned)operand.kind <= COR_OPERAND_DOUBLE) return COR_OK;
    return cor__fail(COR_EVALUE, "%d is no kind of operand: make it with COR_OPERAND", (int)operand.kind);
}

static cor_tensor *filled(cor_operand number, cor_dtype floating) {
    if (cor__check_kind(number) != COR_OK) return NULL;
    cor_dtype dtype = number.kind == COR_OPERAND_BOOL  ? COR_BOOL
                      : number.kind == COR_OPERAND_INT ? COR_INT64
                                                       : floating;
    cor_tensor *t = cor__empty(dtype, NULL, 0);
    if (t != NULL) cor__store_number(t->storage->data, dtype, number);
    return t;
}

/* A Python float keeps its double precision until the operation's dtype is known, but counts as float32. */
cor_tensor *cor__number(cor_operand number) {
    cor_tensor *t = filled(number, COR_FLOAT64);
    if (t != NULL) t->flags |= COR__IS_NUMBER;
    return t;
}

cor_tensor *cor_scalar_of(cor_operand number) {
    if (cor_error() != COR_OK) return NULL;
    if (number.kind == COR_OPERAND_TENSOR) return cor_detach(number.tensor);
    return cor__scope_add(filled(number, COR_FLOAT32));
}
