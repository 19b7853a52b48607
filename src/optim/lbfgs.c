/* lbfgs.c: L-BFGS, the two-loop recursion (Nocedal, Wright: Numerical Optimization, algorithm 7.4), with PyTorch's
 * steps and stops. */
#include "optim/lbfgs.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include <corrie/creation.h>
#include <corrie/math.h>
#include <corrie/matmul.h>
#include <corrie/reduce.h>
#include <math.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_lbfgs_options, COR_LBFGS_OPTIONS)

static int check(const double *v) { return cor__refuse_unless(v[COR__LR] >= 0, "learning rate", v[COR__LR]); }

const cor__optimizer_kind cor__kind_lbfgs = {
    .name = "LBFGS",
    .settings = COR__BIT(COR__LR) | COR__BIT(COR__MAX_ITER) | COR__BIT(COR__MAX_EVAL) | COR__BIT(COR__TOLERANCE_GRAD) |
                COR__BIT(COR__TOLERANCE_CHANGE) | COR__BIT(COR__HISTORY_SIZE) | COR__BIT(COR__LINE_SEARCH),
    .whole = COR__BIT(COR__LR),
    .check = check};

/* ---- making ----------------------------------------------------------------------------------------------------- */

static int check_dtypes(const cor_optimizer *o) {
    const cor_dtype dtype = o->parameters[0].tensor->dtype;
    for (int64_t i = 0; i < o->n; i++)
        if (o->parameters[i].tensor->dtype != dtype || (dtype != COR_FLOAT32 && dtype != COR_FLOAT64))
            return cor__fail(COR_EDTYPE, "LBFGS: the parameters must all be float32 or all float64, but one is %s",
                             cor_dtype_name(o->parameters[i].tensor->dtype));
    return COR_OK;
}

cor_optimizer *cor_lbfgs_with(cor_parameter_source parameters, const cor_lbfgs_options *options) {
    cor_lbfgs_options room;
    int n;
    const cor__option *rows = cor_lbfgs_options_describe(&n);
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "lbfgs") != COR_OK) return NULL;
    options = cor_lbfgs_options_or_defaults(options, &room);
    const char *search = options->line_search_fn;
    if (search != NULL && strcmp(search, "strong_wolfe") != 0)
        return cor__fail_null(COR_EVALUE, "only 'strong_wolfe' is supported");
    cor_optimizer *o = cor__optimizer_new(&cor__kind_lbfgs, parameters, options, rows, n);
    if (o == NULL) return NULL;
    double *value = o->groups[0].value;
    value[COR__LINE_SEARCH] = search != NULL;
    if (options->max_eval == COR_UNSET)
        value[COR__MAX_EVAL] = (double)cor__floor_div((int64_t)(5 * value[COR__MAX_ITER]), 4);
    if (check_dtypes(o) == COR_OK) o->lbfgs = cor__alloc_zero(sizeof *o->lbfgs, "the state of LBFGS");
    if (o->lbfgs != NULL) return o;
    cor_optimizer_release(cor_optimizer_take(o));
    return NULL;
}

void cor__lbfgs_free(cor__lbfgs *l) {
    if (l == NULL) return;
    for (int64_t i = 0; i < l->n_old; i++) {
        cor__release(l->old_dirs[i]);
        cor__release(l->old_stps[i]);
    }
    cor__free(l->old_dirs, (size_t)l->capacity * sizeof *l->old_dirs);
    cor__free(l->old_stps, (size_t)l->capacity * sizeof *l->old_stps);
    cor__free(l->ro, (size_t)l->capacity * sizeof *l->ro);
    cor__release(l->d);
    cor__release(l->prev_flat_grad);
    cor__free(l, sizeof *l);
}

/* ---- vectors ---------------------------------------------------------------------------------------------------- */

double cor__lbfgs_held(const cor_optimizer *o, double value) {
    return o->parameters[0].tensor->dtype == COR_FLOAT32 ? (double)(float)value : value;
}

double cor__lbfgs_dot(cor_tensor *a, cor_tensor *b) {
    cor_scope();
    return cor_item(cor_matmul(a, b));
}

double cor__lbfgs_largest(cor_tensor *x) {
    cor_scope();
    return cor_item(cor_amax(cor_abs(x)));
}

/* The part of a vector that belongs to parameter i, in its shape; *at moves behind it. */
static cor_tensor *part(cor_tensor *x, const cor_tensor *parameter, int64_t *at) {
    cor_tensor *flat = cor_narrow(x, 0, *at, parameter->numel);
    *at += parameter->numel;
    return cor_view_to(flat, parameter->sizes, parameter->ndim);
}

int cor__lbfgs_move(cor_optimizer *o, double t, cor_tensor *d) {
    cor_scope();
    int64_t at = 0;
    for (int64_t i = 0; i < o->n && cor_error() == COR_OK; i++) {
        cor_tensor *p = o->parameters[i].tensor;
        cor_add_(p, part(d, p, &at), .alpha = t);
    }
    return cor_error();
}

