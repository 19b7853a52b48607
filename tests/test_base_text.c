/* Text: growth, Python's repr of doubles, and independence of the program's locale. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "support/scenario.h"
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_grows(void **state) {
    (void)state;
    cor__text text = {0};
    for (int i = 0; i < 1000; i++) cor__text_format(&text, "%d;", i);
    cor__text_append(&text, "tail");
    cor__text_repeat(&text, '-', 300);
    cor__text_repeat(&text, '-', -1);
    cor__text_append_n(&text, "abc", 2);
    assert_false(text.failed);
    assert_int_equal(text.length, 10 * 2 + 90 * 3 + 900 * 4 + 4 + 300 + 2);
    assert_int_equal(strlen(text.data), text.length);
    assert_memory_equal(text.data, "0;1;2;", 6);
    assert_string_equal(text.data + text.length - 3, "-ab");
    cor__text_free(&text);
    assert_null(text.data);

    char longer[500];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cor__text_format(&text, "<%s>", longer);
    assert_int_equal(text.length, 501);
    assert_int_equal(text.data[0], '<');
    assert_int_equal(text.data[500], '>');
    cor__text_free(&text);

    cor__text_repeat(&text, '-', INT64_MAX);
    assert_true(text.failed);
    assert_int_equal(cor_error_take(NULL), COR_ELIMIT);
    cor__text_append(&text, "no more");
    assert_null(text.data);
}

static void sizes_are_written_as_pytorch_does(void **state) {
    (void)state;
    static const int64_t sizes[] = {2, 3, -1};
    cor__text text = {0};
    cor__text_sizes(&text, sizes, 0);
    cor__text_sizes(&text, sizes, 1);
    cor__text_sizes(&text, sizes, 3);
    cor__text_tuple(&text, sizes, 0);
    cor__text_tuple(&text, sizes, 1);
    cor__text_tuple(&text, sizes, 2);
    assert_string_equal(text.data, "[][2][2, 3, -1]()(2,)(2, 3)");
    cor__text_free(&text);

    char buffer[COR__SIZES_TEXT];
    assert_string_equal(cor__sizes_text(buffer, sizes, 0), "[]");
    assert_string_equal(cor__sizes_text(buffer, sizes, 3), "[2, 3, -1]");
    int64_t largest[40];
    for (int i = 0; i < 40; i++) largest[i] = INT64_MIN;
    assert_true(strlen(cor__sizes_text(buffer, largest, 40)) < COR__SIZES_TEXT);
    assert_int_equal(buffer[strlen(buffer) - 1], ']');
}

static void formatting_is_cut_to_its_buffer(void **state) {
    (void)state;
    char buffer[6] = "zzzzz";
    cor__format(buffer, 5, "%s", "abcdefgh");
    assert_string_equal(buffer, "abcd");
    cor__format(buffer, sizeof buffer, "%.1f", 1.5);
    assert_string_equal(buffer, "1.5");
}

static void assert_repr(double value, const char *expected) {
    cor__text text = {0};
    cor__text_double(&text, value);
    assert_string_equal(text.data, expected);
    cor__text_free(&text);
}

static void doubles_are_written_as_python_does(void **state) {
    (void)state;
    FILE *file = fopen(COR_SOURCE_DIR "/tests/golden/python_repr.txt", "r");
    assert_non_null(file);
    char hexadecimal[64], expected[64];
    int lines = 0;
    while (fscanf(file, "%63s %63s", hexadecimal, expected) == 2) {
        assert_repr(strtod(hexadecimal, NULL), expected);
        lines++;
    }
    fclose(file);
    assert_int_equal(lines, 163);
    assert_repr(-0.0, "-0.0");
    assert_repr(copysign(NAN, -1), "nan");
}

static void doubles_are_read_back(void **state) {
    (void)state;
    char *end;
    assert_true(cor__parse_double("2.5e3,1", &end) == 2500.0);
    assert_string_equal(end, ",1");
    assert_true(cor__parse_double("x", &end) == 0.0);
    assert_string_equal(end, "x");
    assert_true(isnan(cor__parse_double("nan", NULL)));
}

/* Puts on a locale that writes a decimal comma, compiling one where the system has none; false where that fails. */
static bool put_on_comma(void) {
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    const char *folder = COR_BINARY_DIR "/locale";
    const char *make =
        "mkdir -p '" COR_BINARY_DIR "/locale' && cd '" COR_BINARY_DIR
        "/locale' && { test -d de_DE.UTF-8 || localedef -i de_DE -f UTF-8 ./de_DE.UTF-8; } >/dev/null 2>&1";
    for (int made = 0; made < 2; made++) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (setlocale(LC_ALL, names[i]) != NULL && strcmp(localeconv()->decimal_point, ",") == 0) return true;
        if (system(make) != 0) return false;
        setenv("LOCPATH", folder, 1);
    }
    return false;
}

static void the_programs_locale_does_not_matter(void **state) {
    (void)state;
    if (!put_on_comma()) {
        setlocale(LC_ALL, "C");
        print_message("no locale with a decimal comma can be had here: not checked\n");
        skip();
    }
    char buffer[64], theirs[64];
    cor__text text = {0};
    cor__format(buffer, sizeof buffer, "%.2f", 1.25);
    cor__text_format(&text, "%g ", 0.5);
    cor__text_double(&text, 1234567.5);
    double read = cor__parse_double("2.5", NULL);
    cor__fail(COR_EVALUE, "%g", 0.5);
    snprintf(theirs, sizeof theirs, "%.2f", 1.25);
    setlocale(LC_ALL, "C");
    assert_string_equal(buffer, "1.25");
    assert_string_equal(text.data, "0.5 1234567.5");
    assert_true(read == 2.5);
    assert_string_equal(cor_error_message(), "0.5");
    assert_string_equal(theirs, "1,25"); /* the program's own formatting is left alone */
    cor_error_clear();
    cor__text_free(&text);
}

static int build_text(void *context, scenario_hash *result) {
    (void)context;
    cor__text text = {0};
    for (int i = 0; i < 300; i++) cor__text_format(&text, "%d, ", i);
    cor__text_repeat(&text, '=', 5000);
    cor__text_double(&text, 0.1);
    bool failed = text.failed;
    if (!failed) scenario_feed(result, text.data, text.length + 1);
    cor__text_free(&text);
    return failed ? COR_ENOMEM : COR_OK;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    assert_true(scenario_run("building a text", build_text, NULL) >= 3);
}

int main(void) {
    scenario_install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows),
        cmocka_unit_test(sizes_are_written_as_pytorch_does),
        cmocka_unit_test(formatting_is_cut_to_its_buffer),
        cmocka_unit_test(doubles_are_written_as_python_does),
        cmocka_unit_test(doubles_are_read_back),
        cmocka_unit_test(the_programs_locale_does_not_matter),
        cmocka_unit_test(every_allocation_may_fail),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
