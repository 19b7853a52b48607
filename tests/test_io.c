/* Files in and out: .npy in every form NumPy writes, pictures, text, and what is wrong with broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <corrie.h>
#include <corrie/io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/corrie-io-XXXXXX";

static const char *in_folder(const char *name) {
    static char path[2][256];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void write_file(const char *path, const void *bytes, size_t size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void expect_error(int code, const char *part) {
    cor_error_info error;
    assert_int_equal(cor_error_take(&error), code);
    if (strstr(error.text, part) == NULL) fail_msg("'%s' is not in '%s'", part, error.text);
}

static void expect_text(cor_tensor *t, const char *text) {
    char *got = cor_repr(t, NULL);
    if (got == NULL) fail_msg("%s", cor_error_message());
    assert_string_equal(got, text);
    cor_free_text(got);
}

static void npy_keeps_every_dtype(void **state) {
    (void)state;
    for (int dtype = COR_BOOL; dtype <= COR_FLOAT64; dtype++) {
        if (dtype == COR_BFLOAT16) continue;
        cor_scope();
        cor_tensor *t = cor_to(cor_reshape(cor_arange(0, 6), 2, 3), (cor_dtype)dtype);
        assert_int_equal(cor_save_npy(in_folder("a.npy"), cor_transpose(t, 0, 1)), COR_OK);
        cor_tensor *back = cor_load_npy(in_folder("a.npy"));
        assert_non_null(back);
        assert_int_equal(cor_dtype_of(back), dtype);
        assert_int_equal(cor_size(back, 0), 3);
        assert_true(cor_item(cor_all(cor_eq(back, cor_transpose(t, 0, 1)))) == 1);
    }
    assert_int_equal(cor_save_npy(in_folder("a.npy"), cor_zeros_of(COR_BFLOAT16, 2)), COR_EUNSUPPORTED);
    expect_error(COR_EUNSUPPORTED, "bfloat16");
}

/* The bytes that NumPy writes for np.array([[1, 2, 3], [4, 5, 6]], '>i2', order='F'), and their place in its header. */
static void npy_reads_big_endian_and_fortran_order(void **state) {
    (void)state;
    cor_scope();
    char file[140];
    const char *header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }";
    memset(file, ' ', 128);
    memcpy(file, "\x93NUMPY\x01\x00\x76\x00", 10);
    memcpy(file + 10, header, strlen(header));
    file[127] = '\n';
    memcpy(file + 128, "\0\1\0\4\0\2\0\5\0\3\0\6", 12);
    write_file(in_folder("f.npy"), file, sizeof file);
    expect_text(cor_load_npy(in_folder("f.npy")), "tensor([[1, 2, 3],\n        [4, 5, 6]], dtype=torch.int16)");
}

static void npy_scalars_and_empties(void **state) {
    (void)state;
    cor_scope();
    assert_int_equal(cor_save_npy(in_folder("s.npy"), cor_scalar(2.5)), COR_OK);
    expect_text(cor_load_tensor(in_folder("s.npy")), "tensor(2.5000)");
    assert_int_equal(cor_save_npy(in_folder("e.npy"), cor_zeros(0, 3)), COR_OK);
    expect_text(cor_load_tensor(in_folder("e.npy")), "tensor([], size=(0, 3))");
}

/* A good file, then the same cut, grown or with one field spoilt. */
static void npy_broken_files_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *header;
        int code;
        const char *part;
    } rows[] = {
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", COR_EFORMAT, "12 bytes"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", COR_EUNSUPPORTED, "<c8"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", COR_EUNSUPPORTED, "|O"},
        {"{'fortran_order': False, 'shape': (1,), }", COR_EFORMAT, "descr"},
        {"{'descr': '<f4', 'shape': (1,), }", COR_EFORMAT, "fortran_order"},
        {"{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", COR_EFORMAT, "neither True nor False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 1, }", COR_EFORMAT, "not a tuple"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", COR_EFORMAT, "no size"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", COR_EFORMAT, "no size"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999, 99999999999999999), }", COR_ELIMIT,
         "overflow"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1), }", COR_ELIMIT,
         "dimensions"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor_scope();
        char file[256] = "\x93NUMPY\x01\x00";
        size_t length = strlen(rows[i].header);
        file[8] = (char)length;
        memcpy(file + 10, rows[i].header, length);
        write_file(in_folder("bad.npy"), file, 10 + length + 4);
        assert_null(cor_load_npy(in_folder("bad.npy")));
        expect_error(rows[i].code, rows[i].part);
    }
    for (size_t size = 0; size < 10; size++) {
        write_file(in_folder("short.npy"), "\x93NUMPY\x01\x00\xff\xff", size);
        assert_null(cor_load_npy(in_folder("short.npy")));
        expect_error(COR_EFORMAT, "short.npy");
    }
    assert_null(cor_load_npy(in_folder("absent.npy")));
    expect_error(COR_EIO, "absent.npy: cannot be opened");
}

