/* print.c: the text of tensors, as PyTorch's repr writes it. The number format is chosen once a tensor, from the
 * elements that will be shown; only those are ever read. */
#include "base/error.h"
#include "base/memory.h"
#include "base/sizes.h"
#include "base/text.h"
#include "ops/op.h"
#include <math.h>
#include <pthread.h>
#include <string.h>

COR__DEFINE_OPTIONS(cor_print_options, COR_PRINT_OPTIONS)

enum { MAX_PRECISION = 1000, ELEMENT_TEXT = MAX_PRECISION + 400 }; /* the largest double has 309 digits */

static const char PREFIX[] = "tensor(";
enum { INDENT = sizeof PREFIX - 1 };

/* ---- the options of the process --------------------------------------------------------------------------------- */

static pthread_mutex_t options_lock = PTHREAD_MUTEX_INITIALIZER;
static cor_print_options options_now;
static bool options_set;

static cor_print_options current_options(void) {
    pthread_mutex_lock(&options_lock);
    if (!options_set) cor_print_options_init(&options_now);
    options_set = true;
    cor_print_options copy = options_now;
    pthread_mutex_unlock(&options_lock);
    return copy;
}

static int check_range(const char *name, int64_t value, int64_t high) {
    if (value >= 0 && value <= high) return COR_OK;
    return cor__fail(COR_EVALUE, "print options: %s must be from 0 to %lld, got %lld", name, (long long)high,
                     (long long)value);
}

static int check_options(const cor_print_options *o) {
    if (cor__check_options(o, sizeof *o, "print options") != COR_OK) return cor_error();
    if (check_range("precision", o->precision, MAX_PRECISION) != COR_OK) return cor_error();
    if (check_range("edgeitems", o->edgeitems, INT32_MAX) != COR_OK) return cor_error();
    if (check_range("linewidth", o->linewidth, INT32_MAX) != COR_OK) return cor_error();
    return o->sci_mode == COR_UNSET ? COR_OK : check_range("sci_mode", o->sci_mode, 1);
}

int cor_set_print_options_with(const cor_print_options *options) {
    cor_print_options room;
    if (cor_error() != COR_OK) return cor_error();
    if (options != NULL && check_options(options) != COR_OK) return cor_error();
    options = cor_print_options_or_defaults(options, &room);
    pthread_mutex_lock(&options_lock);
    options_now = *options;
    options_set = true;
    pthread_mutex_unlock(&options_lock);
    return COR_OK;
}

/* ---- one element ------------------------------------------------------------------------------------------------ */

typedef struct printer {
    const cor_tensor *t;
    cor_print_options options;
    cor__text text;
    bool summarise;
    /* The number format. */
    bool whole;               /* every finite element is an integer: "3." */
    bool scientific;          /* "1.0000e-05" */
    int64_t width;            /* what elements are padded to */
    double smallest, largest; /* magnitudes of the finite elements that are not zero; largest is 0 if there are none */
} printer;

static void format_real(const printer *p, double value, char text[ELEMENT_TEXT]) {
    int precision = (int)p->options.precision;
    if (isnan(value)) cor__format(text, ELEMENT_TEXT, "nan");
    else if (isinf(value)) cor__format(text, ELEMENT_TEXT, value < 0 ? "-inf" : "inf");
    else if (p->scientific) cor__format(text, ELEMENT_TEXT, "%.*e", precision, value);
    else if (p->whole) cor__format(text, ELEMENT_TEXT, "%.0f.", value);
    else cor__format(text, ELEMENT_TEXT, "%.*f", precision, value);
}

static void format_element(const printer *p, const void *element, char text[ELEMENT_TEXT]) {
    cor_dtype dtype = p->t->dtype;
    if (cor_dtype_is_floating(dtype)) format_real(p, cor__load_double(element, dtype), text);
    else if (dtype == COR_BOOL) cor__format(text, ELEMENT_TEXT, cor__load_int(element, dtype) ? "True" : "False");
    else cor__format(text, ELEMENT_TEXT, "%lld", (long long)cor__load_int(element, dtype));
}

static void append_element(printer *p, const void *element) {
    char text[ELEMENT_TEXT];
    format_element(p, element, text);
    cor__text_repeat(&p->text, ' ', p->width - (int64_t)strlen(text));
    cor__text_append(&p->text, text);
}

/* ---- which elements are shown ----------------------------------------------------------------------------------- */

static bool is_elided(const printer *p, int dim) { return p->summarise && p->t->sizes[dim] > 2 * p->options.edgeitems; }

