/* activation.c: the activation layers, one row each: the name, the function, and what its text shows. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <corrie/activation.h>
#include <corrie/math.h>
#include <corrie/softmax.h>

COR__DEFINE_OPTIONS(cor_nn_activation_options, COR_NN_ACTIVATION_OPTIONS)

typedef struct activation {
    cor_module base;
    cor_tensor *weight; /* of PReLU */
    cor_nn_activation_kind kind;
    cor_nn_activation_options o;
} activation;

typedef cor_tensor *(*unary)(cor_tensor *t);

static unary chosen(const activation *self, unary plain, unary in_place) {
    return self->o.inplace && in_place != NULL ? in_place : plain;
}

/* ---- forwards of those that have numbers ------------------------------------------------------------------------ */

static cor_tensor *leaky_relu(const activation *a, cor_tensor *x) {
    return a->o.inplace ? cor_leaky_relu_(x, .negative_slope = a->o.negative_slope)
                        : cor_leaky_relu(x, .negative_slope = a->o.negative_slope);
}
static cor_tensor *elu(const activation *a, cor_tensor *x) {
    return a->o.inplace ? cor_elu_(x, .alpha = a->o.alpha) : cor_elu(x, .alpha = a->o.alpha);
}
static cor_tensor *celu(const activation *a, cor_tensor *x) {
    return a->o.inplace ? cor_celu_(x, .alpha = a->o.alpha) : cor_celu(x, .alpha = a->o.alpha);
}
static cor_tensor *gelu(const activation *a, cor_tensor *x) { return cor_gelu(x, .tanh = a->o.tanh); }
static cor_tensor *softplus(const activation *a, cor_tensor *x) {
    return cor_softplus(x, .beta = a->o.beta, .threshold = a->o.threshold);
}
static cor_tensor *hardtanh(const activation *a, cor_tensor *x) {
    return a->o.inplace ? cor_hardtanh_(x, .min_val = a->o.min_val, .max_val = a->o.max_val)
                        : cor_hardtanh(x, .min_val = a->o.min_val, .max_val = a->o.max_val);
}
static cor_tensor *hardshrink(const activation *a, cor_tensor *x) { return cor_hardshrink(x, .lambd = a->o.lambd); }
static cor_tensor *softshrink(const activation *a, cor_tensor *x) { return cor_softshrink(x, .lambd = a->o.lambd); }
static cor_tensor *threshold(const activation *a, cor_tensor *x) {
    return a->o.inplace ? cor_threshold_(x, a->o.threshold, a->o.value) : cor_threshold(x, a->o.threshold, a->o.value);
}
static cor_tensor *glu(const activation *a, cor_tensor *x) { return cor_glu(x, .dim = a->o.dim); }

/* Without a dim PyTorch's functions choose one by the number of dimensions (_get_softmax_dim). */
static int64_t softmax_dim(const activation *a, const cor_tensor *x) {
    if (a->o.dim != COR_UNSET || x == NULL || x == COR_NONE) return a->o.dim;
    return cor_dim(x) == 0 || cor_dim(x) == 1 || cor_dim(x) == 3 ? 0 : 1;
}
static cor_tensor *softmax(const activation *a, cor_tensor *x) { return cor_softmax(x, softmax_dim(a, x)); }
static cor_tensor *log_softmax(const activation *a, cor_tensor *x) { return cor_log_softmax(x, softmax_dim(a, x)); }
static cor_tensor *softmin(const activation *a, cor_tensor *x) { return cor_softmin(x, softmax_dim(a, x)); }
static cor_tensor *softmax2d(const activation *a, cor_tensor *x) {
    (void)a;
    if (x != NULL && x != COR_NONE && cor_dim(x) != 3 && cor_dim(x) != 4)
        return cor__fail_null(COR_ESHAPE, "Softmax2d: expected input to be 3D or 4D, got %dD instead", cor_dim(x));
    return cor_softmax(x, -3);
}
static cor_tensor *prelu(const activation *a, cor_tensor *x) { return cor_prelu(x, a->weight); }
static cor_tensor *rrelu(const activation *a, cor_tensor *x) {
    const bool training = cor_is_training(&a->base);
    return a->o.inplace ? cor_rrelu_(x, .lower = a->o.lower, .upper = a->o.upper, .training = training)
                        : cor_rrelu(x, .lower = a->o.lower, .upper = a->o.upper, .training = training);
}

