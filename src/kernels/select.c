/* select.c: which table is in force. */
#include "kernels/kernels.h"

#define COR__DECLARE(name)                                                                                             \
    extern const cor__exact_kernels cor__exact_##name;                                                                 \
    extern const cor__fused_kernels cor__fused_##name;

#define COR__ROW(ISA, name) [ISA] = {&cor__exact_##name, &cor__fused_##name},

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

static const cor__kernels tables[] = {COR__ROW(COR_ISA_GENERIC, generic)
#ifdef COR__HAVE_AVX2
                                          COR__ROW(COR_ISA_AVX2, avx2)
#endif
#ifdef COR__HAVE_AVX512
                                              COR__ROW(COR_ISA_AVX512, avx512)
#endif
#ifdef COR__HAVE_NEON
                                                  COR__ROW(COR_ISA_NEON, neon)
#endif
};

const cor__kernels *cor__kernels_now(void) { return &tables[cor_isa_chosen()]; }

const struct cor__conv_integer_kernels *cor__conv_integers_now(void) {
    int isa = (int)cor_isa_chosen();
    while (tables[isa].fused == NULL || tables[isa].fused->conv_integer == NULL) isa--;
    return tables[isa].fused->conv_integer;
}
