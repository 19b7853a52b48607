/* small.inc.c: the loops of small.c for the scalar type COR__S, as the function COR__RUN. */

static void COR__RUN(const cor__conv_problem *p, const cor__conv_operands *operands) {
    const COR__S *const input = operands->input, *const weight = operands->weight, *const bias = operands->bias;
    COR__S *output = operands->output;
    const int64_t channels = p->c / p->groups, outputs = p->o / p->groups, *const strides = p->input_strides;
    const int64_t kernel_plane = p->kernel[1] * p->kernel[2], step_w = p->dilation[2] * strides[4];
    int64_t from[3], to[3];
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t o = 0; o < p->o; o++) {
            const COR__S *const x = input + n * strides[0] + o / outputs * channels * strides[1];
            const COR__S *const w = weight + o * channels * p->kernel[0] * kernel_plane;
            for (int64_t d = 0; d < p->output[0]; d++) {
                kernel_range(p, 0, d, &from[0], &to[0]);
                for (int64_t h = 0; h < p->output[1]; h++) {
                    kernel_range(p, 1, h, &from[1], &to[1]);
                    for (int64_t v = 0; v < p->output[2]; v++) {
                        kernel_range(p, 2, v, &from[2], &to[2]);
                        const int64_t at = (d * p->stride[0] - p->padding[0]) * strides[2] +
                                           (h * p->stride[1] - p->padding[1]) * strides[3] +
                                           (v * p->stride[2] - p->padding[2]) * strides[4];
                        COR__S sum = 0;
                        for (int64_t c = 0; c < channels; c++)
                            for (int64_t ud = from[0]; ud < to[0]; ud++)
                                for (int64_t uh = from[1]; uh < to[1]; uh++) {
                                    const int64_t row = at + c * strides[1] + ud * p->dilation[0] * strides[2] +
                                                        uh * p->dilation[1] * strides[3];
                                    const COR__S *const k =
                                        w + (c * p->kernel[0] + ud) * kernel_plane + uh * p->kernel[2];
                                    for (int64_t uw = from[2]; uw < to[2]; uw++) sum += k[uw] * x[row + uw * step_w];
                                }
                        *output++ = sum + (bias != NULL ? bias[o] : 0);
                    }
                }
            }
        }
}
