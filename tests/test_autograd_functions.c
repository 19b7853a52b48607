/* Functions with gradients of one's own: the scenarios of autograd.txt, which PyTorch ran, once more in C. */
#include "support/notes.h"
#include "support/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *yes(bool b) { return b ? "True" : "False"; }

/* What every forward and backward of these scenarios takes. */
#define FORWARD                                                                                                        \
    cor_function_context *ctx __attribute__((unused)), cor_tensor *const *in __attribute__((unused)),                  \
        int n __attribute__((unused)), cor_tensor **out, int n_out __attribute__((unused))
#define BACKWARD                                                                                                       \
    cor_function_context *ctx __attribute__((unused)), cor_tensor *const *g __attribute__((unused)),                   \
        int n __attribute__((unused)), cor_tensor **out __attribute__((unused)), int n_out __attribute__((unused))

static int give(cor_tensor **out, cor_tensor *t) {
    out[0] = t;
    return cor_error();
}

static int back(cor_tensor **out, cor_tensor *t) {
    out[0] = t;
    return 1;
}

static cor_tensor *call(const cor_function *f, cor_tensor *a) { return cor_function_apply(f, COR_TENSORS(a)); }
static cor_tensor *call2(const cor_function *f, cor_tensor *a, cor_tensor *b) {
    return cor_function_apply(f, COR_TENSORS(a, b));
}

static cor_tensor *first_of(cor_tensor *t) { return cor_slice(t, 0, .end = 1); }

/* The gradient of t's sum with respect to x, which can be differentiated. */
static cor_tensor *gradient(cor_tensor *t, cor_tensor *x) {
    cor_tensor *grad = NULL;
    must(cor_autograd_grad(COR_TENSORS(cor_sum(t)), COR_TENSORS(x), &grad, .create_graph = true));
    return grad;
}

/* ---- functions -------------------------------------------------------------------------------------------------- */

static int exp_forward(FORWARD) {
    note("needs %s %s", yes(cor_needs_input_grad(ctx, 0)), yes(cor_is_grad_enabled()));
    give(out, cor_exp(in[0]));
    return cor_save_for_backward(ctx, COR_TENSORS(out[0]));
}
static int exp_backward(BACKWARD) { return back(out, cor_mul(g[0], cor_saved_tensor(ctx, 0))); }
static const cor_function exp_function = {"Exp", exp_forward, exp_backward, false};

static int mul_forward(FORWARD) {
    must(cor_save_for_backward(ctx, COR_TENSORS(in[0], in[1])));
    return give(out, cor_mul(in[0], in[1]));
}
static int mul_backward(BACKWARD) {
    cor_tensor *x = cor_saved_tensor(ctx, 0), *w = cor_saved_tensor(ctx, 1);
    if (x == NULL || w == NULL) return cor_error();
    note("needs %s %s", yes(cor_needs_input_grad(ctx, 0)), yes(cor_needs_input_grad(ctx, 1)));
    show("x", x);
    out[0] = cor_mul(g[0], w);
    out[1] = cor_mul(g[0], x);
    return 2;
}
static const cor_function mul_function = {"Mul", mul_forward, mul_backward, false};

static int same_forward(FORWARD) { return give(out, in[0]); }
static int same_backward(BACKWARD) { return back(out, cor_mul(g[0], 3)); }
static const cor_function same_function = {"Same", same_forward, same_backward, false};

static int double_forward(FORWARD) {
    must(cor_mul_(in[0], 2) != NULL);
    must(cor_mark_dirty(ctx, COR_TENSORS(in[0])));
    return give(out, in[0]);
}
static int double_backward(BACKWARD) { return back(out, cor_mul(g[0], 2)); }
static const cor_function double_function = {"Double", double_forward, double_backward, false};

static int first_forward(FORWARD) { return give(out, first_of(in[0])); }
static int first_backward(BACKWARD) { return back(out, cor_cat(COR_TENSORS(g[0], cor_mul(g[0], 0)))); }
static const cor_function first_function = {"First", first_forward, first_backward, false};

