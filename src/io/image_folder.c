/* image_folder.c: folders of pictures: each folder is a class. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "tensor/tensor.h"
#include <corrie/creation.h>
#include <corrie/io.h>
#include <corrie/transforms.h>
#include <corrie/vision.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MOST_DEPTH = 32 };

/* ---- names ------------------------------------------------------------------------------------------------------ */

typedef struct names {
    char **at;
    int64_t n, capacity;
} names;

static void names_free(names *list) {
    for (int64_t i = 0; i < list->n; i++) cor__free_text(list->at[i]);
    cor__free(list->at, (size_t)list->capacity * sizeof *list->at);
    *list = (names){0};
}

static int names_add(names *list, const char *text) {
    if (list->n == list->capacity) {
        const int64_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        char **at = cor__realloc(list->at, (size_t)list->capacity * sizeof *at, (size_t)capacity * sizeof *at,
                                 "the names of files");
        if (at == NULL) return cor_error();
        list->at = at;
        list->capacity = capacity;
    }
    char *copy = cor__copy_text(text, "the name of a file");
    if (copy == NULL) return cor_error();
    list->at[list->n++] = copy;
    return COR_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* ---- looking into folders --------------------------------------------------------------------------------------- */

static bool is_picture(const char *name) {
    const char *end = strrchr(name, '.');
    return end != NULL &&
           (strcasecmp(end, ".png") == 0 || strcasecmp(end, ".jpg") == 0 || strcasecmp(end, ".jpeg") == 0);
}

/* Adds the names in a folder, sorted: of folders to `folders`, of pictures to `files` (NULL: not wanted). */
static int look(const char *path, names *folders, names *files) {
    DIR *directory = opendir(path);
    if (directory == NULL) return cor__fail(COR_EIO, "%s: cannot be opened: %s", path, strerror(errno));
    for (const struct dirent *entry; cor_error() == COR_OK && (entry = readdir(directory)) != NULL;) {
        char below[4096];
        struct stat about;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (strlen(path) + strlen(entry->d_name) + 2 > sizeof below) {
            cor__fail(COR_ELIMIT, "%s: the names of its files are too long", path);
            break;
        }
        cor__format(below, sizeof below, "%s/%s", path, entry->d_name);
        if (stat(below, &about) != 0) continue; /* a link to nowhere */
        if (S_ISDIR(about.st_mode)) (void)names_add(folders, entry->d_name);
        else if (files != NULL && S_ISREG(about.st_mode) && is_picture(entry->d_name))
            (void)names_add(files, entry->d_name);
    }
    (void)closedir(directory);
    if (folders->n > 0) qsort(folders->at, (size_t)folders->n, sizeof *folders->at, by_name);
    if (files != NULL && files->n > 0) qsort(files->at, (size_t)files->n, sizeof *files->at, by_name);
    return cor_error();
}

static int add_below(const char *path, int depth, names *pictures);

/* The pictures of a folder come before those of the folders in it. */
static int add_names(const char *path, int depth, const names *folders, const names *files, names *pictures) {
    char below[4096];
    for (int64_t i = 0; i < files->n; i++) {
        cor__format(below, sizeof below, "%s/%s", path, files->at[i]);
        if (names_add(pictures, below) != COR_OK) return cor_error();
    }
    for (int64_t i = 0; i < folders->n; i++) {
        cor__format(below, sizeof below, "%s/%s", path, folders->at[i]);
        if (add_below(below, depth + 1, pictures) != COR_OK) return cor_error();
    }
    return COR_OK;
}

static int add_below(const char *path, int depth, names *pictures) {
    names folders = {0}, files = {0};
    if (depth > MOST_DEPTH) return cor__fail(COR_ELIMIT, "%s: more than %d folders deep", path, MOST_DEPTH);
    if (look(path, &folders, &files) == COR_OK) (void)add_names(path, depth, &folders, &files, pictures);
    names_free(&folders);
    names_free(&files);
    return cor_error();
}

/* ---- the dataset ------------------------------------------------------------------------------------------------ */

typedef struct folder {
    names classes, pictures;
    int64_t *ends; /* of each class's pictures */
} folder;

static int64_t folder_size(void *context) { return ((const folder *)context)->pictures.n; }

static void folder_free(void *context) {
    folder *f = context;
    cor__free(f->ends, (size_t)f->classes.n * sizeof *f->ends);
    names_free(&f->classes);
    names_free(&f->pictures);
    cor__free(f, sizeof *f);
}

static int folder_get(void *context, int64_t index, cor_generator *random, cor_tensor **fields) {
    const folder *f = context;
    int64_t label = 0;
    (void)random;
    while (index >= f->ends[label]) label++;
    fields[0] = cor_rgb(cor_load_image(f->pictures.at[index]));
    fields[1] = cor_from_pointer(&label, COR_INT64, NULL, 0);
    return 2;
}

static int find_pictures(folder *f, const char *path) {
    char below[4096];
    if (look(path, &f->classes, NULL) != COR_OK) return cor_error();
    if (f->classes.n == 0) return cor__fail(COR_EVALUE, "Couldn't find any class folder in %s.", path);
    f->ends = cor__alloc((size_t)f->classes.n * sizeof *f->ends, "the classes of a folder");
    for (int64_t i = 0; f->ends != NULL && i < f->classes.n; i++) {
        const int64_t before = f->pictures.n;
        cor__format(below, sizeof below, "%s/%s", path, f->classes.at[i]);
        if (add_below(below, 1, &f->pictures) != COR_OK) return cor_error();
        if (f->pictures.n == before)
            return cor__fail(COR_EVALUE,
                             "Found no valid file for the classes %s. Supported extensions are: .jpg, .jpeg, .png",
                             f->classes.at[i]);
        f->ends[i] = f->pictures.n;
    }
    return cor_error();
}

cor_dataset *cor_image_folder(const char *path) {
    if (cor_error() != COR_OK) return NULL;
    if (path == NULL) return cor__fail_null(COR_EVALUE, "the name of a folder is NULL");
    folder *f = cor__alloc_zero(sizeof *f, "a folder of pictures");
    if (f == NULL) return NULL;
    if (find_pictures(f, path) != COR_OK) {
        folder_free(f);
        return NULL;
    }
    cor_scope();
    cor_dataset *d = cor_dataset_new(folder_size, folder_get, f, folder_free);
    if (d == NULL || cor_dataset_name_classes(d, (const char *const *)f->classes.at, f->classes.n) != COR_OK)
        return NULL;
    return cor_dataset_keep(d);
}
