/* derived.h: what is computed from the contents of a storage and kept beside it for as long as these do not change:
 * packed and transformed weights. Only storages that nobody outside can write to keep anything. */
#ifndef COR_TENSOR_DERIVED_H
#define COR_TENSOR_DERIVED_H

#include "tensor/tensor.h"

enum { COR__DERIVED_KEY = 192, COR__DERIVED_KEPT = 4 };

/* A derived form. Counted; never changed once it is kept. */
typedef struct cor__derived {
    cor__object object;
    struct cor__derived *older; /* kept by the same storage */
    int64_t version;            /* of the contents it was made from */
    int64_t bytes;
    unsigned char key[COR__DERIVED_KEY]; /* says which form it is */
    void *data;                          /* `bytes` bytes; NULL for none */
} cor__derived;

/* What a storage allows at the moment. */
typedef enum cor__keeping {
    COR__KEEP_NOTHING,    /* its contents may change at any time */
    COR__KEEP_FIRST_TIME, /* asked for the first time since its contents changed: they may change as soon again */
    COR__KEEP_AGAIN       /* asked before with the same contents */
} cor__keeping;

/* Returns that, and notes that it was asked. NULL keeps nothing. */
cor__keeping cor__derived_asked(cor__storage *storage);

/* Returns the form of that key which the storage keeps of its present contents, with a reference for the caller; NULL,
 * without an error, when there is none. */
cor__derived *cor__derived_find(cor__storage *storage, const unsigned char key[COR__DERIVED_KEY]);

/* Returns a form with room for `bytes` bytes, to be filled from the contents as they are now; NULL with COR_ENOMEM
 * pending. storage may be NULL. */
cor__derived *cor__derived_new(cor__storage *storage, const unsigned char key[COR__DERIVED_KEY], int64_t bytes);

/* Lets the storage keep the form, which is finished, unless its contents have changed meanwhile. The newest
 * COR__DERIVED_KEPT are kept. */
void cor__derived_keep(cor__storage *storage, cor__derived *form);

#endif
