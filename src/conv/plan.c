/* plan.c: choosing an implementation and running it. */
#include "conv/plan.h"
#include "base/env.h"
#include "base/error.h"
#include "base/memory.h"
#include "conv/weights.h"
#include "kernels/kernels.h"
#include <stdatomic.h>
#include <string.h>

static const cor__conv_implementation *const implementations[] = {
    &cor__conv_small,  &cor__conv_planes,  &cor__conv_channels, &cor__conv_depthwise, &cor__conv_winograd,
    &cor__conv_floats, &cor__conv_patches, &cor__conv_direct,   &cor__conv_reference};
enum { IMPLEMENTATIONS = sizeof implementations / sizeof implementations[0] };

/* Index of the implementation to put first, those of weights' gradients behind the others; NONE, or UNREAD before
 * CORRIE_CONV was looked at. */
enum { NONE = -2, UNREAD = -3, UNKNOWN = -4 };
static _Atomic int forced = UNREAD;

static int find(const char *name) {
    for (int i = 0; i < IMPLEMENTATIONS; i++)
        if (strcmp(implementations[i]->name, name) == 0) return i;
    for (int i = 0; cor__conv_weights_name(i) != NULL; i++)
        if (strcmp(cor__conv_weights_name(i), name) == 0) return IMPLEMENTATIONS + i;
    return UNKNOWN;
}

int cor__conv_force(const char *name) {
    const int index = name == NULL ? NONE : find(name);
    if (index == UNKNOWN) return cor__fail(COR_EVALUE, "there is no convolution named \"%s\"", name);
    atomic_store_explicit(&forced, index, memory_order_relaxed);
    return COR_OK;
}

static int forced_index(void) {
    int index = atomic_load_explicit(&forced, memory_order_relaxed);
    if (index != UNREAD) return index;
    const char *name = cor__env_text("CORRIE_CONV");
    index = name == NULL ? NONE : find(name);
    if (index == UNKNOWN) {
        if (cor__verbose(COR__VERBOSE_PLAN)) cor__say(COR__VERBOSE_PLAN, "CORRIE_CONV=%s names no convolution", name);
        index = NONE;
    }
    atomic_store_explicit(&forced, index, memory_order_relaxed);
    return index;
}

const char *cor__conv_forced(void) {
    const int index = forced_index();
    if (index == NONE) return NULL;
    return index < IMPLEMENTATIONS ? implementations[index]->name : cor__conv_weights_name(index - IMPLEMENTATIONS);
}

const cor__conv_implementation *cor__conv_plan(const cor__conv_problem *problem) {
    const int first = forced_index() < IMPLEMENTATIONS ? forced_index() : NONE;
    const bool verbose = cor__verbose(COR__VERBOSE_PLAN);
    char text[COR__CONV_TEXT];
    if (verbose) cor__conv_print(text, problem);
    for (int i = first == NONE ? 0 : -1; i < IMPLEMENTATIONS; i++) {
        if (i == first) continue; /* it was the first to be asked */
        const cor__conv_implementation *way = implementations[i < 0 ? first : i];
        const char *reason = way->refuses(problem);
        if (reason == NULL && i >= 0 && way->yields != NULL) reason = way->yields(problem);
        if (verbose && reason == NULL) cor__say(COR__VERBOSE_PLAN, "%s: %s", text, way->name);
        if (verbose && reason != NULL) cor__say(COR__VERBOSE_PLAN, "%s: not %s: %s", text, way->name, reason);
        if (reason == NULL) return way;
    }
    return &cor__conv_reference;
}

/* ---- prepared weights ------------------------------------------------------------------------------------------- */

/* All that a prepared form depends on. Without padding bytes, so that keys can be compared as bytes. */
typedef struct form_key {
    const void *way, *kernels, *weight;
    int64_t bytes; /* forms of different sizes are different forms of one way */
    int64_t dtype, transposed, groups, c, o;
    int64_t kernel[COR__CONV_AXES], stride[COR__CONV_AXES], padding[COR__CONV_AXES], dilation[COR__CONV_AXES];
} form_key;

