/* conv_product.c: convolution as a product of the weights, a row an output channel, and a matrix of the inputs that
 * they meet, a column an output position. */
#include "ops/conv_product.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "ops/matmul_run.h"
#include <string.h>

enum { MOST_POSITIONS = 128, MOST_OF_WEIGHT = 64, LEAST_WEIGHTS = 1 << 14, HEIGHT = 1, WIDTH = 2 };

/* The sizes of the product: channels of the output, weights of one, output positions. */
typedef struct sizes {
    int64_t outputs, weights, positions, plane; /* plane: positions of an image */
} sizes;

static sizes sizes_of(const cor__conv_problem *p) {
    const int64_t plane = p->output[HEIGHT] * p->output[WIDTH];
    return (sizes){p->o, p->c * p->kernel[HEIGHT] * p->kernel[WIDTH], p->n * plane, plane};
}

bool cor__conv_is_product(const cor__conv_problem *p) {
    const bool flat = p->input[0] == 1 && p->kernel[0] == 1 && p->output[0] == 1 && p->padding[0] == 0;
    if (p->dtype != COR_FLOAT32 || p->transposed || p->groups != 1 || !flat || cor__conv_forced() != NULL) return false;
    const sizes s = sizes_of(p);
    return s.positions > 0 && s.positions <= MOST_POSITIONS && s.outputs * s.weights >= LEAST_WEIGHTS;
}

bool cor__conv_is_product_weight(const cor__conv_problem *p) {
    return cor__conv_is_product(p) && sizes_of(p).positions <= MOST_OF_WEIGHT;
}

/* ---- the matrix of inputs --------------------------------------------------------------------------------------- */

/* The columns of one tap: positions [begin, end) of an axis lie in the input, at `first` + position * stride. */
typedef struct reach {
    int64_t begin, end, first;
} reach;

static reach reach_of(const cor__conv_problem *p, int axis, int64_t tap) {
    const int64_t first = tap * p->dilation[axis] - p->padding[axis], stride = p->stride[axis];
    const int64_t begin = first < 0 ? cor__ceil_div(-first, stride) : 0;
    const int64_t last = p->input[axis] - 1 - first, end = last < 0 ? 0 : last / stride + 1;
    return (reach){cor__min(begin, p->output[axis]), cor__min(end, p->output[axis]), first};
}

/* Rows of a tap's positions that lie in the input: `rows` of each image, of `n` elements. Offsets of the first one in
 * the image's input, of the first position; steps from row to row and from element to element of both. */
typedef struct tap_rows {
    int64_t rows, n, from, at, from_row, from_step, at_row;
} tap_rows;

static tap_rows rows_of(const cor__conv_problem *p, int64_t tap, int64_t channel, int64_t line, int64_t step) {
    const int64_t kernel = p->kernel[HEIGHT] * p->kernel[WIDTH], width = p->output[WIDTH];
    const reach h = reach_of(p, HEIGHT, tap % kernel / p->kernel[WIDTH]),
                w = reach_of(p, WIDTH, tap % p->kernel[WIDTH]);
    const int64_t from = tap / kernel * channel + (h.first + h.begin * p->stride[HEIGHT]) * line;
    return (tap_rows){.rows = h.end - h.begin,
                      .n = w.end - w.begin,
                      .from = from + (w.first + w.begin * p->stride[WIDTH]) * step,
                      .at = h.begin * width + w.begin,
                      .from_row = p->stride[HEIGHT] * line,
                      .from_step = p->stride[WIDTH] * step,
                      .at_row = width};
}

/* Fills the matrix with the inputs: element (tap, position) at tap * `row` + position * `apart`. */
static void gather(const cor__conv_problem *p, const sizes *s, const float *input, float *matrix, int64_t row,
                   int64_t apart) {
    const int64_t *strides = p->input_strides;
    memset(matrix, 0, (size_t)(s->weights * s->positions) * sizeof(float));
    for (int64_t tap = 0; tap < s->weights; tap++) {
        const tap_rows t = rows_of(p, tap, strides[1], strides[3], strides[4]);
        for (int64_t n = 0; n < p->n; n++)
            for (int64_t i = 0; i < t.rows; i++) {
                const float *from = input + n * strides[0] + t.from + i * t.from_row;
                float *to = matrix + tap * row + (n * s->plane + t.at + i * t.at_row) * apart;
                for (int64_t j = 0; j < t.n; j++) to[j * apart] = from[j * t.from_step];
            }
    }
}

