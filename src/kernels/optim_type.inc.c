/* optim_type.inc.c: the rules of optimizers for one type. The file that includes it defines T, NAME(x), and FMA, SQRT
 * and ABS of that type. Each product and sum is rounded where PyTorch's operations round it. */

#define ARGUMENTS                                                                                                      \
    int64_t n, void *restrict parameter, const void *restrict gradient, void *restrict state0, void *restrict state1,  \
        void *restrict state2, const cor__rule_numbers *c

/* What all rules begin with: the pointers, and the numbers that every rule reads in this type. */
#define BEGIN(first, second, third)                                                                                    \
    T *p = parameter, *first = state0, *second = state1, *third = state2;                                              \
    const T *gradients = gradient;                                                                                     \
    const T sign = (T)c->sign, decay = (T)c->decay, rate = (T)c->rate;                                                 \
    (void)first, (void)second, (void)third;

/* The gradient as a rule takes it. */
static inline T NAME(taken)(T g, T p, T sign, T decay) { return decay != 0 ? FMA(p, decay, sign * g) : sign * g; }

/* From a to b by w (torch.lerp). */
static inline T NAME(lerp)(T a, T b, T w) {
    const bool near = ABS(w) < (T)0.5;
    return FMA(near ? w : w - 1, b - a, near ? a : b);
}

static inline T NAME(larger)(T a, T b) { return ((a < b) | (b != b)) ? b : a; }

static void NAME(sgd)(ARGUMENTS) {
    BEGIN(unused0, unused1, unused2)
    for (int64_t i = 0; i < n; i++) p[i] = FMA(NAME(taken)(gradients[i], p[i], sign, decay), rate, p[i]);
}

static void NAME(sgd_momentum)(ARGUMENTS) {
    BEGIN(buffer, unused1, unused2)
    const T momentum = (T)c->momentum, take = (T)c->take;
    const T first = (T)c->first, nesterov = (T)c->nesterov;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay);
        const T later = FMA(g, take, buffer[i] * momentum), b = first != 0 ? g : later, ahead = FMA(b, momentum, g);
        buffer[i] = b;
        p[i] = FMA(nesterov != 0 ? ahead : b, rate, p[i]);
    }
}

static void NAME(adam)(ARGUMENTS) {
    BEGIN(average, squares, unused2)
    const T w = (T)c->lerp, keep = (T)c->keep, take = (T)c->take;
    const T shrink = (T)c->shrink, correction = (T)c->correction, eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), m = NAME(lerp)(average[i], g, w);
        const T v = FMA(take * g, g, squares[i] * keep);
        average[i] = m;
        squares[i] = v;
        p[i] = p[i] * shrink + rate * m / (SQRT(v) / correction + eps);
    }
}

static void NAME(adam_max)(ARGUMENTS) {
    BEGIN(average, squares, largest)
    const T w = (T)c->lerp, keep = (T)c->keep, take = (T)c->take;
    const T shrink = (T)c->shrink, correction = (T)c->correction, eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), m = NAME(lerp)(average[i], g, w);
        const T v = FMA(take * g, g, squares[i] * keep), most = NAME(larger)(largest[i], v);
        average[i] = m;
        squares[i] = v;
        largest[i] = most;
        p[i] = p[i] * shrink + rate * m / (SQRT(most) / correction + eps);
    }
}

static void NAME(rmsprop)(ARGUMENTS) {
    BEGIN(squares, unused1, unused2)
    const T keep = (T)c->keep, take = (T)c->take, eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), s = FMA(take * g, g, squares[i] * keep);
        squares[i] = s;
        p[i] += rate * g / (SQRT(s) + eps);
    }
}

static void NAME(rmsprop_momentum)(ARGUMENTS) {
    BEGIN(squares, buffer, unused2)
    const T keep = (T)c->keep, take = (T)c->take, eps = (T)c->eps, momentum = (T)c->momentum;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), s = FMA(take * g, g, squares[i] * keep);
        const T b = buffer[i] * momentum + g / (SQRT(s) + eps);
        squares[i] = s;
        buffer[i] = b;
        p[i] = FMA(b, rate, p[i]);
    }
}

