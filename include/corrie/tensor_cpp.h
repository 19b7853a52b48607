/* corrie/tensor_cpp.h: the argument macros of corrie/tensor.h for C++17 (GNU). The same programs compile as C and as
 * C++; options are by-value structs whose members have their defaults. */
#ifndef CORRIE_TENSOR_CPP_H
#define CORRIE_TENSOR_CPP_H

#include <initializer_list>
#include <type_traits>

inline cor_operand cor__operand(const cor_tensor *t) {
    cor_operand operand = {};
    operand.tensor = const_cast<cor_tensor *>(t);
    operand.kind = cor_operand::COR_OPERAND_TENSOR;
    return operand;
}
inline cor_operand cor__operand(decltype(nullptr)) { return cor__operand(static_cast<const cor_tensor *>(nullptr)); }
inline cor_operand cor__operand(cor_operand operand) { return operand; }

template <class T, class = typename std::enable_if<std::is_arithmetic<T>::value>::type>
inline cor_operand cor__operand(T number) {
    cor_operand operand = {};
    if (std::is_floating_point<T>::value) {
        operand.kind = cor_operand::COR_OPERAND_DOUBLE;
        operand.number.real = static_cast<double>(number);
    } else {
        operand.kind = std::is_same<T, bool>::value ? cor_operand::COR_OPERAND_BOOL : cor_operand::COR_OPERAND_INT;
        operand.number.integer = static_cast<int64_t>(number);
    }
    return operand;
}
#define COR_OPERAND(x) cor__operand(x)

inline cor_list cor__list(std::initializer_list<cor_tensor *> tensors) {
    return cor_list{tensors.begin(), static_cast<int64_t>(tensors.size())};
}
#define COR_LIST(array, count) (cor_list{(array), (count)})
#define COR_TENSORS(...) cor__list({__VA_ARGS__})

/* Sizes written as arguments: alive to the end of the call they are written in. */
struct cor__sizes {
    int64_t at[COR_MAX_DIMS + 1];
    int n;
    template <class... T>
    cor__sizes(T... sizes) : at{static_cast<int64_t>(sizes)...}, n(static_cast<int>(sizeof...(sizes))) {
        static_assert(sizeof...(sizes) <= COR_MAX_DIMS, "more than COR_MAX_DIMS sizes");
    }
};
#define COR__SIZES(...) cor__sizes(__VA_ARGS__).at, cor__sizes(__VA_ARGS__).n

template <class T> struct cor__dtype_of;
template <> struct cor__dtype_of<bool> { static constexpr cor_dtype value = COR_BOOL; };
template <> struct cor__dtype_of<unsigned char> { static constexpr cor_dtype value = COR_UINT8; };
template <> struct cor__dtype_of<signed char> { static constexpr cor_dtype value = COR_INT8; };
template <> struct cor__dtype_of<char> { static constexpr cor_dtype value = COR_INT8; };
template <> struct cor__dtype_of<short> { static constexpr cor_dtype value = COR_INT16; };
template <> struct cor__dtype_of<int> { static constexpr cor_dtype value = COR_INT32; };
template <> struct cor__dtype_of<long> {
    static constexpr cor_dtype value = sizeof(long) == 8 ? COR_INT64 : COR_INT32;
};
template <> struct cor__dtype_of<long long> { static constexpr cor_dtype value = COR_INT64; };
template <> struct cor__dtype_of<float> { static constexpr cor_dtype value = COR_FLOAT32; };
template <> struct cor__dtype_of<double> { static constexpr cor_dtype value = COR_FLOAT64; };

#define cor_from(array, ...)                                                                                           \
    cor_from_array((array), sizeof(array),                                                                             \
                   cor__dtype_of<std::remove_cv_t<std::remove_all_extents_t<decltype(array)>>>::value,                 \
                   COR__SIZES(__VA_ARGS__))

#endif
