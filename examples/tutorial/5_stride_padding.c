/* The same with stride 2, and with a ring of zeros around the image. */
#include <corrie.h>

int main(void) {
    int64_t image[5][5] = {{1, 2, 0, 3, 1}, {0, 1, 2, 3, 1}, {1, 2, 1, 0, 0}, {5, 2, 3, 1, 1}, {2, 1, 0, 1, 1}};
    int64_t weights[3][3] = {{1, 2, 1}, {0, 1, 0}, {2, 1, 0}};
    cor_tensor *input = cor_reshape(cor_from(image, 5, 5), 1, 1, 5, 5);
    cor_tensor *kernel = cor_reshape(cor_from(weights, 3, 3), 1, 1, 3, 3);
    cor_print(cor_conv2d(input, kernel, .stride = 1));
    cor_print(cor_conv2d(input, kernel, .stride = 2));
    cor_print(cor_conv2d(input, kernel, .stride = 1, .padding = 1));
}
