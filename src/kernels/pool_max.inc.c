/* pool_max.inc.c: the largest elements of windows, for elements of type T. An output line is worked on as a whole, one
 * input line and one position in the window after the other, so that every window is still read in row-major order. */

static inline __attribute__((always_inline)) void TYPED(max_pass)(int64_t n, T *restrict out, const T *restrict in,
                                                                  int64_t step) {
    for (int64_t i = 0; i < n; i++) {
        T value = in[i * step];
        out[i] = value > out[i] || IS_NAN(value) ? value : out[i];
    }
}

static inline __attribute__((always_inline)) void TYPED(argmax_pass)(int64_t n, T *restrict out, const T *restrict in,
                                                                     int64_t *restrict indices, int64_t at,
                                                                     int64_t step) {
    for (int64_t i = 0; i < n; i++) {
        T value = in[i * step];
        bool taken = value > out[i] || IS_NAN(value);
        out[i] = taken ? value : out[i];
        indices[i] = taken ? at + i * step : indices[i];
    }
}

/* Outputs whose windows the edge of the input may cut. `at` is the number of the line's first element in its plane. */
static void TYPED(max_edge)(const cor__pool_axis *width, int64_t begin, int64_t end, const T *line, int64_t at, T *out,
                            int64_t *indices) {
    for (int64_t i = begin; i < end; i++)
        for (int64_t w = width->spans[i].begin; w < width->spans[i].end; w += width->dilation)
            if (line[w] > out[i] || IS_NAN(line[w])) {
                out[i] = line[w];
                if (indices != NULL) indices[i] = at + w;
            }
}

static void TYPED(max_line)(const cor__pool_axis *width, const T *line, int64_t at, T *out, int64_t *indices) {
    const int64_t begin = width->inner_begin, n = width->inner_end - begin, step = width->stride;
    TYPED(max_edge)(width, 0, begin, line, at, out, indices);
    for (int64_t k = 0; k < width->kernel && n > 0; k++) {
        const int64_t from = begin * step - width->padding + k * width->dilation;
        if (indices == NULL) WITH_STEP(TYPED(max_pass), step, n, out + begin, line + from);
        else WITH_STEP(TYPED(argmax_pass), step, n, out + begin, line + from, indices + begin, at + from);
    }
    TYPED(max_edge)(width, width->inner_end, width->output, line, at, out, indices);
}

/* The largest element of a window of a plane, and its number in the plane. */
static inline __attribute__((always_inline)) T TYPED(max_window)(const cor__pool *p, const T *plane, cor__span depth,
                                                                 cor__span height, cor__span width, int64_t step,
                                                                 int64_t *index) {
    const int64_t lines = p->axis[1].input, columns = p->axis[2].input;
    T best = LOWEST;
    int64_t found = (depth.begin * lines + height.begin) * columns + width.begin;
    for (int64_t d = depth.begin; d < depth.end; d += p->axis[0].dilation)
        for (int64_t h = height.begin; h < height.end; h += p->axis[1].dilation) {
            const int64_t line = (d * lines + h) * columns;
            for (int64_t at = line + width.begin; at < line + width.end; at += step)
                if (plane[at] > best || IS_NAN(plane[at])) {
                    best = plane[at];
                    found = at;
                }
        }
    *index = found;
    return best;
}

/* Lines of few outputs, window by window: a pass over a line would cost more than it does. */
static void TYPED(max_short)(const cor__pool *p, int64_t begin, int64_t end) {
    const cor__pool_axis *width = &p->axis[2];
    const int64_t n = width->output, size = plane_size(p);
    row_place place = find_row(p, begin);
    for (int64_t row = begin; row < end; row++) {
        const cor__span depth = p->axis[0].spans[place.depth], height = p->axis[1].spans[place.height];
        const T *plane = (const T *)p->input + place.plane * size;
        T *out = (T *)p->output + row * n;
        for (int64_t i = 0; i < n; i++) {
            int64_t index;
            out[i] = TYPED(max_window)(p, plane, depth, height, width->spans[i], width->dilation, &index);
            if (p->indices != NULL) p->indices[row * n + i] = index;
        }
        if (++place.height < p->axis[1].output) continue;
        place.height = 0;
        if (++place.depth < p->axis[0].output) continue;
        place.depth = 0;
        place.plane++;
    }
}

/* A line of windows of 2 by 2, side by side, from two lines. */
static void TYPED(halve)(int64_t n, T *restrict out, const T *restrict above, const T *restrict below) {
    for (int64_t i = 0; i < n; i++) {
        T best = above[2 * i], b = above[2 * i + 1], c = below[2 * i], d = below[2 * i + 1];
        best = b > best || IS_NAN(b) ? b : best;
        best = c > best || IS_NAN(c) ? c : best;
        out[i] = d > best || IS_NAN(d) ? d : best;
    }
}

static bool TYPED(is_halving)(const cor__pool_axis *axis) {
    return axis->kernel == 2 && axis->stride == 2 && axis->inner_begin == 0 && axis->inner_end == axis->output &&
           axis->dilation == 1 && axis->padding == 0;
}

static void TYPED(halve_lines)(const cor__pool *p, int64_t begin, int64_t end) {
    const int64_t columns = p->axis[2].input, n = p->axis[2].output;
    row_place place = find_row(p, begin);
    for (int64_t row = begin; row < end; row++) {
        const T *above = (const T *)p->input + place.plane * p->axis[1].input * columns + 2 * place.height * columns;
        TYPED(halve)(n, (T *)p->output + row * n, above, above + columns);
        if (++place.height < p->axis[1].output) continue;
        place.height = 0;
        place.plane++;
    }
}

static void TYPED(max)(const cor__pool *p, int64_t begin, int64_t end) {
    enum { SHORT = 8 };
    if (p->indices == NULL && p->axis[0].input == 1 && p->axis[0].output == 1 && TYPED(is_halving)(&p->axis[1]) &&
        TYPED(is_halving)(&p->axis[2])) {
        TYPED(halve_lines)(p, begin, end);
        return;
    }
    if (p->axis[2].output <= SHORT) {
        TYPED(max_short)(p, begin, end);
        return;
    }
    const cor__pool_axis *width = &p->axis[2];
    const int64_t lines = p->axis[1].input;
    for (int64_t row = begin; row < end; row++) {
        const row_place place = find_row(p, row);
        const cor__span depth = p->axis[0].spans[place.depth], height = p->axis[1].spans[place.height];
        const T *plane = (const T *)p->input + place.plane * plane_size(p);
        T *out = (T *)p->output + row * width->output;
        int64_t *indices = p->indices == NULL ? NULL : p->indices + row * width->output;
        for (int64_t i = 0; i < width->output; i++) out[i] = LOWEST;
        for (int64_t i = 0; i < width->output && indices != NULL; i++)
            indices[i] = (depth.begin * lines + height.begin) * width->input + width->spans[i].begin;
        for (int64_t d = depth.begin; d < depth.end; d += p->axis[0].dilation)
            for (int64_t h = height.begin; h < height.end; h += p->axis[1].dilation) {
                const int64_t at = (d * lines + h) * width->input;
                TYPED(max_line)(width, plane + at, at, out, indices);
            }
    }
}

#undef T
#undef SUFFIX
#undef LOWEST
#undef IS_NAN
