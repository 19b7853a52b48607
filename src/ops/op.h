/* op.h: what an operation is, and the one path that every call of one takes.
 *
 * An operation is a row, `const cor__op cor__op_NAME`, in the file that holds its check and its forward; op_list.h
 * lists all rows. A public function packs its arguments and calls cor__apply. */
#ifndef COR_OPS_OP_H
#define COR_OPS_OP_H

#include "graph/node.h"

enum { COR__MAX_INPUTS = 8, COR__MAX_OUTPUTS = 3 };

typedef struct cor__call cor__call;

/* One optional argument of an operation: enough to print, replay and bind a call. */
typedef enum cor__kind {
    COR__BOOLEAN,
    COR__INTEGER,
    COR__REAL,
    COR__INTEGERS,
    COR__DIMS,
    COR__DTYPE,
    COR__OTHER
} cor__kind;
typedef struct cor__option {
    const char *name;
    cor__kind kind;
    size_t offset, size;
} cor__option;

/* clang-format off */
#define COR__OPTION_KIND(type)                                                                                         \
    _Generic((type *)NULL,                                                                                             \
        bool *: COR__BOOLEAN,                                                                                          \
        int64_t *: COR__INTEGER,                                                                                       \
        double *: COR__REAL,                                                                                           \
        cor_single *: COR__INTEGERS,                                                                                   \
        cor_pair *: COR__INTEGERS,                                                                                     \
        cor_triple *: COR__INTEGERS,                                                                                   \
        cor_dims *: COR__DIMS,                                                                                         \
        cor_dtype *: COR__DTYPE,                                                                                       \
        default: COR__OTHER)
/* clang-format on */
#define COR__OPTION_ROW(type, name, ...) {#name, COR__OPTION_KIND(type), offsetof(described, name), sizeof(type)},

/* From an option list (corrie/options.h) defines T_init; T_or_defaults: the options given, or the defaults written to
 * *room; and T_describe, for the operation's row. */
#define COR__DEFINE_OPTIONS(T, LIST)                                                                                   \
    void T##_init(T *options) {                                                                                        \
        if (options != NULL) *options = (T){.struct_size = sizeof(T), LIST(COR__INIT)};                                \
    }                                                                                                                  \
    __attribute__((unused)) static const T *T##_or_defaults(const T *options, T *room) {                               \
        if (options != NULL) return options;                                                                           \
        T##_init(room);                                                                                                \
        return room;                                                                                                   \
    }                                                                                                                  \
    __attribute__((unused)) static const cor__option *T##_describe(int *n) {                                           \
        typedef T described;                                                                                           \
        static const cor__option rows[] = {LIST(COR__OPTION_ROW)};                                                     \
        *n = (int)(sizeof rows / sizeof rows[0]);                                                                      \
        return rows;                                                                                                   \
    }

typedef struct cor__op {
    const char *name;    /* PyTorch's name: "conv2d" */
    const char *grad_fn; /* the node's name: "ConvolutionBackward0"; NULL: the result never requires grad */
    unsigned optional;   /* bit i: input i may be COR_NONE */
    bool is_view;        /* the outputs are views of input 0 */
    bool is_constant;    /* writes one value everywhere: in place also where elements share memory */
    /* Validates the call and describes its outputs in call->out; NULL when forward makes them itself. */
    int (*check)(cor__call *call);
    /* Computes into call->outputs. */
    int (*forward)(cor__call *call);
    /* The fields of the options that calls of it carry; NULL when it has none. */
    const cor__option *(*describe)(int *n);
    /* The gradient, written with operations, so that it can be differentiated again (ops/backward.h); what it reads:
     * the size of the options, input i for the gradients of the inputs in the bits of [i], output k when bit k is set.
     */
    cor__formula backward;
    size_t reads_options;
    unsigned char reads_inputs[COR__MAX_INPUTS];
    unsigned reads_outputs;
    const char *grad_fn_in_place; /* the node's name of the in-place form where it is another */
    int kernel;                   /* for rows that share a forward: which kernel of their family it runs */
    const char *kernel_name;      /* what PyTorch's "not implemented for" errors call that kernel */
} cor__op;

/* The shape and type of an output, as check leaves it. */
typedef struct cor__meta {
    cor_dtype dtype;
    int ndim;
    int64_t sizes[COR_MAX_DIMS];
} cor__meta;

struct cor__call {
    const cor__op *op;
    cor_tensor *const *inputs; /* borrowed */
    int n_inputs;
    const void *options;  /* the operation's own options struct, or NULL */
    cor_tensor **outputs; /* new references; for an in-place call outputs[0] is inputs[0] */
    int n_outputs;
    bool in_place;
    const char *grad_fn; /* starts as op->grad_fn; check or forward may name a variant */
    cor_dtype compute;   /* left by the checks of elementwise operations: the dtype the inputs are brought to */
    cor__meta out[COR__MAX_OUTPUTS];
};

/* Runs a call: refuses while an error is pending and when an input is NULL; checks; makes the outputs and computes;
 * records; tells CORRIE_VERBOSE=exec and the observer; hands the outputs to the innermost scope. outputs[0..n_outputs)
 * get borrowed tensors. On failure all outputs are NULL, the error names operation, shapes and module, and its code is
 * returned. */
int cor__apply(const cor__op *op, cor_tensor *const *inputs, int n_inputs, const void *options, cor_tensor **outputs,
               int n_outputs);

/* cor__apply for operations with one output: returns it, or NULL. */
cor_tensor *cor__apply1(const cor__op *op, cor_tensor *const *inputs, int n_inputs, const void *options);

/* The in-place form: the result is written into inputs[0], which is returned, borrowed; NULL on failure. */
cor_tensor *cor__apply_in_place(const cor__op *op, cor_tensor *const *inputs, int n_inputs, const void *options);

/* Sees every call that succeeds on its thread (tracing, profiling). Set in cor__thread.observer. */
typedef struct cor__observer {
    void (*saw)(const cor__call *call, const char *module, void *context);
    void *context;
} cor__observer;

/* The tensor of an operand: itself, or a 0-d tensor of the number that belongs to the innermost scope. NULL with an
 * error pending. */
cor_tensor *cor__operand_as_tensor(cor_operand operand);

/* Of an operation without gradients: COR_ESTATE if an input requires grad and grad mode is on. */
int cor__check_not_recorded(const cor__call *call);

/* Whether the options struct at `options` (NULL: the defaults) has the size this library knows. */
COR__SHARED int cor__check_options(const void *options, size_t size, const char *name);

/* The dtype that an operation between the tensors computes in: PyTorch's result_type, where tensors with dimensions
 * outrank 0-d tensors, which outrank numbers, within bool < integer < floating. COR_NONE inputs do not count. */
cor_dtype cor__result_type(cor_tensor *const *inputs, int n);

/* Whether a result of dtype `from` may be written in place to one of dtype `to`: narrower is allowed, another category
 * (floating to integer, integer to bool) is not. */
bool cor__can_cast(cor_dtype from, cor_dtype to);

#endif
