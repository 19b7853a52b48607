/* The networks against PyTorch's and torchvision's after the same seed: every bit of their state, what they print, and
 * what they compute. Of VGG only one is made, unless SOAK is set: each takes half a gigabyte. */
#include "support/golden.h"
#include "support/tensors.h"
#include <corrie.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool left_out(const char *model) {
    return getenv("SOAK") == NULL && strncmp(model, "vgg", 3) == 0 && strcmp(model, "vgg16") != 0;
}

static cor_module *build(const golden_record *record) {
    cor_manual_seed(0);
    cor_module *m = cor_get_model(golden_get(record, "model"));
    if (m == NULL) fail_msg("%s: %s", golden_get(record, "model"), cor_error_message());
    return m;
}

/* The checksum of the 32-bit words of a tensor that make_models.py describes. */
static uint64_t checksum(cor_tensor *t) {
    const uint32_t *words = cor_data_const(t);
    const uint64_t n = (uint64_t)cor_numel(t) * (uint64_t)cor_dtype_size(cor_dtype_of(t)) / sizeof *words;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < n; i++) sum += (2 * i + 1) * words[i];
    return sum;
}

/* An entry of a state_dict as the golden file writes it. */
static void entry_text(char *text, size_t room, const char *name, cor_tensor *t) {
    int length = snprintf(text, room, "%s %s [", name, cor_dtype_name(cor_dtype_of(t)));
    for (int i = 0; i < cor_dim(t); i++)
        length += snprintf(text + length, room - (size_t)length, i == 0 ? "%lld" : ",%lld", (long long)cor_size(t, i));
    snprintf(text + length, room - (size_t)length, "] %016llx", (unsigned long long)checksum(t));
}

static void check_state(const golden_record *record, cor_module *m) {
    const cor_dict *dict = cor_state_dict(m);
    const char *line = record->text;
    char text[256];
    for (int64_t i = 0; i < cor_dict_count(dict); i++) {
        const size_t length = strcspn(line, "\n");
        entry_text(text, sizeof text, cor_dict_name_at(dict, i), cor_dict_tensor_at(dict, i));
        if (strlen(text) != length || strncmp(text, line, length) != 0)
            fail_msg("%s: %s, expected %.*s", golden_get(record, "model"), text, (int)length, line);
        line += length + (line[length] == '\n');
    }
    assert_int_equal(cor_dict_count(dict), record->text_lines);
}

static int64_t parameters(cor_module *m) {
    const cor_dict *dict = cor_parameters(m);
    int64_t n = 0;
    for (int64_t i = 0; i < cor_dict_count(dict); i++) n += cor_numel(cor_dict_tensor_at(dict, i));
    return n;
}

/* The output against the field's elements, which are some of PyTorch's: at most `bound` of the largest magnitude away.
 */
static double check_output(const golden_record *record, const char *field, cor_module *m, double bound) {
    cor_tensor *out = cor_call(m, tensor_from_text(golden_get(record, "in0")));
    if (out == NULL) fail_msg("%s: %s", golden_get(record, "model"), cor_error_message());
    cor_tensor *expected = tensor_from_text(golden_get(record, field));
    const float *actual = cor_data_const(cor_contiguous(out)), *those = cor_data_const(expected);
    const int64_t step = (cor_numel(out) + 63) / 64;
    assert_int_equal(cor_numel(expected), (cor_numel(out) + step - 1) / step);
    double largest = 0, difference = 0;
    for (int64_t i = 0; i < cor_numel(expected); i++) {
        largest = fmax(largest, fabs((double)those[i]));
        difference = fmax(difference, fabs((double)those[i] - (double)actual[i * step]));
    }
    if (!(difference <= bound * largest))
        fail_msg("%s: %s: %g away, the largest being %g", golden_get(record, "model"), field, difference, largest);
    return difference / largest;
}

static void check_repr(const golden_record *record, cor_module *m) {
    char *text = cor_module_repr(m);
    assert_non_null(text);
    if (golden_fnv1a(text, strlen(text)) != strtoull(golden_get(record, "repr"), NULL, 16))
        fail_msg("%s prints\n%s", golden_get(record, "model"), text);
    cor_free_text(text);
}

/* In training, batches of two small pictures leave mobilenet_v2 eight values a channel to normalise by, and PyTorch's
 * own output in float32 is 3e-5 from that in float64. A mask of dropout that differs changes far more.
 */
static void networks(void **state) {
    (void)state;
    golden_file *file = golden_open("models.txt");
    golden_record record;
    int checked = 0, trained = 0;
    double away = 0, trained_away = 0;
    while (golden_next(file, &record) == 1) {
        if (strcmp(record.name, "network") != 0 || left_out(golden_get(&record, "model"))) continue;
        cor_scope();
        cor_no_grad();
        cor_module *m = build(&record);
        assert_int_equal(parameters(m), strtoll(golden_get(&record, "parameters"), NULL, 10));
        check_state(&record, m);
        check_repr(&record, m);
        cor_eval(m);
        away = fmax(away, check_output(&record, "eval", m, 1e-5));
        if (golden_get(&record, "train") != NULL) {
            cor_train(m);
            cor_manual_seed(1);
            trained_away = fmax(trained_away, check_output(&record, "train", m, 1e-4));
            trained++;
        }
        checked++;
    }
    golden_close(file);
    printf("%d networks, at most %.1e of their largest score away\n", checked, away);
    printf("%d of them in training with dropout, at most %.1e away\n", trained, trained_away);
    assert_true(checked >= 12);
    assert_true(trained >= 5);
}

/* Two of them in full, so that the file shows what the hashes stand for. */
static void printed(void **state) {
    (void)state;
    golden_file *file = golden_open("models.txt");
    golden_record record;
    int checked = 0;
    while (golden_next(file, &record) == 1) {
        if (strcmp(record.name, "repr") != 0) continue;
        cor_scope();
        char *text = cor_module_repr(build(&record));
        assert_non_null(text);
        assert_string_equal(text, record.text);
        cor_free_text(text);
        checked++;
    }
    golden_close(file);
    assert_int_equal(checked, 2);
}

int main(void) {
    if (cor_set_rng_flavour(COR_RNG_AVX2) != COR_OK) return 1; /* the file was made by PyTorch's kernels for AVX2 */
    const struct CMUnitTest tests[] = {cmocka_unit_test(networks), cmocka_unit_test(printed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