/* ---- the rows --------------------------------------------------------------------------------------------------- */

/* What the text shows: options by name, and whether "inplace=True" may follow. */
enum { SHOW_INPLACE = 1, SHOW_BARE = 2 /* the number without its name */ };

typedef struct row {
    const char *name;
    cor_tensor *(*apply)(const activation *a, cor_tensor *x);
    unary plain, in_place; /* of those without numbers */
    unsigned show;
    struct {
        const char *name;
        size_t offset; /* of a double in the options */
    } numbers[2];
} row;

#define NUMBER(field)                                                                                                  \
    { #field, offsetof(cor_nn_activation_options, field) }

static const row rows[COR_NN_ACTIVATIONS] = {
    [COR_NN_RELU] = {"ReLU", NULL, cor_relu, cor_relu_, SHOW_INPLACE, {{0}}},
    [COR_NN_RELU6] = {"ReLU6", NULL, cor_relu6, cor_relu6_, SHOW_INPLACE, {{0}}},
    [COR_NN_LEAKY_RELU] = {"LeakyReLU", leaky_relu, NULL, NULL, SHOW_INPLACE, {NUMBER(negative_slope)}},
    [COR_NN_ELU] = {"ELU", elu, NULL, NULL, SHOW_INPLACE, {NUMBER(alpha)}},
    [COR_NN_CELU] = {"CELU", celu, NULL, NULL, SHOW_INPLACE, {NUMBER(alpha)}},
    [COR_NN_SELU] = {"SELU", NULL, cor_selu, cor_selu_, SHOW_INPLACE, {{0}}},
    [COR_NN_GELU] = {"GELU", gelu, NULL, NULL, 0, {{0}}},
    [COR_NN_SILU] = {"SiLU", NULL, cor_silu, cor_silu_, SHOW_INPLACE, {{0}}},
    [COR_NN_MISH] = {"Mish", NULL, cor_mish, cor_mish_, SHOW_INPLACE, {{0}}},
    [COR_NN_SIGMOID] = {"Sigmoid", NULL, cor_sigmoid, NULL, 0, {{0}}},
    [COR_NN_TANH] = {"Tanh", NULL, cor_tanh, NULL, 0, {{0}}},
    [COR_NN_SOFTPLUS] = {"Softplus", softplus, NULL, NULL, 0, {NUMBER(beta), NUMBER(threshold)}},
    [COR_NN_SOFTSIGN] = {"Softsign", NULL, cor_softsign, NULL, 0, {{0}}},
    [COR_NN_HARDTANH] = {"Hardtanh", hardtanh, NULL, NULL, SHOW_INPLACE, {NUMBER(min_val), NUMBER(max_val)}},
    [COR_NN_HARDSWISH] = {"Hardswish", NULL, cor_hardswish, cor_hardswish_, 0, {{0}}},
    [COR_NN_HARDSIGMOID] = {"Hardsigmoid", NULL, cor_hardsigmoid, cor_hardsigmoid_, 0, {{0}}},
    [COR_NN_HARDSHRINK] = {"Hardshrink", hardshrink, NULL, NULL, SHOW_BARE, {NUMBER(lambd)}},
    [COR_NN_SOFTSHRINK] = {"Softshrink", softshrink, NULL, NULL, SHOW_BARE, {NUMBER(lambd)}},
    [COR_NN_TANHSHRINK] = {"Tanhshrink", NULL, cor_tanhshrink, NULL, 0, {{0}}},
    [COR_NN_THRESHOLD] = {"Threshold", threshold, NULL, NULL, SHOW_INPLACE, {NUMBER(threshold), NUMBER(value)}},
    [COR_NN_LOGSIGMOID] = {"LogSigmoid", NULL, cor_logsigmoid, NULL, 0, {{0}}},
    [COR_NN_GLU] = {"GLU", glu, NULL, NULL, 0, {{0}}},
    [COR_NN_SOFTMAX] = {"Softmax", softmax, NULL, NULL, 0, {{0}}},
    [COR_NN_LOG_SOFTMAX] = {"LogSoftmax", log_softmax, NULL, NULL, 0, {{0}}},
    [COR_NN_SOFTMIN] = {"Softmin", softmin, NULL, NULL, 0, {{0}}},
    [COR_NN_SOFTMAX2D] = {"Softmax2d", softmax2d, NULL, NULL, 0, {{0}}},
    [COR_NN_PRELU] = {"PReLU", prelu, NULL, NULL, 0, {{0}}},
    [COR_NN_RRELU] = {"RReLU", rrelu, NULL, NULL, SHOW_INPLACE, {NUMBER(lower), NUMBER(upper)}},
};

static bool has_dim(cor_nn_activation_kind kind) { return kind >= COR_NN_GLU && kind <= COR_NN_SOFTMIN; }

static cor_tensor *activation_forward(cor_module *m, cor_tensor *input) {
    const activation *self = (const activation *)m;
    const row *r = &rows[self->kind];
    return r->apply != NULL ? r->apply(self, input) : chosen(self, r->plain, r->in_place)(input);
}

static void show(cor__text *text, const char *name) {
    cor__text_format(text, "%s%s=", text->length > 0 ? ", " : "", name);
}

static int activation_extra(cor_module *m, char *buffer, size_t n) {
    const activation *self = (const activation *)m;
    const row *r = &rows[self->kind];
    cor__text text = {0};
    for (int i = 0; i < 2 && r->numbers[i].name != NULL; i++) {
        if (!(r->show & SHOW_BARE)) show(&text, r->numbers[i].name);
        cor__text_double(&text, *(const double *)(const void *)((const char *)&self->o + r->numbers[i].offset));
    }
    if (self->kind == COR_NN_GELU) cor__text_format(&text, "approximate='%s'", self->o.tanh ? "tanh" : "none");
    if (self->kind == COR_NN_PRELU) cor__text_format(&text, "num_parameters=%lld", (long long)self->o.num_parameters);
    if (has_dim(self->kind) && self->o.dim == COR_UNSET) cor__text_append(&text, "dim=None");
    else if (has_dim(self->kind)) cor__text_format(&text, "dim=%lld", (long long)self->o.dim);
    if ((r->show & SHOW_INPLACE) && self->o.inplace) {
        show(&text, "inplace");
        cor__text_append(&text, "True");
    }
    return cor__extra_end(&text, buffer, n);
}

static void activation_init(cor_module *m) {
    activation *self = (activation *)m;
    const activation *given = cor_module_arguments(m);
    self->kind = given->kind;
    self->o = given->o;
    if (self->kind != COR_NN_PRELU) return;
    cor_set_parameter(m, activation, weight, cor__new_parameter(&self->o.num_parameters, 1));
    cor__init_constant(self->weight, self->o.init);
}

static cor_module *refuse_range(const cor_nn_activation_options *o) {
    cor__text text = {0};
    cor__text_append(&text, "max_val (");
    cor__text_double(&text, o->max_val);
    cor__text_append(&text, ") must be greater than min_val (");
    cor__text_double(&text, o->min_val);
    if (!text.failed) cor__fail(COR_EVALUE, "%s)", text.data);
    cor__text_free(&text);
    return NULL;
}

cor_module *cor_nn_activation_with(cor_nn_activation_kind kind, const cor_nn_activation_options *options) {
    if (cor_error() != COR_OK) return NULL;
    if ((unsigned)kind >= COR_NN_ACTIVATIONS) return cor__fail_null(COR_EVALUE, "%d is no activation", (int)kind);
    activation given = {.kind = kind};
    if (cor__check_options(options, sizeof *options, rows[kind].name) != COR_OK) return NULL;
    given.o = *cor_nn_activation_options_or_defaults(options, &given.o);
    if (kind == COR_NN_HARDTANH && !(given.o.max_val > given.o.min_val)) return refuse_range(&given.o);
    return cor__layer_new(sizeof given, rows[kind].name, activation_forward, activation_init, &given, activation_extra);
}
