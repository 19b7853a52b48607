/* The well-known sets of pictures: readers, damaged files, folders, and every allocation failing. */
#include "support/golden.h"
#include "support/scenario.h"
#include <corrie.h>
#include <corrie/io.h>
#include <corrie/vision.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DIGITS COR_SOURCE_DIR "/data/digits"

static char folder[] = "/tmp/corrie-vision-XXXXXX";

static const char *in_folder(const char *name) {
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static void write_file(const char *name, const void *bytes, size_t size) {
    FILE *file = fopen(in_folder(name), "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) fail_msg("%s: not written", name);
}

static size_t read_file(const char *path, unsigned char *bytes, size_t room) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("%s is not there", path);
    size_t n = fread(bytes, 1, room, file);
    (void)fclose(file);
    return n;
}

static void expect_error(int code, const char *part) {
    cor_error_info error;
    assert_int_equal(cor_error_take(&error), code);
    if (strstr(error.text, part) == NULL) fail_msg("'%s' is not in '%s'", part, error.text);
}

/* Sample i of d: its label; the sizes of its picture are checked. */
static int64_t label_of(cor_dataset *d, int64_t i, int64_t channels, int64_t height, int64_t width,
                        cor_tensor **image) {
    cor_tensor *fields[2];
    if (cor_dataset_get(d, i, fields, 2) != 2) fail_msg("%s", cor_error_message());
    assert_int_equal(cor_dtype_of(fields[0]), COR_UINT8);
    assert_int_equal(cor_dtype_of(fields[1]), COR_INT64);
    assert_int_equal(cor_dim(fields[0]), 3);
    assert_int_equal(cor_dim(fields[1]), 0);
    assert_int_equal(cor_size(fields[0], 0), channels);
    assert_int_equal(cor_size(fields[0], 1), height);
    assert_int_equal(cor_size(fields[0], 2), width);
    if (image != NULL) *image = fields[0];
    return cor_item_int(fields[1]);
}

/* ---- IDX -------------------------------------------------------------------------------------------------------- */

static void idx_of_every_type(void **state) {
    (void)state;
    static const struct {
        unsigned char bytes[20];
        size_t size;
        const char *text;
    } rows[] = {
        {{0, 0, 0x08, 1, 0, 0, 0, 2, 1, 255}, 10, "tensor([  1, 255], dtype=torch.uint8)"},
        {{0, 0, 0x09, 1, 0, 0, 0, 2, 1, 255}, 10, "tensor([ 1, -1], dtype=torch.int8)"},
        {{0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 255, 254}, 12, "tensor([258,  -2], dtype=torch.int16)"},
        {{0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 1, 0, 2}, 12, "tensor([65538], dtype=torch.int32)"},
        {{0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0}, 12, "tensor([1.5000])"},
        {{0, 0, 0x0e, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0}, 16, "tensor([1.5000], dtype=torch.float64)"},
        {{0, 0, 0x08, 0, 7}, 5, "tensor(7, dtype=torch.uint8)"},
        {{0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 0}, 12, "tensor([], size=(2, 0), dtype=torch.uint8)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor_scope();
        write_file("a.idx", rows[i].bytes, rows[i].size);
        char *text = cor_repr(cor_load_idx(in_folder("a.idx")), NULL);
        if (text == NULL) fail_msg("row %zu: %s", i, cor_error_message());
        assert_string_equal(text, rows[i].text);
        cor_free_text(text);
    }
}

static void idx_broken_files_are_refused(void **state) {
    (void)state;
    static const struct {
        unsigned char bytes[24];
        size_t size;
        int code;
        const char *part;
    } rows[] = {
        {{0}, 0, COR_EFORMAT, "begins with two zeros"},
        {{0, 0, 8}, 3, COR_EFORMAT, "begins with two zeros"},
        {{1, 0, 8, 1, 0, 0, 0, 1, 5}, 9, COR_EFORMAT, "begins with two zeros"},
        {{0, 0, 7, 1, 0, 0, 0, 1, 5}, 9, COR_EFORMAT, "0x07 is no type"},
        {{0, 0, 8, 17, 0, 0, 0, 1, 5}, 9, COR_ELIMIT, "17 dimensions"},
        {{0, 0, 8, 2, 0, 0, 0, 1, 5}, 9, COR_EFORMAT, "12 bytes, found 9"},
        {{0, 0, 8, 1, 0, 0, 0, 2, 5}, 9, COR_EFORMAT, "ask for 10 bytes, found 9"},
        {{0, 0, 8, 1, 0, 0, 0, 2, 5, 6, 7}, 11, COR_EFORMAT, "ask for 10 bytes, found 11"},
        {{0, 0, 8, 1, 255, 255, 255, 255, 5}, 9, COR_EFORMAT, "ask for 4294967303 bytes, found 9"},
        {{0, 0, 14, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0}, 17, COR_ELIMIT, ""},
        {{0x1f, 0x8b}, 2, COR_EFORMAT, "end early"},
        {{0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0}, 10, COR_EFORMAT, "broken gzip contents"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor_scope();
        write_file("bad.idx", rows[i].bytes, rows[i].size);
        assert_null(cor_load_idx(in_folder("bad.idx")));
        if (rows[i].code == COR_EFORMAT && strstr(cor_error_message(), "bad.idx: ") == NULL)
            fail_msg("row %zu: %s", i, cor_error_message());
        expect_error(rows[i].code, rows[i].part);
    }
    assert_null(cor_load_idx(in_folder("absent.idx")));
    expect_error(COR_EIO, "absent.idx: cannot be opened");
}

/* Every cut of a gzip file and every changed byte is refused, or, in the few bytes of its header that nobody reads,
 * does no harm. */
static void damaged_gzip(void **state) {
    (void)state;
    unsigned char bytes[512];
    const size_t n = read_file(DIGITS "/labels-idx1-ubyte.gz", bytes, sizeof bytes);
    int refused = 0;
    for (size_t i = 0; i < n; i++) {
        cor_scope();
        write_file("cut.gz", bytes, i);
        assert_null(cor_load_idx(in_folder("cut.gz")));
        assert_true(cor_error() == COR_EFORMAT);
        cor_error_clear();
        bytes[i] ^= 0x15;
        write_file("changed.gz", bytes, n);
        bytes[i] ^= 0x15;
        refused += cor_load_idx(in_folder("changed.gz")) == NULL;
        cor_error_clear();
    }
    if (refused + 8 < (int)n) fail_msg("%d of %zu refused", refused, n);
    static const unsigned char bomb[] = {
        31, 139, 8, 0,  0,  0,   0,   0,   2,  3,   237, 195, 177, 13, 0,  48,  8,  3, 176, 136, 169, 255, 63,
        12, 244, 7, 70, 91, 114, 242, 170, 87, 242, 3,   0,   0,   0,  0,  0,   0,  0, 0,   0,   0,   0,   0,
        0,  0,   0, 0,  0,  0,   0,   0,   0,  0,   0,   0,   0,   0,  0,  0,   0,  0, 0,   0,   0,   0,   0,
        0,  0,   0, 0,  0,  0,   0,   0,   0,  0,   0,   0,   0,   0,  0,  0,   0,  0, 0,   0,   0,   0,   0,
        0,  0,   0, 0,  0,  0,   0,   0,   0,  215, 6,   21,  186, 31, 33, 124, 17, 1, 0};
    write_file("bomb.gz", bomb, sizeof bomb);
    assert_null(cor_load_idx(in_folder("bomb.gz")));
    expect_error(COR_EFORMAT, "bomb.gz: its sizes ask for 281470681677837 bytes, which 111 bytes of gzip cannot hold");
    bytes[n] = 0;
    write_file("longer.gz", bytes, n + 1);
    assert_null(cor_load_idx(in_folder("longer.gz")));
    expect_error(COR_EFORMAT, "behind the end");
}

/* ---- digits and MNIST ------------------------------------------------------------------------------------------- */

static void digits(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *image;
    cor_dataset *train = cor_digits_dataset(DIGITS, true), *test = cor_digits_dataset(DIGITS, false);
    assert_int_equal(cor_dataset_size(train), 1437);
    assert_int_equal(cor_dataset_size(test), 360);
    for (int64_t i = 0; i < 5; i++) assert_int_equal(label_of(train, i, 1, 8, 8, NULL), i);
    for (int64_t i = 0; i < 5; i++) assert_int_equal(label_of(test, i, 1, 8, 8, NULL), i + 2);
    (void)label_of(train, 0, 1, 8, 8, &image);
    assert_int_equal(cor_item_int(cor_sum(image)), 294);
    (void)label_of(test, 0, 1, 8, 8, &image);
    assert_int_equal(cor_item_int(cor_sum(image)), 347);
    cor_tensor *all = cor_load_idx(DIGITS "/images-idx3-ubyte.gz");
    assert_int_equal(cor_item_int(cor_sum(all)), 561718);
    assert_int_equal(cor_item_int(cor_max(all)), 16);
    assert_int_equal(cor_dataset_class_count(test), 10);
    assert_string_equal(cor_dataset_class_name(test, 7), "seven");
    assert_null(cor_digits_dataset("/nowhere", true));
    expect_error(COR_EIO, "/nowhere/images-idx3-ubyte: cannot be opened");
}

static void write_mnist(const char *images, const char *labels, unsigned char count, unsigned char label) {
    static unsigned char bytes[16 + 3 * 784] = {0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 28, 0, 0, 0, 28};
    unsigned char labelled[8 + 8] = {0, 0, 8, 1, 0, 0, 0, count, 7, 8, label};
    for (size_t i = 0; i < 3 * 784; i++) bytes[16 + i] = (unsigned char)(i * 7);
    write_file(images, bytes, sizeof bytes);
    write_file(labels, labelled, 8 + (size_t)count);
}

static void mnist(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *image;
    write_mnist("train-images-idx3-ubyte", "train-labels-idx1-ubyte", 3, 9);
    cor_dataset *d = cor_mnist_dataset(folder, true);
    assert_int_equal(cor_dataset_size(d), 3);
    assert_int_equal(label_of(d, 2, 1, 28, 28, &image), 9);
    assert_int_equal(((const unsigned char *)cor_data_const(image))[5], (unsigned char)((2 * 784 + 5) * 7));
    assert_null(cor_mnist_dataset(folder, false));
    expect_error(COR_EIO, "t10k-images-idx3-ubyte: cannot be opened");
    write_mnist("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 3, 10);
    assert_null(cor_mnist_dataset(folder, false));
    expect_error(COR_EFORMAT, "label 2 is 10, expected less than 10");
    write_mnist("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", 2, 0);
    assert_null(cor_mnist_dataset(folder, false));
    expect_error(COR_EFORMAT, "expected a label for each of 3 pictures, found 2 uint8");
    write_mnist("t10k-labels-idx1-ubyte", "t10k-images-idx3-ubyte", 3, 0);
    assert_null(cor_mnist_dataset(folder, false));
    expect_error(COR_EFORMAT, "expected uint8 pictures of 28 by 28, found uint8 [3]");
}

/* ---- CIFAR ------------------------------------------------------------------------------------------------------ */

static void cifar(void **state) {
    (void)state;
    static unsigned char records[2 * 3074];
    static const char *const names[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                                        "data_batch_5.bin"};
    cor_scope();
    cor_tensor *image;
    for (size_t i = 0; i < sizeof records; i++) records[i] = (unsigned char)(i * 3 % 251);
    for (unsigned char k = 0; k < 5; k++) {
        records[0] = k, records[3073] = 9;
        write_file(names[k], records, 2 * 3073);
    }
    cor_dataset *d = cor_cifar10_dataset(folder, true);
    assert_int_equal(cor_dataset_size(d), 10);
    assert_int_equal(cor_dataset_class_count(d), 10);
    assert_string_equal(cor_dataset_class_name(d, 9), "truck");
    assert_int_equal(label_of(d, 6, 3, 32, 32, &image), 3);
    assert_int_equal(((const unsigned char *)cor_data_const(image))[2000], 2001 * 3 % 251);
    assert_int_equal(label_of(d, 9, 3, 32, 32, NULL), 9);
    records[0] = 255, records[1] = 99, records[3074] = 0, records[3075] = 5;
    write_file("test.bin", records, sizeof records);
    d = cor_cifar100_dataset(folder, false);
    assert_int_equal(label_of(d, 0, 3, 32, 32, NULL), 99);
    assert_int_equal(label_of(d, 1, 3, 32, 32, NULL), 5);
    write_file("test_batch.bin", records, 3072);
    assert_null(cor_cifar10_dataset(folder, false));
    expect_error(COR_EFORMAT, "test_batch.bin: expected records of 3073 bytes, found 3072 bytes");
    write_file("test_batch.bin", records, 0);
    assert_null(cor_cifar10_dataset(folder, false));
    expect_error(COR_EFORMAT, "found 0 bytes");
    write_file("test_batch.bin", records, 3073);
    assert_null(cor_cifar10_dataset(folder, false));
    expect_error(COR_EFORMAT, "test_batch.bin: label 0 is 255, expected less than 10");
}

/* ---- folders ---------------------------------------------------------------------------------------------------- */

static void make_folder(const char *name) {
    if (mkdir(in_folder(name), 0777) != 0) fail_msg("%s: not made", name);
}

static void save(const char *name, int64_t channels, int64_t height, int64_t value) {
    cor_scope();
    assert_int_equal(cor_save_image(in_folder(name), cor_full_of(COR_UINT8, value, channels, height, 4)), COR_OK);
}

static void make_pictures(void) {
    static const char *const folders[] = {"set", "set/bee", "set/ant", "set/bee/more", "hollow", "hollow/x", "bare"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) make_folder(folders[i]);
    save("set/bee/b.png", 3, 5, 20);
    save("set/bee/a.JPG", 3, 16, 30);
    save("set/bee/c.png", 3, 7, 20);
    save("set/bee/more/z.png", 1, 3, 40);
    save("set/ant/q.png", 4, 2, 50);
    write_file("set/ant/notes.txt", "no picture", 10);
    write_file("set/list.png", "no folder", 9);
}

static void image_folder(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *image, *fields[2];
    cor_dataset *d = cor_image_folder(in_folder("set"));
    if (d == NULL) fail_msg("%s", cor_error_message());
    assert_int_equal(cor_dataset_class_count(d), 2);
    assert_string_equal(cor_dataset_class_name(d, 0), "ant");
    assert_string_equal(cor_dataset_class_name(d, 1), "bee");
    assert_int_equal(cor_dataset_size(d), 5);
    assert_int_equal(label_of(d, 0, 3, 2, 4, NULL), 0);
    assert_int_equal(label_of(d, 1, 3, 16, 4, NULL), 1);
    assert_int_equal(label_of(d, 2, 3, 5, 4, NULL), 1);
    assert_int_equal(label_of(d, 3, 3, 7, 4, NULL), 1);
    assert_int_equal(label_of(d, 4, 3, 3, 4, &image), 1);
    assert_int_equal(cor_item_int(cor_sum(image)), 3 * 3 * 4 * 40);
    assert_null(cor_image_folder(in_folder("bare")));
    expect_error(COR_EVALUE, "Couldn't find any class folder in ");
    assert_null(cor_image_folder(in_folder("hollow")));
    expect_error(COR_EVALUE, "Found no valid file for the classes x. Supported extensions are: .jpg, .jpeg, .png");
    assert_null(cor_image_folder(in_folder("absent")));
    expect_error(COR_EIO, "absent: cannot be opened");
    write_file("set/ant/q.png", "broken", 6);
    assert_int_equal(cor_dataset_get(d, 0, fields, 2), COR_EFORMAT);
    expect_error(COR_EFORMAT, "set/ant/q.png: neither a PNG nor a JPEG");
    save("set/ant/q.png", 4, 2, 50);
}

static cor_tensor *prepare(cor_tensor *image, cor_generator *random, void *context) {
    (void)context;
    image = cor_resize(image, .sizes = {12, 10});
    image = cor_random_crop(image, 8, 8, .padding = 1, .generator = random);
    image = cor_random_horizontal_flip(image, .generator = random);
    return cor_image_to_float(image);
}

static uint64_t walk(int64_t workers) {
    cor_scope();
    cor_tensor *images, *labels;
    uint64_t hash = 0;
    cor_manual_seed(5);
    cor_dataset *d = cor_transformed_dataset(cor_image_folder(in_folder("set")), &(cor_transform){prepare, NULL}, 1);
    cor_loader *loader = cor_data_loader(d, .batch_size = 3, .shuffle = true, .num_workers = workers);
    for (int epoch = 0; epoch < 3; epoch++)
        while (cor_next_batch(loader, &images, &labels)) {
            hash = 31 * hash + golden_fnv1a(cor_data_const(images), (size_t)cor_numel(images) * sizeof(float));
            hash = 31 * hash + golden_fnv1a(cor_data_const(labels), (size_t)cor_numel(labels) * sizeof(int64_t));
        }
    assert_int_equal(cor_error(), COR_OK);
    return hash;
}

static void random_transforms_do_not_depend_on_workers(void **state) {
    (void)state;
    const uint64_t alone = walk(0);
    assert_true(walk(1) == alone);
    assert_true(walk(3) == alone);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static int read_sets(void *context, scenario_hash *result) {
    cor_tensor *fields[2], *images;
    (void)context;
    if (cor_dataset_get(cor_digits_dataset(DIGITS, true), 3, fields, 2) != 2) return cor_error();
    scenario_feed_tensor(result, fields[0]);
    if (cor_dataset_get(cor_cifar10_dataset(folder, true), 3, fields, 2) != 2) return cor_error();
    scenario_feed_tensor(result, fields[0]);
    cor_dataset *d = cor_transformed_dataset(cor_image_folder(in_folder("set")), &(cor_transform){prepare, NULL}, 1);
    cor_manual_seed(1);
    if (cor_next_batch(cor_data_loader(d, .batch_size = 4), &images, NULL)) scenario_feed_tensor(result, images);
    scenario_feed_tensor(result, cor_grayscale(cor_ones_of(COR_UINT8, 3, 2, 2)));
    return cor_error();
}

static void allocations(void **state) {
    (void)state;
    assert_true(scenario_run("sets of pictures", read_sets, NULL) > 50);
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK || mkdtemp(folder) == NULL) return 1;
    make_pictures();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idx_of_every_type),
        cmocka_unit_test(idx_broken_files_are_refused),
        cmocka_unit_test(damaged_gzip),
        cmocka_unit_test(digits),
        cmocka_unit_test(mnist),
        cmocka_unit_test(cifar),
        cmocka_unit_test(image_folder),
        cmocka_unit_test(random_transforms_do_not_depend_on_workers),
        cmocka_unit_test(allocations),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    scenario_print_total();
    return system(command) == 0 ? failed : 1;
}
