/* random.c: filling tensors with random numbers. The streams are those of base/random.h, which fill contiguous memory;
 * here a tensor of any strides is filled in the order of its memory, as PyTorch does. */
#include "base/random.h"
#include "base/error.h"
#include "ops/backward.h"
#include "ops/creation.h"
#include "tensor/iterate.h"
#include <string.h>

COR__DEFINE_OPTIONS(cor_randperm_options, COR_RANDPERM_OPTIONS)
COR__DEFINE_OPTIONS(cor_uniform_options, COR_UNIFORM_OPTIONS)
COR__DEFINE_OPTIONS(cor_normal_options, COR_NORMAL_OPTIONS)
COR__DEFINE_OPTIONS(cor_log_normal_options, COR_LOG_NORMAL_OPTIONS)
COR__DEFINE_OPTIONS(cor_cauchy_options, COR_CAUCHY_OPTIONS)
COR__DEFINE_OPTIONS(cor_exponential_options, COR_EXPONENTIAL_OPTIONS)
COR__DEFINE_OPTIONS(cor_random_options, COR_RANDOM_OPTIONS)
COR__DEFINE_OPTIONS(cor_draw_options, COR_DRAW_OPTIONS)

/* ---- the order of memory ---------------------------------------------------------------------------------------- */

/* The dimensions of t by stride, largest first; where strides are equal, and for dimensions of one element, as they
 * stand. */
static void order_of_memory(const cor_tensor *t, int *order) {
    for (int d = 0; d < t->ndim; d++) {
        int at = d;
        for (; at > 0 && t->strides[order[at - 1]] < t->strides[d]; at--) order[at] = order[at - 1];
        order[at] = d;
    }
}

/* A window on the elements of t with its dimensions in an order: dimension i is t's order[i]. */
static cor_tensor *reordered(const cor_tensor *t, const int *order) {
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS];
    for (int i = 0; i < t->ndim; i++) {
        sizes[i] = t->sizes[order[i]];
        strides[i] = t->strides[order[i]];
    }
    return cor__tensor_over(t->storage, t->dtype, sizes, strides, t->ndim, t->offset);
}

/* Contiguous memory to fill. */
typedef struct target {
    void *out;
    int64_t n;
    cor_dtype dtype;
    bool plain; /* the tensor itself is contiguous, which normal_ asks */
} target;

typedef int (*drawer)(const target *t, const void *options);

/* Fills a tensor with gaps through contiguous memory. */
static int fill_apart(cor_tensor *t, drawer draw, const void *options) {
    int order[COR_MAX_DIMS];
    order_of_memory(t, order);
    cor_tensor *window = reordered(t, order);
    cor_tensor *drawn = window == NULL ? NULL : cor__empty(t->dtype, window->sizes, window->ndim);
    int code = cor_error();
    if (drawn != NULL) code = draw(&(target){.out = cor__data(drawn), .n = t->numel, .dtype = t->dtype}, options);
    if (code == COR_OK) code = cor__copy(window, drawn);
    cor__release(drawn);
    cor__release(window);
    return code;
}

static int fill(cor_tensor *t, drawer draw, const void *options) {
    if (!cor__is_dense(t)) return fill_apart(t, draw, options);
    target whole = {.out = cor__data(t), .n = t->numel, .dtype = t->dtype, .plain = cor_is_contiguous(t)};
    return draw(&whole, options);
}

/* ---- the draws -------------------------------------------------------------------------------------------------- */

static int draw_uniform(const target *t, const void *options) {
    const cor_uniform_options *o = options;
    return cor__random_uniform(o->generator, t->out, t->n, t->dtype, o->from, o->to);
}

static int draw_normal(const target *t, const void *options) {
    const cor_normal_options *o = options;
    if (t->plain) return cor__random_normal(o->generator, t->out, t->n, t->dtype, o->mean, o->std);
    return cor__random_normal_each(o->generator, t->out, t->n, t->dtype, o->mean, o->std);
}

