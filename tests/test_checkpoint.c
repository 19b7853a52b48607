/* Checkpoints: what is put in comes back, a stopped run goes on bit for bit, modules keep their versions. */
#include "support/files.h"
#include <corrie.h>
#include <corrie/checkpoint.h>
#include <corrie/io.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool same(cor_tensor *a, cor_tensor *b) {
    return cor_dtype_of(a) == cor_dtype_of(b) && cor_item(cor_all(cor_eq(a, b))) == 1;
}

static void everything_comes_back(void **state) {
    (void)state;
    cor_scope();
    const double doubles[] = {0.1, -0.0, 1e300, 4.9e-324, 1.0 / 3, INFINITY, -INFINITY};
    cor_checkpoint *c = cor_checkpoint_new();
    cor_dict *optimizer = cor_dict_new();
    cor_dict_set(optimizer, "0.step", cor_scalar(7.0));
    cor_dict_set(optimizer, "0.momentum", cor_arange(0, 5));
    assert_int_equal(cor_checkpoint_add_dict(c, "optimizer", optimizer), COR_OK);
    assert_int_equal(cor_checkpoint_add_tensor(c, "optimizers", cor_ones(2)), COR_OK);
    assert_int_equal(cor_checkpoint_add_int(c, "epoch", INT64_MIN), COR_OK);
    assert_int_equal(cor_checkpoint_add_int(c, "epoch", INT64_MAX), COR_OK);
    assert_int_equal(cor_checkpoint_add_text(c, "sampler", "{\"at\": [1, 2], \"seed\": 3}"), COR_OK);
    char name[8] = "d0";
    for (int i = 0; i < 7; i++, name[1]++) assert_int_equal(cor_checkpoint_add_double(c, name, doubles[i]), COR_OK);
    assert_int_equal(cor_checkpoint_save(c, files_path("c")), COR_OK);

    c = cor_checkpoint_load(files_path("c"));
    assert_non_null(c);
    cor_dict *back = cor_checkpoint_dict(c, "optimizer");
    assert_int_equal(cor_dict_count(back), 2);
    assert_true(same(cor_dict_get(back, "0.momentum"), cor_arange(0, 5)) &&
                cor_item(cor_dict_get(back, "0.step")) == 7);
    assert_int_equal(cor_dict_count(cor_checkpoint_dict(c, "")), 3);
    assert_int_equal(cor_dict_count(cor_checkpoint_dict(c, "opt")), 0);
    int64_t epoch = 0;
    assert_true(cor_checkpoint_int(c, "epoch", &epoch) == COR_OK && epoch == INT64_MAX);
    assert_string_equal(cor_checkpoint_text(c, "sampler"), "{\"at\": [1, 2], \"seed\": 3}");
    strcpy(name, "d0");
    for (int i = 0; i < 7; i++, name[1]++) {
        double value = 0;
        assert_int_equal(cor_checkpoint_double(c, name, &value), COR_OK);
        assert_memory_equal(&value, &doubles[i], sizeof value);
    }
    assert_true(cor_checkpoint_has(c, "epoch") && cor_checkpoint_has(c, "optimizers") && !cor_checkpoint_has(c, "x"));
}

static void what_is_not_there_is_told(void **state) {
    (void)state;
    cor_scope();
    cor_checkpoint *c = cor_checkpoint_new();
    int64_t number = 5;
    double real = 5;
    assert_int_equal(cor_checkpoint_add_text(c, "word", "12x"), COR_OK);
    assert_int_equal(cor_checkpoint_add_tensor(c, "t", cor_ones(3)), COR_OK);
    assert_null(cor_checkpoint_tensor(c, "word"));
    files_expect_error(COR_EKEY, "the checkpoint has no tensor 'word'");
    assert_null(cor_checkpoint_text(c, "t"));
    files_expect_error(COR_EKEY, "the checkpoint has no text 't'");
    assert_int_equal(cor_checkpoint_int(c, "word", &number), COR_EFORMAT);
    files_expect_error(COR_EFORMAT, "'word' is '12x', expected a whole number");
    assert_int_equal(cor_checkpoint_double(c, "word", &real), COR_EFORMAT);
    files_expect_error(COR_EFORMAT, "'word' is '12x', expected a number");
    assert_true(number == 5 && real == 5);
    assert_int_equal(cor_checkpoint_load_generator(c, "t", COR_GENERATOR_DEFAULT), COR_EVALUE);
    files_expect_error(COR_EVALUE, "'t' is of float32, a generator's state of uint8");
    assert_int_equal(cor_checkpoint_add_tensor(c, "t", COR_NONE), COR_EVALUE);
    files_expect_error(COR_EVALUE, "the value is NULL");
}

/* ---- resuming --------------------------------------------------------------------------------------------------- */

/* A step that reads and changes all that a step of training does: parameters, a buffer, a momentum, the generator. */
static void take_step(cor_module *net, cor_tensor *momentum) {
    cor_scope();
    cor_no_grad();
    cor_tensor *weight = cor_get_parameter(net, "0.weight"), *noise = cor_randn(3, 4);
    (void)cor_call(net, cor_randn(5, 4));
    (void)cor_copy_(momentum, cor_add(cor_mul(momentum, 0.9), noise));
    (void)cor_copy_(weight, cor_sub(weight, cor_mul(momentum, 0.1)));
    assert_int_equal(cor_error(), COR_OK);
}