/* How many places a dimension takes: one for each index, or those at its two edges with an ellipsis between. */
static int64_t places(const printer *p, int dim) {
    return is_elided(p, dim) ? 2 * p->options.edgeitems + 1 : p->t->sizes[dim];
}

/* What stands at a place of a dimension, where `start` is its index 0; NULL for the ellipsis. */
static const char *at_place(const printer *p, int dim, int64_t place, const char *start) {
    if (is_elided(p, dim)) {
        if (place == p->options.edgeitems) return NULL;
        if (place > p->options.edgeitems) place += p->t->sizes[dim] - places(p, dim);
    }
    return start + place * p->t->strides[dim] * cor_dtype_size(p->t->dtype);
}

static void visit(printer *p, int dim, const char *start, void (*see)(printer *p, const void *element)) {
    if (dim == p->t->ndim) {
        see(p, start);
        return;
    }
    for (int64_t place = 0; place < places(p, dim); place++) {
        const char *part = at_place(p, dim, place, start);
        if (part != NULL) visit(p, dim + 1, part, see);
    }
}

/* ---- choosing the number format --------------------------------------------------------------------------------- */

static bool counts(double value) { return isfinite(value) && value != 0; }

static void see_magnitude(printer *p, const void *element) {
    double value = cor__load_double(element, p->t->dtype), magnitude = fabs(value);
    if (!counts(value)) return;
    if (p->largest == 0 || magnitude < p->smallest) p->smallest = magnitude;
    if (magnitude > p->largest) p->largest = magnitude;
    if (value != ceil(value)) p->whole = false;
}

/* Zeros and what is not finite take no part in the width of a floating tensor, and may stick out of it. */
static void see_width(printer *p, const void *element) {
    char text[ELEMENT_TEXT];
    if (cor_dtype_is_floating(p->t->dtype) && !counts(cor__load_double(element, p->t->dtype))) return;
    format_element(p, element, text);
    p->width = cor__max(p->width, (int64_t)strlen(text));
}

static void choose_format(printer *p) {
    const char *data = cor__data(p->t);
    p->whole = true;
    p->width = 1;
    if (cor_dtype_is_floating(p->t->dtype)) {
        visit(p, 0, data, see_magnitude);
        if (p->largest == 0) return;
        p->scientific = p->largest / p->smallest > 1000 || p->largest > 1e8 || p->smallest < 1e-4;
        if (p->options.sci_mode != COR_UNSET) p->scientific = p->options.sci_mode != 0;
    }
    visit(p, 0, data, see_width);
}

/* ---- the body --------------------------------------------------------------------------------------------------- */

static void append_break(printer *p, int64_t newlines, int64_t indent) {
    cor__text_append(&p->text, ",");
    cor__text_repeat(&p->text, '\n', newlines);
    cor__text_repeat(&p->text, ' ', indent);
}

static void append_row(printer *p, int dim, const char *start) {
    int64_t indent = INDENT + dim, per_line = cor__max(1, (p->options.linewidth - indent) / (p->width + 2));
    for (int64_t place = 0; place < places(p, dim); place++) {
        const char *element = at_place(p, dim, place, start);
        if (place > 0 && place % per_line == 0) append_break(p, 1, indent + 1);
        else if (place > 0) cor__text_append(&p->text, ", ");
        if (element != NULL) append_element(p, element);
        else cor__text_append(&p->text, place == 0 ? "..." : " ...");
    }
}

static void append_body(printer *p, int dim, const char *start) {
    int below = p->t->ndim - 1 - dim;
    if (below < 0) {
        append_element(p, start);
        return;
    }
    cor__text_append(&p->text, "[");
    if (below == 0) append_row(p, dim, start);
    for (int64_t place = 0; below > 0 && place < places(p, dim); place++) {
        const char *part = at_place(p, dim, place, start);
        if (place > 0) append_break(p, below, INDENT + dim + 1);
        if (part != NULL) append_body(p, dim + 1, part);
        else cor__text_append(&p->text, "...");
    }
    cor__text_append(&p->text, "]");
}

/* ---- what follows the body -------------------------------------------------------------------------------------- */

/* Appends ", suffix", on a new line where it does not fit. *line is PyTorch's measure of the last line, which is two
 * more than its length until the first break. */
static void append_suffix(printer *p, int64_t *line, const char *suffix) {
    int64_t length = (int64_t)strlen(suffix);
    if (*line + length + 2 > p->options.linewidth) {
        append_break(p, 1, INDENT);
        *line = INDENT + length;
    } else {
        cor__text_append(&p->text, ", ");
        *line += length + 2;
    }
    cor__text_append(&p->text, suffix);
}

