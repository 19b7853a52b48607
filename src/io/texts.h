/* texts.h: an ordered map from names to texts. */
#ifndef COR_IO_TEXTS_H
#define COR_IO_TEXTS_H

#include <corrie/base.h>

/* Starts as {0}. */
typedef struct cor__texts {
    struct cor__texts_item {
        char *name, *text; /* owned */
    } * items;
    int64_t n, capacity;
} cor__texts;

/* Copies the text under the name, in place of one that is there. Returns COR_OK or COR_ENOMEM. */
int cor__texts_set(cor__texts *texts, const char *name, const char *text);
/* The same for a name that is not there yet, without looking. */
int cor__texts_add(cor__texts *texts, const char *name, const char *text);
/* Returns the text of a name, borrowed; NULL if there is none. */
const char *cor__texts_get(const cor__texts *texts, const char *name);
void cor__texts_free(cor__texts *texts);

#endif
