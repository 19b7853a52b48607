/* gradcheck.c: gradients against central differences. */
#include "base/error.h"
#include "base/memory.h"
#include "ops/op.h"
#include <corrie/autograd.h>
#include <corrie/creation.h>
#include <corrie/math.h>
#include <math.h>

COR__DEFINE_OPTIONS(cor_gradcheck_options, COR_GRADCHECK_OPTIONS)

enum { MOST_OUTPUTS = 16, MOST_INPUTS = 32 };

typedef struct check {
    cor_checked_function function;
    const cor_gradcheck_options *options;
    cor_tensor *const *inputs;
    int n;
} check;

static bool is_checked(const cor_tensor *t) { return cor__requires_grad(t); }
static bool is_differentiable(const cor_tensor *t) { return t != NULL && cor__requires_grad(t); }

static double element(const cor_tensor *t, int64_t i) {
    return cor__load_double((char *)cor__data(t) + i * cor_dtype_size(t->dtype), t->dtype);
}

static void set_element(cor_tensor *t, int64_t i, double value) {
    cor__store_number((char *)cor__data(t) + i * cor_dtype_size(t->dtype), t->dtype,
                      (cor_operand){.kind = COR_OPERAND_DOUBLE, .number.real = value});
    cor__bump_version(t);
}

static int evaluate(const check *c, cor_tensor **outputs) {
    for (int k = 0; k < MOST_OUTPUTS; k++) outputs[k] = NULL;
    const int n = c->function(c->inputs, c->n, outputs, MOST_OUTPUTS, c->options->context);
    if (cor_error() != COR_OK) return cor_error();
    if (n < 0) return cor__fail(n, "gradcheck: the function returned %d", n);
    if (n > MOST_OUTPUTS) return cor__fail(COR_ELIMIT, "gradcheck: %d outputs are more than %d", n, MOST_OUTPUTS);
    for (int k = 0; k < n; k++)
        if (outputs[k] == NULL) return cor__fail(COR_EVALUE, "gradcheck: output %d of the function is NULL", k);
    return n;
}

static int64_t numel_of(cor_tensor *const *tensors, int n, bool (*counts)(const cor_tensor *)) {
    int64_t total = 0;
    for (int i = 0; i < n; i++) total += counts(tensors[i]) ? tensors[i]->numel : 0;
    return total;
}

/* The outputs that require grad, one after the other. */
static int copy_outputs(cor_tensor *const *outputs, int n, const bool *wanted, double *values) {
    for (int k = 0; k < n; k++) {
        if (!wanted[k]) continue;
        const cor_tensor *flat = cor_contiguous(outputs[k]);
        if (flat == NULL) return cor_error();
        for (int64_t i = 0; i < flat->numel; i++) *values++ = element(flat, i);
    }
    return COR_OK;
}

/* One column: how the outputs change with one element of an input. */
static int numerical_column(const check *c, cor_tensor *input, int64_t at, const bool *wanted, int64_t rows,
                            double *column, double *below) {
    cor_no_grad();
    const double before = element(input, at), eps = c->options->eps;
    int n = 0;
    for (int side = 0; side < 2 && n >= 0; side++) {
        cor_scope();
        cor_tensor *outputs[MOST_OUTPUTS];
        set_element(input, at, side == 0 ? before + eps : before - eps);
        n = evaluate(c, outputs);
        if (n >= 0 && copy_outputs(outputs, n, wanted, side == 0 ? column : below) != COR_OK) n = cor_error();
    }
    set_element(input, at, before);
    for (int64_t r = 0; r < rows; r++) column[r] = (column[r] - below[r]) / (2 * eps);
    return n < 0 ? n : COR_OK;
}

