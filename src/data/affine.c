/* affine.c: pictures turned, moved, scaled and slanted. */
#include "base/error.h"
#include "base/random.h"
#include "data/picture.h"
#include "ops/op.h"
#include <math.h>

COR__DEFINE_OPTIONS(cor_affine_options, COR_AFFINE_OPTIONS)
COR__DEFINE_OPTIONS(cor_random_affine_options, COR_RANDOM_AFFINE_OPTIONS)

/* ---- sampling --------------------------------------------------------------------------------------------------- */

/* From a place in the result to a place in the picture, both from the middle: x' = at[0] x + at[1] y + at[2]. */
typedef struct map {
    double at[6];
} map;

/* The inverse of moving after scaling after turning after slanting (torchvision's _get_inverse_affine_matrix). */
static map inverse(const cor_affine_options *o) {
    const double degree = acos(-1.0) / 180, turn = o->angle * degree, sx = o->shear[0] * degree,
                 sy = o->shear[1] * degree;
    const double a = cos(turn - sy) / cos(sy), b = -a * tan(sx) - sin(turn);
    const double c = sin(turn - sy) / cos(sy), d = -c * tan(sx) + cos(turn);
    map m = {{d / o->scale, -b / o->scale, 0, -c / o->scale, a / o->scale, 0}};
    for (int row = 0; row < 6; row += 3) m.at[row + 2] = -m.at[row] * o->translate[0] - m.at[row + 1] * o->translate[1];
    return m;
}

static double load(const cor__picture *p, int64_t i) {
    const void *data = cor__data(p->t);
    switch (cor__dtype(p->t)) {
    case COR_UINT8:
        return ((const uint8_t *)data)[i];
    case COR_FLOAT32:
        return ((const float *)data)[i];
    default:
        return ((const double *)data)[i];
    }
}

static void store(cor_tensor *out, int64_t i, double value) {
    switch (cor__dtype(out)) {
    case COR_UINT8:
        ((uint8_t *)cor__data(out))[i] = (uint8_t)nearbyint(value);
        break;
    case COR_FLOAT32:
        ((float *)cor__data(out))[i] = (float)value;
        break;
    default:
        ((double *)cor__data(out))[i] = value;
    }
}

/* The value of a plane at a place: of the nearest pixel, or the weighted mean of the four around; 0 is all around. */
static double sample(const cor__picture *p, int64_t plane, double x, double y, bool bilinear) {
    if (!bilinear) x = nearbyint(x), y = nearbyint(y);
    if (!(x > -1 && y > -1 && x < (double)p->width && y < (double)p->height)) return 0;
    const int64_t left = (int64_t)floor(x), top = (int64_t)floor(y);
    const double right_part = x - (double)left, low_part = y - (double)top;
    double sum = 0;
    for (int64_t row = top; row <= top + bilinear; row++)
        for (int64_t column = left; column <= left + bilinear; column++) {
            if (row < 0 || column < 0 || row >= p->height || column >= p->width) continue;
            const double weight =
                (row == top ? 1 - low_part : low_part) * (column == left ? 1 - right_part : right_part);
            sum += weight * load(p, (plane * p->height + row) * p->width + column);
        }
    return sum;
}

static cor_tensor *warp(const cor__picture *p, const map *m, bool bilinear) {
    cor_tensor *out = cor__picture_like(p, p->height, p->width);
    const double middle_x = (double)(p->width - 1) / 2, middle_y = (double)(p->height - 1) / 2;
    for (int64_t row = 0; out != NULL && row < p->height; row++)
        for (int64_t column = 0; column < p->width; column++) {
            const double x = (double)column - middle_x, y = (double)row - middle_y;
            const double from_x = m->at[0] * x + m->at[1] * y + m->at[2] + middle_x;
            const double from_y = m->at[3] * x + m->at[4] * y + m->at[5] + middle_y;
            for (int64_t plane = 0; plane < p->planes; plane++)
                store(out, (plane * p->height + row) * p->width + column, sample(p, plane, from_x, from_y, bilinear));
        }
    return out;
}

/* ---- calls ------------------------------------------------------------------------------------------------------ */

