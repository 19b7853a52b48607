/* lbfgs_search.c: a step along a direction that satisfies the strong Wolfe conditions (Nocedal, Wright: Numerical
 * Optimization, algorithms 3.5 and 3.6), with PyTorch's cubic interpolation and safeguards. */
#include "base/error.h"
#include "optim/lbfgs.h"
#include <math.h>

static const double C1 = 1e-4, C2 = 0.9;

/* A point on the line: the step, the loss, the gradient (owned) and its slope along the line. */
typedef struct point {
    double t, f, gtd;
    cor_tensor *g;
} point;

typedef struct line {
    cor__lbfgs_run *run;
    cor_tensor *start, *d;
    int64_t evals;
} line;

/* Python's min and max, which keep the first of what does not compare. */
static double least(double a, double b) { return b < a ? b : a; }
static double most(double a, double b) { return b > a ? b : a; }

static int copy_point(point *to, const point *from) {
    const int code = cor_assign(&to->g, from->g);
    to->t = from->t;
    to->f = from->f;
    to->gtd = from->gtd;
    return code;
}

/* Evaluates at start + t * d, and goes back to start. */
static int evaluate(line *l, double t, point *p) {
    if (cor__lbfgs_move(l->run->o, t, l->d) != COR_OK) return cor_error();
    if (cor__lbfgs_evaluate(l->run, &p->f, &p->g) != COR_OK) return cor_error();
    p->t = t;
    p->gtd = cor__lbfgs_dot(p->g, l->d);
    l->evals++;
    return cor__lbfgs_set(l->run->o, l->start);
}

/* Where the cubic through two points with their slopes is least, within bounds. */
static double interpolate(const cor_optimizer *o, const point *a, const point *b, double low, double high) {
    const double x1 = a->t, x2 = b->t, g1 = a->gtd, g2 = b->gtd;
    const double d1 = cor__lbfgs_held(o, g1 + g2 - 3 * (a->f - b->f) / (x1 - x2));
    const double square = cor__lbfgs_held(o, cor__lbfgs_held(o, d1 * d1) - cor__lbfgs_held(o, g1 * g2));
    if (!(square >= 0)) return (low + high) / 2.0;
    const double d2 = cor__lbfgs_held(o, sqrt(square));
    const double where = x1 <= x2 ? x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2 * d2))
                                  : x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2 * d2));
    return least(most(cor__lbfgs_held(o, where), low), high);
}

/* Goes on until the step is good (one point in bracket) or two points enclose a good one. Returns how many points there
 * are, or a negative code. */
static int enclose(line *l, const point *origin, double t, int64_t max_ls, int64_t *iterations, point bracket[2]) {
    point now = {0}, before = {0};
    int n = 0;
    copy_point(&before, origin);
    evaluate(l, t, &now);
    while (cor_error() == COR_OK && *iterations < max_ls) {
        const bool high = now.f > origin->f + C1 * now.t * origin->gtd || (*iterations > 1 && now.f >= before.f);
        if (!high && fabs(now.gtd) <= -C2 * origin->gtd) n = 1;
        else if (high || now.gtd >= 0) n = 2;
        if (n > 0) break;
        const double next = interpolate(l->run->o, &before, &now, now.t + 0.01 * (now.t - before.t), now.t * 10);
        copy_point(&before, &now);
        evaluate(l, next, &now);
        ++*iterations;
    }
    if (n == 0) {
        n = 2;
        copy_point(&before, origin);
    }
    copy_point(&bracket[0], n == 1 ? &now : &before);
    copy_point(&bracket[1], &now);
    cor_release(now.g);
    cor_release(before.g);
    return cor_error() == COR_OK ? n : cor_error();
}

/* The next step to try between two points: the cubic's, but not twice near an end. */
static double next_step(const line *l, const point bracket[2], bool *insufficient) {
    const double low = least(bracket[0].t, bracket[1].t), high = most(bracket[0].t, bracket[1].t);
    const double eps = 0.1 * (high - low);
    const double t = interpolate(l->run->o, &bracket[0], &bracket[1], low, high);
    if (!(least(high - t, t - low) < eps)) {
        *insufficient = false;
        return t;
    }
    if (!*insufficient && t < high && t > low) {
        *insufficient = true;
        return t;
    }
    *insufficient = false;
    return fabs(t - high) < fabs(t - low) ? high - eps : low + eps;
}

/* Narrows the bracket down. Returns which of its points is the lowest. */
static int zoom(line *l, const point *origin, double tolerance_change, int64_t max_ls, int64_t iterations,
                point bracket[2]) {
    int low = bracket[0].f <= bracket[1].f ? 0 : 1;
    bool done = false, insufficient = false;
    const double length = cor__lbfgs_largest(l->d);
    point now = {0};
    while (!done && iterations < max_ls && cor_error() == COR_OK) {
        if (fabs(bracket[1].t - bracket[0].t) * length < tolerance_change) break;
        evaluate(l, next_step(l, bracket, &insufficient), &now);
        iterations++;
        if (now.f > origin->f + C1 * now.t * origin->gtd || now.f >= bracket[low].f) {
            copy_point(&bracket[!low], &now);
            low = bracket[0].f <= bracket[1].f ? 0 : 1;
            continue;
        }
        if (fabs(now.gtd) <= -C2 * origin->gtd) done = true;
        else if (now.gtd * (bracket[!low].t - bracket[low].t) >= 0) copy_point(&bracket[!low], &bracket[low]);
        copy_point(&bracket[low], &now);
    }
    cor_release(now.g);
    return low;
}

int64_t cor__lbfgs_search(cor__lbfgs_run *r, double *t, cor_tensor *d, double gtd, double tolerance_change,
                          int64_t max_ls) {
    cor_scope();
    line l = {.run = r, .start = cor__lbfgs_get(r->o), .d = d};
    const point origin = {.t = 0, .f = r->loss, .gtd = gtd, .g = r->flat_grad};
    point bracket[2] = {0};
    int64_t iterations = 0;
    if (l.start == NULL) return cor_error();
    const int n = enclose(&l, &origin, *t, max_ls, &iterations, bracket);
    const int low = n == 2 ? zoom(&l, &origin, tolerance_change, max_ls, iterations, bracket) : 0;
    if (cor_error() == COR_OK) {
        *t = bracket[low].t;
        r->loss = bracket[low].f;
        (void)cor_assign(&r->flat_grad, bracket[low].g);
    }
    cor_release(bracket[0].g);
    cor_release(bracket[1].g);
    return cor_error() == COR_OK ? l.evals : cor_error();
}
