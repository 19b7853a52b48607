/* Event files: known checksums, PyTorch's bytes, pictures and graphs read back, and files that stay whole. */
#define _GNU_SOURCE
#include "io/events.h"
#include "io/io.h"
#include "support/files.h"
#include "support/tensors.h"
#include <corrie.h>
#include <corrie/summary.h>
#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { ROOM = 1 << 17, FIRST = 12 + 9 + 15 + 4 }; /* bytes of the first record: a time and "brain.Event:2" */

static unsigned char found[ROOM];

/* Reads the only event file of a folder into `found`; returns its size. */
static size_t read_events(const char *folder) {
    glob_t names;
    char pattern[512];
    snprintf(pattern, sizeof pattern, "%s/events.out.tfevents.*", files_path(folder));
    assert_int_equal(glob(pattern, 0, NULL, &names), 0);
    assert_int_equal(names.gl_pathc, 1);
    size_t n = files_read(names.gl_pathv[0] + strlen(files_path("")), found, sizeof found);
    globfree(&names);
    return n;
}

/* A folder that nobody has used yet. */
static const char *new_folder(void) {
    static char name[32];
    static int number;
    snprintf(name, sizeof name, "run%d/inside", number++);
    return name;
}

/* RFC 3720, appendix B.4, and the usual check value. */
static void checksums_are_known(void **state) {
    (void)state;
    unsigned char bytes[32] = {0};
    assert_int_equal(cor__crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(cor__crc32c(bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    assert_int_equal(cor__crc32c(bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++) bytes[i] = (unsigned char)i;
    assert_int_equal(cor__crc32c(bytes, 32), 0x46dd794e);
    assert_int_equal(cor__crc32c("", 0), 0);
}

/* ---- PyTorch's bytes -------------------------------------------------------------------------------------------- */

static void add(cor_summary_writer *w, const golden_record *r) {
    const char *tag = golden_get(r, "tag"), *value = golden_get(r, "value"), *tensor = golden_get(r, "in0");
    int64_t step = strtoll(golden_get(r, "step"), NULL, 10);
    double walltime = strtod(golden_get(r, "walltime"), NULL);
    int code = strcmp(r->name, "scalar") == 0
                   ? cor_summary_add_scalar(w, tag, strtod(value, NULL), step, .walltime = walltime)
               : strcmp(r->name, "text") == 0
                   ? cor_summary_add_text(w, tag, value, step, .walltime = walltime)
                   : cor_summary_add_histogram(w, tag, tensor_from_text(tensor), step, .walltime = walltime);
    assert_int_equal(code, COR_OK);
}

static void as_pytorch_writes(void **state) {
    (void)state;
    golden_file *file = golden_open("summary.txt");
    golden_record record;
    int n = 0;
    for (; golden_next(file, &record) == 1; n++) {
        cor_scope();
        const char *folder = new_folder();
        cor_summary_writer *w = cor_summary_writer_new(files_path(folder));
        assert_non_null(w);
        add(w, &record);
        assert_int_equal(cor_summary_writer_close(w), COR_OK);
        golden_tensor bytes;
        assert_true(golden_parse_tensor(golden_get(&record, "record"), &bytes));
        size_t size = read_events(folder);
        if (size != FIRST + (size_t)bytes.count || !golden_matches(&bytes, found + FIRST))
            fail_msg("record %d (%s): %zu bytes after the first record, expected %ld, or others", record.number,
                     record.name, size - FIRST, bytes.count);
    }
    golden_close(file);
    printf("%d records as PyTorch writes them\n", n);
    assert_true(n >= 19);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

/* The picture in the last record of a folder's file, found by what PNG files begin with. */
static cor_tensor *picture_in(const char *folder) {
    size_t n = read_events(folder);
    for (size_t at = FIRST; at + 8 < n; at++)
        if (memcmp(found + at, "\x89PNG\r\n\x1a\n", 8) == 0)
            return cor__decode_png(&(cor__file){.data = found + at, .size = n - at}, "picture");
    fail_msg("no picture");
    return NULL;
}

static void expect_picture(const char *folder, cor_tensor *expected) {
    cor_tensor *picture = picture_in(folder);
    for (int i = 0; i < 3; i++) assert_int_equal(cor_size(picture, i), cor_size(expected, i));
    assert_true(cor_item(cor_all(cor_eq(picture, expected))) == 1);
}

static void pictures_are_scaled_and_cut(void **state) {
    (void)state;
    cor_scope();
    const float values[1][2][3] = {{{0, 0.5f, 1}, {-3, 7, NAN}}};
    const uint8_t bytes[3][2][3] = {
        {{0, 127, 255}, {0, 255, 0}}, {{0, 127, 255}, {0, 255, 0}}, {{0, 127, 255}, {0, 255, 0}}};
    cor_tensor *grey = cor_from(values, 1, 2, 3), *expected = cor_from(bytes, 3, 2, 3);
    for (int i = 0; i < 4; i++) {
        const char *folder = new_folder();
        cor_summary_writer *w = cor_summary_writer_new(files_path(folder));
        int64_t hwc[] = {1, 2, 0};
        int code = i == 0   ? cor_summary_add_image(w, "p", grey, 1)
                   : i == 1 ? cor_summary_add_image(w, "p", cor_select(grey, 0, 0), 1, .dataformats = "HW")
                   : i == 2 ? cor_summary_add_image(w, "p", cor_permute_to(expected, hwc, 3), 1, .dataformats = "HWC")
                            : cor_summary_add_images(w, "p", cor_unsqueeze(grey, 0), 1);
        assert_int_equal(code, COR_OK);
        expect_picture(folder, expected);
    }
}

/* torchvision.utils.make_grid: two pixels of black around each picture. */
static void grids_are_torchvisions(void **state) {
    (void)state;
    cor_scope();
    const char *folder = new_folder();
    cor_summary_writer *w = cor_summary_writer_new(files_path(folder));
    cor_tensor *pictures = cor_to(cor_reshape(cor_arange(1, 3 * 3 * 2 * 4 + 1), 3, 3, 2, 4), COR_UINT8);
    cor_tensor *grid = cor_zeros_of(COR_UINT8, 3, 2 * (2 + 2) + 2, 2 * (4 + 2) + 2);
    for (int64_t i = 0; i < 3; i++) {
        cor_tensor *rows = cor_narrow(grid, 1, 2 + i / 2 * 4, 2);
        (void)cor_copy_(cor_narrow(rows, 2, 2 + i % 2 * 6, 4), cor_select(pictures, 0, i));
    }
    assert_int_equal(cor_summary_add_images(w, "p", pictures, 1, .nrow = 2), COR_OK);
    expect_picture(folder, grid);
    folder = new_folder();
    w = cor_summary_writer_new(files_path(folder));
    assert_int_equal(cor_summary_add_images(w, "p", pictures, 1, .padding = 0), COR_OK);
    cor_tensor *row = cor_cat(
        COR_TENSORS(cor_select(pictures, 0, 0), cor_select(pictures, 0, 1), cor_select(pictures, 0, 2)), .dim = 2);
    expect_picture(folder, row);
}

/* ---- other things ----------------------------------------------------------------------------------------------- */

static void bad_values_are_refused(void **state) {
    (void)state;
    cor_scope();
    const char *folder = new_folder();
    cor_summary_writer *w = cor_summary_writer_new(files_path(folder));
    assert_int_equal(cor_summary_add_histogram(w, "h", cor_zeros(0), 1), COR_EVALUE);
    files_expect_error(COR_EVALUE, "The input has no element.");
    assert_int_equal(cor_summary_add_histogram(w, "h", cor_full_of(COR_FLOAT32, 1e30, 2), 1), COR_EVALUE);
    files_expect_error(COR_EVALUE, "no element is between");
    assert_int_equal(cor_summary_add_image(w, "p", cor_zeros(2, 4, 4), 1), COR_ESHAPE);
    files_expect_error(COR_ESHAPE, "1, 3 or 4 channels, not 2");
    assert_int_equal(cor_summary_add_image(w, "p", cor_zeros(4, 4), 1), COR_ESHAPE);
    files_expect_error(COR_ESHAPE, "has 2 dimensions, dataformats CHW has 3");
    assert_int_equal(cor_summary_add_image(w, "p", cor_zeros(3, 4, 4), 1, .dataformats = "CCW"), COR_EVALUE);
    files_expect_error(COR_EVALUE, "dataformats is CCW, expected HWC in any order");
    assert_int_equal(cor_summary_add_images(w, "p", cor_zeros(2, 3, 4, 4), 1, .nrow = 0), COR_EVALUE);
    files_expect_error(COR_EVALUE, "nrow must be positive");
    assert_int_equal(read_events(folder), FIRST);
    assert_int_equal(cor_summary_writer_close(w), COR_OK);
    assert_int_equal(cor_summary_writer_close(w), COR_OK);
    assert_int_equal(cor_summary_add_scalar(w, "s", 1, 1), COR_ESTATE);
    files_expect_error(COR_ESTATE, "is closed");
    files_write("file", "", 0);
    assert_null(cor_summary_writer_new(files_path("file/below")));
    files_expect_error(COR_EIO, "cannot be made: Not a directory");
}

/* A record that cannot be written whole is not there at all, and the next one follows those before it. */
static void files_stay_whole_when_the_disk_is_full(void **state) {
    (void)state;
    cor_scope();
    struct rlimit old, small;
    const char *folder = new_folder();
    cor_summary_writer *w = cor_summary_writer_new(files_path(folder));
    assert_int_equal(cor_summary_add_scalar(w, "s", 1, 1), COR_OK);
    size_t before = read_events(folder);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = (struct rlimit){before + 20, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int code = cor_summary_add_text(w, "t", "a text that is longer than what is left", 1);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(code, COR_EIO);
    files_expect_error(COR_EIO, "cannot be written: File too large");
    assert_int_equal(read_events(folder), before);
    assert_int_equal(cor_summary_add_scalar(w, "s", 2, 2), COR_OK);
    assert_true(read_events(folder) > before + 20);
}

static bool holds(const char *text, size_t n) { return memmem(found, n, text, strlen(text)) != NULL; }

static void graphs_and_charts(void **state) {
    (void)state;
    cor_scope();
    const char *folder = new_folder(), *const tags[] = {"train", "valid"};
    char name[128];
    const double values[] = {1, 2};
    cor_summary_writer *w = cor_summary_writer_new(files_path(folder));
    cor_module *net = cor_nn_sequential(cor_nn_linear(4, 3), cor_nn_sequential(cor_nn_relu()));
    assert_int_equal(cor_summary_add_graph(w, net), COR_OK);
    size_t n = read_events(folder);
    assert_true(holds("Sequential/0\x12\x06Linear", n) && holds("Sequential/1/0\x12\x04ReLU", n));
    assert_true(holds("Sequential/1\x12\nSequential\x1a\x0cSequential/0", n));
    assert_true(holds("Linear(in_features=4, out_features=3, bias=True)", n) && holds("parameters\x12\x02\x18\x0f", n));
    for (int i = 0; i < 2; i++) assert_int_equal(cor_summary_add_scalars(w, "loss/all", tags, values, 2, i), COR_OK);
    assert_int_equal(cor_summary_writer_flush(w), COR_OK);
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s/loss_all_%s", folder, tags[i]);
        n = read_events(name);
        assert_true(holds("loss/all", n) && n > FIRST + 60);
    }
}

int main(void) {
    files_begin();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_are_known),         cmocka_unit_test(as_pytorch_writes),
        cmocka_unit_test(pictures_are_scaled_and_cut), cmocka_unit_test(grids_are_torchvisions),
        cmocka_unit_test(bad_values_are_refused),      cmocka_unit_test(files_stay_whole_when_the_disk_is_full),
        cmocka_unit_test(graphs_and_charts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
