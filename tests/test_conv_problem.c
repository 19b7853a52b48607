/* Convolution problems: their text in benchdnn's notation, what is derived, and PyTorch's checks with its texts, as
 * PyTorch 2.13 gives them. */
#include "conv/check.h"
#include "conv/plan.h"
#include "support/conv_case.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* ---- text ------------------------------------------------------------------------------------------------------- */

static cor__conv_problem parsed(const char *text) {
    cor__conv_problem problem;
    if (cor__conv_parse(text, &problem) != COR_OK) fail_msg("%s: %s", text, cor_error_message());
    return problem;
}

/* What is read, and what is written for it. */
static void text_and_back(void **unused) {
    (void)unused;
    static const char *const rows[][2] = {
        {"g32mb1ic128ih56oc128oh56kh3ph1", "g32mb1ic128ih56oc128oh56kh3ph1"},
        {"ic64ih56oc64kh3ph1", "mb2ic64ih56oc64oh56kh3ph1"},             /* mb is 2, the output follows */
        {"mb1ic64ih56oc64oh56kh3", "mb1ic64ih56oc64oh56kh3ph1"},         /* the padding follows */
        {"mb1ic3ih224oc64oh112kh7sh2", "mb1ic3ih224oc64oh112kh7sh2ph2"}, /* (111*2 - 224 + 7) / 2 */
        {"mb1ic3ih224oc64oh112kh7sh2ph3", "mb1ic3ih224oc64oh112kh7sh2ph3"},
        {"mb1_ic2ih9iw7_oc4kh3kw1_sh2sw1_ph1pw0n\"name\"", "mb1ic2ih9iw7oc4oh5ow7kh3kw1sh2sw1ph1pw0"},
        {"mb1ic2ih20oc4kh3ph0dh1", "mb1ic2ih20oc4oh16kh3ph0dh1"}, /* dilation counts from 0 */
        {"mb1ic2iw20oc4kw3", "mb1ic2iw20oc4ow18kw3pw0"},
        {"mb1ic2id8oc4kd3pd1", "mb1ic2id8oc4od8kd3pd1"},
        {"mb1ic2id8ih9iw10oc4kd3kh3kw3pd1", "mb1ic2id8ih9iw10oc4od8oh7ow8kd3kh3kw3pd1ph0pw0"},
        {"mb1ic2ih8oc2oh8kh4", "mb1ic2ih8oc2oh8kh4ph1"}, /* padding 1 before and 2 behind */
        {"--deconv mb1ic4ih7oc2kh4sh2ph1", "--deconv mb1ic4ih7oc2oh14kh4sh2ph1"},
        {"--deconv mb1ic4ih7oc2oh14kh4sh2", "--deconv mb1ic4ih7oc2oh14kh4sh2ph1"},
        {"--dt=bf16 --bia-dt=bf16 mb1ic1ih5oc1kh3", "--dt=bf16 --bia-dt=bf16 mb1ic1ih5oc1oh3kh3ph0"},
        {"--dt=s64 mb1ic1ih5oc1kh3", "--dt=s64 mb1ic1ih5oc1oh3kh3ph0"},
        {"--attr-post-ops=sum+relu --attr-scales=wei:per_oc mb1ic1ih5oc1kh3",
         "--attr-scales=wei:per_oc --attr-post-ops=sum+relu mb1ic1ih5oc1oh3kh3ph0"},
        {"--attr-post-ops=clip:0:6 mb1ic1ih5oc1kh3", "--attr-post-ops=clip:0:6 mb1ic1ih5oc1oh3kh3ph0"},
        {"--attr-post-ops=sum --bia-dt=f32 mb1ic1ih5oc1kh3", "--bia-dt=f32 --attr-post-ops=sum mb1ic1ih5oc1oh3kh3ph0"},
        {"--attr-post-ops=sum+swish mb1ic1ih5oc1kh3", "--attr-post-ops=sum+swish mb1ic1ih5oc1oh3kh3ph0"},
        {"--attr-post-ops= --attr-scales= mb1ic1ih5oc1kh3", "mb1ic1ih5oc1oh3kh3ph0"},
        {"--dt=bf16:bf16:bf16 mb1ic1ih5oc1kh3", "--dt=bf16 mb1ic1ih5oc1oh3kh3ph0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[COR__CONV_TEXT];
        const cor__conv_problem problem = parsed(rows[i][0]);
        assert_string_equal(cor__conv_print(text, &problem), rows[i][1]);
        const cor__conv_problem again = parsed(text);
        assert_true(cor__conv_problem_equal(&problem, &again));
    }
}

static void text_of_random_problems(void **unused) {
    (void)unused;
    uint64_t state = (uint64_t)number_from("CORRIE_TEST_SEED", 1);
    for (int i = 0; i < 2000; i++) {
        const cor_dtype dtype = (cor_dtype)random_in(&state, COR_UINT8, COR_FLOAT64);
        cor__conv_problem problem = random_problem(&state, dtype, 1000000);
        cor__conv_problem_contiguous(&problem);
        char text[COR__CONV_TEXT];
        const cor__conv_problem again = parsed(cor__conv_print(text, &problem));
        if (!cor__conv_problem_equal(&problem, &again)) fail_msg("%s is read as another problem", text);
    }
}

static cor_dtype named(const char *name) { return cor__conv_dtype_named(name, strlen(name)); }

/* A type stands alone or for source, weight and destination alike. */
static void names_of_dtypes(void **unused) {
    (void)unused;
    assert_int_equal(named("f32"), COR_FLOAT32);
    assert_int_equal(named("bf16bf16bf16"), COR_BFLOAT16);
    assert_int_equal(named("s8:s8:s8"), COR_INT8);
    assert_int_equal(named("boolean"), COR_BOOL);
    assert_int_equal(cor__conv_dtype_named("f64,f32", 3), COR_FLOAT64);
    static const char *const none[] = {
        "",     "f",           "f3",       "f322",         "u8s8u8", "u8:s8:s32", "s8:s8",
        "s8s8", "s8:s8:s8:s8", "s8-s8-s8", "f32f32f32f32", ":::::",  "f8_e5m2"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (named(none[i]) != COR_DTYPE_UNSET) fail_msg("\"%s\" names a dtype", none[i]);
}

static void malformed_text(void **unused) {
    (void)unused;
    static const char *const rows[] = {"",
                                       "mb1",
                                       "mb1ic2oc2",
                                       "mb1ic2ih5oc2",
                                       "mb1ih5oc2kh3",
                                       "mb1ic2ih5oc2kh9",
                                       "mb1ic2ih5oc2khph1",
                                       "mb1ic2ih5oc2kh-3",
                                       "mb1ic2ih5oc2kh3sh0",
                                       "mb1ic2ih5oc2kh3x4",
                                       "g0mb1ic2ih5oc2kh3",
                                       "g2mb1ic3ih5oc2kh3",
                                       "mb1ic2id5ih5oc2kd3kh3",
                                       "--dt=f8 mb1ic2ih5oc2kh3",
                                       "--foo mb1ic2ih5oc2kh3",
                                       "mb1ic2ih99999999999999999999oc2kh3",
                                       "mb2000000000ic2000000000ih2000000000oc2kh3"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor__conv_problem problem;
        if (cor__conv_parse(rows[i], &problem) == COR_OK) fail_msg("\"%s\" was read", rows[i]);
        cor_error_clear();
    }
}

static void derived_numbers(void **unused) {
    (void)unused;
    const cor__conv_problem p = parsed("mb3ic4iw10oc6kw3sw2pw1dw1");
    assert_int_equal(p.spatial, 1);
    assert_int_equal(p.input[0], 1);
    assert_int_equal(p.input[2], 10);
    assert_int_equal(p.output[2], 4);
    assert_int_equal(p.dilation[2], 2);
    assert_int_equal(p.input_strides[0], 40);
    assert_int_equal(p.input_strides[1], 10);
    assert_int_equal(p.input_strides[4], 1);
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

enum { MOST = 8 };

/* A call written as text: "input weight bias; stride padding dilation output_padding groups". */
typedef struct written_call {
    const char *arguments, *expected;
} written_call;

/* Reads "1,2,3" into values; "-" is none. */
static cor__conv_list read_list(const char **text, int64_t values[MOST]) {
    int n = 0;
    while (**text == ' ') ++*text;
    if (**text == '-' && ((*text)[1] == ' ' || (*text)[1] == '\0')) {
        ++*text;
        return (cor__conv_list){values, 0};
    }
    for (;;) {
        char *end;
        values[n++] = strtoll(*text, &end, 10);
        *text = end;
        if (**text != ',') return (cor__conv_list){values, n};
        ++*text;
    }
}

/* "2d" or "2dT", then input, weight, bias, stride, padding ("same", ...), dilation, output padding, groups. */
static int check(const char *text, cor_dtype input, cor_dtype weight, cor_dtype bias, cor__conv_problem *problem,
                 cor__conv_output *output) {
    int64_t values[8][MOST];
    char padding_text[8] = "";
    cor__conv_call call = {.spatial = text[0] - '0', .input_dtype = input, .weight_dtype = weight, .bias_dtype = bias};
    call.transposed = text[2] == 'T';
    text += 2 + call.transposed;
    call.input = read_list(&text, values[0]);
    call.weight = read_list(&text, values[1]);
    call.bias = read_list(&text, values[2]);
    call.has_bias = call.bias.n > 0;
    call.stride = read_list(&text, values[3]);
    while (*text == ' ') text++;
    if (*text >= 'a' && *text <= 'z') {
        const size_t length = strcspn(text, " ");
        memcpy(padding_text, text, length);
        call.padding_text = padding_text;
        text += length;
    } else {
        call.padding = read_list(&text, values[4]);
    }
    call.dilation = read_list(&text, values[5]);
    call.output_padding = read_list(&text, values[6]);
    call.groups = read_list(&text, values[7]).at[0];
    return cor__conv_check(&call, problem, output);
}

static void expect_text(const char *call, cor_dtype input, cor_dtype weight, cor_dtype bias, const char *text) {
    cor__conv_problem problem;
    cor__conv_output output;
    if (check(call, input, weight, bias, &problem, &output) == COR_OK) fail_msg("%s is accepted", call);
    assert_string_equal(cor_error_message(), text);
    cor_error_clear();
}

/* In PyTorch's order of checking: where a call has several faults, the text is of the first. */
static void error_texts(void **unused) {
    (void)unused;
    static const written_call rows[] = {
        {"2d 8,8 6,3,3,3 - 1 0 1 0 1",
         "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [8, 8]"},
        {"1d 8 6,3,3 - 1 0 1 0 1",
         "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [8]"},
        {"3d 8,8 6,3,3,3,3 - 1 0 1 0 1",
         "Expected 4D (unbatched) or 5D (batched) input to conv3d, but got input of size: [8, 8]"},
        {"2dT 8,8 6,3,3,3 - 1 0 1 0 1",
         "Expected 3D (unbatched) or 4D (batched) input to conv_transpose2d, but got input of size: [8, 8]"},
        {"2d 2,3,8,8 3,3 - 1 0 1 0 0", "weight should have at least three dimensions"},
        {"2d 2,3,8,8 6,3,3,3 - 0 0 1 0 0", "non-positive groups is not supported"},
        {"2d 2,3,8,8 6,3,3,3 - 1,2,3 0 1 0 0", "non-positive groups is not supported"},
        {"2d 2,3,8,8 6,3,3,3 - 1,2,3 1,2,3 1 0 1", "expected stride to be a single integer value or a list of 2 values "
                                                   "to match the convolution dimensions, but got "
                                                   "stride=[1, 2, 3]"},
        {"2d 2,3,8,8 6,3,3,3 - - 0 1 0 1", "expected stride to be a single integer value or a list of 2 values to "
                                           "match the convolution dimensions, but got "
                                           "stride=[]"},
        {"2d 2,3,8,8 6,3,3 - 1,1 0 1 0 1", "expected stride to be a single integer value or a list of 1 values to "
                                           "match the convolution dimensions, but got "
                                           "stride=[1, 1]"},
        {"2d 2,3,8,8 6,3,3,3,3 - 1,1 0,0 1,1 0 1", "expected stride to be a single integer value or a list of 3 values "
                                                   "to match the convolution dimensions, but got "
                                                   "stride=[1, 1]"},
        {"2d 2,3,8,8 6,3,3,3 - 1 1,2,3 1,2,3 0 1", "expected padding to be a single integer value or a list of 2 "
                                                   "values to match the convolution dimensions, but got "
                                                   "padding=[1, 2, 3]"},
        {"2d 2,3,8,8 6,3,3,3 - 1 0 1,2,3 0 1", "expected dilation to be a single integer value or a list of 2 values "
                                               "to match the convolution dimensions, but "
                                               "got dilation=[1, 2, 3]"},
        {"2dT 2,3,8,8 3,6,3,3 - 1 0 1 1,2,3 1", "expected output_padding to be a single integer value or a list of 2 "
                                                "values to match the convolution dimensions, "
                                                "but got output_padding=[1, 2, 3]"},
        {"2d 2,3,8,8 6,3,3,3 - 0 -1 1 0 1", "negative padding is not supported"},
        {"2dT 2,3,8,8 3,6,3,3 - 0 -1 1 -1 1", "negative padding is not supported"},
        {"2dT 2,3,8,8 3,6,3,3 - 0 0 1 -1 1", "negative output_padding is not supported"},
        {"2d 2,3,8,8 6,4,3,3 5 0 0 -1 0 1", "non-positive stride is not supported"},
        {"2d 2,3,8,8 6,4,3,3 - 1 0 -1 0 1", "dilation should be greater than zero"},
        {"1d 2,3,8 6,3,3,3 - 1 0 1 0 1", "Expected 4-dimensional input for 4-dimensional weight [6, 3, 3, 3], but got "
                                         "3-dimensional input of size [2, 3, 8] "
                                         "instead"},
        {"2d 2,6,8,8 2,2,3,3 - 1 0 1 0 3", "Given groups=3, expected weight to be at least 3 at dimension 0, but got "
                                           "weight of size [2, 2, 3, 3] instead"},
        {"2d 2,3,8,8 0,3,3,3 - 1 0 1 0 1", "Given groups=1, expected weight to be at least 1 at dimension 0, but got "
                                           "weight of size [0, 3, 3, 3] instead"},
        {"2dT 2,4,8,8 5,2,3,3 - 1 0 1 0 2",
         "Given groups=2, expected weight to be divisible by 2 at dimension 0, but got weight of size [[5, 2, 3, 3]] "
         "instead"},
        {"2d 2,3,2,2 6,4,3,3 - 1 0 0 0 1", "Given groups=1, weight of size [6, 4, 3, 3], expected input[2, 3, 2, 2] to "
                                           "have 4 channels, but got 3 channels "
                                           "instead"},
        {"2d 3,8,8 6,4,3,3 - 1 0 1 0 1", "Given groups=1, weight of size [6, 4, 3, 3], expected input[1, 3, 8, 8] to "
                                         "have 4 channels, but got 3 channels "
                                         "instead"},
        {"2dT 2,3,8,8 4,6,3,3 - 1 0 1 2 1",
         "Given transposed=1, weight of size [4, 6, 3, 3], expected input[2, 3, 8, 8] to have 4 channels, but got 3 "
         "channels instead"},
        {"2d 2,3,2,2 6,3,3,3 5 1 0 1 0 1", "Given weight of size [6, 3, 3, 3], expected bias to be 1-dimensional with "
                                           "6 elements, but got bias of size [5] "
                                           "instead"},
        {"2d 2,3,8,8 6,3,3,3 6,1 1 0 1 0 1", "Given weight of size [6, 3, 3, 3], expected bias to be 1-dimensional "
                                             "with 6 elements, but got bias of size [6, 1] "
                                             "instead"},
        {"2dT 2,4,8,8 4,3,3,3 5 1 0 1 0 2", "Given transposed=1, weight of size [4, 3, 3, 3], expected bias to be "
                                            "1-dimensional with 6 elements, but got bias "
                                            "of size [5] instead"},
        {"2d 2,3,8,8 6,3,3,3 - 1 0,4611686018427387904 1 0 1",
         "Given padding=4611686018427387904 at dimension 1 , expected padding to be at most 4611686018427387903"},
        {"2d 2,3,2,5 6,3,3,3 - 1 0,1 2 0 1", "Calculated padded input size per channel: (2 x 7). Kernel size: (5 x 5). "
                                             "Kernel size can't be greater than actual "
                                             "input size"},
        {"1d 2,3,2 6,3,3 - 1 0 1 0 1", "Calculated padded input size per channel: (2). Kernel size: (3). Kernel size "
                                       "can't be greater than actual input "
                                       "size"},
        {"2d 2,3,0,8 6,3,3,3 - 1 2 0 0 1",
         "Only zero batch or zero channel inputs are supported, but got input shape: [2, 3, 0, 8]"},
        {"1d 3,0 6,3,3 - 1 2 1 0 1",
         "Only zero batch or zero channel inputs are supported, but got input shape: [1, 3, 1, 0]"},
        {"2dT 2,3,0,8 3,6,3,3 - 1 0 1 2 1",
         "Only zero batch or zero channel inputs are supported, but got input shape: [2, 3, 0, 8]"},
        {"2d 2,3,8,8 6,3,0,3 - 1 0 1 0 1",
         "kernel size should be greater than zero, but got kernel_height: 0 kernel_width: 3"},
        {"1d 2,3,8 6,3,0 - 1 0 1 0 1",
         "kernel size should be greater than zero, but got kernel_height: 1 kernel_width: 0"},
        {"3d 2,3,8,8,8 6,3,3,0,3 - 1 0 1 0 1", "kernel size should be greater than zero, but got: 3 x 0 x 3 (TxHxW)"},
        {"2dT 2,3,8,8 3,0,3,3 - 1 0 1 0 1", "non-empty 2D or 4D weight tensor expected, but got: [3, 0, 3, 3]"},
        {"3dT 2,3,8,8,8 3,6,0,3,3 - 1 0 1 0 1", "non-empty 5D (n_output_plane x n_input_plane x kernel_depth x "
                                                "kernel_height x kernel_width) tensor expected for "
                                                "weight, but got: [3, 6, 0, 3, 3]"},
        {"2d 2,3,1,1 6,3,3,3 - 1 0 0 0 1", "non-positive dilation is not supported"},
        {"2dT 2,3,8,8 3,6,3,3 - 2 0 1 2 1",
         "output padding must be smaller than either stride or dilation, but got output_padding_height: 2 "
         "output_padding_width: 2 stride_height: 2 stride_width: 2 dilation_height: 1 dilation_width: 1"},
        {"1dT 2,3,8 3,6,3 - 2 0 1 2 1",
         "output padding must be smaller than either stride or dilation, but got output_padding_height: 0 "
         "output_padding_width: 2 stride_height: 1 stride_width: 2 dilation_height: 1 dilation_width: 1"},
        {"3dT 2,3,8,8,8 3,6,3,3,3 - 2 0 1 2 1",
         "output padding must be smaller than either stride or dilation, but got output_padding_depth: 2 "
         "output_padding_height: 2 output_padding_width: 2 stride_depth: 2 stride_height: 2 stride_width: 2 "
         "dilation_depth: 1 dilation_height: 1 dilation_width: 1"},
        {"2dT 2,3,1,1 3,6,3,3 - 1 2 1 0 1", "Given input size per channel: (1 x 1). Calculated output size per "
                                            "channel: (-1 x -1). Output size is too small"},
        {"1dT 2,3,1 3,6,3 - 1 2 1 0 1", "Given input size per channel: (1 x 1). Calculated output size per channel: (1 "
                                        "x -1). Output size is too small"},
        {"2d 2,3,8,8 6,3,3,3 - 2 foo 1 0 0", "Invalid padding string: 'foo'"},
        {"2d 2,3,8,8 3,3 - 1 same 1 0 0", "weight should have at least three dimensions"},
        {"2d 2,3,8,8 6,3,3,3 - 2 same 1 0 0", "non-positive groups is not supported"},
        {"2d 2,3,8,8 6,3,3 - 2 same 1 0 1", "Expected 3-dimensional input for 3-dimensional weight[6, 3, 3], but got "
                                            "4-dimensional input of size [2, 3, 8, 8] "
                                            "instead"},
        {"2d 2,3,8,8 6,3,3,3 - 2,2,2 same 1,1,1 0 1", "stride cannot broadcast to 2 dimensions"},
        {"2d 2,3,8,8 6,3,3,3 - 2 same 1,1,1 0 1", "dilation cannot broadcast to 2 dimensions"},
        {"2d 2,3,8,8 6,3,3,3 - 2 same 1 0 1", "padding='same' is not supported for strided convolutions"},
        {"2d 2,3,8,8 6,3,3,3 - 1 same -1 0 1", "negative padding is not supported"},
        {"2d 2,3,8,8 6,4,2,2 - 1 same 1 0 1", "Given groups=1, weight of size [6, 4, 2, 2], expected input[2, 3, 9, 9] "
                                              "to have 4 channels, but got 3 channels "
                                              "instead"},
        {"2d 2,3,8,8 6,3,3,3 - 1 valid 0 0 1", "non-positive dilation is not supported"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_text(rows[i].arguments, COR_FLOAT32, COR_FLOAT32, COR_FLOAT32, rows[i].expected);
}

static void dtype_texts(void **unused) {
    (void)unused;
    static const char *const plain = "2d 2,3,8,8 6,3,3,3 6 1 0 1 0 1", *const wrong_shape =
                                                                           "2d 8,8 6,3,3,3 6 1 0 1 0 1";
    static const char *const transposed = "2dT 2,3,8,8 3,6,3,3 6 1 0 1 0 1";
    const cor_dtype f32 = COR_FLOAT32, f64 = COR_FLOAT64, f16 = COR_FLOAT16, b = COR_BOOL;
    expect_text(wrong_shape, f32, f32, f64, "Input type (float) and bias type (double) should be the same");
    expect_text(plain, COR_INT64, COR_INT64, f32, "Input type (long int) and bias type (float) should be the same");
    expect_text(plain, COR_INT8, COR_INT8, f32, "Input type (signed char) and bias type (float) should be the same");
    expect_text(plain, f16, f16, f32, "Input type (c10::Half) and bias type (float) should be the same");
    expect_text(plain, COR_BFLOAT16, COR_BFLOAT16, f64,
                "Input type (c10::BFloat16) and bias type (double) should be the same");
    expect_text(plain, f64, f32, f64, "expected scalar type Double but found Float");
    expect_text(plain, COR_INT32, COR_INT64, COR_INT32, "expected scalar type Int but found Long");
    expect_text(plain, b, b, b, "\"slow_conv2d_cpu\" not implemented for 'Bool'");
    expect_text("1d 2,3,8 6,3,3 - 1 0 1 0 1", b, b, b, "\"slow_conv2d_cpu\" not implemented for 'Bool'");
    expect_text("3d 2,3,8,8,8 6,3,3,3,3 - 1 0 1 0 1", b, b, b, "\"compute_columns3d\" not implemented for 'Bool'");
    expect_text("2d 2,3,8,8 6,3,3,3 - 1 0 2 0 1", b, b, b, "\"slow_conv_dilated<>\" not implemented for 'Bool'");
    expect_text(transposed, b, b, b, "\"slow_conv_transpose2d_out_cpu\" not implemented for 'Bool'");
    expect_text("3dT 2,3,8,8,8 3,6,3,3,3 - 1 0 1 0 1", b, b, b,
                "\"slow_conv_transpose3d_out_cpu\" not implemented for 'Bool'");
}

/* Sizes that do not fit are refused, not wrapped. */
static void huge_sizes(void **unused) {
    (void)unused;
    static const char *const rows[] = {"2d 2,3,8,8 6,3,3,3 - 1 4611686018427387903 1 0 1",
                                       "2d 2,3,8,8 6,3,3,3 - 1 2305843009213693952 1 0 1",
                                       "2d 2,3,8,8 6,3,3,3 - 1 2147483648 1 0 1",
                                       "2d 2,3,8,8 6,3,3,3 - 1 0 4611686018427387904 0 1",
                                       "2d 2,3,8,8 6,3,3,3 - 1 same 4611686018427387904 0 1",
                                       "2d 2,3,8,8 6,3,3,3 - 4611686018427387904 0 1 0 1",
                                       "2dT 2,3,8,8 3,6,3,3 - 4611686018427387904 0 1 0 1",
                                       "2dT 2,3,8,8 3,6,3,3 - 1099511627776 0 1 0 1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor__conv_problem problem;
        cor__conv_output output;
        assert_int_equal(check(rows[i], COR_FLOAT32, COR_FLOAT32, COR_FLOAT32, &problem, &output), COR_ELIMIT);
        cor_error_clear();
    }
}

static void output_shapes(void **unused) {
    (void)unused;
    static const struct {
        const char *call;
        int ndim;
        int64_t sizes[5];
    } rows[] = {{"2d 3,8,8 6,3,3,3 - 1 0 1 0 1", 3, {6, 6, 6}},
                {"2d 2,3,8,8 6,3,3,3 6 2 0 1 0 1", 4, {2, 6, 3, 3}},
                {"2d 2,3,8,8 6,3,2,4 - 1 same 1 0 1", 4, {2, 6, 8, 8}},
                {"2dT 2,3,8,8 3,6,3,3 - 1 0 1 0 1", 4, {2, 6, 10, 10}},
                {"2dT 2,3,8,8 3,6,3,3 - 2 0 1 1 1", 4, {2, 6, 18, 18}},
                {"2dT 2,3,8,8 3,6,3,3 - 1 0 2 1 1", 4, {2, 6, 13, 13}},
                {"2dT 1,4,5,5 4,3,3,3 - 2 1 1 1 2", 4, {1, 6, 10, 10}},
                {"1dT 1,2,5 2,3,3 - 2 0 1 0 1", 3, {1, 3, 11}},
                {"3dT 1,2,3,3,3 2,3,2,2,2 - 2 0 1 0 1", 5, {1, 3, 6, 6, 6}},
                {"2d 0,3,8,8 6,3,3,3 - 1 0 1 0 1", 4, {0, 6, 6, 6}},
                {"2d 2,0,8,8 6,0,3,3 - 1 0 1 0 1", 4, {2, 0, 6, 6}},
                {"2d 2,0,0,8 6,0,3,3 - 1 2 1 0 1", 4, {2, 0, 2, 10}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor__conv_problem problem;
        cor__conv_output output;
        assert_int_equal(check(rows[i].call, COR_FLOAT32, COR_FLOAT32, COR_FLOAT32, &problem, &output), COR_OK);
        assert_int_equal(output.ndim, rows[i].ndim);
        assert_memory_equal(output.sizes, rows[i].sizes, (size_t)output.ndim * sizeof(int64_t));
    }
}

/* padding='same' puts the odd element behind. */
static void same_padding(void **unused) {
    (void)unused;
    static const int64_t input[5] = {1, 2, 3, 4, 5}, kernel[4] = {1, 10, 100, 1000};
    static const struct {
        const char *call;
        int64_t expected[5];
    } rows[] = {{"1d 1,5 1,1,2 - 1 same 1 0 1", {21, 32, 43, 54, 5}},
                {"1d 1,5 1,1,4 - 1 same 1 0 1", {3210, 4321, 5432, 543, 54}},
                {"1d 1,5 1,1,2 - 1 same 2 0 1", {20, 31, 42, 53, 4}}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor__conv_problem problem;
        cor__conv_output output;
        int64_t result[5];
        assert_int_equal(check(rows[i].call, COR_INT64, COR_INT64, COR_INT64, &problem, &output), COR_OK);
        assert_int_equal(cor__conv_run(&problem, input, kernel, NULL, result), COR_OK);
        assert_memory_equal(result, rows[i].expected, sizeof result);
    }
}

/* ---- the choice ------------------------------------------------------------------------------------------------- */

static void plans(void **unused) {
    (void)unused;
    const cor__conv_problem tiny = parsed("--dt=s64 mb1ic1ih5oc1kh3"), large = parsed("mb1ic64ih56oc64kh3ph1");
    const cor__conv_problem thin = parsed("mb1ic3ih56oc64kh3ph1");
    const cor__conv_problem pixel = parsed("mb1ic128ih1oc128oh1kh3ph1");
    const cor__conv_problem wider = parsed("--deconv mb1ic256ih16oc128oh32kh2sh2ph0");
    const cor__conv_problem halved = parsed("--deconv mb16ic512ih4oc256oh8kh4sh2ph1");
    const cor__conv_problem signal = parsed("mb1ic1iw4000oc64kw80sw4"), single = parsed("g64mb1ic64iw400oc64kw3");
    const cor__conv_problem plane = parsed("g64mb1ic64ih56oc64kh3sh2ph1");
    const cor__conv_problem whole = parsed("--dt=s32 mb1ic16ih28oc16kh3"), few = parsed("--dt=s32 mb1ic4ih5oc8kh3ph1");
    cor__conv_problem exact = large;
    exact.highest = true;
    assert_ptr_equal(cor__conv_plan(&tiny), &cor__conv_small);
    assert_ptr_equal(cor__conv_plan(&large), &cor__conv_winograd);
    assert_ptr_equal(cor__conv_plan(&thin), &cor__conv_direct);        /* where Winograd costs more */
    assert_ptr_not_equal(cor__conv_plan(&exact), &cor__conv_winograd); /* and where it is not allowed */
    assert_ptr_equal(cor__conv_plan(&pixel), &cor__conv_patches);
    assert_ptr_equal(cor__conv_plan(&wider), &cor__conv_patches);
    assert_ptr_equal(cor__conv_plan(&halved), &cor__conv_winograd);
    assert_ptr_equal(cor__conv_plan(&signal), &cor__conv_direct); /* one channel, but many outputs of it */
    assert_ptr_equal(cor__conv_plan(&single), &cor__conv_depthwise);
    assert_ptr_equal(cor__conv_plan(&plane), &cor__conv_planes);
    assert_ptr_equal(cor__conv_plan(&whole), &cor__conv_floats);
    assert_ptr_equal(cor__conv_plan(&few), &cor__conv_direct);
    assert_int_equal(cor__conv_force("small"), COR_OK);
    assert_ptr_equal(cor__conv_plan(&large), &cor__conv_winograd); /* small cannot */
    assert_int_equal(cor__conv_force("winograd"), COR_OK);
    assert_ptr_equal(cor__conv_plan(&thin), &cor__conv_winograd); /* it can, when it is forced */
    assert_int_equal(cor__conv_force("reference"), COR_OK);
    assert_ptr_equal(cor__conv_plan(&large), &cor__conv_reference);
    assert_int_equal(cor__conv_force("fastest"), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor__conv_force(NULL), COR_OK);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static bool out_of_memory;

static void *failing_alloc(size_t size, size_t align, void *context) {
    (void)context;
    void *pointer = NULL;
    return !out_of_memory && posix_memalign(&pointer, align, size) == 0 ? pointer : NULL;
}

static void failing_free(void *pointer, size_t size, size_t align, void *context) {
    (void)size, (void)align, (void)context;
    free(pointer);
}

static void no_memory(void **unused) {
    (void)unused;
    const cor__conv_problem p = parsed("mb1ic8ih12oc8oh12kh3ph1");
    float data[3][1152] = {{0}};
    const int64_t before = cor_memory().bytes;
    out_of_memory = true;
    assert_int_equal(cor__conv_run(&p, data[0], data[1], NULL, data[2]), COR_ENOMEM);
    out_of_memory = false;
    assert_int_equal(cor_error(), COR_ENOMEM);
    cor_error_clear();
    assert_int_equal(cor__conv_run(&p, data[0], data[1], NULL, data[2]), COR_OK);
    assert_int_equal(cor_memory().bytes, before);
}

int main(void) {
    const cor_allocator allocator = {failing_alloc, failing_free, NULL};
    if (cor_set_allocator(&allocator) != COR_OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_back),   cmocka_unit_test(text_of_random_problems),
        cmocka_unit_test(malformed_text),  cmocka_unit_test(derived_numbers),
        cmocka_unit_test(names_of_dtypes), cmocka_unit_test(error_texts),
        cmocka_unit_test(dtype_texts),     cmocka_unit_test(huge_sizes),
        cmocka_unit_test(output_shapes),   cmocka_unit_test(same_padding),
        cmocka_unit_test(plans),           cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
