/* Backward hooks of modules: the scenarios of autograd.txt, which PyTorch ran, once more in C. */
#include "support/notes.h"
#include "support/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* ---- modules ---------------------------------------------------------------------------------------------------- */

typedef struct Three {
    cor_module base;
} Three;

static int three_forward(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out) {
    (void)m, (void)n_in, (void)n_out;
    out[0] = cor_mul(in[0], in[1]);
    out[1] = cor_add(in[0], 1);
    out[2] = cor_mul(cor_detach(in[1]), 2);
    return cor_error();
}

static cor_module *new_three(void) { return COR_MODULE(cor_module_new(Three, NULL, .forward_n = three_forward)); }

/* The three outputs of a call; returns the first. */
static cor_tensor *run_three(cor_module *m, cor_tensor *a, cor_tensor *b, cor_tensor *out[3]) {
    must(cor_call_n(m, (cor_tensor *const[]){a, b}, 2, out, 3));
    return out[0];
}

typedef struct Scale {
    cor_module base;
    cor_tensor *w;
} Scale;

static cor_tensor *scale_forward(cor_module *m, cor_tensor *x) { return cor_mul(x, ((Scale *)m)->w); }
static void scale_init(cor_module *m) { cor_set_parameter(m, Scale, w, of(3, 4)); }
static cor_module *new_scale(void) { return COR_MODULE(cor_module_new(Scale, scale_forward, .init = scale_init)); }

typedef struct Adds {
    cor_module base;
} Adds;

static cor_tensor *adds_forward(cor_module *m, cor_tensor *x) { return (void)m, cor_add_(x, 1); }

/* ---- hooks ------------------------------------------------------------------------------------------------------ */

typedef struct act {
    const char *label;
    double times; /* 0: the gradients stay */
} act;

static void write_grads(char *text, size_t size, cor_tensor *const *grads, int n) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < n; i++) {
        used += (size_t)snprintf(text + used, size - used, i > 0 ? " " : "");
        if (grads[i] == NULL) {
            used += (size_t)snprintf(text + used, size - used, "none");
            continue;
        }
        const float *v = cor_data_const(cor_contiguous(grads[i]));
        for (int64_t k = 0; k < cor_numel(grads[i]); k++)
            used += (size_t)snprintf(text + used, size - used, "%s%g", k > 0 ? " " : "[", (double)v[k]);
        used += (size_t)snprintf(text + used, size - used, "]");
    }
}

static void multiply(cor_tensor **grads, int n, double times) {
    for (int i = 0; times != 0 && i < n; i++)
        if (grads[i] != NULL) grads[i] = cor_mul(grads[i], times);
}

static int after(cor_module *m, cor_tensor **in, int n_in, cor_tensor *const *out, int n_out, void *context) {
    const act *a = context;
    char inputs[256], outputs[256];
    write_grads(inputs, sizeof inputs, in, n_in);
    write_grads(outputs, sizeof outputs, out, n_out);
    note("%s %s %s of %s", a->label, cor_module_name(m), inputs, outputs);
    multiply(in, n_in, a->times);
    return cor_error();
}

static int before(cor_module *m, cor_tensor **out, int n, void *context) {
    const act *a = context;
    char outputs[256];
    write_grads(outputs, sizeof outputs, out, n);
    note("%s %s %s", a->label, cor_module_name(m), outputs);
    multiply(out, n, a->times);
    return cor_error();
}

static act hook_act = {"hook", 0}, pre_act = {"pre", 0}, double_act = {"pre", 2};

/* ---- scenarios -------------------------------------------------------------------------------------------------- */

static void module_hooks(void) {
    static act b0 = {"b0", 0}, b1 = {"b1", 10}, b2 = {"b2", 0}, p0 = {"p0", 0}, p1 = {"p1", 2}, p2 = {"p2", 0};
    static act every = {"every", 0}, every_pre = {"every pre", 0};
    cor_module *m = new_three();
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y[3];
    cor_register_full_backward_hook(m, after, &b1);
    cor_register_full_backward_hook(m, after, &b2);
    cor_register_full_backward_hook(m, after, &b0, .prepend = true);
    cor_register_full_backward_pre_hook(m, before, &p1);
    cor_register_full_backward_pre_hook(m, before, &p2);
    cor_register_full_backward_pre_hook(m, before, &p0, .prepend = true);
    const int64_t ids[] = {cor_register_full_backward_hook(NULL, after, &every),
                           cor_register_full_backward_pre_hook(NULL, before, &every_pre)};
    run_three(m, x, w, y);
    for (int i = 0; i < 3; i++) show("y", y[i]);
    must(cor_backward(cor_sum(y[0])));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    note("constant");
    must(cor_backward(cor_sum(run_three(m, x, of(5, 6), y))));
    show("x", cor_grad(x));
    note("constants");
    show("y", run_three(m, of(1, 2), of(3, 4), y));
    {
        cor_no_grad();
        show("y", run_three(m, x, w, y));
    }
    for (int i = 0; i < 2; i++) must(cor_remove_hook(NULL, ids[i]));
    run_three(m, x, w, y);
    must(cor_backward(cor_sum(y[1])));
    show("x", cor_grad(x));
}

