/* peak_type.inc.c: the loop of peak.h in one type.
 * The includer sets COR__S (its scalar type), COR__V (its vector type) and COR__ID(name) (names for this type).
 * Twelve sums hide a latency of six cycles on two units and fit the sixteen registers of the narrower sets. */

enum { COR__ID(PEAK_OPERATIONS) = 2 * 12 * (int)(sizeof(COR__V) / sizeof(COR__S)) };

#define COR__STEP(sum) sum = sum * factor + term;

static double COR__ID(peak)(int64_t rounds) {
    /* Volatile, so that the compiler takes every sum for a different one. All tend to 2. */
    volatile COR__S half = (COR__S)0.5, one = 1;
    const COR__V factor = COR__ALL(COR__V, half), term = COR__ALL(COR__V, one);
    COR__V c0 = COR__ALL(COR__V, one), c1 = COR__ALL(COR__V, one), c2 = COR__ALL(COR__V, one);
    COR__V c3 = COR__ALL(COR__V, one), c4 = COR__ALL(COR__V, one), c5 = COR__ALL(COR__V, one);
    COR__V c6 = COR__ALL(COR__V, one), c7 = COR__ALL(COR__V, one), c8 = COR__ALL(COR__V, one);
    COR__V c9 = COR__ALL(COR__V, one), c10 = COR__ALL(COR__V, one), c11 = COR__ALL(COR__V, one);
    for (; rounds > 0; rounds--) {
        // clang-format off
        COR__STEP(c0) COR__STEP(c1) COR__STEP(c2) COR__STEP(c3) COR__STEP(c4) COR__STEP(c5)
        COR__STEP(c6) COR__STEP(c7) COR__STEP(c8) COR__STEP(c9) COR__STEP(c10) COR__STEP(c11)
        // clang-format on
    }
    COR__S lanes[sizeof(COR__V) / sizeof(COR__S)];
    COR__STORE(COR__V, lanes, c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    return (double)lanes[0];
}

#undef COR__STEP
