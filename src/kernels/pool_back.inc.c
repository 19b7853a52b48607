/* pool_back.inc.c: the gradients of poolings, for elements of type T. */

static void TYPED(scatter)(const cor__pool_back *b, int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; plane++) {
        const T *from = (const T *)b->from + plane * b->n;
        const int64_t *indices = b->indices + plane * b->n;
        T *to = (T *)b->to + plane * b->m;
        for (int64_t i = 0; i < b->m; i++) to[i] = 0;
        for (int64_t i = 0; i < b->n; i++) to[indices[i]] += from[i];
    }
}

static void TYPED(gather)(const cor__pool_back *b, int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; plane++) {
        const T *from = (const T *)b->from + plane * b->m;
        const int64_t *indices = b->indices + plane * b->n;
        T *to = (T *)b->to + plane * b->n;
        for (int64_t i = 0; i < b->n; i++) to[i] = from[indices[i]];
    }
}

/* The gradient of a line of windows of 2 by 2, side by side, at the two lines that they read. A comparison is written
 * as max has it: of equals the first is taken, and the last NaN. */
static void TYPED(halve_back_line)(int64_t n, T *restrict to_above, T *restrict to_below, const T *restrict above,
                                   const T *restrict below, const T *restrict gradient) {
    for (int64_t i = 0; i < n; i++) {
        const T a = above[2 * i], b = above[2 * i + 1], c = below[2 * i], d = below[2 * i + 1], g = gradient[i];
        const T two = TAKES(b, a) ? b : a, at_a = TAKES(b, a) ? 0 : g, at_b = TAKES(b, a) ? g : 0;
        const T three = TAKES(c, two) ? c : two, at_c = TAKES(c, two) ? g : 0;
        to_above[2 * i] = TAKES(d, three) ? 0 : TAKES(c, two) ? 0 : at_a;
        to_above[2 * i + 1] = TAKES(d, three) ? 0 : TAKES(c, two) ? 0 : at_b;
        to_below[2 * i] = TAKES(d, three) ? 0 : at_c;
        to_below[2 * i + 1] = TAKES(d, three) ? g : 0;
    }
}

/* Rows are planes. */
static void TYPED(halves_back)(const cor__pool *p, int64_t begin, int64_t end) {
    const int64_t lines = p->axis[1].input, columns = p->axis[2].input, n = p->axis[2].output;
    const T *gradient = (const T *)p->gradient + begin * p->axis[1].output * n;
    for (int64_t plane = begin; plane < end; plane++) {
        const T *from = (const T *)p->input + plane * lines * columns;
        T *to = (T *)p->output + plane * lines * columns;
        for (int64_t h = 0; h < p->axis[1].output; h++, gradient += n, from += 2 * columns, to += 2 * columns) {
            TYPED(halve_back_line)(n, to, to + columns, from, from + columns, gradient);
            for (int64_t w = 2 * n; w < columns; w++) to[w] = to[columns + w] = 0;
        }
        for (int64_t i = 2 * p->axis[1].output * columns; i < lines * columns; i++) *to++ = 0;
    }
}

/* Adds a value to each element of a window. */
static void TYPED(spread_window)(const cor__pool *p, T *plane, T value, cor__span depth, cor__span height,
                                 cor__span width) {
    for (int64_t d = depth.begin; d < depth.end; d++)
        for (int64_t h = height.begin; h < height.end; h++) {
            T *line = plane + (d * p->axis[1].input + h) * p->axis[2].input;
            for (int64_t w = width.begin; w < width.end; w++) line[w] += value;
        }
}

static void TYPED(spread)(const cor__pool *p, int64_t begin, int64_t end) {
    const cor__pool_axis *a = p->axis;
    const int64_t size = plane_size(p);
    for (int64_t plane = begin; plane < end; plane++) {
        const T *from = (const T *)p->input + plane * a[0].output * a[1].output * a[2].output;
        T *to = (T *)p->output + plane * size;
        for (int64_t i = 0; i < size; i++) to[i] = 0;
        for (int64_t d = 0; d < a[0].output; d++)
            for (int64_t h = 0; h < a[1].output; h++)
                for (int64_t w = 0; w < a[2].output; w++) {
                    const cor__span depth = a[0].spans[d], height = a[1].spans[h], width = a[2].spans[w];
                    const T share = TYPED(quotient)(p, *from++, depth, height, width);
                    TYPED(spread_window)(p, to, share, depth, height, width);
                }
    }
}

#undef T
#undef SUFFIX
#undef PLUS
#undef QUOTIENT
