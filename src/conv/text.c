/* text.c: a problem in benchdnn's notation. */
#include "base/text.h"
#include "base/error.h"
#include "base/sizes.h"
#include "conv/problem.h"
#include <stdlib.h>
#include <string.h>

enum { AXES = COR__CONV_AXES };

/* benchdnn's names of types; s16, s64 and boolean are ours. */
static const char *const dtype_names[] = {
    [COR_BOOL] = "boolean", [COR_UINT8] = "u8",   [COR_INT8] = "s8",     [COR_INT16] = "s16",
    [COR_INT32] = "s32",    [COR_INT64] = "s64",  [COR_FLOAT16] = "f16", [COR_BFLOAT16] = "bf16",
    [COR_FLOAT32] = "f32",  [COR_FLOAT64] = "f64"};

/* The activations as post-ops. */
static const char *const activation_names[] = {[COR_ACTIVATION_NONE] = "",
                                               [COR_ACTIVATION_RELU] = "relu",
                                               [COR_ACTIVATION_RELU6] = "clip:0:6",
                                               [COR_ACTIVATION_SILU] = "swish"};
enum { ACTIVATIONS = sizeof activation_names / sizeof activation_names[0] };

/* ---- printing --------------------------------------------------------------------------------------------------- */

static bool all_equal(const int64_t values[AXES], int first) {
    for (int axis = first; axis < AXES; axis++)
        if (values[axis] != values[first]) return false;
    return true;
}

static bool all_are(const int64_t values[AXES], int64_t value) { return values[0] == value && all_equal(values, 0); }

static void append(char *buffer, const char *key, int64_t value) {
    size_t length = strlen(buffer);
    cor__format(buffer + length, COR__CONV_TEXT - length, "%s%lld", key, (long long)value);
}

/* Appends "<letter>d<value>" and so on for the axes [first, last]. */
static void append_axes(char *buffer, char letter, const int64_t values[AXES], int first, int last, int64_t less) {
    for (int axis = first; axis <= last; axis++) {
        const char key[] = {letter, "dhw"[axis], '\0'};
        append(buffer, key, values[axis] - less);
    }
}

static void append_epilogue(char *buffer, const cor__conv_post *p) {
    const char *sum = p->residual ? "sum" : "", *activation = activation_names[p->activation];
    const char *both = p->residual && activation[0] != '\0' ? "+" : "";
    if (p->scaled) cor__format(buffer + strlen(buffer), 64, "--attr-scales=wei:per_oc ");
    if (!p->residual && activation[0] == '\0') return;
    cor__format(buffer + strlen(buffer), 64, "--attr-post-ops=%s%s%s ", sum, both, activation);
}

const char *cor__conv_print(char buffer[COR__CONV_TEXT], const cor__conv_problem *p) {
    const int first = AXES - p->spatial;
    const bool square = all_equal(p->input, first) && all_equal(p->output, first) && all_equal(p->kernel, first) &&
                        all_equal(p->stride, first) && all_equal(p->padding, first) && all_equal(p->dilation, first);
    const int last = square ? first : AXES - 1;
    const char *dtype = dtype_names[p->dtype];
    cor__format(buffer, COR__CONV_TEXT, "%s", p->transposed ? "--deconv " : "");
    if (p->dtype != COR_FLOAT32) cor__format(buffer + strlen(buffer), 32, "--dt=%s ", dtype);
    if (p->bias) cor__format(buffer + strlen(buffer), 32, "--bia-dt=%s ", dtype);
    append_epilogue(buffer, &p->epilogue);
    if (p->groups != 1) append(buffer, "g", p->groups);
    append(buffer, "mb", p->n);
    append(buffer, "ic", p->c);
    append_axes(buffer, 'i', p->input, first, last, 0);
    append(buffer, "oc", p->o);
    append_axes(buffer, 'o', p->output, first, last, 0);
    append_axes(buffer, 'k', p->kernel, first, last, 0);
    if (!all_are(p->stride, 1)) append_axes(buffer, 's', p->stride, first, last, 0);
    append_axes(buffer, 'p', p->padding, first, last, 0);
    if (!all_are(p->dilation, 1)) append_axes(buffer, 'd', p->dilation, first, last, 1);
    return buffer;
}

/* ---- parsing ---------------------------------------------------------------------------------------------------- */

/* What a descriptor says; 0, or -1 for the padding, where it says nothing. */
typedef struct fields {
    int64_t g, mb, ic, oc;
    int64_t i[AXES], o[AXES], k[AXES], s[AXES], p[AXES], d[AXES];
} fields;

