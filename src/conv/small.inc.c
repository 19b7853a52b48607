/* small.inc.c: the loops of small.c for the scalar type COR__S, with COR__ID(name) for their names. Each output is one
 * running sum over the taps that lie in the input. */

/* One output, of the taps of the window. */
static inline COR__S COR__ID(one)(const window *g, const COR__S *weight, const COR__S *input) {
    COR__S sum = 0;
    for (int64_t c = 0; c < g->channels; c++)
        for (int64_t d = 0; d < g->taps[0]; d++) {
            const COR__S *k = weight + c * g->w_channel + d * g->w_depth,
                         *x = input + c * g->x_channel + d * g->x_depth;
            for (int64_t h = 0; h < g->taps[1]; h++, k += g->w_row, x += g->x_row)
                for (int64_t u = 0; u < g->taps[2]; u++) sum += k[u] * x[u * g->x_tap];
        }
    return sum;
}

/* Three outputs side by side, `step` apart in the input. */
static inline void COR__ID(three)(const window *g, const COR__S *weight, const COR__S *input, int64_t step, COR__S last,
                                  COR__S *out) {
    const int64_t tap = g->x_tap, rows = g->taps[1], count = g->taps[2];
    COR__S a = 0, b = 0, c = 0;
    for (int64_t channel = 0; channel < g->channels; channel++)
        for (int64_t d = 0; d < g->taps[0]; d++) {
            const COR__S *k = weight + channel * g->w_channel + d * g->w_depth;
            const COR__S *row = input + channel * g->x_channel + d * g->x_depth;
            for (int64_t h = 0; h < rows; h++, k += g->w_row, row += g->x_row) {
                const COR__S *x = row;
                for (int64_t u = 0; u < count; u++, x += tap) {
                    a += k[u] * x[0];
                    b += k[u] * x[step];
                    c += k[u] * x[2 * step];
                }
            }
        }
    out[0] = a + last, out[1] = b + last, out[2] = c + last;
}

/* One row of outputs. */
static inline void COR__ID(row)(const cor__conv_problem *p, const column_list *columns, window *g, const COR__S *weight,
                                const COR__S *input, COR__S last, COR__S *out) {
    const int64_t step = p->stride[2] * p->input_strides[4];
    for (int64_t v = 0; v < p->output[2];) {
        const taps *at = &columns->at[v];
        const COR__S *x = input + (at->first + at->from * p->dilation[2]) * p->input_strides[4];
        g->taps[2] = at->to - at->from;
        if (v >= columns->whole && v + 3 <= columns->end) {
            COR__ID(three)(g, weight, x, step, last, out + v);
            v += 3;
        } else {
            out[v] = COR__ID(one)(g, weight + at->from, x) + last;
            v++;
        }
    }
}

static void COR__ID(run)(const cor__conv_problem *p, const column_list *columns, const cor__conv_operands *operands) {
    const COR__S *const input = operands->input, *const weight = operands->weight, *const bias = operands->bias;
    COR__S *out = operands->output;
    const int64_t outputs = p->o / p->groups, *const strides = p->input_strides;
    window g = window_of(p);
    for (int64_t n = 0; n < p->n; n++)
        for (int64_t o = 0; o < p->o; o++) {
            const COR__S *const x = input + n * strides[0] + o / outputs * g.channels * strides[1];
            const COR__S *const w = weight + o * g.channels * g.w_channel;
            for (int64_t d = 0; d < p->output[0]; d++)
                for (int64_t h = 0; h < p->output[1]; h++, out += p->output[2]) {
                    const taps depth = taps_of(p, 0, d), height = taps_of(p, 1, h);
                    g.taps[0] = depth.to - depth.from, g.taps[1] = height.to - height.from;
                    COR__ID(row)
                    (p, columns, &g, w + depth.from * g.w_depth + height.from * g.w_row,
                     x + depth.first * strides[2] + depth.from * g.x_depth + height.first * strides[3] +
                         height.from * g.x_row,
                     bias != NULL ? bias[o] : 0, out);
                }
        }
}
