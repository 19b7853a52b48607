/* Backward passes: the scenarios of autograd.txt, which PyTorch ran, once more in C. */
#include "support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static cor_tensor *sum_of_square(cor_tensor *t) { return cor_sum(cor_mul(t, t)); }

static void note_same(cor_tensor *a, cor_tensor *b) { note(a == b ? "same" : "another"); }

static void stored_then_added(void) {
    cor_tensor *x = leaf(1, 2);
    must(cor_backward(sum_of_square(x)));
    cor_tensor *first = cor_retain(cor_grad(x));
    show("first", first);
    must(cor_backward(cor_sum(cor_mul(x, 3))));
    note_same(first, cor_grad(x));
    show("second", first);
    must(cor_set_grad(x, COR_NONE));
    must(cor_backward(cor_sum(cor_mul(x, 5))));
    show("dropped", cor_grad(x));
    show("kept", first);
    cor_release(first);
}

static void added_to_what_is_there(void) {
    cor_tensor *x = leaf(1, 2), *own = of(10, 20), *w = leaf(5, 6);
    must(cor_set_grad(x, own));
    must(cor_backward(cor_sum(cor_mul(x, 2))));
    show("own", own);
    must(cor_set_grad(x, w));
    must(cor_backward(cor_sum(cor_mul(x, 2))));
    show("leaf", cor_grad(x));
    note_same(cor_grad(x), w);
}

static void twice(const char *name, cor_tensor *x, cor_tensor *y) {
    cor_tensor *loss = cor_sum(y);
    must(cor_backward(loss));
    note("%s", name);
    attempt(cor_backward(loss));
    show("grad", cor_grad(x));
    must(cor_set_grad(x, COR_NONE));
}

static void second_passes(void) {
    cor_tensor *x = leaf(1, 2);
    twice("add", x, cor_add(x, 1));
    twice("sub", x, cor_sub(x, 1));
    twice("neg", x, cor_neg(x));
    twice("view", x, cor_view(x, 2, 1));
    twice("number", x, cor_mul(x, 2));
    twice("quotient", x, cor_div(x, 2));
    twice("mul", x, cor_mul(x, x));
    twice("exp", x, cor_exp(x));
    twice("relu", x, cor_relu(x));
    twice("clone", x, cor_clone(x));
    twice("mean", x, cor_mean(x));
}

static void shared_part(void) {
    cor_tensor *y = cor_exp(leaf(1, 2)), *a = cor_sum(cor_add(y, 1)), *b = cor_sum(cor_mul(y, 2));
    must(cor_backward(a));
    attempt(cor_backward(b));
}

static void retained(void) {
    cor_tensor *x = leaf(1, 2), *y = sum_of_square(x);
    must(cor_backward(y, .retain_graph = true));
    must(cor_backward(y, .retain_graph = true));
    show("grad", cor_grad(x));
    must(cor_backward(y));
    attempt(cor_backward(y));
    show("grad", cor_grad(x));
}

static void given_gradient(void) {
    cor_tensor *x = leaf(1, 2), *g = of(1, 10), *y = cor_mul(x, 2);
    must(cor_backward(y, .gradient = g, .retain_graph = true));
    must(cor_zero_(g));
    show("grad", cor_grad(x));
    must(cor_backward(y, .gradient = cor_to(of(1, 10), COR_FLOAT64), .retain_graph = true));
    show("grad", cor_grad(x));
    attempt(cor_backward(y, .gradient = of(1, 2, 3)));
    attempt(cor_backward(y));
    attempt(cor_backward(cor_view(cor_mul(x, 2), 2, 1), .gradient = of(1, 2)));
    must(cor_backward(cor_add(x, 0), .gradient = g));
    show("grad", cor_grad(x));
}

