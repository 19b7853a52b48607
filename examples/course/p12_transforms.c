/* Chapters 12 and 13: the transforms that are used most. Look at the values before and after Normalize, which are (x -
 * 0.5) / 0.5, and at the sizes after the others. Compose is a C function.
 *
 * usage: p12_transforms [PICTURE [LOGS]] */
#include <corrie.h>
#include <corrie/io.h>
#include <corrie/summary.h>
#include <stdio.h>

static cor_tensor *compose(cor_tensor *image) {
    return cor_image_to_float(cor_resize(image, .size = 256)); /* the shorter side becomes 256 */
}

int main(int argc, char **argv) {
    const char *path = argc > 1 ? argv[1] : "examples/data/cat.png", *logs = argc > 2 ? argv[2] : "build/course/p12";
    cor_summary_writer *writer = cor_summary_writer_new(logs);
    cor_tensor *image = cor_rgb(cor_load_image(path));
    cor_print_shape(image);

    cor_tensor *tensor = cor_image_to_float(image);
    cor_summary_add_image(writer, "ToTensor", tensor, 0);

    double half[] = {0.5, 0.5, 0.5};
    cor_tensor *normalized = cor_normalize(tensor, half, half, 3);
    cor_print(cor_select(cor_select(tensor, 1, 0), 1, 0));
    cor_print(cor_select(cor_select(normalized, 1, 0), 1, 0));
    cor_summary_add_image(writer, "Normalize", normalized, 0);

    cor_tensor *resized = cor_resize(image, .sizes = {256, 256});
    cor_print_shape(resized);
    cor_summary_add_image(writer, "Resize", resized, 0);
    cor_print_shape(compose(image));
    cor_summary_add_image(writer, "Resize", compose(image), 1);

    cor_manual_seed(0);
    for (int i = 0; i < 10; i++) {
        cor_tensor *crop = cor_random_crop(image, 100, 200);
        if (i == 0) cor_print_shape(crop);
        cor_summary_add_image(writer, "RandomCrop", crop, i);
    }
    cor_summary_writer_close(writer);
    printf("tensorboard --logdir %s\n", logs);
    return cor_report();
}
