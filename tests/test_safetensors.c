/* Named tensors in files: the bytes and the judgement of the safetensors package, texts of errors, and what becomes of
 * a file when writing fails. */
#include "support/files.h"
#include "support/tensors.h"
#include <corrie.h>
#include <corrie/io.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 1 << 16 };

/* ---- golden files ----------------------------------------------------------------------------------------------- */

/* Writes the file of a record to `bytes`; returns how many there are. */
static size_t file_of(const golden_record *record, unsigned char *bytes) {
    golden_tensor file;
    if (!golden_parse_tensor(golden_get(record, "file"), &file)) fail_msg("record %d has no file", record->number);
    golden_fill(&file, bytes);
    return (size_t)file.count;
}

static const char *numbered(const golden_record *record, const char *word, int i) {
    char key[32];
    snprintf(key, sizeof key, "%s%d", word, i);
    return golden_get(record, key);
}

static void check_save(const golden_record *record) {
    static unsigned char expected[ROOM], found[ROOM];
    cor_scope();
    cor_dict *tensors = cor_dict_new();
    for (int i = 0; numbered(record, "in", i) != NULL; i++) {
        const char *name = numbered(record, "name", i);
        assert_int_equal(cor_dict_set(tensors, name == NULL ? "" : name, tensor_from_text(numbered(record, "in", i))),
                         0);
    }
    const char *const metadata[] = {golden_get(record, "key"), golden_get(record, "value"), NULL};
    assert_int_equal(cor_save_safetensors(files_path("saved"), tensors, metadata), COR_OK);
    size_t n = file_of(record, expected), size = files_read("saved", found, sizeof found);
    if (n != size || memcmp(expected, found, n) != 0)
        fail_msg("record %d: %zu bytes, expected %zu: %.*s", record->number, size, n, (int)size - 8, (char *)found + 8);
    cor_dict *back = cor_load_safetensors(files_path("saved"));
    assert_int_equal(cor_dict_count(back), cor_dict_count(tensors));
    for (int64_t i = 0; i < cor_dict_count(tensors); i++) {
        cor_tensor *loaded = cor_dict_get(back, cor_dict_name_at(tensors, i)), *t = cor_dict_tensor_at(tensors, i);
        assert_true(cor_dtype_of(loaded) == cor_dtype_of(t) && cor_item(cor_all(cor_eq(loaded, t))) == 1);
    }
}

static void check_load(const golden_record *record) {
    static unsigned char bytes[ROOM];
    const char *about = golden_get(record, "about");
    files_write("given", bytes, file_of(record, bytes));
    cor_scope();
    cor_dict *back = cor_load_safetensors(files_path("given"));
    bool accepted = strcmp(golden_get(record, "accepted"), "true") == 0;
    if (accepted != (back != NULL)) fail_msg("%s: %s", about, back ? "accepted" : cor_error_message());
    if (!accepted) {
        assert_true(cor_error() == COR_EFORMAT && strstr(cor_error_message(), "/given: ") != NULL);
        cor_error_clear();
    }
    for (int i = 0; accepted && numbered(record, "out", i) != NULL; i++) {
        golden_tensor expected;
        assert_true(golden_parse_tensor(numbered(record, "out", i), &expected));
        if (!tensor_matches(cor_dict_get(back, numbered(record, "name", i)), &expected)) fail_msg("%s: differs", about);
    }
}