int cor__lbfgs_set(cor_optimizer *o, cor_tensor *x) {
    cor_scope();
    int64_t at = 0;
    for (int64_t i = 0; i < o->n && cor_error() == COR_OK; i++)
        cor_copy_(o->parameters[i].tensor, part(x, o->parameters[i].tensor, &at));
    return cor_error();
}

/* The parameters, or their gradients with zeros where there is none, one after the other. */
static cor_tensor *gather(cor_optimizer *o, bool gradients) {
    cor_tensor **parts = cor__alloc((size_t)o->n * sizeof *parts, "the parts of a vector");
    if (parts == NULL) return NULL;
    for (int64_t i = 0; i < o->n; i++) {
        cor_tensor *t = o->parameters[i].tensor;
        if (gradients) t = t->grad != NULL ? t->grad : cor_zeros_like(t);
        parts[i] = cor_reshape(t, -1);
    }
    cor_tensor *flat = cor_cat_with(COR_LIST(parts, o->n), NULL);
    cor__free(parts, (size_t)o->n * sizeof *parts);
    return flat;
}

cor_tensor *cor__lbfgs_get(cor_optimizer *o) { return gather(o, false); }

int cor__lbfgs_evaluate(cor__lbfgs_run *r, double *loss, cor_tensor **grad) {
    cor_scope();
    *loss = cor_item(cor__closure_call(r->closure, r->context));
    return cor_assign(grad, gather(r->o, true));
}

/* ---- the direction ---------------------------------------------------------------------------------------------- */

static int grow(cor__lbfgs *l) {
    const int64_t capacity = l->capacity == 0 ? 8 : 2 * l->capacity;
    cor_tensor **dirs = cor__alloc((size_t)capacity * sizeof *dirs, "the history of LBFGS");
    cor_tensor **stps = dirs == NULL ? NULL : cor__alloc((size_t)capacity * sizeof *stps, "the history of LBFGS");
    double *ro = stps == NULL ? NULL : cor__alloc((size_t)capacity * sizeof *ro, "the history of LBFGS");
    if (ro == NULL) {
        cor__free(dirs, (size_t)capacity * sizeof *dirs);
        cor__free(stps, (size_t)capacity * sizeof *stps);
        return cor_error();
    }
    if (l->n_old > 0) {
        memcpy(dirs, l->old_dirs, (size_t)l->n_old * sizeof *dirs);
        memcpy(stps, l->old_stps, (size_t)l->n_old * sizeof *stps);
        memcpy(ro, l->ro, (size_t)l->n_old * sizeof *ro);
    }
    cor__free(l->old_dirs, (size_t)l->capacity * sizeof *dirs);
    cor__free(l->old_stps, (size_t)l->capacity * sizeof *stps);
    cor__free(l->ro, (size_t)l->capacity * sizeof *ro);
    l->old_dirs = dirs;
    l->old_stps = stps;
    l->ro = ro;
    l->capacity = capacity;
    return COR_OK;
}

static void forget(cor__lbfgs *l, int64_t n) {
    if (n == 0) return;
    for (int64_t i = 0; i < n; i++) {
        cor__release(l->old_dirs[i]);
        cor__release(l->old_stps[i]);
    }
    l->n_old -= n;
    memmove(l->old_dirs, l->old_dirs + n, (size_t)l->n_old * sizeof *l->old_dirs);
    memmove(l->old_stps, l->old_stps + n, (size_t)l->n_old * sizeof *l->old_stps);
    memmove(l->ro, l->ro + n, (size_t)l->n_old * sizeof *l->ro);
}

int cor__lbfgs_remember(cor__lbfgs *l, cor_tensor *y, cor_tensor *s, double ro) {
    if (y == NULL || s == NULL || (l->n_old == l->capacity && grow(l) != COR_OK)) return cor_error();
    l->old_dirs[l->n_old] = cor__retain(y);
    l->old_stps[l->n_old] = cor__retain(s);
    l->ro[l->n_old++] = ro;
    return COR_OK;
}

/* Takes the last move into the history. */
static int update_memory(const cor__lbfgs_run *r, int64_t size) {
    cor__lbfgs *l = r->kept;
    cor_tensor *y = cor_sub(r->flat_grad, l->prev_flat_grad), *s = cor_mul(l->d, l->t);
    const double ys = cor__lbfgs_dot(y, s);
    if (!(ys > 1e-10)) return cor_error();
    if (l->n_old >= size) forget(l, l->n_old - size + 1);
    l->h_diag = cor__lbfgs_held(r->o, ys / cor__lbfgs_dot(y, y));
    return cor__lbfgs_remember(l, y, s, cor__lbfgs_held(r->o, 1.0 / ys));
}

/* The approximate inverse Hessian times the gradient, negated. */
static cor_tensor *recursion(const cor__lbfgs_run *r, double *al) {
    cor__lbfgs *l = r->kept;
    cor_tensor *q = cor_neg(r->flat_grad);
    for (int64_t i = l->n_old - 1; i >= 0 && cor_error() == COR_OK; i--) {
        al[i] = cor__lbfgs_held(r->o, cor__lbfgs_dot(l->old_stps[i], q) * l->ro[i]);
        cor_add_(q, l->old_dirs[i], .alpha = -al[i]);
    }
    cor_tensor *d = cor_mul(q, l->h_diag);
    for (int64_t i = 0; i < l->n_old && cor_error() == COR_OK; i++) {
        const double be = cor__lbfgs_held(r->o, cor__lbfgs_dot(l->old_dirs[i], d) * l->ro[i]);
        cor_add_(d, l->old_stps[i], .alpha = cor__lbfgs_held(r->o, al[i] - be));
    }
    return d;
}

