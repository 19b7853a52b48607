/* lbfgs_state.c: what L-BFGS keeps, under PyTorch's names of the state of parameter 0; the lists as "old_dirs.0" and so
 * on. */
#include "base/error.h"
#include "base/memory.h"
#include "optim/entries.h"
#include "optim/lbfgs.h"
#include "tensor/iterate.h"
#include <math.h>

static int put_count(cor_dict *d, const char *name, int64_t value) {
    return cor__put_number(d, name, COR_INT64, (double)value);
}

static int put_history(cor_dict *d, const cor__lbfgs *l) {
    char name[COR__ENTRY_NAME];
    for (int64_t i = 0; i < l->n_old && cor_error() == COR_OK; i++) {
        cor__format(name, sizeof name, "state.0.old_dirs.%lld", (long long)i);
        cor_dict_set(d, name, l->old_dirs[i]);
        cor__format(name, sizeof name, "state.0.old_stps.%lld", (long long)i);
        cor_dict_set(d, name, l->old_stps[i]);
    }
    return cor__put_reals(d, "state.0.ro", l->ro, l->n_old);
}

int cor__lbfgs_save(const cor_optimizer *o, cor_dict *d) {
    const cor__lbfgs *l = o->lbfgs;
    if (l->func_evals == 0) return COR_OK;
    put_count(d, "state.0.func_evals", l->func_evals);
    put_count(d, "state.0.n_iter", l->n_iter);
    if (l->d == NULL || l->prev_flat_grad == NULL) return cor_error();
    cor_dict_set(d, "state.0.d", l->d);
    cor_dict_set(d, "state.0.prev_flat_grad", l->prev_flat_grad);
    cor__put_number(d, "state.0.t", COR_FLOAT64, l->t);
    cor__put_number(d, "state.0.H_diag", COR_FLOAT64, l->h_diag);
    cor__put_number(d, "state.0.prev_loss", COR_FLOAT64, l->prev_loss);
    return cor_error() == COR_OK ? put_history(d, l) : cor_error();
}

static int get_count(const cor_dict *d, const char *name, int64_t *value) {
    double number = 0;
    if (cor__get_number(d, name, &number) != COR_OK) return cor_error();
    if (!(fabs(number) < 0x1p62)) return cor__fail(COR_EVALUE, "'%s' of the state is no integer", name);
    *value = (int64_t)number;
    return COR_OK;
}

/* A copy of a vector of as many elements as the parameters have, of the scope. */
static cor_tensor *get_vector(const cor_optimizer *o, const cor_dict *d, const char *name) {
    const cor_tensor *saved = cor_dict_get(d, name);
    int64_t n = 0;
    for (int64_t i = 0; i < o->n; i++) n += o->parameters[i].tensor->numel;
    if (saved == NULL) return cor__missing_entry(name), NULL;
    if (saved->ndim != 1 || saved->numel != n)
        return cor__fail_null(COR_ESHAPE, "'%s' of the state should be a vector of %lld elements", name, (long long)n);
    cor_tensor *copy = cor__scope_add(cor__empty(o->parameters[0].tensor->dtype, &n, 1));
    return copy != NULL && cor__copy(copy, saved) == COR_OK ? copy : NULL;
}

static int get_history(const cor_optimizer *o, const cor_dict *d, cor__lbfgs *l) {
    char dirs[COR__ENTRY_NAME], stps[COR__ENTRY_NAME];
    const int64_t n = cor_numel(cor_dict_get(d, "state.0.ro"));
    const size_t size = (size_t)(n + 1) * sizeof(double);
    double *ro = cor__alloc(size, "the history of LBFGS");
    if (ro == NULL) return cor_error();
    cor__get_reals(d, "state.0.ro", ro, n);
    for (int64_t i = 0; i < n && cor_error() == COR_OK; i++) {
        cor_scope();
        cor__format(dirs, sizeof dirs, "state.0.old_dirs.%lld", (long long)i);
        cor__format(stps, sizeof stps, "state.0.old_stps.%lld", (long long)i);
        cor_tensor *y = get_vector(o, d, dirs), *s = get_vector(o, d, stps);
        cor__lbfgs_remember(l, y, s, ro[i]);
    }
    cor__free(ro, size);
    return cor_error();
}

static int get_all(const cor_optimizer *o, const cor_dict *d, cor__lbfgs *l) {
    if (!cor_dict_contains(d, "state.0.func_evals")) return COR_OK;
    if (get_count(d, "state.0.func_evals", &l->func_evals) != COR_OK) return cor_error();
    if (get_count(d, "state.0.n_iter", &l->n_iter) != COR_OK) return cor_error();
    if (!cor_dict_contains(d, "state.0.d")) return COR_OK;
    cor_scope();
    cor_assign(&l->d, get_vector(o, d, "state.0.d"));
    cor_assign(&l->prev_flat_grad, get_vector(o, d, "state.0.prev_flat_grad"));
    if (cor_error() != COR_OK) return cor_error();
    if (cor__get_number(d, "state.0.t", &l->t) != COR_OK) return cor_error();
    if (cor__get_number(d, "state.0.H_diag", &l->h_diag) != COR_OK) return cor_error();
    if (cor__get_number(d, "state.0.prev_loss", &l->prev_loss) != COR_OK) return cor_error();
    return get_history(o, d, l);
}

int cor__lbfgs_load(cor_optimizer *o, const cor_dict *d) {
    cor__lbfgs *l = cor__alloc_zero(sizeof *l, "the state of LBFGS"), *before = o->lbfgs;
    if (l == NULL) return cor_error();
    const int code = get_all(o, d, l);
    if (code == COR_OK) o->lbfgs = l;
    cor__lbfgs_free(code == COR_OK ? before : l);
    return code;
}
