/* Grey pictures on the terminal: half blocks, shades and letters, and what is refused. */
#include "cli/terminal.h"
#include "support/files.h"
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const terminal plain = {.width = 80}, shades = {.width = 80, .unicode = true},
                      colours = {.width = 80, .unicode = true, .colour = true};

static void expect(cor_tensor *picture, terminal on, const char *expected) {
    cor__text text = {0};
    assert_int_equal(picture_draw(&text, picture, &on), COR_OK);
    assert_string_equal(text.data, expected);
    cor__text_free(&text);
}

static void letters_and_shades(void **state) {
    (void)state;
    cor_scope();
    const uint8_t bytes[2][3] = {{0, 128, 255}, {25, 26, 230}};
    cor_tensor *picture = cor_from(bytes, 2, 3);
    expect(picture, plain, "  ++@@\n  ..%%\n");
    expect(cor_unsqueeze(picture, 0), shades, "  ▒▒██\n    ██\n");
    expect(cor_transpose(picture, 0, 1), plain, "    \n++..\n@@%%\n");
    const float reals[1][4] = {{0, 0.5f, 1, 7}}, odd[1][3] = {{-3, NAN, 0.25f}};
    expect(cor_from(reals, 1, 4), plain, "  ==@@@@\n");
    expect(cor_from(odd, 1, 3), plain, "    ::\n");
    expect(cor_from(reals, 1, 4), (terminal){.width = 80, .colour = true}, "  ==@@@@\n");
}

/* Two rows a line; a last single row has no background. */
static void half_blocks(void **state) {
    (void)state;
    cor_scope();
    const uint8_t bytes[3][2] = {{0, 255}, {8, 18}, {238, 128}};
    expect(cor_from(bytes, 3, 2), colours,
           "\033[38;5;16m\033[48;5;232m▀\033[38;5;231m\033[48;5;233m▀\033[0m\n\033[38;5;255m▀\033[38;5;244m▀\033[0m\n");
    cor__text text = {0};
    assert_int_equal(picture_draw(&text, cor_rand(28, 28), &colours), COR_OK);
    int lines = 0;
    for (const char *at = text.data; (at = strchr(at, '\n')) != NULL; at++) lines++;
    assert_int_equal(lines, 14);
    cor__text_free(&text);
}

static void refused(void **state) {
    (void)state;
    cor_scope();
    cor__text text = {0};
    assert_int_equal(picture_draw(&text, cor_zeros(3, 4, 4), &plain), COR_ESHAPE);
    files_expect_error(COR_ESHAPE, "this one has 3 dimensions");
    assert_int_equal(picture_draw(&text, cor_zeros(4, 41), &plain), COR_ESHAPE);
    files_expect_error(COR_ESHAPE, "a picture of 82 columns on a terminal of 80");
    assert_int_equal(picture_draw(&text, NULL, &plain), COR_EVALUE);
    files_expect_error(COR_EVALUE, "NULL");
    assert_int_equal(text.length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(letters_and_shades), cmocka_unit_test(half_blocks),
                                       cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
