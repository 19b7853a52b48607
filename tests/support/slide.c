/* slide.c: a golden record of conv.txt as a call of the library. */
#include "support/slide.h"
#include "support/tensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct call {
    const char *name; /* without "_mode" */
    const char *options;
    int spatial;
    cor_tensor *input, *weight, *bias;
    cor_tensor *out[2];
} call;

/* Whether the words are those of the library that computes some of PyTorch's convolutions. */
static bool names_back_end(const char *text) {
    return strstr(text, "MKLDNN") != NULL || strstr(text, "ONEDNN") != NULL ||
           strcmp(text, "dimensions are invalid") == 0;
}

static bool starts(const char *text, const char *with) { return strncmp(text, with, strlen(with)) == 0; }

static bool is_listed(const char *name, const char *const *names) {
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0) return true;
    return false;
}

static cor_tensor *operand(const golden_record *record, const char *key) {
    const char *value = golden_get(record, key);
    return value == NULL || golden_is_none(value) ? COR_NONE : tensor_from_text(value);
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

/* A list of one value is the singular option, a longer one the plural. False if C cannot say it. */
static bool read_option(const call *c, const char *name, int64_t *one, cor_triple many) {
    golden_pair pair;
    int64_t values[GOLDEN_DIMS];
    if (!golden_option(c->options, name, &pair) || strcmp(pair.value, "none") == 0) return true;
    const int n = golden_option_ints(c->options, name, values);
    if (strchr("-0123456789[", pair.value[0]) == NULL) return false; /* the name of a mode */
    if (n != 1 && n != c->spatial) return false;
    if (n == 1) *one = values[0];
    else memcpy(many, values, sizeof *values * (size_t)n);
    return true;
}

static bool same_padding(const call *c, bool *same) {
    golden_pair pair;
    if (!golden_option(c->options, "padding", &pair)) return false;
    *same = strcmp(pair.value, "same") == 0;
    return *same || strcmp(pair.value, "valid") == 0;
}

/* ---- convolutions ----------------------------------------------------------------------------------------------- */

#define OF_DIMENSIONS(function, c, ...)                                                                                \
    ((c)->spatial == 1   ? cor_##function##1d_with(__VA_ARGS__)                                                        \
     : (c)->spatial == 2 ? cor_##function##2d_with(__VA_ARGS__)                                                        \
                         : cor_##function##3d_with(__VA_ARGS__))

static bool run_transposed(call *c) {
    cor_conv_transpose_options o;
    cor_conv_transpose_options_init(&o);
    o.bias = c->bias;
    o.groups = golden_option_int(c->options, "groups", 1);
    if (!read_option(c, "stride", &o.stride, o.strides) || !read_option(c, "padding", &o.padding, o.paddings) ||
        !read_option(c, "output_padding", &o.output_padding, o.output_paddings) ||
        !read_option(c, "dilation", &o.dilation, o.dilations))
        return false;
    c->out[0] = OF_DIMENSIONS(conv_transpose, c, c->input, c->weight, &o);
    return true;
}

/* What nn.ConvNd does with a padding mode: pad the input, last dimension first, then convolve without padding. */
static void pad_first(call *c, cor_pad_mode mode, cor_conv_options *o) {
    cor_dims pads = {.n = 2 * c->spatial};
    for (int i = 0; i < c->spatial; i++) {
        const int64_t dilation = o->dilations[0] == COR_UNSET ? o->dilation : o->dilations[i];
        const int64_t padding = o->paddings[0] == COR_UNSET ? o->padding : o->paddings[i];
        const int64_t total = o->same ? dilation * (cor_size(c->weight, 2 + i) - 1) : 2 * padding;
        pads.at[2 * (c->spatial - 1 - i)] = total / 2;
        pads.at[2 * (c->spatial - 1 - i) + 1] = total - total / 2;
    }
    cor_pad_options options;
    cor_pad_options_init(&options);
    options.mode = mode;
    c->input = cor_pad_with(c->input, pads, &options);
    o->same = false;
    o->padding = 0;
    o->paddings[0] = COR_UNSET;
}

static bool read_mode(const call *c, const char *key, cor_pad_mode *mode) {
    static const char *const names[] = {"constant", "reflect", "replicate", "circular"};
    golden_pair pair;
    *mode = COR_PAD_CONSTANT;
    if (!golden_option(c->options, key, &pair) || strcmp(pair.value, "zeros") == 0) return true;
    for (int i = 0; i < 4; i++)
        if (strcmp(pair.value, names[i]) == 0) return *mode = (cor_pad_mode)i, true;
    return false;
}

static bool run_conv(call *c) {
    cor_conv_options o;
    cor_pad_mode mode;
    cor_conv_options_init(&o);
    o.bias = c->bias;
    o.groups = golden_option_int(c->options, "groups", 1);
    if (!same_padding(c, &o.same) && !read_option(c, "padding", &o.padding, o.paddings)) return false;
    if (!read_option(c, "stride", &o.stride, o.strides) || !read_option(c, "dilation", &o.dilation, o.dilations))
        return false;
    if (!read_mode(c, "padding_mode", &mode)) return false;
    if (mode != COR_PAD_CONSTANT) pad_first(c, mode, &o);
    c->out[0] = OF_DIMENSIONS(conv, c, c->input, c->weight, &o);
    return true;
}

/* ---- pools and pad ---------------------------------------------------------------------------------------------- */

static bool run_max_pool(call *c, cor_tensor **indices) {
    cor_max_pool_options o;
    int64_t kernel = 0;
    cor_max_pool_options_init(&o);
    o.ceil_mode = golden_option_bool(c->options, "ceil_mode", false);
    o.indices = indices;
    if (!read_option(c, "kernel_size", &kernel, o.kernels) || !read_option(c, "stride", &o.stride, o.strides) ||
        !read_option(c, "padding", &o.padding, o.paddings) || !read_option(c, "dilation", &o.dilation, o.dilations))
        return false;
    c->out[0] = OF_DIMENSIONS(max_pool, c, c->input, kernel, &o);
    return true;
}

static bool run_avg_pool(call *c) {
    cor_avg_pool_options o;
    int64_t kernel = 0;
    cor_avg_pool_options_init(&o);
    o.ceil_mode = golden_option_bool(c->options, "ceil_mode", false);
    o.count_include_pad = golden_option_bool(c->options, "count_include_pad", true);
    o.divisor_override = golden_option_int(c->options, "divisor_override", COR_UNSET);
    if (!read_option(c, "kernel_size", &kernel, o.kernels) || !read_option(c, "stride", &o.stride, o.strides) ||
        !read_option(c, "padding", &o.padding, o.paddings))
        return false;
    c->out[0] = OF_DIMENSIONS(avg_pool, c, c->input, kernel, &o);
    return true;
}

static bool run_adaptive(call *c, cor_tensor **indices) {
    cor_adaptive_pool_options o;
    cor_adaptive_pool_options_init(&o);
    o.indices = indices;
    if (!read_option(c, "output_size", &o.size, o.sizes)) return false;
    c->out[0] = starts(c->name, "adaptive_max") ? OF_DIMENSIONS(adaptive_max_pool, c, c->input, &o)
                                                : OF_DIMENSIONS(adaptive_avg_pool, c, c->input, &o);
    return true;
}

static bool run_pad(call *c) {
    cor_pad_options o;
    cor_dims pads = {.n = 0};
    cor_pad_options_init(&o);
    o.value = golden_option_double(c->options, "value", 0);
    if (!read_mode(c, "mode", &o.mode)) return false;
    pads.n = golden_option_ints(c->options, "pad", pads.at);
    c->out[0] = cor_pad_with(c->input, pads, &o);
    return true;
}

/* Calls the function; with `indices` the pools that have them give them too. False if C cannot say the call. */
static bool run(call *c, bool indices) {
    c->out[0] = c->out[1] = NULL;
    if (starts(c->name, "conv_transpose")) return run_transposed(c);
    if (starts(c->name, "conv")) return run_conv(c);
    if (starts(c->name, "max_pool")) return run_max_pool(c, indices ? &c->out[1] : NULL);
    if (starts(c->name, "avg_pool")) return run_avg_pool(c);
    if (starts(c->name, "adaptive_avg")) return run_adaptive(c, NULL);
    if (starts(c->name, "adaptive_max")) return run_adaptive(c, indices ? &c->out[1] : NULL);
    return run_pad(c);
}

static call read_call(const golden_record *record) {
    const char *digit = strpbrk(record->name, "123");
    return (call){.name = record->name,
                  .options = golden_get(record, "options"),
                  .spatial = digit == NULL ? 0 : *digit - '0',
                  .input = operand(record, "input"),
                  .weight = operand(record, "weight"),
                  .bias = operand(record, "bias")};
}

/* ---- comparing -------------------------------------------------------------------------------------------------- */

static void compare(const golden_record *record, const char *key, cor_tensor *out) {
    golden_tensor expected;
    const char *value = golden_get(record, key);
    if (value == NULL || !golden_parse_tensor(value, &expected)) fail_msg("line %d: no %s", record->line, key);
    /* whether a zero of a convolution is -0 depends on the order of sums; the file has 0 */
    if (out != NULL && starts(record->name, "conv") && cor_dtype_is_floating(cor_dtype_of(out))) out = cor_add(out, 0);
    if (!tensor_matches(out, &expected))
        fail_msg("line %d: %s differs: %s", record->line, key, out == NULL ? cor_error_message() : cor_repr(out, NULL));
}

/* Inputs of bool are refused with PyTorch's words, but for padding, which moves them as it moves bytes. */
static void compare_bool(const golden_record *record, call *c) {
    if (starts(c->name, "pad")) {
        call bytes = *c;
        bytes.input = cor_to(c->input, COR_UINT8);
        assert_true(run(&bytes, false));
        assert_non_null(bytes.out[0]);
        const cor_tensor *moved = cor_to(bytes.out[0], COR_BOOL);
        assert_memory_equal(cor_data_const(moved), cor_data_const(c->out[0]), (size_t)cor_numel(moved));
        return;
    }
    assert_null(c->out[0]);
    assert_int_equal(cor_error(), COR_EUNSUPPORTED);
    if (strstr(record->text, "_channels_last") == NULL) /* which loop PyTorch names depends on the layout */
        assert_string_equal(cor_error_message(), record->text);
    cor_error_clear();
}

static void check_record(const golden_record *record) {
    cor_scope();
    const bool has_indices = golden_get(record, "out1") != NULL;
    for (int indices = 0; indices <= (has_indices ? 1 : 0); indices++) {
        call c = read_call(record);
        /* max_pool1d without indices says its own name; with them PyTorch computes it as max_pool2d */
        const bool max_pool1d = strcmp(c.name, "max_pool1d") == 0;
        if (!run(&c, indices == 1 || max_pool1d)) fail_msg("line %d: not a call", record->line);
        if (golden_get(record, "out0") == NULL) {
            compare_bool(record, &c);
            continue;
        }
        compare(record, "out0", c.out[0]);
        if (has_indices && (indices == 1 || max_pool1d)) compare(record, "out1", c.out[1]);
        if (max_pool1d) {
            if (!run(&c, false)) fail_msg("line %d: not a call", record->line);
            compare(record, "out0", c.out[0]);
        }
    }
}

typedef struct selection {
    const char *folder;
    const char *const *names;
    int seen;
} selection;

static void check_all(void *context) {
    selection *s = context;
    golden_file *file = golden_open_in(s->folder, "conv.txt");
    golden_record record;
    assert_non_null(file);
    s->seen = 0;
    while (golden_next(file, &record) > 0)
        if (is_listed(record.name, s->names)) {
            check_record(&record);
            s->seen++;
        }
    golden_close(file);
}

void slide_everywhere(void (*body)(void *context), void *context) {
    static const cor_isa sets[] = {COR_ISA_GENERIC, COR_ISA_AVX2, COR_ISA_AVX512, COR_ISA_NEON};
    const cor_isa before = cor_isa_chosen();
    const int threads = cor_num_threads();
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (!cor_isa_available(sets[i])) continue;
        assert_int_equal(cor_set_isa(sets[i]), COR_OK);
        for (int n = 1; n <= 2; n++) {
            assert_int_equal(cor_set_num_threads(n), COR_OK);
            body(context);
        }
    }
    assert_int_equal(cor_set_isa(before), COR_OK);
    assert_int_equal(cor_set_num_threads(threads), COR_OK);
}

void slide_check_results(const char *folder, const char *const *names, int least) {
    selection s = {.folder = folder, .names = names};
    assert_int_equal(cor_set_precision(COR_PRECISION_HIGHEST),
                     COR_OK); /* the numbers are whole: they compare with == */
    slide_everywhere(check_all, &s);
    assert_int_equal(cor_set_precision(COR_PRECISION_HIGH), COR_OK);
    if (s.seen < least) fail_msg("%d records are fewer than %d", s.seen, least);
}

void slide_check_errors(const char *folder, const char *const *names, int least) {
    golden_file *file = golden_open_in(folder, "conv_errors.txt");
    golden_record record;
    int seen = 0;
    assert_non_null(file);
    while (golden_next(file, &record) > 0) {
        if (!is_listed(record.name, names)) continue;
        if (strstr(record.text, "not implemented for") != NULL && strstr(record.text, "'Bool'") == NULL) continue;
        cor_scope();
        call c = read_call(&record);
        if (!run(&c, false)) continue;
        if (c.out[0] != NULL) fail_msg("line %d: no error, but %s", record.line, record.text);
        if (!names_back_end(record.text) && strcmp(cor_error_message(), record.text) != 0)
            fail_msg("line %d: got \"%s\", expected \"%s\"", record.line, cor_error_message(), record.text);
        cor_error_clear();
        seen++;
    }
    golden_close(file);
    if (seen < least) fail_msg("%d records are fewer than %d", seen, least);
}
