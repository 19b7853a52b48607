/* peak.inc.c: the loops of peak.h in float32 and float64. */
#include "kernels/peak.h"
#include "kernels/vec.h"

#define COR__S float
#define COR__V cor__f32v
#define COR__ID(name) name##_f32
#include "kernels/peak_type.inc.c"
#undef COR__S
#undef COR__V
#undef COR__ID

#define COR__S double
#define COR__V cor__f64v
#define COR__ID(name) name##_f64
#include "kernels/peak_type.inc.c"
#undef COR__S
#undef COR__V
#undef COR__ID

static const cor__peak_kernels peak_kernels = {.f32 = {PEAK_OPERATIONS_f32, peak_f32},
                                               .f64 = {PEAK_OPERATIONS_f64, peak_f64}};
