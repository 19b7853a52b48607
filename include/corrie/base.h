/* corrie/base.h: errors, scopes, memory, threads and the machine.
 *
 * Facts that hold for every function of the library:
 *  - Nothing aborts, exits or prints (cor_print and cor_report exist to print). A failure is an error value.
 *  - The first error of a thread is kept until it is taken or cleared; meanwhile every operation of that thread
 *    returns NULL (or the pending code) at once, so a whole expression is written first and checked once.
 *  - A tensor argument that is NULL is a failed input and is refused; "no tensor" is COR_NONE.
 *  - Objects are reference counted. A new object belongs to the innermost open scope of the thread.
 */
#ifndef CORRIE_BASE_H
#define CORRIE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COR_VERSION_MAJOR 0
#define COR_VERSION_MINOR 1
#define COR_VERSION_PATCH 0
#define COR_VERSION "0.1.0"

#if defined(__GNUC__)
#define COR_API __attribute__((visibility("default")))
#define COR_MUST_CHECK __attribute__((warn_unused_result))
#define COR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#error "Corrie needs a compiler with GNU extensions: gcc or clang"
#endif

#ifdef __cplusplus
#define COR_BEGIN extern "C" {
#define COR_END }
#else
#define COR_BEGIN
#define COR_END
#endif

COR_BEGIN

typedef struct cor_tensor cor_tensor;

/* The tensor that stands for "none given" in optional arguments (a bias, a mask). NULL never means that. */
COR_API extern cor_tensor *const COR_NONE;

/* The value of an option that was not given, for plural options such as .strides and .paddings. */
#define COR_UNSET INT64_MIN

/* The largest number of dimensions a tensor can have. */
#define COR_MAX_DIMS 16

/* ---- errors ---------------------------------------------------------------------------------------------------- */

/* One row a status: code, short name, what it says. The codes are negative; 0 is success. */
#define COR_STATUS_LIST(_)                                                                                             \
    _(COR_EVALUE, -1, "value", "an argument has a value that is not allowed")                                          \
    _(COR_ESHAPE, -2, "shape", "sizes do not fit together")                                                            \
    _(COR_EDTYPE, -3, "dtype", "a data type does not fit")                                                             \
    _(COR_EINDEX, -4, "index", "an index or a dimension is out of range")                                              \
    _(COR_EKEY, -5, "key", "a name is missing, doubled or malformed")                                                  \
    _(COR_ESTATE, -6, "state", "the call is not allowed in this state")                                                \
    _(COR_ELIMIT, -7, "limit", "a size is beyond what can be held")                                                    \
    _(COR_EUNSUPPORTED, -8, "unsupported", "the operation is not defined for this input")                              \
    _(COR_EFORMAT, -9, "format", "the contents of a file or text are malformed")                                       \
    _(COR_EIO, -10, "io", "a file could not be read or written")                                                       \
    _(COR_ENOMEM, -11, "memory", "memory could not be had")

typedef enum cor_status {
    COR_OK = 0,
#define COR__STATUS_ENUM(code, value, name, text) code = value,
    COR_STATUS_LIST(COR__STATUS_ENUM)
#undef COR__STATUS_ENUM
} cor_status;

enum { COR_ERROR_TEXT = 1024, COR_ERROR_NAME = 128 };

/* An error as kept by its thread. Plain data in fixed buffers, so that even "out of memory" can be told. */
typedef struct cor_error_info {
    int code;                       /* a cor_status */
    char text[COR_ERROR_TEXT];      /* what went wrong, with expected and found; PyTorch's text where it has one */
    char operation[COR_ERROR_NAME]; /* the operation that failed, "" outside one */
    char shapes[COR_ERROR_NAME];    /* the shapes of its tensor inputs, "[1, 3, 8, 8], [6, 4, 3, 3]" */
    char module[COR_ERROR_NAME];    /* the path of the module whose forward was running, "" outside one */
    char place[COR_ERROR_NAME];     /* file:line in the library */
} cor_error_info;

/* Returns the code of the pending error of this thread, COR_OK (0) if there is none. Never fails. */
COR_API int cor_error(void);

/* Returns the pending error of this thread, borrowed until it is taken, cleared or the thread ends; NULL if none. */
COR_API const cor_error_info *cor_error_pending(void);

/* Returns the text of the pending error of this thread, "" if there is none. Borrowed, as cor_error_pending. */
COR_API const char *cor_error_message(void);

/* Moves the pending error into *info (may be NULL) and clears it. Returns its code, COR_OK if there was none. */
COR_API int cor_error_take(cor_error_info *info);

/* Forgets the pending error of this thread. */
COR_API void cor_error_clear(void);

/* Keeps an error of the caller's own (a loader's, a callback's) as if the library had found it; printf format.
 * Returns code. Does nothing but return the pending code if an error is pending already. */
COR_API int cor_error_set(int code, const char *format, ...) COR_PRINTF(2, 3);

