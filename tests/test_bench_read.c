/* benchdnn's files as corrie bench reads them: which rows they give, and what is refused. */
#include "cli/bench.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* What was read: a line a row, "dir problem", and a line an error, "! word: text". */
static char seen[1 << 16];

static void on_row(void *context, const bench_row *row) {
    (void)context;
    char text[COR__CONV_TEXT];
    const size_t length = strlen(seen);
    snprintf(seen + length, sizeof seen - length, "%s %s\n", bench_direction_name(row->direction),
             cor__conv_print(text, &row->problem));
}

static void on_failure(void *context, const char *text) {
    (void)context;
    cor_error_info error;
    assert_int_not_equal(cor_error_take(&error), COR_OK);
    const size_t length = strlen(seen);
    snprintf(seen + length, sizeof seen - length, "! %s: %s\n", text, error.text);
}

static bench_reader new_reader(void) {
    seen[0] = '\0';
    return (bench_reader){.initial = bench_defaults(), .row = on_row, .failed = on_failure};
}

static void expect(const char *text, const char *rows) {
    bench_reader reader = new_reader();
    bench_read_text(&reader, text);
    assert_string_equal(seen, rows);
}

#define PROBLEM "mb1ic2ih5oc2oh3kh3ph0"

static void options_hold_on(void **unused) {
    (void)unused;
    expect("mb1ic2ih5oc2kh3", "fwd " PROBLEM "\n");
    expect("--dt=f64 mb1ic2ih5oc2kh3 mb1ic2ih5oc2kh3n\"name\"", "fwd --dt=f64 " PROBLEM "\nfwd --dt=f64 " PROBLEM "\n");
    expect("--dt=f64 mb1ic2ih5oc2kh3 --reset mb1ic2ih5oc2kh3", "fwd --dt=f64 " PROBLEM "\nfwd " PROBLEM "\n");
    expect("--mb=7 mb1ic2ih5oc2kh3 --mb=0 mb1ic2ih5oc2kh3", "fwd mb7ic2ih5oc2oh3kh3ph0\nfwd " PROBLEM "\n");
    expect("--deconv mb1ic2ih3oc2kh3 --conv mb1ic2ih5oc2kh3", "fwd --deconv mb1ic2ih3oc2oh5kh3ph0\nfwd " PROBLEM "\n");
    expect("--cfg=s8s8s8 mb1ic2ih5oc2kh3 --dt=f32:f32:f32 mb1ic2ih5oc2kh3",
           "fwd --dt=s8 " PROBLEM "\nfwd " PROBLEM "\n");
    expect("--bia-dt=f32 mb1ic2ih5oc2kh3 --bia-dt=undef mb1ic2ih5oc2kh3",
           "fwd --bia-dt=f32 " PROBLEM "\nfwd " PROBLEM "\n");
}

static void lists_make_rows(void **unused) {
    (void)unused;
    expect("--dir=FWD_D,bwd_d,BWD_W --dt=f32,f64 mb1ic2ih5oc2kh3",
           "fwd " PROBLEM "\nfwd --dt=f64 " PROBLEM "\nbwd_d " PROBLEM "\nbwd_d --dt=f64 " PROBLEM "\nbwd_w " PROBLEM
           "\nbwd_w --dt=f64 " PROBLEM "\n");
    expect("--dir=FWD_B,BWD_D mb1ic2ih5oc2kh3", "fwd --bia-dt=f32 " PROBLEM "\nbwd_d " PROBLEM "\n");
    expect("--dir=all mb1ic2ih5oc2kh3", "fwd " PROBLEM "\nbwd_d " PROBLEM "\nbwd_w " PROBLEM "\n");
}

static void the_command_line_wins(void **unused) {
    (void)unused;
    bench_reader reader = new_reader();
    assert_int_equal(bench_read_dtypes(&reader.initial, "float64"), COR_OK);
    assert_int_equal(bench_read_directions(&reader.initial, "bwd_d"), COR_OK);
    reader.fixed_dtype = reader.fixed_direction = true;
    bench_read_text(&reader, "--dir=FWD_B --cfg=u8s8u8 mb1ic2ih5oc2kh3");
    assert_string_equal(seen, "bwd_d --dt=f64 " PROBLEM "\n");
}

/* Post-ops and scales are of forward convolutions. */
static void epilogues(void **unused) {
    (void)unused;
    expect("--dir=FWD_D,BWD_D --attr-post-ops=sum+relu mb1ic2ih5oc2kh3 --attr-post-ops=swish mb1ic2ih5oc2kh3",
           "fwd --attr-post-ops=sum+relu " PROBLEM "\nbwd_d " PROBLEM "\nfwd --attr-post-ops=swish " PROBLEM
           "\nbwd_d " PROBLEM "\n");
    expect("--attr-post-ops=sum --attr-scales=wei:per_oc mb1ic2ih5oc2kh3 --reset mb1ic2ih5oc2kh3",
           "fwd --attr-scales=wei:per_oc --attr-post-ops=sum " PROBLEM "\nfwd " PROBLEM "\n");
    bench_reader reader = new_reader();
    assert_int_equal(bench_read_post_ops(&reader.initial, "relu"), COR_OK);
    reader.fixed_post_ops = true;
    bench_read_text(&reader, "--attr-post-ops=sum mb1ic2ih5oc2kh3");
    assert_string_equal(seen, "fwd --attr-post-ops=relu " PROBLEM "\n");
}