static int set_constant(cor_module *m, cor_tensor **in, int n_in, cor_tensor *const *out, int n_out, void *context) {
    (void)m, (void)n_in, (void)out, (void)n_out, (void)context;
    in[0] = of(1, 2);
    return cor_error();
}

static void module_without_inputs(void) {
    cor_module *m = new_scale();
    cor_register_full_backward_hook(m, after, &hook_act);
    cor_register_full_backward_pre_hook(m, before, &double_act);
    must(cor_backward(cor_sum(cor_call(m, of(5, 6)))));
    show("w", cor_grad(((Scale *)m)->w));
    cor_register_full_backward_hook(m, set_constant, NULL);
    attempt(cor_backward(cor_sum(cor_call(m, of(5, 6)))));
    show("w", cor_grad(((Scale *)m)->w));
}

static void module_hooks_removed(void) {
    static act removed = {"removed", 0}, late = {"late", 0};
    cor_module *m = new_three();
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y[3], *sum;
    const int64_t id = cor_register_full_backward_hook(m, after, &removed);
    run_three(m, x, w, y);
    must(cor_remove_hook(m, id));
    must(cor_backward(cor_sum(y[0])));
    show("plain", run_three(m, x, w, y));
    run_three(m, x, w, y);
    cor_register_full_backward_hook(m, after, &late);
    must(cor_backward(cor_sum(y[0])));
    sum = cor_sum(run_three(m, x, w, y));
    must(cor_backward(sum, .retain_graph = true));
    must(cor_backward(sum));
    show("x", cor_grad(x));
}

static void module_changed_in_place(void) {
    cor_module *m = new_three();
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y[3], *t;
    cor_register_full_backward_hook(m, after, &hook_act);
    attempt(cor_add_(run_three(m, x, w, y), 1));
    m = cor_nn_identity();
    cor_register_full_backward_pre_hook(m, before, &pre_act);
    t = cor_call(m, x);
    note(t == x ? "same" : "another");
    attempt(cor_add_(t, 1));
    must(cor_backward(cor_sum(t)));
    show("x", cor_grad(x));
    m = &cor_module_new(Adds, adds_forward)->base;
    cor_register_full_backward_hook(m, after, &hook_act);
    attempt(cor_call(m, cor_mul(x, 1)));
}

static int hang_hooks(cor_module *m, void *context) {
    (void)context;
    cor_register_full_backward_hook(m, after, &hook_act);
    cor_register_full_backward_pre_hook(m, before, &double_act);
    return cor_error();
}

static void nested_modules(void) {
    cor_module *m = cor_nn_sequential(cor_nn_relu(), cor_nn_tanh());
    cor_tensor *x = leaf(0, 0);
    must(cor_module_apply(m, hang_hooks, NULL));
    must(cor_backward(cor_sum(cor_call(m, cor_add(x, 0)))));
    show("x", cor_grad(x));
}

static void hooks_twice(void) {
    cor_module *m = new_three();
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y[3], *a = NULL, *of_both[2] = {NULL, NULL};
    cor_register_full_backward_hook(m, after, &hook_act);
    run_three(m, x, w, y);
    must(cor_autograd_grad(COR_TENSORS(cor_sum(cor_pow(y[0], 2))), COR_TENSORS(x), &a, .create_graph = true));
    show("a", cor_detach(a));
    must(cor_autograd_grad(COR_TENSORS(cor_sum(a)), COR_TENSORS(x, w), of_both));
    show("x", of_both[0]);
    show("w", of_both[1]);
}

