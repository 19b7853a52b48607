/* Which operations the samples of gradcheck/rows.h reach, the same samples with inputs that are not contiguous and with
 * inputs without elements, and docs/gradients.md, the table of all operations. CORRIE_GRADIENTS_PAGE=FILE writes the
 * table there instead of comparing it (tools/gradients). */
#include "base/thread.h"
#include "gradcheck/samples.h"
#include "ops/op_list_table.h"

#include <stdio.h>

enum { OPERATIONS = 512, ROWS = sizeof rows / sizeof rows[0], PAGE = 1 << 16 };

/* How the inputs of a sample come. */
typedef enum form { AS_WRITTEN, STRIDED, EMPTY, FORMS } form;

/* Of an operation: how many samples record it, and in how many it is part of a gradient that can be differentiated. */
static struct { int called[FORMS], part[FORMS]; } seen[OPERATIONS];

/* ---- watching --------------------------------------------------------------------------------------------------- */

static form now;
static bool in_pass;
static int turn; /* of the sample, so that it counts once */
static int last_called[OPERATIONS], last_part[OPERATIONS];

static int place_of(const cor__op *op) {
    for (int i = 0; i < cor__op_count(); i++)
        if (cor__op_at(i) == op) return i;
    return -1;
}

static void saw(const cor__call *call, const char *module, void *context) {
    (void)module, (void)context;
    const int i = place_of(call->op);
    bool recorded = false;
    for (int k = 0; k < call->n_outputs; k++) recorded = recorded || cor_requires_grad(call->outputs[k]);
    if (i < 0 || !recorded) return;
    int *last = in_pass ? last_part : last_called;
    if (last[i] == turn) return;
    last[i] = turn;
    (in_pass ? seen[i].part : seen[i].called)[now]++;
}

/* ---- forms of inputs -------------------------------------------------------------------------------------------- */

/* Of a leaf of the sizes backwards, with one more dimension of 2, the part that has the sizes: no stride is 1. */
static cor_tensor *strided_part(cor_tensor *leaf) {
    int64_t dims[COR_MAX_DIMS];
    const int n = cor_dim(leaf) - 1;
    for (int d = 0; d < n; d++) dims[d] = n - 1 - d;
    return cor_permute_to(cor_select(leaf, n, 1), dims, n);
}

static cor_tensor *strided_leaf(cor_tensor *like, int input) {
    int64_t sizes[COR_MAX_DIMS];
    const int n = cor_dim(like);
    for (int d = 0; d < n; d++) sizes[d] = cor_size(like, n - 1 - d);
    sizes[n] = 2;
    cor_tensor *leaf = cor_zeros_sized(COR_FLOAT64, sizes, n + 1);
    cor_requires_grad_(leaf, true);
    cor_no_grad();
    cor_fill_(leaf, 0.5 + input);
    cor_copy_(strided_part(leaf), like);
    return leaf;
}

static int run_strided(cor_tensor *const *in, int n, cor_tensor **out, int room, void *context) {
    cor_tensor *parts[MOST];
    for (int i = 0; i < n; i++) parts[i] = strided_part(in[i]);
    return ((const struct row *)context)->function(parts, n, out, room, NULL);
}

