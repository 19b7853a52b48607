/* composed.c: what operations share that are made of other operations. */
#include "ops/composed.h"
#include "base/error.h"
#include <corrie/math.h>

bool cor__given(const cor_tensor *t, const char *name) {
    if (cor_error() != COR_OK) return false;
    if (t != NULL && t != COR_NONE) return true;
    cor__fail(COR_EVALUE, "%s: an input is NULL, a failed or missing tensor", name);
    return false;
}

cor_tensor *cor__made_by(cor_tensor *t, const char *node) {
    cor__node *made = t == NULL || node == NULL || cor_error() != COR_OK ? NULL : cor__grad_fn(t);
    if (made != NULL) made->name = node;
    return cor_error() == COR_OK ? t : NULL;
}

cor_tensor *cor__clamp_min(cor_tensor *t, double least) {
    return cor__made_by(cor_clamp(t, least, COR_NONE), "ClampMinBackward0");
}
