/* conv_rows_type.inc.c: copying rows of elements of one size. The includer sets COR__S (an unsigned type of that size),
 * COR__V (a vector of it), COR__QUAD (a vector of four), COR__SECOND (the lanes of every second element) and
 * COR__ID(name); this file undefines them. */

/* As many elements 0, step, 2 * step, ... as a vector holds; step is 1, 2 or 4. Reads no further than the last of them.
 */
COR__INLINE COR__V COR__ID(take)(const int step, const COR__S *from) {
    enum { lanes = sizeof(COR__V) / sizeof(COR__S) };
    const COR__V first = COR__LOAD(COR__V, from);
    if (step == 1) return first;
    const COR__V second = __builtin_shufflevector(first, COR__LOAD(COR__V, from + lanes - 1), COR__SECOND);
    if (step == 2) return second;
    from += 2 * lanes - 2;
    const COR__V last =
        __builtin_shufflevector(COR__LOAD(COR__V, from), COR__LOAD(COR__V, from + lanes - 1), COR__SECOND);
    return __builtin_shufflevector(second, last, COR__SECOND);
}

/* The same of four elements, moved. */
COR__INLINE void COR__ID(move_quad)(const int step, COR__S *to, const COR__S *from) {
    const COR__QUAD first = COR__LOAD(COR__QUAD, from);
    if (step == 1) COR__STORE(COR__QUAD, to, first);
    else COR__STORE(COR__QUAD, to, __builtin_shufflevector(first, COR__LOAD(COR__QUAD, from + 3), COR__SECOND_4));
}

COR__INLINE void COR__ID(copy_row)(const int step, COR__S *to, const COR__S *from, int64_t n) {
    enum { lanes = sizeof(COR__V) / sizeof(COR__S) };
    int64_t i = 0;
    if (n >= lanes) {
        for (; i + lanes <= n; i += lanes) COR__STORE(COR__V, to + i, COR__ID(take)(step, from + i * step));
        if (i < n) COR__STORE(COR__V, to + n - lanes, COR__ID(take)(step, from + (n - lanes) * step));
    } else if (n >= 4 && step < 4) {
        for (; i + 4 <= n; i += 4) COR__ID(move_quad)(step, to + i, from + i * step);
        if (i < n) COR__ID(move_quad)(step, to + n - 4, from + (n - 4) * step);
    } else {
        for (; i < n; i++) to[i] = from[i * step];
    }
}

COR__INLINE void COR__ID(copy_rows)(const int step, const cor__conv_rows *rows) {
    COR__S *to = rows->to;
    const COR__S *from = rows->from;
    /* What a whole vector moves past the end of a row is in the next row, and is replaced when that is copied. */
    const int64_t past = (int64_t)(sizeof(COR__V) / sizeof(COR__S)) - rows->length;
    const bool whole = past > 0 && past <= rows->to_row && past * step <= rows->from_row;
    for (int64_t row = 0; row < rows->rows; row++, to += rows->to_row, from += rows->from_row) {
        cor__zero_words((char *)to, rows->before * (int64_t)sizeof *to);
        if (whole && row + 1 < rows->rows) COR__STORE(COR__V, to + rows->before, COR__ID(take)(step, from));
        else COR__ID(copy_row)(step, to + rows->before, from, rows->length);
        cor__zero_words((char *)(to + rows->before + rows->length), rows->after * (int64_t)sizeof *to);
    }
}

/* As cor__conv_kernel says. */
static void COR__ID(copy)(const cor__conv_rows *rows) {
    if (rows->step == 1) {
        COR__ID(copy_rows)(1, rows);
        return;
    }
    if (rows->step == 2) {
        COR__ID(copy_rows)(2, rows);
        return;
    }
    if (rows->step == 4) {
        COR__ID(copy_rows)(4, rows);
        return;
    }
    COR__S *to = rows->to;
    const COR__S *from = rows->from;
    for (int64_t row = 0; row < rows->rows; row++, to += rows->to_row, from += rows->from_row) {
        cor__zero_words((char *)to, rows->before * (int64_t)sizeof *to);
        for (int64_t i = 0; i < rows->length; i++) to[rows->before + i] = from[i * rows->step];
        cor__zero_words((char *)(to + rows->before + rows->length), rows->after * (int64_t)sizeof *to);
    }
}

#undef COR__S
#undef COR__V
#undef COR__QUAD
#undef COR__SECOND
#undef COR__ID