/* ---- scenarios -------------------------------------------------------------------------------------------------- */

static void simple_function(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y = call(&exp_function, cor_mul(x, 0)), *of_w = NULL;
    show("y", y);
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    attempt(cor_backward(cor_sum(y)));
    must(cor_backward(cor_sum(call2(&mul_function, x, w))));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    must(cor_autograd_grad(COR_TENSORS(cor_sum(call2(&mul_function, cor_mul(x, 2), w))), COR_TENSORS(w), &of_w));
    show("of w", of_w);
    show("plain", call2(&mul_function, of(1, 2), of(3, 4)));
    must(cor_backward(cor_sum(call2(&mul_function, x, of(1, 2)))));
    cor_no_grad();
    show("without", call2(&mul_function, x, w));
}

static cor_tensor *between;
static int between_forward(FORWARD) {
    between = cor_keep(cor_mul(in[0], 2));
    must(cor_save_for_backward(ctx, COR_TENSORS(between, COR_NONE)));
    return give(out, cor_mul(between, 3));
}
static int between_backward(BACKWARD) {
    cor_tensor *kept = cor_saved_tensor(ctx, 0), *none = cor_saved_tensor(ctx, 1);
    if (kept == NULL) return cor_error();
    note("none %s", yes(none == COR_NONE));
    return back(out, cor_mul(g[0], kept));
}

