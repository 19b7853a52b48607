/* conv_depthwise_threes.inc.c: depthwise convolution by 3x3 kernels, straight from planes, in one type. The
 * includer also sets COR__U, a vector of as many unsigned numbers. Of outputs that
 * are narrower than a vector its last lanes are of no use: a store puts them where the next row will be. The includer
 * sets COR__S, COR__V, COR__LANES, COR__ID and COR__PAIRS as for the windows, and COR__FIRST and COR__LAST, the lanes
 * of two vectors in a row from the last of the first one on, and from the second of it on. */

/* A vector of outputs from column x on: what its taps read. */
typedef struct COR__ID(column) {
    const COR__S *at, *left, *right; /* of input row 0; left and right of the vector, or a zero */
    int64_t row, left_row, right_row;
    int64_t ahead; /* from an element to one that will be read later */
    COR__U inside; /* all ones in the lanes of the outputs */
} COR__ID(column);

/* With registers for all, weights stay in them; otherwise they are read as vectors. */
#define COR__TAP(u, v) COR__ALL(COR__V, ((const COR__S *)p->weights)[(u)*p->steps[0] + (v)*p->steps[1]])
#if COR__VEC_BYTES == 64 || defined(__aarch64__)
#define COR__SET_WEIGHT(u, v)
#define COR__HOLD_WEIGHT(u, v) const COR__V w##u##v = COR__TAP(u, v);
#define COR__WEIGHT(u, v) w##u##v
#else
#define COR__SET_WEIGHT(u, v) COR__STORE(COR__V, w + (3 * u + v) * COR__LANES, COR__TAP(u, v));
#define COR__HOLD_WEIGHT(u, v)
#define COR__WEIGHT(u, v) COR__LOAD(COR__V, w + (3 * u + v) * COR__LANES)
#endif
#define COR__EACH_WEIGHT(what)                                                                                         \
    what(0, 0) what(0, 1) what(0, 2) what(1, 0) what(1, 1) what(1, 2) what(2, 0) what(2, 1) what(2, 2)

/* The products of kernel row u. */
#define COR__PRODUCTS(u) (left * COR__WEIGHT(u, 0) + middle * COR__WEIGHT(u, 1) + right * COR__WEIGHT(u, 2))

/* Sets left, middle and right to what the taps of input row r read. */
#define COR__READ_ROW(r)                                                                                               \
    const COR__S *const at = c.at + (r)*c.row;                                                                         \
    COR__V first = COR__LOAD(COR__V, at), second = stride == 2 ? COR__LOAD(COR__V, at + COR__LANES) : first;           \
    COR__HOLD(first);                                                                                                  \
    if (stride == 2) COR__HOLD(second);                                                                                \
    const COR__V before = COR__ALL(COR__V, c.left[(r)*c.left_row]);                                                    \
    if (narrow && stride == 1) first = (COR__V)((COR__U)first & c.inside);                                             \
    const COR__V middle = stride == 2 ? COR__PAIRS(evens)(first, second) : first;                                      \
    const COR__V odd = stride == 2 ? COR__PAIRS(odds)(first, second) : first;                                          \
    const COR__V left = __builtin_shufflevector(before, odd, COR__LAST);                                               \
    const COR__V right =                                                                                               \
        stride == 2 ? odd : __builtin_shufflevector(first, COR__ALL(COR__V, c.right[(r)*c.right_row]), COR__FIRST);    \
    __builtin_prefetch(at + c.ahead);                                                                                  \
    if (stride == 2) __builtin_prefetch(at + c.ahead + COR__LANES);

/* Stores a row of outputs, the last of the band or not. */
COR__INLINE void COR__ID(put_row)(const cor__depthwise_plane *p, const bool narrow, int64_t row, COR__S *to,
                                  COR__V value) {
    if (narrow && row == p->end - 1) COR__ID(put_part)(to + row * p->out_row, value, p->width);
    else COR__STORE(COR__V, to + row * p->out_row, value);
}

COR__INLINE void COR__ID(down_one)(const bool narrow, const cor__depthwise_plane *p, COR__ID(column) c, const COR__S *w,
                                   COR__S *to) {
    enum { stride = 1 };
    COR__EACH_WEIGHT(COR__HOLD_WEIGHT)
    (void)w;
    const COR__V bias = COR__ALL(COR__V, p->bias != NULL ? *(const COR__S *)p->bias : 0);
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
    COR__ID(put_row)(p, narrow, p->end - 1, to, above + bias);
}

/* The same of every second row and column. */
COR__INLINE void COR__ID(down_two)(const bool narrow, const cor__depthwise_plane *p, COR__ID(column) c, const COR__S *w,
                                   COR__S *to) {
    enum { stride = 2 };
    COR__EACH_WEIGHT(COR__HOLD_WEIGHT)
    (void)w;
    const COR__V bias = COR__ALL(COR__V, p->bias != NULL ? *(const COR__S *)p->bias : 0);
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
        COR__ID(put_row)(p, narrow, i, to, sum + COR__PRODUCTS(2) + bias);
        sum = COR__PRODUCTS(0);
    }
    if (whole == p->end) return;
    COR__READ_ROW(2 * whole)
    COR__ID(put_row)(p, narrow, whole, to, sum + COR__PRODUCTS(1) + bias);
}

#undef COR__PRODUCTS
#undef COR__READ_ROW

/* Of outputs that are narrower than a vector. */
static void COR__ID(narrow)(const cor__depthwise_plane *p, const COR__S *w) {
    static const COR__S zero;
    static const unsigned char lanes[2 * COR__VEC_BYTES] = {[0 ... COR__VEC_BYTES - 1] = 0xff};
    COR__ID(column) c = {p->plane, &zero, &zero, p->row, 0, 0, p->rows * p->row, (COR__U){0}};
    memcpy(&c.inside, lanes + COR__VEC_BYTES - p->width * (int64_t)sizeof(COR__S), sizeof c.inside);
    if (p->stride == 1) COR__ID(down_one)(true, p, c, w, p->out);
    else COR__ID(down_two)(true, p, c, w, p->out);
}

/* As cor__depthwise_kernel says. */
static void COR__ID(plane)(const cor__depthwise_plane *p) {
    enum { AHEAD = 16 }; /* rows */
    static const COR__S zero;
    COR__S w[9 * COR__LANES];
    COR__EACH_WEIGHT(COR__SET_WEIGHT)
    if (p->width < COR__LANES) {
        COR__ID(narrow)(p, w);
        return;
    }
    for (int64_t x = 0, next; x < p->width; x = next) {
        const bool last = x + COR__LANES == p->width;
        const COR__S *const at = (const COR__S *)p->plane + x * p->stride;
        COR__ID(column)
        c = {at, at - 1, at + COR__LANES, p->row, p->row, p->row, AHEAD * p->row, (COR__U){0}};
        if (x == 0) c.left = &zero, c.left_row = 0;
        if (last) c.right = &zero, c.right_row = 0;
        if (p->stride == 1) COR__ID(down_one)(false, p, c, w, (COR__S *)p->out + x);
        else COR__ID(down_two)(false, p, c, w, (COR__S *)p->out + x);
        /* The last vector ends with the row. */
        next = x + COR__LANES;
        if (next < p->width && next + COR__LANES > p->width) next = p->width - COR__LANES;
    }
}

#undef COR__TAP
#undef COR__SET_WEIGHT
#undef COR__HOLD_WEIGHT
#undef COR__WEIGHT
#undef COR__EACH_WEIGHT
