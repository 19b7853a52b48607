/* Files of named tensors, checkpoints and events with every allocation failing: COR_ENOMEM, nothing left behind, a file
 * that was there is whole, and an event file is one of whole records. */
#include "io/events.h"
#include "support/files.h"
#include "support/scenario.h"
#include <corrie.h>
#include <corrie/checkpoint.h>
#include <corrie/io.h>
#include <corrie/summary.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 1 << 16 };
static char bytes[ROOM];
static cor_module *net;
static cor_dict *tensors;

static const char before[] = "what was there before";

/* The file is the old one after a failure, and goes into the result after a success. */
static int saved(int code, const char *name, scenario_hash *result) {
    size_t n = files_read(name, bytes, sizeof bytes);
    bool kept = n == sizeof before && memcmp(bytes, before, n) == 0;
    if (kept == (code == COR_OK) || code != cor_error()) fail_msg("%s: saved and failed, or neither", name);
    if (code == COR_OK) scenario_feed(result, bytes, n);
    return code;
}

static int save_tensors(void *context, scenario_hash *result) {
    (void)context;
    const char *const metadata[] = {"a", "b", "c", "d", "a", "e", NULL};
    files_write("saved", before, sizeof before);
    return saved(cor_save_safetensors(files_path("saved"), tensors, metadata), "saved", result);
}

static int save_module(void *context, scenario_hash *result) {
    (void)context;
    files_write("saved", before, sizeof before);
    return saved(cor_save(net, files_path("saved")), "saved", result);
}

static int load_tensors(void *context, scenario_hash *result) {
    (void)context;
    cor_dict *back = cor_load_safetensors(files_path("tensors"));
    for (int64_t i = 0; i < cor_dict_count(back); i++) scenario_feed_tensor(result, cor_dict_tensor_at(back, i));
    return cor_error();
}

static int load_module(void *context, scenario_hash *result) {
    (void)context;
    cor_dict *missing = NULL;
    int code = cor_load(net, files_path("module"), .missing = &missing);
    if (code == COR_OK) scenario_feed_module(result, net);
    return code;
}

static int keep_all(void *context, scenario_hash *result) {
    (void)context;
    int64_t epoch = 0;
    double loss = 0;
    cor_checkpoint *c = cor_checkpoint_new();
    cor_checkpoint_add_module(c, "model", net);
    cor_checkpoint_add_generator(c, "rng", COR_GENERATOR_DEFAULT);
    cor_checkpoint_add_double(c, "loss", 0.1);
    for (int i = 0; i < 20; i++) cor_checkpoint_add_int(c, i % 2 ? "epoch" : "step", i);
    files_write("saved", before, sizeof before);
    if (cor_error() != COR_OK || saved(cor_checkpoint_save(c, files_path("saved")), "saved", result) != COR_OK)
        return cor_error();
    c = cor_checkpoint_load(files_path("saved"));
    if (cor_checkpoint_int(c, "epoch", &epoch) != COR_OK || cor_checkpoint_double(c, "loss", &loss) != COR_OK ||
        cor_checkpoint_load_generator(c, "rng", COR_GENERATOR_DEFAULT) != COR_OK)
        return cor_error();
    scenario_feed_tensor(result, cor_checkpoint_tensor(c, "model.0.weight"));
    return epoch == 19 && loss == 0.1 ? cor_error() : COR_ESTATE;
}

static int states(void *context, scenario_hash *result) {
    (void)context;
    cor_tensor *state = cor_get_rng_state();
    scenario_feed_tensor(result, state);
    return state == NULL ? cor_error() : cor_set_rng_state(state);
}

/* ---- events ----------------------------------------------------------------------------------------------------- */

/* Whether the file ends where a record does. */
static bool is_whole(size_t n) {
    size_t at = 0;
    while (at + 16 <= n) {
        uint64_t length;
        memcpy(&length, bytes + at, 8);
        at += 16 + (size_t)length;
    }
    return at == n;
}

static void read_and_remove(cor_summary_writer *w, scenario_hash *result, int code) {
    const char *path = w->events.path;
    size_t n = files_read(path + strlen(files_path("")), bytes, sizeof bytes);
    if (!is_whole(n)) fail_msg("%s is not whole", path);
    if (code == COR_OK) scenario_feed(result, bytes + 40, n - 40);
    for (int64_t i = 0; i < w->n; i++) (void)unlink(w->charts[i].events.path);
    (void)unlink(path);
}

static int write_events(void *context, scenario_hash *result) {
    (void)context;
    const char *const tags[] = {"a", "b", "c", "d", "e"};
    const double values[] = {1, 2, 3, 4, 5};
    cor_tensor *picture = cor_dict_get(tensors, "picture");
    cor_summary_writer *w = cor_summary_writer_new(files_path("log"));
    if (w == NULL) return cor_error();
    cor_summary_add_scalar(w, "loss", 0.5, 1, .walltime = 1);
    cor_summary_add_text(w, "text", "words", 1, .walltime = 1);
    cor_summary_add_histogram(w, "values", cor_dict_get(tensors, "reals"), 1, .walltime = 1);
    cor_summary_add_image(w, "picture", picture, 1, .walltime = 1);
    if (picture != NULL) cor_summary_add_images(w, "pictures", cor_dict_get(tensors, "pictures"), 1, .walltime = 1);
    cor_summary_add_graph(w, net, .walltime = 1);
    cor_summary_add_scalars(w, "all", tags, values, 5, 1, .walltime = 1);
    read_and_remove(w, result, cor_error());
    return cor_summary_writer_close(w);
}

/* ---- all -------------------------------------------------------------------------------------------------------- */

static void every_allocation_fails_once(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int (*body)(void *context, scenario_hash *result);
    } rows[] = {{"save tensors", save_tensors}, {"load tensors", load_tensors}, {"save a module", save_module},
                {"load a module", load_module}, {"a checkpoint", keep_all},     {"rng state", states},
                {"events", write_events}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int files = files_count();
        assert_true(scenario_run(rows[i].name, rows[i].body, NULL) > 0);
        assert_int_equal(files_count(), files + (rows[i].body == write_events)); /* its folder */
    }
}

static void make_files(void) {
    cor_manual_seed(3);
    net = cor_nn_sequential(cor_nn_linear(4, 3), cor_nn_batch_norm1d(3));
    tensors = cor_dict_new();
    cor_dict_set(tensors, "reals", cor_transpose(cor_randn(3, 4), 0, 1));
    cor_dict_set(tensors, "picture", cor_rand(3, 6, 5));
    cor_dict_set(tensors, "pictures", cor_rand(3, 1, 6, 5));
    for (int i = 0; i < 70; i++) {
        char name[32];
        snprintf(name, sizeof name, "a name of some length, %d", i);
        cor_dict_set(tensors, name, cor_ones_of(COR_BOOL, i));
    }
    assert_int_equal(cor_save_safetensors(files_path("tensors"), tensors, NULL), COR_OK);
    assert_int_equal(cor_save(net, files_path("module")), COR_OK);
    files_write("saved", before, sizeof before);
}

int main(void) {
    scenario_install();
    files_begin();
    if (cor_set_num_threads(1) != COR_OK) return 1;
    cor_scope();
    make_files();
    if (cor_error() != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails_once)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    scenario_print_total();
    return failed;
}