static void as_the_package_does(void **state) {
    (void)state;
    golden_file *file = golden_open("safetensors.txt");
    golden_record record;
    int saves = 0, loads = 0;
    while (golden_next(file, &record) == 1) {
        bool save = strcmp(record.name, "save") == 0;
        if (save) check_save(&record);
        else check_load(&record);
        saves += save, loads += !save;
    }
    golden_close(file);
    printf("%d files saved, %d loaded\n", saves, loads);
    assert_true(saves > 10 && loads > 40);
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static void write_header(const char *header, size_t data) {
    unsigned char bytes[1024] = {0};
    size_t length = strlen(header);
    bytes[0] = (unsigned char)length, bytes[1] = (unsigned char)(length >> 8);
    memcpy(bytes + 8, header, length);
    files_write("bad", bytes, 8 + length + data);
}

/* Each says which file, which tensor, what was expected and what was found. */
static void errors_say_what_is_wrong(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t data;
        int code;
        const char *text;
    } rows[] = {
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8, COR_EFORMAT,
         "bad: 'a' is float32 of [3], expected 12 bytes, found those from 0 to 8"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", 4, COR_EFORMAT,
         "bad: 'a' is expected to begin at byte 0 of the elements, found 2: there is a hole before it"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],"
         "\"data_offsets\":[1,3]}}",
         3, COR_EFORMAT,
         "bad: 'b' is expected to begin at byte 2 of the elements, found 1: it overlaps another tensor"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 5, COR_EFORMAT,
         "bad: expected 2 bytes of elements, found 5"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}", 5, COR_EFORMAT,
         "bad: 'a' ends at byte 9 of the elements, of which there are 5"},
        {"{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, COR_EUNSUPPORTED,
         "bad: 'a' is of F8_E4M3, a dtype that tensors do not have"},
        {"{\"a\":{\"dtype\":\"F9\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2, COR_EFORMAT,
         "bad: 'a' is of 'F9', which is no dtype"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
         COR_ELIMIT, "bad: 'a' has more than 16 dimensions"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":{}}", 0, COR_EFORMAT,
         "bad: the header has 'a' twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, COR_EFORMAT, "bad: the header has '__metadata__' twice"},
        {"{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}}", 0, COR_EFORMAT, "bad: the metadata has 'x' twice"},
        {"{\"a\":{\"dtype\":\"I64\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,0]}}", 0, COR_EFORMAT,
         "bad: 'a' is int64 of [4611686018427387904, 2], more than 2^63 bytes"},
        {"{\"a\":{\"shape\":[0],\"data_offsets\":[0,0]}}", 0, COR_EFORMAT, "bad: 'a' has no dtype"},
        {"{\"a\" 1}", 0, COR_EFORMAT, "bad: byte 5 of the JSON header: expected ':', found '1'"},
        {"{\"a", 0, COR_EFORMAT,
         "bad: byte 3 of the JSON header: expected a character of UTF-8 or '\"', found its end"},
        {"{\"a\":{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 0, COR_EFORMAT,
         "expected no more than 64 arrays and objects inside each other"},
        {"{\"a\\u0000b\":1}", 0, COR_EFORMAT, "expected a character before it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cor_scope();
        write_header(rows[i].header, rows[i].data);
        assert_null(cor_load_safetensors(files_path("bad")));
        files_expect_error(rows[i].code, rows[i].text);
    }
    assert_null(cor_load_safetensors(files_path("absent")));
    files_expect_error(COR_EIO, "absent: cannot be opened");
    assert_null(cor_load_safetensors(files_path("")));
    files_expect_error(COR_EIO, "is no regular file");
}

/* Every way a good file can be cut short, and each of its bytes changed: a dict or an error, and no harm. */
static void damaged_files_do_no_harm(void **state) {
    (void)state;
    static unsigned char bytes[ROOM];
    int refused = 0, read = 0;
    cor_scope();
    cor_dict *tensors = cor_dict_new();
    cor_dict_set(tensors, "weight", cor_arange(0, 6));
    cor_dict_set(tensors, "bias", cor_ones_of(COR_BOOL, 3));
    assert_int_equal(cor_save_safetensors(files_path("whole"), tensors, NULL), COR_OK);
    size_t size = files_read("whole", bytes, sizeof bytes);
    for (size_t i = 0; i < 3 * size; i++) {
        cor_scope();
        unsigned char kept = bytes[i % size], change[] = {0, 1, 0x80};
        bytes[i % size] ^= change[i / size];
        files_write("damaged", bytes, i < size ? i : size);
        bytes[i % size] = kept;
        cor_dict *back = cor_load_safetensors(files_path("damaged"));
        read += back != NULL, refused += back == NULL;
        assert_true((back == NULL) == (cor_error() != COR_OK));
        if (back == NULL) assert_true(strstr(cor_error_message(), "damaged: ") != NULL);
        if (i < size) assert_null(back);
        cor_error_clear();
    }
    assert_true(refused > (int)size && read > 51);
}

