/* optimizers.h: optimizers from the notation of the golden files. */
#ifndef COR_TESTS_OPTIMIZERS_H
#define COR_TESTS_OPTIMIZERS_H

#include <corrie.h>

/* An optimizer of torch.optim's class `name` ("SGD") with options "lr=0.1 momentum=0.9" (betas: beta1, beta2; NULL: the
 * defaults). NULL with an error pending; fails the test for another name. */
cor_optimizer *optimizer_make(const char *name, cor_parameter_source parameters, const char *options);

#endif