static int find_direction(const cor__lbfgs_run *r, int64_t history_size) {
    cor_scope();
    cor__lbfgs *l = r->kept;
    if (l->n_iter == 1) {
        forget(l, l->n_old);
        l->h_diag = 1;
        return cor_assign(&l->d, cor_neg(r->flat_grad));
    }
    if (update_memory(r, cor__max(1, history_size)) != COR_OK) return cor_error();
    const size_t size = (size_t)(l->n_old + 1) * sizeof(double);
    double *al = cor__alloc(size, "the factors of LBFGS");
    if (al == NULL) return cor_error();
    cor_tensor *d = recursion(r, al);
    cor__free(al, size);
    return cor_assign(&l->d, d);
}

static double first_step(const cor__lbfgs_run *r, double lr) {
    cor_scope();
    const double sum = cor_item(cor_sum(cor_abs(r->flat_grad))), inverse = cor__lbfgs_held(r->o, 1.0 / sum);
    return inverse < 1.0 ? cor__lbfgs_held(r->o, inverse * lr) : lr;
}

/* ---- the step --------------------------------------------------------------------------------------------------- */

/* A count that an option holds, within what makes sense. */
static int64_t count_of(double value) { return (int64_t)fmin(fmax(value, 0), 1e15); }

/* Moves along d, with a line search or by the step as it is, and evaluates there unless this is the last time. Returns
 * how often the closure was called, or a negative code. */
static int64_t move(cor__lbfgs_run *r, const double *v, double gtd, bool last, int64_t evals_left) {
    cor__lbfgs *l = r->kept;
    if (v[COR__LINE_SEARCH] != 0) {
        const int64_t evals = cor__lbfgs_search(r, &l->t, l->d, gtd, v[COR__TOLERANCE_CHANGE], evals_left);
        return evals < 0 || cor__lbfgs_move(r->o, l->t, l->d) == COR_OK ? evals : cor_error();
    }
    if (cor__lbfgs_move(r->o, l->t, l->d) != COR_OK) return cor_error();
    if (last) return 0;
    return cor__lbfgs_evaluate(r, &r->loss, &r->flat_grad) == COR_OK ? 1 : cor_error();
}

/* One iteration; *evals counts the closure's calls. Returns whether another one follows. */
static bool iterate(cor__lbfgs_run *r, const double *v, int64_t n_iter, int64_t *evals) {
    cor_scope();
    cor__lbfgs *l = r->kept;
    const bool last = n_iter == count_of(v[COR__MAX_ITER]);
    l->n_iter++;
    if (find_direction(r, count_of(v[COR__HISTORY_SIZE])) != COR_OK) return false;
    if (cor_assign(&l->prev_flat_grad, r->flat_grad) != COR_OK) return false;
    l->prev_loss = r->loss;
    l->t = l->n_iter == 1 ? first_step(r, v[COR__LR]) : v[COR__LR];
    const double gtd = cor__lbfgs_dot(r->flat_grad, l->d), change = v[COR__TOLERANCE_CHANGE];
    if (cor_error() != COR_OK || gtd > -change) return false;
    const int64_t calls = move(r, v, gtd, last, count_of(v[COR__MAX_EVAL]) - *evals);
    if (calls < 0) return false;
    *evals += calls;
    l->func_evals += calls;
    if (last || *evals >= count_of(v[COR__MAX_EVAL])) return false;
    if (cor__lbfgs_largest(r->flat_grad) <= v[COR__TOLERANCE_GRAD]) return false;
    if (cor__lbfgs_largest(cor_mul(l->d, l->t)) <= change) return false;
    return cor_error() == COR_OK && !(fabs(r->loss - l->prev_loss) < change);
}

cor_tensor *cor__lbfgs_step(cor_optimizer *o, cor_closure closure, void *context) {
    cor_no_grad();
    cor__lbfgs_run r = {.o = o, .kept = o->lbfgs, .closure = closure, .context = context};
    const double *v = o->groups[0].value;
    int64_t evals = 1, n_iter = 0;
    cor_tensor *first = cor__closure_call(closure, context);
    r.loss = cor_item(first);
    if (first == NULL || cor_error() != COR_OK) return NULL;
    cor_scope();
    o->lbfgs->func_evals++;
    if (cor_assign(&r.flat_grad, gather(o, true)) == COR_OK &&
        !(cor__lbfgs_largest(r.flat_grad) <= v[COR__TOLERANCE_GRAD]))
        while (n_iter < count_of(v[COR__MAX_ITER]) && iterate(&r, v, ++n_iter, &evals)) {
        }
    cor_release(r.flat_grad);
    return cor_error() == COR_OK ? first : NULL;
}