static void what_is_ignored_and_refused(void **unused) {
    (void)unused;
    expect("--skip-impl=ref,x64:gemm --stag=axb --alg=auto --mode=P -v5 --attr-post-ops= --engine=cpu mb1ic2ih5oc2kh3",
           "fwd " PROBLEM "\n");
    static const char *const refused[] = {"relu+sum", "sum+",     "relu,sum", "sum+relu+relu",
                                          "gelu_erf", "clip:0:5", "+relu"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        char text[128], answer[256];
        snprintf(text, sizeof text, "--attr-post-ops=%s mb1ic2ih5oc2kh3", refused[i]);
        snprintf(answer, sizeof answer, "! --attr-post-ops=%s: --attr-post-ops=%s is not supported\n", refused[i],
                 refused[i]);
        expect(text, answer);
    }
    expect("--attr-scales=src:common mb1ic2ih5oc2kh3",
           "! --attr-scales=src:common: --attr-scales=src:common is not supported\n");
    expect("--engine=gpu mb1ic2ih5oc2kh3", "! --engine=gpu: --engine=gpu is not supported\n");
    expect("--sideways mb1ic2ih5oc2kh3", "! --sideways: --sideways is not supported\n");
    expect("--dt=u8:s8:s32 mb1ic2ih5oc2kh3",
           "! --dt=u8:s8:s32: there is no dtype 'u8:s8:s32' of source, weight and destination alike\n");
    expect("--dir=up mb1ic2ih5oc2kh3", "! --dir=up: there is no direction 'up'\n");
    expect("--dir= mb1ic2ih5oc2kh3", "! --dir=: a direction is missing\n");
    expect("--mb=1,2 mb1ic2ih5oc2kh3", "! --mb=1,2: --mb takes one whole number, not '1,2'\n");
    expect("--batch=/nowhere/at-all", "! /nowhere/at-all: /nowhere/at-all: cannot be opened\n");
    /* A problem that is none is told, and the next is read. */
    expect("nonsense mb1ic2ih5oc2kh3",
           "! nonsense: \"nonsense\" is no convolution: g, ic and oc must be positive\nfwd " PROBLEM "\n");
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0 && fclose(file) == 0, true);
}

static void a_file_and_what_it_includes(void **unused) {
    (void)unused;
    char folder[] = "/tmp/bench_readXXXXXX", outer[64], inner[64];
    assert_non_null(mkdtemp(folder));
    snprintf(outer, sizeof outer, "%s/outer", folder);
    snprintf(inner, sizeof inner, "%s/inner", folder);
    write_file(inner, "#a comment without a blank\n\n g1mb1ic2ih5oc2kh3n\"net:conv1#not-a-comment\"  # a comment\n"
                      "mb1_ic2oc2_ih5oh3kh3sh1dh0ph0_iw5ow3kw3sw1dw0pw0_n\"net:conv2\"");
    write_file(outer, "--reset --mb=3\n--dir=FWD_D, \\\n      BWD_D\n--dt=f32,\\\nf64\n--batch=inner\n--reset\n"
                      "--stag=any,axb \\\n\n--batch=inner\n");
    bench_reader reader = new_reader();
    bench_read_file(&reader, outer);
    static const char three[] = "mb3ic2ih5oc2oh3kh3ph0";
    char expected[1024] = "";
    for (int twice = 0; twice < 2; twice++)
        for (int i = 0; i < 4; i++) {
            const size_t length = strlen(expected);
            snprintf(expected + length, sizeof expected - length, "%s %s%s\n", i < 2 ? "fwd" : "bwd_d",
                     i % 2 == 0 ? "" : "--dt=f64 ", three);
        }
    /* The lone backslash glued the second --batch=inner to the option before it, as in benchdnn. */
    assert_string_equal(seen, expected);
    unlink(outer);
    unlink(inner);
    rmdir(folder);
}

static void files_that_include_themselves(void **unused) {
    (void)unused;
    char path[] = "/tmp/bench_readXXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    char text[64];
    snprintf(text, sizeof text, "--batch=%s\nmb1ic2ih5oc2kh3\n", path);
    write_file(path, text);
    bench_reader reader = new_reader();
    bench_read_file(&reader, path);
    assert_non_null(strstr(seen, "files include each other"));
    assert_null(strstr(seen, "fwd"));
    unlink(path);
}

static void words_too_long(void **unused) {
    (void)unused;
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    bench_reader reader = new_reader();
    bench_read_text(&reader, text);
    assert_string_equal(seen, "! an argument: a word is longer than 1023 characters\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_hold_on),
        cmocka_unit_test(lists_make_rows),
        cmocka_unit_test(the_command_line_wins),
        cmocka_unit_test(epilogues),
        cmocka_unit_test(what_is_ignored_and_refused),
        cmocka_unit_test(a_file_and_what_it_includes),
        cmocka_unit_test(files_that_include_themselves),
        cmocka_unit_test(words_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
