/* Changes in place beside the record: the scenarios of autograd.txt, which PyTorch ran, once more in C. */
#include "support/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static cor_tensor *sum_of_square(cor_tensor *t) { return cor_sum(cor_mul(t, t)); }
static cor_tensor *part(cor_tensor *t, int64_t start, int64_t end) {
    return cor_slice(t, 0, .start = start, .end = end);
}
static cor_tensor *table(cor_tensor *t, int64_t rows) {
    return cor_requires_grad_(cor_clone(cor_view(cor_detach(t), rows, -1)), true);
}

static void note_truth(bool a) { note(a ? "True" : "False"); }
static void note_pair(bool a, bool b) { note("%s %s", a ? "True" : "False", b ? "True" : "False"); }

static cor_tensor *grad_of(cor_tensor *t, cor_tensor *x, bool retain, bool create) {
    cor_tensor *g = NULL;
    must(cor_autograd_grad(COR_TENSORS(t), COR_TENSORS(x), &g, .retain_graph = retain, .create_graph = create));
    return g;
}

static void of_leaves(void) {
    cor_tensor *x = leaf(1, 2);
    attempt(cor_add_(x, 1));
    attempt(cor_mul_(part(x, 0, 1), 2));
    attempt(cor_zero_(cor_view(x, 2, 1)));
    {
        cor_no_grad();
        attempt(cor_add_(x, 1));
        attempt(cor_mul_(part(x, 0, 1), 2));
    }
    show("x", x);
    note("%lld", (long long)cor_version_of(x));
}

/* Changes of what is kept: by another operation, by its own, through views. */
static void change_results(cor_tensor *x) {
    cor_tensor *y = cor_mul(x, 2), *z = sum_of_square(y);
    must(cor_add_(y, 1));
    attempt(cor_backward(z));
    y = cor_exp(x);
    must(cor_add_(y, 1));
    attempt(cor_backward(cor_sum(y)));
    y = cor_exp(x);
    must(cor_add_(part(y, 0, 1), 1));
    attempt(cor_backward(cor_sum(y)));
    y = cor_mul(x, 2);
    z = sum_of_square(y);
    must(cor_mul_(part(y, 1, 2), 3));
    attempt(cor_backward(z));
    y = cor_mul(x, 2);
    z = sum_of_square(part(y, 0, 1));
    must(cor_zero_(cor_select(y, 0, 1)));
    attempt(cor_backward(z));
}

static void of_what_is_kept(void) {
    cor_tensor *x = leaf(1, 2), *y, *z, *c = of(1, 2);
    change_results(x);
    z = sum_of_square(x);
    {
        cor_no_grad();
        must(cor_add_(x, 1));
    }
    attempt(cor_backward(z));
    z = sum_of_square(x);
    must(cor_add_(cor_detach(x), 1));
    attempt(cor_backward(z));
    y = cor_mul(x, 2);
    z = sum_of_square(y);
    must(cor_zero_(cor_detach(y)));
    attempt(cor_backward(z));
    z = cor_sum(cor_mul(x, c));
    must(cor_mul_(c, 2));
    attempt(cor_backward(z));
    cor_tensor *s = cor_sum(cor_mul(x, 2));
    z = cor_mul(s, s);
    must(cor_mul_(s, 2));
    attempt(cor_backward(z));
    cor_tensor *d = cor_mul(cor_view(leaf_in(COR_FLOAT64, of(1, 2)), 1, 2), 1);
    z = sum_of_square(d);
    must(cor_add_(d, 1));
    attempt(cor_backward(z));
    show("x", cor_grad(x));
}

static void not_kept(void) {
    cor_tensor *x = leaf(1, 2), *y = cor_add(x, 1), *z = cor_sum(cor_add(y, 2));
    must(cor_mul_(y, 3));
    must(cor_backward(z));
    show("z", cor_grad(x));
    must(cor_backward(cor_sum(y)));
    show("y", cor_grad(x));
    show("new y", y);
    z = cor_sum(cor_add(x, 1));
    {
        cor_no_grad();
        must(cor_zero_(x));
    }
    must(cor_backward(z));
    show("x", cor_grad(x));
}

static void chain_of_kept(cor_tensor *x, cor_tensor *w) {
    cor_tensor *y = cor_mul(x, 2);
    must(cor_log_(cor_exp_(y)));
    attempt(cor_backward(cor_sum(y)));
    y = cor_sub(x, 1.5);
    must(cor_div_(cor_relu_(y), cor_detach(w)));
    attempt(cor_backward(cor_sum(y)));
    y = cor_sub(x, 1.5);
    must(cor_relu_(y));
    must(cor_backward(cor_sum(cor_div(y, w))));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
}