static void roots(void) {
    cor_tensor *s = cor_requires_grad_(cor_scalar(3.0), true), *x = leaf(1);
    must(cor_backward(s));
    must(cor_backward(s));
    show("leaf", cor_grad(s));
    attempt(cor_backward(of(1)));
    must(cor_backward(x));
    show("one element", cor_grad(x));
    cor_tensor *y = cor_requires_grad_(cor_full(2.0, 1, 1), true);
    must(cor_backward(cor_mul(y, 3)));
    show("one of two dimensions", cor_grad(y));
    cor_tensor *e = cor_requires_grad_(cor_zeros(0), true);
    must(cor_backward(cor_sum(cor_mul(e, 2))));
    show("empty", cor_grad(e));
    must(cor_backward(e, .gradient = cor_zeros(0)));
    show("empty", cor_grad(e));
}

/* backward(inputs=[a, b]) that retains the graph. */
static void backward_to(cor_tensor *t, cor_tensor *a, cor_tensor *b) {
    must(cor_backward(t, .inputs = (cor_tensor *[]){a, b}, .n_inputs = b == NULL ? 1 : 2, .retain_graph = true));
}

static void only_inputs(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *u = leaf(1), *y = cor_mul(x, w), *z = sum_of_square(y);
    backward_to(z, x, NULL);
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    backward_to(z, x, x);
    show("twice", cor_grad(x));
    backward_to(z, y, w);
    show("y", cor_grad(y));
    show("w", cor_grad(w));
    backward_to(z, y, NULL);
    show("y", cor_grad(y));
    backward_to(z, u, w);
    show("u", cor_grad(u));
    show("w", cor_grad(w));
    attempt(cor_backward(z, .inputs = &x, .n_inputs = 0));
    attempt(cor_backward(z));
    show("x", cor_grad(x));
}

/* torch.autograd.grad of outputs with gradients, or NULL, that retains the graph; notes what it gives, or the error. */
static void grads_of(const char *name, cor_list outputs, cor_list inputs, cor_tensor **starts, bool unused) {
    cor_tensor *grads[4];
    if (cor_autograd_grad(outputs, inputs, grads, .grad_outputs = starts, .retain_graph = true,
                          .allow_unused = unused) != COR_OK)
        note_outcome();
    else
        for (int64_t i = 0; i < inputs.n; i++) show(name, grads[i]);
}

static void of_inputs(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *u = leaf(5), *y = cor_mul(x, w), *z = sum_of_square(y), *g[4];
    must(cor_autograd_grad(COR_TENSORS(z), COR_TENSORS(x, w, y, z), g, .retain_graph = true));
    for (int i = 0; i < 4; i++) show((const char *[]){"x", "w", "y", "z"}[i], g[i]);
    show("x.grad", cor_grad(x));
    grads_of("repeated", COR_TENSORS(z), COR_TENSORS(x, x, y, y), NULL, false);
    grads_of("x", COR_TENSORS(z), COR_TENSORS(x, u), NULL, false);
    grads_of("unused", COR_TENSORS(z), COR_TENSORS(x, u), NULL, true);
    grads_of("x", COR_TENSORS(z), COR_TENSORS(x, of(1)), NULL, false);
    grads_of("x", COR_TENSORS(z, of(1)), COR_TENSORS(x), NULL, false);
    grads_of("two roots", COR_TENSORS(z, z), COR_TENSORS(x), NULL, false);
    grads_of("z and y", COR_TENSORS(z, y), COR_TENSORS(x, y), (cor_tensor *[]){COR_NONE, of(1, 10)}, false);
    grads_of("outputs", COR_TENSORS(x, z), COR_TENSORS(x, z), (cor_tensor *[]){of(1, 10), COR_NONE}, false);
    grads_of("y", COR_TENSORS(y), COR_TENSORS(x), NULL, false);
    must(cor_autograd_grad(COR_TENSORS(z), COR_TENSORS(x), g));
    show("last", g[0]);
    attempt(cor_autograd_grad(COR_TENSORS(z), COR_TENSORS(x), g));
}

