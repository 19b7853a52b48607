/* kernels.h: the table of inner loops, one per instruction set.
 * A family of kernels is a header that declares its struct of function pointers, and a .inc.c file that defines the
 * functions static and one static const struct. isa_SET_exact.c and isa_SET_fused.c include the families of their kind
 * and export one table each; select.c puts the two together. */
#ifndef COR_KERNELS_KERNELS_H
#define COR_KERNELS_KERNELS_H

#include <corrie/base.h>

struct cor__convert_kernels;
struct cor__elementwise_kernels;
struct cor__epilogue_kernels;
struct cor__conv_kernels;
struct cor__depthwise_kernels;
struct cor__pool_kernels;
struct cor__norm_kernels;
struct cor__optim_kernels;
struct cor__resize_kernels;
struct cor__conv_integer_kernels;
struct cor__weights_kernels;
struct cor__matmul_kernels;
struct cor__peak_kernels;
struct cor__winograd_kernels;
struct cor__reduce_kernels;
struct cor__softmax_kernels;

/* Families compiled without contraction: the same bits on every instruction set. */
typedef struct cor__exact_kernels {
    cor_isa isa;
    const struct cor__elementwise_kernels *elementwise; /* of float32 and float64 */
    const struct cor__epilogue_kernels *epilogue;
    const struct cor__reduce_kernels *reduce;
    const struct cor__softmax_kernels *softmax;
    const struct cor__norm_kernels *norm;
    /* These move and compare more than they compute, or wait for memory; NULL: see cor__kernels. */
    const struct cor__convert_kernels *convert;
    const struct cor__elementwise_kernels *integers; /* of bool and the integers */
    const struct cor__pool_kernels *pool;
    const struct cor__resize_kernels *resize;
    const struct cor__optim_kernels *optim;
} cor__exact_kernels;

/* Families compiled with contraction. */
typedef struct cor__fused_kernels {
    cor_isa isa;
    const struct cor__conv_kernels *conv;
    const struct cor__depthwise_kernels *depthwise;
    const struct cor__conv_integer_kernels *conv_integer; /* only generic and avx2 have them */
    const struct cor__weights_kernels *conv_weights;
    const struct cor__matmul_kernels *matmul;
    const struct cor__peak_kernels *peak;
    const struct cor__winograd_kernels *winograd;
} cor__fused_kernels;

typedef struct cor__kernels {
    const cor__exact_kernels *exact;
    const cor__fused_kernels *fused;
    /* The tables whose kernels serve this set where it has none of its own (AVX-512, for the size): a narrower set's.
     */
    const cor__exact_kernels *exact_shared;
    const cor__fused_kernels *fused_integers;
} cor__kernels;

/* The tables of the instruction set in force (cor_isa_chosen). Cheap; never NULL. */
const cor__kernels *cor__kernels_now(void);

#endif
