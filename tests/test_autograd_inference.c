/* Inference mode, the graph and anomalies: the scenarios of autograd.txt, which PyTorch ran, once more in C. */
#include "support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *yes(bool b) { return b ? "True" : "False"; }
static cor_tensor *first_of(cor_tensor *t) { return cor_slice(t, 0, .end = 1); }

static void about(const char *name, cor_tensor *t) {
    note("%s %s %s %s", name, cor_is_inference(t) ? "inference" : "normal", yes(cor_requires_grad(t)),
         yes(cor_is_leaf(t)));
}

static void note_modes(void) { note("%s %s", yes(cor_is_inference_mode_enabled()), yes(cor_is_grad_enabled())); }

static void made_in_inference(void) {
    cor_tensor *x = leaf(1, 2), *n = of(1, 2), *i, *r;
    note_modes();
    {
        cor_inference_mode();
        note_modes();
        i = of(1, 2);
        about("i", i);
        about("x * 2", cor_mul(x, 2));
        about("n[0:1]", first_of(n));
        about("i[0:1]", first_of(i));
        about("detached", cor_detach(x));
        about("clone", cor_clone(x));
        attempt(cor_version_of(i));
        must(cor_add_(n, 1) != NULL);
        must(cor_add_(i, 1) != NULL);
        must(cor_mul_(first_of(i), 2) != NULL);
        must(cor_mul_(x, 2) != NULL);
        note("%d", (int)cor_version_of(n));
        r = cor_requires_grad_(of(1, 1), true);
        about("r", r);
        about("r * 2", cor_mul(r, 2));
        attempt(cor_backward(cor_sum(cor_mul(r, 2))));
        {
            cor_enable_grad();
            note_modes();
            about("enabled", cor_mul(x, 2));
        }
        {
            cor_no_grad();
            about("no_grad", cor_mul(x, 2));
        }
        int before = cor_set_inference_mode(false);
        note_modes();
        about("left", cor_mul(x, 2));
        about("left", cor_mul(i, 2));
        cor_inference_mode_restore(&before);
    }
    note_modes();
    show("i", i);
    about("i * 2", cor_mul(i, 2));
    about("i.view", cor_view(i, 2, 1));
    about("r * 2", cor_mul(r, 2));
    must(cor_backward(cor_sum(cor_add(r, x))));
    show("r", cor_grad(r));
}

static void inference_refused(void) {
    cor_tensor *x = leaf(1, 2), *n = of(3, 4), *i, *v, *p, *u, *k;
    {
        cor_inference_mode();
        i = of(1, 2);
        v = first_of(i);
        p = cor_requires_grad_(of(1, 1), true);
    }
    attempt(cor_add_(i, 1));
    attempt(cor_add_(v, 1));
    attempt(cor_zero_(i));
    attempt(cor_copy_(i, n));
    {
        cor_no_grad();
        attempt(cor_add_(i, 1));
        attempt(cor_add_(n, i));
    }
    attempt(cor_requires_grad_(i, true));
    attempt(cor_requires_grad_(i, false));
    attempt(cor_parameter(i));
    attempt(cor_requires_grad_(p, true));
    attempt(cor_mul(i, x));
    attempt(cor_add(i, x));
    attempt(cor_version_of(i));
    attempt(cor_detach_(i));
    attempt(cor_linear(cor_view(of(1, 2), 1, 2), cor_view(leaf(1, 2), 1, 2), .bias = first_of(p)));
    attempt(cor_linear(x, cor_view(i, 1, 2)));
    attempt(cor_mul(cor_clone(i), x));
    {
        cor_inference_mode();
        k = of(1, 2);
    }
    u = cor_mul(x, 1);
    attempt(cor_add_(u, k));
    attempt(cor_mul_(u, k));
    show("u", u);
    {
        cor_inference_mode();
        attempt(cor_add_(k, 1));
    }
    show("k", k);
}

static void views_in_inference(void) {
    cor_tensor *x = leaf(1, 2), *n = of(1, 2), *y = cor_mul(leaf(1, 2), 1), *v, *w, *u;
    {
        cor_inference_mode();
        v = first_of(x);
        w = first_of(n);
        u = first_of(y);
        attempt(cor_add_(v, 1));
    }
    attempt(cor_add_(v, 1));
    attempt(cor_add_(w, 1));
    attempt(cor_add_(w, first_of(x)));
    attempt(cor_add_(u, 1));
    {
        cor_no_grad();
        attempt(cor_add_(u, 1));
    }
    show("y", y);
    must(cor_add_(y, 1) != NULL);
    attempt(cor_mul(u, 2));
}

static void kept_through_inference(void) {
    cor_tensor *x = leaf(1, 2), *t = of(3, 4), *y = cor_sum(cor_mul(x, t)), *w = leaf(1, 2);
    {
        cor_inference_mode();
        must(cor_add_(t, 1) != NULL);
    }
    attempt(cor_backward(y));
    y = cor_sum(cor_mul(x, 2));
    {
        cor_inference_mode();
        must(cor_backward(y));
        note("%s", yes(cor_is_inference(cor_grad(x))));
    }
    attempt(cor_backward(cor_sum(cor_mul(x, 2))));
    must(cor_set_grad(w, of(1, 1)));
    attempt(cor_backward(cor_sum(cor_mul(x, w))));
    show("w", cor_grad(w));
}