/* One row: the gradient of one element of an output with respect to all inputs, in analytical[input element]. */
static int analytical_row(const check *c, cor_tensor *output, int64_t at, double *row) {
    cor_scope();
    cor_tensor *inputs[MOST_INPUTS], *grads[MOST_INPUTS];
    int n = 0;
    for (int i = 0; i < c->n; i++)
        if (is_checked(c->inputs[i])) inputs[n++] = c->inputs[i];
    cor_tensor *one = cor_zeros_sized(output->dtype, output->sizes, output->ndim);
    if (one == NULL) return cor_error();
    set_element(one, at, 1);
    if (cor_autograd_grad(COR_TENSORS(output), COR_LIST(inputs, n), grads, .grad_outputs = &one, .retain_graph = true,
                          .allow_unused = true) != COR_OK)
        return cor_error();
    for (int i = 0; i < n; i++) {
        const cor_tensor *grad = grads[i] == NULL ? NULL : cor_contiguous(grads[i]);
        for (int64_t e = 0; e < inputs[i]->numel; e++) *row++ = grad == NULL ? 0 : element(grad, e);
    }
    return cor_error();
}

/* Says which element differs, and how. */
static int refuse(const check *c, int output, int64_t row, int64_t column, double numerical, double analytical) {
    int input = 0;
    for (; input + 1 < c->n; input++) {
        const int64_t own = is_checked(c->inputs[input]) ? c->inputs[input]->numel : 0;
        if (column < own) break;
        column -= own;
    }
    return cor__fail(COR_ESTATE,
                     "Jacobian mismatch for output %d with respect to input %d, element %lld of the output by element "
                     "%lld of the input: numerical %.12g, analytical %.12g",
                     output, input, (long long)row, (long long)column, numerical, analytical);
}

static bool close_to(const cor_gradcheck_options *o, double analytical, double numerical) {
    return analytical == numerical || fabs(analytical - numerical) <= o->atol + o->rtol * fabs(numerical) ||
           (isnan(analytical) && isnan(numerical));
}

/* numerical holds a column of `rows` for each input element. */
static int compare(const check *c, cor_tensor *const *outputs, int n, const bool *wanted, const double *numerical,
                   int64_t rows, int64_t columns, double *row) {
    int64_t at = 0;
    for (int k = 0; k < n; k++) {
        if (!wanted[k]) continue;
        for (int64_t r = 0; r < outputs[k]->numel; r++, at++) {
            if (analytical_row(c, outputs[k], r, row) != COR_OK) return cor_error();
            for (int64_t j = 0; j < columns; j++)
                if (!close_to(c->options, row[j], numerical[j * rows + at]))
                    return refuse(c, k, r, j, numerical[j * rows + at], row[j]);
        }
    }
    return COR_OK;
}

static int run_check(const check *c) {
    cor_scope();
    cor_tensor *outputs[MOST_OUTPUTS];
    bool wanted[MOST_OUTPUTS] = {false};
    const int n = evaluate(c, outputs);
    if (n < 0) return n;
    for (int k = 0; k < n; k++) wanted[k] = is_differentiable(outputs[k]);
    const int64_t rows = numel_of(outputs, n, is_differentiable), columns = numel_of(c->inputs, c->n, is_checked);
    const size_t bytes = (size_t)((rows + 1) * (columns + 1)) * 2 * sizeof(double);
    double *numerical = cor__alloc(bytes, "the Jacobian of a check"), *rest = numerical + rows * columns, *column;
    if (numerical == NULL) return cor_error();
    column = numerical;
    for (int i = 0; i < c->n && cor_error() == COR_OK; i++)
        for (int64_t e = 0; is_checked(c->inputs[i]) && e < c->inputs[i]->numel && cor_error() == COR_OK; e++) {
            numerical_column(c, c->inputs[i], e, wanted, rows, column, rest);
            column += rows;
        }
    if (cor_error() == COR_OK) {
        cor_scope();
        const int again = evaluate(c, outputs);
        if (again >= 0) compare(c, outputs, n, wanted, numerical, rows, columns, rest);
    }
    cor__free(numerical, bytes);
    return cor_error();
}

