/* Hooks on gradients: the scenarios of autograd.txt, which PyTorch ran, once more in C. */
#include "support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static cor_tensor *sum_of_square(cor_tensor *t) { return cor_sum(cor_mul(t, t)); }

/* ---- hooks ------------------------------------------------------------------------------------------------------ */

static int see(cor_tensor **grad, void *name) {
    show(name, *grad);
    return cor_error();
}

static double numbers[] = {2, 5, 10, 100};
enum { TWO, FIVE, TEN, HUNDRED };
static int times(cor_tensor **grad, void *number) {
    *grad = cor_mul(*grad, *(double *)number);
    return cor_error();
}

static int fail_hook(cor_tensor **grad, void *context) {
    (void)grad, (void)context;
    return cor_error_set(COR_ESTATE, "boom");
}

static int shorten(cor_tensor **grad, void *context) {
    (void)context;
    *grad = cor_view(cor_sum(*grad), 1);
    return cor_error();
}

static int widen(cor_tensor **grad, void *context) {
    (void)context;
    *grad = cor_to(*grad, COR_FLOAT64);
    return cor_error();
}

static int double_in_place(cor_tensor **grad, void *context) {
    (void)context;
    return cor_mul_(*grad, 2) == NULL ? cor_error() : COR_OK;
}

static int64_t see_as(cor_tensor *t, const char *name) { return cor_register_hook(t, see, (void *)name); }
static int64_t multiply(cor_tensor *t, int number) { return cor_register_hook(t, times, &numbers[number]); }

/* ---- scenarios -------------------------------------------------------------------------------------------------- */

static void order(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, 3);
    see_as(y, "first");
    multiply(y, TEN);
    see_as(y, "third");
    see_as(x, "x");
    must(cor_backward(cor_sum(y)));
    show("grad", cor_grad(x));
}

static void on_leaves(void) {
    cor_tensor *x = leaf(1, 2);
    const int64_t id = multiply(x, TEN);
    must(cor_backward(cor_sum(cor_mul(x, 2))));
    show("grad", cor_grad(x));
    must(cor_remove_tensor_hook(x, id));
    must(cor_backward(cor_sum(cor_mul(x, 2))));
    show("grad", cor_grad(x));
    see_as(x, "whole");
    must(cor_backward(cor_sum(cor_add(cor_mul(x, 2), cor_mul(x, 3)))));
    show("grad", cor_grad(x));
    attempt(multiply(of(1), TWO));
}

static struct remover {
    const char *name;
    int others[3]; /* -1 ends them */
    int64_t id;
    cor_tensor *of;
} removers[] = {{"a", {0, -1, 0}, 0, NULL},
                {"b", {0, -1, 0}, 0, NULL},
                {"c", {-1, 0, 0}, 0, NULL},
                {"d", {3, -1, 0}, 0, NULL},
                {"e", {-1, 0, 0}, 0, NULL}};

/* A hook removed twice is no error in PyTorch. */
static int remove_others(cor_tensor **grad, void *context) {
    (void)grad;
    const struct remover *r = context;
    note("%s", r->name);
    for (int i = 0; r->others[i] >= 0; i++)
        if (cor_remove_tensor_hook(r->of, removers[r->others[i]].id) == COR_EKEY) cor_error_clear();
    return cor_error();
}

static void removed_while_running(void) {
    cor_tensor *x = leaf(1);
    for (int i = 0; i < 5; i++) {
        removers[i].of = x;
        removers[i].id = cor_register_hook(x, remove_others, &removers[i]);
    }
    for (int i = 0; i < 2; i++) {
        must(cor_backward(cor_sum(cor_mul(x, 2))));
        note("end");
    }
}

static void changed_in_place(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, 3);
    cor_register_hook(y, double_in_place, NULL);
    see_as(y, "doubled");
    must(cor_backward(cor_sum(cor_mul(y, of(1, 10)))));
    show("grad", cor_grad(x));
}

