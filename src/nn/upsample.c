/* upsample.c: Upsample, UpsamplingNearest2d and UpsamplingBilinear2d. */
#include "base/error.h"
#include "nn/layer.h"
#include "ops/op.h"
#include <string.h>

typedef struct upsample {
    cor_module base;
    cor_interpolate_options o;
} upsample;

static cor_tensor *upsample_forward(cor_module *m, cor_tensor *input) {
    return cor_interpolate_with(input, &((const upsample *)m)->o);
}

static void upsample_init(cor_module *m) {
    ((upsample *)m)->o = *(const cor_interpolate_options *)cor_module_arguments(m);
}

/* How many of the plural values were given: those before the first that stands for none. */
static int count_sizes(const int64_t *sizes) {
    int n = 0;
    while (n < 3 && sizes[n] != COR_UNSET && sizes[n] != 0) n++;
    return n;
}

static int count_factors(const double *factors) {
    int n = 0;
    while (n < 3 && factors[n] != 0) n++;
    return n;
}

static void show_factors(cor__text *text, const cor_interpolate_options *o) {
    const int n = count_factors(o->scale_factors);
    cor__text_append(text, "scale_factor=");
    if (n == 0) cor__text_double(text, o->scale_factor);
    for (int i = 0; i < n; i++) {
        cor__text_append(text, i == 0 ? "(" : ", ");
        cor__text_double(text, o->scale_factors[i]);
    }
    if (n > 0) cor__text_append(text, n == 1 ? ",)" : ")");
}

static int upsample_extra(cor_module *m, char *buffer, size_t n) {
    static const char *const modes[] = {[COR_NEAREST] = "nearest",
                                        [COR_NEAREST_EXACT] = "nearest-exact",
                                        [COR_LINEAR] = "linear",
                                        [COR_BILINEAR] = "bilinear",
                                        [COR_TRILINEAR] = "trilinear"};
    const cor_interpolate_options *o = &((const upsample *)m)->o;
    const int sizes = count_sizes(o->sizes);
    cor__text text = {0};
    if (o->scale_factor != 0 || o->scale_factors[0] != 0) {
        show_factors(&text, o);
    } else {
        cor__text_append(&text, "size=");
        cor__extra_sizes(&text, sizes > 0 ? o->sizes : &o->size, sizes > 0 ? sizes : 1, sizes > 0);
    }
    cor__text_format(&text, ", mode='%s'", modes[o->mode]);
    return cor__extra_end(&text, buffer, n);
}

static cor_module *upsample_new(const char *name, const cor_interpolate_options *options, bool bilinear) {
    cor_interpolate_options o;
    if (cor_error() != COR_OK || cor__check_options(options, sizeof o, name) != COR_OK) return NULL;
    cor_interpolate_options_init(&o);
    if (options != NULL) o = *options;
    if ((unsigned)o.mode > COR_TRILINEAR) return cor__fail_null(COR_EVALUE, "Upsample: %d is no mode", (int)o.mode);
    if (strcmp(name, "Upsample") != 0) o.mode = bilinear ? COR_BILINEAR : COR_NEAREST;
    if (bilinear) o.align_corners = true;
    return cor__layer_new(sizeof(upsample), name, upsample_forward, upsample_init, &o, upsample_extra);
}

cor_module *cor_nn_upsample_with(const cor_interpolate_options *options) {
    return upsample_new("Upsample", options, false);
}
cor_module *cor_nn_upsampling_nearest2d_with(const cor_interpolate_options *options) {
    return upsample_new("UpsamplingNearest2d", options, false);
}
cor_module *cor_nn_upsampling_bilinear2d_with(const cor_interpolate_options *options) {
    return upsample_new("UpsamplingBilinear2d", options, true);
}
