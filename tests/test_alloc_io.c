/* Files in and out with every allocation failing: the library's own, and in a build without sanitizers those that
 * libpng and libjpeg make by malloc. COR_ENOMEM, nothing left behind, in memory or in the folder, and a file that was
 * to be replaced is whole. */
#include "support/scenario.h"
#include <corrie.h>
#include <corrie/io.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a malloc that fails ---------------------------------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

enum { MOST_BLOCKS = 4096 };

/* What is asked for while `on`; the k-th is refused, with all that follow if so wished. */
static struct {
    bool on, all_that_follow;
    int64_t asked, refused, k;
    void *blocks[MOST_BLOCKS];
    int n;
} c_memory;

#if !SANITIZED
void *__libc_malloc(size_t size);
void __libc_free(void *pointer);

__attribute__((visibility("default"))) void *malloc(size_t size) {
    if (!c_memory.on) return __libc_malloc(size);
    int64_t number = ++c_memory.asked;
    if (c_memory.k > 0 && (number == c_memory.k || (number > c_memory.k && c_memory.all_that_follow))) {
        c_memory.refused++;
        return NULL;
    }
    void *pointer = __libc_malloc(size);
    if (pointer != NULL && c_memory.n < MOST_BLOCKS) c_memory.blocks[c_memory.n++] = pointer;
    return pointer;
}

__attribute__((visibility("default"))) void free(void *pointer) {
    for (int i = c_memory.n - 1; i >= 0 && pointer != NULL; i--) {
        if (c_memory.blocks[i] != pointer) continue;
        c_memory.blocks[i] = c_memory.blocks[--c_memory.n];
        break;
    }
    __libc_free(pointer);
}
#endif

/* ---- the cases -------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/corrie-alloc-io-XXXXXX";

static const char *in_folder(const char *name) {
    static char paths[4][256];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static int files_in_folder(void) {
    int n = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) fail_msg("the folder cannot be read");
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) n += entry->d_name[0] != '.';
    (void)closedir(directory);
    return n;
}

typedef struct file_case {
    const char *name;
    cor_tensor *(*load)(const char *path);
    int (*save)(const char *path, cor_tensor *t);
    cor_tensor *tensor; /* what a save writes */
} file_case;

static int load(void *context, scenario_hash *result) {
    const file_case *the = context;
    cor_tensor *t = the->load(in_folder(the->name));
    if ((t == NULL) == (cor_error() == COR_OK)) fail_msg("%s: a tensor and an error, or neither", the->name);
    scenario_feed_tensor(result, t);
    return cor_error();
}

static const char before[] = "what was there before";

static void write_file(const char *path, const char *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) fail_msg("%s: not written", path);
}

static size_t read_file(const char *path, char *bytes, size_t room) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("%s is not there", path);
    size_t n = fread(bytes, 1, room, file);
    (void)fclose(file);
    return n;
}

/* The test's own reading and writing is no part of what may fail. */
static int save(void *context, scenario_hash *result) {
    const file_case *the = context;
    const char *path = in_folder(the->name);
    static char bytes[1 << 19];
    const bool armed = c_memory.on;
    c_memory.on = false;
    write_file(path, before, sizeof before);
    int files = files_in_folder();
    c_memory.on = armed;
    int code = the->save(path, the->tensor);
    c_memory.on = false;
    if (code != cor_error()) fail_msg("%s: returned %d with error %d", the->name, code, cor_error());
    if (files_in_folder() != files) fail_msg("%s: a file is left behind", the->name);
    size_t n = read_file(path, bytes, sizeof bytes);
    bool kept = n == sizeof before && memcmp(bytes, before, n) == 0;
    if (kept == (code == COR_OK)) fail_msg("%s: saved and failed, or neither", the->name);
    if (code == COR_OK) scenario_feed(result, bytes, n);
    return code;
}

static cor_tensor *bytes_tensor(int64_t channels, int64_t height, int64_t width) {
    cor_tensor *t = cor_remainder(cor_mul(cor_arange(0, channels * height * width), 37), 251);
    return cor_to(cor_reshape(t, channels, height, width), COR_UINT8);
}

enum { SAVES = 9, LOADS = 13 };

static file_case saves[SAVES], loads[LOADS];