static int look(cor_tensor *image, const char *name, cor__picture *p) {
    if (cor__picture_of(image, name, p) != COR_OK) return cor_error();
    const cor_dtype dtype = cor__dtype(p->t);
    if (dtype == COR_UINT8 || dtype == COR_FLOAT32 || dtype == COR_FLOAT64) return COR_OK;
    return cor__fail(COR_EDTYPE, "%s: a picture is uint8, float32 or float64, this one is %s", name,
                     cor_dtype_name(dtype));
}

static cor_tensor *apply(cor_tensor *image, const cor_affine_options *o, const char *name) {
    cor__picture p;
    cor_scope();
    if (!(o->scale > 0)) return cor__fail_null(COR_EVALUE, "Argument scale should be positive");
    if (!isfinite(o->angle) || !isfinite(o->scale) || !isfinite(o->translate[0]) || !isfinite(o->translate[1]) ||
        !isfinite(o->shear[0]) || !isfinite(o->shear[1]))
        return cor__fail_null(COR_EVALUE, "%s: an option is not finite", name);
    if (look(image, name, &p) != COR_OK) return NULL;
    const map m = inverse(o);
    return cor_keep(warp(&p, &m, o->bilinear));
}

cor_tensor *cor_affine_with(cor_tensor *image, const cor_affine_options *options) {
    cor_affine_options room;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "affine") != COR_OK) return NULL;
    return apply(image, cor_affine_options_or_defaults(options, &room), "affine");
}

static int check_random(double degrees, const cor_random_affine_options *o) {
    if (!(degrees >= 0)) return cor__fail(COR_EVALUE, "If degrees is a single number, it must be positive.");
    for (int i = 0; i < 2; i++) {
        if (!(o->translate[i] >= 0 && o->translate[i] <= 1))
            return cor__fail(COR_EVALUE, "translation values should be between 0 and 1");
        if (!(o->scale[i] > 0)) return cor__fail(COR_EVALUE, "scale values should be positive");
    }
    if (!(o->shear >= 0)) return cor__fail(COR_EVALUE, "If shear is a single number, it must be positive.");
    if (o->generator == NULL)
        return cor__fail(COR_EVALUE, "random_affine: the generator is NULL, a failed or missing generator");
    return COR_OK;
}

static double draw(cor_generator *generator, double from, double to) {
    float drawn = 0;
    (void)cor__random_uniform(generator, &drawn, 1, COR_FLOAT32, from, to);
    return (double)drawn;
}

/* In torchvision's order (RandomAffine.get_params). */
static void draw_options(double degrees, const cor_random_affine_options *o, const cor__picture *p,
                         cor_affine_options *drawn) {
    const double most_x = o->translate[0] * (double)p->width, most_y = o->translate[1] * (double)p->height;
    drawn->bilinear = o->bilinear;
    drawn->angle = draw(o->generator, -degrees, degrees);
    if (o->translate[0] > 0 || o->translate[1] > 0) {
        drawn->translate[0] = nearbyint(draw(o->generator, -most_x, most_x));
        drawn->translate[1] = nearbyint(draw(o->generator, -most_y, most_y));
    }
    if (o->scale[0] != 1 || o->scale[1] != 1) drawn->scale = draw(o->generator, o->scale[0], o->scale[1]);
    if (o->shear > 0) drawn->shear[0] = draw(o->generator, -o->shear, o->shear);
}

cor_tensor *cor_random_affine_with(cor_tensor *image, double degrees, const cor_random_affine_options *options) {
    cor_random_affine_options room;
    cor_affine_options drawn;
    cor__picture p;
    cor_scope();
    if (cor_error() != COR_OK || cor__check_options(options, sizeof room, "random_affine") != COR_OK) return NULL;
    const cor_random_affine_options *o = cor_random_affine_options_or_defaults(options, &room);
    if (check_random(degrees, o) != COR_OK || look(image, "random_affine", &p) != COR_OK) return NULL;
    cor_affine_options_init(&drawn);
    draw_options(degrees, o, &p, &drawn);
    return cor_error() != COR_OK ? NULL : cor_keep(apply(image, &drawn, "random_affine"));
}
