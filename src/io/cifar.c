/* cifar.c: CIFAR-10 and CIFAR-100, binary version: records of one or two labels and the planes of a picture. */
#include "base/error.h"
#include "base/text.h"
#include "io/file.h"
#include "io/labels.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <corrie/vision.h>
#include <string.h>

enum { PLANES = 3 * 32 * 32, MOST_FILES = 5 };

/* How the records of a set are made: labels before the picture, of which the last counts. */
typedef struct layout {
    int labels, classes;
} layout;

/* One file's pictures and labels, as tensors of the innermost scope. */
static int decode(const cor__file *file, const char *name, const layout *l, cor_tensor **images, cor_tensor **labels) {
    const size_t record = (size_t)l->labels + PLANES;
    if (file->size == 0 || file->size % record != 0)
        return cor__fail(COR_EFORMAT, "%s: expected records of %zu bytes, found %zu bytes", name, record, file->size);
    const int64_t n = (int64_t)(file->size / record);
    *images = cor_empty_of(COR_UINT8, n, 3, 32, 32);
    *labels = cor_empty_of(COR_UINT8, n);
    if (*images == NULL || *labels == NULL) return cor_error();
    uint8_t *to = cor__data(*images), *label = cor__data(*labels);
    for (int64_t i = 0; i < n; i++) {
        const unsigned char *from = file->data + (size_t)i * record;
        label[i] = from[l->labels - 1];
        memcpy(to + i * PLANES, from + l->labels, PLANES);
    }
    return cor__check_labels(label, n, l->classes, name);
}

static int load(const char *folder, const char *name, const layout *l, cor_tensor **images, cor_tensor **labels) {
    char path[4096];
    cor__file file;
    cor__format(path, sizeof path, "%s/%s", folder, name);
    if (cor__file_read(path, &file) != COR_OK) return cor_error();
    int code = decode(&file, path, l, images, labels);
    cor__file_free(&file);
    return code;
}

static cor_dataset *set(const char *folder, const char *const *names, int n, const layout *l) {
    cor_tensor *images[MOST_FILES], *labels[MOST_FILES];
    if (cor_error() != COR_OK) return NULL;
    if (folder == NULL) return cor__fail_null(COR_EVALUE, "the name of a folder is NULL");
    cor_scope();
    for (int i = 0; i < n; i++)
        if (load(folder, names[i], l, &images[i], &labels[i]) != COR_OK) return NULL;
    cor_tensor *all = n == 1 ? images[0] : cor_cat(COR_LIST(images, n));
    cor_tensor *of = cor_to(n == 1 ? labels[0] : cor_cat(COR_LIST(labels, n)), COR_INT64);
    return cor_dataset_keep(cor_tensor_dataset(COR_TENSORS(all, of)));
}

cor_dataset *cor_cifar10_dataset(const char *folder, bool train) {
    static const char *const names[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                        "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
    static const char *const classes[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                          "dog",      "frog",       "horse", "ship", "truck"};
    cor_dataset *d = set(folder, train ? names : names + 5, train ? 5 : 1, &(layout){1, 10});
    return d != NULL && cor_dataset_name_classes(d, classes, 10) == COR_OK ? d : NULL;
}

cor_dataset *cor_cifar100_dataset(const char *folder, bool train) {
    return set(folder, &(const char *const){train ? "train.bin" : "test.bin"}, 1, &(layout){2, 100});
}