static void key_of(const cor__conv_problem *p, const cor__conv_implementation *way, const void *weight, int64_t bytes,
                   unsigned char key[COR__DERIVED_KEY]) {
    form_key f = {way, cor__kernels_now(), weight, bytes, p->dtype, p->transposed, p->groups, p->c, p->o, {0}, {0}, {0},
                  {0}};
    _Static_assert(sizeof f <= COR__DERIVED_KEY, "the key holds it");
    for (int i = 0; i < COR__CONV_AXES; i++) {
        f.kernel[i] = p->kernel[i];
        if (!p->transposed) continue;
        f.stride[i] = p->stride[i], f.padding[i] = p->padding[i], f.dilation[i] = p->dilation[i];
    }
    memset(key, 0, COR__DERIVED_KEY);
    memcpy(key, &f, sizeof f);
}

/* Returns the weight in the form that suits the way, a reference: kept, or made now. NULL when it does without, or with
 * an error pending. */
static cor__derived *prepare(const cor__conv_problem *problem, const cor__conv_implementation *way, const void *weight,
                             int threads, cor__storage *storage) {
    if (way->prepared == NULL) return NULL;
    const cor__keeping keeping = cor__derived_asked(storage);
    if (keeping != COR__KEEP_AGAIN && !way->prepares(problem)) return NULL;
    const int64_t bytes = way->prepared(problem);
    if (bytes < 0) return cor__fail_null(COR_ELIMIT, "the weights of a convolution are more than can be addressed");
    if (bytes == 0) return NULL; /* there are no weights to read */
    unsigned char key[COR__DERIVED_KEY];
    key_of(problem, way, weight, bytes, key);
    cor__derived *made = keeping == COR__KEEP_AGAIN ? cor__derived_find(storage, key) : NULL;
    if (made != NULL) return made;
    made = cor__derived_new(storage, key, bytes);
    if (made == NULL) return NULL;
    if (way->prepare(problem, weight, threads, made->data) != COR_OK) {
        cor__release(made);
        return NULL;
    }
    if (keeping != COR__KEEP_NOTHING) cor__derived_keep(storage, made);
    return made;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

static int run_on(const cor__conv_problem *problem, const cor__conv_implementation *way,
                  const cor__conv_operands *operands, int threads) {
    const int64_t bytes = way->workspace(problem, threads);
    if (bytes < 0) return cor__fail(COR_ELIMIT, "the workspace of a convolution is more than can be addressed");
    void *workspace = cor__alloc((size_t)bytes, "the workspace of a convolution");
    if (workspace == NULL) return cor_error();
    const int status = way->run(problem, operands, threads, workspace);
    cor__free(workspace, (size_t)bytes);
    return status;
}

/* Runs the convolution without its bias, which the epilogue adds after the scale. */
static int run_scaled(const cor__conv_implementation *way, const cor__conv_problem *problem,
                      const cor__conv_operands *operands) {
    cor__conv_problem sums = *problem;
    cor__conv_operands all = *operands;
    cor__conv_epilogue epilogue = *operands->epilogue;
    sums.bias = false;
    epilogue.shift = operands->bias;
    all.bias = NULL;
    all.epilogue = &epilogue;
    return cor__conv_run_by(way, &sums, &all);
}

int cor__conv_run_by(const cor__conv_implementation *way, const cor__conv_problem *problem,
                     const cor__conv_operands *operands) {
    if (operands->epilogue != NULL && problem->epilogue.scaled && problem->bias)
        return run_scaled(way, problem, operands);
    if (way->workspace == NULL) return way->run(problem, operands, 1, NULL);
    const int threads = cor_num_threads();
    if (operands->prepared != NULL) return run_on(problem, way, operands, threads);
    cor__derived *form = prepare(problem, way, operands->weight, threads, operands->storage);
    if (form == NULL && cor_error() != COR_OK) return cor_error();
    cor__conv_operands all = *operands;
    all.prepared = form != NULL ? form->data : NULL;
    const int status = run_on(problem, way, &all, threads);
    cor__release(form);
    return status;
}

int cor__conv_run_kept(const cor__conv_problem *problem, const void *input, const void *weight, const void *bias,
                       void *output, cor__storage *storage) {
    const cor__conv_operands operands = {input, weight, bias, output, NULL, storage, NULL};
    return cor__conv_run_by(cor__conv_plan(problem), problem, &operands);
}

int cor__conv_run_fused(const cor__conv_problem *problem, const cor__conv_operands *operands) {
    return cor__conv_run_by(cor__conv_plan(problem), problem, operands);
}

int cor__conv_run(const cor__conv_problem *problem, const void *input, const void *weight, const void *bias,
                  void *output) {
    return cor__conv_run_kept(problem, input, weight, bias, output, NULL);
}