static void refused(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y = cor_mul(x, w);
    must(cor_set_grad(w, of(7, 7)));
    const int64_t id = cor_register_hook(y, fail_hook, NULL);
    attempt(cor_backward(cor_sum(y)));
    must(cor_remove_tensor_hook(y, id));
    show("x", cor_grad(x));
    y = cor_mul(x, w);
    cor_register_hook(y, shorten, NULL);
    attempt(cor_backward(cor_sum(y)));
    y = cor_mul(x, w);
    cor_register_hook(y, widen, NULL);
    attempt(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    if (cor_item(cor_sum(cor_grad(w))) != 14) note("a failed pass has changed a gradient");
}

static void note_truth(bool a) { note(a ? "True" : "False"); }

static cor_tensor *grad_of(cor_tensor *t, cor_tensor *x, bool retain, bool create) {
    cor_tensor *g = NULL;
    must(cor_autograd_grad(COR_TENSORS(t), COR_TENSORS(x), &g, .retain_graph = retain, .create_graph = create));
    return g;
}

static void retained_gradients(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, 3);
    must(cor_retain_grad(y));
    multiply(y, TEN);
    note("%s %s", cor_retains_grad(y) ? "True" : "False", cor_retains_grad(x) ? "True" : "False");
    must(cor_retain_grad(x));
    note_truth(cor_retains_grad(x));
    cor_tensor *z = sum_of_square(y);
    must(cor_backward(z, .retain_graph = true));
    show("y", cor_grad(y));
    show("x", cor_grad(x));
    must(cor_backward(z, .retain_graph = true));
    show("y", cor_grad(y));
    must(cor_set_grad(y, COR_NONE));
    must(cor_backward(z));
    show("y", cor_grad(y));
    attempt(cor_retain_grad(of(1)));
    y = cor_mul(x, 3);
    must(cor_retain_grad(y));
    z = cor_sum(cor_mul(y, 2));
    grad_of(z, x, true, false);
    show("after grad", cor_grad(y));
    must(cor_set_grad(y, COR_NONE));
    grad_of(z, y, false, false);
    show("captured", cor_grad(y));
}

static void retained_through_changes(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, 3);
    must(cor_retain_grad(y));
    see_as(y, "old");
    must(cor_mul_(y, 2));
    see_as(y, "new");
    must(cor_backward(cor_sum(cor_mul(y, of(1, 10)))));
    show("y", cor_grad(y));
    note_truth(cor_retains_grad(y));
    y = cor_mul(x, 3);
    cor_tensor *v = cor_slice(y, 0, .end = 1);
    must(cor_retain_grad(v));
    must(cor_retain_grad(y));
    must(cor_mul_(v, 5));
    must(cor_backward(cor_sum(cor_mul(y, of(1, 10))), .retain_graph = true));
    show("v", cor_grad(v));
    show("y", cor_grad(y));
    must(cor_backward(cor_sum(v)));
    show("v", cor_grad(v));
}

static void retained_and_gone(void) {
    cor_tensor *x = leaf(1, 2), *z;
    {
        cor_scope();
        cor_tensor *y = cor_mul(x, 3);
        must(cor_retain_grad(y));
        z = cor_keep(cor_sum(cor_mul(y, 2)));
    }
    must(cor_backward(z));
    show("x", cor_grad(x));
}

static int see_grad(cor_tensor *leaf_, void *name) {
    show(name, cor_grad(leaf_));
    return cor_error();
}

static void after_accumulation(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *to_x[] = {x}, *to_w[] = {w};
    multiply(x, TEN);
    cor_register_post_accumulate_grad_hook(x, see_grad, "first");
    const int64_t id = cor_register_post_accumulate_grad_hook(x, see_grad, "second");
    must(cor_backward(cor_sum(cor_mul(x, w))));
    must(cor_remove_tensor_hook(x, id));
    must(cor_backward(cor_sum(cor_mul(x, w))));
    attempt(cor_register_post_accumulate_grad_hook(cor_mul(x, 2), see_grad, "no"));
    attempt(cor_register_post_accumulate_grad_hook(of(1), see_grad, "no"));
    note("grad");
    show("of x", grad_of(cor_sum(cor_mul(x, w)), x, false, false));
    note("inputs");
    must(cor_backward(cor_sum(cor_mul(x, w)), .inputs = to_w, .n_inputs = 1));
    show("w", cor_grad(w));
    must(cor_backward(cor_sum(cor_mul(x, w)), .inputs = to_x, .n_inputs = 1));
    show("x", cor_grad(x));
}

static int step(cor_tensor *p, void *context) {
    (void)context;
    cor_no_grad();
    return cor_sub_(p, cor_grad(p)) == NULL ? cor_error() : cor_set_grad(p, COR_NONE);
}

