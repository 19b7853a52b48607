/* conv.c: corrie conv: a picture, an array or a matrix convolved with a kernel. */
#include "cli/kernels.h"
#include "cli/verbs.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct request {
    const char *input, *kernel, *output;
    int64_t stride[2], padding[2], dilation[2];
    bool same, json;
} request;

enum { KEY_DILATION = 256 };

static struct argp_option options[] = {
    {"kernel", 'k', "K", 0, "the kernel: a file, a matrix as [[1, 2], [3, 4]], or a name (required)", 0},
    {"stride", 's', "N[,N]", 0, "step of the kernel, down and across (1)", 0},
    {"padding", 'p', "N[,N]|same", 0, "zeros around the input, or as many as keep its size (0)", 0},
    {"dilation", KEY_DILATION, "N[,N]", 0, "distance of the kernel's points (1)", 0},
    {"output", 'o', "FILE", 0, "where the result goes: .png, .jpg, .npy, or text; a picture's default is conv.png", 0},
    {"json", 'j', NULL, 0, "print JSON", 0},
    {0}};

static void pair(struct argp_state *state, const char *name, const char *text, int64_t low, int64_t at[2]) {
    if (!read_pair(text, low, INT32_MAX, at))
        argp_error(state, "--%s takes one or two whole numbers from %lld on, not '%s'", name, (long long)low, text);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    switch (key) {
    case 'k':
        r->kernel = argument;
        break;
    case 's':
        pair(state, "stride", argument, 1, r->stride);
        break;
    case 'p':
        r->same = strcmp(argument, "same") == 0;
        if (!r->same) pair(state, "padding", argument, 0, r->padding);
        break;
    case KEY_DILATION:
        pair(state, "dilation", argument, 1, r->dilation);
        break;
    case 'o':
        r->output = argument;
        break;
    case 'j':
        r->json = true;
        break;
    case ARGP_KEY_ARG:
        if (r->input != NULL) argp_error(state, "takes one INPUT, '%s' is a second", argument);
        r->input = argument;
        break;
    case ARGP_KEY_END:
        if (r->input == NULL) argp_error(state, "an INPUT is missing");
        if (r->kernel == NULL) argp_error(state, "--kernel is missing");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    options,
    parse,
    "INPUT",
    "Convolves INPUT, a PNG or JPEG picture, a .npy file, a text matrix, or - for the standard input, with a kernel.\v"
    "Kernels with a name: sobel-x, sobel-y, laplacian, blur, gaussian, sharpen, emboss.\n"
    "A picture is convolved channel by channel and gives a picture: values are rounded and cut to 0..255, those of a "
    "kernel whose weights sum to 0 (an edge finder) after taking their size. A matrix prints the resulting tensor.",
    0,
    0,
    0};

/* ---- computing -------------------------------------------------------------------------------------------------- */

static bool is_text_matrix(const char *text) { return text[strspn(text, " \t\r\n")] == '['; }

static cor_tensor *read_kernel(const char *text) {
    cor_tensor *kernel = named_kernel(text);
    if (kernel == NULL && cor_error() == COR_OK)
        kernel = is_text_matrix(text) ? cor_tensor_text(text) : cor_load_tensor(text);
    if (kernel != NULL && (cor_dim(kernel) != 2 || cor_numel(kernel) == 0)) {
        cor_error_set(COR_ESHAPE, "the kernel must be a matrix with at least one number, it has %d dimensions",
                      cor_dim(kernel));
        return NULL;
    }
    return kernel;
}

static bool is_picture(const cor_tensor *input) { return cor_dtype_of(input) == COR_UINT8 && cor_dim(input) == 3; }

/* The input as a batch of one-channel planes: (H, W) and (C, H, W) become (1, 1, H, W) and (C, 1, H, W). */
static cor_tensor *as_planes(cor_tensor *input) {
    int n = cor_dim(input);
    if (n == 2) return cor_reshape(input, 1, 1, cor_size(input, 0), cor_size(input, 1));
    if (n == 3) return cor_unsqueeze(input, 1);
    cor_error_set(COR_ESHAPE, "the input must be a matrix or a picture, it has %d dimensions", n);
    return NULL;
}

static cor_tensor *convolve(const request *r, cor_tensor *input, cor_tensor *kernel) {
    cor_dtype dtype = cor_promote_types(cor_dtype_of(input), cor_dtype_of(kernel));
    if (is_picture(input) || dtype == COR_BOOL) dtype = is_picture(input) ? COR_FLOAT32 : COR_INT64;
    cor_tensor *planes = cor_to(as_planes(input), dtype);
    cor_tensor *weight = cor_to(cor_reshape(kernel, 1, 1, cor_size(kernel, 0), cor_size(kernel, 1)), dtype);
    cor_tensor *result =
        cor_conv2d(planes, weight, .strides = {r->stride[0], r->stride[1]}, .paddings = {r->padding[0], r->padding[1]},
                   .dilations = {r->dilation[0], r->dilation[1]}, .same = r->same);
    return cor_dim(input) == 2 ? cor_select(cor_select(result, 0, 0), 0, 0) : cor_select(result, 1, 0);
}

/* What a picture can show of the result. */
static cor_tensor *as_picture(cor_tensor *result, cor_tensor *kernel) {
    bool finds_edges = cor_item(cor_sum(kernel)) == 0;
    if (finds_edges) result = cor_abs(result);
    return cor_to(cor_clamp(cor_round(cor_to(result, COR_FLOAT32)), 0, 255), COR_UINT8);
}

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static json_t *sizes_json(const cor_tensor *t) {
    json_t *sizes = json_array();
    for (int i = 0; i < cor_dim(t); i++) json_array_append_new(sizes, json_integer(cor_size(t, i)));
    return sizes;
}

static json_t *values_json(cor_tensor *t) {
    if (cor_dim(t) == 0)
        return cor_dtype_is_floating(cor_dtype_of(t)) ? json_real(cor_item(t)) : json_integer(cor_item_int(t));
    json_t *list = json_array();
    for (int64_t i = 0; i < cor_size(t, 0); i++) {
        cor_scope();
        json_array_append_new(list, values_json(cor_select(t, 0, i)));
    }
    return list;
}

static json_t *pair_json(const int64_t at[2]) { return json_pack("[I, I]", (json_int_t)at[0], (json_int_t)at[1]); }

static int tell_json(const request *r, cor_tensor *input, cor_tensor *kernel, cor_tensor *result, const char *file,
                     double time) {
    json_t *output =
        json_pack("{s:o, s:s}", "sizes", sizes_json(result), "dtype", cor_dtype_name(cor_dtype_of(result)));
    if (file != NULL) json_object_set_new(output, "file", json_string(file));
    else json_object_set_new(output, "values", values_json(result));
    return print_json(json_pack("{s:{s:s, s:o, s:s}, s:{s:s, s:o}, s:o, s:o, s:o, s:o, s:f}", "input", "name", r->input,
                                "sizes", sizes_json(input), "dtype", cor_dtype_name(cor_dtype_of(input)), "kernel",
                                "name", r->kernel, "sizes", sizes_json(kernel), "stride", pair_json(r->stride),
                                "padding", r->same ? json_string("same") : pair_json(r->padding), "dilation",
                                pair_json(r->dilation), "output", output, "seconds", time));
}

static void tell(const request *r, const cor_tensor *input, const cor_tensor *kernel, const cor_tensor *result,
                 const char *file, double time) {
    fprintf(stderr, "%s, %lld channel%s of %lldx%lld, convolved with %s, %lldx%lld", r->input,
            (long long)cor_size(input, 0), cor_size(input, 0) == 1 ? "" : "s", (long long)cor_size(input, 2),
            (long long)cor_size(input, 1), r->kernel, (long long)cor_size(kernel, 1), (long long)cor_size(kernel, 0));
    fprintf(stderr, ", in %.2f ms: %lldx%lld in %s\n", 1e3 * time, (long long)cor_size(result, -1),
            (long long)cor_size(result, -2), file);
}

static bool ends_in(const char *path, const char *end) {
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcasecmp(path + n - m, end) == 0;
}

static int save_text(const char *path, cor_tensor *t) {
    char *text = cor_repr(t, NULL);
    FILE *file = text == NULL ? NULL : fopen(path, "w");
    if (text != NULL && (file == NULL || fprintf(file, "%s\n", text) < 0))
        cor_error_set(COR_EIO, "%s: cannot be written", path);
    if (file != NULL && fclose(file) != 0) cor_error_set(COR_EIO, "%s: cannot be written", path);
    cor_free_text(text);
    return cor_error();
}

static int save(const char *path, cor_tensor *result, cor_tensor *kernel) {
    if (ends_in(path, ".npy")) return cor_save_npy(path, result);
    if (ends_in(path, ".png") || ends_in(path, ".jpg") || ends_in(path, ".jpeg"))
        return cor_save_image(path, as_picture(result, kernel));
    return save_text(path, result);
}

int verb_conv(int argc, char **argv) {
    request r = {.stride = {1, 1}, .dilation = {1, 1}};
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    cor_tensor *input = cor_load_tensor(r.input), *kernel = input == NULL ? NULL : read_kernel(r.kernel);
    double start = seconds();
    cor_tensor *result = convolve(&r, input, kernel);
    double time = seconds() - start;
    if (result == NULL) return finish("conv");
    const char *file = r.output != NULL ? r.output : is_picture(input) ? "conv.png" : NULL;
    if (file != NULL && save(file, result, kernel) != COR_OK) return finish("conv");
    if (r.json) return tell_json(&r, input, kernel, result, file, time);
    if (is_picture(input)) tell(&r, input, kernel, result, file, time);
    else if (file == NULL && cor_print(result) != COR_OK) return EXIT_FAILED;
    return finish("conv");
}
