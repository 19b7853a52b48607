/* select.c: which table is in force. */
#include "kernels/kernels.h"

#define COR__DECLARE(name)                                                                                             \
    extern const cor__exact_kernels cor__exact_##name;                                                                 \
    extern const cor__fused_kernels cor__fused_##name;

/* `exact` and `fused` name the sets whose shared kernels serve: the set itself where it has them. */
#define COR__ROW(ISA, name, exact, fused)                                                                              \
    [ISA] = {&cor__exact_##name, &cor__fused_##name, &cor__exact_##exact, &cor__fused_##fused},

COR__DECLARE(generic)
#ifdef COR__HAVE_AVX2
COR__DECLARE(avx2)
#endif
#ifdef COR__HAVE_AVX512
COR__DECLARE(avx512)
#endif
#ifdef COR__HAVE_NEON
COR__DECLARE(neon)
#endif

static const cor__kernels tables[] = {COR__ROW(COR_ISA_GENERIC, generic, generic, generic)
#ifdef COR__HAVE_AVX2
                                          COR__ROW(COR_ISA_AVX2, avx2, avx2, avx2)
#endif
#ifdef COR__HAVE_AVX512
                                              COR__ROW(COR_ISA_AVX512, avx512, avx2, avx2)
#endif
#ifdef COR__HAVE_NEON
                                                  COR__ROW(COR_ISA_NEON, neon, neon, generic)
#endif
};

const cor__kernels *cor__kernels_now(void) { return &tables[cor_isa_chosen()]; }
