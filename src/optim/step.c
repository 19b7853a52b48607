/* step.c: one step of all parameters. First everything that can fail: the updates are listed, states and copies made.
 * Then one parallel loop over the elements of all updates. */
#include "base/error.h"
#include "base/sizes.h"
#include "kernels/convert.h"
#include "kernels/kernels.h"
#include "optim/optimizer.h"
#include "tensor/iterate.h"
#include <string.h>

enum {
    GRAIN = 1 << 15, /* elements a thread should get at least */
    BLOCK = 512      /* elements of a half type that are brought to float32 at once */
};

/* ---- what can fail ---------------------------------------------------------------------------------------------- */

static int check_parameter(const cor_optimizer *o, const cor_tensor *t) {
    if (!cor_dtype_is_floating(t->dtype))
        return cor__fail(COR_EDTYPE, "%s: the parameters must be floating, but one is torch.%s", o->kind->name,
                         cor_dtype_name(t->dtype));
    if (cor__overlaps_itself(t))
        return cor__fail(COR_ESTATE, "unsupported operation: more than one element of the written-to tensor refers to "
                                     "a single memory location. Please clone() the tensor before performing the "
                                     "operation.");
    return COR_OK;
}

/* Whether the elements of two tensors of the same sizes lie in the same order, without gaps. */
static bool alike(const cor_tensor *a, const cor_tensor *b) {
    for (int i = 0; i < a->ndim; i++)
        if (a->sizes[i] > 1 && a->strides[i] != b->strides[i]) return false;
    return cor__is_dense(a);
}

/* A copy of t, of the scope, with its elements as those of `like` lie. */
static cor_tensor *laid_out_as(const cor_tensor *like, const cor_tensor *t) {
    cor_tensor *copy = cor__scope_add(cor__empty_like(like, t->dtype));
    return copy != NULL && cor__copy(copy, t) == COR_OK ? copy : NULL;
}

/* A tensor that shows how the elements of a parameter's states lie. */
static const cor_tensor *layout_of(const cor__optimized *p) {
    for (int i = 0; i < COR__RULE_STATES; i++)
        if (p->state[i] != NULL) return p->state[i];
    return p->tensor;
}

static int check_states(const cor_optimizer *o, const cor__optimized *p) {
    for (int i = 0; i < COR__RULE_STATES; i++)
        if (p->state[i] != NULL && p->state[i]->dtype != p->tensor->dtype)
            return cor__fail(COR_ESTATE, "%s: a parameter is torch.%s now, but its %s is torch.%s", o->kind->name,
                             cor_dtype_name(p->tensor->dtype), o->kind->states[i], cor_dtype_name(p->state[i]->dtype));
    return COR_OK;
}

static int make_states(const cor_optimizer *o, cor__update *u) {
    cor__optimized *p = u->of;
    for (int i = 0; i < COR__RULE_STATES; i++) {
        if (!(u->plan.states & 1u << i) || p->state[i] != NULL) continue;
        p->state[i] = cor__state_new(layout_of(p), o->defaults[COR__INITIAL_ACCUMULATOR]);
        if (p->state[i] == NULL) return cor_error();
        u->made |= 1u << i;
    }
    return COR_OK;
}

static int prepare(const cor_optimizer *o, const cor__group *g, cor__update *u) {
    cor_tensor *t = u->of->tensor, *grad = t->grad;
    if (check_parameter(o, t) != COR_OK || check_states(o, u->of) != COR_OK) return cor_error();
    o->kind->plan(g, u->of, &u->plan);
    if (make_states(o, u) != COR_OK) return cor_error();
    const cor_tensor *layout = layout_of(u->of);
    u->parameter = layout == t        ? cor__is_dense(t) ? t : laid_out_as(t, t)
                          : alike(layout, t) ? t
                                      : laid_out_as(layout, t);
    if (u->parameter == NULL) return cor_error();
    const bool usable = alike(u->parameter, grad) && !cor__may_share_memory(t, grad);
    u->gradient = usable ? grad : laid_out_as(u->parameter, grad);
    return cor_error();
}

/* Lists the updates of all parameters with a gradient. Returns how many; on failure, the states that were made are in
 * the list all the same. */
static int64_t prepare_all(const cor_optimizer *o) {
    int64_t n = 0, elements = 0;
    for (int64_t i = 0; i < o->n_groups; i++) {
        const cor__group *g = &o->groups[i];
        for (int64_t j = g->begin; j < g->begin + g->n && cor_error() == COR_OK; j++) {
            if (o->parameters[j].tensor->grad == NULL) continue;
            cor__update *u = &o->updates[n++];
            u->of = &o->parameters[j];
            u->made = 0;
            elements += u->of->tensor->numel;
            u->end = elements;
            prepare(o, g, u);
        }
    }
    return n;
}

static void forget_states(const cor_optimizer *o, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int s = 0; s < COR__RULE_STATES; s++) {
            if (!(o->updates[i].made & 1u << s)) continue;
            cor__release(o->updates[i].of->state[s]);
            o->updates[i].of->state[s] = NULL;
        }
}

/* ---- what cannot ------------------------------------------------------------------------------------------------ */

/* The arrays of one update: parameter, gradient and states, NULL where there is none. */
typedef struct arrays {
    char *at[2 + COR__RULE_STATES];
} arrays;

