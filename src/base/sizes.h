/* sizes.h: arithmetic on sizes that says when it overflows instead of wrapping. */
#ifndef COR_BASE_SIZES_H
#define COR_BASE_SIZES_H

#include <stdbool.h>
#include <stdint.h>

/* *result = a * b, a + b or a - b; false, with *result undefined, when that does not fit. */
static inline bool cor__mul_ok(int64_t a, int64_t b, int64_t *result) { return !__builtin_mul_overflow(a, b, result); }
static inline bool cor__add_ok(int64_t a, int64_t b, int64_t *result) { return !__builtin_add_overflow(a, b, result); }
static inline bool cor__sub_ok(int64_t a, int64_t b, int64_t *result) { return !__builtin_sub_overflow(a, b, result); }

/* The product of n sizes; false on overflow. The sizes that are not 0 must not overflow beside one that is 0 either, so
 * that no product of some of them does. */
static inline bool cor__product_ok(const int64_t *sizes, int n, int64_t *result) {
    int64_t product = 1;
    bool fits = true, empty = false;
    for (int i = 0; i < n; i++) {
        empty = empty || sizes[i] == 0;
        fits = fits && (sizes[i] == 0 || cor__mul_ok(product, sizes[i], &product));
    }
    *result = empty ? 0 : product;
    return fits;
}

static inline int64_t cor__min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t cor__max(int64_t a, int64_t b) { return a > b ? a : b; }

/* a / b rounded up and down, for b > 0 and any a. */
static inline int64_t cor__ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0); }
static inline int64_t cor__floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

#endif