static int draw_log_normal(const target *t, const void *options) {
    const cor_log_normal_options *o = options;
    return cor__random_log_normal(o->generator, t->out, t->n, t->dtype, o->mean, o->std);
}

static int draw_cauchy(const target *t, const void *options) {
    const cor_cauchy_options *o = options;
    return cor__random_cauchy(o->generator, t->out, t->n, t->dtype, o->median, o->sigma);
}

static int draw_exponential(const target *t, const void *options) {
    const cor_exponential_options *o = options;
    return cor__random_exponential(o->generator, t->out, t->n, t->dtype, o->lambd);
}

static int draw_random(const target *t, const void *options) {
    const cor_random_options *o = options;
    if (o->to == COR_UNSET) return cor__random_integers(o->generator, t->out, t->n, t->dtype);
    return cor__random_from_to(o->generator, t->out, t->n, t->dtype, o->from, o->to);
}

/* The probability and generator of bernoulli_ and geometric_. */
typedef struct chance {
    double p;
    cor_generator *generator;
} chance;

static int draw_bernoulli(const target *t, const void *options) {
    const chance *o = options;
    return cor__random_bernoulli(o->generator, t->out, t->n, t->dtype, o->p);
}

static int draw_geometric(const target *t, const void *options) {
    const chance *o = options;
    return cor__random_geometric(o->generator, t->out, t->n, t->dtype, o->p);
}

/* ---- the operations --------------------------------------------------------------------------------------------- */

static int describe_target(cor__call *call) {
    const cor_tensor *t = call->inputs[0];
    call->out[0].dtype = t->dtype;
    call->out[0].ndim = t->ndim;
    memcpy(call->out[0].sizes, t->sizes, sizeof(int64_t) * (size_t)t->ndim);
    return COR_OK;
}

static int random_check(cor__call *call) {
    const cor_random_options *o = call->options;
    if (o->from != 0 && o->to == COR_UNSET) return cor__fail(COR_EVALUE, "random_: from is given without to");
    call->grad_fn = o->to == COR_UNSET ? "RandomBackward2" : o->from == 0 ? "RandomBackward1" : "RandomBackward0";
    return describe_target(call);
}

#define DRAW_OP(row, node, checked_by, described_by)                                                                   \
    static int row##_forward(cor__call *call) { return fill(call->outputs[0], draw_##row, call->options); }            \
    const cor__op cor__op_##row = {.name = #row,                                                                       \
                                   .grad_fn = node,                                                                    \
                                   .check = checked_by,                                                                \
                                   .forward = row##_forward,                                                           \
                                   .describe = described_by,                                                           \
                                   .backward = cor__zero_backward}

DRAW_OP(uniform, "UniformBackward0", describe_target, cor_uniform_options_describe);
DRAW_OP(normal, "NormalBackward0", describe_target, cor_normal_options_describe);
DRAW_OP(log_normal, "LogNormalBackward0", describe_target, cor_log_normal_options_describe);
DRAW_OP(cauchy, "CauchyBackward0", describe_target, cor_cauchy_options_describe);
DRAW_OP(exponential, "ExponentialBackward0", describe_target, cor_exponential_options_describe);
DRAW_OP(random, "RandomBackward0", random_check, cor_random_options_describe);
DRAW_OP(bernoulli, "BernoulliBackward2", describe_target, NULL);
DRAW_OP(geometric, "GeometricBackward0", describe_target, NULL);

/* ---- bernoulli_ with a tensor of probabilities ------------------------------------------------------------------ */

/* The probabilities, which have t's sizes, in the order of t's memory and apart from it. */
static cor_tensor *in_order_of(const cor_tensor *t, const cor_tensor *p) {
    int order[COR_MAX_DIMS];
    order_of_memory(t, order);
    cor_tensor *window = reordered(p, order);
    cor_tensor *copy = window == NULL ? NULL : cor__empty(p->dtype, window->sizes, window->ndim);
    if (copy != NULL && cor__copy(copy, window) != COR_OK) {
        cor__release(copy);
        copy = NULL;
    }
    cor__release(window);
    return copy;
}

