/* kernels.c: the convolution kernels that have a name. */
#include "cli/kernels.h"
#include <string.h>

static const float sobel_x[3][3] = {{-1, 0, 1}, {-2, 0, 2}, {-1, 0, 1}};
static const float sobel_y[3][3] = {{-1, -2, -1}, {0, 0, 0}, {1, 2, 1}};
static const float laplacian[3][3] = {{0, 1, 0}, {1, -4, 1}, {0, 1, 0}};
static const float sharpen[3][3] = {{0, -1, 0}, {-1, 5, -1}, {0, -1, 0}};
static const float emboss[3][3] = {{-2, -1, 0}, {-1, 1, 1}, {0, 1, 2}};
static const float blur[3][3] = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}};
/* Binomial coefficients: the discrete Gaussian of variance 1. */
static const float gaussian[5][5] = {
    {1, 4, 6, 4, 1}, {4, 16, 24, 16, 4}, {6, 24, 36, 24, 6}, {4, 16, 24, 16, 4}, {1, 4, 6, 4, 1}};

static const struct {
    const char *name;
    const float *weights;
    int64_t size;
    double divisor;
} rows[] = {
    {"sobel-x", sobel_x[0], 3, 1}, {"sobel-y", sobel_y[0], 3, 1},     {"laplacian", laplacian[0], 3, 1},
    {"blur", blur[0], 3, 9},       {"gaussian", gaussian[0], 5, 256}, {"sharpen", sharpen[0], 3, 1},
    {"emboss", emboss[0], 3, 1},
};

cor_tensor *named_kernel(const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) != 0) continue;
        cor_tensor *kernel = cor_from_data(rows[i].weights, COR_FLOAT32, rows[i].size, rows[i].size);
        return rows[i].divisor == 1 ? kernel : cor_div(kernel, rows[i].divisor);
    }
    return NULL;
}