/* The field that a key at the start of the text names, NULL if none does; *length is the key's. */
static int64_t *find_field(fields *f, const char *text, size_t *length) {
    *length = 2;
    if (strncmp(text, "mb", 2) == 0) return &f->mb;
    if (strncmp(text, "ic", 2) == 0) return &f->ic;
    if (strncmp(text, "oc", 2) == 0) return &f->oc;
    if (*text == 'g') {
        *length = 1;
        return &f->g;
    }
    int axis = 0;
    while (axis < AXES && (text[0] == '\0' || text[1] != "dhw"[axis])) axis++;
    if (axis == AXES) return NULL;
    switch (text[0]) {
    case 'i':
        return &f->i[axis];
    case 'o':
        return &f->o[axis];
    case 'k':
        return &f->k[axis];
    case 's':
        return &f->s[axis];
    case 'p':
        return &f->p[axis];
    case 'd':
        return &f->d[axis];
    default:
        return NULL;
    }
}

static int read_fields(const char *text, fields *f) {
    for (const char *at = text; *at != '\0' && *at != 'n';) { /* n begins a name */
        if (*at == '_') {
            at++;
            continue;
        }
        size_t length;
        char *end = NULL;
        int64_t *field = find_field(f, at, &length);
        if (field != NULL && at[length] >= '0' && at[length] <= '9') *field = strtoll(at + length, &end, 10);
        if (end == NULL)
            return cor__fail(COR_EFORMAT, "\"%s\" is no convolution: a field was expected at \"%s\"", text, at);
        if (*field > INT32_MAX) return cor__fail(COR_ELIMIT, "\"%s\" has a field that is too large", text);
        at = end;
    }
    return COR_OK;
}

/* The padding that makes the output size come out, half of what is missing on each side. */
static int64_t derived_padding(bool transposed, const fields *f, int axis) {
    const int64_t extent = (f->k[axis] - 1) * (f->d[axis] + 1) + 1;
    const int64_t from = transposed ? f->i[axis] : f->o[axis], to = transposed ? f->o[axis] : f->i[axis];
    return cor__max(((from - 1) * f->s[axis] - to + extent) / 2, 0);
}

/* Derives what one axis leaves out. */
static int complete_axis(const char *text, bool transposed, fields *f, int axis) {
    if (f->i[axis] <= 0 || f->k[axis] <= 0 || f->s[axis] <= 0)
        return cor__fail(COR_EFORMAT, "\"%s\" is no convolution: i%c, k%c and s%c must be positive", text, "dhw"[axis],
                         "dhw"[axis], "dhw"[axis]);
    if (f->o[axis] == 0) {
        f->p[axis] = cor__max(f->p[axis], 0);
        f->o[axis] = cor__conv_output_size(transposed, f->i[axis], f->k[axis], f->s[axis], f->p[axis], f->p[axis],
                                           f->d[axis] + 1, 0);
        if (f->o[axis] <= 0)
            return cor__fail(COR_EFORMAT, "\"%s\" is no convolution: o%c comes out below 1", text, "dhw"[axis]);
    } else if (f->p[axis] < 0) {
        f->p[axis] = derived_padding(transposed, f, axis);
    }
    return COR_OK;
}

static void copy_axis(fields *f, int from, int to) {
    int64_t *const all[] = {f->i, f->o, f->k, f->s, f->p, f->d};
    for (int field = 0; field < 6; field++) all[field][to] = all[field][from];
}

/* Derives what the descriptor leaves out; *spatial is the number of axes. */
static int complete(const char *text, bool transposed, fields *f, int *spatial) {
    bool present[AXES];
    for (int axis = 0; axis < AXES; axis++) {
        present[axis] = f->i[axis] != 0 || f->k[axis] != 0 || f->o[axis] != 0 || f->d[axis] != 0 || f->s[axis] != 1 ||
                        f->p[axis] > 0;
        int status = present[axis] ? complete_axis(text, transposed, f, axis) : COR_OK;
        if (status != COR_OK) return status;
    }
    *spatial = present[0] ? 3 : present[1] ? 2 : present[2] ? 1 : 0;
    if (*spatial == 0 || (*spatial == 3 && present[1] != present[2]))
        return cor__fail(COR_EFORMAT, "\"%s\" is no convolution: a spatial dimension is missing", text);
    const int first = AXES - *spatial;
    for (int axis = first + 1; axis < AXES; axis++)
        if (!present[axis]) copy_axis(f, first, axis);
    for (int axis = 0; axis < first; axis++) {
        f->i[axis] = f->o[axis] = f->k[axis] = f->s[axis] = 1;
        f->p[axis] = f->d[axis] = 0;
    }
    return COR_OK;
}

