/* corrie/options.h: optional arguments.
 *
 * An operation's optional arguments are a list, OPTION_LIST(_) with one _(type, name, default) each. The struct, its
 * defaults, its description for tools and the C++ form all come from that list. A call writes what differs:
 *     cor_conv2d(x, w, .stride = 2, .padding = 1)
 * Fields the caller names win over the defaults, so .dim = 0 and .bias = false mean what they say. In the functions
 * that take a pointer to options, NULL means the defaults, and a struct of another size than the library's is
 * COR_EVALUE.
 */
#ifndef CORRIE_OPTIONS_H
#define CORRIE_OPTIONS_H

#include <corrie/base.h>
#include <corrie/dtype.h>

/* One value per spatial dimension, PyTorch's tuples: .paddings = {2, 1}. The first is COR_UNSET when not given. */
typedef int64_t cor_single[1];
typedef int64_t cor_pair[2];
typedef int64_t cor_triple[3];

/* A list of dimensions: .dims = COR_DIMS(0, 2). n is -1 when not given. */
typedef struct cor_dims {
    int64_t n;
    int64_t at[COR_MAX_DIMS];
} cor_dims;

#define COR_DIMS(...)                                                                                                  \
    {                                                                                                                  \
        COR__COUNT(__VA_ARGS__), { __VA_ARGS__ }                                                                       \
    }
#define COR_DIMS_UNSET                                                                                                 \
    {                                                                                                                  \
        -1, {                                                                                                          \
            0                                                                                                          \
        }                                                                                                              \
    }

#ifdef __cplusplus

template <class T> inline const T *cor__address(const T &value) { return &value; }
template <class... T> inline constexpr int64_t cor__count(const T &...) { return sizeof...(T); }

#define COR__COUNT(...) cor__count(__VA_ARGS__)
#define COR__FIELD(type, name, ...) type name = __VA_ARGS__;
#define COR__SIZE_FIELD(T) size_t struct_size = sizeof(T);
#define COR__OPTIONS(T, LIST, ...) cor__address(T{__VA_ARGS__})
#define COR__CALL(...) (__VA_ARGS__)

#else

#define COR__COUNT(...) ((int64_t)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))
#define COR__FIELD(type, name, ...) type name;
#define COR__SIZE_FIELD(T) size_t struct_size;
#define COR__INIT(type, name, ...) .name = __VA_ARGS__,
#define COR__OPTIONS(T, LIST, ...) (&(const T){.struct_size = sizeof(T), LIST(COR__INIT) __VA_ARGS__})

/* A call whose options are written over their defaults: gcc and clang would warn of the double initialisation. */
#define COR__CALL(...)                                                                                                 \
    (__extension__({                                                                                                   \
        _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Woverride-init\"")(__VA_ARGS__);             \
        _Pragma("GCC diagnostic pop")                                                                                  \
    }))

#endif

/* The struct of an option list, and the declaration of the function that fills it with the defaults (for callers that
 * cannot use the macros): void T_init(T *options). */
#define COR_DECLARE_OPTIONS(T, LIST)                                                                                   \
    typedef struct T {                                                                                                 \
        COR__SIZE_FIELD(T) /* sizeof(T), so that a later library knows which fields there are */                       \
        LIST(COR__FIELD)                                                                                               \
    } T;                                                                                                               \
    COR_API void T##_init(T *options);

#endif