static void pictures_come_back(void **state) {
    (void)state;
    for (int channels = 1; channels <= 4; channels++) {
        if (channels == 2) continue;
        cor_scope();
        cor_tensor *t = cor_to(cor_reshape(cor_arange(0, channels * 35), channels, 5, 7), COR_UINT8);
        assert_int_equal(cor_save_image(in_folder("p.png"), t), COR_OK);
        cor_tensor *back = cor_load_image(in_folder("p.png"));
        assert_non_null(back);
        assert_int_equal(cor_size(back, 0), channels);
        assert_true(cor_item(cor_all(cor_eq(back, t))) == 1);
    }
}

static void jpeg_is_near(void **state) {
    (void)state;
    cor_scope();
    cor_tensor *t = cor_load_image(COR_SOURCE_DIR "/examples/data/rocket.jpg");
    if (t == NULL) fail_msg("%s", cor_error_message());
    assert_int_equal(cor_size(t, 0), 3);
    assert_int_equal(cor_size(t, 1), 427);
    assert_int_equal(cor_size(t, 2), 640);
    assert_int_equal(cor_save_image(in_folder("again.jpg"), t), COR_OK);
    cor_tensor *again = cor_load_image(in_folder("again.jpg"));
    cor_tensor *difference = cor_abs(cor_sub(cor_to(again, COR_FLOAT32), cor_to(t, COR_FLOAT32)));
    assert_true(cor_item(cor_mean(difference)) < 4);
    assert_true(cor_item(cor_max(difference)) > 0);
}

static void pictures_refused(void **state) {
    (void)state;
    cor_scope();
    assert_int_equal(cor_save_image(in_folder("x.png"), cor_zeros(3, 4, 4)), COR_ESHAPE);
    expect_error(COR_ESHAPE, "uint8");
    assert_int_equal(cor_save_image(in_folder("x.png"), cor_zeros_of(COR_UINT8, 2, 4, 4)), COR_ESHAPE);
    expect_error(COR_ESHAPE, "1, 3 or 4 channels, not 2");
    assert_int_equal(cor_save_image(in_folder("x.jpg"), cor_zeros_of(COR_UINT8, 4, 4, 4)), COR_EUNSUPPORTED);
    expect_error(COR_EUNSUPPORTED, "transparency");
    assert_int_equal(cor_save_image("/nowhere/x.png", cor_zeros_of(COR_UINT8, 3, 4, 4)), COR_EIO);
    expect_error(COR_EIO, "/nowhere/x.png");
    assert_null(cor_load_image(COR_SOURCE_DIR "/LICENSE"));
    expect_error(COR_EFORMAT, "neither a PNG nor a JPEG");
    assert_int_not_equal(access(in_folder("x.png"), F_OK), 0);
}

/* Every way a picture's file can be cut short or have a byte changed ends in a tensor or in an error that names it. */
static void damaged_pictures_do_no_harm(void **state) {
    const char *name = *state;
    char path[512];
    static unsigned char bytes[1 << 18];
    snprintf(path, sizeof path, "%s/examples/data/%s", COR_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file), refused = 0;
    fclose(file);
    for (size_t i = 0; i < 60; i++) {
        cor_scope();
        size_t cut = i < 30 ? size * i / 30 : size, at = (i * 7919) % (size < 4000 ? size : 4000);
        unsigned char kept = bytes[at];
        bytes[at] ^= i < 30 ? 0 : 0x55;
        write_file(in_folder("damaged"), bytes, cut);
        bytes[at] = kept;
        if (cor_load_image(in_folder("damaged")) == NULL) {
            expect_error(COR_EFORMAT, "damaged");
            refused++;
        }
    }
    assert_true(refused > 0);
}

static void text_files(void **state) {
    (void)state;
    cor_scope();
    write_file(in_folder("m.txt"), "1 2 3\n4,5;6\n\n", 13);
    expect_text(cor_load_tensor(in_folder("m.txt")), "tensor([[1, 2, 3],\n        [4, 5, 6]])");
    write_file(in_folder("n.txt"), " [[1.5, 2], [3, 4]]", 19);
    expect_text(cor_load_tensor(in_folder("n.txt")), "tensor([[1.5000, 2.0000],\n        [3.0000, 4.0000]])");
    write_file(in_folder("r.txt"), "1 2\n3\n", 6);
    assert_null(cor_load_tensor(in_folder("r.txt")));
    expect_error(COR_EFORMAT, "expected sequence of length 2");
    write_file(in_folder("b.bin"), "ab\0cd", 5);
    assert_null(cor_load_tensor(in_folder("b.bin")));
    expect_error(COR_EFORMAT, "neither .npy, PNG, JPEG nor text");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npy_keeps_every_dtype),
        cmocka_unit_test(npy_reads_big_endian_and_fortran_order),
        cmocka_unit_test(npy_scalars_and_empties),
        cmocka_unit_test(npy_broken_files_are_refused),
        cmocka_unit_test(pictures_come_back),
        cmocka_unit_test(jpeg_is_near),
        cmocka_unit_test(pictures_refused),
        cmocka_unit_test_prestate(damaged_pictures_do_no_harm, (void *)"cat.png"),
        cmocka_unit_test_prestate(damaged_pictures_do_no_harm, (void *)"rocket.jpg"),
        cmocka_unit_test(text_files),
    };
    if (mkdtemp(folder) == NULL) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) == 0 ? failed : 1;
}