static arrays arrays_of(const cor__update *u, int64_t from) {
    const int64_t skip = from * cor_dtype_size(u->parameter->dtype);
    arrays a = {{(char *)cor__data(u->parameter) + skip, (char *)cor__data(u->gradient) + skip}};
    for (int i = 0; i < COR__RULE_STATES; i++)
        if (u->plan.states & 1u << i) a.at[2 + i] = (char *)cor__data(u->of->state[i]) + skip;
    return a;
}

static void run(const cor__update *u, cor_dtype dtype, int64_t n, const arrays *a) {
    cor__kernels_now()->exact_shared->optim->step[u->plan.rule][dtype](n, a->at[0], a->at[1], a->at[2], a->at[3],
                                                                       a->at[4], &u->plan.numbers);
}

/* float16 and bfloat16, by blocks in float32. */
static void run_half(const cor__update *u, cor_dtype dtype, int64_t n, const arrays *a) {
    enum { ARRAYS = 2 + COR__RULE_STATES, GRADIENT = 1 };
    float wide[ARRAYS][BLOCK];
    arrays blocks = {{0}};
    const cor__convert_kernels *convert = cor__kernels_now()->exact_shared->convert;
    for (int i = 0; i < ARRAYS; i++)
        if (a->at[i] != NULL) blocks.at[i] = (char *)wide[i];
    for (int64_t done = 0; done < n; done += BLOCK) {
        const int64_t now = cor__min(BLOCK, n - done);
        for (int i = 0; i < ARRAYS; i++)
            if (a->at[i] != NULL) convert->loop[COR_FLOAT32][dtype](now, wide[i], 4, a->at[i] + 2 * done, 2);
        run(u, COR_FLOAT32, now, &blocks);
        for (int i = 0; i < ARRAYS; i++)
            if (a->at[i] != NULL && i != GRADIENT)
                convert->loop[dtype][COR_FLOAT32](now, a->at[i] + 2 * done, 2, wide[i], 4);
    }
}

typedef struct job {
    const cor__update *updates;
    int64_t n;
} job;

/* The first update that ends after element `at` of all. */
static int64_t update_at(const job *j, int64_t at) {
    int64_t low = 0, high = j->n - 1;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (j->updates[middle].end > at) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* n elements of one update, from one on. */
static void run_part(const cor__update *u, int64_t from, int64_t n) {
    const cor_dtype dtype = u->parameter->dtype;
    const arrays a = arrays_of(u, from);
    (cor__compute_dtype(dtype) == dtype ? run : run_half)(u, dtype, n, &a);
}

static void run_range(int64_t begin, int64_t end, void *context) {
    const job *j = context;
    for (int64_t i = update_at(j, begin), at = begin; at < end; i++) {
        const cor__update *u = &j->updates[i];
        const int64_t n = cor__min(u->end, end) - at;
        if (n > 0) run_part(u, at - (u->end - u->parameter->numel), n);
        at += n;
    }
}

/* Whether one update writes what another one reads: then they go in order, on one thread. */
static bool any_meet(const cor__update *updates, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            if (i != j && (cor__may_share_memory(updates[i].parameter, updates[j].parameter) ||
                           cor__may_share_memory(updates[i].parameter, updates[j].gradient)))
                return true;
    return false;
}

static void commit(const cor__update *u) {
    if (u->parameter != u->of->tensor) (void)cor__copy(u->of->tensor, u->parameter); /* nothing meets: it cannot fail */
    cor__bump_version(u->of->tensor);
    for (int i = 0; i < COR__RULE_STATES; i++)
        if (u->plan.states & 1u << i) cor__bump_version(u->of->state[i]);
    u->of->step = u->plan.step;
    u->of->product = u->plan.product;
}

/* ---- the step --------------------------------------------------------------------------------------------------- */

static int step(cor_optimizer *o) {
    cor_scope();
    const int64_t n = prepare_all(o);
    if (cor_error() != COR_OK) {
        forget_states(o, n);
        return cor_error();
    }
    if (n == 0) return COR_OK;
    job j = {o->updates, n};
    const int64_t elements = o->updates[n - 1].end;
    const bool parallel = elements >= 2 * GRAIN && cor_num_threads() > 1 && !any_meet(o->updates, n);
    int code = cor_parallel_for(elements, parallel ? GRAIN : elements, run_range, &j);
    for (int64_t i = 0; i < n; i++) commit(&o->updates[i]);
    return code;
}

int cor_step(cor_optimizer *o) {
    if (!cor__optimizer_ready(o, "step")) return cor_error();
    if (o->kind->plan == NULL)
        return cor__fail(COR_EVALUE, "%s.step() missing 1 required positional argument: 'closure'", o->kind->name);
    return step(o);
}

cor_tensor *cor__closure_call(cor_closure closure, void *context) {
    cor_enable_grad();
    cor_tensor *loss = closure(context);
    if (loss == NULL) return cor__fail_null(COR_EVALUE, "step: the closure returned NULL");
    return cor_error() == COR_OK ? loss : NULL;
}

cor_tensor *cor_step_closure(cor_optimizer *o, cor_closure closure, void *context) {
    if (!cor__optimizer_ready(o, "step")) return NULL;
    if (closure == NULL) return cor__fail_null(COR_EVALUE, "step: the closure is NULL");
    if (o->kind->plan == NULL) return cor__lbfgs_step(o, closure, context);
    cor_tensor *loss = cor__closure_call(closure, context);
    return loss != NULL && step(o) == COR_OK ? loss : NULL;
}
