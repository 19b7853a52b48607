/* Same seed, same numbers (training.txt): what networks start from, and the losses of their first steps. */
#include "support/tensors.h"
#include "support/training.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE = 1024, QUICK_STEPS = 4, ALL_STEPS = 100 };

static const char digits[] = COR_SOURCE_DIR "/data/digits";

/* How far a loss is from PyTorch's, relative to it. */
static double distance(double loss, double expected) { return fabs(loss - expected) / fabs(expected); }

static void expect(const golden_record *record, const char *what, const char *notation, cor_tensor *t) {
    golden_tensor expected;
    if (t == NULL) fail_msg("%s: no %s: %s", record->name, what, cor_error_message());
    assert_true(golden_parse_tensor(notation, &expected));
    if (!tensor_matches(t, &expected)) fail_msg("%s: %s differs", record->name, what);
}

/* Copies the line at the cursor, and moves to the next one; false at the end. */
static bool next_line(const char **cursor, char line[LINE]) {
    if (*cursor == NULL) return false;
    const size_t length = strcspn(*cursor, "\n");
    assert_true(length < LINE);
    memcpy(line, *cursor, length);
    line[length] = '\0';
    *cursor = (*cursor)[length] == '\n' ? *cursor + length + 1 : NULL;
    return true;
}

/* ---- the beginning ---------------------------------------------------------------------------------------------- */

/* Checks the parameters, a line each; returns where the steps begin. */
static const char *check_parameters(const golden_record *record, cor_module *net) {
    char line[LINE];
    const char *cursor = record->text;
    cor_dict *parameters = cor_parameters(net);
    for (int64_t i = 0; i < cor_dict_count(parameters); i++) {
        assert_true(next_line(&cursor, line));
        char *notation = strchr(line, ' ');
        *notation++ = '\0';
        assert_string_equal(cor_dict_name_at(parameters, i), line);
        expect(record, line, notation, cor_dict_tensor_at(parameters, i));
    }
    return cursor;
}

static const char *check_beginning(const golden_record *record) {
    training t;
    cor_tensor *batch[TRAINING_FIELDS];
    cor_scope();
    training_make(&t, record->name, COR_FLOAT32, digits);
    if (cor_error() != COR_OK) fail_msg("%s: %s", record->name, cor_error_message());
    expect(record, "images", golden_get(record, "images"), t.images);
    expect(record, "labels", golden_get(record, "labels"), t.labels);
    const char *steps = check_parameters(record, t.net);
    assert_true(training_next(&t, batch));
    const double far = distance(training_loss(&t, batch), strtod(golden_get(record, "first"), NULL));
    if (!(far <= 1e-6)) fail_msg("%s: the first loss in float32 is off by %g", record->name, far);
    printf("%s: the first loss in float32 is off by %.1e\n", record->name, far);
    return steps;
}

/* ---- the steps -------------------------------------------------------------------------------------------------- */

/* Checks one line: the loss, and the places of the samples. Returns how far the loss is off. */
static double check_step(const golden_record *record, training *t, int step, char *line) {
    cor_tensor *batch[TRAINING_FIELDS];
    char *rest;
    const double expected = strtod(line, &rest);
    if (!training_next(t, batch)) fail_msg("%s, step %d: %s", record->name, step, cor_error_message());
    const int64_t *places = cor_data_const(batch[TRAINING_PLACES]), n = cor_numel(batch[TRAINING_PLACES]);
    for (int64_t i = 0; i < n; i++) assert_int_equal(places[i], strtoll(rest, &rest, 10));
    assert_int_equal(*rest, '\0');
    const double far = distance(training_loss(t, batch), expected);
    if (!(far <= 1e-9)) fail_msg("%s: the loss of step %d is off by %g", record->name, step, far);
    assert_int_equal(cor_step(t->adam), COR_OK);
    return far;
}

/* ResNet-18 takes its time. CORRIE_TEST_STEPS says how many steps of each network are looked at. */
static int steps_of(const char *name) {
    const char *text = getenv("CORRIE_TEST_STEPS");
    if (text != NULL) return atoi(text);
    return strcmp(name, "resnet18") == 0 ? QUICK_STEPS : ALL_STEPS;
}

static void check_record(const golden_record *record) {
    training t;
    char line[LINE];
    const char *cursor = check_beginning(record);
    const int most = steps_of(record->name);
    double worst = 0;
    int step = 0;
    cor_scope();
    training_make(&t, record->name, COR_FLOAT64, digits);
    while (step < most && next_line(&cursor, line)) worst = fmax(worst, check_step(record, &t, ++step, line));
    assert_int_equal(step, most);
    printf("%s: %d losses in float64, off by at most %.1e\n", record->name, step, worst);
}

static void same_seed_same_numbers(void **state) {
    (void)state;
    int seen = 0;
    golden_file *file = golden_open("training.txt");
    golden_record record;
    assert_non_null(file);
    for (; golden_next(file, &record) > 0; seen++) check_record(&record);
    golden_close(file);
    assert_int_equal(seen, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_seed_same_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