static int check_arguments(cor_checked_function function, cor_list inputs, const cor_gradcheck_options *options) {
    bool any = false;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "gradcheck") != COR_OK)
        return cor_error();
    if (function == NULL) return cor__fail(COR_EVALUE, "gradcheck: the function is NULL");
    if (inputs.tensors == NULL) return cor__fail(COR_EVALUE, "gradcheck: the inputs are NULL");
    if (inputs.n < 1 || inputs.n > MOST_INPUTS)
        return cor__fail(COR_EVALUE, "gradcheck: %lld inputs, expected 1 to %d", (long long)inputs.n, MOST_INPUTS);
    for (int64_t i = 0; i < inputs.n; i++)
        if (inputs.tensors[i] == NULL || inputs.tensors[i] == COR_NONE)
            return cor__fail(COR_EVALUE, "gradcheck: input %lld is NULL", (long long)i);
    for (int64_t i = 0; i < inputs.n; i++) {
        const cor_tensor *t = inputs.tensors[i];
        if (!is_checked(t)) continue;
        any = true;
        if (!cor_is_contiguous(t))
            return cor__fail(COR_EVALUE, "gradcheck: input %lld is not contiguous: its elements cannot be changed",
                             (long long)i);
    }
    return any ? COR_OK
               : cor__fail(COR_EVALUE, "gradcheck expects at least one input tensor to require gradient, but none of "
                                       "the them have requires_grad=True.");
}

int cor_gradcheck_with(cor_checked_function function, cor_list inputs, const cor_gradcheck_options *options) {
    cor_gradcheck_options room;
    if (check_arguments(function, inputs, options) != COR_OK) return cor_error();
    const check c = {function, cor_gradcheck_options_or_defaults(options, &room), inputs.tensors, (int)inputs.n};
    cor_enable_grad();
    return run_check(&c);
}

/* ---- gradients of gradients ------------------------------------------------------------------------------------- */

/* The function's gradients as a function of its inputs and, after them, of the outputs' gradients. */
typedef struct second {
    const check *first;
} second;

static int gradients(cor_tensor *const *inputs, int n, cor_tensor **outputs, int room, void *context) {
    const check *first = ((const second *)context)->first;
    const check now = {first->function, first->options, inputs, first->n};
    cor_tensor *results[MOST_OUTPUTS], *wanted[MOST_INPUTS], *grads[MOST_INPUTS], *starts[MOST_OUTPUTS];
    int n_wanted = 0, n_results = 0, given = 0;
    cor_enable_grad(); /* also where the differences are taken */
    const int made = evaluate(&now, results);
    if (made < 0) return made;
    for (int i = 0; i < first->n; i++)
        if (is_checked(inputs[i])) wanted[n_wanted++] = inputs[i];
    for (int k = 0; k < made; k++)
        if (is_differentiable(results[k])) {
            results[n_results] = results[k];
            starts[n_results++] = inputs[first->n + given++];
        }
    if (n_wanted > room || first->n + given > n) return cor__fail(COR_ELIMIT, "gradgradcheck: too many inputs");
    if (cor_autograd_grad(COR_LIST(results, n_results), COR_LIST(wanted, n_wanted), grads, .grad_outputs = starts,
                          .create_graph = true, .allow_unused = true) != COR_OK)
        return cor_error();
    given = 0;
    for (int i = 0; i < n_wanted; i++)
        if (grads[i] != NULL) outputs[given++] = grads[i];
    return given;
}

int cor_gradgradcheck_with(cor_checked_function function, cor_list inputs, const cor_gradcheck_options *options) {
    cor_gradcheck_options room, own;
    if (check_arguments(function, inputs, options) != COR_OK) return cor_error();
    const check first = {function, cor_gradcheck_options_or_defaults(options, &room), inputs.tensors, (int)inputs.n};
    cor_tensor *all[MOST_INPUTS], *results[MOST_OUTPUTS];
    cor_enable_grad();
    cor_scope();
    const int made = evaluate(&first, results);
    if (made < 0) return made;
    int n = 0;
    for (; n < first.n; n++) all[n] = first.inputs[n];
    for (int k = 0; k < made; k++) {
        if (!is_differentiable(results[k])) continue;
        if (n == MOST_INPUTS) return cor__fail(COR_ELIMIT, "gradgradcheck: too many inputs");
        cor_tensor *start = cor_zeros_sized(results[k]->dtype, results[k]->sizes, results[k]->ndim);
        if (start == NULL) return cor_error();
        for (int64_t i = 0; i < start->numel; i++) set_element(start, i, 0.25 + 0.5 * sin((double)(3 * i + k + 1)));
        all[n++] = cor_requires_grad_(start, true);
    }
    second context = {&first};
    own = *first.options;
    own.context = &context;
    const check c = {gradients, &own, all, n};
    return run_check(&c);
}
