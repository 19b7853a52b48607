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
