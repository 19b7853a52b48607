/* transpose.inc.c: turning COR__LANES vectors r0, r1, ... of as many lanes about their diagonal. The includer has set
 * COR__V and COR__LANES; it names r0 and so on with COR__EACH(what), which says what(0) what(1) and so on, and turns
 * them with COR__TRANSPOSE: blocks of half the lanes change places, then of a quarter, and so on. */

// clang-format off
#if COR__LANES == 2
#define COR__LOW1 0, 2
#define COR__HIGH1 1, 3
#define COR__EACH(what) what(0) what(1)
#define COR__TRANSPOSE COR__SWAP(1, 0, 1)
#elif COR__LANES == 4
#define COR__LOW2 0, 1, 4, 5
#define COR__HIGH2 2, 3, 6, 7
#define COR__LOW1 0, 4, 2, 6
#define COR__HIGH1 1, 5, 3, 7
#define COR__EACH(what) what(0) what(1) what(2) what(3)
#define COR__TRANSPOSE \
    COR__SWAP(2, 0, 2) COR__SWAP(2, 1, 3) \
    COR__SWAP(1, 0, 1) COR__SWAP(1, 2, 3)
#elif COR__LANES == 8
#define COR__LOW4 0, 1, 2, 3, 8, 9, 10, 11
#define COR__HIGH4 4, 5, 6, 7, 12, 13, 14, 15
#define COR__LOW2 0, 1, 8, 9, 4, 5, 12, 13
#define COR__HIGH2 2, 3, 10, 11, 6, 7, 14, 15
#define COR__LOW1 0, 8, 2, 10, 4, 12, 6, 14
#define COR__HIGH1 1, 9, 3, 11, 5, 13, 7, 15
#define COR__EACH(what) what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7)
#define COR__TRANSPOSE \
    COR__SWAP(4, 0, 4) COR__SWAP(4, 1, 5) COR__SWAP(4, 2, 6) COR__SWAP(4, 3, 7) \
    COR__SWAP(2, 0, 2) COR__SWAP(2, 1, 3) COR__SWAP(2, 4, 6) COR__SWAP(2, 5, 7) \
    COR__SWAP(1, 0, 1) COR__SWAP(1, 2, 3) COR__SWAP(1, 4, 5) COR__SWAP(1, 6, 7)
#elif COR__LANES == 16
#define COR__LOW8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define COR__HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
#define COR__LOW4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define COR__HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define COR__LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define COR__HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define COR__LOW1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define COR__HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define COR__EACH(what) \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) \
    what(8) what(9) what(10) what(11) what(12) what(13) what(14) what(15)
#define COR__TRANSPOSE \
    COR__SWAP(8, 0, 8) COR__SWAP(8, 1, 9) COR__SWAP(8, 2, 10) COR__SWAP(8, 3, 11) \
    COR__SWAP(8, 4, 12) COR__SWAP(8, 5, 13) COR__SWAP(8, 6, 14) COR__SWAP(8, 7, 15) \
    COR__SWAP(4, 0, 4) COR__SWAP(4, 1, 5) COR__SWAP(4, 2, 6) COR__SWAP(4, 3, 7) \
    COR__SWAP(4, 8, 12) COR__SWAP(4, 9, 13) COR__SWAP(4, 10, 14) COR__SWAP(4, 11, 15) \
    COR__SWAP(2, 0, 2) COR__SWAP(2, 1, 3) COR__SWAP(2, 4, 6) COR__SWAP(2, 5, 7) \
    COR__SWAP(2, 8, 10) COR__SWAP(2, 9, 11) COR__SWAP(2, 12, 14) COR__SWAP(2, 13, 15) \
    COR__SWAP(1, 0, 1) COR__SWAP(1, 2, 3) COR__SWAP(1, 4, 5) COR__SWAP(1, 6, 7) \
    COR__SWAP(1, 8, 9) COR__SWAP(1, 10, 11) COR__SWAP(1, 12, 13) COR__SWAP(1, 14, 15)
#endif
// clang-format on

/* Blocks of `size` lanes change places between two vectors that far apart. */
#define COR__SWAP(size, i, j)                                                                                          \
    {                                                                                                                  \
        const COR__V low = __builtin_shufflevector(r##i, r##j, COR__LOW##size);                                        \
        r##j = __builtin_shufflevector(r##i, r##j, COR__HIGH##size);                                                   \
        r##i = low;                                                                                                    \
    }