/* A leaf of the sizes with 0 in the place of dimension `dim` (-1: none), or of every dimension of a size (-1: none). */
static cor_tensor *empty_leaf(cor_tensor *like, int dim, int64_t size) {
    int64_t sizes[COR_MAX_DIMS];
    const int n = cor_dim(like);
    for (int d = 0; d < n; d++) sizes[d] = d == dim || cor_size(like, d) == size ? 0 : cor_size(like, d);
    return cor_requires_grad_(cor_zeros_sized(COR_FLOAT64, sizes, n), true);
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* Runs a sample and a pass that can be differentiated under the observer. Returns a code, with the error cleared. */
static int observe(cor_checked_function function, void *context, cor_list inputs, form how) {
    const cor__observer observer = {saw, NULL};
    cor_tensor *y = NULL, *grads[MOST];
    now = how;
    turn++;
    in_pass = false;
    cor__self()->observer = &observer;
    int code = function(inputs.tensors, (int)inputs.n, &y, 1, context) < 0 || y == NULL ? cor_error() : COR_OK;
    in_pass = true;
    if (code == COR_OK)
        code = cor_autograd_grad(COR_TENSORS(y), inputs, grads, .create_graph = true, .allow_unused = true,
                                 .grad_outputs = (cor_tensor *const[]){cor_requires_grad_(cor_ones_like(y), true)});
    cor__self()->observer = NULL;
    cor_error_clear();
    return code;
}

static void observe_as_written(const struct row *row) {
    cor_scope();
    cor_tensor *inputs[MOST];
    const int n = make_inputs(row->inputs, inputs);
    if (observe(row->function, NULL, COR_LIST(inputs, n), AS_WRITTEN) != COR_OK) fail_msg("%s fails", row->name);
}

/* What a view of the memory must have contiguous, or reads beside its input. */
static bool needs_contiguous(const struct row *row) {
    static const char *const names[] = {"view", "as_strided", "as_strided_overlap"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(row->name, names[i]) == 0) return true;
    return false;
}

static bool check_strided(const struct row *row) {
    cor_scope();
    cor_tensor *inputs[MOST], *leaves[MOST];
    const int n = make_inputs(row->inputs, inputs);
    for (int i = 0; i < n; i++) leaves[i] = strided_leaf(inputs[i], i);
    if (observe(run_strided, (void *)row, COR_LIST(leaves, n), STRIDED) != COR_OK) {
        print_error("%s: fails with inputs that are not contiguous\n", row->name);
        return false;
    }
    const int code =
        cor_gradcheck(run_strided, COR_LIST(leaves, n), .atol = 1e-7, .rtol = 1e-5, .context = (void *)row);
    if (code != COR_OK) print_error("%s, not contiguous: %s\n", row->name, cor_error_message());
    cor_error_clear();
    return code == COR_OK;
}

/* Whether the operation takes inputs without elements: each size of the first input is tried as 0, in it alone and in
 * all inputs. */
static bool check_empty(const struct row *row) {
    cor_scope();
    cor_tensor *inputs[MOST], *leaves[MOST];
    const int n = make_inputs(row->inputs, inputs);
    bool took = false;
    if (strcmp(row->name, "plane_gather") == 0) return false; /* an inner one, whose indices nobody checks */
    for (int d = 0; d < 2 * cor_dim(inputs[0]); d++) {
        const int64_t size = d % 2 == 0 ? -1 : cor_size(inputs[0], d / 2);
        for (int i = 0; i < n; i++) leaves[i] = empty_leaf(inputs[i], i == 0 ? d / 2 : -1, size);
        took = observe(row->function, NULL, COR_LIST(leaves, n), EMPTY) == COR_OK || took;
    }
    return took;
}

/* ---- the tests -------------------------------------------------------------------------------------------------- */

static void not_contiguous(void **unused) {
    (void)unused;
    int checked = 0, failed = 0;
    for (int r = 0; r < ROWS; r++) {
        if (needs_contiguous(&rows[r])) continue;
        failed += !check_strided(&rows[r]);
        checked++;
    }
    print_message("%d samples with inputs that are not contiguous\n", checked);
    assert_int_equal(failed, 0);
}

static void without_elements(void **unused) {
    (void)unused;
    int took = 0;
    for (int r = 0; r < ROWS; r++) took += check_empty(&rows[r]);
    print_message("%d samples with inputs without elements\n", took);
    assert_true(took > ROWS / 2);
}

static bool is_differentiable(const cor__op *op) { return op->grad_fn != NULL && op->backward != NULL; }

/* ---- what is known of operations beside their samples ----------------------------------------------------------- */

typedef struct remark {
    const char *name; /* of the operation or, where forms share one, of grad_fn */
    const char *text;
} remark;

static const remark without_gradient[] = {
    {"detach", "no: leaves the history behind"},
    {"floor_divide", "refuses in the pass, as PyTorch: NotImplemented"},
    {"eq", "no: truth values"},
    {"ne", "no: truth values"},
    {"lt", "no: truth values"},
    {"le", "no: truth values"},
    {"gt", "no: truth values"},
    {"ge", "no: truth values"},
    {"logical_and", "no: truth values"},
    {"logical_or", "no: truth values"},
    {"logical_xor", "no: truth values"},
    {"logical_not", "no: truth values"},
    {"isnan", "no: truth values"},
    {"isinf", "no: truth values"},
    {"isfinite", "no: truth values"},
    {"any", "no: truth values"},
    {"all", "no: truth values"},
    {"bitwise_and", "no: whole numbers"},
    {"bitwise_or", "no: whole numbers"},
    {"bitwise_xor", "no: whole numbers"},
    {"bitwise_not", "no: whole numbers"},
    {"argmax", "no: indices"},
    {"argmin", "no: indices"},
    {"conv1d_fused", "refuses inputs that require grad: for inference"},
    {"conv2d_fused", "refuses inputs that require grad: for inference"},
    {"conv3d_fused", "refuses inputs that require grad: for inference"},
    {"batch_norm_terms", "no: a part of batch_norm, whose gradient has it"},
    {"batch_norm_backward", "no: a pass that records its gradients computes them by other operations"},
    {"max_pool2d_backward", "no: a pass that records its gradients computes them by other operations"},
    {"ctc_loss_backward", "refuses in the pass, as PyTorch: NotImplemented"},
};

/* Differentiable ones that have no sample, and those without one that is empty, with the reason. */
static const remark without_sample[] = {
    {"to", "differences do not see what is rounded; autograd.txt has it"},
    {"ctc_loss", "its gradient has none; a test of its own checks the first"},
};
static const remark without_empty[] = {
    {"to", "as above"},          {"contiguous", "a tensor without elements is contiguous"},
    {"amin", "refuses"},         {"MaxBackward1", "refuses"},
    {"MinBackward1", "refuses"}, {"plane_gather", "an inner one, with planes that have elements"},
    {"ctc_loss", "as above"},    {"max_unpool", "planes have elements"},
};

static const char *remark_on(const remark *remarks, size_t n, const cor__op *op) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(remarks[i].name, op->name) == 0 ||
            (op->grad_fn != NULL && strcmp(remarks[i].name, op->grad_fn) == 0))
            return remarks[i].text;
    return NULL;
}
#define REMARK(remarks, op) remark_on(remarks, sizeof(remarks) / sizeof((remarks)[0]), op)