static void chained(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf(3, 4), *y = cor_mul(x, 2);
    must(cor_neg_(cor_mul_(cor_add_(y, 1), w)));
    show("y", y);
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    chain_of_kept(x, w);
    y = cor_mul(x, 2);
    must(cor_mul_(y, y));
    attempt(cor_backward(cor_sum(y)));
    y = cor_mul(x, 2);
    must(cor_add_(y, y));
    must(cor_backward(cor_sum(y)));
    show("doubled", cor_grad(x));
    y = cor_mul(x, 2);
    must(cor_zero_(y));
    show("zero", y);
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    y = cor_mul(x, 2);
    must(cor_add_(cor_fill_(y, 3), w));
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
}

static void begun_without(void) {
    cor_tensor *x = leaf(1, 2), *y = of(3, 4);
    note_pair(cor_requires_grad(y), cor_is_leaf(y));
    must(cor_add_(y, x));
    show("y", y);
    must(cor_mul_(y, x));
    show("y", y);
    note_pair(cor_requires_grad(y), cor_is_leaf(y));
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    cor_tensor *z = of(1, 2, 3, 4), *v = part(z, 0, 2), *u = part(z, 1, 3), *outside = part(z, 3, 4);
    must(cor_mul_(v, 2));
    note_truth(cor_requires_grad(v));
    must(cor_add_(v, x));
    show("z", z);
    show("v", v);
    show("u", u);
    show("outside", outside);
    must(cor_backward(sum_of_square(u)));
    show("x", cor_grad(x));
}

static void through_views(void) {
    cor_tensor *x = leaf(1, 2, 3), *y = cor_mul(x, 2), *v = part(y, 1, 3);
    must(cor_mul_(v, 3));
    show("y", y);
    show("v", v);
    must(cor_backward(cor_sum(y), .retain_graph = true));
    show("of y", cor_grad(x));
    must(cor_backward(cor_sum(v)));
    show("of v", cor_grad(x));
    y = cor_mul(x, 2);
    must(cor_zero_(cor_select(y, 0, 0)));
    must(cor_backward(cor_sum(y)));
    show("zeroed", cor_grad(x));
}

static void through_views_of_views(void) {
    cor_tensor *x = table(of(1, 2, 3, 4, 5, 6), 2), *y = cor_mul(x, 2), *row = cor_select(y, 0, 1);
    cor_tensor *tail = part(row, 1, 3), *all[] = {y, row, tail};
    must(cor_mul_(tail, 5));
    for (int i = 0; i < 3; i++) show((const char *[]){"y", "row", "tail"}[i], all[i]);
    for (int i = 0; i < 3; i++) show("of it", grad_of(cor_sum(all[i]), x, true, false));
    must(cor_add_(row, 1));
    must(cor_neg_(tail));
    show("y", y);
    attempt(cor_backward(cor_sum(y)));
    y = cor_mul(x, 2);
    cor_tensor *w = table(of(1, 2, 3, 4, 5, 6), 3);
    must(cor_mul_(cor_t(y), w));
    show("y", y);
    must(cor_backward(cor_sum(cor_mul(y, cor_detach(y)))));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
}

static void base_changed(void) {
    cor_tensor *x = leaf(1, 2, 3), *y = cor_mul(x, 2), *v = part(y, 0, 2);
    must(cor_mul_(y, 3));
    show("v", v);
    must(cor_backward(cor_sum(v), .retain_graph = true));
    show("x", cor_grad(x));
    must(cor_mul_(v, 10));
    show("y", y);
    must(cor_add_(y, 1));
    must(cor_neg_(v));
    show("v", v);
    must(cor_set_grad(x, COR_NONE));
    must(cor_backward(cor_sum(cor_add(y, 0)), .retain_graph = true));
    show("of y", cor_grad(x));
    must(cor_set_grad(x, COR_NONE));
    must(cor_backward(cor_sum(v)));
    show("of v", cor_grad(x));
    y = cor_mul(x, 2);
    cor_tensor *u = cor_t(cor_view(y, 3, 1)), *z = cor_mul(u, 1);
    must(cor_add_(y, x));
    show("u", u);
    must(cor_backward(cor_sum(u), .retain_graph = true));
    show("of u", cor_grad(x));
    must(cor_backward(cor_sum(z)));
    show("of z", cor_grad(x));
}

static void copies_into_slices(void) {
    cor_tensor *x = leaf(1, 2), *w = leaf_in(COR_FLOAT64, of(5)), *y = cor_zeros(4);
    must(cor_copy_(part(y, 1, 3), x));
    show("y", y);
    must(cor_copy_(part(y, 3, 4), w));
    must(cor_fill_(part(y, 0, 1), 7));
    show("y", y);
    must(cor_backward(sum_of_square(y)));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    cor_tensor *z = cor_zeros(2, 2);
    must(cor_copy_(z, x));
    must(cor_copy_(cor_select(z, 0, 0), w));
    show("z", z);
    must(cor_backward(cor_sum(z)));
    show("x", cor_grad(x));
    show("w", cor_grad(w));
    z = cor_mul(x, 2);
    must(cor_copy_(z, of(1, 2)));
    show("overwritten", z);
    must(cor_backward(cor_sum(z)));
    show("x", cor_grad(x));
    cor_tensor *m = leaf(0, 0, 0), *n = cor_mul(m, 1);
    must(cor_copy_(part(n, 0, 2), x));
    must(cor_copy_(cor_select(n, 0, 1), cor_mul(cor_select(n, 0, 0), 10)));
    show("n", n);
    must(cor_backward(cor_sum(n)));
    show("m", cor_grad(m));
    show("x", cor_grad(x));
}