static bool shows_dtype(const cor_tensor *t) {
    if (t->dtype == COR_FLOAT32) return false;
    return t->numel == 0 || (t->dtype != COR_INT64 && t->dtype != COR_BOOL);
}

/* A view made and then changed while nothing was recorded: what made its contents is not known. */
static bool has_invalid_history(const cor_tensor *t) {
    return (t->flags & COR__VIEW_NO_GRAD) && cor__requires_grad(t->base) &&
           t->base_version != atomic_load(&t->storage->version);
}

static void append_size(printer *p, int64_t *line) {
    cor__text suffix = {0};
    cor__text_append(&suffix, "size=");
    cor__text_tuple(&suffix, p->t->sizes, p->t->ndim);
    if (!suffix.failed) append_suffix(p, line, suffix.data);
    cor__text_free(&suffix);
}

static void append_suffixes(printer *p) {
    const cor_tensor *t = p->t;
    char suffix[COR_ERROR_NAME];
    const char *newline = p->text.data == NULL ? NULL : strrchr(p->text.data, '\n');
    int64_t line = (int64_t)p->text.length + 2;
    if (newline != NULL) line -= newline + 1 - p->text.data;
    if (t->numel == 0 ? t->ndim != 1 : p->options.edgeitems == 0) append_size(p, &line);
    if (shows_dtype(t)) {
        cor__format(suffix, sizeof suffix, "dtype=torch.%s", cor_dtype_name(t->dtype));
        append_suffix(p, &line, suffix);
    }
    const char *grad_fn = has_invalid_history(t) ? "Invalid" : cor_grad_fn(t);
    if (grad_fn != NULL) {
        cor__format(suffix, sizeof suffix, "grad_fn=<%s>", grad_fn);
        append_suffix(p, &line, suffix);
    } else if (cor_requires_grad(t)) {
        append_suffix(p, &line, "requires_grad=True");
    }
    cor__text_append(&p->text, ")");
}

/* ---- the public functions --------------------------------------------------------------------------------------- */

static bool given(const cor_tensor *t, const char *name) {
    if (cor_error() != COR_OK) return false;
    if (t != NULL && t != COR_NONE) return true;
    cor__fail(COR_EVALUE, "%s: the tensor is %s", name, t == NULL ? "NULL, a failed or missing tensor" : "COR_NONE");
    return false;
}

/* The text of t in *text, which the caller frees whatever the code is. */
static int write_tensor(const cor_tensor *t, const cor_print_options *options, cor__text *text) {
    printer p = {.t = t, .options = *options, .summarise = t->numel > options->threshold};
    if (cor__is_parameter(t)) cor__text_append(&p.text, "Parameter containing:\n");
    cor__text_append(&p.text, PREFIX);
    if (t->numel == 0) {
        cor__text_append(&p.text, "[]");
    } else {
        choose_format(&p);
        append_body(&p, 0, cor__data(t));
    }
    append_suffixes(&p);
    *text = p.text;
    return cor_error();
}

char *cor_repr(const cor_tensor *t, const cor_print_options *options) {
    cor__text text = {0};
    if (!given(t, "repr") || (options != NULL && check_options(options) != COR_OK)) return NULL;
    cor_print_options chosen = options != NULL ? *options : current_options();
    int code = write_tensor(t, &chosen, &text);
    char *copy = code == COR_OK ? cor__copy_text(text.data, "the text of a tensor") : NULL;
    cor__text_free(&text);
    return copy;
}

void cor_free_text(char *text) { cor__free_text(text); }

/* A beginner's program must not end in silence: what cannot be printed is told on stderr. */
static int report(void) {
    int code = cor_error();
    cor_report();
    return code;
}

/* Writes the text and a newline to stdout, and frees it. */
static int print_line(cor__text *text) {
    cor__text_append(text, "\n");
    int code = text->failed || cor_error() != COR_OK ? report() : cor__write_out(text->data, text->length);
    cor__text_free(text);
    return code;
}

int cor_print(const cor_tensor *t) {
    if (t != NULL && cor_error() != COR_OK) return cor_error();
    if (!given(t, "print")) return report();
    cor_print_options options = current_options();
    cor__text text = {0};
    (void)write_tensor(t, &options, &text);
    return print_line(&text);
}

int cor_print_shape(const cor_tensor *t) {
    if (t != NULL && cor_error() != COR_OK) return cor_error();
    if (!given(t, "print_shape")) return report();
    cor__text text = {0};
    cor__text_append(&text, "torch.Size(");
    cor__text_sizes(&text, t->sizes, t->ndim);
    cor__text_append(&text, ")");
    return print_line(&text);
}