/* The dtype whose own name these characters are. */
static cor_dtype one_dtype_named(const char *name, size_t length) {
    for (int dtype = COR_BOOL; dtype <= COR_FLOAT64; dtype++)
        if (strlen(dtype_names[dtype]) == length && strncmp(name, dtype_names[dtype], length) == 0)
            return (cor_dtype)dtype;
    return COR_DTYPE_UNSET;
}

cor_dtype cor__conv_dtype_named(const char *name, size_t length) {
    const cor_dtype dtype = one_dtype_named(name, length);
    if (dtype != COR_DTYPE_UNSET) return dtype;
    const size_t part = length / 3, colon = length % 3 == 2; /* three parts, two colons or none */
    if (length % 3 == 1 || part == 0) return COR_DTYPE_UNSET;
    for (int i = 1; i < 3; i++) {
        const char *at = name + (size_t)i * (part + colon);
        if (strncmp(name, at, part) != 0 || (colon != 0 && at[-1] != ':')) return COR_DTYPE_UNSET;
    }
    return one_dtype_named(name, part);
}

bool cor__conv_read_post_ops(const char *value, size_t length, cor__conv_post *parts) {
    const bool residual = length >= 3 && strncmp(value, "sum", 3) == 0 && (length == 3 || value[3] == '+');
    const size_t skipped = !residual ? 0 : length == 3 ? 3 : 4;
    const char *const name = value + skipped;
    const size_t left = length - skipped;
    if (skipped == 4 && left == 0) return false;
    for (int i = 0; i < ACTIVATIONS; i++) {
        if (strlen(activation_names[i]) != left || strncmp(name, activation_names[i], left) != 0) continue;
        parts->residual = residual;
        parts->activation = (cor_activation)i;
        return true;
    }
    return false;
}

bool cor__conv_read_scales(const char *value, size_t length, cor__conv_post *parts) {
    parts->scaled = length == 10 && strncmp(value, "wei:per_oc", 10) == 0;
    return parts->scaled || length == 0;
}

/* Reads the options before the descriptor; *text is moved behind them. */
static int read_options(const char **text, cor__conv_problem *problem) {
    while (strncmp(*text, "--", 2) == 0) {
        const size_t length = strcspn(*text, " ");
        bool known = length == 8 && strncmp(*text, "--deconv", 8) == 0;
        if (known) problem->transposed = true;
        if (strncmp(*text, "--dt=", 5) == 0) {
            problem->dtype = cor__conv_dtype_named(*text + 5, length - 5);
            known = problem->dtype != COR_DTYPE_UNSET;
        }
        if (strncmp(*text, "--bia-dt=", 9) == 0) known = problem->bias = true;
        if (strncmp(*text, "--attr-post-ops=", 16) == 0)
            known = cor__conv_read_post_ops(*text + 16, length - 16, &problem->epilogue);
        if (strncmp(*text, "--attr-scales=", 14) == 0)
            known = cor__conv_read_scales(*text + 14, length - 14, &problem->epilogue);
        if (!known) return cor__fail(COR_EFORMAT, "unknown option at \"%s\"", *text);
        *text += length;
        *text += strspn(*text, " ");
    }
    return COR_OK;
}

int cor__conv_parse(const char *text, cor__conv_problem *problem) {
    cor__conv_problem made = {.dtype = COR_FLOAT32};
    fields f = {.g = 1, .mb = 2, .s = {1, 1, 1}, .p = {-1, -1, -1}};
    int status = read_options(&text, &made);
    if (status == COR_OK) status = read_fields(text, &f);
    if (status == COR_OK && (f.g <= 0 || f.ic <= 0 || f.oc <= 0))
        status = cor__fail(COR_EFORMAT, "\"%s\" is no convolution: g, ic and oc must be positive", text);
    if (status == COR_OK) status = complete(text, made.transposed, &f, &made.spatial);
    if (status != COR_OK) return status;
    made.groups = f.g;
    made.n = f.mb;
    made.c = f.ic;
    made.o = f.oc;
    for (int axis = 0; axis < AXES; axis++) {
        made.input[axis] = f.i[axis];
        made.output[axis] = f.o[axis];
        made.kernel[axis] = f.k[axis];
        made.stride[axis] = f.s[axis];
        made.padding[axis] = f.p[axis];
        made.dilation[axis] = f.d[axis] + 1;
    }
    status = cor__conv_problem_check(&made);
    if (status != COR_OK) return status;
    cor__conv_problem_contiguous(&made);
    *problem = made;
    return COR_OK;
}
