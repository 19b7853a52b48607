/* weights.c: choosing how a weight's gradient is computed, and running it. */
#include "conv/weights.h"
#include "base/env.h"
#include "base/error.h"
#include "base/memory.h"
#include "conv/plan.h"
#include <string.h>

static const cor__weights_implementation *const implementations[] = {&cor__weights_depthwise, &cor__weights_winograd,
                                                                     &cor__weights_direct, &cor__weights_reference};
enum { IMPLEMENTATIONS = sizeof implementations / sizeof implementations[0], NONE = -1 };

const char *cor__conv_weights_name(int index) {
    return index >= 0 && index < IMPLEMENTATIONS ? implementations[index]->name : NULL;
}

static int forced_index(void) {
    const char *name = cor__conv_forced();
    for (int i = 0; name != NULL && i < IMPLEMENTATIONS; i++)
        if (strcmp(implementations[i]->name, name) == 0) return i;
    return NONE;
}

const cor__weights_implementation *cor__conv_weights_plan(const cor__conv_problem *problem) {
    const int first = forced_index();
    const bool verbose = cor__verbose(COR__VERBOSE_PLAN);
    char text[COR__CONV_TEXT];
    if (verbose) cor__conv_print(text, problem);
    for (int i = first == NONE ? 0 : -1; i < IMPLEMENTATIONS; i++) {
        if (i == first) continue; /* it was the first to be asked */
        const cor__weights_implementation *way = implementations[i < 0 ? first : i];
        const char *reason = way->refuses(problem);
        if (reason == NULL && i >= 0 && way->yields != NULL) reason = way->yields(problem);
        if (verbose && reason == NULL) cor__say(COR__VERBOSE_PLAN, "%s: weight's gradient: %s", text, way->name);
        if (verbose && reason != NULL)
            cor__say(COR__VERBOSE_PLAN, "%s: weight's gradient: not %s: %s", text, way->name, reason);
        if (reason == NULL) return way;
    }
    return &cor__weights_reference;
}

static int run_forward(const cor__conv_problem *problem, const cor__weights_operands *operands) {
    const cor__weights_implementation *way = cor__conv_weights_plan(problem);
    if (way->workspace == NULL) return way->run(problem, operands, 1, NULL);
    const int threads = cor_num_threads();
    const int64_t bytes = way->workspace(problem, threads);
    if (bytes < 0) return cor__fail(COR_ELIMIT, "the workspace of a convolution is more than can be addressed");
    void *workspace = cor__alloc((size_t)bytes, "the workspace of a convolution");
    if (workspace == NULL) return cor_error();
    const int status = way->run(problem, operands, threads, workspace);
    cor__free(workspace, (size_t)bytes);
    return status;
}

int cor__conv_weights_run(const cor__conv_problem *problem, const void *input, const void *grad_output,
                          void *grad_weight, void *grad_bias) {
    cor__conv_problem forward = *problem;
    cor__weights_operands operands = {input, grad_output, grad_weight};
    if (problem->transposed) {
        forward = cor__conv_problem_backward_data(problem);
        operands = (cor__weights_operands){grad_output, input, grad_weight};
    }
    forward.bias = false;
    const int64_t *kernel = forward.kernel, *output = forward.output;
    const int64_t weights = forward.o * (forward.c / forward.groups) * kernel[0] * kernel[1] * kernel[2];
    int status = COR_OK;
    if (weights > 0 && forward.n * output[0] * output[1] * output[2] > 0) status = run_forward(&forward, &operands);
    else if (weights > 0) memset(grad_weight, 0, (size_t)(weights * cor__conv_dtype_size(forward.dtype)));
    return status == COR_OK && grad_bias != NULL ? cor__conv_bias_run(problem, grad_output, grad_bias) : status;
}
