/* Transforms: Pillow's pixels, torchvision's values and draws, and refusals. */
#include "support/tensors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const double mean[] = {0.485, 0.456, 0.406}, std[] = {0.229, 0.224, 0.225};

static cor_tensor *resize(cor_tensor *x, const char *options) {
    int64_t sizes[GOLDEN_DIMS];
    const int n = golden_option_ints(options, "size", sizes);
    return n == 1 ? cor_resize(x, .size = sizes[0]) : cor_resize(x, .sizes = {sizes[0], sizes[1]});
}

static cor_tensor *run(const golden_record *record) {
    const char *o = golden_get(record, "options"), *name = record->name;
    cor_tensor *x = tensor_from_text(golden_get(record, "input"));
    const int64_t height = golden_option_int(o, "height", 0), width = golden_option_int(o, "width", 0);
    if (golden_get(record, "seed") != NULL) cor_manual_seed(strtoull(golden_get(record, "seed"), NULL, 10));
    if (strcmp(name, "resize") == 0) return resize(x, o);
    if (strcmp(name, "grayscale") == 0) return cor_grayscale(x);
    if (strcmp(name, "center_crop") == 0) return cor_center_crop(x, height, width);
    if (strcmp(name, "random_crop") == 0)
        return cor_random_crop(x, height, width, .padding = golden_option_int(o, "padding", 0),
                               .pad_if_needed = golden_option_bool(o, "pad_if_needed", false));
    if (strcmp(name, "random_flip") == 0) return cor_random_horizontal_flip(x, .p = golden_option_double(o, "p", 0));
    if (strcmp(name, "image_to_float") == 0) return cor_image_to_float(x);
    if (strcmp(name, "to_tensor") == 0) return cor_to_tensor(x);
    if (strcmp(name, "normalize") == 0) return cor_normalize(x, mean, std, 3);
    fail_msg("no such record: %s", name);
    return NULL;
}

static void records(void **state) {
    (void)state;
    golden_file *file = golden_open("pictures.txt");
    golden_record record;
    int seen = 0;
    assert_non_null(file);
    for (; golden_next(file, &record) > 0; seen++) {
        cor_scope();
        golden_tensor expected;
        assert_true(golden_parse_tensor(golden_get(&record, "out0"), &expected));
        if (!tensor_matches(run(&record), &expected))
            fail_msg("record %d, line %d: out0 differs %s", record.number, record.line, cor_error_message());
        if (golden_get(&record, "after") != NULL)
            assert_int_equal(cor_item_int(cor_random_(cor_zeros_of(COR_INT64))),
                             strtoll(golden_get(&record, "after"), NULL, 10));
    }
    golden_close(file);
    assert_true(seen >= 300);
    print_message("%d records\n", seen);
}

/* ---- turned pictures -------------------------------------------------------------------------------------------- */

/* Two numbers of an option "[0.125,0.25]" into at[0..2); they stay when there is none. */
static void two_numbers(const char *options, const char *name, double at[2]) {
    golden_pair pair;
    char *end;
    if (!golden_option(options, name, &pair)) return;
    at[0] = strtod(pair.value + 1, &end);
    at[1] = strtod(end + 1, NULL);
}

static cor_tensor *run_affine(const golden_record *record) {
    const char *o = golden_get(record, "options");
    cor_tensor *x = tensor_from_text(golden_get(record, "input"));
    double translate[2] = {0, 0}, pair[2] = {0, 0}, scale[2] = {1, 1};
    const bool bilinear = golden_option_bool(o, "bilinear", false);
    two_numbers(o, "translate", translate);
    if (strcmp(record->name, "affine") == 0) {
        two_numbers(o, "shear", pair);
        return cor_affine(x, .angle = golden_option_double(o, "angle", 0), .translate = {translate[0], translate[1]},
                          .scale = golden_option_double(o, "scale", 1), .shear = {pair[0], pair[1]},
                          .bilinear = bilinear);
    }
    two_numbers(o, "scale", scale);
    cor_manual_seed(strtoull(golden_get(record, "seed"), NULL, 10));
    return cor_random_affine(x, golden_option_double(o, "degrees", 0), .translate = {translate[0], translate[1]},
                             .scale = {scale[0], scale[1]}, .shear = golden_option_double(o, "shear", 0),
                             .bilinear = bilinear);
}

/* Nearest pixels and bytes are exact. Floats between pixels are computed in double here, from float32 places there:
 * a place may be off by some 2^-20 pixels, and neighbours differ by at most 1. */
