/* optimizers.c: optimizers from the notation of the golden files. */
#include "support/optimizers.h"
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Sets field of o from the option of that name. */
#define REAL(field) o.field = golden_option_double(options, #field, o.field)
#define TRUTH(field) o.field = golden_option_bool(options, #field, o.field)
#define WHOLE(field) o.field = golden_option_int(options, #field, o.field)
#define BETAS                                                                                                          \
    o.betas[0] = golden_option_double(options, "beta1", o.betas[0]);                                                   \
    o.betas[1] = golden_option_double(options, "beta2", o.betas[1])

/* Defines make_NAME, which reads the options with the statements that follow. */
#define MAKE(name, ...)                                                                                                \
    static cor_optimizer *make_##name(cor_parameter_source parameters, const char *options) {                          \
        cor_##name##_options o;                                                                                        \
        cor_##name##_options_init(&o);                                                                                 \
        REAL(lr);                                                                                                      \
        __VA_ARGS__;                                                                                                   \
        return cor_##name##_with(parameters, &o);                                                                      \
    }

MAKE(sgd, REAL(momentum), REAL(dampening), REAL(weight_decay), TRUTH(nesterov), TRUTH(maximize))
MAKE(adam, REAL(eps), REAL(weight_decay), TRUTH(amsgrad), TRUTH(maximize), TRUTH(decoupled_weight_decay); BETAS)
MAKE(adamw, REAL(eps), REAL(weight_decay), TRUTH(amsgrad), TRUTH(maximize); BETAS)
MAKE(rmsprop, REAL(alpha), REAL(eps), REAL(weight_decay), REAL(momentum), TRUTH(centered), TRUTH(maximize))
MAKE(adagrad, REAL(lr_decay), REAL(weight_decay), REAL(initial_accumulator_value), REAL(eps), TRUTH(maximize))
MAKE(adadelta, REAL(rho), REAL(eps), REAL(weight_decay), TRUTH(maximize))
MAKE(nadam, REAL(eps), REAL(weight_decay), REAL(momentum_decay), TRUTH(decoupled_weight_decay), TRUTH(maximize); BETAS)
MAKE(adamax, REAL(eps), REAL(weight_decay), TRUTH(maximize); BETAS)
MAKE(radam, REAL(eps), REAL(weight_decay), TRUTH(decoupled_weight_decay), TRUTH(maximize); BETAS)

static cor_optimizer *make_lbfgs(cor_parameter_source parameters, const char *options) {
    cor_lbfgs_options o;
    golden_pair search;
    cor_lbfgs_options_init(&o);
    REAL(lr);
    WHOLE(max_iter);
    WHOLE(max_eval);
    WHOLE(history_size);
    if (golden_option(options, "line_search_fn", &search)) o.line_search_fn = search.value;
    return cor_lbfgs_with(parameters, &o);
}

cor_optimizer *optimizer_make(const char *name, cor_parameter_source parameters, const char *options) {
    static const struct {
        const char *name;
        cor_optimizer *(*make)(cor_parameter_source, const char *);
    } makers[] = {{"SGD", make_sgd},         {"Adam", make_adam},       {"AdamW", make_adamw},
                  {"RMSprop", make_rmsprop}, {"Adagrad", make_adagrad}, {"Adadelta", make_adadelta},
                  {"NAdam", make_nadam},     {"Adamax", make_adamax},   {"RAdam", make_radam},
                  {"LBFGS", make_lbfgs}};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (strcmp(makers[i].name, name) == 0) return makers[i].make(parameters, options);
    fail_msg("no optimizer %s", name);
    return NULL;
}