static void function_saved_and_changed(void) {
    static const cor_function between_function = {"Between", between_forward, between_backward, false};
    cor_tensor *x = leaf(0, 0), *y = call(&exp_function, x), *u, *w = leaf(3, 4);
    must(cor_add_(y, 1) != NULL);
    attempt(cor_backward(cor_sum(y)));
    u = cor_mul(x, 2);
    y = call2(&mul_function, u, w);
    must(cor_add_(u, 1) != NULL);
    attempt(cor_backward(cor_sum(y)));
    y = call2(&mul_function, cor_mul(x, 2), w);
    {
        cor_no_grad();
        must(cor_add_(w, 1) != NULL);
    }
    attempt(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    y = call(&between_function, leaf(1, 2));
    must(cor_add_(between, 1) != NULL);
    attempt(cor_backward(cor_sum(y)));
    must(cor_backward(cor_sum(call(&between_function, x))));
    show("x", cor_grad(x));
}

static void function_twice(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y = call2(&mul_function, x, w), *of_both[2] = {NULL, NULL};
    cor_tensor *a = gradient(cor_mul(y, y), x), *b, *z = leaf(0, 0);
    show("a", a);
    must(cor_autograd_grad(COR_TENSORS(cor_sum(a)), COR_TENSORS(x, w), of_both));
    show("x", of_both[0]);
    show("w", of_both[1]);
    a = gradient(cor_mul(call(&exp_function, z), of(1, 2)), z);
    show("a", a);
    b = gradient(a, z);
    show("b", b);
    show("c", cor_detach(gradient(b, z)));
}

static int square_forward(FORWARD) {
    must(cor_save_for_backward(ctx, COR_TENSORS(in[0])));
    return give(out, cor_mul(in[0], in[0]));
}
static int square_backward(BACKWARD) {
    note("recording %s", yes(cor_is_grad_enabled()));
    return back(out, cor_mul(cor_mul(2, cor_saved_tensor(ctx, 0)), g[0]));
}

static void function_once(void) {
    static const cor_function square = {"Square", square_forward, square_backward, .once_differentiable = true};
    cor_tensor *x = leaf(1, 2), *y, *a;
    must(cor_backward(cor_sum(call(&square, x))));
    show("x", cor_grad(x));
    y = call(&square, x);
    a = gradient(cor_mul(y, y), x);
    show("a", a);
    attempt(cor_backward(cor_sum(a)));
    show("not of x", gradient(call(&square, x), x));
}

static void function_dirty(void) {
    cor_tensor *x = leaf(1, 2), *u, *v, *y, *t, *z;
    attempt(call(&double_function, x));
    {
        cor_no_grad();
        attempt(call(&double_function, x));
    }
    u = cor_mul(x, 1);
    y = call(&double_function, u);
    note("%s %d", y == u ? "same" : "another", (int)cor_version_of(u));
    show("u", u);
    must(cor_backward(cor_sum(cor_mul(u, cor_detach(u)))));
    show("x", cor_grad(x));
    u = cor_mul(x, 1);
    v = first_of(u);
    y = call(&double_function, v);
    note(y == v ? "same" : "another");
    show("v", v);
    show("u", u);
    must(cor_backward(cor_sum(u)));
    show("x", cor_grad(x));
    t = of(1, 2);
    y = call(&double_function, t);
    note("%s %d %s", y == t ? "same" : "another", (int)cor_version_of(t), yes(cor_requires_grad(y)));
    u = cor_mul(x, 2);
    z = cor_mul(u, u);
    call(&double_function, u);
    attempt(cor_backward(cor_sum(z)));
    attempt(call(&double_function, first_of(x)));
}

static int hides_forward(FORWARD) {
    must(cor_mark_dirty(ctx, COR_TENSORS(in[0])));
    return give(out, cor_clone(cor_mul_(in[0], 2)));
}
static int two_forward(FORWARD) {
    must(cor_mark_dirty(ctx, COR_TENSORS(in[0])));
    out[0] = cor_mul_(in[0], 2);
    out[1] = cor_mul(in[1], 2);
    return cor_error();
}
static int two_backward(BACKWARD) {
    out[0] = cor_mul(g[0], 2);
    out[1] = cor_mul(g[1], 2);
    return 2;
}

static void function_dirty_refused(void) {
    static const cor_function hides = {"Hides", hides_forward, double_backward, false};
    static const cor_function two = {"Two", two_forward, two_backward, false};
    cor_tensor *x = leaf(1, 2), *out[2], *u;
    attempt(call(&hides, cor_mul(x, 1)));
    attempt(cor_function_apply_n(&two, COR_TENSORS(first_of(cor_mul(x, 1)), x), out, 2));
    u = cor_mul(x, 1);
    must(cor_function_apply_n(&two, COR_TENSORS(u, x), out, 2));
    show("a", out[0]);
    show("b", out[1]);
    must(cor_backward(cor_sum(cor_add(out[0], out[1]))));
    show("x", cor_grad(x));
}

static int into_forward(FORWARD) {
    must(cor_save_for_backward(ctx, COR_TENSORS(in[0])));
    must(cor_mark_dirty(ctx, COR_TENSORS(in[1])));
    return give(out, cor_mul_(in[1], in[0]));
}
static int into_backward(BACKWARD) {
    out[0] = g[0];
    out[1] = cor_mul(g[0], cor_saved_tensor(ctx, 0));
    return 2;
}
static const cor_function into = {"Into", into_forward, into_backward, false};
static int exp_in_place(FORWARD) {
    give(out, cor_copy_(in[0], cor_exp(in[0])));
    must(cor_mark_dirty(ctx, COR_TENSORS(in[0])));
    return cor_save_for_backward(ctx, COR_TENSORS(in[0]));
}

static void function_dirty_later(void) {
    static const cor_function exp_ = {"Exp_", exp_in_place, exp_backward, false};
    cor_tensor *x = leaf(1, 2), *t = of(1, 1), *u, *a;
    call2(&into, x, t);
    show("t", t);
    must(cor_backward(cor_sum(t)));
    show("x", cor_grad(x));
    x = leaf(0, 0);
    for (int part = 0; part < 2; part++) {
        u = cor_mul(x, 3);
        call(&exp_, part ? first_of(u) : u);
        a = gradient(cor_mul(u, of(1, 2)), x);
        show("a", a);
        show("b", cor_detach(gradient(a, x)));
    }
}

static int halves_forward(FORWARD) {
    out[0] = first_of(in[0]);
    out[1] = cor_slice(in[0], 0, .start = 1);
    return cor_error();
}
static int halves_backward(BACKWARD) { return back(out, cor_cat(COR_TENSORS(g[0], g[1]))); }

static void function_views(void) {
    static const cor_function halves = {"Halves", halves_forward, halves_backward, false};
    cor_tensor *x = leaf(1, 2), *y = call(&same_function, x), *t, *u, *out[2];
    note("%s %s", y == x ? "same" : "another", yes(cor_shares_storage(x, y)));
    show("y", y);
    attempt(cor_add_(y, 1));
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    t = of(1, 2);
    y = call(&same_function, t);
    note("%s %s", y == t ? "same" : "another", yes(cor_requires_grad(y)));
    attempt(cor_add_(y, 1));
    show("t", t);
    attempt(cor_add_(y, x));
    y = call(&first_function, x);
    show("y", y);
    attempt(cor_add_(y, 1));
    u = cor_mul(x, 1);
    y = call(&first_function, u);
    must(cor_add_(u, 1) != NULL);
    attempt(cor_mul(y, 2));
    must(cor_function_apply_n(&halves, COR_TENSORS(cor_mul(x, 1)), out, 2));
    attempt(cor_add_(out[0], 1));
    must(cor_backward(cor_sum(cor_add(out[0], cor_mul(out[1], 2)))));
    show("x", cor_grad(x));
}

static int several_forward(FORWARD) {
    out[0] = cor_mul(in[0], 2);
    out[1] = cor_mul(in[0], 3);
    out[2] = cor_argmax(in[0]);
    return cor_mark_non_differentiable(ctx, COR_TENSORS(out[0]));
}
static int bare_forward(FORWARD) {
    must(cor_set_materialize_grads(ctx, false));
    return several_forward(ctx, in, n, out, n_out);
}
static int several_backward(BACKWARD) {
    for (int i = 0; i < n; i++) show("g", g[i]);
    return back(out, cor_mul(g[1], 3));
}
static int itself_forward(FORWARD) {
    out[0] = in[0];
    out[1] = cor_mul(in[0], 2);
    return cor_mark_non_differentiable(ctx, COR_TENSORS(in[0]));
}
static int itself_backward(BACKWARD) { return back(out, cor_mul(g[1], 2)); }

static void function_of_several(void) {
    static const cor_function forms[] = {{"Several", several_forward, several_backward, false},
                                         {"Several", bare_forward, several_backward, false}};
    static const cor_function itself = {"Itself", itself_forward, itself_backward, false};
    cor_tensor *x = leaf(1, 2), *out[3];
    for (int i = 0; i < 2; i++) {
        must(cor_function_apply_n(&forms[i], COR_TENSORS(x), out, 3));
        note("%s %s %s %s", yes(cor_requires_grad(out[0])), yes(cor_requires_grad(out[1])),
             yes(cor_requires_grad(out[2])), cor_grad_fn(out[1]));
        must(cor_backward(cor_sum(out[1])));
        show("x", cor_grad(x));
    }
    attempt(cor_backward(cor_sum(out[0])));
    must(cor_function_apply_n(&itself, COR_TENSORS(x), out, 2));
    note("%s %s %s %s", out[0] == x ? "same" : "another", yes(cor_requires_grad(out[0])), yes(cor_requires_grad(x)),
         yes(cor_requires_grad(out[1])));
}

static int product_forward(FORWARD) { return give(out, in[1] == COR_NONE ? cor_mul(in[0], 2) : cor_mul(in[0], in[1])); }
/* The data is the number of a wrong way to answer. */
static int wrong_backward(BACKWARD) {
    cor_tensor *grad = g[0];
    out[1] = grad;
    switch (*(const int *)cor_function_data(ctx)) {
    case 0:
        return back(out, grad);
    case 1:
        out[0] = grad;
        return 3;
    case 2:
        grad = cor_repeat(cor_view(cor_sum(grad), 1), COR_DIMS(3));
        break;
    case 3:
        grad = cor_view(grad, 1, 2);
        break;
    case 4:
        grad = cor_view(grad, 2, 1);
        break;
    case 5:
        grad = cor_sum(grad);
        break;
    case 6:
        grad = cor_to(grad, COR_FLOAT64);
        break;
    case 7:
        grad = COR_NONE;
        break;
    case 9:
        out[1] = NULL;
        break;
    case 10:
        out[1] = cor_view(grad, 1, 2);
        break;
    default:
        break;
    }
    out[0] = grad;
    return 2;
}

static void function_of_wrong_gradients(void) {
    static const cor_function wrong = {"Wrong", product_forward, wrong_backward, false};
    cor_tensor *x = leaf(1, 2), *w = leaf(1, 1);
    for (int way = 0; way < 11; way++) {
        if (way < 8) must(cor_set_grad(x, COR_NONE));
        cor_tensor *second = way < 8 ? w : way < 10 ? COR_NONE : of(1, 1);
        attempt(cor_backward(cor_sum(cor_function_apply(&wrong, COR_TENSORS(x, second), .data = &way))));
        if (way < 8 || way == 10) show("x", cor_grad(x));
    }
}

static int fails_forward(FORWARD) {
    (void)out;
    return cor_error_set(COR_ESTATE, "boom");
}
static int fails_backward(BACKWARD) { return cor_error_set(COR_ESTATE, "boom"); }
static int once_forward(FORWARD) { return give(out, cor_mul(in[0], 1)); }

static void function_of_errors(void) {
    static const cor_function fails = {"Fails", fails_forward, fails_backward, false};
    static const cor_function later = {"Fails", once_forward, fails_backward, false};
    static const cor_function half = {"Half", once_forward, NULL, false};
    cor_tensor *x = leaf(1, 2);
    attempt(call(&fails, x));
    attempt(cor_backward(cor_sum(call(&later, x))));
    attempt(cor_backward(cor_sum(call(&half, x))));
    show("x", cor_grad(x));
}

static int sum_forward(FORWARD) {
    out[0] = in[0];
    for (int i = 1; i < n; i++) out[0] = cor_add(out[0], in[i]);
    return cor_error();
}
static int sum_backward(BACKWARD) {
    for (int i = 0; i < n_out; i++) out[i] = g[0];
    return n_out;
}
static int twice_forward(FORWARD) {
    out[0] = out[1] = cor_mul(in[0], 2);
    return cor_error();
}
static int twice_backward(BACKWARD) {
    show("g", g[0]);
    show("h", g[1]);
    return back(out, cor_add(cor_mul(g[0], 2), cor_mul(g[1], 2)));
}
static int half_forward(FORWARD) { return give(out, cor_to(in[0], COR_FLOAT16)); }
static int half_backward(BACKWARD) {
    note("torch.%s", cor_dtype_name(cor_dtype_of(g[0])));
    return back(out, g[0]);
}

static void function_of_many(void) {
    static const cor_function sum = {"Sum", sum_forward, sum_backward, false};
    static const cor_function twice = {"Twice", twice_forward, twice_backward, false};
    static const cor_function half = {"Half", half_forward, half_backward, false};
    cor_tensor *x = leaf(1, 2), *inputs[20], *out[2];
    for (int i = 0; i < 20; i++) inputs[i] = x;
    must(cor_backward(cor_sum(cor_function_apply(&sum, COR_LIST(inputs, 20)))));
    show("x", cor_grad(x));
    must(cor_function_apply_n(&twice, COR_TENSORS(x), out, 2));
    note("%s %d", out[0] == out[1] ? "same" : "another", cor_grad_edge_of(out[0]).output);
    must(cor_backward(cor_add(cor_sum(out[0]), cor_sum(out[1]))));
    show("x", cor_grad(x));
    must(cor_backward(cor_sum(call(&half, x))));
    show("x", cor_grad(x));
}

static void as_pytorch_does(void **unused) {
    (void)unused;
    static const notes_scenario scenarios[] = {
        NOTES_SCENARIO(simple_function),      NOTES_SCENARIO(function_saved_and_changed),
        NOTES_SCENARIO(function_twice),       NOTES_SCENARIO(function_once),
        NOTES_SCENARIO(function_dirty),       NOTES_SCENARIO(function_dirty_refused),
        NOTES_SCENARIO(function_dirty_later), NOTES_SCENARIO(function_views),
        NOTES_SCENARIO(function_of_several),  NOTES_SCENARIO(function_of_wrong_gradients),
        NOTES_SCENARIO(function_of_errors),   NOTES_SCENARIO(function_of_many),
    };
    notes_check("functions", scenarios, sizeof scenarios / sizeof scenarios[0]);
}

/* ---- what C has of its own -------------------------------------------------------------------------------------- */

static int destroyed;
static void destroy(void *data) {
    (void)data;
    destroyed++;
}

static int replacing_forward(FORWARD) {
    must(cor_set_function_data(ctx, &destroyed, destroy));
    return give(out, cor_mul(in[0], 2));
}

static void data_is_destroyed_once(void **unused) {
    (void)unused;
    static const cor_function once = {"Once", once_forward, sum_backward, false};
    static const cor_function fails = {"Fails", fails_forward, NULL, false};
    static const cor_function replacing = {"Replacing", replacing_forward, sum_backward, false};
    int data = 1;
    destroyed = 0;
    {
        cor_scope();
        cor_tensor *y = cor_function_apply(&once, COR_TENSORS(leaf(1, 2)), .data = &data, .destroy = destroy);
        assert_int_equal(destroyed, 0);
        assert_int_equal(cor_backward(cor_sum(y)), COR_OK);
        assert_int_equal(destroyed, 0);
    }
    assert_int_equal(destroyed, 1);
    cor_scope();
    assert_non_null(cor_function_apply(&once, COR_TENSORS(of(1, 2)), .data = &data, .destroy = destroy));
    assert_int_equal(destroyed, 2);
    assert_null(cor_function_apply(&fails, COR_TENSORS(of(1, 2)), .data = &data, .destroy = destroy));
    assert_int_equal(destroyed, 3);
    assert_null(cor_function_apply(&fails, COR_TENSORS(of(1, 2)), .data = &data, .destroy = destroy));
    assert_int_equal(destroyed, 4); /* with an error pending, too */
    cor_error_clear();
    assert_non_null(cor_function_apply(&replacing, COR_TENSORS(of(1, 2)), .data = &data, .destroy = destroy));
    assert_int_equal(destroyed, 6);
}

static int nosy_forward(FORWARD) {
    assert_null(cor_saved_tensor(ctx, 0));
    assert_int_equal(cor_error(), COR_ESTATE);
    cor_error_clear();
    assert_false(cor_needs_input_grad(ctx, 1));
    assert_false(cor_needs_input_grad(ctx, -1));
    return give(out, cor_mul(in[0], 2));
}
static int nosy_backward(BACKWARD) {
    assert_null(cor_saved_tensor(ctx, 0));
    assert_int_equal(cor_error(), COR_EINDEX);
    cor_error_clear();
    assert_int_equal(cor_mark_dirty(ctx, COR_TENSORS(g[0])), COR_ESTATE);
    cor_error_clear();
    assert_int_equal(cor_save_for_backward(ctx, COR_TENSORS(g[0])), COR_ESTATE);
    cor_error_clear();
    return back(out, g[0]);
}
static int empty_forward(FORWARD) {
    (void)out;
    return COR_OK;
}

static void what_is_refused(void **unused) {
    (void)unused;
    static const cor_function nosy = {"Nosy", nosy_forward, nosy_backward, false};
    static const cor_function empty = {"Empty", empty_forward, NULL, false};
    static const cor_function nameless = {NULL, empty_forward, NULL, false};
    cor_scope();
    assert_int_equal(cor_backward(cor_sum(call(&nosy, leaf(1, 2)))), COR_OK);
    assert_null(call(&empty, of(1, 2)));
    assert_string_equal(cor_error_message(), "Empty: forward left no tensor in output 0");
    cor_error_clear();
    assert_null(call(&nameless, of(1, 2)));
    assert_int_equal(cor_error(), COR_EVALUE);
    cor_error_clear();
}

/* PyTorch gives the base what the function gives for its first input. */
static void a_view_may_be_any_input(void **unused) {
    (void)unused;
    cor_scope();
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4, 5), *t = cor_mul(w, 1);
    call2(&into, x, cor_slice(t, 0, .start = 1));
    assert_string_equal(cor_grad_fn(t), "CopySlices");
    assert_int_equal(cor_backward(cor_sum(cor_mul(t, of(1, 10, 100)))), COR_OK);
    const float *of_x = cor_data_const(cor_grad(x)), *of_w = cor_data_const(cor_grad(w));
    assert_true(of_x[0] == 10 && of_x[1] == 100); /* into's backward gives x its own gradient */
    assert_true(of_w[0] == 1 && of_w[1] == 10 && of_w[2] == 200);
}

