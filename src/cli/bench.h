/* bench.h: the parts of corrie bench conv: reading problems, calling, timing, checking, printing. */
#ifndef COR_CLI_BENCH_H
#define COR_CLI_BENCH_H

#include "cli/verbs.h"
#include "conv/plan.h"
#include "conv/weights.h"
#include <stdio.h>

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* What is computed of a problem: its output, the gradient of its input, the gradient of its weight. */
typedef enum bench_direction {
    BENCH_FORWARD,
    BENCH_BACKWARD_DATA,
    BENCH_BACKWARD_WEIGHT,
    BENCH_DIRECTIONS
} bench_direction;

/* benchdnn's name in small letters: fwd, bwd_d, bwd_w. */
const char *bench_direction_name(bench_direction direction);

/* One line of the table. */
typedef struct bench_row {
    cor__conv_problem problem; /* the forward one */
    bench_direction direction;
} bench_row;

/* What benchdnn's options say of the problems after them. A combination of all is a row each. */
typedef struct bench_settings {
    bool transposed, bias;
    cor__conv_post epilogue; /* of forward ones */
    bool directions[BENCH_DIRECTIONS];
    cor_dtype dtypes[COR_DTYPES];
    int n_dtypes;
    int64_t batch; /* in place of the problem's own; 0 for that */
} bench_settings;

/* Who reads: where the rows go, and what the command line has fixed. */
typedef struct bench_reader {
    bench_settings settings, initial; /* in force; after --reset and at the start of a source */
    bool fixed_dtype, fixed_direction, fixed_post_ops;

    /* Called with each row. */
    void (*row)(void *context, const bench_row *row);

    /* Called with an error pending, which it takes: `text` could not be read. */
    void (*failed)(void *context, const char *text);
    void *context;
} bench_reader;

/* The settings before any option: forward, float32, no bias. */
bench_settings bench_defaults(void);

/* Takes --dir's value into the settings: a list of benchdnn's FWD_D, FWD_B, FWD_I, BWD_D, BWD_W, BWD_WB in letters of
 * any size, of fwd, or all. The directions with B have a bias. COR_EFORMAT. */
int bench_read_directions(bench_settings *settings, const char *value);

/* Takes a list of benchdnn's types, or of Corrie's names, into the settings. COR_EDTYPE. */
int bench_read_dtypes(bench_settings *settings, const char *value);

/* Takes --attr-post-ops' value into the settings: sum, relu, clip:0:6, swish, or sum+ one of these. COR_EUNSUPPORTED.
 */
int bench_read_post_ops(bench_settings *settings, const char *value);

/* Reads one argument: options and problems as in a file. Calls row and failed. */
void bench_read_text(bench_reader *reader, const char *text);

/* Reads a file of benchdnn, "-" the standard input, line by line. A problem that is none is told and passed over, an
 * option that is not known or would change the computation ends the reading of the file. Options that only choose
 * layouts or how benchdnn measures are ignored. */
void bench_read_file(bench_reader *reader, const char *path);

/* ---- computing -------------------------------------------------------------------------------------------------- */

/* The public calls: cor_conv2d or cor_conv2d_fused, cor_conv_transpose2d, cor_conv2d_input, cor_conv2d_weight, and
 * those of 1 and 3 dimensions. */
typedef enum bench_kind { BENCH_CONV, BENCH_TRANSPOSED, BENCH_INPUT, BENCH_WEIGHT } bench_kind;

/* The tensors of a row, and the problem that computes it: for the gradient of the input the convolution with the same
 * weight the other way round, for the gradient of the weight the forward convolution. */
typedef struct bench_operands {
    bench_kind kind;
    cor__conv_problem problem;
    cor_tensor *input, *second, *bias; /* second: the weight, or the gradient of the output */
    cor_tensor *scale, *residual;      /* COR_NONE where the epilogue has none */
    bool is_said; /* the call's arguments say the problem; otherwise (unequal padding of two sides) it is run itself */
} bench_operands;

/* Makes the operands in the innermost scope: evenly distributed around 0 or, of integers, small. */
int bench_operands_make(bench_operands *operands, const bench_row *row);

/* The name of the implementation that is chosen. */
const char *bench_implementation(const bench_operands *operands);

/* Computes the row once; the output belongs to the innermost scope. NULL with an error pending. */
cor_tensor *bench_call(const bench_operands *operands);

/* The products of the definition, padding included. */
double bench_products(const cor__conv_problem *problem);

/* ---- measuring -------------------------------------------------------------------------------------------------- */

typedef struct bench_timing {
    double median, least; /* seconds a call */
} bench_timing;

/* Times calls for about `budget` seconds after warming up. */
int bench_time(bench_timing *timing, const bench_operands *operands, double budget);

/* The multiply-adds' operations a second that the instruction set in use reaches on all threads: the most measured so
 * far in this process. 0 for a dtype that is not computed in floating point. */
double bench_peak(cor_dtype dtype);

/* How far a result is from the definition's, computed in float64 or in integers. */
typedef struct bench_errors {
    bool exact;        /* every element is equal; of integers the only thing that counts */
    bool within;       /* the bounds: integers equal; floats at most 0.8 rms and 8 at most */
    double rms, most;  /* in units of u sqrt(K) times the output's rms before an activation, K being the most products
                          that one sums */
    double of_outputs; /* which share of the output was looked at */
} bench_errors;

/* Computes the row and compares; large outputs in a part of their planes (image, channel). */
int bench_check(bench_errors *errors, const bench_operands *operands);

/* ---- printing --------------------------------------------------------------------------------------------------- */

typedef struct bench_result {
    const bench_row *row;
    const char *implementation;
    bench_timing timing;
    double gflops, peak;        /* effective operations a second; 0 of the peak: there is none */
    const bench_errors *errors; /* NULL when not checked */
} bench_result;

/* Prints the table's head. */
void bench_print_head(bool checked);

/* Prints a row that is not timed: benchdnn's options and problem, or an object. */
void bench_print_row(bool json, const bench_row *row);

/* Prints a line, or with json an object in one line, at once. */
void bench_print(bool json, const bench_result *result);

/* Prints to stderr why `text` has no result, and with json an object with "problem" and "error". Takes the error. */
void bench_print_error(bool json, const char *text);

#endif
