/* train_data.c: the sets that `corrie train` knows, and where their files are. */
#include "base/text.h"
#include "cli/train.h"
#include <corrie/vision.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH = 4096 };

/* A set of one picture size. */
typedef struct known_set {
    const char *name, *file; /* of --data, and by which a folder shows that it is this one */
    cor_dataset *(*open)(const char *folder, bool train);
    int64_t channels, side;
    double mean[3], std[3];
    const char *const *names;
    const char *usual_model, *usual_augment;
    const char *places[2]; /* where it is looked for; "@" stands for the folder of the command */
    const char *remedy;
} known_set;

static const char *const digits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
static const char *const clothes[] = {"T-shirt/top", "trouser", "pullover", "dress", "coat",
                                      "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
static const char *const things[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                     "dog",      "frog",       "horse", "ship", "truck"};
enum { CLASSES = 10 };

/* The means and deviations are of the pictures for training. The last row is what a folder of IDX files is. */
static const known_set sets[] = {
    {"digits",
     "images-idx3-ubyte",
     cor_digits_dataset,
     1,
     8,
     {0.3053},
     {0.3760},
     digits,
     "digits",
     "affine",
     {"@/../share/corrie/digits", "@/../../../data/digits"},
     "they come with Corrie: --data-dir tells where"},
    {"fashion-mnist",
     NULL,
     cor_mnist_dataset,
     1,
     28,
     {0.2860},
     {0.3530},
     clothes,
     "fashion",
     "crop,flip",
     {"/usr/share/datasets/fashion-mnist"},
     "they are in Debian's package dataset-fashion-mnist (apt install dataset-fashion-mnist); else --data-dir tells "
     "where they are"},
    {"cifar10",
     "data_batch_1.bin",
     cor_cifar10_dataset,
     3,
     32,
     {0.4914, 0.4822, 0.4465},
     {0.2470, 0.2435, 0.2616},
     things,
     "resnet18",
     "crop,flip",
     {"cifar-10-batches-bin"},
     "they are the binary version of https://www.cs.toronto.edu/~kriz/cifar.html; --data-dir tells where they are"},
    {"mnist",
     "train-images-idx3-ubyte",
     cor_mnist_dataset,
     1,
     28,
     {0.1307},
     {0.3081},
     digits,
     "lenet",
     "affine",
     {NULL},
     ""},
};
enum { SETS = sizeof sets / sizeof sets[0] };

static bool is_there(const char *folder, const char *name) {
    char path[PATH];
    cor__format(path, sizeof path, "%s/%s", folder, name);
    if (access(path, F_OK) == 0) return true;
    cor__format(path, sizeof path, "%s/%s.gz", folder, name);
    return access(path, F_OK) == 0;
}

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* ---- finding ---------------------------------------------------------------------------------------------------- */

/* "@/x" beside the command's file; other paths as they are. */
static void expand(const char *place, char path[PATH]) {
    char command[PATH / 2];
    const ssize_t length = readlink("/proc/self/exe", command, sizeof command - 1);
    command[length < 0 ? 0 : length] = '\0';
    char *slash = strrchr(command, '/');
    if (slash != NULL) *slash = '\0';
    if (*place == '@') cor__format(path, PATH, "%s%s", command, place + 1);
    else cor__format(path, PATH, "%s", place);
}

/* The folder of a known set; the one that was named, or else the first that is there. */
static int find(const known_set *set, const char *data_dir, char path[PATH]) {
    const char *all = getenv("CORRIE_DATA");
    cor__format(path, PATH, "%s", data_dir != NULL ? data_dir : "");
    if (data_dir != NULL) return COR_OK;
    cor__format(path, PATH, "%s/%s", all != NULL ? all : "", set->name);
    if (all != NULL && is_folder(path)) return COR_OK;
    for (int i = 0; i < 2 && set->places[i] != NULL; i++) {
        expand(set->places[i], path);
        if (is_folder(path)) return COR_OK;
    }
    return cor_error_set(COR_EIO, "the files of %s are not in %s: %s", set->name, set->places[0], set->remedy);
}

static int open_known(train_data *d, const known_set *set, const char *folder) {
    d->train = set->open(folder, true);
    d->val = set->open(folder, false);
    if (d->val == NULL) return cor_error();
    d->form = (picture_form){.channels = set->channels, .height = set->side, .width = set->side};
    memcpy(d->form.mean, set->mean, sizeof set->mean);
    memcpy(d->form.std, set->std, sizeof set->std);
    d->names = set->names;
    d->classes = CLASSES;
    d->usual_model = set->usual_model;
    d->usual_augment = set->usual_augment;
    d->sixteenths = set->open == cor_digits_dataset;
    return COR_OK;
}

/* ---- folders of pictures ---------------------------------------------------------------------------------------- */

static int check_same_classes(const train_data *d, const char *folder, const char *other) {
    const int64_t n = cor_dataset_class_count(d->val);
    bool same = n == d->classes;
    for (int64_t i = 0; i < n && same; i++)
        same = strcmp(cor_dataset_class_name(d->train, i), cor_dataset_class_name(d->val, i)) == 0;
    if (same) return COR_OK;
    return cor_error_set(COR_EVALUE, "%s: the folders of train are not those of %s", folder, other);
}

static int split(train_data *d, const train_options *o) {
    cor_dataset *parts[2];
    cor_generator *generator = cor_generator_new();
    const double n = (double)cor_dataset_size(d->train), val = (double)(int64_t)(n * o->val_fraction);
    if (val < 1) return cor_error();
    if (cor_generator_seed(generator, (uint64_t)o->seed) != COR_OK ||
        cor_random_split(d->train, ((double[]){n - val, val}), 2, parts, .generator = generator) != COR_OK)
        return cor_error();
    d->train = parts[0];
    d->val = parts[1];
    return COR_OK;
}

static int open_folder(train_data *d, const train_options *o) {
    static const char *const others[] = {"val", "validation", "test"};
    char path[PATH];
    const char *other = NULL;
    cor__format(path, sizeof path, "%s/train", o->data);
    const bool has_parts = is_folder(path);
    d->train = cor_image_folder(has_parts ? path : o->data);
    if (d->train == NULL) return cor_error();
    d->classes = cor_dataset_class_count(d->train);
    d->form = (picture_form){.channels = 3, .mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}};
    d->usual_model = "resnet18";
    d->usual_augment = "crop,flip";
    d->is_folder = true;
    for (size_t i = 0; has_parts && other == NULL && i < sizeof others / sizeof others[0]; i++) {
        cor__format(path, sizeof path, "%s/%s", o->data, others[i]);
        if (is_folder(path)) other = others[i];
    }
    if (other == NULL) return split(d, o);
    d->val = cor_image_folder(path);
    return d->val == NULL ? cor_error() : check_same_classes(d, o->data, other);
}

