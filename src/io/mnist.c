/* mnist.c: the sets that come as a pair of IDX files: MNIST, Fashion-MNIST, the digits of UCI. */
#include "base/error.h"
#include "base/text.h"
#include "io/labels.h"
#include "tensor/tensor.h"
#include <corrie/vision.h>
#include <unistd.h>

enum { CLASSES = 10, DIGITS = 1797, DIGITS_TRAIN = 1437 };

/* folder/name, or folder/name.gz where only that is there. */
static cor_tensor *load(const char *folder, const char *name) {
    char path[4096], packed[4096];
    if (cor_error() != COR_OK) return NULL;
    if (folder == NULL) return cor__fail_null(COR_EVALUE, "the name of a folder is NULL");
    cor__format(path, sizeof path, "%s/%s", folder, name);
    cor__format(packed, sizeof packed, "%s/%s.gz", folder, name);
    return cor_load_idx(access(path, F_OK) != 0 && access(packed, F_OK) == 0 ? packed : path);
}

/* Whether these are n pictures of side by side (n < 0: any number) and a label below 10 for each. */
static int check_pair(const cor_tensor *images, const cor_tensor *labels, int64_t n, int64_t side, const char *folder) {
    if (cor__dtype(images) != COR_UINT8 || cor__ndim(images) != 3 || cor_size(images, 1) != side ||
        cor_size(images, 2) != side || (n >= 0 && cor_size(images, 0) != n)) {
        char sizes[COR__SIZES_TEXT];
        return cor__fail(COR_EFORMAT, "%s: expected uint8 pictures of %lld by %lld, found %s %s", folder,
                         (long long)side, (long long)side, cor_dtype_name(cor__dtype(images)),
                         cor__sizes_text(sizes, cor__sizes(images), cor__ndim(images)));
    }
    if (cor__dtype(labels) != COR_UINT8 || cor__ndim(labels) != 1 || cor_size(labels, 0) != cor_size(images, 0))
        return cor__fail(COR_EFORMAT, "%s: expected a label for each of %lld pictures, found %lld %s", folder,
                         (long long)cor_size(images, 0), (long long)cor__numel(labels),
                         cor_dtype_name(cor__dtype(labels)));
    return cor__check_labels(cor__data(labels), cor__numel(labels), CLASSES, folder);
}

static cor_dataset *pair(const char *folder, const char *images_name, const char *labels_name, int64_t n, int64_t side,
                         int64_t first, int64_t end) {
    cor_scope();
    cor_tensor *images = load(folder, images_name), *labels = load(folder, labels_name);
    if (images == NULL || labels == NULL || check_pair(images, labels, n, side, folder) != COR_OK) return NULL;
    const int64_t count = (end < 0 ? cor_size(images, 0) : end) - first;
    images = cor_unsqueeze(cor_narrow(images, 0, first, count), 1);
    labels = cor_to(cor_narrow(labels, 0, first, count), COR_INT64);
    return cor_dataset_keep(cor_tensor_dataset(COR_TENSORS(images, labels)));
}

cor_dataset *cor_mnist_dataset(const char *folder, bool train) {
    return pair(folder, train ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte",
                train ? "train-labels-idx1-ubyte" : "t10k-labels-idx1-ubyte", -1, 28, 0, -1);
}

cor_dataset *cor_digits_dataset(const char *folder, bool train) {
    static const char *const classes[CLASSES] = {"zero", "one", "two",   "three", "four",
                                                 "five", "six", "seven", "eight", "nine"};
    cor_dataset *d = pair(folder, "images-idx3-ubyte", "labels-idx1-ubyte", DIGITS, 8, train ? 0 : DIGITS_TRAIN,
                          train ? DIGITS_TRAIN : DIGITS);
    return d != NULL && cor_dataset_name_classes(d, classes, CLASSES) == COR_OK ? d : NULL;
}
