/* conv_depthwise_window.inc.c: copying windows, in one type. The includer sets COR__S (its scalar type), COR__V (its
 * vector type), COR__LANES (lanes of a vector), COR__ID(name) (names for this type) and COR__PAIRS(name) (of pairs.h).
 */

/* Writes at least n zeros, up to a vector more. */
COR__INLINE void COR__ID(zeros)(COR__S *to, int64_t n) {
    if (n <= 0) return;
    COR__STORE(COR__V, to, (COR__V){0}); /* mostly that is all: a loop alone would become a call */
    for (int64_t k = COR__LANES; k < n; k += COR__LANES) COR__STORE(COR__V, to + k, (COR__V){0});
}

/* Copies n elements; `spare` says that a vector more may be read, and written. */
COR__INLINE void COR__ID(copy)(COR__S *to, const COR__S *from, int64_t n, bool spare) {
    int64_t k = 0;
    for (; k + COR__LANES <= n; k += COR__LANES) COR__STORE(COR__V, to + k, COR__LOAD(COR__V, from + k));
    if (k == n) return;
    if (!spare && n >= COR__LANES) k = n - COR__LANES, spare = true;
    if (spare) COR__STORE(COR__V, to + k, COR__LOAD(COR__V, from + k));
    else cor__copy_words((char *)(to + k), (const char *)(from + k), (n - k) * (int64_t)sizeof *to);
}

/* Copies n pairs of elements apart: the first of each pair to `first`, the second to `second`. */
COR__INLINE void COR__ID(split)(COR__S *first, COR__S *second, const COR__S *from, int64_t n, bool spare) {
    for (int64_t k = 0; k < n; k += COR__LANES) {
        if (k + COR__LANES > n && !spare) {
            if (n < COR__LANES) break;
            k = n - COR__LANES;
        }
        const COR__V a = COR__LOAD(COR__V, from + 2 * k), b = COR__LOAD(COR__V, from + 2 * k + COR__LANES);
        COR__STORE(COR__V, first + k, COR__PAIRS(evens)(a, b));
        COR__STORE(COR__V, second + k, COR__PAIRS(odds)(a, b));
    }
    for (int64_t k = 0; k < n && n < COR__LANES && !spare; k++) first[k] = from[2 * k], second[k] = from[2 * k + 1];
}

/* The rows that the input has lie from the first to the last of `rows`; the others are zeros. */
typedef struct COR__ID(rows) {
    const COR__S *from; /* the first row in the input, its column 0 */
    COR__S *to;         /* and in the window */
    int64_t rows, pitch;
    int64_t left; /* elements of the plane from `from` on, up to the last in memory */
} COR__ID(rows);

/* Columns without phases. */
COR__INLINE void COR__ID(fill_whole)(const cor__depthwise_window *w, COR__ID(rows) r) {
    const int64_t start = w->first[1] > 0 ? w->first[1] : 0, end = w->first[1] + w->length;
    const int64_t before = start - w->first[1] < w->length ? start - w->first[1] : w->length;
    const int64_t n = (end < w->size[1] ? end : w->size[1]) - start, inside = n > 0 ? n : 0;
    for (; r.rows > 0; r.rows--, r.from += w->strides[0], r.to += r.pitch, r.left -= w->strides[0]) {
        COR__ID(zeros)(r.to, before);
        COR__ID(copy)(r.to + before, r.from + start, inside, start + inside + COR__LANES <= r.left);
        COR__ID(zeros)(r.to + before + inside, w->length - before - inside);
    }
}

/* Columns of two phases: those of the first column that the input has, and those of the next. */
COR__INLINE void COR__ID(fill_pairs)(const cor__depthwise_window *w, COR__ID(rows) r) {
    const int64_t start = w->first[1] > 0 ? w->first[1] : 0, end = w->first[1] + 2 * w->length;
    const int64_t n = (end < w->size[1] ? end : w->size[1]) - start, inside = n > 0 ? n : 0;
    const int64_t before = start - w->first[1] < 2 * w->length ? start - w->first[1] : 2 * w->length;
    const int64_t at[2] = {before / 2, (before + 1) / 2}, count[2] = {(inside + 1) / 2, inside / 2};
    COR__S *one = r.to + before % 2 * w->phase, *other = r.to + (before + 1) % 2 * w->phase;
    for (; r.rows > 0; r.rows--, r.from += w->strides[0], r.left -= w->strides[0]) {
        const bool spare = start + inside + 2 * COR__LANES <= r.left;
        COR__ID(zeros)(one, at[0]);
        COR__ID(zeros)(other, at[1]);
        COR__ID(split)(one + at[0], other + at[1], r.from + start, spare ? count[0] : count[1], spare);
        if (!spare && count[0] > count[1]) one[at[0] + count[1]] = r.from[start + inside - 1];
        COR__ID(zeros)(one + at[0] + count[0], w->length - at[0] - count[0]);
        COR__ID(zeros)(other + at[1] + count[1], w->length - at[1] - count[1]);
        one += r.pitch;
        other += r.pitch;
    }
}

/* Any columns. */
static void COR__ID(fill_any)(const cor__depthwise_window *w, COR__ID(rows) r) {
    for (; r.rows > 0; r.rows--, r.from += w->strides[0], r.to += r.pitch)
        for (int64_t phase = 0; phase < w->phases; phase++)
            for (int64_t k = 0; k < w->length; k++) {
                const int64_t x = w->first[1] + phase + w->phases * k;
                r.to[phase * w->phase + k] = x >= 0 && x < w->size[1] ? r.from[x * w->strides[1]] : 0;
            }
}

/* As cor__depthwise_kernel says; so below. */
static void COR__ID(fill)(const cor__depthwise_window *w, void *to) {
    const int64_t pitch = w->phases * w->phase, below = w->size[0] - w->first[0];
    const int64_t start = w->first[0] > 0 ? w->first[0] : 0;
    int64_t from = start - w->first[0] < w->rows ? start - w->first[0] : w->rows,
            end = below < w->rows ? below : w->rows;
    if (w->plane == NULL) end = 0;
    if (end < from) end = from;
    COR__ID(zeros)(to, from * pitch);
    COR__ID(zeros)((COR__S *)to + end * pitch, (w->rows - end) * pitch);
    const int64_t left = (w->size[0] - 1 - start) * w->strides[0] + w->size[1];
    if (end == from) return;
    const COR__ID(rows)
        r = {(const COR__S *)w->plane + start * w->strides[0], (COR__S *)to + from * pitch, end - from, pitch, left};
    if (w->strides[1] == 1 && w->phases == 1) COR__ID(fill_whole)(w, r);
    else if (w->strides[1] == 1 && w->phases == 2) COR__ID(fill_pairs)(w, r);
    else COR__ID(fill_any)(w, r);
}