static cor_tensor *grad_of(cor_tensor *t, cor_tensor *x, bool create) {
    cor_tensor *g = NULL;
    return cor_autograd_grad(COR_TENSORS(t), COR_TENSORS(x), &g, .create_graph = create) == COR_OK ? g : NULL;
}

static void beyond_inputs(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_exp(x), *z = sum_of_square(y);
    show("y", grad_of(z, y, false));
    attempt(cor_backward(z));
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
}

static void derivatives(void) {
    cor_tensor *x = leaf(2, 3), *a = grad_of(cor_sum(cor_mul(cor_mul(x, x), x)), x, true);
    cor_tensor *b = grad_of(cor_sum(a), x, true), *c = grad_of(cor_sum(b), x, true);
    show("a", a);
    show("b", b);
    show("c", c);
    cor_tensor *y = cor_mul(cor_exp(x), cor_sin(x));
    for (int i = 0; i < 3; i++) {
        y = grad_of(cor_sum(y), x, true);
        note(cor_requires_grad(y) ? "True" : "False");
    }
    show("e sin", cor_round(cor_mul(y, 16)));
}

static void graph_in_grad(void) {
    cor_tensor *x = leaf(2, 3), *y = cor_sum(cor_mul(cor_mul(x, x), x)), *g;
    must(cor_backward(y, .create_graph = true));
    show("first", cor_grad(x));
    cor_tensor *first = cor_grad(x);
    must(cor_backward(y, .create_graph = true));
    show("second", cor_grad(x));
    note_same(first, cor_grad(x));
    must(cor_autograd_grad(COR_TENSORS(cor_sum(cor_grad(x))), COR_TENSORS(x), &g, .retain_graph = true));
    show("of grad", g);
    cor_tensor *held = cor_grad(x);
    must(cor_backward(cor_sum(cor_mul(x, 10))));
    note_same(held, cor_grad(x));
    note("requires %s", cor_requires_grad(cor_grad(x)) ? "True" : "False");
    show("third", cor_detach(cor_grad(x)));
    must(cor_set_grad(x, COR_NONE)); /* the graph leads back to x */
}

static void penalty(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4);
    must(cor_backward(sum_of_square(grad_of(cor_sum(cor_mul(cor_mul(x, x), w)), x, true))));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
}

static void many_uses(void) {
    cor_tensor *a = leaf_in(COR_FLOAT32, cor_view(of(1, 2), 2, 1)), *b = leaf(1, 2, 3);
    must(cor_backward(cor_sum(cor_mul(cor_mul(2, a), b))));
    show("a", cor_grad(a));
    show("b", cor_grad(b));
    cor_tensor *x = leaf(2), *y = cor_mul(x, x), *z = cor_add(cor_add(cor_mul(y, y), y), x);
    must(cor_backward(cor_sum(cor_mul(z, y))));
    show("diamond", cor_grad(x));
    cor_tensor *v = leaf(3, 1, 2), *i, *s = cor_sort(v, .indices = &i), *parts[3];
    note(cor_requires_grad(i) ? "True" : "False");
    must(cor_backward(cor_sum(cor_mul(s, of(1, 10, 100)))));
    show("sorted", cor_grad(v));
    must(cor_chunk(cor_mul(v, 2), 3, 0, parts, 3));
    must(cor_backward(cor_sum(parts[1])));
    show("a part", cor_grad(v));
}

static void dtypes(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf_in(COR_FLOAT64, of(3, 4)), *y = cor_sum(cor_mul(x, w));
    show("y", y);
    must(cor_backward(y));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    cor_tensor *h = leaf_in(COR_FLOAT16, of(1, 2));
    must(cor_backward(cor_sum(cor_mul(cor_to(h, COR_FLOAT32), x))));
    show("h", cor_grad(h));
    show("x", cor_grad(x));
}

static void note_strides(const cor_tensor *t) {
    note("%lld %lld", (long long)cor_stride(t, 0), (long long)cor_stride(t, 1));
}