static void steps_in_hooks(void) {
    cor_tensor *x = leaf(1, 2);
    cor_register_post_accumulate_grad_hook(x, step, NULL);
    must(cor_backward(sum_of_square(x)));
    show("x", x);
    show("grad", cor_grad(x));
}

static void hooks_of_inputs(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, 3), *g[2];
    multiply(x, TEN);
    multiply(y, HUNDRED);
    cor_tensor *z = cor_sum(cor_mul(y, 2));
    must(cor_autograd_grad(COR_TENSORS(z), COR_TENSORS(y, x), g, .retain_graph = true));
    show("y", g[0]);
    show("x", g[1]);
    show("x", grad_of(z, x, true, false));
    show("y", grad_of(z, y, true, false));
    see_as(z, "root");
    must(cor_backward(z));
    show("x", cor_grad(x));
}

static void of_parts(void) {
    cor_tensor *x = leaf(1, 2, 3), *parts[3];
    must(cor_chunk(cor_mul(x, 2), 3, 0, parts, 3));
    see_as(parts[1], "b");
    multiply(parts[1], FIVE);
    must(cor_backward(cor_sum(cor_add(parts[0], cor_mul(parts[1], 2)))));
    show("x", cor_grad(x));
}

static int see_modes(cor_tensor **grad, void *context) {
    (void)context;
    note("%s %s", cor_is_grad_enabled() ? "True" : "False", cor_requires_grad(*grad) ? "True" : "False");
    return COR_OK;
}

static void recording(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, x);
    cor_register_hook(y, see_modes, NULL);
    must(cor_backward(cor_sum(y), .retain_graph = true));
    must(cor_backward(sum_of_square(y), .create_graph = true));
    must(cor_set_grad(x, COR_NONE));
    multiply(y, TEN);
    cor_tensor *g = grad_of(sum_of_square(y), x, false, true);
    show("g", g);
    show("of g", grad_of(cor_sum(g), x, false, false));
}

/* A pass of its own over w inside the hook. */
static int pass_inside(cor_tensor **grad, void *context) {
    cor_tensor *w = context;
    {
        cor_enable_grad();
        if (cor_backward(sum_of_square(w)) != COR_OK) return cor_error();
    }
    note("inside %s", cor_is_grad_enabled() ? "True" : "False");
    *grad = cor_mul(*grad, cor_grad(w));
    return cor_error();
}

static void passes_inside(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y = cor_mul(x, 3);
    cor_register_hook(y, pass_inside, w);
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    note_truth(cor_is_grad_enabled());
}

static void as_pytorch_does(void **state) {
    (void)state;
    const notes_scenario scenarios[] = {NOTES_SCENARIO(order),
                                        NOTES_SCENARIO(on_leaves),
                                        NOTES_SCENARIO(removed_while_running),
                                        NOTES_SCENARIO(changed_in_place),
                                        NOTES_SCENARIO(refused),
                                        NOTES_SCENARIO(retained_gradients),
                                        NOTES_SCENARIO(retained_through_changes),
                                        NOTES_SCENARIO(retained_and_gone),
                                        NOTES_SCENARIO(after_accumulation),
                                        NOTES_SCENARIO(steps_in_hooks),
                                        NOTES_SCENARIO(hooks_of_inputs),
                                        NOTES_SCENARIO(of_parts),
                                        NOTES_SCENARIO(recording),
                                        NOTES_SCENARIO(passes_inside)};
    notes_check("hooks", scenarios, sizeof scenarios / sizeof scenarios[0]);
}

static int count(cor_tensor **grad, void *context) {
    (void)grad;
    ++*(int *)context;
    return COR_OK;
}

static struct {
    cor_tensor *of;
    int64_t id;
} target;
static int remove_target(cor_tensor **grad, void *context) {
    (void)grad, (void)context;
    return cor_remove_tensor_hook(target.of, target.id);
}

/* Its context may be gone: PyTorch, where hooks own what they use, still runs it to the end of the pass. */
static void a_removed_hook_does_not_run(void **state) {
    (void)state;
    cor_scope();
    int ran = 0;
    target.of = leaf(1, 2);
    assert_true(cor_register_hook(target.of, remove_target, NULL) > 0);
    target.id = cor_register_hook(target.of, count, &ran);
    assert_int_equal(cor_backward(cor_sum(target.of)), COR_OK);
    assert_int_equal(ran, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does),
                                       cmocka_unit_test(a_removed_hook_does_not_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
