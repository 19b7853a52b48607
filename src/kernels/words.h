/* words.h: copying and zeroing short runs of 4-byte words without a call. The functions are static; every object that
 * includes them has its own. */
#ifndef COR_KERNELS_WORDS_H
#define COR_KERNELS_WORDS_H

#include <stdint.h>
#include <string.h>

enum { COR__SHORT_RUN = 512 };

/* Copies `bytes`, a multiple of 4, between runs that do not overlap. */
static inline void cor__copy_words(char *to, const char *from, int64_t bytes) {
    if (bytes > COR__SHORT_RUN) {
        memcpy(to, from, (size_t)bytes);
        return;
    }
    for (; bytes >= 32; bytes -= 32, to += 32, from += 32) memcpy(to, from, 32);
    if (bytes & 16) memcpy(to, from, 16), to += 16, from += 16;
    if (bytes & 8) memcpy(to, from, 8), to += 8, from += 8;
    if (bytes & 4) memcpy(to, from, 4);
}

/* Zeroes `bytes`, a multiple of 4. */
static inline void cor__zero_words(char *to, int64_t bytes) {
    if (bytes > COR__SHORT_RUN) {
        memset(to, 0, (size_t)bytes);
        return;
    }
    for (; bytes >= 32; bytes -= 32, to += 32) memset(to, 0, 32);
    if (bytes & 16) memset(to, 0, 16), to += 16;
    if (bytes & 8) memset(to, 0, 8), to += 8;
    if (bytes & 4) memset(to, 0, 4);
}

#endif