static int reached(int i, form how) { return seen[i].called[how] + seen[i].part[how]; }

static bool complain(const cor__op *op, bool wrong, const char *what) {
    if (wrong) print_error("%s: %s\n", op->name, what);
    return wrong;
}

/* Runs after the others, which count. An operation of two rows of one name needs samples for both. */
static void every_gradient_has_samples(void **unused) {
    (void)unused;
    int wrong = 0;
    for (int i = 0; i < cor__op_count(); i++) {
        const cor__op *op = cor__op_at(i);
        const bool known = REMARK(without_gradient, op) != NULL, told = REMARK(without_sample, op) != NULL;
        wrong +=
            complain(op, is_differentiable(op) == known, "has a gradient and a remark that it has none, or neither");
        if (!is_differentiable(op)) continue;
        wrong += complain(op, (reached(i, AS_WRITTEN) > 0) == told, "has no sample, or one and a remark that says no");
        wrong += complain(op, (reached(i, STRIDED) > 0) == told,
                          "has no sample that is not contiguous, or one and a remark that says no");
        wrong += complain(op, (reached(i, EMPTY) > 0) == (REMARK(without_empty, op) != NULL),
                          "has no empty sample, or one and a remark that says no");
    }
    assert_int_equal(wrong, 0);
}

/* ---- the page --------------------------------------------------------------------------------------------------- */

static char page[PAGE];

static void add(const char *format, ...) COR_PRINTF(1, 2);
static void add(const char *format, ...) {
    va_list list;
    const size_t used = strlen(page);
    va_start(list, format);
    vsnprintf(page + used, sizeof page - used, format, list);
    va_end(list);
}

static void add_row(int i) {
    const cor__op *op = cor__op_at(i);
    const char *none = REMARK(without_gradient, op), *untold = REMARK(without_sample, op);
    if (none != NULL) {
        add("| %s | | %s | | | | |\n", op->name, none);
        return;
    }
    const int called = seen[i].called[AS_WRITTEN];
    add("| %s | %s | yes | %s | %d | %d | %s |\n", op->name, op->grad_fn, untold != NULL ? "yes, unchecked" : "yes",
        called, seen[i].part[AS_WRITTEN], reached(i, EMPTY) > 0 ? "yes" : REMARK(without_empty, op));
}

static void write_page(void) {
    page[0] = '\0';
    add("# Gradients of the operations\n\n"
        "Made by `tools/gradients` from the rows of the operations and the %d samples of `tests/gradcheck/rows.h`; do "
        "not\n"
        "edit. `make test` and `make lint` say when it is out of date.\n\n"
        "Each sample is held to central differences in float64, as it is written, with the gradient of its gradient, "
        "and\n"
        "again with inputs that are not contiguous. *samples* says how many record the operation, *parts* in the "
        "gradients\n"
        "of how many it stands: an operation that only gradients use is checked as a part of second gradients. "
        "*empty*\n"
        "says whether inputs without elements were among those tried. A name that comes more than once is one "
        "operation\n"
        "with a row for each form. The in-place forms are the same rows.\n\n"
        "| operation | grad_fn | gradient | its gradient | samples | parts | empty |\n|---|---|---|---|---|---|---|\n",
        (int)ROWS);
    for (int i = 0; i < cor__op_count(); i++) add_row(i);
}

static void the_page_is_fresh(void **unused) {
    (void)unused;
    static char written[PAGE];
    const char *path = getenv("CORRIE_GRADIENTS_PAGE");
    write_page();
    FILE *file = path != NULL ? fopen(path, "wb") : fopen(COR_SOURCE_DIR "/docs/gradients.md", "rb");
    assert_non_null(file);
    if (path != NULL) assert_int_equal(fwrite(page, 1, strlen(page), file), strlen(page));
    else written[fread(written, 1, sizeof written - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    if (path == NULL && strcmp(page, written) != 0) fail_msg("docs/gradients.md is out of date: run tools/gradients");
}

static void as_written(void **unused) {
    (void)unused;
    assert_true(cor__op_count() <= OPERATIONS);
    for (int r = 0; r < ROWS; r++) observe_as_written(&rows[r]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_written), cmocka_unit_test(not_contiguous),
                                       cmocka_unit_test(without_elements), cmocka_unit_test(every_gradient_has_samples),
                                       cmocka_unit_test(the_page_is_fresh)};
    return cmocka_run_group_tests_name("gradients", tests, NULL, NULL);
}
