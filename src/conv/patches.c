/* patches.c: convolution by its definition with channels in lanes: the taps of every output side by side in one row
 * (im2row, a band at a time), multiplied by the weights. It has no condition on the size of the maps, of which narrow
 * ones leave lanes of pixels empty. */
#include "conv/lanes.h"

static const char *refuses(const cor__conv_problem *p) {
    cor__lanes_plan x;
    return cor__lanes_plan_patches(&x, p);
}

static const char *yields(const cor__conv_problem *p) {
    enum { LEAST_CHANNELS = 12 };
    cor__lanes_plan x;
    const char *reason = cor__lanes_plan_patches(&x, p);
    if (reason != NULL) return reason;
    if (x.shared == 0 && (x.channels < LEAST_CHANNELS || x.outputs < LEAST_CHANNELS))
        return "it has fewer than 12 channels";
    return cor__lanes_cost(&x) < cor__lanes_direct_cost(&x) ? NULL : "pixels in lanes cost less";
}

static int64_t prepared(const cor__conv_problem *p) { return cor__lanes_prepared(cor__lanes_plan_patches, p); }

static bool prepares(const cor__conv_problem *p) { return (void)p, true; }

static int prepare(const cor__conv_problem *p, const void *weight, int threads, void *to) {
    return cor__lanes_prepare(cor__lanes_plan_patches, p, weight, threads, to);
}

static int64_t workspace(const cor__conv_problem *p, int threads) {
    return cor__lanes_workspace(cor__lanes_plan_patches, p, threads);
}

static int run(const cor__conv_problem *p, const cor__conv_operands *operands, int threads, void *memory) {
    bool finite; /* is no matter to the definition */
    return cor__lanes_run(cor__lanes_plan_patches, p, operands, threads, memory, &finite);
}

const cor__conv_implementation cor__conv_patches = {.name = "patches",
                                                    .refuses = refuses,
                                                    .yields = yields,
                                                    .prepared = prepared,
                                                    .prepares = prepares,
                                                    .prepare = prepare,
                                                    .workspace = workspace,
                                                    .run = run};
