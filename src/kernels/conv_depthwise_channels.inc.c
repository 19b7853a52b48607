/* conv_depthwise_channels.inc.c: depthwise convolution of small maps with channels in lanes, in one type. The includer
 * sets COR__S, COR__V, COR__LANES and COR__ID as for the windows. */
#include "kernels/transpose.inc.c"

enum { COR__ID(FEW) = 4 }; /* positions that are faster moved one by one */

/* Moves position k of every lane. */
COR__INLINE void COR__ID(gather_one)(COR__S *to, const void *const *rows, int64_t k) {
    for (int lane = 0; lane < COR__LANES; lane++) to[lane] = ((const COR__S *)rows[lane])[k];
}

#define COR__LOAD_ROW(i) COR__V r##i = COR__LOAD(COR__V, (const COR__S *)rows[i] + k);
#define COR__STORE_POSITION(i)                                                                                         \
    if (k + i < n) COR__STORE(COR__V, to + (places != NULL ? places[k + i] : (k + i) * COR__LANES), r##i);

/* As cor__depthwise_kernel says; so below. */
static void COR__ID(gather)(void *memory, const void *const *rows, int64_t n, const int64_t *places, bool spare) {
    COR__S *const to = memory;
    int64_t k = 0;
    while (k < n) {
        if (k + COR__LANES > n) {
            if (n - k <= COR__ID(FEW) || (n < COR__LANES && !spare)) break;
            if (n >= COR__LANES) k = n - COR__LANES;
        }
        COR__EACH(COR__LOAD_ROW)
        COR__TRANSPOSE
        COR__EACH(COR__STORE_POSITION)
        k += COR__LANES;
    }
    for (; k < n; k++) COR__ID(gather_one)(to + (places != NULL ? places[k] : k * COR__LANES), rows, k);
}

#undef COR__LOAD_ROW
#undef COR__STORE_POSITION

#define COR__LOAD_POSITION(i) COR__V r##i = COR__LOAD(COR__V, from + (k + i) * COR__LANES);
#define COR__STORE_ROW(i) COR__STORE(COR__V, (COR__S *)rows[i] + k, r##i);

static void COR__ID(scatter)(const void *memory, void *const *rows, int64_t n) {
    const COR__S *const from = memory;
    int64_t k = 0;
    while (k < n) {
        if (k + COR__LANES > n) {
            if (n - k <= COR__ID(FEW) || n < COR__LANES) break;
            k = n - COR__LANES;
        }
        COR__EACH(COR__LOAD_POSITION)
        COR__TRANSPOSE
        COR__EACH(COR__STORE_ROW)
        k += COR__LANES;
    }
    for (; k < n; k++)
        for (int lane = 0; lane < COR__LANES; lane++) ((COR__S *)rows[lane])[k] = from[k * COR__LANES + lane];
}

#undef COR__LOAD_POSITION
#undef COR__STORE_ROW
#undef COR__EACH
#undef COR__TRANSPOSE
#undef COR__SWAP
#undef COR__LOW1
#undef COR__LOW2
#undef COR__LOW4
#undef COR__LOW8
#undef COR__HIGH1
#undef COR__HIGH2
#undef COR__HIGH4
#undef COR__HIGH8

/* ---- sums ------------------------------------------------------------------------------------------------------- */

#define COR__ADD(i)                                                                                                    \
    if (columns > i) c##i += COR__LOAD(COR__V, at + i * step) * w;
#define COR__PUT(i)                                                                                                    \
    if (columns > i) COR__STORE(COR__V, to + i * m->out_steps[1], c##i + bias);

/* `columns` outputs of a row, a constant, from the kernel rows [from, end); `x` is where the first output's kernel
 * begins and `to` where the first output goes. */
COR__INLINE void COR__ID(sums)(const int columns, const cor__depthwise_map *m, const COR__S *x, int64_t from,
                               int64_t end, COR__S *to) {
    const int64_t step = m->stride[1] * COR__LANES, tap = m->dilation[1] * COR__LANES;
    const COR__V bias = COR__LOAD(COR__V, m->bias);
    COR__V c0 = {0}, c1 = {0}, c2 = {0}, c3 = {0}, c4 = {0}, c5 = {0}, c6 = {0};
    for (int64_t u = from; u < end; u++) {
        const COR__S *at = x + u * m->dilation[0] * m->pitch * COR__LANES;
        const COR__S *weight = (const COR__S *)m->weights + u * m->weight_steps[0];
        for (int64_t v = m->taps[1]; v > 0; v--, at += tap, weight += m->weight_steps[1]) {
            const COR__V w = COR__LOAD(COR__V, weight);
            COR__ADD(0)
            COR__ADD(1)
            COR__ADD(2)
            COR__ADD(3)
            COR__ADD(4)
            COR__ADD(5)
            COR__ADD(6)
        }
    }
    COR__PUT(0)
    COR__PUT(1)
    COR__PUT(2)
    COR__PUT(3)
    COR__PUT(4)
    COR__PUT(5)
    COR__PUT(6)
}

#undef COR__ADD
#undef COR__PUT

static void COR__ID(map)(const cor__depthwise_map *m) {
    for (int64_t i = 0; i < m->output[0]; i++) {
        COR__S *to = (COR__S *)m->out + i * m->out_steps[0];
        const int64_t first = i * m->stride[0] - m->padding, step = m->dilation[0]; /* input row of kernel row 0 */
        int64_t from = 0, end = m->taps[0];
        while (from < end && first + from * step < 0) from++;
        while (end > from && first + (end - 1) * step >= m->rows) end--;
        const COR__S *const x = (const COR__S *)m->in + first * m->pitch * COR__LANES;
        for (int64_t j = 0, columns; j < m->output[1]; j += columns, to += columns * m->out_steps[1]) {
            const int64_t left = m->output[1] - j;
            const COR__S *const at = x + j * m->stride[1] * COR__LANES;
            columns = left >= 7 ? 7 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            if (columns == 7) COR__ID(sums)(7, m, at, from, end, to);
            else if (columns == 4) COR__ID(sums)(4, m, at, from, end, to);
            else if (columns == 2) COR__ID(sums)(2, m, at, from, end, to);
            else COR__ID(sums)(1, m, at, from, end, to);
        }
    }
}