int train_data_open(train_data *d, const train_options *o) {
    char path[PATH];
    *d = (train_data){0};
    for (int i = 0; i < SETS; i++)
        if (strcmp(sets[i].name, o->data) == 0 && sets[i].places[0] != NULL)
            return find(&sets[i], o->data_dir, path) == COR_OK ? open_known(d, &sets[i], path) : cor_error();
    if (!is_folder(o->data))
        return cor_error_set(COR_EIO, "%s is no folder, nor digits, fashion-mnist or cifar10", o->data);
    for (int i = 0; i < SETS; i++)
        if (sets[i].file != NULL && is_there(o->data, sets[i].file)) return open_known(d, &sets[i], o->data);
    return open_folder(d, o);
}

const char *train_class_name(const train_data *d, int64_t label) {
    return d->names != NULL ? d->names[label] : cor_dataset_class_name(d->train, label);
}

/* ---- as the network takes them ---------------------------------------------------------------------------------- */

/* The numbers of a channel for three, and their mean for one. */
static void change_channels(picture_form *form, int64_t channels) {
    for (int i = 0; i < 2; i++) {
        double *of = i == 0 ? form->mean : form->std;
        if (channels == 3) of[1] = of[2] = of[0];
        else of[0] = (of[0] + of[1] + of[2]) / 3;
    }
    form->channels = channels;
}

int train_data_prepare(train_data *d, const train_options *o, int64_t height, int64_t width) {
    if (o->channels != 0 && o->channels != d->form.channels) change_channels(&d->form, o->channels);
    d->form.height = height;
    d->form.width = width;
    d->val_pipeline = (picture_pipeline){.form = d->form, .sixteenths = d->sixteenths};
    d->train_pipeline = d->val_pipeline;
    d->train_pipeline.augment = augment_of(o->augment);
    const cor_transform train = {picture_pipeline_run, &d->train_pipeline},
                        val = {picture_pipeline_run, &d->val_pipeline};
    d->train_ready = cor_transformed_dataset(d->train, &train, 1);
    if (d->val != NULL) d->val_ready = cor_transformed_dataset(d->val, &val, 1);
    return cor_error();
}
