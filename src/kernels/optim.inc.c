/* optim.inc.c: the steps of optimizers for float32 and float64. */
#include "kernels/optim.h"
#include <math.h>

#define T float
#define NAME(rule) rule##_step_float
#define FMA fmaf
#define SQRT sqrtf
#define ABS fabsf
#include "kernels/optim_type.inc.c"
#undef T
#undef NAME
#undef FMA
#undef SQRT
#undef ABS

#define T double
#define NAME(rule) rule##_step_double
#define FMA fma
#define SQRT sqrt
#define ABS fabs
#include "kernels/optim_type.inc.c"
#undef T
#undef NAME
#undef FMA
#undef SQRT
#undef ABS

#define RULE(rule)                                                                                                     \
    { [COR_FLOAT32] = rule##_step_float, [COR_FLOAT64] = rule##_step_double }

static const cor__optim_kernels optim_kernels = {
    .step = {[COR__RULE_SGD] = RULE(sgd),
             [COR__RULE_SGD_MOMENTUM] = RULE(sgd_momentum),
             [COR__RULE_ADAM] = RULE(adam),
             [COR__RULE_ADAM_MAX] = RULE(adam_max),
             [COR__RULE_RMSPROP] = RULE(rmsprop),
             [COR__RULE_RMSPROP_MOMENTUM] = RULE(rmsprop_momentum),
             [COR__RULE_RMSPROP_CENTERED] = RULE(rmsprop_centered),
             [COR__RULE_RMSPROP_CENTERED_MOMENTUM] = RULE(rmsprop_centered_momentum),
             [COR__RULE_ADAGRAD] = RULE(adagrad),
             [COR__RULE_ADADELTA] = RULE(adadelta),
             [COR__RULE_NADAM] = RULE(nadam),
             [COR__RULE_ADAMAX] = RULE(adamax),
             [COR__RULE_RADAM] = RULE(radam)}};

#undef RULE
