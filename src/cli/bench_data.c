/* bench_data.c: corrie bench data: pictures a second from a folder of classes to batches for a network. */
#include "cli/bench_data.h"
#include "cli/verbs.h"
#include <corrie/data.h>
#include <corrie/transforms.h>
#include <corrie/vision.h>
#include <stdio.h>

typedef struct request {
    const char *folder;
    int64_t size, batch, workers, epochs;
    bool json;
} request;

/* What a network of ImageNet's pictures is trained on: Resize, RandomHorizontalFlip, ToTensor, Normalize. */
static cor_tensor *prepare(cor_tensor *image, cor_generator *random, void *context) {
    static const double mean[] = {0.485, 0.456, 0.406}, std[] = {0.229, 0.224, 0.225};
    const request *r = context;
    image = cor_resize(image, .sizes = {r->size, r->size});
    image = cor_random_horizontal_flip(image, .generator = random);
    return cor_normalize(cor_image_to_float(image), mean, std, 3);
}

/* Walks all batches; returns how many pictures came. */
static int64_t walk(cor_loader *loader) {
    int64_t seen = 0;
    cor_tensor *images;
    while (cor_next_batch(loader, &images, NULL)) seen += cor_size(images, 0);
    return seen;
}

static int run(request *r, json_t *rows) {
    const cor_transform step = {prepare, r};
    cor_scope();
    cor_dataset *pictures = cor_transformed_dataset(cor_image_folder(r->folder), &step, 1);
    cor_loader *loader = cor_data_loader(pictures, .batch_size = r->batch, .shuffle = true, .num_workers = r->workers);
    for (int64_t epoch = 1; epoch <= r->epochs && cor_error() == COR_OK; epoch++) {
        const double start = seconds();
        const int64_t n = walk(loader);
        const double taken = seconds() - start;
        if (cor_error() != COR_OK) break;
        if (rows != NULL)
            json_array_append_new(rows, json_pack("{s:I, s:f}", "pictures", (json_int_t)n, "seconds", taken));
        else printf("epoch %lld: %lld pictures, %.1f a second\n", (long long)epoch, (long long)n, (double)n / taken);
    }
    return finish("bench");
}

/* ---- the command line ------------------------------------------------------------------------------------------- */

enum { KEY_SIZE = 256, KEY_BATCH, KEY_WORKERS, KEY_EPOCHS };

static struct argp_option options[] = {{"size", KEY_SIZE, "N", 0, "height and width of the results (224)", 0},
                                       {"batch", KEY_BATCH, "N", 0, "pictures of a batch (32)", 0},
                                       {"workers", KEY_WORKERS, "N", 0, "threads that make batches (2)", 0},
                                       {"epochs", KEY_EPOCHS, "N", 0, "walks through the folder (3)", 0},
                                       {"json", 'j', NULL, 0, "print JSON", 0},
                                       {0}};

static void read_number(const char *text, int64_t low, int64_t high, int64_t *value, struct argp_state *state) {
    if (!read_int(text, low, high, value))
        argp_error(state, "'%s' is no number from %lld to %lld", text, (long long)low, (long long)high);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    request *r = state->input;
    switch (key) {
    case KEY_SIZE:
        read_number(argument, 1, 4096, &r->size, state);
        break;
    case KEY_BATCH:
        read_number(argument, 1, 4096, &r->batch, state);
        break;
    case KEY_WORKERS:
        read_number(argument, 0, 256, &r->workers, state);
        break;
    case KEY_EPOCHS:
        read_number(argument, 1, 1000000, &r->epochs, state);
        break;
    case 'j':
        r->json = true;
        break;
    case ARGP_KEY_ARG:
        if (r->folder != NULL) argp_error(state, "one folder at a time");
        r->folder = argument;
        break;
    case ARGP_KEY_END:
        if (r->folder == NULL) argp_error(state, "say which folder");
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp argp = {
    options,
    parse,
    "FOLDER",
    "Times the reading of pictures, a folder for each class of them, into shuffled "
    "batches.\vEach is decoded, resized, mirrored at random, brought to floating point and "
    "normalized. The first epoch also starts the threads and may wait for the disk.",
    0,
    0,
    0};

int bench_data(int argc, char **argv) {
    request r = {.size = 224, .batch = 32, .workers = 2, .epochs = 3};
    argp_parse(&argp, argc, argv, 0, NULL, &r);
    json_t *rows = r.json ? json_array() : NULL;
    const int code = run(&r, rows);
    if (rows == NULL) return code;
    return print_json(rows) == EXIT_DONE ? code : EXIT_FAILED;
}