static void NAME(rmsprop_centered)(ARGUMENTS) {
    BEGIN(squares, unused1, average)
    const T keep = (T)c->keep, take = (T)c->take, eps = (T)c->eps, w = (T)c->lerp;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), s = FMA(take * g, g, squares[i] * keep);
        const T m = NAME(lerp)(average[i], g, w);
        squares[i] = s;
        average[i] = m;
        p[i] += rate * g / (SQRT(FMA(-m, m, s)) + eps);
    }
}

static void NAME(rmsprop_centered_momentum)(ARGUMENTS) {
    BEGIN(squares, buffer, average)
    const T keep = (T)c->keep, take = (T)c->take, eps = (T)c->eps, w = (T)c->lerp, momentum = (T)c->momentum;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), s = FMA(take * g, g, squares[i] * keep);
        const T m = NAME(lerp)(average[i], g, w);
        const T b = buffer[i] * momentum + g / (SQRT(FMA(-m, m, s)) + eps);
        squares[i] = s;
        average[i] = m;
        buffer[i] = b;
        p[i] = FMA(b, rate, p[i]);
    }
}

static void NAME(adagrad)(ARGUMENTS) {
    BEGIN(sum, unused1, unused2)
    const T eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), s = FMA(g, g, sum[i]);
        sum[i] = s;
        p[i] += rate * g / (SQRT(s) + eps);
    }
}

static void NAME(adadelta)(ARGUMENTS) {
    BEGIN(squares, deltas, unused2)
    const T keep = (T)c->keep, take = (T)c->take, eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), s = FMA(take * g, g, squares[i] * keep);
        const T delta = SQRT(deltas[i] + eps) / SQRT(s + eps) * g;
        squares[i] = s;
        deltas[i] = FMA(take * delta, delta, deltas[i] * keep);
        p[i] = FMA(delta, rate, p[i]);
    }
}

static void NAME(nadam)(ARGUMENTS) {
    BEGIN(average, squares, unused2)
    const T w = (T)c->lerp, keep = (T)c->keep, take = (T)c->take, second = (T)c->second_rate;
    const T shrink = (T)c->shrink, correction = (T)c->correction, eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), m = NAME(lerp)(average[i], g, w);
        const T v = FMA(take * g, g, squares[i] * keep), d = SQRT(v / correction) + eps;
        average[i] = m;
        squares[i] = v;
        p[i] = p[i] * shrink + rate * g / d + second * m / d;
    }
}

static void NAME(adamax)(ARGUMENTS) {
    BEGIN(average, largest, unused2)
    const T w = (T)c->lerp, keep = (T)c->keep, eps = (T)c->eps;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), m = NAME(lerp)(average[i], g, w);
        const T most = NAME(larger)(largest[i] * keep, ABS(g) + eps);
        average[i] = m;
        largest[i] = most;
        p[i] += rate * m / most;
    }
}

static void NAME(radam)(ARGUMENTS) {
    BEGIN(average, squares, unused2)
    const T w = (T)c->lerp, keep = (T)c->keep, take = (T)c->take, first = (T)c->first_correction;
    const T shrink = (T)c->shrink, root = (T)c->correction, eps = (T)c->eps, rectification = (T)c->second_rate;
    const T rectified = (T)c->rectified;
    for (int64_t i = 0; i < n; i++) {
        const T g = NAME(taken)(gradients[i], p[i], sign, decay), m = NAME(lerp)(average[i], g, w);
        const T v = FMA(take * g, g, squares[i] * keep), plain = m / first * rate;
        average[i] = m;
        squares[i] = v;
        const T adapted = plain * (1 / (SQRT(v) + eps) * root) * rectification;
        p[i] = p[i] * shrink - (rectified != 0 ? adapted : plain);
    }
}

#undef BEGIN
#undef ARGUMENTS
