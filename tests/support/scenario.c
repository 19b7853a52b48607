/* scenario.c: the driver; every run is held against the first one. */
#include "support/scenario.h"
#include "support/alloc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct scenario {
    const char *name;
    int (*body)(void *context, scenario_hash *result);
    void *context;
};

struct outcome {
    int code;
    char text[COR_ERROR_TEXT];
    uint64_t hash;
    int64_t asked, refused, blocks;
};

static int64_t points, scenarios;

void scenario_install(void) { alloc_install(); }
int64_t scenario_points(void) { return points; }
void scenario_print_total(void) {
    printf("%lld allocation points, %lld scenarios\n", (long long)points, (long long)scenarios);
}

/* FNV-1a */
void scenario_feed(scenario_hash *hash, const void *bytes, size_t n) {
    const unsigned char *next = bytes;
    for (size_t i = 0; i < n; i++) hash->state = (hash->state ^ next[i]) * 0x100000001b3u;
}

void scenario_feed_tensor(scenario_hash *hash, cor_tensor *t) {
    cor_tensor *dense = t == NULL ? NULL : cor_contiguous(t);
    if (dense == NULL) return;
    int64_t head[] = {(int64_t)cor_dtype_of(t), cor_dim(t), cor_requires_grad(t)};
    scenario_feed(hash, head, sizeof head);
    scenario_feed(hash, cor_sizes(t), (size_t)cor_dim(t) * sizeof(int64_t));
    scenario_feed(hash, cor_data_const(dense), (size_t)(cor_numel(t) * cor_dtype_size(cor_dtype_of(t))));
}

void scenario_feed_text(scenario_hash *hash, char *text) {
    if (text != NULL) scenario_feed(hash, text, strlen(text) + 1);
    cor_free_text(text);
}

static int feed_mode(cor_module *m, void *hash) {
    bool training = cor_is_training(m);
    scenario_feed(hash, &training, sizeof training);
    return COR_OK;
}

void scenario_feed_module(scenario_hash *hash, cor_module *m) {
    if (m == NULL) return;
    char *text = cor_module_repr(m);
    if ((text == NULL) == (cor_error() == COR_OK)) fail_msg("repr: a text and an error, or neither");
    scenario_feed_text(hash, text);
    cor_dict *d = cor_state_dict(m);
    for (int64_t i = 0; i < cor_dict_count(d); i++) {
        scenario_feed(hash, cor_dict_name_at(d, i), strlen(cor_dict_name_at(d, i)) + 1);
        scenario_feed_tensor(hash, cor_dict_tensor_at(d, i));
    }
    if (cor_error() == COR_OK) (void)cor_module_apply(m, feed_mode, hash);
}

static struct outcome run(const struct scenario *scenario, int64_t k, bool all_that_follow) {
    scenario_hash hash = {0xcbf29ce484222325u};
    cor_error_info error;
    cor_scope_frame scope;
    struct outcome outcome = {0};
    cor_scope_open(&scope);
    alloc_fail(k, all_that_follow);
    int returned = scenario->body(scenario->context, &hash);
    outcome.asked = alloc_asked();
    outcome.refused = alloc_refused();
    cor_scope_close(&scope);
    alloc_fail(0, false);
    int pending = cor_error_take(&error);
    outcome.code = pending != COR_OK ? pending : returned;
    snprintf(outcome.text, sizeof outcome.text, "%s", error.text);
    outcome.hash = hash.state;
    outcome.blocks = alloc_blocks();
    return outcome;
}

static const char *fault_of(const struct outcome *now, const struct outcome *first) {
    if (now->code == COR_ENOMEM && now->refused == 0) return "out of memory, though no allocation failed";
    if (now->code != COR_OK && now->code != COR_ENOMEM) return "another error than out of memory";
    if (now->code == COR_OK && now->hash != first->hash) return "another result than the first run's";
    if (now->blocks > first->blocks) return "blocks were left behind";
    return NULL;
}

/* Runs once more, with allocation `fail` failing if it is not 0, and holds the run against the first. `k` and
 * `all_that_follow` say which failure this run has or follows. */
static void rerun(const struct scenario *scenario, const struct outcome *first, int64_t fail, int64_t k,
                  bool all_that_follow) {
    struct outcome now = run(scenario, fail, all_that_follow);
    const char *fault = fault_of(&now, first);
    if (fault != NULL)
        fail_msg("scenario %s, allocation %lld of %lld failing %s: %s%s (status %d \"%s\", %lld blocks, at first %lld)",
                 scenario->name, (long long)k, (long long)first->asked, all_that_follow ? "from then on" : "once",
                 fail == 0 ? "in the run after, " : "", fault, now.code, now.text, (long long)now.blocks,
                 (long long)first->blocks);
}

int64_t scenario_run(const char *name, int (*body)(void *context, scenario_hash *result), void *context) {
    struct scenario scenario = {name, body, context};
    struct outcome first = run(&scenario, 0, false);
    if (first.code != COR_OK) fail_msg("scenario %s fails by itself: %s", name, first.text);
    for (int64_t k = 1; k <= first.asked; k++) {
        rerun(&scenario, &first, k, k, false);
        rerun(&scenario, &first, 0, k, false);
        rerun(&scenario, &first, k, k, true);
        rerun(&scenario, &first, 0, k, true);
    }
    points += first.asked;
    scenarios++;
    return first.asked;
}
