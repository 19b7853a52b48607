/* pictures.h: the pictures that the programs from chapter 14 on look at, float32 from 0 to 1 of (3, 32, 32), of 10
 * classes. A folder with the binary version of CIFAR-10 gives that; data/digits gives handwritten digits, which are
 * small and grey, made as large and as colourful. */
#ifndef COURSE_PICTURES_H
#define COURSE_PICTURES_H

#include <corrie.h>
#include <corrie/vision.h>
#include <stdio.h>
#include <unistd.h>

static cor_tensor *enlarge(cor_tensor *image, cor_generator *random, void *context) {
    (void)random, (void)context;
    return cor_resize(cor_rgb(cor_mul(image, 15)), .sizes = {32, 32}); /* their values are from 0 to 16 */
}

static cor_tensor *to_tensor(cor_tensor *image, cor_generator *random, void *context) {
    (void)random, (void)context;
    return cor_image_to_float(image);
}

static inline cor_dataset *course_pictures(const char *folder, bool train) {
    char path[4096];
    cor_transform steps[] = {{enlarge, NULL}, {to_tensor, NULL}};
    snprintf(path, sizeof path, "%s/test_batch.bin", folder);
    if (access(path, F_OK) == 0) return cor_transformed_dataset(cor_cifar10_dataset(folder, train), steps + 1, 1);
    return cor_transformed_dataset(cor_digits_dataset(folder, train), steps, 2);
}

#endif