static void names_and_tensors_refused(void **state) {
    (void)state;
    cor_scope();
    int files = files_count();
    cor_dict *tensors = cor_dict_new();
    cor_dict_set(tensors, "__metadata__", cor_scalar(1.0));
    assert_int_equal(cor_save_safetensors(files_path("new"), tensors, NULL), COR_EKEY);
    files_expect_error(COR_EKEY, "new: a tensor cannot have the name '__metadata__'");
    tensors = cor_dict_new();
    cor_dict_set(tensors, "a\xff", cor_scalar(1.0));
    assert_int_equal(cor_save_safetensors(files_path("new"), tensors, NULL), COR_EKEY);
    files_expect_error(COR_EKEY, "not UTF-8");
    tensors = cor_dict_new();
    cor_dict_set(tensors, "nothing", COR_NONE);
    assert_int_equal(cor_save_safetensors(files_path("new"), tensors, NULL), COR_EVALUE);
    files_expect_error(COR_EVALUE, "new: 'nothing' is no tensor");
    const char *const odd[] = {"a", NULL};
    assert_int_equal(cor_save_safetensors(files_path("new"), cor_dict_new(), odd), COR_EVALUE);
    files_expect_error(COR_EVALUE, "'a' has no text");
    assert_int_equal(files_count(), files);
}

/* ---- writing that fails ----------------------------------------------------------------------------------------- */

/* The file that was there is as it was, and nothing is left beside it. */
static void old_files_stay(void **state) {
    (void)state;
    const char before[] = "what was there before";
    char after[64] = "";
    struct rlimit old, small;
    cor_scope();
    cor_dict *tensors = cor_dict_new();
    cor_dict_set(tensors, "large", cor_zeros(1000));
    files_write("kept", before, sizeof before);
    int files = files_count();
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    for (rlim_t limit = 0; limit < 4100; limit += 250) {
        small = (struct rlimit){limit, old.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        int code = cor_save_safetensors(files_path("kept"), tensors, NULL);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        assert_int_equal(code, COR_EIO);
        files_expect_error(COR_EIO, "kept: cannot be written: File too large");
        assert_int_equal(files_read("kept", after, sizeof after), sizeof before);
        assert_string_equal(after, before);
        assert_int_equal(files_count(), files);
    }
    assert_int_equal(cor_save_safetensors("/nowhere/kept", tensors, NULL), COR_EIO);
    files_expect_error(COR_EIO, "/nowhere/kept: cannot be written: No such file or directory");
    assert_int_equal(mkdir(files_path("folder"), 0777), 0);
    files = files_count();
    assert_int_equal(cor_save_safetensors(files_path("folder"), tensors, NULL), COR_EIO);
    files_expect_error(COR_EIO, "folder: cannot be renamed");
    assert_int_equal(files_count(), files);
    assert_int_equal(cor_save_safetensors(files_path("kept"), tensors, NULL), COR_OK);
    assert_true(files_read("kept", after, sizeof after) == sizeof after && files_count() == files);
}

/* In a folder that may not be written to; root may write to all of them. */
static void a_folder_that_is_read_only(void **state) {
    (void)state;
    cor_scope();
    if (geteuid() == 0 && seteuid(65534) != 0) skip();
    cor_dict *tensors = cor_dict_new();
    cor_dict_set(tensors, "a", cor_scalar(1.0));
    int code = cor_save_safetensors("/usr/kept.safetensors", tensors, NULL);
    if (getuid() == 0) assert_int_equal(seteuid(0), 0);
    assert_int_equal(code, COR_EIO);
    files_expect_error(COR_EIO, "/usr/kept.safetensors: cannot be written: Permission denied");
}

int main(void) {
    files_begin();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_package_does),      cmocka_unit_test(errors_say_what_is_wrong),
        cmocka_unit_test(damaged_files_do_no_harm), cmocka_unit_test(names_and_tensors_refused),
        cmocka_unit_test(old_files_stay),           cmocka_unit_test(a_folder_that_is_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
