/* load.c: a tensor from a file of any kind. */
#include "base/error.h"
#include "base/text.h"
#include "io/io.h"
#include <corrie/creation.h>
#include <string.h>

/* Rows of numbers, one a line, as the nested list that cor_tensor_text reads: blanks and commas part the numbers. */
static void rows_as_list(const char *text, cor__text *list) {
    cor__text_append(list, "[");
    bool first = true;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool in_row = false;
        for (size_t i = 0; i < length;) {
            size_t blank = strspn(text + i, " \t\r,;"), word = strcspn(text + i + blank, " \t\r,;\n");
            if (blank + i >= length) break;
            cor__text_append(list, in_row ? ", " : first ? "[" : ", [");
            cor__text_append_n(list, text + i + blank, word);
            in_row = true;
            i += blank + word;
        }
        if (in_row) {
            cor__text_append(list, "]");
            first = false;
        }
        text += length + (text[length] == '\n');
    }
    cor__text_append(list, "]");
}

static cor_tensor *decode_text(const cor__file *file, const char *name) {
    const char *text = (const char *)file->data;
    if (strlen(text) != file->size) return cor__fail_null(COR_EFORMAT, "%s: neither .npy, PNG, JPEG nor text", name);
    if (text[strspn(text, " \t\r\n")] == '[') return cor_tensor_text(text);
    cor__text list = {0};
    rows_as_list(text, &list);
    cor_tensor *t = list.failed ? NULL : cor_tensor_text(list.data);
    cor__text_free(&list);
    return t;
}

cor_tensor *cor_load_tensor(const char *path) {
    cor__file file;
    if (cor__file_read(path, &file) != COR_OK) return NULL;
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    cor_tensor *t = cor__is_npy(&file)    ? cor__decode_npy(&file, name)
                    : cor__is_png(&file)  ? cor__decode_png(&file, name)
                    : cor__is_jpeg(&file) ? cor__decode_jpeg(&file, name)
                                          : decode_text(&file, name);
    cor__file_free(&file);
    return t;
}