static int make_cases(void) {
    cor_manual_seed(1);
    cor_tensor *reals = cor_randn(3, 4), *noise = cor_randint_of(COR_UINT8, 0, 256, 3, 250, 250);
    const file_case saved[SAVES] = {
        {"reals.npy", cor_load_npy, cor_save_npy, reals},
        {"turned.npy", cor_load_npy, cor_save_npy, cor_transpose(reals, 0, 1)},
        {"none.npy", cor_load_npy, cor_save_npy, cor_zeros_of(COR_INT16, 2, 0)},
        {"number.npy", cor_load_npy, cor_save_npy, cor_scalar(true)},
        {"grey.png", cor_load_image, cor_save_image, cor_select(bytes_tensor(1, 9, 7), 0, 0)},
        {"colour.png", cor_load_image, cor_save_image, cor_transpose(bytes_tensor(3, 40, 30), 1, 2)},
        {"clear.png", cor_load_image, cor_save_image, bytes_tensor(4, 5, 6)},
        {"grey.jpg", cor_load_image, cor_save_image, bytes_tensor(1, 20, 17)},
        {"noise.jpeg", cor_load_image, cor_save_image, noise}, /* more than the first buffer holds */
    };
    memcpy(saves, saved, sizeof saves);
    memcpy(loads, saved, sizeof saved);
    for (int i = 0; i < SAVES; i++)
        if (loads[i].save(in_folder(loads[i].name), loads[i].tensor) != COR_OK) return cor_error();
    const char fortran[] = "\x93NUMPY\x01\x00\x46\x00{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }"
                           "           \n\0\1\0\4\0\2\0\5\0\3\0\6";
    const char rows[] = "1 2 3\n4,5;6\n", list[] = "[[1.5, 2], [3, 4]]";
    write_file(in_folder("fortran.npy"), fortran, sizeof fortran - 1);
    write_file(in_folder("rows.txt"), rows, sizeof rows - 1);
    write_file(in_folder("list.txt"), list, sizeof list - 1);
    if (cor_save_image(in_folder("any"), cor_zeros_of(COR_UINT8, 3, 4, 4)) != COR_OK) return cor_error();
    loads[SAVES] = (file_case){.name = "fortran.npy", .load = cor_load_npy};
    loads[SAVES + 1] = (file_case){.name = "rows.txt", .load = cor_load_tensor};
    loads[SAVES + 2] = (file_case){.name = "list.txt", .load = cor_load_tensor};
    loads[SAVES + 3] = (file_case){.name = "any", .load = cor_load_tensor};
    return COR_OK;
}

/* ---- the library's allocations ---------------------------------------------------------------------------------- */

static void loading(void **state) {
    (void)state;
    for (int i = 0; i < LOADS; i++) assert_true(scenario_run(loads[i].name, load, &loads[i]) > 0);
}

static void saving(void **state) {
    (void)state;
    for (int i = 0; i < SAVES; i++) assert_true(scenario_run(saves[i].name, save, &saves[i]) > 0);
}

/* ---- those of the C library's malloc ---------------------------------------------------------------------------- */

static int64_t c_points, c_scenarios;

typedef int (*file_body)(void *context, scenario_hash *result);

static int run_c(file_body body, file_case *the, int64_t k, bool all_that_follow, scenario_hash *hash) {
    cor_scope();
    cor_memory_info held = cor_memory();
    *hash = (scenario_hash){1};
    c_memory.asked = c_memory.refused = 0;
    c_memory.k = k;
    c_memory.all_that_follow = all_that_follow;
    c_memory.on = true;
    {
        cor_scope();
        (void)body(the, hash);
    }
    c_memory.on = false;
    int code = cor_error_take(NULL);
    if (c_memory.n != 0) fail_msg("%s: %d blocks of the C library are left behind", the->name, c_memory.n);
    if (cor_memory().allocations != held.allocations) fail_msg("%s: blocks are left behind", the->name);
    return code;
}

static void fail_each_malloc(file_body body, file_case *the) {
    scenario_hash first, now;
    if (run_c(body, the, 0, false, &first) != COR_OK) fail_msg("%s fails by itself", the->name);
    int64_t n = c_memory.asked;
    for (int64_t i = 0; i < 4 * n; i++) { /* once, a clean run, with all that follow, a clean run */
        int64_t k = i % 2 == 0 ? i / 4 + 1 : 0;
        int code = run_c(body, the, k, i % 4 == 2, &now);
        if (code != COR_OK && (code != COR_ENOMEM || c_memory.refused == 0))
            fail_msg("%s: error %d at malloc %ld of %ld", the->name, code, i / 4 + 1, n);
        if (code == COR_OK && now.state != first.state)
            fail_msg("%s: another result at malloc %ld of %ld", the->name, i / 4 + 1, n);
    }
    c_points += n;
    c_scenarios++;
}

static bool uses_malloc(const file_case *the) {
    return strstr(the->name, ".npy") == NULL && strstr(the->name, ".txt") == NULL;
}

/* Sanitizers and valgrind put their own malloc in. */
static bool malloc_is_ours(void) {
    const char *preloaded = getenv("LD_PRELOAD");
    return !SANITIZED && (preloaded == NULL || strstr(preloaded, "vgpreload") == NULL);
}

static void mallocs_of_the_picture_libraries(void **state) {
    (void)state;
    if (!malloc_is_ours()) skip();
    for (int i = 0; i < LOADS; i++)
        if (uses_malloc(&loads[i])) fail_each_malloc(load, &loads[i]);
    for (int i = 0; i < SAVES; i++)
        if (uses_malloc(&saves[i])) fail_each_malloc(save, &saves[i]);
    assert_true(c_points > 50);
}

static int remove_folder(void **state) {
    (void)state;
    for (int i = 0; i < LOADS; i++) (void)unlink(in_folder(loads[i].name));
    return rmdir(folder);
}

int main(void) {
    scenario_install();
    if (cor_set_num_threads(1) != COR_OK || mkdtemp(folder) == NULL) return 1;
    cor_scope();
    if (make_cases() != COR_OK) return cor_report();
    const struct CMUnitTest tests[] = {cmocka_unit_test(loading), cmocka_unit_test(saving),
                                       cmocka_unit_test(mallocs_of_the_picture_libraries)};
    int failed = cmocka_run_group_tests(tests, NULL, remove_folder);
    scenario_print_total();
    printf("%lld mallocs, %lld scenarios\n", (long long)c_points, (long long)c_scenarios);
    return failed;
}