static void several_views_at_once(void) {
    cor_tensor *x = leaf(1, 2, 3, 4), *y = cor_mul(x, 2), *a[2], *b[2], *c[2], *v;
    must(cor_chunk(y, 2, 0, a, 2));
    attempt(cor_add_(a[0], 1));
    must(cor_split(y, 3, 0, b, 2));
    attempt(cor_add_(b[1], 1));
    {
        cor_no_grad();
        attempt(cor_add_(b[1], 1));
        v = part(y, 0, 2);
    }
    attempt(cor_add_(v, 1));
    attempt(cor_add_(cor_expand(cor_view(cor_mul(x, 2), 4, 1), 4, 3), 1));
    must(cor_chunk(of(1, 2, 3, 4), 2, 0, c, 2));
    attempt(cor_add_(c[1], 1));
    attempt(cor_add_(c[1], part(x, 0, 2)));
    must(cor_chunk(cor_mul(x, 2), 2, 0, a, 2));
    attempt(cor_add_(part(a[1], 0, 1), 1));
    {
        cor_no_grad();
        v = part(cor_zeros(4), 0, 2);
    }
    attempt(cor_add_(v, 1));
    attempt(cor_add_(v, part(x, 0, 2)));
    attempt(cor_add_(part(v, 0, 1), part(x, 0, 1)));
}

static void steps_between(void) {
    cor_tensor *x = of(1, 2), *w = leaf(3, 4), *b = leaf(5, 6), *y = cor_sum(cor_add(cor_mul(w, x), b));
    {
        cor_no_grad();
        must(cor_sub_(w, cor_mul(w, 0.5)));
        must(cor_sub_(b, 1));
    }
    attempt(cor_backward(y));
    show("w", cor_grad(w));
    show("b", cor_grad(b));
    cor_tensor *u = leaf(1, 2);
    y = cor_sum(cor_add(cor_mul(w, u), b));
    {
        cor_no_grad();
        must(cor_sub_(w, 1));
    }
    attempt(cor_backward(y));
    show("w", cor_grad(w));
    show("u", cor_grad(u));
    if (cor_grad(u) != NULL || cor_item(cor_sum(cor_grad(b))) != 2) note("a failed pass has changed a gradient");
}

static void derivatives_through_slices(void) {
    cor_tensor *x = leaf(2, 3), *y = cor_ones(3);
    must(cor_copy_(part(y, 0, 2), cor_mul(cor_mul(x, x), x)));
    must(cor_mul_(part(y, 1, 3), x));
    cor_tensor *a = grad_of(sum_of_square(y), x, true, true);
    show("a", a);
    cor_tensor *b = grad_of(cor_sum(a), x, true, true);
    show("b", cor_detach(b));
    show("c", grad_of(cor_sum(b), x, false, false));
}

static void windows(void) {
    cor_tensor *x = leaf(1, 2, 3, 4), *y = cor_mul(x, 2);
    cor_tensor *w = cor_as_strided(y, (const int64_t[]){2, 2}, (const int64_t[]){1, 1}, 2, 1);
    show("w", w);
    must(cor_backward(cor_sum(cor_mul(w, of(1, 10)))));
    show("x", cor_grad(x));
    y = cor_mul(x, 2);
    must(cor_mul_(cor_as_strided(y, (const int64_t[]){2}, (const int64_t[]){2}, 1, 1), of(10, 100)));
    show("y", y);
    must(cor_backward(cor_sum(y)));
    show("x", cor_grad(x));
    cor_tensor *z = cor_permute(cor_unsqueeze(cor_mul(x, 1), 0), 1, 0);
    must(cor_mul_(cor_squeeze(z, .dim = 1), 2));
    must(cor_backward(cor_sum(z)));
    show("x", cor_grad(x));
}

static void as_pytorch_does(void **state) {
    (void)state;
    const notes_scenario scenarios[] = {NOTES_SCENARIO(of_leaves),
                                        NOTES_SCENARIO(of_what_is_kept),
                                        NOTES_SCENARIO(not_kept),
                                        NOTES_SCENARIO(chained),
                                        NOTES_SCENARIO(begun_without),
                                        NOTES_SCENARIO(through_views),
                                        NOTES_SCENARIO(through_views_of_views),
                                        NOTES_SCENARIO(base_changed),
                                        NOTES_SCENARIO(copies_into_slices),
                                        NOTES_SCENARIO(several_views_at_once),
                                        NOTES_SCENARIO(steps_between),
                                        NOTES_SCENARIO(derivatives_through_slices),
                                        NOTES_SCENARIO(windows)};
    notes_check("in_place", scenarios, sizeof scenarios / sizeof scenarios[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_pytorch_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
