/* Chapters 6 and 7: a dataset of one's own is two functions, how many samples there are and the picture and label of
 * one. Here the samples are the PNG files of a folder, whose name is their class. Look at how two datasets are added.
 *
 * usage: p07_dataset [FOLDER CLASS CLASS] */
#include <corrie.h>
#include <corrie/io.h>
#include <corrie/vision.h>
#include <glob.h>
#include <stdio.h>

typedef struct {
    glob_t files;
    int64_t label;
} MyData;

static int64_t MyData_size(void *context) { return (int64_t)((MyData *)context)->files.gl_pathc; }

static int MyData_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    MyData *self = (MyData *)context;
    (void)random;
    fields[0] = cor_load_image(self->files.gl_pathv[index]);
    fields[1] = cor_scalar(self->label);
    return 2;
}

static void MyData_destroy(void *context) { globfree(&((MyData *)context)->files); }

static cor_dataset *MyData_new(MyData *self, const char *folder, const char *name, int64_t label) {
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/%s/*.png", folder, name);
    glob(pattern, 0, NULL, &self->files);
    self->label = label;
    return cor_dataset_new(MyData_size, MyData_get, self, MyData_destroy);
}

static void show(const char *name, cor_dataset *d, int64_t index) {
    cor_tensor *sample[2];
    if (cor_dataset_get(d, index, sample, 2) != 2) return;
    printf("%s: %d samples; sample %d has label %d and is of ", name, (int)cor_dataset_size(d), (int)index,
           (int)cor_item_int(sample[1]));
    cor_print_shape(sample[0]);
}

int main(int argc, char **argv) {
    const char *folder = argc > 3 ? argv[1] : "data/digits/pictures";
    const char *first = argc > 3 ? argv[2] : "three", *second = argc > 3 ? argv[3] : "seven";
    static MyData a, b; /* they live as long as the datasets */
    cor_dataset *both[] = {MyData_new(&a, folder, first, 0), MyData_new(&b, folder, second, 1)};
    show(first, both[0], 0);
    show(second, both[1], 0);
    show("both, added", cor_concat_dataset(both, 2), cor_dataset_size(both[0]));
    show("the same by cor_image_folder", cor_image_folder(folder), 0);
    return cor_report();
}