/* Returns the short name of a status ("shape"), "unknown" for a value that is none. Static text. */
COR_API const char *cor_status_name(int code);

/* Writes the pending error of this thread to stderr, clears it, and returns the exit code of a program:
 * 0 if there was none, 1 otherwise. For the end of main: return cor_report(). */
COR_API int cor_report(void);

/* ---- scopes ---------------------------------------------------------------------------------------------------- */

/* A scope on its owner's stack; the fields are the library's. */
typedef struct cor_scope_frame {
    void *first;
    struct cor_scope_frame *outer;
    int64_t count;
    void *reserved;
} cor_scope_frame;

/* Opens a scope in *frame: objects made by this thread from here on belong to it. The frame must stay where it is
 * until cor_scope_close. Never fails; NULL is ignored. */
COR_API void cor_scope_open(cor_scope_frame *frame);

/* Closes the scope in *frame, and those opened inside it that are still open, and releases what belongs to them.
 * Works with an error pending; NULL and a frame that is not open are ignored. */
COR_API void cor_scope_close(cor_scope_frame *frame);

/* Opens a scope that closes at the end of the enclosing block, however the block is left:  cor_scope(); */
#define cor_scope() COR__SCOPE(COR__PASTE(cor__scope_, __COUNTER__))
#define COR__SCOPE(name)                                                                                               \
    cor_scope_frame name __attribute__((cleanup(cor_scope_close), unused));                                            \
    cor_scope_open(&name)
#define COR__PASTE(a, b) COR__PASTE_(a, b)
#define COR__PASTE_(a, b) a##b

/* ---- memory ---------------------------------------------------------------------------------------------------- */

/* Where all memory of the library comes from. alloc returns NULL when it has none; align is a power of two of at
 * most 4096 and size is never 0; free gets back the size and align of the allocation. Called from any thread. */
typedef struct cor_allocator {
    void *(*alloc)(size_t size, size_t align, void *context);
    void (*free)(void *pointer, size_t size, size_t align, void *context);
    void *context;
} cor_allocator;

/* Replaces the allocator. Only before the library has allocated anything in this process, else COR_ESTATE.
 * *allocator is copied. */
COR_API int cor_set_allocator(const cor_allocator *allocator) COR_MUST_CHECK;

/* What the library holds at the moment: bytes and allocations not yet freed (cached blocks are counted as free),
 * and the largest number of bytes held at once since the start. */
typedef struct cor_memory_info {
    int64_t bytes, allocations, peak_bytes;
} cor_memory_info;

/* Returns those figures. */
COR_API cor_memory_info cor_memory(void);

/* ---- threads --------------------------------------------------------------------------------------------------- */

/* Returns how many threads computations use: CORRIE_THREADS, cor_set_num_threads, or the CPUs of the affinity mask. */
COR_API int cor_num_threads(void);

/* Sets the number of threads (1 to 1024) of all later computations. COR_EVALUE outside that; results do not depend
 * on it. */
COR_API int cor_set_num_threads(int n) COR_MUST_CHECK;

/* Calls body(begin, end, context) on disjoint ranges that cover [0, n), each at least `grain` long if n is, on
 * the threads of the pool, and returns when all are done. The split depends on n, grain and the thread count only. A
 * call from inside a body runs its ranges in order, unless that body was given all of [0, n); so does a call while
 * another thread's is on the pool. Objects that a body makes are released when its range ends. An error that a body
 * leaves pending in its thread becomes the caller's: the one of the lowest range wins; the others run all the same.
 * Returns COR_OK or that error's code. */
COR_API int cor_parallel_for(int64_t n, int64_t grain, void (*body)(int64_t begin, int64_t end, void *context),
                             void *context);

/* ---- the machine ----------------------------------------------------------------------------------------------- */

/* The instruction sets that kernels are built for, from the plainest to the widest of each architecture. */
typedef enum cor_isa { COR_ISA_GENERIC, COR_ISA_AVX2, COR_ISA_AVX512, COR_ISA_NEON } cor_isa;

/* Returns "generic", "avx2", "avx512" or "neon"; "unknown" for a value that is none. Static text. */
COR_API const char *cor_isa_name(cor_isa isa);

/* Returns the set that kernels use: the widest that this build has, the CPU and the operating system support and
 * CORRIE_ISA allows. */
COR_API cor_isa cor_isa_chosen(void);

/* Returns whether this build has kernels for the set and the machine can run them, whatever CORRIE_ISA says. */
COR_API bool cor_isa_available(cor_isa isa);

/* Sets the set used from now on; one wider than CORRIE_ISA allows gives the one it allows. COR_EVALUE for a set that
 * cor_isa_available denies. */
COR_API int cor_set_isa(cor_isa isa) COR_MUST_CHECK;

/* Returns the version of the library that is linked, "0.1.0". Static text. */
COR_API const char *cor_version(void);

COR_END
#endif
