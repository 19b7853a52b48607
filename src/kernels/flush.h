/* flush.h: the floating-point state of the inner loops of convolution and matmul: round to nearest, nothing traps, and
 * denormal numbers count as zero, since they cost up to a hundred times as much. */
#ifndef COR_KERNELS_FLUSH_H
#define COR_KERNELS_FLUSH_H

#include <stdint.h>

#if defined(__SSE__)
#include <xmmintrin.h>

/* Enters that state; returns what cor__flush_end puts back. */
static inline uint64_t cor__flush_begin(void) {
    const uint64_t saved = _mm_getcsr();
    _mm_setcsr(0x9fc0); /* all exceptions masked, flush to zero, denormals are zero */
    return saved;
}

/* Restores the state that cor__flush_begin returned. */
static inline void cor__flush_end(uint64_t saved) { _mm_setcsr((unsigned)saved); }

#elif defined(__aarch64__)

static inline uint64_t cor__flush_begin(void) {
    uint64_t saved;
    __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
    __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)1 << 24)); /* FZ */
    return saved;
}
static inline void cor__flush_end(uint64_t saved) { __asm__ volatile("msr fpcr, %0" : : "r"(saved)); }

#else

static inline uint64_t cor__flush_begin(void) { return 0; }
static inline void cor__flush_end(uint64_t saved) { (void)saved; }

#endif
#endif
