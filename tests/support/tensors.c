/* tensors.c: tensors of the library from the notation of the golden files. */
#include "support/tensors.h"

#include "tensor/tensor.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

_Static_assert((int)GOLDEN_INT64 == (int)COR_INT64 && (int)GOLDEN_DTYPES == (int)COR_DTYPES, "dtypes in one order");

static cor_tensor *apply_step(cor_tensor *t, const golden_step *step) {
    const int64_t *a = step->arguments;
    if (strcmp(step->name, "transpose") == 0) return cor_transpose(t, a[0], a[1]);
    if (strcmp(step->name, "permute") == 0) return cor_permute_to(t, a, step->count);
    if (strcmp(step->name, "slice") == 0) return cor_slice(t, a[0], .start = a[1], .end = a[2], .step = a[3]);
    if (strcmp(step->name, "select") == 0) return cor_select(t, a[0], a[1]);
    if (strcmp(step->name, "expand") == 0) return cor_expand_to(t, a, step->count);
    if (strcmp(step->name, "unsqueeze") == 0) return cor_unsqueeze(t, a[0]);
    if (strcmp(step->name, "squeeze") == 0) return cor_squeeze(t, .dim = a[0]);
    fail_msg("no such step: %s", step->name);
    return NULL;
}

cor_tensor *tensor_from_golden(const golden_tensor *golden) {
    size_t bytes = (size_t)golden->count * golden_dtype_size(golden->dtype);
    void *elements = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(elements);
    golden_fill(golden, elements);
    cor_tensor *t = cor_from_pointer(elements, (cor_dtype)golden->dtype, golden->sizes, golden->ndim);
    free(elements);
    for (int i = 0; i < golden->n_steps; i++) t = apply_step(t, &golden->steps[i]);
    if (t != NULL && golden->parameter) t->flags |= COR__IS_PARAMETER;
    return golden->requires_grad ? cor_requires_grad_(t, true) : t;
}

cor_tensor *tensor_from_text(const char *notation) {
    golden_tensor golden;
    if (!golden_parse_tensor(notation, &golden)) fail_msg("not a tensor: %s", notation);
    return tensor_from_golden(&golden);
}

bool tensor_matches(cor_tensor *t, const golden_tensor *expected) {
    if (t == NULL || cor_dtype_of(t) != (cor_dtype)expected->dtype || cor_dim(t) != expected->ndim) return false;
    for (int i = 0; i < expected->ndim; i++)
        if (cor_size(t, i) != expected->sizes[i]) return false;
    return golden_matches(expected, cor_data_const(cor_contiguous(t)));
}

void tensor_check(const char *file, const golden_record *record, cor_tensor *t) {
    golden_tensor expected;
    if (golden_get(record, "error")) {
        if (t != NULL) fail_msg("%s:%d: %s: no error, expected: %s", file, record->line, record->name, record->text);
        if (strcmp(cor_error_message(), record->text) != 0)
            fail_msg("%s:%d: %s: expected: %s\ngot: %s", file, record->line, record->name, record->text,
                     cor_error_message());
        cor_error_clear();
        return;
    }
    if (t == NULL) fail_msg("%s:%d: %s: %s", file, record->line, record->name, cor_error_message());
    assert_true(golden_parse_tensor(golden_get(record, "out0"), &expected));
    if (tensor_matches(t, &expected)) return;
    char *text = cor_repr(t, NULL);
    fail_msg("%s:%d: %s: expected %s\ngot %s", file, record->line, record->name, golden_get(record, "out0"), text);
}
