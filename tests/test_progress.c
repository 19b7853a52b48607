/* What a terminal can show, and the bar of progress: its text for each kind of terminal, and silence on none. */
#define _GNU_SOURCE
#include "cli/terminal.h"
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

static void expect_line(const progress *p, double elapsed, const char *expected) {
    cor__text line = {0};
    progress_line(&line, p, elapsed);
    assert_string_equal(line.data, expected);
    cor__text_free(&line);
}

static void the_line(void **state) {
    (void)state;
    progress p = {.what = "epoch 1/3", .on = {.width = 90}, .done = 25, .total = 100, .loss = 0.43215};
    expect_line(&p, 10, "epoch 1/3 [#########..............................] 25/100  2.5/s  0:30 left  loss 0.4321");
    p.done = 0, p.loss = NAN;
    expect_line(&p, 0, "epoch 1/3 [........................................] 0/100");
    p.done = 100;
    expect_line(&p, 0.5, "epoch 1/3 [########################################] 100/100  200/s  0:00 left");
    p.done = 1;
    expect_line(&p, 100, "epoch 1/3 [........................................] 1/100  0.0/s  2:45:00 left");
    p = (progress){.what = "x", .on = {.width = 60, .unicode = true}, .done = 1, .total = 16, .loss = NAN};
    expect_line(&p, 1, "x ▕██                              ▏ 1/16  1.0/s  0:15 left");
    p.on.colour = true, p.done = 3, p.on.width = 40;
    expect_line(&p, 3, "x ▕\033[36m██▎\033[0m         ▏ 3/16  1.0/s  0:13 left");
}

/* No line is wider than its terminal, whose last column stays empty. */
static void lines_fit(void **state) {
    (void)state;
    for (int width = 20; width < 120; width++) {
        for (int64_t done = 0; done <= 100; done += 5) {
            progress p = {.what = "epoch 1/3", .on = {.width = width}, .done = done, .total = 100, .loss = 1.5};
            cor__text line = {0};
            progress_line(&line, &p, 2);
            assert_true((int)line.length < width && line.length > 8);
            cor__text_free(&line);
        }
    }
}

/* ---- terminals -------------------------------------------------------------------------------------------------- */

/* A terminal of 90 columns whose other end is *control. */
static int open_terminal(int *control) {
    struct winsize size = {.ws_col = 90, .ws_row = 10};
    *control = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*control >= 0 && grantpt(*control) == 0 && unlockpt(*control) == 0);
    int tty = open(ptsname(*control), O_RDWR | O_NOCTTY);
    assert_true(tty >= 0 && ioctl(tty, TIOCSWINSZ, &size) == 0);
    return tty;
}

static void what_a_terminal_can_show(void **state) {
    (void)state;
    int control, tty = open_terminal(&control), file = open("/dev/null", O_WRONLY);
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "de_DE.UTF-8", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    terminal t = terminal_of(tty);
    assert_true(t.live && t.colour && t.unicode && t.width == 90);
    setenv("NO_COLOR", "1", 1);
    assert_true(terminal_of(tty).live && !terminal_of(tty).colour);
    setenv("NO_COLOR", "", 1); /* empty counts as not set */
    assert_true(terminal_of(tty).colour);
    setenv("TERM", "dumb", 1);
    assert_true(!terminal_of(tty).live && !terminal_of(tty).colour);
    setenv("TERM", "xterm", 1);
    t = terminal_of(file);
    assert_true(!t.live && !t.colour && t.width == 80);
    setenv("COLUMNS", "120", 1);
    assert_int_equal(terminal_of(file).width, 120);
    assert_int_equal(terminal_of(tty).width, 90);
    setenv("LC_ALL", "", 1);
    setenv("LC_CTYPE", "C.utf8", 1);
    assert_true(terminal_of(file).unicode);
    setenv("LC_ALL", "C", 1);
    assert_false(terminal_of(file).unicode);
    close(tty), close(control), close(file);
}

/* What is written to stderr while it is the given file: returns how many bytes came out at the other end. */
static size_t shown(int to, int from, char *bytes, size_t room) {
    fflush(stderr);
    int kept = dup(2);
    assert_true(dup2(to, 2) == 2);
    progress p = progress_begin("work", 10);
    progress_show(&p, 5, 0.5);
    progress_show(&p, 6, 0.5); /* too soon after the one before */
    progress_end(&p);
    progress_end(&p);
    assert_true(dup2(kept, 2) == 2);
    close(kept);
    size_t n = 0; /* a terminal hands on what it was given in pieces */
    for (struct pollfd ready = {.fd = from, .events = POLLIN}; n < room && poll(&ready, 1, 200) > 0;) {
        ssize_t more = read(from, bytes + n, room - n);
        if (more <= 0) break;
        n += (size_t)more;
    }
    return n;
}

static void a_bar_on_a_terminal_only(void **state) {
    (void)state;
    char bytes[512] = "";
    int control, tty = open_terminal(&control), ends[2];
    setenv("TERM", "xterm", 1);
    setenv("NO_COLOR", "1", 1);
    setenv("LC_ALL", "C", 1);
    size_t n = shown(tty, control, bytes, sizeof bytes - 1);
    assert_true(n > 20 && strncmp(bytes, "\rwork [", 7) == 0 && strstr(bytes, "5/10") != NULL);
    assert_null(strstr(bytes, "6/10"));
    assert_string_equal(bytes + n - 7, "\033[K\r\033[K");
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(shown(ends[1], ends[0], bytes, sizeof bytes), 0);
    close(tty), close(control), close(ends[0]), close(ends[1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line),
        cmocka_unit_test(lines_fit),
        cmocka_unit_test(what_a_terminal_can_show),
        cmocka_unit_test(a_bar_on_a_terminal_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