static int widen(cor_module *m, cor_tensor **in, int n_in, cor_tensor *const *out, int n_out, void *context) {
    (void)m, (void)n_in, (void)out, (void)n_out, (void)context;
    in[0] = cor_repeat(in[0], COR_DIMS(2));
    return cor_error();
}
static int widen_pre(cor_module *m, cor_tensor **out, int n, void *context) {
    return widen(m, out, n, NULL, 0, context);
}
static int drop(cor_module *m, cor_tensor **in, int n_in, cor_tensor *const *out, int n_out, void *context) {
    (void)m, (void)n_in, (void)out, (void)n_out, (void)context;
    in[0] = NULL;
    return COR_OK;
}
static int put_second(cor_module *m, cor_tensor **out, int n, void *context) {
    (void)m, (void)n, (void)context;
    out[1] = of(1, 10);
    return cor_error();
}
static int fail_hook(cor_module *m, cor_tensor **in, int n_in, cor_tensor *const *out, int n_out, void *context) {
    (void)m, (void)in, (void)n_in, (void)out, (void)n_out, (void)context;
    return cor_error_set(COR_ESTATE, "boom");
}
static int fail_pre(cor_module *m, cor_tensor **out, int n, void *context) {
    return fail_hook(m, out, n, NULL, 0, context);
}

static void hooks_replace_wrongly(void) {
    static const struct {
        cor_full_backward_hook hook;
        cor_full_backward_pre_hook pre;
    } wrong[] = {{widen, NULL},      {NULL, widen_pre}, {drop, NULL},
                 {NULL, put_second}, {fail_hook, NULL}, {NULL, fail_pre}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cor_module *m = new_three();
        cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y[3];
        if (wrong[i].hook != NULL) cor_register_full_backward_hook(m, wrong[i].hook, NULL);
        else cor_register_full_backward_pre_hook(m, wrong[i].pre, NULL);
        attempt(cor_backward(cor_sum(run_three(m, x, w, y))));
        show("x", cor_grad(x));
        show("w", cor_grad(w));
    }
}

static int show_input(cor_module *m, cor_tensor **in, int n, void *context) {
    (void)m, (void)n, (void)context;
    show("pre", in[0]);
    return cor_error();
}
static int show_both(cor_module *m, cor_tensor *const *in, int n_in, cor_tensor **out, int n_out, void *context) {
    (void)m, (void)n_in, (void)n_out, (void)context;
    show("in", in[0]);
    show("out", out[0]);
    return cor_error();
}

static void hooks_around_forward(void) {
    cor_module *m = cor_nn_relu();
    cor_tensor *x = leaf(1, 2);
    cor_register_full_backward_hook(m, after, &hook_act);
    cor_register_forward_pre_hook(m, show_input, NULL);
    cor_register_forward_hook(m, show_both, NULL);
    show("y", cor_call(m, x));
    cor_inference_mode();
    must(cor_call(m, x) != NULL);
}

static void as_pytorch_does(void **unused) {
    (void)unused;
    static const notes_scenario scenarios[] = {
        NOTES_SCENARIO(module_hooks),          NOTES_SCENARIO(module_without_inputs),
        NOTES_SCENARIO(module_hooks_removed),  NOTES_SCENARIO(module_changed_in_place),
        NOTES_SCENARIO(nested_modules),        NOTES_SCENARIO(hooks_twice),
        NOTES_SCENARIO(hooks_replace_wrongly), NOTES_SCENARIO(hooks_around_forward),
    };
    notes_check("module_hooks", scenarios, sizeof scenarios / sizeof scenarios[0]);
}

/* ---- without memory --------------------------------------------------------------------------------------------- */

static int scale_after(cor_module *m, cor_tensor **in, int n_in, cor_tensor *const *out, int n_out, void *context) {
    (void)m, (void)out, (void)n_out, (void)context;
    multiply(in, n_in, 3);
    return cor_error();
}
static int scale_before(cor_module *m, cor_tensor **out, int n, void *context) {
    (void)m, (void)context;
    multiply(out, n, 2);
    return cor_error();
}

static int train_with_hooks(void *context, scenario_hash *result) {
    (void)context;
    cor_module *m = cor_nn_sequential(new_scale(), new_scale());
    if (m == NULL) return cor_error();
    cor_register_full_backward_hook(m, scale_after, NULL);
    cor_register_full_backward_pre_hook(m, scale_before, NULL);
    cor_tensor *x = leaf(1, 2);
    if (cor_backward(cor_sum(cor_call(m, x))) != COR_OK) return cor_error();
    if (cor_backward(cor_sum(cor_call(m, of(1, 2)))) != COR_OK) return cor_error();
    scenario_feed_tensor(result, cor_grad(x));
    return cor_error();
}

static void every_allocation_fails_once(void **unused) {
    (void)unused;
    assert_true(scenario_run("backward hooks", train_with_hooks, NULL) > 0);
    scenario_print_total();
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does),
                                       cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests_name("backward hooks of modules", tests, NULL, NULL);
}
