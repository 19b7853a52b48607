/* bad_input.h: a table of calls with bad inputs, and what every row of it must satisfy. */
#ifndef TESTS_SUPPORT_BAD_INPUT_H
#define TESTS_SUPPORT_BAD_INPUT_H

#include <corrie.h>
#include <stddef.h>

/* What a call returned: one of a tensor, a module, a text to be freed, or a code or count. */
typedef struct bad_outcome {
    enum { BAD_TENSOR, BAD_MODULE, BAD_CODE } kind;
    const void *object;
    int64_t code;
} bad_outcome;

/* A row: the id in the catalogue, the call as it is written, the call, the status that it ends in, and the text: the
 * error's, or, where the status is COR_OK, what cor_repr shows of the tensor (NULL: not compared). A text that ends in
 * "..." is the beginning of the one expected. */
typedef struct bad_row {
    const char *id, *what;
    bad_outcome (*call)(void);
    int status;
    const char *text;
} bad_row;

/* Runs a row several times and fails the cmocka test unless each time: the value returned, the status and the text are
 * those of the row; the next operation is refused while the error is pending, and works when it is cleared; after a
 * failure the inputs made by the functions below are as they were; and the library holds as much memory as before. */
void bad_input_check(const bad_row *row);

/* Prints how many rows were checked for each id, and fails the test if one of the ids (a list that NULL ends) has
 * fewer than `least`. */
void bad_input_counts(const bad_row *rows, size_t n, const char *const *ids, int least);

/* A tensor of the numbers 1, 2, 3 and so on, whose memory the driver compares after a failure. */
cor_tensor *bad_input_tensor(cor_dtype dtype, const int64_t *sizes, int n);
#define F32(...) bad_input_tensor(COR_FLOAT32, COR__SIZES(__VA_ARGS__))
#define F64(...) bad_input_tensor(COR_FLOAT64, COR__SIZES(__VA_ARGS__))
#define I64(...) bad_input_tensor(COR_INT64, COR__SIZES(__VA_ARGS__))
#define U8(...) bad_input_tensor(COR_UINT8, COR__SIZES(__VA_ARGS__))
#define BOOL(...) bad_input_tensor(COR_BOOL, COR__SIZES(__VA_ARGS__))

/* The same tensor for all uses in one row, F32 of the sizes of the first. */
cor_tensor *bad_input_shared(const int64_t *sizes, int n);
#define SHARED(...) bad_input_shared(COR__SIZES(__VA_ARGS__))

/* 64 bytes of the caller's, all zero, whose contents the driver compares. */
void *bad_input_blob(void);

#endif