static cor_module *a_net(void) { return cor_nn_sequential(cor_nn_linear(4, 3), cor_nn_batch_norm1d(3)); }

static void a_stopped_run_goes_on_bit_for_bit(void **state) {
    (void)state;
    cor_scope();
    cor_manual_seed(5);
    cor_module *net = a_net();
    cor_tensor *momentum = cor_zeros(3, 4);
    for (int i = 0; i < 3; i++) take_step(net, momentum);
    (void)cor_randn(1); /* half of a pair of normal samples waits in the generator */
    cor_checkpoint *c = cor_checkpoint_new();
    assert_int_equal(cor_checkpoint_add_module(c, "model", net), COR_OK);
    assert_int_equal(cor_checkpoint_add_tensor(c, "momentum", momentum), COR_OK);
    assert_int_equal(cor_checkpoint_add_generator(c, "rng", COR_GENERATOR_DEFAULT), COR_OK);
    assert_int_equal(cor_checkpoint_save(c, files_path("c")), COR_OK);
    for (int i = 0; i < 3; i++) take_step(net, momentum);

    cor_manual_seed(99);
    cor_module *again = a_net();
    c = cor_checkpoint_load(files_path("c"));
    assert_int_equal(cor_checkpoint_load_module(c, "model", again), COR_OK);
    cor_tensor *momentum_again = cor_checkpoint_tensor(c, "momentum");
    assert_int_equal(cor_checkpoint_load_generator(c, "rng", COR_GENERATOR_DEFAULT), COR_OK);
    for (int i = 0; i < 3; i++) take_step(again, momentum_again);
    cor_dict *first = cor_state_dict(net), *second = cor_state_dict(again);
    assert_int_equal(cor_dict_count(first), 7);
    for (int64_t i = 0; i < 7; i++) assert_true(same(cor_dict_tensor_at(first, i), cor_dict_tensor_at(second, i)));
    assert_true(same(momentum, momentum_again) && same(cor_dict_get(second, "1.num_batches_tracked"), cor_scalar(6)));
}

/* ---- modules ---------------------------------------------------------------------------------------------------- */

static int note_version(cor_module *m, cor_loading *loading, void *context) {
    (void)m;
    *(int64_t *)context = loading->version;
    return COR_OK;
}

static cor_tensor *same_back(cor_module *m, cor_tensor *x) {
    (void)m;
    return x;
}

static void modules_keep_their_versions(void **state) {
    (void)state;
    typedef struct {
        cor_module base;
    } Old;
    cor_scope();
    int64_t version = 0;
    Old *old = cor_module_new(Old, same_back, .version = 3);
    cor_module *net = cor_nn_sequential(cor_nn_linear(2, 2), COR_MODULE(old));
    assert_int_equal(cor_save(net, files_path("m")), COR_OK);
    assert_true(cor_register_load_state_dict_pre_hook(COR_MODULE(old), note_version, &version) > 0);
    assert_int_equal(cor_load(net, files_path("m")), COR_OK);
    assert_int_equal(version, 3);
    assert_int_equal(cor_save_safetensors(files_path("m"), cor_state_dict(net), NULL), COR_OK);
    assert_int_equal(cor_load(net, files_path("m")), COR_OK);
    assert_int_equal(version, -1);
}

static void loading_tells_what_does_not_fit(void **state) {
    (void)state;
    cor_scope();
    cor_module *saved = cor_nn_sequential(cor_nn_linear(2, 3)),
               *other = cor_nn_sequential(cor_nn_linear(2, 3), cor_nn_linear(3, 3));
    cor_dict *missing, *unexpected;
    assert_int_equal(cor_save(saved, files_path("m")), COR_OK);
    assert_int_equal(cor_load(other, files_path("m")), COR_ESTATE);
    files_expect_error(COR_ESTATE, "Error(s) in loading state_dict for Sequential:\n\tMissing key(s) in state_dict: "
                                   "\"1.weight\", \"1.bias\". ");
    assert_int_equal(cor_load(other, files_path("m"), .strict = false, .missing = &missing, .unexpected = &unexpected),
                     0);
    assert_true(cor_dict_count(missing) == 2 && cor_dict_count(unexpected) == 0);
    assert_true(same(cor_get_parameter(other, "0.weight"), cor_get_parameter(saved, "0.weight")));
    assert_int_equal(cor_load(other, files_path("absent"), .missing = &missing), COR_EIO);
    files_expect_error(COR_EIO, "absent: cannot be opened");
    assert_null(missing);
    assert_int_equal(cor_save(other, files_path("m")), COR_OK);
    assert_int_equal(cor_load(cor_nn_sequential(cor_nn_linear(3, 2)), files_path("m")), COR_ESTATE);
    files_expect_error(COR_ESTATE, "size mismatch for 0.weight: copying a param with shape torch.Size([3, 2]) from "
                                   "checkpoint, the shape in current model is torch.Size([2, 3]).");
}

int main(void) {
    files_begin();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(what_is_not_there_is_told),
        cmocka_unit_test(a_stopped_run_goes_on_bit_for_bit),
        cmocka_unit_test(modules_keep_their_versions),
        cmocka_unit_test(loading_tells_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
