/* labels.c: labels within their range. */
#include "io/labels.h"
#include "base/error.h"

int cor__check_labels(const uint8_t *labels, int64_t n, int classes, const char *name) {
    for (int64_t i = 0; i < n; i++)
        if (labels[i] >= classes)
            return cor__fail(COR_EFORMAT, "%s: label %lld is %d, expected less than %d", name, (long long)i, labels[i],
                             classes);
    return COR_OK;
}
