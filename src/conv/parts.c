/* parts.c: an axis of a convolution as forward ones. */
#include "conv/parts.h"
#include "base/sizes.h"

bool cor__conv_has_parts(const cor__conv_problem *p, int from) {
    if (!p->transposed) return true;
    for (int i = 0; i < COR__CONV_AXES; i++)
        if (p->stride[i] > (i < from ? 1 : COR__MOST_PARTS)) return false;
    return true;
}

/* The taps u that reach the outputs of remainder r: r + padding - u * dilation is a multiple of the stride. They come
 * from the last to the first, so that their input positions grow. */
static cor__conv_part turned_part(const cor__conv_problem *p, int axis, int64_t r) {
    const int64_t stride = p->stride[axis], dilation = p->dilation[axis], kernel = p->kernel[axis];
    cor__conv_part x = {.outputs = cor__max(cor__ceil_div(p->output[axis] - r, stride), 0)};
    int64_t least = 0, step = 1;
    while (step * dilation % stride != 0) step++;
    while (least < step && (r + p->padding[axis] - least * dilation) % stride != 0) least++;
    if (least == step || least >= kernel) return x;
    x.taps = (kernel - 1 - least) / step + 1;
    x.first = least + (x.taps - 1) * step;
    x.step = -step;
    x.offset = (r + p->padding[axis] - x.first * dilation) / stride;
    x.dilation = step * dilation / stride;
    return x;
}

void cor__conv_parts_of(cor__conv_parts *x, const cor__conv_problem *p, int axis) {
    x->count = p->transposed ? p->stride[axis] : 1;
    x->stride = p->transposed ? 1 : p->stride[axis];
    int64_t end = 0;
    x->lead = 0;
    bool any = false;
    for (int64_t r = 0; r < x->count; r++) {
        cor__conv_part *const part = &x->part[r];
        *part = p->transposed ? turned_part(p, axis, r) : (cor__conv_part){p->output[axis],   p->kernel[axis],  0, 1,
                                                                           -p->padding[axis], p->dilation[axis]};
        if (part->taps == 0) continue;
        const int64_t last = part->offset + (part->taps - 1) * part->dilation + 1;
        x->lead = any ? cor__min(x->lead, part->offset) : part->offset;
        end = any ? cor__max(end, last) : last;
        any = true;
    }
    for (int64_t r = 0; r < x->count; r++) /* parts without taps read nothing, from anywhere */
        if (x->part[r].taps == 0) x->part[r].offset = x->lead;
    x->reach = end - x->lead;
    x->outputs = x->part[0].outputs;
}
