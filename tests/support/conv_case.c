/* conv_case.c: random convolutions with their data. */
#include "support/conv_case.h"
#include "conv/check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = COR__CONV_AXES };

uint64_t random_bits(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int64_t random_in(uint64_t *state, int64_t low, int64_t high) {
    return low + (int64_t)(random_bits(state) % (uint64_t)(high - low + 1));
}

double random_normal(uint64_t *state) {
    double sum = 0;
    for (int i = 0; i < 12; i++) sum += (double)(random_bits(state) >> 11) * 0x1p-53;
    return sum - 6;
}

int64_t number_from(const char *variable, int64_t fallback) {
    const char *text = getenv(variable);
    return text != NULL ? strtoll(text, NULL, 10) : fallback;
}

/* The strides of an input of these sizes: contiguous, channels last, any order with gaps, or expanded. */
static void random_strides(uint64_t *state, const int64_t *sizes, int n, int64_t *strides) {
    int order[2 + AXES];
    for (int i = 0; i < n; i++) order[i] = i;
    const int64_t kind = random_in(state, 0, 5);
    if (kind == 1)
        for (int i = 1; i < n; i++) order[i] = i + 1 < n ? i + 1 : 1;
    if (kind >= 4)
        for (int i = n - 1; i > 0; i--) {
            const int64_t j = random_in(state, 0, i);
            const int other = order[j];
            order[j] = order[i];
            order[i] = other;
        }
    int64_t stride = kind == 5 ? random_in(state, 1, 3) : 1;
    for (int i = n - 1; i >= 0; i--) {
        strides[order[i]] = stride;
        stride *= sizes[order[i]];
        if (kind == 5) stride += random_in(state, 0, 5);
    }
    if (kind == 3 && random_in(state, 0, 3) == 0) strides[random_in(state, 0, n - 1)] = 0;
}

static int64_t small(uint64_t *state, int64_t usual, int64_t most) {
    return random_in(state, 1, random_in(state, 0, 3) == 0 ? most : usual);
}

/* One random call; false when PyTorch would refuse it or it is too large. */
static bool try_problem(uint64_t *state, cor_dtype dtype, int64_t most, bool depthwise, cor__conv_problem *problem) {
    const bool transposed = random_in(state, 0, 2) == 0;
    const int spatial = (int)random_in(state, 1, 3), n = spatial + 2;
    const int64_t some = random_in(state, 0, 2) == 0 ? random_in(state, 2, 4) : 1, n_images = small(state, 2, 5);
    const int64_t groups = depthwise ? small(state, 5, 40) : some;
    const int64_t c = groups * (depthwise ? 1 : small(state, 4, 17)), o = groups * small(state, depthwise ? 1 : 8, 20);
    int64_t input[2 + AXES] = {n_images, c}, weight[2 + AXES] = {transposed ? c : o, (transposed ? o : c) / groups};
    int64_t stride[AXES], padding[AXES], dilation[AXES], extra[AXES], strides[2 + AXES];
    const bool narrow = random_in(state, 0, 3) == 0;
    for (int axis = 0; axis < spatial; axis++) {
        input[2 + axis] = small(state, 20, spatial == 1 ? 300 : narrow ? 9 : 40);
        weight[2 + axis] = small(state, 3, depthwise ? 9 : 6);
        stride[axis] = depthwise && transposed && spatial - axis > 2 ? 1 : small(state, 2, 4);
        dilation[axis] = small(state, 1, 9);
        padding[axis] = random_in(state, 0, 3) * (random_in(state, 0, 7) == 0 ? 4 : 1);
        if (axis == spatial - 1 && !transposed) { /* output widths of all remainders equally often */
            const int64_t extent = dilation[axis] * (weight[2 + axis] - 1) + 1;
            const int64_t width = depthwise && narrow ? random_in(state, 1, 5) : small(state, 16, 48);
            input[2 + axis] = (width - 1) * stride[axis] + extent - 2 * padding[axis];
            if (input[2 + axis] < 1) return false;
        }
        extra[axis] = random_in(state, 0, stride[axis] > dilation[axis] ? stride[axis] - 1 : dilation[axis] - 1);
    }
    random_strides(state, input, n, strides);
    bool same = !transposed && random_in(state, 0, 5) == 0;
    for (int axis = 0; axis < spatial; axis++) same = same && stride[axis] == 1;
    const int64_t bias[1] = {o};
    const cor__conv_call call = {.transposed = transposed,
                                 .spatial = spatial,
                                 .input = {input, n},
                                 .weight = {weight, n},
                                 .input_strides = strides,
                                 .has_bias = random_in(state, 0, 1) == 1,
                                 .bias = {bias, 1},
                                 .input_dtype = dtype,
                                 .weight_dtype = dtype,
                                 .bias_dtype = dtype,
                                 .stride = {stride, spatial},
                                 .padding = {padding, spatial},
                                 .dilation = {dilation, spatial},
                                 .output_padding = {extra, spatial},
                                 .padding_text = same ? "same" : NULL,
                                 .groups = groups};
    cor__conv_output output;
    if (cor__conv_check(&call, problem, &output) != COR_OK) {
        cor_error_clear();
        return false;
    }
    int64_t products = problem->n * problem->o * (c / groups);
    for (int axis = 0; axis < AXES; axis++) products *= problem->output[axis] * problem->kernel[axis];
    return products <= most;
}

cor__conv_problem random_problem(uint64_t *state, cor_dtype dtype, int64_t most) {
    cor__conv_problem problem;
    while (!try_problem(state, dtype, most, false, &problem)) {
    }
    return problem;
}

cor__conv_problem random_strided_transposed(uint64_t *state, cor_dtype dtype, int64_t most) {
    cor__conv_problem problem;
    do problem = random_problem(state, dtype, most);
    while (!problem.transposed || problem.stride[1] * problem.stride[2] == 1);
    return problem;
}

/* Groups of 4, 8 or 16 channels, at most `most` times 32 of them. */
static void give_groups(uint64_t *state, cor__conv_problem *p, int64_t most) {
    p->c = p->o = 32 * random_in(state, 1, most);
    p->groups = p->c / (4 << random_in(state, 0, 2));
}

/* Sets the output's size, and the input's strides of planes or of channels last; false when the problem is none. */
static bool set_output(uint64_t *state, cor__conv_problem *p) {
    for (int i = 0; i < COR__CONV_AXES; i++) {
        p->output[i] = cor__conv_output_size(p->transposed, p->input[i], p->kernel[i], p->stride[i], p->padding[i],
                                             p->padding[i], p->dilation[i], 0);
        if (p->output[i] <= 0 || p->input[i] <= 0) return false;
    }
    if (p->n == 0 || p->c == 0 || p->o == 0) return false;
    if (random_in(state, 0, 3) == 0) { /* channels last */
        const int64_t *s = p->input;
        const int64_t strides[5] = {s[0] * s[1] * s[2] * p->c, 1, s[1] * s[2] * p->c, s[2] * p->c, p->c};
        memcpy(p->input_strides, strides, sizeof strides);
    } else cor__conv_problem_contiguous(p);
    return cor__conv_problem_check(p) == COR_OK;
}

/* Makes the problem one of 3x3 kernels with a padding of 1, of a width that strides divide. */
static bool make_plane(uint64_t *state, int64_t most, cor__conv_problem *p) {
    const int64_t stride = p->transposed ? 1 : random_in(state, 1, 2);
    for (int i = 0; i < COR__CONV_AXES; i++) {
        p->kernel[i] = i == 0 ? 1 : 3;
        p->padding[i] = i == 0 ? 0 : 1;
        p->dilation[i] = 1;
        p->stride[i] = i == 0 ? 1 : stride;
        p->input[i] = i == 0 ? 1 : random_in(state, 1, 40);
    }
    p->input[2] *= stride;
    return p->n * p->o * p->input[1] * p->input[2] * 9 <= most && set_output(state, p);
}

cor__conv_problem random_depthwise(uint64_t *state, cor_dtype dtype, int64_t most) {
    const bool plane = random_in(state, 0, 2) == 0;
    for (;;) {
        cor__conv_problem p;
        if (try_problem(state, dtype, most, true, &p) && (!plane || make_plane(state, most, &p))) return p;
        cor_error_clear();
    }
}

/* A kernel and a stride of 2 that have a form. */
static void halve(uint64_t *state, cor__conv_problem *p) {
    p->kernel[1] = p->kernel[2] = random_in(state, 3, 4);
    for (int i = 1; i < COR__CONV_AXES; i++) {
        p->stride[i] = 2;
        p->dilation[i] = 1;
        if (p->transposed) p->padding[i] |= 1;
    }
}

/* A problem of any kind that the algorithm computes, made from a random one by giving it a kernel and a stride. */
static bool try_winograd(uint64_t *state, int64_t most, cor__conv_problem *p) {
    static const int64_t kernels[][2] = {{3, 3}, {3, 3}, {5, 5},  {1, 3}, {1, 5}, {1, 4},
                                         {3, 7}, {7, 6}, {1, 10}, {3, 1}, {5, 1}, {10, 1}};
    const int64_t *kernel = kernels[random_in(state, 0, 11)];
    const bool dilated = random_in(state, 0, 2) == 0;
    *p = random_problem(state, COR_FLOAT32, most);
    for (int i = 0; i < 2; i++) {
        p->kernel[1 + i] = kernel[i];
        p->stride[1 + i] = 1;
        p->dilation[1 + i] = dilated ? random_in(state, 1, 5) : 1;
        if (dilated) p->input[1 + i] += random_in(state, 0, 3) * p->dilation[1 + i];
    }
    if (p->transposed) p->stride[0] = 1;
    if (random_in(state, 0, 3) == 0) halve(state, p);
    if (random_in(state, 0, 2) == 0) p->c *= random_in(state, 2, 7);
    if (random_in(state, 0, 2) == 0) p->o *= random_in(state, 2, 7);
    if (random_in(state, 0, 1) == 0) give_groups(state, p, 1);
    return set_output(state, p) && cor__conv_winograd.refuses(p) == NULL;
}

cor__conv_problem random_grouped(uint64_t *state, int64_t most) {
    for (;;) {
        cor__conv_problem p = random_problem(state, COR_FLOAT32, most);
        give_groups(state, &p, 3);
        const bool one = p.transposed && random_in(state, 0, 1) > 0;
        for (int i = 0; i < COR__CONV_AXES && one; i++) p.stride[i] = 1;
        if (set_output(state, &p)) return p;
        cor_error_clear();
    }
}

cor__conv_problem random_flat(uint64_t *state, cor_dtype dtype, int64_t most) {
    for (;;) {
        cor__conv_problem p = random_problem(state, dtype, most);
        for (int i = 0; i < COR__CONV_AXES; i++) {
            p.kernel[i] = p.stride[i] = p.dilation[i] = 1;
            p.padding[i] = 0;
        }
        if (set_output(state, &p)) return p;
        cor_error_clear();
    }
}

cor__conv_problem random_winograd_problem(uint64_t *state, int64_t most) {
    cor__conv_problem p;
    while (!try_winograd(state, most, &p)) cor_error_clear();
    return p;
}

conv_spans spans_of(const cor__conv_problem *p) {
    const int64_t taps = p->kernel[0] * p->kernel[1] * p->kernel[2];
    conv_spans spans = {.input = 1 + (p->n - 1) * p->input_strides[0] + (p->c - 1) * p->input_strides[1],
                        .weight = p->c / p->groups * p->o * taps,
                        .bias = p->bias ? p->o : 0,
                        .output = p->n * p->o * p->output[0] * p->output[1] * p->output[2]};
    for (int axis = 0; axis < AXES; axis++) spans.input += (p->input[axis] - 1) * p->input_strides[2 + axis];
    return spans;
}

void fill_exact(uint64_t *state, void *data, cor_dtype dtype, int64_t n) {
    static const uint16_t halves[] = {0xc400, 0xc200, 0xc000, 0xbc00, 0, 0x3c00, 0x4000, 0x4200, 0x4400}; /* -4 to 4 */
    static const uint16_t bfloats[] = {0xc080, 0xc040, 0xc000, 0xbf80, 0, 0x3f80, 0x4000, 0x4040, 0x4080};
    for (int64_t i = 0; i < n; i++) {
        const uint64_t bits = random_bits(state);
        const int64_t small_value = (int64_t)(bits % 9);
        switch (dtype) {
        case COR_BOOL:
            ((uint8_t *)data)[i] = (uint8_t)(bits & 1);
            break;
        case COR_UINT8:
        case COR_INT8:
            ((uint8_t *)data)[i] = (uint8_t)bits;
            break;
        case COR_INT16:
            ((uint16_t *)data)[i] = (uint16_t)bits;
            break;
        case COR_INT32:
            ((uint32_t *)data)[i] = (uint32_t)bits;
            break;
        case COR_INT64:
            ((uint64_t *)data)[i] = bits;
            break;
        case COR_FLOAT16:
            ((uint16_t *)data)[i] = halves[small_value];
            break;
        case COR_BFLOAT16:
            ((uint16_t *)data)[i] = bfloats[small_value];
            break;
        case COR_FLOAT32:
            ((float *)data)[i] = (float)(small_value - 4);
            break;
        default:
            ((double *)data)[i] = (double)(small_value - 4);
            break;
        }
    }
}

void make_small(void *data, cor_dtype dtype, int64_t n, int bits) {
    const int64_t size = cor__conv_dtype_size(dtype), width = 8 * size, keep = dtype == COR_UINT8 ? bits : bits + 1;
    for (int64_t i = 0; i < n && keep < width; i++) {
        int64_t x = 0;
        memcpy(&x, (char *)data + i * size, (size_t)size);
        x = (int64_t)((uint64_t)x << (64 - keep));
        x = dtype == COR_UINT8 ? (int64_t)((uint64_t)x >> (64 - keep)) : x >> (64 - keep);
        memcpy((char *)data + i * size, &x, (size_t)size);
    }
}
