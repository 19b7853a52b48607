/* conv_depthwise_merge.inc.c: merging the columns of an output, in one type. The includer sets COR__S, COR__V,
 * COR__LANES, COR__ID and COR__PAIRS as for the windows. */

/* n columns, those of even number from one row, of odd number from another. */
COR__INLINE void COR__ID(zip)(COR__S *to, const COR__S *even, const COR__S *odd, int64_t n) {
    for (; n >= 2 * COR__LANES; n -= 2 * COR__LANES, to += 2 * COR__LANES, even += COR__LANES, odd += COR__LANES) {
        const COR__V a = COR__LOAD(COR__V, even), b = COR__LOAD(COR__V, odd);
        COR__STORE(COR__V, to, COR__PAIRS(low)(a, b));
        COR__STORE(COR__V, to + COR__LANES, COR__PAIRS(high)(a, b));
    }
    if (n == 0) return;
    COR__S scratch[2 * COR__LANES];
    const COR__V a = COR__LOAD(COR__V, even), b = COR__LOAD(COR__V, odd);
    COR__STORE(COR__V, scratch, COR__PAIRS(low)(a, b));
    COR__STORE(COR__V, scratch + COR__LANES, COR__PAIRS(high)(a, b));
    cor__copy_words((char *)to, (const char *)scratch, n * (int64_t)sizeof *to);
}

/* As cor__depthwise_kernel says. */
static void COR__ID(merge)(const cor__depthwise_merge *m) {
    for (int64_t row = 0; row < m->rows; row++) {
        const COR__S *const from = (const COR__S *)m->from + row * m->part;
        COR__S *const to = (COR__S *)m->out + row * m->out_row;
        if (m->parts == 2) {
            COR__ID(zip)(to, from, from + m->from_part, m->width);
            continue;
        }
        for (int64_t r = 0; r < m->parts; r++)
            for (int64_t k = 0, c = r; c < m->width; c += m->parts, k++) to[c] = from[r * m->from_part + k];
    }
}