/* ---- without memory --------------------------------------------------------------------------------------------- */

static int quiet_forward(FORWARD) {
    if (cor_mark_dirty(ctx, COR_TENSORS(in[1])) != COR_OK) return cor_error();
    out[0] = cor_mul_(in[1], in[0]);
    return cor_save_for_backward(ctx, COR_TENSORS(in[0], out[0], COR_NONE));
}
static int quiet_backward(BACKWARD) {
    out[0] = cor_mul(g[0], cor_saved_tensor(ctx, 1));
    out[1] = cor_mul(g[0], cor_saved_tensor(ctx, 0));
    return 2;
}

/* A function that writes through a view, its gradient, and the gradient of that. */
static int both_gradients(void *context, scenario_hash *result) {
    static const cor_function quiet = {"Quiet", quiet_forward, quiet_backward, false};
    static const cor_function square = {"Square", square_forward, square_backward, .once_differentiable = true};
    (void)context;
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4, 5), *t = cor_mul(w, 1), *grad = NULL, *second = NULL;
    call2(&quiet, x, cor_slice(t, 0, .start = 1));
    cor_tensor *loss = cor_sum(cor_mul(call(&same_function, t), t));
    if (loss == NULL) return cor_error();
    if (cor_autograd_grad(COR_TENSORS(loss), COR_TENSORS(x), &grad, .create_graph = true) != COR_OK) return cor_error();
    if (cor_autograd_grad(COR_TENSORS(cor_sum(grad)), COR_TENSORS(w), &second) != COR_OK) return cor_error();
    cor_tensor *y = call(&square, x), *once = NULL;
    if (y == NULL) return cor_error();
    if (cor_autograd_grad(COR_TENSORS(cor_sum(cor_mul(y, y))), COR_TENSORS(x), &once, .create_graph = true) != COR_OK)
        return cor_error();
    scenario_feed_tensor(result, grad);
    scenario_feed_tensor(result, second);
    scenario_feed_tensor(result, once);
    return cor_error();
}

static void every_allocation_fails_once(void **unused) {
    (void)unused;
    assert_true(scenario_run("functions", both_gradients, NULL) > 0);
    scenario_print_total();
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does), cmocka_unit_test(data_is_destroyed_once),
                                       cmocka_unit_test(what_is_refused), cmocka_unit_test(a_view_may_be_any_input),
                                       cmocka_unit_test(every_allocation_fails_once)};
    return cmocka_run_group_tests_name("autograd functions", tests, NULL, NULL);
}