typedef struct chances {
    const cor_tensor *p; /* contiguous, in the order of the fill */
    cor_generator *generator;
} chances;

static int draw_each(const target *t, const void *options) {
    const chances *o = options;
    return cor__random_bernoulli_each(o->generator, t->out, t->n, t->dtype, cor__data(o->p), o->p->dtype);
}

static int bernoulli_tensor_forward(cor__call *call) {
    const chance *given = call->options;
    cor_tensor *t = call->outputs[0], *p = in_order_of(t, call->inputs[1]);
    if (p == NULL) return cor_error();
    int code = fill(t, draw_each, &(chances){.p = p, .generator = given->generator});
    cor__release(p);
    return code;
}

const cor__op cor__op_bernoulli_tensor = {.name = "bernoulli",
                                          .grad_fn = "BernoulliBackward1",
                                          .check = describe_target,
                                          .forward = bernoulli_tensor_forward,
                                          .backward = cor__zero_backward};

/* ---- in place --------------------------------------------------------------------------------------------------- */

static bool generator_given(const cor_generator *generator, const char *name) {
    if (generator != NULL) return true;
    cor__fail(COR_EVALUE, "%s: the generator is NULL, a failed or missing generator", name);
    return false;
}

/* The call of a draw whose options are a struct of their own, with the generator at an offset. */
static cor_tensor *draw_in_place(const cor__op *op, cor_tensor *t, const void *options, size_t size, size_t offset) {
    cor_generator *generator;
    if (cor_error() != COR_OK || cor__check_options(options, size, op->name) != COR_OK) return NULL;
    memcpy(&generator, (const char *)options + offset, sizeof generator);
    return generator_given(generator, op->name) ? cor__apply_in_place(op, &t, 1, options) : NULL;
}

cor_tensor *cor_uniform_with_(cor_tensor *t, const cor_uniform_options *options) {
    cor_uniform_options room;
    options = cor_uniform_options_or_defaults(options, &room);
    return draw_in_place(&cor__op_uniform, t, options, sizeof *options, offsetof(cor_uniform_options, generator));
}

cor_tensor *cor_normal_with_(cor_tensor *t, const cor_normal_options *options) {
    cor_normal_options room;
    options = cor_normal_options_or_defaults(options, &room);
    return draw_in_place(&cor__op_normal, t, options, sizeof *options, offsetof(cor_normal_options, generator));
}

cor_tensor *cor_log_normal_with_(cor_tensor *t, const cor_log_normal_options *options) {
    cor_log_normal_options room;
    options = cor_log_normal_options_or_defaults(options, &room);
    return draw_in_place(&cor__op_log_normal, t, options, sizeof *options, offsetof(cor_log_normal_options, generator));
}

cor_tensor *cor_cauchy_with_(cor_tensor *t, const cor_cauchy_options *options) {
    cor_cauchy_options room;
    options = cor_cauchy_options_or_defaults(options, &room);
    return draw_in_place(&cor__op_cauchy, t, options, sizeof *options, offsetof(cor_cauchy_options, generator));
}

cor_tensor *cor_exponential_with_(cor_tensor *t, const cor_exponential_options *options) {
    cor_exponential_options room;
    options = cor_exponential_options_or_defaults(options, &room);
    return draw_in_place(&cor__op_exponential, t, options, sizeof *options,
                         offsetof(cor_exponential_options, generator));
}

cor_tensor *cor_random_with_(cor_tensor *t, const cor_random_options *options) {
    cor_random_options room;
    options = cor_random_options_or_defaults(options, &room);
    return draw_in_place(&cor__op_random, t, options, sizeof *options, offsetof(cor_random_options, generator));
}

static bool draw_generator(const cor_draw_options *options, const char *name, cor_generator **generator) {
    cor_draw_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, name) != COR_OK) return false;
    *generator = cor_draw_options_or_defaults(options, &room)->generator;
    return generator_given(*generator, name);
}

