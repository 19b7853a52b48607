/* tensor.h: the data model. A storage is counted memory; a tensor is a strided window on one.
 * The folders above read tensors through the accessors at the end of this file. */
#ifndef COR_TENSOR_TENSOR_H
#define COR_TENSOR_TENSOR_H

#include "base/object.h"
#include "base/shared.h"
#include <corrie/tensor.h>

typedef struct cor__storage {
    cor__object object;
    void *data; /* NULL when bytes is 0 */
    int64_t bytes;
    _Atomic int64_t version;                    /* changes in place so far */
    _Atomic bool exposed;                       /* somebody outside may write to it */
    _Atomic int64_t asked;                      /* the version + 1 that derived forms were last asked for */
    struct cor__derived *derived;               /* the forms that it keeps (tensor/derived.h) */
    const char *writer;                         /* the recorded operation that last changed it in place, or NULL */
    bool owned;                                 /* data came from cor__alloc */
    bool inference;                             /* made in inference mode: such tensors take no part in gradients */
    void (*release)(void *data, void *context); /* for memory of the caller's; may be NULL */
    void *context;
} cor__storage;

enum {
    COR__REQUIRES_GRAD = 1,  /* set by the user on a leaf */
    COR__IS_PARAMETER = 2,   /* prints as "Parameter containing:" */
    COR__VIEW_INFERENCE = 4, /* a view made in inference mode */
    COR__IS_NUMBER = 8,      /* a number that took part in an operation: weakest in type promotion */
    COR__VIEW_NO_GRAD = 16,  /* a view made while nothing was recorded */
    COR__VIEW_MULTI = 32,    /* one of several views made at once (split, chunk) */
    COR__RETAINS_GRAD = 64,  /* no leaf, but keeps its gradient */
    COR__KEPT_VIEW = 128,    /* kept by a node in place of a view */
    COR__VIEW_CUSTOM = 256,  /* a view that a user's function gave */
    COR__HINDERED = COR__VIEW_NO_GRAD | COR__VIEW_INFERENCE | COR__VIEW_MULTI | COR__VIEW_CUSTOM /* from changes */
};

struct cor_tensor {
    cor__object object;
    cor__storage *storage;
    int64_t offset; /* of the first element, in elements */
    int64_t numel;
    cor_dtype dtype;
    int ndim;
    unsigned flags;
    int output;                     /* which output of grad_fn this is */
    cor__object *grad_fn;           /* a graph node (graph/node.h), or NULL */
    cor_tensor *grad;               /* owned, or NULL */
    cor_tensor *base;               /* the tensor this is a view of, itself no view; owned, or NULL */
    struct cor__tensor_hook *hooks; /* of a leaf's gradient (graph/hooks.h); owned, or NULL */
    void (*forget)(cor_tensor *t);  /* called when it is destroyed, by who keeps something for it; or NULL */
    int64_t base_version;           /* the storage's version that grad_fn describes */
    int64_t sizes[COR_MAX_DIMS], strides[COR_MAX_DIMS];
};

/* ---- making (none of these touches a scope: the caller gets the reference) -------------------------------------- */

/* A storage of `bytes` bytes, contents undefined. NULL with COR_ENOMEM pending. */
cor__storage *cor__storage_new(int64_t bytes);

/* A storage over the caller's memory. */
cor__storage *cor__storage_wrap(void *data, int64_t bytes, void (*release)(void *, void *), void *context);

/* Checks sizes (not negative, at most COR_MAX_DIMS, the product and the bytes fit) and gives the number of elements. */
COR__SHARED int cor__check_sizes(const int64_t *sizes, int n, cor_dtype dtype, int64_t *numel);

/* A contiguous tensor with memory of its own, contents undefined. NULL with COR_EVALUE, COR_ELIMIT or COR_ENOMEM. */
COR__SHARED cor_tensor *cor__empty(cor_dtype dtype, const int64_t *sizes, int n);

/* The same with the dimensions in the order that t's have in memory (torch.empty_like). */
cor_tensor *cor__empty_like(const cor_tensor *t, cor_dtype dtype);

/* A tensor over `storage`, of which it takes a reference. Bounds are the caller's business (cor__reach_ok). */
cor_tensor *cor__tensor_over(cor__storage *storage, cor_dtype dtype, const int64_t *sizes, const int64_t *strides,
                             int n, int64_t offset);