static void indirect_changes(void) {
    cor_tensor *y = cor_mul(leaf(1, 2), 2), *parts[2], *v;
    must(cor_chunk(y, 2, 0, parts, 2) == 2);
    must(cor_add_(y, 1) != NULL);
    attempt(cor_mul(parts[0], 2));
    y = cor_mul(leaf(1, 2), 2);
    {
        cor_no_grad();
        v = first_of(y);
    }
    must(cor_add_(y, 1) != NULL);
    attempt(cor_mul(v, 2));
    cor_no_grad();
    show("v", cor_mul(v, 2));
}

static void detached_in_place(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_mul(x, 2), *v = first_of(y), *z;
    attempt(cor_detach_(v));
    z = cor_mul(y, 3);
    must(cor_detach_(y) == y);
    show("y", y);
    note("%s %s", yes(cor_is_leaf(y)), yes(cor_requires_grad(y)));
    show("v", v);
    must(cor_backward(cor_sum(z)));
    show("x", cor_grad(x));
    y = cor_mul(x, 2);
    must(cor_retain_grad(y));
    z = cor_mul(y, 2);
    must(cor_detach_(y) == y);
    must(cor_requires_grad_(y, true) == y);
    must(cor_backward(cor_sum(cor_mul(y, 3))));
    show("y", cor_grad(y));
    must(cor_detach_(x) == x);
    note("%s", yes(cor_requires_grad(x)));
    attempt(cor_detach_(cor_arange(0, 2)));
}

static void walk(cor_grad_edge edge, int depth) {
    cor_grad_edge next[4];
    char dashes[16] = "";
    for (int i = 0; i < depth; i++) dashes[i] = '-';
    dashes[depth] = '\0';
    note("%s%s %d", dashes, edge.name == NULL ? "none" : edge.name, edge.output);
    const int n = cor_next_functions(edge, next, 4);
    for (int i = 0; i < n && i < 4; i++) walk(next[i], depth + 1);
}

static void edges(void) {
    cor_tensor *x = leaf(1, 2), *z = cor_exp(cor_add(cor_mul(x, x), x)), *parts[2];
    must(cor_chunk(x, 2, 0, parts, 2) == 2);
    cor_tensor *const all[] = {x,
                               z,
                               cor_cat(COR_TENSORS(x, z)),
                               parts[1],
                               cor_sum(cor_relu(cor_view(x, 2, 1))),
                               cor_cat(COR_TENSORS(x, of(1, 2)))};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) walk(cor_grad_edge_of(all[i]), 0);
    attempt(cor_grad_edge_of(of(1)).name);
}

static void anomalies(void) {
    cor_tensor *x = leaf(0, 4), *grad;
    note("%s", yes(cor_is_anomaly_enabled()));
    attempt(cor_backward(cor_sum(cor_mul(cor_sqrt(x), 0))));
    must(cor_set_grad(x, COR_NONE));
    cor_set_detect_anomaly(true);
    note("%s", yes(cor_is_anomaly_enabled()));
    attempt(cor_backward(cor_sum(cor_mul(cor_sqrt(x), 0))));
    attempt(cor_backward(cor_sum(cor_div(x, x))));
    attempt(cor_backward(cor_sum(x), .gradient = cor_scalar(0.0 / 0.0)));
    attempt(cor_autograd_grad(COR_TENSORS(cor_sum(cor_mul(cor_sqrt(x), of(0, 1)))), COR_TENSORS(x), &grad));
    attempt(cor_backward(cor_sum(cor_mul(x, 2))));
    must(cor_set_detect_anomaly(false));
    show("x", cor_grad(x));
}

static void as_pytorch_does(void **unused) {
    (void)unused;
    static const notes_scenario scenarios[] = {
        NOTES_SCENARIO(made_in_inference),
        NOTES_SCENARIO(inference_refused),
        NOTES_SCENARIO(views_in_inference),
        NOTES_SCENARIO(kept_through_inference),
        NOTES_SCENARIO(indirect_changes),
        NOTES_SCENARIO(detached_in_place),
        NOTES_SCENARIO(edges),
        NOTES_SCENARIO(anomalies),
    };
    notes_check("inference", scenarios, sizeof scenarios / sizeof scenarios[0]);
}

/* A parameter stepped, a leaf with an inference gradient: nothing changes before the refusal. */
static void a_refused_pass_changes_no_gradient(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *a = leaf(1, 2), *b = leaf(3, 4), *y = cor_sum(cor_mul(a, 2));
    assert_int_equal(cor_set_grad(a, of(5, 6)), COR_OK);
    {
        cor_inference_mode();
        assert_int_equal(cor_set_grad(b, of(7, 8)), COR_OK);
    }
    assert_int_equal(cor_backward(cor_add(y, cor_sum(cor_mul(b, 3)))), COR_ESTATE);
    cor_error_clear();
    assert_true(cor_item(cor_select(cor_grad(a), 0, 0)) == 5);
    assert_true(cor_item(cor_select(cor_grad(b), 0, 1)) == 8);
}

static void edges_beyond_the_room_are_counted(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = leaf(1, 2);
    cor_grad_edge next[1];
    assert_int_equal(cor_next_functions(cor_grad_edge_of(cor_cat(COR_TENSORS(x, x, x))), next, 1), 3);
    assert_ptr_equal(next[0].leaf, x);
    assert_int_equal(cor_next_functions(next[0], NULL, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does),
                                       cmocka_unit_test(a_refused_pass_changes_no_gradient),
                                       cmocka_unit_test(edges_beyond_the_room_are_counted)};
    return cmocka_run_group_tests_name("inference mode", tests, NULL, NULL);
}
