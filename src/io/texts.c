/* texts.c: an ordered map from names to texts. There are few of them, so it is a list. */
#include "io/texts.h"
#include "base/memory.h"
#include <string.h>

static int64_t find(const cor__texts *texts, const char *name) {
    for (int64_t i = 0; i < texts->n; i++)
        if (strcmp(texts->items[i].name, name) == 0) return i;
    return -1;
}

static int grow(cor__texts *texts) {
    const size_t size = sizeof *texts->items;
    int64_t capacity = texts->capacity == 0 ? 8 : 2 * texts->capacity;
    void *items = cor__realloc(texts->items, (size_t)texts->capacity * size, (size_t)capacity * size, "named texts");
    if (items == NULL) return cor_error();
    texts->items = items;
    texts->capacity = capacity;
    return COR_OK;
}

int cor__texts_add(cor__texts *texts, const char *name, const char *text) {
    if (texts->n == texts->capacity && grow(texts) != COR_OK) return cor_error();
    struct cor__texts_item item = {.name = cor__copy_text(name, "the name of a text")};
    if (item.name != NULL) item.text = cor__copy_text(text, "a named text");
    if (item.text == NULL) {
        cor__free_text(item.name);
        return cor_error();
    }
    texts->items[texts->n++] = item;
    return COR_OK;
}

int cor__texts_set(cor__texts *texts, const char *name, const char *text) {
    int64_t at = find(texts, name);
    if (at < 0) return cor__texts_add(texts, name, text);
    char *copy = cor__copy_text(text, "a named text");
    if (copy == NULL) return cor_error();
    cor__free_text(texts->items[at].text);
    texts->items[at].text = copy;
    return COR_OK;
}

const char *cor__texts_get(const cor__texts *texts, const char *name) {
    int64_t at = find(texts, name);
    return at < 0 ? NULL : texts->items[at].text;
}

void cor__texts_free(cor__texts *texts) {
    for (int64_t i = 0; i < texts->n; i++) {
        cor__free_text(texts->items[i].name);
        cor__free_text(texts->items[i].text);
    }
    cor__free(texts->items, (size_t)texts->capacity * sizeof *texts->items);
    *texts = (cor__texts){0};
}
