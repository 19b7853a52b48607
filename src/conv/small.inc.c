/* small.inc.c: the loops of small.c for the scalar type COR__S, as the function COR__RUN. Each output is one running
 * sum over the taps that lie in the input. */

static void COR__RUN(const cor__conv_problem *p, const taps *width, const cor__conv_operands *operands) {
    const COR__S *const input = operands->input, *const weight = operands->weight, *const bias = operands->bias;
    COR__S *out = operands->output;
    const int64_t channels = p->c / p->groups, outputs = p->o / p->groups, *const strides = p->input_strides;
    const int64_t kernel_w = p->kernel[2], kernel_plane = p->kernel[1] * kernel_w;
    const int64_t row_step = p->dilation[1] * strides[3], tap_step = p->dilation[2] * strides[4];
    taps depth, height;
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t o = 0; o < p->o; o++) {
            const COR__S *const x = input + n * strides[0] + o / outputs * channels * strides[1];
            const COR__S *const w = weight + o * channels * p->kernel[0] * kernel_plane;
            const COR__S last = bias != NULL ? bias[o] : 0;
            for (int64_t d = 0; d < p->output[0]; d++)
                for (int64_t h = 0; h < p->output[1]; h++) {
                    depth = taps_of(p, 0, d), height = taps_of(p, 1, h);
                    for (int64_t v = 0; v < p->output[2]; v++) {
                        const int64_t from = width[v].from, count = width[v].to - from;
                        const COR__S *const corner = x + depth.first * strides[2] + height.first * strides[3] +
                                                     (width[v].first + from * p->dilation[2]) * strides[4];
                        COR__S sum = 0;
                        for (int64_t c = 0; c < channels; c++)
                            for (int64_t ud = depth.from; ud < depth.to; ud++) {
                                const COR__S *k =
                                    w + (c * p->kernel[0] + ud) * kernel_plane + height.from * kernel_w + from;
                                const COR__S *row =
                                    corner + c * strides[1] + ud * p->dilation[0] * strides[2] + height.from * row_step;
                                for (int64_t uh = height.from; uh < height.to; uh++, k += kernel_w, row += row_step) {
                                    if (count == 3) { /* the usual kernel, without the loop's cost */
                                        sum += k[0] * row[0];
                                        sum += k[1] * row[tap_step];
                                        sum += k[2] * row[2 * tap_step];
                                        continue;
                                    }
                                    for (int64_t u = 0; u < count; u++) sum += k[u] * row[u * tap_step];
                                }
                            }
                        *out++ = sum + last;
                    }
                }
        }
}
