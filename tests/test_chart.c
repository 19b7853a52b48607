/* Curves on the terminal: braille and stars, scales, gaps, and odd input. */
#include "cli/terminal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const double falling[] = {4, 3, 2, 1}, gap[] = {0, 1, NAN, 1, 0}, level[] = {5, 5}, none[] = {NAN, INFINITY};

static void expect(const chart_series *series, int n, int rows, terminal on, const char *expected) {
    cor__text text = {0};
    chart_draw(&text, series, n, rows, &on);
    assert_string_equal(text.data, expected);
    cor__text_free(&text);
}

static void stars(void **state) {
    (void)state;
    const chart_series series[] = {{"loss", falling, 4}, {"accuracy", gap, 5}};
    expect(series, 2, 4, (terminal){.width = 21},
           "loss\n"
           "         4 |*       \n"
           "           | ***    \n"
           "           |    **  \n"
           "         1 |      **\n"
           "accuracy\n"
           "         1 |  *  *  \n"
           "           | *    * \n"
           "           | *    * \n"
           "         0 |*      *\n");
}

static void braille(void **state) {
    (void)state;
    const chart_series series[] = {{"loss", falling, 4}};
    expect(series, 1, 2, (terminal){.width = 17, .unicode = true},
           "loss\n"
           "         4 │⠑⢄  \n"
           "         1 │  ⠑⢄\n");
    expect(series, 1, 2, (terminal){.width = 15, .unicode = true, .colour = true},
           "loss\n"
           "         4 │\033[33m⢱ \033[0m\n"
           "         1 │\033[33m ⢣\033[0m\n");
}

static void odd_input(void **state) {
    (void)state;
    const double huge[] = {-1.7e308, 1.7e308};
    const chart_series series[] = {
        {"level", level, 2}, {"none", none, 2}, {"empty", NULL, 0}, {"one", level, 1}, {"huge", huge, 2}};
    expect(series, 5, 2, (terminal){.width = 16},
           "level\n"
           "         5 |***\n"
           "         5 |   \n"
           "none: nothing to draw\n"
           "empty: nothing to draw\n"
           "one\n"
           "         5 |*  \n"
           "         5 |   \n"
           "huge\n"
           "  1.7e+308 |  *\n"
           " -1.7e+308 |** \n");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stars), cmocka_unit_test(braille), cmocka_unit_test(odd_input)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
