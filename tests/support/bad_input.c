/* bad_input.c: the driver of the table of bad inputs. */
#include "support/bad_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { INPUTS = 8, BYTES = 512, BLOB = 64, RUNS = 3 };

/* An input of the row that runs, as it was made. */
typedef struct input {
    const cor_tensor *t;
    int64_t version, bytes;
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS];
    unsigned char contents[BYTES];
} input;

static input inputs[INPUTS];
static int n_inputs;
static cor_tensor *shared;
static _Alignas(16) unsigned char blob[BLOB];

static void *address(cor_tensor *t) { return (void *)(uintptr_t)cor_data_const(t); }

static void note(const cor_tensor *t) {
    const size_t dims = (size_t)cor_dim(t);
    assert_true(n_inputs < INPUTS);
    input *made = &inputs[n_inputs++];
    *made = (input){.t = t, .version = cor_version_of(t), .bytes = cor_numel(t) * cor_dtype_size(cor_dtype_of(t))};
    assert_true(made->bytes <= BYTES);
    if (dims > 0) memcpy(made->sizes, cor_sizes(t), dims * sizeof *made->sizes);
    if (dims > 0) memcpy(made->strides, cor_strides(t), dims * sizeof *made->strides);
    if (made->bytes > 0) memcpy(made->contents, cor_data_const(t), (size_t)made->bytes);
}

cor_tensor *bad_input_tensor(cor_dtype dtype, const int64_t *sizes, int n) {
    if (cor_error() != COR_OK) return NULL; /* another argument of the call could not be made, which is its error */
    cor_tensor *t = cor_zeros_sized(dtype, sizes, n);
    assert_non_null(t);
    for (int64_t i = 0; i < cor_numel(t); i++) {
        const int64_t at = i * cor_dtype_size(dtype);
        if (dtype == COR_FLOAT32) ((float *)address(t))[i] = (float)(i + 1);
        else if (dtype == COR_FLOAT64) ((double *)address(t))[i] = (double)(i + 1);
        else if (dtype == COR_INT64) ((int64_t *)address(t))[i] = i + 1;
        else ((unsigned char *)address(t))[at] = (unsigned char)(dtype == COR_BOOL ? (i + 1) % 2 : i + 1);
    }
    note(t);
    return t;
}

cor_tensor *bad_input_shared(const int64_t *sizes, int n) {
    if (shared == NULL) shared = bad_input_tensor(COR_FLOAT32, sizes, n);
    return shared;
}

void *bad_input_blob(void) { return blob; }

static void check_unchanged(const bad_row *row) {
    static const unsigned char zeros[BLOB];
    if (memcmp(blob, zeros, BLOB) != 0) fail_msg("%s %s: the caller's memory has changed", row->id, row->what);
    for (int i = 0; i < n_inputs; i++) {
        const input *was = &inputs[i];
        const size_t dims = (size_t)cor_dim(was->t) * sizeof(int64_t);
        if (cor_version_of(was->t) != was->version ||
            (dims > 0 && (memcmp(cor_sizes(was->t), was->sizes, dims) != 0 ||
                          memcmp(cor_strides(was->t), was->strides, dims) != 0)) ||
            (was->bytes > 0 && memcmp(cor_data_const(was->t), was->contents, (size_t)was->bytes) != 0))
            fail_msg("%s %s: input %d has changed", row->id, row->what, i);
    }
}

static void check_text(const bad_row *row, const char *text) {
    const size_t n = strlen(row->text);
    const bool begins = n > 3 && strcmp(row->text + n - 3, "...") == 0;
    if (begins ? strncmp(text, row->text, n - 3) != 0 : strcmp(text, row->text) != 0)
        fail_msg("%s %s:\nexpected: %s\ngot:      %s", row->id, row->what, row->text, text);
}

static void check_error(const bad_row *row, bad_outcome outcome) {
    if (cor_error() != row->status)
        fail_msg("%s %s: status %d, not %d: %s", row->id, row->what, cor_error(), row->status, cor_error_message());
    if (outcome.kind == BAD_CODE ? outcome.code != row->status : outcome.object != NULL)
        fail_msg("%s %s: returned %lld, %p", row->id, row->what, (long long)outcome.code, outcome.object);
    check_text(row, cor_error_message());
    assert_null(cor_ones(2)); /* refused while the error is pending, whose text stays */
    check_text(row, cor_error_message());
    check_unchanged(row);
    cor_error_clear();
}

static void check_success(const bad_row *row, bad_outcome outcome) {
    if (cor_error() != COR_OK) fail_msg("%s %s: status %d: %s", row->id, row->what, cor_error(), cor_error_message());
    if (outcome.kind == BAD_CODE ? outcome.code < 0 : outcome.object == NULL)
        fail_msg("%s %s: returned %lld, %p", row->id, row->what, (long long)outcome.code, outcome.object);
    if (row->text == NULL) return;
    assert_int_equal(outcome.kind, BAD_TENSOR);
    char *text = cor_repr(outcome.object, NULL);
    assert_non_null(text);
    check_text(row, text);
    cor_free_text(text);
}

static void run(const bad_row *row) {
    cor_scope();
    n_inputs = 0;
    shared = NULL;
    bad_outcome outcome = row->call();
    if (row->status == COR_OK) check_success(row, outcome);
    else check_error(row, outcome);
    assert_int_equal(cor_item_int(cor_sum(cor_ones_of(COR_INT64, 2, 3))), 6);
    assert_int_equal(cor_error(), COR_OK);
}

/* The first run is left out of the comparison: what is made once for the process stays. */
void bad_input_check(const bad_row *row) {
    cor_error_clear(); /* of a row that failed before */
    run(row);
    const cor_memory_info before = cor_memory();
    for (int i = 1; i < RUNS; i++) {
        run(row);
        const cor_memory_info after = cor_memory();
        if (after.bytes != before.bytes || after.allocations != before.allocations)
            fail_msg("%s %s: %lld bytes in %lld allocations before, %lld in %lld after", row->id, row->what,
                     (long long)before.bytes, (long long)before.allocations, (long long)after.bytes,
                     (long long)after.allocations);
    }
}

void bad_input_counts(const bad_row *rows, size_t n, const char *const *ids, int least) {
    int few = 0;
    for (; *ids != NULL; ids++) {
        int seen = 0;
        for (size_t i = 0; i < n; i++) seen += strcmp(rows[i].id, *ids) == 0;
        printf("%s: %d rows\n", *ids, seen);
        few += seen < least;
    }
    if (few > 0) fail_msg("%d ids have fewer than %d rows", few, least);
}