/* Adds the matrix's elements to the inputs that gather would have taken. */
static void spread(const cor__conv_problem *p, const sizes *s, const float *matrix, float *input) {
    const int64_t plane = p->input[HEIGHT] * p->input[WIDTH];
    memset(input, 0, (size_t)(p->n * p->c * plane) * sizeof(float));
    for (int64_t tap = 0; tap < s->weights; tap++, matrix += s->positions) {
        const tap_rows t = rows_of(p, tap, plane, p->input[WIDTH], 1);
        for (int64_t n = 0; n < p->n; n++)
            for (int64_t i = 0; i < t.rows; i++) {
                const float *from = matrix + n * s->plane + t.at + i * t.at_row;
                float *to = input + n * p->c * plane + t.from + i * t.from_row;
                for (int64_t j = 0; j < t.n; j++) to[j * t.from_step] += from[j];
            }
    }
}

/* ---- channels of images, as rows of channels or of positions ------------------------------------------------------
 */

/* Copies n planes of each of o channels to rows of channels, or back, adding a bias unless it is NULL. */
static void take_channels(const sizes *s, const float *images, float *rows) {
    for (int64_t n = 0; n < s->positions / s->plane; n++)
        for (int64_t o = 0; o < s->outputs; o++)
            for (int64_t i = 0; i < s->plane; i++)
                rows[o * s->positions + n * s->plane + i] = images[(n * s->outputs + o) * s->plane + i];
}

static void put_channels(const sizes *s, const float *rows, const float *bias, float *images) {
    for (int64_t n = 0; n < s->positions / s->plane; n++)
        for (int64_t o = 0; o < s->outputs; o++)
            for (int64_t i = 0; i < s->plane; i++)
                images[(n * s->outputs + o) * s->plane + i] =
                    rows[o * s->positions + n * s->plane + i] + (bias == NULL ? 0 : bias[o]);
}

/* ---- the three products ----------------------------------------------------------------------------------------- */

typedef struct room {
    float *matrix, *rows;
    size_t bytes;
} room;

static int make_room(room *r, const sizes *s) {
    const int64_t matrix = cor__ceil_div(s->weights * s->positions, 16) * 16;
    r->bytes = (size_t)(matrix + s->outputs * s->positions) * sizeof(float);
    r->matrix = cor__alloc(r->bytes, "the matrices of a convolution");
    r->rows = r->matrix == NULL ? NULL : r->matrix + matrix;
    return r->matrix == NULL ? cor_error() : COR_OK;
}

int cor__conv_product(const cor__conv_problem *p, const void *input, const void *weight, const void *bias,
                      void *output) {
    const sizes s = sizes_of(p);
    room r;
    if (make_room(&r, &s) != COR_OK) return cor_error();
    gather(p, &s, input, r.matrix, s.positions, 1);
    const cor__product product = {.dtype = p->dtype,
                                  .m = s.outputs,
                                  .n = s.positions,
                                  .k = s.weights,
                                  .a = weight,
                                  .b = (const char *)r.matrix,
                                  .a_row = s.weights,
                                  .a_column = 1,
                                  .b_row = s.positions,
                                  .b_column = 1,
                                  .c = (char *)r.rows};
    const int code = cor__multiply(&product, cor_num_threads());
    if (code == COR_OK) put_channels(&s, r.rows, p->bias ? bias : NULL, output);
    cor__free(r.matrix, r.bytes);
    return code;
}

int cor__conv_product_input(const cor__conv_problem *p, const void *grad_output, const void *weight, void *grad_input) {
    const sizes s = sizes_of(p);
    room r;
    if (make_room(&r, &s) != COR_OK) return cor_error();
    take_channels(&s, grad_output, r.rows);
    const cor__product product = {.dtype = p->dtype,
                                  .m = s.weights,
                                  .n = s.positions,
                                  .k = s.outputs,
                                  .a = weight,
                                  .b = (const char *)r.rows,
                                  .a_row = 1,
                                  .a_column = s.weights,
                                  .b_row = s.positions,
                                  .b_column = 1,
                                  .c = (char *)r.matrix};
    const int code = cor__multiply(&product, cor_num_threads());
    if (code == COR_OK) spread(p, &s, r.matrix, grad_input);
    cor__free(r.matrix, r.bytes);
    return code;
}

int cor__conv_product_weight(const cor__conv_problem *p, const void *input, const void *grad_output,
                             void *grad_weight) {
    const sizes s = sizes_of(p);
    room r;
    if (make_room(&r, &s) != COR_OK) return cor_error();
    gather(p, &s, input, r.matrix, 1, s.weights);
    take_channels(&s, grad_output, r.rows);
    const cor__product product = {.dtype = p->dtype,
                                  .m = s.outputs,
                                  .n = s.weights,
                                  .k = s.positions,
                                  .a = (const char *)r.rows,
                                  .b = (const char *)r.matrix,
                                  .a_row = s.positions,
                                  .a_column = 1,
                                  .b_row = s.weights,
                                  .b_column = 1,
                                  .c = grad_weight};
    const int code = cor__multiply(&product, cor_num_threads());
    cor__free(r.matrix, r.bytes);
    return code;
}
