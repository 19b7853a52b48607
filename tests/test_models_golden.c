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

/* Some elements of a tensor against those of PyTorch's in the field: at most `bound` of the largest magnitude away. */
static double check_some(const golden_record *record, const char *field, cor_tensor *t, double bound) {
    if (t == NULL) fail_msg("%s: %s: %s", golden_get(record, "model"), field, cor_error_message());
    cor_tensor *expected = tensor_from_text(golden_get(record, field));
    t = cor_to(cor_contiguous(t), COR_FLOAT64);
    const double *actual = cor_data_const(t), *those = cor_data_const(cor_to(expected, COR_FLOAT64));
    const int64_t step = (cor_numel(t) + 63) / 64;
    assert_int_equal(cor_numel(expected), (cor_numel(t) + step - 1) / step);
    double largest = 0, difference = 0;
    for (int64_t i = 0; i < cor_numel(expected); i++) {
        largest = fmax(largest, fabs(those[i]));
        difference = fmax(difference, fabs(those[i] - actual[i * step]));
    }
    if (!(difference <= bound * largest))
        fail_msg("%s: %s: %g away, the largest being %g", golden_get(record, "model"), field, difference, largest);
    return difference / largest;
}

/* The gradient of a new network's first parameter, and no other, by the sum of its output, all in float64: rounding in
 * float32 now and then makes another element the largest of a window. */
static cor_tensor *first_gradient(const golden_record *record) {
    cor_module *m = build(record);
    cor_tensor *first = cor_dict_tensor_at(cor_parameters(m), 0);
    cor_module_to(m, COR_FLOAT64);
    cor_eval(m);
    cor_module_requires_grad_(m, false);
    cor_requires_grad_(first, true);
    cor_backward(cor_sum(cor_call(m, cor_to(tensor_from_text(golden_get(record, "in0")), COR_FLOAT64))));
    return cor_grad(first);
}

static void check_repr(const golden_record *record, cor_module *m) {
    char *text = cor_module_repr(m);
    assert_non_null(text);
    if (golden_fnv1a(text, strlen(text)) != strtoull(golden_get(record, "repr"), NULL, 16))
        fail_msg("%s prints\n%s", golden_get(record, "model"), text);
    cor_free_text(text);
}

typedef struct figures {
    int checked, trained, gradients;
    double eval, train, gradient; /* how far away at most */
} figures;

/* In training, batches of two small pictures leave mobilenet_v2 eight values a channel to normalise by, and PyTorch's
 * own output in float32 is 3e-5 from that in float64. A mask of dropout that differs changes far more. */
static void check_network(const golden_record *record, figures *f) {
    cor_scope();
    cor_module *m = build(record);
    cor_tensor *x = tensor_from_text(golden_get(record, "in0"));
    assert_int_equal(parameters(m), strtoll(golden_get(record, "parameters"), NULL, 10));
    check_state(record, m);
    check_repr(record, m);
    f->checked++;
    if (golden_get(record, "gradient") != NULL) {
        f->gradient = fmax(f->gradient, check_some(record, "gradient", first_gradient(record), 1e-12));
        f->gradients++;
    }
    cor_no_grad();
    cor_eval(m);
    f->eval = fmax(f->eval, check_some(record, "eval", cor_call(m, x), 1e-5));
    if (golden_get(record, "train") == NULL) return;
    cor_train(m);
    cor_manual_seed(1);
    f->train = fmax(f->train, check_some(record, "train", cor_call(m, x), 1e-4));
    f->trained++;
}

static void networks(void **state) {
    (void)state;
    golden_file *file = golden_open("models.txt");
    golden_record record;
    figures f = {0};
    while (golden_next(file, &record) == 1)
        if (strcmp(record.name, "network") == 0 && !left_out(golden_get(&record, "model"))) check_network(&record, &f);
    golden_close(file);
    printf("%d networks, outputs at most %.1e of their largest element away\n", f.checked, f.eval);
    printf("%d of them in training with dropout, at most %.1e\n", f.trained, f.train);
    printf("%d gradients in float64, at most %.1e\n", f.gradients, f.gradient);
    assert_true(f.checked >= 12 && f.trained >= 5 && f.gradients >= 10);
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
