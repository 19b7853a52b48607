/* precision.c: the precision of convolutions that do not give one. */
#include "base/error.h"
#include <corrie/conv.h>
#include <stdatomic.h>

static _Atomic cor_precision now = COR_PRECISION_HIGH;

cor_precision cor_precision_now(void) { return atomic_load_explicit(&now, memory_order_relaxed); }

int cor_set_precision(cor_precision precision) {
    if (cor_error() != COR_OK) return cor_error();
    if (precision != COR_PRECISION_HIGH && precision != COR_PRECISION_HIGHEST)
        return cor__fail(COR_EVALUE, "precision must be COR_PRECISION_HIGH or COR_PRECISION_HIGHEST, but got %d",
                         (int)precision);
    atomic_store_explicit(&now, precision, memory_order_relaxed);
    return COR_OK;
}
