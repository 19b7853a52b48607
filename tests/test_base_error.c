/* The error of a thread: the first one sticks, until it is taken or cleared. */
#include "base/error.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void the_first_error_sticks(void **state) {
    (void)state;
    assert_int_equal(cor_error(), COR_OK);
    assert_null(cor_error_pending());
    assert_string_equal(cor_error_message(), "");
    assert_int_equal(cor__fail(COR_ESHAPE, "sizes %d and %d", 3, 4), COR_ESHAPE);
    assert_int_equal(cor__fail(COR_EVALUE, "a later one"), COR_ESHAPE);
    assert_int_equal(cor_error_set(COR_EIO, "later still"), COR_ESHAPE);
    assert_null(cor__fail_null(COR_EIO, "later still"));
    assert_int_equal(cor_error(), COR_ESHAPE);
    assert_string_equal(cor_error_message(), "sizes 3 and 4");
    assert_non_null(strstr(cor_error_pending()->place, "test_base_error.c:"));

    cor_error_info taken;
    assert_int_equal(cor_error_take(&taken), COR_ESHAPE);
    assert_string_equal(taken.text, "sizes 3 and 4");
    assert_int_equal(cor_error(), COR_OK);
    assert_int_equal(cor_error_take(&taken), COR_OK);
    assert_int_equal(taken.code, COR_OK);
    assert_string_equal(taken.text, "");

    cor__fail(COR_EKEY, "again");
    cor_error_clear();
    assert_null(cor_error_pending());
    cor__fail(COR_EKEY, "again");
    assert_int_equal(cor_error_take(NULL), COR_EKEY);
    assert_int_equal(cor_error(), COR_OK);
}

static void a_callers_own_error_is_kept(void **state) {
    (void)state;
    assert_int_equal(cor_error_set(-500, "image %s", "a.png"), -500);
    assert_string_equal(cor_error_message(), "image a.png");
    assert_string_equal(cor_error_pending()->place, "");
    cor_error_clear();
    assert_int_equal(cor_error_set(0, "no error"), COR_EVALUE);
    cor_error_clear();
    assert_int_equal(cor_error_set(7, "no error"), COR_EVALUE);
    cor_error_clear();
}

static void long_texts_are_cut(void **state) {
    (void)state;
    char text[2 * COR_ERROR_TEXT];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cor__fail(COR_EVALUE, "%s", text);
    cor__error_context(text, text, text);
    assert_int_equal(strlen(cor_error_message()), COR_ERROR_TEXT - 1);
    assert_int_equal(strlen(cor_error_pending()->operation), COR_ERROR_NAME - 1);
    assert_int_equal(strlen(cor_error_pending()->module), COR_ERROR_NAME - 1);
    cor_error_clear();
}

static void the_first_context_stays(void **state) {
    (void)state;
    cor__error_context("conv2d", "[1]", "net"); /* nothing pending: nothing to note */
    cor__fail(COR_ESHAPE, "first");
    assert_string_equal(cor_error_pending()->operation, "");
    cor__error_context("conv2d", "[1, 3]", "features.0");
    cor__error_context("relu", "[2]", "features.1");
    const cor_error_info *error = cor_error_pending();
    assert_string_equal(error->operation, "conv2d");
    assert_string_equal(error->shapes, "[1, 3]");
    assert_string_equal(error->module, "features.0");
    cor_error_clear();
    cor__fail(COR_ESHAPE, "second");
    assert_string_equal(cor_error_pending()->operation, "");
    cor_error_clear();
}

static void every_status_has_a_name(void **state) {
    (void)state;
    assert_string_equal(cor_status_name(COR_OK), "ok");
    assert_string_equal(cor_status_name(COR_ESHAPE), "shape");
    assert_string_equal(cor_status_name(COR_ENOMEM), "memory");
    assert_string_equal(cor_status_name(-12), "unknown");
    assert_string_equal(cor_status_name(1), "unknown");
    assert_string_equal(cor_version(), COR_VERSION);
}

/* What cor_report writes and returns. */
static int reported(char *text, size_t size) {
    int ends[2], before = dup(2);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], 2);
    int code = cor_report();
    dup2(before, 2);
    close(before);
    close(ends[1]);
    ssize_t n = read(ends[0], text, size - 1);
    close(ends[0]);
    text[n > 0 ? n : 0] = '\0';
    return code;
}

static void report_writes_and_clears(void **state) {
    (void)state;
    char text[4096];
    assert_int_equal(reported(text, sizeof text), 0);
    assert_string_equal(text, "");
    cor__fail(COR_ESHAPE, "bad");
    assert_int_equal(reported(text, sizeof text), 1);
    assert_string_equal(text, "error: bad\n");
    assert_int_equal(cor_error(), COR_OK);
    cor__fail(COR_ESHAPE, "bad");
    cor__error_context("conv2d", "[1, 3], [2]", "features.0");
    assert_int_equal(reported(text, sizeof text), 1);
    assert_string_equal(text, "error: bad [conv2d in features.0 of [1, 3], [2]]\n");
    cor__fail(COR_ESHAPE, "bad");
    cor__error_context(NULL, NULL, "features.0");
    assert_int_equal(reported(text, sizeof text), 1);
    assert_string_equal(text, "error: bad [in features.0]\n");
}

static void *other_thread(void *info) {
    if (cor_error() != COR_OK) return NULL;
    cor__fail(COR_EINDEX, "of the other thread");
    cor_error_take(info);
    return info;
}

static void threads_have_their_own(void **state) {
    (void)state;
    pthread_t thread;
    cor_error_info info;
    void *result;
    cor__fail(COR_ESTATE, "of this thread");
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &info), 0);
    pthread_join(thread, &result);
    assert_ptr_equal(result, &info);
    assert_string_equal(cor_error_message(), "of this thread");
    cor__error_adopt(&info);
    assert_int_equal(cor_error(), COR_ESTATE);
    cor_error_clear();
    cor__error_adopt(&info);
    assert_int_equal(cor_error(), COR_EINDEX);
    assert_string_equal(cor_error_message(), "of the other thread");
    cor_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_sticks),  cmocka_unit_test(a_callers_own_error_is_kept),
        cmocka_unit_test(long_texts_are_cut),      cmocka_unit_test(the_first_context_stays),
        cmocka_unit_test(every_status_has_a_name), cmocka_unit_test(report_writes_and_clears),
        cmocka_unit_test(threads_have_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
