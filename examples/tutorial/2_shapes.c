/* The image and the kernel of the chapter, and their shapes. */
#include <corrie.h>

int main(void) {
    int64_t image[5][5] = {{1, 2, 0, 3, 1}, {0, 1, 2, 3, 1}, {1, 2, 1, 0, 0}, {5, 2, 3, 1, 1}, {2, 1, 0, 1, 1}};
    int64_t weights[3][3] = {{1, 2, 1}, {0, 1, 0}, {2, 1, 0}};
    cor_print_shape(cor_from(image, 5, 5));
    cor_print_shape(cor_from(weights, 3, 3));
}