cor_tensor *cor_geometric_with_(cor_tensor *t, double p, const cor_draw_options *options) {
    chance given = {.p = p};
    if (!draw_generator(options, "geometric", &given.generator)) return NULL;
    return cor__apply_in_place(&cor__op_geometric, &t, 1, &given);
}

cor_tensor *cor_bernoulli_with_(cor_tensor *t, cor_operand p, const cor_draw_options *options) {
    chance given = {.p = p.kind == COR_OPERAND_DOUBLE ? p.number.real : (double)p.number.integer};
    if (!draw_generator(options, "bernoulli", &given.generator) || cor__check_kind(p) != COR_OK) return NULL;
    if (p.kind != COR_OPERAND_TENSOR) return cor__apply_in_place(&cor__op_bernoulli, &t, 1, &given);
    cor_scope();
    bool both = t != NULL && t != COR_NONE && p.tensor != NULL && p.tensor != COR_NONE;
    cor_tensor *inputs[] = {t, both ? cor_expand_to(p.tensor, t->sizes, t->ndim) : p.tensor};
    if (cor_error() != COR_OK) return NULL;
    return cor__apply_in_place(&cor__op_bernoulli_tensor, inputs, 2, &given);
}

/* ---- new tensors ------------------------------------------------------------------------------------------------ */

/* Fills a new tensor and gives it to the innermost scope; NULL stays NULL. */
static cor_tensor *drawn(cor_tensor *t, drawer draw, const void *options) {
    if (t == NULL) return NULL;
    if (fill(t, draw, options) == COR_OK) return cor__scope_add(t);
    cor__release(t);
    return NULL;
}

static cor_tensor *empty(cor_dtype dtype, const int64_t *sizes, int n) {
    return cor_error() == COR_OK ? cor__empty(dtype, sizes, n) : NULL;
}

static cor_tensor *drawn_uniform(cor_tensor *t) {
    cor_uniform_options options;
    cor_uniform_options_init(&options);
    return drawn(t, draw_uniform, &options);
}

static cor_tensor *drawn_normal(cor_tensor *t) {
    cor_normal_options options;
    cor_normal_options_init(&options);
    return drawn(t, draw_normal, &options);
}

static cor_tensor *drawn_integers(cor_tensor *t, int64_t low, int64_t high) {
    cor_random_options options;
    cor_random_options_init(&options);
    options.from = low;
    options.to = high;
    return drawn(t, draw_random, &options);
}

cor_tensor *cor_rand_sized(cor_dtype dtype, const int64_t *sizes, int n) {
    return drawn_uniform(empty(dtype, sizes, n));
}

cor_tensor *cor_randn_sized(cor_dtype dtype, const int64_t *sizes, int n) {
    return drawn_normal(empty(dtype, sizes, n));
}

cor_tensor *cor_randint_sized(cor_dtype dtype, int64_t low, int64_t high, const int64_t *sizes, int n) {
    return drawn_integers(empty(dtype, sizes, n), low, high);
}

cor_tensor *cor_rand_like_with(const cor_tensor *t, const cor_like_options *options) {
    return drawn_uniform(cor__like(t, options, "rand_like"));
}

cor_tensor *cor_randn_like_with(const cor_tensor *t, const cor_like_options *options) {
    return drawn_normal(cor__like(t, options, "randn_like"));
}

cor_tensor *cor_randint_like_with(const cor_tensor *t, int64_t low, int64_t high, const cor_like_options *options) {
    return drawn_integers(cor__like(t, options, "randint_like"), low, high);
}

static int draw_permutation(const target *t, const void *options) {
    const cor_randperm_options *o = options;
    return cor__random_permutation(o->generator, t->out, t->n, t->dtype);
}

cor_tensor *cor_randperm_with(int64_t n, const cor_randperm_options *options) {
    cor_randperm_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof *options, "randperm") != COR_OK) return NULL;
    options = cor_randperm_options_or_defaults(options, &room);
    if (!generator_given(options->generator, "randperm")) return NULL;
    return drawn(cor__empty(options->dtype, &n, 1), draw_permutation, options);
}
