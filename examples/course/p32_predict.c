/* Chapter 32: a trained network says what is on a picture. Look at what the picture goes through before: three
 * channels, 32x32, float, a batch of one.
 *
 * usage: p32_predict [NETWORK [PICTURE [FOLDER]]], a network of p27_train and the folder it was trained on */
#include "net.h"
#include "pictures.h"
#include <corrie/io.h>

int main(int argc, char **argv) {
    const char *network = argc > 1 ? argv[1] : "build/course/p27/net_1.safetensors";
    const char *picture = argc > 2 ? argv[2] : "data/digits/five.png";
    const char *folder = argc > 3 ? argv[3] : "data/digits";
    cor_tensor *image = cor_load_image(picture);
    cor_print_shape(image);
    image = cor_image_to_float(cor_resize(cor_rgb(image), .sizes = {32, 32}));
    cor_print_shape(image);

    Net *net = Net_new();
    if (cor_load(net, network) != COR_OK) return cor_report();
    cor_eval(net);
    cor_no_grad();
    cor_tensor *output = cor_call(net, cor_reshape(image, 1, 3, 32, 32));
    cor_tensor *label = cor_argmax(output, .dim = 1);
    cor_print(label);
    printf("%s: %s\n", picture, cor_dataset_class_name(course_pictures(folder, false), cor_item_int(label)));
    return cor_report();
}