static void turned_pictures(void **state) {
    (void)state;
    golden_file *file = golden_open("affine.txt");
    golden_record record;
    int seen = 0;
    assert_non_null(file);
    for (; golden_next(file, &record) > 0; seen++) {
        cor_scope();
        golden_tensor expected;
        assert_true(golden_parse_tensor(golden_get(&record, "out0"), &expected));
        cor_tensor *out = run_affine(&record);
        assert_non_null(out);
        const bool between = golden_option_bool(golden_get(&record, "options"), "bilinear", false);
        const bool near = between && cor_dtype_of(out) != COR_UINT8;
        const double off = cor_item(
            cor_amax(cor_abs(cor_sub(cor_to(out, COR_FLOAT64), cor_to(tensor_from_golden(&expected), COR_FLOAT64)))));
        if (!(near ? off < 0x1p-18 : tensor_matches(out, &expected)))
            fail_msg("affine.txt, record %d: out0 differs by %g %s", record.number, off, cor_error_message());
        if (golden_get(&record, "after") != NULL)
            assert_int_equal(cor_item_int(cor_random_(cor_zeros_of(COR_INT64))),
                             strtoll(golden_get(&record, "after"), NULL, 10));
    }
    golden_close(file);
    assert_true(seen >= 90);
    print_message("%d records\n", seen);
}

/* Each channel and each picture of a batch by itself, whatever the strides. */
static void batches_and_strides(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(0);
    cor_tensor *batch = cor_randint_of(COR_UINT8, 0, 256, 2, 3, 17, 13);
    cor_tensor *all = cor_resize(batch, .sizes = {5, 29});
    cor_tensor *one = cor_resize(cor_select(cor_select(batch, 0, 1), 0, 2), .sizes = {5, 29});
    assert_true(cor_item(cor_all(cor_eq(cor_select(cor_select(all, 0, 1), 0, 2), one))) == 1);
    cor_tensor *turned = cor_transpose(batch, 2, 3);
    cor_tensor *same = cor_resize(cor_contiguous(turned), .size = 7);
    assert_true(cor_item(cor_all(cor_eq(cor_resize(turned, .size = 7), same))) == 1);
    cor_tensor *grey = cor_grayscale(batch, .num_output_channels = 3);
    assert_int_equal(cor_size(grey, 1), 3);
    assert_true(cor_item(cor_all(cor_eq(cor_narrow(grey, 1, 0, 1), cor_grayscale(batch)))) == 1);
    assert_true(cor_item(cor_all(cor_eq(cor_grayscale(cor_narrow(batch, 1, 0, 1), .num_output_channels = 3),
                                        cor_narrow(batch, 1, 0, 1)))) == 1);
    assert_int_equal(cor_error(), COR_OK);
}

static void colours(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(0);
    cor_tensor *four = cor_requires_grad_(cor_rand(2, 4, 5, 6), true), *three = cor_narrow(four, 1, 0, 3);
    assert_true(cor_item(cor_all(cor_eq(cor_rgb(four), three))) == 1);
    assert_false(cor_requires_grad(cor_rgb(four)));
    assert_ptr_equal(cor_rgb(three), three);
    cor_tensor *grey = cor_randint_of(COR_UINT8, 0, 256, 1, 5, 6), *repeated = cor_rgb(grey);
    assert_int_equal(cor_size(repeated, 0), 3);
    assert_true(cor_item(cor_all(cor_eq(repeated, grey))) == 1);
    assert_int_equal(cor_error(), COR_OK);
}

static void own_generators(void **state) {
    (void)state;
    cor_scope();
    cor_generator *a = cor_generator_new(), *b = cor_generator_new();
    cor_tensor *x = cor_reshape(cor_arange(0, 300), 3, 10, 10);
    for (int i = 0; i < 10; i++) {
        cor_tensor *left = cor_random_horizontal_flip(cor_random_crop(x, 4, 4, .generator = a), .generator = a);
        cor_tensor *right = cor_random_horizontal_flip(cor_random_crop(x, 4, 4, .generator = b), .generator = b);
        assert_true(cor_item(cor_all(cor_eq(left, right))) == 1);
    }
}

