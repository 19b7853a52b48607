/* bench_print.c: the lines that corrie bench prints. */
#include "cli/bench.h"
#include <string.h>

/* A problem without the options that have columns of their own. */
static const char *printed(char text[COR__CONV_TEXT], const cor__conv_problem *problem) {
    cor__conv_problem plain = *problem;
    plain.dtype = COR_FLOAT32;
    return cor__conv_print(text, &plain);
}

void bench_print_head(bool checked) {
    printf("%-48s %-5s %-8s %-9s %12s %12s %9s %6s%s\n", "problem", "dir", "dtype", "by", "median us", "least us",
           "GFLOP/s", "peak", checked ? "  error in u sqrt(K): rms, most" : "");
}

static void print_errors(const bench_errors *e, bool floating) {
    if (floating) printf("  %.3f %.3f", e->rms, e->most);
    if (e->exact) printf("  exact");
    if (!e->within) printf("  WRONG");
    if (e->of_outputs < 1) printf("  (%.1f %% looked at)", 100 * e->of_outputs);
}

static void print_line(const bench_result *r) {
    char text[COR__CONV_TEXT];
    const cor__conv_problem *p = &r->row->problem;
    printf("%-48s %-5s %-8s %-9s %12.3f %12.3f %9.2f ", printed(text, p), bench_direction_name(r->row->direction),
           cor_dtype_name(p->dtype), r->implementation, 1e6 * r->timing.median, 1e6 * r->timing.least, r->gflops);
    if (r->peak > 0) printf("%4.0f %%", 100 * 1e9 * r->gflops / r->peak);
    else printf("%6s", "-");
    if (r->errors != NULL) print_errors(r->errors, cor_dtype_is_floating(p->dtype));
    putchar('\n');
}

static void print_object(json_t *object) {
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void add_errors(json_t *object, const bench_errors *e, bool floating) {
    json_object_set_new(object, "exact", json_boolean(e->exact));
    json_object_set_new(object, "within_bounds", json_boolean(e->within));
    json_object_set_new(object, "share_checked", json_real(e->of_outputs));
    if (!floating) return;
    /* A NaN has no text in JSON. */
    json_object_set_new(object, "rms_error", e->rms == e->rms ? json_real(e->rms) : json_null());
    json_object_set_new(object, "max_error", e->most == e->most ? json_real(e->most) : json_null());
}

/* The members that say which row it is. */
static json_t *described(const bench_row *row) {
    char text[COR__CONV_TEXT];
    return json_pack("{s:s, s:s, s:s}", "problem", printed(text, &row->problem), "direction",
                     bench_direction_name(row->direction), "dtype", cor_dtype_name(row->problem.dtype));
}

static void print_json_line(const bench_result *r) {
    json_t *object = described(r->row);
    json_object_set_new(object, "implementation", json_string(r->implementation));
    json_object_set_new(object, "threads", json_integer(cor_num_threads()));
    json_object_set_new(object, "median_us", json_real(1e6 * r->timing.median));
    json_object_set_new(object, "min_us", json_real(1e6 * r->timing.least));
    json_object_set_new(object, "gflops", json_real(r->gflops));
    if (r->peak > 0) {
        json_object_set_new(object, "peak_gflops", json_real(1e-9 * r->peak));
        json_object_set_new(object, "peak_share", json_real(1e9 * r->gflops / r->peak));
    }
    if (r->errors != NULL) add_errors(object, r->errors, cor_dtype_is_floating(r->row->problem.dtype));
    print_object(object);
}

void bench_print_row(bool json, const bench_row *row) {
    char text[COR__CONV_TEXT];
    if (json) print_object(described(row));
    else printf("--dir=%s %s\n", bench_direction_name(row->direction), cor__conv_print(text, &row->problem));
    fflush(stdout);
}

void bench_print(bool json, const bench_result *result) {
    if (json) print_json_line(result);
    else print_line(result);
    fflush(stdout);
}

void bench_print_error(bool json, const char *text) {
    cor_error_info error;
    cor_error_take(&error);
    fprintf(stderr, "corrie bench: %s: %s\n", text, error.text);
    if (json) print_object(json_pack("{s:s, s:s}", "problem", text, "error", error.text));
    fflush(stdout);
}
