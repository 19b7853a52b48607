/* layer.c: what the library's layers share: their texts and their first values. */
#include "nn/layer.h"
#include "base/error.h"
#include "base/sizes.h"
#include "tensor/iterate.h"
#include <corrie/creation.h>
#include <math.h>
#include <string.h>

cor_module *cor__layer_new(size_t size, const char *name, cor_forward forward, cor_module_function init,
                           const void *arguments, cor_extra_repr extra) {
    cor_module_options o;
    cor_module_options_init(&o);
    o.init = init;
    o.arguments = arguments;
    o.extra_repr = extra;
    return cor_module_new_with(size, name, forward, &o);
}

cor_module *cor__layer_new_n(size_t size, const char *name, cor_forward_n forward, cor_module_function init,
                             const void *arguments, cor_extra_repr extra) {
    cor_module_options o;
    cor_module_options_init(&o);
    o.forward_n = forward;
    o.init = init;
    o.arguments = arguments;
    o.extra_repr = extra;
    return cor_module_new_with(size, name, NULL, &o);
}

int cor__extra_end(cor__text *text, char *buffer, size_t n) {
    int length = (int)text->length;
    if (n > 0) cor__format(buffer, n, "%s", text->data == NULL ? "" : text->data);
    cor__text_free(text);
    return length;
}

void cor__extra_sizes(cor__text *text, const int64_t *values, int n, bool as_tuple) {
    if (as_tuple) cor__text_tuple(text, values, n);
    else cor__text_format(text, "%lld", (long long)values[0]);
}

bool cor__layer_sizes(int64_t plain, const int64_t *plural, int n, int64_t *values) {
    bool given = plural[0] != COR_UNSET;
    for (int i = 0; i < n; i++) values[i] = given ? plural[i] : plain;
    return given;
}

cor_tensor *cor__new_parameter(const int64_t *sizes, int n) {
    return cor_parameter(cor_empty_sized(COR_FLOAT32, sizes, n));
}

int cor__init_constant(cor_tensor *t, double value) {
    if (t == NULL) return cor_error();
    return cor__fill(t, (cor_operand){.kind = COR_OPERAND_DOUBLE, .number.real = value});
}

static int uniform(cor_tensor *t, double bound) {
    cor_no_grad();
    return cor_uniform_(t, .from = -bound, .to = bound) == NULL ? cor_error() : COR_OK;
}

/* The bounds are evaluated in PyTorch's order: another order gives other last bits. */
int cor__init_layer(cor_tensor *weight, cor_tensor *bias) {
    if (weight == NULL || bias == NULL) return cor_error();
    int64_t fan_in = 1;
    for (int i = 1; i < weight->ndim; i++) fan_in *= weight->sizes[i];
    double a = sqrt(5), gain = sqrt(2 / (1 + a * a)), std = gain / sqrt((double)fan_in);
    if (weight->numel > 0 && uniform(weight, sqrt(3) * std) != COR_OK) return cor_error();
    if (bias == COR_NONE || bias->numel == 0) return COR_OK;
    if (fan_in == 0) return weight->ndim == 2 ? uniform(bias, 0) : COR_OK; /* Linear draws, convolutions do not */
    return uniform(bias, 1 / sqrt((double)fan_in));
}
