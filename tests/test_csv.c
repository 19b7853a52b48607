/* The log of training: its header, numbers, what a stopped run leaves, and a full disk. */
#include "cli/csv.h"
#include "support/files.h"
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static const char *const names[] = {"epoch", "loss, mean", "a \"b\""};
static const char header[] = "epoch,\"loss, mean\",\"a \"\"b\"\"\"\n";

static void expect(const char *rows) {
    char found[512] = "", expected[512];
    files_read("log.csv", found, sizeof found - 1);
    strcpy(expected, header);
    strcat(expected, rows);
    assert_string_equal(found, expected);
}

static void add(double a, double b, double c) {
    csv_log log;
    const double row[] = {a, b, c};
    assert_int_equal(csv_open(&log, files_path("log.csv"), names, 3), COR_OK);
    assert_int_equal(csv_row(&log, row), COR_OK);
    assert_int_equal(csv_close(&log), COR_OK);
}

static void the_header_stands_once(void **state) {
    (void)state;
    add(1, 0.1, -2);
    add(2, 1e-7, NAN);
    add(3, INFINITY, 1e300);
    expect("1,0.1,-2\n2,1e-07,nan\n3,inf,1e+300\n");
}

static void what_was_cut_short_goes(void **state) {
    (void)state;
    char torn[128];
    strcpy(torn, header);
    strcat(torn, "1,2,3\n4,5");
    files_write("log.csv", torn, strlen(torn));
    add(4, 5, 6);
    expect("1,2,3\n4,5,6\n");
    files_write("log.csv", header, 9);
    add(1, 2, 3);
    expect("1,2,3\n");
}

static void other_files_are_left_alone(void **state) {
    (void)state;
    csv_log log;
    char found[64] = "";
    files_write("log.csv", "other,file\n1,2", 14);
    assert_int_equal(csv_open(&log, files_path("log.csv"), names, 3), COR_EFORMAT);
    files_expect_error(COR_EFORMAT,
                       "log.csv: expected the columns epoch,\"loss, mean\",\"a \"\"b\"\"\", found other,file");
    assert_int_equal(files_read("log.csv", found, sizeof found), 14);
    assert_int_equal(csv_open(&log, "/nowhere/log.csv", names, 3), COR_EIO);
    files_expect_error(COR_EIO, "/nowhere/log.csv: cannot be opened");
}

static void a_row_is_there_or_not(void **state) {
    (void)state;
    struct rlimit old, small;
    csv_log log;
    const double row[] = {123456, 0.123456789, 3};
    files_write("log.csv", header, strlen(header));
    assert_int_equal(csv_open(&log, files_path("log.csv"), names, 3), COR_OK);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){strlen(header) + 5, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int code = csv_row(&log, row);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(code, COR_EIO);
    files_expect_error(COR_EIO, "log.csv: cannot be written: File too large");
    expect("");
    assert_int_equal(csv_row(&log, row), COR_OK);
    assert_int_equal(csv_close(&log), COR_OK);
    expect("123456,0.123456789,3\n");
}

int main(void) {
    files_begin();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_stands_once),
        cmocka_unit_test(what_was_cut_short_goes),
        cmocka_unit_test(other_files_are_left_alone),
        cmocka_unit_test(a_row_is_there_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
