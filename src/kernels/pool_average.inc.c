/* pool_average.inc.c: the averages of windows, for elements of type T. Lines are worked on as in pool_max.inc.c. */

static inline __attribute__((always_inline)) void TYPED(sum_pass)(int64_t n, T *restrict out, const T *restrict in,
                                                                  int64_t step) {
    for (int64_t i = 0; i < n; i++) out[i] = PLUS(out[i], in[i * step]);
}

static void TYPED(sum_edge)(const cor__pool_axis *width, int64_t begin, int64_t end, const T *line, T *out) {
    for (int64_t i = begin; i < end; i++)
        for (int64_t w = width->spans[i].begin; w < width->spans[i].end; w++) out[i] = PLUS(out[i], line[w]);
}

static void TYPED(sum_line)(const cor__pool_axis *width, const T *line, T *out) {
    const int64_t begin = width->inner_begin, n = width->inner_end - begin, step = width->stride;
    TYPED(sum_edge)(width, 0, begin, line, out);
    for (int64_t k = 0; k < width->kernel && n > 0; k++)
        WITH_STEP(TYPED(sum_pass), step, n, out + begin, line + begin * step - width->padding + k);
    TYPED(sum_edge)(width, width->inner_end, width->output, line, out);
}

/* Adding 0, as PyTorch does, makes a -0 of a negative divisor 0. */
static inline T TYPED(quotient)(const cor__pool *p, T sum, cor__span depth, cor__span height, cor__span width) {
    const int64_t d = span_count(depth), h = span_count(height), w = span_count(width);
    if (d * h * w == 0) return 0;
    switch (p->divide) {
    case COR__BY_EXTENT:
        return PLUS(QUOTIENT(p, sum, depth.extent * height.extent * width.extent), 0);
    case COR__BY_COUNT:
        return PLUS(QUOTIENT(p, sum, d * h * w), 0);
    case COR__BY_DIVISOR:
        return PLUS(QUOTIENT(p, sum, p->divisor), 0);
    case COR__AXIS_BY_AXIS:
        sum = QUOTIENT(p, sum, d);
        sum = QUOTIENT(p, sum, h);
        return QUOTIENT(p, sum, w);
    }
    return sum;
}

static void TYPED(average)(const cor__pool *p, int64_t begin, int64_t end) {
    const cor__pool_axis *width = &p->axis[2];
    for (int64_t row = begin; row < end; row++) {
        const row_place place = find_row(p, row);
        const cor__span depth = p->axis[0].spans[place.depth], height = p->axis[1].spans[place.height];
        const T *plane = (const T *)p->input + place.plane * plane_size(p);
        T *out = (T *)p->output + row * width->output;
        for (int64_t i = 0; i < width->output; i++) out[i] = 0;
        for (int64_t d = depth.begin; d < depth.end; d++)
            for (int64_t h = height.begin; h < height.end; h++)
                TYPED(sum_line)(width, plane + (d * p->axis[1].input + h) * width->input, out);
        for (int64_t i = 0; i < width->output; i++) out[i] = TYPED(quotient)(p, out[i], depth, height, width->spans[i]);
    }
}

#ifdef LAST
#undef T
#undef SUFFIX
#undef PLUS
#undef QUOTIENT
#undef LAST
#endif