/* The bytes from the start of a storage to the end of the last element of a window, 0 if it has no element; sizes,
 * strides and offset are not negative. False when that overflows. */
bool cor__reach_ok(cor_dtype dtype, const int64_t *sizes, const int64_t *strides, int n, int64_t offset,
                   int64_t *bytes);

/* Contiguous strides of the sizes. */
void cor__contiguous_strides(const int64_t *sizes, int n, int64_t *strides);

/* Strides of t's sizes without gaps, the dimensions in the order that t's have in memory. */
void cor__dense_strides(const cor_tensor *t, int64_t *strides);

/* A 0-d tensor of a number, in the dtype PyTorch gives it, marked as a number. NULL with an error pending. */
cor_tensor *cor__number(cor_operand number);

/* Writes a number into one element at p (rounded, wrapped or truncated as a cast does), and reads it. */
void cor__store_number(void *p, cor_dtype dtype, cor_operand number);
double cor__load_double(const void *p, cor_dtype dtype);
int64_t cor__load_int(const void *p, cor_dtype dtype);

/* Whether an operand is a tensor or a number; COR_EVALUE if its kind is none. */
int cor__check_kind(cor_operand operand);

/* Whether an element of the dtype can hold the number: PyTorch's rule, by which uint8 takes the negative integers whose
 * magnitude it holds (and wraps them), bool takes everything, and a floating dtype what is not finite. */
bool cor__number_fits(cor_operand number, cor_dtype dtype);
/* The same; COR_EVALUE with PyTorch's text if it does not fit. */
int cor__check_number(cor_operand number, cor_dtype dtype);

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

/* dim counted from the end made non-negative; COR_EINDEX with PyTorch's text and -1 if it is out of range. A tensor of
 * no dimensions counts as having one. */
int cor__wrap_dim(int64_t dim, int ndim);

/* The sizes that a and b broadcast to; COR_ESHAPE with PyTorch's text. Returns the number of dimensions or the code. */
int cor__broadcast(const int64_t *a, int na, const int64_t *b, int nb, int64_t *sizes);

/* Whether two elements of t may share memory (expanded dimensions, overlapping strides are taken as such). */
bool cor__overlaps_itself(const cor_tensor *t);

/* Whether the memory spans of two tensors meet. */
bool cor__may_share_memory(const cor_tensor *a, const cor_tensor *b);

/* Whether the elements fill their memory without gaps in some order of the dimensions. */
bool cor__is_dense(const cor_tensor *t);

/* PyTorch's old name of a tensor type, which its errors still write: "FloatTensor". */
const char *cor__legacy_type_name(cor_dtype dtype);
/* The name PyTorch's errors give a dtype: "Float", "Long". */
const char *cor__scalar_type_name(cor_dtype dtype);

/* ---- accessors -------------------------------------------------------------------------------------------------- */

/* The first element's address, for reading and for the library's own writing (which bumps the version itself). */
static inline void *cor__data(const cor_tensor *t) {
    return t->storage->data == NULL ? NULL : (char *)t->storage->data + t->offset * cor_dtype_size(t->dtype);
}
static inline cor_dtype cor__dtype(const cor_tensor *t) { return t->dtype; }
static inline int cor__ndim(const cor_tensor *t) { return t->ndim; }
static inline int64_t cor__numel(const cor_tensor *t) { return t->numel; }
static inline const int64_t *cor__sizes(const cor_tensor *t) { return t->sizes; }
static inline const int64_t *cor__strides(const cor_tensor *t) { return t->strides; }
static inline bool cor__is_number(const cor_tensor *t) { return (t->flags & COR__IS_NUMBER) != 0; }
static inline bool cor__is_given(const cor_tensor *t) { return t != NULL && t != COR_NONE; }
static inline bool cor__has_sizes(const cor_tensor *t, const int64_t *sizes, int ndim) {
    bool same = t->ndim == ndim;
    for (int d = 0; same && d < ndim; d++) same = t->sizes[d] == sizes[d];
    return same;
}
static inline bool cor__is_view(const cor_tensor *t) { return t->base != NULL; }
static inline void cor__bump_version(cor_tensor *t) { atomic_fetch_add(&t->storage->version, 1); }
static inline bool cor__is_parameter(const cor_tensor *t) { return (t->flags & COR__IS_PARAMETER) != 0; }

#endif
