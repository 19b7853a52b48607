/* peak.h: what the machine's multiply-add units give at most, which speeds of other kernels are measured against. */
#ifndef COR_KERNELS_PEAK_H
#define COR_KERNELS_PEAK_H

#include <corrie/base.h>

/* A loop of multiply-adds of vectors that do not wait for each other, nor for memory. */
typedef struct cor__peak_kernel {
    int64_t operations; /* additions and multiplications of one round */

    /* Runs the rounds and returns a number that depends on all of them. */
    double (*run)(int64_t rounds);
} cor__peak_kernel;

typedef struct cor__peak_kernels {
    cor__peak_kernel f32, f64;
} cor__peak_kernels;

#endif
