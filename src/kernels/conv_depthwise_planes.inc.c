/* conv_depthwise_planes.inc.c: depthwise convolution by 3x3 kernels, straight from planes of at least a vector's width,
 * in one type. The includer sets COR__S, COR__V, COR__LANES, COR__ID and COR__PAIRS as for the windows, and COR__FIRST
 * and COR__LAST, the lanes of two vectors in a row from the last of the first one on, and from the second of it on. */

/* A vector of outputs from column x on: what its taps read. */
typedef struct COR__ID(column) {
    const COR__S *at, *left, *right; /* of input row 0; left and right of the vector, or a zero */
    int64_t row, left_row, right_row;
    int64_t ahead; /* from an element to one that will be read later */
} COR__ID(column);

/* With registers for all, weights stay in them; otherwise they are read as vectors. */
#if COR__VEC_BYTES == 64 || defined(__aarch64__)
#define COR__WEIGHT(u, v) w##u##v
#define COR__HOLD_WEIGHT(u, v) const COR__V w##u##v = COR__LOAD(COR__V, w + (3 * u + v) * COR__LANES);
#else
#define COR__WEIGHT(u, v) COR__LOAD(COR__V, w + (3 * u + v) * COR__LANES)
#define COR__HOLD_WEIGHT(u, v)
#endif

/* The products of kernel row u. */
#define COR__PRODUCTS(u) (left * COR__WEIGHT(u, 0) + middle * COR__WEIGHT(u, 1) + right * COR__WEIGHT(u, 2))

/* Sets left, middle and right to what the taps of input row r read. */
#define COR__READ_ROW(r)                                                                                               \
    const COR__S *const at = c.at + (r)*c.row;                                                                         \
    COR__V first = COR__LOAD(COR__V, at), second = stride == 2 ? COR__LOAD(COR__V, at + COR__LANES) : first;           \
    COR__HOLD(first);                                                                                                  \
    if (stride == 2) COR__HOLD(second);                                                                                \
    const COR__V before = COR__ALL(COR__V, c.left[(r)*c.left_row]);                                                    \
    const COR__V middle = stride == 2 ? COR__PAIRS(evens)(first, second) : first;                                      \
    const COR__V odd = stride == 2 ? COR__PAIRS(odds)(first, second) : first;                                          \
    const COR__V left = __builtin_shufflevector(before, odd, COR__LAST);                                               \
    const COR__V right =                                                                                               \
        stride == 2 ? odd : __builtin_shufflevector(first, COR__ALL(COR__V, c.right[(r)*c.right_row]), COR__FIRST);    \
    __builtin_prefetch(at + c.ahead);                                                                                  \
    if (stride == 2) __builtin_prefetch(at + c.ahead + COR__LANES);

COR__INLINE void COR__ID(down_one)(const cor__depthwise_plane *p, COR__ID(column) c, const COR__S *w, COR__S *to) {
    enum { stride = 1 };
    COR__HOLD_WEIGHT(0, 0)
    COR__HOLD_WEIGHT(0, 1)
    COR__HOLD_WEIGHT(0, 2) COR__HOLD_WEIGHT(1, 0) COR__HOLD_WEIGHT(1, 1) COR__HOLD_WEIGHT(1, 2) COR__HOLD_WEIGHT(2, 0)
        COR__HOLD_WEIGHT(2, 1) COR__HOLD_WEIGHT(2, 2) const COR__V bias =
            COR__ALL(COR__V, p->bias != NULL ? *(const COR__S *)p->bias : 0);
    COR__V above = {0}, sum = {0};
    if (p->first > 0) {
        COR__READ_ROW(p->first - 1)
        sum = COR__PRODUCTS(0);
    }
    for (int64_t r = p->first; r < p->end; r++) {
        COR__READ_ROW(r)
        above += COR__PRODUCTS(2);
        if (r > p->first) COR__STORE(COR__V, to + (r - 1) * p->out_row, above + bias);
        above = sum + COR__PRODUCTS(1);
        sum = COR__PRODUCTS(0);
    }
    if (p->end < p->rows) {
        COR__READ_ROW(p->end)
        above += COR__PRODUCTS(2);
    }
    COR__STORE(COR__V, to + (p->end - 1) * p->out_row, above + bias);
}

/* The same of every second row and column. */
COR__INLINE void COR__ID(down_two)(const cor__depthwise_plane *p, COR__ID(column) c, const COR__S *w, COR__S *to) {
    enum { stride = 2 };
    COR__HOLD_WEIGHT(0, 0)
    COR__HOLD_WEIGHT(0, 1)
    COR__HOLD_WEIGHT(0, 2) COR__HOLD_WEIGHT(1, 0) COR__HOLD_WEIGHT(1, 1) COR__HOLD_WEIGHT(1, 2) COR__HOLD_WEIGHT(2, 0)
        COR__HOLD_WEIGHT(2, 1) COR__HOLD_WEIGHT(2, 2) const COR__V bias =
            COR__ALL(COR__V, p->bias != NULL ? *(const COR__S *)p->bias : 0);
    const int64_t whole = p->end < p->rows / 2 ? p->end : p->rows / 2; /* outputs whose last row exists */
    COR__V sum = {0};
    if (p->first > 0) {
        COR__READ_ROW(2 * p->first - 1)
        sum = COR__PRODUCTS(0);
    }
    for (int64_t i = p->first; i < whole; i++) {
        {
            COR__READ_ROW(2 * i)
            sum += COR__PRODUCTS(1);
        }
        COR__READ_ROW(2 * i + 1)
        COR__STORE(COR__V, to + i * p->out_row, sum + COR__PRODUCTS(2) + bias);
        sum = COR__PRODUCTS(0);
    }
    if (whole == p->end) return;
    COR__READ_ROW(2 * whole)
    COR__STORE(COR__V, to + whole * p->out_row, sum + COR__PRODUCTS(1) + bias);
}

#undef COR__WEIGHT
#undef COR__HOLD_WEIGHT
#undef COR__PRODUCTS
#undef COR__READ_ROW

/* As cor__depthwise_kernel says. */
static void COR__ID(plane)(const cor__depthwise_plane *p) {
    enum { AHEAD = 16 }; /* rows */
    static const COR__S zero;
    COR__S w[9 * COR__LANES];
    for (int64_t tap = 0; tap < 9; tap++) {
        const COR__S *from = (const COR__S *)p->weights + tap / 3 * p->steps[0] + tap % 3 * p->steps[1];
        COR__STORE(COR__V, w + tap * COR__LANES, COR__ALL(COR__V, *from));
    }
    for (int64_t x = 0, next; x < p->width; x = next) {
        const bool last = x + COR__LANES == p->width;
        const COR__S *const at = (const COR__S *)p->plane + x * p->stride;
        COR__ID(column) c = {at, at - 1, at + COR__LANES, p->row, p->row, p->row, AHEAD * p->row};
        if (x == 0) c.left = &zero, c.left_row = 0;
        if (last) c.right = &zero, c.right_row = 0;
        if (p->stride == 1) COR__ID(down_one)(p, c, w, (COR__S *)p->out + x);
        else COR__ID(down_two)(p, c, w, (COR__S *)p->out + x);
        /* The last vector ends with the row. */
        next = x + COR__LANES;
        if (next < p->width && next + COR__LANES > p->width) next = p->width - COR__LANES;
    }
}