static void layout(void) {
    cor_tensor *x = cor_requires_grad_(cor_t(cor_zeros(3, 2)), true);
    must(cor_backward(cor_sum(cor_mul(x, cor_contiguous(cor_detach(x))))));
    note_strides(cor_grad(x));
    cor_tensor *y = cor_requires_grad_(cor_slice(cor_zeros(2, 6), 1, .step = 2), true);
    must(cor_backward(cor_sum(cor_add(y, cor_t(cor_ones(3, 2))))));
    note_strides(cor_grad(y));
    cor_tensor *a = leaf(1, 2), *b = leaf(3, 4), *g = of(5, 6), *c = leaf(1, 2);
    must(cor_backward(cor_add(a, b), .gradient = g));
    must(cor_zero_(cor_grad(a)));
    show("b", cor_grad(b));
    show("g", g);
    must(cor_backward(cor_sum(c)));
    must(cor_fill_(cor_select(cor_grad(c), 0, 0), 7));
    show("c", cor_grad(c));
}

static void switched(void) {
    cor_tensor *x = leaf(1, 2), *y = sum_of_square(x);
    must(cor_requires_grad_(x, false));
    must(cor_backward(y));
    show("off", cor_grad(x));
    must(cor_requires_grad_(x, true));
    {
        cor_no_grad();
        cor_tensor *z = sum_of_square(x);
        show("z", z);
        attempt(cor_backward(z));
        {
            cor_enable_grad();
            z = sum_of_square(x);
        }
        must(cor_backward(z));
    }
    show("on", cor_grad(x));
    attempt(cor_requires_grad_(cor_mul(x, 2), false));
    must(cor_backward(cor_sum(cor_mul(x, cor_detach(cor_mul(x, 2))))));
    show("detached", cor_grad(x));
}

static void failing(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y = cor_mul(x, 1), *a = cor_exp(y);
    must(cor_set_grad(x, of(7, 7)));
    cor_tensor *loss = cor_add(cor_sum(cor_mul(a, w)), cor_sum(cor_mul(y, w)));
    must(cor_add_(a, 1));
    attempt(cor_backward(loss));
    if (cor_item(cor_sum(cor_grad(x))) != 14 || cor_grad(w) != NULL) note("a failed pass has changed a gradient");
    y = cor_mul(x, 2);
    cor_tensor *z = cor_add(sum_of_square(y), cor_sum(w));
    must(cor_mul_(y, 2));
    attempt(cor_backward(z));
    if (cor_item(cor_sum(cor_grad(x))) != 14 || cor_grad(w) != NULL) note("a failed pass has changed a gradient");
    must(cor_backward(cor_sum(w)));
    show("after", cor_grad(w));
}

static void as_pytorch_does(void **state) {
    (void)state;
    const notes_scenario scenarios[] = {NOTES_SCENARIO(stored_then_added),
                                        NOTES_SCENARIO(added_to_what_is_there),
                                        NOTES_SCENARIO(second_passes),
                                        NOTES_SCENARIO(shared_part),
                                        NOTES_SCENARIO(retained),
                                        NOTES_SCENARIO(given_gradient),
                                        NOTES_SCENARIO(roots),
                                        NOTES_SCENARIO(only_inputs),
                                        NOTES_SCENARIO(of_inputs),
                                        NOTES_SCENARIO(beyond_inputs),
                                        NOTES_SCENARIO(derivatives),
                                        NOTES_SCENARIO(graph_in_grad),
                                        NOTES_SCENARIO(penalty),
                                        NOTES_SCENARIO(many_uses),
                                        NOTES_SCENARIO(dtypes),
                                        NOTES_SCENARIO(layout),
                                        NOTES_SCENARIO(switched),
                                        NOTES_SCENARIO(failing)};
    notes_check("passes", scenarios, sizeof scenarios / sizeof scenarios[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