static void expect(cor_tensor *t, int code, const char *text) {
    assert_null(t);
    assert_int_equal(cor_error(), code);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

static void refusals(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *bytes = cor_zeros_of(COR_UINT8, 3, 4, 5), *reals = cor_zeros(3, 4, 5);
    expect(cor_resize(reals, .size = 2), COR_EDTYPE, "resize: the picture is to be uint8, this one is float32");
    expect(cor_resize(bytes), COR_EVALUE, "resize: give either .size or .sizes");
    expect(cor_resize(bytes, .size = 2, .sizes = {1, 2}), COR_EVALUE, "resize: give either .size or .sizes");
    expect(cor_resize(bytes, .sizes = {0, 2}), COR_EVALUE, "resize: 0 by 2 is no size of a picture");
    expect(cor_resize(bytes, .size = INT64_MAX), COR_EVALUE,
           "resize: 9223372036854775807 by 0 is no size of a picture");
    expect(cor_resize(cor_zeros_of(COR_UINT8, 3, 0, 5), .size = 2), COR_ESHAPE,
           "resize: a picture of 0 by 5 cannot be resized");
    expect(cor_resize(cor_zeros_of(COR_UINT8, 3), .size = 2), COR_ESHAPE,
           "resize: a picture has at least two dimensions, this one has 1");
    expect(cor_random_crop(bytes, 5, 5), COR_EVALUE,
           "Required crop size (5, 5) is larger than input image size (4, 5)");
    expect(cor_random_crop(bytes, -1, 5), COR_EVALUE, "random_crop: a part of -1 by 5");
    expect(cor_random_crop(bytes, 1, 1, .padding = -1), COR_EVALUE, "random_crop: a padding of -1");
    expect(cor_center_crop(bytes, 1, INT64_MAX), COR_EVALUE, "center_crop: a part of 1 by 9223372036854775807");
    expect(cor_random_horizontal_flip(bytes, .p = 1.5), COR_EVALUE,
           "random_horizontal_flip: the probability is to be between 0 and 1");
    expect(cor_affine(reals, .scale = 0), COR_EVALUE, "Argument scale should be positive");
    expect(cor_affine(reals, .angle = HUGE_VAL), COR_EVALUE, "affine: an option is not finite");
    expect(cor_affine(cor_zeros_of(COR_INT64, 1, 2, 2)), COR_EDTYPE,
           "affine: a picture is uint8, float32 or float64, this one is int64");
    expect(cor_random_affine(reals, -1), COR_EVALUE, "If degrees is a single number, it must be positive.");
    expect(cor_random_affine(reals, 1, .translate = {0, 1.5}), COR_EVALUE,
           "translation values should be between 0 and 1");
    expect(cor_random_affine(reals, 1, .scale = {0, 1}), COR_EVALUE, "scale values should be positive");
    expect(cor_random_affine(reals, 1, .scale = {2, 1}), COR_EVALUE,
           "uniform_ expects to return a [from, to) range, but found from=2 > to=1");
    expect(cor_random_affine(reals, 1, .shear = -1), COR_EVALUE, "If shear is a single number, it must be positive.");
    expect(cor_grayscale(reals), COR_EDTYPE, "grayscale: the picture is to be uint8, this one is float32");
    expect(cor_grayscale(cor_zeros_of(COR_UINT8, 2, 4, 5)), COR_ESHAPE,
           "Input image tensor permitted channel values are 1 or 3, but found 2");
    expect(cor_grayscale(bytes, .num_output_channels = 2), COR_EVALUE, "num_output_channels should be either 1 or 3");
    expect(cor_rgb(cor_zeros(2, 4, 5)), COR_ESHAPE, "rgb: a picture has 1, 3 or 4 channels, this one has 2");
    expect(cor_rgb(cor_zeros(3, 4)), COR_ESHAPE, "rgb: a picture has 1, 3 or 4 channels, this one has 0");
    expect(cor_image_to_float(cor_zeros_of(COR_INT64, 1, 2, 2)), COR_EDTYPE,
           "image_to_float: a picture is uint8 or float32, this one is int64");
    expect(cor_to_tensor(cor_zeros(2)), COR_ESHAPE, "pic should be 2/3 dimensional. Got 1 dimensions.");
    expect(cor_normalize(bytes, mean, std, 3), COR_EDTYPE, "Input tensor should be a float tensor. Got torch.uint8.");
    expect(cor_normalize(cor_zeros(4, 5), mean, std, 3), COR_ESHAPE,
           "Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = torch.Size([4, 5])");
    expect(cor_normalize(reals, mean, std, 2), COR_ESHAPE, "normalize: 2 means and stds for a picture of 3 channels");
    expect(cor_normalize(reals, mean, (const double[]){1, 1e-60, 1}, 3), COR_EVALUE,
           "std evaluated to zero after conversion to torch.float32, leading to division by zero.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records), cmocka_unit_test(turned_pictures), cmocka_unit_test(batches_and_strides),
        cmocka_unit_test(colours), cmocka_unit_test(own_generators),  cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
