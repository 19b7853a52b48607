/* golden.h: reading the golden files, whose format tests/golden/README.md describes. */
#ifndef COR_TESTS_GOLDEN_H
#define COR_TESTS_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GOLDEN_FIELDS = 128, GOLDEN_DIMS = 16, GOLDEN_STEPS = 8, GOLDEN_ARGUMENTS = 32, GOLDEN_WORD = 1024 };

typedef struct golden_file golden_file;

typedef struct golden_field {
    const char *key, *value;
} golden_field;

/* One record. Everything in it is borrowed from the file, until golden_next or golden_close. */
typedef struct golden_record {
    int number, line; /* its number in the file and the line it begins on, both from 1 */
    const char *name;
    golden_field fields[GOLDEN_FIELDS];
    int n_fields;
    const char *text; /* the lines of its text joined by '\n'; NULL if it has none */
    int text_lines;
} golden_record;

/* Reads tests/golden/NAME into memory. NULL, and a line on stderr, if it cannot be read. */
#define golden_open(name) golden_open_in(COR_SOURCE_DIR, name)
golden_file *golden_open_in(const char *source_folder, const char *name);
void golden_close(golden_file *file);

/* Moves to the next record: 1, or 0 at the end, or -1 (and a line on stderr) if the file breaks its format. */
int golden_next(golden_file *file, golden_record *record);

/* Returns the value of a field, NULL if the record has none of that key. */
const char *golden_get(const golden_record *record, const char *key);

/* ---- options: "stride=[2,1] padding=same ceil_mode=true" ----------------------------------------------------- */

/* One `name=value` pair. */
typedef struct golden_pair {
    char name[64], value[GOLDEN_WORD];
} golden_pair;

/* Cuts the next pair off *cursor, which begins as the whole text (NULL: no pairs). False at the end. */
bool golden_next_pair(const char **cursor, golden_pair *pair);

/* Finds a pair by name; false, and pair->value "", if there is none. */
bool golden_option(const char *options, const char *name, golden_pair *pair);

/* The value of an option as a number or a truth value; `otherwise` if there is none or it is `none`. */
int64_t golden_option_int(const char *options, const char *name, int64_t otherwise);
double golden_option_double(const char *options, const char *name, double otherwise);
bool golden_option_bool(const char *options, const char *name, bool otherwise);

/* The integers of an option, a list or a single one; returns how many, -1 if it is absent. An entry `none` gives
 * INT64_MIN. */
int golden_option_ints(const char *options, const char *name, int64_t values[GOLDEN_DIMS]);

/* ---- numbers ------------------------------------------------------------------------------------------------- */

/* A Python number as an operand; kind is 'i', 'f' or 'b', and both values are set. */
typedef struct golden_number {
    char kind;
    int64_t integer;
    double real;
} golden_number;

/* Reads "number int 3"; false if the value is something else. */
bool golden_parse_number(const char *value, golden_number *number);

/* Whether the value is `none`. */
bool golden_is_none(const char *value);

/* ---- tensors ------------------------------------------------------------------------------------------------- */

typedef enum golden_dtype {
    GOLDEN_BOOL,
    GOLDEN_UINT8,
    GOLDEN_INT8,
    GOLDEN_INT16,
    GOLDEN_INT32,
    GOLDEN_INT64,
    GOLDEN_FLOAT16,
    GOLDEN_BFLOAT16,
    GOLDEN_FLOAT32,
    GOLDEN_FLOAT64,
    GOLDEN_DTYPES
} golden_dtype;

/* The name of a dtype ("float32") and the bytes of one element. */
const char *golden_dtype_name(golden_dtype dtype);
size_t golden_dtype_size(golden_dtype dtype);

/* Reads a dtype by name; false if it is none. */
bool golden_parse_dtype(const char *name, golden_dtype *dtype);

/* One step of a view: "slice" with (dim, start, stop, step), and so on. */
typedef struct golden_step {
    char name[16];
    int64_t arguments[GOLDEN_DIMS];
    int count;
} golden_step;

typedef struct golden_tensor {
    golden_dtype dtype;
    int ndim;
    int64_t sizes[GOLDEN_DIMS], count; /* of the base, before the steps */
    enum { GOLDEN_HEX, GOLDEN_FORMULA, GOLDEN_ARANGE, GOLDEN_FNV } fill;
    const char *hex;    /* GOLDEN_HEX: all elements; GOLDEN_FNV: the first ones; borrowed, ends at a space or NUL */
    int64_t formula[5]; /* a, b, m, c, divisor; also the integer start and step of GOLDEN_ARANGE */
    bool divided;       /* the formula has a divisor */
    double start, step; /* GOLDEN_ARANGE */
    uint64_t hash;      /* GOLDEN_FNV */
    golden_step steps[GOLDEN_STEPS];
    int n_steps;
    bool requires_grad, parameter;
} golden_tensor;

/* Reads the notation of a tensor; false if the value is none (a number, `none`, or broken). */
bool golden_parse_tensor(const char *value, golden_tensor *tensor);

/* Writes the elements of the base, row-major, count * golden_dtype_size bytes. Not for GOLDEN_FNV. */
void golden_fill(const golden_tensor *tensor, void *bytes);

/* Whether row-major bytes are the expected ones: listed bytes are compared (any NaN for a NaN), else the hash. */
bool golden_matches(const golden_tensor *expected, const void *bytes);

/* FNV-1a, 64 bits. */
uint64_t golden_fnv1a(const void *bytes, size_t n);

/* ---- modules: "Conv2d(3, 6, kernel_size=(3,5), stride=2)" ---------------------------------------------------- */

/* A call cut into its name and arguments; a positional argument has the name "". Values keep nested calls whole. */
typedef struct golden_call {
    char storage[2 * GOLDEN_WORD];
    const char *name;
    struct {
        const char *name, *value;
    } arguments[GOLDEN_ARGUMENTS];
    int count;
} golden_call;

/* Reads a call; false if the text is none. The result points into *call only. */
bool golden_parse_call(const char *text, golden_call *call);

#endif
